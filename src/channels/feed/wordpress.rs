//! WordPress: its REST interface lists posts and every single comment with its own time.

use super::super::{Progress, Step, ask};
use super::parse;
use crate::exchange::{Accept, Reply, Request, Stage};
use crate::model::{Act, Counts, ItemId, Metric, Post, PostKind, Time};
use crate::text;
use chrono::NaiveDateTime;
use serde::Deserialize;
use std::collections::HashMap;
use url::Url;

/// Names in [`Progress::aliases`] under which a poll remembers the site.
pub(super) const HOME: &str = "wordpress home";
pub(super) const ROOT: &str = "wordpress rest";

const POST: &str = "wordpress post ";
const AUTHOR: &str = "wordpress author of ";
/// Who a post says has written it, where numbers of authors are not to be had.
pub(super) const BYLINE: &str = "byline of ";

/// Pages of comments read at the first poll.
const FIRST_PAGES: u32 = 10;

/// Pages of comments read later: enough for every count to be exact on most sites.
const PAGES: u32 = 3;

pub(super) fn posts(root: &Url, page: u32) -> Request {
    let query = [("per_page", "50"), ("_fields", "id,guid,link,date_gmt,title,author")];
    rest(root, "posts", page, &query, Stage::Older)
}

fn comments(root: &Url, page: u32) -> Request {
    let query = [("per_page", "100"), ("_fields", "id,post,date_gmt,author,author_name,content")];
    rest(root, "comments", page, &query, Stage::Comments)
}

/// Asks for one comment on a post: how many there are stands in the answer's head.
pub(super) fn comments_on(root: &Url, post: u64) -> Request {
    let query = [("post", &*post.to_string()), ("per_page", "1"), ("_fields", "id")];
    rest(root, "comments", 1, &query, Stage::Comments)
}

/// Sites without rewritten addresses take the route as a parameter.
fn rest(root: &Url, what: &str, page: u32, query: &[(&str, &str)], stage: Stage) -> Request {
    let mut url = root.clone();
    match root.query_pairs().find(|(name, _)| name == "rest_route") {
        Some((_, route)) => {
            let route = format!("{}/wp/v2/{what}", route.trim_end_matches('/'));
            url.query_pairs_mut().clear().append_pair("rest_route", &route);
        }
        None => url = super::super::endpoint(root, &["wp", "v2", what]),
    }
    url.query_pairs_mut().extend_pairs(query).append_pair("page", &page.to_string());
    Request::json(url, stage).accepting(Accept::Json)
}

fn site(progress: &Progress, name: &str) -> Option<Url> {
    progress.aliases.get(name).and_then(|url| Url::parse(&url.0).ok())
}

/// Times without an offset that mean UTC.
fn gmt(text: &str) -> Option<Time> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok().map(|at| at.and_utc())
}

/// Total and pages of a listing.
pub(super) fn totals(reply: &Reply) -> (Option<u64>, u32) {
    let header = |name| reply.headers.get(name).and_then(|value| value.parse::<u64>().ok());
    let pages = header("x-wp-totalpages").and_then(|pages| u32::try_from(pages).ok());
    (header("x-wp-total"), pages.unwrap_or(1))
}

#[derive(Deserialize)]
struct RestPost {
    id: u64,
    guid: Option<Rendered>,
    link: Option<String>,
    date_gmt: String,
    title: Option<Rendered>,
    #[serde(default)]
    author: u64,
}

#[derive(Deserialize)]
struct Rendered {
    rendered: String,
}

pub(super) fn read_posts(progress: &mut Progress, reply: &Reply) -> Step {
    let posts: Option<Vec<RestPost>> = if reply.ok() { reply.json().ok() } else { None };
    let Some(posts) = posts else {
        // Closed by a plugin or behind a firewall: the comments feed is public on most such sites.
        super::wordpress_com::instead(progress);
        return match site(progress, HOME).and_then(|home| home.join("comments/feed/").ok()) {
            Some(url) => ask(super::feed_request(url, Stage::Count)),
            None => progress.next(),
        };
    };
    let mut oldest: Option<Time> = None;
    for post in posts {
        let Some(published) = gmt(&post.date_gmt) else { continue };
        oldest = oldest.into_iter().chain([published]).min();
        let guid = post.guid.map(|guid| text::from_html(&guid.rendered)).filter(|guid| !guid.is_empty());
        let Some(id) = guid.or_else(|| post.link.clone()).map(ItemId) else { continue };
        progress.aliases.insert(format!("{POST}{}", post.id), id.clone());
        progress.aliases.insert(format!("{AUTHOR}{}", post.id), ItemId(post.author.to_string()));
        progress.add(Post {
            id,
            kind: PostKind::Item,
            url: post.link,
            title: post.title.map(|title| text::from_html(&title.rendered)).unwrap_or_default(),
            published,
            counts: Counts::default(),
            standing: false,
        });
    }
    let (_, pages) = totals(reply);
    progress.pages += 1;
    let first = progress.known.polls == 0;
    let wanted = if first { FIRST_PAGES } else { PAGES };
    let older = oldest.is_some_and(|oldest| oldest > progress.horizon());
    if progress.pages < pages.min(wanted)
        && (older || !first)
        && let Some(root) = site(progress, ROOT)
    {
        return ask(self::posts(&root, progress.pages + 1));
    }
    progress.seen.complete = progress.pages >= pages;
    // What the listing should show and does not was taken down.
    let from = if progress.seen.complete { Time::MIN_UTC } else { oldest.unwrap_or(progress.now) };
    let gone = progress.missing_between(from, progress.now);
    progress.seen.gone.extend(gone);
    progress.pages = 0;
    match site(progress, ROOT) {
        Some(root) => ask(comments(&root, 1)),
        None => progress.next(),
    }
}

#[derive(Deserialize)]
struct RestComment {
    id: u64,
    post: u64,
    date_gmt: String,
    /// 0 for visitors.
    #[serde(default)]
    author: u64,
    #[serde(default)]
    author_name: String,
    content: Option<Rendered>,
}

pub(super) fn read_comments(progress: &mut Progress, reply: &Reply) -> Step {
    let comments: Option<Vec<RestComment>> = if reply.ok() { reply.json().ok() } else { None };
    let Some(comments) = comments else { return progress.next() };
    let mut known = false;
    for comment in comments {
        let id = format!("comment:{}", comment.id);
        let stored = progress.known.acts.contains(&id);
        known |= stored;
        // What is stored has been weighed.
        let words = comment.content.filter(|_| !stored).map(|content| text::from_html(&content.rendered));
        let tone = words.and_then(|words| text::tone(&words));
        let Some(item) = progress.aliases.get(&format!("{POST}{}", comment.post)).cloned() else { continue };
        let by_author = comment.author != 0
            && progress.aliases.get(&format!("{AUTHOR}{}", comment.post))
                == Some(&ItemId(comment.author.to_string()));
        let act = if by_author {
            Act::own(id, item, Metric::Replies)
        } else if comment.author != 0 {
            Act::by(format!("user:{}", comment.author), id, item, Metric::Replies)
        } else {
            Act::by(text::clean(&comment.author_name), id, item, Metric::Replies)
        };
        progress.act(act.at(gmt(&comment.date_gmt)).with_tone(tone));
    }
    let (_, pages) = totals(reply);
    progress.pages += 1;
    let wanted = if progress.known.polls == 0 || !known { FIRST_PAGES } else { PAGES };
    if progress.pages < pages.min(wanted)
        && let Some(root) = site(progress, ROOT)
    {
        return ask(self::comments(&root, progress.pages + 1));
    }
    count(progress, progress.pages >= pages);
    progress.next()
}

/// Posts beyond the feed's window have no count in the feed: a whole listing counts them exactly, a part
/// of one adds what is new to what was known.
fn count(progress: &mut Progress, whole: bool) {
    let mut all: HashMap<&ItemId, u64> = HashMap::new();
    let mut new: HashMap<&ItemId, u64> = HashMap::new();
    for act in &progress.seen.acts {
        *all.entry(&act.item).or_default() += 1;
        if !progress.known.acts.contains(&act.id) {
            *new.entry(&act.item).or_default() += 1;
        }
    }
    for post in &mut progress.seen.posts {
        if post.counts.get(Metric::Replies).is_some() {
            continue;
        }
        let known = progress.known.items.get(&post.id).and_then(|item| item.counts.get(Metric::Replies));
        let replies = if whole {
            Some(all.get(&post.id).copied().unwrap_or(0))
        } else {
            known.map(|known| known + new.get(&post.id).copied().unwrap_or(0))
        };
        post.counts.set(Metric::Replies, replies);
    }
}

/// The ten newest comments, where the REST interface is closed.
pub(super) fn read_comments_feed(progress: &mut Progress, reply: &Reply) -> Step {
    if !reply.ok() {
        return progress.next();
    }
    let Ok(feed) = parse::feed(&reply.body, &reply.url) else { return progress.next() };
    for entry in feed.entries {
        // The link is the post's, with the comment's number as its fragment.
        let Some(post) = entry.url.as_deref().and_then(|url| url.split('#').next()) else { continue };
        let known = ItemId::from(post);
        let item = progress
            .aliases
            .get(post)
            .cloned()
            .or_else(|| progress.known.items.contains_key(&known).then_some(known));
        let Some(item) = item else { continue };
        // As REST numbers them, so that a comment counts once whichever way it is seen.
        let number =
            entry.url.as_deref().and_then(|url| url.split_once("#comment-")).map(|(_, number)| number);
        let id = number.map_or(entry.id, |number| format!("comment:{number}"));
        let author = entry.author.unwrap_or_default();
        let byline = progress.aliases.get(&format!("{BYLINE}{}", item.0));
        let by_author = !author.is_empty() && byline.is_some_and(|byline| byline.0 == author);
        let act = if by_author {
            Act::own(id, item, Metric::Replies)
        } else {
            Act::by(author, id, item, Metric::Replies)
        };
        progress.act(act.at(entry.published).with_tone(text::tone(&text::from_html(&entry.words))));
    }
    progress.next()
}
