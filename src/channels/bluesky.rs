//! Bluesky and other AT Protocol networks, read through the public `AppView`.
//!
//! One poll: `getProfile`, then `getAuthorFeed` from the newest, then one `getPosts` for older posts whose
//! counters may have moved, then who is behind what grew. Accounts are keyed by DID, so a renamed handle
//! costs nothing. A wrong account is always HTTP 400; only `getProfile` says which kind of wrong.

mod actors;

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint, name, refusal, rfc3339};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Notice, Pace, Post,
    PostKind, Tie, Time, Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;
use url::Url;

pub(super) static CHANNEL: Bluesky = Bluesky;

static SPEC: NetworkSpec = NetworkSpec {
    id: "bluesky",
    code: "BSKY",
    name: "Bluesky",
    also: &["bsky"],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: Some(Word::new("repost", "reposts", "RPST")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: Some(Word::new("quote", "quotes", "QUOT")),
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(5, 1),
    key: KeyNeed::Useful(
        "Settings, Privacy and security, App passwords, of your own account, written as HANDLE:PASSWORD. It is not needed for reading: with it the screen hears of your own likes and replies within seconds",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["bsky.app", ".bsky.social"],
    hint: "write alice.bsky.social, a domain handle, or did:plc:…",
    facts: Facts {
        reads: &[
            "getProfile: followers, name, whether the account still exists",
            "getAuthorFeed: the newest 100 posts and replies with their four counters; on the first poll back to 90 days",
            "getPosts: counters of 25 older posts each poll, all in turn",
            "getLikes, getRepostedBy, getPostThread, getQuotes: who is behind what grew, as far as the server's allowance reaches",
        ],
        cost: "2 or 3 requests, and one for each counter that grew",
        limits: "3,000 requests in 5 minutes from one IP address; the server says so in RateLimit headers, and answers 429 when it was too much",
        unknown: &[
            "how many people saw a post: Bluesky counts no views",
            "likes and reposts by accounts that are blocked, suspended or deleted: they leave the counter",
        ],
    },
    api: Some("https://public.api.bsky.app/"),
};

const POST: &str = "app.bsky.feed.post";

/// Posts on a page, the most the API gives.
const PAGE: usize = 100;

/// Posts asked for by name in one request.
const REFRESH: usize = 25;

pub(super) struct Bluesky;

impl Channel for Bluesky {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let account = |actor: &str| {
            let actor = actor.trim_start_matches('@');
            if is_did(actor) {
                Some(Account::new(self.network(), actor).known_as(actor))
            } else {
                let handle = actor.to_ascii_lowercase();
                is_handle(&handle).then(|| Account::new(self.network(), handle))
            }
        };
        if let Some(rest) = typed.text.strip_prefix("at://") {
            return account(rest.split('/').next()?);
        }
        if is_did(typed.text) {
            return account(typed.text);
        }
        if let Some(url) = &typed.url
            && matches!(url.host_str(), Some("bsky.app" | "www.bsky.app" | "staging.bsky.app"))
        {
            let mut path = url.path_segments()?;
            return (path.next() == Some("profile")).then(|| path.next().and_then(account)).flatten();
        }
        // A bare domain may be a handle. Well-known sites are not, nor are other web addresses.
        let bare = !typed.text.contains(['/', ':']);
        let site = typed.url.as_ref().and_then(Url::host_str).is_some_and(|host| {
            matches!(host, "github.com" | "www.github.com" | "news.ycombinator.com")
                || host.parse::<std::net::Ipv4Addr>().is_ok()
        });
        if bare && !site { account(typed.text) } else { None }
    }

    fn page(&self, account: &Account) -> Option<String> {
        let actor = account.stable.as_ref().unwrap_or(&account.handle);
        Some(format!("https://bsky.app/profile/{actor}"))
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let actor = account.stable.as_ref().unwrap_or(&account.handle);
        xrpc(progress, "app.bsky.actor.getProfile", Stage::Profile, &[("actor", actor)])
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Refresh => read_refresh(progress, reply),
            Stage::Actors => actors::read(progress, reply),
            Stage::Posts | Stage::Older => read_feed(progress, reply),
            _ => read_profile(progress, reply),
        }
    }
}

fn xrpc(progress: &Progress, method: &str, stage: Stage, query: &[(&str, &str)]) -> Request {
    let mut url = endpoint(&progress.api, &["xrpc", method]);
    url.query_pairs_mut().extend_pairs(query);
    Request::json(url, stage)
}

fn author_feed(progress: &Progress, did: &str, cursor: Option<&str>) -> Request {
    let limit = PAGE.to_string();
    let mut query = vec![
        ("actor", did),
        ("limit", limit.as_str()),
        ("filter", "posts_with_replies"),
        ("includePins", "false"),
    ];
    let stage = if cursor.is_some() { Stage::Older } else { Stage::Posts };
    query.extend(cursor.map(|cursor| ("cursor", cursor)));
    xrpc(progress, "app.bsky.feed.getAuthorFeed", stage, &query).conditional()
}

fn is_did(text: &str) -> bool {
    let id = |rest: &str| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:%".contains(c))
    };
    text.strip_prefix("did:plc:").or_else(|| text.strip_prefix("did:web:")).is_some_and(id)
        && text.len() <= 2_048
}

/// The handle syntax of the AT Protocol: a domain name of at least two labels whose last one does not
/// start with a digit, outside the names that no network can resolve.
fn is_handle(text: &str) -> bool {
    const REFUSED: [&str; 8] =
        ["local", "arpa", "invalid", "localhost", "internal", "example", "alt", "onion"];
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
        && !REFUSED.contains(&last)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    did: String,
    handle: String,
    display_name: Option<String>,
    followers_count: Option<u64>,
    website: Option<String>,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    val: String,
    #[serde(default)]
    neg: bool,
}

#[derive(Deserialize)]
struct Refusal {
    error: Option<String>,
    message: Option<String>,
}

fn read_profile(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 400
        && let Ok(Refusal { error, message }) = reply.json()
    {
        let message = message.unwrap_or_default();
        return Err(match error.as_deref() {
            Some("AccountTakedown") => Trouble::Suspended,
            Some("AccountDeactivated") => Trouble::Deactivated,
            Some("InvalidRequest") if message.contains("not found") => progress.missing(),
            // The handle is no handle, or resolves to nothing.
            Some("InvalidRequest") if message.contains("actor") => Trouble::NotFound,
            _ => Trouble::malformed(text::cut(&text::clean(&message), 100)),
        });
    }
    let profile: Profile = decode(reply)?;
    if !is_did(&profile.did) {
        return Err(Trouble::malformed("the profile has no DID"));
    }
    let typed_did = progress.account().handle == profile.did;
    if profile.handle != "handle.invalid" && is_handle(&profile.handle.to_ascii_lowercase()) {
        let handle = profile.handle.to_ascii_lowercase();
        if typed_did {
            progress.seen.account.handle = handle;
        } else {
            progress.rename(&handle);
        }
        // Names under the network's own domain have no site of their own.
        if !progress.account().handle.ends_with(".bsky.social") {
            let site = format!("https://{}/", progress.account().handle);
            progress.seen.profile.link(Tie::Domain, site);
        }
    }
    if let Some(website) = profile.website {
        progress.seen.profile.link(Tie::Claimed, website);
    }
    progress.seen.account.stable = Some(profile.did.clone());
    progress.seen.profile.name = name(profile.display_name.as_deref());
    progress.seen.profile.url = Some(format!("https://bsky.app/profile/{}", profile.did));
    progress.figure(Figure::Followers, profile.followers_count);
    if profile.labels.iter().any(|label| label.val == "!no-unauthenticated" && !label.neg) {
        progress.seen.notices.push(Notice::Hidden);
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(author_feed(progress, &profile.did, None)))
}

#[derive(Deserialize)]
struct Feed {
    feed: Vec<FeedItem>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeedReason {
    #[serde(rename = "$type", default)]
    name: String,
    indexed_at: Option<String>,
}

#[derive(Deserialize)]
struct FeedItem {
    post: PostView,
    reason: Option<FeedReason>,
}

#[derive(Deserialize)]
struct Posts {
    posts: Vec<PostView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostView {
    uri: String,
    author: Author,
    record: Record,
    reply_count: Option<u64>,
    repost_count: Option<u64>,
    like_count: Option<u64>,
    quote_count: Option<u64>,
    indexed_at: String,
}

#[derive(Deserialize)]
struct Author {
    did: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    text: String,
    created_at: Option<String>,
    reply: Option<ReplyRef>,
    embed: Option<Embed>,
}

#[derive(Deserialize)]
struct ReplyRef {
    parent: Reference,
}

#[derive(Deserialize)]
struct Reference {
    uri: String,
}

/// `app.bsky.embed.record` holds the quoted post's reference, `…recordWithMedia` holds such an embed.
#[derive(Deserialize)]
struct Embed {
    record: Option<EmbedRecord>,
}

#[derive(Deserialize)]
struct EmbedRecord {
    uri: Option<String>,
    record: Option<Reference>,
}

impl Record {
    fn quoted(&self) -> Option<&str> {
        let record = self.embed.as_ref()?.record.as_ref()?;
        record.uri.as_deref().or_else(|| record.record.as_ref().map(|record| record.uri.as_str()))
    }
}

fn read_feed(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 400 {
        // The profile was readable, so this is about the listing: blocked, or taken down just now.
        return match reply.json::<Refusal>().ok().and_then(|refusal| refusal.error).as_deref() {
            Some("BlockedActor" | "BlockedByActor") => Err(Trouble::Private),
            Some("AccountTakedown") => Err(Trouble::Suspended),
            Some("AccountDeactivated") => Err(Trouble::Deactivated),
            Some("InvalidRequest") => Err(Trouble::NotFound),
            _ => Err(refusal(reply)),
        };
    }
    if reply.not_modified() {
        // The newest page is as it was; what lies below it may have moved.
        let below: Vec<_> = progress.unseen().into_iter().skip(PAGE).map(|(id, _)| id.0.clone()).collect();
        return Ok(refresh(progress, &turn(below, progress.known.polls, REFRESH)));
    }
    let Feed { feed, cursor } = decode(reply)?;
    let did = progress.account().stable.clone().unwrap_or_default();
    let mut page = Vec::new();
    let mut oldest: Option<Time> = None;
    // How far back the page goes: a page of nothing but reposts goes back, too.
    let mut reached: Option<Time> = None;
    for FeedItem { post, reason } in feed {
        let listed = match &reason {
            Some(reason) => reason.indexed_at.as_deref().and_then(rfc3339),
            None => published(&post),
        };
        reached = reached.into_iter().chain(listed).min();
        if post.author.did != did {
            continue;
        }
        if reason.is_some_and(|reason| reason.name.ends_with("#reasonRepost")) {
            progress.act(Act::own(format!("repost:{}", post.uri), post.uri.as_str(), Metric::Reshares));
        } else if let Some(published) = published(&post) {
            oldest = Some(oldest.map_or(published, |oldest| oldest.min(published)));
        }
        page.push(ItemId::from(post.uri.as_str()));
        add_post(progress, &did, post);
    }
    progress.pages += 1;
    match cursor {
        Some(cursor) if progress.wants_older(&page, reached) => {
            return Ok(ask(author_feed(progress, &did, Some(&cursor))));
        }
        Some(_) => {}
        None => progress.seen.complete = true,
    }
    let uris = to_refresh(progress, oldest);
    Ok(refresh(progress, &uris))
}

fn refresh(progress: &mut Progress, uris: &[String]) -> Step {
    if uris.is_empty() {
        return progress.then_actors(actors::question);
    }
    let query: Vec<_> = uris.iter().map(|uri| ("uris", uri.as_str())).collect();
    ask(xrpc(progress, "app.bsky.feed.getPosts", Stage::Refresh, &query))
}

/// `count` of the posts, others at every poll.
fn turn(posts: Vec<String>, polls: u64, count: usize) -> Vec<String> {
    if posts.len() <= count {
        return posts;
    }
    let start = usize::try_from(polls).unwrap_or(0).wrapping_mul(count) % posts.len();
    posts.iter().cycle().skip(start).take(count).cloned().collect()
}

/// Older posts to ask for by name: first those the listing should have shown, then the rest in turn.
fn to_refresh(progress: &Progress, oldest: Option<Time>) -> Vec<String> {
    let from = if progress.seen.complete { Time::MIN_UTC } else { oldest.unwrap_or(progress.now) };
    let missing = progress.missing_between(from, progress.now);
    let horizon = progress.horizon();
    let rest: Vec<_> = progress
        .unseen()
        .into_iter()
        .filter(|(id, item)| item.published >= horizon && !missing.contains(id))
        .map(|(id, _)| id.0.clone())
        .collect();
    let mut uris: Vec<String> = missing.into_iter().take(REFRESH).map(|id| id.0).collect();
    uris.extend(turn(rest, progress.known.polls, REFRESH - uris.len()));
    uris
}

fn read_refresh(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Posts { posts } = decode(reply)?;
    let did = progress.account().stable.clone().unwrap_or_default();
    let answered: Vec<String> = posts.iter().map(|post| post.uri.clone()).collect();
    // Deleted posts are left out of the answer without a word.
    let asked = reply.url.query_pairs().filter(|(name, _)| name == "uris").map(|(_, uri)| uri.into_owned());
    let gone: Vec<_> = asked.filter(|uri| !answered.contains(uri)).map(ItemId).collect();
    progress.seen.gone.extend(gone);
    for post in posts.into_iter().filter(|post| post.author.did == did) {
        add_post(progress, &did, post);
    }
    Ok(progress.then_actors(actors::question))
}

/// `createdAt` is set by the client and can be false: what the network saw first bounds it.
fn earlier(created: Option<&str>, indexed: &str) -> Option<Time> {
    created.and_then(rfc3339).into_iter().chain(rfc3339(indexed)).min()
}

fn published(post: &PostView) -> Option<Time> {
    earlier(post.record.created_at.as_deref(), &post.indexed_at)
}

fn add_post(progress: &mut Progress, did: &str, post: PostView) {
    let Some(published) = published(&post) else { return };
    let is_own =
        |uri: &str| uri.strip_prefix("at://").is_some_and(|rest| rest.starts_with(&format!("{did}/")));
    if let Some(reply) = &post.record.reply
        && is_own(&reply.parent.uri)
    {
        progress.act(Act::own(post.uri.clone(), reply.parent.uri.as_str(), Metric::Replies));
    }
    if let Some(quoted) = post.record.quoted()
        && is_own(quoted)
        && quoted.contains(POST)
    {
        progress.act(Act::own(post.uri.clone(), quoted, Metric::Quotes));
    }
    let key = post.uri.rsplit('/').next().unwrap_or_default().to_owned();
    progress.add(Post {
        kind: if post.record.reply.is_some() { PostKind::Reply } else { PostKind::Post },
        url: Some(format!("https://bsky.app/profile/{did}/post/{key}")),
        title: text::clean(&post.record.text),
        published,
        counts: Counts::default()
            .with(Metric::Likes, post.like_count)
            .with(Metric::Reshares, post.repost_count)
            .with(Metric::Replies, post.reply_count)
            .with(Metric::Quotes, post.quote_count),
        standing: false,
        id: ItemId(post.uri),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_follow_the_protocols_syntax() {
        for handle in ["a.bsky.social", "xn--ls8h.test", "1.example.org", "user0.test"] {
            assert!(is_handle(handle), "{handle}");
        }
        for other in ["a", "a.", ".a", "a..b", "-a.org", "a.1", "a.local", "a b.org", "127.0.0.1"] {
            assert!(!is_handle(other), "{other}");
        }
    }
}
