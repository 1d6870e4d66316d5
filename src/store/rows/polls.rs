//! Polls.

use super::{Rows, millis, signed, unsigned};
use crate::model::{ChannelId, Notice, Reason, Time, Validator, time};
use crate::schedule::Budget;
use crate::store::Result;
use rusqlite::params;
use std::collections::HashMap;

/// How a poll ended.
#[derive(Debug, Clone)]
pub struct PollRow {
    pub channel: ChannelId,
    pub at: Time,
    pub outcome: Ending,
    pub reason: Reason,
    pub detail: Option<String>,
    pub requests: u32,
    pub changed: u32,
    pub next_at: Time,
}

/// The code of a poll's outcome in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Ending {
    Observed = 0,
    Unchanged = 1,
    Gap = 2,
}

impl Ending {
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Unchanged => "unchanged",
            Self::Gap => "gap",
        }
    }

    fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Observed,
            1 => Self::Unchanged,
            _ => Self::Gap,
        }
    }
}

/// What the polls of a channel amount to.
#[derive(Debug, Clone)]
pub struct LastPoll {
    pub at: Time,
    pub ending: Ending,
    pub reason: Reason,
    pub detail: Option<String>,
    pub next_at: Time,
    /// When the present state began.
    pub since: Time,
    /// Gaps in a row up to now.
    pub failures: u32,
    pub last_read: Option<Time>,
    pub first_read: Option<Time>,
    /// Good polls.
    pub reads: u64,
    /// Requests of the last good poll.
    pub requests: u32,
}

impl Rows<'_> {
    pub fn insert_poll(&self, poll: &PollRow) -> Result<()> {
        self.write_poll("INSERT", poll)
    }

    /// The same in place of a poll of the same instant.
    pub fn replace_poll(&self, poll: &PollRow) -> Result<()> {
        self.write_poll("INSERT OR REPLACE", poll)
    }

    fn write_poll(&self, verb: &str, poll: &PollRow) -> Result<()> {
        self.run(
            &format!(
                "{verb} INTO poll (channel, at, outcome, reason, detail, requests, changed, next_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
            ),
            params![
                poll.channel.0,
                millis(poll.at),
                poll.outcome as u8,
                poll.reason.word(),
                poll.detail,
                poll.requests,
                poll.changed,
                millis(poll.next_at)
            ],
        )?;
        Ok(())
    }

    /// Every poll of a channel in order of time.
    pub fn polls(&self, channel: ChannelId) -> Result<Vec<PollRow>> {
        self.all(
            "SELECT at, outcome, reason, detail, requests, changed, next_at FROM poll WHERE channel = ?1 ORDER BY at",
            [channel.0],
            |row| {
                let reason: String = row.get(2)?;
                Ok(PollRow {
                    channel,
                    at: time(row.get(0)?),
                    outcome: Ending::from_code(row.get(1)?),
                    reason: Reason::from_word(&reason).unwrap_or(Reason::Ok),
                    detail: row.get(3)?,
                    requests: row.get(4)?,
                    changed: row.get(5)?,
                    next_at: time(row.get(6)?),
                })
            },
        )
    }

    /// The instant of the last poll of any channel.
    pub fn latest_poll(&self) -> Result<Option<Time>> {
        let sql = "SELECT max(last) FROM (SELECT (SELECT max(at) FROM poll WHERE channel = channel.id) AS last FROM channel)";
        let at: Option<Option<i64>> = self.one(sql, [], |row| row.get(0))?;
        Ok(at.flatten().map(time))
    }

    pub fn last_poll(&self, channel: ChannelId) -> Result<Option<LastPoll>> {
        type Columns = (i64, u8, String, Option<String>, i64, u32);
        let recent: Vec<Columns> = self.all(
            "SELECT at, outcome, reason, detail, next_at, requests FROM poll WHERE channel = ?1 \
             ORDER BY at DESC LIMIT 500",
            [channel.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
        )?;
        let Some((at, code, word, detail, next_at, _)) = recent.first().cloned() else { return Ok(None) };
        let state = |word: &str| Reason::from_word(word).unwrap_or(Reason::Ok).state();
        // The first poll after the last one that found another state.
        let others: Vec<String> = Reason::ALL
            .iter()
            .filter(|reason| reason.state() != state(&word))
            .map(|reason| format!("'{}'", reason.word()))
            .collect();
        let since: Option<i64> = self
            .one(
                &format!(
                    "SELECT min(at) FROM poll WHERE channel = ?1 AND at > coalesce((SELECT max(at) FROM poll \
                     WHERE channel = ?1 AND reason IN ({})), {})",
                    others.join(", "),
                    i64::MIN
                ),
                [channel.0],
                |row| row.get(0),
            )?
            .flatten();
        let failures = recent.iter().take_while(|row| Ending::from_code(row.1) == Ending::Gap).count();
        let good = "FROM poll WHERE channel = ?1 AND outcome < 2";
        let (first, last, reads): (Option<i64>, Option<i64>, i64) = self
            .one(&format!("SELECT min(at), max(at), count(*) {good}"), [channel.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .unwrap_or_default();
        let requests =
            recent.iter().find(|row| Ending::from_code(row.1) != Ending::Gap).map_or(0, |row| row.5);
        Ok(Some(LastPoll {
            at: time(at),
            ending: Ending::from_code(code),
            reason: Reason::from_word(&word).unwrap_or(Reason::Ok),
            detail,
            next_at: time(next_at),
            since: since.map_or_else(|| time(at), time),
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            last_read: last.map(time),
            first_read: first.map(time),
            reads: unsigned(reads),
            requests,
        }))
    }

    pub fn count_good_polls(&self) -> Result<usize> {
        let sql = "SELECT count(*) FROM poll WHERE outcome < 2";
        let count = self.one(sql, [], |row| row.get(0).map(unsigned))?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// The first poll of a channel, however it ended.
    pub fn first_poll(&self, channel: ChannelId) -> Result<Option<Time>> {
        self.one("SELECT min(at) FROM poll WHERE channel = ?1", [channel.0], |row| {
            row.get::<_, Option<i64>>(0).map(|at| at.map(time))
        })
        .map(Option::flatten)
    }

    /// The first good poll of a channel at an instant or after it.
    pub fn good_poll_from(&self, channel: ChannelId, from: Time) -> Result<Option<Time>> {
        self.one(
            "SELECT at FROM poll WHERE channel = ?1 AND at >= ?2 AND outcome < 2 ORDER BY at LIMIT 1",
            [channel.0, millis(from)],
            |row| Ok(time(row.get(0)?)),
        )
    }

    /// The last good poll before an instant, and when the next one was due.
    pub fn good_poll_before(&self, channel: ChannelId, at: Time) -> Result<Option<(Time, Time)>> {
        self.one(
            "SELECT at, next_at FROM poll WHERE channel = ?1 AND at < ?2 AND outcome < 2 ORDER BY at DESC LIMIT 1",
            params![channel.0, millis(at)],
            |row| Ok((time(row.get(0)?), time(row.get(1)?))),
        )
    }

    /// Every good poll of a channel, oldest first.
    pub fn good_polls(&self, channel: ChannelId) -> Result<Vec<Time>> {
        self.all("SELECT at FROM poll WHERE channel = ?1 AND outcome < 2 ORDER BY at", [channel.0], |row| {
            row.get(0).map(time)
        })
    }

    pub fn insert_notice(&self, channel: ChannelId, at: Time, notice: &Notice) -> Result<()> {
        let (what, before, after) = match notice {
            Notice::Renamed { from, to } => ("renamed", Some(from), Some(to)),
            Notice::Moved { from, to } => ("moved", Some(from), Some(to)),
            Notice::Hidden => return Ok(()),
        };
        self.run(
            "INSERT OR REPLACE INTO notice (channel, at, what, before, after) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![channel.0, millis(at), what, before, after],
        )?;
        Ok(())
    }

    pub fn validators(&self, channel: ChannelId) -> Result<HashMap<String, Validator>> {
        let rows =
            self.all("SELECT url, etag, modified FROM validator WHERE channel = ?1", [channel.0], |row| {
                Ok((row.get(0)?, Validator { etag: row.get(1)?, modified: row.get(2)? }))
            })?;
        Ok(rows.into_iter().collect())
    }

    /// Keeps the validators of a poll; those of addresses it did not ask are of no more use.
    pub fn put_validators(&self, channel: ChannelId, validators: &[(String, Validator)]) -> Result<()> {
        self.run("DELETE FROM validator WHERE channel = ?1", [channel.0])?;
        for (url, validator) in validators {
            self.run(
                "INSERT OR REPLACE INTO validator (channel, url, etag, modified) VALUES (?1, ?2, ?3, ?4)",
                params![channel.0, url, validator.etag, validator.modified],
            )?;
        }
        Ok(())
    }

    pub fn hosts(&self) -> Result<Vec<(String, Budget)>> {
        self.all(
            "SELECT host, allowance, remaining, reset, closed_until FROM host ORDER BY host",
            [],
            |row| {
                let reset: Option<i64> = row.get(3)?;
                let closed: Option<i64> = row.get(4)?;
                Ok((
                    row.get(0)?,
                    Budget {
                        limit: row.get::<_, Option<i64>>(1)?.map(unsigned),
                        remaining: row.get::<_, Option<i64>>(2)?.map(unsigned),
                        reset: reset.map(time),
                        closed_until: closed.map(time),
                    },
                ))
            },
        )
    }

    pub fn put_host(&self, host: &str, budget: &Budget) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO host (host, allowance, remaining, reset, closed_until) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                host,
                budget.limit.map(signed),
                budget.remaining.map(signed),
                budget.reset.map(millis),
                budget.closed_until.map(millis)
            ],
        )?;
        Ok(())
    }
}
