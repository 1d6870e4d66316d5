//! Lives lived hour by hour.

use crate::event::{Course, Growth};
use crate::persona::{FUTURE, HOUR, Persona, Post, START, arrived, hour};
use cloutop::score::{Constants, Energy, Engine, Evaluation, Evidence, evaluate};

/// Lives per person.
const SEEDS: u64 = 40;

/// Posts older than this when the event begins have all their engagement: 3 days, in milliseconds.
const FRESH: i64 = 72 * HOUR;

/// A life, kept ready at the beginning of the event.
pub(crate) struct Life {
    pub(crate) posts: Vec<Vec<Post>>,
    /// Each channel's posts whose engagement is complete.
    pub(crate) past: Vec<Engine>,
    /// By hour of normal life.
    pub(crate) normal: Vec<Evaluation>,
}

impl Life {
    fn new(persona: &Persona, seed: u64, constants: &Constants) -> Self {
        let mut posts = persona.live(seed);
        let past = posts.iter_mut().map(|posts| past(posts, constants)).collect();
        let mut life = Self { posts, past, normal: Vec::new() };
        let course = Course::normal(life.posts.clone());
        life.normal = life.run(&course, persona, constants);
        life
    }

    /// The score at every hour from the beginning of the event on.
    pub(crate) fn run(&self, course: &Course, persona: &Persona, constants: &Constants) -> Vec<Evaluation> {
        let mut growth: Vec<Growth> = course.acts.clone();
        for (channel, posts) in course.posts.iter().enumerate() {
            growth.extend(posts.iter().flat_map(|post| grow(*post, channel)));
        }
        let mut evidence = persona.evidence(constants);
        for (channel, followers) in &course.followers {
            evidence[*channel].audience = evidence[*channel].audience.map(|audience| audience + followers);
        }
        replay(self.past.clone(), growth, &evidence, constants)
    }
}

/// Takes the posts whose engagement is complete out of the list and into sums.
fn past(posts: &mut Vec<Post>, constants: &Constants) -> Engine {
    let mut engine = Engine::new(constants);
    let complete = posts.partition_point(|post| post.at < START - FRESH);
    for post in posts.drain(..complete) {
        engine.put(post.at, 0.0, post.x);
    }
    engine
}

/// How a post's row grows, hour by hour.
pub(crate) fn grow(post: Post, channel: usize) -> Vec<Growth> {
    let first = (post.at - START).div_euclid(HOUR).max(-1) + 1;
    let last = ((post.at + FRESH - START).div_euclid(HOUR) + 1).min(FUTURE * 24);
    let mut before = 0.0;
    (first..=last)
        .map(|hour| {
            let after = post.x * arrived(START + hour * HOUR - post.at);
            let growth = Growth { hour, channel, at: post.at, before, after };
            before = after;
            growth
        })
        .collect()
}

/// Lets rows grow and evaluates every hour.
pub(crate) fn replay(
    mut engines: Vec<Engine>,
    mut growth: Vec<Growth>,
    evidence: &[Evidence<'_>],
    constants: &Constants,
) -> Vec<Evaluation> {
    growth.sort_by_key(|growth| growth.hour);
    let mut growth = growth.into_iter().peekable();
    (0..=FUTURE * 24)
        .map(|now| {
            while let Some(Growth { channel, at, before, after, .. }) =
                growth.next_if(|growth| growth.hour <= now)
            {
                engines[channel].put(at, before, after);
            }
            let energies: Vec<Energy> = engines
                .iter()
                .zip(evidence)
                .map(|(engine, evidence)| {
                    evidence.energy_of(engine.read(hour(now)).unwrap(), hour(now), constants)
                })
                .collect();
            evaluate(&energies, constants)
        })
        .collect()
}

pub(crate) fn lives(persona: &Persona, constants: &Constants) -> Vec<Life> {
    (1..=SEEDS).map(|seed| Life::new(persona, seed, constants)).collect()
}
