//! A score over time: candles in half cells, a line, bars, or the volume alone; with volume and times below.
//!
//! ```text
//!            ╷┃█┃╵█▄╷      ╽▄▄╻▄╻     60.62      ┃ closed higher   █ closed lower
//!  ╷╽▄╻╻╻▄▄ ╻┃╹▀   ▀▀█▄╽┃█┃╹╵▀╿▀╿     60.35      ─ one reading     · computed, not seen
//!  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄∙∙∙∙  60.20      ┄ opening of the range   ∙ to come without news
//!  ▇ ▃  ▇ ▃▁▁▂ ▅    ▁▆▁  ▇ ▃▁▃▁▃      VOL        ░ gap: nothing could be known
//!  Thu       Fri      ░gap░ A   Sun
//! ```

mod goal;
mod kinds;
mod over;

use super::canvas::Canvas;
use super::panel::Row;
use super::spark;
use super::theme::{Theme, Token};
use crate::app::{App, Chart};
use crate::model::{PersonSnapshot, Series, Slot};
use crate::text;
use chrono::TimeDelta;
pub(super) use goal::line as goal_line;
use ratatui::layout::Rect;

/// Columns of the axis at the right.
pub(super) const AXIS: u16 = 9;

/// A chart has at least so many rows: three of values, the volume, the times.
const LEAST: u16 = 3;

/// Where the values of a series go on the screen.
pub(super) struct Plot<'s> {
    series: &'s Series,
    scale: Scale,
    /// The first bucket that is shown.
    from: usize,
    /// Columns a bucket has: two where there is room for fewer than half of them.
    pitch: usize,
    area: Rect,
}

impl Plot<'_> {
    fn rows(&self) -> usize {
        usize::from(self.area.height)
    }

    /// The column of a bucket on the screen.
    fn x(&self, place: usize) -> Option<u16> {
        let column = u16::try_from(place.checked_sub(self.from)? * self.pitch).ok()?;
        (column < self.area.width).then(|| self.area.x + column)
    }

    /// Buckets that are shown, each with its column.
    fn slots(&self) -> impl Iterator<Item = (u16, usize, &Slot)> {
        let slots = self.series.slots.iter().enumerate().skip(self.from);
        slots.filter_map(|(place, slot)| Some((self.x(place)?, place, slot)))
    }

    /// The row of a value on the screen, where the chart reaches that far.
    fn y(&self, value: f64) -> Option<u16> {
        let inside = value >= self.scale.low && value <= self.scale.high;
        let row = u16::try_from(self.scale.half(value, self.rows()) / 2).ok()?;
        inside.then(|| self.area.y + self.area.height - 1 - row)
    }
}

/// Draws a series. `person` is whose score it is; a channel's part of one has neither a goal nor a future.
pub(super) fn draw(
    app: &App,
    theme: &Theme,
    series: &Series,
    person: Option<&PersonSnapshot>,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    if area.width <= AXIS || area.height < LEAST {
        return;
    }
    let Some(scale) = Scale::of(series) else { return };
    let focus = person.or_else(|| app.focus());
    let events = focus.map(|person| app.events_of(person.id)).unwrap_or_default();
    if area.height >= 9 {
        over::event_line(app, theme, series, &events, &mut area, buffer);
    }
    let columns = area.width - AXIS;
    let ahead =
        if person.is_some() { u16::try_from(app.ahead(usize::from(columns))).unwrap_or(0) } else { 0 };
    let values = Rect { width: columns - ahead, height: area.height - 2, ..area };
    let room = usize::from(values.width);
    let plot = Plot {
        series,
        scale,
        from: series.slots.len().saturating_sub(room),
        pitch: if series.slots.len() * 2 <= room { 2 } else { 1 },
        area: values,
    };
    match app.chart {
        Chart::Candles => kinds::candles(theme, &plot, buffer),
        Chart::Line if app.braille => kinds::braille(theme, &plot, buffer),
        Chart::Line => kinds::line(theme, &plot, buffer),
        Chart::Bars => kinds::bars(theme, &plot, buffer),
        Chart::Volume => kinds::volume(theme, &plot, buffer),
    }
    labels(app, theme, &plot, &over::letters(&plot, &events), area, buffer);
    if let Some(person) = person.filter(|_| app.chart != Chart::Volume) {
        over::ahead(app, theme, &plot, person, ahead, buffer);
        over::opening(app, theme, &plot, person, area, buffer);
        // Its number is the rarer one where both want the same place.
        goal::draw(theme, person, series, area, buffer);
    }
    over::events(theme, &plot, &events, buffer);
    over::cross_hair(app, theme, &plot, buffer);
}

/// The volume, the times and the scale.
fn labels(app: &App, theme: &Theme, plot: &Plot<'_>, taken: &[usize], area: Rect, buffer: &mut Canvas<'_>) {
    let muted = theme.style(Token::Muted);
    let rows = plot.rows();
    let volume_row = plot.area.y + plot.area.height;
    let axis = area.x + area.width - AXIS + 2;
    let largest = plot.slots().filter_map(|(.., slot)| slot.candle()).map(|candle| candle.volume).max();
    if app.chart == Chart::Volume {
        // What the tallest bar stands for.
        let most = text::compact(largest.unwrap_or(0));
        buffer.set_string(axis, plot.area.y, format!("{most:>5}"), muted);
        buffer.set_string(axis, plot.area.y + plot.area.height - 1, format!("{:>5}", 0), muted);
    } else {
        for (x, _, slot) in plot.slots() {
            let Some(candle) = slot.candle() else { continue };
            buffer.set_string(x, volume_row, spark::amount(candle.volume, largest.unwrap_or(0)), muted);
        }
        for (row, y) in (0..rows).zip(plot.area.y..) {
            // A label every other row, and always at the ends.
            if row == 0 || row + 1 == rows || row % 2 == 0 && row + 2 < rows {
                let value = plot.scale.value_at(rows - 1 - row, rows);
                buffer.set_string(axis, y, format!("{value:>5.2}"), muted);
            }
        }
        buffer.set_string(axis, volume_row, "VOL", muted);
    }
    let times = Rect { y: volume_row + 1, height: 1, ..plot.area };
    let size = (usize::from(plot.area.width), plot.pitch);
    let words = time_axis(app, plot.series, plot.from, size, taken);
    Row::new().text(words, muted).draw(times, 0, buffer);
}

/// Lowest and highest value of a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Scale {
    pub(super) fn of(series: &Series) -> Option<Self> {
        let candles = || series.slots.iter().filter_map(Slot::candle);
        Self::between(
            candles().map(|candle| candle.low).fold(f64::INFINITY, f64::min),
            candles().map(|candle| candle.high).fold(f64::NEG_INFINITY, f64::max),
            0.05,
        )
    }

    /// A line that moves by less than `least` gets room above and below; what is never negative gets none below zero.
    pub(super) fn between(low: f64, high: f64, least: f64) -> Option<Self> {
        if !low.is_finite() || !high.is_finite() {
            return None;
        }
        if high - low < least {
            let middle = f64::midpoint(low, high);
            let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
            return Some(Self { low: (middle - least).max(floor), high: middle + least });
        }
        Some(Self { low, high })
    }

    /// The half row of a value, counted from the bottom.
    pub(super) fn half(&self, value: f64, rows: usize) -> usize {
        self.part(value, 2 * rows)
    }

    /// The part of a value among so many from the bottom up.
    pub(super) fn part(&self, value: f64, parts: usize) -> usize {
        let top = parts.saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the chart")]
        let part = ((value - self.low) / (self.high - self.low) * top as f64).round().max(0.0) as usize;
        part.min(top)
    }

    /// The value in the middle of a row, counted from the bottom.
    pub(super) fn value_at(&self, row: usize, rows: usize) -> f64 {
        if rows < 2 {
            return self.high;
        }
        self.low + (self.high - self.low) * row as f64 / (rows - 1) as f64
    }
}

/// Times below a chart, about twelve columns apart, with gaps named where they are.
pub(super) fn time_axis(
    app: &App,
    series: &Series,
    from: usize,
    (columns, pitch): (usize, usize),
    taken: &[usize],
) -> String {
    let mut axis: Vec<char> = vec![' '; columns];
    let span = series.step * i32::try_from(series.slots.len()).unwrap_or(i32::MAX);
    let mut free = 0;
    for (column, place) in (from..series.slots.len()).enumerate().map(|(i, place)| (i * pitch, place)) {
        let at = app.local(series.at(place));
        let label = if span <= TimeDelta::hours(48) {
            at.format("%H:%M").to_string()
        } else if span <= TimeDelta::days(10) {
            at.format("%a %-d").to_string()
        } else {
            at.format("%-d %b").to_string()
        };
        let end = column + label.chars().count();
        // What stands in the axis already keeps a blank around it.
        let clear = !taken.iter().any(|place| (column..=end).contains(place) || place + 1 == column);
        if column >= free && end <= columns && clear {
            for (i, c) in label.chars().enumerate() {
                axis[column + i] = c;
            }
            free = column + 12;
        }
    }
    let mut column = 0;
    while column < columns {
        let is_gap = |column: usize| series.slots.get(from + column / pitch) == Some(&Slot::Gap);
        let length = (column..columns).take_while(|column| is_gap(*column)).count();
        if length >= 5 {
            let word = text::cut("░gap░", length);
            let start = column + (length - 5) / 2;
            for cell in &mut axis[column..column + length] {
                *cell = '░';
            }
            for (i, c) in word.chars().enumerate() {
                axis[start + i] = c;
            }
        } else if length > 0 {
            for cell in &mut axis[column..column + length] {
                *cell = '░';
            }
        }
        column += length.max(1);
    }
    axis.into_iter().collect()
}

/// The width of a bucket and what is drawn, in words: `30-min candles`.
pub(super) fn step_words(app: &App, step: TimeDelta) -> String {
    let minutes = step.num_minutes();
    let kind = app.chart.word();
    match minutes {
        ..60 => format!("{minutes}-min {kind}"),
        60..1_440 => format!("{}-hour {kind}", minutes / 60),
        1_440..10_080 => format!("{}-day {kind}", minutes / 1_440),
        _ => format!("{}-week {kind}", minutes / 10_080),
    }
}
