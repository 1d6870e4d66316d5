//! Everybody, and one person.

use super::event::{trouble, unread, word};
use super::{change, clock, count, day, moved, number, percent, place, points, range, spoken};
use crate::app::App;
use crate::channels;
use crate::goals;
use crate::model::{ChannelSnapshot, Figure, GoalSnapshot, PersonSnapshot, State};
use crate::text;

/// More people than this are not summed up one by one.
const MOST: usize = 8;

/// Marks that are told of somebody.
const MARKS: usize = 3;

/// `You 61.42, up 0.83 in 24 hours. Tom 52.18, down 0.67, YouTube halted. 3 new bumps.`
pub fn summary(app: &App) -> String {
    if app.people.is_empty() {
        return nobody(app);
    }
    let mut people = app.rows();
    // The user comes first; the sort keeps the board's order among the others.
    people.sort_by_key(|person| !person.mine);
    let others = people.len().saturating_sub(MOST);
    let mut said: Vec<String> = Vec::new();
    let mut ranged = false;
    for person in people.into_iter().take(MOST) {
        said.push(format!("{}.", short(app, person, &mut ranged)));
    }
    if others > 0 {
        said.push(format!("{}; board tells of all.", count(number(others), "other", "others")));
    }
    said.extend(unread(app).map(|new| format!("{new}.")));
    said.join(" ")
}

pub(super) fn nobody(app: &App) -> String {
    match app.pending.as_slice() {
        [] => "Nobody is on the board yet. Add somebody with: cloutop add @user@server.".to_owned(),
        pending => format!("Looking for {}.", pending.join(", ")),
    }
}

/// The range is named once.
fn short(app: &App, person: &PersonSnapshot, ranged: &mut bool) -> String {
    let name = spoken(&person.symbol);
    let Some(score) = person.score else { return format!("{name} not read yet") };
    let mut said = format!("{name} {}", text::score(score));
    if let Some(points) = change(app, person) {
        said.push_str(&format!(", {}", moved(points)));
        if !*ranged {
            said.push_str(&format!(" in {}", range(app.range)));
            *ranged = true;
        }
    }
    for channel in held(person) {
        said.push_str(&format!(", {} {}", place(channel), word(channel.state)));
    }
    said
}

fn held(person: &PersonSnapshot) -> impl Iterator<Item = &ChannelSnapshot> {
    person.channels.iter().filter(|channel| channel.state.held())
}

/// Everybody in the order of the board, a line each.
pub(super) fn board(app: &App) -> Vec<String> {
    if app.people.is_empty() {
        return vec![nobody(app)];
    }
    let people = count(number(app.people.len()), "person", "people");
    let mut said = vec![format!("Board: {people}, changes in {}.", range(app.range))];
    said.extend(app.rows().into_iter().map(|person| row(app, person)));
    said
}

fn row(app: &App, person: &PersonSnapshot) -> String {
    let name = spoken(&person.symbol);
    let Some(score) = person.score else { return format!("{name}, {}: not read yet.", person.name) };
    let mut said = format!("{name}, {}: {}", person.name, text::score(score));
    if let Some(points) = change(app, person) {
        said.push_str(&format!(", {}", moved(points)));
        let percent = percent(app, person).filter(|_| text::arrow(points) != "=");
        said.push_str(&percent.map(|percent| format!(", {percent}")).unwrap_or_default());
    }
    if let Some(change) = person.change(app.range) {
        said.push_str(&format!("; {}", count(change.volume, "event", "events")));
        if let Some(driver) = &change.driver {
            let on = driver.network.map(|network| format!("{}, ", network.name())).unwrap_or_default();
            said.push_str(&format!("; most by {on}{}", driver.text));
        }
    }
    for channel in held(person) {
        said.push_str(&format!("; {} {}", place(channel), word(channel.state)));
    }
    format!("{said}.")
}

/// One person with channels, whose points add up to the score.
pub(super) fn person(app: &App, person: &PersonSnapshot) -> Vec<String> {
    let name = spoken(&person.symbol);
    let full = if person.name == person.symbol { name.clone() } else { format!("{name}, {}", person.name) };
    let mut said = Vec::new();
    match person.score {
        None => said.push(format!("{full}: not read yet.")),
        Some(score) => {
            let points = change(app, person);
            let moved = points.map(|points| format!(", {} in {}", moved(points), range(app.range)));
            let percent = points.filter(|points| text::arrow(*points) != "=");
            let percent = percent.and_then(|_| percent_of(app, person)).unwrap_or_default();
            said.push(format!("{full}: {}{}{percent}.", text::score(score), moved.unwrap_or_default()));
        }
    }
    for (channel, points) in person.channels.iter().zip(points(person)) {
        let known = person.score.is_some().then_some(points);
        said.push(format!("{}, {}: {}.", place(channel), channel.account.handle, state(app, channel, known)));
    }
    if let Some(score) = person.score
        && person.channels.len() > 1
    {
        said.push(format!("Together {}.", text::score(score)));
    }
    for channel in &person.outcomes {
        let (place, account) = (place(channel), &channel.account.handle);
        let visits = visits(channel).map(|visits| format!("{visits}, ")).unwrap_or_default();
        said.push(format!("Outcome, {place}, {account}: {visits}{}.", state(app, channel, None)));
    }
    said.extend(outlook(app, person));
    said
}

fn percent_of(app: &App, person: &PersonSnapshot) -> Option<String> {
    percent(app, person).map(|percent| format!(", {percent}"))
}

/// `1311 visits in 7 days, 1102 in the 7 before, up 19.0 percent`
fn visits(channel: &ChannelSnapshot) -> Option<String> {
    let mut said = format!("{} in 7 days", count(channel.figure(Figure::Visits)?, "visit", "visits"));
    if let Some(before) = channel.figure(Figure::VisitsBefore) {
        said.push_str(&format!(", {before} in the 7 before"));
    }
    if let Some(percent) = channel.weekly_percent() {
        let way = if percent < 0.0 { "down" } else { "up" };
        said.push_str(&format!(", {way} {:.1} percent", percent.abs()));
    }
    Some(said)
}

/// `25.90 points, read at 14:31, next 14:36`
fn state(app: &App, channel: &ChannelSnapshot, points: Option<f64>) -> String {
    let points = points.map(|points| format!("{} points, ", text::score(points))).unwrap_or_default();
    if channel.state.held() {
        let since = channel.since.map(|at| format!(" since {}", clock(app, at))).unwrap_or_default();
        let held = if channel.held() { "held, " } else { "" };
        return format!("{points}{held}{}{since}, {}", word(channel.state), trouble(app, channel));
    }
    let read = channel.last_read.map_or_else(
        || "not read yet".to_owned(),
        |at| {
            let overdue = if channel.state == State::Stale { "overdue, " } else { "" };
            let verb = if channels::by_hand(channel.network()) { "typed in" } else { "read" };
            format!("{overdue}{verb} at {}", clock(app, at))
        },
    );
    let next = channel.next_at.map(|at| format!(", next {}", clock(app, at))).unwrap_or_default();
    format!("{points}{read}{next}")
}

/// What is assumed, what comes without news, what is to be reached, and what the user noted.
fn outlook(app: &App, person: &PersonSnapshot) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(band) = person.uncertainty.filter(|band| *band >= 0.005) {
        said.push(format!(
            "Give or take {} for what is assumed of the time before the first reading.",
            text::score(band)
        ));
    }
    let ahead: Vec<String> = person
        .forecast
        .iter()
        .map(|(days, score)| format!("{} in {}", text::score(*score), count((*days).into(), "day", "days")))
        .collect();
    if !ahead.is_empty() {
        said.push(format!("Without news {}.", ahead.join(", ")));
    }
    for goal in person.goals.iter().filter(|goal| !goal.state.over()) {
        // The energy means nothing without the formula beside it.
        let goal = GoalSnapshot { effort: None, ..goal.clone() };
        said.push(super::sentence(&goals::line(&goal, person.score, app.now)));
    }
    for mark in person.marks.iter().rev().take(MARKS) {
        said.push(format!("Noted on {}: {}.", day(app, mark.at), mark.text));
    }
    said
}
