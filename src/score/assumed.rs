use super::{Constants, DAY_MILLIS, Weighed, gbar};
use crate::model::Time;
use std::collections::BTreeMap;

/// What is assumed of the time before the oldest post that the first poll saw: that it went on as the time
/// since then did.
///
/// Without it the first score of an active account is 13 to 24 points low, and climbs for months. With
/// `g_d = g(X_d)` of the days seen, each capped at three times the median of those that are not zero, the
/// rate is `r = sum g_d / W` over `W = max(1, days seen)`; what lies before has faded to
/// `r 2^-(t-start)/half-life`, for body and buzz alike. A listing that reaches the account's first post
/// leaves nothing to assume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assumed {
    /// r: energy a day.
    pub rate: f64,
    /// e: how far the true rate may be away, as a part of it; 80 of 100 lie inside.
    pub spread: f64,
    /// Where what was seen begins, in milliseconds.
    pub start: i64,
}

/// Days count at most so many times the median day, so that one lucky post is not taken for a habit.
const CAP: f64 = 3.0;

/// The 90th percentile of the normal distribution.
const Z90: f64 = 1.28;

impl Assumed {
    /// What the rows of a first poll at `at` let assume, the oldest listed post being of `oldest`. `None` when
    /// nobody answered anything.
    pub fn of(rows: &[Weighed], oldest: Time, at: Time) -> Option<Self> {
        let now = at.timestamp_millis();
        let mut bundles: BTreeMap<i64, f64> = BTreeMap::new();
        for row in rows {
            *bundles.entry(row.at.div_euclid(DAY_MILLIS)).or_default() += row.x;
        }
        let mut days: Vec<f64> = bundles.into_values().filter(|x| *x > 0.0).map(|x| x * gbar(x)).collect();
        if days.is_empty() {
            return None;
        }
        let cap = CAP * median(&mut days);
        for day in &mut days {
            *day = day.min(cap);
        }
        let length = ((now - oldest.timestamp_millis()) as f64 / DAY_MILLIS as f64).max(1.0);
        let rate = days.iter().sum::<f64>() / length;
        let n = length.ceil().max(days.len() as f64);
        let mean = days.iter().sum::<f64>() / n;
        let quiet = n - days.len() as f64;
        let squares: f64 = days.iter().map(|day| (day - mean).powi(2)).sum::<f64>() + quiet * mean * mean;
        let variation = (squares / n).sqrt() / mean;
        #[expect(clippy::cast_possible_truncation, reason = "days of one account")]
        let start = now - (length * DAY_MILLIS as f64) as i64;
        Some(Self { rate, spread: (Z90 * variation / n.sqrt()).min(1.0), start })
    }

    /// What is left of it at an instant, for body and buzz.
    pub fn energy(&self, at: Time, constants: &Constants) -> [f64; 2] {
        let days = (at.timestamp_millis() - self.start).max(0) as f64 / DAY_MILLIS as f64;
        [constants.body_days, constants.buzz_days].map(|half_life| self.rate * (-days / half_life).exp2())
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;

    fn row(day: i64, x: f64) -> Weighed {
        Weighed { at: day * DAY_MILLIS, item: 0, x }
    }

    #[test]
    fn a_steady_account_is_assumed_to_have_been_steady() {
        let rows: Vec<Weighed> = (100..110).map(|day| row(day, 1.0)).collect();
        let assumed = Assumed::of(&rows, time(rows[0].at), time(110 * DAY_MILLIS)).unwrap();
        assert!((assumed.rate - 1.0).abs() < 1e-12, "g(1) = 1 a day");
        assert!(assumed.spread < 1e-9, "every day was the same");
        let [body, buzz] = assumed.energy(time(110 * DAY_MILLIS), &Constants::reference());
        assert!((body - (-10.0f64 / 90.0).exp2()).abs() < 1e-12);
        assert!((buzz - (-10.0f64).exp2()).abs() < 1e-12);
    }

    #[test]
    fn one_lucky_day_is_capped_and_quiet_days_count() {
        let rows = [row(100, 1.0), row(102, 1.0), row(104, 9_999.0)];
        let assumed = Assumed::of(&rows, time(100 * DAY_MILLIS), time(110 * DAY_MILLIS)).unwrap();
        assert!((assumed.rate - 5.0 / 10.0).abs() < 1e-12);
        // Days 1, 1, 3 and seven of 0: mean 0.5, variance 0.85.
        assert!((assumed.spread - 1.28 * (0.85f64.sqrt() / 0.5) / 10f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn less_than_a_day_counts_as_a_day() {
        let rows = [row(100, 1.0)];
        let at = time(100 * DAY_MILLIS + DAY_MILLIS / 4);
        let assumed = Assumed::of(&rows, time(100 * DAY_MILLIS), at).unwrap();
        assert!((assumed.rate - 1.0).abs() < 1e-12);
        assert_eq!(assumed.start, at.timestamp_millis() - DAY_MILLIS);
        assert_eq!(Assumed::of(&[], time(0), at), None);
    }
}
