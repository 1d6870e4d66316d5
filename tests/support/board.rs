#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every test binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! A store with people in it, polled by hand at instants of the test's choice.

use chrono::TimeDelta;
use cloutop::app::{App, Zone};
use cloutop::channels;
use cloutop::clock::Clock;
use cloutop::http::Fetch;
use cloutop::keys::Key;
use cloutop::model::{
    Account, Counts, Figure, ItemId, Metric, Observation, Outcome, PersonSnapshot, Post, PostKind, Profile,
    Range, Time,
};
use cloutop::pipeline::{Applied, Pipeline, Wanted};
use cloutop::poller::{Hosts, Poller, Settings};
use cloutop::run;
use cloutop::schedule::Job;
use cloutop::score::Constants;
use cloutop::store::{Database, PollReport};

pub fn start() -> Time {
    "2026-03-02T10:30:00Z".parse().unwrap()
}

pub fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

/// A post with so many likes.
pub fn post(id: &str, published: Time, likes: u64) -> Post {
    Post {
        id: ItemId::from(id),
        kind: PostKind::Post,
        url: None,
        title: "a post".to_owned(),
        published,
        counts: Counts::default().with(Metric::Likes, likes),
        standing: false,
    }
}

pub fn account(typed: &str) -> Account {
    channels::parse(typed, &|_| true).unwrap().remove(0)
}

pub fn wanted(symbol: &str, accounts: &[Account]) -> Wanted {
    Wanted {
        key: symbol.to_owned(),
        symbol: symbol.to_owned(),
        name: symbol.to_lowercase(),
        group: None,
        mine: false,
        accounts: accounts.to_vec(),
    }
}

pub struct Board {
    pub pipeline: Pipeline,
}

impl Board {
    pub fn new(people: Vec<Wanted>) -> Self {
        Self::on(Database::in_memory().unwrap(), people, start())
    }

    pub fn on(database: Database, people: Vec<Wanted>, now: Time) -> Self {
        Self { pipeline: Pipeline::open(database, Constants::reference(), people, now).unwrap() }
    }

    /// Polls every channel at one instant, in the order in which they were taken in.
    pub fn poll<F: Fetch>(&mut self, fetch: F, settings: Settings, at: Time) -> Vec<(PollReport, Applied)> {
        let poller = Poller { fetch, clock: Clock::Frozen(at), settings, hosts: Hosts::default() };
        let jobs = self.pipeline.jobs(at);
        jobs.iter().map(|job| self.run(&poller, job, at)).collect()
    }

    pub fn poll_one<F: Fetch>(&mut self, fetch: F, settings: Settings, job: &Job, at: Time) -> Applied {
        let poller = Poller { fetch, clock: Clock::Frozen(at), settings, hosts: Hosts::default() };
        self.run(&poller, job, at).1
    }

    fn run<F: Fetch>(&mut self, poller: &Poller<F>, job: &Job, at: Time) -> (PollReport, Applied) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let memory = self.pipeline.recall(job.channel, at).unwrap();
        let report = runtime.block_on(poller.run_job(job, memory));
        let applied = self.pipeline.apply(&report).unwrap();
        (report, applied)
    }

    /// Takes in what a poll of the nth channel is said to have brought; the next one is due a quarter of an hour
    /// later.
    pub fn report(&mut self, channel: usize, outcome: Outcome, at: Time) -> Applied {
        let channel = self.pipeline.jobs(at)[channel].channel;
        let (validators, hosts) = (Vec::new(), Vec::new());
        let next_at = at + minutes(15);
        let report = PollReport { channel, at, outcome, requests: 1, validators, hosts, next_at };
        self.pipeline.apply(&report).unwrap()
    }

    /// A good poll of the nth channel: an account with 300 followers and these posts.
    pub fn observed(&self, channel: usize, posts: Vec<Post>, at: Time) -> Outcome {
        let account = self.pipeline.jobs(at).remove(channel).account;
        let profile = Profile { figures: vec![(Figure::Followers, 300)], ..Profile::default() };
        let observation = Observation { profile, posts, complete: true, ..Observation::new(account) };
        Outcome::Observed(Box::new(observation))
    }

    /// The first person, with the change over a day.
    pub fn person(&self, at: Time) -> PersonSnapshot {
        self.nth(0, at)
    }

    pub fn nth(&self, place: usize, at: Time) -> PersonSnapshot {
        self.pipeline.snapshot(self.pipeline.people()[place], at, &[Range::Day]).unwrap().unwrap()
    }

    /// One frame, after some keys.
    pub fn frame(&mut self, size: (u16, u16), at: Time, keys: &str) -> String {
        let mut app = App::new(size, at);
        app.zone = Zone::Utc;
        let keys: Vec<Key> = keys.split_whitespace().map(|name| Key::from_name(name).unwrap()).collect();
        let app = run::press(app, &mut self.pipeline, None, at, &keys).unwrap();
        run::frame_text(&run::frame(&app))
    }
}
