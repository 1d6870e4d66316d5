//! Why a score moved, line by line, from the store.

use super::book::{Book, Taken};
use super::past::past;
use super::{Person, Pipeline, WHOLE, cause, models};
use crate::model::{ChannelId, Figure, Metric, PersonId, Range, Time};
use crate::rollup::Tier;
use crate::score::{
    Cause, Constants, Energy, Evidence, Explained, ExplainedLine, Line, Side, Statement, Weighed, band,
    contribution, evaluate, secant, statement,
};
use crate::store::Result;
use chrono::TimeDelta;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;

type Key = (Cause, Option<ChannelId>, Option<u32>);

/// A channel's book as it was at an instant.
enum Held<'p> {
    Live(&'p Book),
    Then(Box<Book>),
}

impl Deref for Held<'_> {
    type Target = Book;

    fn deref(&self) -> &Book {
        match self {
            Held::Live(book) => book,
            Held::Then(book) => book,
        }
    }
}

/// What was known at an instant.
pub(super) struct Scene<'p> {
    pub(super) at: Time,
    pub(super) channels: Vec<Known<'p>>,
}

pub(super) struct Known<'p> {
    pub(super) id: ChannelId,
    name: String,
    book: Held<'p>,
    /// Rows up to the instant; items by the store's numbers, which are the same in every scene.
    rows: Vec<Weighed>,
}

impl Scene<'_> {
    fn new(at: Time, books: Vec<(ChannelId, Held<'_>)>) -> Scene<'_> {
        let last = at.timestamp_millis();
        let channels = books.into_iter().map(|(id, book)| {
            let rows = book.evidence().rows;
            let rows = rows[..rows.partition_point(|row| row.at <= last)]
                .iter()
                .map(|row| Weighed { item: store_number(&book, row.item), ..*row })
                .collect();
            Known { id, name: id.0.to_string(), book, rows }
        });
        Scene { at, channels: channels.collect() }
    }

    pub(super) fn sides(&self) -> Vec<Side<'_>> {
        let side = |known| {
            let Known { name, book, rows, .. }: &Known<'_> = known;
            Side { channel: name, evidence: Evidence { rows, ..book.evidence() } }
        };
        self.channels.iter().map(side).collect()
    }

    fn book(&self, id: ChannelId) -> Option<&Book> {
        self.channels.iter().find(|known| known.id == id).map(|known| &*known.book)
    }

    /// What every channel's evidence is worth at an instant that is not before the scene's.
    pub(super) fn energies(&self, at: Time, constants: &Constants) -> Vec<Energy> {
        self.sides().iter().map(|side| side.evidence.energy(at, constants)).collect()
    }

    fn band(&self, constants: &Constants) -> (f64, f64) {
        band(&self.energies(self.at, constants), constants)
    }

    fn events(&self) -> Events {
        let until = self.at.timestamp_millis();
        let mut events = Events::new();
        for Known { id, book, .. } in &self.channels {
            for row in book.ledger.rows().iter().take_while(|row| row.at <= until) {
                let sums = events.entry((*id, store_number(book, row.item))).or_default();
                for (sum, count) in sums.iter_mut().zip(row.counts) {
                    *sum += u64::from(count);
                }
            }
        }
        events
    }

    /// The score, and each channel's energy and points.
    fn value(&self, at: Time, constants: &Constants) -> (f64, BTreeMap<ChannelId, (f64, f64)>) {
        let evaluation = evaluate(&self.energies(at, constants), constants);
        let parts = self.channels.iter().zip(&evaluation.parts);
        (evaluation.score, parts.map(|(known, part)| (known.id, (part.total, part.points))).collect())
    }
}

/// Events of every item up to an instant, by kind.
type Events = HashMap<(ChannelId, u32), [u64; 5]>;

/// Where a change began and ended, with what had come to every item by then.
struct Span<'s, 'p> {
    before: &'s Scene<'p>,
    after: &'s Scene<'p>,
    events: [Events; 2],
}

impl<'s, 'p> Span<'s, 'p> {
    fn new(before: &'s Scene<'p>, after: &'s Scene<'p>) -> Self {
        Self { before, after, events: [before.events(), after.events()] }
    }

    fn book(&self, id: ChannelId) -> Option<&Book> {
        self.after.book(id).or_else(|| self.before.book(id))
    }

    /// Events that came to an item, by kind.
    fn received(&self, id: ChannelId, item: u32) -> Vec<(i64, Metric, u64)> {
        let [before, after] =
            self.events.each_ref().map(|events| events.get(&(id, item)).copied().unwrap_or_default());
        let gained = |metric: Metric| after[metric.index()].saturating_sub(before[metric.index()]);
        Metric::ALL
            .into_iter()
            .map(|metric| (i64::from(item), metric, gained(metric)))
            .filter(|(_, _, gained)| *gained > 0)
            .collect()
    }
}

/// The store numbers items up from 1.
fn store_number(book: &Book, item: u32) -> u32 {
    book.ids.get(item as usize).and_then(|id| u32::try_from(*id).ok()).unwrap_or(u32::MAX)
}

impl Pipeline {
    /// Why a person's score, or one channel's points, moved between two instants. An instant that is not over
    /// yet is a forecast: what is known now, aged. `None` until there is a first score.
    ///
    /// `chosen` constants are taken for the whole interval; otherwise those that were in force, and a change
    /// of them is a line.
    pub fn explain(
        &self,
        person: PersonId,
        channel: Option<ChannelId>,
        from: Time,
        to: Time,
        chosen: Option<&Constants>,
    ) -> Result<Option<Explained>> {
        let Some(person) = self.people.iter().find(|known| known.id == person) else { return Ok(None) };
        let Some(past) = past(self, person)? else { return Ok(None) };
        let to = to.max(from);
        let mut sums: Vec<(Key, f64)> = Vec::new();
        let mut places: HashMap<Key, usize> = HashMap::new();
        let mut add = |key: Key, points: f64| match places.entry(key) {
            Entry::Occupied(place) => sums[*place.get()].1 += points,
            Entry::Vacant(place) => {
                place.insert(sums.len());
                sums.push((key, points));
            }
        };
        let changes: Vec<Time> =
            if chosen.is_some() { Vec::new() } else { self.models.changes(from, to).collect() };
        let just_before = TimeDelta::milliseconds(1);
        let mut constants = chosen.unwrap_or_else(|| self.models.at(from));
        let opening = self.scene(person, from, constants)?;
        let mut ends: Option<(f64, f64)> = None;
        let mut last: Option<Scene<'_>> = None;
        for &end in changes.iter().chain([&to]) {
            let before = last.as_ref().unwrap_or(&opening);
            let after = self.scene(person, end, constants)?;
            let found = told(channel, before, &after, constants);
            for line in &found.lines {
                let id = line.channel.parse().ok().map(ChannelId);
                // What other channels received only bears on this one's share.
                let item = line.item.filter(|_| channel.is_none() || channel == id);
                add((line.cause, id, item), line.points);
            }
            ends = Some((ends.map_or(found.open, |(open, _)| open), found.close));
            last = Some(if changes.contains(&end) {
                let new = self.models.at(end + just_before);
                let bent = self.scene(person, end, new)?;
                let step = bend(channel, (&after, constants), (&bent, new), &mut add);
                ends = ends.map(|(open, close)| (open, close + step));
                constants = new;
                bent
            } else {
                after
            });
        }
        let closing = last.as_ref().unwrap_or(&opening);
        let (open, close) = ends.unwrap_or_default();
        let lines = self.lines(person, sums, &opening, closing)?;
        let (from, to) = (opening.at, closing.at);
        let backfilled = from < past.until;
        let (low, high) = closing.band(constants);
        let uncertainty = 0.5 * (high - low);
        let person = person.id;
        Ok(Some(Explained { person, channel, from, to, open, close, lines, backfilled, uncertainty }))
    }

    /// The opening instant of a range as the board counts it: the last reading before the range began, or the
    /// beginning itself where nothing had been read yet.
    pub fn opening(&self, person: PersonId, now: Time, range: Range) -> Result<Time> {
        let Some(person) = self.people.iter().find(|known| known.id == person) else { return Ok(now) };
        let from = super::show::start(self, person, now, range);
        if past(self, person)?.is_none_or(|past| from < past.first) {
            return Ok(from);
        }
        let rows = self.database.rows();
        let Some(bucket) = rows.candle_at(person.id, WHOLE, Tier::Minute, from)? else { return Ok(from) };
        let begin = Tier::Minute.start(bucket.number);
        let end = begin + TimeDelta::minutes(1);
        let mut last = None;
        // Who was there when the candle was made, whoever was when the range began.
        for id in rows.members_at(person.id, begin)?.into_iter().chain(rows.members_at(person.id, end)?) {
            last = last.max(rows.good_poll_before(id, end)?.map(|(at, _)| at));
        }
        Ok(last.unwrap_or(from))
    }

    /// The channels that had been read by an instant, as they were known then.
    pub(super) fn scene<'p>(
        &'p self,
        person: &'p Person,
        at: Time,
        constants: &Constants,
    ) -> Result<Scene<'p>> {
        let rows = self.database.rows();
        let mut books = Vec::new();
        let Some(past) = past(self, person)? else { return Ok(Scene::new(at, books)) };
        // Before the first score only what made it is known.
        let seen = at.max(past.until);
        let now = self.last_at;
        // Who came or left since the last poll did so after it.
        let members = if seen > now { person.in_order() } else { rows.members_at(person.id, seen)? };
        for id in members {
            if rows.good_poll_from(id, Time::MIN_UTC)?.is_none_or(|first| first > seen) {
                continue;
            }
            let live = self.books.get(&id).filter(|_| seen >= now && *constants == self.constants);
            let then = past.books.get(&id).filter(|_| seen == past.until && *constants == past.constants);
            let held = if let Some(book) = live.or(then) {
                Held::Live(book)
            } else {
                let Some(stored) = rows.channel(id)? else { continue };
                let account = &stored.account;
                Held::Then(Box::new(Book::as_of(&rows, id, account, constants, &self.models, seen)?))
            };
            books.push((id, held));
        }
        books.sort_by_key(|(id, _)| *id);
        Ok(Scene::new(at, books))
    }

    /// What a score at an instant has more than the scene before it had become by then, line by line.
    pub(super) fn carried(
        &self,
        person: &Person,
        before: &Scene<'_>,
        at: Time,
        constants: &Constants,
    ) -> Result<Vec<ExplainedLine>> {
        let mut after = self.scene(person, at, constants)?;
        // What was not read before is no news.
        after.channels.retain(|known| before.book(known.id).is_some());
        let found = statement(&before.sides(), at, &after.sides(), at, constants);
        let key = |line: &Line| (line.cause, line.channel.parse().ok().map(ChannelId), line.item);
        let sums = found.lines.iter().map(|line| (key(line), line.points)).collect();
        self.lines(person, sums, before, &after)
    }

    /// The lines that say something, with their words.
    fn lines(
        &self,
        person: &Person,
        sums: Vec<(Key, f64)>,
        before: &Scene<'_>,
        after: &Scene<'_>,
    ) -> Result<Vec<ExplainedLine>> {
        let span = Span::new(before, after);
        let mut lines = Vec::new();
        for (key, points) in sums {
            if points != 0.0 {
                lines.push(self.line(person, key, points, &span)?);
            }
        }
        lines.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
        Ok(lines)
    }

    fn line(
        &self,
        person: &Person,
        (cause, id, item): Key,
        points: f64,
        span: &Span<'_, '_>,
    ) -> Result<ExplainedLine> {
        let rows = self.database.rows();
        let book = id.and_then(|id| span.book(id));
        let network = book.map(|book| book.account.network);
        let slot = person.channels.iter().find(|(known, _)| Some(*known) == id).map(|(_, slot)| slot.clone());
        let slot = slot.or_else(|| network.map(|network| network.id().to_owned())).unwrap_or_default();
        let what = match (cause, book, item) {
            (Cause::Post, Some(book), Some(item)) => {
                let credited = span.received(id.unwrap_or(WHOLE), item);
                cause::words(&rows, &book.account, &Taken { credited, ..Taken::default() })?
            }
            (Cause::Audience, Some(_), _) => {
                let figures = |scene: &Scene<'_>| {
                    id.and_then(|id| scene.book(id)).map(|book| book.figures.clone()).unwrap_or_default()
                };
                audience(&figures(span.before), &figures(span.after))
            }
            (Cause::Post, ..) => "news there: a smaller share here".to_owned(),
            (Cause::Decay, ..) => "ageing".to_owned(),
            (Cause::Added, ..) => "first reading".to_owned(),
            (Cause::Removed, ..) => "taken off".to_owned(),
            (Cause::AssumedHistory, ..) => "assumed history gave way to real".to_owned(),
            (Cause::Constants | Cause::Model, ..) => {
                models::words(self.models.at(span.before.at), self.models.at(span.after.at))
            }
            (Cause::Audience, ..) => "audience".to_owned(),
        };
        let native = match item {
            Some(item) => rows.item_native(i64::from(item))?,
            None => None,
        };
        Ok(ExplainedLine { cause, channel: id, slot, network, item: native, what, points })
    }
}

fn told(
    channel: Option<ChannelId>,
    before: &Scene<'_>,
    after: &Scene<'_>,
    constants: &Constants,
) -> Statement {
    let (opening, closing) = (before.sides(), after.sides());
    match channel {
        None => statement(&opening, before.at, &closing, after.at, constants),
        Some(id) => contribution(&id.0.to_string(), &opening, before.at, &closing, after.at, constants),
    }
}

/// The step in a score that other constants make at one instant. With the former theta each channel's
/// energy has its own part of it; what another theta adds concerns all.
fn bend(
    channel: Option<ChannelId>,
    (before, former): (&Scene<'_>, &Constants),
    (after, new): (&Scene<'_>, &Constants),
    add: &mut impl FnMut(Key, f64),
) -> f64 {
    let cause = models::kind(former, new);
    let (score0, parts0) = before.value(before.at, former);
    let (score1, parts1) = after.value(after.at, new);
    let of = |parts: &BTreeMap<ChannelId, (f64, f64)>, id| parts.get(&id).copied().unwrap_or_default();
    if let Some(id) = channel {
        let step = of(&parts1, id).1 - of(&parts0, id).1;
        add((cause, Some(id), None), step);
        return step;
    }
    let total = |parts: &BTreeMap<ChannelId, (f64, f64)>| parts.values().map(|(total, _)| total).sum::<f64>();
    let slope = secant(total(&parts0), total(&parts1), former.theta);
    let mut told = 0.0;
    for (&id, &(energy, _)) in &parts1 {
        let points = slope * (energy - of(&parts0, id).0);
        add((cause, Some(id), None), points);
        told += points;
    }
    if former.theta != new.theta {
        add((cause, None, None), score1 - score0 - told);
    }
    score1 - score0
}

fn audience(before: &[(Figure, u64)], after: &[(Figure, u64)]) -> String {
    let change = |(figure, value): &(Figure, u64)| {
        let known = before.iter().find(|(name, _)| name == figure).map_or(0, |(_, value)| *value);
        let change = value.cast_signed().wrapping_sub(known.cast_signed());
        (change != 0).then(|| format!("{change:+} {}", figure.word()))
    };
    let changes: Vec<String> = after.iter().filter_map(change).collect();
    if changes.is_empty() { "audience".to_owned() } else { changes.join(", ") }
}
