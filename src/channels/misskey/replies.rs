//! What the servers say, as far as it is read.

use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error: RefusalView,
}

#[derive(Deserialize)]
pub(super) struct RefusalView {
    pub(super) code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) username: String,
    /// None where it is this server's own.
    pub(super) host: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) followers_count: Option<i64>,
    pub(super) followers_visibility: Option<String>,
    /// Older servers have one word for followers and following.
    pub(super) ff_visibility: Option<String>,
    pub(super) fields: Option<Vec<Field>>,
    pub(super) verified_links: Option<Vec<String>>,
    /// The new account's id on this server; older servers gave its address.
    pub(super) moved_to: Option<String>,
    #[serde(default)]
    pub(super) is_suspended: bool,
    #[serde(default)]
    pub(super) is_deleted: bool,
    /// Where it is another server's.
    pub(super) instance: Option<Instance>,
}

/// A line of the profile's table.
#[derive(Deserialize)]
pub(super) struct Field {
    #[serde(default)]
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instance {
    pub(super) software_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) created_at: String,
    pub(super) user_id: String,
    pub(super) text: Option<String>,
    pub(super) cw: Option<String>,
    pub(super) visibility: Option<String>,
    /// Its author shows it to signed-in people only.
    #[serde(default)]
    is_hidden: bool,
    pub(super) reply_id: Option<String>,
    pub(super) renote_id: Option<String>,
    pub(super) reply: Option<Box<Self>>,
    pub(super) renote: Option<Box<Self>>,
    #[serde(default)]
    file_ids: Vec<serde_json::Value>,
    poll: Option<serde_json::Value>,
    reactions: Option<HashMap<String, i64>>,
    reaction_count: Option<i64>,
    pub(super) renote_count: Option<i64>,
    pub(super) replies_count: Option<i64>,
}

impl Note {
    pub(super) fn is_public(&self) -> bool {
        !self.is_hidden && self.visibility.as_deref().is_none_or(|seen| matches!(seen, "public" | "home"))
    }

    /// A renote without a word of its own; with one it is a quote.
    pub(super) fn is_pure_renote(&self) -> bool {
        self.renote_id.is_some()
            && self.text.is_none()
            && self.cw.is_none()
            && self.reply_id.is_none()
            && self.poll.is_none()
            && self.file_ids.is_empty()
    }

    /// Reactions of every kind. Older servers give only how many there are of each.
    pub(super) fn reactions(&self) -> Option<u64> {
        let each =
            || self.reactions.as_ref()?.values().try_fold(0_i64, |sum, &of| sum.checked_add(of.max(0)));
        self.reaction_count.or_else(each).and_then(|count| u64::try_from(count).ok())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reaction {
    pub(super) id: String,
    pub(super) created_at: String,
    pub(super) user: Reactor,
}

#[derive(Deserialize)]
pub(super) struct Reactor {
    pub(super) id: String,
}
