//! Why a score or a channel's points moved: opening, one line per cause, close, and they add up as shown.
//!
//! ```text
//! ┌─ Statement of YOU, 7d: every point has a line ───────────────────────────────────────────┐
//! │   24 Feb 14:28  open                                                              53.41  │
//! │ ▸ HN    post      103 points and 39 comments on "Show HN: a ticker for th…"       +1.74  │
//! │   BSKY  decay     ageing                                                          -1.34  │
//! │   3 Mar 14:32   close                                                             55.67  │
//! └───────────────────────────────────────────────────────────── +2.26 ✓ adds up ────────────┘
//! ```

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::words;
use crate::app::{App, Height, Target, View, Width};
use crate::model::PersonSnapshot;
use crate::score::{Explained, ExplainedLine};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(person) = app.focus() else { return };
    let selected = match app.view() {
        View::Statement { line, .. } => *line,
        _ => 0,
    };
    let layout = app.layout();
    let found = app.statement();
    if layout.height > Height::Rows {
        header(app, theme, person, found, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        let usual = status_words(app, person, found);
        frame::status(app, theme, &usual, take_bottom(&mut area, 1), buffer);
    }
    let inner = if layout.boxed() {
        let title =
            format!("Statement of {}, {}: every point has a line", whose(app, person), app.range.word());
        let note =
            found.map(|found| format!("{} ✓ adds up", text::signed(text::change(found.open, found.close))));
        boxed(theme, area, &title, &note.unwrap_or_default(), buffer)
    } else {
        area
    };
    let muted = theme.style(Token::Muted);
    let Some(found) = found else {
        let words = if app.statement_came() { "nothing has been read yet" } else { "…" };
        Row::new().gap(1).text(words, muted).draw(inner, 0, buffer);
        return;
    };
    lines(app, theme, found, selected, inner, buffer);
}

fn whose(app: &App, person: &PersonSnapshot) -> String {
    match app.focus_channel() {
        Some(channel) => format!("{} ▸ {}", person.symbol, words::code(channel)),
        None => person.symbol.clone(),
    }
}

fn header(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    found: Option<&Explained>,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let range = app.range.word();
    let whose = whose(app, person);
    let change = found.map(|found| text::change(found.open, found.close));
    let moved = change
        .map_or_else(|| "…".to_owned(), |change| format!("{} {}", text::arrow(change), text::signed(change)));
    let (left, right) = match app.layout().width {
        Width::Wide => {
            (vec!["cloutop".into(), Piece::Way, format!("range {range}").into()], format!("{moved} {range}"))
        }
        Width::Usual | Width::Medium => (vec!["cloutop".into(), Piece::Way, range.into()], moved),
        _ => (vec![format!("{whose} {moved} {range}").into()], "esc back".to_owned()),
    };
    frame::header(app, theme, left, &right, area, buffer);
}

fn status_words(app: &App, person: &PersonSnapshot, found: Option<&Explained>) -> String {
    let marks = person.marks.iter().rev().filter(|mark| found.is_some_and(|found| mark.at >= found.from));
    let marks: Vec<String> =
        marks.take(2).map(|mark| format!("◆ {} {}", words::when(app, mark.at), mark.text)).collect();
    if !marks.is_empty() {
        return marks.join("  ");
    }
    if found.is_some_and(|found| found.backfilled) {
        return "before the first reading: computed from what it found".to_owned();
    }
    words::forecast(person).unwrap_or_default()
}

/// Opening, causes and close; the selected cause stays in sight.
fn lines(
    app: &App,
    theme: &Theme,
    found: &Explained,
    selected: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let plain = theme.style(Token::Plain);
    let points: Vec<f64> = found.lines.iter().map(|line| line.points).collect();
    let shown = text::adding_up(&points, text::change(found.open, found.close), 2);
    let ends = area.height >= 3;
    if ends {
        end(app, theme, found.from, "open", found.open, take(&mut area, 1), buffer);
        end(app, theme, found.to, "close", found.close, take_bottom(&mut area, 1), buffer);
    }
    let room = usize::from(area.height);
    let rows = found.lines.len();
    // The last row says how much the lines out of sight are worth.
    let visible = if rows > room { room.saturating_sub(1).max(1) } else { room };
    let first = if selected >= visible { selected + 1 - visible } else { 0 };
    let width = usize::from(area.width);
    let causes = app.layout().width >= Width::Medium;
    let what = width.saturating_sub(2 + 6 + if causes { 10 } else { 0 } + 9);
    for (y, (place, (line, points))) in (0u16..).zip(found.lines.iter().zip(&shown).enumerate().skip(first)) {
        if usize::from(y) >= visible {
            break;
        }
        buffer.spot(Rect { y: area.y + y, height: 1, ..area }, Target::Row(place));
        let here = place == selected;
        let mut row = Row::new().text(if here { "▸" } else { " " }, plain).gap(1).left(
            &code(app, line),
            6,
            theme.style(Token::Title),
        );
        if causes {
            row = row.left(cause(line), 10, theme.style(Token::Muted));
        }
        row = row.left(&line.what, what, plain).right(&text::signed(*points), 8, theme.change(*points));
        if here {
            row.draw_selected(theme, area, y, buffer);
        } else {
            row.draw(area, y, buffer);
        }
    }
    if rows > visible && room > visible {
        let hidden = |place: &usize| *place < first || *place >= first + visible;
        let rest: f64 = (0..rows).filter(hidden).map(|place| shown[place]).sum();
        let words = format!("{} more lines, above or below", rows - visible);
        let muted = theme.style(Token::Muted);
        let y = u16::try_from(visible).unwrap_or(u16::MAX);
        Row::new()
            .gap(2)
            .left(&words, width.saturating_sub(2 + 9), muted)
            .right(&text::signed(rest), 8, muted)
            .draw(area, y, buffer);
    }
}

fn end(
    app: &App,
    theme: &Theme,
    at: crate::model::Time,
    name: &str,
    points: f64,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let title = theme.style(Token::Title);
    let wide = app.layout().width >= Width::Medium;
    let when = app.local(at).format(if wide { "%-d %b %H:%M" } else { "%-d %b" }).to_string();
    let date = if wide { 14 } else { 7 };
    let room = usize::from(area.width).saturating_sub(2 + date + 9);
    Row::new()
        .gap(2)
        .left(&when, date, theme.style(Token::Muted))
        .left(if room > name.len() { name } else { "" }, room, title)
        .right(&text::score(points), 8, title)
        .draw(area, 0, buffer);
}

/// The causes in the words of the documents, short enough for a column.
fn cause(line: &ExplainedLine) -> &'static str {
    match line.cause {
        crate::score::Cause::AssumedHistory => "assumed",
        other => other.word(),
    }
}

fn code(app: &App, line: &ExplainedLine) -> String {
    let channel = app
        .focus()
        .and_then(|person| person.channels.iter().find(|channel| Some(channel.id) == line.channel));
    match (channel, line.network) {
        (Some(channel), _) => words::code(channel),
        (None, Some(network)) => network.code().to_owned(),
        (None, None) => "all".to_owned(),
    }
}

/// The first lines of a statement, as many as there is room for, in a panel of their own: `(cause, points)`.
pub(super) fn head(app: &App, found: &Explained, most: usize) -> Vec<(String, f64)> {
    let points: Vec<f64> = found.lines.iter().map(|line| line.points).collect();
    let shown = text::adding_up(&points, text::change(found.open, found.close), 2);
    let lines = found.lines.iter().zip(shown).take(most);
    lines.map(|(line, points)| (format!("{:<5} {}", code(app, line), line.what), points)).collect()
}
