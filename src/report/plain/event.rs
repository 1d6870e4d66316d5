//! What happens, a sentence each.

use super::{clock, count, moved, on, place, spoken, who};
use crate::alerts::EventKind;
use crate::app::App;
use crate::bumps::{Bump, Entry, Episode, Happening, Verdict, What};
use crate::model::{ChannelSnapshot, PersonSnapshot, State, Tick, Time};
use crate::text;

/// What polls did to scores by as much as is shown: `14:32 Ada up 0.31 to 74.41, GitHub: 9 stars on ada/tuikit.`
pub fn ticks(app: &App, ticks: &[Tick]) -> Vec<String> {
    let shown: Vec<&Tick> = ticks.iter().filter(|tick| text::arrow(tick.points) != "=").collect();
    let tell = |(i, tick): (usize, &&Tick)| {
        // The score is known after the last of them.
        let last = !shown[i + 1..].iter().any(|later| later.person == tick.person);
        let score = app.person(tick.person).and_then(|person| person.score).filter(|_| last);
        let score = score.map(|score| format!(" to {}", text::score(score))).unwrap_or_default();
        let on = on(app, tick.person, tick.channel).map(|on| format!(", {on}")).unwrap_or_default();
        let (at, who) = (clock(app, tick.at), who(app, tick.person));
        format!("{at} {who} {}{score}{on}: {}.", moved(tick.points), tick.cause)
    };
    shown.iter().enumerate().map(tell).collect()
}

/// What became of somebody's channels, and a first score.
pub fn changed(app: &App, before: &PersonSnapshot, after: &PersonSnapshot) -> Vec<String> {
    let mut told = Vec::new();
    let name = spoken(&after.symbol);
    if let (None, Some(score)) = (before.score, after.score) {
        told.push(format!(
            "{} {name} {}, read for the first time.",
            clock(app, after.at),
            text::score(score)
        ));
    }
    for channel in &after.channels {
        let Some(known) = before.channels.iter().find(|known| known.id == channel.id) else { continue };
        let (was, is) = (known.state, channel.state);
        let words = if is.held() && (is != was || channel.reason != known.reason) {
            let points = text::score(channel.points);
            let held = if channel.held() { format!(", its {points} points are held") } else { String::new() };
            format!("{}, {}{held}", word(channel.state), trouble(app, channel))
        } else if was.held() && !is.held() {
            "can be read again".to_owned()
        } else {
            continue;
        };
        let at = channel.last_try.unwrap_or(after.at);
        told.push(format!("{} {name}, {} {words}.", clock(app, at), place(channel)));
    }
    told
}

/// How a channel that cannot be read is doing, in one or two words.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Stale => "overdue",
        State::Limit => "limited",
        State::Halt => "halted",
        State::Auth => "needs a key",
        State::Gone => "gone",
        State::Off => "paused",
    }
}

/// `the server answered 503, next try 14:36`
pub(super) fn trouble(app: &App, channel: &ChannelSnapshot) -> String {
    let why = channel.detail.clone().unwrap_or_else(|| channel.reason.word().replace('_', " "));
    let next = channel.next_at.map(|at| format!(", next try {}", clock(app, at))).unwrap_or_default();
    format!("{why}{next}")
}

/// Whether an entry of the log tells what [`changed`] tells.
pub fn is_state(entry: &Entry) -> bool {
    matches!(&entry.what, What::Happening(told) if matches!(told.kind, EventKind::Halt | EventKind::Limit))
}

/// An entry of the log: `11:20 You, bump up 1.68, Hacker News: "Show HN", active for 3 hours.`
pub fn entry(app: &App, entry: &Entry) -> String {
    let (at, name) = (clock(app, entry.at()), who(app, entry.person()));
    let on = |channel| on(app, entry.person(), channel).map(|on| format!(", {on}")).unwrap_or_default();
    match &entry.what {
        What::Bump(Episode { bump, channel, cause, fades, .. }) => {
            let (size, on) = (moved(bump.points()), on(*channel));
            format!("{at} {name}, bump {size}{on}: {cause}; {}.", course(app, bump, *fades))
        }
        What::Happening(Happening { kind, channel, points, what, .. }) => {
            let size = points.map(|points| format!(", {}", moved(points))).unwrap_or_default();
            // These words say by themselves what they are about.
            let kind = if *kind == EventKind::Volume { String::new() } else { format!("{}: ", label(*kind)) };
            format!("{at} {name}{}{size}, {kind}{}.", on(*channel), ungrouped(what))
        }
    }
}

/// Where a bump stands, or what became of it.
fn course(app: &App, bump: &Bump, fades: Option<Time>) -> String {
    match bump.resolved {
        Some((at, Verdict::Faded)) => format!("faded after {}", super::span(at - bump.onset)),
        Some((_, Verdict::Held)) => "held, the new level".to_owned(),
        None => {
            let gone = fades.map(|at| format!(", gone by {} if nothing else comes", super::day(app, at)));
            let since = format!("active for {}", super::span(app.now - bump.onset));
            format!("{since}{}", gone.unwrap_or_default())
        }
    }
}

fn label(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Bump => "bump",
        EventKind::Volume => "volume",
        EventKind::Halt => "halted",
        EventKind::Limit => "limited",
        EventKind::Gap => "nothing known",
        EventKind::Milestone => "reached",
        EventKind::Goal => "goal",
        EventKind::Model => "the constants changed",
        EventKind::Crossing => "a rule is true",
    }
}

/// Figures in one piece: a blank in one makes two numbers of it when it is read out.
pub(super) fn ungrouped(words: &str) -> String {
    let letters: Vec<char> = words.chars().collect();
    let digit = |place: usize| letters.get(place).is_some_and(char::is_ascii_digit);
    let inside = |i: usize| {
        letters[i] == ' ' && i > 0 && digit(i - 1) && (1..4).all(|d| digit(i + d)) && !digit(i + 4)
    };
    letters.iter().enumerate().filter(|(i, _)| !inside(*i)).map(|(_, letter)| letter).collect()
}

/// `3 new bumps`, or nothing where there are none.
pub(super) fn unread(app: &App) -> Option<String> {
    let new = |entry: &&Entry| entry.unread && matches!(entry.what, What::Bump(_));
    let new = super::number(app.log().iter().filter(new).count());
    (new > 0).then(|| count(new, "new bump", "new bumps"))
}
