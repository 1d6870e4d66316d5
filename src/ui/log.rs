//! Bumps and what else is told, newest first.
//!
//! ```text
//! │▸11:20  YOU  ▲ +1.68  HN    Show HN: … · active 3 h, gone by Sat 7 Mar                    ● │
//! │ 09:41  TOM  ! HALT   FEED  the server answered 503                                       ● │
//! ```

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::words;
use crate::alerts::{EventKind, Standing};
use crate::app::{App, Height, Target, View, Width};
use crate::bumps::{Entry, Episode, Happening, What};
use crate::model::{ChannelId, PersonId, Time};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let View::Log { line, rule } = *app.view() else { return };
    let layout = app.layout();
    let log = app.log();
    let unread = app.unread();
    if layout.height > Height::Rows {
        let left = if layout.width >= Width::Medium {
            vec!["cloutop".into(), Piece::Way, format!("{unread} unread").into()]
        } else {
            vec!["BUMPS".into(), format!("{unread} unread").into()]
        };
        let right = if layout.width >= Width::Medium { String::new() } else { "esc back".to_owned() };
        frame::header(app, theme, left, &right, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        frame::status(app, theme, &forming(app), take_bottom(&mut area, 1), buffer);
    }
    // Where there is no room for the rules beside the log they have all of it while they have the focus.
    let rules_rows = super::rules::rows(app);
    let beside = layout.boxed() && layout.height >= Height::Middle && area.height >= rules_rows + 14;
    if rule.is_some() && !beside {
        super::rules::draw(app, theme, rule, area, buffer);
        return;
    }
    let detail = layout.boxed() && layout.height >= Height::Middle;
    let below = detail.then(|| take_bottom(&mut area, 4));
    // The log comes first: rules are shown where they leave eight entries.
    if beside {
        super::rules::draw(app, theme, rule, take_bottom(&mut area, rules_rows), buffer);
    }
    let inner = if layout.boxed() {
        boxed(theme, area, "Log", &format!("{} in 30 days", log.len()), buffer)
    } else {
        area
    };
    if log.is_empty() {
        let words = if app.log_came() { "nothing has stood out yet" } else { "…" };
        Row::new().gap(1).text(words, theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    }
    let room = usize::from(inner.height);
    let first = if line >= room { line + 1 - room } else { 0 };
    for (y, (place, entry)) in (0..inner.height).zip(log.iter().enumerate().skip(first)) {
        buffer.spot(Rect { y: inner.y + y, height: 1, ..inner }, Target::Row(place));
        let row = row(app, theme, entry, place == line && rule.is_none(), inner.width);
        if place == line && rule.is_none() {
            row.draw_selected(theme, inner, y, buffer);
        } else {
            row.draw(inner, y, buffer);
        }
    }
    if let (Some(area), Some(entry)) = (below, log.get(line)) {
        let inner = boxed(theme, area, "Selected", "", buffer);
        let words = app.selected_rule().map_or_else(|| told(app, entry), about);
        for (y, words) in (0..inner.height).zip(words) {
            let words = text::cut(&words, usize::from(inner.width).saturating_sub(1));
            Row::new().gap(1).text(words, theme.style(Token::Plain)).draw(inner, y, buffer);
        }
    }
}

/// Whose bump is on its way; else what a bump is.
fn forming(app: &App) -> String {
    let forming: Vec<String> = app
        .people
        .iter()
        .filter(|person| words::forms(person))
        .map(|person| format!("{} {:.1}", person.symbol, person.forming.unwrap_or_default()))
        .collect();
    if forming.is_empty() {
        "a bump is a move of a point or more that stands out; ⏎ leads to the statement".to_owned()
    } else {
        format!("forming, raised at 0.5: {}", forming.join(", "))
    }
}

fn row(app: &App, theme: &Theme, entry: &Entry, here: bool, width: u16) -> Row {
    let plain = theme.style(Token::Plain);
    let wide = app.layout().width >= Width::Medium;
    let (sign, size, channel, cause, course) = match &entry.what {
        What::Bump(Episode { bump, channel, cause, .. }) => {
            let points = bump.points();
            (
                text::arrow(points),
                text::signed(points),
                *channel,
                cause.clone(),
                format!(" · {}", words::course(app, bump)),
            )
        }
        What::Happening(Happening { kind, channel, points, what, .. }) => {
            let size = points.map_or_else(|| label(*kind).to_owned(), text::signed);
            (words::told_by(*kind), size, *channel, what.clone(), String::new())
        }
    };
    let style = match &entry.what {
        What::Bump(Episode { bump, .. }) => theme.change(bump.points()),
        What::Happening(happening) => theme.change(happening.points.unwrap_or(0.0)),
    };
    let read = if entry.unread { "●" } else { "✓" };
    let at = words::clock(app, entry.at());
    let rule = if app.layout().width == Width::Wide { 12 } else { 0 };
    let used = 1 + 7 + 6 + 9 + if wide { 6 } else { 0 } + rule + 2;
    let room = usize::from(width).saturating_sub(used);
    let mut row = Row::new()
        .text(if here { "▸" } else { " " }, plain)
        .left(&at, 7, theme.style(Token::Muted))
        .left(symbol(app, entry.person()), 6, theme.style(Token::Title))
        .left(&format!("{sign} {size}"), 9, style);
    if wide {
        row = row.left(&code(app, entry.person(), channel), 6, plain);
    }
    // What became of it says more than the end of a long cause.
    let left = room.saturating_sub(text::width(&course));
    let cause = if left >= 20 { format!("{}{course}", text::cut(&cause, left)) } else { cause };
    row = row.left(&cause, room, plain);
    if rule > 0 {
        row = row.gap(1).left(&entry.rules.join(", "), rule - 1, theme.style(Token::Muted));
    }
    row.gap(1).text(read, plain)
}

/// The selected rule in full.
fn about(standing: &Standing) -> Vec<String> {
    let rule = &standing.rule;
    let off = if rule.off { ", off" } else { "" };
    vec![
        format!("rule {}{off}: {}, {}", rule.name, rule.who, rule.trigger),
        format!("tells {}; then quiet for {}", rule.how.join(", "), text::span(rule.quiet)),
    ]
}

/// The selected entry in full.
fn told(app: &App, entry: &Entry) -> Vec<String> {
    let who = symbol(app, entry.person());
    let when = words::when(app, entry.at());
    match &entry.what {
        What::Bump(Episode { bump, channel, cause, fades, .. }) => {
            let code = code(app, entry.person(), *channel);
            let points = text::signed(bump.points());
            let mut course = words::course(app, bump);
            if let Some(at) = fades.filter(|_| bump.resolved.is_none()) {
                let unless = if app.layout().width == Width::Wide { " if nothing else comes" } else { "" };
                course = format!("{course}, gone by {}{unless}", day(app, at));
            }
            vec![format!("{when}  {who}  {points}  {code}  {course}"), format!("began with {cause}")]
        }
        What::Happening(Happening { kind, channel, points, what, .. }) => {
            let size = points.map(|points| format!("  {}", text::signed(points))).unwrap_or_default();
            vec![
                format!("{when}  {who}{size}  {}  {}", kind.word(), code(app, entry.person(), *channel)),
                what.clone(),
            ]
        }
    }
}

fn day(app: &App, at: Time) -> String {
    app.local(at).format("%a %-d %b").to_string()
}

fn symbol(app: &App, person: PersonId) -> &str {
    app.person(person).map_or("", |person| &person.symbol)
}

fn code(app: &App, person: PersonId, channel: ChannelId) -> String {
    let person = app.person(person);
    let channel = person.and_then(|person| person.channels.iter().find(|known| known.id == channel));
    channel.map_or_else(|| "all".to_owned(), words::code)
}

fn label(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Bump => "BUMP",
        EventKind::Volume => "VOLUME",
        EventKind::Halt => "HALT",
        EventKind::Limit => "LIMIT",
        EventKind::Gap => "gap",
        EventKind::Milestone => "REACHED",
        EventKind::Goal => "GOAL",
        EventKind::Model => "MODEL",
        EventKind::Crossing => "RULE",
    }
}
