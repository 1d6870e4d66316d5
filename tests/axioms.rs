#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
#![allow(clippy::print_stdout, reason = "the worst errors are for people to read")]
//! The axioms of the score (the specification, section 5) over random ledgers. Each case yields how far it is
//! from its axiom; `-- --nocapture` prints the worst of all cases. The cases are the same in every run.

use cloutop::model::{Metric, Time, time};
use cloutop::score::{
    Cause, Constants, DAY_MILLIS, Energy, Engine, Evaluation, Evidence, Ledger, Row, Side, Statement,
    Weighed, evaluate, statement,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::sync::LazyLock;

/// Read once: a test reads them a hundred thousand times.
static CONSTANTS: LazyLock<Constants> = LazyLock::new(Constants::reference);

/// Cases for each axiom.
const CASES: u32 = 2_000;

/// Rounding, in points or as a part of an energy: what an axiom that holds on paper may be away from it.
const ROUNDING: f64 = 1e-12;

/// Days over which random rows are spread.
const DAYS: i64 = 40;

/// How much later, in days, a score is looked at again.
const LATER: [f64; 7] = [0.0, 0.01, 0.4, 1.0, 5.0, 60.0, 500.0];

/// Runs an axiom over random values: each must be at most `limit` away from it.
#[track_caller]
fn holds<S: Strategy>(axiom: &str, values: &S, limit: f64, away: impl Fn(S::Value) -> f64) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let worst = Cell::new(0.0f64);
    let outcome = TestRunner::new_with_rng(config, random).run(values, |value| {
        let away = away(value);
        worst.set(worst.get().max(away));
        prop_assert!(away <= limit, "{axiom}: {away:e} away");
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    println!("{axiom:<60} worst of {CASES} cases {:.1e}", worst.get());
}

/// A channel in reference units.
#[derive(Debug, Clone)]
struct Channel {
    rows: Vec<Weighed>,
    audience: Option<f64>,
}

impl Channel {
    fn evidence(&self) -> Evidence<'_> {
        Evidence { rows: &self.rows, audience: self.audience, phi: Some(150.0), assumed: None }
    }

    /// Adds a row, keeping the order of time.
    fn add(&mut self, at: i64, x: f64) {
        let place = self.rows.partition_point(|row| row.at <= at);
        let item = u32::try_from(self.rows.len()).unwrap();
        self.rows.insert(place, Weighed { at, item, x });
    }
}

fn evaluation(channels: &[Channel], at: Time) -> Evaluation {
    let energies: Vec<Energy> =
        channels.iter().map(|channel| channel.evidence().energy(at, &CONSTANTS)).collect();
    evaluate(&energies, &CONSTANTS)
}

fn score(channels: &[Channel], at: Time) -> f64 {
    evaluation(channels, at).score
}

/// The largest fall of a score, now and later.
fn fall(before: &[Channel], after: &[Channel], now: i64) -> f64 {
    LATER
        .iter()
        .map(|days| {
            #[expect(clippy::cast_possible_truncation, reason = "days of a test")]
            let at = time(now + (days * DAY_MILLIS as f64) as i64);
            score(before, at) - score(after, at)
        })
        .fold(0.0, f64::max)
}

/// Engagement from nothing to what nobody ever had, in typical active days.
fn x() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.0..5.0f64, (-3.0..9.0f64).prop_map(|power| 10f64.powf(power))]
}

/// Rows often share a UTC day.
fn instant() -> impl Strategy<Value = i64> {
    let day = prop_oneof![DAYS - 2..DAYS, 0..DAYS];
    (day, 0..DAY_MILLIS).prop_map(|(day, within)| day * DAY_MILLIS + within)
}

fn audience() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), (0.0..10.0f64).prop_map(|power| 10f64.powf(power))]
}

fn channel() -> impl Strategy<Value = Channel> {
    (prop::collection::vec((instant(), x()), 0..12), prop::option::of(audience())).prop_map(
        |(rows, audience)| {
            let mut channel = Channel { rows: Vec::new(), audience };
            for (at, x) in rows {
                channel.add(at, x);
            }
            channel
        },
    )
}

fn channels() -> impl Strategy<Value = Vec<Channel>> {
    prop::collection::vec(channel(), 1..4)
}

/// An instant at which some rows may not exist yet.
fn now() -> impl Strategy<Value = i64> {
    (DAYS - 3) * DAY_MILLIS..(DAYS + 5) * DAY_MILLIS
}

#[test]
fn a_score_is_at_least_0_and_below_100() {
    holds("0 <= S < 100", &(channels(), now()), 0.0, |(channels, now)| {
        let score = score(&channels, time(now));
        if (0.0..100.0).contains(&score) { 0.0 } else { score.abs() }
    });
}

#[test]
fn the_parts_of_a_level_sum_to_the_score() {
    holds("level parts sum to S", &(channels(), now()), ROUNDING, |(channels, now)| {
        let evaluation = evaluation(&channels, time(now));
        let channels: f64 = evaluation.parts.iter().map(|part| part.points).sum();
        let shares: f64 = evaluation.parts.iter().map(|part| part.audience + part.body + part.buzz).sum();
        (channels - evaluation.score).abs().max((shares - evaluation.score).abs())
    });
}

/// Channels, and what they become: growth of rows, new rows, another audience.
type Change = (Vec<Channel>, Vec<Channel>);

fn change() -> impl Strategy<Value = Change> {
    let more = (prop::collection::vec(x(), 12), prop::collection::vec((instant(), x()), 0..6));
    prop::collection::vec((channel(), more, audience()), 1..4).prop_map(|channels| {
        channels
            .into_iter()
            .map(|(before, (growth, rows), audience)| {
                let mut after = before.clone();
                after.audience = before.audience.map(|_| audience);
                for (row, more) in after.rows.iter_mut().zip(growth) {
                    row.x += more;
                }
                for (at, x) in rows {
                    after.add(at, x);
                }
                (before, after)
            })
            .unzip()
    })
}

fn sides(channels: &[Channel]) -> Vec<Side<'_>> {
    let names = ["a", "b", "c"];
    channels.iter().zip(names).map(|(it, channel)| Side { channel, evidence: it.evidence() }).collect()
}

/// The statement of a change; rows later than its beginning are not there before.
fn told((before, after): &Change, from: i64, to: i64) -> Statement {
    let mut before = before.clone();
    for channel in &mut before {
        channel.rows.retain(|row| row.at <= from);
    }
    statement(&sides(&before), time(from), &sides(after), time(to), &CONSTANTS)
}

#[test]
fn the_causes_of_a_change_sum_to_it() {
    let values = (change(), now(), 0..3 * DAY_MILLIS);
    holds("causes of a change sum to dS", &values, 10.0 * ROUNDING, |(change, now, pause)| {
        let statement = told(&change, now, now + pause);
        let sum: f64 = statement.lines.iter().map(|line| line.points).sum();
        (statement.open + sum - statement.close).abs()
    });
    holds("decay gives nothing, a post takes nothing", &values, ROUNDING, |(change, now, pause)| {
        let lines = told(&change, now, now + pause).lines;
        let wrong = lines.iter().map(|line| match line.cause {
            Cause::Decay => line.points,
            Cause::Post => -line.points,
            _ => 0.0,
        });
        wrong.fold(0.0, f64::max)
    });
}

#[test]
fn engagement_never_lowers_a_score_now_or_later() {
    let values = (channels(), any::<Index>(), any::<Index>(), x(), now());
    holds("a row grows: S falls, now or later", &values, ROUNDING, |(before, channel, row, x, now)| {
        let mut after = before.clone();
        let rows = &mut after[channel.index(before.len())].rows;
        if !rows.is_empty() {
            let row = row.index(rows.len());
            rows[row].x += x;
        }
        fall(&before, &after, now)
    });
    let values = (channels(), any::<Index>(), instant(), x(), now());
    holds("a row comes: S falls, now or later", &values, ROUNDING, |(before, channel, at, x, now)| {
        let mut after = before.clone();
        after[channel.index(before.len())].add(at, x);
        fall(&before, &after, now)
    });
}

#[test]
fn an_audience_never_lowers_a_score() {
    let values = (channels(), any::<Index>(), audience(), now());
    holds("an audience grows: S falls, now or later", &values, ROUNDING, |(before, channel, more, now)| {
        let mut after = before.clone();
        let audience = &mut after[channel.index(before.len())].audience;
        *audience = audience.map(|audience| audience + more);
        fall(&before, &after, now)
    });
}

#[test]
fn another_channel_never_lowers_a_score() {
    let values = (channels(), channel(), now());
    holds("a channel is added: S falls, now or later", &values, ROUNDING, |(before, channel, now)| {
        let after = [before.clone(), vec![channel]].concat();
        fall(&before, &after, now)
    });
}

#[test]
fn posts_without_engagement_change_no_digit() {
    let values = (channels(), any::<Index>(), prop::collection::vec(instant(), 1..30), now());
    holds("posts without engagement: dS", &values, 0.0, |(before, channel, posts, now)| {
        let mut after = before.clone();
        for at in posts {
            after[channel.index(before.len())].add(at, 0.0);
        }
        (score(&after, time(now)) - score(&before, time(now))).abs()
    });
}

#[test]
fn a_days_engagement_over_several_posts_is_the_same() {
    let values = (channels(), any::<Index>(), instant(), x(), 2u32..40, now());
    holds("x in k posts at one instant: dS", &values, ROUNDING, |(others, channel, at, x, k, now)| {
        let place = channel.index(others.len());
        let (mut one, mut many) = (others.clone(), others);
        one[place].add(at, x);
        for _ in 0..k {
            many[place].add(at, x / f64::from(k));
        }
        (score(&one, time(now)) - score(&many, time(now))).abs()
    });
}

/// By how many points a second batch at the same instant beats the first.
fn better(none: &[Channel], place: usize, at: i64, x: f64, now: i64) -> f64 {
    let mut score_with = |batches: usize| {
        let mut channels = none.to_vec();
        for _ in 0..batches {
            channels[place].add(at, x);
        }
        score(&channels, time(now))
    };
    let [none, one, two] = [0, 1, 2].map(&mut score_with);
    ((two - one) - (one - none)).max(0.0)
}

#[test]
fn a_second_equal_batch_is_worth_no_more_than_the_first() {
    let values = (channels(), any::<Index>(), instant(), x(), now());
    // With nothing later on that day, `Y <= X K`: a bundle's worth is concave in the batch.
    holds(
        "second equal batch: better than the first",
        &values,
        ROUNDING,
        |(mut before, place, at, x, now)| {
            for channel in &mut before {
                channel.rows.retain(|row| row.at <= at);
            }
            better(&before, place.index(before.len()), at, x, now)
        },
    );
}

/// The axiom's exception: a batch that is dated before most of what its day has brought. Its first half bears
/// the fall of the day's price alone, so the second can be worth more, by less than a fifth of a point.
#[test]
fn a_batch_dated_before_its_days_success_is_nearly_concave() {
    let strong = || (0.0..5.0f64).prop_map(|power| 10f64.powf(power));
    let values = (strong(), strong(), 0..DAY_MILLIS, 0..DAY_MILLIS);
    holds("the same, dated before others of its day", &values, 0.2, |(success, x, one, other)| {
        let (early, late) = (one.min(other), one.max(other));
        let mut channel = Channel { rows: Vec::new(), audience: Some(0.0) };
        channel.add(late, success);
        better(&[channel], 0, early, x, late)
    });
}

#[test]
fn the_score_is_blind_to_which_network_it_was() {
    /// Likes in so many of the network's typical active days, and an audience as a multiple of its typical one.
    fn energy(id: &str, (likes, typical): &(Vec<(i64, u32)>, f64), now: i64) -> Energy {
        let network = CONSTANTS.network(id);
        let mut channel = Channel { rows: Vec::new(), audience: None };
        for (at, days) in likes {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rho is 2 or 10")]
            let likes = days * network.rho as u32;
            channel.add(*at, network.weigh([likes, 0, 0, 0, 0]));
        }
        let audience = network.phi.map(|phi| typical * phi);
        Evidence { audience, phi: network.phi, ..channel.evidence() }.energy(time(now), &CONSTANTS)
    }
    let evidence = || (prop::collection::vec((instant(), 0..10_000u32), 0..12), audience());
    let values = (evidence(), evidence(), now());
    holds("two networks swap their evidence: dS", &values, ROUNDING, |(one, other, now)| {
        let score = |x: [Energy; 2]| evaluate(&x, &CONSTANTS).score;
        let as_is = score([energy("github", &one, now), energy("mastodon", &other, now)]);
        let swapped = score([energy("github", &other, now), energy("mastodon", &one, now)]);
        (as_is - swapped).abs()
    });
}

/// A row that comes or grows: which, when it is dated, and by how much.
type Update = (Index, i64, f64);

#[test]
fn running_sums_equal_the_sum_over_all_rows() {
    let updates = prop::collection::vec((any::<Index>(), instant(), x()), 1..60);
    let values = (updates, 0..900 * DAY_MILLIS);
    holds("running sums, as a part of the energies", &values, ROUNDING, |(updates, later)| {
        let mut engine = Engine::new(&CONSTANTS);
        let channel = updated(&updates, &mut engine);
        let at = time(DAYS * DAY_MILLIS + later);
        let evidence = Evidence { audience: Some(1_000.0), ..channel.evidence() };
        let plain = evidence.energy(at, &CONSTANTS);
        let running = evidence.energy_of(engine.read(at).unwrap(), at, &CONSTANTS);
        let score = |energy| evaluate(&[energy], &CONSTANTS).score;
        let part = |a: f64, b: f64| if b == 0.0 { a.abs() } else { (a / b - 1.0).abs() };
        [
            part(running.body, plain.body),
            part(running.buzz, plain.buzz),
            (score(running) - score(plain)).abs(),
        ]
        .into_iter()
        .fold(0.0, f64::max)
    });
}

/// Half of the updates are new rows, half let a row grow; the sums are told of each.
fn updated(updates: &[Update], engine: &mut Engine) -> Channel {
    let mut channel = Channel { rows: Vec::new(), audience: None };
    for (choice, at, x) in updates {
        let place = choice.index(2 * channel.rows.len() + 1);
        if let Some(row) = channel.rows.get_mut(place) {
            engine.put(row.at, row.x, row.x + x);
            row.x += x;
        } else {
            engine.put(*at, 0.0, *x);
            channel.add(*at, *x);
        }
    }
    channel
}

/// What a poll makes of a counter.
#[derive(Debug, Clone, Copy)]
enum Reading {
    Right,
    Zero,
    /// Some were taken back.
    Less(u64),
    Absent,
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![
        4 => Just(Reading::Right),
        1 => Just(Reading::Zero),
        1 => (1..20u64).prop_map(Reading::Less),
        1 => Just(Reading::Absent),
    ]
}

/// Posts of one day by the time of day, in milliseconds, with what their counters stand at in the end.
type Posts = Vec<(i64, [u64; 3])>;

/// The ledger after polls at those times, in milliseconds; the last one, at two days, reads all counters right.
fn polled(posts: &Posts, polls: &[(i64, Vec<Reading>)]) -> Vec<Row> {
    const END: i64 = 2 * DAY_MILLIS;
    const METRICS: [Metric; 3] = [Metric::Likes, Metric::Replies, Metric::Reshares];
    let network = CONSTANTS.network("mastodon");
    let mut ledger = Ledger::default();
    let items: Vec<u32> = posts.iter().map(|(at, _)| ledger.sight(time(*at), false)).collect();
    let last = (END, vec![Reading::Right]);
    for (now, readings) in polls.iter().chain([&last]) {
        let mut readings = readings.iter().cycle();
        for ((at, counts), item) in posts.iter().zip(&items).filter(|((at, _), _)| at <= now) {
            for (metric, count) in METRICS.into_iter().zip(counts) {
                // Counters grow evenly until the end.
                let there = count * u64::try_from(now - at).unwrap() / u64::try_from(END - at).unwrap();
                let value = match readings.next().unwrap() {
                    Reading::Right => Some(there),
                    Reading::Zero => Some(0),
                    Reading::Less(less) => Some(there.saturating_sub(*less)),
                    Reading::Absent => None,
                };
                ledger.count(*item, metric, value, time(*now), &network);
            }
        }
    }
    ledger.rows().to_vec()
}

#[test]
fn many_polls_with_glitches_find_what_one_poll_finds() {
    let posts = prop::collection::vec((0..DAY_MILLIS, prop::array::uniform3(0..500u64)), 1..6);
    let polls = prop::collection::vec((0..2 * DAY_MILLIS, prop::collection::vec(reading(), 1..8)), 0..20);
    holds("one poll, or many with glitches: rows that differ", &(posts, polls), 0.0, |(posts, mut polls)| {
        polls.sort_by_key(|(now, _)| *now);
        if polled(&posts, &polls) == polled(&posts, &[]) { 0.0 } else { 1.0 }
    });
}
