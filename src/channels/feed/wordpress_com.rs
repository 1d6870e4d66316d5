//! WordPress.com, for its own sites and for those that Jetpack connects to it: a public API knows how many people
//! subscribe, and has comment counts where the site's own interface is closed.

use super::super::{Progress, Step, endpoint, rfc3339};
use crate::exchange::{Reply, Request, Stage, is_loopback};
use crate::model::{Counts, Figure, ItemId, Metric, Post, PostKind};
use crate::text;
use serde::Deserialize;
use url::Url;

const API: &str = "https://public-api.wordpress.com/";

/// Asks for the site, if its feed or its host says that WordPress.com knows it.
pub(super) fn site(home: &Url, number: Option<u64>) -> Option<Request> {
    let host = home.host_str()?;
    let site = match number {
        Some(number) => number.to_string(),
        None if host.ends_with(".wordpress.com") => host.to_owned(),
        None => return None,
    };
    // A site on this machine is not known out there.
    let api = if is_loopback(home) { home.join("/").ok()? } else { Url::parse(API).ok()? };
    Some(Request::json(endpoint(&api, &["rest", "v1.1", "sites", &site]), Stage::Links))
}

#[derive(Deserialize)]
struct Site {
    #[serde(rename = "URL")]
    url: Option<Url>,
    subscribers_count: Option<u64>,
    #[serde(default)]
    is_private: bool,
}

/// What is not public is refused, and then there is no number.
pub(super) fn read_site(progress: &mut Progress, reply: &Reply) -> Step {
    let site: Option<Site> = if reply.ok() { reply.json().ok() } else { None };
    let home = progress.seen.profile.url.as_deref().and_then(|url| Url::parse(url).ok());
    let home = home.or_else(|| progress.account().base.clone());
    // The number stands in the feed, where anybody's could stand.
    let own = |site: &Site| site.url.as_ref().and_then(host) == home.as_ref().and_then(host);
    if let Some(site) = site.filter(|site| !site.is_private && own(site)) {
        progress.figure(Figure::Followers, site.subscribers_count);
    }
    progress.next()
}

fn host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host))
}

/// The site's own interface is closed: asks for the posts here, after the site.
pub(super) fn instead(progress: &mut Progress) {
    let site = progress.queue.iter().find(|request| request.stage == Stage::Links);
    if let Some(mut request) = site.cloned() {
        request.url = endpoint(&request.url, &["posts", ""]);
        request
            .url
            .query_pairs_mut()
            .append_pair("number", "100")
            .append_pair("fields", "ID,date,title,URL,guid,discussion");
        request.stage = Stage::Actors;
        progress.queue.push_back(request);
    }
}

#[derive(Deserialize)]
struct Posts {
    posts: Vec<RemotePost>,
}

#[derive(Deserialize)]
struct RemotePost {
    date: String,
    title: Option<String>,
    #[serde(rename = "URL")]
    url: Option<String>,
    guid: Option<String>,
    discussion: Option<Discussion>,
}

#[derive(Deserialize)]
struct Discussion {
    comment_count: Option<u64>,
}

pub(super) fn read_posts(progress: &mut Progress, reply: &Reply) -> Step {
    let posts: Option<Posts> = if reply.ok() { reply.json().ok() } else { None };
    for post in posts.map(|posts| posts.posts).unwrap_or_default() {
        let Some(published) = rfc3339(&post.date) else { continue };
        // The feed's name for the post, which is its guid.
        let by_url = post.url.as_ref().and_then(|url| progress.aliases.get(url)).cloned();
        let guid = post.guid.filter(|guid| !guid.is_empty()).map(ItemId);
        let Some(id) = by_url.or(guid) else { continue };
        progress.add(Post {
            id,
            kind: PostKind::Item,
            url: post.url,
            title: post.title.map(|title| text::from_html(&title)).unwrap_or_default(),
            published,
            counts: Counts::default()
                .with(Metric::Replies, post.discussion.and_then(|discussion| discussion.comment_count)),
            standing: false,
        });
    }
    progress.next()
}
