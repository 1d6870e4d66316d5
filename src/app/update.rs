use super::file::{configured, on_answer};
use super::form::{on_form_key, on_form_paste, on_probed, on_resolved};
use super::{
    App, Effect, Message, act, arrive, choose, cross, help, mouse, pause, rule_form, search, settings,
};
use crate::keys::{Action, Key};

/// Takes a message in, and returns what is to be done about it.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let Some(message) = pause::hold(app, message) else { return Vec::new() };
    let (views, alone) = (app.views.clone(), app.alone());
    let mut effects = take(app, message);
    if app.views.last() != views.last() && app.views.len() != views.len() {
        // Another screen begins with its list.
        app.panel = super::Panel::default();
        app.expanded = false;
        app.cross = None;
    } else if app.alone() != alone {
        // The chart has other columns now.
        app.cross = app.cross.map(|_| 0);
    }
    let needed = app.needed();
    effects.extend(app.data.missing(needed).into_iter().map(Effect::Load));
    effects
}

fn take(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => return on_key(app, key),
        Message::Click(target) => {
            app.notice = None;
            app.entering = None;
            return mouse::on_click(app, target);
        }
        Message::Wheel(rows) => return mouse::on_wheel(app, rows),
        Message::Focus(focused) => app.focused = focused,
        Message::Paste(text) => {
            if let Some(form) = &mut app.rule_form {
                rule_form::paste(form, &text);
            } else if let Some(field) = app.form.as_mut().and_then(|form| form.typing.as_mut()) {
                field.paste(&text);
            } else if app.typing.is_some() {
                search::paste(app, &text);
            } else {
                on_form_paste(app, &text);
            }
        }
        Message::Resize(columns, rows) => app.size = (columns, rows),
        Message::Clock(now) => app.now = now,
        Message::Person(person) => arrive::person(app, *person),
        Message::Ticks(ticks) => arrive::ticks(app, ticks),
        Message::Loaded(query, data) => {
            arrive::loaded(app, query, data);
            if app.came() && app.entering.take().is_some_and(|view| view == *app.view()) {
                return act::drill(app);
            }
        }
        Message::Resolved { typed, found } => return on_resolved(app, &typed, found),
        Message::Probed { account, found } => on_probed(app, &account, found),
        Message::Progress { what, done, of } => {
            app.progress = (done < of).then_some((what, done, of));
        }
        Message::Notice(notice) => app.notice = Some(notice),
        Message::Mode(mode) => app.mode = mode,
        Message::Configured { changes, done } => return configured(app, &changes, *done),
    }
    Vec::new()
}

fn on_key(app: &mut App, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return vec![Effect::Quit];
    }
    app.notice = None;
    app.entering = None;
    if app.question.is_some() {
        return on_answer(app, key);
    }
    app.opens = None;
    if app.help.is_some() {
        help::on_key(app, key);
        return Vec::new();
    }
    if let Some(person) = app.leaving {
        return match key {
            Key::Char('y') => act::leave(app, person),
            Key::Char('n' | 'q') | Key::Esc => {
                app.leaving = None;
                Vec::new()
            }
            _ => Vec::new(),
        };
    }
    if app.add.is_some() {
        return on_form_key(app, key);
    }
    if app.rule_form.is_some() {
        return rule_form::on_rule_key(app, key);
    }
    if app.form.as_ref().is_some_and(|form| form.typing.is_some()) {
        settings::on_typing_key(app, key);
        return Vec::new();
    }
    if app.typing.is_some() {
        match key {
            // The board can be walked while it is narrowed down.
            Key::Up => act::step(app, -1),
            Key::Down => act::step(app, 1),
            _ => search::on_search_key(app, key),
        }
        return Vec::new();
    }
    if app.choosing.is_some() {
        match key {
            Key::Up | Key::Char('k') => choose::step(app, -1),
            Key::Down | Key::Char('j') => choose::step(app, 1),
            Key::Char(' ' | 'l') | Key::Right => choose::turn(app),
            Key::Esc | Key::Enter | Key::Char('q' | 'h') | Key::Left | Key::Backspace => app.choosing = None,
            _ => {}
        }
        return Vec::new();
    }
    let action = app.keymap.press(app.view().scope(), key);
    if app.cross.is_some() {
        match (key, action) {
            (Key::Left, _) => cross::step(app, -1),
            (Key::Right, _) => cross::step(app, 1),
            (Key::Home, _) => cross::step(app, isize::MIN / 2),
            (Key::End, _) => cross::step(app, isize::MAX / 2),
            // On the board nothing else means back.
            (_, Some(Action::Back)) | (Key::Esc, None) => app.cross = None,
            (_, Some(action)) => return act::act(app, action, Some(key)),
            (_, None) => {}
        }
        return Vec::new();
    }
    match action {
        Some(action) => act::act(app, action, Some(key)),
        // The board is left by nothing but quitting; what covers a part of it goes.
        None if key == Key::Esc => {
            app.expanded = false;
            app.panel = super::Panel::default();
            Vec::new()
        }
        None => Vec::new(),
    }
}
