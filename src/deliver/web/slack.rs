use super::{Service, Verdict, json};
use crate::deliver::{Address, Alert};
use crate::http::{Answer, Method, Post};
use crate::model::Time;
use serde::Serialize;

/// An incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat).
#[derive(Debug)]
pub struct Slack {
    webhook: Address,
}

impl Slack {
    pub fn new(webhook: Address) -> Self {
        Self { webhook }
    }
}

#[derive(Serialize)]
struct Message {
    text: String,
}

/// `&`, `<` and `>` are all that means something: with them escaped, nobody is called by `<!channel>`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Service for Slack {
    fn post(&self, alert: &Alert) -> Post {
        let alert = alert.cleaned();
        let mut text = escaped(&alert.title);
        if !alert.body.is_empty() {
            text.push('\n');
            text.push_str(&escaped(&alert.body));
        }
        if let Some(url) = &alert.url {
            // A bar would end the address and begin the words.
            text.push_str(&format!("\n<{}|open>", escaped(url.as_str()).replace('|', "%7C")));
        }
        let url = self.webhook.url().clone();
        Post { method: Method::Post, url, authorization: None, body: json(&Message { text }) }
    }

    fn judge(&self, answer: &Answer, now: Time) -> Verdict {
        // `no_service`, `invalid_payload`: words of the service; anything else is a page of somebody's.
        let words = str::from_utf8(&answer.body).ok().map(str::trim);
        let words = words.filter(|words| words.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        match Verdict::by_status(answer, words, now) {
            Verdict::Taken if words != Some("ok") => {
                Verdict::Strange { what: "answers, but not as Slack does".to_owned() }
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
