//! The life cycle of a bump from what came in, beside what usually does.

use super::tracker::{
    Bump, Cusum, DWELL, Direction, HOLD, Heard, LOW, NOTICEABLE, SPREADS, Verdict, WARM, hours, toward,
    weekday,
};
use crate::model::Time;
use chrono::{Datelike, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Hours in which half of what news does to a score is gone: the half-life of its buzz.
const HALF: f64 = 24.0;
/// Hours over which the usual flow is learned.
const FLOW: f64 = 240.0;
const LEVEL: f64 = 120.0;
/// What came in so many hours says what usually comes.
const TELLING: f64 = 12.0;
/// Polls of a channel in a row that have to agree.
const AGREE: u32 = 2;
/// A part of the arrival that every forecast of a post is held back by: nobody knows its first minutes.
const DOUBT: f64 = 0.02;
/// Hours of nothing unusual that what is learned of a time is held against.
const DOUBTED: f64 = 6.0;
/// How many thresholds a forecast has to reach to be raised before it comes true.
const CERTAIN: f64 = 1.2;

/// The part of a post's engagement that has arrived so many hours after publication: straight lines between
/// points measured on posts of several networks. Nothing is told from it but how a fresh post may go on.
const ARRIVAL: [(f64, f64); 5] = [(0.0, 0.0), (1.0, 0.5), (5.0, 0.75), (14.0, 0.9), (71.0, 1.0)];

/// What one good poll of a channel brought.
#[derive(Debug, Clone, Copy)]
pub struct News {
    /// The channel, by any number that stays.
    pub channel: i64,
    /// What the poll did to the score, in points.
    pub points: f64,
    /// What the posts that grew still promise to do, in points: see [`to_come`].
    pub promised: f64,
}

/// Reads polls and raises bumps.
///
/// News is compared, channel by channel, with what the hour of the day and the day of the week usually bring.
/// What is over adds up and is forgotten with the half-life of buzz; what a fresh post still promises counts
/// beforehand. So a post that takes off is raised when its second poll agrees, long before the score has moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Innovations {
    noticeable: f64,
    first: Option<Time>,
    last: Option<Time>,
    /// What came in over the usual, in points, less what has faded.
    excess: f64,
    level: f64,
    spread: f64,
    cusum: Cusum,
    channels: BTreeMap<i64, Flow>,
    active: Option<Active>,
}

/// What usually comes in on a channel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Flow {
    last: Option<Time>,
    /// Points an hour.
    rate: f64,
    observed: f64,
    hours: [Share; 24],
    days: [Share; 7],
    /// Points that its fresh posts still promise.
    promise: f64,
    /// Polls in a row that would raise a bump.
    agree: u32,
}

/// What a time of the day or of the week brings, in points an hour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Share {
    rate: f64,
    weight: f64,
}

impl Share {
    /// Beside the usual rate; little known is little off.
    fn factor(self, usual: f64) -> f64 {
        if usual > 0.0 { (self.weight * self.rate / usual + DOUBTED) / (self.weight + DOUBTED) } else { 1.0 }
    }

    fn meet(&mut self, dt: f64, rate: f64, most: f64) {
        self.weight = (self.weight + dt).min(most);
        self.rate += dt / self.weight * (rate - self.rate);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Active {
    onset: Time,
    direction: Direction,
    /// Points, smoothed, and its largest so far.
    size: f64,
    peak: f64,
    /// Points at most.
    top: f64,
    low: f64,
    seen: f64,
}

impl Default for Innovations {
    fn default() -> Self {
        Self::noticing(NOTICEABLE)
    }
}

impl Innovations {
    /// Moves of fewer points than `noticeable` are never raised.
    pub fn noticing(noticeable: f64) -> Self {
        Self {
            noticeable,
            first: None,
            last: None,
            excess: 0.0,
            level: 0.0,
            spread: 0.35,
            cusum: Cusum::default(),
            channels: BTreeMap::new(),
            active: None,
        }
    }

    /// The bump that goes on.
    pub fn active(&self) -> Option<Bump> {
        let Active { onset, direction, top, .. } = self.active?;
        Some(Bump { onset, direction, magnitude: top, resolved: None })
    }

    /// Takes in a good poll. A channel that cannot be read says nothing, and owes what it usually brings when
    /// it is back.
    pub fn read(&mut self, at: Time, news: &News) -> Heard {
        let first = *self.first.get_or_insert(at);
        let dt = self.last.map_or(0.0, |last| hours(at - last).max(0.0));
        self.last = Some(at);
        self.excess *= (-dt / HALF).exp2();
        let warm = hours(at - first) >= WARM;
        let threshold = self.noticeable.max(SPREADS * self.spread);
        let frozen = self.active.is_some();

        let flow = self.channels.entry(news.channel).or_default();
        let since = flow.last.replace(at);
        let fresh = since.is_none();
        let usual = since.map_or(0.0, |since| flow.usual(since, at));
        if !fresh {
            self.excess += news.points - usual;
        }
        flow.promise = news.promised;
        if let Some(since) = since
            && !frozen
        {
            flow.learn(since, at, news.points.min(usual + threshold));
        }

        let promised: f64 = self.channels.values().map(|flow| flow.promise).sum();
        let off = self.excess + promised - self.level;
        let dt = dt.min(1.0);
        if !warm {
            self.level += toward(dt, LEVEL) * off;
            self.spread += toward(dt, FLOW) * (off.abs() - self.spread);
            return Heard { score: self.cusum.score(), bump: None };
        }
        let units = off / threshold;
        self.cusum.read(units, dt);
        let flow = self.channels.entry(news.channel).or_default();
        // Another channel's poll does not make this one's news more certain.
        flow.agree = match units {
            _ if fresh || units < CERTAIN => 0,
            // What is twice as certain needs no second poll.
            _ if units >= 2.0 * CERTAIN => AGREE,
            _ => flow.agree + 1,
        };
        let agree = flow.agree;
        let score = self.cusum.score().max(f64::from(agree.min(AGREE)) / f64::from(AGREE) * 0.5);
        let bump = if frozen {
            self.go_on(at, dt, threshold)
        } else {
            let raised = self.raise(at, agree, units);
            if raised.is_none() {
                let trust = self.cusum.trust();
                self.level += trust * toward(dt, LEVEL) * off.clamp(-1.5 * threshold, 1.5 * threshold);
                self.spread += toward(dt, FLOW) * (off.abs().min(threshold) - self.spread);
            }
            raised
        };
        Heard { score, bump }
    }

    fn raise(&mut self, at: Time, agree: u32, units: f64) -> Option<Bump> {
        let direction = if agree >= AGREE { Direction::Up } else { self.cusum.enough(units)? };
        // Nothing is heard of a lack of news: it has to be certain.
        if direction == Direction::Down && -units < CERTAIN {
            return None;
        }
        let size = direction.sign() * (self.excess - self.level);
        let size = size.max(0.0);
        self.active = Some(Active { onset: at, direction, size, peak: size, top: size, low: 0.0, seen: 0.0 });
        self.reset();
        self.active()
    }

    fn go_on(&mut self, at: Time, dt: f64, threshold: f64) -> Option<Bump> {
        let off = self.excess - self.level;
        let promised: f64 = self.channels.values().map(|flow| flow.promise).sum();
        let active = self.active.as_mut()?;
        let displaced = active.direction.sign() * off;
        active.size += toward(dt, 24.0) * (displaced - active.size);
        active.peak = active.peak.max(active.size);
        active.top = active.top.max(displaced);
        active.seen += dt;
        // What is still promised has not faded.
        let expected = displaced + (active.direction.sign() * promised).max(0.0);
        let low = expected <= LOW * active.peak.max(0.5 * threshold);
        active.low = if low { active.low + dt } else { (active.low - 2.0 * dt).max(0.0) };
        let Active { onset, direction, size, top, low, seen, .. } = *active;
        let (magnitude, verdict) = if low >= DWELL {
            (top, Verdict::Faded)
        } else if hours(at - onset) >= HOLD && seen >= 24.0 {
            self.level += direction.sign() * size;
            (size.max(0.0), Verdict::Held)
        } else {
            return None;
        };
        self.active = None;
        self.reset();
        Some(Bump { onset, direction, magnitude, resolved: Some((at, verdict)) })
    }

    fn reset(&mut self) {
        self.cusum = Cusum::default();
        for flow in self.channels.values_mut() {
            flow.agree = 0;
        }
    }
}

impl Flow {
    /// Points that usually come in between two instants.
    fn usual(&self, from: Time, to: Time) -> f64 {
        let mut points = 0.0;
        let mut at = from;
        // Hour by hour, three days at most: after that the account is a stranger.
        for _ in 0..72 {
            if at >= to {
                break;
            }
            let next = to.min(at + TimeDelta::hours(1));
            let rate = self.rate
                * self.hours[at.hour() as usize].factor(self.rate)
                * self.days[weekday(at.weekday())].factor(self.rate);
            // What came first has faded most.
            points += rate * hours(next - at) * (-hours(to - next) / HALF).exp2();
            at = next;
        }
        points
    }

    fn learn(&mut self, from: Time, to: Time, points: f64) {
        let dt = hours(to - from);
        if dt <= 0.0 || dt > TELLING {
            return;
        }
        self.observed += dt;
        let share = toward(dt, FLOW).max(dt / self.observed);
        let rate = points / dt;
        self.rate += share * (rate - self.rate);
        // Of a longer time nobody knows which hour brought it.
        if dt <= 2.0 {
            self.hours[to.hour() as usize].meet(dt, rate, 24.0);
        }
        self.days[weekday(to.weekday())].meet(dt, rate, 72.0);
    }
}

/// The engagement that a post may still get, its age and what it has got from so many acts being known: it
/// goes on as posts do.
pub fn to_come(age: TimeDelta, x: f64, acts: u32) -> f64 {
    let hours = hours(age).max(0.0);
    let line = ARRIVAL.windows(2).find(|pair| hours < pair[1].0);
    let arrived = line.map_or(1.0, |pair| {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        low + (high - low) * (hours - from) / (to - from)
    });
    // Acts come by chance: a standard deviation fewer, in roots, may have been meant (Anscombe 1948).
    let meant = (1.0 - 1.0 / f64::from(acts.max(1)).sqrt()).powi(2);
    (x * meant * (1.0 + DOUBT) / (arrived + DOUBT) - x).max(0.0)
}
