//! What time does by itself: a channel that cannot be read, a person who says nothing more, a like.

use crate::event::Growth;
use crate::life::{Life, grow, lives, replay};
use crate::persona::{FUTURE, HOUR, Persona, Post, START, arrived, hour};
use cloutop::model::{Metric, time};
use cloutop::score::{
    Assumed, Constants, Energy, Evaluation, Evidence, Ledger, NetworkConstants, Weighed, energy_for, evaluate,
};

/// The hour of the first poll after the outage, which begins after the poll of hour 0 and lasts three days.
const BACK: usize = 73;

/// Points against the uninterrupted run after 1, 2 and 3 days without the main channel (the specification,
/// section 7).
const OUTAGE: [(usize, f64); 3] = [(1, -0.32), (2, -0.87), (3, -1.16)];

/// Dropping the channel instead would show 55.8 for 66.2.
const DROPPED: f64 = -10.4;

/// What a channel's ledger gains at the polls of those hours, its counters being read from whole likes.
fn polled(
    posts: &[Post],
    hours: impl Iterator<Item = i64>,
    channel: usize,
    network: &NetworkConstants,
) -> Vec<Growth> {
    let mut ledger = Ledger::default();
    let items: Vec<u32> = posts.iter().map(|post| ledger.sight(time(post.at), false)).collect();
    let mut growth = Vec::new();
    let mut read = None;
    for now in hours {
        ledger.read_before(read.replace(now).map(hour));
        for (post, item) in posts.iter().zip(&items) {
            let age = START + now * HOUR - post.at;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "likes of a post")]
            let likes = (post.x * network.rho * arrived(age)).round() as u64;
            if age >= 0 {
                ledger.count(*item, Metric::Likes, Some(likes), hour(now), network);
            }
        }
        let gains = ledger.take_gains().into_iter();
        growth.extend(gains.map(|gain| Growth::gained(now, channel, gain, network)));
    }
    growth
}

/// A life whose main channel is polled at those hours, and its other channels at every hour.
fn fed(
    life: &Life,
    persona: &Persona,
    hours: impl Iterator<Item = i64>,
    constants: &Constants,
) -> Vec<Evaluation> {
    let network = constants.network(&persona.channels[0].network);
    let mut growth = polled(&life.posts[0], hours, 0, &network);
    for (channel, posts) in life.posts.iter().enumerate().skip(1) {
        growth.extend(posts.iter().flat_map(|post| grow(*post, channel)));
    }
    replay(life.past.clone(), growth, &persona.evidence(constants), constants)
}

/// The mean difference that the outage makes, by hour; and what dropping the main channel would make after
/// three days.
fn outage(lives: &[Life], persona: &Persona, constants: &Constants) -> (Vec<f64>, f64) {
    let mut difference = vec![0.0; lives[0].normal.len()];
    let mut dropped = 0.0;
    let after = i64::try_from(BACK).unwrap();
    for life in lives {
        let whole = fed(life, persona, 0..=FUTURE * 24, constants);
        let held = fed(life, persona, std::iter::once(0).chain(after..=FUTURE * 24), constants);
        for (sum, (held, whole)) in difference.iter_mut().zip(held.iter().zip(&whole)) {
            *sum += (held.score - whole.score) / lives.len() as f64;
        }
        let others: Vec<Energy> = whole[72].parts[1..].iter().map(|part| part.energy).collect();
        dropped += (evaluate(&others, constants).score - whole[72].score) / lives.len() as f64;
    }
    (difference, dropped)
}

#[test]
fn an_outage_only_ages_a_score_and_heals_at_the_first_good_poll() {
    let constants = Constants::reference();
    let persona = &Persona::all()["blogger"];
    let lives = lives(persona, &constants);
    let (difference, dropped) = outage(&lives, persona, &constants);
    for (day, want) in OUTAGE {
        let got = difference[24 * day];
        println!("main channel unreadable for {day} d: {got:+.2} (want {want:+.2})");
        assert!((got - want).abs() <= 0.5 * want.abs(), "day {day}: {got:+.3}, not {want:+.2}");
    }
    println!("dropped instead: {dropped:+.1} (want {DROPPED:+.1})");
    assert!((dropped - DROPPED).abs() <= 0.5 * DROPPED.abs());
    println!("at the first good poll {:+.2}", difference[BACK]);
    assert!(difference[BACK..].iter().all(|difference| difference.abs() < 1e-12), "{}", difference[BACK]);
}

/// The score after so many days of total silence (the specification, section 7).
const SILENCE: [(i64, &str); 8] = [
    (1, "65.74"),
    (3, "64.89"),
    (7, "64.36"),
    (14, "63.81"),
    (30, "62.57"),
    (90, "57.73"),
    (180, "49.92"),
    (365, "33.53"),
];

#[test]
fn total_silence_lowers_a_score_as_printed() {
    let constants = Constants::reference();
    // Four channels with T = 16 in all and 3,200 followers each (the specification leaves the reach open; this
    // one meets its digits), their bodies as large as their buzz: a history that was steady until it ended.
    let phi = constants.network("mastodon").phi;
    let mut channel = Evidence { audience: Some(3_200.0), phi, ..Evidence::default() };
    let total = energy_for(200.0 / 3.0, constants.theta) / 4.0;
    let rate = steady_body(total, channel.energy(hour(0), &constants).reach, &constants);
    channel.assumed = Some(Assumed { rate, spread: 0.0, start: START });
    let score = |days: i64| evaluate(&[channel.energy(hour(24 * days), &constants); 4], &constants).score;
    assert!((score(0) - 200.0 / 3.0).abs() < 1e-9);
    for (days, want) in SILENCE {
        println!("silent for {days} d: {:.2} (want {want})", score(days));
        assert_eq!(format!("{:.2}", score(days)), want, "after {days} days");
    }
}

/// The body, equal to the buzz, that gives a channel with that reach that energy: by halving the interval.
fn steady_body(total: f64, reach: Option<f64>, constants: &Constants) -> f64 {
    let (mut low, mut high) = (0.0, total / (constants.body_share + constants.buzz_share));
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        let energy = Energy { reach, body: middle, buzz: middle, ..Energy::default() };
        if energy.total(constants) < total {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Points that so many likes bring at their instant to somebody with that score: at 10 units to a typical
/// active day, on a day without others, on a channel where nobody follows yet (the specification, section 7).
const LIKES: [(f64, [(u32, &str); 4]); 2] = [
    (37.0, [(1, "0.11"), (10, "0.89"), (100, "4.3"), (1_000, "12.2")]),
    (66.7, [(1, "0.009"), (10, "0.075"), (100, "0.41"), (1_000, "1.5")]),
];

#[test]
fn likes_are_worth_what_is_printed() {
    let constants = Constants::reference();
    let network = constants.network("mastodon");
    for (score, likes) in LIKES {
        let total = energy_for(score, constants.theta);
        let person = Energy { reach: None, body: total, buzz: total, ..Energy::default() };
        for (count, want) in likes {
            let rows = [Weighed { at: START, item: 0, x: network.weigh([count, 0, 0, 0, 0]) }];
            let liked = Evidence { rows: &rows, audience: Some(0.0), phi: network.phi, assumed: None };
            let energies = [person, liked.energy(hour(0), &constants)];
            let gain = evaluate(&energies, &constants).score - score;
            let decimals = want.len() - want.find('.').unwrap() - 1;
            println!("{count} likes at {score}: {gain:+.4} (want +{want})");
            assert_eq!(format!("{gain:.decimals$}"), want, "{count} likes at {score}");
        }
    }
}
