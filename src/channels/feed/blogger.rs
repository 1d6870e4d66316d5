//! Blogger: the feed has comment counts, a feed of comments says who commented on what.

use super::super::{Progress, Step};
use super::parse;
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Act, ItemId, Metric};
use crate::text;
use url::Url;

/// Prefix in [`Progress::aliases`] of where a post's author is at home.
pub(super) const AUTHOR: &str = "blogger author of ";

/// Comments of one question; the first poll finds the rest in the counts.
const PAGE: &str = "200";

pub(super) fn comments(home: &Url) -> Option<Request> {
    let mut url = home.join("/feeds/comments/default").ok()?;
    // Blogs write themselves with http in their feeds and answer with https, too.
    if !crate::exchange::is_loopback(&url) {
        url.set_scheme("https").ok()?;
    }
    url.query_pairs_mut().append_pair("alt", "atom").append_pair("max-results", PAGE);
    Some(super::feed_request(url, Stage::Count))
}

/// Profiles are written with http and with https.
pub(super) fn profile(uri: &str) -> &str {
    uri.split_once("://").map_or(uri, |(_, rest)| rest)
}

pub(super) fn read_comments(progress: &mut Progress, reply: &Reply) -> Step {
    if !reply.ok() || reply.is_page() {
        return progress.next();
    }
    let Ok(feed) = parse::feed(&reply.body, &reply.url) else { return progress.next() };
    for entry in feed.entries {
        // The post's own id is in the comment; comments on pages answer what is no item of the feed.
        let Some(item) = entry.answers.map(ItemId) else { continue };
        let seen = progress.seen.posts.iter().any(|post| post.id == item);
        if !seen && !progress.known.items.contains_key(&item) {
            continue;
        }
        let profile = entry.author_uri.as_deref().map(profile);
        let author = progress.aliases.get(&format!("{AUTHOR}{}", item.0));
        let by_author = author.is_some() && author.map(|author| author.0.as_str()) == profile;
        // Who has no profile has a name at most.
        let actor = profile.or(entry.author.as_deref()).unwrap_or_default().to_owned();
        let act = if by_author {
            Act::own(entry.id, item, Metric::Replies)
        } else {
            Act::by(actor, entry.id, item, Metric::Replies)
        };
        progress.act_by(act.at(entry.published), || text::from_html(&entry.words));
    }
    progress.next()
}
