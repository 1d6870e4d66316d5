//! Goals against the scores that were read.

use super::{Books, Person, Pipeline, WHOLE, days};
use crate::alerts::EventKind;
use crate::bumps::{Happening, What};
use crate::goals::{self, Life, Source, Span};
use crate::model::{Goal, GoalSnapshot, PersonId, Time};
use crate::rollup::{Bucket, Tier, points};
use crate::score::Energy;
use crate::store::{Result, Rows};
use chrono::TimeDelta;

/// Writes down what happened to a person's goals after one poll and up to the next. Readings are known to the
/// minute, so events of the first poll's minute are found again, and are told once only.
///
/// These entries stay when everything derived is computed again: a prize that was won was won.
pub(super) fn tell(rows: &Rows<'_>, person: PersonId, from: Time, to: Time) -> Result<Vec<What>> {
    let minute = Tier::Minute.start(Tier::Minute.bucket(from)).max(Time::MIN_UTC + TimeDelta::days(1));
    let mut told = Vec::new();
    for goal in rows.goals(person)? {
        let life = life(rows, &goal, to)?;
        for event in goals::events(&life, minute - TimeDelta::milliseconds(1), to) {
            let (kind, channel, points) = (EventKind::Goal, WHOLE, None);
            let happening = Happening { person, at: event.at, kind, channel, points, what: event.text };
            if rows.put_happening(&happening)? {
                told.push(What::Happening(happening));
            }
        }
    }
    Ok(told)
}

/// A person's goals with their states, oldest first. `energies` are those of `ids` at `now`; empty while there is
/// no score.
pub(super) fn goals(
    pipeline: &Pipeline,
    person: &Person,
    energies: &[Energy],
    now: Time,
) -> Result<Vec<GoalSnapshot>> {
    let rows = pipeline.database.rows();
    let goals = rows.goals(person.id)?;
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    let sources = sources(&pipeline.books, person, energies, now);
    let mut shown = Vec::new();
    for goal in goals {
        let state = life(&rows, &goal, now)?.state();
        let due = goal.due.map(|due| days(due - now));
        let effort =
            if state.over() { None } else { goals::effort(goal.target, due, &sources, &pipeline.constants) };
        shown.push(GoalSnapshot { goal, state, effort });
    }
    Ok(shown)
}

/// What comes in lately, channel by channel.
fn sources(books: &Books, person: &Person, energies: &[Energy], now: Time) -> Vec<Source> {
    let from = Source::from(now).timestamp_millis();
    let source = |(id, energy): (_, &Energy)| {
        let book = books.get(&id)?;
        let first = book.ledger.rows().first().map(|row| row.at);
        Some(Source::new(id, *energy, book.engagement(from), first, now))
    };
    person.in_order().into_iter().zip(energies).filter_map(source).collect()
}

/// A goal's life up to `now`.
fn life<'g>(rows: &Rows<'_>, goal: &'g Goal, now: Time) -> Result<Life<'g>> {
    let mut life = Life::new(goal);
    let set = Tier::Minute.bucket(goal.since);
    if let Some(bucket) = rows.candle_at(goal.person, WHOLE, Tier::Minute, goal.since)? {
        life.read(goal.since, points(bucket.close));
    }
    let readings = Readings { rows, goal, begin: Tier::Minute.start(set + 1) };
    readings.live(&mut life, Tier::Day, goal.since, now)?;
    life.pass(now);
    Ok(life)
}

/// The candles since a goal was set, taken as coarsely as they decide nothing: a year of polls is some hundred
/// days, and few of them are looked into.
struct Readings<'r, 'c> {
    rows: &'r Rows<'c>,
    goal: &'r Goal,
    /// The first minute after the one in which the goal was set.
    begin: Time,
}

impl Readings<'_, '_> {
    fn live(&self, life: &mut Life<'_>, tier: Tier, from: Time, to: Time) -> Result<()> {
        if life.state().over() || to < from {
            return Ok(());
        }
        let finer = Tier::ALL.into_iter().rev().find(|finer| finer.millis() < tier.millis());
        for bucket in self.rows.candles(self.goal.person, WHOLE, tier, from, to)? {
            let start = tier.start(bucket.number);
            let until = tier.start(bucket.number + 1) - TimeDelta::milliseconds(1);
            let span = Span { until, low: points(bucket.low), high: points(bucket.high) };
            match finer {
                // A bucket that began before the goal has readings that do not count.
                _ if start >= self.begin && life.skips(&span) => {}
                Some(finer) => self.live(life, finer, start.max(self.begin), until.min(to))?,
                None if start >= self.begin => read(life, start, &bucket),
                None => {}
            }
        }
        Ok(())
    }
}

/// The readings of a minute, as far as a candle tells them: the way through its ends, shortest first.
fn read(life: &mut Life<'_>, at: Time, bucket: &Bucket) {
    let Bucket { open, high, low, close, .. } = *bucket;
    let turns = if close < open { [open, high, low, close] } else { [open, low, high, close] };
    for score in turns {
        life.read(at, points(score));
    }
}
