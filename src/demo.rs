//! Invented people on an invented network: the whole path without a network.
//!
//! [`World`] is a [`Fetch`] that answers as the real servers do, with the same bodies, at the same
//! addresses. What everybody did and received follows from the seed and the instant alone, so the same
//! seed and the same clock give the same frame.

mod bodies;
mod cast;
mod crowd;
mod feeds;
mod life;
mod visits;

use crate::channels;
use crate::config::Person;
use crate::exchange::{Headers, Reply, Request, host_of};
use crate::http::Fetch;
use crate::model::{Goal, PersonId, Time, Trouble};
use crate::schedule::mix;
use cast::{Cast, EventKind};
use chrono::TimeDelta;
use life::Memo;
use std::sync::{Arc, Mutex};

/// Time between polls in the demo: nobody is bothered by it.
pub const INTERVAL: TimeDelta = TimeDelta::seconds(20);

/// The servers of the demo.
#[derive(Debug, Clone)]
pub struct World {
    cast: Arc<Cast>,
    seed: u64,
    /// The instant the demo starts at; events are placed around it.
    origin: Time,
    memo: Arc<Mutex<Memo>>,
}

impl World {
    pub fn new(seed: u64, origin: Time) -> Self {
        Self { cast: Arc::new(Cast::shipped()), seed, origin, memo: Arc::default() }
    }

    /// The demo's people, as a configuration would name them.
    pub fn people(&self) -> Vec<Person> {
        let account = |network: &str, handle: &str| {
            channels::parse(&format!("{network}:{handle}"), &|_| false).ok()?.into_iter().next()
        };
        self.cast
            .people
            .iter()
            .filter(|player| !player.guest)
            .map(|player| Person {
                symbol: player.symbol.clone(),
                name: player.name.clone(),
                group: player.group.clone(),
                mine: player.mine,
                channels: player
                    .accounts
                    .iter()
                    .filter_map(|known| account(&known.network, &known.handle))
                    .collect(),
                elsewhere: Vec::new(),
            })
            .collect()
    }

    /// What the demo's people want to reach, by symbol, set at an instant. Whose it is in the store is to be filled
    /// in.
    pub fn goals(&self, since: Time) -> Vec<(String, Goal)> {
        let goal = |player: &cast::Player| {
            let wish = player.goal.as_ref()?;
            let goal = Goal {
                id: 0,
                person: PersonId(0),
                since,
                target: wish.target,
                hold: TimeDelta::days(wish.hold_days),
                due: Some(self.origin + TimeDelta::days(wish.days)),
                prize: wish.prize.clone(),
            };
            Some((player.symbol.clone(), goal))
        };
        self.cast.people.iter().filter_map(goal).collect()
    }

    pub fn origin(&self) -> Time {
        self.origin
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Answers a request as the real server would at this instant.
    fn answer(&self, request: &Request, now: Time) -> Answer {
        if let Some(answer) = self.disturbed(request, now) {
            return answer;
        }
        let host = host_of(&request.url);
        match host.as_str() {
            "public.api.bsky.app" => self.bluesky(request, now),
            "api.github.com" => self.github(&request.url, now),
            "hn.algolia.com" | "hacker-news.firebaseio.com" => self.hackernews(&request.url, now),
            "plausible.io" => self.plausible(request, now),
            host if self.cast.has_instance(host) => self.mastodon(host, request, now),
            host => self.blog(host, &request.url, now),
        }
    }

    /// Servers that are down or want a pause just now.
    fn disturbed(&self, request: &Request, now: Time) -> Option<Answer> {
        let address = request.url.as_str();
        self.cast.events.iter().find_map(|event| {
            let (from, to) = event.span(self.origin);
            let account = self.cast.account(&event.who, &event.network)?;
            let meant = account.meant_by(address);
            match event.kind {
                _ if now < from || now >= to || !meant => None,
                EventKind::Halt => Some(Answer {
                    status: 503,
                    headers: vec![("content-type", "text/html".to_owned())],
                    body: "<!doctype html><title>Maintenance</title><p>Back in a while.".to_owned(),
                }),
                EventKind::Limit => Some(Answer {
                    status: 429,
                    headers: vec![("retry-after", (to - now).num_seconds().max(1).to_string())],
                    body: "Sorry.".to_owned(),
                }),
                EventKind::Post | EventKind::Birthday | EventKind::Quiet => None,
            }
        })
    }
}

/// What is left of a server's allowance: others at the same address use it, too, so that in two hours of three
/// it is enough for what must be asked, and not for more.
fn left(allowance: u64, now: Time) -> u64 {
    let hour = now.timestamp().div_euclid(3_600).cast_unsigned();
    if mix(hour).is_multiple_of(3) { allowance - allowance / 20 } else { allowance / 10 }
}

/// What a server of the demo says.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    fn json(body: &serde_json::Value) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
            body: body.to_string(),
        }
    }

    fn error(status: u16, body: &serde_json::Value) -> Self {
        Self { status, ..Self::json(body) }
    }

    fn text(media_type: &str, body: String) -> Self {
        Self { status: 200, headers: vec![("content-type", media_type.to_owned())], body }
    }

    /// Whoever asks has this already.
    fn not_modified(tag: String) -> Self {
        Self { status: 304, headers: vec![("etag", tag)], body: String::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Fetch for World {
    async fn fetch(&self, request: Request, now: Time) -> std::result::Result<Reply, Trouble> {
        let mut answer = self.answer(&request, now);
        let etag = answer.headers.iter().find(|(name, _)| *name == "etag").map(|(_, etag)| etag.clone());
        if request.conditional && etag.is_some() && request.validator.etag == etag {
            answer.status = 304;
            answer.body.clear();
        }
        Ok(Reply {
            stage: request.stage,
            status: answer.status,
            headers: Headers::new(answer.headers),
            body: answer.body.into_bytes(),
            url: request.url,
            moved: false,
            at: now,
            keyed: request.key.is_some_and(|key| self.has_key(&key.name)),
        })
    }

    /// Whoever plays has a token for GitHub, and a key for what their site counts.
    fn has_key(&self, name: &str) -> bool {
        matches!(name, "github" | "plausible")
    }
}
