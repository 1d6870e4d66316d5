//! Webmentions of a site, as webmention.io received them: likes, replies, reposts and mentions of its pages,
//! wherever they were made.
//!
//! An address is a site (`ada.example`) or one page of it. With the token of the site's own account one question
//! asks for the whole domain. Without it pages must be named: the home page, the items of the site's feed and the
//! pages that were mentioned before, of which later polls ask only for what is new. Everything is known act by act, with
//! its author; counters are counted here. Items are the pages that somebody has mentioned.

use super::feed::{discover, parse, trusted};
use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint, refusal, rfc3339};
use crate::exchange::{Accept, Reply, Request, Stage, is_loopback};
use crate::model::{
    Account, Act, Counts, Facts, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind, Time,
    Trouble, Word, Words,
};
use crate::text;
use chrono::SecondsFormat;
use serde::Deserialize;
use std::collections::HashMap;
use url::Url;

pub(super) static CHANNEL: Webmention = Webmention;

const SERVICE: &str = "https://webmention.io/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "webmention",
    code: "WM",
    name: "Webmention",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: Some(Word::new("mention", "mentions", "MENT")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(60, 15),
    key: KeyNeed::Useful(
        "webmention.io, Settings, API key of the account that owns the site. It asks for the whole domain at once instead of 50 pages",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write webmention: and a site (webmention:ada.example) or the address of one page",
    facts: Facts {
        reads: &[
            "the site's feed, without a key: which pages it has",
            "webmention.io, api/mentions.jf2: who liked, answered, reposted or mentioned them, with the time it was received",
        ],
        cost: "1 request with a key or for a single page, 3 for a site without one",
        limits: "none are named for reading; never more often than every 15 minutes",
        unknown: &[
            "mentions of sites that receive them elsewhere than at webmention.io",
            "without a key: mentions of more than 50 pages that are neither in the feed nor mentioned before",
            "bookmarks and answers to invitations: they are no likes, replies or mentions and are not counted",
            "what was taken back: counters do not fall",
            "whether Bridgy passes on what another channel of the same person counts already",
        ],
    },
    api: Some(SERVICE),
};

/// The service gives no more at once.
const PAGE: u32 = 1_000;

/// Pages of one listing.
const PAGES: u32 = 5;

/// Targets that one question may name.
const TARGETS: usize = 50;

/// Longest address of a page; the service takes 512 bytes.
const LONGEST: usize = 512;

/// Marks in [`Progress::aliases`]: the page was searched for a feed, a listing was longer than is read, unknown pages
/// were asked for, and, before a page's address, all mentions of it were listed.
const DISCOVERED: &str = "feed discovery";
const TRUNCATED: &str = "longer than is read";
const ASKED: &str = "unknown pages";
const WHOLE: &str = "all of ";
/// When the feed says that a page was published.
const DATE: &str = "date of ";

pub(super) struct Webmention;

impl Channel for Webmention {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let mut url = typed.url.clone().filter(|_| typed.named)?;
        if !url.username().is_empty() || url.password().is_some() || url.as_str().len() > LONGEST {
            return None;
        }
        url.set_fragment(None);
        let shown = url.as_str();
        let handle = match shown.strip_prefix("https://") {
            Some(rest) if is_site(&url) => rest.trim_end_matches('/'),
            Some(rest) => rest,
            None => shown,
        };
        let handle = handle.to_owned();
        Some(Account::new(self.network(), handle).at(url))
    }

    fn page(&self, account: &Account) -> Option<String> {
        account.base.as_ref().map(Url::to_string)
    }

    fn request(&self, progress: &Progress) -> Request {
        let site = home(progress);
        if progress.has_key && is_site(&site) {
            let domain = site.host_str().unwrap_or_default().to_owned();
            return listing(progress, &[("domain", domain)], true, Stage::Posts).with_key(SPEC.id);
        }
        public(progress, &site)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => read_home(progress, reply),
            Stage::Posts => read_domain(progress, reply),
            _ => read_targets(progress, reply),
        }
    }
}

/// A whole site, or one page of it.
fn is_site(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none()
}

/// The site, or the page.
fn home(progress: &Progress) -> Url {
    progress.account().base.clone().unwrap_or_else(|| progress.api.clone())
}

/// The base of an account is the site: the service is elsewhere, unless the configuration says where. What is on this
/// machine is not asked about out there.
fn service(progress: &Progress) -> Url {
    let site = progress.account().base.as_ref();
    match site {
        Some(site) if *site == progress.api && is_loopback(site) => site.join("/").ok(),
        Some(site) if *site == progress.api => Url::parse(SERVICE).ok(),
        _ => None,
    }
    .unwrap_or_else(|| progress.api.clone())
}

/// The question for how many mentions of a page there are, where they are received at the service.
pub(super) fn how_many(endpoint: &Url, page: &Url) -> Option<Request> {
    let at_service = Url::parse(SERVICE).is_ok_and(|service| service.origin() == endpoint.origin());
    if !(at_service || is_loopback(endpoint) && is_loopback(page)) {
        return None;
    }
    let mut url = endpoint.join("/api/count").ok()?;
    url.query_pairs_mut().append_pair("target", page.as_str());
    Some(Request::json(url, Stage::Links))
}

/// The first question without a key.
fn public(progress: &Progress, site: &Url) -> Request {
    if is_site(site) {
        let feed = progress.account().native.as_deref().and_then(|feed| Url::parse(feed).ok());
        return page(feed.unwrap_or_else(|| site.clone()));
    }
    let known = progress.known.items.contains_key(&ItemId::from(site.as_str()));
    listing(progress, &[("target[]", site.to_string())], known, Stage::Older)
}

fn page(url: Url) -> Request {
    Request::json(url, Stage::Home).accepting(Accept::Feed)
}

/// A listing of mentions: all of them, or those that no earlier poll has seen.
fn listing(progress: &Progress, of: &[(&str, String)], new: bool, stage: Stage) -> Request {
    let mut url = endpoint(&service(progress), &["api", "mentions.jf2"]);
    let mut query = url.query_pairs_mut();
    query.extend_pairs(of).append_pair("per-page", &PAGE.to_string());
    if new && progress.known.polls > 0 {
        let newest = progress.known.acts.iter().filter_map(|id| id.parse::<u64>().ok()).max();
        let (name, since) = match newest {
            Some(newest) => ("since_id", newest.to_string()),
            None => ("since", progress.horizon().to_rfc3339_opts(SecondsFormat::Secs, true)),
        };
        query.append_pair(name, &since);
    }
    query.append_pair("page", "0");
    drop(query);
    Request::json(url, stage)
}

fn targets(pages: &[String]) -> Vec<(&'static str, String)> {
    pages.iter().map(|page| ("target[]", page.clone())).collect()
}

#[derive(Deserialize)]
struct Mentions {
    children: Vec<Mention>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(rename = "total-pages")]
    pages: Option<u32>,
}

#[derive(Deserialize)]
struct Mention {
    #[serde(rename = "wm-id")]
    id: u64,
    #[serde(rename = "wm-property")]
    property: Option<String>,
    #[serde(rename = "wm-source")]
    source: Option<String>,
    #[serde(rename = "wm-target")]
    target: Option<String>,
    #[serde(rename = "wm-received")]
    received: Option<String>,
    #[serde(rename = "wm-private", default)]
    private: Option<bool>,
    author: Option<Author>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Author {
    name: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    text: Option<String>,
}

/// The whole domain, with its owner's key.
fn read_domain(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    // The key is somebody's who does not own this site.
    let foreign = matches!(reply.status, 403 | 404) || !reply.keyed && !reply.ok();
    if foreign && reply.status != 429 && reply.status < 500 {
        return Ok(ask(public(progress, &home(progress))));
    }
    let more = take(progress, reply)?;
    let empty = progress.seen.acts.is_empty();
    if empty && (progress.known.polls == 0 || progress.account().native.is_some()) {
        // Nothing there may mean that it is another account's.
        return Ok(ask(public(progress, &home(progress))));
    }
    if !empty {
        progress.seen.account.native = None;
    }
    if progress.known.polls == 0 {
        progress.seen.complete = more.is_none() && !progress.aliases.contains_key(TRUNCATED);
    }
    Ok(onward(progress, more.map(|url| Request::json(url, Stage::Posts).with_key(SPEC.id))))
}

/// The site's page leads to its feed, the feed to its pages.
fn read_home(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let site = home(progress);
    let first = !progress.aliases.contains_key(DISCOVERED);
    if !reply.ok() && first {
        if matches!(reply.status, 404 | 410) && progress.seen.account.native.take().is_some() {
            // The feed has gone: the page may know another one.
            return Ok(ask(page(site)));
        }
        return Err(if reply.status == 404 { progress.missing() } else { refusal(reply) });
    }
    let mut pages = vec![site.to_string()];
    if reply.ok() && reply.is_page() && first {
        progress.aliases.insert(DISCOVERED.to_owned(), ItemId::from(""));
        let feeds = discover::feeds(&reply.body, &reply.url);
        if let Some(feed) = feeds.into_iter().find(|feed| trusted(feed, &reply.url)) {
            return Ok(ask(page(feed)));
        }
    } else if let Some(feed) = parse::feed(&reply.body, &reply.url).ok().filter(|_| reply.ok()) {
        progress.seen.account.native = Some(reply.url.to_string());
        progress.seen.profile.name = feed.title.filter(|title| !title.is_empty());
        for entry in feed.entries {
            let url = entry.url.and_then(|url| Url::parse(&url).ok());
            let Some(mut url) = url.filter(|url| host(url) == host(&site)) else { continue };
            url.set_fragment(None);
            let fits = url.as_str().len() <= LONGEST && !pages.iter().any(|page| page == url.as_str());
            if let Some(published) = entry.published {
                progress.aliases.insert(format!("{DATE}{url}"), ItemId(published.to_rfc3339()));
            }
            if fits {
                pages.push(url.into());
            }
        }
    }
    let (known, unknown): (Vec<_>, Vec<_>) =
        pages.into_iter().partition(|page| progress.known.items.contains_key(&ItemId::from(page.as_str())));
    let rest = progress.unseen().into_iter().map(|(id, _)| id.0.clone()).filter(|id| !known.contains(id));
    let mut known: Vec<String> = known.iter().cloned().chain(rest).collect();
    known.truncate(TARGETS);
    // What is new about known pages comes last: what came between the two questions is newer than what the first one
    // has told, and the next poll asks from there.
    for (pages, new) in [(unknown, false), (known, true)] {
        let pages: Vec<String> = pages.into_iter().take(TARGETS).collect();
        if !pages.is_empty() {
            progress.queue.push_back(listing(progress, &targets(&pages), new, Stage::Older));
        }
    }
    settle_profile(progress);
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(onward(progress, None))
}

fn read_targets(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let more = take(progress, reply)?;
    Ok(onward(progress, more.map(|url| Request::json(url, Stage::Older))))
}

/// Takes up a page of mentions. Gives the address of the next one.
fn take(progress: &mut Progress, reply: &Reply) -> Result<Option<Url>, Trouble> {
    let Mentions { children, paging } = decode(reply)?;
    let value = |wanted: &str| {
        reply.url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let whole = value("since_id").is_none() && value("since").is_none();
    let page: u32 = value("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let (full, empty) = (children.len() >= PAGE as usize, children.is_empty());
    for mention in children.into_iter().take(PAGE as usize) {
        add(progress, mention, whole);
    }
    let more = match paging.and_then(|paging| paging.pages) {
        Some(pages) => page < pages.saturating_sub(1) && !empty,
        None => full,
    };
    if !more {
        return Ok(None);
    }
    if page >= PAGES - 1 {
        progress.aliases.insert(TRUNCATED.to_owned(), ItemId::from(""));
        return Ok(None);
    }
    // Asked of the service itself, wherever this answer came from: the key goes along.
    let mut url = endpoint(&service(progress), &["api", "mentions.jf2"]);
    let rest = reply.url.query_pairs().filter(|(name, _)| name != "page");
    url.query_pairs_mut().extend_pairs(rest).append_pair("page", &(page + 1).to_string());
    Ok(Some(url))
}

fn add(progress: &mut Progress, mention: Mention, whole: bool) {
    let metric = match mention.property.as_deref() {
        Some("like-of") => Metric::Likes,
        Some("in-reply-to") => Metric::Replies,
        Some("bookmark-of" | "rsvp") => return,
        // Old mentions have no kind.
        _ => Metric::Reshares,
    };
    let target = mention.target.as_deref().and_then(web);
    let at = mention.received.as_deref().and_then(rfc3339).map(|at| at.min(progress.now));
    let (Some(target), Some(at)) = (target, at) else { return };
    // What only the site's owner is shown is not followed.
    if mention.private == Some(true) {
        return;
    }
    let item = ItemId::from(target.as_str());
    if whole {
        progress.aliases.insert(format!("{WHOLE}{}", item.0), ItemId::from(""));
    }
    let id = mention.id.to_string();
    let source = mention.source.as_deref().and_then(web);
    let author = mention.author.unwrap_or(Author { name: None, url: None });
    let profile = author.url.as_deref().and_then(web);
    let own = [&source, &profile].into_iter().flatten().any(|url| host(url) == host(&target));
    let act = if own {
        Act::own(id, item, metric)
    } else {
        let actor = profile.map(|url| bare(&url)).or(author.name).filter(|name| !name.is_empty());
        let actor = actor.or_else(|| source.as_ref().and_then(host).map(str::to_owned)).unwrap_or_default();
        Act::by(text::clean(&actor), id, item, metric)
    };
    let known = progress.known.acts.contains(&act.id);
    let words = mention.content.and_then(|content| content.text).filter(|_| !known);
    let tone = words.and_then(|words| text::tone(&text::clean(&words)));
    progress.act(act.at(Some(at)).with_tone(tone));
}

fn web(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.as_str().len() <= 4 * LONGEST).then_some(url)
}

fn host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host))
}

/// A profile's address, whichever way it is written.
fn bare(url: &Url) -> String {
    let shown = url.as_str().split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    shown.trim_end_matches('/').to_owned()
}

/// Asks on, or counts what was read.
fn onward(progress: &mut Progress, more: Option<Request>) -> Step {
    settle_profile(progress);
    if progress.reach == Reach::Probe {
        return progress.done();
    }
    if more.is_some() {
        return more.map_or_else(|| progress.done(), ask);
    }
    if progress.queue.is_empty() && progress.aliases.insert(ASKED.to_owned(), ItemId::from("")).is_none() {
        // Of a page that was not mentioned lately only a part of its mentions was listed.
        let mut parts: Vec<String> = progress.seen.acts.iter().map(|act| act.item.0.clone()).collect();
        parts.sort();
        parts.dedup();
        parts.retain(|page| {
            !progress.known.items.contains_key(&ItemId::from(page.as_str()))
                && !progress.aliases.contains_key(&format!("{WHOLE}{page}"))
        });
        for pages in parts.chunks(TARGETS).take(10) {
            progress.queue.push_back(listing(progress, &targets(pages), false, Stage::Older));
        }
    }
    if progress.queue.is_empty() {
        count(progress);
    }
    progress.next()
}

fn settle_profile(progress: &mut Progress) {
    let account = &mut progress.seen.account;
    account.stable.get_or_insert_with(|| account.handle.clone());
    progress.seen.profile.url = Some(home(progress).into());
}

/// Makes items of what was mentioned. A page that is known has what it had and what is new; of another one every
/// mention was listed.
fn count(progress: &mut Progress) {
    let truncated = progress.aliases.contains_key(TRUNCATED);
    let horizon = progress.horizon();
    let mut seen: HashMap<ItemId, (Counts, Time)> = HashMap::new();
    let mut order = Vec::new();
    for act in &progress.seen.acts {
        let Some(at) = act.at else { continue };
        let known = progress.known.items.get(&act.item);
        let (counts, first) = seen.entry(act.item.clone()).or_insert_with(|| {
            order.push(act.item.clone());
            let whole = progress.aliases.contains_key(&format!("{WHOLE}{}", act.item.0)) && !truncated;
            let nothing = [Metric::Likes, Metric::Replies, Metric::Reshares]
                .into_iter()
                .fold(Counts::default(), |counts, metric| counts.with(metric, whole.then_some(0)));
            (known.map_or(nothing, |item| item.counts), at)
        });
        *first = at.min(*first);
        // Stored acts of the window are all known by name.
        if known.is_none() || !progress.known.acts.contains(&act.id) && at >= horizon {
            counts.set(act.metric, counts.get(act.metric).map(|count| count.saturating_add(1)));
        }
    }
    for item in order {
        let Some((counts, first)) = seen.remove(&item) else { continue };
        let dated = progress.aliases.get(&format!("{DATE}{}", item.0)).and_then(|date| rfc3339(&date.0));
        progress.add(Post {
            kind: PostKind::Item,
            title: title(&item.0),
            url: Some(item.0.clone()),
            published: dated.unwrap_or(first).min(first),
            counts,
            standing: false,
            id: item,
        });
    }
}

/// A page is called by its path: its own title is not in the mentions.
fn title(page: &str) -> String {
    let url = Url::parse(page).ok();
    let path = url
        .as_ref()
        .map_or(page, |url| if is_site(url) { url.host_str().unwrap_or(page) } else { url.path() });
    text::clean(path)
}
