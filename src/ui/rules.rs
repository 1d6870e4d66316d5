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
use crate::app::{App, Width};
use crate::text;
use ratatui::layout::Rect;

/// Rows that the panel needs, the box and its head included.
pub(super) fn rows(app: &App) -> u16 {
    u16::try_from(app.rules().len()).unwrap_or(u16::MAX).clamp(1, 8) + 3
}

pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let rules = app.rules();
    let quiet = app.do_not_disturb.map(|hours| format!("do not disturb {hours}")).unwrap_or_default();
    let inner = boxed(theme, area, "Rules", &quiet, buffer);
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
    let line = |cells: [&str; 7], style| {
        let mut row = Row::new().gap(1);
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
    line(["NAME", "WHO", "WHEN", "HOW", "QUIET", "24H", "STATE"], muted).draw(inner, 0, buffer);
    // What does not fit is counted in the last row.
    let room = usize::from(inner.height).saturating_sub(1);
    let shown = if rules.len() > room { room.saturating_sub(1) } else { rules.len() };
    let mut y = 1;
    for standing in &rules[..shown] {
        let rule = &standing.rule;
        let (who, when, how) = (rule.who.to_string(), rule.trigger.to_string(), rule.how.join(", "));
        let (quiet, fired) = (text::span(rule.quiet), standing.fired.to_string());
        let (doing, token) = state(app, standing);
        let cells = [rule.name.as_str(), &who, &when, &how, &quiet, &fired, &doing];
        line(cells, theme.style(token)).draw(inner, y, buffer);
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
