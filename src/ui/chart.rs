//! Candles in half cells with volume below.
//!
//! ```text
//!            ╷┃█┃╵█▄╷      ╽▄▄╻▄╻     60.62      ┃ closed higher   █ closed lower
//!  ╷╽▄╻╻╻▄▄ ╻┃╹▀   ▀▀█▄╽┃█┃╹╵▀╿▀╿     60.35      ─ one reading     · computed, not seen
//!  ▇ ▃  ▇ ▃▁▁▂ ▅    ▁▆▁  ▇ ▃▁▃▁▃      VOL        ░ gap: nothing could be known
//!  Thu       Fri      ░gap░   Sun
//! ```

use super::panel::Row;
use super::spark;
use super::theme::{Theme, Token};
use crate::app::App;
use crate::model::{Candle, Mark, Series, Slot};
use crate::text;
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of the axis at the right.
pub(super) const AXIS: u16 = 9;

/// Draws candles, their volume and a time axis.
pub(super) fn candles(app: &App, theme: &Theme, series: &Series, area: Rect, buffer: &mut Buffer) {
    if area.width <= AXIS || area.height < 3 {
        return;
    }
    let plot = Rect { width: area.width - AXIS, height: area.height - 2, ..area };
    let Some(scale) = Scale::of(series) else { return };
    let rows = usize::from(plot.height);
    let columns = usize::from(plot.width);
    let from = series.slots.len().saturating_sub(columns);
    let largest = series.slots.iter().filter_map(Slot::candle).map(|candle| candle.volume).max().unwrap_or(0);
    let volume_row = plot.y + plot.height;
    for (column, place) in (0u16..plot.width).zip(from..series.slots.len()) {
        let x = plot.x + column;
        let Slot::Candle(candle) = series.slots[place] else { continue };
        let style = if candle.backfilled {
            theme.style(Token::Muted)
        } else if candle.close >= candle.open {
            theme.style(Token::Up)
        } else {
            theme.style(Token::Down)
        };
        for (row, y) in (0..rows).zip(plot.y..) {
            if let Some(glyph) = scale.glyph(&candle, rows - 1 - row, rows) {
                buffer.set_string(x, y, glyph, style);
            }
        }
        let bar = spark::amount(candle.volume, largest);
        buffer.set_string(x, volume_row, bar, theme.style(Token::Muted));
    }
    let muted = theme.style(Token::Muted);
    for (row, y) in (0..rows).zip(plot.y..) {
        // A label every other row, and always at the ends.
        if row == 0 || row + 1 == rows || row % 2 == 0 && row + 2 < rows {
            let value = scale.value_at(rows - 1 - row, rows);
            buffer.set_string(plot.x + plot.width + 2, y, format!("{value:>5.2}"), muted);
        }
    }
    buffer.set_string(plot.x + plot.width + 2, volume_row, "VOL", muted);
    let axis = Rect { y: volume_row + 1, height: 1, ..plot };
    Row::new().text(time_axis(app, series, from, columns), muted).draw(axis, 0, buffer);
}

/// Puts a sign on the top row of a chart for every mark, and the newest one's words beside it.
pub(super) fn marks(theme: &Theme, series: &Series, marks: &[Mark], area: Rect, buffer: &mut Buffer) {
    if area.width <= AXIS || area.height < 3 {
        return;
    }
    let columns = usize::from(area.width - AXIS);
    let from = series.slots.len().saturating_sub(columns);
    let step = series.step.num_milliseconds().max(1);
    let column = |mark: &Mark| {
        let slot = (mark.at - series.from).num_milliseconds().div_euclid(step);
        let column = usize::try_from(slot).ok()?.checked_sub(from)?;
        (column < columns).then_some(column)
    };
    let style = theme.style(Token::Accent);
    let seen: Vec<(usize, &Mark)> =
        marks.iter().filter_map(|mark| column(mark).map(|column| (column, mark))).collect();
    if let Some((column, mark)) = seen.last() {
        let words = text::cut(&mark.text, columns.saturating_sub(2).min(24));
        let width = text::width(&words);
        let x = if column + 2 + width <= columns { column + 2 } else { column.saturating_sub(width + 1) };
        let x = area.x.saturating_add(u16::try_from(x).unwrap_or(u16::MAX));
        buffer.set_stringn(x, area.y, words, columns, style);
    }
    for (column, _) in seen {
        let x = area.x.saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
        buffer.set_string(x, area.y, "◆", style);
    }
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
        )
    }

    /// A flat line gets room above and below.
    pub(super) fn between(low: f64, high: f64) -> Option<Self> {
        if !low.is_finite() || !high.is_finite() {
            return None;
        }
        if high - low < 0.05 {
            let middle = f64::midpoint(low, high);
            return Some(Self { low: (middle - 0.05).max(0.0), high: middle + 0.05 });
        }
        Some(Self { low, high })
    }

    /// The half row of a value, counted from the bottom.
    pub(super) fn half(&self, value: f64, rows: usize) -> usize {
        let top = (2 * rows).saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the chart")]
        let half = ((value - self.low) / (self.high - self.low) * top as f64).round().max(0.0) as usize;
        half.min(top)
    }

    /// The value in the middle of a row, counted from the bottom.
    pub(super) fn value_at(&self, row: usize, rows: usize) -> f64 {
        if rows < 2 {
            return self.high;
        }
        self.low + (self.high - self.low) * row as f64 / (rows - 1) as f64
    }

    /// What a candle shows in a row, counted from the bottom.
    fn glyph(&self, candle: &Candle, row: usize, rows: usize) -> Option<&'static str> {
        let half = |value| self.half(value, rows);
        if candle.backfilled {
            return (half(candle.close) / 2 == row).then_some("·");
        }
        if candle.readings == 1 {
            return (half(candle.close) / 2 == row).then_some("─");
        }
        let (open, close) = (half(candle.open), half(candle.close));
        let body = open.min(close)..=open.max(close);
        let wick = half(candle.low)..=half(candle.high);
        let part = |half: usize| {
            if body.contains(&half) {
                Part::Body
            } else if wick.contains(&half) {
                Part::Wick
            } else {
                Part::Nothing
            }
        };
        let rising = candle.close >= candle.open;
        Some(match (part(2 * row + 1), part(2 * row), rising) {
            (Part::Nothing, Part::Nothing, _) => return None,
            (Part::Wick, Part::Wick, _) => "│",
            (Part::Nothing, Part::Wick, _) => "╷",
            (Part::Wick, Part::Nothing, _) => "╵",
            (Part::Body, Part::Body, true) => "┃",
            (Part::Body, Part::Nothing, true) => "╹",
            (Part::Nothing, Part::Body, true) => "╻",
            (Part::Body, Part::Wick, true) => "╿",
            (Part::Wick, Part::Body, true) => "╽",
            (Part::Body, Part::Body, false) => "█",
            (Part::Body, _, false) => "▀",
            (_, Part::Body, false) => "▄",
        })
    }
}

#[derive(Clone, Copy)]
enum Part {
    Nothing,
    Wick,
    Body,
}

/// Times below a chart, about twelve columns apart, with gaps named where they are.
pub(super) fn time_axis(app: &App, series: &Series, from: usize, columns: usize) -> String {
    let mut axis: Vec<char> = vec![' '; columns];
    let span = series.step * i32::try_from(series.slots.len()).unwrap_or(i32::MAX);
    let mut free = 0;
    for (column, place) in (from..series.slots.len()).enumerate() {
        let at = app.local(series.at(place));
        let label = if span <= TimeDelta::hours(48) {
            at.format("%H:%M").to_string()
        } else if span <= TimeDelta::days(10) {
            at.format("%a %-d").to_string()
        } else {
            at.format("%-d %b").to_string()
        };
        if column >= free && column + label.chars().count() <= columns {
            for (i, c) in label.chars().enumerate() {
                axis[column + i] = c;
            }
            free = column + 12;
        }
    }
    let mut column = 0;
    while column < columns {
        let is_gap = |column: usize| series.slots.get(from + column) == Some(&Slot::Gap);
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

/// The width of a bucket in words: `30-min candles`.
pub(super) fn step_words(step: TimeDelta) -> String {
    let minutes = step.num_minutes();
    match minutes {
        ..60 => format!("{minutes}-min candles"),
        60..1_440 => format!("{}-hour candles", minutes / 60),
        1_440..10_080 => format!("{}-day candles", minutes / 1_440),
        _ => format!("{}-week candles", minutes / 10_080),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(open: f64, high: f64, low: f64, close: f64, rows: usize) -> String {
        let scale = Scale { low: 0.0, high: 7.0 };
        let candle = Candle { open, high, low, close, volume: 1, readings: 4, backfilled: false };
        (0..rows).rev().map(|row| scale.glyph(&candle, row, rows).unwrap_or(" ")).collect()
    }

    #[test]
    fn candles_are_told_apart_without_colour() {
        assert_eq!(column(2.0, 7.0, 0.0, 5.0, 4), "│┃┃│");
        assert_eq!(column(5.0, 7.0, 0.0, 2.0, 4), "│██│");
        assert_eq!(column(3.0, 3.0, 2.0, 2.0, 4), "  █ ");
        assert_eq!(column(1.0, 2.0, 0.0, 1.0, 4), "  ╷╿");
        assert_eq!(column(6.0, 6.0, 3.0, 5.0, 4), "▄▀╵ ");
    }

    #[test]
    fn one_reading_is_a_dash() {
        let scale = Scale { low: 0.0, high: 7.0 };
        let candle =
            Candle { open: 3.0, high: 3.0, low: 3.0, close: 3.0, volume: 0, readings: 1, backfilled: false };
        assert_eq!(scale.glyph(&candle, 1, 4), Some("─"));
        assert_eq!(scale.glyph(&candle, 0, 4), None);
    }

    #[test]
    fn a_flat_line_has_a_scale() {
        let scale = Scale::between(50.0, 50.0).unwrap();
        assert!(scale.low < 50.0 && scale.high > 50.0);
        assert_eq!(Scale::between(f64::INFINITY, f64::NEG_INFINITY), None);
    }
}
