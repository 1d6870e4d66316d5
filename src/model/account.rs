use super::Network;
use std::fmt;
use url::Url;

/// A person's row in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub i64);

/// A channel's row in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId(pub i64);

/// The network's own stable id of a post, repository, story or feed item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(pub String);

impl<T: Into<String>> From<T> for ItemId {
    fn from(id: T) -> Self {
        Self(id.into())
    }
}

/// One account on one network: what people call it, where it is read, and what never changes about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub network: Network,
    /// As shown and typed: `@ada@hachy.example`, `ada.bsky.social`, `adalind`, `https://ada.example/feed`.
    pub handle: String,
    /// Where the account lives, for networks without one central API.
    pub base: Option<Url>,
    /// The key of everything stored. Handles are renamed and re-used, this is not. Unknown until first read.
    pub stable: Option<String>,
    /// The id the API calls by, where that is not the stable one (Mastodon's number on its own host).
    pub native: Option<String>,
}

impl Account {
    pub fn new(network: Network, handle: impl Into<String>) -> Self {
        Self { network, handle: handle.into(), base: None, stable: None, native: None }
    }

    #[must_use]
    pub fn at(mut self, base: Url) -> Self {
        self.base = Some(base);
        self
    }

    #[must_use]
    pub fn known_as(mut self, stable: impl Into<String>) -> Self {
        self.stable = Some(stable.into());
        self
    }

    /// `network:handle`, the spelling that always parses back to this account.
    pub fn address(&self) -> String {
        format!("{}:{}", self.network, self.handle)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())
    }
}

/// Whether this can be a person's symbol: two to five capitals or digits, a capital first.
pub fn is_symbol(symbol: &str) -> bool {
    let length = symbol.chars().count();
    (2..=5).contains(&length)
        && symbol.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && symbol.starts_with(|c: char| c.is_ascii_uppercase())
}
