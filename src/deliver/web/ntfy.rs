use super::{Service, Verdict, json, shorten_bytes, token};
use crate::deliver::{Address, Alert, BadPlace};
use crate::http::{Answer, Authorization, Method, Post};
use crate::model::Time;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Bytes beyond which a message becomes an attachment.
const LONGEST: usize = 4_096;

/// ntfy: JSON goes to the server's root address. The topic is as good as a password.
#[derive(Debug)]
pub struct Ntfy {
    server: Address,
    topic: SecretString,
    authorization: Option<Authorization>,
}

impl Ntfy {
    /// `server` is `https://ntfy.sh/` or one's own; of its address only the root is used.
    pub fn new(
        server: Address,
        topic: &SecretString,
        authorization: Option<Authorization>,
    ) -> Result<Self, BadPlace> {
        let authorization = match authorization {
            Some(Authorization::Bearer(secret)) => Some(Authorization::Bearer(token(&secret, "token")?)),
            other => other,
        };
        Ok(Self { server, topic: token(topic, "topic")?, authorization })
    }
}

#[derive(Serialize)]
struct Message<'a> {
    topic: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    message: String,
    priority: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<&'a str>,
}

#[derive(Deserialize)]
struct Said {
    id: Option<String>,
    error: Option<String>,
}

impl Service for Ntfy {
    fn post(&self, alert: &Alert) -> Post {
        let alert = alert.cleaned();
        // An empty message would be shown as "triggered".
        let (title, message) = match alert.body.as_str() {
            "" => (None, &alert.title),
            _ => (Some(alert.title.as_str()), &alert.body),
        };
        let tags = match (alert.kind.as_str(), alert.points) {
            ("halt" | "gap", _) => vec!["warning"],
            (_, Some(points)) if points < 0.0 => vec!["chart_with_downwards_trend"],
            (_, Some(_)) => vec!["chart_with_upwards_trend"],
            (_, None) => Vec::new(),
        };
        let body = json(&Message {
            topic: self.topic.expose_secret(),
            title,
            message: shorten_bytes(message, LONGEST),
            priority: 3,
            tags,
            click: alert.url.as_ref().map(url::Url::as_str),
        });
        let mut url = self.server.url().clone();
        // Below the root, at a topic's own address, JSON would be shown as it is.
        url.set_path("/");
        url.set_query(None);
        Post { method: Method::Post, url, authorization: self.authorization.clone(), body }
    }

    fn judge(&self, answer: &Answer, now: Time) -> Verdict {
        let said: Option<Said> = serde_json::from_slice(&answer.body).ok();
        match (Verdict::by_status(answer, said.as_ref().and_then(|said| said.error.as_deref()), now), said) {
            (Verdict::Taken, Some(Said { id: Some(_), .. })) => Verdict::Taken,
            (Verdict::Taken, _) => Verdict::Strange { what: "answers, but not as ntfy does".to_owned() },
            (verdict, _) => verdict,
        }
    }

    fn host(&self) -> String {
        self.server.host()
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![self.topic.expose_secret().to_owned()];
        secrets.extend(self.authorization.as_ref().map(|authorization| match authorization {
            Authorization::Bearer(token) => token.expose_secret().to_owned(),
            Authorization::Basic { password, .. } => password.expose_secret().to_owned(),
        }));
        secrets
    }
}
