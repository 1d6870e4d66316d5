//! The second step: accounts that were typed, and accounts that their profiles lead to, each tested.

use super::{AddForm, Next, Step, card};
use crate::app::{App, Effect, Found};
use crate::discover::{self, Proposal, Why, same};
use crate::keys::Key;
use crate::model::{Account, Money, PersonSnapshot, Trouble};
use chrono::TimeDelta;

/// An account that may be saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub account: Account,
    pub name: Option<String>,
    pub why: Why,
    /// The account whose profile led here.
    from: Option<Account>,
    pub checked: bool,
    /// The user has decided about it.
    touched: bool,
    pub test: Test,
}

/// What the test poll said.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Waiting,
    Well {
        took: TimeDelta,
        requests: u32,
    },
    /// Not asked, because that costs money: what it will cost.
    Paid {
        poll: Money,
        words: String,
    },
    KeyNeeded,
    Failed(String),
}

impl Candidate {
    pub(super) fn typed(&self) -> bool {
        self.why == Why::Typed
    }

    /// Takes over what its own server says of it.
    fn known(&mut self, found: Found) {
        self.account = found.account;
        self.name = found.name;
        self.test = match found.price {
            Some((poll, words)) => Test::Paid { poll, words },
            None => Test::Well { took: found.took, requests: found.requests },
        };
    }
}

impl AddForm {
    /// Takes up an account that was typed, and has what its profile names tested.
    pub(super) fn found(&mut self, found: Found, app: &App) -> Vec<Effect> {
        let proposals = found.proposals.clone();
        let account = found.account.clone();
        // Typing what was proposed makes it certain.
        self.rows.retain(|row| row.typed() || !same(&row.account, &account));
        let place = self.rows.iter().filter(|row| row.typed()).count();
        let mut row = Candidate {
            account: account.clone(),
            name: None,
            why: Why::Typed,
            from: None,
            checked: true,
            touched: true,
            test: Test::Waiting,
        };
        row.known(found);
        self.rows.insert(place, row);
        self.selected = self.selected.min(self.rows.len() - 1);
        proposals.into_iter().filter_map(|proposal| self.propose(proposal, &account, app)).collect()
    }

    /// Adds a row for a proposal, unless it is there, or on the board, or there are enough.
    fn propose(&mut self, proposal: Proposal, from: &Account, app: &App) -> Option<Effect> {
        let here = |account: &Account| {
            self.rows.iter().any(|row| same(&row.account, account)) || on_board(app, account)
        };
        let enough = self.rows.iter().filter(|row| !row.typed()).count() >= discover::MOST;
        if enough || proposal.candidates.iter().any(here) {
            return None;
        }
        let account = proposal.candidates.first()?.clone();
        self.rows.push(Candidate {
            account: account.clone(),
            name: None,
            why: proposal.why,
            from: Some(from.clone()),
            checked: false,
            touched: false,
            test: Test::Waiting,
        });
        Some(Effect::Probe { account, candidates: proposal.candidates })
    }

    /// Takes in what a test poll said. Only what is certain and answers is checked, and only as long as the user
    /// sees it happen.
    pub(super) fn tested(&mut self, account: &Account, found: Result<Found, Trouble>, app: &App) {
        let asked = |row: &Candidate| row.test == Test::Waiting && same(&row.account, account);
        let Some(place) = self.rows.iter().position(asked) else { return };
        let known = |account: &Account| {
            let others = self.rows.iter().enumerate().filter(|(other, _)| *other != place);
            others.into_iter().any(|(_, row)| same(&row.account, account)) || on_board(app, account)
        };
        let needless = match &found {
            // Another address of what is here already.
            Ok(found) => known(&found.account),
            // A guess that was wrong.
            Err(trouble) => !self.rows[place].why.named() && *trouble == Trouble::NotFound,
        };
        if needless {
            self.remove(place);
            return;
        }
        let row = &mut self.rows[place];
        match found {
            Ok(found) => {
                let back = row.from.as_ref().is_some_and(|from| discover::leads_to(&found.proposals, from));
                if back && matches!(row.why, Why::Linked(_)) {
                    row.why = Why::BothWays;
                }
                // What costs money is the user's choice alone.
                if !row.touched && found.price.is_none() && self.step != Step::Save {
                    row.checked = row.why.sure();
                }
                row.known(found);
            }
            Err(Trouble::KeyNeeded) => row.test = Test::KeyNeeded,
            Err(trouble) => row.test = Test::Failed(trouble.to_string()),
        }
    }

    fn remove(&mut self, place: usize) {
        self.rows.remove(place);
        // The selected row stays selected; where it was the one that went, the next one is.
        self.selected -= usize::from(self.selected > place);
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }
}

/// Whether somebody on the board has the account.
fn on_board(app: &App, account: &Account) -> bool {
    app.people.iter().flat_map(PersonSnapshot::polled).any(|channel| same(&channel.account, account))
}

/// A key at the table.
pub(super) fn on_key(form: &mut AddForm, key: Key, app: &App) -> Next {
    let last = form.rows.len().saturating_sub(1);
    match key {
        Key::Esc => form.step = Step::Who,
        Key::Up | Key::Char('k') => form.selected = form.selected.saturating_sub(1),
        Key::Down | Key::Char('j') => form.selected = (form.selected + 1).min(last),
        Key::Home => form.selected = 0,
        Key::End => form.selected = last,
        Key::Char(' ') => {
            if let Some(row) = form.rows.get_mut(form.selected) {
                row.checked = !row.checked;
                row.touched = true;
            }
        }
        Key::Char('+') => form.by_hand = true,
        Key::Char('d') | Key::Backspace if form.selected < form.rows.len() => {
            form.remove(form.selected);
            if form.rows.is_empty() {
                form.step = Step::Who;
            }
        }
        Key::Enter if form.rows.iter().any(|row| row.checked) => card::open(form, app),
        Key::Enter => form.mistake = Some("nothing is checked: space checks an account".to_owned()),
        _ => {}
    }
    Next::Stay
}
