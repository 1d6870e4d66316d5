//! Tumblr blogs: the notes under their own posts, which are likes, reblogs and replies together.
//!
//! One poll: the blog (by its UUID, once that is known, since names and domains change), the newest posts, a page of
//! older ones in turn, and the notes of what grew, which say who it was. What a blog reblogs carries the notes of
//! the whole chain and is nobody's own: it is left out. There is no audience number for strangers.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, name, refusal};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind, Time,
    Trouble, Word, Words, time,
};
use crate::text;
use chrono::TimeDelta;
use serde::Deserialize;

pub(super) static CHANNEL: Tumblr = Tumblr;

static SPEC: NetworkSpec = NetworkSpec {
    id: "tumblr",
    code: "TUM",
    name: "Tumblr",
    also: &[],
    words: Words {
        like: Some(Word::new("note", "notes", "NOTE")),
        reshare: None,
        reply: None,
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(30, 10),
    key: KeyNeed::Needed(
        "register an application at tumblr.com/oauth/apps; its consumer key is enough, the secret is not needed",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["tumblr.com"],
    hint: "write a blog's name, NAME.tumblr.com, or tumblr: and its own domain",
    facts: Facts {
        reads: &[
            "blog/NAME/info: which blog it is",
            "blog/NAME/posts: posts with their notes, 20 a page, newest first, and a page of older ones in turn",
            "blog/NAME/notes: who gave notes to a post that grew",
        ],
        cost: "2 or 3 requests, and one for each post that grew",
        limits: "1,000 requests an hour and 5,000 a day for a key; 429 with the seconds until the hour or the day is over",
        unknown: &[
            "followers: only a blog's owner sees them",
            "what others did to a post that the blog reblogged: its notes are those of the whole chain",
            "blogs that are hidden from people without an account",
        ],
    },
    api: Some("https://api.tumblr.com/"),
};

/// Posts on a page; Tumblr gives no more.
const PAGE: usize = 20;

/// By how many known posts the page of older ones moves on with each poll. Less than a page, since reblogs take
/// places on it that nobody knows of.
const STRIDE: usize = 5;

/// Pages of nothing but reblogs that a later poll reads at most.
const QUIET_PAGES: u32 = 3;

/// Said of a blog that is hidden from people without an account.
const HIDDEN: i64 = 4012;

/// First path segments of tumblr.com and subdomains of it that are no blogs.
const RESERVED: [&str; 29] = [
    "about",
    "activity",
    "api",
    "apps",
    "assets",
    "blog",
    "communities",
    "dashboard",
    "developers",
    "docs",
    "download",
    "explore",
    "following",
    "help",
    "inbox",
    "jobs",
    "likes",
    "login",
    "logout",
    "new",
    "oauth",
    "policy",
    "privacy",
    "register",
    "search",
    "settings",
    "support",
    "tagged",
    "www",
];

pub(super) struct Tumblr;

impl Channel for Tumblr {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let handle = match &typed.url {
            Some(url) => {
                let host = url.host_str()?;
                if matches!(host, "tumblr.com" | "www.tumblr.com") {
                    let mut path = url.path_segments()?;
                    match path.next()? {
                        "blog" => match path.next()? {
                            "view" => blog_name(path.next()?)?,
                            name => blog_name(name)?,
                        },
                        first => blog_name(first.trim_start_matches('@'))?,
                    }
                } else if let Some(name) = host.strip_suffix(".tumblr.com") {
                    blog_name(name)?
                } else if typed.named && url.port().is_none() && host.contains('.') {
                    // A domain of the blog's own.
                    host.to_owned()
                } else {
                    return None;
                }
            }
            None if typed.named => match typed.text.strip_prefix("t:") {
                Some(id) => uuid(id)?,
                None => blog_name(typed.text.trim_start_matches('@'))?,
            },
            None => return None,
        };
        Some(Account::new(self.network(), handle))
    }

    fn page(&self, account: &Account) -> Option<String> {
        let handle = &account.handle;
        if handle.starts_with("t:") {
            return None;
        }
        let host = if handle.contains('.') { handle.clone() } else { format!("{handle}.tumblr.com") };
        Some(format!("https://{host}/"))
    }

    fn request(&self, progress: &Progress) -> Request {
        get(progress, "info", &[], Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts | Stage::Older | Stage::Refresh => read_posts(progress, reply),
            Stage::Actors => read_notes(progress, reply),
            _ => read_blog(progress, reply),
        }
    }
}

fn blog_name(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let fits = (1..=32).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        && !name.starts_with('-')
        && !RESERVED.contains(&name.as_str());
    fits.then_some(name)
}

/// A blog's identifier for good: `t:` and letters.
fn uuid(id: &str) -> Option<String> {
    let fits = (8..=64).contains(&id.len())
        && id.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
    fits.then(|| format!("t:{id}"))
}

fn get(progress: &Progress, what: &str, fields: &[(&str, &str)], stage: Stage) -> Request {
    let account = progress.account();
    let blog = account.stable.as_deref().unwrap_or(&account.handle);
    let mut url = endpoint(&progress.api, &["v2", "blog", blog, what]);
    if !fields.is_empty() {
        url.query_pairs_mut().extend_pairs(fields);
    }
    Request::json(url, stage).with_key_as("tumblr", Place::Query("api_key"))
}

fn posts(progress: &Progress, stage: Stage, before: Option<Time>) -> Request {
    let (limit, before) = (PAGE.to_string(), before.map(|before| before.timestamp().to_string()));
    // Without `reblog_info` a reblog may look like a post of the blog's own.
    let mut fields = vec![("limit", limit.as_str()), ("npf", "true"), ("reblog_info", "true")];
    fields.extend(before.as_deref().map(|before| ("before", before)));
    get(progress, "posts", &fields, stage)
}

/// What is wrong with an answer about the blog itself.
fn troubled(progress: &Progress, reply: &Reply) -> Option<Trouble> {
    #[derive(Deserialize, Default)]
    struct Refusal {
        #[serde(default)]
        errors: Vec<Fault>,
    }
    #[derive(Deserialize)]
    struct Fault {
        code: Option<i64>,
    }
    if reply.ok() {
        return None;
    }
    let Refusal { errors } = reply.json().unwrap_or_default();
    if errors.iter().any(|fault| fault.code == Some(HIDDEN)) {
        return Some(Trouble::Private);
    }
    Some(match reply.status {
        404 | 410 => progress.missing(),
        _ => refusal(reply),
    })
}

#[derive(Deserialize)]
struct Envelope<T> {
    response: T,
}

#[derive(Deserialize)]
struct Info {
    blog: Blog,
}

#[derive(Deserialize)]
struct Blog {
    name: String,
    uuid: Option<String>,
    title: Option<String>,
    url: Option<String>,
}

fn read_blog(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(progress, reply) {
        return Err(trouble);
    }
    let Blog { name: handle, uuid: id, title, url } = decode::<Envelope<Info>>(reply)?.response.blog;
    let Some(handle) = blog_name(&handle) else {
        return Err(Trouble::malformed("a blog without a name"));
    };
    progress.rename(&handle);
    if let Some(id) = id.as_deref().and_then(|id| uuid(id.strip_prefix("t:")?)) {
        progress.seen.account.stable = Some(id);
    }
    progress.seen.profile.name = name(title.as_deref()).or(Some(handle));
    let url = url.filter(|url| url.starts_with("https://"));
    progress.seen.profile.url = url.or_else(|| CHANNEL.page(progress.account()));
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(posts(progress, Stage::Posts, None)))
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    posts: Vec<PostView>,
}

#[derive(Deserialize)]
struct PostView {
    id_string: Option<String>,
    id: Option<u64>,
    post_url: Option<String>,
    timestamp: i64,
    summary: Option<String>,
    note_count: Option<u64>,
    /// Reblogs have a parent.
    parent_post_url: Option<String>,
    reblogged_from_id: Option<serde_json::Value>,
    /// Queued, private and drafted ones are told to their owners.
    state: Option<String>,
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(progress, reply) {
        return Err(trouble);
    }
    let Listing { posts: page } = decode::<Envelope<Listing>>(reply)?.response;
    progress.pages += 1;
    let full = page.len() >= PAGE;
    let at = |post: &PostView| time(post.timestamp.saturating_mul(1_000));
    // A pinned post comes first, however old: the page's ends are those of the others.
    let oldest = page.last().map(at);
    let newest = page.get(1).or_else(|| page.first()).map(at);
    let mut ids = Vec::new();
    for post in page {
        let Some(id) = post.id_string.clone().or_else(|| post.id.map(|id| id.to_string())) else { continue };
        let id = ItemId(text::clean(&id));
        let reblog = post.parent_post_url.is_some() || post.reblogged_from_id.is_some();
        if reblog || post.state.as_deref().is_some_and(|state| state != "published") {
            continue;
        }
        ids.push(id.clone());
        progress.add(Post {
            kind: PostKind::Post,
            published: at(&post),
            url: post.post_url.filter(|url| url.starts_with("https://")),
            title: post.summary.as_deref().map(text::clean).unwrap_or_default(),
            counts: Counts::default().with(Metric::Likes, post.note_count),
            standing: false,
            id,
        });
    }
    let refresh = reply.stage == Stage::Refresh;
    if let Some((oldest, newest)) = oldest.zip(newest) {
        let from = if full || refresh { oldest } else { Time::MIN_UTC };
        let gone = progress.missing_between(from, if refresh { newest } else { progress.now });
        progress.seen.gone.extend(gone);
    }
    if refresh {
        return Ok(progress.then_actors(notes));
    }
    if !full {
        progress.seen.complete = true;
        return Ok(progress.then_actors(notes));
    }
    // Reblogs are not remembered: where there is nothing else, nobody knows how far the last poll came.
    let deep = progress.known.polls == 0 || !ids.is_empty() || progress.pages < QUIET_PAGES;
    if deep && progress.wants_older(&ids, oldest) {
        return Ok(ask(posts(progress, Stage::Older, oldest)));
    }
    Ok(older(progress))
}

/// Older posts get notes, too: each poll reads one further page of them, in turn.
fn older(progress: &mut Progress) -> Step {
    let horizon = progress.horizon();
    let older: Vec<Time> = progress
        .unseen()
        .into_iter()
        .map(|(_, item)| item.published)
        .filter(|published| *published >= horizon)
        .collect();
    let turn = usize::try_from(progress.known.polls).unwrap_or(0).wrapping_mul(STRIDE);
    let first = turn.checked_rem(older.len()).and_then(|place| older.get(place)).copied();
    match first.filter(|_| progress.known.polls > 0) {
        Some(first) => ask(posts(progress, Stage::Refresh, Some(first + TimeDelta::seconds(1)))),
        None => progress.then_actors(notes),
    }
}

/// Who gave notes to a post, newest first.
fn notes(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    let fields = [("id", post.id.0.as_str()), ("mode", "all")];
    (metric == Metric::Likes).then(|| get(progress, "notes", &fields, Stage::Actors))
}

#[derive(Deserialize)]
struct Notes {
    #[serde(default)]
    notes: Vec<Note>,
}

#[derive(Deserialize)]
struct Note {
    #[serde(rename = "type")]
    kind: String,
    timestamp: i64,
    blog_name: Option<String>,
    blog_uuid: Option<String>,
}

fn read_notes(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let told = decode_actors::<Envelope<Notes>>(reply)?.map(|told| told.response.notes);
    let item = reply.url.query_pairs().find(|(name, _)| name == "id").map(|(_, id)| id.into_owned());
    if let (Some(item), Some(since)) = (item, progress.known.since) {
        let own = progress.account().stable.clone();
        for note in told.into_iter().flatten() {
            let at = time(note.timestamp.saturating_mul(1_000));
            // The post itself is the first of its notes. What was there before we looked is history.
            let counted = matches!(note.kind.as_str(), "like" | "reblog" | "reply");
            let Some(actor) = note.blog_uuid.clone().or(note.blog_name).filter(|_| counted) else { continue };
            if at <= since {
                continue;
            }
            let id = format!("{}:{item}:{}:{}", note.kind, text::clean(&actor), note.timestamp);
            if note.blog_uuid.is_some() && note.blog_uuid == own {
                progress.act(Act::own(id, item.as_str(), Metric::Likes));
            } else if !progress.known.acts.contains(&id) {
                progress.act(
                    Act::by(text::clean(&actor), id, item.as_str(), Metric::Likes)
                        .at(Some(at.min(progress.now))),
                );
            }
        }
    }
    Ok(progress.then_actors(notes))
}
