//! Hacker News: stories and comments from Algolia's search, karma and fresh points from Firebase.
//!
//! One poll: the user (Firebase says whether it exists), everything by the author inside the window
//! (Algolia), then the newest stories one by one, since Algolia's points lag by minutes, then the comments
//! under stories that grew. There is no audience number; karma is shown, never counted.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, refusal};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Trouble, Word, Words, time,
};
use crate::text;
use chrono::TimeDelta;
use serde::Deserialize;
use url::Url;

pub(super) static CHANNEL: HackerNews = HackerNews;

const ALGOLIA: &str = "https://hn.algolia.com/";
const FIREBASE: &str = "https://hacker-news.firebaseio.com/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "hackernews",
    code: "HN",
    name: "Hacker News",
    also: &["hn"],
    words: Words {
        like: Some(Word::new("point", "points", "PNTS")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(10, 2),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["news.ycombinator.com"],
    hint: "a name has 2 to 15 letters, digits, - and _",
    facts: Facts {
        reads: &[
            "Firebase, user/NAME: whether the account exists, karma (shown, never counted)",
            "Algolia, search_by_date: all stories and comments of 90 days; the submitter's own point is taken off",
            "Firebase, item/ID: points of up to three stories younger than two days, since Algolia is minutes behind",
            "Algolia, items/ID: who commented under a story that grew",
        ],
        cost: "2 requests, and one for each fresh story",
        limits: "10,000 requests an hour at Algolia; Firebase names none",
        unknown: &["points of comments", "who gave points", "an audience: nobody can follow anybody there"],
    },
    api: Some(ALGOLIA),
};

/// Stories this young are asked for one by one.
const FRESH: TimeDelta = TimeDelta::days(2);

/// At most so many of them.
const FRESH_STORIES: usize = 3;

pub(super) struct HackerNews;

impl Channel for HackerNews {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let user = match &typed.url {
            Some(url) if url.host_str() == Some("news.ycombinator.com") => {
                url.query_pairs().find(|(name, _)| name == "id")?.1.into_owned()
            }
            None if typed.named => typed.text.to_owned(),
            _ => return None,
        };
        // Names are case-sensitive.
        let fits = (2..=15).contains(&user.len())
            && user.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
        fits.then(|| Account::new(self.network(), user))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://news.ycombinator.com/user?id={}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        firebase(progress, &["user", &format!("{}.json", progress.account().handle)], Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts => read_hits(progress, reply),
            Stage::Refresh => read_item(progress, reply),
            Stage::Actors => read_tree(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

/// Firebase beside the default Algolia; under a configured address both are expected there.
fn firebase(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    let base = if progress.api.as_str() == ALGOLIA { Url::parse(FIREBASE).ok() } else { None };
    let base = base.unwrap_or_else(|| progress.api.clone());
    Request::json(endpoint(&base, &[&["v0"], segments].concat()), stage)
        .header("x-firebase-etag", "true")
        .conditional()
}

fn by_author(progress: &Progress) -> Request {
    let mut url = endpoint(&progress.api, &["api", "v1", "search_by_date"]);
    url.query_pairs_mut()
        .append_pair("tags", &format!("author_{},(story,comment)", progress.account().handle))
        .append_pair("numericFilters", &format!("created_at_i>{}", progress.horizon().timestamp()))
        .append_pair("hitsPerPage", "1000")
        .append_pair("attributesToHighlight", "none")
        .append_pair(
            "attributesToRetrieve",
            "author,title,comment_text,points,num_comments,story_id,parent_id,created_at_i,children",
        );
    Request::json(url, Stage::Posts)
}

#[derive(Deserialize)]
struct User {
    id: String,
    karma: Option<u64>,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if !reply.not_modified() {
        // A name that does not exist is a 200 with `null`.
        let Some(user) = decode::<Option<User>>(reply)? else { return Err(progress.missing()) };
        progress.seen.account.stable = Some(user.id);
        progress.figure(Figure::Karma, user.karma);
    }
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(by_author(progress)))
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<Hit>,
    #[serde(rename = "nbHits", default)]
    total: usize,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "objectID")]
    id: String,
    author: Option<String>,
    title: Option<String>,
    comment_text: Option<String>,
    points: Option<i64>,
    num_comments: Option<u64>,
    story_id: Option<u64>,
    parent_id: Option<u64>,
    created_at_i: i64,
    children: Option<Vec<u64>>,
    #[serde(rename = "_tags", default)]
    tags: Vec<String>,
}

impl Hit {
    fn is_comment(&self) -> bool {
        self.tags.iter().any(|tag| tag == "comment") || self.comment_text.is_some()
    }
}

/// Algolia gives no more than this at once.
const MOST_HITS: usize = 1_000;

fn read_hits(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Hits { mut hits, total } = decode(reply)?;
    let user = progress.account().handle.clone();
    hits.retain(|hit| hit.author.as_deref() == Some(user.as_str()) && !hit.id.is_empty());
    hits.truncate(MOST_HITS);
    let mine = |id: u64, comments: bool| {
        let id = id.to_string();
        hits.iter().any(|hit| hit.id == id && hit.is_comment() == comments)
    };
    for hit in &hits {
        let own_story = hit.story_id.filter(|&story| hit.is_comment() && mine(story, false));
        if hit.is_comment() {
            // A comment under one's own story or own comment is talk with oneself in part: it is taken off
            // the counter it went into.
            let under = own_story.or_else(|| hit.parent_id.filter(|&parent| mine(parent, true)));
            if let Some(under) = under {
                progress.act(Act::own(hit.id.clone(), under.to_string(), Metric::Replies));
            }
        }
        let words = hit.title.as_deref().map(text::clean).filter(|title| !title.is_empty());
        let published = time(hit.created_at_i.saturating_mul(1_000));
        // The submitter's own point is in the count.
        let points = hit.points.and_then(|points| u64::try_from(points.saturating_sub(1)).ok());
        // Replies to a comment under one's own story are in the story's count already.
        let replies = match (hit.is_comment(), own_story) {
            (false, _) => hit.num_comments,
            (true, None) => hit.children.as_ref().map(|children| children.len() as u64),
            (true, Some(_)) => None,
        };
        progress.add(Post {
            id: ItemId(hit.id.clone()),
            kind: if hit.is_comment() { PostKind::Comment } else { PostKind::Story },
            url: Some(format!("https://news.ycombinator.com/item?id={}", hit.id)),
            title: words
                .unwrap_or_else(|| hit.comment_text.as_deref().map(text::from_html).unwrap_or_default()),
            published,
            counts: Counts::default()
                .with(Metric::Likes, if hit.is_comment() { None } else { points })
                .with(Metric::Replies, replies),
            standing: false,
        });
    }
    progress.seen.complete = false;
    tracing::debug!(total, read = hits.len(), "hacker news listing");
    queue_fresh(progress);
    Ok(progress.then_actors(actors))
}

fn queue_fresh(progress: &mut Progress) {
    let since = progress.now - FRESH;
    let mut fresh: Vec<_> = progress
        .seen
        .posts
        .iter()
        .filter(|post| post.kind == PostKind::Story && post.published > since)
        .map(|post| (post.published, post.id.0.clone()))
        .collect();
    fresh.sort();
    for (_, id) in fresh.into_iter().rev().take(FRESH_STORIES) {
        let request = firebase(progress, &["item", &format!("{id}.json")], Stage::Refresh);
        progress.queue.push_back(request);
    }
}

#[derive(Deserialize)]
struct Item {
    id: u64,
    score: Option<i64>,
    descendants: Option<u64>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    dead: bool,
}

fn read_item(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if !reply.ok() && !reply.not_modified() {
        // The listing was read; a single story may fail.
        return match refusal(reply) {
            Trouble::RateLimited { .. } => Ok(progress.done()),
            _ => Ok(progress.then_actors(actors)),
        };
    }
    if reply.ok()
        && let Some(item) = decode::<Option<Item>>(reply)?
    {
        let id = ItemId(item.id.to_string());
        if item.deleted || item.dead {
            progress.seen.posts.retain(|post| post.id != id);
            progress.seen.gone.push(id);
        } else if let Some(post) = progress.seen.posts.iter_mut().find(|post| post.id == id) {
            // Algolia lags behind: the higher of the two is the later one.
            let points = item.score.and_then(|score| u64::try_from(score.saturating_sub(1)).ok());
            post.counts.set(Metric::Likes, post.counts.get(Metric::Likes).max(points));
            post.counts.set(Metric::Replies, post.counts.get(Metric::Replies).max(item.descendants));
        }
    } else if let Some(id) = reply.url.path_segments().and_then(|mut path| path.next_back()) {
        // As it was, which may be more than Algolia knows.
        let id = ItemId::from(id.trim_end_matches(".json"));
        let known = progress.known.items.get(&id).map(|item| item.counts);
        if let (Some(known), Some(post)) = (known, progress.seen.posts.iter_mut().find(|post| post.id == id))
        {
            for metric in [Metric::Likes, Metric::Replies] {
                post.counts.set(metric, post.counts.get(metric).max(known.get(metric)));
            }
        }
    }
    Ok(progress.then_actors(actors))
}

/// Who commented: Algolia gives a story with everything under it. Nobody is told who gave points.
fn actors(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    (post.kind == PostKind::Story && metric == Metric::Replies)
        .then(|| Request::json(endpoint(&progress.api, &["api", "v1", "items", &post.id.0]), Stage::Actors))
}

#[derive(Deserialize)]
struct Tree {
    id: u64,
    /// Nobody, once it is deleted.
    author: Option<String>,
    created_at_i: i64,
    text: Option<String>,
    #[serde(default)]
    children: Vec<Self>,
}

fn read_tree(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let user = progress.account().handle.clone();
    let story: Option<Tree> = decode_actors(reply)?;
    let item = story.as_ref().map(|story| ItemId(story.id.to_string()));
    let mut comments = story.map(|story| story.children).unwrap_or_default();
    while let (Some(comment), Some(item)) = (comments.pop(), &item) {
        comments.extend(comment.children);
        // The user's own are known from the listing.
        let Some(author) = comment.author.filter(|author| *author != user) else { continue };
        let at = time(comment.created_at_i.saturating_mul(1_000));
        let act = Act::by(text::clean(&author), comment.id.to_string(), item.clone(), Metric::Replies);
        progress.act_by(act.at(Some(at)), || text::from_html(&comment.text.unwrap_or_default()));
    }
    Ok(progress.then_actors(actors))
}
