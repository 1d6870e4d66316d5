//! What is said rather than asked: a body of JSON to an address that the user named.
//!
//! Addresses may be secrets themselves (webhooks), so nothing here prints more of one than its host.

use super::clients::Clients;
use super::{read_bounded, trouble};
use crate::exchange::{Headers, host_of, is_loopback};
use crate::model::Trouble;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;
use url::Url;

/// Largest answer read. Services answer a post with a line.
const LARGEST: u64 = 256_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Post,
    Put,
}

/// Who we are to the server.
#[derive(Debug, Clone)]
pub enum Authorization {
    Bearer(SecretString),
    Basic { user: String, password: SecretString },
}

/// One message to a server.
#[derive(Clone)]
pub struct Post {
    pub method: Method,
    pub url: Url,
    pub authorization: Option<Authorization>,
    /// JSON.
    pub body: String,
}

// Path, query and body may all hold a secret.
impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} to {}, {} bytes", self.method, host_of(&self.url), self.body.len())
    }
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unsent {
    /// Nothing reached the server: it may be tried again.
    #[error("{0}")]
    Never(Trouble),
    /// The server may have taken it all the same.
    #[error("{0}")]
    Perhaps(Trouble),
}

/// The way out for what is said. Redirects are not followed: nobody else gets to read it.
#[derive(Debug, Clone)]
pub struct Poster {
    clients: Clients,
    deadline: Duration,
    allow_http: Vec<String>,
}

impl Poster {
    /// `deadline` is from the first byte sent to the last byte read. Hosts in `allow_http` may be told without
    /// encryption, as this machine may.
    pub fn new(deadline: Duration, allow_http: Vec<String>) -> Result<Self, Trouble> {
        // Half of it for the connection: what fails there is known not to have arrived.
        Ok(Self { clients: Clients::new(deadline / 2)?, deadline, allow_http })
    }

    /// Says it, once.
    pub async fn send(&self, post: &Post) -> Result<Answer, Unsent> {
        let host = post.url.host_str().unwrap_or_default();
        let clear =
            is_loopback(&post.url) || self.allow_http.iter().any(|known| known.eq_ignore_ascii_case(host));
        if post.url.scheme() != "https" && !(post.url.scheme() == "http" && clear) {
            let what = format!("{} would be told in the clear", host_of(&post.url));
            return Err(Unsent::Never(Trouble::tls(what)));
        }
        match tokio::time::timeout(self.deadline, self.try_to(post)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Unsent::Perhaps(Trouble::unreachable(format!(
                "{} did not answer within {} s",
                host_of(&post.url),
                self.deadline.as_secs_f64()
            )))),
        }
    }

    async fn try_to(&self, post: &Post) -> Result<Answer, Unsent> {
        let client = self.clients.towards(&post.url);
        let mut request = match post.method {
            Method::Post => client.post(post.url.clone()),
            Method::Put => client.put(post.url.clone()),
        };
        request = request
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(post.body.clone());
        match &post.authorization {
            Some(Authorization::Bearer(token)) => {
                let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
                    .map_err(|_holds_the_token| Unsent::Never(Trouble::Unauthorized))?;
                value.set_sensitive(true);
                request = request.header(AUTHORIZATION, value);
            }
            Some(Authorization::Basic { user, password }) => {
                request = request.basic_auth(user, Some(password.expose_secret()));
            }
            None => {}
        }
        let mut response = request.send().await.map_err(|error| {
            let never = error.is_connect() || error.is_builder();
            let trouble = trouble(error, &post.url);
            if never { Unsent::Never(trouble) } else { Unsent::Perhaps(trouble) }
        })?;
        let status = response.status().as_u16();
        // The status is the answer; a body that is too long or breaks off takes nothing from it.
        let body = read_bounded(&mut response, &post.url, LARGEST).await.unwrap_or_default();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        Ok(Answer { status, headers: Headers::new(headers), body })
    }
}
