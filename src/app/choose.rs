//! Who is compared: a list of everybody, two to four of them marked.

use super::{App, View};
use crate::model::PersonId;

/// Most people that are compared at once.
pub(super) const COMPARED: usize = 4;

/// Moves the selection in the list.
pub(super) fn step(app: &mut App, by: isize) {
    let last = app.people.len().saturating_sub(1);
    if let Some(row) = &mut app.choosing {
        *row = row.saturating_add_signed(by).min(last);
    }
}

/// Takes the selected person into the comparison, or out of it.
pub(super) fn turn(app: &mut App) {
    let Some(person) = app.choosing.and_then(|row| app.choices().get(row).copied()) else { return };
    let Some(View::Compare { people, pair, .. }) = app.views.last_mut() else { return };
    match people.iter().position(|known| *known == person) {
        Some(_) if people.len() <= 2 => {
            app.notice = Some("two people are the fewest that can be compared".to_owned());
        }
        Some(place) => {
            people.remove(place);
            *pair = 0;
        }
        None if people.len() >= COMPARED => {
            app.notice = Some(format!("at most {COMPARED} people are compared"));
        }
        None => people.push(person),
    }
}

impl App {
    /// Everybody who can be compared, in the order of the list.
    pub fn choices(&self) -> Vec<PersonId> {
        self.people.iter().map(|person| person.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Message, update};
    use crate::keys::Key;
    use crate::model::{PersonSnapshot, time};

    #[test]
    fn two_to_four_people_are_compared() {
        let mut app = App::new((80, 24), time(0));
        for (id, symbol) in (1..).zip(["ADA", "KEN", "LIN", "TOM", "ZOE"]) {
            let person = PersonSnapshot::new(PersonId(id), symbol.into(), symbol.into(), time(0));
            update(&mut app, Message::Person(Box::new(person)));
        }
        let press = |app: &mut App, keys: &[Key]| {
            for key in keys {
                update(app, Message::Key(*key));
            }
        };
        let compared = |app: &App| match app.view() {
            View::Compare { people, .. } => people.len(),
            _ => 0,
        };
        press(&mut app, &[Key::Char('c')]);
        assert_eq!(compared(&app), 2);
        press(&mut app, &[Key::Char(' '), Key::Char(' ')]);
        assert_eq!(compared(&app), 2, "{:?}", app.notice);
        press(&mut app, &[Key::Down, Key::Down, Key::Char(' '), Key::Down, Key::Char(' ')]);
        assert_eq!(compared(&app), 4);
        press(&mut app, &[Key::Down, Key::Char(' ')]);
        assert_eq!(compared(&app), 4, "no fifth");
        press(&mut app, &[Key::Up, Key::Char(' '), Key::Esc]);
        assert_eq!((compared(&app), app.choosing), (3, None));
    }
}
