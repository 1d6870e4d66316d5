//! The third step: symbol, name, group, and what becomes of what is read.

use super::tail;
use crate::app::{AddForm, App, Field, Mode, Width};
use crate::text;
use crate::ui::canvas::Canvas;
use crate::ui::panel::{Row, take};
use crate::ui::theme::{Theme, Token};
use ratatui::layout::Rect;

/// Rows of the card with everything on it, its box included.
pub(super) const ROWS: u16 = 12;

/// Columns in front of a value.
const LABEL: usize = 10;

pub(super) fn draw(app: &App, form: &AddForm, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let (fields, card) = (app.card_fields(), &form.card);
    let room = usize::from(area.width).saturating_sub(LABEL);
    if area.height > 8 {
        take(&mut area, 1);
    }
    // Of few rows the first one is the one that is typed in.
    let place = fields.iter().position(|field| *field == card.field).unwrap_or(0);
    let first = if usize::from(area.height) < fields.len() { place } else { 0 };
    let mut y = 0;
    for field in &fields[first..] {
        let here = *field == card.field;
        let (label, value, beside) = said(app, form, *field);
        let wrong = card.mistake.as_ref().filter(|(of, _)| of == field).map(|(_, mistake)| mistake.clone());
        let cursor = if here && *field != Field::Mine { "▏" } else { "" };
        let value = format!("{}{cursor}", tail(&value, room.saturating_sub(2)));
        let style = theme.style(if here { Token::Title } else { Token::Plain });
        let mark = if here { "▸" } else { " " };
        let mut row = Row::new().text(mark, style).left(label, LABEL - 1, theme.style(Token::Muted));
        row = row.text(value, style);
        // Beside the field where that has room, else below it.
        let token = if wrong.is_some() { Token::Warn } else { Token::Muted };
        let words = wrong.clone().unwrap_or(beside);
        let left = usize::from(area.width).saturating_sub(row.width() + 3);
        let below = wrong.filter(|mistake| text::width(mistake) > left);
        if below.is_none() && left > 8 && (here || token == Token::Warn || app.layout().width > Width::Narrow)
        {
            row = row.gap(3).text(text::cut(&words, left), theme.style(token));
        }
        row.draw(area, y, buffer);
        y += 1;
        for words in below.iter().flat_map(|mistake| text::wrap(mistake, room)) {
            let words = text::cut(&words, room);
            Row::new().gap(LABEL).text(words, theme.style(Token::Warn)).draw(area, y, buffer);
            y += 1;
        }
    }
    y += 1;
    let room = usize::from(area.width).saturating_sub(2);
    for words in privacy(app, form).iter().flat_map(|words| text::wrap(words, room)) {
        let words = text::cut(&words, room);
        Row::new().gap(1).text(words, theme.style(Token::Muted)).draw(area, y, buffer);
        y = y.saturating_add(1);
    }
}

/// A field's name, what is in it, and what to say of it.
fn said(app: &App, form: &AddForm, field: Field) -> (&'static str, String, String) {
    let card = &form.card;
    match field {
        Field::Symbol => {
            ("symbol", card.symbol.clone(), "on the board and in commands, two to five letters".to_owned())
        }
        Field::Name => {
            let beside = app.namesake(card).map(|symbol| format!("{symbol} has this name already"));
            ("name", card.name.clone(), beside.unwrap_or_default())
        }
        Field::Group => {
            let groups = app.groups();
            let beside =
                if groups.is_empty() { String::new() } else { format!("←→ none, {}", groups.join(", ")) };
            ("group", card.group.clone(), beside)
        }
        Field::Mine => {
            let value = if card.mine { "yes" } else { "no" };
            ("is me", value.to_owned(), "y or n: whether you are this person".to_owned())
        }
    }
}

/// What is read, where it is kept, and how to be rid of it.
fn privacy(app: &App, form: &AddForm) -> Vec<String> {
    let checked = form.rows.iter().filter(|row| row.checked).count();
    let symbol = match text::clean(&form.card.symbol) {
        symbol if symbol.is_empty() => "SYM".to_owned(),
        symbol => symbol,
    };
    let accounts = if checked == 1 { "1 account".to_owned() } else { format!("{checked} accounts") };
    let mut words = vec![
        format!("Read of {accounts}: public profiles, posts and their counts, by public pages and APIs."),
        "It is kept in the data folder on this machine, and goes nowhere else.".to_owned(),
        format!(
            "To forget: cloutop rm {symbol} takes them off the board and reads no more; what was stored stays."
        ),
    ];
    if app.mode == Mode::Demo {
        words.push("This is the demo: whoever is added is gone with it.".to_owned());
    }
    words
}
