//! The only door out.
//!
//! Reading, but for [`Post`], by which alerts go to places that the user named. Bodies are bounded after decompression, every request has a deadline, redirects are
//! followed by hand so that keys never reach another host and nobody is led from the open web onto this
//! machine or into the clear. Addresses in errors and logs have no query: keys could stand there.

mod clients;
mod grant;
mod post;
mod stream;

pub use post::{Answer, Authorization, Method, Post, Poster, Unsent};
pub use stream::Stream;

use crate::config::Keys;
use crate::exchange::{Body, Headers, KeyUse, Place, Reply, Request, host_of, is_loopback};
use crate::model::{Time, Trouble};
use crate::text;
use clients::Clients;
use grant::{Tokens, secret_value};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION,
};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;
use url::Url;

/// Largest body read, decompressed.
pub const LARGEST: u64 = 8_000_000;

/// From the first byte asked to the last byte read, redirects included.
const DEADLINE: Duration = Duration::from_secs(30);

const CONNECT: Duration = Duration::from_secs(10);

const REDIRECTS: usize = 5;

/// Something that answers requests: the network, or the demo's own little world.
pub trait Fetch: Send + Sync + 'static {
    fn fetch(&self, request: Request, now: Time) -> impl Future<Output = Result<Reply, Trouble>> + Send;

    /// Whether the user has a key by this name.
    fn has_key(&self, name: &str) -> bool;
}

/// The real network.
#[derive(Debug)]
pub struct Http {
    clients: Clients,
    keys: Keys,
    tokens: Tokens,
    allow_http: Vec<String>,
    deadline: Duration,
}

impl Http {
    /// `allow_http` names hosts beside this machine that may be read without encryption.
    pub fn new(keys: Keys, allow_http: Vec<String>) -> Result<Self, Trouble> {
        Ok(Self {
            clients: Clients::new(CONNECT)?,
            keys,
            tokens: Tokens::default(),
            allow_http,
            deadline: DEADLINE,
        })
    }

    /// Replaces the deadline of 30 seconds.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    async fn ask(&self, request: Request, now: Time) -> Result<Reply, Trouble> {
        let mut url = request.url.clone();
        let mut permanent = true;
        for hop in 0..=REDIRECTS {
            self.allowed(&url, &request.url)?;
            let same_host = host_of(&url) == host_of(&request.url) && url.scheme() == request.url.scheme();
            let used = request.key.as_ref().filter(|_| same_host);
            let key = used.and_then(|used| Some((used, self.keys.get(&used.name)?)));
            let keyed = key.is_some();
            let outgoing = self.outgoing(&request, &url, key, now).await?;
            let mut response = outgoing.send().await.map_err(|error| trouble(error, &url))?;
            let status = response.status().as_u16();
            if status == 401
                && let Some((used, _)) = key
            {
                // The next question gets a new one, if it is a token that has ended before its time.
                self.tokens.forget(&used.name);
            }
            if matches!(status, 301 | 302 | 303 | 307 | 308)
                && let Some(next) = location(&response, &url)
            {
                permanent &= matches!(status, 301 | 308);
                url = without_key(next, &request);
                continue;
            }
            let body = read_bounded(&mut response, &url, LARGEST).await?;
            let headers = response
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
            return Ok(Reply {
                stage: request.stage,
                status,
                headers: Headers::new(headers),
                body,
                moved: hop > 0 && permanent,
                url,
                at: now,
                keyed,
            });
        }
        Err(Trouble::malformed("the server redirects in circles"))
    }

    /// The request with its body and its key. The key is put in here and nowhere else: what is told of the request
    /// afterwards does not hold it.
    async fn outgoing(
        &self,
        request: &Request,
        url: &Url,
        key: Option<(&KeyUse, &SecretString)>,
        now: Time,
    ) -> Result<reqwest::RequestBuilder, Trouble> {
        let mut url = url.clone();
        let mut form: Vec<(&str, &str)> = Vec::new();
        let mut secret: Vec<(HeaderName, HeaderValue)> = Vec::new();
        if let Some((used, key)) = key {
            let word = key.expose_secret();
            match &used.place {
                Place::Bearer => secret.push((AUTHORIZATION, secret_value(&format!("Bearer {word}"))?)),
                Place::Scheme(scheme) => {
                    secret.push((AUTHORIZATION, secret_value(&format!("{scheme} {word}"))?));
                }
                Place::Header(name) => secret.push((HeaderName::from_static(name), secret_value(word)?)),
                Place::Named(name) => {
                    let name = HeaderName::try_from(name.as_str());
                    let name =
                        name.map_err(|_said_below| Trouble::malformed("the key's header has no name"))?;
                    secret.push((name, secret_value(word)?));
                }
                Place::Query(name) => {
                    url.query_pairs_mut().append_pair(name, word);
                }
                Place::Field(name) => form.push((name, word)),
                Place::Grant(grant) => secret = self.granted(used, grant, key, now).await?,
            }
        }
        let client = self.clients.towards(&url);
        let mut outgoing = if request.body.is_some() { client.post(url) } else { client.get(url) };
        outgoing = outgoing.headers(headers(request));
        for (name, value) in secret {
            outgoing = outgoing.header(name, value);
        }
        Ok(match &request.body {
            Some(Body::Json(json)) => outgoing.json(json),
            Some(Body::Form(fields)) => {
                form.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
                outgoing.form(&form)
            }
            None => outgoing,
        })
    }

    /// Whether an address may be asked, having set out for `asked`.
    fn allowed(&self, url: &Url, asked: &Url) -> Result<(), Trouble> {
        let host = url.host_str().unwrap_or_default();
        let in_the_clear = url.scheme() == "http"
            && !is_loopback(url)
            && !self.allow_http.iter().any(|allowed| allowed == host);
        if in_the_clear {
            return Err(Trouble::tls(format!("{host} offers no encryption")));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Trouble::malformed("the server redirects to something that is not the web"));
        }
        if is_loopback(url) && !is_loopback(asked) {
            return Err(Trouble::malformed("the server redirects onto this machine"));
        }
        Ok(())
    }
}

impl Fetch for Http {
    async fn fetch(&self, request: Request, now: Time) -> Result<Reply, Trouble> {
        let host = host_of(&request.url);
        match tokio::time::timeout(self.deadline, self.ask(request, now)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Trouble::unreachable(format!(
                "{host} did not finish its answer within {} s",
                self.deadline.as_secs()
            ))),
        }
    }

    fn has_key(&self, name: &str) -> bool {
        self.keys.has(name)
    }
}

/// A redirect may repeat the address that was asked, with the key in it.
fn without_key(mut url: Url, request: &Request) -> Url {
    let Some(KeyUse { place: Place::Query(name), .. }) = &request.key else { return url };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if pairs.iter().any(|(known, _)| known == name) {
        url.set_query(None);
        let rest: Vec<_> = pairs.into_iter().filter(|(known, _)| known != name).collect();
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
    }
    url
}

fn headers(request: &Request) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(request.accept.header()));
    for (name, value) in &request.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if request.conditional {
        let mut validate = |name, value: &Option<String>| {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        };
        validate(IF_NONE_MATCH, &request.validator.etag);
        validate(IF_MODIFIED_SINCE, &request.validator.modified);
    }
    headers
}

fn location(response: &reqwest::Response, from: &Url) -> Option<Url> {
    from.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()
}

/// The body, decompressed, of at most `limit` bytes.
async fn read_bounded(response: &mut reqwest::Response, url: &Url, limit: u64) -> Result<Vec<u8>, Trouble> {
    let too_large = Trouble::TooLarge { limit };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| trouble(error, url))? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What went wrong below HTTP.
fn trouble(error: reqwest::Error, url: &Url) -> Trouble {
    let sent = !error.is_connect() && !error.is_builder();
    in_words(error, url).of_a_question(sent)
}

fn in_words(error: reqwest::Error, url: &Url) -> Trouble {
    let host = host_of(url);
    let error = error.without_url();
    let mut source: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Trouble::tls(text::cut(&text::clean(&format!("{host}: {tls}")), 120));
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            let known = match io.kind() {
                ErrorKind::ConnectionRefused => Some(format!("{host} refuses the connection")),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
                    Some(format!("{host} broke off the connection"))
                }
                ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => {
                    Some(format!("no network to {host}"))
                }
                ErrorKind::TimedOut => Some(format!("{host} does not answer")),
                _ => None,
            };
            if let Some(what) = known {
                return Trouble::unreachable(what);
            }
            // What an I/O error wraps is not among its sources.
            if let Some(inner) = io.get_ref() {
                source = Some(inner);
                continue;
            }
        }
        source = cause.source();
    }
    let chain = chain(&error);
    if error.is_timeout() {
        return Trouble::unreachable(format!("{host} does not answer"));
    }
    if chain.contains("dns error") {
        return Trouble::unreachable(format!("the name {host} cannot be found"));
    }
    if error.is_decode() {
        return Trouble::malformed("the compressed reply is damaged");
    }
    if error.is_body() || chain.contains("connection closed before message completed") {
        return Trouble::unreachable(format!("{host} broke off its answer"));
    }
    Trouble::unreachable(text::cut(&text::clean(&format!("{host}: {chain}")), 120))
}

fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    /// What becomes of being led from one address to another.
    fn led(from: &str, to: &str) -> Result<(), Reason> {
        let http = Http::new(Keys::default(), vec!["blog.lan".to_owned()]).unwrap();
        let url = |text| Url::parse(text).unwrap();
        http.allowed(&url(to), &url(from)).map_err(|trouble| trouble.reason())
    }

    #[test]
    fn nobody_is_led_onto_this_machine_or_into_the_clear() {
        assert_eq!(led("https://a.example/", "https://b.example/x"), Ok(()));
        for here in ["http://127.0.0.1:9/", "https://localhost/", "https://[::1]/", "http://127.1/"] {
            assert_eq!(led("https://a.example/", here), Err(Reason::Malformed), "{here}");
        }
        assert_eq!(led("http://127.0.0.1:1/", "http://127.0.0.1:2/"), Ok(()));
        assert_eq!(led("https://a.example/", "http://a.example/"), Err(Reason::Tls));
        assert_eq!(led("https://a.example/", "http://blog.lan/"), Ok(()));
        assert_eq!(led("https://a.example/", "ftp://a.example/"), Err(Reason::Malformed));
    }
}
