//! Numbers and states as they are written on the screen, so that the digits shown add up.

use super::panel::Row;
use super::theme::{Theme, Token};
use crate::alerts::EventKind;
use crate::app::{App, Compared, EventMark, View, Width};
use crate::bumps::{Bump, Entry, Verdict, What};
use crate::model::{
    Account, Change, ChannelSnapshot, Figure, PersonSnapshot, Range, Slot, State, Tick, Time,
};
use crate::text;
use ratatui::style::Style;

/// Lines of a comparison are told apart by these, not by their colour.
pub(super) const MARKERS: [&str; 4] = ["●", "▲", "■", "○"];

/// Digits in groups of three, apart as the user wishes.
pub(super) fn grouped(app: &App, n: u64) -> String {
    text::grouped_by(n, app.thousands)
}

/// How long it is until an instant, or when it is where nothing shall move by itself.
pub(super) fn until(app: &App, at: Time) -> String {
    if at <= app.now {
        "now".to_owned()
    } else if app.still {
        clock(app, at)
    } else {
        format!("in {}", text::span_long(at - app.now))
    }
}

/// The bucket under the cross-hair in words.
pub(super) fn cross(app: &App) -> Option<String> {
    let cross = app.cross?;
    let series = app.cross_series()?;
    let place = series.slots.len().checked_sub(1 + cross)?;
    let (from, to) = (series.at(place), series.at(place + 1));
    let when = span(app, from, to, series.step);
    if let View::Compare { people, .. } = app.view() {
        let values = people.iter().zip(MARKERS).filter_map(|(id, marker)| {
            let person = app.person(*id)?;
            let closes = app.series(&app.compare_query(*id))?.closes();
            let close = closes.len().checked_sub(1 + cross).and_then(|place| closes[place]);
            let open = person.change(app.range).map(|change| change.open);
            let close = match (close, open, app.compared) {
                (None, ..) => "unknown".to_owned(),
                (Some(close), Some(open), Compared::Gained) => text::signed(text::change(open, close)),
                (Some(close), ..) => text::score(close),
            };
            Some(format!("{marker} {} {close}", person.symbol))
        });
        return Some(format!("{when}:  {}", values.collect::<Vec<_>>().join("  ")));
    }
    let words = match &series.slots[place] {
        Slot::Candle(candle) => {
            let change = text::change(candle.open, candle.close);
            let how = match (candle.backfilled, candle.readings) {
                (true, _) => "computed, not seen".to_owned(),
                (false, 1) => "1 reading".to_owned(),
                (false, readings) => format!("{readings} readings"),
            };
            let [open, high, low, close] =
                [candle.open, candle.high, candle.low, candle.close].map(text::score);
            let (change, events) = (text::signed(change), grouped(app, candle.volume));
            if app.layout().width == Width::Wide {
                format!(
                    "open {open}, high {high}, low {low}, close {close} ({change}), {events} events, {how}"
                )
            } else {
                format!("{open} to {close} ({change}), {low}–{high}, {events} events")
            }
        }
        Slot::Quiet => match series.closes()[place] {
            Some(close) => format!("nothing was due, {} as before", text::score(close)),
            None => "nothing was due".to_owned(),
        },
        Slot::Gap => "gap: nothing could be known".to_owned(),
        Slot::Before => "before anything is known".to_owned(),
    };
    let events = app.focus().map(|person| app.events_of(person.id)).unwrap_or_default();
    let event = events.iter().rev().find(|event| (from..to).contains(&event.at));
    let event = event.map(|event| {
        let points = event.points.map(|points| format!(" {}", text::signed(points))).unwrap_or_default();
        let what = match event.kind {
            EventMark::Bump => "bump",
            EventMark::Mark => "mark",
            EventMark::Model => "model",
        };
        format!("{what}{points}: {} · ", event.words)
    });
    // What happened there is what one looks for.
    Some(format!("{when}:  {}{words}", event.unwrap_or_default()))
}

/// A bucket's time in words: `Tue 3 Mar 11:00–11:30`, `3 Mar`, `1 Feb–15 Feb`.
fn span(app: &App, from: Time, to: Time, step: chrono::TimeDelta) -> String {
    let (start, end) = (app.local(from), app.local(to));
    match step.cmp(&chrono::TimeDelta::days(1)) {
        std::cmp::Ordering::Less => {
            format!("{}–{}", start.format("%a %-d %b %H:%M"), end.format("%H:%M"))
        }
        std::cmp::Ordering::Equal => start.format("%a %-d %b").to_string(),
        std::cmp::Ordering::Greater => {
            let last = app.local(to - chrono::TimeDelta::seconds(1));
            format!("{}–{}", start.format("%-d %b"), last.format("%-d %b"))
        }
    }
}

/// As many of an action's keys as have room.
pub(super) fn keys(keys: &str, room: usize) -> String {
    let mut shown = String::new();
    for key in keys.split(' ') {
        if text::width(&shown) + 1 + text::width(key) > room && !shown.is_empty() {
            break;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(key);
    }
    shown
}

/// The change as shown: the difference of the two scores as shown.
pub(super) fn shown(person: &PersonSnapshot, change: &Change) -> f64 {
    text::change(change.open, person.score.unwrap_or(0.0))
}

/// Change in percent of the opening, from the digits that are shown.
pub(super) fn percent(person: &PersonSnapshot, range: Range) -> Option<f64> {
    let change = person.change(range)?;
    let open = text::cents(change.open);
    (open > 0.0).then(|| 100.0 * shown(person, change) / open)
}

/// `+1.37%`, or a dash.
pub(super) fn percent_text(person: &PersonSnapshot, range: Range, decimals: usize) -> String {
    percent_words(percent(person, range), decimals)
}

/// `+19.0%`, or a dash.
pub(super) fn percent_words(percent: Option<f64>, decimals: usize) -> String {
    match percent {
        Some(percent) => {
            // Beyond a hundred the decimals say nothing and take room.
            let decimals = if percent.abs() >= 100.0 { 0 } else { decimals };
            let text = format!("{percent:+.decimals$}%");
            if text.trim_start_matches(['+', '-']).trim_end_matches('%').parse() == Ok(0.0) {
                text.replace('-', "+")
            } else {
                text
            }
        }
        None => "—".to_owned(),
    }
}

/// The channels' points as shown: they add up to the score as shown.
pub(super) fn points(person: &PersonSnapshot) -> Vec<f64> {
    let parts: Vec<f64> = person.channels.iter().map(|channel| channel.points).collect();
    text::adding_up(&parts, person.score.unwrap_or(0.0), 2)
}

/// What each channel did to the score over a range, as shown: the lines add up to the change as shown.
/// Channels that have left the person stand last.
pub(super) fn causes<'p>(
    person: &'p PersonSnapshot,
    change: &Change,
) -> Vec<(Option<&'p ChannelSnapshot>, f64)> {
    let parts: Vec<f64> = change.channels.iter().map(|channel| channel.points).collect();
    let shown = text::adding_up(&parts, shown(person, change), 2);
    let mut causes: Vec<_> = change
        .channels
        .iter()
        .zip(shown)
        .map(|(part, points)| (person.channels.iter().find(|channel| channel.id == part.channel), points))
        .collect();
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    causes
}

/// Code of a channel on the screen: `GH`, `BSKY`, `GH2` for the second account on a network.
pub(super) fn code(channel: &ChannelSnapshot) -> String {
    let number = channel.slot.rsplit_once('-').map(|(_, number)| number).filter(|n| n.parse::<u32>().is_ok());
    format!("{}{}", channel.network().code(), number.unwrap_or_default())
}

/// One sign for how a channel is doing.
pub(super) fn sign(state: State) -> &'static str {
    match state {
        State::Live => "▪",
        State::Stale => "≈",
        State::Limit => "▫",
        State::Halt => "!",
        State::Auth => "?",
        State::Gone => "∅",
        State::Off => "‖",
    }
}

/// A channel's state in words: `LIVE 12s`, `HALT 5h`, `LIMIT 14:40`.
pub(super) fn state(app: &App, channel: &ChannelSnapshot) -> String {
    match channel.state {
        State::Live | State::Stale if channel.last_read.is_none() => "NEW".to_owned(),
        State::Live | State::Stale => {
            let age = channel.last_read.map(|at| text::age(at, app.now)).unwrap_or_default();
            format!("{} {age}", channel.state.word().to_uppercase())
        }
        State::Limit => {
            let until = channel.next_at.map(|at| clock(app, at)).unwrap_or_default();
            format!("LIMIT {until}")
        }
        _ => {
            let since = channel.since.map(|at| format!(" {}", text::age(at, app.now))).unwrap_or_default();
            format!("{}{since}", channel.state.word().to_uppercase())
        }
    }
}

pub(super) fn state_style(theme: &Theme, state: State) -> Style {
    match state {
        State::Live => theme.style(Token::Plain),
        State::Stale | State::Off => theme.style(Token::Muted),
        State::Limit | State::Halt | State::Auth | State::Gone => theme.style(Token::Warn),
    }
}

/// Time of day today, else the day.
pub(super) fn clock(app: &App, at: Time) -> String {
    let (then, now) = (app.local(at), app.local(app.now));
    if then.date() == now.date() {
        then.format("%H:%M").to_string()
    } else {
        then.format("%-d %b").to_string()
    }
}

/// The beginning of a range: a time of day while that says enough.
pub(super) fn when(app: &App, at: Time) -> String {
    let format = if app.now - at <= chrono::TimeDelta::hours(48) { "%a %H:%M" } else { "%-d %b" };
    app.local(at).format(format).to_string()
}

/// What a person cannot be read on, in one line: what happened, since when, what happens next.
pub(super) fn trouble(app: &App, person: &PersonSnapshot) -> Option<String> {
    // What is off by the user's own will comes last.
    let held =
        |off| move |channel: &&ChannelSnapshot| channel.state.held() && (channel.state == State::Off) == off;
    let mut channels = person.channels.iter();
    let channel = channels.clone().find(held(false)).or_else(|| channels.find(held(true)))?;
    let detail = channel.detail.clone().unwrap_or_else(|| channel.reason.word().replace('_', " "));
    let next = channel.next_at.map(|at| format!(" · next try {}", clock(app, at))).unwrap_or_default();
    let held = if channel.held() {
        format!(" · its {} points are held", text::score(channel.points))
    } else {
        String::new()
    };
    Some(format!("{}: {detail}{next}{held}", code(channel)))
}

/// Followers, where the network's audience counts them.
pub(super) fn audience(app: &App, channel: &ChannelSnapshot) -> String {
    channel.figure(Figure::Followers).map_or_else(|| "—".to_owned(), |count| grouped(app, count))
}

/// One line of the log: a tick that moved a score by as much as is shown, or a mark.
pub(super) struct Event {
    pub(super) at: Time,
    pub(super) symbol: String,
    /// `▲ +0.74`, or `◆` for a mark.
    pub(super) sign: &'static str,
    pub(super) points: Option<f64>,
    pub(super) code: String,
    pub(super) cause: String,
}

/// What happened, newest first.
pub(super) fn events(app: &App) -> Vec<Event> {
    let ticks = app.ticks.iter().filter(|tick| text::arrow(tick.points) != "=").map(|tick| event(app, tick));
    let oldest = app.now - chrono::TimeDelta::hours(24);
    let marks = app.people.iter().flat_map(|person| {
        let recent = person.marks.iter().filter(move |mark| mark.at >= oldest && mark.at <= app.now);
        recent.map(|mark| Event {
            at: mark.at,
            symbol: person.symbol.clone(),
            sign: "◆",
            points: None,
            code: String::new(),
            cause: mark.text.clone(),
        })
    });
    let log = app.log().iter().filter(|entry| entry.at() >= oldest).map(|entry| told(app, entry));
    let mut events: Vec<Event> = ticks.chain(marks).chain(log).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}

/// An entry of the log: a bump, a halt, whatever else is told.
fn told(app: &App, entry: &Entry) -> Event {
    let (sign, points, cause) = match &entry.what {
        What::Bump(episode) => {
            let size = episode.bump.points();
            let course = course(app, &episode.bump);
            (text::arrow(size), Some(size), format!("bump, {course}: {}", episode.cause))
        }
        What::Happening(happening) => (told_by(happening.kind), happening.points, happening.what.clone()),
    };
    let channel = match &entry.what {
        What::Bump(episode) => episode.channel,
        What::Happening(happening) => happening.channel,
    };
    let person = app.person(entry.person());
    let channel = person.and_then(|person| person.channels.iter().find(|known| known.id == channel));
    Event {
        at: entry.at(),
        symbol: person.map_or_else(String::new, |person| person.symbol.clone()),
        sign,
        points,
        code: channel.map(code).unwrap_or_default(),
        cause,
    }
}

impl Event {
    /// All of it in one row: `14:02 ADA ▲+0.31 GH 9 stars on ada/tuikit`.
    pub(super) fn row(&self, app: &App, theme: &Theme, named: bool) -> Row {
        let plain = theme.style(Token::Plain);
        let who = if named { format!("{} ", self.symbol) } else { String::new() };
        let points = self.points.map(text::signed).unwrap_or_default();
        let code = if self.code.is_empty() { String::new() } else { format!("{} ", self.code) };
        Row::new()
            .text(format!("{} {who}", clock(app, self.at)), plain)
            .text(format!("{}{points}", self.sign), theme.change(self.points.unwrap_or(0.0)))
            .text(format!(" {code}{}", self.cause), plain)
    }
}

/// A tick in a few words: `GH 31 stars on sokafor/tuikit`.
fn event(app: &App, tick: &Tick) -> Event {
    let person = app.person(tick.person);
    let symbol = person.map_or_else(String::new, |person| person.symbol.clone());
    let channel = person.and_then(|person| person.channels.iter().find(|channel| channel.id == tick.channel));
    Event {
        at: tick.at,
        symbol,
        sign: text::arrow(tick.points),
        points: Some(tick.points),
        code: channel.map(code).unwrap_or_default(),
        cause: tick.cause.clone(),
    }
}

/// An account as people know it, short.
pub(super) fn account(account: &Account) -> String {
    account.handle.clone()
}

/// `YOU 61.42*  ▲ +0.83 (+1.37%)`.
pub(super) fn headline(person: &PersonSnapshot, range: Range) -> String {
    let Some(score) = person.score else { return "not read yet".to_owned() };
    let held = if person.channels.iter().any(ChannelSnapshot::held) { "*" } else { "" };
    match person.change(range) {
        Some(change) => {
            let points = shown(person, change);
            format!(
                "{}{held}  {} {} ({})",
                text::score(score),
                text::arrow(points),
                text::signed(points),
                percent_text(person, range, 2)
            )
        }
        None => format!("{}{held}", text::score(score)),
    }
}

/// A score without news: `without news 55.10 in 1 d, 54.21 in 7 d`.
pub(super) fn forecast(person: &PersonSnapshot) -> Option<String> {
    let ahead: Vec<String> =
        person.forecast.iter().map(|(days, score)| format!("{} in {days} d", text::score(*score))).collect();
    (!ahead.is_empty()).then(|| format!("without news {}", ahead.join(", ")))
}

/// A bump is on its way from here on.
const FORMING: f64 = 0.3;

/// Whether a bump of somebody is on its way.
pub(super) fn forms(person: &PersonSnapshot) -> bool {
    person.forming.is_some_and(|score| score >= FORMING)
}

/// Days after which a bump is longer than usual.
const LONG: i64 = 10;

/// Where a bump stands, or what became of it.
pub(super) fn course(app: &App, bump: &Bump) -> String {
    match bump.resolved {
        Some((at, Verdict::Faded)) => format!("faded after {}", text::span(at - bump.onset)),
        Some((_, Verdict::Held)) => "held: the new level".to_owned(),
        None => {
            let age = app.now - bump.onset;
            if age.num_days() >= LONG {
                format!("day {}, longer than a usual bump", age.num_days() + 1)
            } else {
                format!("active for {}", text::span(age))
            }
        }
    }
}

/// One sign for what was told.
pub(super) fn told_by(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Bump => "▲",
        EventKind::Volume => "▮",
        EventKind::Halt => "!",
        EventKind::Limit => "▫",
        EventKind::Gap => "░",
        EventKind::Milestone => "◇",
        EventKind::Goal => "★",
        EventKind::Model => "~",
        EventKind::Crossing => "»",
    }
}
