//! People as the screen and the rules see them, made by hand.

use cloutop::channels;
use cloutop::model::{
    Account, Change, ChannelId, ChannelSnapshot, PersonId, PersonSnapshot, Range, Reason, State, Time, time,
};

/// An instant all others are counted from: 3 March 2026, 14:00 UTC.
pub(crate) const NOON: i64 = 1_772_546_400_000;

pub(crate) fn at(minutes: i64) -> Time {
    time(NOON + 60_000 * minutes)
}

/// Somebody with a score, read this instant; nothing is known of them where there is none.
pub(crate) fn person(symbol: &str, score: Option<f64>) -> PersonSnapshot {
    let id = symbol.bytes().fold(0, |sum, byte| sum * 256 + i64::from(byte));
    let mut person = PersonSnapshot::new(PersonId(id), symbol.to_owned(), symbol.to_owned(), at(0));
    person.score = score;
    person
}

/// A channel with points, read so many minutes ago; never tried where there are none.
pub(crate) fn channel(
    network: &str,
    handle: &str,
    state: State,
    points: Option<f64>,
    minutes: i64,
) -> ChannelSnapshot {
    let read = points.map(|_| at(-minutes));
    ChannelSnapshot {
        id: ChannelId(1),
        slot: network.to_owned(),
        account: Account::new(channels::network(network).unwrap(), handle),
        state,
        reason: Reason::Ok,
        detail: None,
        since: None,
        last_read: read,
        last_try: read,
        next_at: None,
        points: points.unwrap_or(0.0),
        audience_points: 0.0,
        body_points: points.unwrap_or(0.0),
        buzz_points: 0.0,
        assumed_points: 0.0,
        figures: Vec::new(),
        posts: 0,
        requests: 1,
        allowance: None,
        spent: None,
    }
}

pub(crate) fn change(points: f64, volume: u64) -> Change {
    Change {
        from: at(-1_440),
        open: 0.0,
        points,
        low: 0.0,
        high: 0.0,
        volume,
        channels: Vec::new(),
        driver: None,
        backfilled: false,
    }
}

/// Ada, whom every field knows.
pub(crate) fn ada() -> PersonSnapshot {
    let mut ada = person("ADA", Some(67.5));
    ada.name = String::from("Ada Lindqvist");
    ada.group = Some("old friends".to_owned());
    ada.channels = vec![
        channel("github", "adalind", State::Live, Some(20.0), 3),
        channel("mastodon", "@ada@hachy.example", State::Halt, Some(40.0), 50),
        channel("mastodon", "@ada@other.example", State::Live, Some(7.5), 5),
        channel("hackernews", "adal", State::Stale, None, 0),
    ];
    for (range, points) in [(Range::Hour, 0.0), (Range::Day, -0.5), (Range::Week, 1.5), (Range::Month, 12.0)]
    {
        ada.set_change(range, change(points, if range == Range::Day { 263 } else { 9_999 }));
    }
    ada
}
