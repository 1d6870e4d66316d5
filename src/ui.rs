//! Draws the screen: a function of [`App`], nothing else.
//!
//! One file per screen. Every figure is text with a sign or a word; colour only repeats what is said.

mod add;
mod board;
mod channel;
mod chart;
mod compare;
mod formula;
mod goal;
mod help;
mod line;
mod log;
mod panel;
mod person;
mod rules;
mod spark;
mod statement;
mod theme;
mod why;
mod words;

pub use theme::{Theme, Token};

use crate::app::{App, Height, View};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    render(app, area, frame.buffer_mut());
}

/// The terminal's title: unread alerts and the user's score, so that a tab says it all.
pub fn title(app: &App) -> String {
    let mine = app.people.iter().find(|person| person.mine).or_else(|| app.people.first());
    let badge = match app.badge() {
        0 => String::new(),
        unread => format!("({unread}) "),
    };
    match mine {
        Some(person) => format!("{badge}{} {} · cloutop", person.symbol, words::headline(person, app.range)),
        None => format!("{badge}cloutop"),
    }
}

/// Draws the whole screen into a buffer.
pub fn render(app: &App, area: Rect, buffer: &mut Buffer) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let theme = Theme::of(app.theme, app.up, app.depth);
    let layout = app.layout();
    if layout.height == Height::Line && app.help.is_none() && app.add.is_none() {
        line::draw(app, &theme, area, buffer);
        return;
    }
    if app.help.is_some() {
        help::draw(app, &theme, area, buffer);
    } else if app.add.is_some() {
        add::draw(app, &theme, area, buffer);
    } else {
        match app.view() {
            View::Board => board::draw(app, &theme, area, buffer),
            View::Person { .. } => person::draw(app, &theme, area, buffer),
            View::Channel { .. } => channel::draw(app, &theme, area, buffer),
            View::Statement { .. } => statement::draw(app, &theme, area, buffer),
            View::Formula { .. } => formula::draw(app, &theme, area, buffer),
            View::Log { .. } => log::draw(app, &theme, area, buffer),
            View::Compare { people, pair } => compare::draw(app, people, *pair, &theme, area, buffer),
        }
    }
}
