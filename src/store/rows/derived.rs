//! Ledgers, candles and ticks.

use super::{Rows, metric, millis, signed, unsigned};
use crate::model::{ChannelId, Figure, Metric, PersonId, Tick, Time, time};
use crate::rollup::{Bucket, Tier};
use crate::score::{Ledger, Row, Source, Tally};
use crate::store::Result;
use rusqlite::params;

/// A fact of one poll, in the order in which polls took it in.
#[derive(Debug, Clone)]
pub enum Replay {
    Sight { item: i64, published: Time, standing: bool },
    Own { item: i64, metric: Metric },
    Act { item: i64, metric: Metric, at: Time },
    Count { item: i64, metric: Metric, value: u64 },
    Figure { figure: Figure, value: u64 },
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
            "SELECT ledger.item, at, source, likes, reshares, replies, quotes, views FROM ledger \
             JOIN item ON item.id = ledger.item WHERE item.channel = ?1",
            [channel.0],
            |row| {
                let source = match row.get(2)? {
                    0 => Source::Publication,
                    1 => Source::Growth,
                    _ => Source::Act,
                };
                let counts = [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?];
                Ok((row.get(0)?, Row { at: row.get(1)?, item: 0, source, counts }))
            },
        )?;
        let mut rows: Vec<Row> =
            rows.into_iter().filter_map(|(id, row)| Some(Row { item: place(id)?, ..row })).collect();
        rows.sort_by_key(|row| (row.at, row.item, row.source));
        for row in rows {
            ledger.restore_row(row);
        }
        let tallies = self.all(
            "SELECT tally.item, metric, last, high, credited, acts, absorbed, own FROM tally \
             JOIN item ON item.id = tally.item WHERE item.channel = ?1",
            [channel.0],
            |row| {
                let tally = Tally {
                    last: row.get::<_, Option<i64>>(2)?.map(unsigned),
                    high: unsigned(row.get(3)?),
                    credited: unsigned(row.get(4)?),
                    acts: unsigned(row.get(5)?),
                    absorbed: unsigned(row.get(6)?),
                    own: unsigned(row.get(7)?),
                };
                Ok((row.get(0)?, metric(row.get(1)?), tally))
            },
        )?;
        for (id, metric, tally) in tallies {
            if let Some(item) = place(id) {
                ledger.restore_tally(item, metric, tally);
            }
        }
        Ok((ledger, ids))
    }

    /// Writes what changed in a ledger. `ids` are the store's ids of its items.
    pub fn put_ledger(&self, ledger: &mut Ledger, ids: &[i64]) -> Result<()> {
        let (rows, tallies) = ledger.take_changes();
        for row in rows {
            let [likes, reshares, replies, quotes, views] = row.counts;
            self.run(
                "INSERT OR REPLACE INTO ledger (item, at, source, likes, reshares, replies, quotes, views) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    ids[row.item as usize],
                    row.at,
                    row.source as u8,
                    likes,
                    reshares,
                    replies,
                    quotes,
                    views
                ],
            )?;
        }
        for (item, metric, tally) in tallies {
            self.run(
                "INSERT OR REPLACE INTO tally (item, metric, last, high, credited, acts, absorbed, own) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    ids[item as usize],
                    metric as u8,
                    tally.last.map(signed),
                    signed(tally.high),
                    signed(tally.credited),
                    signed(tally.acts),
                    signed(tally.absorbed),
                    signed(tally.own)
                ],
            )?;
        }
        Ok(())
    }

    pub fn last_candle(&self, person: PersonId, channel: ChannelId, tier: Tier) -> Result<Option<Bucket>> {
        self.one(
            "SELECT bucket, open, high, low, close, volume, readings FROM candle \
             WHERE person = ?1 AND channel = ?2 AND tier = ?3 ORDER BY bucket DESC LIMIT 1",
            params![person.0, channel.0, tier as u8],
            bucket,
        )
    }

    pub fn first_candle(&self, person: PersonId, channel: ChannelId, tier: Tier) -> Result<Option<Bucket>> {
        self.one(
            "SELECT bucket, open, high, low, close, volume, readings FROM candle \
             WHERE person = ?1 AND channel = ?2 AND tier = ?3 ORDER BY bucket LIMIT 1",
            params![person.0, channel.0, tier as u8],
            bucket,
        )
    }

    /// The last candle that began at or before an instant.
    pub fn candle_at(
        &self,
        person: PersonId,
        channel: ChannelId,
        tier: Tier,
        at: Time,
    ) -> Result<Option<Bucket>> {
        self.one(
            "SELECT bucket, open, high, low, close, volume, readings FROM candle \
             WHERE person = ?1 AND channel = ?2 AND tier = ?3 AND bucket <= ?4 ORDER BY bucket DESC LIMIT 1",
            params![person.0, channel.0, tier as u8, tier.bucket(at)],
            bucket,
        )
    }

    pub fn put_candle(
        &self,
        person: PersonId,
        channel: ChannelId,
        tier: Tier,
        bucket: &Bucket,
    ) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO candle (person, channel, tier, bucket, open, high, low, close, volume, readings) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                person.0,
                channel.0,
                tier as u8,
                bucket.number,
                bucket.open,
                bucket.high,
                bucket.low,
                bucket.close,
                signed(bucket.volume),
                bucket.readings
            ],
        )?;
        Ok(())
    }

    /// Candles from one instant to another, both buckets included.
    pub fn candles(
        &self,
        person: PersonId,
        channel: ChannelId,
        tier: Tier,
        from: Time,
        to: Time,
    ) -> Result<Vec<Bucket>> {
        self.all(
            "SELECT bucket, open, high, low, close, volume, readings FROM candle \
             WHERE person = ?1 AND channel = ?2 AND tier = ?3 AND bucket BETWEEN ?4 AND ?5 ORDER BY bucket",
            params![person.0, channel.0, tier as u8, tier.bucket(from), tier.bucket(to)],
            bucket,
        )
    }

    pub fn put_tick(&self, tick: &Tick) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO tick (person, at, channel, points, cause) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tick.person.0, millis(tick.at), tick.channel.0, tick.points, tick.cause],
        )?;
        Ok(())
    }

    /// A person's ticks since an instant, newest first.
    pub fn ticks(&self, person: PersonId, since: Time, most: u32) -> Result<Vec<Tick>> {
        self.all(
            "SELECT at, channel, points, cause FROM tick WHERE person = ?1 AND at >= ?2 ORDER BY at DESC LIMIT ?3",
            params![person.0, millis(since), most],
            |row| tick(person, row),
        )
    }

    /// The tick that moved a person most since an instant.
    pub fn biggest_tick(&self, person: PersonId, since: Time) -> Result<Option<Tick>> {
        self.one(
            "SELECT at, channel, points, cause FROM tick WHERE person = ?1 AND at >= ?2 \
             ORDER BY abs(points) DESC, at DESC LIMIT 1",
            params![person.0, millis(since)],
            |row| tick(person, row),
        )
    }

    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        self.one("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
    }

    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", [key, value])?;
        Ok(())
    }

    /// Throws away everything derived.
    pub fn clear_derived(&self) -> Result<()> {
        for table in ["ledger", "tally", "candle", "tick"] {
            self.run(&format!("DELETE FROM {table}"), [])?;
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
            "SELECT seen, item, metric, at, own FROM act WHERE channel = ?1 AND seen <= ?2 ORDER BY id",
            [channel.0, until],
            |row| {
                let (seen, item, metric) = (row.get(0)?, row.get(1)?, metric(row.get(2)?));
                let at = time(row.get::<_, Option<i64>>(3)?.unwrap_or(seen));
                let act =
                    if row.get(4)? { Replay::Own { item, metric } } else { Replay::Act { item, metric, at } };
                Ok((seen, 1, act))
            },
        )?);
        facts.extend(self.all(
            "SELECT reading.at, item, metric, value FROM item JOIN reading ON reading.item = item.id \
             WHERE item.channel = ?1 AND reading.at <= ?2 ORDER BY reading.at, item, metric",
            [channel.0, until],
            |row| {
                let count = Replay::Count {
                    item: row.get(1)?,
                    metric: metric(row.get(2)?),
                    value: unsigned(row.get(3)?),
                };
                Ok((row.get(0)?, 2, count))
            },
        )?);
        facts.extend(self.all(
            "SELECT at, name, value FROM figure WHERE channel = ?1 AND at <= ?2 ORDER BY at, name",
            [channel.0, until],
            |row| {
                let code: u8 = row.get(1)?;
                let figure = Figure::ALL[usize::from(code).min(Figure::ALL.len() - 1)];
                Ok((row.get(0)?, 3, Replay::Figure { figure, value: unsigned(row.get(2)?) }))
            },
        )?);
        facts.sort_by_key(|(at, kind, _)| (*at, *kind));
        Ok(facts.into_iter().map(|(at, _, fact)| (time(at), fact)).collect())
    }
}

fn tick(person: PersonId, row: &rusqlite::Row<'_>) -> rusqlite::Result<Tick> {
    Ok(Tick {
        person,
        at: time(row.get(0)?),
        channel: ChannelId(row.get(1)?),
        points: row.get(2)?,
        cause: row.get(3)?,
    })
}

fn bucket(row: &rusqlite::Row<'_>) -> rusqlite::Result<Bucket> {
    Ok(Bucket {
        number: row.get(0)?,
        open: row.get(1)?,
        high: row.get(2)?,
        low: row.get(3)?,
        close: row.get(4)?,
        volume: unsigned(row.get(5)?),
        readings: row.get(6)?,
    })
}
