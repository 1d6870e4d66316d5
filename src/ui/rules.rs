//! The rules and how they are doing.
//!
//! ```text
//! │  NAME      WHO        WHEN                  HOW                 QUIET   24H  STATE                 │
//! │  bump      mine       bump ≥ 3 × noise      badge               30m       1  on                    │
//! │  halt      everybody  halt > 15m            badge, phone        1d        0  silent until 22:32    │
//! ```

use super::canvas::Canvas;
use super::panel::{Row, boxed};
use super::theme::{Theme, Token};
use crate::alerts::Standing;
use crate::app::{App, Target, Width};
use crate::text;
use ratatui::layout::Rect;

/// Rows that the panel needs, the box and its head included.
pub(super) fn rows(app: &App) -> u16 {
    u16::try_from(app.rules().len()).unwrap_or(u16::MAX).clamp(1, 8) + 3
}

/// Draws the rules; `selected` is the one selected, while they have the focus.
pub(super) fn draw(app: &App, theme: &Theme, selected: Option<usize>, area: Rect, buffer: &mut Canvas<'_>) {
    let rules = app.rules();
    let selected = selected.map(|place| place.min(rules.len().saturating_sub(1)));
    let quiet = app.do_not_disturb.map(|hours| format!("do not disturb {hours}")).unwrap_or_default();
    let title = if selected.is_some() { "▸ Rules" } else { "Rules" };
    let inner = boxed(theme, area, title, &quiet, buffer);
    let muted = theme.style(Token::Muted);
    if rules.is_empty() {
        let words = if app.rules_came() { "no rules are at work here" } else { "…" };
        Row::new().gap(1).text(words, muted).draw(inner, 0, buffer);
        return;
    }
    let wide = app.layout().width >= Width::Wide;
    let mut widths = if wide { [12, 14, 26, 0, 7, 5] } else { [10, 10, 20, 0, 0, 0] };
    // Where it tells gets what the others leave, and the state 20.
    let others: usize = widths.iter().sum();
    widths[3] = usize::from(inner.width).saturating_sub(others + if wide { 23 } else { 20 }).max(10);
    // Where little fits: its name, what it is on, and how it is doing.
    if app.layout().width < Width::Medium {
        widths = [10, 0, usize::from(inner.width).saturating_sub(10 + 10), 0, 0, 0];
    }
    let line = |cells: [&str; 7], style| {
        let mut row = Row::new();
        for (place, (words, width)) in cells[..6].iter().zip(widths).enumerate() {
            if width > 0 {
                row = if place == 5 {
                    row.right(words, width, style)
                } else {
                    row.left(words, width - 1, style)
                };
                row = row.gap(if place == 5 { 2 } else { 1 });
            }
        }
        let room = usize::from(inner.width).saturating_sub(row.width());
        row.left(cells[6], room, style)
    };
    let head = line(["NAME", "WHO", "WHEN", "HOW", "QUIET", "24H", "STATE"], muted);
    let body = Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(1), ..inner };
    head.draw(body, 0, buffer);
    // What does not fit is counted in the last row.
    let room = usize::from(inner.height).saturating_sub(1);
    let shown = if rules.len() > room { room.saturating_sub(1) } else { rules.len() };
    let first = selected.map_or(0, |selected| (selected + 1).saturating_sub(shown.max(1)));
    let mut y = 1;
    for (place, standing) in rules.iter().enumerate().skip(first).take(shown) {
        let rule = &standing.rule;
        let (who, when, how) = (rule.who.to_string(), rule.trigger.to_string(), rule.how.join(", "));
        let (quiet, fired) = (text::span(rule.quiet), standing.fired.to_string());
        let (doing, token) = state(app, standing);
        let cells = [rule.name.as_str(), &who, &when, &how, &quiet, &fired, &doing];
        let row = Rect { y: inner.y + y, height: 1, ..inner }.intersection(inner);
        buffer.spot(row, Target::Rule(place));
        line(cells, theme.style(token)).draw(body, y, buffer);
        if selected == Some(place) && !row.is_empty() {
            buffer.set_string(row.x, row.y, "▸", theme.style(Token::Plain));
            buffer.set_style(row, theme.style(Token::Selection));
        }
        y += 1;
    }
    if shown < rules.len() {
        let words = format!("and {} more", rules.len() - shown);
        Row::new().gap(1).text(words, muted).draw(inner, y, buffer);
    }
}

fn state(app: &App, standing: &Standing) -> (String, Token) {
    if standing.rule.off {
        return ("off".to_owned(), Token::Muted);
    }
    if let Some(until) = standing.snoozed {
        return (format!("silent until {}", app.local(until).format("%H:%M")), Token::Warn);
    }
    match standing.firing.as_slice() {
        [] => ("on".to_owned(), Token::Plain),
        people => (format!("true of {}", people.join(", ")), Token::Accent),
    }
}
