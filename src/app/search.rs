//! The filter of the board: typed after `/`, in force as soon as it can be read.

use super::App;
use crate::filter::{self, Filter};
use crate::keys::Key;
use crate::model::PersonSnapshot;

/// Characters of a filter that are taken.
const LONGEST: usize = 200;

/// Opens the line in which the filter is typed, with the one in force.
pub(super) fn open(app: &mut App) {
    app.typing = Some(app.filter.as_ref().map_or_else(String::new, |(typed, _)| typed.clone()));
}

/// A key while it is typed: Enter keeps it, Esc takes it away.
pub(super) fn on_search_key(app: &mut App, key: Key) {
    let Some(typed) = &mut app.typing else { return };
    match key {
        Key::Esc => {
            app.typing = None;
            app.filter = None;
            reselect(app);
            return;
        }
        Key::Enter => {
            if let Err(bad) = Filter::parse(typed)
                && !typed.trim().is_empty()
            {
                app.notice = Some(bad.to_string());
            } else {
                app.typing = None;
            }
            return;
        }
        Key::Backspace if typed.is_empty() => app.typing = None,
        Key::Backspace => {
            typed.pop();
        }
        Key::Ctrl('u') => typed.clear(),
        Key::Char(c) if typed.chars().count() < LONGEST => typed.push(c),
        _ => return,
    }
    apply(app);
}

/// Text that was pasted into the line.
pub(super) fn paste(app: &mut App, text: &str) {
    let Some(typed) = &mut app.typing else { return };
    let line = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control());
    typed.extend(line);
    *typed = typed.chars().take(LONGEST).collect();
    apply(app);
}

/// What cannot be read yet leaves the last filter in force.
fn apply(app: &mut App) {
    let typed = app.typing.clone().unwrap_or_default();
    if typed.trim().is_empty() {
        app.filter = None;
    } else if let Ok(filter) = Filter::parse(&typed) {
        app.filter = Some((typed, filter));
    }
    reselect(app);
}

/// The selected person is one of those shown.
fn reselect(app: &mut App) {
    if !app.rows().iter().any(|person| Some(person.id) == app.selected) {
        app.selected = app.rows().first().map(|person| person.id).or(app.selected);
    }
}

impl App {
    /// Everybody of the group whom the filter means.
    pub(super) fn meant(&self) -> Vec<&PersonSnapshot> {
        let grouped = |person: &PersonSnapshot| self.group.is_none() || person.group == self.group;
        match &self.filter {
            None => self.people.iter().filter(|person| grouped(person)).collect(),
            Some((_, filter)) => filter::board(&self.people, self.now)
                .iter()
                .filter(|subject| grouped(subject.person) && filter.matches(subject))
                .map(|subject| subject.person)
                .collect(),
        }
    }
}
