//! The score: a pure function of ledgers and an instant.
//!
//! Times are in days, `ln2` is the natural logarithm of 2. For one channel with constants rho and phi:
//!
//! ```text
//! x      = sum_k w_k n_k / rho                     engagement of a row, in typical active days
//! X_d    = sum of x over the rows of UTC day d     the day's bundle
//! gbar(X)= 1 / (k (1 + sqrt(1+X))), k = sqrt2 - 1  concave: g(X) = X gbar(X), g(1) = 1
//! b(t)   = (ln2/H) sum_d gbar(X_d) sum_p x_p 2^-((t-t_p)/H)     body of work, H = 90 d
//! z(t)   = (ln2/h) sum_d gbar(X_d) sum_p x_p 2^-((t-t_p)/h)     buzz, h = 1 d
//! l      = log2(1 + F/phi)                         reach of an audience of F
//! T_c    = 0.25 * 2 l b/(l+b) + 0.60 b + 0.15 z    no audience number: the harmonic mean is b
//! S      = 100 sqrt(T) / (sqrt(theta) + sqrt(T))   T = sum_c T_c, theta = 4
//! ```
//!
//! S is logistic in ln T with slope 1/2: `logit(S/100) = 0.5 ln(T/theta)`, a log-logistic cumulative
//! distribution function with shape 1/2. Levels and changes both decompose without a remainder:
//! `S_part = S T_part / T`, and `dS_i = m dT_i` with the secant slope of [`secant`].

mod assumed;
mod constants;
mod document;
mod engine;
mod explained;
mod formula;
mod known;
mod ledger;
mod statement;

pub use assumed::Assumed;
pub use constants::{BadConstants, Constants, NetworkConstants, WEIGHTS};
pub use document::{BadLedger, Document, Items};
pub use engine::Engine;
pub use explained::{Explained, ExplainedLine};
pub use formula::Formula;
pub use known::{Deed, deeds_from};
pub use ledger::{Arrival, Changes, Credit, Gain, Ledger, Row, Source, Tally};
pub use statement::{Cause, Line, Side, Statement, contribution, statement};

use crate::model::Time;
use std::collections::{BTreeMap, HashMap};
use std::f64::consts::LN_2;

/// k = sqrt(2) - 1, so that g(1) = 1.
const K: f64 = std::f64::consts::SQRT_2 - 1.0;

/// Milliseconds in a UTC day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// gbar(X): the price of one unit of engagement on a day that brought X in all.
pub fn gbar(x: f64) -> f64 {
    1.0 / (K * (1.0 + (1.0 + x).sqrt()))
}

/// S(T), from 0 to below 100.
pub fn score_of(total: f64, theta: f64) -> f64 {
    let r = total.max(0.0).sqrt();
    100.0 * r / (theta.sqrt() + r)
}

/// T(S), the inverse of [`score_of`]: the energy a score needs.
pub fn energy_for(score: f64, theta: f64) -> f64 {
    let odds = score / (100.0 - score);
    theta * odds * odds
}

/// The slope m of S between two energies, so that `S1 - S0 = m (T1 - T0)` without remainder:
/// with r = sqrt(T) and s = sqrt(theta), m = 100 s / ((r0 + r1)(s + r0)(s + r1)); 0 when both are 0.
pub fn secant(total0: f64, total1: f64, theta: f64) -> f64 {
    let (r0, r1, s) = (total0.max(0.0).sqrt(), total1.max(0.0).sqrt(), theta.sqrt());
    if r0 + r1 == 0.0 {
        return 0.0;
    }
    100.0 * s / ((r0 + r1) * (s + r0) * (s + r1))
}

/// The energies of one channel at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Energy {
    /// l; `None` where the channel has no audience number.
    pub reach: Option<f64>,
    /// b
    pub body: f64,
    /// z
    pub buzz: f64,
    /// What of body and buzz is assumed of the time before the first reading.
    pub assumed: [f64; 2],
    /// How far that may be away, as a part of it.
    pub spread: f64,
}

impl Energy {
    /// The energies with what is assumed taken `factor` times.
    fn assuming(&self, factor: f64) -> Self {
        let [body, buzz] = self.assumed;
        Self {
            body: self.body + (factor - 1.0) * body,
            buzz: self.buzz + (factor - 1.0) * buzz,
            assumed: [factor * body, factor * buzz],
            ..*self
        }
    }

    /// The energies so many days later, if nothing comes.
    #[must_use]
    pub fn aged(&self, days: f64, constants: &Constants) -> Self {
        let [body, buzz] =
            [constants.body_days, constants.buzz_days].map(|half_life| (-days / half_life).exp2());
        let assumed = [self.assumed[0] * body, self.assumed[1] * buzz];
        Self { body: self.body * body, buzz: self.buzz * buzz, assumed, ..*self }
    }

    /// The harmonic mean of reach and body: audience without work counts nothing, and at most doubles
    /// the weight of work.
    pub fn audience(&self) -> f64 {
        match self.reach {
            None => self.body,
            Some(reach) if reach <= 0.0 || self.body <= 0.0 => 0.0,
            Some(reach) => 2.0 * reach * self.body / (reach + self.body),
        }
    }

    /// `T_c`
    pub fn total(&self, constants: &Constants) -> f64 {
        constants.audience_share * self.audience()
            + constants.body_share * self.body
            + constants.buzz_share * self.buzz
    }
}

/// One channel's line of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Part {
    pub energy: Energy,
    /// `T_c`
    pub total: f64,
    /// The channel's points; all channels' points sum to the score.
    pub points: f64,
    /// The three shares of `points`.
    pub audience: f64,
    pub body: f64,
    pub buzz: f64,
    /// How much of `points` stands on what is assumed of the time before the first reading: its share of
    /// body and audience (`b_assumed / b`), and its buzz.
    pub assumed: f64,
}

/// A score with the parts it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub total: f64,
    pub score: f64,
    pub parts: Vec<Part>,
}

/// Adds the channels' energies up to a score and divides the score among them.
pub fn evaluate(energies: &[Energy], constants: &Constants) -> Evaluation {
    let totals: Vec<f64> = energies.iter().map(|energy| energy.total(constants)).collect();
    let total: f64 = totals.iter().sum();
    let score = score_of(total, constants.theta);
    let per_energy = if total > 0.0 { score / total } else { 0.0 };
    let parts = energies
        .iter()
        .zip(totals)
        .map(|(&energy, total)| Part {
            energy,
            total,
            points: per_energy * total,
            audience: per_energy * constants.audience_share * energy.audience(),
            body: per_energy * constants.body_share * energy.body,
            buzz: per_energy * constants.buzz_share * energy.buzz,
            assumed: per_energy * assumed(&energy, constants),
        })
        .collect();
    Evaluation { total, score, parts }
}

fn assumed(energy: &Energy, constants: &Constants) -> f64 {
    let [body, buzz] = energy.assumed;
    let share = if energy.body > 0.0 { body / energy.body } else { 0.0 };
    share * (constants.audience_share * energy.audience() + constants.body_share * energy.body)
        + constants.buzz_share * buzz
}

/// The score with everything assumed taken at the low end of its spread, and at the high end.
pub fn band(energies: &[Energy], constants: &Constants) -> (f64, f64) {
    let end = |sign: f64| {
        let total = |energy: &Energy| energy.assuming(1.0 + sign * energy.spread).total(constants);
        score_of(energies.iter().map(total).sum(), constants.theta)
    };
    (end(-1.0), end(1.0))
}

/// What one channel's ledger holds, ready to be evaluated: rows in order of time, x in reference units.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    pub rows: &'a [Weighed],
    /// F; `None` where the network shows none.
    pub audience: Option<f64>,
    pub phi: Option<f64>,
    /// What is assumed of the time before the first reading.
    pub assumed: Option<Assumed>,
}

/// A ledger row with its engagement weighed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    pub at: i64,
    pub item: u32,
    pub x: f64,
}

impl Evidence<'_> {
    /// The energies at `at`. Rows later than `at` do not exist yet.
    pub fn energy(&self, at: Time, constants: &Constants) -> Energy {
        let mut sums = [0.0; 2];
        self.each_bundle(at, constants, |price, rows| {
            let (mut body, mut buzz) = (0.0, 0.0);
            for (row, body_left, buzz_left) in rows {
                body += row.x * body_left;
                buzz += row.x * buzz_left;
            }
            sums[0] += price * body;
            sums[1] += price * buzz;
        });
        let [body, buzz] = sums;
        self.energy_of([LN_2 / constants.body_days * body, LN_2 / constants.buzz_days * buzz], at, constants)
    }

    /// The energies of a channel whose rows amount to this body and buzz at `at`.
    pub fn energy_of(&self, [body, buzz]: [f64; 2], at: Time, constants: &Constants) -> Energy {
        let assumed = self.assumed.map_or([0.0; 2], |assumed| assumed.energy(at, constants));
        Energy {
            reach: self.reach(),
            body: body + assumed[0],
            buzz: buzz + assumed[1],
            assumed,
            spread: self.assumed.map_or(0.0, |assumed| assumed.spread),
        }
    }

    /// What each item adds to `0.60 b + 0.15 z`, and its engagement x. The energies of all items sum to
    /// the channel's energy without its audience term.
    pub fn items(&self, at: Time, constants: &Constants) -> HashMap<u32, ItemEnergy> {
        let mut items: HashMap<u32, ItemEnergy> = HashMap::new();
        let body_rate = constants.body_share * LN_2 / constants.body_days;
        let buzz_rate = constants.buzz_share * LN_2 / constants.buzz_days;
        self.each_bundle(at, constants, |price, rows| {
            for (row, body_left, buzz_left) in rows {
                let item = items.entry(row.item).or_default();
                item.x += row.x;
                item.total += price * row.x * (body_rate * body_left + buzz_rate * buzz_left);
            }
        });
        items
    }

    /// What one item adds, by the UTC day of its rows, counted from 1970.
    pub fn days_of(&self, item: u32, at: Time, constants: &Constants) -> BTreeMap<i64, ItemEnergy> {
        let mut days: BTreeMap<i64, ItemEnergy> = BTreeMap::new();
        let body_rate = constants.body_share * LN_2 / constants.body_days;
        let buzz_rate = constants.buzz_share * LN_2 / constants.buzz_days;
        self.each_bundle(at, constants, |price, rows| {
            for (row, body_left, buzz_left) in rows.iter().filter(|(row, ..)| row.item == item) {
                let energy = days.entry(row.at.div_euclid(DAY_MILLIS)).or_default();
                energy.x += row.x;
                energy.total += price * row.x * (body_rate * body_left + buzz_rate * buzz_left);
            }
        });
        days
    }

    fn reach(&self) -> Option<f64> {
        let phi = self.phi.filter(|phi| *phi > 0.0)?;
        Some((1.0 + self.audience?.max(0.0) / phi).log2())
    }

    /// Calls `add(gbar(X_d), rows of day d with what is left of them)` for every UTC day up to `at`.
    fn each_bundle(&self, at: Time, constants: &Constants, mut add: impl FnMut(f64, &[(Weighed, f64, f64)])) {
        let now = at.timestamp_millis();
        let mut bundle = Vec::new();
        let mut rows = self.rows.iter().take_while(|row| row.at <= now).peekable();
        while let Some(first) = rows.next() {
            let day = first.at.div_euclid(DAY_MILLIS);
            bundle.clear();
            let mut engagement = 0.0;
            let mut next = Some(first);
            while let Some(row) = next {
                let days = (now - row.at) as f64 / DAY_MILLIS as f64;
                engagement += row.x;
                bundle.push((
                    *row,
                    (-days / constants.body_days).exp2(),
                    (-days / constants.buzz_days).exp2(),
                ));
                next = rows.next_if(|row| row.at.div_euclid(DAY_MILLIS) == day);
            }
            add(gbar(engagement), &bundle);
        }
    }
}

/// One item's share of a channel's energy.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ItemEnergy {
    pub x: f64,
    pub total: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Day 0 of the worked examples.
    const START: i64 = 20_454 * DAY_MILLIS;

    fn day(days: f64) -> Time {
        #[expect(clippy::cast_possible_truncation, reason = "days of an example")]
        crate::model::time(START + (days * DAY_MILLIS as f64) as i64)
    }

    fn rows(rows: &[(f64, f64)]) -> Vec<Weighed> {
        rows.iter()
            .enumerate()
            .map(|(i, &(at, x))| Weighed {
                at: day(at).timestamp_millis(),
                item: u32::try_from(i).unwrap(),
                x,
            })
            .collect()
    }

    fn shown(value: f64, decimals: usize) -> String {
        format!("{value:.decimals$}")
    }

    #[test]
    fn anchors_of_the_formula() {
        assert_eq!(shown(K, 6), "0.414214");
        for (x, g) in [
            (0.5, "0.542582"),
            (1.0, "1.000000"),
            (3.0, "2.414214"),
            (8.0, "4.828427"),
            (15.0, "7.242641"),
            (99.0, "21.727922"),
        ] {
            assert_eq!(shown(x * gbar(x), 6), g, "g({x})");
        }
        assert_eq!(shown(gbar(0.0), 6), "1.207107");
        assert_eq!(shown(gbar(3.0), 6), "0.804738");
        for (total, score) in [
            (0.1, "13.653"),
            (1.0, "33.333"),
            (2.0, "41.421"),
            (3.0, "46.410"),
            (4.0, "50.000"),
            (8.0, "58.579"),
            (16.0, "66.667"),
            (324.0, "90.000"),
            (1444.0, "95.000"),
        ] {
            assert_eq!(shown(score_of(total, 4.0), 3), score, "S({total})");
            assert!((energy_for(score_of(total, 4.0), 4.0) / total - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn worked_example_a_from_a_ledger() {
        let constants = Constants::reference();
        let mastodon = constants.network("mastodon");
        let feed = constants.network("feed");
        // p1: 20 likes, 2 replies, 2 reshares; p2: 50, 9, 4; q1: 6 replies, 1 reshare.
        let p1 = mastodon.weigh([20, 2, 2, 0, 0]);
        let p2 = mastodon.weigh([50, 4, 9, 0, 0]);
        let q1 = feed.weigh([0, 1, 6, 0, 0]);
        assert_eq!([p1, p2, q1], [3.0, 8.0, 3.0]);
        let mastodon_rows = rows(&[(6.0, p2), (9.0, p1)]);
        let feed_rows = rows(&[(8.0, q1)]);
        let now = day(10.0);
        let energies = [
            Evidence { rows: &mastodon_rows, audience: Some(450.0), phi: mastodon.phi, assumed: None }
                .energy(now, &constants),
            Evidence { rows: &feed_rows, ..Evidence::default() }.energy(now, &constants),
        ];
        assert_eq!(energies[0].reach, Some(2.0));
        assert_eq!(shown(energies[0].buzz, 6), "1.045878");
        assert_eq!(shown(energies[0].body, 6), "0.054509");
        // The specification prints 0.106128 here; its own 2 * 2 * 0.054509 / 2.054509 gives this:
        assert_eq!(shown(energies[0].audience(), 6), "0.106126");
        assert_eq!(shown(energies[1].buzz, 6), "0.418351");
        assert_eq!(shown(energies[1].body, 6), "0.018309");
        let result = evaluate(&energies, &constants);
        assert_eq!(shown(result.parts[0].total, 6), "0.216119");
        assert_eq!(shown(result.parts[1].total, 6), "0.078316");
        assert_eq!(shown(result.total, 6), "0.294434");
        assert_eq!(shown(result.score, 3), "21.341");
        let parts: Vec<_> = result
            .parts
            .iter()
            .map(|part| [shown(part.audience, 3), shown(part.body, 3), shown(part.buzz, 3)])
            .collect();
        assert_eq!(parts, [["1.923", "2.371", "11.371"], ["0.332", "0.796", "4.548"]]);
    }

    #[test]
    fn worked_example_c_from_energies() {
        let constants = Constants::reference();
        let energies = [
            Energy { reach: Some(1.0), body: 1.0, buzz: 1.0, ..Energy::default() },
            Energy { reach: Some(2.0), body: 0.5, buzz: 0.25, ..Energy::default() },
            Energy { reach: None, body: 0.2, buzz: 0.0, ..Energy::default() },
        ];
        let result = evaluate(&energies, &constants);
        let totals: Vec<_> = result.parts.iter().map(|part| shown(part.total, 4)).collect();
        assert_eq!(totals, ["1.0000", "0.5375", "0.1700"]);
        assert_eq!(shown(result.total, 4), "1.7075");
        assert_eq!(shown(result.score, 3), "39.517");
        let points: Vec<_> = result.parts.iter().map(|part| shown(part.points, 3)).collect();
        assert_eq!(points, ["23.143", "12.439", "3.934"]);
        let silent: Vec<_> = energies.iter().map(|energy| energy.aged(7.0, &constants)).collect();
        let result = evaluate(&silent, &constants);
        assert_eq!(shown(result.total, 4), "1.4501");
        assert_eq!(shown(result.score, 3), "37.582");
    }

    #[test]
    fn a_row_of_tomorrow_does_not_count_today() {
        let constants = Constants::reference();
        let rows = rows(&[(1.0, 1.0), (1.5, 1.0)]);
        let evidence = Evidence { rows: &rows, ..Evidence::default() };
        assert_eq!(evidence.energy(day(0.9), &constants), Energy::default());
        assert!(
            evidence.energy(day(1.2), &constants).body < 1.01 * LN_2 / 90.0,
            "only the first row is there yet"
        );
    }

    #[test]
    fn items_sum_to_the_energy_without_audience() {
        let constants = Constants::reference();
        let rows = rows(&[(1.0, 1.0), (1.5, 2.0), (4.0, 0.5)]);
        let evidence = Evidence { rows: &rows, audience: Some(70.0), phi: Some(150.0), assumed: None };
        let energy = evidence.energy(day(5.0), &constants);
        let sum: f64 = evidence.items(day(5.0), &constants).values().map(|item| item.total).sum();
        assert!((sum - (0.60 * energy.body + 0.15 * energy.buzz)).abs() < 1e-15);
    }

    #[test]
    fn audience_alone_is_worth_nothing() {
        let constants = Constants::reference();
        let evidence = Evidence { rows: &[], audience: Some(1e6), phi: Some(150.0), assumed: None };
        assert!(evidence.energy(day(5.0), &constants).total(&constants) == 0.0);
    }
}
