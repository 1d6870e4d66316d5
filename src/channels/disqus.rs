//! Disqus: the comments that somebody wrote (`disqus:ada`), or a forum of one's own, which is the comments of a
//! site (`disqus:ada-blog.disqus.com`).
//!
//! One poll of somebody's comments: the user, the newest comments with their likes, a page of older ones in turn,
//! and the threads of a few comments in turn, where answers by others are found. One poll of a forum: the forum, its
//! newest threads with likes and numbers of comments, older ones by number in turn, and the newest comments, which
//! say who wrote them. Every answer has a code of its own; the HTTP status says little.

mod forum;
mod user;

use super::{Channel, Progress, Step, Typed, decode, endpoint, refusal};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{Account, Facts, KeyNeed, Network, NetworkSpec, Pace, Time, Trouble, Word, Words};
use crate::schedule::Limits;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(super) static CHANNEL: Disqus = Disqus;

static SPEC: NetworkSpec = NetworkSpec {
    id: "disqus",
    code: "DSQ",
    name: "Disqus",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(60, 15),
    key: KeyNeed::Needed("register an application at disqus.com/api/applications; the public key is enough"),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["disqus.com", ".disqus.com"],
    hint: "write a user's name, or the forum of a site: NAME.disqus.com",
    facts: Facts {
        reads: &[
            "of a user, users/details: who it is",
            "of a user, users/listPosts: comments with their likes, newest first, and 100 older ones in turn",
            "of a user, threads/listPosts: answers by others to those comments, of five threads in turn",
            "of a forum, forums/listThreads: threads with their likes and comments, newest first, and 100 older ones in turn",
            "of a forum, forums/listPosts: who wrote the newest 100 comments, to leave the owner's own out",
        ],
        cost: "4 requests for a forum, up to 8 for a user",
        limits: "1,000 requests an hour for a key; the codes 13 and 14 when that was too many",
        unknown: &[
            "who liked",
            "answers to comments older than 90 days, and in busy threads those beyond 100 a week",
            "comments that wait for approval",
            "followers: they are shown at Disqus and bring a comment no readers",
        ],
    },
    api: Some("https://disqus.com/"),
};

/// Items on a page; Disqus gives no more.
const PAGE: usize = 100;

/// What the host of a forum ends with.
const FORUMS: &str = ".disqus.com";

pub(super) struct Disqus;

impl Channel for Disqus {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let handle = match &typed.url {
            Some(url) => {
                let host = url.host_str()?;
                let mut path = url.path_segments()?;
                match (host, path.next(), path.next(), path.next()) {
                    ("disqus.com" | "www.disqus.com", Some("by"), Some(name), _) => user_name(name)?,
                    (
                        "disqus.com" | "www.disqus.com",
                        Some("home"),
                        Some("forum" | "channel"),
                        Some(name),
                    ) => forum_host(name)?,
                    _ => forum_host(host.strip_suffix(FORUMS)?)?,
                }
            }
            None if typed.named => user_name(typed.text.trim_start_matches('@'))?,
            None => return None,
        };
        Some(Account::new(self.network(), handle))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(match forum_name(account) {
            Some(_) => format!("https://{}/", account.handle),
            None => format!("https://disqus.com/by/{}/", account.handle),
        })
    }

    fn request(&self, progress: &Progress) -> Request {
        match forum_name(progress.account()) {
            Some(forum) => get(progress, "forums/details", &[("forum", forum)], Stage::Profile),
            None => user::request(progress),
        }
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match forum_name(progress.account()) {
            Some(_) => forum::read(progress, reply),
            None => user::read(progress, reply),
        }
    }
}

fn user_name(name: &str) -> Option<String> {
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
    fits.then(|| name.to_owned())
}

/// Subdomains of disqus.com that are no forums.
const RESERVED: [&str; 11] =
    ["www", "about", "admin", "api", "blog", "docs", "help", "links", "media", "publishers", "status"];

fn forum_host(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        && !RESERVED.contains(&name.as_str());
    fits.then(|| format!("{name}{FORUMS}"))
}

/// The short name of a forum, if the account is one.
fn forum_name(account: &Account) -> Option<&str> {
    account.handle.strip_suffix(FORUMS)
}

fn get(progress: &Progress, method: &str, fields: &[(&str, &str)], stage: Stage) -> Request {
    let path: Vec<&str> = ["api", "3.0"].into_iter().chain(method.split('/')).collect();
    let mut url = endpoint(&progress.api, &path);
    url.set_path(&format!("{}.json", url.path()));
    url.query_pairs_mut().extend_pairs(fields);
    Request::json(url, stage).with_key_as("disqus", Place::Query("api_key"))
}

/// Numbers that some answers write as text.
#[derive(Deserialize, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => crate::text::clean(text),
        }
    }
}

#[derive(Deserialize)]
struct Author {
    /// Guests have none.
    id: Option<Id>,
}

#[derive(Deserialize)]
struct Cursor {
    next: Option<String>,
    #[serde(rename = "hasNext", default)]
    has_next: bool,
}

/// An answer's contents, with where its next page is.
struct Told<T> {
    response: T,
    next: Option<String>,
}

/// What an answer holds, by its code.
fn told<T: DeserializeOwned>(progress: &Progress, reply: &Reply) -> Result<Told<T>, Trouble> {
    #[derive(Deserialize)]
    struct Code {
        code: Option<i64>,
        response: Option<serde_json::Value>,
    }
    #[derive(Deserialize)]
    struct Envelope<T> {
        response: T,
        cursor: Option<Cursor>,
    }
    // Refusals come with a status of 4xx or with a 200.
    let refused = reply.json::<Code>().ok().and_then(|code| {
        let about = code.response.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        trouble(progress, reply, code.code?, about)
    });
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    if reply.status == 404 {
        return Err(progress.missing());
    }
    if !reply.ok() {
        return Err(refusal(reply));
    }
    let Envelope { response, cursor } = decode(reply)?;
    let next = cursor.filter(|cursor| cursor.has_next).and_then(|cursor| cursor.next);
    Ok(Told { response, next: next.filter(|next| !next.is_empty()) })
}

fn trouble(progress: &Progress, reply: &Reply, code: i64, about: &str) -> Option<Trouble> {
    let limits = Limits::read(&reply.headers, reply.at);
    Some(match code {
        0 => return None,
        // Invalid argument: nobody by that name, or of what is asked there is nothing.
        2 if about.contains("Unable to find") => progress.missing(),
        8 => progress.missing(),
        5 | 9 | 11 if reply.keyed => Trouble::Unauthorized,
        5 | 9 | 11 => Trouble::KeyNeeded,
        // Only for the user, or for those who may see the forum.
        4 | 12 | 17 => Trouble::Private,
        13 | 14 => Trouble::RateLimited { until: limits.retry.or(limits.reset) },
        15 | 16 => Trouble::Server { status: 500, until: limits.retry },
        _ => return (reply.ok()).then(|| Trouble::malformed("the server refuses the question")),
    })
}

/// An instant without a zone, which is UTC.
fn instant(text: &str) -> Option<Time> {
    let text = text.trim().trim_end_matches('Z');
    text.parse::<chrono::NaiveDateTime>().ok().map(|at| at.and_utc())
}

/// An instant as Disqus wants it.
fn iso(at: Time) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}
