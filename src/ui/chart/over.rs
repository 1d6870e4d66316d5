//! What is laid over a chart: the opening of the range, what is to come, events, and the cross-hair.

use super::{AXIS, Canvas, Plot, Row, Theme, Token, text};
use crate::app::{App, Event, EventMark};
use crate::model::{PersonSnapshot, Series};
use crate::ui::words;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Letters of bumps, the oldest in sight first.
const LETTERS: [&str; 26] = [
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U",
    "V", "W", "X", "Y", "Z",
];

/// A dotted line at the score with which the range opened, its number in the axis.
pub(super) fn opening(
    app: &App,
    theme: &Theme,
    plot: &Plot<'_>,
    person: &PersonSnapshot,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let Some(open) = person.change(app.range).map(|change| change.open) else { return };
    let Some(y) = plot.y(open) else { return };
    let style = theme.style(Token::Muted);
    for x in plot.area.x..area.x + area.width - AXIS {
        if buffer[(x, y)].symbol() == " " {
            buffer.set_string(x, y, "┄", style);
        }
    }
    let axis = area.x + area.width - AXIS + 1;
    buffer.set_stringn(axis, y, format!("┄{open:>5.2}"), 8, style);
}

/// The score ahead if nothing comes, as dots behind the last bucket.
pub(super) fn ahead(
    app: &App,
    theme: &Theme,
    plot: &Plot<'_>,
    person: &PersonSnapshot,
    columns: u16,
    buffer: &mut Canvas<'_>,
) {
    let Some(score) = person.score else { return };
    let known: Vec<(f64, f64)> = std::iter::once((0.0, score))
        .chain(person.forecast.iter().map(|(days, score)| (f64::from(*days), *score)))
        .collect();
    let first = plot.area.x + plot.area.width;
    let style = theme.style(Token::Muted);
    let step = plot.series.step.num_seconds() as f64 / 86_400.0;
    for column in 0..columns {
        let days = step * f64::from(column + 1) / plot.pitch as f64;
        let Some(pair) = known.windows(2).find(|pair| days <= pair[1].0) else { break };
        let part = (days - pair[0].0) / (pair[1].0 - pair[0].0);
        let value = pair[0].1 + part * (pair[1].1 - pair[0].1);
        if let Some(y) = plot.y(value) {
            buffer.set_string(first + column, y, "∙", style);
        }
    }
    let reach = chrono::TimeDelta::seconds(plot.series.step.num_seconds() * i64::from(columns));
    let label = format!("+{}", text::span(reach / i32::try_from(plot.pitch).unwrap_or(1)));
    if app.view() != &crate::app::View::Board && text::width(&label) <= usize::from(columns) {
        let words = text::fit_right(&label, usize::from(columns));
        buffer.set_stringn(first, plot.area.y + plot.area.height + 1, words, usize::from(columns), style);
    }
}

/// The column of an instant.
fn column(plot: &Plot<'_>, event: &Event) -> Option<u16> {
    let step = plot.series.step.num_milliseconds().max(1);
    let place = (event.at - plot.series.from).num_milliseconds().div_euclid(step);
    let place = usize::try_from(place).ok().filter(|place| *place < plot.series.slots.len())?;
    plot.x(place)
}

/// Events in sight with their letters: bumps have one, marks and models their sign.
fn lettered<'e>(series: &Series, events: &'e [Event]) -> Vec<(&'static str, &'e Event)> {
    let from = series.from;
    let mut letters = LETTERS.iter();
    events
        .iter()
        .filter(|event| event.at >= from)
        .map(|event| {
            let sign = match event.kind {
                EventMark::Bump => letters.next().copied().unwrap_or("+"),
                EventMark::Mark => "◆",
                EventMark::Model => "┊",
            };
            (sign, event)
        })
        .collect()
}

/// Columns of the letters that stand among the times.
pub(super) fn letters(plot: &Plot<'_>, events: &[Event]) -> Vec<usize> {
    let bumps = events.iter().filter(|event| event.kind == EventMark::Bump);
    bumps.filter_map(|event| Some(usize::from(column(plot, event)? - plot.area.x))).collect()
}

/// Letters of bumps below the chart, marks at its top, a dashed line where the model changed.
pub(super) fn events(theme: &Theme, plot: &Plot<'_>, events: &[Event], buffer: &mut Canvas<'_>) {
    let style = theme.style(Token::Accent);
    let lettered = lettered(plot.series, events);
    let times = plot.area.y + plot.area.height + 1;
    for (sign, event) in &lettered {
        let Some(x) = column(plot, event) else { continue };
        match event.kind {
            EventMark::Bump => {
                buffer.set_string(x, times, *sign, style);
            }
            EventMark::Mark => {}
            EventMark::Model => dashed(plot, x, style, buffer),
        }
    }
    let marks: Vec<(u16, &Event)> = lettered
        .iter()
        .filter(|(_, event)| event.kind == EventMark::Mark)
        .filter_map(|(_, event)| Some((column(plot, event)?, *event)))
        .collect();
    // The newest mark's words beside it.
    if let Some((x, mark)) = marks.last() {
        let (left, right) = (x - plot.area.x, plot.area.x + plot.area.width - x);
        let words = text::cut(&mark.words, usize::from(plot.area.width).saturating_sub(2).min(24));
        let width = u16::try_from(text::width(&words)).unwrap_or(u16::MAX);
        let at = if right > width + 2 { x + 2 } else { plot.area.x + left.saturating_sub(width + 1) };
        buffer.set_stringn(at, plot.area.y, words, usize::from(plot.area.width), style);
    }
    for (x, _) in marks {
        buffer.set_string(x, plot.area.y, "◆", style);
    }
}

/// A dashed line from top to bottom, where nothing else stands.
fn dashed(plot: &Plot<'_>, x: u16, style: Style, buffer: &mut Canvas<'_>) {
    for y in plot.area.y..plot.area.y + plot.area.height {
        if matches!(buffer[(x, y)].symbol(), " " | "┄" | "┈") {
            buffer.set_string(x, y, "┊", style);
        }
    }
}

/// A line through the chosen bucket, which is shown in reverse.
pub(super) fn cross_hair(app: &App, theme: &Theme, plot: &Plot<'_>, buffer: &mut Canvas<'_>) {
    let Some(cross) = app.cross else { return };
    let Some(x) = plot.series.slots.len().checked_sub(1 + cross).and_then(|place| plot.x(place)) else {
        return;
    };
    dashed(plot, x, theme.style(Token::Accent), buffer);
    for y in plot.area.y..plot.area.y + plot.area.height {
        let cell = &mut buffer[(x, y)];
        if cell.symbol() != "┊" {
            cell.modifier.insert(Modifier::REVERSED);
        }
    }
}

/// The newest bump in sight in words, in a row of its own: `A 11:02 ▲ +0.61 GH 31 stars`.
pub(super) fn event_line(
    app: &App,
    theme: &Theme,
    series: &Series,
    events: &[Event],
    area: &mut Rect,
    buffer: &mut Canvas<'_>,
) {
    let lettered = lettered(series, events);
    let Some((letter, bump)) = lettered.iter().rev().find(|(_, event)| event.kind == EventMark::Bump) else {
        return;
    };
    let line = crate::ui::panel::take_bottom(area, 1);
    let points = bump.points.unwrap_or(0.0);
    let words = format!("{} {}", text::arrow(points), text::signed(points));
    let used = 2 + 11 + text::width(&words) + 2;
    let room = usize::from(line.width).saturating_sub(used);
    Row::new()
        .left(letter, 2, theme.style(Token::Accent))
        .left(&words::when(app, bump.at), 11, theme.style(Token::Muted))
        .text(words, theme.change(points))
        .gap(2)
        .left(&bump.words, room, theme.style(Token::Plain))
        .draw(line, 0, buffer);
}
