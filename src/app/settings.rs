//! The settings: a form over the configuration's file.

use super::{App, Effect, Question, TextField, View};
use crate::config::{self, Change, Kind, Setting};
use crate::keys::Key;

/// The form, as far as it is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsForm {
    pub rows: Vec<SettingRow>,
    /// The selected row; behind the last one stands the one that saves.
    pub at: usize,
    /// What is typed into the selected row, while it is.
    pub typing: Option<TextField>,
    /// The screen is left as soon as everything is saved.
    pub(super) leaving: bool,
}

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingRow {
    pub setting: Setting,
    /// What the file says, and in which line.
    pub written: Option<(String, usize)>,
    /// What it is to say; nothing to say nothing.
    pub draft: Option<String>,
    pub mistake: Option<String>,
}

impl SettingRow {
    fn of(setting: Setting, text: &str) -> Self {
        let written = setting.written(text);
        let draft = written.as_ref().map(|(value, _)| value.clone());
        Self { setting, written, draft, mistake: None }
    }

    fn before(&self) -> Option<&str> {
        self.written.as_ref().map(|(value, _)| value.as_str())
    }

    pub fn changed(&self) -> bool {
        self.before() != self.draft.as_deref()
    }

    /// The value that would be in force.
    pub fn value(&self) -> String {
        self.shown(self.draft.as_deref())
    }

    /// `auto → light`.
    pub fn change(&self) -> String {
        format!("{} {} → {}", self.setting.name(), self.shown(self.before()), self.value())
    }

    pub fn usual(&self) -> String {
        self.shown(None)
    }

    fn shown(&self, value: Option<&str>) -> String {
        let value = value.map_or_else(|| self.setting.usual(), str::to_owned);
        match value.as_str() {
            "" => "—".to_owned(),
            " " => "blank".to_owned(),
            _ => value,
        }
    }
}

impl SettingsForm {
    fn of(text: &str) -> Self {
        let rows = Setting::all().into_iter().map(|setting| SettingRow::of(setting, text)).collect();
        Self { rows, at: 0, typing: None, leaving: false }
    }

    /// What differs from the file.
    pub fn changes(&self) -> impl Iterator<Item = &SettingRow> {
        self.rows.iter().filter(|row| row.changed())
    }

    fn as_changes(&self) -> Vec<Change> {
        self.changes().map(|row| Change::Set(row.setting, row.draft.clone())).collect()
    }

    /// The file was read again: what is not saved stays.
    pub(super) fn read_again(&mut self, text: &str) {
        for row in &mut self.rows {
            let changed = row.changed();
            row.written = row.setting.written(text);
            if !changed {
                row.draft = row.before().map(str::to_owned);
            }
        }
    }

    /// Takes a value into the selected row. What is in force anyway need not be said.
    fn set(&mut self, value: Option<String>) {
        let Some(row) = self.rows.get_mut(self.at) else { return };
        let usual = row.written.is_none() && value.as_deref() == Some(&row.setting.usual());
        row.draft = value.filter(|_| !usual);
    }
}

/// Opens the settings. The file is read again: it may have been edited since the start.
pub(super) fn open(app: &mut App) -> Vec<Effect> {
    app.form = Some(SettingsForm::of(&app.file.text));
    app.views.push(View::Settings);
    vec![Effect::Configure(Vec::new())]
}

/// Moves the selection among so many rows and the one that saves.
pub(super) fn moved(form: &mut SettingsForm, to: impl FnOnce(usize, usize) -> usize) {
    form.at = to(form.at, form.rows.len() + 1);
}

/// The next or the previous value of the selected row, or a line to type one in; on the last row it saves.
pub(super) fn change(app: &mut App, by: isize) -> Vec<Effect> {
    let Some(form) = &mut app.form else { return Vec::new() };
    let Some(row) = form.rows.get(form.at) else {
        return if by > 0 { save(app) } else { Vec::new() };
    };
    let words = match row.setting.kind() {
        Kind::Choice(words) => words,
        Kind::Flag => vec!["false", "true"],
        Kind::Text => {
            form.typing = Some(TextField::new(row.draft.as_deref().unwrap_or_default()));
            return Vec::new();
        }
    };
    let now = row.draft.clone().unwrap_or_else(|| row.setting.usual());
    let place = words.iter().position(|word| *word == now).unwrap_or(0).cast_signed();
    let next = (place + by).rem_euclid(words.len().cast_signed()).cast_unsigned();
    form.set(Some(words[next].to_owned()));
    check(app);
    Vec::new()
}

/// A key while a value is typed.
pub(super) fn on_typing_key(app: &mut App, key: Key) {
    let Some(form) = &mut app.form else { return };
    let Some(field) = &mut form.typing else { return };
    match key {
        Key::Esc => form.typing = None,
        Key::Enter | Key::Up | Key::Down | Key::Tab | Key::BackTab => {
            let typed = Some(field.text().trim().to_owned()).filter(|typed| !typed.is_empty());
            form.typing = None;
            form.set(typed);
            match key {
                Key::Up | Key::BackTab => moved(form, |at, _| at.saturating_sub(1)),
                Key::Down | Key::Tab => moved(form, |at, count| (at + 1).min(count - 1)),
                _ => {}
            }
            check(app);
        }
        _ => {
            field.press(key);
        }
    }
}

/// Takes back what was changed in the selected row.
pub(super) fn undo(app: &mut App) {
    if let Some(form) = &mut app.form
        && let Some(row) = form.rows.get_mut(form.at)
    {
        row.draft = row.before().map(str::to_owned);
    }
    check(app);
}

/// Judges what was changed as the file would be judged.
fn check(app: &mut App) {
    let Some(form) = &mut app.form else { return };
    form.rows.iter_mut().for_each(|row| row.mistake = None);
    let changes = form.as_changes();
    if changes.is_empty() {
        return;
    }
    let Err(wrong) = config::edited(&app.file.text, &changes) else { return };
    for wrong in wrong {
        let setting = Setting::of(&wrong.key);
        match form.rows.iter_mut().find(|row| Some(row.setting) == setting) {
            Some(row) => row.mistake = Some(wrong.what),
            None => app.notice = Some(wrong.what),
        }
    }
}

/// Writes what was changed.
pub(super) fn save(app: &mut App) -> Vec<Effect> {
    check(app);
    let Some(form) = &mut app.form else { return Vec::new() };
    let mistaken = form.rows.iter().position(|row| row.mistake.is_some());
    let changes = form.as_changes();
    if let Some(row) = mistaken {
        form.at = row;
        form.leaving = false;
        app.notice = Some("nothing is written while a value is wrong".to_owned());
    } else if changes.is_empty() {
        app.notice = Some("nothing has been changed".to_owned());
    } else {
        return vec![Effect::Configure(changes)];
    }
    Vec::new()
}

/// Leaves the settings, or asks what is to become of changes.
pub(super) fn leave(app: &mut App) {
    if app.form.as_ref().is_some_and(|form| form.changes().next().is_some()) {
        app.question = Some(Question::SaveSettings);
    } else {
        close(app);
    }
}

/// Leaves the settings as soon as everything is saved.
pub(super) fn save_and_leave(app: &mut App) -> Vec<Effect> {
    if let Some(form) = &mut app.form {
        form.leaving = true;
    }
    save(app)
}

pub(super) fn close(app: &mut App) {
    app.form = None;
    if app.view() == &View::Settings {
        app.views.pop();
    }
}
