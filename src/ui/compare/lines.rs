//! The lines of a comparison: points gained, scores, or points gained since each one's own beginning.

use super::{MARKERS, Panel, PersonSnapshot, Row, Theme, Token, lane, part, text, words};
use crate::app::{App, Compared};
use crate::model::Series;
use crate::ui::canvas::Canvas;
use crate::ui::chart::{AXIS, Scale, time_axis};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// A value for every column, in the unit of the axis.
type Values = Vec<Option<f64>>;

/// What a line is drawn from.
fn values(app: &App, person: &PersonSnapshot, series: Option<&Series>) -> Values {
    let closes = series.map(Series::closes).unwrap_or_default();
    let first = closes.iter().flatten().next().copied().unwrap_or(0.0);
    let open = person.change(app.range).map_or(first, |change| change.open);
    // On a logarithmic axis equal distances are equal proportions.
    let unit = |close: f64, from: f64| match (app.compared, app.logarithmic) {
        (Compared::Absolute, false) => close,
        (Compared::Absolute, true) => close.max(0.01).ln(),
        (_, false) => close - from,
        (_, true) => (close.max(0.01) / from.max(0.01)).ln(),
    };
    match app.compared {
        Compared::Gained | Compared::Absolute => {
            closes.into_iter().map(|close| close.map(|close| unit(close, open))).collect()
        }
        Compared::Aligned => {
            let own = closes.into_iter().skip_while(Option::is_none);
            own.map(|close| close.map(|close| unit(close, first))).collect()
        }
    }
}

/// A value of the axis in words.
fn label(app: &App, value: f64) -> String {
    match (app.compared, app.logarithmic) {
        (Compared::Absolute, false) => format!("{value:>6.2}"),
        (Compared::Absolute, true) => format!("{:>6.2}", value.exp()),
        (_, false) => format!("{value:>+6.2}"),
        (_, true) => format!("{:>+5.1}%", 100.0 * (value.exp() - 1.0)),
    }
}

fn title(app: &App, people: &[&PersonSnapshot], series: &[Option<&Series>]) -> String {
    let start = series.iter().flatten().map(|series| series.from).min();
    let since = start.map(|start| format!(" since {}", words::when(app, start))).unwrap_or_default();
    let unit = if app.logarithmic { "Percent" } else { "Points" };
    let scale = if app.logarithmic { ", logarithmic" } else { "" };
    let mut title = match app.compared {
        Compared::Gained => format!("{unit} gained{since}{scale}"),
        Compared::Absolute => format!("Scores{since}{scale}"),
        Compared::Aligned => format!("{unit} gained since each one's own beginning{scale}"),
    };
    if app.compared != Compared::Aligned {
        for (person, series) in people.iter().zip(series) {
            let blank = series.and_then(|series| {
                let place = series.closes().iter().position(Option::is_some)?;
                (place > 0).then(|| series.at(place))
            });
            if let Some(at) = blank {
                title.push_str(&format!(" · {} from {}", person.symbol, words::when(app, at)));
            }
        }
    }
    title
}

/// What stands at the lines' ends, the highest first.
fn ends(app: &App, people: &[&PersonSnapshot]) -> String {
    let mut ends: Vec<(f64, String)> = people
        .iter()
        .zip(MARKERS)
        .map(|(person, marker)| {
            let gained = person.change(app.range).map_or(0.0, |change| words::shown(person, change));
            match app.compared {
                Compared::Absolute => {
                    let score = person.score.unwrap_or(0.0);
                    (score, format!("{marker} {} {}", person.symbol, text::score(score)))
                }
                _ => (gained, format!("{marker} {} {}", person.symbol, text::signed(gained))),
            }
        })
        .collect();
    ends.sort_by(|a, b| b.0.total_cmp(&a.0));
    ends.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join("  ")
}

pub(super) fn panel(
    app: &App,
    theme: &Theme,
    people: &[&PersonSnapshot],
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let series: Vec<_> = people.iter().map(|person| app.series(&app.compare_query(person.id))).collect();
    let lines: Vec<Values> =
        series.iter().zip(people).map(|(series, person)| values(app, person, *series)).collect();
    let (title, note) = (title(app, people, &series), ends(app, people));
    let mut inner = part(app, theme, Panel::Chart, area, (&title, &note), buffer);
    inner.x += inner.width.min(1);
    inner.width = inner.width.saturating_sub(1);
    let known = || lines.iter().flatten().flatten().copied();
    let scale = Scale::between(
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
        // Half a percent of a score is about as much as a twentieth of a point.
        if app.logarithmic { 0.002 } else { 0.05 },
    );
    let (Some(scale), true) = (scale, inner.width > AXIS && inner.height > 2) else { return };
    let mut plot = Rect { width: inner.width - AXIS, height: inner.height - 1, ..inner };
    // Bumps go below the lines where three rows are left for these, and only where there are any; lines that begin
    // at other times have no common one.
    let below = u16::try_from(people.len()).unwrap_or(4);
    let has_bumps = !app.compared_bumps().is_empty() && app.compared != Compared::Aligned;
    let bump_rows = if has_bumps && plot.height >= below + 3 { below } else { 0 };
    plot.height -= bump_rows;
    draw_lines(theme, &lines, scale, plot, app.compared == Compared::Aligned, buffer);
    let rows = usize::from(plot.height);
    for (row, y) in (0..rows).zip(plot.y..) {
        if row % 2 == 0 || row + 1 == rows {
            let words = label(app, scale.value_at(rows - 1 - row, rows));
            buffer.set_string(plot.x + plot.width + 1, y, words, theme.style(Token::Muted));
        }
    }
    let Some(longest) = series.iter().flatten().max_by_key(|series| series.slots.len()) else { return };
    let from = longest.slots.len().saturating_sub(usize::from(plot.width));
    let below = Rect { y: plot.y + plot.height, height: bump_rows, ..plot };
    lane::draw(app, theme, people, longest, from, below, buffer);
    let axis = Rect { y: below.y + bump_rows, height: 1, ..plot };
    let words = match app.compared {
        Compared::Aligned => steps_axis(longest, usize::from(plot.width)),
        _ => time_axis(app, longest, from, (usize::from(plot.width), 1), &[]),
    };
    Row::new().text(words, theme.style(Token::Muted)).draw(axis, 0, buffer);
    let cross = app.cross.filter(|_| app.compared != Compared::Aligned);
    if let Some(column) = cross.and_then(|cross| (longest.slots.len() - from).checked_sub(1 + cross)) {
        let x = plot.x + u16::try_from(column).unwrap_or(u16::MAX);
        for y in plot.y..plot.y + plot.height {
            let Some(cell) = buffer.cell_mut((x, y)) else { continue };
            if cell.symbol() == " " {
                cell.set_symbol("┊").set_style(theme.style(Token::Accent));
            } else {
                cell.modifier.insert(Modifier::REVERSED);
            }
        }
    }
}

fn draw_lines(
    theme: &Theme,
    lines: &[Values],
    scale: Scale,
    plot: Rect,
    from_left: bool,
    buffer: &mut Canvas<'_>,
) {
    let (rows, columns) = (usize::from(plot.height), usize::from(plot.width));
    for (place, line) in lines.iter().enumerate() {
        let style = theme.style(Token::Series(place));
        let from = if from_left { 0 } else { line.len().saturating_sub(columns) };
        for (column, value) in (0u16..plot.width).zip(&line[from..]) {
            let Some(value) = value else { continue };
            let row = u16::try_from(rows - 1 - scale.half(*value, rows) / 2).unwrap_or(0);
            // A marker every six columns, each line's at other places.
            let marked = (usize::from(column) + 6 - 2 * place % 6).is_multiple_of(6);
            let glyph = if marked { MARKERS[place % 4] } else { "·" };
            buffer.set_string(plot.x + column, plot.y + row, glyph, style);
        }
    }
}

/// Times since the beginning: `start       +7d         +14d`.
fn steps_axis(series: &Series, columns: usize) -> String {
    let mut axis = String::new();
    for column in (0..columns).step_by(12) {
        let since = series.step * i32::try_from(column).unwrap_or(i32::MAX);
        let words = if column == 0 { "start".to_owned() } else { format!("+{}", text::span(since)) };
        axis.push_str(&text::fit(&words, 12.min(columns - column)));
    }
    axis
}
