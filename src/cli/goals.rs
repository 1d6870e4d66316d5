use super::explain::writable;
use super::failure::say_json;
use super::session::{Session, snapshots, unknown_person};
use super::{Failure, parse_time, say};
use crate::config;
use crate::goals;
use crate::model::{Goal, GoalSnapshot, PersonId, PersonSnapshot, Time};
use crate::report;
use crate::text;
use chrono::TimeDelta;
use clap::Args;

#[derive(Debug, Args)]
pub struct GoalArgs {
    #[arg(value_name = "SYM")]
    symbol: String,
    /// The score to be reached, above 0 and below 100. Left out: the goals there are.
    #[arg(value_name = "TARGET", allow_negative_numbers = true)]
    target: Option<f64>,
    /// The last instant to reach it; a day stands for its end, in UTC.
    #[arg(long, value_name = "TIME", value_parser = parse_due, requires = "target")]
    by: Option<Time>,
    /// How long the score has to stay there to win: 12h, 7d.
    #[arg(long, value_name = "SPAN", value_parser = parse_span, default_value = "0d", requires = "target")]
    hold: TimeDelta,
    /// What you get yourself when you win.
    #[arg(long, value_name = "TEXT", requires = "target")]
    prize: Option<String>,
    /// Drop the goal with this number.
    #[arg(long, value_name = "NUMBER", conflicts_with = "target")]
    rm: Option<i64>,
}

/// Whoever says by a day means that day, too.
fn parse_due(text: &str) -> Result<Time, String> {
    let at = parse_time(text)?;
    let whole_day = text.parse::<chrono::NaiveDate>().is_ok();
    let end = at.checked_add_signed(TimeDelta::days(1) - TimeDelta::milliseconds(1));
    Ok(end.filter(|_| whole_day).unwrap_or(at))
}

fn parse_span(text: &str) -> Result<TimeDelta, String> {
    config::duration(text).ok_or_else(|| "write it like 12h or 7d, at most 366d".to_owned())
}

pub(super) fn goal(session: &Session, args: &GoalArgs) -> Result<(), Failure> {
    let symbol = args.symbol.to_uppercase();
    match (args.target, args.rm) {
        (None, None) => show(session, &symbol, None),
        (None, Some(number)) => drop_goal(session, &symbol, number),
        (Some(target), _) => {
            let number = set(session, &symbol, target, args)?;
            show(session, &symbol, Some(number))
        }
    }
}

/// Prints a person's goals, or one of them.
fn show(session: &Session, symbol: &str, only: Option<i64>) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let people = snapshots(&pipeline, session.now(), &[], |person| person.symbol == symbol)?;
    let Some((_, person)): Option<(PersonId, PersonSnapshot)> = people.into_iter().next() else {
        return Err(Failure::unknown(unknown_person(symbol, &session.symbols())));
    };
    let wanted = |goal: &&GoalSnapshot| only.is_none_or(|only| only == goal.goal.id);
    let shown: Vec<&GoalSnapshot> = person.goals.iter().filter(wanted).collect();
    if session.global.json {
        say_json(&report::goals(&person, &shown))
    } else {
        say(&report::goals_text(&person, &shown))
    }
}

/// Writes a goal down and returns its number.
fn set(session: &Session, symbol: &str, target: f64, args: &GoalArgs) -> Result<i64, Failure> {
    session.not_the_demo("forgets everything")?;
    let person = session.person(symbol)?.symbol.clone();
    let since = session.now();
    if !goals::is_target(target) {
        return Err(Failure::usage(format!("{target} is no score: a goal is above 0 and below 100")));
    }
    if args.by.is_some_and(|by| by <= since) {
        return Err(Failure::usage("--by is over already"));
    }
    let prize = args.prize.as_deref().map(text::clean).unwrap_or_default();
    let (hold, due) = (args.hold, args.by);
    let goal = writable(session)?.transaction(|rows| {
        let person = rows.person_for(&person)?;
        rows.insert_goal(&Goal { id: 0, person, since, target, hold, due, prize })
    })?;
    Ok(goal.id)
}

fn drop_goal(session: &Session, symbol: &str, number: i64) -> Result<(), Failure> {
    session.not_the_demo("forgets everything")?;
    let person = session.person(symbol)?.symbol.clone();
    let now = session.now();
    let dropped = writable(session)?.transaction(|rows| {
        let id = rows.person_for(&person)?;
        let known = rows.goal(number)?.filter(|goal| goal.person == id);
        if known.is_some() {
            rows.drop_goal(number, now)?;
        }
        Ok(known)
    })?;
    match dropped {
        Some(goal) => say(&format!("dropped: {}\n", text::score(goal.target))),
        None => Err(Failure::unknown(format!("{person} has no goal {number}; see: cloutop goal {person}"))),
    }
}
