//! What the forums say, as far as it is read.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error_type: Option<String>,
    pub(super) extras: Option<Extras>,
}

#[derive(Deserialize)]
pub(super) struct Extras {
    pub(super) wait_seconds: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct UserReply {
    pub(super) user: User,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) username: String,
    pub(super) name: Option<String>,
    pub(super) website: Option<String>,
    /// HTML.
    pub(super) bio_excerpt: Option<String>,
    #[serde(default)]
    pub(super) profile_hidden: bool,
    pub(super) suspended_till: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PostView {
    pub(super) id: u64,
    /// Negative for the forum's own users.
    pub(super) user_id: i64,
    pub(super) username: String,
    pub(super) topic_id: u64,
    #[serde(default)]
    pub(super) topic_slug: String,
    pub(super) post_number: u64,
    pub(super) post_type: Option<u64>,
    pub(super) created_at: String,
    /// HTML.
    pub(super) cooked: Option<String>,
    /// HTML.
    pub(super) excerpt: Option<String>,
    pub(super) reply_count: Option<u64>,
    actions_summary: Option<Vec<Action>>,
    deleted_at: Option<String>,
    #[serde(default)]
    user_deleted: bool,
    #[serde(default)]
    hidden: bool,
}

#[derive(Deserialize)]
struct Action {
    id: u64,
    count: Option<u64>,
}

impl PostView {
    /// Likes are among what was done to a post. What was never done is left out.
    pub(super) fn likes(&self) -> Option<u64> {
        let like = self.actions_summary.as_ref()?.iter().find(|action| action.id == 2);
        Some(like.and_then(|like| like.count).unwrap_or(0))
    }

    /// Deleted, or hidden after complaints: a stub that strangers do not see.
    pub(super) fn is_gone(&self) -> bool {
        self.deleted_at.is_some() || self.user_deleted || self.hidden
    }
}

#[derive(Deserialize)]
pub(super) struct Topics {
    pub(super) topic_list: TopicList,
}

#[derive(Deserialize)]
pub(super) struct TopicList {
    pub(super) topics: Vec<TopicView>,
}

#[derive(Deserialize)]
pub(super) struct TopicView {
    pub(super) id: u64,
    pub(super) title: Option<String>,
    pub(super) posts_count: Option<u64>,
}

/// A topic, or some of its posts.
#[derive(Deserialize)]
pub(super) struct Topic {
    pub(super) id: Option<u64>,
    pub(super) post_stream: Stream,
}

#[derive(Deserialize)]
pub(super) struct Stream {
    pub(super) posts: Vec<PostView>,
    /// The numbers of all posts of the topic.
    pub(super) stream: Option<Vec<u64>>,
}

#[derive(Deserialize)]
pub(super) struct Liked {
    pub(super) post_action_users: Vec<Liker>,
}

#[derive(Deserialize)]
pub(super) struct Liker {
    pub(super) id: i64,
}
