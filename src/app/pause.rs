//! The screen stands still by the user's wish. Polling, the log and the alerts go on; what comes waits.

use super::{App, Message, TICKS, arrive};
use crate::model::{PersonSnapshot, Tick};

/// What has come meanwhile: of everybody the newest.
#[derive(Debug, Clone, Default)]
pub struct Paused {
    people: Vec<PersonSnapshot>,
    ticks: Vec<Tick>,
    /// Changes of a score that wait to be seen.
    pub changes: usize,
}

/// Keeps a message back, or returns it.
pub(super) fn hold(app: &mut App, message: Message) -> Option<Message> {
    let Some(paused) = &mut app.paused else { return Some(message) };
    match message {
        Message::Person(person) => {
            // Who is new is shown at once: there is nothing to stand still.
            if !app.people.iter().any(|known| known.id == person.id) {
                return Some(Message::Person(person));
            }
            match paused.people.iter_mut().find(|known| known.id == person.id) {
                Some(known) => *known = *person,
                None => paused.people.push(*person),
            }
            None
        }
        Message::Ticks(ticks) => {
            paused.changes += ticks.len();
            paused.ticks.extend(ticks);
            let over = paused.ticks.len().saturating_sub(TICKS);
            paused.ticks.drain(..over);
            None
        }
        other => Some(other),
    }
}

/// Stands still, or shows all that has come.
pub(super) fn turn(app: &mut App) {
    let Some(paused) = app.paused.take() else {
        app.paused = Some(Paused::default());
        return;
    };
    for person in paused.people {
        arrive::person(app, person);
    }
    arrive::ticks(app, paused.ticks);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::update;
    use crate::keys::Key;
    use crate::model::{ChannelId, PersonId, time};

    #[test]
    fn what_comes_while_the_screen_stands_still_waits() {
        let person = |score: f64| {
            let mut person = PersonSnapshot::new(PersonId(1), "YOU".into(), "You".into(), time(0));
            person.score = Some(score);
            Message::Person(Box::new(person))
        };
        let tick = Tick {
            person: PersonId(1),
            channel: ChannelId(1),
            at: time(0),
            points: 1.0,
            cause: "a like".into(),
        };
        let mut app = App::new((80, 24), time(0));
        update(&mut app, person(50.0));
        update(&mut app, Message::Key(Key::Char(' ')));
        update(&mut app, person(51.0));
        update(&mut app, person(52.0));
        update(&mut app, Message::Ticks(vec![tick.clone(), tick]));
        assert_eq!(app.people[0].score, Some(50.0));
        assert_eq!((app.paused.as_ref().map(|paused| paused.changes), app.ticks.len()), (Some(2), 0));
        update(&mut app, Message::Key(Key::Char(' ')));
        assert_eq!((app.people[0].score, app.ticks.len()), (Some(52.0), 2));
        assert!(app.paused.is_none());
    }
}
