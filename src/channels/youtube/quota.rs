//! When Google counts a key's units anew: at midnight in California.

use crate::model::Time;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

/// The next midnight, Pacific time.
pub(super) fn midnight(now: Time) -> Option<Time> {
    let today = (now.naive_utc() + offset(now.naive_utc())?).date();
    let midnight = today.succ_opt()?.and_time(NaiveTime::MIN);
    // Clocks change at two in the morning: midnight has the offset of the hours before it.
    let before = midnight - offset(now.naive_utc())? - TimeDelta::hours(1);
    Some((midnight - offset(before)?).and_utc())
}

/// Pacific time less UTC: summer time is from the second Sunday of March to the first of November, at two.
fn offset(utc: NaiveDateTime) -> Option<TimeDelta> {
    let change = |month, nth, hour| {
        let day = NaiveDate::from_weekday_of_month_opt(utc.year(), month, Weekday::Sun, nth)?;
        day.and_hms_opt(hour, 0, 0)
    };
    let summer = utc >= change(3, 2, 10)? && utc < change(11, 1, 9)?;
    Some(TimeDelta::hours(if summer { -7 } else { -8 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_in_california() {
        for (now, expected) in [
            ("2026-03-02T10:30:00Z", "2026-03-03T08:00:00Z"),
            ("2026-03-02T07:59:59Z", "2026-03-02T08:00:00Z"),
            ("2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z"),
            // Clocks go forward on 8 March and back on 1 November 2026.
            ("2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"),
            ("2026-03-08T09:00:00Z", "2026-03-09T07:00:00Z"),
            ("2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z"),
            ("2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"),
            ("2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"),
            ("2026-12-31T23:00:00Z", "2027-01-01T08:00:00Z"),
        ] {
            assert_eq!(midnight(now.parse().unwrap()), Some(expected.parse().unwrap()), "{now}");
        }
    }
}
