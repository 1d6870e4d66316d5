//! What is said to a server and what comes back: plain data, no I/O.

use crate::model::{Money, Time, Validator};
use serde::de::DeserializeOwned;
use url::Url;

/// A question to a server. Reading only: a body is there for APIs that want their question in one.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub url: Url,
    pub stage: Stage,
    pub accept: Accept,
    /// With a body it is a POST, without one a GET.
    pub body: Option<Body>,
    /// The key to send along, if the user has one by that name.
    pub key: Option<KeyUse>,
    /// Further headers, none of them secret.
    pub headers: Vec<(&'static str, String)>,
    /// Whether "not modified" is an answer the channel can use.
    pub conditional: bool,
    pub validator: Validator,
    /// The most that the answer can cost the user.
    pub price: Money,
}

impl Request {
    pub fn json(url: Url, stage: Stage) -> Self {
        Self {
            url,
            stage,
            accept: Accept::Json,
            body: None,
            key: None,
            headers: Vec::new(),
            conditional: false,
            validator: Validator::default(),
            price: Money::ZERO,
        }
    }

    #[must_use]
    pub fn accepting(mut self, accept: Accept) -> Self {
        self.accept = accept;
        self
    }

    /// Asks with this body, by POST.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends a key along as `Authorization: Bearer`.
    #[must_use]
    pub fn with_key(self, name: impl Into<String>) -> Self {
        self.with_key_as(name, Place::Bearer)
    }

    /// Sends a key along where this API looks for it.
    #[must_use]
    pub fn with_key_as(mut self, name: impl Into<String>, place: Place) -> Self {
        self.key = Some(KeyUse { name: name.into(), place });
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer costs money, and this much at most.
    #[must_use]
    pub fn costing(mut self, most: Money) -> Self {
        self.price = most;
        self
    }

    #[must_use]
    pub fn conditional(mut self) -> Self {
        self.conditional = true;
        self
    }
}

/// A question that does not go into the address.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Json(serde_json::Value),
    Form(Vec<(&'static str, String)>),
}

/// Which key goes along, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyUse {
    /// A network's id, or `network@host` where every host has its own.
    pub name: String,
    pub place: Place,
}

/// Where an API looks for a key. It is put there at the last moment, so that no address, log or error holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `Authorization: WORD KEY`.
    Scheme(&'static str),
    /// A header of the API's own.
    Header(&'static str),
    /// A header that the user has named.
    Named(String),
    /// A parameter of the address.
    Query(&'static str),
    /// A field of a form: the body must be one.
    Field(&'static str),
    /// The key is `name:secret`, which is exchanged for a token that goes along as `Authorization: Bearer`.
    Grant(Grant),
}

/// How a name and a secret become a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub at: Url,
    pub style: GrantStyle,
    /// The header in which the API wants the name beside the token.
    pub named_in: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantStyle {
    /// RFC 6749, section 4.4, name and secret as HTTP Basic (section 2.3.1).
    Basic,
    /// The same with name and secret as fields of the form.
    Form,
    /// A login by JSON: `{"username", "password"}` in, `{"token"}` out.
    Login,
    /// AT Protocol's: `{"identifier", "password"}` in, `{"accessJwt"}` out.
    Session,
}

/// Which question of a poll this is, so that the answer is read as the right thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Where does this handle live?
    Home,
    Profile,
    /// Where else is the account's owner to be found?
    Links,
    /// The newest items.
    Posts,
    /// A further page of items.
    Older,
    /// Counters of items known by name.
    Refresh,
    /// Single comments with their own time.
    Comments,
    /// Comments on one item, to count them.
    Count,
    /// Who is behind what an item received.
    Actors,
    /// A page on somebody else's site.
    Elsewhere,
}

impl Stage {
    /// Whether a poll stands without the answer. Profile and posts are read by then: what fails now comes another
    /// time.
    pub fn is_optional(self) -> bool {
        match self {
            Self::Home | Self::Profile | Self::Posts | Self::Older => false,
            Self::Links | Self::Refresh | Self::Comments | Self::Count | Self::Actors | Self::Elsewhere => {
                true
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    Json,
    /// A media type of the server's own.
    Type(&'static str),
    /// Feeds first, pages if need be.
    Feed,
}

impl Accept {
    pub fn header(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Type(media_type) => media_type,
            Self::Feed => {
                "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
                 text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.1"
            }
        }
    }
}

/// Response headers; names compare without case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    pub fn new(headers: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.trim()))
    }

    /// The target of a `Link` header with this relation.
    pub fn link(&self, relation: &str) -> Option<&str> {
        self.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link")).find_map(|(_, value)| {
            value.split(',').find_map(|link| {
                let (target, parameters) = link.split_once(';')?;
                let named = parameters.split(';').any(|parameter| {
                    parameter.trim().strip_prefix("rel=").is_some_and(|rel| {
                        rel.trim_matches('"').split_ascii_whitespace().any(|rel| rel == relation)
                    })
                });
                named.then(|| target.trim().trim_start_matches('<').trim_end_matches('>'))
            })
        })
    }
}

/// A server's answer, its body decompressed and bounded.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub stage: Stage,
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// Where the answer came from, after redirects.
    pub url: Url,
    /// The address moved for good: every redirect on the way was permanent, and there was one.
    pub moved: bool,
    pub at: Time,
    /// Whether the request carried a key.
    pub keyed: bool,
}

impl Reply {
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn not_modified(&self) -> bool {
        self.status == 304
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// Whether the body is a page for people rather than data: an error page, a login, a bot check.
    pub fn is_page(&self) -> bool {
        let declared = self.headers.get("content-type").is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.starts_with("text/html") || kind.starts_with("application/xhtml")
        });
        let start = &self.body[..self.body.len().min(512)];
        let start =
            String::from_utf8_lossy(start).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
        declared || start.starts_with("<!doctype html") || start.starts_with("<html")
    }

    pub fn validator(&self) -> Validator {
        Validator {
            etag: self.headers.get("etag").map(str::to_owned),
            modified: self.headers.get("last-modified").map(str::to_owned),
        }
    }
}

/// Whether an address is this machine: such hosts may be asked without TLS and as often as one likes.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `host` or `host:port`, the name under which a server's budget is kept.
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_headers_are_found_by_relation() {
        let headers = Headers::new([(
            "Link",
            "<https://a.example/s?max_id=7>; rel=\"next\", <https://a.example/s?min_id=9>; rel=\"prev\"",
        )]);
        assert_eq!(headers.link("next"), Some("https://a.example/s?max_id=7"));
        assert_eq!(headers.link("prev"), Some("https://a.example/s?min_id=9"));
        assert_eq!(headers.link("last"), None);
    }

    #[test]
    fn loopback_is_this_machine_only() {
        let loopback = |url: &str| is_loopback(&Url::parse(url).unwrap());
        for url in
            ["http://127.0.0.1:2584", "http://localhost:8081/x", "http://[::1]:1/", "http://a.localhost"]
        {
            assert!(loopback(url), "{url}");
        }
        for url in ["http://10.0.0.1", "http://localhost.example.org", "http://127.0.0.1.example.org"] {
            assert!(!loopback(url), "{url}");
        }
    }
}
