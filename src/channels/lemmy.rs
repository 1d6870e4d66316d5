//! Lemmy by its two APIs (v3 of 0.19, v4 of 1.0), and `PieFed`, whose API is like the older one.
//!
//! One poll: the person, who comes with a page of posts and comments except in v4, where the page is a
//! question of its own; then one page of older ones in turn; then the comments under what grew. Which API a
//! server has, the person's number there and where the older pages go on is remembered in the account's
//! `native`: `v3/42/2`. Nobody is followed, so there is no audience. The author's own vote is in the count.

mod replies;

use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, fediverse, name, refusal,
};
use crate::exchange::{Reply, Request, Stage, host_of};
use crate::model::{
    Account, Act, Counts, Facts, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind, Tie,
    Time, Trouble, Word, Words,
};
use crate::schedule::Limits;
use crate::text;
use replies::{Item, Page, PersonReply, Refusal};
use std::collections::HashSet;

pub(super) static CHANNEL: Lemmy = Lemmy;

static SPEC: NetworkSpec = NetworkSpec {
    id: "lemmy",
    code: "LEM",
    name: "Lemmy",
    also: &["piefed"],
    words: Words {
        like: Some(Word::new("upvote", "upvotes", "UPVO")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(15, 5),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write u/name@server or the address of the person's page",
    facts: Facts {
        reads: &[
            "v3/user (PieFed: alpha/user): the person with the newest 50 posts and 50 comments; on the first poll back to 90 days",
            "v4/person and v4/person/content: the same on servers with Lemmy 1.0",
            "the same lists further down: one page of older posts and comments a poll, in turn",
            "comment/list: who commented under what grew",
        ],
        cost: "1 request (2 with Lemmy 1.0), one more where there are older items, and one for each item with new comments",
        limits: "180 requests a minute by default; Lemmy 0.19 says so with status 400, Lemmy 1.0 with 429 and how long to wait",
        unknown: &[
            "how many people follow somebody: nobody does",
            "who voted",
            "votes and comments that other servers did not tell the person's server",
            "votes where the server hides them",
        ],
    },
    api: None,
};

/// Posts a page and comments a page, the most the APIs give.
const PAGE: usize = 50;

/// Sites whose `/u/name` pages are other software.
const NOT_LEMMY: [&str; 2] = ["reddit.com", "hub.docker.com"];

pub(super) struct Lemmy;

impl Channel for Lemmy {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        if let Some(url) = &typed.url {
            let mut path = url.path_segments()?;
            let host = url.host_str()?;
            let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("old.")).unwrap_or(host);
            if path.next()? != "u" || NOT_LEMMY.contains(&host) {
                return None;
            }
            return fediverse::on_page(self.network(), path.next()?, url);
        }
        let text = typed.text.trim_start_matches('/');
        fediverse::at_text(self.network(), text.strip_prefix("u/").unwrap_or(text))
    }

    fn page(&self, account: &Account) -> Option<String> {
        let (user, _) = fediverse::split(&account.handle)?;
        Some(endpoint(&fediverse::home(account)?, &["u", user]).to_string())
    }

    fn request(&self, progress: &Progress) -> Request {
        person(progress, memory(progress).dialect)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Actors => read_comments(progress, reply),
            Stage::Profile => read_person(progress, reply),
            _ => read_items(progress, reply),
        }
    }
}

/// The APIs, in the order in which an unknown server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    V3,
    V4,
    Alpha,
}

impl Dialect {
    fn word(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::V4 => "v4",
            Self::Alpha => "alpha",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::V3, Self::V4, Self::Alpha].into_iter().find(|dialect| dialect.word() == word)
    }

    /// The one an address belongs to.
    fn asked(reply: &Reply) -> Option<Self> {
        reply.url.path_segments()?.find_map(Self::of)
    }

    fn next(self) -> Self {
        match self {
            Self::V3 => Self::V4,
            Self::V4 => Self::Alpha,
            Self::Alpha => Self::V3,
        }
    }

    /// v4 has its choices in small letters.
    fn newest(self) -> &'static str {
        if self == Self::V4 { "new" } else { "New" }
    }
}

/// What the account's `native` holds.
struct Memory {
    dialect: Dialect,
    person: String,
    /// Where the pages of older items go on.
    cursor: Option<String>,
}

fn memory(progress: &Progress) -> Memory {
    let mut parts = progress.account().native.as_deref().unwrap_or_default().splitn(3, '/');
    Memory {
        dialect: parts.next().and_then(Dialect::of).unwrap_or(Dialect::V3),
        person: parts.next().unwrap_or_default().to_owned(),
        cursor: parts.next().filter(|cursor| !cursor.is_empty()).map(str::to_owned),
    }
}

fn remember(progress: &mut Progress, Memory { dialect, person, cursor }: &Memory) {
    let cursor = cursor.as_ref().map(|cursor| format!("/{cursor}")).unwrap_or_default();
    progress.seen.account.native = Some(format!("{}/{person}{cursor}", dialect.word()));
}

fn get(progress: &Progress, dialect: Dialect, segments: &[&str], stage: Stage) -> Request {
    Request::json(endpoint(&progress.api, &[&["api", dialect.word()], segments].concat()), stage)
}

/// The name as the asked server knows it.
fn username(progress: &Progress) -> String {
    let handle = &progress.account().handle;
    match fediverse::split(handle) {
        Some((user, host)) if host == host_of(&progress.api) => user.to_owned(),
        _ => handle.trim_start_matches('@').to_owned(),
    }
}

fn person(progress: &Progress, dialect: Dialect) -> Request {
    match dialect {
        Dialect::V3 | Dialect::Alpha => content(progress, dialect, Stage::Profile, None),
        Dialect::V4 => {
            let mut request = get(progress, dialect, &["person"], Stage::Profile);
            request.url.query_pairs_mut().append_pair("username", &username(progress));
            request
        }
    }
}

fn content(progress: &Progress, dialect: Dialect, stage: Stage, cursor: Option<&str>) -> Request {
    let segments: &[&str] = if dialect == Dialect::V4 { &["person", "content"] } else { &["user"] };
    let mut request = get(progress, dialect, segments, stage);
    let mut query = request.url.query_pairs_mut();
    query.append_pair("username", &username(progress)).append_pair("limit", &PAGE.to_string());
    if dialect == Dialect::V4 {
        query.append_pair("type_", "all");
        if let Some(cursor) = cursor {
            query.append_pair("page_cursor", cursor);
        }
    } else {
        query.append_pair("sort", "New").append_pair("page", cursor.unwrap_or("1"));
        if dialect == Dialect::Alpha {
            query.append_pair("include_content", "true");
        }
    }
    drop(query);
    request
}

/// What a refusal says in the server's own words. `None` where it has none.
fn troubled(progress: &Progress, reply: &Reply) -> Option<Trouble> {
    let refusal: Refusal = reply.json().ok()?;
    let word = refusal.error.or(refusal.message)?.to_lowercase();
    let limits = Limits::read(&reply.headers, reply.at);
    match word.as_str() {
        "rate_limit_error" | "rate_limit_exceeded" | "too_many_requests" => {
            Some(Trouble::RateLimited { until: limits.retry.or(limits.reset) })
        }
        "couldnt_find_person" | "couldnt_find_that_username_or_email" => Some(progress.missing()),
        // An API that is not there is "not found", too, in v3.
        "not_found" if Dialect::asked(reply) == Some(Dialect::V4) => Some(progress.missing()),
        "instance_is_private" => Some(Trouble::Private),
        _ if Dialect::asked(reply) == Some(Dialect::Alpha) => {
            let unknown = ["no row was found", "user not found", "no object found"];
            unknown.iter().any(|words| word.contains(words)).then(|| progress.missing())
        }
        _ => None,
    }
}

fn read_person(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let dialect = Dialect::asked(reply).unwrap_or(Dialect::V3);
    let known = memory(progress);
    if !reply.ok() {
        if let Some(trouble) = troubled(progress, reply) {
            return Err(trouble);
        }
        if reply.status != 404 {
            return Err(refusal(reply));
        }
        // Not this API: the next one, until all were asked.
        if dialect.next() != known.dialect {
            return Ok(ask(person(progress, dialect.next())));
        }
        let first = progress.known.polls == 0;
        return Err(if first { Trouble::NotFound } else { Trouble::Server { status: 404, until: None } });
    }
    let told: PersonReply = decode(reply)?;
    let seen = told.person_view.person;
    if seen.deleted {
        return Err(Trouble::Deleted);
    }
    if seen.banned || told.person_view.banned {
        return Err(Trouble::Suspended);
    }
    let cursor = known.cursor.filter(|_| known.dialect == dialect);
    remember(progress, &Memory { dialect, person: seen.id.to_string(), cursor });
    let host = fediverse::split(&progress.account().handle).map(|(_, host)| host.to_owned());
    let handle = seen.name.or(seen.user_name).zip(host);
    if let Some(account) = handle.and_then(|(name, host)| fediverse::account(CHANNEL.network(), &name, &host))
    {
        progress.rename(&account.handle);
    }
    progress.seen.account.stable = seen.actor_id.or(seen.ap_id).map(|id| text::clean(&id));
    progress.seen.profile.name = name(seen.display_name.or(seen.title).as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    for url in links(seen.bio.or(seen.about).as_deref().unwrap_or_default()) {
        progress.seen.profile.link(Tie::Claimed, url);
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    if dialect == Dialect::V4 {
        return Ok(ask(content(progress, dialect, Stage::Posts, None)));
    }
    read_items(progress, reply)
}

/// The addresses in a text written in Markdown.
fn links(markdown: &str) -> Vec<String> {
    markdown
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"'))
        .filter(|word| word.starts_with("https://") || word.starts_with("http://"))
        .map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '*', '_']).to_owned())
        .collect()
}

/// One list of a page: posts, comments, or both together.
struct Listed {
    /// What its items' ids begin with.
    kind: &'static str,
    /// Whether older items follow.
    more: bool,
    times: Vec<(ItemId, Time)>,
}

impl Listed {
    fn new(kind: &'static str, more: bool, items: &[Item]) -> Self {
        let times = items.iter().filter_map(|item| Some((item.id()?, item.published()?))).collect();
        Self { kind, more, times }
    }

    fn oldest(&self) -> Option<Time> {
        self.times.iter().map(|(_, at)| *at).min()
    }
}

fn read_items(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Some(dialect) = Dialect::asked(reply) else { return Err(Trouble::NotFound) };
    if !reply.ok()
        && let Some(trouble) = troubled(progress, reply)
    {
        return Err(trouble);
    }
    progress.pages += 1;
    let page: Page = decode(reply)?;
    let lists = match page.items {
        Some(_) => vec![Listed::new("", page.next_page.is_some(), page.items.as_deref().unwrap_or_default())],
        None => vec![
            Listed::new("post/", page.posts.len() >= PAGE, &page.posts),
            Listed::new("comment/", page.comments.len() >= PAGE, &page.comments),
        ],
    };
    let next = if dialect == Dialect::V4 { page.next_page } else { following(reply, &lists) };
    let items: Vec<Item> = page.items.into_iter().flatten().chain(page.posts).chain(page.comments).collect();
    add(progress, &items);
    let refresh = reply.stage == Stage::Refresh;
    // Everything of one list between the page's ends is on the page, or is gone; before the last page lies
    // nothing.
    for list in &lists {
        let Some(oldest) = list.oldest() else { continue };
        let newest = list.times.iter().map(|(_, at)| *at).max().unwrap_or(oldest);
        let from = if list.more || refresh { oldest } else { Time::MIN_UTC };
        let gone = progress.missing_between(from, if refresh { newest } else { progress.now });
        progress.seen.gone.extend(gone.into_iter().filter(|id| id.0.starts_with(list.kind)));
    }
    let mut known = memory(progress);
    let reached = lists.iter().filter(|list| list.more).filter_map(Listed::oldest).max();
    if refresh {
        // The next poll goes on below, or begins again where all that is remembered was read.
        known.cursor = next.filter(|_| reached.is_some_and(|at| at >= progress.horizon()));
        remember(progress, &known);
        return Ok(progress.then_actors(actors));
    }
    let Some(next) = next else {
        known.cursor = None;
        remember(progress, &known);
        progress.seen.complete = true;
        return Ok(progress.then_actors(actors));
    };
    let ids: Vec<ItemId> = lists
        .iter()
        .filter(|list| list.more)
        .flat_map(|list| &list.times)
        .map(|(id, _)| id.clone())
        .collect();
    if progress.wants_older(&ids, reached) {
        return Ok(ask(content(progress, dialect, Stage::Older, Some(&next))));
    }
    let older = progress.known.polls > 0
        && progress.unseen().first().is_some_and(|(_, item)| item.published >= progress.horizon());
    if older {
        let cursor = known.cursor.unwrap_or(next);
        return Ok(ask(content(progress, dialect, Stage::Refresh, Some(&cursor))));
    }
    Ok(progress.then_actors(actors))
}

/// The number of the next page, where there is one.
fn following(reply: &Reply, lists: &[Listed]) -> Option<String> {
    let page = reply.url.query_pairs().find(|(name, _)| name == "page")?.1.parse::<u32>().ok()?;
    lists.iter().any(|list| list.more).then(|| page.saturating_add(1).to_string())
}

/// Takes up posts and comments. Comments below an item of one's own are in its count: only the topmost own
/// item has a counter of comments.
fn add(progress: &mut Progress, items: &[Item]) {
    let own = memory(progress).person;
    let here: HashSet<ItemId> = items.iter().filter_map(Item::id).collect();
    let is_mine = |progress: &Progress, id: &ItemId| {
        here.contains(id)
            || progress.known.items.contains_key(id)
            || progress.seen.posts.iter().any(|post| post.id == *id)
    };
    for item in items {
        let (Some(id), Some(published)) = (item.id(), item.published()) else { continue };
        if item.is_gone() {
            continue;
        }
        let above = item.above(&own).or_else(|| {
            item.ancestors().into_iter().find(|ancestor| *ancestor != id && is_mine(progress, ancestor))
        });
        if let Some(above) = &above {
            progress.act(Act::own(id.0.clone(), above.clone(), Metric::Replies));
        }
        progress.add(Post {
            kind: if item.comment.is_some() { PostKind::Comment } else { PostKind::Post },
            url: item.url(),
            title: text::clean(item.words()),
            published,
            counts: Counts::default()
                // The author's own vote is in the count.
                .with(Metric::Likes, item.upvotes().map(|votes| votes.saturating_sub(1)))
                .with(Metric::Replies, item.replies().filter(|_| above.is_none())),
            standing: false,
            id,
        });
    }
}

/// Who commented. Who voted is told to administrators alone.
fn actors(progress: &Progress, item: &Post, metric: Metric) -> Option<Request> {
    let (kind, number) = item.id.0.split_once('/').filter(|_| metric == Metric::Replies)?;
    let dialect = memory(progress).dialect;
    let mut request = get(progress, dialect, &["comment", "list"], Stage::Actors);
    request
        .url
        .query_pairs_mut()
        .append_pair(if kind == "post" { "post_id" } else { "parent_id" }, number)
        .append_pair("type_", if dialect == Dialect::V4 { "all" } else { "All" })
        .append_pair("sort", dialect.newest())
        .append_pair("limit", &PAGE.to_string());
    Some(request)
}

fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if !reply.ok()
        && let Some(limited @ Trouble::RateLimited { .. }) = troubled(progress, reply)
    {
        return Err(limited);
    }
    let under = reply.url.query_pairs().find_map(|(name, number)| match name.as_ref() {
        "post_id" => Some(ItemId(format!("post/{number}"))),
        "parent_id" => Some(ItemId(format!("comment/{number}"))),
        _ => None,
    });
    let page: Option<Page> = decode_actors(reply)?;
    if let Some((page, under)) = page.zip(under) {
        for comment in page.items.into_iter().flatten().chain(page.comments) {
            let (Some(id), Some(author)) = (comment.id(), comment.author()) else { continue };
            // The person's own are known from the list, and a comment stands among those below it.
            let own = Some(author.as_str()) == progress.account().stable.as_deref();
            if comment.is_gone() || comment.comment.is_none() || own || id == under {
                continue;
            }
            let act = Act::by(text::clean(&author), id.0, under.clone(), Metric::Replies);
            progress.act_by(act.at(comment.published()), || text::clean(comment.words()));
        }
    }
    Ok(progress.then_actors(actors))
}
