//! Notifications of a Mastodon server, as server-sent events (WHATWG HTML, section 9.2). The token needs the scopes
//! `read:notifications` and `read:accounts`; `read` has both.

use super::{Line, Push, Way, below, is_named};
use crate::exchange::{Accept, Request, Stage, host_of};
use crate::http::Fetch;
use crate::model::{Account, Trouble};
use serde::Deserialize;
use url::Url;

pub(super) const WAYS: &[Way] = &[Way::Notifications];

/// Where notifications of an account's own come from.
const PATH: &str = "api/v1/streaming/user/notification";

/// Bytes of a line that is kept; the data of an event is longer, and not needed.
const LINE: usize = 100;

pub(super) fn key(api: &Url) -> String {
    format!("mastodon@{}", host_of(api))
}

#[derive(Deserialize)]
struct Me {
    acct: String,
}

#[derive(Deserialize)]
struct Instance {
    configuration: Option<Configuration>,
}

#[derive(Deserialize)]
struct Configuration {
    urls: Option<Urls>,
}

#[derive(Deserialize)]
struct Urls {
    streaming: Option<Url>,
}

/// Listens until the connection ends, and says why it did.
pub(super) async fn hear(push: &Push, account: &Account, line: &Line<'_>) -> Trouble {
    match connect(push, account, line).await {
        Ok(()) => Trouble::unreachable("the stream ended"),
        Err(trouble) => trouble,
    }
}

async fn connect(push: &Push, account: &Account, line: &Line<'_>) -> Result<(), Trouble> {
    let api = push.settings.api(account);
    let key = key(&api);
    let ask = |path| Request::json(below(&api, path), Stage::Profile).with_key(key.clone());
    // A token of somebody else on this server would tell of their notifications.
    let me: Option<Me> = data(push, ask("api/v1/accounts/verify_credentials")).await?;
    if me.is_some_and(|me| !is_named(account, &me.acct)) {
        return Err(Trouble::Unauthorized);
    }
    let instance: Option<Instance> = data(push, ask("api/v2/instance")).await?;
    let streaming = instance.and_then(|instance| instance.configuration?.urls?.streaming);
    let base = streaming.and_then(|url| beside(&api, &url)).unwrap_or_else(|| api.clone());
    let request = Request::json(below(&base, PATH), Stage::Profile)
        .with_key(key)
        .accepting(Accept::Type("text/event-stream"));
    let mut stream = push.http.listen(request, push.clock.now()).await?;
    line.stands();
    let mut lines = Lines::default();
    while let Some(bytes) = stream.next(super::SILENCE).await? {
        if lines.take(&bytes) {
            line.tell();
        }
    }
    Ok(())
}

/// What a server says, if it says anything of the kind; a refused key is told.
async fn data<T: serde::de::DeserializeOwned>(push: &Push, request: Request) -> Result<Option<T>, Trouble> {
    let reply = push.http.fetch(request, push.clock.now()).await?;
    if reply.status == 401 {
        return Err(Trouble::Unauthorized);
    }
    Ok(reply.ok().then(|| reply.json().ok()).flatten())
}

/// The streaming server of a server, if it belongs to it: the key goes there.
fn beside(api: &Url, streaming: &Url) -> Option<Url> {
    let host = api.host_str()?;
    let theirs = streaming.host_str()?;
    let theirs_too = theirs == host || theirs.strip_suffix(host).is_some_and(|rest| rest.ends_with('.'));
    let mut url = api.clone();
    if !theirs_too || !matches!(streaming.scheme(), "wss" | "https") || url.scheme() != "https" {
        return None;
    }
    url.set_host(Some(theirs)).ok()?;
    url.set_port(streaming.port()).ok()?;
    Some(url)
}

/// A stream of events, line by line.
#[derive(Debug, Default)]
struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// Takes bytes in, and says whether an event has begun in them that is worth a poll.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let mut worth = false;
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => {
                    worth |= matches!(self.line.as_slice(), b"event: notification" | b"event:notification");
                    self.line.clear();
                }
                _ if self.line.len() < LINE => self.line.push(*byte),
                _ => {}
            }
        }
        worth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_notifications_are_worth_a_poll_however_the_bytes_come() {
        let heard = |chunks: &[&str]| {
            let mut lines = Lines::default();
            chunks.iter().filter(|chunk| lines.take(chunk.as_bytes())).count()
        };
        assert_eq!(heard(&[":)\n", ":thump\n"]), 0);
        assert_eq!(heard(&["event: notification\ndata: {}\n\n"]), 1);
        assert_eq!(heard(&["event: noti", "fication", "\r\ndata: {}\r\n\r\n"]), 1);
        assert_eq!(heard(&["event: update\ndata: event: notification\n\n"]), 0);
        let long = "x".repeat(100_000);
        assert_eq!(heard(&["data: ", &long, "\nevent: notification\n"]), 1);
    }

    #[test]
    fn a_key_goes_to_no_other_server() {
        let url = |text| Url::parse(text).unwrap();
        let found = |api, streaming| beside(&url(api), &url(streaming)).map(String::from);
        let api = "https://hachy.example/";
        assert_eq!(
            found(api, "wss://streaming.hachy.example"),
            Some("https://streaming.hachy.example/".to_owned())
        );
        assert_eq!(found(api, "wss://hachy.example:4000"), Some("https://hachy.example:4000/".to_owned()));
        assert_eq!(found(api, "wss://evil.example"), None);
        assert_eq!(found(api, "wss://evilhachy.example"), None);
        assert_eq!(found(api, "ws://streaming.hachy.example"), None);
    }
}
