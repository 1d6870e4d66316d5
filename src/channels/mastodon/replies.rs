//! What the servers say, as far as it is read.

use crate::exchange::host_of;
use crate::text;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
pub(super) struct AccountView {
    pub(super) id: String,
    pub(super) acct: String,
    pub(super) display_name: Option<String>,
    #[serde(default)]
    pub(super) note: String,
    pub(super) url: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) followers_count: Option<i64>,
    #[serde(default)]
    pub(super) suspended: bool,
    pub(super) moved: Option<Box<Self>>,
    pub(super) pleroma: Option<Pleroma>,
    pub(super) fields: Option<Vec<Field>>,
}

/// A line of the profile's table.
#[derive(Deserialize)]
pub(super) struct Field {
    /// HTML.
    pub(super) value: Option<String>,
    /// When the server found a link back to the profile; whatever it is, it is there.
    pub(super) verified_at: Option<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct Pleroma {
    pub(super) ap_id: Option<String>,
    #[serde(default)]
    pub(super) hide_followers_count: bool,
    #[serde(default)]
    pub(super) deactivated: bool,
}

#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) created_at: String,
    #[serde(default)]
    pub(super) content: String,
    #[serde(default)]
    pub(super) spoiler_text: String,
    pub(super) visibility: Option<String>,
    pub(super) url: Option<String>,
    pub(super) account: ActorView,
    pub(super) in_reply_to_id: Option<String>,
    pub(super) in_reply_to_account_id: Option<String>,
    pub(super) reblog: Option<Box<Self>>,
    pub(super) quote: Option<Quote>,
    pub(super) replies_count: Option<u64>,
    pub(super) reblogs_count: Option<u64>,
    pub(super) favourites_count: Option<u64>,
    pub(super) quotes_count: Option<u64>,
}

/// An account in passing.
#[derive(Deserialize)]
pub(super) struct ActorView {
    pub(super) id: String,
    #[serde(default)]
    acct: String,
    uri: Option<String>,
    pleroma: Option<Pleroma>,
}

#[derive(Deserialize)]
pub(super) struct Context {
    pub(super) descendants: Vec<Status>,
}

#[derive(Deserialize)]
pub(super) struct Quote {
    pub(super) quoted_status: Option<Box<Quoted>>,
}

#[derive(Deserialize)]
pub(super) struct Quoted {
    pub(super) id: String,
    pub(super) account: ActorView,
}

impl Status {
    pub(super) fn is_public(&self) -> bool {
        self.visibility.as_deref().is_none_or(|seen| matches!(seen, "public" | "unlisted"))
    }
}

impl AccountView {
    pub(super) fn stable(&self, api: &Url) -> String {
        let ap_id = self.pleroma.as_ref().and_then(|pleroma| pleroma.ap_id.clone());
        self.uri.clone().or(ap_id).unwrap_or_else(|| format!("{}/{}", host_of(api), self.id))
    }
}

impl ActorView {
    /// Who it is, by the same name on every server that says so.
    pub(super) fn name(&self, api: &Url) -> String {
        let ap_id = self.pleroma.as_ref().and_then(|pleroma| pleroma.ap_id.as_ref());
        let name = match (self.uri.as_ref().or(ap_id), self.acct.as_str()) {
            (Some(uri), _) => uri.clone(),
            (None, "") => format!("{}/{}", host_of(api), self.id),
            (None, acct) if acct.contains('@') => acct.to_owned(),
            (None, acct) => format!("{acct}@{}", host_of(api)),
        };
        text::clean(&name)
    }
}
