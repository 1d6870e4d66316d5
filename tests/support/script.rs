#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every test binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! A network that says what a script says: the product's own poller asks it, with the clock standing still.

use cloutop::channels::{self, Definition, Memory, Reach};
use cloutop::clock::Clock;
use cloutop::exchange::{Body, Headers, Reply, Request};
use cloutop::http::Fetch;
use cloutop::model::{Account, Money, Observation, Outcome, Time, Trouble};
use cloutop::poller::{Hosts, Polled, Poller, Resolved, Settings, resolve};
use cloutop::store::Purse;
use futures_util::FutureExt;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// One line of a script: what answers a request whose address, or body, holds `part`.
#[derive(Debug, Clone)]
pub struct Line {
    part: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Line {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A saved reply with status 200.
pub fn saved(part: &str, file: &str) -> Line {
    status(200, part, file)
}

/// A saved reply with another status.
pub fn status(status: u16, part: &str, file: &str) -> Line {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "replies", file].iter().collect();
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let html = path.extension().is_some_and(|end| end == "html");
    let kind = if html { "text/html; charset=utf-8" } else { "application/json; charset=utf-8" };
    Line { part: part.to_owned(), status, headers: Vec::new(), body }.header("content-type", kind)
}

impl Line {
    pub fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }
}

/// A reply written in the test.
pub fn words(status: u16, part: &str, body: &str) -> Line {
    Line { part: part.to_owned(), status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

#[derive(Debug, Clone, Default)]
pub struct Script {
    lines: Vec<Line>,
    pub key: bool,
    /// Addresses asked, in order.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Fetch for Script {
    async fn fetch(&self, request: Request, now: Time) -> Result<Reply, Trouble> {
        let address = match &request.body {
            None => request.url.to_string(),
            Some(Body::Json(json)) => format!("POST {} {json}", request.url),
            Some(Body::Form(fields)) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("POST {} {}", request.url, fields.join("&"))
            }
        };
        self.asked.lock().unwrap().push(address.clone());
        let line = self.lines.iter().find(|line| address.contains(&line.part));
        let line = line.unwrap_or_else(|| panic!("the script has no answer to {address}"));
        Ok(Reply {
            stage: request.stage,
            status: line.status,
            headers: Headers::new(line.headers.clone()),
            body: line.body.clone(),
            url: request.url,
            moved: false,
            at: now,
            // As with a server that wants none: a key that is not sent is no key.
            keyed: self.key && request.key.is_some(),
        })
    }

    fn has_key(&self, _name: &str) -> bool {
        self.key
    }
}

/// The instant of every scripted poll.
pub fn now() -> Time {
    "2026-03-02T10:30:00Z".parse().unwrap()
}

pub fn account(typed: &str) -> Account {
    channels::parse(typed, &|_| false).unwrap().remove(0)
}

/// One poll, with everything it asked.
pub struct Played {
    pub polled: Polled,
    pub asked: Vec<String>,
}

impl Played {
    pub fn observation(self) -> Observation {
        match self.polled.outcome {
            Outcome::Observed(observation) => *observation,
            Outcome::Gap(trouble) => panic!("a gap instead of an observation: {trouble:?}"),
        }
    }

    pub fn trouble(self) -> Trouble {
        match self.polled.outcome {
            Outcome::Gap(trouble) => trouble,
            Outcome::Observed(observation) => panic!("an observation instead of a gap: {observation:?}"),
        }
    }
}

/// Plays a poll of an account against a script.
pub fn play(account: Account, memory: Memory, lines: Vec<Line>) -> Played {
    play_as(Script { lines, ..Script::default() }, account, memory)
}

/// Where asking costs money there is enough of it.
fn settings(account: &Account) -> Settings {
    let network = account.network;
    let spending = |_| {
        let caps = HashMap::from([(network.id(), Money(1_000_000_000))]);
        Settings::default().spending(Purse::in_memory().unwrap(), caps)
    };
    network.0.price.map(spending).unwrap_or_default()
}

pub fn play_as(script: Script, account: Account, memory: Memory) -> Played {
    play_with(script, BTreeMap::new(), account, memory)
}

/// The same where the user has described channels.
pub fn play_with(
    script: Script,
    custom: BTreeMap<String, Arc<Definition>>,
    account: Account,
    memory: Memory,
) -> Played {
    let asked = script.asked.clone();
    let settings = settings(&account).with_custom(custom);
    let poller = Poller { fetch: script, clock: Clock::Frozen(now()), settings, hosts: Hosts::default() };
    let poll = poller.poll(account, memory, Reach::Full);
    Played {
        polled: poll.now_or_never().expect("a script answers at once"),
        asked: asked.lock().unwrap().clone(),
    }
}

/// A look at who an account is, and how many questions it took.
pub fn look(account: Account, lines: Vec<Line>) -> Resolved {
    let poller = Poller {
        fetch: Script { lines, ..Script::default() },
        clock: Clock::Frozen(now()),
        settings: settings(&account),
        hosts: Hosts::default(),
    };
    let found = resolve(&poller, vec![account]).now_or_never().expect("a script answers at once");
    found.unwrap_or_else(|(network, trouble)| panic!("{network}: {trouble}"))
}

impl Script {
    pub fn new(lines: Vec<Line>, key: bool) -> Self {
        Self { lines, key, ..Self::default() }
    }

    pub fn with_key(lines: Vec<Line>) -> Self {
        Self::new(lines, true)
    }
}

/// A reply from a file anywhere.
pub fn file(status: u16, part: &str, path: &std::path::Path) -> Line {
    let body = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Line { part: part.to_owned(), status, headers: Vec::new(), body }
}
