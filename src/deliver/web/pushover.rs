use super::{Service, Verdict, json, shorten};
use crate::deliver::{Address, Alert, BadPlace};
use crate::http::{Answer, Method, Post};
use crate::model::Time;
use crate::schedule;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

// Characters that the service takes; it refuses what is longer.
const MESSAGE: usize = 1_024;
const TITLE: usize = 250;
const URL: usize = 512;

/// Pushover. Its refusals are never tried again: who insists is shut out.
#[derive(Debug)]
pub struct Pushover {
    api: Address,
    token: SecretString,
    user: SecretString,
    priority: i8,
}

impl Pushover {
    /// `priority` from -2 (silent) to 1; 2 would want an acknowledgement and is taken as 1. `api` is where
    /// the service is, `https://api.pushover.net/`.
    pub fn new(
        api: Address,
        token: &SecretString,
        user: &SecretString,
        priority: i8,
    ) -> Result<Self, BadPlace> {
        let (token, user) = (super::token(token, "token")?, super::token(user, "user")?);
        Ok(Self { api, token, user, priority: priority.clamp(-2, 1) })
    }
}

#[derive(Serialize)]
struct Message<'a> {
    token: &'a str,
    user: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    priority: i8,
    /// Unix seconds.
    timestamp: i64,
}

#[derive(Deserialize)]
struct Said {
    status: Option<i64>,
    user: Option<String>,
    token: Option<String>,
    #[serde(default)]
    errors: Vec<String>,
}

impl Service for Pushover {
    fn post(&self, alert: &Alert) -> Post {
        let alert = alert.cleaned();
        let (title, message) = match alert.body.as_str() {
            // A message must not be empty.
            "" => (None, &alert.title),
            _ => (Some(shorten(&alert.title, TITLE)), &alert.body),
        };
        let body = json(&Message {
            token: self.token.expose_secret(),
            user: self.user.expose_secret(),
            message: shorten(message, MESSAGE),
            title,
            // An address that is cut leads nowhere.
            url: alert.url.as_ref().map(url::Url::as_str).filter(|url| url.len() <= URL),
            priority: self.priority,
            timestamp: alert.at.timestamp(),
        });
        let mut url = self.api.url().clone();
        url.set_path("/1/messages.json");
        Post { method: Method::Post, url, authorization: None, body }
    }

    fn judge(&self, answer: &Answer, now: Time) -> Verdict {
        let said: Option<Said> = serde_json::from_slice(&answer.body).ok();
        let words = said.as_ref().map(|said| said.errors.join(", "));
        let invalid = said.as_ref().is_some_and(|said| {
            [&said.user, &said.token].into_iter().any(|word| word.as_deref() == Some("invalid"))
        });
        match Verdict::by_status(answer, words.as_deref(), now) {
            Verdict::Taken if said.is_some_and(|said| said.status == Some(1)) => Verdict::Taken,
            Verdict::Taken => Verdict::Strange { what: "answers, but not as Pushover does".to_owned() },
            // The month's allowance is used up; the headers say when the next one begins.
            Verdict::Later { until, what } if answer.status == 429 => {
                let reset = schedule::Limits::read(&answer.headers, now).reset;
                Verdict::Later { until: until.or(reset), what }
            }
            Verdict::Later { what, .. } if answer.status < 500 => Verdict::Refused { what },
            Verdict::Refused { what } if invalid => Verdict::Misconfigured { what },
            verdict => verdict,
        }
    }

    fn host(&self) -> String {
        self.api.host()
    }

    fn secrets(&self) -> Vec<String> {
        [&self.token, &self.user].map(|secret| secret.expose_secret().to_owned()).to_vec()
    }
}
