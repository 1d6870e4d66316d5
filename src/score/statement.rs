//! Why a score moved between two instants, without a remainder and whatever the order of the causes.
//!
//! For each channel, with its rows at `from` (before) and at `to` (after):
//!
//! 1. Decay: the rows of before, aged from `from` to `to`.
//! 2. Posts: what each row gained, at `to`. A day's bundle gains `gbar(X1) Y1 - gbar(X0) Y0`, with
//!    `Y = sum x 2^-((to-t)/half-life)`; its rows share that in proportion to `dx 2^-((to-t)/half-life)`.
//! 3. Audience: the harmonic mean of reach l and body b is split by Shapley's rule. A change of b counts with
//!    `u = 1/2 [2 l0^2 / ((l0+b0)(l0+b1)) + 2 l1^2 / ((l1+b0)(l1+b1))]`, the change of l with what is left:
//!    `1/2 [(hm(l1,b0) - hm(l0,b0)) + (hm(l1,b1) - hm(l0,b1))]`. Where there is no audience number, u is 1;
//!    where one appears or vanishes it takes the whole change of the mean, and u is 0.
//! 4. Assumed history that real history took the place of: its energy at `to`.
//! 5. A removed channel decays, then takes its energy away; an added one brings all of its energy.
//!
//! An energy `dT` is worth `m dT` points, m the secant slope of the score: the Aumann-Shapley price.

use super::{Constants, DAY_MILLIS, Energy, Evidence, Weighed, gbar, score_of, secant};
use crate::model::Time;
use std::collections::BTreeMap;
use std::f64::consts::LN_2;

/// One channel on one side of a statement. Items are numbered alike on both sides.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub channel: &'a str,
    pub evidence: Evidence<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    Decay,
    Post,
    Audience,
    Added,
    Removed,
    /// What was assumed of the time before the first reading gave way to what is known.
    AssumedHistory,
    /// The user changed a constant.
    Constants,
    /// The program brought another version of the model.
    Model,
}

impl Cause {
    pub fn word(self) -> &'static str {
        match self {
            Self::Decay => "decay",
            Self::Post => "post",
            Self::Audience => "audience",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::AssumedHistory => "assumed_history",
            Self::Constants => "constants",
            Self::Model => "model",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub cause: Cause,
    pub channel: String,
    pub item: Option<u32>,
    pub points: f64,
}

/// Open, lines and close: `open + sum of lines = close`.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub open: f64,
    pub close: f64,
    pub lines: Vec<Line>,
}

/// The rows of one day by instant and item, each with its x before and after.
type Bundle = BTreeMap<(i64, u32), (f64, f64)>;

/// A line before it is priced: its energy.
type Entry = (Cause, String, Option<u32>, f64);

/// Says why the score moved. Rows of `before` are rows of `after`, too, with an x that is at least as large.
pub fn statement(
    before: &[Side<'_>],
    from: Time,
    after: &[Side<'_>],
    to: Time,
    constants: &Constants,
) -> Statement {
    let (total0, total1) = (total(before, from, constants), total(after, to, constants));
    let slope = secant(total0, total1, constants.theta);
    Statement {
        open: score_of(total0, constants.theta),
        close: score_of(total1, constants.theta),
        lines: priced(entries(before, from, after, to, constants), |_| slope),
    }
}

/// Says why the points of one channel moved, `P_c = p T_c` with the price `p = S/T`.
///
/// `dP_c = mean(p) dT_c + mean(T_c) dp`, and `dp = s dT` with `s = (p1 - p0) / (T1 - T0)`, so an energy of the
/// channel itself is worth `mean(p) + mean(T_c) s` and one of another channel `mean(T_c) s`: below zero,
/// since the score is concave. Over all channels the worths of one energy sum to m, so the channels'
/// statements sum to the person's, line by line.
pub fn contribution(
    channel: &str,
    before: &[Side<'_>],
    from: Time,
    after: &[Side<'_>],
    to: Time,
    constants: &Constants,
) -> Statement {
    let (total0, total1) = (total(before, from, constants), total(after, to, constants));
    let own = |sides: &[Side<'_>], at: Time| -> f64 {
        let side = sides.iter().find(|side| side.channel == channel);
        side.map_or(0.0, |side| side.evidence.energy(at, constants).total(constants))
    };
    let (own0, own1) = (own(before, from), own(after, to));
    let price = |total: f64| (total > 0.0).then(|| score_of(total, constants.theta) / total);
    let (price0, price1) = (price(total0), price(total1));
    // Without a score there is no price: the other end's holds.
    let (price0, price1) = (price0.or(price1).unwrap_or(0.0), price1.or(price0).unwrap_or(0.0));
    let dilution = 0.5 * (own0 + own1) * price_slope(total0, total1, constants.theta);
    let worth = |entry: &Entry| {
        if entry.1 == channel { 0.5 * (price0 + price1) + dilution } else { dilution }
    };
    Statement {
        open: price0 * own0,
        close: price1 * own1,
        lines: priced(entries(before, from, after, to, constants), worth),
    }
}

/// `(p1 - p0) / (T1 - T0)`, without the loss of digits of a difference: with r = sqrt(T), s = sqrt(theta),
/// `-100 (s + r0 + r1) / (r0 r1 (r0 + r1) (s + r0) (s + r1))`; 0 where one of the prices is not defined.
fn price_slope(total0: f64, total1: f64, theta: f64) -> f64 {
    let (r0, r1, s) = (total0.max(0.0).sqrt(), total1.max(0.0).sqrt(), theta.sqrt());
    if r0 * r1 == 0.0 {
        return 0.0;
    }
    -100.0 * (s + r0 + r1) / (r0 * r1 * (r0 + r1) * (s + r0) * (s + r1))
}

fn total(sides: &[Side<'_>], at: Time, constants: &Constants) -> f64 {
    sides.iter().map(|side| side.evidence.energy(at, constants).total(constants)).sum()
}

fn priced(entries: Vec<Entry>, worth: impl Fn(&Entry) -> f64) -> Vec<Line> {
    let line = |entry: Entry| {
        let points = worth(&entry) * entry.3;
        let (cause, channel, item, _) = entry;
        Line { cause, channel, item, points }
    };
    entries.into_iter().map(line).collect()
}

fn entries(
    before: &[Side<'_>],
    from: Time,
    after: &[Side<'_>],
    to: Time,
    constants: &Constants,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for side in before {
        match after.iter().find(|other| other.channel == side.channel) {
            Some(other) => stayed(side, from, other, to, constants, &mut entries),
            None => removed(side, from, to, constants, &mut entries),
        }
    }
    for side in after {
        if before.iter().all(|other| other.channel != side.channel) {
            let energy = side.evidence.energy(to, constants).total(constants);
            entries.push((Cause::Added, side.channel.to_owned(), None, energy));
        }
    }
    entries
}

fn stayed(
    side: &Side<'_>,
    from: Time,
    other: &Side<'_>,
    to: Time,
    constants: &Constants,
    entries: &mut Vec<Entry>,
) {
    let opened = until(&side.evidence, from);
    let opening = opened.energy(from, constants);
    let aged = opened.energy(to, constants);
    let closing = other.evidence.energy(to, constants);
    let weight = body_weight(&opening, &closing);
    let share = constants.body_share + constants.audience_share * weight;
    let channel = || side.channel.to_owned();
    let decay = share * (aged.body - opening.body) + constants.buzz_share * (aged.buzz - opening.buzz);
    entries.push((Cause::Decay, channel(), None, decay));
    for (item, (body, buzz)) in gains(side.evidence.rows, other.evidence.rows, (from, to), constants) {
        let energy = share * body + constants.buzz_share * buzz;
        entries.push((Cause::Post, channel(), Some(item), energy));
    }
    let [body, buzz] = [0, 1].map(|place| closing.assumed[place] - aged.assumed[place]);
    if body != 0.0 || buzz != 0.0 {
        let energy = share * body + constants.buzz_share * buzz;
        entries.push((Cause::AssumedHistory, channel(), None, energy));
    }
    let reach = constants.audience_share * reach_gain(&opening, &closing);
    if reach != 0.0 {
        entries.push((Cause::Audience, channel(), None, reach));
    }
}

fn removed(side: &Side<'_>, from: Time, to: Time, constants: &Constants, entries: &mut Vec<Entry>) {
    let opened = until(&side.evidence, from);
    let opening = opened.energy(from, constants).total(constants);
    let aged = opened.energy(to, constants).total(constants);
    entries.push((Cause::Decay, side.channel.to_owned(), None, aged - opening));
    entries.push((Cause::Removed, side.channel.to_owned(), None, -aged));
}

/// Evidence without what was not there yet at an instant.
fn until<'e>(evidence: &Evidence<'e>, at: Time) -> Evidence<'e> {
    let last = at.timestamp_millis();
    let rows = evidence.rows;
    Evidence { rows: &rows[..rows.partition_point(|row| row.at <= last)], ..*evidence }
}

/// u: how much of a change of the body goes into the harmonic mean.
fn body_weight(opening: &Energy, closing: &Energy) -> f64 {
    let (b0, b1) = (opening.body, closing.body);
    let half = |l: f64| {
        if l <= 0.0 { 0.0 } else { l * l / ((l + b0) * (l + b1)) }
    };
    match (opening.reach, closing.reach) {
        (None, None) => 1.0,
        (Some(l0), Some(l1)) => half(l0) + half(l1),
        _ => 0.0,
    }
}

/// What the audience did to the harmonic mean.
fn reach_gain(opening: &Energy, closing: &Energy) -> f64 {
    let mean = |reach: Option<f64>, body: f64| Energy { reach, body, ..Energy::default() }.audience();
    match (opening.reach, closing.reach) {
        (None, None) => 0.0,
        (Some(l0), Some(l1)) => {
            let at = |body| mean(Some(l1), body) - mean(Some(l0), body);
            0.5 * (at(opening.body) + at(closing.body))
        }
        (l0, l1) => mean(l1, closing.body) - mean(l0, opening.body),
    }
}

/// What each item's rows added to body and buzz at `to`, for items that gained.
fn gains(
    before: &[Weighed],
    after: &[Weighed],
    (from, to): (Time, Time),
    constants: &Constants,
) -> BTreeMap<u32, (f64, f64)> {
    let (then, now) = (from.timestamp_millis(), to.timestamp_millis());
    let mut days: BTreeMap<i64, Bundle> = BTreeMap::new();
    let mut place = |row: &Weighed, x0: f64, x1: f64| {
        let day = days.entry(row.at.div_euclid(DAY_MILLIS)).or_default();
        let both = day.entry((row.at, row.item)).or_default();
        both.0 += x0;
        both.1 += x1;
    };
    for row in before.iter().filter(|row| row.at <= then) {
        place(row, row.x, 0.0);
    }
    for row in after.iter().filter(|row| row.at <= now) {
        place(row, 0.0, row.x);
    }
    let mut out: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for rows in days.values() {
        let x: (f64, f64) = rows.values().fold((0.0, 0.0), |sum, x| (sum.0 + x.0, sum.1 + x.1));
        for (place, half_life) in [constants.body_days, constants.buzz_days].into_iter().enumerate() {
            let left = |at: i64| (-((now - at) as f64 / DAY_MILLIS as f64) / half_life).exp2();
            let y: (f64, f64) = rows
                .iter()
                .fold((0.0, 0.0), |sum, ((at, _), x)| (sum.0 + x.0 * left(*at), sum.1 + x.1 * left(*at)));
            let new = y.1 - y.0;
            if new <= 0.0 {
                continue;
            }
            let gain = LN_2 / half_life * (gbar(x.1) * y.1 - gbar(x.0) * y.0);
            for ((at, item), x) in rows.iter().filter(|(_, x)| x.1 > x.0) {
                let part = gain * (x.1 - x.0) * left(*at) / new;
                let sums = out.entry(*item).or_default();
                if place == 0 {
                    sums.0 += part;
                } else {
                    sums.1 += part;
                }
            }
        }
    }
    out
}
