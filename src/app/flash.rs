//! Digits that changed are shown in reverse for a second, once: never more than one flash a second on the whole
//! screen, and none while nobody looks or nothing shall move.

use super::App;
use crate::model::{PersonId, PersonSnapshot, Time};
use crate::text;
use chrono::TimeDelta;

/// How long digits stand out, and how long it is quiet from one flash to the next.
const LENGTH: TimeDelta = TimeDelta::seconds(1);

/// Who changed at one instant, and the digits before.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Flash {
    began: Option<Time>,
    before: Vec<(PersonId, String)>,
}

/// Notes that a person's score as shown is about to become another one.
pub(super) fn note(app: &mut App, new: &PersonSnapshot) {
    if app.still || !app.flashing || !app.focused || app.paused.is_some() {
        return;
    }
    let Some((old, score)) = app.person(new.id).and_then(|old| old.score).zip(new.score) else { return };
    let (old, score) = (text::score(old), text::score(score));
    // What comes at the same instant is one flash; what comes a moment later waits for none.
    let now = app.now.max(new.at);
    let free = app.flash.began.is_none_or(|began| now - began >= LENGTH || now < began);
    if old == score || !(free || app.flash.began == Some(now)) {
        return;
    }
    if free {
        app.flash = Flash { began: Some(now), before: Vec::new() };
    }
    app.flash.before.push((new.id, old));
}

impl App {
    /// The digits of a person's score before the change that is to be seen now.
    pub fn flashes(&self, person: PersonId) -> Option<&str> {
        let began = self.flash.began?;
        if self.still || !self.focused || self.now - began >= LENGTH || self.now < began {
            return None;
        }
        self.flash.before.iter().find(|(id, _)| *id == person).map(|(_, digits)| digits.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Message, update};
    use crate::model::time;

    fn person(id: i64, score: f64, at: i64) -> Message {
        let mut person = PersonSnapshot::new(PersonId(id), format!("P{id}"), format!("P{id}"), time(at));
        person.score = Some(score);
        Message::Person(Box::new(person))
    }

    #[test]
    fn changed_digits_flash_once_and_at_most_once_a_second() {
        let mut app = App::new((80, 24), time(0));
        for id in 1..=3 {
            update(&mut app, person(id, 50.0, 0));
        }
        assert_eq!(app.flashes(PersonId(1)), None, "coming is no change");
        update(&mut app, person(1, 50.004, 1_000));
        assert_eq!(app.flashes(PersonId(1)), None, "no digit changed");
        update(&mut app, person(1, 50.5, 2_000));
        update(&mut app, person(2, 49.5, 2_000));
        assert_eq!(app.flashes(PersonId(1)), Some("50.00"));
        assert_eq!(app.flashes(PersonId(2)), Some("50.00"), "the same instant is the same flash");
        update(&mut app, person(3, 51.0, 2_500));
        assert_eq!(app.flashes(PersonId(3)), None, "less than a second after the last one");
        update(&mut app, Message::Clock(time(3_000)));
        assert_eq!(app.flashes(PersonId(1)), None, "a second is over");
    }

    #[test]
    fn nothing_flashes_where_nothing_shall_move_or_nobody_looks() {
        for (still, focused) in [(true, true), (false, false)] {
            let mut app = App::new((80, 24), time(0));
            app.still = still;
            update(&mut app, Message::Focus(focused));
            update(&mut app, person(1, 50.0, 0));
            update(&mut app, person(1, 51.0, 2_000));
            assert_eq!(app.flashes(PersonId(1)), None);
        }
    }
}
