//! Who is behind a counter: likers, reposters, who answered and who quoted.

use super::{Author, PostView, Posts, earlier, is_did, published, xrpc};
use crate::channels::{Progress, Step, decode_actors};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Act, Metric, Post, Trouble};
use serde::Deserialize;

const LIKES: &str = "app.bsky.feed.getLikes";
const REPOSTS: &str = "app.bsky.feed.getRepostedBy";
const THREAD: &str = "app.bsky.feed.getPostThread";
const QUOTES: &str = "app.bsky.feed.getQuotes";

/// Who is behind a post's counter; the newest come first.
pub(super) fn question(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    let uri = ("uri", post.id.0.as_str());
    let listing = |method| xrpc(progress, method, Stage::Actors, &[uri, ("limit", "100")]);
    match metric {
        Metric::Likes => Some(listing(LIKES)),
        Metric::Reshares => Some(listing(REPOSTS)),
        Metric::Quotes => Some(listing(QUOTES)),
        Metric::Replies => {
            Some(xrpc(progress, THREAD, Stage::Actors, &[uri, ("depth", "1"), ("parentHeight", "0")]))
        }
        Metric::Views => None,
    }
}

#[derive(Deserialize)]
struct Likes {
    likes: Vec<Like>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Like {
    created_at: Option<String>,
    indexed_at: String,
    actor: Author,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reposters {
    reposted_by: Vec<Author>,
}

#[derive(Deserialize)]
struct Thread {
    thread: Replies,
}

#[derive(Deserialize)]
struct Replies {
    #[serde(default)]
    replies: Vec<ThreadReply>,
}

/// A blocked or deleted one has no post.
#[derive(Deserialize)]
struct ThreadReply {
    post: Option<PostView>,
}

pub(super) fn read(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let uri = reply.url.query_pairs().find(|(name, _)| name == "uri").map(|(_, uri)| uri.into_owned());
    let method = reply.url.path_segments().and_then(|mut path| path.next_back());
    if let (Some(uri), Some(method)) = (uri, method) {
        match method {
            LIKES => {
                let likes = decode_actors::<Likes>(reply)?.map(|Likes { likes }| likes);
                for Like { created_at, indexed_at, actor } in likes.into_iter().flatten() {
                    let id = format!("like:{uri}:{}", actor.did);
                    if progress.account().stable.as_ref() == Some(&actor.did) {
                        progress.act(Act::own(id, uri.as_str(), Metric::Likes));
                    } else if is_did(&actor.did) {
                        let at = earlier(created_at.as_deref(), &indexed_at);
                        let act = Act::by(actor.did, id, uri.as_str(), Metric::Likes).at(at);
                        progress.act_by(act, String::new);
                    }
                }
            }
            REPOSTS => {
                let mut reposters =
                    decode_actors::<Reposters>(reply)?.map(|told| told.reposted_by).unwrap_or_default();
                reposters.retain(|reposter| is_other(progress, &reposter.did));
                let acts = reposters.into_iter().map(|Author { did }| {
                    let id = format!("repost:{uri}:{did}");
                    Act::by(did, id, uri.as_str(), Metric::Reshares)
                });
                progress.undated_acts(&uri, Metric::Reshares, acts);
            }
            THREAD => {
                let replies = decode_actors::<Thread>(reply)?.map(|told| told.thread.replies);
                let posts = replies.into_iter().flatten().filter_map(|reply| reply.post);
                answers(progress, &uri, Metric::Replies, posts);
            }
            _ => {
                let quotes = decode_actors::<Posts>(reply)?.map(|told| told.posts);
                answers(progress, &uri, Metric::Quotes, quotes.into_iter().flatten());
            }
        }
    }
    Ok(progress.then_actors(question))
}

/// What the account says itself is known from its feed.
fn is_other(progress: &Progress, did: &str) -> bool {
    is_did(did) && progress.account().stable.as_deref() != Some(did)
}

/// Posts by others about a post.
fn answers(progress: &mut Progress, uri: &str, metric: Metric, posts: impl Iterator<Item = PostView>) {
    for post in posts {
        if is_other(progress, &post.author.did) {
            let act = Act::by(&post.author.did, post.uri.as_str(), uri, metric).at(published(&post));
            progress.act_by(act, || post.record.text);
        }
    }
}
