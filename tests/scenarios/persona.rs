//! Invented people: who posts how often, what it brings, and when that arrives.

use cloutop::model::{Time, time};
use cloutop::score::{Constants, DAY_MILLIS, Evidence};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Midnight UTC of the day on which events begin, in milliseconds: Sunday, 2026-01-04.
pub(crate) const START: i64 = 20_457 * DAY_MILLIS;

/// Milliseconds in an hour.
pub(crate) const HOUR: i64 = DAY_MILLIS / 24;

/// Days lived before the event: 2^-10 of the body is older.
const HISTORY: i64 = 900;

/// Days lived from the beginning of the event on.
pub(crate) const FUTURE: i64 = 28;

/// The arrival curve of the specification (section 7): the part of a post's engagement that is there so many
/// hours after publication, straight lines between. All of it is there before the post is three days old.
const ARRIVAL: [(f64, f64); 5] = [(0.0, 0.0), (1.0, 0.5), (5.0, 0.75), (14.0, 0.9), (71.0, 1.0)];

/// Posts are published between these hours of the day, UTC.
const AWAKE: (f64, f64) = (7.0, 22.0);

/// Where the scenarios are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// The instant so many hours after the beginning of the event.
pub(crate) fn hour(hours: i64) -> Time {
    time(START + hours * HOUR)
}

/// The part of a post's engagement that has arrived at that age in milliseconds.
pub(crate) fn arrived(age: i64) -> f64 {
    let hours = age as f64 / HOUR as f64;
    ARRIVAL
        .windows(2)
        .find(|pair| hours < pair[1].0)
        .map_or(1.0, |pair| {
            let ((from, low), (to, high)) = (pair[0], pair[1]);
            low + (high - low) * (hours - from) / (to - from)
        })
        .max(0.0)
}

/// A person as written in `personas.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Persona {
    /// Mean score over normal life.
    pub(crate) score: f64,
    /// Shares of audience, body and buzz in the score, where the specification names them.
    pub(crate) shares: Option<[f64; 3]>,
    /// Median and 90th percentile of a day's change, where the specification names them.
    pub(crate) change: Option<[f64; 2]>,
    pub(crate) channels: Vec<Habit>,
}

/// How a person uses one channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Habit {
    pub(crate) network: String,
    /// F
    pub(crate) audience: Option<f64>,
    /// Mean number of posts a day, which is Poisson distributed.
    pub(crate) posts: f64,
    /// Median engagement x of a post, in typical active days.
    pub(crate) median: f64,
    /// Standard deviation of ln x.
    pub(crate) sigma: f64,
    /// What Saturdays and Sundays bring, as a part of that.
    #[serde(default = "same")]
    pub(crate) weekend: f64,
}

fn same() -> f64 {
    1.0
}

/// A post and all the engagement it will have, in typical active days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Post {
    /// Publication, in milliseconds.
    pub(crate) at: i64,
    pub(crate) x: f64,
}

impl Persona {
    pub(crate) fn all() -> BTreeMap<String, Self> {
        let text = std::fs::read_to_string(folder().join("personas.toml")).unwrap();
        toml::from_str(&text).unwrap()
    }

    /// The number of a channel, by its network.
    pub(crate) fn channel(&self, network: &str) -> usize {
        let found = self.channels.iter().position(|habit| habit.network == network);
        found.unwrap_or_else(|| panic!("nobody is on {network}"))
    }

    /// Posts by channel in order of time: one life of this person.
    pub(crate) fn live(&self, seed: u64) -> Vec<Vec<Post>> {
        self.channels
            .iter()
            .zip(1..)
            .map(|(habit, place)| habit.live(&mut Random(seed.wrapping_mul(1_000).wrapping_add(place))))
            .collect()
    }

    /// Reach of each channel, ready to be given body and buzz.
    pub(crate) fn evidence(&self, constants: &Constants) -> Vec<Evidence<'static>> {
        self.channels
            .iter()
            .map(|habit| Evidence {
                audience: habit.audience,
                phi: constants.network(&habit.network).phi,
                ..Evidence::default()
            })
            .collect()
    }
}

impl Habit {
    fn live(&self, random: &mut Random) -> Vec<Post> {
        let mut posts = Vec::new();
        for day in -HISTORY..FUTURE {
            let rest = if matches!(day.rem_euclid(7), 0 | 6) { self.weekend } else { 1.0 };
            let from = posts.len();
            for _ in 0..random.poisson(self.posts) {
                let hour = AWAKE.0 + (AWAKE.1 - AWAKE.0) * random.uniform();
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a day")]
                let at = START + day * DAY_MILLIS + (hour * HOUR as f64) as i64;
                let x = rest * self.median * (self.sigma * random.normal()).exp();
                posts.push(Post { at, x });
            }
            posts[from..].sort_by_key(|post| post.at);
        }
        posts
    }
}

/// Splitmix64 (Steele, Lea and Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A count with that mean (Knuth 1969).
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        let mut left = self.uniform();
        std::iter::repeat_with(|| {
            let there = left > (-mean).exp();
            left *= self.uniform();
            there
        })
        .take_while(|there| *there)
        .count()
    }

    /// The standard normal distribution (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
