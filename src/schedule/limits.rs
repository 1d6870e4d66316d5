use crate::exchange::Headers;
use crate::model::{Time, time};
use chrono::{DateTime, TimeDelta, Utc};

/// What a reply's headers say about the server's patience, whatever dialect they speak.
///
/// | dialect | remaining | reset |
/// |---|---|---|
/// | Mastodon, `GoToSocial` | `X-RateLimit-Remaining` | `X-RateLimit-Reset`, ISO 8601 (older `GoToSocial`: unix seconds) |
/// | GitHub, X | `x-ratelimit-remaining`, `x-rate-limit-remaining` | unix seconds |
/// | Bluesky, GitLab, Lobsters, Twitch | `RateLimit-Remaining` | `RateLimit-Reset` unix seconds, `RateLimit-ResetTime` date |
/// | Reddit, Lemmy 1.0, `OpenAlex`, `GoatCounter` | `X-Ratelimit-Remaining`, may be a float | seconds from now |
/// | Sharkey | `X-RateLimit-Remaining` | `X-RateLimit-Clear`, float seconds; older builds milliseconds |
/// | Tumblr | `X-Ratelimit-Perhour-Remaining`, `-Perday-` | seconds from now |
/// | Discord, Pushover | `X-RateLimit-Remaining`, `X-Limit-App-Remaining` | `X-RateLimit-Reset-After`, `X-Limit-App-Reset` |
/// | IETF draft | `RateLimit: "default";r=50;t=30` | `t`, seconds from now |
/// | Graph | `X-App-Usage` percentages | - |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
    pub reset: Option<Time>,
    /// Retry-After.
    pub retry: Option<Time>,
    /// The server wants at least this long between polls.
    pub poll_interval: Option<TimeDelta>,
}

const LIMIT: [&str; 5] = [
    "x-ratelimit-limit",
    "ratelimit-limit",
    "x-rate-limit-limit",
    "x-ratelimit-perhour-limit",
    "x-limit-app-limit",
];
const REMAINING: [&str; 5] = [
    "x-ratelimit-remaining",
    "ratelimit-remaining",
    "x-rate-limit-remaining",
    "x-ratelimit-perhour-remaining",
    "x-limit-app-remaining",
];
const RESET: [&str; 8] = [
    "x-ratelimit-reset-after",
    "x-ratelimit-reset",
    "ratelimit-reset",
    "x-rate-limit-reset",
    "ratelimit-resettime",
    "x-ratelimit-clear",
    "x-ratelimit-perhour-reset",
    "x-limit-app-reset",
];

impl Limits {
    pub fn read(headers: &Headers, now: Time) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| headers.get(name));
        let mut limits = Self {
            limit: first(&LIMIT).and_then(number),
            remaining: first(&REMAINING).and_then(number),
            reset: first(&RESET).and_then(|text| instant(text, now)),
            retry: headers.get("retry-after").and_then(|text| instant(text, now)),
            poll_interval: headers
                .get("x-poll-interval")
                .and_then(number)
                .and_then(|seconds| TimeDelta::try_seconds(i64::try_from(seconds).ok()?)),
        };
        if let Some(draft) = headers.get("ratelimit") {
            limits.read_draft(draft, now);
        }
        if limits.remaining.is_none() {
            limits.remaining = headers.get("x-app-usage").and_then(app_usage_left);
        }
        // A day's allowance that is gone binds even when the hour's is not.
        if headers.get("x-ratelimit-perday-remaining").and_then(number) == Some(0) {
            limits.remaining = Some(0);
            limits.reset = headers.get("x-ratelimit-perday-reset").and_then(|text| instant(text, now));
        }
        limits
    }

    /// `"policy";r=50;t=30`: r is what is left, t the seconds until it is full again.
    fn read_draft(&mut self, text: &str, now: Time) {
        // The older draft has its parts apart by commas, the newer one policies.
        let first =
            if text.contains("remaining=") { text } else { text.split(',').next().unwrap_or_default() };
        for part in first.split([';', ',']) {
            match part.trim().split_once('=') {
                Some(("r" | "remaining", value)) => self.remaining = number(value),
                Some(("t" | "reset", value)) => self.reset = instant(value, now),
                Some(("limit", value)) => self.limit = number(value),
                _ => {}
            }
        }
    }
}

/// Reads an instant as servers write them: an HTTP date, ISO 8601, or a number. Above 10^12 it is unix
/// milliseconds, above 10^9 unix seconds, else seconds from now; decimals are allowed.
pub fn instant(text: &str, now: Time) -> Option<Time> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "clamped to what the calendar can hold")]
        let millis = if number > 1e12 { number.min(8e15) } else { (number * 1e3).ceil().min(8e15) } as i64;
        return Some(if number > 1e9 { time(millis) } else { now + TimeDelta::milliseconds(millis) });
    }
    DateTime::parse_from_rfc3339(text)
        .or_else(|_not_iso| DateTime::parse_from_rfc2822(text))
        .ok()
        .map(|at| at.with_timezone(&Utc))
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim().split([',', ';']).next()?.trim();
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    (number.is_finite() && (0.0..1e15).contains(&number)).then_some(number as u64)
}

/// `{"call_count":28,"total_time":25,"total_cputime":25}` are percents used.
fn app_usage_left(text: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Usage {
        #[serde(default)]
        call_count: u64,
        #[serde(default)]
        total_time: u64,
        #[serde(default)]
        total_cputime: u64,
    }
    let usage: Usage = serde_json::from_str(text).ok()?;
    Some(100u64.saturating_sub(usage.call_count.max(usage.total_time).max(usage.total_cputime)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        "2026-08-01T13:45:00Z".parse().unwrap()
    }

    fn read(headers: &[(&str, &str)]) -> Limits {
        Limits::read(&Headers::new(headers.iter().copied()), now())
    }

    #[test]
    fn every_dialect_of_remaining_and_reset() {
        let after = |seconds| Some(now() + TimeDelta::seconds(seconds));
        for (what, headers, remaining, reset) in [
            (
                "mastodon",
                vec![("X-RateLimit-Remaining", "299"), ("X-RateLimit-Reset", "2026-08-01T13:50:00.000000Z")],
                Some(299),
                after(300),
            ),
            (
                "github",
                vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1785592200")],
                Some(0),
                after(300),
            ),
            (
                "bluesky",
                vec![
                    ("RateLimit-Remaining", "2994"),
                    ("RateLimit-Reset", "1785592200"),
                    ("RateLimit-Policy", "3000;w=300"),
                ],
                Some(2994),
                after(300),
            ),
            (
                "gitlab",
                vec![("RateLimit-Remaining", "0"), ("RateLimit-ResetTime", "Sat, 01 Aug 2026 13:50:00 GMT")],
                Some(0),
                after(300),
            ),
            (
                "reddit",
                vec![("X-Ratelimit-Remaining", "593.0"), ("X-Ratelimit-Reset", "291")],
                Some(593),
                after(291),
            ),
            (
                "sharkey",
                vec![("X-RateLimit-Remaining", "7"), ("X-RateLimit-Clear", "1.5")],
                Some(7),
                Some(now() + TimeDelta::milliseconds(1_500)),
            ),
            ("sharkey, older", vec![("X-RateLimit-Reset", "1785592200000")], None, after(300)),
            (
                "tumblr, day used up",
                vec![
                    ("X-Ratelimit-Perhour-Remaining", "900"),
                    ("X-Ratelimit-Perhour-Reset", "60"),
                    ("X-Ratelimit-Perday-Remaining", "0"),
                    ("X-Ratelimit-Perday-Reset", "7200"),
                ],
                Some(0),
                after(7_200),
            ),
            (
                "discord",
                vec![("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset-After", "64.57")],
                Some(0),
                Some(now() + TimeDelta::milliseconds(64_570)),
            ),
            ("draft", vec![("RateLimit", "\"default\";r=50;t=30")], Some(50), after(30)),
            ("graph", vec![("X-App-Usage", r#"{"call_count":28,"total_time":95}"#)], Some(5), None),
            (
                "x",
                vec![("x-rate-limit-remaining", "3"), ("x-rate-limit-reset", "1785592200")],
                Some(3),
                after(300),
            ),
            (
                "pushover",
                vec![("X-Limit-App-Remaining", "1"), ("X-Limit-App-Reset", "1785592200")],
                Some(1),
                after(300),
            ),
            ("nothing", vec![("content-type", "text/html")], None, None),
            ("rubbish", vec![("x-ratelimit-remaining", "many"), ("x-ratelimit-reset", "-5")], None, None),
        ] {
            let limits = read(&headers);
            assert_eq!((limits.remaining, limits.reset), (remaining, reset), "{what}");
        }
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        let after = |millis| Some(now() + TimeDelta::milliseconds(millis));
        for (text, expected) in [
            ("60", after(60_000)),
            ("1.25", after(1_250)),
            ("Sat, 01 Aug 2026 13:46:00 GMT", after(60_000)),
            ("2026-08-01T13:46:00Z", after(60_000)),
            ("1785591960", after(60_000)),
            ("0", after(0)),
            ("soon", None),
            ("", None),
            ("NaN", None),
            ("1e308", Some(time(8_000_000_000_000_000))),
        ] {
            let retry = read(&[("Retry-After", text)]).retry;
            assert_eq!(retry, expected, "{text:?}");
        }
        assert_eq!(read(&[("X-Poll-Interval", "60")]).poll_interval, Some(TimeDelta::seconds(60)));
    }
}
