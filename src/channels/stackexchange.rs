//! Stack Overflow and the other sites of Stack Exchange. A key is optional; without one 300 requests a day are shared
//! by the whole address.
//!
//! One poll: the user, their questions and answers of the last 90 days, then what others wrote below: answers and
//! comments, on the first poll both, later in turn. The API tells votes as one number, so downvotes are netted.
//! Names are not unique and change, so an account is its number on its site.

use super::{Channel, Progress, Reach, Step, Typed, WINDOW, ask, decode, endpoint, name, refusal};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Tie, Time, Trouble, Word, Words, time,
};
use crate::text;
use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(super) static CHANNEL: StackExchange = StackExchange;

static SPEC: NetworkSpec = NetworkSpec {
    id: "stackexchange",
    code: "SE",
    name: "Stack Exchange",
    also: &["stackoverflow"],
    words: Words {
        like: Some(Word::new("vote", "votes", "VOTE")),
        reshare: None,
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: None,
        view: None,
        audience: Some("reputation"),
    },
    audience: &[(Figure::Reputation, 1.0)],
    pace: Pace { interval: 60, floor: 60, keyed: Some((15, 5)) },
    key: KeyNeed::Useful(
        "stackapps.com, Register an app; the key is no secret and needs no login. It raises 300 requests a day to 10,000",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write 22656@stackoverflow, the user's number and site, or the profile's address",
    facts: Facts {
        reads: &[
            "users/ID: reputation, name, web site",
            "users/ID/posts: questions and answers of the last 90 days with their scores, downvotes netted",
            "questions/IDS/answers and posts/IDS/comments: answers and comments by others on the newest 100 of them; on the first poll both, later in turn",
        ],
        cost: "3 requests, more where there are over 100 posts",
        limits: "300 requests a day for an address, 10,000 with a key; 400 with the seconds to wait when it was too much; a backoff in a good answer is kept",
        unknown: &[
            "upvotes and downvotes apart: the API tells their difference; one below zero is counted as none",
            "votes on posts older than 90 days: they show in the reputation",
            "who voted",
        ],
    },
    api: Some("https://api.stackexchange.com/"),
};

/// Entries a page, the most the API gives; also the most ids it takes at once.
const PAGE: usize = 100;

/// Pages of one listing read at most.
const PAGES: usize = 5;

/// A backoff is kept, and a bit more: whoever comes too early is shut out.
const MARGIN: TimeDelta = TimeDelta::seconds(2);

/// The server's word on waiting is believed up to this long.
const LONGEST: i64 = 24 * 60 * 60;

pub(super) struct StackExchange;

impl Channel for StackExchange {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        if let Some(url) = typed.url.as_ref().filter(|_| typed.text.contains('/')) {
            let site = site(url.host_str()?)?;
            let mut path = url.path_segments()?.skip_while(|segment| *segment != "users").skip(1);
            return self.account(path.next()?, &site);
        }
        if !typed.named {
            return None;
        }
        let (number, place) = typed.text.split_once('@').unwrap_or((typed.text, "stackoverflow"));
        let place = place.to_ascii_lowercase();
        let written_out = [".com", ".net"].iter().any(|end| place.ends_with(end));
        let site = if written_out { site(&place)? } else { place };
        self.account(number, &site)
    }

    fn page(&self, account: &Account) -> Option<String> {
        let (number, site) = account.handle.split_once('@')?;
        Some(format!("https://{}/users/{number}", host(site)))
    }

    fn request(&self, progress: &Progress) -> Request {
        get(progress, &["users", number(progress)], Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts | Stage::Older => read_posts(progress, reply),
            Stage::Comments => read_replies(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

impl StackExchange {
    fn account(&self, number: &str, site: &str) -> Option<Account> {
        let number: u64 = number.parse().ok()?;
        let fits = !site.is_empty()
            && site.len() <= 60
            && site.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-'));
        fits.then(|| Account::new(self.network(), format!("{number}@{}", site.to_ascii_lowercase())))
    }
}

/// Sites with a domain of their own, below `.com`.
const DOMAINS: [&str; 5] = ["stackoverflow", "superuser", "serverfault", "askubuntu", "stackapps"];

fn has_domain(site: &str) -> bool {
    DOMAINS
        .iter()
        .any(|domain| site.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.')))
}

/// What the API calls the site on a host: `math`, `pt.stackoverflow`, `mathoverflow.net`.
fn site(host: &str) -> Option<String> {
    let host = host.strip_prefix("www.").unwrap_or(host);
    let com = host.strip_suffix(".com");
    let site = match com.and_then(|host| host.strip_suffix(".stackexchange")) {
        Some(site) if site != "api" => site,
        _ if host == "mathoverflow.net" => host,
        _ => com.filter(|site| has_domain(site))?,
    };
    Some(site.to_owned())
}

/// The host of a site.
fn host(site: &str) -> String {
    match site {
        "mathoverflow.net" => site.to_owned(),
        site if has_domain(site) => format!("{site}.com"),
        site => format!("{site}.stackexchange.com"),
    }
}

fn number(progress: &Progress) -> &str {
    progress.account().handle.split('@').next().unwrap_or_default()
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    let mut url = endpoint(&progress.api, &[&["2.3"], segments].concat());
    let site = progress.account().handle.split_once('@').map_or("stackoverflow", |(_, site)| site);
    url.query_pairs_mut().append_pair("site", site);
    Request::json(url, stage).with_key_as("stackexchange", Place::Query("key"))
}

/// A page of a listing, newest first, since an instant.
fn list(progress: &Progress, segments: &[&str], stage: Stage, since: Time, page: usize) -> Request {
    let mut request = get(progress, segments, stage);
    request
        .url
        .query_pairs_mut()
        .append_pair("order", "desc")
        .append_pair("sort", "creation")
        .append_pair("fromdate", &since.timestamp().to_string())
        .append_pair("pagesize", &PAGE.to_string())
        .append_pair("page", &page.to_string())
        .append_pair("filter", "withbody");
    request
}

fn posts(progress: &Progress, page: usize) -> Request {
    let stage = if page == 1 { Stage::Posts } else { Stage::Older };
    list(progress, &["users", number(progress), "posts"], stage, progress.horizon(), page)
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(default)]
    has_more: bool,
    backoff: Option<i64>,
    quota_max: Option<u64>,
    quota_remaining: Option<u64>,
}

#[derive(Deserialize)]
struct Refusal {
    error_id: u64,
    #[serde(default)]
    error_message: String,
}

/// What came, or what is wrong. A good answer may hold a pause that binds.
fn read_page<T: DeserializeOwned>(progress: &mut Progress, reply: &Reply) -> Result<Page<T>, Trouble> {
    if !reply.ok() {
        return Err(troubled(reply));
    }
    let page: Page<T> = decode(reply)?;
    if let Some(seconds) = page.backoff.filter(|seconds| *seconds > 0) {
        progress.rest = Some(reply.at + TimeDelta::seconds(seconds.min(LONGEST)) + MARGIN);
    }
    if let (Some(left), Some(all)) = (page.quota_remaining, page.quota_max)
        && left < all / 4
    {
        // The rest of the day belongs to what is needed.
        progress.spare = 0;
    }
    Ok(page)
}

/// The API has numbers of its own for what is wrong, mostly under status 400.
fn troubled(reply: &Reply) -> Trouble {
    let Ok(said) = reply.json::<Refusal>() else { return refusal(reply) };
    let message = said.error_message.to_lowercase();
    match said.error_id {
        502 => {
            let seconds = message.split_whitespace().find_map(|word| word.parse::<i64>().ok());
            let until = seconds.map(|seconds| reply.at + TimeDelta::seconds(seconds.clamp(0, LONGEST)));
            Trouble::RateLimited { until }
        }
        400 if message.contains("site") => Trouble::NotFound,
        400 if reply.keyed && message.contains("key") => Trouble::Unauthorized,
        401..=403 | 405 if reply.keyed => Trouble::Unauthorized,
        401..=403 | 405 => Trouble::KeyNeeded,
        500 | 503 => Trouble::Server { status: 503, until: None },
        _ => refusal(reply),
    }
}

#[derive(Deserialize)]
struct User {
    user_id: u64,
    display_name: Option<String>,
    reputation: Option<u64>,
    link: Option<String>,
    website_url: Option<String>,
    #[serde(default)]
    user_type: String,
    /// Suspended until then, with a reputation of 1 for that time.
    timed_penalty_date: Option<i64>,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: Page<User> = read_page(progress, reply)?;
    let known = number(progress).parse().ok();
    let user = page.items.into_iter().find(|user| Some(user.user_id) == known);
    let Some(user) = user.filter(|user| user.user_type != "does_not_exist") else {
        return Err(progress.missing());
    };
    if user.timed_penalty_date.is_some_and(|until| time(until.saturating_mul(1_000)) > progress.now) {
        return Err(Trouble::Suspended);
    }
    progress.seen.account.stable = Some(progress.account().handle.clone());
    progress.seen.profile.name = name(user.display_name.as_deref().map(text::from_html).as_deref());
    progress.seen.profile.url = user.link;
    progress.figure(Figure::Reputation, user.reputation);
    if let Some(site) = user.website_url.filter(|site| !site.trim().is_empty()) {
        progress.seen.profile.link(Tie::Claimed, site);
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(posts(progress, 1)))
}

#[derive(Deserialize)]
struct PostView {
    post_id: u64,
    #[serde(default)]
    post_type: String,
    /// Escaped for HTML, as is the body.
    title: Option<String>,
    body: Option<String>,
    link: Option<String>,
    creation_date: i64,
    score: Option<i64>,
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: Page<PostView> = read_page(progress, reply)?;
    progress.pages += 1;
    let read = progress.pages as usize;
    for post in page.items {
        let words = post.title.or(post.body).unwrap_or_default();
        progress.add(Post {
            id: ItemId(post.post_id.to_string()),
            kind: if post.post_type == "question" { PostKind::Post } else { PostKind::Reply },
            url: post.link,
            title: text::from_html(&words),
            published: time(post.creation_date.saturating_mul(1_000)),
            counts: Counts::default()
                .with(Metric::Likes, post.score.map(|score| score.max(0).unsigned_abs())),
            standing: false,
        });
    }
    if page.has_more && read < PAGES {
        return Ok(ask(posts(progress, read + 1)));
    }
    let oldest = progress.seen.posts.iter().map(|post| post.published).min();
    let from = if page.has_more { oldest.unwrap_or(progress.now) } else { progress.horizon() };
    progress.seen.gone = progress.missing_between(from, progress.now);
    queue_replies(progress);
    Ok(progress.next())
}

/// What others wrote below the newest posts: on the first poll answers and comments, later in turn.
fn queue_replies(progress: &mut Progress) {
    let mut newest: Vec<&Post> = progress.seen.posts.iter().collect();
    newest.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.id.cmp(&b.id)));
    let ids = |kind: Option<PostKind>| {
        let wanted = newest.iter().filter(|post| kind.is_none_or(|kind| post.kind == kind));
        let ids: Vec<&str> = wanted.map(|post| post.id.0.as_str()).take(PAGE).collect();
        ids.join(";")
    };
    let (questions, all) = (ids(Some(PostKind::Post)), ids(None));
    let first = progress.known.polls == 0;
    if all.is_empty() || progress.spare == 0 && !first {
        return;
    }
    let since = if first { progress.now - WINDOW } else { progress.now - TimeDelta::days(7) };
    let mut wanted = Vec::new();
    if !questions.is_empty() {
        wanted.push(list(progress, &["questions", &questions, "answers"], Stage::Comments, since, 1));
    }
    wanted.push(list(progress, &["posts", &all, "comments"], Stage::Comments, since, 1));
    if first {
        progress.queue.extend(wanted);
    } else {
        let turn = usize::try_from(progress.known.polls).unwrap_or(0) % wanted.len();
        progress.queue.push_back(wanted.swap_remove(turn));
    }
}

/// An answer or a comment.
#[derive(Deserialize)]
struct ReplyView {
    answer_id: Option<u64>,
    comment_id: Option<u64>,
    /// Of an answer.
    question_id: Option<u64>,
    /// Of a comment.
    post_id: Option<u64>,
    creation_date: i64,
    body: Option<String>,
    owner: Option<Owner>,
}

/// Without a number, once the account is deleted.
#[derive(Deserialize)]
struct Owner {
    user_id: Option<u64>,
}

fn read_replies(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: Page<ReplyView> = match read_page(progress, reply) {
        Ok(page) => page,
        Err(trouble @ (Trouble::RateLimited { .. } | Trouble::Server { .. })) => return Err(trouble),
        // This list is not to be had; the next one may be.
        Err(_) => return Ok(progress.next()),
    };
    let own = number(progress).parse::<u64>().ok();
    for said in page.items {
        let (id, on) = match (said.answer_id, said.comment_id) {
            (Some(id), _) => (format!("answer:{id}"), said.question_id),
            (None, Some(id)) => (format!("comment:{id}"), said.post_id),
            (None, None) => continue,
        };
        let (Some(on), Some(author)) = (on, said.owner.and_then(|owner| owner.user_id)) else { continue };
        if Some(author) != own {
            let at = time(said.creation_date.saturating_mul(1_000));
            let act = Act::by(author.to_string(), id, on.to_string(), Metric::Replies).at(Some(at));
            progress.act_by(act, || text::from_html(&said.body.unwrap_or_default()));
        }
    }
    if page.has_more
        && let Some(next) = next_page(progress, reply)
    {
        progress.queue.push_front(next);
    }
    Ok(progress.next())
}

/// The question that was answered, for the page after it.
fn next_page(progress: &Progress, reply: &Reply) -> Option<Request> {
    if reply.url.origin() != progress.api.origin() {
        return None;
    }
    let (_, page) = reply.url.query_pairs().find(|(name, _)| name == "page")?;
    let page = page.parse::<usize>().ok()?.checked_add(1).filter(|page| *page <= PAGES)?;
    let kept: Vec<_> = reply.url.query_pairs().filter(|(name, _)| name != "page").collect();
    let mut url = reply.url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("page", &page.to_string());
    Some(Request::json(url, reply.stage).with_key_as("stackexchange", Place::Query("key")))
}

#[cfg(test)]
mod tests {
    use super::super::{self as channels, parse};

    #[test]
    fn every_site_has_a_name_and_a_page() {
        for (typed, address, page) in [
            ("https://stackoverflow.com/users/4242/ada-lind", "4242@stackoverflow", "stackoverflow.com"),
            ("https://math.stackexchange.com/users/4242", "4242@math", "math.stackexchange.com"),
            (
                "https://math.meta.stackexchange.com/users/4242",
                "4242@math.meta",
                "math.meta.stackexchange.com",
            ),
            ("pt.stackoverflow.com/users/4242", "4242@pt.stackoverflow", "pt.stackoverflow.com"),
            ("https://superuser.com/users/4242/x", "4242@superuser", "superuser.com"),
            ("https://serverfault.com/users/4242/x", "4242@serverfault", "serverfault.com"),
            ("https://askubuntu.com/users/4242/x", "4242@askubuntu", "askubuntu.com"),
            ("https://mathoverflow.net/users/4242/x", "4242@mathoverflow.net", "mathoverflow.net"),
            ("stackoverflow:4242", "4242@stackoverflow", "stackoverflow.com"),
            ("stackexchange:4242@Math.StackExchange.com", "4242@math", "math.stackexchange.com"),
        ] {
            let account = parse(typed, &|_| false).unwrap().remove(0);
            assert_eq!(account.address(), format!("stackexchange:{address}"), "{typed}");
            let shown = channels::of(account.network).page(&account);
            assert_eq!(shown, Some(format!("https://{page}/users/4242")), "{typed}");
            assert_eq!(parse(&account.address(), &|_| false).unwrap(), [account], "{typed}");
        }
        for typed in [
            "stackexchange:ada",
            "stackoverflow:https://stackoverflow.com/questions/4242",
            "stackexchange:1@a b",
        ] {
            assert!(parse(typed, &|_| false).is_err(), "{typed}");
        }
    }
}
