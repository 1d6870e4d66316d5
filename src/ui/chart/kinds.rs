//! The ways in which a series is drawn.

use super::{Canvas, Plot, Scale, Theme, Token, spark};
use crate::model::{Candle, Slot};
use ratatui::style::Style;

/// The colour of a bucket, by where it closed.
fn style(theme: &Theme, candle: &Candle) -> Style {
    if candle.backfilled {
        theme.style(Token::Muted)
    } else if candle.close >= candle.open {
        theme.style(Token::Up)
    } else {
        theme.style(Token::Down)
    }
}

pub(super) fn candles(theme: &Theme, plot: &Plot<'_>, buffer: &mut Canvas<'_>) {
    let rows = plot.rows();
    for (x, _, slot) in plot.slots() {
        let Slot::Candle(candle) = slot else { continue };
        for (row, y) in (0..rows).zip(plot.area.y..) {
            if let Some(glyph) = plot.scale.glyph(candle, rows - 1 - row, rows) {
                buffer.set_string(x, y, glyph, style(theme, candle));
            }
        }
    }
}

/// Closes, one joined to the next; through gaps there is no line.
pub(super) fn line(theme: &Theme, plot: &Plot<'_>, buffer: &mut Canvas<'_>) {
    let rows = plot.rows();
    let accent = theme.style(Token::Accent);
    let closes = plot.series.closes();
    let mut before = None;
    for (x, place, slot) in plot.slots() {
        let half = closes[place].map(|close| plot.scale.half(close, rows));
        if let Some(half) = half {
            let from = before.unwrap_or(half);
            let (low, high) = (half.min(from), half.max(from));
            // The half that the column before has drawn already is not drawn again.
            let (low, high) = match half.cmp(&from) {
                std::cmp::Ordering::Greater => (low + 1, high),
                std::cmp::Ordering::Less => (low, high - 1),
                std::cmp::Ordering::Equal => (low, high),
            };
            let style = match slot {
                Slot::Candle(candle) if candle.backfilled => theme.style(Token::Muted),
                _ => accent,
            };
            for column in 0..u16::try_from(plot.pitch).unwrap_or(1) {
                // The second column of a bucket goes on at its close.
                let (low, high) = if column == 0 { (low, high) } else { (half, half) };
                halves(plot, x + column, low, high, style, buffer);
            }
        }
        before = half;
    }
}

/// Fills half cells from one to another in a column, counted from the bottom.
fn halves(plot: &Plot<'_>, x: u16, low: usize, high: usize, style: Style, buffer: &mut Canvas<'_>) {
    let rows = plot.rows();
    for (row, y) in (0..rows).zip(plot.area.y..) {
        let bottom = 2 * (rows - 1 - row);
        let (lower, upper) = ((low..=high).contains(&bottom), (low..=high).contains(&(bottom + 1)));
        let glyph = match (lower, upper) {
            (true, true) => "█",
            (true, false) => "▄",
            (false, true) => "▀",
            (false, false) => continue,
        };
        if plot.area.contains((x, y).into()) {
            buffer.set_string(x, y, glyph, style);
        }
    }
}

/// Closes in braille: two columns and four rows of dots a cell.
pub(super) fn braille(theme: &Theme, plot: &Plot<'_>, buffer: &mut Canvas<'_>) {
    const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
    let rows = plot.rows();
    let closes = plot.series.closes();
    let quarter = |value: f64| plot.scale.part(value, 4 * rows);
    for (x, place, _) in plot.slots() {
        let Some(close) = closes[place] else { continue };
        let before = place.checked_sub(1).and_then(|place| closes[place]).unwrap_or(close);
        let mut cells = vec![0u32; rows];
        for (side, value) in [(0, f64::midpoint(before, close)), (1, close)] {
            let from = quarter(if side == 0 { before } else { f64::midpoint(before, close) });
            let to = quarter(value);
            for dot in from.min(to)..=from.max(to) {
                cells[rows - 1 - dot / 4] |= DOTS[side][dot % 4];
            }
        }
        for (bits, y) in cells.into_iter().zip(plot.area.y..) {
            if let Some(c) = char::from_u32(0x2800 + bits).filter(|_| bits > 0) {
                buffer.set_string(x, y, c.to_string(), theme.style(Token::Accent));
            }
        }
    }
}

/// Closes as bars from the foot of the chart, in eighths of a row.
pub(super) fn bars(theme: &Theme, plot: &Plot<'_>, buffer: &mut Canvas<'_>) {
    let closes = plot.series.closes();
    for (x, place, slot) in plot.slots() {
        let Some(close) = closes[place] else { continue };
        let style = slot.candle().map_or_else(|| theme.style(Token::Muted), |candle| style(theme, candle));
        let eighths = 1 + plot.scale.part(close, 8 * plot.rows());
        column(plot, x, eighths, style, buffer);
    }
}

/// Engagement events as bars.
pub(super) fn volume(theme: &Theme, plot: &Plot<'_>, buffer: &mut Canvas<'_>) {
    let candles = || plot.slots().filter_map(|(x, _, slot)| Some((x, slot.candle()?)));
    let largest = candles().map(|(_, candle)| candle.volume).max().unwrap_or(0).max(1);
    let whole = 8 * plot.rows() as u64;
    for (x, candle) in candles().filter(|(_, candle)| candle.volume > 0) {
        let eighths = usize::try_from((candle.volume * whole).div_ceil(largest)).unwrap_or(1);
        column(plot, x, eighths, style(theme, candle), buffer);
    }
}

/// A bar of so many eighths of a row.
fn column(plot: &Plot<'_>, x: u16, eighths: usize, style: Style, buffer: &mut Canvas<'_>) {
    let rows = plot.rows();
    for (row, y) in (0..rows).zip(plot.area.y..) {
        let above = eighths.saturating_sub(8 * (rows - 1 - row));
        if above > 0 {
            buffer.set_string(x, y, spark::BARS[above.min(8) - 1], style);
        }
    }
}

impl Scale {
    /// What a candle shows in a row, counted from the bottom.
    pub(super) fn glyph(&self, candle: &Candle, row: usize, rows: usize) -> Option<&'static str> {
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
        let scale = Scale::between(50.0, 50.0, 0.05).unwrap();
        assert!(scale.low < 50.0 && scale.high > 50.0);
        let falling = Scale::between(-0.012, -0.002, 0.002).unwrap();
        assert_eq!((falling.low, falling.high), (-0.012, -0.002), "what falls is drawn where it falls");
        assert!(Scale::between(-0.001, 0.0, 0.002).unwrap().low < -0.001);
        assert_eq!(Scale::between(0.0, 0.0, 0.05).unwrap().low, 0.0);
        assert_eq!(Scale::between(f64::INFINITY, f64::NEG_INFINITY, 0.05), None);
    }
}
