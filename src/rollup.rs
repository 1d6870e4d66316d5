//! Scores rolled up into buckets of a minute, an hour and a day: open, high, low, close, volume.
//!
//! Points are kept as whole millionths, so that what was rolled up live and what is rolled up again from
//! the observations is the same to the last digit.

use crate::model::{Candle, Series, Slot, Time, time};
use chrono::TimeDelta;

/// Width of a bucket. The number is its code in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tier {
    Minute = 0,
    Hour = 1,
    Day = 2,
}

impl Tier {
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    pub fn millis(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// The coarsest tier whose buckets are no longer than `step`.
    pub fn for_step(step: TimeDelta) -> Self {
        let step = step.num_milliseconds();
        Self::ALL.into_iter().rev().find(|tier| tier.millis() <= step).unwrap_or(Self::Minute)
    }

    pub fn bucket(self, at: Time) -> i64 {
        at.timestamp_millis().div_euclid(self.millis())
    }

    pub fn start(self, bucket: i64) -> Time {
        time(bucket.saturating_mul(self.millis()))
    }
}

/// Points as whole millionths.
pub fn micro(points: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "scores stay below 100")]
    let micro = (points * 1e6).round() as i64;
    micro
}

pub fn points(micro: i64) -> f64 {
    micro as f64 / 1e6
}

/// Readings of one bucket, in millionths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Number of the bucket since 1970, in widths of its tier.
    pub number: i64,
    pub open: i64,
    pub high: i64,
    pub low: i64,
    pub close: i64,
    pub volume: u64,
    pub readings: u32,
}

impl Bucket {
    /// `last` with one more reading, or a new bucket when the reading lies beyond it.
    #[must_use]
    pub fn after(last: Option<Self>, tier: Tier, at: Time, value: i64, volume: u64) -> Self {
        let number = tier.bucket(at);
        match last {
            // A reading never lands in the past: a clock set back adds to the bucket it had reached.
            Some(last) if number <= last.number => Self {
                high: last.high.max(value),
                low: last.low.min(value),
                close: value,
                volume: last.volume + volume,
                readings: last.readings + 1,
                ..last
            },
            _ => Self { number, open: value, high: value, low: value, close: value, volume, readings: 1 },
        }
    }
}

/// Buckets of one tier put together into a series of `count` equal steps from `from`. Steps without a
/// reading are quiet until somebody knows better.
pub fn series(buckets: &[Bucket], tier: Tier, from: Time, step: TimeDelta, count: usize) -> Series {
    let mut slots = vec![Slot::Quiet; count];
    let width = step.num_milliseconds().max(1);
    for bucket in buckets {
        let offset = (tier.start(bucket.number) - from).num_milliseconds().div_euclid(width);
        let Some(slot) = usize::try_from(offset).ok().and_then(|place| slots.get_mut(place)) else {
            continue;
        };
        let next = Candle {
            open: points(bucket.open),
            high: points(bucket.high),
            low: points(bucket.low),
            close: points(bucket.close),
            volume: bucket.volume,
            readings: bucket.readings,
            backfilled: false,
        };
        *slot = Slot::Candle(match slot.candle() {
            None => next,
            Some(before) => Candle {
                open: before.open,
                high: before.high.max(next.high),
                low: before.low.min(next.low),
                close: next.close,
                volume: before.volume + next.volume,
                readings: before.readings + next.readings,
                backfilled: false,
            },
        });
    }
    Series { from, step, slots }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: f64) -> Time {
        #[expect(clippy::cast_possible_truncation, reason = "minutes of an example")]
        time(1_790_000_000_000 / 86_400_000 * 86_400_000 + (minutes * 60_000.0) as i64)
    }

    #[test]
    fn readings_make_candles() {
        let mut last = None;
        for (minute, value, volume) in [(0.0, 50, 1), (0.5, 70, 0), (0.9, 60, 2)] {
            last = Some(Bucket::after(last, Tier::Minute, at(minute), value, volume));
        }
        let bucket = last.unwrap();
        assert_eq!((bucket.open, bucket.high, bucket.low, bucket.close), (50, 70, 50, 60));
        assert_eq!((bucket.volume, bucket.readings), (3, 3));
        let next = Bucket::after(last, Tier::Minute, at(1.0), 40, 0);
        assert_eq!((next.number, next.open), (bucket.number + 1, 40));
        let set_back = Bucket::after(Some(next), Tier::Minute, at(0.2), 30, 0);
        assert_eq!((set_back.number, set_back.close), (next.number, 30));
    }

    #[test]
    fn a_step_without_readings_is_a_hole() {
        let bucket = |minute, value| Bucket::after(None, Tier::Minute, at(minute), micro(value), 1);
        let buckets = [bucket(0.0, 50.0), bucket(3.0, 52.0), bucket(20.0, 51.0)];
        let series = series(&buckets, Tier::Minute, at(0.0), TimeDelta::minutes(5), 5);
        let closes: Vec<_> =
            series.slots.iter().map(|slot| slot.candle().map(|candle| candle.close)).collect();
        assert_eq!(closes, [Some(52.0), None, None, None, Some(51.0)]);
        assert_eq!(series.slots[0].candle().unwrap().open, 50.0);
        assert_eq!(series.slots[0].candle().unwrap().volume, 2);
    }

    #[test]
    fn the_coarsest_fitting_tier_serves_a_step() {
        assert_eq!(Tier::for_step(TimeDelta::minutes(30)), Tier::Minute);
        assert_eq!(Tier::for_step(TimeDelta::hours(2)), Tier::Hour);
        assert_eq!(Tier::for_step(TimeDelta::days(7)), Tier::Day);
        assert_eq!(Tier::for_step(TimeDelta::seconds(1)), Tier::Minute);
    }
}
