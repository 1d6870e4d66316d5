use super::{Service, Verdict, after, json, shorten};
use crate::deliver::{Address, Alert, rfc3339};
use crate::http::{Answer, Method, Post};
use crate::model::Time;
use serde::{Deserialize, Serialize};

// Characters that the service takes.
const CONTENT: usize = 2_000;
const DESCRIPTION: usize = 4_096;

/// A webhook of Discord.
#[derive(Debug)]
pub struct Discord {
    webhook: Address,
}

impl Discord {
    pub fn new(webhook: Address) -> Self {
        Self { webhook }
    }
}

#[derive(Serialize)]
struct Message<'a> {
    content: String,
    username: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    embeds: Vec<Embed<'a>>,
    allowed_mentions: Mentions,
}

#[derive(Serialize)]
struct Embed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    timestamp: String,
}

/// Nobody: an account that is called @everyone calls no one.
#[derive(Serialize)]
struct Mentions {
    parse: [&'static str; 0],
}

/// Strangers' words as they stand: no bold, no headings, and no links that say other than they do.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '#' | '[' | ']' | '(' | ')') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[derive(Deserialize)]
struct Said {
    /// Of the message that was made of it.
    id: Option<String>,
    message: Option<String>,
    /// Seconds, with decimals.
    retry_after: Option<f64>,
}

impl Service for Discord {
    fn post(&self, alert: &Alert) -> Post {
        let alert = alert.cleaned();
        let mut embeds = Vec::new();
        if !alert.body.is_empty() || alert.url.is_some() {
            embeds.push(Embed {
                // An address needs a title to hang on; its host says where it leads.
                title: alert.url.as_ref().and_then(url::Url::host_str),
                // Halved, since every character may need a backslash.
                description: escaped(&shorten(&alert.body, DESCRIPTION / 2)),
                url: alert.url.as_ref().map(url::Url::as_str),
                timestamp: rfc3339(alert.at),
            });
        }
        let body = json(&Message {
            content: escaped(&shorten(&alert.title, CONTENT / 2)),
            username: "cloutop",
            embeds,
            allowed_mentions: Mentions { parse: [] },
        });
        let mut url = self.webhook.url().clone();
        // The address may name a thread, which stays.
        let others = url.query_pairs().filter(|(name, _)| name != "wait");
        let others: Vec<(String, String)> =
            others.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        url.query_pairs_mut().clear().append_pair("wait", "true").extend_pairs(others);
        Post { method: Method::Post, url, authorization: None, body }
    }

    fn judge(&self, answer: &Answer, now: Time) -> Verdict {
        let said: Option<Said> = serde_json::from_slice(&answer.body).ok();
        let words = said.as_ref().and_then(|said| said.message.as_deref());
        let until = said.as_ref().and_then(|said| after(said.retry_after?, now));
        match Verdict::by_status(answer, words, now).waiting(until) {
            Verdict::Taken if answer.status != 204 && said.is_none_or(|said| said.id.is_none()) => {
                Verdict::Strange { what: "answers, but not as Discord does".to_owned() }
            }
            verdict => verdict,
        }
    }

    fn host(&self) -> String {
        self.webhook.host()
    }

    fn secrets(&self) -> Vec<String> {
        self.webhook.secrets()
    }
}
