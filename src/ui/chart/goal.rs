//! A goal on a person's chart: a dotted line where it is in sight, an arrow beyond the chart where it is not.
//!
//! ```text
//! ┌─ Score, 30-min candles ── ↑60.00 ─┐
//! │           ╻▄╹              55.73  │
//! │ ┈┈┈┈┈┈┈┈┈╻┃┈┈┈┈┈┈┈┈┈┈┈     55.00  │   the goal's number stands in the axis, in place of the scale's
//! │ ▄╻▄▄╻▄▄▄▄┃                 52.78  │
//! └──── goal 55.00: held 3 of 7 d ────┘
//! ```

use super::{AXIS, Scale};
use crate::goals;
use crate::model::{GoalSnapshot, PersonSnapshot, Series, Time};
use crate::text;
use crate::ui::canvas::Canvas;
use crate::ui::theme::{Theme, Token};
use chrono::TimeDelta;
use ratatui::layout::Rect;

/// A goal that is over is told of for so long.
const NEWS: TimeDelta = TimeDelta::days(7);

/// The newest goal that can still be won.
pub(super) fn open(person: &PersonSnapshot) -> Option<&GoalSnapshot> {
    person.goals.iter().rev().find(|goal| !goal.state.over())
}

/// The goal in a line of so many columns: the newest that can still be won, or else the last that was won or missed
/// lately.
pub(in crate::ui) fn line(person: &PersonSnapshot, now: Time, columns: usize) -> String {
    let lately = |goal: &&GoalSnapshot| goal.state.at().is_some_and(|at| now - at < NEWS);
    let ended = || person.goals.iter().filter(lately).max_by_key(|goal| goal.state.at());
    let Some(goal) = open(person).or_else(ended) else { return String::new() };
    let line = goals::line(goal, person.score, now);
    if text::width(&line) <= columns {
        return line;
    }
    // The energy is in the command's answer, too; the prize is what it is all for.
    goals::line(&GoalSnapshot { effort: None, ..goal.clone() }, person.score, now)
}

/// Draws the goal into a chart that stands already: only where nothing else is.
pub(super) fn draw(
    theme: &Theme,
    person: &PersonSnapshot,
    series: &Series,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let Some(goal) = open(person).map(|goal| goal.goal.target) else { return };
    let Some(scale) = Scale::of(series) else { return };
    if area.width <= AXIS || area.height < 4 {
        return;
    }
    let style = theme.style(Token::Accent);
    let plot = Rect { width: area.width - AXIS, height: area.height - 2, ..area };
    let axis = plot.x + plot.width + 1;
    let number = text::score(goal);
    let last = plot.height - 1;
    if goal > scale.high {
        // Above the chart: its frame, or a line of figures.
        aside(&format!(" ↑{number:>5} "), axis - 1, plot.y.checked_sub(1), theme, buffer);
        return;
    }
    if goal < scale.low {
        // Below it, beside the times.
        aside(&format!(" ↓{number:>5} "), axis - 1, Some(area.y + area.height - 1), theme, buffer);
        return;
    }
    let half = scale.half(goal, usize::from(plot.height));
    let row = last.saturating_sub(u16::try_from(half / 2).unwrap_or(last));
    let y = plot.y + row;
    for x in plot.x..plot.x + plot.width {
        if buffer[(x, y)].symbol() == " " {
            buffer.set_string(x, y, "┈", style);
        }
    }
    buffer.set_stringn(axis, y, format!(" {number:>5}"), 8, style);
}

/// Writes where nothing but blanks or a frame stands, a column further if it must be.
fn aside(words: &str, x: u16, y: Option<u16>, theme: &Theme, buffer: &mut Canvas<'_>) {
    let width = u16::try_from(text::width(words)).unwrap_or(u16::MAX);
    let Some(y) = y.filter(|y| buffer.area.contains((x, *y).into())) else { return };
    let free = |x: u16| buffer.cell((x, y)).is_some_and(|cell| matches!(cell.symbol(), " " | "─"));
    if let Some(x) = [x, x + 1].into_iter().find(|x| (*x..x.saturating_add(width)).all(free)) {
        buffer.set_string(x, y, words, theme.style(Token::Accent));
    }
}
