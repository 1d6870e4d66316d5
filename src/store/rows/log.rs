//! The log: bumps, what else is told, and what of it has been read.

use super::{Rows, millis};
use crate::alerts::EventKind;
use crate::bumps::{Bump, Direction, Episode, Happening, Verdict};
use crate::model::{ChannelId, PersonId, Time, time};
use crate::store::Result;
use rusqlite::params;

/// An alert that a rule has made.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    pub rule: String,
    /// That of the log's entry.
    pub key: String,
    pub at: Time,
    pub person: Option<PersonId>,
    /// It counts in the badge.
    pub badge: bool,
    /// The words of what is no entry of the log by itself.
    pub what: Option<String>,
}

impl Rows<'_> {
    /// Writes a bump down, or what has become of it.
    pub fn put_bump(&self, episode: &Episode) -> Result<()> {
        let Episode { person, bump, channel, cause, fades } = episode;
        let direction = if bump.direction == Direction::Up { 1 } else { -1 };
        let resolved = bump.resolved.map(|(at, _)| millis(at));
        let verdict = bump.resolved.map(|(_, verdict)| i64::from(verdict == Verdict::Held));
        self.run(
            "INSERT OR REPLACE INTO bump \
             (person, onset, direction, magnitude, channel, cause, fades, resolved, verdict) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                person.0,
                millis(bump.onset),
                direction,
                bump.magnitude,
                channel.0,
                cause,
                fades.map(millis),
                resolved,
                verdict
            ],
        )?;
        Ok(())
    }

    /// A person's bumps that were not over at an instant, oldest first.
    pub fn bumps(&self, person: PersonId, since: Time) -> Result<Vec<Episode>> {
        self.all(
            "SELECT onset, direction, magnitude, channel, cause, fades, resolved, verdict FROM bump \
             WHERE person = ?1 AND coalesce(resolved, ?3) >= ?2 ORDER BY onset",
            params![person.0, millis(since), i64::MAX],
            |row| {
                let direction = if row.get::<_, i64>(1)? > 0 { Direction::Up } else { Direction::Down };
                let held = row.get::<_, Option<i64>>(7)?.unwrap_or(0) == 1;
                let verdict = if held { Verdict::Held } else { Verdict::Faded };
                let resolved: Option<i64> = row.get(6)?;
                Ok(Episode {
                    person,
                    bump: Bump {
                        onset: time(row.get(0)?),
                        direction,
                        magnitude: row.get(2)?,
                        resolved: resolved.map(|at| (time(at), verdict)),
                    },
                    channel: ChannelId(row.get(3)?),
                    cause: row.get(4)?,
                    fades: row.get::<_, Option<i64>>(5)?.map(time),
                })
            },
        )
    }

    /// Whether it is new.
    pub fn put_happening(&self, happening: &Happening) -> Result<bool> {
        let new = self.run(
            "INSERT OR IGNORE INTO event (person, at, kind, channel, points, what) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                happening.person.0,
                millis(happening.at),
                happening.kind.word(),
                happening.channel.0,
                happening.points,
                happening.what
            ],
        )?;
        Ok(new > 0)
    }

    /// A person's other entries since an instant, oldest first.
    pub fn happenings(&self, person: PersonId, since: Time) -> Result<Vec<Happening>> {
        self.all(
            "SELECT at, kind, channel, points, what FROM event WHERE person = ?1 AND at >= ?2 ORDER BY at, kind",
            params![person.0, millis(since)],
            |row| {
                let word: String = row.get(1)?;
                let kind = EventKind::ALL.into_iter().find(|kind| kind.word() == word);
                Ok(Happening {
                    person,
                    at: time(row.get(0)?),
                    kind: kind.unwrap_or(EventKind::Gap),
                    channel: ChannelId(row.get(2)?),
                    points: row.get(3)?,
                    what: row.get(4)?,
                })
            },
        )
    }

    pub fn put_fired(&self, fired: &Fired) -> Result<()> {
        let Fired { rule, key, at, person, badge, what } = fired;
        let person = person.map(|person| person.0);
        self.run(
            "INSERT OR IGNORE INTO fired (rule, key, at, person, badge, what) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![rule, key, millis(*at), person, badge, what],
        )?;
        Ok(())
    }

    /// What rules have told of a person since an instant, oldest first.
    pub fn fired(&self, person: PersonId, since: Time) -> Result<Vec<Fired>> {
        self.all(
            "SELECT rule, key, at, badge, what FROM fired WHERE person = ?1 AND at >= ?2 ORDER BY at, rule",
            params![person.0, millis(since)],
            |row| {
                Ok(Fired {
                    rule: row.get(0)?,
                    key: row.get(1)?,
                    at: time(row.get(2)?),
                    person: Some(person),
                    badge: row.get(3)?,
                    what: row.get(4)?,
                })
            },
        )
    }

    /// What the rules remember, part by part.
    pub fn rule_memory(&self) -> Result<Vec<(String, String)>> {
        self.all("SELECT part, text FROM rule_memory", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Keeps a part of it, or forgets it.
    pub fn put_rule_memory(&self, part: &str, text: Option<&str>) -> Result<()> {
        match text {
            Some(text) => self.run(
                "INSERT OR REPLACE INTO rule_memory (part, text) VALUES (?1, ?2)",
                params![part, text],
            )?,
            None => self.run("DELETE FROM rule_memory WHERE part = ?1", [part])?,
        };
        Ok(())
    }

    /// An alert, as JSON, that a place is to be told at the next start.
    pub fn put_unsent(&self, place: &str, alert: &str) -> Result<()> {
        self.run("INSERT OR IGNORE INTO unsent (place, alert) VALUES (?1, ?2)", params![place, alert])?;
        Ok(())
    }

    /// All of these, which are forgotten.
    pub fn take_unsent(&self) -> Result<Vec<(String, String)>> {
        let unsent = self.all("SELECT place, alert FROM unsent", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.run("DELETE FROM unsent", [])?;
        Ok(unsent)
    }

    /// Place and key of everything that has been delivered, oldest first.
    pub fn delivered(&self) -> Result<Vec<(String, String)>> {
        self.all("SELECT place, key FROM delivered ORDER BY at", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Something was delivered, or may have been; what was delivered before `horizon` is forgotten.
    pub fn put_delivered(&self, place: &str, key: &str, at: Time, horizon: Time) -> Result<()> {
        self.run(
            "INSERT OR IGNORE INTO delivered (place, key, at) VALUES (?1, ?2, ?3)",
            params![place, key, millis(at)],
        )?;
        self.run("DELETE FROM delivered WHERE at < ?1", [millis(horizon)])?;
        Ok(())
    }

    /// A detector's state as it was written down; channel 0 is the person's own.
    pub fn detector(&self, person: PersonId, channel: ChannelId) -> Result<Option<String>> {
        self.one(
            "SELECT state FROM detector WHERE person = ?1 AND channel = ?2",
            params![person.0, channel.0],
            |row| row.get(0),
        )
    }

    pub fn put_detector(&self, person: PersonId, channel: ChannelId, state: &str) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO detector (person, channel, state) VALUES (?1, ?2, ?3)",
            params![person.0, channel.0, state],
        )?;
        Ok(())
    }

    /// Whether an entry of the log has been read.
    pub fn is_seen(&self, key: &str) -> Result<bool> {
        Ok(self.one("SELECT 1 FROM seen WHERE key = ?1", [key], |_| Ok(()))?.is_some())
    }

    pub fn see(&self, key: &str) -> Result<()> {
        self.run("INSERT OR IGNORE INTO seen (key) VALUES (?1)", [key])?;
        Ok(())
    }
}
