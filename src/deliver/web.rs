//! Places that are servers: what each is told and what its answers mean, and how often it is tried.
//!
//! A service is one file: [`Service::post`] and [`Service::judge`] are pure.

mod discord;
mod matrix;
mod ntfy;
mod pushover;
mod slack;
mod webhook;

pub use discord::Discord;
pub use matrix::Matrix;
pub use ntfy::Ntfy;
pub use pushover::Pushover;
pub use slack::Slack;
pub use webhook::Webhook;

use super::{Alert, BadPlace, Delivered, Limits, Undelivered};
use crate::clock::Clock;
use crate::http::{Answer, Post, Poster, Unsent};
use crate::model::Time;
use crate::schedule;
use crate::text;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::fmt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Columns of a server's own words in a message.
const WORDS: usize = 100;

/// A server that takes messages.
pub trait Service: fmt::Debug + Send + Sync {
    /// What is said for this alert.
    fn post(&self, alert: &Alert) -> Post;

    /// What an answer means.
    fn judge(&self, answer: &Answer, now: Time) -> Verdict;

    /// Host, for messages.
    fn host(&self) -> String;

    /// What must stand in no message, though a server might quote it.
    fn secrets(&self) -> Vec<String>;

    /// Whether the server knows a message that it is told twice.
    fn idempotent(&self) -> bool {
        false
    }
}

/// What a server's answer means for the message and for the place. Words are the server's, uncleaned.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Taken,
    /// Not now. `until` where the server said when.
    Later {
        until: Option<Time>,
        what: String,
    },
    /// Not this message.
    Refused {
        what: String,
    },
    /// No message, until somebody changes the configuration.
    Misconfigured {
        what: String,
    },
    /// Good by its status, but not an answer of this service.
    Strange {
        what: String,
    },
}

impl Verdict {
    /// What the status alone means, with the server's own words if it has any.
    pub(super) fn by_status(answer: &Answer, words: Option<&str>, now: Time) -> Self {
        let status = answer.status;
        let what = match words {
            Some(words) if !words.is_empty() => format!("answered {status}: {words}"),
            _ => format!("answered {status}"),
        };
        match status {
            200..=299 => Self::Taken,
            301 | 308 => Self::Misconfigured { what: format!("has moved ({status})") },
            300..=399 => Self::Refused { what: format!("redirects ({status}), which is not followed") },
            401 | 403 | 404 | 405 | 410 => Self::Misconfigured { what },
            408 | 425 | 429 | 500..=599 => {
                Self::Later { until: schedule::Limits::read(&answer.headers, now).retry, what }
            }
            _ => Self::Refused { what },
        }
    }

    /// Later, at the instant that the body names rather than the headers.
    pub(super) fn waiting(self, said: Option<Time>) -> Self {
        match self {
            Self::Later { until, what } => Self::Later { until: said.or(until), what },
            other => other,
        }
    }
}

/// How it went, and until when the place wants to hear nothing.
#[derive(Debug, PartialEq)]
pub(super) struct Sent {
    pub(super) result: Result<Delivered, Undelivered>,
    pub(super) quiet_until: Option<Time>,
}

/// Says it until it is taken: three times at most, with pauses that are bounded together, and not again
/// where it may have arrived.
pub(super) async fn send(
    service: &dyn Service,
    alert: &Alert,
    poster: &Poster,
    limits: &Limits,
    clock: Clock,
    cancel: &CancellationToken,
) -> Sent {
    let post = service.post(alert);
    let mut pause = limits.pause;
    let mut patience = limits.patience;
    let mut tries = 1;
    loop {
        let done = |result| Sent { result, quiet_until: None };
        let failed = |kind: fn(String) -> Undelivered, what: &str| done(Err(kind(one_line(service, what))));
        let (asked, what) = match poster.send(&post).await {
            Ok(answer) => match service.judge(&answer, clock.now()) {
                Verdict::Taken => return done(Ok(Delivered::Sent { tries })),
                Verdict::Refused { what } => return failed(Undelivered::Failed, &what),
                Verdict::Misconfigured { what } => return failed(Undelivered::Stopped, &what),
                Verdict::Strange { what } => return failed(Undelivered::Perhaps, &what),
                Verdict::Later { until, what } => (until, what),
            },
            Err(Unsent::Never(trouble)) => (None, trouble.to_string()),
            Err(Unsent::Perhaps(trouble)) if service.idempotent() => (None, trouble.to_string()),
            Err(Unsent::Perhaps(trouble)) => return failed(Undelivered::Perhaps, &trouble.to_string()),
        };
        let wait = asked.map_or(pause, |until| (until - clock.now()).to_std().unwrap_or_default().max(pause));
        if tries >= limits.tries || wait > patience {
            let Sent { result, .. } = failed(Undelivered::Failed, &what);
            return Sent { result, quiet_until: asked };
        }
        tokio::select! {
            () = cancel.cancelled() => return done(Err(Undelivered::Quit)),
            () = tokio::time::sleep(wait) => {}
        }
        tries += 1;
        patience = patience.saturating_sub(wait);
        pause = pause.saturating_mul(4);
    }
}

/// Host and what it said, in one line without secrets.
fn one_line(service: &dyn Service, what: &str) -> String {
    // Cleaned first: a secret that is quoted with something invisible in it would come together only then.
    let mut what = text::clean(what);
    let mut secrets = service.secrets();
    // A longer one may contain a shorter one.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        what = what.replace(secret.as_str(), "[secret]");
    }
    let what = text::cut(&what, WORDS);
    let host = service.host();
    if what.starts_with(&host) { what } else { format!("{host} {what}") }
}

/// A token without the blanks around it, if it can be one.
pub(super) fn token(secret: &SecretString, name: &'static str) -> Result<SecretString, BadPlace> {
    match secret.expose_secret().trim() {
        "" => Err(BadPlace::Missing(name)),
        token if token.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(SecretString::from(token)),
        _ => Err(BadPlace::Garbled(name)),
    }
}

/// JSON of what cannot fail to be JSON: structs of strings and numbers.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// At most `most` characters, the last one `…` where something was cut.
pub(super) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// At most `most` bytes, cut between characters.
pub(super) fn shorten_bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.len() + c.len_utf8() + '…'.len_utf8() > most {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Seconds from now, if they are a time at all.
pub(super) fn after(seconds: f64, now: Time) -> Option<Time> {
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    now.checked_add_signed(chrono::TimeDelta::from_std(wait).ok()?)
}
