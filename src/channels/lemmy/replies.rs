//! What the servers say, as far as it is read. What has two names has one in each API.

use crate::channels::{rfc3339, visible};
use crate::model::{ItemId, Time};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Option<String>,
    pub(super) message: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PersonReply {
    pub(super) person_view: PersonView,
}

#[derive(Deserialize)]
pub(super) struct PersonView {
    pub(super) person: Person,
    #[serde(default)]
    pub(super) banned: bool,
}

#[derive(Deserialize)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) name: Option<String>,
    pub(super) user_name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) actor_id: Option<String>,
    pub(super) ap_id: Option<String>,
    pub(super) bio: Option<String>,
    pub(super) about: Option<String>,
    #[serde(default)]
    pub(super) banned: bool,
    #[serde(default)]
    pub(super) deleted: bool,
}

/// Posts and comments: apart, or together in `items`.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub(super) posts: Vec<Item>,
    #[serde(default)]
    pub(super) comments: Vec<Item>,
    pub(super) items: Option<Vec<Item>>,
    pub(super) next_page: Option<String>,
}

/// A comment with the post it is under, or a post.
#[derive(Deserialize)]
pub(super) struct Item {
    post: Option<PostView>,
    pub(super) comment: Option<CommentView>,
    counts: Option<CountsView>,
    creator: Option<Creator>,
}

#[derive(Deserialize)]
struct PostView {
    id: u64,
    name: Option<String>,
    title: Option<String>,
    ap_id: Option<String>,
    creator_id: Option<u64>,
    user_id: Option<u64>,
    published: Option<String>,
    published_at: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    removed: bool,
    #[serde(flatten)]
    counts: CountsView,
}

#[derive(Deserialize)]
pub(super) struct CommentView {
    id: u64,
    content: Option<String>,
    body: Option<String>,
    ap_id: Option<String>,
    /// The numbers of the comments above it and its own, from the top, after a 0.
    path: Option<String>,
    published: Option<String>,
    published_at: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    removed: bool,
    #[serde(flatten)]
    counts: CountsView,
}

/// Beside the item, or part of it.
#[derive(Deserialize, Clone, Copy)]
struct CountsView {
    upvotes: Option<i64>,
    comments: Option<i64>,
    child_count: Option<i64>,
}

#[derive(Deserialize)]
struct Creator {
    actor_id: Option<String>,
    ap_id: Option<String>,
}

impl Item {
    pub(super) fn id(&self) -> Option<ItemId> {
        match (&self.comment, &self.post) {
            (Some(comment), _) => Some(ItemId(format!("comment/{}", comment.id))),
            (None, Some(post)) => Some(ItemId(format!("post/{}", post.id))),
            (None, None) => None,
        }
    }

    pub(super) fn published(&self) -> Option<Time> {
        let text = match (&self.comment, &self.post) {
            (Some(comment), _) => comment.published.as_ref().or(comment.published_at.as_ref()),
            (None, post) => {
                post.as_ref().and_then(|post| post.published.as_ref().or(post.published_at.as_ref()))
            }
        }?;
        // Before 0.19 without a zone: it is UTC.
        rfc3339(text).or_else(|| rfc3339(&format!("{text}Z")))
    }

    /// Deleted by its author or removed by a moderator: an empty place.
    pub(super) fn is_gone(&self) -> bool {
        match (&self.comment, &self.post) {
            (Some(comment), _) => comment.deleted || comment.removed,
            (None, post) => post.as_ref().is_some_and(|post| post.deleted || post.removed),
        }
    }

    /// Its address on its own server.
    pub(super) fn url(&self) -> Option<String> {
        let url = match &self.comment {
            Some(comment) => comment.ap_id.as_ref(),
            None => self.post.as_ref()?.ap_id.as_ref(),
        };
        url.filter(|url| url.starts_with("https://") || url.starts_with("http://")).cloned()
    }

    /// A post's title, a comment's text.
    pub(super) fn words(&self) -> &str {
        let words = match (&self.comment, &self.post) {
            (Some(comment), _) => comment.content.as_ref().or(comment.body.as_ref()),
            (None, post) => post.as_ref().and_then(|post| post.name.as_ref().or(post.title.as_ref())),
        };
        words.map(String::as_str).unwrap_or_default()
    }

    fn counts(&self) -> Option<CountsView> {
        self.counts.or_else(|| match &self.comment {
            Some(comment) => Some(comment.counts),
            None => self.post.as_ref().map(|post| post.counts),
        })
    }

    pub(super) fn upvotes(&self) -> Option<u64> {
        visible(self.counts()?.upvotes)
    }

    pub(super) fn replies(&self) -> Option<u64> {
        let counts = self.counts()?;
        visible(if self.comment.is_some() { counts.child_count } else { counts.comments })
    }

    /// The post that a comment is under, if it is by the same person.
    pub(super) fn above(&self, person: &str) -> Option<ItemId> {
        let post = self.post.as_ref().filter(|_| self.comment.is_some())?;
        let author = post.creator_id.or(post.user_id)?;
        (author.to_string() == person).then(|| ItemId(format!("post/{}", post.id)))
    }

    /// The comments above a comment, from the top, and itself.
    pub(super) fn ancestors(&self) -> Vec<ItemId> {
        let path = self.comment.as_ref().and_then(|comment| comment.path.as_deref()).unwrap_or_default();
        path.split('.').skip(1).take(100).map(|number| ItemId(format!("comment/{number}"))).collect()
    }

    /// Who wrote it, by the same name on every server.
    pub(super) fn author(&self) -> Option<String> {
        let creator = self.creator.as_ref()?;
        creator.actor_id.clone().or_else(|| creator.ap_id.clone())
    }
}
