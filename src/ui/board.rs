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

use super::panel::{self, Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::{chart, spark, words};
use crate::app::{App, Columns, Height, Sort, Width};
use crate::model::{Change, ChannelSnapshot, PersonSnapshot, Range};
use crate::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Buffer) {
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, take(&mut area, 1), buffer);
    }
    if layout.height >= Height::Usual && layout.width >= Width::Medium {
        tape(app, theme, take(&mut area, 1), buffer);
    }
    if layout.height > Height::Rows {
        panel::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        panel::status(app, theme, &status_words(app), take_bottom(&mut area, 1), buffer);
    } else if layout.height == Height::Short {
        event_line(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if app.people.is_empty() {
        welcome(app, theme, area, buffer);
    } else if layout.boxed() {
        boxed_board(app, theme, area, buffer);
    } else {
        table(app, theme, area, buffer);
    }
}

fn header(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let group = app.group.as_deref().unwrap_or("all");
    let rows = app.rows().len();
    let range = app.range.word();
    let arrow = if app.reversed { "▲" } else { "▼" };
    let sort = app.order().word();
    let left = match app.layout().width {
        Width::Wide => vec![
            "cloutop".to_owned(),
            "BOARD".to_owned(),
            format!("group {group} ({rows})"),
            format!("range {range}"),
            format!("sort {sort} {arrow}"),
            panel::mode(app),
        ],
        Width::Usual | Width::Medium => vec![
            "cloutop".to_owned(),
            "BOARD".to_owned(),
            format!("{group}({rows})"),
            range.to_owned(),
            format!("{sort}{arrow}"),
        ],
        _ => vec![format!("cloutop {range} {sort}{arrow}")],
    };
    panel::header(app, theme, &left, &panel::health(app), area, buffer);
}

/// The newest ticks, newest first: it moves when something happens, never by itself.
fn tape(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut row = Row::new().text(" ◂ ", theme.style(Token::Muted));
    for (i, tick) in app.ticks.iter().rev().filter(|tick| words::shows(tick)).enumerate() {
        if row.width() >= usize::from(area.width) {
            break;
        }
        let (symbol, code, cause) = words::tick(app, tick);
        if i > 0 {
            row = row.text(" ◆ ", theme.style(Token::Muted));
        }
        let size = text::signed(tick.points).trim_start_matches(['+', '-']).to_owned();
        row = row
            .text(format!("{symbol} "), theme.style(Token::Title))
            .text(format!("{}{size} ", text::arrow(tick.points)), theme.change(tick.points))
            .text(format!("{code} {}", text::cut(&cause, 32)), theme.style(Token::Plain));
    }
    if app.ticks.is_empty() {
        row = row.text("nothing has happened yet", theme.style(Token::Muted));
    }
    row.draw(area, 0, buffer);
}

/// The newest tick, for short panes.
fn event_line(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if app.notice.is_some() || app.progress.is_some() {
        panel::status(app, theme, "", area, buffer);
        return;
    }
    let Some(tick) = app.ticks.iter().rev().find(|tick| words::shows(tick)) else { return };
    let (symbol, code, cause) = words::tick(app, tick);
    let points = format!("{}{}", text::arrow(tick.points), text::signed(tick.points));
    Row::new()
        .text(format!("{} {symbol} ", words::clock(app, tick.at)), theme.style(Token::Plain))
        .text(points, theme.change(tick.points))
        .text(format!(" {code} {cause}"), theme.style(Token::Plain))
        .draw(area, 0, buffer);
}

fn status_words(app: &App) -> String {
    let Some(person) = app.selected.and_then(|id| app.person(id)) else { return String::new() };
    let next =
        person.channels.iter().filter(|channel| !channel.state.held()).filter_map(|channel| channel.next_at);
    let next = next.min().map(|at| format!("next poll {} {}", person.symbol, text::span_long(at - app.now)));
    let parts: Vec<String> = next.into_iter().chain(words::trouble(app, person)).collect();
    parts.join(" · ")
}

fn welcome(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
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

fn boxed_board(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Buffer) {
    let layout = app.layout();
    let rows = u16::try_from(app.rows().len()).unwrap_or(u16::MAX).max(1);
    let why = if layout.height == Height::Tall { 5 } else { 0 };
    let chart = if layout.board_chart() { if layout.height == Height::Tall { 12 } else { 8 } } else { 0 };
    let line = u16::from(layout.height == Height::Middle);
    let room = area.height.saturating_sub(why + chart + line);
    let board = take(&mut area, rows.saturating_add(3).min(room).max(4));
    let shown = usize::from(board.height.saturating_sub(3)).min(app.rows().len());
    let note = format!("{shown} of {}", app.rows().len());
    let inner = boxed(theme, board, "Board", &note, buffer);
    table(app, theme, inner, buffer);
    let Some(person) = app.selected.and_then(|id| app.person(id)) else { return };
    if line > 0 {
        let line = take(&mut area, 1);
        let inner = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
        why_row(app, theme, person, inner.width).draw(inner, 0, buffer);
        return;
    }
    if layout.height == Height::Tall {
        let rows = area.height.saturating_sub(why).min(16);
        let chart = take(&mut area, rows);
        chart_panels(app, theme, person, chart, buffer);
        why_panel(app, theme, person, take(&mut area, why), buffer);
    } else {
        chart_panel(app, theme, person, area, buffer);
    }
}

/// Chart of the selected person, movers and ticks.
fn chart_panels(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Buffer) {
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

fn chart_panel(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Buffer) {
    let title = format!("{} {}  {}", person.symbol, person.name, words::headline(person, app.range));
    let mut inner = boxed(theme, area, &title, "", buffer);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(1);
    let series = app.chart_query().and_then(|query| app.series(&query).cloned());
    let tall = app.layout().height == Height::Tall;
    if !tall {
        let line = take_bottom(&mut inner, 1);
        why_row(app, theme, person, line.width).draw(line, 0, buffer);
    }
    let Some(series) = series else {
        let waiting = if person.score.is_some() { "loading" } else { "nothing has been read yet" };
        Row::new().text(waiting, theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    };
    if tall && let Some(change) = person.change(app.range) {
        let computed = if change.backfilled { "   · computed" } else { "" };
        let line = format!(
            "O {:.2}  H {:.2}  L {:.2}  C {:.2}   VOL {}   {}{computed}",
            change.open,
            change.high,
            change.low,
            person.score.unwrap_or(0.0),
            text::grouped(change.volume),
            chart::step_words(series.step),
        );
        Row::new().text(line, theme.style(Token::Muted)).draw(take(&mut inner, 1), 0, buffer);
    }
    chart::candles(app, theme, &series, inner, buffer);
}

fn movers_panel(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inner = boxed(theme, area, &format!("Movers {}", app.range.word()), "", buffer);
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
                    let words = format!("{:<5}{score:>5} {arrow} {percent:+.2}%", person.symbol);
                    line.left(&words, half, theme.change(*percent))
                }
                None => line.gap(half),
            };
        }
        line.draw(inner, u16::try_from(row + 1).unwrap_or(u16::MAX), buffer);
    }
}

fn ticks_panel(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inner = boxed(theme, area, "Ticks", "", buffer);
    for (y, tick) in (0..inner.height).zip(app.ticks.iter().rev().filter(|tick| words::shows(tick))) {
        let (symbol, code, cause) = words::tick(app, tick);
        let used = 7 + 5 + 8 + 5;
        Row::new()
            .gap(1)
            .left(&words::clock(app, tick.at), 7, theme.style(Token::Muted))
            .left(&symbol, 5, theme.style(Token::Title))
            .left(
                &format!("{} {}", text::arrow(tick.points), text::signed(tick.points)),
                8,
                theme.change(tick.points),
            )
            .left(&code, 5, theme.style(Token::Plain))
            .left(&cause, usize::from(inner.width).saturating_sub(used + 2), theme.style(Token::Plain))
            .draw(inner, y, buffer);
    }
}

/// `GH +0.74  BSKY +0.10  YT held 0.00  = +0.83 ✓`, the small causes put together where room is short.
fn why_row(app: &App, theme: &Theme, person: &PersonSnapshot, width: u16) -> Row {
    let Some(change) = person.change(app.range) else {
        return Row::new().text("nothing has been read yet", theme.style(Token::Muted));
    };
    let total = format!("= {} ✓", text::signed(words::shown(person, change)));
    causes_row(theme, Row::new(), words::causes(person, change), &total, usize::from(width))
}

/// Causes that add up to the words at the end; where they do not all fit the small ones become "others".
fn causes_row(
    theme: &Theme,
    mut row: Row,
    mut causes: Vec<(Option<&ChannelSnapshot>, f64)>,
    total: &str,
    width: usize,
) -> Row {
    causes.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let room = width.saturating_sub(text::width(total));
    let mut rest: f64 = causes.iter().map(|(_, points)| points).sum();
    for (place, (channel, points)) in causes.iter().enumerate() {
        let words = cause(*channel, *points, "  ");
        let others = if place + 1 < causes.len() { 15 } else { 0 };
        if row.width() + text::width(&words) + others > room {
            row = row.text(format!("others {}  ", text::signed(rest)), theme.style(Token::Muted));
            break;
        }
        row = row.text(words, theme.change(*points));
        rest -= points;
    }
    row.text(total.to_owned(), theme.style(Token::Plain))
}

fn cause(channel: Option<&ChannelSnapshot>, points: f64, gap: &str) -> String {
    let code = channel.map_or_else(|| "left".to_owned(), words::code);
    let held = if channel.is_some_and(ChannelSnapshot::held) { " held" } else { "" };
    format!("{code}{held} {}{gap}", text::signed(points))
}

/// Why the selected person moved: opening, one figure per channel, close.
pub(super) fn why_panel(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Buffer) {
    let title = format!("Why {} moved, {}", person.symbol, app.range.word());
    let inner = boxed(theme, area, &title, "", buffer);
    let Some(change) = person.change(app.range) else {
        Row::new().gap(1).text("nothing has been read yet", theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    };
    let score = person.score.unwrap_or(0.0);
    let shown = text::signed(words::shown(person, change));
    let total = if app.layout().width == Width::Wide {
        format!("= {score:.2}   ✓ adds up to {shown}")
    } else {
        format!("= {score:.2} ✓")
    };
    let open = Row::new().gap(1).text(format!("open {:.2}  ", change.open), theme.style(Token::Plain));
    causes_row(theme, open, words::causes(person, change), &total, usize::from(inner.width))
        .draw(inner, 0, buffer);
    let biggest = match &change.driver {
        Some(driver) => {
            let code = driver.network.map(crate::model::Network::code).unwrap_or_default();
            format!("biggest: {code} {}", driver.text)
        }
        None if change.points < 0.0 => "nothing came in: the points age".to_owned(),
        None => "no single cause is known".to_owned(),
    };
    Row::new().gap(1).text(biggest, theme.style(Token::Muted)).draw(inner, 1, buffer);
    let mut coverage = format!("coverage {} of {}", person.live(), person.channels.len());
    if let Some(trouble) = words::trouble(app, person) {
        coverage.push_str(": ");
        coverage.push_str(&trouble);
    }
    Row::new().gap(1).text(coverage, theme.style(Token::Muted)).draw(inner, 2, buffer);
}

/// The rows, with a heading where there is room for one.
fn table(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Buffer) {
    let layout = app.layout();
    let columns = layout.board_columns();
    if layout.boxed() {
        heading(app, theme, &columns, take(&mut area, 1), buffer);
    }
    let rows = app.rows();
    let selected = app.selected_row();
    let room = usize::from(area.height);
    // The selected row stays in sight.
    let first = if selected >= room { selected + 1 - room } else { 0 };
    for (y, (place, person)) in (0..area.height).zip(rows.iter().enumerate().skip(first)) {
        let here = Some(person.id) == app.selected;
        let row = person_row(app, theme, &columns, &cells(app, theme, &columns, place, person, here));
        if here {
            row.draw_selected(theme, area, y, buffer);
        } else {
            row.draw(area, y, buffer);
        }
    }
}

fn heading(app: &App, theme: &Theme, columns: &Columns, area: Rect, buffer: &mut Buffer) {
    let range = app.range.word();
    let title = theme.style(Token::Muted);
    let sorted = |sort: Sort, words: &str| {
        if app.order() == sort { format!("{words}▾") } else { words.to_owned() }
    };
    let change = sorted(Sort::Change, &format!("Δ {range}"));
    let percent = sorted(Sort::Percent, "Δ%");
    let last = sorted(Sort::Score, "LAST");
    let trend = format!("{} TREND", range.to_uppercase());
    let name = sorted(Sort::Name, "NAME");
    let volume = sorted(Sort::Volume, "VOL");
    let age = sorted(Sort::Age, "AGE");
    let row = match app.layout().width {
        Width::Wide => {
            let row = Row::new()
                .left(" #", 3, title)
                .left("SYM", 6, title)
                .left(&name, columns.name, title)
                .right(&last, 6, title)
                .gap(2)
                .right(&change, 8, title)
                .right(&percent, 9, title)
                .right("7d%", 7, title)
                .right(&volume, 6, title)
                .gap(2)
                .left(&trend, columns.trend, title)
                .gap(2)
                .left(&format!("LO {} HI", range.to_uppercase()), 9, title)
                .gap(2)
                .left("CHAN", 5, title)
                .gap(1)
                .left(&age, 4, title);
            if columns.driver > 0 { row.gap(1).left("TOP DRIVER", columns.driver, title) } else { row }
        }
        Width::Usual => Row::new()
            .gap(2)
            .left("SYM", 6, title)
            .left(&name, columns.name, title)
            .right(&last, 6, title)
            .gap(2)
            .right(&change, 8, title)
            .right(&percent, 7, title)
            .right(&volume, 6, title)
            .gap(2)
            .left(&trend, columns.trend, title)
            .gap(2)
            .left("CHAN", 5, title)
            .gap(1)
            .left(&age, 4, title),
        _ => Row::new()
            .gap(2)
            .left("SYM", 6, title)
            .left(&name, columns.name, title)
            .right(&last, 6, title)
            .gap(2)
            .right(&change, 8, title)
            .right(&percent, 7, title)
            .gap(2)
            .left(&trend, columns.trend, title)
            .gap(1)
            .left(&age, 4, title),
    };
    row.draw(area, 0, buffer);
}

/// `*` for held points, `+` for who moved at the last poll.
fn flags(app: &App, person: &PersonSnapshot) -> String {
    let held = if person.channels.iter().any(ChannelSnapshot::held) { "*" } else { "" };
    let moved = if app.moved.contains(&person.id) { "+" } else { "" };
    format!("{held}{moved}")
}

/// What a row says, before it is known how much of it fits.
struct Cells<'p> {
    person: &'p PersonSnapshot,
    change: Option<&'p Change>,
    place: usize,
    pointer: &'static str,
    score: String,
    /// `*` for held points, `+` for who moved at the last poll.
    flags: String,
    arrow: &'static str,
    signed: String,
    /// The colour of the change.
    style: Style,
    volume: String,
    trend: String,
    age: String,
    signs: String,
    /// The worst of the channels that cannot be read, or a blank.
    mark: &'static str,
}

fn cells<'p>(
    app: &App,
    theme: &Theme,
    columns: &Columns,
    place: usize,
    person: &'p PersonSnapshot,
    here: bool,
) -> Cells<'p> {
    let marked = app.marked.contains(&person.id);
    let hopeless = person.channels.iter().all(|channel| channel.state.held());
    let change = person.change(app.range);
    let points = change.map(|change| words::shown(person, change));
    let closes = app.series(&app.trend_query(person.id)).map(crate::model::Series::closes);
    let trouble = person.channels.iter().find(|channel| channel.state.held());
    Cells {
        person,
        change,
        place,
        pointer: match (here, marked) {
            (true, _) => "▸",
            (false, true) => "✓",
            (false, false) => " ",
        },
        score: person.score.map_or_else(|| if hopeless { "—" } else { "…" }.to_owned(), text::score),
        flags: flags(app, person),
        arrow: points.map_or(" ", text::arrow),
        signed: points.map_or_else(|| "—".to_owned(), text::signed),
        style: points.map_or_else(|| theme.style(Token::Muted), |points| theme.change(points)),
        volume: change.map_or_else(|| "—".to_owned(), |change| text::compact(change.volume)),
        trend: spark::spark(&closes.unwrap_or_default(), columns.trend),
        age: person.last_read().map_or_else(|| "—".to_owned(), |at| text::age(at, app.now)),
        signs: person.channels.iter().map(|channel| words::sign(channel.state)).collect(),
        mark: trouble.map_or(" ", |channel| words::sign(channel.state)),
    }
}

fn person_row(app: &App, theme: &Theme, columns: &Columns, cells: &Cells<'_>) -> Row {
    let Cells { person, style, arrow, signed, .. } = cells;
    let (plain, muted, warn) =
        (theme.style(Token::Plain), theme.style(Token::Muted), theme.style(Token::Warn));
    let symbol = if person.mine { theme.style(Token::Title) } else { plain };
    let percent = |decimals| words::percent_text(person, app.range, decimals);
    let row = Row::new();
    match app.layout().width {
        Width::Wide => {
            let range = cells.change.map(|change| range_bar(person, change)).unwrap_or_default();
            let row = row
                .text(cells.pointer, plain)
                .left(&(cells.place + 1).to_string(), 2, muted)
                .left(&person.symbol, 6, symbol)
                .left(&person.name, columns.name, plain)
                .right(&cells.score, 6, plain)
                .left(&cells.flags, 2, plain)
                .text(format!(" {arrow} {signed:>5}"), *style)
                .right(&percent(2), 9, *style)
                .right(&words::percent_text(person, Range::Week, 1), 7, plain)
                .right(&cells.volume, 6, plain)
                .gap(2)
                .left(&cells.trend, columns.trend, *style)
                .gap(2)
                .left(&range, 9, muted)
                .gap(2)
                .left(&cells.signs, 5, plain)
                .gap(1)
                .left(&cells.age, 4, muted);
            match columns.driver {
                0 => row,
                width => row.gap(1).left(&driver(person, cells.change), width, plain),
            }
        }
        Width::Usual => row
            .text(cells.pointer, plain)
            .gap(1)
            .left(&person.symbol, 6, symbol)
            .left(&person.name, columns.name, plain)
            .right(&cells.score, 6, plain)
            .left(&cells.flags, 2, plain)
            .text(format!(" {arrow} {signed:>5}"), *style)
            .right(percent(2).trim_end_matches('%'), 7, *style)
            .right(&cells.volume, 6, plain)
            .gap(2)
            .left(&cells.trend, columns.trend, *style)
            .gap(2)
            .left(&cells.signs, 5, plain)
            .gap(1)
            .left(&cells.age, 4, muted),
        Width::Medium => row
            .text(cells.pointer, plain)
            .gap(1)
            .left(&person.symbol, 5, symbol)
            .text(cells.mark, warn)
            .left(&person.name, columns.name, plain)
            .right(&cells.score, 6, plain)
            .left(&cells.flags, 2, plain)
            .text(format!(" {arrow} {signed:>5}"), *style)
            .right(percent(1).trim_end_matches('%'), 7, *style)
            .gap(2)
            .left(&cells.trend, columns.trend, *style)
            .gap(1)
            .left(&cells.age, 4, muted),
        Width::Narrow => row
            .text(cells.pointer, plain)
            .left(&person.symbol, 5, symbol)
            .right(&cells.score, 5, plain)
            .left(cells.flags.trim_end_matches('+'), 1, plain)
            .text(format!("{arrow} {signed:>5}"), *style)
            .right(&percent(1), 7, *style)
            .gap(1)
            .left(&cells.trend, columns.trend, *style)
            .text(cells.mark, warn),
        Width::Slim => row
            .text(cells.pointer, plain)
            .left(&person.symbol, 5, symbol)
            .right(&cells.score, 5, plain)
            .text(cells.mark, warn)
            .text(format!("{arrow}{signed}"), *style),
        Width::Tiny => row
            .text(person.symbol.clone(), symbol)
            .text(cells.mark, warn)
            .text(format!("{arrow}{}", signed.trim_start_matches(['+', '-'])), *style),
    }
}

/// Where the score stands between its lowest and highest: `├──────●┤`.
fn range_bar(person: &PersonSnapshot, change: &Change) -> String {
    let Some(score) = person.score else { return String::new() };
    let span = change.high - change.low;
    let part = if span < 0.005 { 0.5 } else { (score - change.low) / span };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of seven")]
    let place = (part.clamp(0.0, 1.0) * 6.0).round() as usize;
    format!("├{}●{}┤", "─".repeat(place), "─".repeat(6 - place))
}

fn driver(person: &PersonSnapshot, change: Option<&Change>) -> String {
    match change.and_then(|change| change.driver.as_ref()) {
        Some(driver) => {
            let code = driver.network.map(crate::model::Network::code).unwrap_or_default();
            format!("{code} {}", driver.text)
        }
        None if person.score.is_none() => String::new(),
        None => match change {
            Some(change) if change.points < -0.005 => "decay".to_owned(),
            _ => "no change".to_owned(),
        },
    }
}
