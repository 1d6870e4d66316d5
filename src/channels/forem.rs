//! Forem: dev.to, and communities that run the same software.
//!
//! One poll: the user (by the number, once it is known), the newest articles, later one further page of them in
//! turn, then the comments on articles that have new ones. How many follow somebody is not public.

use super::hosted::{self, Hosted};
use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, name, rfc3339, visible,
};
use crate::exchange::{Accept, Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind, Tie,
    Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;

pub(super) static CHANNEL: Forem = Forem;

static SPEC: NetworkSpec = NetworkSpec {
    id: "forem",
    code: "DEV",
    name: "Forem",
    also: &["dev.to", "devto"],
    words: Words {
        like: Some(Word::new("reaction", "reactions", "REAC")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(30, 10),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write dev.to/name, or forem:name@server for another community",
    facts: Facts {
        reads: &[
            "users/by_username?url=NAME, later users/ID: whether the account exists, name, addresses elsewhere",
            "articles?username=NAME: the newest 100 articles with reactions and comments; on the first poll back to 90 days",
            "comments?a_id=ID: who commented on an article that has new comments",
        ],
        cost: "2 requests, one more for people with over 100 articles, and one for each article with new comments",
        limits: "3 requests a second for an address; 429 with Retry-After when it was too much; reactions are up to date within some minutes",
        unknown: &[
            "how many follow somebody: it is not public",
            "who reacted, and whether the author did",
            "how often an article was read: only its author sees that",
        ],
    },
    api: Some("https://dev.to/"),
};

static HOSTS: Hosted = Hosted {
    home: "dev.to",
    known: |host| matches!(host, "dev.to" | "www.dev.to"),
    reserved: &[
        "about",
        "api",
        "challenges",
        "code-of-conduct",
        "contact",
        "dashboard",
        "enter",
        "faq",
        "feed",
        "help",
        "latest",
        "new",
        "notifications",
        "podcasts",
        "pod",
        "privacy",
        "readinglist",
        "search",
        "settings",
        "t",
        "tags",
        "terms",
        "top",
        "videos",
    ],
};

/// Articles a page.
const PAGE: usize = 100;

pub(super) struct Forem;

impl Channel for Forem {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        HOSTS.recognise(self.network(), typed)
    }

    fn page(&self, account: &Account) -> Option<String> {
        hosted::page(account)
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        if let Some(id) = &account.native {
            return get(progress, &["users", id], Stage::Profile);
        }
        let mut request = get(progress, &["users", "by_username"], Stage::Profile);
        request.url.query_pairs_mut().append_pair("url", hosted::name(account));
        request
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        // Whoever guards the server refuses programs with an empty 403; that has nothing to do with keys.
        if reply.status == 403 {
            return Err(Trouble::Server { status: 403, until: None });
        }
        // A community that shows itself to its members alone.
        if reply.status == 401 {
            return Err(Trouble::Private);
        }
        match reply.stage {
            Stage::Posts | Stage::Older | Stage::Refresh => read_articles(progress, reply),
            Stage::Actors => read_comments(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    Request::json(endpoint(&progress.api, &[&["api"], segments].concat()), stage)
        .accepting(Accept::Type("application/vnd.forem.api-v1+json"))
}

fn articles(progress: &Progress, stage: Stage, page: usize) -> Request {
    let mut request = get(progress, &["articles"], stage);
    request
        .url
        .query_pairs_mut()
        .append_pair("username", hosted::name(progress.account()))
        .append_pair("per_page", &PAGE.to_string())
        .append_pair("page", &page.to_string());
    request
}

#[derive(Deserialize)]
struct User {
    id: u64,
    username: String,
    name: Option<String>,
    github_username: Option<String>,
    twitter_username: Option<String>,
    website_url: Option<String>,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let user: User = decode(reply)?;
    hosted::identify(progress, &text::clean(&user.username), user.id);
    let page = hosted::page(progress.account());
    let profile = &mut progress.seen.profile;
    profile.name = name(user.name.as_deref());
    profile.url = page;
    for (site, told) in [
        ("", user.website_url),
        ("https://github.com/", user.github_username),
        ("https://x.com/", user.twitter_username),
    ] {
        if let Some(told) = told.filter(|told| !told.trim().is_empty()) {
            profile.link(Tie::Claimed, format!("{site}{}", told.trim()));
        }
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(articles(progress, Stage::Posts, 1)))
}

#[derive(Deserialize)]
struct Article {
    id: u64,
    #[serde(default)]
    title: String,
    url: Option<String>,
    published_at: Option<String>,
    public_reactions_count: Option<i64>,
    comments_count: Option<i64>,
}

fn read_articles(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let page: Vec<Article> = decode(reply)?;
    let last = page.len() < PAGE;
    let mut listed = Vec::new();
    for article in page {
        let Some(published) = article.published_at.as_deref().and_then(rfc3339) else { continue };
        let id = ItemId(article.id.to_string());
        listed.push((id.clone(), published));
        progress.add(Post {
            id,
            kind: PostKind::Post,
            url: article.url,
            title: text::clean(&article.title),
            published,
            counts: Counts::default()
                .with(Metric::Likes, visible(article.public_reactions_count))
                .with(Metric::Replies, visible(article.comments_count)),
            standing: false,
        });
    }
    Ok(match progress.turn_page(reply.stage, &listed, PAGE, last) {
        Some((stage, page)) => ask(articles(progress, stage, page)),
        None => progress.then_actors(actors),
    })
}

/// Who commented. Who reacted is not told.
fn actors(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    if metric != Metric::Replies {
        return None;
    }
    let mut request = get(progress, &["comments"], Stage::Actors);
    request.url.query_pairs_mut().append_pair("a_id", &post.id.0);
    Some(request)
}

#[derive(Deserialize)]
struct Comment {
    id_code: String,
    created_at: Option<String>,
    body_html: Option<String>,
    user: Option<Commenter>,
    #[serde(default)]
    children: Vec<Self>,
}

/// Nobody, without a name, once the account is deleted.
#[derive(Deserialize)]
struct Commenter {
    username: Option<String>,
}

fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let mut comments: Vec<Comment> = decode_actors(reply)?.unwrap_or_default();
    let article = reply.url.query_pairs().find(|(name, _)| name == "a_id").map(|(_, id)| id.into_owned());
    while let (Some(comment), Some(article)) = (comments.pop(), &article) {
        comments.extend(comment.children);
        let Some(author) = comment.user.and_then(|user| name(user.username.as_deref())) else { continue };
        let id = text::clean(&comment.id_code);
        let at = comment.created_at.as_deref().and_then(rfc3339);
        if author == hosted::name(progress.account()) {
            progress.act(Act::own(id, article.as_str(), Metric::Replies).at(at));
        } else {
            let act = Act::by(author, id, article.as_str(), Metric::Replies).at(at);
            progress.act_by(act, || text::from_html(&comment.body_html.unwrap_or_default()));
        }
    }
    Ok(progress.then_actors(actors))
}
