//! What values of unknown servers mean.

use crate::channels::instant as written;
use crate::model::{Time, time};
use crate::text;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;

/// Longer ids are no ids.
const LONGEST_ID: usize = 500;

/// From here on a number is no seconds since 1970 any more, but milliseconds.
const MILLIS: i64 = 100_000_000_000;

/// A count: a number that is not negative, also as text. Anything else is not known.
pub(in crate::channels) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number that some servers write as `1203.0`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within what a double counts exactly, and not negative"
)]
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (0.0..=EXACT).contains(&number).then_some(number as u64)
}

/// An id: text or a number.
pub(super) fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(text) => text::clean_within(text, LONGEST_ID),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!id.is_empty()).then_some(id)
}

/// What is to be read.
pub(super) fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An instant: RFC 3339 or RFC 2822, the same without a zone (UTC then), a day, or seconds or milliseconds since
/// 1970.
pub(super) fn instant(value: &Value) -> Option<Time> {
    let since_1970 = |number: i64| {
        let millis = if number.abs() < MILLIS { number.checked_mul(1_000)? } else { number };
        Some(time(millis))
    };
    let at = match value {
        Value::Number(number) => {
            since_1970(number.as_i64().or_else(|| whole(number.as_f64()?)?.try_into().ok())?)
        }
        Value::String(text) => {
            let text = text.trim();
            let naive = |format| NaiveDateTime::parse_from_str(text, format).ok().map(|at| at.and_utc());
            written(text)
                .or_else(|| DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc()))
                .or_else(|| naive("%Y-%m-%dT%H:%M:%S%.f"))
                .or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))
                .or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc()))
                .or_else(|| since_1970(text.parse().ok()?))
        }
        _ => None,
    };
    // Nothing was published before there was a web, and the store's clock ends somewhere.
    at.filter(|at| (631_152_000..=4_102_444_800).contains(&at.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_as_servers_write_them() {
        for (value, expected) in [
            (json!(1203), Some(1203)),
            (json!(0), Some(0)),
            (json!("1203"), Some(1203)),
            (json!(" 7 "), Some(7)),
            (json!(1203.0), Some(1203)),
            (json!(-1), None),
            (json!(-0.5), None),
            (json!(1e300), None),
            (json!("many"), None),
            (json!(null), None),
            (json!(true), None),
            (json!([3]), None),
            (json!(u64::MAX), Some(u64::MAX)),
        ] {
            assert_eq!(number(&value), expected, "{value}");
        }
    }

    #[test]
    fn instants_as_servers_write_them() {
        let expected = "2026-03-01T09:00:00Z".parse().ok();
        for value in [
            json!("2026-03-01T09:00:00Z"),
            json!("2026-03-01T10:00:00+01:00"),
            json!("2026-03-01T10:00:00+0100"),
            json!("2026-03-01T09:00:00.000"),
            json!("2026-03-01 09:00:00"),
            json!("Sun, 01 Mar 2026 09:00:00 GMT"),
            json!(1_772_355_600),
            json!(1_772_355_600_000_i64),
            json!(1_772_355_600.0),
            json!("1772355600"),
        ] {
            assert_eq!(instant(&value), expected, "{value}");
        }
        assert_eq!(instant(&json!("2026-03-01")), "2026-03-01T00:00:00Z".parse().ok());
        for value in
            [json!(0), json!(-5), json!(i64::MAX), json!(1e300), json!("soon"), json!(null), json!({})]
        {
            assert_eq!(instant(&value), None, "{value}");
        }
    }
}
