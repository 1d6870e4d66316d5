//! What channels of visits have in common: days, counts and the addresses of sites on hosts of their own.

use super::Progress;
use super::weeks::ByDay;
use crate::exchange::is_loopback;
use crate::model::Time;
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use serde_json::Value;
use url::Url;

/// When a day that has ended in UTC has ended everywhere on earth.
const LATEST_MIDNIGHT: TimeDelta = TimeDelta::hours(12);

/// Two weeks of whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fortnight {
    /// The first day of the earlier week.
    pub(super) first: NaiveDate,
    /// The first day of the later week.
    pub(super) middle: NaiveDate,
    /// The last day of the later week.
    pub(super) last: NaiveDate,
}

impl Fortnight {
    /// The newest one. Statistics go by the days of their site, and the zone of the site is not told: a day counts once
    /// it is over everywhere.
    pub(super) fn newest(now: Time) -> Self {
        let back = |days| (now - LATEST_MIDNIGHT).date_naive() - Days::new(days);
        Self { first: back(14), middle: back(7), last: back(1) }
    }

    /// The day after the last one.
    pub(super) fn end(self) -> NaiveDate {
        self.last + Days::new(1)
    }
}

/// The beginning of a day in UTC.
pub(super) fn midnight(day: NaiveDate) -> Time {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// A day as statistics name it.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

impl Progress {
    pub(super) fn fortnight(&self) -> Fortnight {
        Fortnight::newest(self.now)
    }

    /// Visits week on week from daily numbers; a day that is left out had none.
    pub(super) fn daily_visits(&mut self, days: impl IntoIterator<Item = (NaiveDate, u64)>) {
        let mut sums = ByDay::new();
        for (day, visits) in days {
            let sum = sums.entry(day).or_default();
            *sum = sum.saturating_add(visits);
        }
        self.weeks_until(&sums, self.fortnight().last);
    }

    /// What a site is called never changes: there is no other id.
    pub(super) fn name_is_stable(&mut self) {
        self.seen.account.stable = Some(self.seen.account.handle.clone());
    }
}

/// A count as a number or as text, whatever stands between its digits.
pub(super) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits.parse().ok()
        }
        value => value.as_u64(),
    }
}

/// An address as short as it still leads back to itself.
pub(super) fn brief(url: &Url) -> String {
    let usual = if is_loopback(url) { "http://" } else { "https://" };
    url.as_str().strip_prefix(usual).unwrap_or(url.as_str()).trim_end_matches('/').to_owned()
}

/// An address without what nobody needs, cut after so many segments of its path.
pub(super) fn cut(url: &Url, segments: usize) -> Option<Url> {
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let mut short = url.clone();
    short.set_query(None);
    short.set_fragment(None);
    let kept: Vec<String> = url.path_segments()?.take(segments).map(str::to_owned).collect();
    short.path_segments_mut().ok()?.clear().extend(kept).push("");
    Some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_once_it_is_over_everywhere() {
        for (now, last) in [
            ("2026-03-02T11:59:59Z", "2026-02-28"),
            ("2026-03-02T12:00:00Z", "2026-03-01"),
            ("2026-03-02T23:59:59Z", "2026-03-01"),
        ] {
            let weeks = Fortnight::newest(now.parse().unwrap());
            assert_eq!(Some(weeks.last), day(last), "{now}");
            assert_eq!((weeks.last - weeks.middle).num_days(), 6);
            assert_eq!((weeks.middle - weeks.first).num_days(), 7);
        }
    }

    #[test]
    fn counts_come_as_numbers_and_as_words() {
        for (value, number) in [
            (serde_json::json!(12), Some(12)),
            (serde_json::json!("1\u{202f}234"), Some(1_234)),
            (serde_json::json!("9,876,543"), Some(9_876_543)),
            (serde_json::json!(""), None),
            (serde_json::json!(-1), None),
            (serde_json::json!(null), None),
        ] {
            assert_eq!(count(&value), number, "{value}");
        }
    }
}
