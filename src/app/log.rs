//! What is done in the log of bumps and alerts: entries are read, rules are silenced.

use super::{App, Effect, View};
use crate::alerts::Standing;
use crate::pipeline::{Data, Query};
use chrono::TimeDelta;

/// How long rules are silenced.
const SNOOZE: TimeDelta = TimeDelta::hours(8);

/// The selected entry of the log has been read, or all of them.
pub(super) fn see(app: &mut App, all: bool) -> Vec<Effect> {
    let View::Log { line, .. } = *app.view() else { return Vec::new() };
    let Some(Data::Log(log)) = app.data.get_mut(&Query::Log) else { return Vec::new() };
    let mut keys = Vec::new();
    for (place, entry) in log.iter_mut().enumerate() {
        if entry.unread && (all || place == line) {
            entry.unread = false;
            keys.push(entry.key());
        }
    }
    if keys.is_empty() { Vec::new() } else { vec![Effect::See(keys)] }
}

/// Goes from the entries to the rules, or back.
pub(super) fn next_panel(app: &mut App) {
    if let Some(View::Log { rule, .. }) = app.views.last_mut() {
        *rule = if rule.is_some() { None } else { Some(0) };
    }
}

/// Silences the selected rule, or those that told the selected entry, or all; or ends that.
pub(super) fn snooze(app: &mut App, all: bool) -> Vec<Effect> {
    let View::Log { line, .. } = *app.view() else { return Vec::new() };
    let told = match app.selected_rule() {
        Some(standing) => vec![standing.rule.name.clone()],
        None => app.log().get(line).map(|entry| entry.rules.clone()).unwrap_or_default(),
    };
    let meant: Vec<&Standing> = app
        .rules()
        .iter()
        .filter(|standing| !standing.rule.off)
        .filter(|standing| all || told.contains(&standing.rule.name))
        .collect();
    if meant.is_empty() {
        let words =
            if all { "no rules are at work here" } else { "no rule reported this; Z silences all of them" };
        app.notice = Some(words.to_owned());
        return Vec::new();
    }
    let silent = meant.iter().all(|standing| standing.snoozed.is_some());
    let until = if silent { app.now } else { app.now + SNOOZE };
    let names: Vec<Option<String>> = if all {
        vec![None]
    } else {
        meant.iter().map(|standing| Some(standing.rule.name.clone())).collect()
    };
    let who = match names.as_slice() {
        [Some(name)] => format!("the rule {name} is"),
        [None] => "all rules are".to_owned(),
        several => format!("{} rules are", several.len()),
    };
    app.notice = Some(if silent {
        format!("{who} on again")
    } else {
        format!("{who} silent until {}; again to end it", app.local(until).format("%H:%M"))
    });
    names.into_iter().map(|rule| Effect::Snooze { rule, until }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::EventKind;
    use crate::app::{Message, update};
    use crate::bumps::{Entry, Happening, What};
    use crate::keys::{Action, Key};
    use crate::model::{ChannelId, PersonId, time};

    fn halt(minute: i64) -> Entry {
        let at = time(1_772_000_000_000 + minute * 60_000);
        let (kind, channel, what) = (EventKind::Halt, ChannelId(1), "down".to_owned());
        Entry::of(What::Happening(Happening { person: PersonId(1), at, kind, channel, points: None, what }))
    }

    #[test]
    fn the_selected_entry_stays_selected() {
        let mut app = App::new((80, 24), time(1_772_000_600_000));
        update(&mut app, Message::Key(Key::Char('b')));
        update(&mut app, Message::Loaded(Query::Log, Data::Log(vec![halt(2), halt(1)])));
        update(&mut app, Message::Key(Key::Down));
        update(&mut app, Message::Loaded(Query::Log, Data::Log(vec![halt(3), halt(2), halt(1)])));
        assert_eq!(app.view(), &View::Log { line: 2, rule: None });
        assert_eq!(app.keymap.press(app.view().scope(), Key::Char('m')), Some(Action::Read));
        let effects = update(&mut app, Message::Key(Key::Char('m')));
        assert!(effects.contains(&Effect::See(vec![halt(1).key()])), "{effects:?}");
    }
}
