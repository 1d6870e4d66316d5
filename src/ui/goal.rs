//! A goal on a person's chart: a dotted line where it is in sight, an arrow where it is not.
//!
//! ```text
//! │           ╻▄╹         55.73 │
//! │ ┈┈┈┈┈┈┈┈┈╻┃┈┈┈┈┈┈┈┈┈┈ 55.00 │   the goal's number stands in the axis, between those of the scale
//! │ ▄╻▄▄╻▄▄▄▄┃            52.78 │
//! ```

use super::chart::{AXIS, Scale};
use super::theme::{Theme, Token};
use crate::goals;
use crate::model::{GoalSnapshot, PersonSnapshot, Series, Time};
use crate::text;
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A goal that is over is told of for so long.
const NEWS: TimeDelta = TimeDelta::days(7);

/// The newest goal that can still be won.
pub(super) fn open(person: &PersonSnapshot) -> Option<&GoalSnapshot> {
    person.goals.iter().rev().find(|goal| !goal.state.over())
}

/// The goal in a line: the newest that can still be won, or else the last that was won or missed lately.
pub(super) fn line(person: &PersonSnapshot, now: Time) -> String {
    let lately = |goal: &&GoalSnapshot| goal.state.at().is_some_and(|at| now - at < NEWS);
    let ended = || person.goals.iter().filter(lately).max_by_key(|goal| goal.state.at());
    open(person).or_else(ended).map(|goal| goals::line(goal, person.score, now)).unwrap_or_default()
}

/// Draws the goal into a chart that stands already: only where nothing else is.
pub(super) fn draw(theme: &Theme, person: &PersonSnapshot, series: &Series, area: Rect, buffer: &mut Buffer) {
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
    if goal > scale.high || goal < scale.low {
        // The rows beside the ends have no label of the scale.
        let (arrow, row) = if goal > scale.high { ("↑", 1) } else { ("↓", last.saturating_sub(1)) };
        buffer.set_stringn(axis, plot.y + row, format!("{arrow}{number:>5}"), 8, style);
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
