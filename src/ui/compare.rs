//! Two to four people side by side: what they gained, what they are made of, and differences that add up.
//!
//! ```text
//!  cloutop │ COMPARE  ● YOU  ▲ ADA │ range 30d │ gained since start                            14:32:07
//! ┌─ Points gained since 4 Feb ─────────────────────────────────────────────────────────────────────────┐
//! │ ●···■·●···                                                                                  +1.30    │
//! │        ▴──══────┤                                                                           ● bumps  │
//! └──────────────────────────────────────────────────────────────────────── ● YOU +1.15  ▲ ADA +0.58 ─┘
//! ┌─ Side by side ──────────────────────────────────────────────────────────────────────────────────────┐
//! │              ● YOU              ▲ ADA               YOU − ADA                                         │
//! │ score        61.42*             74.10                  -12.68                                         │
//! │ GH           25.90 ████████     12.10 ████             +13.80                                         │
//! └─────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod lane;

use super::chart::{Scale, time_axis};
use super::panel::{self, Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::{spark, words};
use crate::app::{App, Height, Width};
use crate::model::{ChannelSnapshot, Network, PersonId, PersonSnapshot};
use crate::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines are told apart by these, not by their colour.
const MARKERS: [&str; 4] = ["●", "▲", "■", "○"];

pub(super) fn draw(
    app: &App,
    ids: &[PersonId],
    pair: usize,
    theme: &Theme,
    mut area: Rect,
    buffer: &mut Buffer,
) {
    let people: Vec<&PersonSnapshot> = ids.iter().filter_map(|id| app.person(*id)).collect();
    if people.len() < 2 {
        return;
    }
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, &people, take(&mut area, 1), buffer);
        panel::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    let other = 1 + pair % (people.len() - 1);
    if layout.height >= Height::Middle {
        let words = difference_words(people[0], people[other]);
        panel::status(app, theme, &words, take_bottom(&mut area, 1), buffer);
    }
    if !layout.boxed() {
        // The frame is dropped, the table stays.
        table(app, theme, &people, other, area, buffer);
        return;
    }
    let networks = networks(&people);
    let rows = u16::try_from(networks.len()).unwrap_or(u16::MAX).saturating_add(8);
    let table_rows = rows.min(area.height.saturating_sub(if layout.height >= Height::Usual { 9 } else { 0 }));
    let chart_rows = area.height - table_rows;
    if chart_rows >= 6 {
        chart_panel(app, theme, &people, take(&mut area, chart_rows), buffer);
    }
    let title = if people.len() > 2 {
        format!("Side by side: {} and {}, tab for the next pair", people[0].symbol, people[other].symbol)
    } else {
        "Side by side".to_owned()
    };
    let held = people.iter().any(|person| person.held_points() > 0.0);
    let note = if held { "* includes held points" } else { "" };
    let inner = boxed(theme, take(&mut area, table_rows), &title, note, buffer);
    table(app, theme, &people, other, inner, buffer);
}

fn header(app: &App, theme: &Theme, people: &[&PersonSnapshot], area: Rect, buffer: &mut Buffer) {
    let names: Vec<String> =
        people.iter().zip(MARKERS).map(|(person, marker)| format!("{marker} {}", person.symbol)).collect();
    let names = names.join("  ");
    let range = app.range.word();
    let left = match app.layout().width {
        Width::Wide => vec![
            "cloutop".to_owned(),
            format!("COMPARE  {names}"),
            format!("range {range}"),
            "gained since start".to_owned(),
        ],
        Width::Usual | Width::Medium => {
            vec!["cloutop".to_owned(), format!("COMPARE  {names}"), range.to_owned()]
        }
        _ => vec![format!("{names} {range}")],
    };
    panel::header(app, theme, &left, "", area, buffer);
}

/// Networks that any of them is on, most points first.
fn networks(people: &[&PersonSnapshot]) -> Vec<Network> {
    let mut sums: Vec<(Network, f64)> = Vec::new();
    for channel in people.iter().flat_map(|person| &person.channels) {
        match sums.iter_mut().find(|(network, _)| *network == channel.network()) {
            Some((_, sum)) => *sum += channel.points,
            None => sums.push((channel.network(), channel.points)),
        }
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums.into_iter().map(|(network, _)| network).collect()
}

/// A person's points on a network as shown; `None` when they are not on it.
fn points_on(person: &PersonSnapshot, network: Network) -> Option<f64> {
    let points = words::points(person);
    let on: Vec<f64> = person
        .channels
        .iter()
        .zip(points)
        .filter(|(channel, _)| channel.network() == network)
        .map(|(_, points)| points)
        .collect();
    (!on.is_empty()).then(|| on.iter().sum())
}

/// `YOU − ADA = -12.68 ✓  GH +13.80  BSKY -16.87`
fn difference_words(a: &PersonSnapshot, b: &PersonSnapshot) -> String {
    let (Some(first), Some(second)) = (a.score, b.score) else {
        return format!("{} and {} cannot be compared yet", a.symbol, b.symbol);
    };
    let mut parts: Vec<(Network, f64)> = networks(&[a, b])
        .into_iter()
        .map(|network| {
            let points = |person| points_on(person, network).unwrap_or(0.0);
            (network, points(a) - points(b))
        })
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let lines: Vec<String> = parts
        .iter()
        .map(|(network, points)| format!("{} {}", network.code(), text::signed(*points)))
        .collect();
    let total = text::change(second, first);
    format!("{} − {} = {} ✓  {}", a.symbol, b.symbol, text::signed(total), lines.join("  "))
}

fn table(
    app: &App,
    theme: &Theme,
    people: &[&PersonSnapshot],
    other: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let wide = app.layout().width >= Width::Wide;
    // Where four do not fit, the pair stands beside its difference.
    let pair = [people[0], people[other]];
    let shown: &[&PersonSnapshot] = if wide { people } else { &pair };
    let marker = |person: &PersonSnapshot| {
        people.iter().position(|known| known.id == person.id).map_or(" ", |place| MARKERS[place % 4])
    };
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    let label = if area.width >= 60 { 13 } else { 8 };
    let difference = if area.width >= 60 { 12 } else { 10 };
    let cell = (usize::from(area.width).saturating_sub(label + difference + 1) / shown.len()).min(22);
    let (a, b) = (people[0], people[other]);
    let mut y = 0;
    let bumps = || {
        let cells = shown.iter().map(|person| (lane::count(app, person.id), 0.0)).collect();
        let at_once = lane::at_once(app, a.id, b.id);
        ("bumps", cells, if at_once > 0 { format!("{at_once} at once") } else { String::new() }, 0.0)
    };
    let mut line = |(name, cells, last, points): (&str, Vec<(String, f64)>, String, f64)| {
        let mut row = Row::new().gap(1).left(name, label, muted);
        for (words, part) in cells {
            let bar = cell.saturating_sub(8);
            let bars = if part > 0.0 { spark::blocks(part, bar.min(10), "█") } else { String::new() };
            row = row.left(&format!("{words:<7}{bars}"), cell, plain);
        }
        row.right(&last, difference, theme.change(points)).draw(area, y, buffer);
        y += 1;
    };
    let names = shown.iter().map(|person| (format!("{} {}", marker(person), person.symbol), 0.0)).collect();
    line(("", names, format!("{} − {}", a.symbol, b.symbol), 0.0));
    let star =
        |person: &PersonSnapshot| if person.channels.iter().any(ChannelSnapshot::held) { "*" } else { "" };
    let score = |person: &&PersonSnapshot| {
        (
            person
                .score
                .map_or_else(|| "—".to_owned(), |score| format!("{}{}", text::score(score), star(person))),
            0.0,
        )
    };
    let total = text::change(b.score.unwrap_or(0.0), a.score.unwrap_or(0.0));
    line(("score", shown.iter().map(score).collect(), text::signed(total), total));
    let gained =
        |person: &PersonSnapshot| person.change(app.range).map(|change| words::shown(person, change));
    let moved = |person: &&PersonSnapshot| {
        let words = gained(person).map(|points| format!("{} {}", text::signed(points), text::arrow(points)));
        (words.unwrap_or_else(|| "—".to_owned()), 0.0)
    };
    let between = gained(a).unwrap_or(0.0) - gained(b).unwrap_or(0.0);
    let range = format!("Δ {}", app.range.word());
    line((&range, shown.iter().map(moved).collect(), text::signed(between), between));
    let volume = |person: &PersonSnapshot| person.change(app.range).map_or(0, |change| change.volume);
    let volumes = shown.iter().map(|person| (text::grouped(volume(person)), 0.0)).collect();
    let apart = volume(a).cast_signed() - volume(b).cast_signed();
    line(("volume", volumes, format!("{apart:+}"), 0.0));
    let room = app.layout().boxed();
    if room {
        line(bumps());
    }
    let largest = networks(shown)
        .into_iter()
        .flat_map(|network| shown.iter().filter_map(move |person| points_on(person, network)))
        .fold(0.0, f64::max);
    for network in networks(shown) {
        let cells = shown
            .iter()
            .map(|person| match points_on(person, network) {
                Some(points) => (text::score(points), if largest > 0.0 { points / largest } else { 0.0 }),
                None => ("—".to_owned(), 0.0),
            })
            .collect();
        let points = |person| points_on(person, network).unwrap_or(0.0);
        let apart = points(a) - points(b);
        line((network.code(), cells, text::signed(apart), apart));
    }
    let coverage =
        shown.iter().map(|person| (format!("{} of {}", person.live(), person.channels.len()), 0.0)).collect();
    line(("coverage", coverage, String::new(), 0.0));
    if !room {
        line(bumps());
    }
}

fn chart_panel(app: &App, theme: &Theme, people: &[&PersonSnapshot], area: Rect, buffer: &mut Buffer) {
    let series: Vec<_> = people.iter().map(|person| app.series(&app.compare_query(person.id))).collect();
    let start = series.iter().flatten().map(|series| series.from).min();
    let title = match start {
        Some(start) => format!("Points gained since {}", words::when(app, start)),
        None => "Points gained".to_owned(),
    };
    let gained: Vec<Vec<Option<f64>>> = series
        .iter()
        .zip(people)
        .map(|(series, person)| {
            let closes = series.map(crate::model::Series::closes).unwrap_or_default();
            let open = person.change(app.range).map(|change| change.open);
            let first = open.or_else(|| closes.iter().flatten().next().copied()).unwrap_or(0.0);
            closes.into_iter().map(|close| close.map(|close| close - first)).collect()
        })
        .collect();
    let note: Vec<String> = people
        .iter()
        .zip(MARKERS)
        .map(|(person, marker)| {
            let gained = person.change(app.range).map_or(0.0, |change| words::shown(person, change));
            format!("{marker} {} {}", person.symbol, text::signed(gained))
        })
        .collect();
    let mut inner = boxed(theme, area, &title, &note.join("  "), buffer);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(1);
    let values = || gained.iter().flatten().flatten().copied();
    let scale =
        Scale::between(values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let (Some(scale), true) = (scale, inner.width > 10 && inner.height > 2) else { return };
    let mut plot = Rect { width: inner.width - 9, height: inner.height - 1, ..inner };
    // Bumps go below the lines where three rows are left for these, and only where there are any.
    let lanes = u16::try_from(people.len()).unwrap_or(4);
    let lanes = if app.compared_bumps().is_empty() || plot.height < lanes + 3 { 0 } else { lanes };
    plot.height -= lanes;
    let rows = usize::from(plot.height);
    let columns = usize::from(plot.width);
    for (place, line) in gained.iter().enumerate() {
        let style = theme.style(Token::Series(place));
        let from = line.len().saturating_sub(columns);
        for (column, value) in (0u16..plot.width).zip(&line[from..]) {
            let Some(value) = value else { continue };
            let row = u16::try_from(rows - 1 - scale.half(*value, rows) / 2).unwrap_or(0);
            // A marker every six columns, each line's at other places.
            let glyph =
                if (usize::from(column) + 6 - 2 * place % 6) % 6 == 0 { MARKERS[place % 4] } else { "·" };
            buffer.set_string(plot.x + column, plot.y + row, glyph, style);
        }
    }
    for (row, y) in (0..rows).zip(plot.y..) {
        if row % 2 == 0 || row + 1 == rows {
            let value = scale.value_at(rows - 1 - row, rows);
            buffer.set_string(
                plot.x + plot.width + 1,
                y,
                format!("{value:>+6.2}"),
                theme.style(Token::Muted),
            );
        }
    }
    if let Some(series) = series.iter().flatten().max_by_key(|series| series.slots.len()) {
        let from = series.slots.len().saturating_sub(columns);
        let below = Rect { y: plot.y + plot.height, height: lanes, ..plot };
        lane::draw(app, theme, people, series, from, below, buffer);
        let axis = Rect { y: below.y + lanes, height: 1, ..plot };
        let words = time_axis(app, series, from, columns);
        Row::new().text(words, theme.style(Token::Muted)).draw(axis, 0, buffer);
    }
}
