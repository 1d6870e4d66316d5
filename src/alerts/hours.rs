use crate::model::Time;
use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta, Timelike};
use std::fmt;

/// A part of every day by the local clock, `22:00-08:00`: the first minute belongs to it, the last does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Minutes after midnight, below 1440. Never equal.
    from: u32,
    to: u32,
}

impl Hours {
    /// Reads `22:00-08:00`; `None` for anything else, also where both ends are equal.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let hours = Self { from: minutes(from.trim())?, to: minutes(to.trim())? };
        (hours.from != hours.to).then_some(hours)
    }

    pub fn holds(self, now: DateTime<FixedOffset>) -> bool {
        let minute = now.hour() * 60 + now.minute();
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// The next instant at which they end, by the offset from UTC that `now` has.
    pub fn end(self, now: DateTime<FixedOffset>) -> Time {
        let midnight = now.naive_local().date().and_time(NaiveTime::MIN);
        let end = midnight + TimeDelta::minutes(i64::from(self.to));
        let end = if end > now.naive_local() { end } else { end + TimeDelta::days(1) };
        (end - TimeDelta::seconds(i64::from(now.offset().local_minus_utc()))).and_utc()
    }
}

/// `8:00` and `08:00`, up to `23:59`; `24:00` is midnight.
fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str, least: usize| {
        let right = (least..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| text.parse::<u32>().ok()).flatten()
    };
    match (digits(hour, 1)?, digits(minute, 2)?) {
        (24, 0) => Some(0),
        (hour @ 0..24, minute @ 0..60) => Some(hour * 60 + minute),
        _ => None,
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).unwrap()
    }

    #[test]
    fn they_go_over_midnight_by_the_local_clock() {
        let night = Hours::parse("22:00-8:00").unwrap();
        for (at, holds) in [
            ("21:59:59", false),
            ("22:00:00", true),
            ("00:00:00", true),
            ("07:59:59", true),
            ("08:00:00", false),
        ] {
            assert_eq!(night.holds(local(&format!("2026-03-03T{at}+09:00"))), holds, "{at}");
        }
        let lunch = Hours::parse("12:00 - 13:30").unwrap();
        assert!(lunch.holds(local("2026-03-03T13:29:00-05:00")));
        assert!(!lunch.holds(local("2026-03-03T13:30:00-05:00")));
        assert_eq!(night.to_string(), "22:00-08:00");
    }

    #[test]
    fn they_end_at_the_next_such_minute() {
        let night = Hours::parse("22:00-08:00").unwrap();
        assert_eq!(night.end(local("2026-03-03T23:00:00+02:00")), local("2026-03-04T06:00:00Z"));
        assert_eq!(night.end(local("2026-03-04T07:59:59+02:00")), local("2026-03-04T06:00:00Z"));
        assert_eq!(night.end(local("2026-03-04T08:00:00+02:00")), local("2026-03-05T06:00:00Z"));
        assert_eq!(
            Hours::parse("12:00-24:00").unwrap().end(local("2026-03-04T13:00:00Z")),
            local("2026-03-05T00:00:00Z")
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "22-8",
            "22:00",
            "22:00-22:00",
            "25:00-08:00",
            "22:60-08:00",
            "22:00-08:00-09:00",
            "-1:00-08:00",
            "22:0-08:00",
        ] {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
    }
}
