//! The screen as sentences, for screen readers and for terminals that only print lines: letters, digits and plain
//! punctuation, no sign that has to be seen.
//!
//! Functions of what the screen holds; the same numbers, so that what is said adds up as what is drawn does.

mod answer;
mod command;
mod compare;
mod event;
mod people;
mod posts;
mod why;

pub use answer::{Loaded, answer};
pub use command::{Command, parse, questions};
pub use event::{changed, entry, is_state, ticks};
pub use people::summary;

use crate::app::App;
use crate::model::{ChannelId, ChannelSnapshot, PersonId, PersonSnapshot, Range, Time};
use crate::text;
use chrono::{Datelike, NaiveDateTime, TimeDelta};

/// One line of words, whatever strangers wrote into it: signs become words or plain punctuation, or nothing.
pub fn line(words: &str) -> String {
    let clean: Vec<String> = words.split_whitespace().map(text::clean).collect();
    let mut out = String::with_capacity(words.len());
    for c in clean.join(" ").chars() {
        match c {
            '▲' => out.push_str(" up "),
            '▼' => out.push_str(" down "),
            '…' => out.push_str("..."),
            '≥' => out.push_str(" at least "),
            '±' => out.push_str(" plus or minus "),
            '×' => out.push('x'),
            '·' => out.push_str(", "),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '–' | '—' | '−' => out.push('-'),
            // Arrows, boxes, blocks, numbers in circles, braille.
            '\u{2190}'..='\u{2bff}' => out.push(' '),
            // A mark without its letter is none.
            c if mark(c) && (out.is_empty() || out.ends_with(' ')) => {}
            c if c.is_ascii_graphic() || c.is_alphanumeric() || mark(c) => out.push(c),
            _ => out.push(' '),
        }
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    // What became a word of its own leaves no blank before the comma.
    words.join(" ").replace(" ,", ",").replace(" .", ".")
}

/// Part of the letter before it.
fn mark(c: char) -> bool {
    text::width(c.encode_utf8(&mut [0; 4])) == 0
}

/// A message that was written for the screen, as a sentence.
pub fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut letters = words.chars();
    let Some(first) = letters.next() else { return String::new() };
    let stop = if words.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), letters.as_str())
}

/// A symbol as it is spoken: capitals are spelled out.
fn spoken(symbol: &str) -> String {
    let mut letters = symbol.chars();
    letters.next().map(|first| format!("{first}{}", letters.as_str().to_lowercase())).unwrap_or_default()
}

fn who(app: &App, person: PersonId) -> String {
    app.person(person).map(|person| spoken(&person.symbol)).unwrap_or_default()
}

/// `GitHub`, or `GitHub 2` for the second account there.
fn place(channel: &ChannelSnapshot) -> String {
    let number = channel.slot.rsplit_once('-').map(|(_, number)| number).filter(|n| n.parse::<u32>().is_ok());
    let number = number.map(|number| format!(" {number}")).unwrap_or_default();
    format!("{}{number}", channel.network().name())
}

/// The channel something happened on, where it was a single one.
fn on(app: &App, person: PersonId, channel: ChannelId) -> Option<String> {
    let channels = app.person(person).map(|person| person.channels.as_slice()).unwrap_or_default();
    channels.iter().find(|known| known.id == channel).map(place)
}

/// `up 0.83`, `down 0.67` or `unchanged`, by the two decimals that are shown.
fn moved(points: f64) -> String {
    match text::arrow(points) {
        "▲" => format!("up {}", text::score(points)),
        "▼" => format!("down {}", text::score(-points)),
        _ => "unchanged".to_owned(),
    }
}

/// The change of a score over the screen's range, as shown.
fn change(app: &App, person: &PersonSnapshot) -> Option<f64> {
    let change = person.change(app.range)?;
    Some(text::change(change.open, person.score?))
}

/// The same in percent of the opening, from the digits that are shown.
fn percent(app: &App, person: &PersonSnapshot) -> Option<String> {
    let open = text::cents(person.change(app.range)?.open);
    let percent = (open > 0.0).then_some(100.0 * change(app, person)?.abs() / open)?;
    Some(if percent >= 100.0 { format!("{percent:.0} percent") } else { format!("{percent:.1} percent") })
}

/// Channels' points as shown: they add up to the score as shown.
fn points(person: &PersonSnapshot) -> Vec<f64> {
    let parts: Vec<f64> = person.channels.iter().map(|channel| channel.points).collect();
    text::adding_up(&parts, person.score.unwrap_or(0.0), 2)
}

fn range(range: Range) -> &'static str {
    match range {
        Range::Hour => "1 hour",
        Range::Day => "24 hours",
        Range::Week => "7 days",
        Range::Month => "30 days",
        Range::Quarter => "90 days",
        Range::Year => "1 year",
        Range::All => "all the time there is",
    }
}

fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// As many as a list has.
fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// `3 hours`.
fn span(length: TimeDelta) -> String {
    let of = |n: i64, one: &str, many: &str| count(n.max(0).unsigned_abs(), one, many);
    match length.num_seconds() {
        ..60 => of(length.num_seconds(), "second", "seconds"),
        60..3_600 => of(length.num_minutes(), "minute", "minutes"),
        3_600..172_800 => of(length.num_hours(), "hour", "hours"),
        _ => of(length.num_days(), "day", "days"),
    }
}

/// The day, with its year where that is another one.
fn date(then: NaiveDateTime, now: NaiveDateTime) -> String {
    then.format(if then.year() == now.year() { "%-d %B" } else { "%-d %B %Y" }).to_string()
}

fn day(app: &App, at: Time) -> String {
    date(app.local(at), app.local(app.now))
}

/// Time of day; another day is named before it.
fn clock(app: &App, at: Time) -> String {
    let (then, now) = (app.local(at), app.local(app.now));
    let time = then.format("%H:%M");
    if then.date() == now.date() { time.to_string() } else { format!("{} {time}", date(then, now)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_are_spoken_or_left_out() {
        for (shown, said) in [
            ("YOU 61.42 ▲0.83 • 3", "YOU 61.42 up 0.83 3"),
            ("3 likes on \"a ticker…\" · 12 boosts", "3 likes on \"a ticker...\", 12 boosts"),
            ("┌─ ⣿ box ─┐\u{1b}[31m red", "box red"),
            ("Zoë 林檎 नमस्ते", "Zoë 林檎 नमस्ते"),
            ("it’s 5 × 3 ± 1 – or so", "it's 5 x 3 plus or minus 1 - or so"),
        ] {
            assert_eq!(line(shown), said);
        }
        assert_eq!(sentence("the server answered 503"), "The server answered 503.");
        assert_eq!((spoken("YOU"), spoken("K2")), ("You".to_owned(), "K2".to_owned()));
        assert_eq!(
            (moved(0.834), moved(-0.67), moved(0.004)),
            ("up 0.83".to_owned(), "down 0.67".to_owned(), "unchanged".to_owned())
        );
        assert_eq!(
            (span(TimeDelta::seconds(61)), span(TimeDelta::hours(49))),
            ("1 minute".to_owned(), "2 days".to_owned())
        );
    }

    proptest! {
        #[test]
        fn no_line_holds_a_sign(words in "\\PC*|[\\x00-\\x{ff}]*|.*|[\u{2500}-\u{28ff}a-z ]*") {
            let said = line(&words);
            let plain = |c: char| !c.is_control() && !('\u{2500}'..='\u{28ff}').contains(&c);
            prop_assert!(said.chars().all(plain), "{said:?}");
            prop_assert_eq!(line(&said), said);
        }
    }
}
