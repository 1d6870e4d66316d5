use super::{Service, Verdict, after, json};
use crate::deliver::{Address, Alert, BadPlace, fingerprint};
use crate::http::{Answer, Authorization, Method, Post};
use crate::model::Time;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;

/// A room of Matrix, unencrypted: in an encrypted one plain messages are shown as untrusted.
///
/// The transaction's name comes from the alert's key, so a message that is said twice is one message.
#[derive(Debug)]
pub struct Matrix {
    homeserver: Address,
    token: SecretString,
    room: String,
}

impl Matrix {
    /// `room` is the id (`!abc:server.example`), not an alias.
    pub fn new(homeserver: Address, token: &SecretString, room: String) -> Result<Self, BadPlace> {
        if !room.starts_with('!') || room.len() < 2 || room.chars().any(char::is_whitespace) {
            return Err(BadPlace::NoRoom);
        }
        Ok(Self { homeserver, token: super::token(token, "token")?, room })
    }
}

#[derive(Serialize)]
struct Message {
    msgtype: &'static str,
    body: String,
    format: &'static str,
    formatted_body: String,
    #[serde(rename = "m.mentions")]
    mentions: Mentions,
}

/// Nobody: without it, the words @room in a title would call the whole room.
#[derive(Serialize)]
struct Mentions {}

#[derive(Deserialize)]
struct Said {
    event_id: Option<String>,
    errcode: Option<String>,
    retry_after_ms: Option<f64>,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Service for Matrix {
    fn post(&self, alert: &Alert) -> Post {
        let alert = alert.cleaned();
        let mut body = alert.title.clone();
        let mut formatted_body = format!("<b>{}</b>", escaped(&alert.title));
        if !alert.body.is_empty() {
            body.push_str(&format!("\n{}", alert.body));
            formatted_body.push_str(&format!("<br>{}", escaped(&alert.body).replace('\n', "<br>")));
        }
        if let Some(link) = &alert.url {
            body.push_str(&format!("\n{link}"));
            formatted_body.push_str(&format!("<br><a href=\"{}\">open</a>", escaped(link.as_str())));
        }
        let room: String = byte_serialize(self.room.as_bytes()).collect();
        let mut url = self.homeserver.url().clone();
        url.set_path(&format!(
            "/_matrix/client/v3/rooms/{room}/send/m.room.message/cloutop-{:032x}",
            fingerprint(&alert.key)
        ));
        let mentions = Mentions {};
        let format = "org.matrix.custom.html";
        let body = json(&Message { msgtype: "m.notice", body, format, formatted_body, mentions });
        let authorization = Some(Authorization::Bearer(self.token.clone()));
        Post { method: Method::Put, url, authorization, body }
    }

    fn judge(&self, answer: &Answer, now: Time) -> Verdict {
        let said: Option<Said> = serde_json::from_slice(&answer.body).ok();
        let words = said.as_ref().and_then(|said| said.errcode.as_deref());
        let until = said.as_ref().and_then(|said| after(said.retry_after_ms? / 1e3, now));
        match Verdict::by_status(answer, words, now).waiting(until) {
            Verdict::Taken if said.is_none_or(|said| said.event_id.is_none()) => {
                Verdict::Strange { what: "answers, but not as Matrix does".to_owned() }
            }
            verdict => verdict,
        }
    }

    fn host(&self) -> String {
        self.homeserver.host()
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.token.expose_secret().to_owned()]
    }

    fn idempotent(&self) -> bool {
        true
    }
}
