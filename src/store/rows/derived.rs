//! Candles and ticks.

use super::{Rows, millis, signed, unsigned};
use crate::model::{ChannelId, PersonId, Tick, Time, time};
use crate::rollup::{Bucket, Tier};
use crate::store::Result;
use rusqlite::params;

impl Rows<'_> {
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
        for table in ["ledger", "tally", "credit", "assumed", "candle", "tick", "detector", "bump"] {
            self.run(&format!("DELETE FROM {table}"), [])?;
        }
        // What became of a goal stays as it was told.
        self.run("DELETE FROM event WHERE kind <> 'goal'", [])?;
        Ok(())
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
