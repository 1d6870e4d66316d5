//! The board: everybody, and the selected person's chart.
//!
//! ```text
//!  cloutop │ BOARD │ group all (7) │ range 24h │ sort Δ% ▼ │ running       ▪ 23 live  ▫ 2 limited  14:32:07
//!  ◂ YOU ▲0.83 GH 31 stars ◆ ADA ▲0.52 BSKY 214 likes
//! ┌─ Board ─────────────────────────────────────────────────────────────────────────────────────────────┐
//! │ #  SYM   NAME             LAST    Δ 24h     Δ%     7d%   VOL  24H TREND         LO 24H HI  CHAN  AGE  │
//! │▸1 YOU   Sam Okafor      61.42*+ ▲ +0.83  +1.37%  +2.1%  1284  ▁▂▃▃▃▄▄▅▅▅▆▆▇▇▇█  ├──────●┤  ▪▪▪!▫  12s │
//! └─────────────────────────────────────────────────────────────────────────────────────────── 1 of 1 ──┘
//! ┌─ YOU Sam Okafor  61.42*  ▲ +0.83 (+1.37%) ──────────────────┐┌─ Movers 24h ─────────────────────────┐
//! │ candles, volume, time                                       │└──────────────────────────────────────┘
//! │                                                             │┌─ Ticks ──────────────────────────────┐
//! └─────────────────────────────────────────────────────────────┘└──────────────────────────────────────┘
//! ┌─ Why YOU moved, 24h ────────────────────────────────────────────────────────────────────────────────┐
//! │ open 60.59   GH +0.74   BSKY +0.10   YT held 0.00   = 61.42   ✓ adds up to +0.83                    │
//! └─────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod table;

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, part, take, take_bottom};
use super::theme::{Theme, Token};
use super::{chart, why, words};
use crate::app::{App, Height, Mode, Panel, Width};
use crate::model::PersonSnapshot;
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, take(&mut area, 1), buffer);
    }
    if app.tape && layout.height >= Height::Usual && layout.width >= Width::Medium {
        tape(app, theme, take(&mut area, 1), buffer);
    }
    if layout.height > Height::Rows {
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        frame::status(app, theme, &status_words(app), take_bottom(&mut area, 1), buffer);
    } else if layout.height == Height::Short {
        event_line(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if let Some(panel) = app.alone().filter(|panel| *panel != Panel::List) {
        alone(app, theme, panel, area, buffer);
        return;
    }
    if app.people.is_empty() {
        welcome(app, theme, area, buffer);
    } else if app.rows().is_empty() {
        let words = "nobody matches; / changes the filter, esc there takes it away";
        Row::new().gap(1).text(words, theme.style(Token::Muted)).draw(area, 0, buffer);
    } else if layout.boxed() {
        boxed_board(app, theme, area, buffer);
    } else {
        table::draw(app, theme, area, buffer);
    }
}

fn header(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let group = app.group.as_deref().unwrap_or("all");
    let filter = app.filter.as_ref().map(|(typed, _)| format!("/{}", text::cut(&text::clean(typed), 24)));
    let rows = app.rows().len();
    let range = app.range.word();
    let arrow = if app.reversed { "▲" } else { "▼" };
    let sort = app.order().word();
    let frozen = if app.frozen.is_some() { " frozen" } else { "" };
    let left = match app.layout().width {
        Width::Wide => vec![
            "cloutop".into(),
            Piece::Way,
            filter
                .map_or_else(
                    || format!("group {group} ({rows})"),
                    |typed| format!("{group} {typed} ({rows})"),
                )
                .into(),
            format!("range {range}").into(),
            format!("sort {sort} {arrow}{frozen}").into(),
            frame::mode(app).into(),
        ],
        Width::Usual | Width::Medium => {
            let mut left = vec![
                "cloutop".into(),
                Piece::Way,
                filter.map_or_else(|| format!("{group}({rows})"), |typed| format!("{typed} ({rows})")).into(),
                range.into(),
                format!("{sort}{arrow}{frozen}").into(),
            ];
            // That it runs is seen; that it does not is said.
            if app.mode != Mode::Live {
                left.push(frame::mode(app).into());
            }
            left
        }
        _ => {
            let filter = filter.unwrap_or_else(|| "cloutop".to_owned());
            vec![format!("{filter} {range} {sort}{arrow}{frozen}").into()]
        }
    };
    frame::header(app, theme, left, &frame::health(app), area, buffer);
}

/// The newest ticks, newest first: it moves when something happens, never by itself.
fn tape(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let mut row = Row::new().text(" ◂ ", theme.style(Token::Muted));
    let events = words::events(app);
    for (i, event) in events.iter().enumerate() {
        if row.width() >= usize::from(area.width) {
            break;
        }
        if i > 0 {
            row = row.text(" │ ", theme.style(Token::Muted));
        }
        let points = event.points.map(text::signed).unwrap_or_default();
        let size = points.trim_start_matches(['+', '-']);
        let code = if event.code.is_empty() { String::new() } else { format!("{} ", event.code) };
        row = row
            .text(format!("{} ", event.symbol), theme.style(Token::Title))
            .text(format!("{}{size} ", event.sign), theme.change(event.points.unwrap_or(0.0)))
            .text(format!("{code}{}", text::cut(&event.cause, 32)), theme.style(Token::Plain));
    }
    if events.is_empty() {
        row = row.text("nothing has happened yet", theme.style(Token::Muted));
    }
    row.draw(area, 0, buffer);
}

/// The newest tick, for short panes.
fn event_line(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    if app.notice.is_some() || app.progress.is_some() {
        frame::status(app, theme, "", area, buffer);
        return;
    }
    if let Some(event) = words::events(app).first() {
        event.row(app, theme, true).draw(area, 0, buffer);
    }
}

fn status_words(app: &App) -> String {
    let Some(person) = app.selected.and_then(|id| app.person(id)) else { return String::new() };
    let next =
        person.channels.iter().filter(|channel| !channel.state.held()).filter_map(|channel| channel.next_at);
    let next = next.min().map(|at| format!("next poll {} {}", person.symbol, words::until(app, at)));
    let parts: Vec<String> = next.into_iter().chain(words::trouble(app, person)).collect();
    parts.join(" · ")
}

fn welcome(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let mut lines: Vec<String> = app.pending.iter().map(|typed| format!("looking up {typed} …")).collect();
    if lines.is_empty() {
        lines = [
            "Nobody is on the board yet.",
            "",
            "a   add somebody: @user@server, name.bsky.social, github:name, hn:name, a blog",
            "?   all keys",
            "q   quit; then try  cloutop --demo  to see it with invented people",
        ]
        .map(str::to_owned)
        .to_vec();
    }
    let top = area.height / 3;
    for (y, line) in (top..area.height).zip(lines) {
        Row::new().gap(2).text(line, theme.style(Token::Plain)).draw(area, y, buffer);
    }
}

fn boxed_board(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let layout = app.layout();
    let rows = u16::try_from(app.rows().len()).unwrap_or(u16::MAX).max(1);
    let why = if layout.height == Height::Tall { 5 } else { 0 };
    let chart = if layout.board_chart() { if layout.height == Height::Tall { 12 } else { 8 } } else { 0 };
    let line = u16::from(layout.height == Height::Middle);
    let below = if layout.board_below() { 16.min(area.height / 3) } else { 0 };
    let room = area.height.saturating_sub(why + chart + line + below);
    let board = take(&mut area, rows.saturating_add(3).min(room).max(4));
    let shown = usize::from(board.height.saturating_sub(3)).min(app.rows().len());
    let all = app.people.len();
    let note = format!("{shown} of {all}");
    let inner = part(app, theme, Panel::List, board, ("Board", &note), buffer);
    table::draw(app, theme, inner, buffer);
    let Some(person) = app.selected.and_then(|id| app.person(id)) else { return };
    if line > 0 {
        let line = take(&mut area, 1);
        let inner = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
        why::row(app, theme, person, inner.width).draw(inner, 0, buffer);
        return;
    }
    if layout.height == Height::Tall {
        let rows = area.height.saturating_sub(why + below);
        let chart = take(&mut area, rows);
        chart_panels(app, theme, person, chart, buffer);
        if below > 0 {
            let mut below = take(&mut area, below);
            movers_panel(app, theme, take(&mut below, 6), buffer);
            ticks_panel(app, theme, below, buffer);
        }
        why::panel(app, theme, person, take(&mut area, why), buffer);
    } else {
        chart_panel(app, theme, person, area, buffer);
    }
}

/// One part of the board with all the room there is.
fn alone(app: &App, theme: &Theme, panel: Panel, area: Rect, buffer: &mut Canvas<'_>) {
    let person = app.selected.and_then(|id| app.person(id));
    match (panel, person) {
        (Panel::Chart, Some(person)) => chart_panel(app, theme, person, area, buffer),
        (Panel::Why, Some(person)) => why::panel(app, theme, person, area, buffer),
        (Panel::Movers, _) => movers_panel(app, theme, area, buffer),
        _ => ticks_panel(app, theme, area, buffer),
    }
}

/// Chart of the selected person, movers and ticks.
fn chart_panels(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    if !app.layout().board_side() {
        chart_panel(app, theme, person, area, buffer);
        return;
    }
    let side = area.width * 2 / 5;
    let left = Rect { width: area.width - side, ..area };
    let mut right = Rect { x: area.x + left.width, width: side, ..area };
    chart_panel(app, theme, person, left, buffer);
    let movers = take(&mut right, 6.min(area.height / 2));
    movers_panel(app, theme, movers, buffer);
    ticks_panel(app, theme, right, buffer);
}

fn chart_panel(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    let title = format!("{} {}  {}", person.symbol, person.name, words::headline(person, app.range));
    let mut inner = part(app, theme, Panel::Chart, area, (&title, ""), buffer);
    inner.x += inner.width.min(1);
    inner.width = inner.width.saturating_sub(1);
    let series = app.chart_query().and_then(|query| app.series(&query).cloned());
    let tall = app.layout().height == Height::Tall;
    if !tall {
        let line = take_bottom(&mut inner, 1);
        why::row(app, theme, person, line.width).draw(line, 0, buffer);
    }
    let Some(series) = series else {
        let waiting = if person.score.is_some() { "loading" } else { "nothing has been read yet" };
        Row::new().text(waiting, theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    };
    if tall && let Some(change) = person.change(app.range) {
        // What was computed of the time before the first reading is in the chart, too.
        let drawn = || series.slots.iter().filter_map(crate::model::Slot::candle);
        let high = drawn().map(|candle| candle.high).fold(change.high, f64::max);
        let low = drawn().map(|candle| candle.low).fold(change.low, f64::min);
        let mut line = format!(
            "O {:.2}  H {:.2}  L {:.2}  C {:.2}   VOL {}   {}",
            change.open,
            high,
            low,
            person.score.unwrap_or(0.0),
            words::grouped(app, change.volume),
            chart::step_words(app, series.step),
        );
        let computed = "   · computed";
        if change.backfilled && text::width(&line) + text::width(computed) <= usize::from(inner.width) {
            line.push_str(computed);
        }
        Row::new().text(line, theme.style(Token::Muted)).draw(take(&mut inner, 1), 0, buffer);
    }
    chart::draw(app, theme, &series, Some(person), inner, buffer);
}

fn movers_panel(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let title = format!("Movers {}", app.range.word());
    let inner = part(app, theme, Panel::Movers, area, (&title, ""), buffer);
    // Only who can be read: a halted fall is not a loss.
    let mut movers: Vec<(&PersonSnapshot, f64)> = app
        .rows()
        .into_iter()
        .filter(|person| person.live() > 0)
        .filter_map(|person| Some((person, words::percent(person, app.range)?)))
        .collect();
    movers.sort_by(|a, b| b.1.total_cmp(&a.1));
    let muted = theme.style(Token::Muted);
    let half = usize::from(inner.width) / 2;
    Row::new().gap(1).left("GAINERS", half, muted).text("LOSERS", muted).draw(inner, 0, buffer);
    let gainers: Vec<_> = movers.iter().filter(|(_, percent)| *percent > 0.0).collect();
    let losers: Vec<_> = movers.iter().rev().filter(|(_, percent)| *percent < 0.0).collect();
    for row in 0..usize::from(inner.height.saturating_sub(1)) {
        let mut line = Row::new().gap(1);
        for side in [&gainers, &losers] {
            line = match side.get(row) {
                Some((person, percent)) => {
                    let score = person.score.map_or_else(String::new, text::score);
                    let arrow = if *percent > 0.0 { "▲" } else { "▼" };
                    // Where there is no room for both, the change says more than the score.
                    let score = if half >= 22 { format!("{score:>5} ") } else { String::new() };
                    let words = format!("{:<5}{score}{arrow} {percent:+.2}%", person.symbol);
                    line.left(&words, half, theme.change(*percent))
                }
                None => line.gap(half),
            };
        }
        line.draw(inner, u16::try_from(row + 1).unwrap_or(u16::MAX), buffer);
    }
}

fn ticks_panel(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let unread = app.unread();
    let note = if unread > 0 { format!("{unread} new") } else { String::new() };
    let inner = part(app, theme, Panel::Ticks, area, ("Bumps and ticks", &note), buffer);
    for (y, event) in (0..inner.height).zip(words::events(app)) {
        let used = 7 + 5 + 8 + 5;
        Row::new()
            .gap(1)
            .left(&words::clock(app, event.at), 7, theme.style(Token::Muted))
            .left(&event.symbol, 5, theme.style(Token::Title))
            .left(
                &format!("{} {}", event.sign, event.points.map(text::signed).unwrap_or_default()),
                8,
                theme.change(event.points.unwrap_or(0.0)),
            )
            .left(&event.code, 5, theme.style(Token::Plain))
            .left(&event.cause, usize::from(inner.width).saturating_sub(used + 2), theme.style(Token::Plain))
            .draw(inner, y, buffer);
    }
}
