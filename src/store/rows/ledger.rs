//! Ledgers, and the facts they are made of.

use super::{Rows, metric, millis, signed, unsigned};
use crate::model::{ChannelId, Figure, Metric, Time, time};
use crate::score::{Assumed, Changes, Deed, Ledger, Row, Source, Tally, deeds_from};
use crate::store::Result;
use rusqlite::params;

/// A fact of one poll, in the order in which polls took it in.
#[derive(Debug, Clone)]
pub enum Replay {
    Sight {
        item: i64,
        published: Time,
        standing: bool,
    },
    Own {
        item: i64,
        metric: Metric,
    },
    Act {
        id: i64,
        item: i64,
        metric: Metric,
        at: Option<Time>,
        actor: String,
        tone: Option<f64>,
    },
    Count {
        item: i64,
        metric: Metric,
        value: u64,
    },
    Figure {
        figure: Figure,
        value: u64,
    },
    /// Whether the listing reached the account's first post.
    Listing {
        complete: bool,
    },
}

impl Rows<'_> {
    /// The channel's ledger with the store's ids of its items, in the ledger's order.
    pub fn load_ledger(&self, channel: ChannelId) -> Result<(Ledger, Vec<i64>)> {
        let mut ledger = Ledger::default();
        let items: Vec<(i64, i64, bool)> = self.all(
            "SELECT id, published, standing FROM item WHERE channel = ?1 ORDER BY id",
            [channel.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut ids = Vec::with_capacity(items.len());
        for (id, published, standing) in items {
            ledger.sight(time(published), standing);
            ids.push(id);
        }
        let place = |id: i64| ids.binary_search(&id).ok().and_then(|place| u32::try_from(place).ok());
        let rows = self.all(
            "SELECT ledger.item, at, source, likes, reshares, replies, quotes, views, worth FROM ledger \
             JOIN item ON item.id = ledger.item WHERE item.channel = ?1",
            [channel.0],
            |row| {
                let source = match row.get(2)? {
                    0 => Source::Publication,
                    1 => Source::Growth,
                    _ => Source::Act,
                };
                let counts = [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?];
                Ok((row.get(0)?, Row { at: row.get(1)?, item: 0, source, counts, worth: row.get(8)? }))
            },
        )?;
        let mut rows: Vec<Row> =
            rows.into_iter().filter_map(|(id, row)| Some(Row { item: place(id)?, ..row })).collect();
        rows.sort_by_key(|row| (row.at, row.item, row.source));
        for row in rows {
            ledger.restore_row(row);
        }
        let tallies = self.all(
            "SELECT tally.item, metric, last, high, credited, acts, own FROM tally \
             JOIN item ON item.id = tally.item WHERE item.channel = ?1",
            [channel.0],
            |row| {
                let tally = Tally {
                    last: row.get::<_, Option<i64>>(2)?.map(unsigned),
                    high: unsigned(row.get(3)?),
                    credited: unsigned(row.get(4)?),
                    acts: unsigned(row.get(5)?),
                    own: unsigned(row.get(6)?),
                };
                Ok((row.get(0)?, metric(row.get(1)?), tally))
            },
        )?;
        for (id, metric, tally) in tallies {
            if let Some(item) = place(id) {
                ledger.restore_tally(item, metric, tally);
            }
        }
        let last: Option<i64> =
            self.one("SELECT max(at) FROM poll WHERE channel = ?1", [channel.0], |row| row.get(0))?.flatten();
        let deeds = self.all(
            "SELECT actor, day, metric FROM act JOIN credit ON credit.act = act.id \
             WHERE channel = ?1 AND day >= ?2 ORDER BY act.id",
            params![channel.0, deeds_from(last.unwrap_or(0))],
            |row| {
                let deed = Deed { day: row.get(1)?, metric: metric(row.get(2)?) };
                Ok((row.get::<_, Option<String>>(0)?, deed))
            },
        )?;
        for (actor, deed) in deeds {
            ledger.restore_deed(&actor.unwrap_or_default(), deed);
        }
        Ok((ledger, ids))
    }

    /// What was assumed of the time before the channel's first reading.
    pub fn assumed(&self, channel: ChannelId) -> Result<Option<Assumed>> {
        self.one("SELECT rate, spread, start FROM assumed WHERE channel = ?1", [channel.0], |row| {
            Ok(Assumed { rate: row.get(0)?, spread: row.get(1)?, start: row.get(2)? })
        })
    }

    pub fn put_assumed(&self, channel: ChannelId, assumed: Option<&Assumed>) -> Result<()> {
        match assumed {
            Some(assumed) => self.run(
                "INSERT OR REPLACE INTO assumed (channel, rate, spread, start) VALUES (?1, ?2, ?3, ?4)",
                params![channel.0, assumed.rate, assumed.spread, assumed.start],
            )?,
            None => self.run("DELETE FROM assumed WHERE channel = ?1", [channel.0])?,
        };
        Ok(())
    }

    /// Writes down whether the listing reached the account's first post, when that is news.
    pub fn put_listing(&self, channel: ChannelId, at: Time, complete: bool) -> Result<bool> {
        let sql = "SELECT complete FROM listing WHERE channel = ?1 ORDER BY at DESC LIMIT 1";
        if self.one(sql, [channel.0], |row| row.get(0))? == Some(complete) {
            return Ok(false);
        }
        self.run(
            "INSERT OR REPLACE INTO listing (channel, at, complete) VALUES (?1, ?2, ?3)",
            params![channel.0, millis(at), complete],
        )?;
        Ok(true)
    }

    /// Writes what changed in a ledger. `ids` are the store's ids of its items.
    pub fn put_ledger(&self, ledger: &mut Ledger, ids: &[i64], now: Time) -> Result<()> {
        let Changes { rows, tallies, credits } = ledger.take_changes(now);
        for row in rows {
            let [likes, reshares, replies, quotes, views] = row.counts;
            self.run(
                "INSERT OR REPLACE INTO ledger (item, at, source, likes, reshares, replies, quotes, views, worth) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    ids[row.item as usize],
                    row.at,
                    row.source as u8,
                    likes,
                    reshares,
                    replies,
                    quotes,
                    views,
                    row.worth
                ],
            )?;
        }
        for (item, metric, tally) in tallies {
            self.run(
                "INSERT OR REPLACE INTO tally (item, metric, last, high, credited, acts, own) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    ids[item as usize],
                    metric as u8,
                    tally.last.map(signed),
                    signed(tally.high),
                    signed(tally.credited),
                    signed(tally.acts),
                    signed(tally.own)
                ],
            )?;
        }
        for credit in credits {
            self.run(
                "INSERT OR REPLACE INTO credit (act, day, share) VALUES (?1, ?2, ?3)",
                params![credit.act, credit.day, credit.share],
            )?;
        }
        Ok(())
    }

    /// Every fact of a channel up to an instant, each with the instant of its poll, in the order in which the
    /// polls took them in.
    pub fn replay(&self, channel: ChannelId, until: Time) -> Result<Vec<(Time, Replay)>> {
        let until = millis(until);
        let mut facts: Vec<(i64, u8, Replay)> = self.all(
            "SELECT seen, id, published, standing FROM item WHERE channel = ?1 AND seen <= ?2 ORDER BY id",
            [channel.0, until],
            |row| {
                let sight =
                    Replay::Sight { item: row.get(1)?, published: time(row.get(2)?), standing: row.get(3)? };
                Ok((row.get(0)?, 0, sight))
            },
        )?;
        facts.extend(self.all(
            "SELECT seen, item, metric, at, own, id, actor, tone FROM act WHERE channel = ?1 AND seen <= ?2 ORDER BY id",
            [channel.0, until],
            |row| {
                let (seen, item, metric) = (row.get(0)?, row.get(1)?, metric(row.get(2)?));
                let act = if row.get(4)? {
                    Replay::Own { item, metric }
                } else {
                    Replay::Act {
                        id: row.get(5)?,
                        item,
                        metric,
                        at: row.get::<_, Option<i64>>(3)?.map(time),
                        actor: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                        tone: row.get(7)?,
                    }
                };
                Ok((seen, 1, act))
            },
        )?);
        // Sorted here: the store would write them all down once more to sort them.
        let mut counts: Vec<(i64, i64, u8, i64)> = self.all(
            "SELECT reading.at, item, metric, value FROM item JOIN reading ON reading.item = item.id \
             WHERE item.channel = ?1 AND reading.at <= ?2",
            [channel.0, until],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        counts.sort_unstable();
        facts.extend(counts.into_iter().map(|(at, item, code, value)| {
            (at, 2, Replay::Count { item, metric: metric(code), value: unsigned(value) })
        }));
        facts.extend(self.all(
            "SELECT at, name, value FROM figure WHERE channel = ?1 AND at <= ?2 ORDER BY at, name",
            [channel.0, until],
            |row| {
                let code: u8 = row.get(1)?;
                let figure = Figure::ALL[usize::from(code).min(Figure::ALL.len() - 1)];
                Ok((row.get(0)?, 3, Replay::Figure { figure, value: unsigned(row.get(2)?) }))
            },
        )?);
        facts.extend(self.all(
            "SELECT at, complete FROM listing WHERE channel = ?1 AND at <= ?2 ORDER BY at",
            [channel.0, until],
            |row| Ok((row.get(0)?, 4, Replay::Listing { complete: row.get(1)? })),
        )?);
        facts.sort_by_key(|(at, kind, _)| (*at, *kind));
        Ok(facts.into_iter().map(|(at, _, fact)| (time(at), fact)).collect())
    }
}
