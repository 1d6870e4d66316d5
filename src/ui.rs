//! Draws the screen: a function of [`App`], nothing else.
//!
//! One file per screen. Every figure is text with a sign or a word; colour only repeats what is said.

mod add;
mod ascii;
mod board;
mod canvas;
mod channel;
mod chart;
mod choose;
mod compare;
mod formula;
mod frame;
mod help;
mod line;
mod log;
mod outcomes;
mod panel;
mod person;
mod post;
mod rule_form;
mod rules;
mod settings;
mod spark;
mod statement;
mod theme;
mod why;
mod words;

pub use canvas::{Spot, hit};
pub use theme::{Theme, Token};

use crate::app::{App, Height, View};
use canvas::Canvas;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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

/// Draws the whole screen into a buffer, and says where a click means something.
pub fn render(app: &App, area: Rect, buffer: &mut Buffer) -> Vec<Spot> {
    if area.width == 0 || area.height == 0 {
        return Vec::new();
    }
    let theme = Theme::of(app.theme, app.up, app.ground, app.depth);
    let mut canvas = Canvas::new(buffer, area);
    screen(app, &theme, area, &mut canvas);
    ascii::rewrite(app.glyphs, area, &mut canvas);
    canvas.into_spots()
}

fn screen(app: &App, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) {
    if app.help.is_some() {
        help::draw(app, theme, area, canvas);
    } else if app.add.is_some() {
        add::draw(app, theme, area, canvas);
    } else if app.rule_form.is_some() {
        rule_form::draw(app, theme, area, canvas);
    } else if app.layout().height == Height::Line {
        line::draw(app, theme, area, canvas);
    } else {
        match app.view() {
            View::Board => board::draw(app, theme, area, canvas),
            View::Person { .. } => person::draw(app, theme, area, canvas),
            View::Channel { .. } => channel::draw(app, theme, area, canvas),
            View::Post { .. } => post::draw(app, theme, area, canvas),
            View::Statement { .. } => statement::draw(app, theme, area, canvas),
            View::Formula { .. } => formula::draw(app, theme, area, canvas),
            View::Log { .. } => log::draw(app, theme, area, canvas),
            View::Settings => settings::draw(app, theme, area, canvas),
            View::Compare { people, pair, row } => {
                compare::draw(app, people, (*pair, *row), theme, area, canvas);
            }
        }
        if app.choosing.is_some() {
            choose::draw(app, theme, area, canvas);
        }
    }
}
