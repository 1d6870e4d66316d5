//! Any address that answers with JSON, as the user's configuration describes it.
//!
//! A [`Definition`] says where to ask, which header carries the key, and by `JSONPath` expressions (RFC 9535) where the
//! numbers are: one for the audience, and one for the posts with further ones relative to each. It is checked when
//! the configuration is read, and travels with the poll ([`Progress::definition`]). One poll is one request.

mod expression;
mod value;

pub use expression::{BadExpression, Expression};

use super::{Channel, Progress, Step, Typed, ask, decode};
use crate::exchange::{Place, Reply};
use crate::model::{
    Account, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Time, Trouble, Word, Words,
};
use crate::text;
use serde_json::Value;
use url::Url;
pub(super) use value::number;
use value::{id, instant, words};

pub(super) static CHANNEL: Custom = Custom;

static SPEC: NetworkSpec = NetworkSpec {
    id: "custom",
    code: "CUS",
    name: "custom",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: Some(Word::new("reshare", "reshares", "RESH")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: Some(Word::new("quote", "quotes", "QUOT")),
        view: Some(Word::new("view", "views", "VIEW")),
        audience: Some("audience"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(30, 5),
    key: KeyNeed::Useful(
        "name the header under [custom.NAME] and put the key into keys.toml as \"custom@NAME\"",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "the name of a [custom.NAME] table in the configuration",
    facts: Facts {
        reads: &[
            "the address under [custom.NAME]: the audience number, and the posts with their counters, where the \
             JSONPath expressions (RFC 9535) of the table lead",
        ],
        cost: "1 request",
        limits: "an interval below 5 minutes is not possible; Retry-After is kept",
        unknown: &[
            "further pages: what is not in the one reply is not read",
            "which posts were deleted: a post that is no longer in the reply keeps what it had",
            "how large an audience is typical: it moves the score once [model.networks.custom] says phi",
        ],
    },
    // Nobody is asked there: without a definition nothing begins.
    api: Some("https://custom.invalid/"),
};

/// Posts read of one reply at most, in the order of the reply.
const MOST_POSTS: usize = 1_000;

/// What the configuration says about one such channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub url: Url,
    /// The header for the key named `custom@NAME`, in small letters.
    pub header: Option<String>,
    /// Leads to one number.
    pub audience: Option<Expression>,
    pub listing: Option<Listing>,
}

/// Where the posts are, and relative to each of them what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    pub posts: Expression,
    pub id: Expression,
    pub title: Option<Expression>,
    pub link: Option<Expression>,
    pub published: Option<Expression>,
    pub counts: Vec<(Metric, Expression)>,
}

/// The name under which the key of a custom channel is kept.
pub(super) fn key_name(account: &Account) -> String {
    format!("{}@{}", account.network, account.handle)
}

/// Whether this can be the name of a custom channel, or of one that is read by hand.
pub(super) fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'-'))
}

pub(super) struct Custom;

impl Channel for Custom {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let name = typed.text.to_ascii_lowercase();
        (typed.named && is_name(&name)).then(|| Account::new(self.network(), name))
    }

    fn page(&self, _account: &Account) -> Option<String> {
        None
    }

    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        let header = match &progress.definition {
            None => {
                let name = &progress.account().handle;
                return Err(Trouble::malformed(format!("there is no [custom.{name}] in the configuration")));
            }
            Some(definition) => definition.header.clone(),
        };
        if header.is_some() && !progress.has_key {
            return Err(Trouble::KeyNeeded);
        }
        let request = self.request(progress);
        Ok(ask(match header {
            Some(header) => request.with_key_as(key_name(progress.account()), Place::Named(header)),
            None => request,
        }))
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        let body: Value = decode(reply).map_err(|trouble| match trouble {
            Trouble::NotFound => progress.missing(),
            other => other,
        })?;
        let Some(definition) = progress.definition.clone() else { return Ok(progress.done()) };
        // What it is called in the configuration is all that never changes about it.
        progress.seen.account.stable = Some(progress.account().handle.clone());
        let audience = definition.audience.as_ref().and_then(|path| number(path.first(&body)?));
        progress.figure(Figure::Followers, audience);
        let posts =
            definition.listing.as_ref().map(|listing| (listing, listing.posts.all(&body, MOST_POSTS)));
        // An error told with status 200 holds nothing of what is looked for.
        if audience.is_none() && posts.as_ref().is_none_or(|(_, posts)| posts.is_empty()) {
            return Err(Trouble::malformed("no expression of the configuration leads to anything in it"));
        }
        for (listing, node) in
            posts.iter().flat_map(|(listing, nodes)| nodes.iter().map(move |node| (listing, *node)))
        {
            let Some(id) = listing.id.first(node).and_then(id) else { continue };
            let post = listing.post(id, node, progress);
            progress.add(post);
        }
        Ok(progress.done())
    }
}

impl Listing {
    fn post(&self, id: String, node: &Value, progress: &Progress) -> Post {
        let find = |path: &Option<Expression>| path.as_ref().and_then(|path| path.first(node));
        let id = ItemId(id);
        let published = find(&self.published).and_then(instant);
        // A post without a date is as old as our knowledge of it; those of the first poll were there before.
        let known = || progress.known.items.get(&id).map(|known| known.published);
        let standing = published.is_none() && progress.known.polls == 0;
        let published: Time = published.or_else(known).unwrap_or(progress.now);
        let mut counts = Counts::default();
        for (metric, path) in &self.counts {
            counts.set(*metric, path.first(node).and_then(number));
        }
        let link = find(&self.link).and_then(Value::as_str).and_then(|link| progress.api.join(link).ok());
        let link = link.filter(|link| matches!(link.scheme(), "http" | "https"));
        Post {
            kind: PostKind::Item,
            url: link.map(String::from),
            title: find(&self.title).and_then(words).map(|title| text::clean(&title)).unwrap_or_default(),
            published,
            counts,
            standing,
            id,
        }
    }
}
