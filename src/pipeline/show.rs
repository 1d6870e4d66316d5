//! What is shown, computed from the books and the candles.

use super::book::{Book, Taken};
use super::past::{Past, past};
use super::{Books, Person, Pipeline, WHOLE, aged, cause, energies, goals};
use crate::channels;
use crate::model::{
    Candle, Change, ChannelChange, ChannelId, ChannelSnapshot, Driver, Metric, PersonSnapshot, Range, Reason,
    Series, Slot, State, Time,
};
use crate::rollup::{self, Tier, points};
use crate::score::{Constants, Evaluation, Part, band, energy_for, evaluate, secant};
use crate::store::{Result, month_of};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Widths of a chart's bucket, in minutes.
const STEPS: [i64; 20] =
    [1, 2, 5, 10, 15, 20, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1_440, 2_880, 10_080, 20_160, 40_320];

/// Days ahead for which a score without news is told.
const AHEAD: [u32; 3] = [1, 7, 30];

pub(super) fn snapshot(
    pipeline: &Pipeline,
    person: &Person,
    now: Time,
    ranges: &[Range],
) -> Result<PersonSnapshot> {
    let ids = person.in_order();
    let now = now.max(last_read(pipeline, person).unwrap_or(now));
    let energies = energies(&pipeline.books, &ids, now, &pipeline.constants);
    let evaluation = evaluate(&energies, &pipeline.constants);
    let mut shown =
        PersonSnapshot::new(person.id, person.wanted.symbol.clone(), person.wanted.name.clone(), now);
    shown.group.clone_from(&person.wanted.group);
    shown.mine = person.wanted.mine;
    shown.forming = person.guard.forming();
    shown.marks = pipeline.database.rows().marks(person.id)?;
    if shown.name == shown.symbol
        && let Some(name) = person.channels.iter().find_map(|(id, _)| pipeline.books.get(id)?.name.clone())
    {
        shown.name = name;
    }
    for (id, slot) in &person.channels {
        let place = ids.iter().position(|known| known == id);
        if let Some(book) = pipeline.books.get(id) {
            // Who is away has no part in the score.
            let part = place.and_then(|place| evaluation.parts.get(place)).copied().unwrap_or_default();
            shown.channels.push(channel(pipeline, *id, slot, book, part, now)?);
        }
    }
    for (id, slot) in &person.outcomes {
        if let Some(book) = pipeline.books.get(id) {
            shown.outcomes.push(channel(pipeline, *id, slot, book, Part::default(), now)?);
        }
    }
    let read = last_read(pipeline, person).is_some();
    shown.goals = goals::goals(pipeline, person, if read { &energies } else { &[] }, now)?;
    if read {
        shown.score = Some(evaluation.score);
        let (low, high) = band(&energies, &pipeline.constants);
        shown.uncertainty = Some(0.5 * (high - low));
        shown.forecast = AHEAD
            .map(|days| {
                let then = aged(&energies, TimeDelta::days(i64::from(days)), &pipeline.constants);
                (days, evaluate(&then, &pipeline.constants).score)
            })
            .to_vec();
        for &range in ranges {
            if let Some(change) = change(pipeline, person, &ids, &evaluation, now, range)? {
                shown.set_change(range, change);
            }
        }
    }
    Ok(shown)
}

fn channel(
    pipeline: &Pipeline,
    id: ChannelId,
    slot: &str,
    book: &Book,
    part: Part,
    now: Time,
) -> Result<ChannelSnapshot> {
    let last = book.last.as_ref();
    let reason = last.map_or(Reason::Ok, |last| last.reason);
    let state = match last {
        Some(last) if reason.state() == State::Live && stale(last.last_read, last.next_at, now) => {
            State::Stale
        }
        // Nothing has been read yet, so nothing is fresh.
        None => State::Stale,
        _ => reason.state(),
    };
    let network = book.account.network;
    let spent = match network.0.price {
        Some(_) => Some(pipeline.database.rows().spent(network.id(), month_of(now))?),
        None => None,
    };
    let mut shown = ChannelSnapshot {
        id,
        slot: slot.to_owned(),
        account: book.account.clone(),
        state,
        reason,
        detail: last.and_then(|last| last.detail.clone()),
        since: last.map(|last| last.since),
        last_read: last.and_then(|last| last.last_read),
        last_try: last.map(|last| last.at),
        next_at: last.filter(|_| !channels::by_hand(book.account.network)).map(|last| last.next_at),
        points: part.points,
        audience_points: part.audience,
        body_points: part.body,
        buzz_points: part.buzz,
        assumed_points: part.assumed,
        figures: book.figures.clone(),
        posts: book.ledger.items(),
        requests: last.map_or(0, |last| last.requests),
        // An allowance that has become whole again since is not known.
        allowance: book.allowance.filter(|allowance| allowance.until.is_none_or(|until| until > now)),
        spent,
    };
    if let Some(why) = pipeline.off.get(network.id()) {
        shown.switch_off(why);
    }
    Ok(shown)
}

/// A channel whose next poll is overdue by as long as its interval, and a quarter of an hour, is stale.
fn stale(last_read: Option<Time>, next_at: Time, now: Time) -> bool {
    last_read.is_some_and(|read| now > next_at + (next_at - read).max(TimeDelta::minutes(15)))
}

pub(super) fn last_read(pipeline: &Pipeline, person: &Person) -> Option<Time> {
    reads(pipeline, person).filter_map(|last| last.last_read).max()
}

fn reads<'p>(pipeline: &'p Pipeline, person: &'p Person) -> impl Iterator<Item = &'p crate::store::LastPoll> {
    person.channels.iter().filter_map(|(id, _)| pipeline.books.get(id)?.last.as_ref())
}

/// The first instant of a range, as far back as anything is known of the person.
pub(super) fn start(pipeline: &Pipeline, person: &Person, now: Time, range: Range) -> Time {
    let rows = person.channels.iter().filter_map(|(id, _)| pipeline.books.get(id)?.ledger.rows().first());
    let first = rows.map(|row| crate::model::time(row.at)).min();
    let first = first.into_iter().chain(last_read(pipeline, person)).min().unwrap_or(now);
    // Before the first thing that is known nothing is known, which is not zero.
    range.start(now, first).max(first.min(now))
}

fn change(
    pipeline: &Pipeline,
    person: &Person,
    ids: &[ChannelId],
    evaluation: &Evaluation,
    now: Time,
    range: Range,
) -> Result<Option<Change>> {
    let rows = pipeline.database.rows();
    let constants = &pipeline.constants;
    let from = start(pipeline, person, now, range);
    // Without a history everything is computed from what the first polls found.
    let then = beginning(pipeline, person, now)?;
    let backfilled = from < then.first;
    // Scores and energies at the opening, channel by channel; who left since is among them.
    let mut opening: Vec<(ChannelId, f64)> = Vec::new();
    let open;
    if backfilled {
        let found = evaluate(&energies(then.books, &then.ids, from, then.constants), then.constants);
        open = found.score;
        opening.extend(then.ids.iter().copied().zip(found.parts.iter().map(|part| part.total)));
        opening.extend(ids.iter().filter(|id| !then.ids.contains(id)).map(|id| (*id, 0.0)));
    } else {
        let Some(bucket) = rows.candle_at(person.id, WHOLE, Tier::Minute, from)? else { return Ok(None) };
        open = points(bucket.close);
        let total = energy_for(open, constants.theta);
        let mut members = rows.members_at(person.id, from)?;
        members.extend(ids.iter().copied().filter(|id| !members.contains(id)).collect::<Vec<_>>());
        for id in members {
            let bucket = rows.candle_at(person.id, id, Tier::Minute, from)?;
            let share = bucket.map_or(0.0, |bucket| points(bucket.close));
            opening.push((id, if open > 0.0 { total * share / open } else { 0.0 }));
        }
    }
    let total: f64 = opening.iter().map(|(_, energy)| energy).sum();
    let slope = secant(total, evaluation.total, constants.theta);
    let now_of = |id: ChannelId| {
        ids.iter().position(|known| *known == id).map_or(0.0, |place| evaluation.parts[place].total)
    };
    let channels = opening
        .iter()
        .map(|&(channel, energy)| ChannelChange { channel, points: slope * (now_of(channel) - energy) })
        .collect();
    let tier = match range {
        Range::Hour | Range::Day => Tier::Minute,
        Range::Week | Range::Month => Tier::Hour,
        _ => Tier::Day,
    };
    let candles = rows.candles(person.id, WHOLE, tier, from, now)?;
    let mut low = open.min(evaluation.score);
    let mut high = open.max(evaluation.score);
    let mut volume = 0;
    for candle in &candles {
        low = low.min(points(candle.low));
        high = high.max(points(candle.high));
        volume += candle.volume;
    }
    if backfilled {
        volume += backfilled_volume(then.books, &then.ids, from, then.first);
    }
    Ok(Some(Change {
        from,
        open,
        points: evaluation.score - open,
        low,
        high,
        volume,
        channels,
        driver: driver(pipeline, person, from, range)?,
        backfilled,
    }))
}

/// When the observed history of a person begins, and the books that say what was before: those of the
/// channels and with the constants of then.
struct Beginning<'p> {
    first: Time,
    ids: Vec<ChannelId>,
    books: &'p Books,
    constants: &'p Constants,
}

fn beginning<'p>(pipeline: &'p Pipeline, person: &'p Person, now: Time) -> Result<Beginning<'p>> {
    Ok(if let Some(Past { first, constants, books, .. }) = past(pipeline, person)? {
        Beginning { first: *first, ids: books.keys().copied().collect(), books, constants }
    } else {
        let Pipeline { books, constants, .. } = pipeline;
        Beginning { first: now, ids: person.in_order(), books, constants }
    })
}

/// Events dated inside a span that the first poll found.
fn backfilled_volume(books: &Books, ids: &[ChannelId], from: Time, to: Time) -> u64 {
    let (from, to) = (from.timestamp_millis(), to.timestamp_millis());
    ids.iter()
        .filter_map(|id| books.get(id))
        .flat_map(|book| book.ledger.rows())
        .filter(|row| row.at >= from && row.at < to)
        .map(|row| Metric::ACTS.iter().map(|metric| u64::from(row.counts[metric.index()])).sum::<u64>())
        .sum()
}

/// The largest single cause. Ticks of long ranges are many, and nobody asks what was largest in a year.
fn driver(pipeline: &Pipeline, person: &Person, from: Time, range: Range) -> Result<Option<Driver>> {
    if range > Range::Month {
        return Ok(None);
    }
    if let Some((channel, item)) = biggest_item(pipeline, person, from) {
        let book = &pipeline.books[&channel];
        let text = cause::words(&pipeline.database.rows(), &book.account, &item)?;
        return Ok(Some(Driver { network: Some(book.account.network), text }));
    }
    let tick = pipeline.database.rows().biggest_tick(person.id, from)?;
    Ok(tick.map(|tick| Driver {
        network: pipeline.books.get(&tick.channel).map(|book| book.account.network),
        text: tick.cause,
    }))
}

/// The item that received most since an instant, and what: in typical active days, by the dates of the
/// ledger.
fn biggest_item(pipeline: &Pipeline, person: &Person, from: Time) -> Option<(ChannelId, Taken)> {
    let from = from.timestamp_millis();
    let mut biggest: Option<(f64, ChannelId, i64, [u32; 5])> = None;
    for id in person.in_order() {
        let Some(book) = pipeline.books.get(&id) else { continue };
        let rows = book.ledger.rows();
        let mut received: BTreeMap<u32, [u32; 5]> = BTreeMap::new();
        for row in &rows[rows.partition_point(|row| row.at < from)..] {
            let sums = received.entry(row.item).or_default();
            for (sum, count) in sums.iter_mut().zip(row.counts) {
                *sum = sum.saturating_add(count);
            }
        }
        for (item, counts) in received {
            let x = book.weigh(counts);
            if x > biggest.as_ref().map_or(0.0, |(most, ..)| *most) {
                biggest = Some((x, id, book.ids[item as usize], counts));
            }
        }
    }
    biggest.map(|(_, channel, item, counts)| {
        let credited = Metric::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0);
        let credited = credited.map(|(metric, count)| (item, metric, u64::from(count))).collect();
        (channel, Taken { credited, ..Taken::default() })
    })
}

impl Pipeline {
    /// A series of at most `columns` candles over a range: of the person, or of one of their channels.
    pub fn series(
        &self,
        person: crate::model::PersonId,
        channel: Option<ChannelId>,
        now: Time,
        range: Range,
        columns: usize,
    ) -> Result<Option<Series>> {
        let Some(person) = self.people.iter().find(|known| known.id == person) else { return Ok(None) };
        if last_read(self, person).is_none() {
            return Ok(None);
        }
        let then = beginning(self, person, now)?;
        let from = start(self, person, now, range);
        let step = step(now - from, columns);
        // Buckets start at round times, the last one holds `now`.
        let width = step.num_milliseconds();
        let last = now.timestamp_millis().div_euclid(width);
        let count = usize::try_from((last - from.timestamp_millis().div_euclid(width)).max(0)).unwrap_or(0);
        let count = (count + 1).min(columns.max(1));
        let from = crate::model::time((last - i64::try_from(count).unwrap_or(1) + 1) * width);
        let tier = Tier::for_step(step);
        let buckets = self.database.rows().candles(person.id, channel.unwrap_or(WHOLE), tier, from, now)?;
        let mut series = rollup::series(&buckets, tier, from, step, count);
        backfill(&mut series, channel, &then);
        self.mark_gaps(&mut series, person, channel, then.first)?;
        Ok(Some(series))
    }

    /// Tells quiet buckets from gaps: a good poll answers for the time until the next one was due, and as
    /// long again. What no poll answers for is a gap.
    fn mark_gaps(
        &self,
        series: &mut Series,
        person: &Person,
        channel: Option<ChannelId>,
        first: Time,
    ) -> Result<()> {
        let rows = self.database.rows();
        let ids = channel.map_or_else(|| person.in_order(), |channel| vec![channel]);
        let mut place = 0;
        while place < series.slots.len() {
            if series.slots[place] != Slot::Quiet {
                place += 1;
                continue;
            }
            let start = series.at(place);
            let mut covered = Time::MIN_UTC;
            for id in &ids {
                if let Some((at, next_at)) = rows.good_poll_before(*id, start)? {
                    covered = covered.max(next_at + (next_at - at).max(TimeDelta::minutes(1)));
                }
            }
            while place < series.slots.len() && series.slots[place] == Slot::Quiet {
                let start = series.at(place);
                series.slots[place] = if start + series.step <= first {
                    Slot::Before
                } else if start >= covered && start >= first {
                    Slot::Gap
                } else {
                    Slot::Quiet
                };
                place += 1;
            }
        }
        Ok(())
    }

    /// The public page of a channel's account.
    pub fn page(&self, channel: ChannelId) -> Option<String> {
        let book = self.books.get(&channel)?;
        channels::of(book.account.network).page(&book.account)
    }
}

/// Fills what lies before the first observation from what it found: closes from the closed form,
/// volume from the dates of the ledger.
fn backfill(series: &mut Series, channel: Option<ChannelId>, then: &Beginning<'_>) {
    let Beginning { first, ids, books, constants } = then;
    let value = |at: Time| {
        let evaluation = evaluate(&energies(books, ids, at, constants), constants);
        let place = |channel| ids.iter().position(|id| *id == channel);
        match channel {
            Some(channel) => place(channel).map_or(0.0, |place| evaluation.parts[place].points),
            None => evaluation.score,
        }
    };
    let mut before: Option<f64> = None;
    let counted: Vec<ChannelId> = channel.map_or_else(|| ids.clone(), |channel| vec![channel]);
    for place in 0..series.slots.len() {
        let start = series.at(place);
        let end = start + series.step;
        if end > *first {
            // The bucket in which the history begins was not empty before.
            if let Slot::Candle(candle) = &mut series.slots[place] {
                candle.volume += backfilled_volume(books, &counted, start, *first);
            }
            break;
        }
        let open = before.unwrap_or_else(|| value(start));
        let close = value(end);
        let volume = backfilled_volume(books, &counted, start, end);
        series.slots[place] = Slot::Candle(Candle {
            open,
            high: open.max(close),
            low: open.min(close),
            close,
            volume,
            readings: 2,
            backfilled: true,
        });
        before = Some(close);
    }
}

/// The narrowest bucket with which a span fits into so many columns.
fn step(span: TimeDelta, columns: usize) -> TimeDelta {
    let columns = i64::try_from(columns.max(1)).unwrap_or(i64::MAX);
    // The oldest twentieth may stay outside, where the next step would leave half of the chart empty.
    let fits = |minutes: &&i64| span.num_minutes() <= **minutes * columns * 21 / 20;
    let minutes = STEPS.iter().find(fits).or(STEPS.last()).copied().unwrap_or(1);
    TimeDelta::minutes(minutes)
}
