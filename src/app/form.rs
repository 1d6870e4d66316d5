//! Adding somebody, in three steps: who, what was found of them, and what to save it as.

mod card;
mod table;

pub use card::{Card, Field};
pub use table::{Candidate, Test};

use super::{App, Effect, Found};
use crate::config::NewPerson;
use crate::discover::same;
use crate::keys::Key;
use crate::model::{Account, PersonId, Trouble};

/// Characters taken of what is typed or pasted.
const LONGEST: usize = 2_000;

/// The form, while it is open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AddForm {
    pub step: Step,
    /// Addresses as they are typed: several at once in the first step, one more by hand in the second.
    pub input: String,
    /// In the second step the line for one more address is open.
    pub by_hand: bool,
    /// Further addresses that were typed or pasted at once, to be looked up one after the other.
    pub rest: Vec<String>,
    /// The address that is being looked up.
    pub waiting: Option<String>,
    /// What was typed, then what was found of the same person.
    pub rows: Vec<Candidate>,
    pub selected: usize,
    pub card: Card,
    pub mistake: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    #[default]
    Who,
    Check,
    Save,
}

/// What a key does to the form.
enum Next {
    Stay,
    Do(Vec<Effect>),
    Close,
    Save(NewPerson),
}

impl AddForm {
    /// Whether something is still being asked.
    pub fn asks(&self) -> bool {
        self.waiting.is_some() || self.rows.iter().any(|row| row.test == Test::Waiting)
    }

    /// Whether keys type an address.
    pub fn types(&self) -> bool {
        self.step == Step::Who || self.step == Step::Check && self.by_hand
    }

    fn look_up_next(&mut self) -> Vec<Effect> {
        if self.rest.is_empty() {
            return Vec::new();
        }
        let typed = self.rest.remove(0);
        self.waiting = Some(typed.clone());
        vec![Effect::Resolve(typed)]
    }

    /// Looks up everything that was typed.
    fn look_up(&mut self) -> Next {
        let typed = std::mem::take(&mut self.input);
        self.rest = typed.split_whitespace().map(str::to_owned).collect();
        self.by_hand = false;
        Next::Do(self.look_up_next())
    }
}

/// A key while the form is open.
pub(super) fn on_form_key(app: &mut App, key: Key) -> Vec<Effect> {
    let Some(mut form) = app.add.take() else { return Vec::new() };
    form.mistake = None;
    form.card.mistake = None;
    let next = match form.step {
        _ if form.types() => type_address(&mut form, key),
        Step::Who | Step::Check => table::on_key(&mut form, key, app),
        Step::Save => card::on_key(&mut form, key, app),
    };
    // Nobody waits for what is still under way.
    let mut effects = if form.asks() { vec![Effect::GiveUp] } else { Vec::new() };
    match next {
        Next::Close => effects,
        Next::Save(person) => {
            app.opens = Some(person.symbol.clone());
            effects.push(Effect::Save(person));
            effects
        }
        Next::Stay => {
            app.add = Some(form);
            Vec::new()
        }
        Next::Do(effects) => {
            app.add = Some(form);
            effects
        }
    }
}

/// A key where an address is typed.
fn type_address(form: &mut AddForm, key: Key) -> Next {
    match key {
        Key::Esc if form.by_hand => {
            form.by_hand = false;
            form.input.clear();
        }
        Key::Esc => return Next::Close,
        Key::Backspace if form.by_hand && form.input.is_empty() => form.by_hand = false,
        Key::Backspace => {
            form.input.pop();
        }
        Key::Char(c) if form.input.chars().count() < LONGEST => form.input.push(c),
        Key::Ctrl('u') => form.input.clear(),
        Key::Enter if form.waiting.is_some() => {}
        Key::Enter if !form.input.trim().is_empty() => return form.look_up(),
        Key::Enter if form.by_hand => form.by_hand = false,
        Key::Enter if form.rows.is_empty() => return Next::Close,
        Key::Enter => form.step = Step::Check,
        _ => {}
    }
    Next::Stay
}

/// Text that was pasted into the form.
pub(super) fn on_form_paste(app: &mut App, text: &str) {
    let Some(form) = &mut app.add else { return };
    let line = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control());
    if form.step == Step::Save {
        line.for_each(|c| form.card.push(c));
        return;
    }
    // Whoever pastes an address at the table wants it in the table.
    form.by_hand = form.step == Step::Check;
    let room = LONGEST.saturating_sub(form.input.chars().count());
    form.input.extend(line.take(room));
}

/// What became of an address that was typed.
pub(super) fn on_resolved(app: &mut App, typed: &str, found: Result<Found, String>) -> Vec<Effect> {
    app.pending.retain(|pending| pending != typed);
    let meant = |form: &AddForm| form.waiting.as_deref() == Some(typed);
    let Some(mut form) = app.add.take_if(|form| meant(form)) else {
        if let Err(why) = found {
            app.notice = Some(format!("{typed}: {why}"));
        }
        return Vec::new();
    };
    form.waiting = None;
    let mut effects = Vec::new();
    match found {
        Ok(found) => {
            if form.rows.iter().any(|row| row.typed() && same(&row.account, &found.account)) {
                form.mistake = Some(format!("{typed} is in the list already"));
            } else {
                effects = form.found(found, app);
            }
            effects.extend(form.look_up_next());
            // Whoever types on is not led away, and whoever made a mistake reads of it first.
            let done = form.waiting.is_none() && form.input.is_empty() && form.mistake.is_none();
            if form.step == Step::Who && done {
                form.step = Step::Check;
            }
        }
        Err(why) => {
            // Most messages name what was typed.
            form.mistake = Some(if why.contains(typed) { why } else { format!("{typed}: {why}") });
            // What was not looked up can be mended and sent again.
            let rest = std::mem::take(&mut form.rest);
            let typing = Some(form.input.clone()).filter(|input| !input.is_empty());
            let words = std::iter::once(typed.to_owned()).chain(rest).chain(typing);
            form.input = words.collect::<Vec<_>>().join(" ");
            if form.step != Step::Who {
                form.step = Step::Check;
                form.by_hand = true;
            }
        }
    }
    app.add = Some(form);
    effects
}

/// What a test poll of a proposal found.
pub(super) fn on_probed(app: &mut App, account: &Account, found: Result<Found, Trouble>) {
    let Some(mut form) = app.add.take() else { return };
    form.tested(account, found, app);
    app.add = Some(form);
}

/// Shows whoever has just been saved, unless the user has gone elsewhere since.
pub(super) fn open_saved(app: &mut App, person: PersonId) {
    let meant = app.person(person).map(|person| person.symbol.clone());
    if app.opens.is_some() && app.opens == meant {
        app.opens = None;
        app.selected = Some(person);
        app.chosen = true;
        app.views = vec![super::View::Board, super::View::Person { person, channel: 0 }];
    }
}
