use super::{Service, Verdict};
use crate::deliver::{Address, Alert, BadPlace, document};
use crate::http::{Answer, Authorization, Method, Post};
use crate::model::Time;
use secrecy::{ExposeSecret, SecretString};

/// Any server of the user's: it is told [`document`]. Its words are never quoted, only its status.
#[derive(Debug)]
pub struct Webhook {
    address: Address,
    token: Option<SecretString>,
}

impl Webhook {
    /// `token` is sent as a bearer token.
    pub fn new(address: Address, token: Option<&SecretString>) -> Result<Self, BadPlace> {
        Ok(Self { address, token: token.map(|token| super::token(token, "token")).transpose()? })
    }
}

impl Service for Webhook {
    fn post(&self, alert: &Alert) -> Post {
        let authorization = self.token.clone().map(Authorization::Bearer);
        Post { method: Method::Post, url: self.address.url().clone(), authorization, body: document(alert) }
    }

    fn judge(&self, answer: &Answer, now: Time) -> Verdict {
        Verdict::by_status(answer, None, now)
    }

    fn host(&self) -> String {
        self.address.host()
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = self.address.secrets();
        secrets.extend(self.token.as_ref().map(|token| token.expose_secret().to_owned()));
        secrets
    }
}
