use super::{Pipeline, Wanted};
use crate::alerts::{Alerts, Delivery, Standing};
use crate::bumps::{Entry, Episode};
use crate::channels::Memory;
use crate::filter;
use crate::model::{
    ChannelId, ItemId, PersonId, PersonSnapshot, PostDetail, PostSnapshot, Range, Series, Tick, Time,
};
use crate::schedule::Job;
use crate::score::{Explained, Formula};
use crate::store::{PollReport, Result};
use tokio::sync::{mpsc, oneshot};

/// What the store's thread is asked to do.
#[derive(Debug)]
pub enum Work {
    Report(Box<PollReport>),
    Recall {
        channel: ChannelId,
        now: Time,
        answer: oneshot::Sender<Memory>,
    },
    Load {
        query: Query,
        now: Time,
    },
    /// Entries of the log have been read.
    See(Vec<String>),
    /// The rules wanted to be asked again at this instant.
    Wake(Time),
    /// A rule, or all of them, are silent until an instant; one that has passed ends it.
    Snooze {
        rule: Option<String>,
        until: Time,
        now: Time,
    },
    /// Send a sample to every place.
    Sample(Time),
    /// Something could not be sent before the end.
    Unsent(Delivery),
    /// Everything sent before this has been done.
    Sync(oneshot::Sender<()>),
    /// A key is never to go to a place again.
    Settle {
        place: String,
        key: String,
        now: Time,
    },
    /// Other rules are at work from now on.
    Arm {
        alerts: Box<Alerts>,
        now: Time,
    },
    /// Somebody is no longer on the board; what was stored stays.
    Leave(PersonId),
    /// People beside those it was opened with.
    Join {
        wanted: Wanted,
        now: Time,
    },
}

/// What the screen wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Query {
    /// Every person, with the change over this range; it is the range of later updates, too.
    Everybody(Range),
    Series {
        person: PersonId,
        channel: Option<ChannelId>,
        range: Range,
        columns: usize,
    },
    Posts {
        person: PersonId,
        channel: ChannelId,
    },
    /// One post in full.
    Post {
        person: PersonId,
        channel: ChannelId,
        item: ItemId,
    },
    /// Why a score, or a channel's points, moved over a range.
    Statement {
        person: PersonId,
        channel: Option<ChannelId>,
        range: Range,
    },
    Formula {
        person: PersonId,
        channel: ChannelId,
    },
    /// Some people's bumps of a range, oldest first.
    Bumps {
        people: Vec<PersonId>,
        range: Range,
    },
    /// Everybody's log of the last 30 days, newest first.
    Log,
    /// The rules, and how they are doing.
    Rules,
    Ticks {
        since: Time,
        most: u32,
    },
}

/// What one query brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    Series(Option<Series>),
    Posts(Vec<PostSnapshot>),
    Post(Option<Box<PostDetail>>),
    Statement(Option<Box<Explained>>),
    Formula(Option<Box<Formula>>),
    Bumps(Vec<Episode>),
    Log(Vec<Entry>),
    Rules(Vec<Standing>),
}

/// What the store's thread tells.
#[derive(Debug)]
pub enum Answer {
    Person(Box<PersonSnapshot>),
    Ticks(Vec<Tick>),
    Loaded(Query, Data),
    /// What is to be delivered, and when the rules want to be asked again.
    Alerts {
        deliveries: Vec<Delivery>,
        wake: Option<Time>,
    },
    /// Channels to be polled from now on.
    Jobs(Vec<Job>),
    /// Channels that are not to be polled any more: nobody has them, or they turned out to be others, which are
    /// polled already.
    Dropped(Vec<ChannelId>),
    /// The store failed; the last screen stays.
    Failed(String),
}

/// Works until nobody asks any more. Runs on a thread of its own: SQLite has one writer, and scoring
/// should not make the screen wait.
pub fn run(mut pipeline: Pipeline, mut work: mpsc::Receiver<Work>, answers: &mpsc::Sender<Answer>) {
    let mut range = Range::default();
    while let Some(work) = work.blocking_recv() {
        let told = match handle(&mut pipeline, work, &mut range) {
            Ok(told) => told,
            Err(error) => vec![Answer::Failed(error.to_string())],
        };
        for answer in told {
            if answers.blocking_send(answer).is_err() {
                return;
            }
        }
    }
}

/// Does one piece of work. `range` is what the screen looks back over.
pub fn handle(pipeline: &mut Pipeline, work: Work, range: &mut Range) -> Result<Vec<Answer>> {
    let mut told = Vec::new();
    let mut asked = None;
    match work {
        Work::Report(report) => {
            let applied = pipeline.apply(&report)?;
            asked = Some(applied.at);
            for person in applied.people {
                told.extend(person_answer(pipeline, person, applied.at, *range)?);
            }
            if let Some((from, _)) = applied.merged {
                told.push(Answer::Dropped(vec![from]));
            }
            if !applied.ticks.is_empty() {
                told.push(Answer::Ticks(applied.ticks));
            }
        }
        Work::Recall { channel, now, answer } => {
            // Whoever asked may have been cancelled since.
            let _ = answer.send(pipeline.recall(channel, now)?);
        }
        Work::See(keys) => pipeline.see(&keys)?,
        Work::Wake(now) => {
            pipeline.wake(now)?;
            asked = Some(now);
        }
        Work::Snooze { rule, until, now } => {
            pipeline.snooze(rule.as_deref(), until, now)?;
            told.push(rules(pipeline, now));
            asked = Some(now);
        }
        Work::Sample(now) => {
            pipeline.sample(now);
            asked = Some(now);
        }
        Work::Unsent(unsent) => pipeline.keep_unsent(&unsent)?,
        Work::Sync(done) => {
            // Whoever asked may have had enough.
            let _ = done.send(());
        }
        Work::Settle { place, key, now } => pipeline.settle(&place, &key, now)?,
        Work::Arm { alerts, now } => {
            pipeline.rearm(*alerts)?;
            told.push(rules(pipeline, now));
            asked = Some(now);
        }
        Work::Leave(person) => {
            let symbol = pipeline.symbol(person).map(str::to_owned);
            let left = pipeline.keep_only(|known| Some(known) != symbol.as_deref());
            told.push(Answer::Dropped(left));
        }
        Work::Join { wanted, now } => {
            let jobs = pipeline.join(wanted, now)?;
            for person in pipeline.people() {
                told.extend(person_answer(pipeline, person, now, *range)?);
            }
            told.push(Answer::Jobs(jobs));
        }
        Work::Load { query, now } => {
            asked = Some(now);
            told = load(pipeline, query, now, range)?;
        }
    }
    told.extend(asked.and_then(|now| pipeline.alerts(now)));
    Ok(told)
}

/// Loads what the screen wants to see.
fn load(pipeline: &Pipeline, query: Query, now: Time, range: &mut Range) -> Result<Vec<Answer>> {
    let mut told = Vec::new();
    match query {
        Query::Everybody(wanted) => {
            *range = wanted;
            for person in pipeline.people() {
                told.extend(person_answer(pipeline, person, now, *range)?);
            }
        }
        Query::Series { person, channel, range, columns } => {
            let series = pipeline.series(person, channel, now, range, columns)?;
            told.push(Answer::Loaded(query, Data::Series(series)));
        }
        Query::Posts { person, channel } => {
            let posts = pipeline.posts(channel, person, now)?;
            told.push(Answer::Loaded(query, Data::Posts(posts)));
        }
        Query::Post { person, channel, ref item } => {
            let post = pipeline.post(channel, person, item, now)?.map(Box::new);
            told.push(Answer::Loaded(query, Data::Post(post)));
        }
        Query::Statement { person, channel, range } => {
            let from = pipeline.opening(person, now, range)?;
            let statement = pipeline.explain(person, channel, from, now, None)?.map(Box::new);
            told.push(Answer::Loaded(query, Data::Statement(statement)));
        }
        Query::Formula { person, channel } => {
            let formula = pipeline.formula(person, channel, now)?.map(Box::new);
            told.push(Answer::Loaded(query, Data::Formula(formula)));
        }
        Query::Bumps { ref people, range } => {
            let since = range.length().map_or(Time::UNIX_EPOCH, |length| now - length);
            let mut bumps = Vec::new();
            for &person in people {
                bumps.extend(pipeline.database().rows().bumps(person, since)?);
            }
            bumps.sort_by_key(|episode| episode.bump.onset);
            told.push(Answer::Loaded(query, Data::Bumps(bumps)));
        }
        Query::Log => {
            let mut log = Vec::new();
            for person in pipeline.people() {
                log.extend(pipeline.log(person, now - chrono::TimeDelta::days(30))?);
            }
            log.sort_by_key(|entry| std::cmp::Reverse(entry.at()));
            told.push(Answer::Loaded(query, Data::Log(log)));
        }
        Query::Ticks { since, most } => {
            let mut ticks = Vec::new();
            for person in pipeline.people() {
                ticks.extend(pipeline.database().rows().ticks(person, since, most)?);
            }
            ticks.sort_by_key(|tick| std::cmp::Reverse(tick.at));
            ticks.truncate(most as usize);
            ticks.reverse();
            told.push(Answer::Ticks(ticks));
        }
        Query::Rules => told.push(rules(pipeline, now)),
    }
    Ok(told)
}

fn rules(pipeline: &Pipeline, now: Time) -> Answer {
    Answer::Loaded(Query::Rules, Data::Rules(pipeline.rules(now)))
}

fn person_answer(pipeline: &Pipeline, person: PersonId, now: Time, range: Range) -> Result<Option<Answer>> {
    // The board's own, and those that a filter may ask for.
    let mut ranges = filter::RANGES.to_vec();
    if !ranges.contains(&range) {
        ranges.push(range);
    }
    Ok(pipeline.snapshot(person, now, &ranges)?.map(|person| Answer::Person(Box::new(person))))
}
