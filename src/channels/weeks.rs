//! Numbers by day as two weeks side by side: what visits and views are told as.

use super::Progress;
use crate::model::{Figure, Time};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// Whole days that are told: a week and the one before it.
pub(super) const TOLD: u64 = 14;

const WEEK: u64 = 7;

/// Numbers by day, in the days of the server's calendar.
pub(super) type ByDay = BTreeMap<NaiveDate, u64>;

/// The days to ask for, the first and the last. The last is yesterday, since today is not over. `late` says how
/// many days a server may need until it has counted one.
pub(super) fn asked(now: Time, late: u64) -> (NaiveDate, NaiveDate) {
    let yesterday = now.date_naive() - Days::new(1);
    (yesterday - Days::new(late + TOLD - 1), yesterday)
}

impl Progress {
    /// Takes up the week and the week before it. The week ends with the last day that has a number, which is at most
    /// `late` days before yesterday: days without a number after it are not counted yet, all others had nothing.
    /// Where no day has a number nothing is known.
    pub(super) fn weeks(&mut self, days: &ByDay, late: u64) {
        let (_, yesterday) = asked(self.now, late);
        let Some((last, _)) = days.range(..=yesterday).next_back() else { return };
        self.weeks_until(days, (*last).max(yesterday - Days::new(late)));
    }

    /// Takes up the week that ends with a day, and the week before it.
    pub(super) fn weeks_until(&mut self, days: &ByDay, end: NaiveDate) {
        let week = |end: NaiveDate| {
            let days = days.range(end - Days::new(WEEK - 1)..=end).map(|(_, count)| *count);
            days.fold(0, u64::saturating_add)
        };
        self.figure(Figure::Visits, Some(week(end)));
        self.figure(Figure::VisitsBefore, Some(week(end - Days::new(WEEK))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels;
    use crate::model::believable;
    use url::Url;

    /// What is told on 22 November of numbers by day of that month.
    fn told(days: &[(u32, u64)], late: u64) -> Vec<u64> {
        let account = channels::parse("hn:adalind", &|_| false).unwrap().remove(0);
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let mut progress = Progress::new(account, Url::parse("https://a.example/").unwrap(), now);
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        progress.weeks(&days.iter().map(|(number, count)| (day(*number), *count)).collect(), late);
        progress.seen.profile.figures.iter().map(|(_, value)| *value).collect()
    }

    #[test]
    fn a_week_ends_with_the_last_day_that_was_counted() {
        let every: Vec<(u32, u64)> = (1..=22).map(|day| (day, 1 << day)).collect();
        let from = |first: u32| (first..first + 7).map(|day| 1 << day).sum::<u64>();
        // Today is not over.
        assert_eq!(told(&every, 0), [from(15), from(8)]);
        assert_eq!(told(&every, 3), [from(15), from(8)]);
        // Yesterday is not counted yet, or had nothing.
        assert_eq!(told(&every[..20], 3), [from(14), from(7)]);
        assert_eq!(told(&every[..20], 0), [from(15) - (1 << 21), from(8)]);
        // A number that is older than what a server needs was the last for a while.
        assert_eq!(told(&[(9, 5), (12, 7)], 3), [7, 5]);
        assert_eq!(told(&[(1, 5)], 3), [0, 0]);
    }

    #[test]
    fn nothing_is_told_of_no_days_and_great_numbers_stay_finite() {
        assert_eq!(told(&[], 3), Vec::<u64>::new());
        assert_eq!(told(&[(22, 9)], 3), Vec::<u64>::new());
        assert_eq!(told(&[(20, u64::MAX), (21, u64::MAX)], 0)[0], believable(u64::MAX));
    }
}
