//! What comes from the store, taken in.

use super::form::open_saved;
use super::{App, TICKS, View, flash};
use crate::bumps::Entry;
use crate::model::{PersonSnapshot, Tick};
use crate::pipeline::{Data, Query};

pub(super) fn person(app: &mut App, person: PersonSnapshot) {
    let id = person.id;
    flash::note(app, &person);
    app.data.changed(id);
    app.now = app.now.max(person.at);
    app.moved.remove(&person.id);
    match app.people.iter_mut().find(|known| known.id == person.id) {
        Some(known) => *known = person,
        None => app.people.push(person),
    }
    if !app.chosen {
        // The user first, else whoever leads.
        let mine = app.people.iter().find(|person| person.mine).map(|person| person.id);
        app.selected = mine.or_else(|| app.rows().first().map(|person| person.id));
    }
    open_saved(app, id);
}

pub(super) fn ticks(app: &mut App, ticks: Vec<Tick>) {
    for tick in ticks {
        app.moved.insert(tick.person);
        app.ticks.push_back(tick);
    }
    while app.ticks.len() > TICKS {
        app.ticks.pop_front();
    }
}

/// What was selected stays selected, whatever comes above it.
pub(super) fn loaded(app: &mut App, query: Query, data: Data) {
    match *app.view() {
        View::Log { line, rule } => {
            let selected = app.log().get(line).map(Entry::key);
            app.data.put(query, data);
            let place = selected.and_then(|key| app.log().iter().position(|entry| entry.key() == key));
            if let Some(line) = place {
                app.replace(View::Log { line, rule });
            }
        }
        View::Channel { person, channel, post } => {
            let selected = app.posts(person, channel).get(post).map(|post| post.id.clone());
            app.data.put(query, data);
            let place =
                selected.and_then(|id| app.posts(person, channel).iter().position(|post| post.id == id));
            if let Some(post) = place {
                app.replace(View::Channel { person, channel, post });
            }
        }
        _ => app.data.put(query, data),
    }
    app.select_wanted();
}

impl App {
    /// Shows another view in the place of this one.
    pub(super) fn replace(&mut self, view: View) {
        self.views.pop();
        self.views.push(view);
    }

    /// Selects the post that a line of the statement led to, as soon as it is there.
    pub(super) fn select_wanted(&mut self) {
        let (Some(&View::Channel { person, channel, .. }), Some((wanted, item))) =
            (self.views.last(), self.wanted.as_ref())
        else {
            return;
        };
        if *wanted != channel {
            self.wanted = None;
        } else if let Some(post) = self.posts(person, channel).iter().position(|post| post.id == *item) {
            self.wanted = None;
            self.replace(View::Channel { person, channel, post });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Message, update};
    use crate::keys::Key;
    use crate::model::{ChannelId, Counts, PersonId, PostKind, PostSnapshot, PostState, time};

    fn channel() -> (App, Query) {
        let (person, channel) = (PersonId(1), ChannelId(1));
        let mut app = App::new((80, 24), time(0));
        app.views.push(View::Channel { person, channel, post: 0 });
        (app, Query::Posts { person, channel })
    }

    fn posts() -> Data {
        Data::Posts(vec![PostSnapshot {
            id: "p1".into(),
            url: None,
            published: time(0),
            title: String::new(),
            kind: PostKind::Post,
            counts: Counts::default(),
            x: 1.0,
            points: 1.0,
            state: PostState::Growing,
            growth: Vec::new(),
        }])
    }

    #[test]
    fn enter_before_the_posts_have_come_enters_when_they_have() {
        let (mut app, query) = channel();
        update(&mut app, Message::Key(Key::Enter));
        assert!(matches!(app.view(), View::Channel { .. }));
        update(&mut app, Message::Loaded(query.clone(), posts()));
        assert!(matches!(app.view(), View::Post { item, .. } if item.0 == "p1"));
    }

    #[test]
    fn another_key_takes_it_back() {
        let (mut app, query) = channel();
        update(&mut app, Message::Key(Key::Enter));
        update(&mut app, Message::Key(Key::Char('j')));
        update(&mut app, Message::Loaded(query, posts()));
        assert!(matches!(app.view(), View::Channel { .. }));
    }
}
