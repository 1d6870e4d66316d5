//! Ghost: its feed has no counts, but the public page asks for them, and so does a poll: one question for all
//! items of the feed. Who commented is for members only. The feed is the newest posts in their order, so that a post
//! missing between two others was taken down.

use super::super::{Progress, Step, endpoint};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{ItemId, Metric};
use std::collections::HashMap;
use url::Url;

/// Items of one question. Ghost's feeds have 15.
const MOST: usize = 50;

/// Asks for the comment counts of the posts seen, by Ghost's own numbers of them, which its feed has as guids.
pub(super) fn counts(progress: &Progress, home: &Url) -> Option<Request> {
    let ids = progress.seen.posts.iter().map(|post| post.id.0.as_str()).filter(|id| is_number(id));
    let ids: Vec<&str> = ids.take(MOST).collect();
    if ids.is_empty() {
        return None;
    }
    let mut url = endpoint(home, &["members", "api", "comments", "counts", ""]);
    url.query_pairs_mut().append_pair("ids", &ids.join(","));
    Some(Request::json(url, Stage::Refresh))
}

/// 24 hexadecimal digits.
fn is_number(id: &str) -> bool {
    id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether an answer is the page on which a site that is private asks for its password.
pub(super) fn is_locked(reply: &Reply) -> bool {
    reply.is_page()
        && reply.url.path().ends_with("/private/")
        && reply.url.query_pairs().any(|(name, _)| name == "r")
}

/// Posts that the feed should have shown between those that it has.
pub(super) fn taken_down(progress: &Progress) -> Vec<ItemId> {
    let oldest = progress.seen.posts.iter().map(|post| post.published).min();
    oldest.map(|oldest| progress.missing_between(oldest, progress.now)).unwrap_or_default()
}

pub(super) fn read_counts(progress: &mut Progress, reply: &Reply) -> Step {
    let counts: Option<HashMap<String, Option<u64>>> = if reply.ok() { reply.json().ok() } else { None };
    for (id, count) in counts.unwrap_or_default() {
        if let Some(post) = progress.seen.posts.iter_mut().find(|post| post.id.0 == id) {
            post.counts.set(Metric::Replies, count);
        }
    }
    progress.next()
}
