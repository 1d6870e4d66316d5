//! Unusual volume from counts alone.

use super::tracker::hours;
use crate::model::Time;
use chrono::Timelike;
use serde::{Deserialize, Serialize};

/// How unusual each count of a series is: what is going on there?
///
/// Deviations from slow averages at three smoothings, of the step and of the hour's usual value are added up.
/// A threshold rises quickly with them and falls slowly. An episode speaks once: what follows has to be louder
/// than what was, which fades; and so does what happens every day: it has to be louder than the same hour was
/// in the days before.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Pulse {
    /// Readings so far.
    count: u32,
    first: Option<Time>,
    last: Option<Time>,
    value: Average,
    fast: Smoothed,
    slow: Smoothed,
    before: f64,
    steps: f64,
    hours: [Hour; 24],
    rest: f64,
    smooth_rest: f64,
    smooth_rest_square: f64,
    threshold: f64,
    said: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Average {
    mean: f64,
    variance: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Smoothed {
    value: f64,
    average: Average,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Hour {
    mean: f64,
    visits: f64,
    /// How loud it was, and when.
    loud: f64,
    at: Option<Time>,
}

impl Hour {
    /// What is left of how loud it was, up to a while ago.
    fn echo(&self, now: Time, least: f64) -> f64 {
        let age = self.at.map_or(f64::INFINITY, |at| hours(now - at));
        if age > least { self.loud * (-age / WEEK).exp() } else { 0.0 }
    }
}

/// Readings before a deviation means something.
const NEW: u32 = 50;
const MEMORY: f64 = 4_000.0;
/// Hours.
const WEEK: f64 = 168.0;
/// An unusual count is said from here on.
const LOUD: f64 = 4.4;

impl Average {
    /// The deviation in usual ones, and learns.
    fn read(&mut self, value: f64, count: u32, memory: f64) -> f64 {
        let share = share(count, memory);
        let off = value - self.mean;
        let z = if count <= NEW { 0.0 } else { ratio(off, self.variance, 300.0) };
        self.mean += share * off;
        self.variance = (1.0 - share) * (self.variance + share * off * off);
        z
    }
}

impl Smoothed {
    fn read(&mut self, value: f64, count: u32, over: f64) -> f64 {
        self.value += (value - self.value) * share(count, over);
        self.average.read(self.value, count, MEMORY)
    }
}

fn share(count: u32, memory: f64) -> f64 {
    1.0 / (f64::from(count) + 1.0).min(memory)
}

/// |off| in roots of a variance.
fn ratio(off: f64, variance: f64, most: f64) -> f64 {
    if variance > 0.0 {
        (off.abs() / variance.sqrt()).min(most)
    } else if off == 0.0 {
        0.0
    } else {
        99.0_f64.min(most)
    }
}

impl Pulse {
    /// Takes in a count; from 0 to 1, unusual from 0.5.
    pub fn read(&mut self, at: Time, value: f64) -> f64 {
        let count = self.count;
        if count == 0 {
            self.threshold = 10.0;
        }
        let first = *self.first.get_or_insert(at);
        let gap = self.last.map_or(0.0, |last| hours(at - last));
        self.last = Some(at);
        self.count = count.saturating_add(1);

        let z0 = self.value.read(value, count, 500.0);
        let z1 = self.fast.read(value, count, 16.0);
        let z2 = self.slow.read(value, count, 128.0);
        let step = if count == 0 { 0.0 } else { value - self.before };
        self.before = value;
        let z3 = if count <= NEW { 0.0 } else { ratio(step, self.steps, 300.0) };
        self.steps += share(count, MEMORY) * (step * step - self.steps);

        // Against what this hour of the day usually brings.
        let hour = &mut self.hours[at.hour() as usize];
        let rest = if hour.visits > 0.0 { value - hour.mean } else { 0.0 };
        self.smooth_rest += (rest - self.smooth_rest) * share(count, 32.0);
        let told = hours(at - first) >= 36.0;
        let z4 = if told { ratio(rest, self.rest, 60.0) } else { 0.0 };
        let z5 = if told { ratio(self.smooth_rest, self.smooth_rest_square, 60.0) } else { 0.0 };
        self.rest += share(count, MEMORY) * (rest * rest - self.rest);
        self.smooth_rest_square +=
            share(count, MEMORY) * (self.smooth_rest * self.smooth_rest - self.smooth_rest_square);
        // A week of visits.
        let week = if gap > 0.0 { (WEEK / 24.0 / gap).max(1.0) } else { f64::INFINITY };
        hour.visits += 1.0;
        hour.mean += (value - hour.mean) / hour.visits.min(week);

        let sum = z0 + z1 + z2 + 0.5 * z3 + 0.5 * z4 + z5;
        let loud = sum / self.threshold.sqrt();
        self.said *= (-1.0 / (0.15 * (f64::from(count) + 1.0)).max(200.0)).exp();
        let said = (1.15 * self.said).max(hour.echo(at, 12.0));
        let out = if loud > said { loud / (loud + LOUD) } else { 0.0 };
        self.said = self.said.max(loud);
        if loud > hour.echo(at, 0.0) {
            (hour.loud, hour.at) = (loud, Some(at));
        }
        if sum > self.threshold {
            self.threshold *= (0.1 * (sum / self.threshold).ln().min(1.0)).exp();
        } else {
            self.threshold = (self.threshold * (-0.00003_f64).exp()).max(5.0);
        }
        out
    }
}
