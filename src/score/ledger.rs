use super::known::{Deed, Known};
use super::{DAY_MILLIS, NetworkConstants, Weighed};
use crate::model::{Metric, Time};
use std::collections::BTreeSet;

/// The evidence of one channel, kept by these rules:
///
/// 1. Counters are high-water marks: what goes down or glitches to 0 removes nothing, and nothing can be
///    pumped by liking and unliking.
/// 2. An act with its own time (a comment) is dated by that time. A counter first seen, or growing while
///    the post is at most three days old, is dated by publication; so is what it grew by since a reading at
///    that age, so that a time without readings leaves no trace. Growth seen on an older item becomes a
///    row of its own for that UTC day, dated by the first growth seen that day.
/// 3. What a standing item (a repository) holds at first sight is audience, never engagement.
/// 4. The account's own acts on itself are taken off.
/// 5. Somebody who is known is credited, once and for good, with `(V(A + a) - V(A)) / k`: A what they did on
///    the channel that day, `V = sum w_(j) 2^-(j-1)` over the weights sorted downwards, k the number of
///    distinct days of the last 30 on which they were seen. So a fan's tenth like of a day is worth little,
///    and a ring's of every day less each day; nothing that arrives lowers a score.
/// 6. A channel that cannot be read simply stands still.
///
/// The ledger is a pure fold over facts in order of time: the same facts give the same rows to the bit.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    items: Vec<Item>,
    /// In order of [`Row::key`].
    rows: Vec<Row>,
    /// The reading before the one that is being taken in.
    read_at: Option<i64>,
    /// What known people did lately, by who they are.
    known: Known,
    dirty_rows: BTreeSet<RowKey>,
    dirty_tallies: BTreeSet<(u32, Metric)>,
    credits: Vec<Credit>,
    gains: Vec<Gain>,
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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    pub at: i64,
    pub item: u32,
    pub source: Source,
    pub counts: [u32; 5],
    /// What the events count beside as many by strangers: 1 where nobody is known.
    pub worth: f64,
}

/// One act by somebody else, found by a poll.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The store's id of the act.
    pub id: i64,
    pub item: u32,
    pub metric: Metric,
    /// When it happened, where the network says.
    pub at: Option<Time>,
    pub actor: &'a str,
    /// Sentiment of a reply's words, from -1 to 1.
    pub tone: Option<f64>,
    /// The counter it went into, as given by the same poll.
    pub count: Option<u64>,
}

/// What an act was credited with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Credit {
    /// The store's id of the act.
    pub act: i64,
    /// UTC day it is booked on.
    pub day: i64,
    /// As a part of what a stranger's act counts; 0 where a counter had been credited with it before.
    pub share: f64,
}

/// A row before and after it grew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    pub before: Row,
    pub after: Row,
}

impl Row {
    /// Engagement in typical active days.
    pub fn x(&self, constants: &NetworkConstants) -> f64 {
        constants.weigh(self.counts) * self.worth
    }

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

    /// The last reading before the one that is taken in next.
    pub fn read_before(&mut self, at: Option<Time>) {
        self.read_at = at.map(|at| at.timestamp_millis());
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

    /// Puts back what a known person did.
    pub fn restore_deed(&mut self, actor: &str, deed: Deed) {
        self.known.did(actor, deed);
    }

    /// Others did something: all that one poll found, each list newest first. Says of each whether it was
    /// credited, or had been before as a part of its counter.
    pub fn acts(&mut self, arrivals: &[Arrival<'_>], now: Time, constants: &NetworkConstants) -> Vec<bool> {
        // What is held against whom goes by this poll, however many there were before and whatever they found.
        if !arrivals.is_empty() {
            self.known.forget(now.timestamp_millis());
        }
        let mut order: Vec<usize> = (0..arrivals.len()).collect();
        // Of a counter that had been credited with some of its acts these are the older ones.
        order.sort_by_key(|&place| std::cmp::Reverse(arrivals[place].at.unwrap_or(now)));
        let mut new = vec![false; arrivals.len()];
        for &place in &order {
            new[place] = self.admit(&arrivals[place]);
        }
        // What was done first counts first.
        for place in order.into_iter().rev() {
            self.act(&arrivals[place], new[place], now.timestamp_millis(), constants);
        }
        new
    }

    /// Whether the act is news: not where its counter has no room for it, be it that it was counted before or
    /// that the counter lags behind. What lags is credited by the counter, to nobody in particular.
    fn admit(&mut self, arrival: &Arrival<'_>) -> bool {
        let tally = self.tally_mut(arrival.item, arrival.metric);
        let known = arrival.count.or(tally.last);
        let news = known.is_none_or(|known| tally.high + tally.acts + tally.own < known);
        tally.acts += u64::from(news);
        news
    }

    fn act(&mut self, arrival: &Arrival<'_>, new: bool, now: i64, constants: &NetworkConstants) {
        let Arrival { item, metric, actor, .. } = *arrival;
        // Undated acts that a counter had brought before happened nobody knows when.
        if !new && arrival.at.is_none() {
            return;
        }
        let (at, source) = match arrival.at {
            Some(at) => {
                let Item { published, standing, .. } = self.items[item as usize];
                // An answer is not older than what it answers.
                let earliest = if standing { i64::MIN } else { published };
                (at.timestamp_millis().max(earliest).min(now), Source::Act)
            }
            None => self.date(item, false, now),
        };
        let day = at.div_euclid(DAY_MILLIS);
        let share = if new { self.known.share(actor, metric, day, now, constants) } else { 0.0 };
        let tone = arrival.tone.filter(|_| constants.sentiment && metric == Metric::Replies);
        let share = share * tone.map_or(1.0, |tone| 1.0 + tone.clamp(-1.0, 0.0));
        self.known.did(actor, Deed { day, metric });
        self.credits.push(Credit { act: arrival.id, day, share });
        if new {
            self.credit(item, metric, (at, source), 1, share, constants);
        }
    }

    /// A counter was read. Returns how many events were credited.
    pub fn count(
        &mut self,
        item: u32,
        metric: Metric,
        value: Option<u64>,
        now: Time,
        constants: &NetworkConstants,
    ) -> u64 {
        let standing = self.items[item as usize].standing;
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
        let date = self.date(item, first, now.timestamp_millis());
        self.credit(item, metric, date, growth, growth as f64, constants);
        growth
    }

    /// The date of events that have none of their own.
    fn date(&self, item: u32, first: bool, now: i64) -> (i64, Source) {
        let Item { published, standing, .. } = self.items[item as usize];
        let since = self.read_at.unwrap_or(now);
        if first || (!standing && since - published <= FRESH) {
            (published.min(now), Source::Publication)
        } else {
            (self.growth_row(item, now).unwrap_or(now), Source::Growth)
        }
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
        self.rows.iter().map(|row| Weighed { at: row.at, item: row.item, x: row.x(constants) }).collect()
    }

    /// Rows, tallies and credits changed since the last call, for the store.
    pub fn take_changes(&mut self, now: Time) -> Changes {
        self.known.forget(now.timestamp_millis());
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
        Changes { rows, tallies, credits: std::mem::take(&mut self.credits) }
    }

    /// What rows gained since the last call, in the order in which they did.
    pub fn take_gains(&mut self) -> Vec<Gain> {
        std::mem::take(&mut self.gains)
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

    fn credit(
        &mut self,
        item: u32,
        metric: Metric,
        (at, source): (i64, Source),
        events: u64,
        share: f64,
        constants: &NetworkConstants,
    ) {
        let key = (at, item, source);
        let place = match self.rows.binary_search_by_key(&key, Row::key) {
            Ok(found) => found,
            Err(place) => {
                self.rows.insert(place, Row { at, item, source, counts: [0; 5], worth: 1.0 });
                place
            }
        };
        let row = &mut self.rows[place];
        let former = *row;
        let before = former.x(constants);
        let count = &mut row.counts[metric.index()];
        *count = count.saturating_add(u32::try_from(events).unwrap_or(u32::MAX));
        let raw = constants.weigh(row.counts);
        let x = before + share * constants.weights[metric.index()] / constants.rho;
        if raw > 0.0 && (share != events as f64 || row.worth != 1.0) {
            row.worth = (x / raw).clamp(0.0, 1.0);
        }
        self.gains.push(Gain { before: former, after: *row });
        self.dirty_rows.insert(key);
    }
}

/// What the store has not seen yet of a ledger.
#[derive(Debug, Default)]
pub struct Changes {
    pub rows: Vec<Row>,
    pub tallies: Vec<(u32, Metric, Tally)>,
    pub credits: Vec<Credit>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;
    use crate::score::Constants;
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

    /// A like counts 1 in 10, a reply 2, a reshare 3.
    fn plain() -> NetworkConstants {
        Constants::reference().network("bluesky")
    }

    fn arrival(actor: &str, item: u32, metric: Metric, when: Option<f64>) -> Arrival<'_> {
        Arrival { id: 0, item, metric, at: when.map(at), actor, tone: None, count: None }
    }

    /// A stranger's reply; how many events were credited.
    fn reply(ledger: &mut Ledger, post: u32, when: f64, now: f64, count: Option<u64>) -> u32 {
        let actor = format!("somebody at {when}");
        let arrival = Arrival { count, ..arrival(&actor, post, Metric::Replies, Some(when)) };
        ledger.acts(&[arrival], at(now), &plain()).into_iter().map(u32::from).sum()
    }

    /// x of all rows, in likes.
    fn likes_worth(ledger: &Ledger) -> f64 {
        ledger.rows().iter().map(|row| 10.0 * row.x(&plain())).sum()
    }

    #[test]
    fn a_fans_likes_of_one_day_are_worth_less_than_two() {
        let mut ledger = Ledger::default();
        for n in 1..=20 {
            let post = ledger.sight(at(0.1), false);
            ledger.acts(&[arrival("fan", post, Metric::Likes, Some(0.2))], at(0.3), &plain());
            let bound = 2.0 - (-f64::from(n) + 1.0).exp2();
            assert!((likes_worth(&ledger) - bound).abs() < 1e-12, "{n} likes");
        }
        let counts: u32 = ledger.rows().iter().map(|row| row.counts[0]).sum();
        assert_eq!(counts, 20, "every one is counted as an event");
    }

    #[test]
    fn the_heaviest_act_of_a_day_counts_whole_whenever_it_comes() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.1), false);
        for metric in [Metric::Likes, Metric::Reshares, Metric::Replies] {
            ledger.acts(&[arrival("fan", post, metric, Some(0.2))], at(0.3), &plain());
        }
        // V = 3 + 2/2 + 1/4, whatever the order.
        assert!((likes_worth(&ledger) - 4.25).abs() < 1e-12);
    }

    #[test]
    fn a_fan_of_every_day_counts_less_each_day_until_thirty_days_have_passed() {
        let mut ledger = Ledger::default();
        let mut before = 0.0;
        for (day, share) in [(0.5, 1.0), (1.5, 0.5), (2.5, 1.0 / 3.0), (31.5, 0.5), (90.5, 1.0)] {
            let post = ledger.sight(at(day), false);
            ledger.acts(&[arrival("fan", post, Metric::Likes, None)], at(day + 0.1), &plain());
            assert!((likes_worth(&ledger) - before - share).abs() < 1e-12, "day {day}");
            before = likes_worth(&ledger);
            ledger.take_changes(at(day + 0.1));
        }
        let other = ledger.sight(at(90.6), false);
        ledger.acts(&[arrival("stranger", other, Metric::Likes, None)], at(90.7), &plain());
        assert!((likes_worth(&ledger) - before - 1.0).abs() < 1e-12);
    }

    #[test]
    fn of_a_listing_only_what_the_counter_had_not_is_credited_and_the_newest_first() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.count(post, Metric::Likes, Some(3), at(1.0), &plain());
        let listed = [("e", 1.5), ("d", 1.4), ("c", 0.3), ("b", 0.2), ("a", 0.1)];
        let arrivals: Vec<_> = listed
            .iter()
            .map(|&(actor, when)| Arrival {
                count: Some(6),
                ..arrival(actor, post, Metric::Likes, Some(when))
            })
            .collect();
        assert_eq!(ledger.acts(&arrivals, at(2.0), &plain()), [true, true, true, false, false]);
        // Six were counted, five are shown: one more than the three known before stays nameless.
        assert_eq!(ledger.count(post, Metric::Likes, Some(6), at(2.0), &plain()), 0);
        assert!((likes_worth(&ledger) - 6.0).abs() < 1e-12);
        let again = ledger.sight(at(1.0), false);
        ledger.acts(&[arrival("a", again, Metric::Likes, Some(2.5))], at(3.0), &plain());
        assert!((likes_worth(&ledger) - 6.5).abs() < 1e-12, "a was seen on day 0, too");
    }

    #[test]
    fn stars_that_were_there_stay_audience_when_the_stargazers_are_listed() {
        let mut ledger = Ledger::default();
        let repository = ledger.sight(at(0.0), true);
        ledger.count(repository, Metric::Likes, Some(2), at(1.0), &plain());
        let arrivals = [("new", 1.5), ("old", 0.5), ("older", 0.4)].map(|(actor, when)| Arrival {
            count: Some(3),
            ..arrival(actor, repository, Metric::Likes, Some(when))
        });
        assert_eq!(ledger.acts(&arrivals, at(2.0), &plain()), [true, false, false]);
        assert_eq!(ledger.count(repository, Metric::Likes, Some(3), at(2.0), &plain()), 0);
        assert_eq!(shown(&ledger), [(1.5, Source::Act, 1)]);
    }

    #[test]
    fn a_hostile_reply_counts_less_only_where_the_user_wants_it() {
        let worth = |sentiment| {
            let rules = NetworkConstants { sentiment, ..plain() };
            let mut ledger = Ledger::default();
            let post = ledger.sight(at(0.0), false);
            for (actor, tone) in [("a", -0.75), ("b", 0.9), ("c", -3.0)] {
                let reply = Arrival { tone: Some(tone), ..arrival(actor, post, Metric::Replies, Some(0.2)) };
                ledger.acts(&[reply], at(0.3), &rules);
            }
            likes_worth(&ledger)
        };
        assert!((worth(false) - 6.0).abs() < 1e-12);
        assert!((worth(true) - 2.5).abs() < 1e-12);
    }

    #[test]
    fn a_counter_that_glitches_removes_and_adds_nothing() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        for (day, likes, credited) in [(0.1, 5, 5), (0.2, 0, 0), (0.3, 5, 0), (0.4, 3, 0), (0.5, 6, 1)] {
            assert_eq!(
                ledger.count(post, Metric::Likes, Some(likes), at(day), &plain()),
                credited,
                "day {day}"
            );
        }
        assert_eq!(shown(&ledger), [(0.0, Source::Publication, 6)]);
    }

    #[test]
    fn late_growth_is_dated_by_the_first_growth_of_its_day() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        for (day, likes) in [(0.1, 1), (3.0, 2), (3.25, 4), (3.5, 5), (4.25, 6)] {
            ledger.read_before(Some(at(day - 0.01)));
            ledger.count(post, Metric::Likes, Some(likes), at(day), &plain());
        }
        let (publication, growth) = (Source::Publication, Source::Growth);
        assert_eq!(shown(&ledger), [(0.0, publication, 2), (3.25, growth, 3), (4.25, growth, 1)]);
    }

    #[test]
    fn what_an_outage_hid_is_dated_as_if_there_had_been_none() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.count(post, Metric::Likes, Some(1), at(0.1), &plain());
        ledger.read_before(Some(at(2.9)));
        ledger.count(post, Metric::Likes, Some(5), at(9.0), &plain());
        assert_eq!(shown(&ledger), [(0.0, Source::Publication, 5)]);
        ledger.read_before(Some(at(9.0)));
        ledger.count(post, Metric::Likes, Some(6), at(9.1), &plain());
        assert_eq!(shown(&ledger), [(0.0, Source::Publication, 5), (9.1, Source::Growth, 1)]);
    }

    #[test]
    fn an_old_post_first_seen_is_dated_by_publication() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        assert_eq!(ledger.count(post, Metric::Likes, Some(7), at(40.0), &plain()), 7);
        assert_eq!(shown(&ledger), [(0.0, Source::Publication, 7)]);
    }

    #[test]
    fn stars_that_were_there_are_audience() {
        let mut ledger = Ledger::default();
        let repository = ledger.sight(at(0.0), true);
        assert_eq!(ledger.count(repository, Metric::Likes, Some(900), at(1.0), &plain()), 0);
        assert_eq!(ledger.count(repository, Metric::Likes, Some(903), at(1.5), &plain()), 3);
        assert_eq!(shown(&ledger), [(1.5, Source::Growth, 3)]);
        let empty = ledger.sight(at(0.0), true);
        assert_eq!(ledger.count(empty, Metric::Likes, Some(0), at(1.0), &plain()), 0);
        assert_eq!(ledger.count(empty, Metric::Likes, Some(2), at(1.6), &plain()), 2);
    }

    #[test]
    fn replies_to_oneself_are_not_engagement() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.own(post, Metric::Replies);
        ledger.own(post, Metric::Replies);
        assert_eq!(ledger.count(post, Metric::Replies, Some(5), at(0.5), &plain()), 3);
        ledger.own(post, Metric::Replies);
        assert_eq!(ledger.count(post, Metric::Replies, Some(6), at(0.6), &plain()), 0);
        assert_eq!(ledger.count(post, Metric::Replies, Some(7), at(0.7), &plain()), 1);
    }

    #[test]
    fn a_comment_counts_once_whether_seen_in_the_counter_or_by_itself() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        reply(&mut ledger, post, 0.2, 1.0, Some(1));
        assert_eq!(
            ledger.count(post, Metric::Replies, Some(1), at(1.0), &plain()),
            0,
            "the act explains the counter"
        );
        assert_eq!(
            ledger.count(post, Metric::Replies, Some(2), at(5.0), &plain()),
            1,
            "the listing failed this time"
        );
        assert_eq!(reply(&mut ledger, post, 4.9, 6.0, Some(2)), 0, "the counter had it");
        assert_eq!(reply(&mut ledger, post, 5.9, 6.0, Some(3)), 1);
        assert_eq!(ledger.count(post, Metric::Replies, Some(3), at(6.0), &plain()), 0);
        let total: u32 = ledger.rows().iter().map(|row| row.counts[Metric::Replies.index()]).sum();
        assert_eq!(total, 3);
    }

    #[test]
    fn a_date_in_the_future_is_clamped() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(9.0), false);
        ledger.count(post, Metric::Likes, Some(1), at(2.0), &plain());
        reply(&mut ledger, post, 8.0, 2.0, None);
        assert!(ledger.rows().iter().all(|row| row.at == at(2.0).timestamp_millis()));
    }

    #[test]
    fn only_what_changed_is_handed_to_the_store() {
        let mut ledger = Ledger::default();
        let post = ledger.sight(at(0.0), false);
        ledger.count(post, Metric::Likes, Some(5), at(0.1), &plain());
        let changes = ledger.take_changes(at(0.1));
        assert_eq!((changes.rows.len(), changes.tallies.len()), (1, 1));
        ledger.count(post, Metric::Likes, Some(5), at(0.2), &plain());
        assert!(ledger.take_changes(at(0.2)).rows.is_empty());
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
                ledger.count(post, Metric::Likes, Some(value), at(now), &plain());
                let sum: u64 = ledger.rows().iter().map(|row| u64::from(row.counts[0])).sum();
                prop_assert!(sum >= before);
                prop_assert_eq!(sum, highest);
                before = sum;
            }
        }

        #[test]
        fn whatever_known_people_do_nothing_lowers_a_row_and_nobody_counts_more_than_a_stranger(
            deeds in prop::collection::vec((0usize..4, 0usize..4, 0.0f64..40.0, any::<bool>()), 1..60)
        ) {
            let metrics = [Metric::Likes, Metric::Replies, Metric::Reshares, Metric::Quotes];
            let mut ledger = Ledger::default();
            let post = ledger.sight(at(0.0), false);
            let (mut before, mut raw) = (0.0, 0.0);
            for (actor, metric, when, dated) in deeds {
                let metric = metrics[metric];
                let name = format!("actor {actor}");
                let act = arrival(&name, post, metric, dated.then_some(when));
                ledger.acts(&[act], at(40.0), &plain());
                let now = likes_worth(&ledger);
                raw += plain().weights[metric.index()];
                prop_assert!(now >= before - 1e-12 && now <= raw + 1e-9);
                before = now;
            }
        }
    }
}
