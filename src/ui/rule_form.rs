//! A rule of the alerts, made or changed.
//!
//! ```text
//! ┌─ A new rule ─────────────────────────────────────────────────────────────────────────────┐
//! │▸name    sixty▏                                                                             │
//! │ when    YOU.lst>60            unknown field "lst"; did you mean "last"?                   │
//! │ how     [x] badge  [ ] bell  [x] phone                                                     │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::ascii;
use super::canvas::Canvas;
use super::frame;
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use crate::app::{App, Height, RuleField, RuleForm, Width};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(form) = &app.rule_form else { return };
    let layout = app.layout();
    let title = if form.was.is_some() { "EDIT A RULE" } else { "A NEW RULE" };
    if layout.height > Height::Rows {
        let mut left = vec![title.into()];
        if layout.width >= Width::Medium {
            left.insert(0, "cloutop".into());
            left.insert(1, "BUMPS & ALERTS".into());
        }
        frame::header(app, theme, left, "", take(&mut area, 1), buffer);
        let keys = if layout.width >= Width::Medium {
            " Tab next  ←→ space choose  ⏎ save  esc cancel"
        } else {
            "Tab next ←→ choose ⏎ save esc cancel"
        };
        let line = take_bottom(&mut area, 1);
        Row::new().text(ascii::key(app.glyphs, keys), theme.style(Token::Muted)).draw(line, 0, buffer);
    }
    if layout.height >= Height::Middle {
        frame::status(app, theme, form.at.help(), take_bottom(&mut area, 1), buffer);
    }
    let inner = if layout.boxed() {
        let title = if form.was.is_some() { "The rule" } else { "A new rule" };
        boxed(theme, area, title, "", buffer)
    } else {
        area
    };
    let rows = lines(form, inner.width, theme);
    let at = rows.iter().position(|(field, _)| *field == Some(form.at)).unwrap_or(0);
    let first = (at + 1).saturating_sub(usize::from(inner.height));
    for (y, (_, row)) in (0..inner.height).zip(rows.into_iter().skip(first)) {
        row.draw(inner, y, buffer);
    }
}

/// A row per field, and below it what is wrong with it.
fn lines(form: &RuleForm, width: u16, theme: &Theme) -> Vec<(Option<RuleField>, Row)> {
    let (plain, muted, warn) =
        (theme.style(Token::Plain), theme.style(Token::Muted), theme.style(Token::Warn));
    let width = usize::from(width);
    let label = 8;
    let room = width.saturating_sub(label + 1);
    let mut rows = Vec::new();
    for field in form.fields() {
        let here = field == form.at;
        let value = match form.text(field) {
            Some(typed) if here => typed.shown(room),
            Some(typed) => text::cut(typed.text(), room),
            None => chosen(form, field, here),
        };
        let style = if here { theme.style(Token::Title) } else { plain };
        let row = Row::new()
            .text(if here { "▸" } else { " " }, plain)
            .left(field.key(), label, muted)
            .text(text::cut(&value, room), style);
        rows.push((Some(field), row));
        if let Some(mistake) = form.mistake(field) {
            for line in text::wrap(mistake, room.max(8)) {
                rows.push((None, Row::new().gap(label + 1).text(line, warn)));
            }
        }
    }
    // What is about no field stands last.
    for (_, mistake) in form.mistakes.iter().filter(|(field, _)| field.is_none()) {
        for line in text::wrap(mistake, width.saturating_sub(1).max(8)) {
            rows.push((None, Row::new().gap(1).text(line, warn)));
        }
    }
    rows
}

/// What is chosen where nothing is typed.
fn chosen(form: &RuleForm, field: RuleField, here: bool) -> String {
    match field {
        RuleField::On => {
            let word = form.on.map_or("when", crate::alerts::EventKind::word);
            if here { format!("‹ {word} ›") } else { word.to_owned() }
        }
        RuleField::How => {
            let places = form.how.iter().enumerate().map(|(place, (name, told))| {
                let sign = if *told { "x" } else { " " };
                let at = if here && place == form.place { "›" } else { " " };
                format!("{at}[{sign}] {name}")
            });
            places.collect::<Vec<_>>().join(" ").trim_start().to_owned()
        }
        _ => if form.off { "yes" } else { "no" }.to_owned(),
    }
}
