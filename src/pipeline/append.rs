//! What a report does to the store, one step after the other.

use super::WHOLE;
use super::book::{Book, Taken};
use crate::alerts::EventKind;
use crate::bumps::Happening;
use crate::model::{Actor, Allowance, ChannelId, Metric, Notice, Observation, PersonId, Reason, Tick, Time};
use crate::rollup::{Bucket, Tier, micro};
use crate::schedule::Budget;
use crate::score::{Constants, Energy, evaluate, secant};
use crate::store::{Ending, LastPoll, NewItem, PollRow, Replay, Result, Rows};
use std::collections::HashMap;

pub(super) fn reason(observation: &Observation) -> Reason {
    let notices = &observation.notices;
    if notices.iter().any(|notice| matches!(notice, Notice::Moved { .. })) {
        Reason::Moved
    } else if notices.iter().any(|notice| matches!(notice, Notice::Renamed { .. })) {
        Reason::Renamed
    } else if notices.contains(&Notice::Hidden) {
        Reason::Hidden
    } else {
        Reason::Ok
    }
}

/// Writes down what an observation changed; returns it as facts, with the number of all changes.
pub(super) fn keep(
    rows: &Rows<'_>,
    book: &mut Book,
    channel: ChannelId,
    observation: &Observation,
    at: Time,
) -> Result<(Vec<Replay>, u32)> {
    book.account = observation.account.clone();
    let Observation { profile, posts, acts, gone, complete, notices, .. } = observation;
    rows.describe(channel, profile.name.as_deref(), profile.url.as_deref())?;
    book.name = profile.name.clone().or_else(|| book.name.take());
    if notices.contains(&Notice::Hidden) {
        rows.forget_titles(channel)?;
    }
    for notice in notices {
        rows.insert_notice(channel, at, notice)?;
    }
    let mut facts = Vec::new();
    let mut ids = HashMap::new();
    for post in posts {
        let id = if let Some(id) = rows.item(channel, &post.id)? {
            rows.update_item(id, post)?;
            id
        } else {
            let id = rows.insert_item(NewItem { channel, post, seen: at })?;
            facts.push(Replay::Sight { item: id, published: post.published, standing: post.standing });
            id
        };
        ids.insert(&post.id, id);
    }
    let mut vanished = 0;
    for native in gone {
        vanished += u32::from(rows.set_gone(channel, native, at)?);
    }
    for act in acts {
        let item = match ids.get(&act.item) {
            Some(id) => Some(*id),
            None => rows.item(channel, &act.item)?,
        };
        let Some(item) = item else { continue };
        if let Some(id) = rows.insert_act(channel, item, act, at)? {
            facts.push(match &act.actor {
                Actor::Own => Replay::Own { item, metric: act.metric },
                Actor::Other(actor) => Replay::Act {
                    id,
                    item,
                    metric: act.metric,
                    at: act.at,
                    actor: actor.clone(),
                    tone: act.tone,
                },
            });
        }
    }
    for post in posts {
        let id = ids[&post.id];
        for metric in Metric::ALL {
            let Some(value) = post.counts.get(metric) else { continue };
            if book.last_count(id, metric) != Some(value) {
                rows.insert_reading(id, metric, at, value)?;
                facts.push(Replay::Count { item: id, metric, value });
            }
        }
    }
    for &(figure, value) in &profile.figures {
        if book.figure(figure) != Some(value) {
            rows.insert_figure(channel, figure, at, value)?;
            facts.push(Replay::Figure { figure, value });
        }
    }
    let changed = facts.len();
    if rows.put_listing(channel, at, *complete)? {
        facts.push(Replay::Listing { complete: *complete });
    }
    let changed = u32::try_from(changed).unwrap_or(u32::MAX).saturating_add(vanished);
    Ok((facts, changed))
}

/// What a poll did to one person's energies.
pub(super) struct Moved<'a> {
    pub(super) channel: ChannelId,
    pub(super) at: Time,
    /// In the order of the person's channels, both at `at`: before and after the poll's facts.
    pub(super) before: &'a [Energy],
    pub(super) after: &'a [Energy],
    pub(super) taken: &'a Taken,
    /// The channel's first good poll: what it found is history, not news.
    pub(super) first: bool,
    /// Every channel of the person has been tried once: before that the score is a part of itself.
    pub(super) settled: bool,
}

/// Other constants made a step in a person's score: a tick, and an entry of the log.
pub(super) fn bent(rows: &Rows<'_>, person: PersonId, at: Time, points: f64, cause: String) -> Result<()> {
    let (channel, kind) = (WHOLE, EventKind::Model);
    rows.put_happening(&Happening { person, at, kind, channel, points: Some(points), what: cause.clone() })?;
    rows.put_tick(&Tick { person, channel, at, points, cause })
}

/// What a poll did to one person's score.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The score after it; `None` until every channel has been tried.
    pub(super) score: Option<f64>,
    pub(super) points: f64,
    pub(super) tick: Option<Tick>,
}

/// Rolls a person's score and its parts up into candles.
pub(super) fn record(
    rows: &Rows<'_>,
    person: PersonId,
    ids: &[ChannelId],
    candles: &mut HashMap<(ChannelId, Tier), Bucket>,
    moved: &Moved<'_>,
    constants: &Constants,
    cause: impl FnOnce() -> Result<String>,
) -> Result<Recorded> {
    if !moved.settled {
        return Ok(Recorded::default());
    }
    let evaluation = evaluate(moved.after, constants);
    let volume = if moved.first { 0 } else { moved.taken.volume };
    let begun = candles.contains_key(&(WHOLE, Tier::Minute))
        || rows.last_candle(person, WHOLE, Tier::Minute)?.is_some();
    let mut put = |series: ChannelId, value: f64, volume: u64| -> Result<()> {
        for tier in Tier::ALL {
            let last = match candles.get(&(series, tier)) {
                Some(last) => Some(*last),
                None => rows.last_candle(person, series, tier)?,
            };
            let bucket = Bucket::after(last, tier, moved.at, micro(value), volume);
            rows.put_candle(person, series, tier, &bucket)?;
            candles.insert((series, tier), bucket);
        }
        Ok(())
    };
    put(WHOLE, evaluation.score, volume)?;
    for (id, part) in ids.iter().zip(&evaluation.parts) {
        put(*id, part.points, if *id == moved.channel { volume } else { 0 })?;
    }
    let before: f64 = moved.before.iter().map(|energy| energy.total(constants)).sum();
    let points = secant(before, evaluation.total, constants.theta) * (evaluation.total - before);
    let score = Some(evaluation.score);
    // The first score has nothing to be compared with.
    if points == 0.0 || !begun {
        return Ok(Recorded { score, points: 0.0, tick: None });
    }
    let cause = if moved.first { "first reading".to_owned() } else { cause()? };
    let tick = Tick { person, channel: moved.channel, at: moved.at, points, cause };
    rows.put_tick(&tick)?;
    Ok(Recorded { score, points, tick: Some(tick) })
}

/// What the servers of a poll let be asked still: that of which least is left.
pub(super) fn allowance(hosts: &[(String, Budget)]) -> Option<Allowance> {
    let told = hosts.iter().filter_map(|(_, budget)| {
        Some(Allowance { left: budget.remaining?, of: budget.limit, until: budget.reset })
    });
    told.min_by_key(|allowance| allowance.left)
}

/// The state of a channel after one more poll.
pub(super) fn follow(last: Option<&LastPoll>, poll: &PollRow) -> LastPoll {
    let good = poll.outcome != Ending::Gap;
    let since =
        last.as_ref().filter(|last| last.reason.state() == poll.reason.state()).map(|last| last.since);
    let before = |read: fn(&LastPoll) -> Option<Time>| last.and_then(read);
    LastPoll {
        at: poll.at,
        ending: poll.outcome,
        reason: poll.reason,
        detail: poll.detail.clone(),
        next_at: poll.next_at,
        since: since.unwrap_or(poll.at),
        failures: if good { 0 } else { last.map_or(0, |last| last.failures) + 1 },
        last_read: if good { Some(poll.at) } else { before(|last| last.last_read) },
        first_read: before(|last| last.first_read).or_else(|| good.then_some(poll.at)),
        reads: last.map_or(0, |last| last.reads) + u64::from(good),
        requests: if good { poll.requests } else { last.map_or(0, |last| last.requests) },
    }
}
