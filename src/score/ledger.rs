use super::{DAY_MILLIS, NetworkConstants, Weighed};
use crate::model::{Metric, Time};
use std::collections::BTreeSet;

/// The evidence of one channel, kept by these rules:
///
/// 1. Counters are high-water marks: what goes down or glitches to 0 removes nothing, and nothing can be
///    pumped by liking and unliking.
/// 2. An act with its own time (a comment) is dated by that time. A counter first seen, or growing while
///    the post is at most three days old, is dated by publication. Growth seen on an older item becomes a
///    row of its own for that UTC day, dated by the first growth seen that day.
/// 3. What a standing item (a repository) holds at first sight is audience, never engagement.
/// 4. The account's own acts on itself are taken off.
/// 5. A channel that cannot be read simply stands still.
///
/// The ledger is a pure fold over facts in order of time: the same facts give the same rows to the bit.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    items: Vec<Item>,
    /// In order of [`Row::key`].
    rows: Vec<Row>,
    dirty_rows: BTreeSet<RowKey>,
    dirty_tallies: BTreeSet<(u32, Metric)>,
}

/// Growth seen while a post is at most this old is dated by its publication.
const FRESH: i64 = 3 * DAY_MILLIS;

type RowKey = (i64, u32, Source);

#[derive(Debug, Clone)]
struct Item {
    published: i64,
    standing: bool,
    tallies: [Tally; 5],
}

/// What is known of one counter of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// The counter as last given by the network.
    pub last: Option<u64>,
    /// Highest value seen, without own acts and acts with a time of their own.
    pub high: u64,
    /// How much of `high` stands in rows; the rest was there at first sight of a standing item.
    pub credited: u64,
    /// Acts by others that stand in rows of their own.
    pub acts: u64,
    /// Acts by others that came to light after the counter had been credited with them.
    pub absorbed: u64,
    /// Acts by the account itself.
    pub own: u64,
}

/// What a row's date means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Counted at publication.
    Publication = 0,
    /// Growth seen later, on the day of the row.
    Growth = 1,
    /// Single acts at their own time.
    Act = 2,
}

/// Engagement with its date: events by [`Metric`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub at: i64,
    pub item: u32,
    pub source: Source,
    pub counts: [u32; 5],
}

impl Row {
    fn key(&self) -> RowKey {
        (self.at, self.item, self.source)
    }
}

impl Ledger {
    /// Registers an item and returns its number in this ledger.
    pub fn sight(&mut self, published: Time, standing: bool) -> u32 {
        self.items.push(Item {
            published: published.timestamp_millis(),
            standing,
            tallies: [Tally::default(); 5],
        });
        u32::try_from(self.items.len() - 1).unwrap_or(u32::MAX)
    }

    /// Puts back a row read from the store.
    pub fn restore_row(&mut self, row: Row) {
        match self.rows.binary_search_by_key(&row.key(), Row::key) {
            Ok(found) => self.rows[found] = row,
            Err(place) => self.rows.insert(place, row),
        }
    }

    /// Puts back a tally read from the store.
    pub fn restore_tally(&mut self, item: u32, metric: Metric, tally: Tally) {
        self.items[item as usize].tallies[metric.index()] = tally;
    }

    /// The account did something to its own item.
    pub fn own(&mut self, item: u32, metric: Metric) {
        self.tally_mut(item, metric).own += 1;
    }

    /// Somebody else did something, at a known time. `count` is the counter as given by the same poll.
    /// Returns how many events were credited: 0 when the counter had been credited with it before.
    pub fn act(&mut self, item: u32, metric: Metric, at: Time, now: Time, count: Option<u64>) -> u64 {
        let tally = self.tally_mut(item, metric);
        let known = count.or(tally.last);
        let already = tally.high + tally.acts + tally.own;
        if tally.credited > tally.absorbed && known.is_some_and(|known| already + 1 > known) {
            tally.absorbed += 1;
            return 0;
        }
        tally.acts += 1;
        self.credit(item, metric, at.min(now).timestamp_millis(), Source::Act, 1);
        1
    }

    /// A counter was read. Returns how many events were credited.
    pub fn count(&mut self, item: u32, metric: Metric, value: Option<u64>, now: Time) -> u64 {
        let Item { published, standing, .. } = self.items[item as usize];
        let now = now.timestamp_millis();
        let tally = self.tally_mut(item, metric);
        let first = tally.last.is_none() && tally.high == 0;
        tally.last = value;
        let Some(value) = value else { return 0 };
        let net = value.saturating_sub(tally.own + tally.acts);
        if net <= tally.high {
            return 0;
        }
        let growth = net - tally.high;
        tally.high = net;
        if standing && first {
            return 0;
        }
        tally.credited += growth;
        if first || (!standing && now - published <= FRESH) {
            self.credit(item, metric, published.min(now), Source::Publication, growth);
        } else {
            let at = self.growth_row(item, now).unwrap_or(now);
            self.credit(item, metric, at, Source::Growth, growth);
        }
        growth
    }

    pub fn tally(&self, item: u32, metric: Metric) -> Tally {
        self.items[item as usize].tallies[metric.index()]
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn items(&self) -> usize {
        self.items.len()
    }

    /// The rows with their engagement in reference units, in order of time.
    pub fn weighed(&self, constants: &NetworkConstants) -> Vec<Weighed> {
        self.rows
            .iter()
            .map(|row| Weighed { at: row.at, item: row.item, x: constants.weigh(row.counts) })
            .collect()
    }

    /// Rows and tallies changed since the last call, for the store.
    pub fn take_changes(&mut self) -> (Vec<Row>, Vec<(u32, Metric, Tally)>) {
        let keys = std::mem::take(&mut self.dirty_rows);
        let rows = keys
            .iter()
            .filter_map(|key| {
                self.rows.binary_search_by_key(key, Row::key).ok().map(|found| self.rows[found])
            })
            .collect();
        let tallies = std::mem::take(&mut self.dirty_tallies)
            .into_iter()
            .map(|(item, metric)| (item, metric, self.tally(item, metric)))
            .collect();
        (rows, tallies)
    }

    fn tally_mut(&mut self, item: u32, metric: Metric) -> &mut Tally {
        self.dirty_tallies.insert((item, metric));
        &mut self.items[item as usize].tallies[metric.index()]
    }

    /// The date of the item's growth row of the UTC day of `now`.
    fn growth_row(&self, item: u32, now: i64) -> Option<i64> {
        let day = now.div_euclid(DAY_MILLIS) * DAY_MILLIS;
        let from = self.rows.partition_point(|row| row.at < day);
        self.rows[from..]
            .iter()
            .take_while(|row| row.at < day + DAY_MILLIS)
            .find(|row| row.item == item && row.source == Source::Growth)
            .map(|row| row.at)
    }

    fn credit(&mut self, item: u32, metric: Metric, at: i64, source: Source, events: u64) {
        let key = (at, item, source);
        let place = match self.rows.binary_search_by_key(&key, Row::key) {
            Ok(found) => found,
            Err(place) => {
                self.rows.insert(place, Row { at, item, source, counts: [0; 5] });
                place
            }
        };
        let count = &mut self.rows[place].counts[metric.index()];
        *count = count.saturating_add(u32::try_from(events).unwrap_or(u32::MAX));
        self.dirty_rows.insert(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;
    use proptest::prelude::*;

    fn at(days: f64) -> Time {
        #[expect(clippy::cast_possible_truncation, reason = "days of an example")]
        time(20_000 * DAY_MILLIS + (days * DAY_MILLIS as f64) as i64)
    }

    fn shown(ledger: &Ledger) -> Vec<(f64, Source, u32)> {
        let start = at(0.0).timestamp_millis();
        ledger
            .rows()
            .iter()
            .map(|row| ((row.at - start) as f64 / DAY_MILLIS as f64, row.source, row.counts.iter().sum()))
            .collect()
    }

    #[test]
    fn a_counter_that_glitches_removes_and_adds_nothing() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        for (day, likes, credited) in [(0.1, 5, 5), (0.2, 0, 0), (0.3, 5, 0), (0.4, 3, 0), (0.5, 6, 1)] {
            assert_eq!(ledger.count(post, Metric::Likes, Some(likes), at(day)), credited, "day {day}");
        }
        assert_eq!(shown(&ledger), [(0.0, Source::Publication, 6)]);
    }

    #[test]
    fn late_growth_is_dated_by_the_first_growth_of_its_day() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        for (day, likes) in [(0.1, 1), (3.0, 2), (3.25, 4), (3.5, 5), (4.25, 6)] {
            ledger.count(post, Metric::Likes, Some(likes), at(day));
        }
        let (publication, growth) = (Source::Publication, Source::Growth);
        assert_eq!(shown(&ledger), [(0.0, publication, 2), (3.25, growth, 3), (4.25, growth, 1)]);
    }

    #[test]
    fn an_old_post_first_seen_is_dated_by_publication() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        assert_eq!(ledger.count(post, Metric::Likes, Some(7), at(40.0)), 7);
        assert_eq!(shown(&ledger), [(0.0, Source::Publication, 7)]);
    }

    #[test]
    fn stars_that_were_there_are_audience() {
        let mut ledger = Ledger::default();
        let repository = ledger.sight(at(0.0), true);
        assert_eq!(ledger.count(repository, Metric::Likes, Some(900), at(1.0)), 0);
        assert_eq!(ledger.count(repository, Metric::Likes, Some(903), at(1.5)), 3);
        assert_eq!(shown(&ledger), [(1.5, Source::Growth, 3)]);
        let empty = ledger.sight(at(0.0), true);
        assert_eq!(ledger.count(empty, Metric::Likes, Some(0), at(1.0)), 0);
        assert_eq!(ledger.count(empty, Metric::Likes, Some(2), at(1.6)), 2);
    }

    #[test]
    fn replies_to_oneself_are_not_engagement() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.own(post, Metric::Replies);
        ledger.own(post, Metric::Replies);
        assert_eq!(ledger.count(post, Metric::Replies, Some(5), at(0.5)), 3);
        ledger.own(post, Metric::Replies);
        assert_eq!(ledger.count(post, Metric::Replies, Some(6), at(0.6)), 0);
        assert_eq!(ledger.count(post, Metric::Replies, Some(7), at(0.7)), 1);
    }

    #[test]
    fn a_comment_counts_once_whether_seen_in_the_counter_or_by_itself() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.act(post, Metric::Replies, at(0.2), at(1.0), Some(1));
        assert_eq!(ledger.count(post, Metric::Replies, Some(1), at(1.0)), 0, "the act explains the counter");
        assert_eq!(ledger.count(post, Metric::Replies, Some(2), at(5.0)), 1, "the listing failed this time");
        assert_eq!(ledger.act(post, Metric::Replies, at(4.9), at(6.0), Some(2)), 0, "the counter had it");
        assert_eq!(ledger.act(post, Metric::Replies, at(5.9), at(6.0), Some(3)), 1);
        assert_eq!(ledger.count(post, Metric::Replies, Some(3), at(6.0)), 0);
        let total: u32 = ledger.rows().iter().map(|row| row.counts[Metric::Replies.index()]).sum();
        assert_eq!(total, 3);
    }

    #[test]
    fn a_date_in_the_future_is_clamped() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(9.0), false);
        ledger.count(post, Metric::Likes, Some(1), at(2.0));
        ledger.act(post, Metric::Replies, at(8.0), at(2.0), None);
        assert!(ledger.rows().iter().all(|row| row.at == at(2.0).timestamp_millis()));
    }

    #[test]
    fn only_what_changed_is_handed_to_the_store() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.count(post, Metric::Likes, Some(5), at(0.1));
        let (rows, tallies) = ledger.take_changes();
        assert_eq!((rows.len(), tallies.len()), (1, 1));
        ledger.count(post, Metric::Likes, Some(5), at(0.2));
        assert!(ledger.take_changes().0.is_empty());
    }

    proptest! {
        #[test]
        fn rows_never_shrink_and_never_exceed_the_highest_counter(
            reads in prop::collection::vec((0u64..50, 0.0f64..0.6), 1..40)
        ) {
            let mut ledger = Ledger::default();
            let post = ledger.sight(at(0.0), false);
            let (mut now, mut before, mut highest) = (0.0, 0, 0);
            for (value, pause) in reads {
                now += pause;
                highest = highest.max(value);
                ledger.count(post, Metric::Likes, Some(value), at(now));
                let sum: u64 = ledger.rows().iter().map(|row| u64::from(row.counts[0])).sum();
                prop_assert!(sum >= before);
                prop_assert_eq!(sum, highest);
                before = sum;
            }
        }
    }
}
