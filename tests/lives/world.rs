//! Invented lives as ledgers: posts whose engagement arrives act by act, and what happens to them, labelled.

use crate::persona::{HOUR, Habit, Persona, Random, START, arrived};
use cloutop::bumps::to_come;
use cloutop::model::{Metric, time};
use cloutop::score::{Arrival, Constants, DAY_MILLIS, Energy, Engine, Evidence, Ledger, Source, evaluate};

/// Milliseconds between the polls of a channel.
const EVERY: i64 = 15 * 60_000;

/// Days lived before the first poll.
const HISTORY: i64 = 400;

/// What a life is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    /// Nothing happens but what always does.
    Quiet,
    /// Now and then a post takes off.
    Viral,
    /// Four days on which every post is a part of something.
    Series,
    /// One post that everybody congratulates under.
    Birthday,
    /// Twelve days without a post.
    Holiday,
    /// From then on four times as much.
    Shift,
    /// Ten known friends like three posts a day for a week.
    Ring,
    /// Two hundred comments by three names.
    Spam,
    /// The main channel cannot be read for up to three days.
    Outage,
}

impl Story {
    pub(crate) const ALL: [Self; 9] = [
        Self::Quiet,
        Self::Viral,
        Self::Series,
        Self::Birthday,
        Self::Holiday,
        Self::Shift,
        Self::Ring,
        Self::Spam,
        Self::Outage,
    ];
}

/// One act on a post.
#[derive(Debug, Clone)]
struct Act {
    at: i64,
    channel: usize,
    post: usize,
    /// Of people whose names are known, and what they do; `None` for a like by a stranger.
    known: Option<(String, Metric)>,
    /// Only in the life to which something happens, or only in the one to which nothing does.
    only: Option<bool>,
}

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happening {
    pub(crate) from: i64,
    /// Nothing of it comes after that.
    pub(crate) until: i64,
    pub(crate) stays: bool,
}

/// A life and its twin to which nothing happens.
pub(crate) struct World {
    habits: Vec<Habit>,
    evidence: Vec<Evidence<'static>>,
    /// Publication of each channel's posts.
    posts: Vec<Vec<i64>>,
    acts: Vec<Act>,
    pub(crate) happenings: Vec<Happening>,
    outages: Vec<(i64, i64)>,
    pub(crate) days: i64,
}

/// A poll of one channel, in both lives.
pub(crate) struct Poll {
    pub(crate) at: i64,
    pub(crate) channel: usize,
    /// `None` where the channel could not be read.
    pub(crate) read: Option<Read>,
    /// Every channel could be read when it was asked last.
    pub(crate) whole: bool,
    pub(crate) score: f64,
    /// The score of the twin.
    pub(crate) normal: f64,
}

pub(crate) struct Read {
    pub(crate) points: f64,
    pub(crate) promised: f64,
}

fn ms(days: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of some years")]
    let millis = (days * DAY_MILLIS as f64) as i64;
    millis
}

impl World {
    pub(crate) fn new(persona: &Persona, story: Story, seed: u64, days: i64, constants: &Constants) -> Self {
        let mut world = Self {
            habits: persona.channels.clone(),
            evidence: persona.evidence(constants),
            posts: vec![Vec::new(); persona.channels.len()],
            acts: Vec::new(),
            happenings: Vec::new(),
            outages: Vec::new(),
            days,
        };
        let rho: Vec<f64> =
            persona.channels.iter().map(|habit| constants.network(&habit.network).rho).collect();
        let mut random = Random(seed.wrapping_mul(7_919).wrapping_add(11));
        world.plan(story, &mut random);
        for (channel, rho) in rho.iter().enumerate() {
            let mut random = Random(seed.wrapping_mul(1_000).wrapping_add(channel as u64 + 1));
            let mut extra = Random(seed.wrapping_mul(1_000).wrapping_add(channel as u64 + 501));
            world.live(channel, story, *rho, &mut random, &mut extra);
        }
        world.happen(story, &rho, &mut random);
        world.acts.sort_by_key(|act| act.at);
        world
    }

    /// When something happens: well apart, after four weeks in which nothing does.
    fn plan(&mut self, story: Story, random: &mut Random) {
        let (length, apart) = match story {
            Story::Quiet => return,
            Story::Viral | Story::Spam => (3.0, 22.0),
            Story::Series => (4.0, 24.0),
            Story::Birthday => (1.0, 22.0),
            Story::Holiday => (12.0, 36.0),
            Story::Shift => (0.0, 60.0),
            Story::Ring => (7.0, 24.0),
            Story::Outage => (1.0 + 2.0 * random.uniform(), 20.0),
        };
        let mut day = 28.0 + 5.0 * random.uniform();
        while day + length + 6.0 < self.days as f64 {
            // At midnight: what belongs to a day comes on that day.
            let from = START + ms(day.floor());
            let until = from + ms(length);
            if story == Story::Outage {
                self.outages.push((from, until));
            } else {
                self.happenings.push(Happening { from, until, stays: story == Story::Shift });
                if story == Story::Shift {
                    return;
                }
            }
            day += length + apart + 8.0 * random.uniform();
        }
    }

    fn live(&mut self, channel: usize, story: Story, rho: f64, random: &mut Random, extra: &mut Random) {
        let habit = self.habits[channel].clone();
        for day in -HISTORY..self.days {
            let rest = if matches!(day.rem_euclid(7), 0 | 6) { habit.weekend } else { 1.0 };
            for _ in 0..random.poisson(habit.posts) {
                let at = START + day * DAY_MILLIS + ms((7.0 + 15.0 * random.uniform()) / 24.0);
                let x = rest * habit.median * (habit.sigma * random.normal()).exp();
                let post = self.posts[channel].len();
                self.posts[channel].push(at);
                let during =
                    self.happenings.iter().any(|one| one.from <= at && (one.stays || at < one.until));
                // Nobody posts on a holiday.
                let only = (during && story == Story::Holiday).then_some(false);
                self.likes(channel, post, x * rho, only, random);
                let more = match (during, story) {
                    (true, Story::Series) => 4.0,
                    (true, Story::Shift) => 3.0,
                    _ => 0.0,
                };
                self.likes(channel, post, more * x * rho, Some(true), extra);
            }
        }
    }

    fn likes(&mut self, channel: usize, post: usize, mean: f64, only: Option<bool>, random: &mut Random) {
        let published = self.posts[channel][post];
        for _ in 0..count(mean, random) {
            let at = published + arrival(random.uniform());
            self.acts.push(Act { at, channel, post, known: None, only });
        }
    }

    /// What comes on top of posts, or with posts of its own.
    fn happen(&mut self, story: Story, rho: &[f64], random: &mut Random) {
        for happening in self.happenings.clone() {
            let channel = random.poisson(0.7).min(self.habits.len() - 1);
            let habit = self.habits[channel].clone();
            // Not before somebody is up.
            let at = happening.from + 8 * HOUR + ms(random.uniform() * 8.0 / 24.0);
            match story {
                Story::Viral => {
                    let post = self.post(channel, at);
                    let x = (habit.median * 20.0 * (1.2 * random.uniform()).exp()).max(15.0);
                    self.likes(channel, post, x * rho[channel], Some(true), random);
                }
                Story::Birthday => {
                    let post = self.post(channel, at);
                    let x = (habit.median * 12.0 * (0.8 * random.uniform()).exp()).max(9.0);
                    self.likes(channel, post, x * rho[channel], Some(true), random);
                }
                Story::Ring => {
                    for n in 0..21 {
                        let post = self.post(channel, at + n * 8 * HOUR);
                        self.friends(channel, post, "friend", 10, Metric::Likes, random);
                    }
                }
                Story::Spam => {
                    let post = self.post(channel, at);
                    for _ in 0..67 {
                        self.friends(channel, post, "spammer", 3, Metric::Replies, random);
                    }
                }
                Story::Quiet | Story::Series | Story::Holiday | Story::Shift | Story::Outage => {}
            }
        }
    }

    fn post(&mut self, channel: usize, at: i64) -> usize {
        self.posts[channel].push(at);
        self.posts[channel].len() - 1
    }

    fn friends(
        &mut self,
        channel: usize,
        post: usize,
        name: &str,
        many: u32,
        metric: Metric,
        random: &mut Random,
    ) {
        let published = self.posts[channel][post];
        for n in 0..many {
            let at = published + arrival(random.uniform());
            let known = Some((format!("{name} {n}"), metric));
            self.acts.push(Act { at, channel, post, known, only: Some(true) });
        }
    }

    /// The first act from an instant on that came to only one of the lives,
    /// and its channel.
    pub(crate) fn begins(&self, from: i64) -> Option<(i64, usize)> {
        let first = self.acts.iter().find(|act| act.at >= from && act.only.is_some())?;
        Some((first.at, first.channel))
    }

    /// Lives through both lives; `hear` is told of every poll after the first.
    pub(crate) fn run(&self, constants: &Constants, hear: &mut dyn FnMut(&Poll)) {
        let mut one = Half::new(self, true, constants);
        let mut twin = Half::new(self, false, constants);
        let channels = self.habits.len();
        let mut failed = vec![false; channels];
        let mut at = START;
        let mut turn = 0usize;
        let mut next = 0usize;
        while at < START + self.days * DAY_MILLIS {
            let channel = turn % channels;
            while next < self.acts.len() && self.acts[next].at <= at {
                one.arrive(next, &self.acts[next]);
                twin.arrive(next, &self.acts[next]);
                next += 1;
            }
            failed[channel] =
                channel == 0 && self.outages.iter().any(|(from, to)| (*from..*to).contains(&at));
            let mut read = None;
            if !failed[channel] {
                let (points, promised) = one.poll(self, channel, at, constants);
                twin.poll(self, channel, at, constants);
                read = Some(Read { points, promised });
            }
            let whole = failed.iter().all(|failed| !failed);
            let (score, normal) = (one.score(self, at, constants), twin.score(self, at, constants));
            hear(&Poll { at, channel, read, whole, score, normal });
            turn += 1;
            let (polls, many) = (i64::try_from(turn).unwrap(), i64::try_from(channels).unwrap());
            let jitter = (Random(turn as u64).next() % 120_000).cast_signed() - 60_000;
            at = START + polls * (EVERY / many) + jitter / many;
        }
    }
}

/// One of the two lives.
struct Half {
    happens: bool,
    ledgers: Vec<Ledger>,
    engines: Vec<Engine>,
    /// Ledger numbers and counters of posts, by channel.
    posts: Vec<Vec<(Option<u32>, u64)>>,
    /// Acts since the last poll of each channel.
    waiting: Vec<Vec<usize>>,
    read_at: Vec<Option<i64>>,
    begun: Vec<bool>,
}

impl Half {
    fn new(world: &World, happens: bool, constants: &Constants) -> Self {
        let many = world.habits.len();
        Self {
            happens,
            ledgers: vec![Ledger::default(); many],
            engines: vec![Engine::new(constants); many],
            posts: world.posts.iter().map(|posts| vec![(None, 0); posts.len()]).collect(),
            waiting: vec![Vec::new(); many],
            read_at: vec![None; many],
            begun: vec![false; many],
        }
    }

    fn arrive(&mut self, number: usize, act: &Act) {
        if act.only.is_none_or(|only| only == self.happens) {
            self.waiting[act.channel].push(number);
        }
    }

    /// Takes in what came since the last poll; returns the step in the score and the rows that grew.
    fn poll(&mut self, world: &World, channel: usize, at: i64, constants: &Constants) -> (f64, f64) {
        let network = constants.network(&world.habits[channel].network);
        let before = self.score(world, at, constants);
        let ledger = &mut self.ledgers[channel];
        let now = time(at);
        ledger.read_before(self.read_at[channel].map(time));
        self.read_at[channel] = Some(at);
        let mut touched = Vec::new();
        let mut known = Vec::new();
        for number in std::mem::take(&mut self.waiting[channel]) {
            let act = &world.acts[number];
            let (item, likes) = &mut self.posts[channel][act.post];
            let published = world.posts[channel][act.post];
            let item = *item.get_or_insert_with(|| ledger.sight(time(published), false));
            if let Some((name, metric)) = &act.known {
                known.push((item, name, *metric, act.at));
            } else {
                *likes += 1;
                touched.push((item, *likes));
            }
        }
        let arrivals: Vec<Arrival<'_>> = known
            .iter()
            .map(|(item, name, metric, when)| Arrival {
                id: 0,
                item: *item,
                metric: *metric,
                at: Some(time(*when)),
                actor: name,
                tone: None,
                count: None,
            })
            .collect();
        ledger.acts(&arrivals, now, &network);
        for (item, likes) in touched {
            ledger.count(item, Metric::Likes, Some(likes), now, &network);
        }
        let mut more = Vec::new();
        for gain in ledger.take_gains() {
            let [x0, x1] = [gain.before, gain.after].map(|row| row.x(&network));
            self.engines[channel].put(gain.after.at, x0, x1);
            if gain.after.source == Source::Publication {
                let acts = gain.after.counts.iter().sum();
                more.retain(|(row, _): &(i64, f64)| *row != gain.after.at);
                more.push((gain.after.at, to_come(now - time(gain.after.at), x1, acts)));
            }
        }
        ledger.take_changes(now);
        let first = !std::mem::replace(&mut self.begun[channel], true);
        let after = self.score(world, at, constants);
        let promise = self.engines[channel].read_with(now, &more);
        let energies: Vec<Energy> = (0..self.engines.len())
            .map(|place| {
                let read = self.engines[place].read(now);
                let read = if place == channel { promise } else { read };
                world.evidence[place].energy_of(read.unwrap_or_default(), now, constants)
            })
            .collect();
        let promised = evaluate(&energies, constants).score - after;
        if first { (0.0, 0.0) } else { (after - before, promised) }
    }

    fn score(&self, world: &World, at: i64, constants: &Constants) -> f64 {
        let energies: Vec<Energy> = self
            .engines
            .iter()
            .zip(&world.evidence)
            .map(|(engine, evidence)| {
                evidence.energy_of(engine.read(time(at)).unwrap_or_default(), time(at), constants)
            })
            .collect();
        evaluate(&energies, constants).score
    }
}

/// How long after publication the act at this place of all comes, in milliseconds.
fn arrival(place: f64) -> i64 {
    let (mut low, mut high) = (0, 72 * HOUR);
    while high - low > 1_000 {
        let middle = i64::midpoint(low, high);
        if arrived(middle) < place { low = middle } else { high = middle }
    }
    high
}

/// Poisson distributed, by its normal limit where that is as good.
fn count(mean: f64, random: &mut Random) -> usize {
    if mean < 200.0 {
        return random.poisson(mean);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands of likes")]
    let count = (mean + mean.sqrt() * random.normal()).round().max(0.0) as usize;
    count
}
