//! The settings: a form over the configuration's file.
//!
//! ```text
//! ┌─ ~/.config/cloutop/config.toml ──────────────────────────────────────────────────────────┐
//! │ SETTING              VALUE            DEFAULT          FROM                                │
//! │▸theme              * light            auto             line 31                             │
//! │ reduce motion        false            false            default                             │
//! └────────────────────────────────────────────── changed: theme auto → light ───────────────┘
//! ```

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use crate::app::{App, Height, SettingRow, SettingsForm, Target, Width};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(form) = &app.form else { return };
    let layout = app.layout();
    if layout.height > Height::Rows {
        let left = if layout.width >= Width::Medium {
            vec!["cloutop".into(), Piece::Way]
        } else {
            vec!["SETTINGS".into()]
        };
        let right = if layout.width >= Width::Medium { "" } else { "esc back" };
        frame::header(app, theme, left, right, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        frame::status(app, theme, &about(form), take_bottom(&mut area, 1), buffer);
    }
    let changes: Vec<String> = form.changes().map(SettingRow::change).collect();
    let note = if changes.is_empty() { String::new() } else { format!("changed: {}", changes.join(", ")) };
    let path = match app.file.sealed {
        Some(why) => format!("Settings of this run ({why})"),
        None => app.file.path.clone(),
    };
    let inner = if layout.boxed() { boxed(theme, area, &path, &note, buffer) } else { area };
    table(app, theme, form, inner, buffer);
}

/// One line about the selected setting, or what saving does.
fn about(form: &SettingsForm) -> String {
    match form.rows.get(form.at) {
        Some(row) => match &row.mistake {
            Some(mistake) => format!("{}: {mistake}", row.setting.name()),
            None => row.setting.help(),
        },
        None => "writes what was changed; everything else in the file stays as it is".to_owned(),
    }
}

fn table(app: &App, theme: &Theme, form: &SettingsForm, mut area: Rect, buffer: &mut Canvas<'_>) {
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    let layout = app.layout();
    let (usual, from) = match layout.width {
        Width::Wide | Width::Usual => (16, 20),
        Width::Medium => (0, 16),
        _ => (0, 0),
    };
    let name = if layout.width >= Width::Medium { 23 } else { 18.min(usize::from(area.width) / 2) };
    let value = usize::from(area.width).saturating_sub(3 + name + usual + from).max(1);
    if layout.boxed() {
        let mut head = Row::new().gap(3).left("SETTING", name, muted).left("VALUE", value, muted);
        if usual > 0 {
            head = head.left("DEFAULT", usual, muted);
        }
        if from > 0 {
            head = head.left("FROM", from, muted);
        }
        head.draw(take(&mut area, 1), 0, buffer);
    }
    let room = usize::from(area.height);
    let first = (form.at + 1).saturating_sub(room);
    for (y, place) in (0..area.height).zip(first..=form.rows.len()) {
        buffer.spot(Rect { y: area.y + y, height: 1, ..area }, Target::Row(place));
        let here = place == form.at;
        let pointer = if here { "▸" } else { " " };
        let Some(setting) = form.rows.get(place) else {
            let words = format!("{pointer}  [ save ]");
            let row = Row::new().text(words, theme.style(Token::Title));
            if here {
                row.draw_selected(theme, area, y, buffer);
            } else {
                row.draw(area, y, buffer);
            }
            continue;
        };
        let mark = match (&setting.mistake, setting.changed()) {
            (Some(_), _) => "!",
            (None, true) => "*",
            (None, false) => " ",
        };
        let shown = match &form.typing {
            Some(field) if here => field.shown(value.saturating_sub(1)),
            _ => setting.value(),
        };
        let mut row = Row::new()
            .text(pointer, plain)
            .text(mark, theme.style(Token::Warn))
            .gap(1)
            .left(&setting.setting.name(), name, plain)
            .left(&text::cut(&shown, value.saturating_sub(1)), value, plain);
        if usual > 0 {
            row = row.left(&text::cut(&setting.usual(), usual - 1), usual, muted);
        }
        if from > 0 {
            row = row.left(&source(app, setting), from, muted);
        }
        // What is typed is not drawn in reverse: its cursor would not be seen.
        if here && form.typing.is_none() {
            row.draw_selected(theme, area, y, buffer);
        } else {
            row.draw(area, y, buffer);
        }
    }
}

/// Where the value in force comes from.
fn source(app: &App, row: &SettingRow) -> String {
    let given = app.file.given.iter().find(|(setting, _)| *setting == row.setting);
    match (given, &row.written) {
        (Some((_, flag)), _) => (*flag).to_owned(),
        (None, Some((_, line))) => format!("line {line}"),
        (None, None) => "default".to_owned(),
    }
}
