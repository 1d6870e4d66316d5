//! Panes of one or two rows: as many people as fit, marks kept.
//!
//! ```text
//! YOU 61.42▲0.83 ▂▃▅▆█  ADA 74.10▲0.52  KEN 48.77▲0.31  TOM 52.18▼0.67!
//! ```

use super::canvas::Canvas;
use super::panel::Row;
use super::spark;
use super::theme::{Theme, Token};
use super::words;
use crate::app::App;
use crate::model::PersonSnapshot;
use crate::text;
use ratatui::layout::Rect;

/// Draws everybody in one line, the selected person and those who moved most first.
pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let mut people = app.rows();
    people.sort_by_key(|person| (Some(person.id) != app.selected, !person.mine));
    let wide = area.width >= 60;
    let mut row = Row::new();
    // What is unread comes last and is never left out.
    let badge = match app.badge() {
        0 => String::new(),
        unread => format!("●{unread}"),
    };
    let room = usize::from(area.width).saturating_sub(text::width(&badge) + usize::from(!badge.is_empty()));
    for person in &people {
        let first = row.width() == 0;
        let entry = entry(app, person, first || area.width >= 40, first && wide);
        let needed = text::width(&entry) + usize::from(!first);
        if !first && row.width() + needed > room {
            continue;
        }
        if !first {
            row = row.gap(if wide { 2 } else { 1 });
        }
        let change = person.change(app.range).map_or(0.0, |change| words::shown(person, change));
        row = row.text(entry, theme.change(change));
    }
    if people.is_empty() {
        row = row.text("cloutop: nobody yet, a adds", theme.style(Token::Muted));
    }
    let row = if badge.is_empty() { row } else { row.gap(1).text(badge, theme.style(Token::Accent)) };
    row.draw(area, 0, buffer);
}

fn entry(app: &App, person: &PersonSnapshot, score: bool, trend: bool) -> String {
    let mut words = person.symbol.clone();
    if score && let Some(score) = person.score {
        words.push_str(&format!(" {}", text::score(score)));
    }
    match person.change(app.range) {
        Some(change) => {
            let points = words::shown(person, change);
            let size = text::signed(points).trim_start_matches(['+', '-']).to_owned();
            words.push_str(&format!("{}{size}", text::arrow(points)));
        }
        None if person.score.is_none() => words.push_str(" …"),
        None => {}
    }
    if let Some(trouble) = person.channels.iter().find(|channel| channel.state.held()) {
        words.push_str(words::sign(trouble.state));
    }
    if trend && let Some(series) = app.series(&app.trend_query(person.id)) {
        let closes = series.closes();
        let last = &closes[closes.len().saturating_sub(5)..];
        words.push_str(&format!(" {}", spark::spark(last, 5)));
    }
    words
}
