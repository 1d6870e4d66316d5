//! Alerts brought to where the user wants them.
//!
//! ```text
//! Deliverer::deliver -> queue of a place -> Known (nothing twice) -> Folding (no storm) -> the place
//!                        | bounded, never waited for                                       | one at a time
//!                        `- full: dropped and counted                      Report <--------'
//! ```
//!
//! Every place has a task of its own: a hook that hangs and a server that is down delay nobody else. What a
//! place is told is a pure function of the alert ([`web`], [`terminal`]); so are how much of a storm is told
//! ([`fold`]) and what an answer means ([`web::Verdict`]).
//!
//! Delivering the same thing twice is worse than not delivering it: what may have arrived is not tried again.
//! Titles and bodies hold strangers' words and are cleaned here once more; secrets are in no message.

mod address;
mod deliverer;
pub mod fold;
mod hook;
mod known;
mod lane;
#[cfg(feature = "desktop-native")]
mod native;
pub mod terminal;
pub mod web;

pub use address::Address;
pub use deliverer::{Deliverer, NotStarted, Settings};
pub use hook::{Hook, scrubbed};
pub use known::fingerprint;

use crate::alerts::Alert;
use crate::model::Time;
use chrono::TimeDelta;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// `{"schema":"cloutop/alert/1",...}`, cleaned: what hooks and webhooks are told. Unknown is null.
pub fn document(alert: &Alert) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        key: &'a str,
        at: String,
        kind: &'a str,
        symbol: Option<&'a str>,
        title: &'a str,
        body: &'a str,
        url: Option<&'a str>,
        points: Option<f64>,
    }
    let alert = alert.cleaned();
    web::json(&Document {
        schema: "cloutop/alert/1",
        key: &alert.key,
        at: rfc3339(alert.at),
        kind: &alert.kind,
        symbol: alert.symbol.as_deref(),
        title: &alert.title,
        body: &alert.body,
        url: alert.url.as_ref().map(Url::as_str),
        points: alert.points,
    })
}

fn rfc3339(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Where alerts can go, under the name by which rules know it.
#[derive(Debug)]
pub struct Place {
    pub name: String,
    pub means: Means,
}

/// How a place is reached.
#[derive(Debug)]
pub enum Means {
    /// A program of the user's.
    Hook(Hook),
    /// A notification by the terminal, as far as it can.
    Desktop,
    /// The terminal's bell.
    Bell,
    /// A notification by the desktop. Only in builds with the feature `desktop-native`.
    #[cfg(feature = "desktop-native")]
    Native,
    /// A server.
    Web(Box<dyn web::Service>),
    /// It is in the configuration, but cannot be used: why, and what to do.
    Unusable(String),
}

/// Why a place cannot be what the configuration says. Names no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    #[error("the address is not one of the web")]
    NoAddress,
    #[error("{0} must be reached by https: alerts and tokens do not travel in the clear")]
    InTheClear(String),
    #[error("the address of {0} holds a password; give it as the token")]
    Password(String),
    #[error("there is no program {}", .0.display())]
    NotThere(PathBuf),
    #[error("a hook needs a program: [\"path/of/program\", \"argument\"]")]
    NoProgram,
    #[error("a room is an id that begins with !, not an alias; the room's settings show it")]
    NoRoom,
    #[error("the {0} is missing")]
    Missing(&'static str),
    #[error("the {0} holds a blank or another character that none has")]
    Garbled(&'static str),
    #[error("two places are called {0}")]
    Twice(String),
}

/// How much and how long. The defaults are what the documentation promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Deliveries to one place within `window`; what is more is folded into one summary.
    pub singles: usize,
    pub window: TimeDelta,
    /// Alerts that may wait for one place.
    pub queue: usize,
    /// How long a hook may run.
    pub hook: Duration,
    /// How long a server may take for one answer.
    pub answer: Duration,
    /// Times a message is said at most.
    pub tries: u32,
    /// Before the second try; four times as long before each further one.
    pub pause: Duration,
    /// Longest sum of pauses for one message, whatever the server asks for.
    pub patience: Duration,
    /// How long [`Deliverer::stop`] waits for what is under way.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            singles: 5,
            window: TimeDelta::seconds(60),
            queue: 2_000,
            hook: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            tries: 3,
            pause: Duration::from_secs(1),
            patience: Duration::from_mins(1),
            grace: Duration::from_millis(1_500),
        }
    }
}

/// What the deliverer tells the one who started it.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// What became of one alert at one place. Exactly one for each that was taken and not known already.
    Outcome(Outcome),
    /// Alerts that found the place's queue full.
    Dropped { place: String, count: u64 },
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome(Outcome { place, result: Ok(done), .. }) => write!(f, "{place}: {done}"),
            Self::Outcome(Outcome { place, result: Err(error), .. }) => write!(f, "{place}: {error}"),
            Self::Dropped { place, count: 1 } => write!(f, "{place}: 1 alert was dropped, too many at once"),
            Self::Dropped { place, count } => {
                write!(f, "{place}: {count} alerts were dropped, too many at once")
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub key: String,
    pub place: String,
    pub result: Result<Delivered, Undelivered>,
}

impl Outcome {
    /// Whether this key is never to go to this place again: it arrived, or may have.
    pub fn settled(&self) -> bool {
        matches!(self.result, Ok(_) | Err(Undelivered::Perhaps(_)))
    }
}

/// How an alert arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// By itself, on this try.
    Sent { tries: u32 },
    /// As one of many, in a summary of this many alerts.
    Folded { of: u64 },
    /// Without the bell that rang a moment ago.
    Quiet,
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { tries: 0 | 1 } => f.write_str("delivered"),
            Self::Sent { tries } => write!(f, "delivered on try {tries}"),
            Self::Folded { of } => write!(f, "delivered in a summary of {of}"),
            Self::Quiet => f.write_str("the bell rang a moment ago"),
        }
    }
}

/// Why an alert did not arrive. One line each, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It did not arrive.
    #[error("{0}")]
    Failed(String),
    /// It may have arrived: not tried again, so that nothing is told twice.
    #[error("{0}; it may have arrived and is not tried again")]
    Perhaps(String),
    /// The place is set up wrongly. Nothing more is tried there until the program is started again; every
    /// further alert gets the same answer.
    #[error("{0}; nothing more goes there until the next start")]
    Stopped(String),
    /// The program ended before its turn came.
    #[error("not delivered before the end")]
    Quit,
}
