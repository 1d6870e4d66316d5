//! Reddit, read through its OAuth API with the user's own app.
//!
//! One poll: the account, its newest submissions and comments, counters of older ones by name, then who commented
//! under submissions that grew. Reddit answers alike for an account that does not exist, was deleted, or is hidden
//! from everybody but its owner: not found. Scores are fuzzed by a little, and hold the author's own vote.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint};
use crate::exchange::{Grant, GrantStyle, Place, Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Time, Trouble, Word, Words, time,
};
use crate::text;
use serde::Deserialize;
use std::collections::HashSet;
use url::Url;

pub(super) static CHANNEL: Reddit = Reddit;

const API: &str = "https://oauth.reddit.com/";
const SITE: &str = "https://www.reddit.com/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "reddit",
    code: "RED",
    name: "Reddit",
    also: &[],
    words: Words {
        like: Some(Word::new("upvote", "upvotes", "UPVT")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(15, 5),
    key: KeyNeed::Needed(
        "have an app approved at www.reddit.com/prefs/apps and write its client id and secret as id:secret",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["reddit.com", ".reddit.com"],
    hint: "write u/name, 3 to 20 letters, digits, - and _, or the profile's address",
    facts: Facts {
        reads: &[
            "user/NAME/about: whether the account exists, karma (shown, never counted)",
            "user/NAME/overview: the newest 100 submissions and comments with their scores; on the first poll back to 90 days",
            "api/info: scores of up to 100 older ones, others at every poll",
            "comments/ID: who commented under a submission that grew",
        ],
        cost: "2 or 3 requests, one for each submission that grew, and one an hour for a token",
        limits: "100 requests a minute for an app, counted over 10 minutes; the server says so in X-Ratelimit headers and answers 429",
        unknown: &[
            "exact scores: Reddit changes them a little, and hides those of fresh comments",
            "who voted",
            "how many comments a comment got",
            "whether an account that is not found was deleted or is hidden from everybody",
            "what is older than the newest 1,000 of an account",
        ],
    },
    api: Some(API),
};

/// Entries of one page, and of one question by name.
const PAGE: usize = 100;

/// A listing ends after about so many, whether there is more or not.
const LONGEST: usize = 950;

pub(super) struct Reddit;

impl Channel for Reddit {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let text = typed.text.trim_start_matches('/');
        let name = if let Some(name) = text.strip_prefix("u/").or_else(|| text.strip_prefix("user/")) {
            name.trim_end_matches('/')
        } else if let Some(url) = typed.url.as_ref().filter(|_| text.contains('/')) {
            let host = url.host_str()?;
            let known = host
                .strip_suffix("reddit.com")
                .is_some_and(|part| matches!(part, "" | "www." | "old." | "new." | "np." | "sh." | "m."));
            let mut path = url.path_segments().filter(|_| known)?;
            path.next().filter(|word| matches!(*word, "u" | "user"))?;
            return account(path.next()?);
        } else if typed.named {
            text
        } else {
            return None;
        };
        account(name)
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("{SITE}user/{}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        api(progress, &["user", &progress.account().handle, "about"], Stage::Profile, &[])
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts | Stage::Older => read_overview(progress, reply),
            Stage::Refresh => read_refresh(progress, reply),
            Stage::Actors => read_comments(progress, reply),
            _ => read_about(progress, reply),
        }
    }
}

fn account(name: &str) -> Option<Account> {
    is_name(name).then(|| Account::new(CHANNEL.network(), name))
}

fn is_name(name: &str) -> bool {
    (3..=20).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
}

/// A question with the token that the app's id and secret are exchanged for. Under a configured address both are
/// expected there.
fn api(progress: &Progress, path: &[&str], stage: Stage, query: &[(&str, &str)]) -> Request {
    let mut url = endpoint(&progress.api, path);
    url.query_pairs_mut().append_pair("raw_json", "1").extend_pairs(query);
    let site = if progress.api.as_str() == API { Url::parse(SITE).ok() } else { None };
    let site = site.unwrap_or_else(|| progress.api.clone());
    let at = endpoint(&site, &["api", "v1", "access_token"]);
    // Reddit's own form for it: platform, app, version, whom to turn to.
    let agent = format!(
        "{}:cloutop:{} (+{})",
        std::env::consts::OS,
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY")
    );
    Request::json(url, stage)
        .with_key_as(SPEC.id, Place::Grant(Grant { at, style: GrantStyle::Basic, named_in: None }))
        .header("user-agent", agent)
}

fn overview(progress: &Progress, after: Option<&str>) -> Request {
    let mut query = vec![("sort", "new"), ("limit", "100")];
    query.extend(after.map(|after| ("after", after)));
    let stage = if after.is_some() { Stage::Older } else { Stage::Posts };
    api(progress, &["user", &progress.account().handle, "overview"], stage, &query)
}

#[derive(Deserialize)]
struct Thing<T> {
    data: T,
}

#[derive(Deserialize)]
struct About {
    id: Option<String>,
    name: String,
    #[serde(default)]
    is_suspended: bool,
    total_karma: Option<i64>,
    link_karma: Option<i64>,
    comment_karma: Option<i64>,
}

#[derive(Deserialize)]
struct Refusal {
    reason: Option<String>,
}

fn read_about(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let reason = |reply: &Reply| reply.json::<Refusal>().ok().and_then(|refusal| refusal.reason);
    match reply.status {
        // Guests get a page that sends them away.
        401 | 403 if !reply.keyed => return Err(Trouble::KeyNeeded),
        404 => return Err(progress.missing()),
        400 if reason(reply).as_deref() == Some("USER_DOESNT_EXIST") => return Err(progress.missing()),
        _ => {}
    }
    let about = decode::<Thing<About>>(reply)?.data;
    if about.is_suspended {
        return Err(Trouble::Suspended);
    }
    let Some(id) = about.id.filter(|id| is_id(id) && is_name(&about.name)) else {
        return Err(Trouble::malformed("the account has no id"));
    };
    // Names never change; how they are capitalised is the server's word.
    progress.seen.account.handle = about.name;
    progress.seen.account.stable = Some(id);
    progress.seen.profile.url = CHANNEL.page(progress.account());
    let parts = || about.link_karma?.checked_add(about.comment_karma?);
    let karma = about.total_karma.or_else(parts);
    progress.figure(Figure::Karma, karma.and_then(|karma| u64::try_from(karma).ok()));
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(overview(progress, None)))
}

/// Letters and digits, as all of Reddit's ids.
fn is_id(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// `t3_abc` and `t1_abc`: a submission's or a comment's kind and id.
fn is_full_name(text: &str) -> bool {
    text.strip_prefix("t3_").or_else(|| text.strip_prefix("t1_")).is_some_and(is_id)
}

#[derive(Deserialize)]
struct Listing {
    after: Option<String>,
    #[serde(default)]
    children: Vec<Thing<Entry>>,
}

/// A submission (`t3_…`) or a comment (`t1_…`); what is neither has no name of that form.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: String,
    author: Option<String>,
    title: Option<String>,
    body: Option<String>,
    score: Option<i64>,
    #[serde(default)]
    score_hidden: bool,
    #[serde(default)]
    hide_score: bool,
    num_comments: Option<u64>,
    created_utc: Option<f64>,
    permalink: Option<String>,
    link_id: Option<String>,
    link_author: Option<String>,
    author_fullname: Option<String>,
    /// A listing, or an empty text where there is none.
    replies: Option<serde_json::Value>,
}

impl Entry {
    fn created(&self) -> Option<Time> {
        let seconds = self.created_utc.filter(|seconds| (0.0..1e11).contains(seconds))?;
        #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
        Some(time((seconds * 1e3) as i64))
    }

    /// What is left of an entry once its author has deleted it, or the account.
    fn is_deleted(&self) -> bool {
        self.author.as_deref().is_none_or(|author| author == "[deleted]")
    }

    fn is_by(&self, account: &Account) -> bool {
        self.author.as_deref().is_some_and(|author| author.eq_ignore_ascii_case(&account.handle))
    }
}

fn read_overview(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    // The account itself was there a moment ago, and the app may read.
    match reply.status {
        403 if !reply.is_page() => return Err(Trouble::Private),
        404 => return Err(progress.missing()),
        _ => {}
    }
    let Listing { after, mut children } = decode::<Thing<Listing>>(reply)?.data;
    children.truncate(PAGE);
    let mut page = Vec::new();
    let mut oldest: Option<Time> = None;
    for Thing { data: entry } in children {
        let Some(created) = entry.created().filter(|_| entry.is_by(progress.account())) else { continue };
        oldest = Some(oldest.map_or(created, |oldest| oldest.min(created)));
        page.push(ItemId::from(entry.name.as_str()));
        add(progress, &entry, created);
    }
    progress.pages += 1;
    match after {
        Some(after) if is_full_name(&after) && progress.wants_older(&page, oldest) => {
            return Ok(ask(overview(progress, Some(&after))));
        }
        Some(_) => {}
        None => progress.seen.complete = progress.seen.posts.len() < LONGEST,
    }
    let names = to_refresh(progress, oldest);
    if names.is_empty() {
        return Ok(progress.then_actors(question));
    }
    Ok(ask(api(progress, &["api", "info"], Stage::Refresh, &[("id", &names.join(","))])))
}

/// Known entries to be asked for by name: first those that the listing should have shown, then the rest in turn.
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
    let mut names: Vec<String> = missing.into_iter().map(|id| id.0).collect();
    names.retain(|name| is_full_name(name));
    names.truncate(PAGE);
    let room = PAGE - names.len();
    let start = usize::try_from(progress.known.polls).unwrap_or(0).wrapping_mul(room) % rest.len().max(1);
    let turn = rest.iter().cycle().skip(if rest.len() > room { start } else { 0 });
    names.extend(turn.take(room.min(rest.len())).filter(|name| is_full_name(name)).cloned());
    names
}

fn read_refresh(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Listing { children, .. } = decode::<Thing<Listing>>(reply)?.data;
    let asked: HashSet<String> = reply
        .url
        .query_pairs()
        .filter(|(name, _)| name == "id")
        .flat_map(|(_, names)| names.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for Thing { data: entry } in children.iter().filter(|thing| asked.contains(&thing.data.name)) {
        if entry.is_deleted() {
            let id = ItemId::from(entry.name.as_str());
            if !progress.seen.gone.contains(&id) {
                progress.seen.gone.push(id);
            }
        } else if let Some(created) = entry.created().filter(|_| entry.is_by(progress.account())) {
            add(progress, entry, created);
        }
    }
    Ok(progress.then_actors(question))
}

fn add(progress: &mut Progress, entry: &Entry, created: Time) {
    if !is_full_name(&entry.name) {
        return;
    }
    let is_comment = entry.name.starts_with("t1_");
    if let Some(link) = entry.link_id.as_deref().filter(|link| is_comment && is_full_name(link)) {
        let under = ItemId::from(link);
        let mine = entry
            .link_author
            .as_deref()
            .is_some_and(|author| author.eq_ignore_ascii_case(&progress.account().handle));
        if mine || progress.known.items.contains_key(&under) {
            progress.act(Act::own(entry.name.clone(), under, Metric::Replies));
        }
    }
    let hidden = entry.score_hidden || entry.hide_score;
    // The author's own vote is in the score, and what is voted down has no upvotes to show.
    let likes =
        entry.score.filter(|_| !hidden).map(|score| u64::try_from(score.saturating_sub(1)).unwrap_or(0));
    let words = entry.title.as_deref().or(entry.body.as_deref()).unwrap_or_default();
    let path = entry.permalink.as_deref().filter(|path| path.starts_with('/'));
    let page = path.and_then(|path| Url::parse(SITE).ok()?.join(path).ok());
    progress.add(Post {
        id: ItemId(entry.name.clone()),
        kind: if is_comment { PostKind::Comment } else { PostKind::Post },
        url: page.filter(|page| page.as_str().starts_with(SITE)).map(String::from),
        title: text::clean(words),
        published: created,
        counts: Counts::default()
            .with(Metric::Likes, likes)
            .with(Metric::Replies, entry.num_comments.filter(|_| !is_comment)),
        standing: false,
    });
}

/// Who commented under a submission. Nobody is told who voted.
fn question(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    let id = post.id.0.strip_prefix("t3_").filter(|_| metric == Metric::Replies)?;
    Some(api(progress, &["comments", id], Stage::Actors, &[("sort", "new"), ("limit", "500")]))
}

fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    // The submission, then what was said about it.
    let told: Option<Vec<Thing<Listing>>> = decode_actors(reply)?;
    let mut listings = told.into_iter().flatten().map(|thing| thing.data);
    let submission = listings.next().and_then(|listing| listing.children.into_iter().next());
    let item = submission.map(|thing| thing.data.name).filter(|name| is_full_name(name)).map(ItemId);
    let mut comments: Vec<Entry> =
        listings.flat_map(|listing| listing.children).map(|thing| thing.data).collect();
    while let (Some(mut comment), Some(item)) = (comments.pop(), &item) {
        if let Some(replies) = comment.replies.take().filter(serde_json::Value::is_object)
            && let Ok(replies) = serde_json::from_value::<Thing<Listing>>(replies)
        {
            comments.extend(replies.data.children.into_iter().map(|thing| thing.data));
        }
        let at = comment.created();
        // The account's own are known from its overview. Where the tree is cut off there is no comment.
        if !comment.name.starts_with("t1_") || comment.is_deleted() || comment.is_by(progress.account()) {
            continue;
        }
        let actor = comment.author_fullname.or(comment.author).map(|actor| text::clean(&actor));
        let Some(actor) = actor.filter(|actor| !actor.is_empty()) else { continue };
        let act = Act::by(actor, comment.name, item.clone(), Metric::Replies).at(at);
        progress.act_by(act, || text::clean(&comment.body.unwrap_or_default()));
    }
    Ok(progress.then_actors(question))
}
