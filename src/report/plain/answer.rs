//! What is said when something was asked.

use super::command::{Command, questions, usage};
use super::event::entry;
use super::{clock, compare, count, number, people, posts, range, span, spoken, summary, why};
use crate::alerts::{Least, Standing, Trigger, Who};
use crate::app::App;
use crate::bumps::Entry;
use crate::model::Range;
use crate::pipeline::{Data, Query};
use chrono::TimeDelta;
use std::collections::HashMap;

/// Entries of the log told at once.
const MOST: usize = 15;

/// What the store answered.
pub type Loaded = HashMap<Query, Data>;

impl Command {
    /// What the store has to be asked for it, beside everybody and the log.
    pub fn query(&self) -> Option<Query> {
        match *self {
            Self::Why { person, channel, range } => Some(Query::Statement { person, channel, range }),
            Self::Posts { person, channel } => Some(Query::Posts { person, channel }),
            Self::Rules => Some(Query::Rules),
            _ => None,
        }
    }

    /// Entries of the log that it tells, newest first.
    pub fn entries<'a>(&self, app: &'a App) -> Vec<&'a Entry> {
        let Self::Bumps(person) = self else { return Vec::new() };
        let wanted = |entry: &&Entry| person.is_none_or(|person| person == entry.person());
        app.log().iter().filter(wanted).take(MOST).collect()
    }
}

/// The answer, a sentence or a few a line.
pub fn answer(app: &App, command: &Command, loaded: &Loaded) -> Vec<String> {
    let data = command.query().and_then(|query| loaded.get(&query));
    let people_of = |ids: &[_]| ids.iter().filter_map(|id| app.person(*id)).collect::<Vec<_>>();
    match command {
        Command::Summary => vec![summary(app)],
        Command::Board => people::board(app),
        Command::Person(person) => {
            app.person(*person).map(|person| people::person(app, person)).unwrap_or_default()
        }
        Command::Why { person, channel, range } => {
            let Some(person) = app.person(*person) else { return Vec::new() };
            let channel = person.channels.iter().find(|known| Some(known.id) == *channel);
            let found = match data {
                Some(Data::Statement(found)) => found.as_deref(),
                _ => None,
            };
            why::why(app, person, channel, *range, found)
        }
        Command::Posts { person, channel } => {
            let Some(person) = app.person(*person) else { return Vec::new() };
            let channel = person.channels.iter().find(|known| known.id == *channel);
            let found = match data {
                Some(Data::Posts(posts)) => posts.as_slice(),
                _ => &[],
            };
            channel.map(|channel| posts::posts(app, person, channel, found)).unwrap_or_default()
        }
        Command::Compare(people) => compare::compare(app, &people_of(people)),
        Command::Bumps(_) => bumps(app, command),
        Command::Rules => match data {
            Some(Data::Rules(standings)) => rules(app, standings),
            _ => Vec::new(),
        },
        Command::Range(_) => vec![format!("Changes look back {}.", range(app.range)), summary(app)],
        Command::Ranges => {
            let words: Vec<&str> = Range::ALL.iter().map(|range| range.word()).collect();
            vec![format!("Changes look back {}. There are {}.", range(app.range), words.join(", "))]
        }
        Command::Help(None) => help(),
        Command::Help(Some(name)) => vec![usage(name)],
        // Said by whoever asks, or nothing to be said.
        Command::Refresh(_) | Command::Quit => Vec::new(),
    }
}

fn bumps(app: &App, command: &Command) -> Vec<String> {
    let entries = command.entries(app);
    if entries.is_empty() {
        return vec!["Nothing has stood out in 30 days.".to_owned()];
    }
    let mut said: Vec<String> = entries
        .iter()
        .map(|told| format!("{}{}", if told.unread { "New: " } else { "" }, entry(app, told)))
        .collect();
    let older = match command {
        Command::Bumps(Some(person)) => app.log().iter().filter(|entry| entry.person() == *person).count(),
        _ => app.log().len(),
    } - entries.len();
    if older > 0 {
        let older = count(number(older), "older one", "older ones");
        said.push(format!("And {older}; the command cloutop bumps lists them."));
    }
    said
}

fn help() -> Vec<String> {
    let mut said = vec!["An empty line is a short summary.".to_owned()];
    said.push("A symbol alone, as in ada, is that person with channels.".to_owned());
    said.extend(questions().map(|(usage, help)| super::sentence(&format!("{usage}: {help}"))));
    said
}

fn rules(app: &App, standings: &[Standing]) -> Vec<String> {
    let mut said: Vec<String> = standings.iter().map(|standing| rule(app, standing)).collect();
    if said.is_empty() {
        said.push("No rules are at work here.".to_owned());
    }
    said.extend(app.do_not_disturb.map(|hours| format!("Do not disturb {hours}.")));
    said
}

fn rule(app: &App, standing: &Standing) -> String {
    let rule = &standing.rule;
    let who = match &rule.who {
        Who::Everybody => "everybody".to_owned(),
        Who::Mine => "you".to_owned(),
        Who::Filter(filter) => filter.to_string(),
    };
    let when = match &rule.trigger {
        Trigger::Becomes { filter, .. } => filter.to_string(),
        Trigger::Event { kind, least, after } => {
            let least = match least {
                Some(Least::Points(points)) => format!(" of at least {points} points"),
                Some(Least::Noise(times)) => format!(" of at least {times} times the usual noise"),
                None => String::new(),
            };
            let after =
                if *after > TimeDelta::zero() { format!(" for {}", span(*after)) } else { String::new() };
            format!("{}{least}{after}", kind.word())
        }
    };
    let doing = match (rule.off, standing.snoozed, standing.firing.as_slice()) {
        (true, ..) => "off".to_owned(),
        (_, Some(until), _) => format!("silent until {}", clock(app, until)),
        (_, _, []) => "on".to_owned(),
        (_, _, people) => {
            let people: Vec<String> = people.iter().map(|symbol| spoken(symbol)).collect();
            format!("true of {}", people.join(", "))
        }
    };
    let told = count(number(standing.fired), "time", "times");
    let how = rule.how.join(", ");
    format!("Rule {}, for {who}: {when}; tells {how}; {told} in 24 hours; {doing}.", rule.name)
}
