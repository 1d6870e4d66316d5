//! The configuration's file as the screen knows it, and what becomes of changes to it.

use super::settings::close;
use super::{App, Effect, Question, View};
use crate::alerts::Alerts;
use crate::config::{Change, Config, Marker, Screen, Setting};
use crate::keys::Key;
use crate::pipeline::Query;

/// What is known of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct File {
    /// Where it is.
    pub path: String,
    pub text: String,
    /// Why nothing is written into it, where nothing is.
    pub sealed: Option<&'static str>,
    /// Settings that the command line replaces until the end, and by what.
    pub given: Vec<(Setting, &'static str)>,
}

/// A configuration after changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    pub text: String,
    pub config: Config,
}

/// The file was changed, or read again, or could not be.
pub(super) fn configured(app: &mut App, changes: &[Change], done: Result<Edited, String>) -> Vec<Effect> {
    let edited = match done {
        Ok(edited) => edited,
        Err(why) => {
            if let Some(form) = &mut app.form {
                form.leaving = false;
            }
            app.notice = Some(why);
            return Vec::new();
        }
    };
    let had_rules =
        Config::parse(&app.file.text).is_ok_and(|before| before.alerts.rules != Alerts::default().rules);
    app.file.text = edited.text;
    if let Some(form) = &mut app.form {
        form.read_again(&app.file.text);
    }
    if changes.is_empty() {
        return Vec::new();
    }
    app.do_not_disturb = edited.config.alerts.do_not_disturb;
    let effects = take_effect(app, edited.config.screen);
    let mut words = said(app, changes);
    let first = |change: &Change| matches!(change, Change::PutRule { was: None, .. });
    if changes.iter().any(first) {
        if !had_rules {
            words.push_str("; the two that were there by themselves are written out beside it");
        }
        if let Some(View::Log { rule: Some(rule), .. }) = app.views.last_mut() {
            *rule = usize::MAX;
        }
    }
    app.notice = Some(words);
    if changes.iter().any(|change| matches!(change, Change::PutRule { .. })) {
        app.rule_form = None;
    }
    if app.form.as_ref().is_some_and(|form| form.leaving) {
        close(app);
    }
    effects
}

/// What was changed of the screen is in force at once; what the command line replaced, too.
fn take_effect(app: &mut App, screen: Screen) -> Vec<Effect> {
    let before = std::mem::replace(&mut app.settings, screen);
    let mut effects = Vec::new();
    app.file.given.retain(|(setting, _)| !changed(&before, &screen, *setting));
    if before.theme != screen.theme {
        app.theme = screen.theme;
    }
    app.up = screen.up;
    app.still = screen.reduce_motion || app.still && before.reduce_motion == screen.reduce_motion;
    app.titled = screen.title;
    app.thousands = screen.thousands;
    app.braille = screen.marker == Marker::Braille;
    app.tape = screen.tape;
    if before.color != screen.color {
        app.depth = app.abilities.depth(screen.color);
    }
    if before.ascii != screen.ascii {
        app.glyphs = app.abilities.glyphs(screen.ascii);
    }
    if before.mouse != screen.mouse {
        app.mouse = screen.mouse;
        effects.push(Effect::Mouse(screen.mouse));
    }
    if before.range != screen.range {
        app.range = screen.range;
        app.borrowed = None;
        effects.push(Effect::Load(Query::Everybody(app.range)));
    }
    effects
}

/// Whether one of those that the command line can replace was changed.
fn changed(before: &Screen, after: &Screen, setting: Setting) -> bool {
    match setting {
        Setting::Theme => before.theme != after.theme,
        Setting::Range => before.range != after.range,
        Setting::Color => before.color != after.color,
        Setting::Ascii => before.ascii != after.ascii,
        Setting::ReduceMotion => before.reduce_motion != after.reduce_motion,
        Setting::Mouse => before.mouse != after.mouse,
        _ => false,
    }
}

/// What was done, in words.
fn said(app: &App, changes: &[Change]) -> String {
    let rule = changes.iter().find_map(|change| match change {
        Change::PutRule { rule, .. } => Some(format!("the rule {} is at work", rule.name)),
        Change::RemoveRule(name) => Some(format!("the rule {name} is deleted")),
        Change::SwitchRule { name, off } => {
            Some(format!("the rule {name} is {}", if *off { "off" } else { "on" }))
        }
        Change::Set(..) => None,
    });
    if let Some(rule) = rule {
        return match app.file.sealed {
            Some(why) => format!("{rule} until the end; {why}"),
            None => format!("{rule}, and written to {}", app.file.path),
        };
    }
    let settings = changes.iter().filter_map(|change| match change {
        Change::Set(setting, _) => Some(*setting),
        _ => None,
    });
    let (later, now): (Vec<Setting>, Vec<Setting>) =
        settings.partition(|setting| matches!(setting, Setting::Interval(_)));
    let mut in_force = Vec::new();
    if !now.is_empty() {
        let names: Vec<String> = now.iter().map(|setting| setting.name()).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        in_force.push(format!("{} {verb} in force", listed(&names)));
    }
    if !later.is_empty() {
        in_force.push("intervals at the next poll".to_owned());
    }
    let in_force = in_force.join(", ");
    if let Some(why) = app.file.sealed {
        return format!("{why}; {in_force}, until the end");
    }
    let plural = if changes.len() == 1 { "setting" } else { "settings" };
    format!("{} {plural} written to {}; {in_force}", changes.len(), app.file.path)
}

/// `theme, up and range`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A key while a question is asked: it waits for an answer as long as it takes.
pub(super) fn on_answer(app: &mut App, key: Key) -> Vec<Effect> {
    let Some(question) = app.question.take() else { return Vec::new() };
    match (question, key) {
        (Question::RemoveRule(name), Key::Char('y' | 'Y')) => {
            vec![Effect::Configure(vec![Change::RemoveRule(name)])]
        }
        (Question::SaveSettings, Key::Char('y' | 'Y')) => super::settings::save_and_leave(app),
        (Question::SaveSettings, Key::Char('n' | 'N')) => {
            close(app);
            Vec::new()
        }
        (Question::RemoveRule(_), Key::Char('n' | 'N')) | (_, Key::Esc) => Vec::new(),
        (question, _) => {
            app.question = Some(question);
            Vec::new()
        }
    }
}
