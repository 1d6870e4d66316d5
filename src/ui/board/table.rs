//! The rows of the board: more room, more columns; symbol, signed change and failure marks never drop.

use crate::app::{App, Columns, Sort, Target, Width};
use crate::bumps::Direction;
use crate::model::{Change, ChannelSnapshot, PersonSnapshot, Range};
use crate::text;
use crate::ui::canvas::Canvas;
use crate::ui::panel::{Row, take};
use crate::ui::theme::{Theme, Token};
use crate::ui::{spark, words};
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The rows, with a heading where there is room for one.
pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
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
        buffer.spot(Rect { y: area.y + y, height: 1, ..area }, Target::Row(place));
        let here = Some(person.id) == app.selected;
        let row = person_row(app, theme, &columns, &cells(app, theme, &columns, place, person, here));
        if here {
            row.draw_selected(theme, area, y, buffer);
        } else {
            row.draw(area, y, buffer);
        }
    }
}

fn heading(app: &App, theme: &Theme, columns: &Columns, area: Rect, buffer: &mut Canvas<'_>) {
    let range = app.range.word();
    let title = theme.style(Token::Muted);
    let sorted = |sort: Sort, words: &str| {
        let sign = if app.reversed { '▴' } else { '▾' };
        if app.order() == sort { format!("{words}{sign}") } else { words.to_owned() }
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
    // A click on a head sorts by it: it is found by where its words stand.
    let line = row.to_words();
    let heads = [
        (Sort::Name, &name),
        (Sort::Score, &last),
        (Sort::Change, &change),
        (Sort::Percent, &percent),
        (Sort::Volume, &volume),
        (Sort::Age, &age),
    ];
    let mut from = 0;
    for (sort, words) in heads {
        let Some(at) = line.get(from..).and_then(|rest| rest.find(words.as_str())) else { continue };
        let x = text::width(line.get(..from + at).unwrap_or_default());
        from += at + words.len();
        let width = u16::try_from(text::width(words)).unwrap_or(0);
        let x = area.x + u16::try_from(x).unwrap_or(u16::MAX);
        buffer.spot(Rect { x, width, height: 1, ..area }.intersection(area), Target::Sort(sort));
    }
    row.draw(area, 0, buffer);
}

/// A score whose digits have just changed: those that are new stand out.
fn score_cell(row: Row, app: &App, theme: &Theme, cells: &Cells<'_>, width: usize) -> Row {
    let plain = theme.style(Token::Plain);
    let Some(before) = app.flashes(cells.person.id) else { return row.right(&cells.score, width, plain) };
    let shown = text::fit_right(&cells.score, width);
    let before = text::fit_right(before, width);
    let same = shown.chars().zip(before.chars()).take_while(|(a, b)| a == b).count();
    let (old, new): (String, String) =
        (shown.chars().take(same).collect(), shown.chars().skip(same).collect());
    row.text(old, plain).text(new, theme.style(Token::Flash))
}

/// `*` for held points, `▴` or `▾` for a bump that goes on, `·` for one that forms, `+` for who moved at the last
/// poll.
fn flags(app: &App, person: &PersonSnapshot) -> String {
    let held = if person.channels.iter().any(ChannelSnapshot::held) { "*" } else { "" };
    let moved = match app.bump(person.id) {
        Some(bump) if bump.direction == Direction::Up => "▴",
        Some(_) => "▾",
        None if words::forms(person) => "·",
        None if app.moved.contains(&person.id) => "+",
        None => "",
    };
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
            (true, true) => "»",
            (true, false) => "▸",
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
    // `▲ +3.27`, closer together where the number is long.
    let moved = |width: usize| {
        let apart = if text::width(signed) + 2 > width { "" } else { " " };
        text::fit_right(&format!("{arrow}{apart}{signed}"), width)
    };
    let score = |row: Row, width: usize| score_cell(row, app, theme, cells, width);
    let row = Row::new();
    match app.layout().width {
        Width::Wide => {
            let range = cells.change.map(|change| range_bar(person, change)).unwrap_or_default();
            let row = row
                .text(cells.pointer, plain)
                .left(&(cells.place + 1).to_string(), 2, muted)
                .left(&person.symbol, 6, symbol)
                .left(&person.name, columns.name, plain);
            let row = score(row, 6)
                .left(&cells.flags, 2, plain)
                .text(moved(8), *style)
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
                width => row.gap(1).left(&driver(app, person, cells.change), width, plain),
            }
        }
        Width::Usual => score(
            row.text(cells.pointer, plain).gap(1).left(&person.symbol, 6, symbol).left(
                &person.name,
                columns.name,
                plain,
            ),
            6,
        )
        .left(&cells.flags, 2, plain)
        .text(moved(8), *style)
        .right(percent(2).trim_end_matches('%'), 7, *style)
        .right(&cells.volume, 6, plain)
        .gap(2)
        .left(&cells.trend, columns.trend, *style)
        .gap(2)
        .left(&cells.signs, 5, plain)
        .gap(1)
        .left(&cells.age, 4, muted),
        Width::Medium => score(
            row.text(cells.pointer, plain)
                .gap(1)
                .left(&person.symbol, 5, symbol)
                .text(cells.mark, warn)
                .left(&person.name, columns.name, plain),
            6,
        )
        .left(&cells.flags, 2, plain)
        .text(moved(8), *style)
        .right(percent(1).trim_end_matches('%'), 7, *style)
        .gap(2)
        .left(&cells.trend, columns.trend, *style)
        .gap(1)
        .left(&cells.age, 4, muted),
        Width::Narrow => score(row.text(cells.pointer, plain).left(&person.symbol, 5, symbol), 5)
            .left(cells.flags.trim_end_matches('+'), 1, plain)
            .text(moved(7), *style)
            .right(&percent(1), 7, *style)
            .gap(1)
            .left(&cells.trend, columns.trend, *style)
            .text(cells.mark, warn),
        Width::Slim => score(row.text(cells.pointer, plain).left(&person.symbol, 5, symbol), 5)
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

fn driver(app: &App, person: &PersonSnapshot, change: Option<&Change>) -> String {
    if let Some(bump) = app.bump(person.id) {
        let points = text::signed(bump.points());
        return format!("{points} {}", text::span(app.now - bump.onset));
    }
    // What came in explains no fall: that is age.
    let rose = |change: &&Change| words::shown(person, change) > 0.0;
    match change.filter(rose).and_then(|change| change.driver.as_ref()) {
        Some(driver) => {
            let code = driver.network.map(crate::model::Network::code).unwrap_or_default();
            format!("{code} {}", driver.text)
        }
        // Why there is no number.
        None if person.score.is_none() => {
            let mut troubled = person.channels.iter().filter(|channel| channel.state.held());
            troubled.next().map(|channel| channel.reason.word().replace('_', " ")).unwrap_or_default()
        }
        None => match change {
            Some(change) if change.points < -0.005 => "decay".to_owned(),
            Some(change) if change.points > 0.005 => "no single cause".to_owned(),
            _ => "no change".to_owned(),
        },
    }
}
