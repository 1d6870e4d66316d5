#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! What servers push is a reason to poll, and nothing else.

#[path = "support/server.rs"]
mod server;

use cloutop::clock::Clock;
use cloutop::config::Keys;
use cloutop::http::Http;
use cloutop::model::{Account, ChannelId};
use cloutop::poller::{Ask, Settings};
use cloutop::push::{Places, Push};
use futures_util::SinkExt;
use server::{Answer, Server, endless, json, reply};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::Request;
use tokio_util::sync::CancellationToken;
use url::Url;

/// A test waits no longer.
const PATIENCE: Duration = Duration::from_secs(30);

fn account(typed: &str) -> Account {
    cloutop::channels::parse(typed, &|_| false).unwrap().remove(0)
}

/// The first channel that a push names, if any listener has one to listen to; `None` when all of them have ended.
fn told(push: Push) -> Option<ChannelId> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (asks, mut asked) = mpsc::channel(8);
        let cancel = CancellationToken::new();
        tokio::spawn(Box::new(push).run(asks, cancel.clone()));
        let ask = tokio::time::timeout(PATIENCE, asked.recv()).await.expect("neither told nor ended");
        cancel.cancel();
        ask.map(|ask| match ask {
            Ask::Soon(channel) => channel,
            other => panic!("{other:?}"),
        })
    })
}

fn push(account: Account, key: (&str, &str), api: &Server, places: Places) -> Push {
    let keys = Keys::of([(Keys::variable(key.0), key.1.to_owned())]);
    let apis = HashMap::from([(account.network.id(), (Some(api.url()), None))]);
    Push {
        http: Http::new(keys, Vec::new()).unwrap(),
        clock: Clock::System,
        settings: Settings::new(apis),
        places,
        own: vec![(ChannelId(7), account)],
    }
}

fn mastodon(name: &'static str, stream: impl Fn() -> Answer + Send + Sync + 'static) -> (Server, Push) {
    let server = Server::start(move |head| {
        if !head.to_ascii_lowercase().contains("authorization: bearer sesame") {
            return reply(401, &[], b"{}");
        }
        match head {
            _ if head.contains("verify_credentials") => json(format!("{{\"acct\": \"{name}\"}}").as_bytes()),
            _ if head.contains("/streaming/user/notification") => stream(),
            _ => reply(404, &[], b""),
        }
    });
    let key = format!("mastodon@{}", server.address);
    let push = push(account("@ada@h.example"), (&key, "sesame"), &server, Places::default());
    (server, push)
}

#[test]
fn a_notification_of_a_mastodon_server_is_a_reason_to_poll() {
    let (server, push) = mastodon("ada", || {
        let events = ":)\n\nevent: notification\ndata: {\"type\": \"favourite\"}\n\n";
        Answer::Silence(match endless("content-type: text/event-stream\r\n", events.as_bytes()) {
            Answer::Bytes(bytes) => bytes,
            other => panic!("{other:?}"),
        })
    });
    assert_eq!(told(push), Some(ChannelId(7)));
    let asked = server.asked();
    assert!(asked.last().unwrap().starts_with("GET /api/v1/streaming/user/notification"), "{asked:?}");
}

#[test]
fn a_token_of_somebody_else_or_a_refused_one_is_not_listened_with() {
    let (server, push) = mastodon("ken", || panic!("nobody listens to somebody else"));
    assert_eq!(told(push), None);
    assert_eq!(server.asked().len(), 1);
    let (_server, push) = mastodon("ada", || reply(401, &[], b"{}"));
    assert_eq!(told(push), None);
}

#[test]
fn without_a_key_nobody_is_asked() {
    let (server, mut push) = mastodon("ada", || panic!("nobody listens without a key"));
    push.http = Http::new(Keys::default(), Vec::new()).unwrap();
    assert_eq!(told(push), None);
    assert!(server.asked().is_empty());
}

const DID: &str = "did:plc:vtq5ilam4kzx7wq3hn2ybj6e";

/// A server on which the account has a notification more at every question from the third one on.
fn pds(unread: bool) -> Server {
    let questions = AtomicU64::new(0);
    Server::start(move |head| {
        let signed_in = head.to_ascii_lowercase().contains("authorization: bearer a-token");
        match head {
            _ if head.contains("createSession") => {
                json(format!("{{\"accessJwt\": \"a-token\", \"did\": \"{DID}\"}}").as_bytes())
            }
            _ if !signed_in => reply(401, &[], b"{}"),
            _ if head.contains("getSession") => {
                json(format!("{{\"handle\": \"ada.example.org\", \"did\": \"{DID}\"}}").as_bytes())
            }
            _ if head.contains("getUnreadCount") => {
                let more = questions.fetch_add(1, Ordering::Relaxed).saturating_sub(1) * u64::from(unread);
                json(format!("{{\"count\": {more}}}").as_bytes())
            }
            _ => reply(404, &[], b""),
        }
    })
}

fn bluesky(server: &Server, jetstream: &str) -> Push {
    let places = Places {
        bluesky: server.url(),
        jetstream: Url::parse(jetstream).unwrap(),
        every: Duration::from_millis(1),
    };
    push(account("ada.example.org").known_as(DID), ("bluesky", "ada.example.org:sesame"), server, places)
}

#[test]
fn an_unread_notification_on_bluesky_is_a_reason_to_poll() {
    let server = pds(true);
    assert_eq!(told(bluesky(&server, "ws://127.0.0.1:9/")), Some(ChannelId(7)));
    let asked = server.asked();
    assert!(asked[0].starts_with("POST /xrpc/com.atproto.server.createSession"), "{asked:?}");
    assert_eq!(asked.iter().filter(|head| head.contains("createSession")).count(), 1, "signed in once");
}

/// A Jetstream that tells of one post by the account. Gives its address, and what it was asked for.
#[expect(clippy::result_large_err, reason = "the answer to a handshake is the library's own")]
fn jetstream() -> (String, Receiver<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, asks) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let note = |request: &Request, response| {
                asked.send(request.uri().to_string()).unwrap();
                Ok(response)
            };
            let mut socket = tokio_tungstenite::accept_hdr_async(stream, note).await.unwrap();
            for words in
                ["{\"kind\": \"identity\"}", &format!("{{\"did\": \"{DID}\", \"kind\": \"commit\"}}")]
            {
                socket.send(Message::text(words)).await.unwrap();
            }
            std::future::pending::<()>().await;
        });
    });
    (format!("ws://{address}/subscribe"), asks)
}

#[test]
fn a_post_of_ones_own_is_heard_of_by_jetstream() {
    let (address, asks) = jetstream();
    let server = pds(false);
    assert_eq!(told(bluesky(&server, &address)), Some(ChannelId(7)));
    let asked = asks.try_recv().unwrap();
    assert_eq!(
        asked,
        "/subscribe?wantedDids=did%3Aplc%3Avtq5ilam4kzx7wq3hn2ybj6e&wantedCollections=app.bsky.feed.post"
    );
}

#[test]
fn an_account_that_was_never_read_is_listened_to_by_what_its_key_knows() {
    let (address, asks) = jetstream();
    let server = pds(false);
    let mut push = bluesky(&server, &address);
    push.own = vec![(ChannelId(7), account("ada.example.org"))];
    assert_eq!(told(push), Some(ChannelId(7)));
    assert!(asks.try_recv().unwrap().contains("wantedDids=did%3Aplc%3Avtq5ilam4kzx7wq3hn2ybj6e&"));
}
