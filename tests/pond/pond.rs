//! Pond: ducks and what they post.
//!
//! One poll: the duck, then its newest hundred posts. Likes can be hidden, which is a null.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint, name, rfc3339};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;

pub(super) static CHANNEL: Pond = Pond;

static SPEC: NetworkSpec = NetworkSpec {
    id: "pond",
    code: "POND",
    name: "Pond",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: None,
        reply: None,
        quote: None,
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(30, 10),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["pond.example"],
    hint: "write pond:name or https://pond.example/ducks/name; a name has small letters and digits",
    facts: Facts {
        reads: &["ducks/NAME: followers, name", "ducks/ID/posts: the newest 100 posts with their likes"],
        cost: "2 requests",
        limits: "100 requests an hour from one IP address; 429 when it was too much",
        unknown: &["who liked a post", "likes of posts whose author hides them"],
    },
    api: Some("https://pond.example/api/v1/"),
};

pub(super) struct Pond;

impl Channel for Pond {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let duck = match &typed.url {
            Some(url) if url.host_str() == Some("pond.example") => url.path().strip_prefix("/ducks/")?,
            _ if typed.named => typed.text,
            _ => return None,
        };
        let fits = !duck.is_empty() && duck.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        fits.then(|| Account::new(self.network(), duck))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://pond.example/ducks/{}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        // Once it is known, by what does not change.
        let account = progress.account();
        let duck = account.stable.as_ref().unwrap_or(&account.handle);
        Request::json(endpoint(&progress.api, &["ducks", duck]), Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts => read_posts(progress, reply),
            _ => read_duck(progress, reply),
        }
    }
}

#[derive(Deserialize)]
struct Duck {
    id: String,
    handle: String,
    name: Option<String>,
    followers: Option<u64>,
}

fn read_duck(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let duck: Duck = decode(reply)?;
    progress.rename(&duck.handle);
    progress.seen.profile.name = name(duck.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    progress.figure(Figure::Followers, duck.followers);
    let posts = endpoint(&progress.api, &["ducks", &duck.id, "posts"]);
    progress.seen.account.stable = Some(duck.id);
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(Request::json(posts, Stage::Posts)))
}

#[derive(Deserialize)]
struct Posts {
    posts: Vec<Quack>,
}

#[derive(Deserialize)]
struct Quack {
    id: String,
    at: String,
    #[serde(default)]
    text: String,
    likes: Option<u64>,
}

/// Posts on the page, the most the API gives.
const PAGE: usize = 100;

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Posts { posts } = decode(reply)?;
    progress.seen.complete = posts.len() < PAGE;
    for quack in posts {
        // A post without a date cannot be placed.
        let Some(published) = rfc3339(&quack.at) else { continue };
        progress.add(Post {
            url: Some(format!("https://pond.example/posts/{}", quack.id)),
            id: ItemId(quack.id),
            kind: PostKind::Post,
            title: text::clean(&quack.text),
            published,
            counts: Counts::default().with(Metric::Likes, quack.likes),
            standing: false,
        });
    }
    Ok(progress.done())
}
