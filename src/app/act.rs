//! What the keys and clicks do.

use super::choose::COMPARED;
use super::log::{next_panel, see, snooze};
use super::view::after;
use super::{
    AddForm, App, Chart, Compared, Effect, Help, Mode, Panel, PostSort, Sort, View, cross, panels, pause,
    rule_form, search, settings,
};
use crate::alerts::BADGE;
use crate::keys::{Action, Key};
use crate::model::{ChannelId, PersonId, PersonSnapshot, Range};
use crate::pipeline::Query;
use std::collections::HashSet;

/// Does what a key or a click asks for.
pub(super) fn act(app: &mut App, action: Action, key: Option<Key>) -> Vec<Effect> {
    match action {
        Action::Up => step(app, -1),
        Action::Down => step(app, 1),
        Action::First => step(app, isize::MIN),
        Action::Last => step(app, isize::MAX),
        Action::PageUp => step(app, -page(app)),
        Action::PageDown => step(app, page(app)),
        Action::In | Action::Row => return drill(app),
        Action::Back => {
            // First what covers the rest of the screen.
            if app.alone().is_some() {
                app.expanded = false;
                app.panel = Panel::default();
                return Vec::new();
            }
            if app.views.len() > 1 {
                app.views.pop();
                app.wanted = None;
            }
            if let Some((_, range)) = app.borrowed.take_if(|(views, _)| app.views.len() <= *views) {
                return look_back(app, range);
            }
        }
        Action::Jump => {
            if let Some(Key::Char(c)) = key
                && let Some(row) = c.to_digit(10)
            {
                go_to(app, row as usize - 1);
            }
        }
        other => return look(app, other),
    }
    Vec::new()
}

/// What concerns how things are shown.
fn look(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::NextPair => {
            if let Some(View::Compare { people, pair, .. }) = app.views.last_mut() {
                let pairs = people.len().saturating_sub(1).max(1);
                *pair = (*pair + 1) % pairs;
                if pairs == 1 {
                    app.notice = Some("two people are one pair; space adds a third".to_owned());
                }
            }
        }
        Action::LongerRange | Action::ShorterRange => {
            let range = if action == Action::LongerRange { app.range.longer() } else { app.range.shorter() };
            // Chosen is chosen.
            app.borrowed = None;
            return look_back(app, range);
        }
        Action::Sort if matches!(app.view(), View::Channel { .. }) => {
            order_posts(app, |app| app.post_sort = after(&PostSort::ALL, app.post_sort));
        }
        Action::Sort => {
            app.sort = Some(after(&Sort::ALL, app.order()));
            app.frozen = None;
        }
        Action::Reverse if matches!(app.view(), View::Channel { .. }) => {
            order_posts(app, |app| app.posts_reversed = !app.posts_reversed);
        }
        Action::Reverse => {
            app.reversed = !app.reversed;
            app.frozen = None;
        }
        Action::Freeze => {
            let order = app.rows().iter().map(|person| person.id).collect();
            app.frozen = if app.frozen.is_some() { None } else { Some(order) };
        }
        Action::NextGroup => next_group(app, true),
        Action::PreviousGroup => next_group(app, false),
        Action::NextPanel => panels::step(app, true),
        Action::PreviousPanel => panels::step(app, false),
        // The pair has Tab here: the lines are what a small pane lacks.
        Action::Expand if matches!(app.view(), View::Compare { .. }) => {
            app.expanded = !app.expanded;
            app.panel = if app.expanded { Panel::Chart } else { Panel::List };
        }
        Action::Expand => app.expanded = !app.expanded,
        Action::CrossHair => cross::turn(app),
        Action::NextEvent => cross::to_event(app, true),
        Action::PreviousEvent => cross::to_event(app, false),
        Action::Chart => {
            if matches!(app.view(), View::Compare { .. }) {
                app.compared = after(&Compared::ALL, app.compared);
            } else {
                app.chart = after(&Chart::ALL, app.chart);
                app.notice = Some(format!("the chart shows {}", app.chart.word()));
            }
        }
        Action::Logarithmic => app.logarithmic = !app.logarithmic,
        Action::Pause => pause::turn(app),
        Action::Choose => app.choosing = Some(0),
        other => return work(app, other),
    }
    Vec::new()
}

/// What opens something, or does something beyond the screen.
fn work(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Delete => match app.focus() {
            Some(person) => app.leaving = Some(person.id),
            None => app.notice = Some("nobody is selected".to_owned()),
        },
        Action::Open | Action::Copy => {
            let Some(address) = app.address() else {
                app.notice = Some("what is selected has no public page".to_owned());
                return Vec::new();
            };
            return vec![if action == Action::Open { Effect::Open(address) } else { Effect::Copy(address) }];
        }
        Action::Export => return vec![Effect::Export],
        Action::Mouse => {
            app.mouse = !app.mouse;
            let words = if app.mouse {
                "clicks and the wheel are cloutop's"
            } else {
                "the mouse selects text; * again ends it"
            };
            app.notice = Some(words.to_owned());
            return vec![Effect::Mouse(app.mouse)];
        }
        Action::Suspend => return vec![Effect::Suspend],
        Action::Filter => search::open(app),
        Action::Mark => mark(app),
        Action::Compare => compare(app),
        Action::Why => {
            let person = app.focus().map(|person| person.id);
            let channel = match app.view() {
                View::Channel { channel, .. } => Some(*channel),
                _ => None,
            };
            app.views.extend(person.map(|person| View::Statement { person, channel, line: 0 }));
        }
        Action::Formula => {
            if let View::Channel { person, channel, .. } = *app.view() {
                app.views.push(View::Formula { person, channel });
            }
        }
        Action::Bumps => app.views.push(View::Log { line: 0, rule: None }),
        Action::Rules => next_panel(app),
        Action::EditRule => rule_form::open(app),
        Action::NewRule => rule_form::open_new(app),
        Action::SwitchRule => return rule_form::switch(app),
        Action::RemoveRule => rule_form::ask_to_remove(app),
        Action::Settings => return settings::open(app),
        Action::NextValue => return settings::change(app, 1),
        Action::LastValue => return settings::change(app, -1),
        Action::Undo => settings::undo(app),
        Action::Write => return settings::save(app),
        Action::Leave => settings::leave(app),
        Action::Read => return see(app, false),
        Action::ReadAll => return see(app, true),
        Action::Snooze => return snooze(app, false),
        Action::SnoozeAll => return snooze(app, true),
        Action::Sample => {
            let beside = |place: &String| place != BADGE;
            let places = app.rules().iter().filter(|standing| !standing.rule.off);
            if places.flat_map(|standing| &standing.rule.how).any(beside) {
                app.notice = Some("a sample is on its way to every place that a rule names".to_owned());
                return vec![Effect::Sample];
            }
            app.notice = Some("the rules name no place but the badge; see [alerts] in the README".to_owned());
        }
        Action::Add => app.add = Some(AddForm::default()),
        Action::Refresh => return refresh(app, focus_channels(app)),
        Action::RefreshAll => {
            let all = app.people.iter().flat_map(PersonSnapshot::polled).map(|channel| channel.id);
            let all: HashSet<ChannelId> = all.collect();
            return refresh(app, all.into_iter().collect());
        }
        Action::Help => app.help = Some(Help::default()),
        Action::Keep => return vec![Effect::Keep],
        // Nothing that was changed is lost to a key.
        Action::Quit if app.form.as_ref().is_some_and(|form| form.changes().next().is_some()) => {
            settings::leave(app);
        }
        Action::Quit => return vec![Effect::Quit],
        // Every other one is told above.
        _ => {}
    }
    Vec::new()
}

/// Orders the posts anew; the selected one stays selected.
fn order_posts(app: &mut App, change: impl FnOnce(&mut App)) {
    let View::Channel { person, channel, post } = *app.view() else { return };
    let selected = app.posts(person, channel).get(post).map(|post| post.id.clone());
    change(app);
    let place = app.posts(person, channel).iter().position(|post| Some(&post.id) == selected.as_ref());
    app.replace(View::Channel { person, channel, post: place.unwrap_or(0) });
}

/// Somebody leaves the board; what was stored stays.
pub(super) fn leave(app: &mut App, person: PersonId) -> Vec<Effect> {
    app.leaving = None;
    let Some(symbol) = app.person(person).map(|person| person.symbol.clone()) else { return Vec::new() };
    let next = app.selected_row();
    app.people.retain(|known| known.id != person);
    app.marked.retain(|known| *known != person);
    app.ticks.retain(|tick| tick.person != person);
    let rows = app.rows();
    app.selected = rows.get(next.min(rows.len().saturating_sub(1))).map(|person| person.id);
    vec![Effect::Remove { person, symbol }]
}

/// Selects a row of the list.
pub(super) fn go_to(app: &mut App, row: usize) {
    step(app, isize::MIN);
    step(app, isize::try_from(row).unwrap_or(isize::MAX));
}

/// Marks the selected person, or takes the mark away.
fn mark(app: &mut App) {
    let Some(person) = app.selected else { return };
    match app.marked.iter().position(|marked| *marked == person) {
        Some(place) => {
            app.marked.remove(place);
        }
        None if app.marked.len() < COMPARED => app.marked.push(person),
        None => app.notice = Some(format!("at most {COMPARED} people are compared")),
    }
}

/// Rows that a page key moves.
fn page(app: &App) -> isize {
    isize::try_from(app.size.1 / 2).unwrap_or(10).max(1)
}

/// Moves the selection; `isize::MIN` and `MAX` mean the ends.
pub(super) fn step(app: &mut App, by: isize) {
    let moved = |place: usize, count: usize| -> usize {
        let last = count.saturating_sub(1);
        place.saturating_add_signed(by).min(last)
    };
    match app.views.last().cloned() {
        Some(View::Person { person, channel }) => {
            let count = app.person(person).map_or(0, |person| person.channels.len());
            let channel = moved(channel, count);
            app.replace(View::Person { person, channel });
        }
        Some(View::Channel { person, channel, post }) => {
            let post = moved(post, app.posts(person, channel).len());
            app.replace(View::Channel { person, channel, post });
        }
        Some(View::Statement { person, channel, line }) => {
            let count = app.statement().map_or(0, |found| found.lines.len());
            let line = moved(line, count);
            app.replace(View::Statement { person, channel, line });
        }
        Some(View::Log { line, rule: None }) => {
            let line = moved(line, app.log().len());
            app.replace(View::Log { line, rule: None });
        }
        Some(View::Log { line, rule: Some(rule) }) => {
            // A rule that was just made is the last one, wherever that is.
            let rule = rule.min(app.rules().len().saturating_sub(1));
            let rule = moved(rule, app.rules().len());
            app.replace(View::Log { line, rule: Some(rule) });
        }
        Some(View::Settings) => {
            if let Some(form) = &mut app.form {
                settings::moved(form, moved);
            }
        }
        Some(View::Compare { people, pair, row }) => {
            let row = moved(row, app.compared_networks().len());
            app.replace(View::Compare { people, pair, row });
        }
        Some(View::Post { person, channel, item, line }) => {
            // As far as there are lines to be seen.
            let lines = app.post().map_or(0, |detail| detail.gains.len());
            let line = moved(line, lines);
            app.replace(View::Post { person, channel, item, line });
        }
        Some(View::Formula { .. }) => {}
        _ => {
            let row = moved(app.selected_row(), app.rows().len());
            app.selected = app.rows().get(row).map(|person| person.id);
            app.chosen = true;
        }
    }
}

/// Shows another range.
fn look_back(app: &mut App, range: Range) -> Vec<Effect> {
    app.range = range;
    vec![Effect::Load(Query::Everybody(range))]
}

pub(super) fn drill(app: &mut App) -> Vec<Effect> {
    let mut effects = Vec::new();
    let next = match app.view() {
        View::Board => app.selected.map(|person| View::Person { person, channel: 0 }),
        View::Person { person, .. } => {
            app.focus_channel().map(|channel| View::Channel { person: *person, channel: channel.id, post: 0 })
        }
        View::Statement { person, line, .. } => {
            let person = *person;
            let found = app.statement().and_then(|found| found.lines.get(*line)).cloned();
            let channel = found.as_ref().and_then(|line| line.channel);
            app.wanted = channel.zip(found.and_then(|line| line.item));
            channel.map(|channel| View::Channel { person, channel, post: 0 })
        }
        View::Log { line, .. } => {
            let entry = app.log().get(*line).map(|entry| (entry.person(), entry.began()));
            entry.map(|(person, began)| {
                // The shortest range in which it happened.
                let holds = |range: &Range| range.length().is_none_or(|length| app.now - length <= began);
                let range = Range::ALL.into_iter().find(holds).unwrap_or_default();
                if range != app.range {
                    app.borrowed.get_or_insert((app.views.len(), app.range));
                    effects = look_back(app, range);
                }
                View::Statement { person, channel: None, line: 0 }
            })
        }
        View::Channel { person, channel, post } => {
            let (person, channel) = (*person, *channel);
            let item = app.posts(person, channel).get(*post).map(|post| post.id.clone());
            item.map(|item| View::Post { person, channel, item, line: 0 })
        }
        View::Compare { people, row, .. } => {
            let network = app.compared_networks().get(*row).copied();
            let found = people.iter().filter_map(|id| app.person(*id)).find_map(|person| {
                let channel = person.channels.iter().find(|channel| Some(channel.network()) == network)?;
                Some(View::Channel { person: person.id, channel: channel.id, post: 0 })
            });
            if found.is_none() {
                app.notice = Some("nobody of them has a channel in this row".to_owned());
            }
            found
        }
        View::Post { .. } | View::Formula { .. } | View::Settings => None,
    };
    // What is not there yet is entered when it comes.
    app.entering = (next.is_none() && !app.came()).then(|| app.view().clone());
    app.views.extend(next);
    app.select_wanted();
    effects
}

/// All, then each group in turn, or the other way round.
fn next_group(app: &mut App, forward: bool) {
    let groups: Vec<Option<String>> =
        std::iter::once(None).chain(app.groups().into_iter().map(Some)).collect();
    let place = groups.iter().position(|known| *known == app.group).unwrap_or(0);
    let by = if forward { 1 } else { groups.len() - 1 };
    app.group.clone_from(&groups[(place + by) % groups.len()]);
    if !app.rows().iter().any(|person| Some(person.id) == app.selected) {
        app.selected = app.rows().first().map(|person| person.id);
    }
}

/// The marked ones; or this one beside the user; or this one beside the next row.
fn compare(app: &mut App) {
    if matches!(app.view(), View::Compare { .. }) {
        return;
    }
    let mut people: Vec<PersonId> =
        app.marked.iter().copied().filter(|id| app.person(*id).is_some()).collect();
    if people.len() < 2 {
        let this = app.focus().map(|person| person.id);
        let mine = app.people.iter().find(|person| person.mine).map(|person| person.id);
        let rows: Vec<PersonId> = app.rows().iter().map(|person| person.id).collect();
        let candidates = people.clone().into_iter().chain(mine).chain(this).chain(rows);
        people.clear();
        for person in candidates {
            if !people.contains(&person) && people.len() < 2 {
                people.push(person);
            }
        }
    }
    if people.len() < 2 {
        app.notice = Some("there is nobody to compare with yet; a adds somebody".to_owned());
        return;
    }
    app.views.push(View::Compare { people, pair: 0, row: 0 });
}

/// Channels of whatever is selected.
fn focus_channels(app: &App) -> Vec<ChannelId> {
    match app.focus_channel() {
        Some(channel) => vec![channel.id],
        None => {
            app.focus().map(|person| person.polled().map(|channel| channel.id).collect()).unwrap_or_default()
        }
    }
}

/// Asks now what may be asked: a server that wants a pause gets it, and nobody is asked twice a minute.
pub fn refresh(app: &mut App, channels: Vec<ChannelId>) -> Vec<Effect> {
    if !matches!(app.mode, Mode::Live | Mode::Demo) {
        app.notice = Some("this screen does not poll".to_owned());
        return Vec::new();
    }
    let known = |id: ChannelId| app.people.iter().flat_map(PersonSnapshot::polled).find(move |c| c.id == id);
    let may = |id: &ChannelId| {
        known(*id).is_some_and(|channel| {
            let waits = channel.state == crate::model::State::Limit && channel.next_at > Some(app.now);
            let fresh = channel
                .last_try
                .is_some_and(|at| at <= app.now && app.now - at < chrono::TimeDelta::minutes(1));
            !waits && (!fresh || app.mode == Mode::Demo)
        })
    };
    let all = channels.len();
    let asked: Vec<ChannelId> = channels.into_iter().filter(may).collect();
    let requests: u32 = asked.iter().filter_map(|id| known(*id)).map(|channel| channel.requests.max(1)).sum();
    app.notice = Some(match (asked.len(), all) {
        (0, _) => "all of it was asked within the last minute, or its server wants a pause".to_owned(),
        (asked, all) if asked == all => format!("asking {asked} now, about {requests} requests"),
        (asked, all) => {
            format!("asking {asked} of {all} now, about {requests} requests; the others must wait")
        }
    });
    if asked.is_empty() { Vec::new() } else { vec![Effect::Poll(asked)] }
}
