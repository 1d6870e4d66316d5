//! Bluesky, in two ways. Jetstream tells of every post of one's own as it is made, and nothing of what it receives:
//! it filters by who acts, so that likes received would mean to take in every like of the whole network. Those are
//! noticed by the account's own server, which is asked how many notifications are unread.

use super::{Line, Push, Way, below, is_named};
use crate::exchange::{Grant, GrantStyle, Place, Request, Stage};
use crate::http::Fetch;
use crate::model::{Account, Trouble};
use serde::Deserialize;
use std::time::Duration;

pub(super) const WAYS: &[Way] = &[Way::Unread, Way::Jetstream];

/// The name of the key: the handle, a colon, an app password.
pub(super) const KEY: &str = "bluesky";

/// Nobody writes all day long: after so much silence the connection is made anew.
const QUIET: Duration = Duration::from_mins(10);

#[derive(Deserialize)]
struct Unread {
    count: u64,
}

#[derive(Deserialize)]
struct Session {
    handle: String,
    did: String,
}

/// Asks for unread notifications until that fails, and says why it did.
pub(super) async fn ask(push: &Push, account: &Account, line: &Line<'_>) -> Trouble {
    match unread(push, account, line).await {
        Ok(never) => match never {},
        Err(trouble) => trouble,
    }
}

/// Whose key it is: somebody else's would tell of their notifications.
async fn session(push: &Push, account: &Account) -> Result<Session, Trouble> {
    let session: Session = data(push, "com.atproto.server.getSession").await?;
    let own = account.stable.as_deref() == Some(session.did.as_str()) || is_named(account, &session.handle);
    if own { Ok(session) } else { Err(Trouble::Unauthorized) }
}

async fn unread(
    push: &Push,
    account: &Account,
    line: &Line<'_>,
) -> Result<std::convert::Infallible, Trouble> {
    session(push, account).await?;
    let mut before: Option<u64> = None;
    loop {
        let Unread { count } = data(push, "app.bsky.notification.getUnreadCount").await?;
        // It falls when they are read elsewhere.
        if before.is_some_and(|before| count > before) {
            line.tell();
        }
        if before.replace(count).is_none() {
            line.stands();
        }
        tokio::time::sleep(push.places.every).await;
    }
}

async fn data<T: serde::de::DeserializeOwned>(push: &Push, method: &str) -> Result<T, Trouble> {
    let server = &push.places.bluesky;
    let grant = Grant {
        at: below(server, "xrpc/com.atproto.server.createSession"),
        style: GrantStyle::Session,
        named_in: None,
    };
    let request = Request::json(below(server, &format!("xrpc/{method}")), Stage::Profile)
        .with_key_as(KEY, Place::Grant(grant));
    let reply = push.http.fetch(request, push.clock.now()).await?;
    match reply.status {
        200..300 => reply.json().map_err(|_not_as_told| Trouble::malformed("an answer of another kind")),
        400 | 401 => Err(Trouble::Unauthorized),
        status => Err(Trouble::Server { status, until: None }),
    }
}

/// Listens for posts of one's own until the connection ends, and says why it did.
pub(super) async fn hear(push: &Push, account: &Account, line: &Line<'_>) -> Trouble {
    // An account that was never read is known by its name alone; its key knows the rest.
    let did = match &account.stable {
        Some(did) => did.clone(),
        None => match session(push, account).await {
            Ok(session) => session.did,
            Err(trouble) => return trouble,
        },
    };
    let mut url = push.places.jetstream.clone();
    url.query_pairs_mut()
        .append_pair("wantedDids", &did)
        .append_pair("wantedCollections", "app.bsky.feed.post");
    let hear = |words: &str| {
        if commits(words, &did) {
            line.tell();
        }
    };
    match push.http.socket(&url, QUIET, || line.stands(), hear).await {
        Ok(()) => Trouble::unreachable("the stream ended"),
        Err(trouble) => trouble,
    }
}

#[derive(Deserialize)]
struct Event {
    did: String,
    kind: String,
}

/// Whether these words tell of something that this account has done.
fn commits(words: &str, did: &str) -> bool {
    serde_json::from_str::<Event>(words).is_ok_and(|event| event.kind == "commit" && event.did == did)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_one_does_oneself_is_heard() {
        let did = "did:plc:vtq5ilam4kzx7wq3hn2ybj6e";
        let event =
            |who: &str, kind: &str| format!("{{\"did\": \"{who}\", \"kind\": \"{kind}\", \"time_us\": 1}}");
        assert!(commits(&event(did, "commit"), did));
        assert!(!commits(&event(did, "identity"), did));
        assert!(!commits(&event("did:plc:other", "commit"), did));
        for broken in ["", "{", "[]", "{\"did\": 7}"] {
            assert!(!commits(broken, did));
        }
    }
}
