use super::file::{configured, on_answer};
use super::form::{on_form_key, on_resolved};
use super::log::{next_panel, see, snooze};
use super::{rule_form, search, settings};
use super::{Action, AddForm, App, Effect, Key, Message, Mode, Sort, TICKS, View, press};
use crate::alerts::BADGE;
use crate::model::{ChannelId, PersonId, Range};
use crate::pipeline::{Data, Query};
use std::collections::HashSet;

/// Most people that are compared at once.
const COMPARED: usize = 4;

/// Takes a message in, and returns what is to be done about it.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let mut effects = match message {
        Message::Key(key) => on_key(app, key),
        Message::Paste(text) => {
            if let Some(form) = &mut app.rule_form {
                rule_form::paste(form, &text);
            } else if let Some(field) = app.form.as_mut().and_then(|form| form.typing.as_mut()) {
                field.paste(&text);
            } else if app.typing.is_some() {
                search::paste(app, &text);
            } else if let Some(form) = &mut app.add {
                let line = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
                form.input.extend(line.filter(|c| !c.is_control()).take(400));
            }
            Vec::new()
        }
        Message::Resize(columns, rows) => {
            app.size = (columns, rows);
            Vec::new()
        }
        Message::Clock(now) => {
            app.now = now;
            Vec::new()
        }
        Message::Person(person) => {
            app.data.changed(person.id);
            app.now = app.now.max(person.at);
            app.moved.remove(&person.id);
            match app.people.iter_mut().find(|known| known.id == person.id) {
                Some(known) => *known = *person,
                None => app.people.push(*person),
            }
            if !app.chosen {
                // The user first, else whoever leads.
                let mine = app.people.iter().find(|person| person.mine).map(|person| person.id);
                app.selected = mine.or_else(|| app.rows().first().map(|person| person.id));
            }
            Vec::new()
        }
        Message::Ticks(ticks) => {
            for tick in ticks {
                app.moved.insert(tick.person);
                app.ticks.push_back(tick);
            }
            while app.ticks.len() > TICKS {
                app.ticks.pop_front();
            }
            Vec::new()
        }
        Message::Loaded(query, data) => {
            let posts = matches!(data, Data::Posts(_));
            let selected = match app.view() {
                View::Log { line, rule } => app.log().get(*line).map(|entry| (entry.key(), *rule)),
                _ => None,
            };
            app.data.put(query, data);
            // The selected entry stays selected, whatever comes above it.
            if let Some((key, rule)) = selected
                && let Some(line) = app.log().iter().position(|entry| entry.key() == key)
            {
                replace(app, View::Log { line, rule });
            }
            if posts {
                select_wanted(app);
            }
            Vec::new()
        }
        Message::Resolved { typed, found } => on_resolved(app, &typed, found),
        Message::Progress { what, done, of } => {
            app.progress = (done < of).then_some((what, done, of));
            Vec::new()
        }
        Message::Notice(notice) => {
            app.notice = Some(notice);
            Vec::new()
        }
        Message::Mode(mode) => {
            app.mode = mode;
            Vec::new()
        }
        Message::Configured { changes, done } => configured(app, &changes, *done),
    };
    let needed = app.needed();
    effects.extend(app.data.missing(needed).into_iter().map(Effect::Load));
    effects
}

fn on_key(app: &mut App, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return vec![Effect::Quit];
    }
    app.notice = None;
    if app.question.is_some() {
        return on_answer(app, key);
    }
    if let Some(scroll) = app.help {
        let (end, page) = (app.help_end(), app.help_rows().max(2) - 1);
        let scroll = match key {
            // Any key that means "enough" closes the help.
            Key::Esc | Key::Char('q' | '?' | 'h') | Key::F1 | Key::Enter | Key::Left | Key::Backspace => None,
            Key::Down | Key::Char('j') => Some(scroll + 1),
            Key::Up | Key::Char('k') => Some(scroll.saturating_sub(1)),
            Key::PageDown | Key::Ctrl('d') | Key::Char(' ') => Some(scroll + page),
            Key::PageUp | Key::Ctrl('u') => Some(scroll.saturating_sub(page)),
            Key::Home | Key::Char('g') => Some(0),
            Key::End | Key::Char('G') => Some(end),
            _ => Some(scroll),
        };
        app.help = scroll.map(|scroll| scroll.min(end));
        return Vec::new();
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
            Key::Up => step(app, -1),
            Key::Down => step(app, 1),
            _ => search::on_search_key(app, key),
        }
        return Vec::new();
    }
    match press(app, key) {
        Some((action, key)) => act(app, action, key),
        None => Vec::new(),
    }
}

fn act(app: &mut App, action: Action, key: Key) -> Vec<Effect> {
    match action {
        Action::Up => step(app, -1),
        Action::Down => step(app, 1),
        Action::First => step(app, isize::MIN),
        Action::Last => step(app, isize::MAX),
        Action::PageUp => step(app, -page(app)),
        Action::PageDown => step(app, page(app)),
        Action::In => return drill(app),
        Action::Back => {
            if app.views.len() > 1 {
                app.views.pop();
                app.wanted = None;
            }
            if let Some((_, range)) = app.borrowed.take_if(|(views, _)| app.views.len() <= *views) {
                return look_back(app, range);
            }
        }
        Action::Jump => {
            if let Key::Char(c) = key
                && let Some(row) = c.to_digit(10)
            {
                step(app, isize::MIN);
                step(app, isize::try_from(row).unwrap_or(1) - 1);
            }
        }
        Action::NextPair => {
            if let Some(View::Compare { people, pair }) = app.views.last_mut() {
                *pair = (*pair + 1) % people.len().saturating_sub(1).max(1);
            }
        }
        Action::LongerRange | Action::ShorterRange => {
            let range = if action == Action::LongerRange { app.range.longer() } else { app.range.shorter() };
            // Chosen is chosen.
            app.borrowed = None;
            return look_back(app, range);
        }
        Action::Sort => {
            let place = Sort::ALL.iter().position(|sort| *sort == app.order()).unwrap_or(0);
            app.sort = Some(Sort::ALL[(place + 1) % Sort::ALL.len()]);
            app.frozen = None;
        }
        Action::Reverse => {
            app.reversed = !app.reversed;
            app.frozen = None;
        }
        Action::Freeze => {
            let order = app.rows().iter().map(|person| person.id).collect();
            app.frozen = if app.frozen.is_some() { None } else { Some(order) };
        }
        Action::NextGroup => next_group(app),
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
        Action::NextPanel => next_panel(app),
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
            let all = app.people.iter().flat_map(|person| &person.channels).map(|channel| channel.id);
            let all: HashSet<ChannelId> = all.collect();
            return refresh(app, all.into_iter().collect());
        }
        Action::Help => app.help = Some(0),
        Action::Keep => return vec![Effect::Keep],
        // Nothing that was typed is lost to a key.
        Action::Quit if app.form.as_ref().is_some_and(|form| form.changes().next().is_some()) => {
            settings::leave(app);
        }
        Action::Quit => return vec![Effect::Quit],
    }
    Vec::new()
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
fn step(app: &mut App, by: isize) {
    let moved = |place: usize, count: usize| -> usize {
        let last = count.saturating_sub(1);
        place.saturating_add_signed(by).min(last)
    };
    match app.views.last().cloned() {
        Some(View::Person { person, channel }) => {
            let count = app.person(person).map_or(0, |person| person.channels.len());
            let channel = moved(channel, count);
            replace(app, View::Person { person, channel });
        }
        Some(View::Channel { person, channel, post }) => {
            let post = moved(post, app.posts(person, channel).len());
            replace(app, View::Channel { person, channel, post });
        }
        Some(View::Statement { person, channel, line }) => {
            let count = app.statement().map_or(0, |found| found.lines.len());
            let line = moved(line, count);
            replace(app, View::Statement { person, channel, line });
        }
        Some(View::Log { line, rule: None }) => {
            let line = moved(line, app.log().len());
            replace(app, View::Log { line, rule: None });
        }
        Some(View::Log { line, rule: Some(rule) }) => {
            let rule = moved(rule, app.rules().len());
            replace(app, View::Log { line, rule: Some(rule) });
        }
        Some(View::Settings) => {
            if let Some(form) = &mut app.form {
                settings::moved(form, moved);
            }
        }
        Some(View::Compare { .. } | View::Formula { .. }) => {}
        _ => {
            let row = moved(app.selected_row(), app.rows().len());
            app.selected = app.rows().get(row).map(|person| person.id);
            app.chosen = true;
        }
    }
}

fn replace(app: &mut App, view: View) {
    app.views.pop();
    app.views.push(view);
}

/// Shows another range.
fn look_back(app: &mut App, range: Range) -> Vec<Effect> {
    app.range = range;
    vec![Effect::Load(Query::Everybody(range))]
}

fn drill(app: &mut App) -> Vec<Effect> {
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
        View::Channel { .. } | View::Compare { .. } | View::Formula { .. } | View::Settings => None,
    };
    app.views.extend(next);
    select_wanted(app);
    effects
}

/// Selects the post that a line of the statement led to, as soon as it is there.
fn select_wanted(app: &mut App) {
    let (Some(&View::Channel { person, channel, .. }), Some((wanted, item))) =
        (app.views.last(), app.wanted.as_ref())
    else {
        return;
    };
    if *wanted != channel {
        app.wanted = None;
    } else if let Some(post) = app.posts(person, channel).iter().position(|post| post.id == *item) {
        app.wanted = None;
        replace(app, View::Channel { person, channel, post });
    }
}

fn next_group(app: &mut App) {
    let groups = app.groups();
    let next = match &app.group {
        None => groups.first().cloned(),
        Some(group) => {
            let place = groups.iter().position(|known| known == group);
            place.and_then(|place| groups.get(place + 1).cloned())
        }
    };
    app.group = next;
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
    app.views.push(View::Compare { people, pair: 0 });
}

/// Channels of whatever is selected.
fn focus_channels(app: &App) -> Vec<ChannelId> {
    match app.focus_channel() {
        Some(channel) => vec![channel.id],
        None => app
            .focus()
            .map(|person| person.channels.iter().map(|channel| channel.id).collect())
            .unwrap_or_default(),
    }
}

/// Asks now what may be asked: a server that wants a pause gets it, and nobody is asked twice a minute.
fn refresh(app: &mut App, channels: Vec<ChannelId>) -> Vec<Effect> {
    if !matches!(app.mode, Mode::Live | Mode::Demo) {
        app.notice = Some("this screen does not poll".to_owned());
        return Vec::new();
    }
    let known =
        |id: ChannelId| app.people.iter().flat_map(|person| &person.channels).find(move |c| c.id == id);
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
