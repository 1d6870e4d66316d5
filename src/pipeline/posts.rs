//! Posts: all of a channel with what they are worth, and one of them in full.

use super::book::Book;
use super::show::last_read;
use super::{Person, Pipeline, energies};
use crate::model::{
    ChannelId, Counts, ItemId, Metric, PersonId, PostDetail, PostGain, PostSnapshot, PostState, Readings,
    Time,
};
use crate::score::{DAY_MILLIS, evaluate};
use crate::store::{Result, StoredItem};
use chrono::TimeDelta;
use std::collections::{BTreeMap, HashSet};

/// A post that received something within this time is growing.
const GROWING: TimeDelta = TimeDelta::hours(24);

/// A quiet post younger than this is flat, an older one fades.
const FLAT: TimeDelta = TimeDelta::days(7);

/// Posts whose growth is looked up: more than any screen shows at once.
const LOOKED_AT: usize = 60;

/// Steps of a post's growth.
const STEPS: usize = 12;

impl Pipeline {
    /// Every post of a channel in the ledger with what it is worth, most points first.
    pub fn posts(&self, channel: ChannelId, person: PersonId, now: Time) -> Result<Vec<PostSnapshot>> {
        let Some((person, book)) = self.found(person, channel) else { return Ok(Vec::new()) };
        let now = now.max(last_read(self, person).unwrap_or(now));
        let per_energy = self.per_energy(person, now);
        let energies = book.evidence().items(now, &self.constants);
        let grown = grown(book, now);
        let mut posts = Vec::new();
        for item in self.database.rows().items(channel)? {
            let Some(place) = book.place(item.id) else { continue };
            let energy = energies.get(&place).copied().unwrap_or_default();
            let mut post = snapshot(book, &item, place, now, grown.contains(&place));
            post.x = energy.x;
            post.points = per_energy * energy.total;
            posts.push((item.id, post));
        }
        posts.sort_by(|(_, a), (_, b)| b.points.total_cmp(&a.points).then(b.published.cmp(&a.published)));
        for (id, post) in posts.iter_mut().take(LOOKED_AT) {
            post.growth = growth(book, &self.database.rows().readings(*id)?, post.published, now);
        }
        Ok(posts.into_iter().map(|(_, post)| post).collect())
    }

    /// One post in full; `None` when it is not in the channel's ledger.
    pub fn post(
        &self,
        channel: ChannelId,
        person: PersonId,
        native: &ItemId,
        now: Time,
    ) -> Result<Option<PostDetail>> {
        let Some((person, book)) = self.found(person, channel) else { return Ok(None) };
        let now = now.max(last_read(self, person).unwrap_or(now));
        let rows = self.database.rows();
        let item = rows.items(channel)?.into_iter().find(|item| item.native == *native);
        let Some((place, item)) = item.and_then(|item| Some((book.place(item.id)?, item))) else {
            return Ok(None);
        };
        let per_energy = self.per_energy(person, now);
        let mut days: BTreeMap<i64, PostGain> = BTreeMap::new();
        for row in book.ledger.rows().iter().filter(|row| row.item == place) {
            let gain = days.entry(row.at.div_euclid(DAY_MILLIS)).or_insert_with(|| PostGain {
                at: crate::model::time(row.at),
                counts: [0; 5],
                x: 0.0,
                points: 0.0,
            });
            for (sum, count) in gain.counts.iter_mut().zip(row.counts) {
                *sum += u64::from(count);
            }
        }
        for (day, energy) in book.evidence().days_of(place, now, &self.constants) {
            if let Some(gain) = days.get_mut(&day) {
                gain.x += energy.x;
                gain.points += per_energy * energy.total;
            }
        }
        let gains: Vec<PostGain> = days.into_values().collect();
        let readings = rows.readings(item.id)?;
        let mut post = snapshot(book, &item, place, now, grown(book, now).contains(&place));
        post.x = gains.iter().map(|gain| gain.x).sum();
        post.points = gains.iter().map(|gain| gain.points).sum();
        post.growth = growth(book, &readings, post.published, now);
        Ok(Some(PostDetail { post, readings, gains }))
    }

    fn found(&self, person: PersonId, channel: ChannelId) -> Option<(&Person, &Book)> {
        let person = self.people.iter().find(|known| known.id == person)?;
        Some((person, self.books.get(&channel)?))
    }

    /// Points of the score that stand on one unit of energy.
    fn per_energy(&self, person: &Person, now: Time) -> f64 {
        let energies = energies(&self.books, &person.in_order(), now, &self.constants);
        let evaluation = evaluate(&energies, &self.constants);
        if evaluation.total > 0.0 { evaluation.score / evaluation.total } else { 0.0 }
    }
}

/// Items that received something lately.
fn grown(book: &Book, now: Time) -> HashSet<u32> {
    book.ledger
        .rows()
        .iter()
        .rev()
        .take_while(|row| row.at >= now.timestamp_millis() - 2 * DAY_MILLIS)
        .filter(|row| row.at >= (now - GROWING).timestamp_millis())
        .map(|row| row.item)
        .collect()
}

/// A post without its worth.
fn snapshot(book: &Book, item: &StoredItem, place: u32, now: Time, grew: bool) -> PostSnapshot {
    let mut counts = Counts::default();
    for metric in Metric::ALL {
        let tally = book.ledger.tally(place, metric);
        // Where the network gives no counter, single acts are what is known.
        let acts = (tally.acts > 0).then_some(tally.acts);
        counts.set(metric, tally.last.or(acts));
    }
    let state = if item.gone {
        PostState::Gone
    } else if grew {
        PostState::Growing
    } else if now - item.published < FLAT {
        PostState::Flat
    } else {
        PostState::Fading
    };
    PostSnapshot {
        id: item.native.clone(),
        url: item.url.clone(),
        published: item.published,
        title: item.title.clone(),
        kind: item.kind,
        counts,
        x: 0.0,
        points: 0.0,
        state,
        growth: Vec::new(),
    }
}

/// Weighed counts at the end of equal steps from publication until now, as parts of the largest. Before the first
/// reading nothing is known.
fn growth(book: &Book, readings: &[Readings], published: Time, now: Time) -> Vec<Option<f64>> {
    let Some(first) = readings.iter().filter_map(|(_, series)| Some(series.first()?.0)).min() else {
        return Vec::new();
    };
    let steps = i32::try_from(STEPS).unwrap_or(i32::MAX);
    let step = (now - published).max(TimeDelta::minutes(1)) / steps;
    let weighed = |at: Time| {
        let mut counts = [0; 5];
        for (metric, series) in readings {
            let last = series.iter().rev().find(|(read, _)| *read <= at);
            counts[metric.index()] = last.map_or(0, |(_, value)| u32::try_from(*value).unwrap_or(u32::MAX));
        }
        book.weigh(counts)
    };
    let values: Vec<Option<f64>> = (1..=steps)
        .map(|place| published + step * place)
        .map(|at| (at >= first).then(|| weighed(at)))
        .collect();
    let largest = values.iter().flatten().copied().fold(0.0, f64::max);
    if largest <= 0.0 {
        return Vec::new();
    }
    values.into_iter().map(|value| value.map(|value| value / largest)).collect()
}
