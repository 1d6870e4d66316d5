//! Exchanging a name and a secret for a token, once, and not again until it ends.

use super::{Http, read_bounded, trouble};
use crate::exchange::{Grant, GrantStyle, KeyUse};
use crate::model::{Time, Trouble};
use chrono::TimeDelta;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Bytes of an answer that holds a token.
const LARGEST: u64 = 64_000;

/// A token is given up so long before it ends: the request is still to come.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// How long a token is used that does not say when it ends.
const UNTOLD: TimeDelta = TimeDelta::minutes(30);

/// Tokens by the name of the key they came from. They are kept in memory alone.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<String, (SecretString, Time)>>);

impl Tokens {
    fn get(&self, name: &str, now: Time) -> Option<SecretString> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(name).filter(|(_, until)| now < *until).map(|(token, _)| token.clone())
    }

    fn put(&self, name: &str, token: SecretString, until: Time) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), (token, until));
    }

    /// The server does not take it any more.
    pub(super) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// RFC 6749, section 5.1; a login names it `token`.
#[derive(Deserialize)]
struct Granted {
    access_token: Option<SecretString>,
    #[serde(alias = "accessJwt")]
    token: Option<SecretString>,
    expires_in: Option<i64>,
}

impl Http {
    /// The token of a key, and the headers with which it goes along. The key is `name:secret`.
    pub(super) async fn granted(
        &self,
        used: &KeyUse,
        grant: &Grant,
        key: &SecretString,
        now: Time,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Trouble> {
        let (name, secret) = key.expose_secret().split_once(':').ok_or(Trouble::Unauthorized)?;
        let token = if let Some(token) = self.tokens.get(&used.name, now) {
            token
        } else {
            let (token, until) = self.exchange(grant, name, secret, now).await?;
            self.tokens.put(&used.name, token.clone(), until);
            token
        };
        let mut headers = vec![(AUTHORIZATION, secret_value(&format!("Bearer {}", token.expose_secret()))?)];
        if let Some(header) = grant.named_in {
            headers.push((HeaderName::from_static(header), secret_value(name)?));
        }
        Ok(headers)
    }

    async fn exchange(
        &self,
        grant: &Grant,
        name: &str,
        secret: &str,
        now: Time,
    ) -> Result<(SecretString, Time), Trouble> {
        self.allowed(&grant.at, &grant.at)?;
        let request = self.clients.towards(&grant.at).post(grant.at.clone());
        let request = match grant.style {
            GrantStyle::Basic => {
                request.basic_auth(name, Some(secret)).form(&[("grant_type", "client_credentials")])
            }
            GrantStyle::Form => request.form(&[
                ("client_id", name),
                ("client_secret", secret),
                ("grant_type", "client_credentials"),
            ]),
            GrantStyle::Session => {
                request.json(&serde_json::json!({ "identifier": name, "password": secret }))
            }
            GrantStyle::Login => request.json(&serde_json::json!({ "username": name, "password": secret })),
        };
        let mut response = request.send().await.map_err(|error| trouble(error, &grant.at))?;
        let status = response.status().as_u16();
        match status {
            200..300 => {}
            400 | 401 | 403 => return Err(Trouble::Unauthorized),
            429 => return Err(Trouble::RateLimited { until: None }),
            _ => return Err(Trouble::Server { status, until: None }),
        }
        let body = read_bounded(&mut response, &grant.at, LARGEST).await?;
        // The parser's own message would quote the token.
        let none = || Trouble::malformed("the answer holds no token");
        let granted: Granted = serde_json::from_slice(&body).map_err(|_quotes_the_token| none())?;
        let token = granted.access_token.or(granted.token).ok_or_else(none)?;
        let lasts = granted.expires_in.and_then(TimeDelta::try_seconds).unwrap_or(UNTOLD);
        Ok((token, now + (lasts.min(TimeDelta::days(30)) - MARGIN)))
    }
}

/// A header that no log shows.
pub(super) fn secret_value(text: &str) -> Result<HeaderValue, Trouble> {
    let mut value = HeaderValue::try_from(text).map_err(|_holds_the_key| Trouble::Unauthorized)?;
    value.set_sensitive(true);
    Ok(value)
}
