//! Being told at once instead of asking: for the user's own accounts, where their servers do it for nothing.
//!
//! What comes in is not believed. It says that it is worth asking now; a poll follows, and what the poll reads is
//! the truth. So a listener that misses something, hears it twice or breaks off costs nothing but time.

mod bluesky;
mod mastodon;

use crate::clock::Clock;
use crate::http::Http;
use crate::model::{Account, ChannelId, Trouble};
use crate::poller::{Ask, Settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The first pause after a connection broke off; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// A connection that lasted so long was a good one: the next pause is the first again.
const GOOD: Duration = Duration::from_mins(2);

/// A server that says nothing for so long, not even that it is still there, has gone.
const SILENCE: Duration = Duration::from_secs(90);

/// Where servers push, if not at their usual places.
#[derive(Debug, Clone)]
pub struct Places {
    /// Every post of the network as it is made, from which one account's are picked.
    pub jetstream: Url,
    /// Where Bluesky accounts sign in.
    pub bluesky: Url,
    /// Between two questions for the number of unread notifications there.
    pub every: Duration,
}

impl Default for Places {
    fn default() -> Self {
        let url = |text| Url::parse(text).unwrap_or_else(|_| unreachable!("a constant is an address"));
        Self {
            jetstream: url("wss://jetstream2.us-east.bsky.network/subscribe"),
            bluesky: url("https://bsky.social/"),
            every: Duration::from_secs(15),
        }
    }
}

/// Listens for the accounts among `own` whose server pushes and for which there is a key.
#[derive(Debug)]
pub struct Push {
    pub http: Http,
    pub clock: Clock,
    pub settings: Settings,
    pub places: Places,
    pub own: Vec<(ChannelId, Account)>,
}

/// What a connection says of itself.
struct Line<'t> {
    asks: &'t (dyn Fn() + Sync),
    /// An earlier connection stood, and what came since is not known.
    missed: AtomicBool,
    stands: AtomicBool,
}

impl Line<'_> {
    /// Something came that is worth a poll.
    fn tell(&self) {
        (self.asks)();
    }

    /// From now on everything is heard. What was missed before is read by a poll.
    fn stands(&self) {
        self.stands.store(true, Ordering::Relaxed);
        if self.missed.swap(false, Ordering::Relaxed) {
            self.tell();
        }
    }

    /// The connection ended. One that never stood has missed nothing that would not be polled anyway.
    fn ended(&self) {
        let stood = self.stands.swap(false, Ordering::Relaxed);
        self.missed.fetch_or(stood, Ordering::Relaxed);
    }
}

impl Push {
    /// The name of the key by which an account can be listened to, if there is one.
    pub fn key(http: &Http, settings: &Settings, account: &Account) -> Option<String> {
        use crate::http::Fetch;
        let name = match account.network.id() {
            "mastodon" => mastodon::key(&settings.api(account)),
            "bluesky" => bluesky::KEY.to_owned(),
            _ => return None,
        };
        http.has_key(&name).then_some(name)
    }

    /// Listens until told to stop.
    pub async fn run(self: Box<Self>, asks: mpsc::Sender<Ask>, cancel: CancellationToken) {
        let push: Arc<Self> = Arc::from(self);
        let mut listeners = JoinSet::new();
        for (channel, account) in &push.own {
            if Self::key(&push.http, &push.settings, account).is_none() {
                continue;
            }
            let ways = if account.network.id() == "bluesky" { bluesky::WAYS } else { mastodon::WAYS };
            for way in ways {
                listeners.spawn(listen(push.clone(), *way, *channel, account.clone(), asks.clone()));
            }
        }
        drop(asks);
        tokio::select! {
            () = cancel.cancelled() => {}
            _ = listeners.join_all() => {}
        }
    }
}

/// One kind of connection.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Notifications of a Mastodon server.
    Notifications,
    /// How many unread notifications a Bluesky account has.
    Unread,
    /// Own posts, of the stream of all.
    Jetstream,
}

/// Connects again and again, with pauses. Ends where a server says that it will never work.
async fn listen(push: Arc<Push>, way: Way, channel: ChannelId, account: Account, asks: mpsc::Sender<Ask>) {
    // A full queue has a poll in it already.
    let soon = || drop(asks.try_send(Ask::Soon(channel)));
    let line = Line { asks: &soon, missed: AtomicBool::new(false), stands: AtomicBool::new(false) };
    let mut pause = FIRST_PAUSE;
    loop {
        let began = tokio::time::Instant::now();
        let ended = match way {
            Way::Notifications => mastodon::hear(&push, &account, &line).await,
            Way::Unread => bluesky::ask(&push, &account, &line).await,
            Way::Jetstream => bluesky::hear(&push, &account, &line).await,
        };
        line.ended();
        tracing::debug!(account = %account, ?way, ?ended, "a listener's connection ended");
        if matches!(ended, Trouble::Unauthorized | Trouble::KeyNeeded | Trouble::NotFound) {
            // Polling goes on, and says what is wrong with the key where it needs it.
            return;
        }
        if began.elapsed() > GOOD {
            pause = FIRST_PAUSE;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// An address below a server's base.
fn below(base: &Url, path: &str) -> Url {
    base.join(path).unwrap_or_else(|_| base.clone())
}

/// Whether `account` is the one that a server knows by this name.
fn is_named(account: &Account, name: &str) -> bool {
    let handle = account.handle.trim_start_matches('@');
    let user = handle.split('@').next().unwrap_or_default();
    handle.eq_ignore_ascii_case(name) || user.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn a_connection_that_never_stood_has_missed_nothing() {
        let asked = AtomicUsize::new(0);
        let ask = || {
            asked.fetch_add(1, Ordering::Relaxed);
        };
        let line = Line { asks: &ask, missed: AtomicBool::new(false), stands: AtomicBool::new(false) };
        line.ended();
        line.stands();
        assert_eq!(asked.load(Ordering::Relaxed), 0, "the first one follows a poll");
        // It breaks off, and two attempts fail.
        for _ in 0..3 {
            line.ended();
        }
        assert_eq!(asked.load(Ordering::Relaxed), 0, "nothing can be heard yet");
        line.stands();
        assert_eq!(asked.load(Ordering::Relaxed), 1, "what came in between is read once");
    }

    #[test]
    fn an_account_is_known_by_its_name() {
        let account = channels::parse("@ada@hachy.example", &|_| false).unwrap().remove(0);
        assert!(is_named(&account, "Ada") && is_named(&account, "ada@hachy.example"));
        assert!(!is_named(&account, "ken") && !is_named(&account, "hachy.example"));
    }
}
