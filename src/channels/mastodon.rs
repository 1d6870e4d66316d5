//! The Mastodon API family: Mastodon, Pleroma, Akkoma and Mitra without a token; `GoToSocial`, Hollo and
//! Pixelfed with one (`mastodon@host` in the keys).
//!
//! One poll: `WebFinger` once to find the host, then the account, then its newest statuses, then one older
//! page in turn, then who is behind what grew. The author's home server is asked, since other servers'
//! counters are partial.

mod replies;

use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, fediverse, name, rfc3339,
    visible,
};
use crate::exchange::{Reply, Request, Stage, host_of, is_loopback};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Notice, Pace, Post,
    PostKind, Tie, Time, Trouble, Word, Words,
};
use crate::text;
use replies::{AccountView, ActorView, Context, Status};
use url::Url;

pub(super) static CHANNEL: Mastodon = Mastodon;

static SPEC: NetworkSpec = NetworkSpec {
    id: "mastodon",
    code: "MAST",
    name: "Mastodon",
    also: &["fedi", "pleroma", "akkoma", "gotosocial", "pixelfed", "hollo", "mitra"],
    words: Words {
        like: Some(Word::new("favourite", "favourites", "FAVS")),
        reshare: Some(Word::new("boost", "boosts", "BOOS")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: Some(Word::new("quote", "quotes", "QUOT")),
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(15, 5),
    key: KeyNeed::Useful(
        "Preferences, Development, New application with the scope read on your own server; needed where the server shows nothing to strangers (GoToSocial, closed servers). Of your own account it lets the screen hear of likes and replies within seconds",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write @user@server or the profile's address",
    facts: Facts {
        reads: &[
            "accounts/lookup, later accounts/ID: followers, name, links that the server has verified",
            "accounts/ID/statuses: the newest 40 posts and replies with their counters; on the first poll back to 90 days",
            "statuses/ID/favourited_by, reblogged_by, context: who is behind what grew, as far as the server's allowance reaches",
        ],
        cost: "2 requests, and one for each counter that grew",
        limits: "300 requests in 5 minutes from one IP address; the server says so in X-RateLimit headers, and answers 429 when it was too much",
        unknown: &[
            "favourites and boosts that other servers did not tell the author's server",
            "followers whose number the account or its server hides",
            "posts for followers only: they are not public",
        ],
    },
    api: None,
};

/// Statuses a page, the most the API gives.
const PAGE: usize = 40;

pub(super) struct Mastodon;

impl Channel for Mastodon {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        fediverse::recognise(self.network(), typed)
    }

    fn page(&self, account: &Account) -> Option<String> {
        fediverse::page(account)
    }

    fn request(&self, progress: &Progress) -> Request {
        fediverse::webfinger(progress).unwrap_or_else(|| account(progress))
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => {
                fediverse::read_home(progress, reply);
                Ok(ask(account(progress)))
            }
            Stage::Posts | Stage::Older | Stage::Refresh => read_statuses(progress, reply),
            Stage::Actors => read_actors(progress, reply),
            _ => read_account(progress, reply),
        }
    }
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    let url = endpoint(&progress.api, &[&["api", "v1"], segments].concat());
    Request::json(url, stage).with_key(format!("mastodon@{}", host_of(&progress.api)))
}

fn api(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    get(progress, &[&["accounts"], segments].concat(), stage).conditional()
}

fn account(progress: &Progress) -> Request {
    let account = progress.account();
    if let Some(id) = &account.native {
        return by_id(progress, id);
    }
    lookup(progress, fediverse::split(&account.handle).map_or(account.handle.as_str(), |(user, _)| user))
}

fn lookup(progress: &Progress, user: &str) -> Request {
    let mut request = api(progress, &["lookup"], Stage::Profile);
    request.url.query_pairs_mut().append_pair("acct", user);
    request
}

/// Asked whole: the profile says whether the account wants to be shown.
fn by_id(progress: &Progress, id: &str) -> Request {
    Request { conditional: false, ..api(progress, &[id], Stage::Profile) }
}

fn statuses(progress: &Progress, id: &str, stage: Stage, before: Option<&str>) -> Request {
    let mut request = api(progress, &[id, "statuses"], stage);
    request.url.query_pairs_mut().append_pair("limit", &PAGE.to_string());
    if let Some(before) = before {
        request.url.query_pairs_mut().append_pair("max_id", before);
    }
    if stage == Stage::Refresh {
        // Boosts would take the place of the statuses whose counters are wanted.
        request.url.query_pairs_mut().append_pair("exclude_reblogs", "true");
    }
    request
}

fn read_account(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.not_modified()
        && let Some(id) = progress.account().native.clone()
    {
        if progress.reach == Reach::Probe {
            return Ok(progress.done());
        }
        return Ok(ask(statuses(progress, &id, Stage::Posts, None)));
    }
    match reply.status {
        404 => return Err(progress.missing()),
        410 => return Err(Trouble::Suspended),
        _ => {}
    }
    closed(reply)?;
    let account: AccountView = decode(reply)?;
    if account.suspended {
        return Err(Trouble::Suspended);
    }
    if account.pleroma.as_ref().is_some_and(|pleroma| pleroma.deactivated) {
        return Err(Trouble::Deactivated);
    }
    if let Some(step) = account.moved.as_deref().and_then(|moved| follow(progress, moved)) {
        return Ok(step);
    }
    let followers = visible(account.followers_count)
        .filter(|_| !account.pleroma.as_ref().is_some_and(|pleroma| pleroma.hide_followers_count));
    progress.figure(Figure::Followers, followers);
    progress.seen.profile.name = name(account.display_name.as_deref());
    progress.seen.profile.url.clone_from(&account.url);
    for field in account.fields.iter().flatten() {
        let tie = if field.verified_at.is_some() { Tie::Verified } else { Tie::Claimed };
        for href in text::hrefs(field.value.as_deref().unwrap_or_default()) {
            progress.seen.profile.link(tie, href);
        }
    }
    progress.seen.account.stable = Some(account.stable(&progress.api));
    progress.seen.account.native = Some(account.id.clone());
    if text::from_html(&account.note).to_lowercase().contains("#nobot") {
        // A community sign: leave me out of your machines. Counts only.
        progress.seen.notices.push(Notice::Hidden);
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(statuses(progress, &account.id, Stage::Posts, None)))
}

/// The account lives elsewhere now: the next poll asks there. What it earned here stays.
fn follow(progress: &mut Progress, moved: &AccountView) -> Option<Step> {
    let url = moved.url.as_deref().or(moved.uri.as_deref()).and_then(|url| Url::parse(url).ok())?;
    let (user, host) = match moved.acct.split_once('@') {
        Some((user, host)) => (user.to_owned(), host.to_owned()),
        None => (moved.acct.clone(), host_of(&progress.api)),
    };
    let mut account = fediverse::account(CHANNEL.network(), &user, &host)?;
    // Nobody on the web is led onto this machine.
    let here = account.base.is_some();
    if account.handle == progress.account().handle
        || here && !is_loopback(&progress.api)
        || !here && url.scheme() != "https"
    {
        return None;
    }
    account.stable.clone_from(&moved.uri);
    let from = std::mem::replace(&mut progress.seen.account, account).handle;
    progress.seen.notices.push(Notice::Moved { from, to: progress.account().handle.clone() });
    Some(progress.done())
}

/// Servers that show nothing to strangers: they say so, or send them to a login page.
fn closed(reply: &Reply) -> Result<(), Trouble> {
    let login = reply.ok() && reply.is_page() && reply.url.path().contains("login");
    if login { Err(Trouble::KeyNeeded) } else { Ok(()) }
}

fn read_statuses(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let own_id = progress.account().native.clone().unwrap_or_default();
    progress.pages += 1;
    if reply.not_modified() {
        return Ok(match reply.stage {
            Stage::Posts => older_page(progress, &own_id),
            _ => progress.then_actors(actors),
        });
    }
    if reply.status == 404 {
        return Err(progress.missing());
    }
    closed(reply)?;
    let page: Vec<Status> = decode(reply)?;
    let last = page.last().map(|status| status.id.clone());
    let full = page.len() >= PAGE;
    let mut ids = Vec::new();
    let mut oldest: Option<Time> = None;
    let mut newest: Option<Time> = None;
    for status in page {
        let at = rfc3339(&status.created_at);
        oldest = oldest.into_iter().chain(at).min();
        newest = newest.into_iter().chain(at).max();
        ids.push(ItemId::from(status.id.as_str()));
        read_status(progress, &own_id, status);
    }
    let next = next_page(reply).or_else(|| full.then_some(last).flatten());
    let refresh = reply.stage == Stage::Refresh;
    // Everything the account published between the page's ends is on the page, or is gone; before the
    // last page lies nothing.
    if let Some(oldest) = oldest {
        let from = if next.is_none() && !refresh { Time::MIN_UTC } else { oldest };
        let to = if refresh { newest.unwrap_or(oldest) } else { progress.now };
        let gone = progress.missing_between(from, to);
        progress.seen.gone.extend(gone);
    }
    if refresh {
        return Ok(progress.then_actors(actors));
    }
    match next {
        Some(before) if !ids.is_empty() && progress.wants_older(&ids, oldest) => {
            Ok(ask(statuses(progress, &own_id, Stage::Older, Some(&before))))
        }
        Some(_) if !ids.is_empty() => Ok(older_page(progress, &own_id)),
        _ => {
            progress.seen.complete = true;
            Ok(progress.then_actors(actors))
        }
    }
}

/// The `max_id` of the next page, from the `Link` header.
fn next_page(reply: &Reply) -> Option<String> {
    let url = Url::parse(reply.headers.link("next")?).ok()?;
    url.query_pairs().find(|(name, _)| name == "max_id").map(|(_, id)| id.into_owned())
}

/// Counters of older statuses move too: each poll reads one further page of them, in turn.
fn older_page(progress: &mut Progress, own_id: &str) -> Step {
    match progress.older_before(PAGE) {
        Some(before) => ask(statuses(progress, own_id, Stage::Refresh, Some(&before))),
        None => progress.then_actors(actors),
    }
}

const FAVOURITES: &str = "favourited_by";
const BOOSTS: &str = "reblogged_by";
const CONTEXT: &str = "context";

/// Who is behind a status's counter; the newest favourites and boosts come first.
fn actors(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    let what = match metric {
        Metric::Likes => FAVOURITES,
        Metric::Reshares => BOOSTS,
        Metric::Replies => CONTEXT,
        // Who quoted is told to the author alone.
        Metric::Quotes | Metric::Views => return None,
    };
    let mut request = get(progress, &["statuses", &post.id.0, what], Stage::Actors);
    if what != CONTEXT {
        request.url.query_pairs_mut().append_pair("limit", "80");
    }
    Some(request)
}

fn read_actors(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let mut path = reply.url.path_segments().into_iter().flatten().rev().map(str::to_owned);
    let (Some(what), Some(id)) = (path.next(), path.next()) else { return Ok(progress.then_actors(actors)) };
    if matches!(reply.status, 401 | 403 | 422) {
        // Not for strangers on this server.
        progress.queue.clear();
    }
    if what == CONTEXT {
        let replies = decode_actors::<Context>(reply)?.map(|told| told.descendants);
        for status in replies.into_iter().flatten() {
            read_reply(progress, &id, status);
        }
    } else {
        let (word, metric) =
            if what == BOOSTS { ("boost", Metric::Reshares) } else { ("favourite", Metric::Likes) };
        let mut accounts = decode_actors::<Vec<ActorView>>(reply)?.unwrap_or_default();
        let own = |account: &ActorView| progress.account().native.as_ref() == Some(&account.id);
        let liked = what == FAVOURITES && accounts.iter().any(own);
        // The account's own boosts are known from its statuses.
        accounts.retain(|account| !own(account));
        if liked {
            progress.act(Act::own(format!("{word}:{id}:own"), id.as_str(), metric));
        }
        let api = progress.api.clone();
        let acts = accounts.into_iter().map(|account| {
            let actor = account.name(&api);
            Act::by(&actor, format!("{word}:{id}:{actor}"), id.as_str(), metric)
        });
        progress.undated_acts(&id, metric, acts);
    }
    Ok(progress.then_actors(actors))
}

/// A public reply by somebody else to the status itself.
fn read_reply(progress: &mut Progress, to: &str, status: Status) {
    let own = progress.account().native.as_ref() == Some(&status.account.id);
    if own || !status.is_public() || status.in_reply_to_id.as_deref() != Some(to) {
        return;
    }
    let actor = status.account.name(&progress.api);
    let act = Act::by(actor, status.id, to, Metric::Replies).at(rfc3339(&status.created_at));
    progress.act_by(act, || text::from_html(&status.content));
}

fn read_status(progress: &mut Progress, own_id: &str, status: Status) {
    if let Some(inner) = status.reblog {
        if inner.account.id == own_id {
            progress.act(Act::own(status.id, inner.id.clone(), Metric::Reshares));
            read_status(progress, own_id, *inner);
        }
        return;
    }
    let Some(published) = rfc3339(&status.created_at) else { return };
    if status.account.id != own_id || !status.is_public() {
        return;
    }
    if let (Some(parent), true) =
        (&status.in_reply_to_id, status.in_reply_to_account_id.as_deref() == Some(own_id))
    {
        progress.act(Act::own(status.id.clone(), parent.clone(), Metric::Replies));
    }
    if let Some(quoted) = status.quote.and_then(|quote| quote.quoted_status)
        && quoted.account.id == own_id
    {
        progress.act(Act::own(status.id.clone(), quoted.id, Metric::Quotes));
    }
    let warning = text::clean(&status.spoiler_text);
    progress.add(Post {
        kind: if status.in_reply_to_id.is_some() { PostKind::Reply } else { PostKind::Post },
        url: status.url,
        title: if warning.is_empty() { text::from_html(&status.content) } else { warning },
        published,
        counts: Counts::default()
            .with(Metric::Likes, status.favourites_count)
            .with(Metric::Reshares, status.reblogs_count)
            .with(Metric::Replies, status.replies_count)
            .with(Metric::Quotes, status.quotes_count),
        standing: false,
        id: ItemId(status.id),
    });
}
