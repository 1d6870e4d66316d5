//! What happens to a person: changed posts, acts of known people, a bought audience.

use crate::persona::{FUTURE, HOUR, Habit, Persona, Post, START, arrived, hour};
use cloutop::model::{Metric, time};
use cloutop::score::{Arrival, Constants, DAY_MILLIS, Gain, Ledger, NetworkConstants};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An event as written in a scenario. Days and hours count from its beginning, midnight UTC.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Event {
    /// Each day's posts bring so many times what they would have brought.
    Scale { factors: Vec<f64> },
    /// Each post is given out as so many, ten minutes apart, that share its engagement.
    Split { pieces: u32, days: i64 },
    /// The first post after that hour brings so many times what it would have brought.
    Times { channel: String, hour: i64, factor: f64 },
    /// One item with that much engagement, in weighted units (a like is 1).
    Burst { channel: String, hour: i64, units: f64 },
    /// So many posts a day, each with so many likes by strangers.
    Posts { channel: String, per_day: i64, days: i64, likes: f64 },
    /// So many posts a day, each liked by the same friends, whose names are known.
    Friends { channel: String, per_day: i64, days: i64, friends: u32 },
    /// Comments under one item by people whose names are known.
    Comments { channel: String, hour: i64, comments: u32, names: u32 },
    /// Followers that say nothing, there from the beginning.
    Followers { channel: String, add: f64 },
}

/// Growth of a row on a channel, seen at an hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    pub(crate) hour: i64,
    pub(crate) channel: usize,
    /// When the row is dated.
    pub(crate) at: i64,
    /// Its engagement before and after, in typical active days.
    pub(crate) before: f64,
    pub(crate) after: f64,
}

impl Growth {
    pub(crate) fn gained(hour: i64, channel: usize, gain: Gain, constants: &NetworkConstants) -> Self {
        let [before, after] = [gain.before, gain.after].map(|row| row.x(constants));
        Self { hour, channel, at: gain.after.at, before, after }
    }
}

/// A life with what happened in it.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// Posts by channel.
    pub(crate) posts: Vec<Vec<Post>>,
    /// What known people did.
    pub(crate) acts: Vec<Growth>,
    /// Followers that came: channel, how many.
    pub(crate) followers: Vec<(usize, f64)>,
}

impl Course {
    /// The life in which nothing happens.
    pub(crate) fn normal(posts: Vec<Vec<Post>>) -> Self {
        Self { posts, acts: Vec::new(), followers: Vec::new() }
    }

    pub(crate) fn befall(&mut self, event: &Event, persona: &Persona, constants: &Constants) {
        let rho = |channel: &str| constants.network(channel).rho;
        match event {
            Event::Scale { factors } => self.scale(factors),
            Event::Split { pieces, days } => self.split(*pieces, *days),
            Event::Times { channel, hour, factor } => {
                let from = START + hour * HOUR;
                let mut posts = self.posts[persona.channel(channel)].iter_mut();
                posts.find(|post| post.at >= from).unwrap().x *= factor;
            }
            Event::Burst { channel, hour, units } => {
                let post = Post { at: START + hour * HOUR, x: units / rho(channel) };
                self.posts[persona.channel(channel)].push(post);
            }
            Event::Posts { channel, per_day, days, likes } => {
                let x = likes / rho(channel);
                let posts = publications(*per_day, *days).into_iter().map(|at| Post { at, x });
                self.posts[persona.channel(channel)].extend(posts);
            }
            Event::Friends { channel, per_day, days, friends } => {
                let acts: Vec<Act> = publications(*per_day, *days)
                    .into_iter()
                    .flat_map(|at| acts(at, *friends, *friends, Metric::Likes))
                    .collect();
                self.known(&acts, persona.channel(channel), &persona.channels, constants);
            }
            Event::Comments { channel, hour, comments, names } => {
                let acts = acts(START + hour * HOUR, *comments, *names, Metric::Replies);
                self.known(&acts, persona.channel(channel), &persona.channels, constants);
            }
            Event::Followers { channel, add } => self.followers.push((persona.channel(channel), *add)),
        }
    }

    fn scale(&mut self, factors: &[f64]) {
        for post in self.posts.iter_mut().flatten() {
            let day = usize::try_from((post.at - START).div_euclid(DAY_MILLIS));
            if let Some(factor) = day.ok().and_then(|day| factors.get(day)) {
                post.x *= factor;
            }
        }
    }

    fn split(&mut self, pieces: u32, days: i64) {
        const APART: i64 = HOUR / 6;
        for posts in &mut self.posts {
            let (event, mut others): (Vec<Post>, Vec<Post>) =
                posts.iter().partition(|post| (START..START + days * DAY_MILLIS).contains(&post.at));
            for post in event {
                let first = post.at - APART * i64::from(pieces - 1) / 2;
                let piece = |i: u32| Post { at: first + APART * i64::from(i), x: post.x / f64::from(pieces) };
                others.extend((0..pieces).map(piece));
            }
            *posts = others;
        }
    }

    /// Hands acts to a ledger, hour by hour as they happen, and takes what they are credited with.
    fn known(&mut self, acts: &[Act], channel: usize, habits: &[Habit], constants: &Constants) {
        let network = constants.network(&habits[channel].network);
        let mut ledger = Ledger::default();
        let mut items = BTreeMap::new();
        for act in acts {
            items.entry(act.published).or_insert_with(|| ledger.sight(time(act.published), false));
        }
        for now in 0..=FUTURE * 24 {
            let seen = START + (now - 1) * HOUR..START + now * HOUR;
            let arrivals: Vec<Arrival<'_>> = acts
                .iter()
                .filter(|act| seen.contains(&act.at))
                .map(|act| Arrival {
                    id: 0,
                    item: items[&act.published],
                    metric: act.metric,
                    at: (act.metric == Metric::Replies).then(|| time(act.at)),
                    actor: &act.actor,
                    tone: None,
                    count: None,
                })
                .collect();
            ledger.acts(&arrivals, hour(now), &network);
            let gains = ledger.take_gains().into_iter();
            self.acts.extend(gains.map(|gain| Growth::gained(now, channel, gain, &network)));
        }
    }
}

/// Something a known person does to a post.
struct Act {
    /// Of the post, in milliseconds.
    published: i64,
    at: i64,
    actor: String,
    metric: Metric,
}

/// Acts under one post by so many people in turn, spread by the arrival curve.
fn acts(published: i64, count: u32, names: u32, metric: Metric) -> Vec<Act> {
    const MINUTE: i64 = HOUR / 60;
    let mut at = published;
    (0..count)
        .map(|i| {
            let part = (f64::from(i) + 0.5) / f64::from(count);
            while arrived(at - published) < part {
                at += MINUTE;
            }
            Act { published, at, actor: format!("somebody {}", i % names), metric }
        })
        .collect()
}

/// When the additional posts are published: between nine in the morning and nine in the evening.
fn publications(per_day: i64, days: i64) -> Vec<i64> {
    let at = |day: i64, i: i64| START + day * DAY_MILLIS + 9 * HOUR + i * 12 * HOUR / per_day;
    (0..days).flat_map(|day| (0..per_day).map(move |i| at(day, i))).collect()
}
