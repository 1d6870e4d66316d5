//! Clicks and the wheel: the same things that keys do.

use super::{App, Effect, Panel, Sort, View, act};
use crate::keys::Action;

/// What a place of the screen means when it is clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A row of the list: selects it, or drills into it when it is selected.
    Row(usize),
    /// A rule of the alerts.
    Rule(usize),
    /// The head of a column of the board.
    Sort(Sort),
    /// A part of the breadcrumb: so many screens are left.
    Crumb(usize),
    /// A hint in the last line.
    Action(Action),
    Panel(Panel),
    /// A place that means nothing: it closes what covers the screen.
    Nothing,
}

pub(super) fn on_click(app: &mut App, target: Target) -> Vec<Effect> {
    if app.help.take().is_some() || app.leaving.take().is_some() {
        return Vec::new();
    }
    // What is being typed is not lost to a click beside it.
    if app.add.is_some() || app.rule_form.is_some() || app.question.is_some() || app.typing.is_some() {
        return Vec::new();
    }
    if let Some(row) = &mut app.choosing {
        if let Target::Row(place) = target {
            *row = place;
            super::choose::turn(app);
        } else {
            app.choosing = None;
        }
        return Vec::new();
    }
    if let Target::Rule(place) = target
        && let View::Log { line, .. } = *app.view()
    {
        let again = app.view() == &View::Log { line, rule: Some(place) };
        app.replace(View::Log { line, rule: Some(place) });
        return if again { act::act(app, Action::EditRule, None) } else { Vec::new() };
    }
    // The entries of the log are clicked while the rules have the focus.
    if let (Target::Row(place), View::Log { rule: Some(_), .. }) = (target, app.view()) {
        app.replace(View::Log { line: place, rule: None });
        return Vec::new();
    }
    match target {
        Target::Rule(_) | Target::Nothing => Vec::new(),
        Target::Row(place) if app.row() == Some(place) => {
            let drill = if app.view() == &View::Settings { Action::NextValue } else { Action::In };
            act::act(app, drill, None)
        }
        Target::Row(place) => {
            act::go_to(app, place);
            Vec::new()
        }
        Target::Sort(sort) if app.order() == sort => act::act(app, Action::Reverse, None),
        Target::Sort(sort) => {
            app.sort = Some(sort);
            app.frozen = None;
            Vec::new()
        }
        Target::Crumb(left) => {
            let mut effects = Vec::new();
            while app.views.len() > left.max(1) {
                effects.extend(act::act(app, Action::Back, None));
            }
            effects
        }
        Target::Action(action) => act::act(app, action, None),
        Target::Panel(panel) => {
            app.panel = panel;
            Vec::new()
        }
    }
}

pub(super) fn on_wheel(app: &mut App, rows: isize) -> Vec<Effect> {
    if app.help.is_some() {
        super::help::scroll(app, rows);
    } else if app.add.is_none() && app.leaving.is_none() {
        if app.choosing.is_some() {
            super::choose::step(app, rows);
        } else {
            act::step(app, rows);
        }
    }
    Vec::new()
}

impl App {
    /// The selected row of the list, where there is one.
    pub fn row(&self) -> Option<usize> {
        match self.view() {
            View::Board => Some(self.selected_row()),
            View::Person { channel, .. } => Some(*channel),
            View::Channel { post, .. } => Some(*post),
            View::Compare { row, .. } => Some(*row),
            View::Statement { line, .. } | View::Log { line, rule: None } => Some(*line),
            View::Log { rule: Some(rule), .. } => Some(*rule),
            View::Settings => self.form.as_ref().map(|form| form.at),
            View::Post { .. } | View::Formula { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Message, update};
    use crate::model::{PersonId, PersonSnapshot, time};

    fn app() -> App {
        let mut app = App::new((80, 24), time(0));
        for (id, symbol) in [(1, "ADA"), (2, "KEN"), (3, "ZOE")] {
            let person = PersonSnapshot::new(PersonId(id), symbol.into(), symbol.into(), time(0));
            update(&mut app, Message::Person(Box::new(person)));
        }
        app.sort = Some(Sort::Name);
        app
    }

    #[test]
    fn a_click_selects_and_a_second_one_drills() {
        let mut app = app();
        update(&mut app, Message::Click(Target::Row(2)));
        assert_eq!((app.selected, app.view()), (Some(PersonId(3)), &View::Board));
        update(&mut app, Message::Click(Target::Row(2)));
        assert_eq!(app.view(), &View::Person { person: PersonId(3), channel: 0 });
        update(&mut app, Message::Click(Target::Crumb(1)));
        assert_eq!(app.view(), &View::Board);
    }

    #[test]
    fn a_head_sorts_and_then_reverses() {
        let mut app = app();
        update(&mut app, Message::Click(Target::Sort(Sort::Score)));
        assert_eq!((app.sort, app.reversed), (Some(Sort::Score), false));
        update(&mut app, Message::Click(Target::Sort(Sort::Score)));
        assert!(app.reversed);
    }

    #[test]
    fn the_wheel_moves_the_selection_and_hints_are_buttons() {
        let mut app = app();
        update(&mut app, Message::Click(Target::Row(1)));
        update(&mut app, Message::Wheel(1));
        assert_eq!(app.selected, Some(PersonId(3)));
        update(&mut app, Message::Click(Target::Action(Action::Bumps)));
        assert_eq!(app.view(), &View::Log { line: 0, rule: None });
        update(&mut app, Message::Click(Target::Action(Action::Help)));
        assert!(app.help.is_some());
        update(&mut app, Message::Click(Target::Row(0)));
        assert!(app.help.is_none(), "a click closes it and does nothing else");
        assert_eq!(app.view(), &View::Log { line: 0, rule: None });
    }
}
