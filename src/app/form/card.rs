//! The third step: under which symbol, name and group somebody is saved.

use super::{AddForm, Next, Step};
use crate::app::App;
use crate::config::{NewPerson, is_symbol, propose_symbol};
use crate::keys::Key;

/// What somebody is saved as.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    pub symbol: String,
    pub name: String,
    pub group: String,
    pub mine: bool,
    pub field: Field,
    /// What is wrong with a field.
    pub mistake: Option<(Field, String)>,
    /// It has been proposed, and is the user's now.
    open: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Symbol,
    Name,
    Group,
    /// Whether this is the user.
    Mine,
}

impl Card {
    /// The text of a field that has one, and how long it may get.
    fn text(&mut self) -> Option<(&mut String, usize)> {
        match self.field {
            Field::Symbol => Some((&mut self.symbol, 12)),
            Field::Name => Some((&mut self.name, 80)),
            Field::Group => Some((&mut self.group, 40)),
            Field::Mine => None,
        }
    }

    pub(super) fn push(&mut self, c: char) {
        let c = if self.field == Field::Symbol { c.to_ascii_uppercase() } else { c };
        if let Some((text, most)) = self.text()
            && text.chars().count() < most
        {
            text.push(c);
        }
    }
}

impl App {
    /// The fields of the card. Who is the user is asked until it is known.
    pub fn card_fields(&self) -> &'static [Field] {
        const ALL: [Field; 4] = [Field::Symbol, Field::Name, Field::Group, Field::Mine];
        if self.people.iter().any(|person| person.mine) { &ALL[..3] } else { &ALL }
    }

    /// Who on the board has the name on the card.
    pub fn namesake(&self, card: &Card) -> Option<&str> {
        let name = card.name.trim();
        self.people.iter().find(|person| person.name == name).map(|person| person.symbol.as_str())
    }
}

/// Opens the card, with what the accounts propose when it is opened first.
pub(super) fn open(form: &mut AddForm, app: &App) {
    form.step = Step::Save;
    let checked: Vec<_> = form.rows.iter().filter(|row| row.checked).collect();
    let Some(first) = checked.first().filter(|_| !form.card.open) else { return };
    let name = checked.iter().find_map(|row| row.name.clone());
    form.card.open = true;
    let taken: Vec<String> = app.people.iter().map(|person| person.symbol.clone()).collect();
    form.card.symbol = propose_symbol(name.as_deref(), &first.account, &taken);
    form.card.name = name.unwrap_or_default();
    form.card.group = app.group.clone().unwrap_or_default();
}

/// A key on the card.
pub(super) fn on_key(form: &mut AddForm, key: Key, app: &App) -> Next {
    let fields = app.card_fields();
    let place = fields.iter().position(|field| *field == form.card.field).unwrap_or(0);
    let card = &mut form.card;
    match (key, card.field) {
        (Key::Esc, _) => form.step = Step::Check,
        (Key::Tab | Key::Down, _) => card.field = fields[(place + 1) % fields.len()],
        (Key::BackTab | Key::Up, _) => card.field = fields[(place + fields.len() - 1) % fields.len()],
        (Key::Left, Field::Group) => card.group = beside(&app.groups(), &card.group, -1),
        (Key::Right, Field::Group) => card.group = beside(&app.groups(), &card.group, 1),
        (Key::Left | Key::Right | Key::Char(' '), Field::Mine) => card.mine = !card.mine,
        (Key::Char('y'), Field::Mine) => card.mine = true,
        (Key::Char('n'), Field::Mine) => card.mine = false,
        (Key::Char(c), _) => card.push(c),
        (Key::Backspace, _) => {
            card.text().map(|(text, _)| text.pop());
        }
        (Key::Ctrl('u'), _) => {
            if let Some((text, _)) = card.text() {
                text.clear();
            }
        }
        (Key::Enter, _) => return save(form, app),
        _ => {}
    }
    Next::Stay
}

/// The group before or after this one; no group is one of them.
fn beside(groups: &[String], group: &str, by: isize) -> String {
    let all: Vec<&str> = std::iter::once("").chain(groups.iter().map(String::as_str)).collect();
    let place = all.iter().position(|known| *known == group.trim()).unwrap_or(0);
    let next = (place + all.len()).saturating_add_signed(by) % all.len();
    all[next].to_owned()
}

/// What is wrong is said beside its field, and that field is the one to type in.
fn save(form: &mut AddForm, app: &App) -> Next {
    let symbol = form.card.symbol.trim().to_uppercase();
    let taken = app.people.iter().find(|person| person.symbol == symbol);
    let mistake = match taken {
        _ if !is_symbol(&symbol) => "a symbol has two to five letters or digits, a letter first".to_owned(),
        Some(person) => format!("{symbol} is taken by {}: choose another", person.name),
        None => {
            let text = |text: &str| Some(crate::text::clean(text)).filter(|text| !text.is_empty());
            let checked = form.rows.iter().filter(|row| row.checked);
            return Next::Save(NewPerson {
                symbol,
                name: text(&form.card.name),
                group: text(&form.card.group),
                mine: form.card.mine && app.card_fields().contains(&Field::Mine),
                channels: checked.map(|row| row.account.clone()).collect(),
            });
        }
    };
    form.card.field = Field::Symbol;
    form.card.mistake = Some((Field::Symbol, mistake));
    Next::Stay
}
