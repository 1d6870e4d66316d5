//! The life cycle of a bump from the score alone.

use crate::model::Time;
use chrono::{Datelike, TimeDelta, Timelike, Weekday};
use serde::{Deserialize, Serialize};

/// Hours over which the level is smoothed before it is judged.
const SMOOTH: f64 = 2.0;
/// Hours over which the usual level follows.
const LEVEL: f64 = 120.0;
/// Hours over which the usual distance from the level is learned, and what is left of a drift.
const SPREAD: f64 = 240.0;
const LAG: f64 = 240.0;
/// Hours over which the size of a bump is smoothed.
const SIZE: f64 = 24.0;
/// Hours in which evidence is forgotten while nothing is read.
const FORGET: f64 = 24.0;
/// A reading speaks for an hour at most.
const LONGEST: f64 = 1.0;
/// After so many hours without a reading the newest ones say nothing about the next.
const GAP: f64 = 12.0;
/// Hours before anything is raised.
pub(super) const WARM: f64 = 168.0;
/// Hours of them that must have been read.
const ENOUGH_HOURS: f64 = 42.0;
/// Deviations are told in multiples of a threshold of so many usual distances.
pub(super) const SPREADS: f64 = 4.0;
/// Deviations below this are forgotten, above it they add up.
const DRIFT: f64 = 0.7;
/// Enough of them raise a bump.
const ENOUGH: f64 = 3.0;
const CLIP: f64 = 3.0;
/// Below this part of its peak a bump is on its way out.
pub(super) const LOW: f64 = 0.4;
/// Hours that it has to stay there.
pub(super) const DWELL: f64 = 6.0;
/// Hours that a score has to show what news has raised.
const LONGEST_WAIT: f64 = 24.0;
/// A part of its peak at which a score stands where it went.
const STANDS: f64 = 0.75;
/// Hours after which a bump is the new level.
pub(super) const HOLD: f64 = 408.0;
/// Time after a bump in which another of the same direction has to be as large.
const COOL: TimeDelta = TimeDelta::hours(96);
const REARM: f64 = 0.5;
/// Nobody notices less, in points.
pub(super) const NOTICEABLE: f64 = 1.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    pub(super) fn of(value: f64) -> Self {
        if value < 0.0 { Self::Down } else { Self::Up }
    }

    /// 1 or -1.
    pub(super) fn sign(self) -> f64 {
        match self {
            Self::Up => 1.0,
            Self::Down => -1.0,
        }
    }
}

/// What became of a bump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It went as it had come.
    Faded,
    /// It became the new level.
    Held,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Faded => "faded",
            Self::Held => "held",
        }
    }
}

/// One noticeable move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bump {
    /// When it was raised: never dated back.
    pub onset: Time,
    pub direction: Direction,
    /// Points, never negative: the largest while it is active or has faded, the last where it held.
    pub magnitude: f64,
    pub resolved: Option<(Time, Verdict)>,
}

impl Bump {
    /// Its size with its sign, in points.
    pub fn points(&self) -> f64 {
        self.direction.sign() * self.magnitude
    }
}

/// What one reading made of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Heard {
    /// From 0 to 1; raised at 0.5, forming from 0.3.
    pub score: f64,
    /// What was raised or resolved by this reading.
    pub bump: Option<Bump>,
}

/// Reads a score, at any times, and raises bumps.
///
/// The score is smoothed and compared with a slow level, a daily and a weekly profile. Deviations in multiples
/// of a threshold add up (CUSUM, Page 1954) until they are enough; while a bump is active the level is frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tracker {
    noticeable: f64,
    first: Option<Time>,
    last: Option<Time>,
    seen: u32,
    observed: f64,
    ring: Vec<f64>,
    smooth: f64,
    level: f64,
    lag: f64,
    spread: f64,
    cusum: Cusum,
    hours: [Slot; 24],
    days: [Slot; 7],
    phase: Phase,
}

/// Evidence of a rise and of a fall: deviations above a drift add up (Page 1954).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Cusum {
    up: f64,
    down: f64,
}

impl Cusum {
    /// `units` are deviations in thresholds, `dt` hours.
    pub(super) fn read(&mut self, units: f64, dt: f64) {
        let units = units.clamp(-CLIP, CLIP);
        self.up = (self.up + (units - DRIFT) * dt).clamp(0.0, 2.0 * ENOUGH);
        self.down = (self.down + (-units - DRIFT) * dt).clamp(0.0, 2.0 * ENOUGH);
    }

    fn forget(&mut self, hours: f64) {
        let kept = (-hours / FORGET).exp();
        self.up *= kept;
        self.down *= kept;
    }

    /// The direction of a deviation in thresholds, if there is enough of it and it goes on.
    pub(super) fn enough(self, units: f64) -> Option<Direction> {
        let direction = Direction::of(units);
        let evidence = if direction == Direction::Up { self.up } else { self.down };
        (evidence >= ENOUGH && units.abs() >= DRIFT).then_some(direction)
    }

    /// From 0 to 1, enough from 0.5.
    pub(super) fn score(self) -> f64 {
        let strongest = self.up.max(self.down);
        strongest / (strongest + ENOUGH)
    }

    /// How far what is read is usual.
    pub(super) fn trust(self) -> f64 {
        (1.0 - self.up.max(self.down) / ENOUGH).max(0.0)
    }
}

/// What a time of the day or of the week usually brings.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Slot {
    value: f64,
    weight: f64,
}

impl Slot {
    pub(super) fn usual(self, doubt: f64) -> f64 {
        self.value * self.weight / (self.weight + doubt)
    }

    pub(super) fn learn(&mut self, dt: f64, trust: f64, rest: f64, (least, most): (f64, f64)) {
        self.weight = (self.weight + dt).min(most);
        self.value += trust * dt / self.weight.max(least) * rest / 2.0;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Phase {
    Quiet,
    Cool { until: Time, direction: Direction, peak: f64 },
    Active { onset: Time, direction: Direction, size: f64, peak: f64, low: f64, seen: f64, own: bool },
}

impl Default for Tracker {
    fn default() -> Self {
        Self::noticing(NOTICEABLE)
    }
}

impl Tracker {
    /// Moves of fewer points than `noticeable` are never raised.
    pub fn noticing(noticeable: f64) -> Self {
        Self {
            noticeable,
            first: None,
            last: None,
            seen: 0,
            observed: 0.0,
            ring: Vec::new(),
            smooth: 0.0,
            level: 0.0,
            lag: 0.0,
            spread: 0.35,
            cusum: Cusum::default(),
            hours: [Slot::default(); 24],
            days: [Slot::default(); 7],
            phase: Phase::Quiet,
        }
    }

    /// The bump that goes on.
    pub fn active(&self) -> Option<Bump> {
        let Phase::Active { onset, direction, peak, .. } = self.phase else { return None };
        Some(Bump { onset, direction, magnitude: peak, resolved: None })
    }

    /// Mean distance of the readings from their usual course, in points; `None` until a week is known.
    pub fn noise(&self) -> Option<f64> {
        let known = self.last.zip(self.first).is_some_and(|(last, first)| hours(last - first) >= WARM);
        (known && self.observed >= ENOUGH_HOURS).then_some(self.spread)
    }

    /// Takes in a comparable reading: one in which every channel was read.
    pub fn read(&mut self, at: Time, value: f64) -> Heard {
        let gap = self.last.map_or(0.0, |last| hours(at - last).max(0.0));
        self.last = Some(at);
        let first = *self.first.get_or_insert(at);
        if gap > LONGEST {
            self.cusum.forget(gap - LONGEST);
        }
        if gap > GAP {
            self.ring.clear();
        }
        if self.ring.len() == 5 {
            self.ring.remove(0);
        }
        self.ring.push(value);
        self.seen = self.seen.saturating_add(1);
        if self.ring.len() < 3 {
            return Heard { score: self.cusum.score(), bump: None };
        }
        let dt = gap.min(LONGEST);
        self.observed += dt;
        let known = if self.ring.len() < 5 { &self.ring[self.ring.len() - 3..] } else { &self.ring };
        let (hour, day) = (at.hour() as usize, weekday(at.weekday()));
        let usual = self.hours[hour].usual(3.0) + self.days[day].usual(24.0);
        let plain = median(known) - usual;
        if self.ring.len() == 3 || self.seen <= 5 {
            self.smooth = plain;
        }
        self.smooth += toward(dt, SMOOTH) * (plain - self.smooth);
        let off = self.smooth - self.level;
        let deviation = off - self.lag;
        let threshold = self.noticeable.max(SPREADS * self.spread);

        if hours(at - first) < WARM || self.observed < ENOUGH_HOURS {
            let share = if self.observed > 0.0 { dt / self.observed } else { 1.0 };
            self.level += share.max(toward(dt, LEVEL)) * off;
            self.spread += dt / (self.observed + 72.0) * (off.abs() - self.spread);
            self.learn(dt, 1.0, plain, threshold, (hour, day));
            return Heard { score: self.cusum.score(), bump: None };
        }
        self.cusum.read(deviation / threshold, dt);
        let score = self.cusum.score();
        let bump = match self.phase {
            Phase::Active { .. } => self.go_on(at, dt, deviation, threshold),
            Phase::Quiet | Phase::Cool { .. } => {
                let raised = self.raise(at, deviation, threshold);
                if raised.is_none() {
                    let trust = self.cusum.trust();
                    self.level += trust * toward(dt, LEVEL) * off.clamp(-1.5 * threshold, 1.5 * threshold);
                    self.lag += trust * toward(dt, LAG) * (off.clamp(-threshold, threshold) - self.lag);
                    self.spread += toward(dt, SPREAD) * (deviation.abs().min(threshold) - self.spread);
                    self.learn(dt, trust, plain, threshold, (hour, day));
                }
                raised
            }
        };
        Heard { score, bump }
    }

    fn learn(&mut self, dt: f64, trust: f64, plain: f64, threshold: f64, (hour, day): (usize, usize)) {
        if self.observed < 24.0 {
            return;
        }
        let rest = (plain - self.level - self.lag).clamp(-threshold, threshold);
        self.hours[hour].learn(dt, trust, rest, (6.0, 24.0));
        self.days[day].learn(dt, trust, rest, (24.0, 72.0));
    }

    fn raise(&mut self, at: Time, deviation: f64, threshold: f64) -> Option<Bump> {
        if let Phase::Cool { until, .. } = self.phase
            && (deviation.abs() < REARM * threshold || at >= until)
        {
            self.phase = Phase::Quiet;
        }
        let direction = self.cusum.enough(deviation / threshold)?;
        if let Phase::Cool { direction: former, peak, .. } = self.phase
            && former == direction
            && deviation.abs() <= 0.9 * peak
        {
            return None;
        }
        let size = deviation.abs();
        self.cusum = Cusum::default();
        self.phase = Phase::Active { onset: at, direction, size, peak: size, low: 0.0, seen: 0.0, own: true };
        self.active()
    }

    /// Somebody else has raised a bump that the score will show: its level is frozen, and it is followed to its
    /// end like an own one. A score that does not move for a day is not.
    pub(super) fn follow(&mut self, onset: Time, direction: Direction) {
        if self.noise().is_some() && !matches!(self.phase, Phase::Active { .. }) {
            self.cusum = Cusum::default();
            let low = DWELL - LONGEST_WAIT;
            self.phase = Phase::Active { onset, direction, size: 0.0, peak: 0.0, low, seen: 0.0, own: false };
        }
    }

    /// Whoever raised it hears it no more. What the score would have raised by itself it follows on, and so it
    /// does where it stands near its peak: that may be a new level.
    pub(super) fn let_go(&mut self, at: Time) {
        if let Phase::Active { own: false, .. } = self.phase {
            self.end(at);
        }
    }

    /// Ends a bump that is well below its peak; whether it did.
    pub(super) fn end(&mut self, at: Time) -> bool {
        let deviation = self.smooth - self.level - self.lag;
        let Phase::Active { direction, peak, .. } = self.phase else { return false };
        direction.sign() * deviation < STANDS * peak && self.stop(at)
    }

    /// Ends a bump, if there is one; whether the way is free for another.
    pub(super) fn stop(&mut self, at: Time) -> bool {
        if let Phase::Active { direction, peak, .. } = self.phase {
            self.phase = Phase::Cool { until: at + COOL, direction, peak };
            self.cusum = Cusum::default();
        }
        true
    }

    fn go_on(&mut self, at: Time, dt: f64, deviation: f64, threshold: f64) -> Option<Bump> {
        let enough = self.cusum.enough(deviation / threshold);
        let Phase::Active { onset, direction, size, peak, low, seen, own } = &mut self.phase else {
            return None;
        };
        *own |= enough == Some(*direction);
        let displaced = direction.sign() * deviation;
        *size += toward(dt, SIZE) * (displaced - *size);
        *peak = peak.max(*size);
        *seen += dt;
        *low = if displaced <= LOW * *peak { *low + dt } else { (*low - 2.0 * dt).max(0.0) };
        let (onset, direction, size, peak) = (*onset, *direction, *size, *peak);
        let (magnitude, verdict) = if *low >= DWELL {
            let until = at + COOL;
            self.phase = Phase::Cool { until, direction, peak };
            (peak, Verdict::Faded)
        } else if hours(at - onset) >= HOLD && *seen >= 24.0 {
            self.level += direction.sign() * size;
            self.phase = Phase::Quiet;
            (size.max(0.0), Verdict::Held)
        } else {
            return None;
        };
        self.cusum = Cusum::default();
        Some(Bump { onset, direction, magnitude, resolved: Some((at, verdict)) })
    }
}

const HOUR: f64 = 3_600_000.0;

/// Hours, to the millisecond.
pub(super) fn hours(span: TimeDelta) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "centuries in milliseconds are exact")]
    let millis = span.num_milliseconds() as f64;
    millis / HOUR
}

/// How far an exponential average goes in `dt` hours.
pub(super) fn toward(dt: f64, hours: f64) -> f64 {
    -(-dt / hours).exp_m1()
}

pub(super) fn weekday(day: Weekday) -> usize {
    day.num_days_from_monday() as usize
}

/// Of three or five values.
fn median(values: &[f64]) -> f64 {
    let mut sorted = [0.0; 5];
    let sorted = &mut sorted[..values.len()];
    sorted.copy_from_slice(values);
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
