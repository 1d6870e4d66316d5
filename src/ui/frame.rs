//! The lines at the top and bottom of every screen: where one is, how things are, what the keys do.

use super::ascii;
use super::canvas::Canvas;
use super::panel::Row;
use super::theme::{Theme, Token};
use super::words;
use crate::app::{App, Height, Mode, Target, View, Width};
use crate::keys::{Action, BINDINGS};
use crate::text;
use ratatui::layout::Rect;

/// A piece of the first line.
pub(super) enum Piece {
    Text(String),
    /// The way that led here: `BOARD ▸ YOU ▸ BSKY sam.example.org`.
    Way,
}

impl<T: Into<String>> From<T> for Piece {
    fn from(words: T) -> Self {
        Self::Text(words.into())
    }
}

/// The screens that led here, each by its name; the last one in full.
fn way(app: &App) -> Vec<String> {
    let mut way = Vec::new();
    let mut before = None;
    for (place, view) in app.views.iter().enumerate() {
        let last = place + 1 == app.views.len();
        let (person, name) = match view {
            View::Board => (None, "BOARD".to_owned()),
            View::Person { person, .. } => (
                Some(*person),
                app.person(*person).map_or_else(String::new, |person| {
                    if last { format!("{} {}", person.symbol, person.name) } else { person.symbol.clone() }
                }),
            ),
            View::Channel { person, channel, .. } => {
                let found = app.person(*person).and_then(|person| {
                    let channel = person.channels.iter().find(|known| known.id == *channel)?;
                    Some((person, channel))
                });
                let name = found.map_or_else(String::new, |(owner, channel)| {
                    let code = words::code(channel);
                    let whose =
                        if before == Some(*person) { String::new() } else { format!("{} ", owner.symbol) };
                    let handle =
                        if last { format!(" {}", words::account(&channel.account)) } else { String::new() };
                    format!("{whose}{code}{handle}")
                });
                (Some(*person), name)
            }
            View::Post { person, .. } => (Some(*person), "POST".to_owned()),
            View::Formula { person, .. } => (Some(*person), "FORMULA".to_owned()),
            View::Statement { person, .. } => {
                let whose = app.person(*person).filter(|_| before != Some(*person));
                (
                    Some(*person),
                    whose.map_or_else(|| "WHY".to_owned(), |person| format!("{} WHY", person.symbol)),
                )
            }
            View::Compare { people, .. } => {
                let names = people.iter().zip(words::MARKERS);
                let names = names.filter_map(|(id, marker)| {
                    app.person(*id).map(|person| format!("{marker} {}", person.symbol))
                });
                (None, format!("COMPARE  {}", names.collect::<Vec<_>>().join("  ")))
            }
            View::Settings => (None, "SETTINGS".to_owned()),
            View::Log { .. } => {
                (None, if app.layout().width >= Width::Usual { "BUMPS & ALERTS" } else { "BUMPS" }.to_owned())
            }
        };
        before = person;
        way.push(name);
    }
    way
}

/// The first line: where one is on the left, how things are on the right.
pub(super) fn header(
    app: &App,
    theme: &Theme,
    left: Vec<Piece>,
    right: &str,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let layout = app.layout();
    let wide = layout.width == Width::Wide;
    let clock = app.local(app.now);
    let seconds = layout.width >= Width::Usual && !app.still;
    let clock = if seconds { clock.format("%H:%M:%S") } else { clock.format("%H:%M") };
    let mut told = Vec::new();
    if let Some(paused) = &app.paused {
        let words = if layout.width >= Width::Usual { "PAUSED" } else { "‖" };
        let waits = if wide { " waiting" } else { "" };
        told.push(format!("{words} {}{waits}", paused.changes));
    }
    match app.badge() {
        unread if unread > 0 && area.width >= 40 => told.push(format!("●{unread}")),
        _ => {}
    }
    told.push(right.to_owned());
    told.retain(|words| !words.is_empty());
    let mut right = told.join(if layout.width >= Width::Medium { "  " } else { " " }).trim_end().to_owned();
    if !right.is_empty() {
        right.push_str(if wide { "   " } else { "  " });
    }
    right.push_str(&clock.to_string());
    let edge = usize::from(layout.width >= Width::Medium);
    let separator = if wide { " │ " } else { "  " };
    let room = usize::from(area.width).saturating_sub(text::width(&right) + 2 * edge + 1);
    let mut words = String::new();
    for (place, piece) in left.into_iter().enumerate() {
        if place > 0 {
            words.push_str(separator);
        }
        match piece {
            Piece::Text(piece) => words.push_str(&piece),
            Piece::Way => put_way(app, edge, room, &mut words, area, buffer),
        }
    }
    let left = text::fit(&words, room);
    let words = format!("{}{left} {right}{}", " ".repeat(edge), " ".repeat(edge));
    Row::new().text(words, theme.style(Token::Title)).draw(area, 0, buffer);
}

/// Writes the way into the line, each part of it a button.
fn put_way(app: &App, edge: usize, room: usize, words: &mut String, area: Rect, buffer: &mut Canvas<'_>) {
    let way = way(app);
    // The board goes without saying where room is short.
    let skip = usize::from(app.layout().width < Width::Wide && way.len() > 1);
    if skip > 0 {
        // The program's name stands for it.
        let width = u16::try_from(text::width(words)).unwrap_or(0);
        buffer.spot(Rect { x: area.x, width, height: 1, ..area }, Target::Crumb(1));
    }
    for (place, name) in way.iter().enumerate().skip(skip) {
        if place > skip {
            words.push_str(" ▸ ");
        }
        let from = text::width(words);
        words.push_str(name);
        let (from, to) = (from.min(room), text::width(words).min(room));
        let x = area.x + u16::try_from(edge + from).unwrap_or(u16::MAX);
        let width = u16::try_from(to - from).unwrap_or(0);
        buffer.spot(Rect { x, width, height: 1, ..area }, Target::Crumb(place + 1));
    }
}

/// Channels by how they are doing: `▪ 23 live  ▫ 2 limited  ! 2 halted`.
pub(super) fn health(app: &App) -> String {
    let (live, limited, halted) = app.health();
    let wide = app.layout().width == Width::Wide;
    let mut parts = Vec::new();
    for (sign, count, word) in [("▪", live, "live"), ("▫", limited, "limited"), ("!", halted, "halted")] {
        if count > 0 || sign == "▪" {
            parts.push(if wide { format!("{sign} {count} {word}") } else { format!("{sign}{count}") });
        }
    }
    parts.join(if wide { "  " } else { " " })
}

/// What the program is doing, for the header.
pub(super) fn mode(app: &App) -> String {
    match app.mode {
        Mode::Live => "running".to_owned(),
        Mode::Demo => "demo".to_owned(),
        Mode::Offline => "offline".to_owned(),
        Mode::Viewer(Some(pid)) => format!("viewer of pid {pid}"),
        Mode::Viewer(None) => "viewer".to_owned(),
    }
}

/// The line above the hints: a question, a notice, the cross-hair's values, progress, or what the screen has to say.
pub(super) fn status(app: &App, theme: &Theme, usual: &str, area: Rect, buffer: &mut Canvas<'_>) {
    let edge = if app.layout().width >= Width::Medium { " " } else { "" };
    let (words, token) = said(app).unwrap_or_else(|| (usual.to_owned(), Token::Muted));
    let model = if app.layout().width == Width::Wide && !app.model.is_empty() {
        format!("model {} ", app.model)
    } else {
        String::new()
    };
    let gap = usize::from(!model.is_empty());
    let room = usize::from(area.width).saturating_sub(text::width(&model) + gap);
    Row::new()
        .left(&format!("{edge}{words}"), room, theme.style(token))
        .gap(gap)
        .text(model, theme.style(Token::Muted))
        .draw(area, 0, buffer);
}

/// What goes before everything a screen has to say by itself.
fn said(app: &App) -> Option<(String, Token)> {
    if let Some(question) = &app.question {
        return Some((question.words(), Token::Warn));
    }
    if let Some(person) = app.leaving.and_then(|person| app.person(person)) {
        let stays = if app.mode == Mode::Demo { "" } else { " what was stored stays;" };
        let words = format!("take {} off the board?{stays} y yes  n no", person.symbol);
        return Some((words, Token::Warn));
    }
    if let Some(notice) = &app.notice {
        return Some((text::clean(notice), Token::Warn));
    }
    if let Some(words) = words::cross(app) {
        return Some((words, Token::Accent));
    }
    let (what, done, of) = app.progress.clone().or_else(|| app.first_readings())?;
    let words =
        if of > 100 { format!("{what}: {} %", done * 100 / of) } else { format!("{what}: {done} of {of}") };
    Some((words, Token::Accent))
}

/// The last line: what the keys do, as many as fit. The way out and the help are never left out.
pub(super) fn hints(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    if let Some(typed) = &app.typing {
        typing(theme, typed, area, buffer);
        return;
    }
    // Panes without a line of their own for it.
    if app.layout().height < Height::Middle
        && let Some((words, token)) = said(app)
    {
        let words = text::fit(&words, usize::from(area.width));
        Row::new().text(words, theme.style(token)).draw(area, 0, buffer);
        return;
    }
    if app.question.is_some() || app.leaving.is_some() {
        Row::new().text(" y yes  n no  esc back", theme.style(Token::Muted)).draw(area, 0, buffer);
        return;
    }
    let scope = app.view().scope();
    // Where there is room for few of them, nobody needs to be told that arrows move.
    let narrow = app.layout().width < Width::Medium;
    let all: Vec<(Action, String)> = BINDINGS
        .iter()
        .filter(|binding| binding.scope.holds(scope) && !(narrow && binding.action == Action::Up))
        .filter_map(|binding| {
            let hint = app.keymap.hint(binding)?;
            Some((binding.action, ascii::key(app.glyphs, &hint)))
        })
        .collect();
    let (always, mut shown): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(action, _)| matches!(action, Action::Help | Action::Quit));
    let gap = if app.layout().width < Width::Usual { 1 } else { 2 };
    let edge = usize::from(app.layout().width >= Width::Medium);
    let wide = |shown: &[(Action, String)]| {
        let hints = || shown.iter().chain(&always);
        2 * edge + hints().map(|(_, hint)| text::width(hint) + gap).sum::<usize>() - gap
    };
    while !shown.is_empty() && wide(&shown) > usize::from(area.width) {
        shown.pop();
    }
    let mut row = Row::new().gap(edge);
    for (place, (action, hint)) in shown.iter().chain(&always).enumerate() {
        if place > 0 {
            row = row.gap(gap);
        }
        let x = area.x + u16::try_from(row.width()).unwrap_or(u16::MAX);
        let width = u16::try_from(text::width(hint)).unwrap_or(0);
        buffer.spot(Rect { x, width, height: 1, ..area }, Target::Action(*action));
        row = row.text(hint.clone(), theme.style(Token::Muted));
    }
    row.draw(area, 0, buffer);
}

/// The filter while it is typed: its end is seen.
fn typing(theme: &Theme, typed: &str, area: Rect, buffer: &mut Canvas<'_>) {
    let room = usize::from(area.width).saturating_sub(4);
    let shown = text::tail(&text::clean(typed), room);
    let keys = "⏎ keep  esc take away";
    let mut row = Row::new().text(format!(" /{shown}▏"), theme.style(Token::Accent));
    let left = usize::from(area.width).saturating_sub(row.width());
    if left > text::width(keys) + 2 {
        row = row.gap(2).text(keys, theme.style(Token::Muted));
    }
    row.draw(area, 0, buffer);
}
