//! GitHub users and organisations. A token is optional (`github` in the keys); it needs no scope.
//!
//! A look at who it is asks for the user and the addresses that the user names elsewhere.
//! One poll: the user, the pages of own repositories, then the issue comments of a few repositories in
//! turn, then, with a token, who starred what grew. Stars and forks that were there at first sight are audience; what is added later is engagement.
//! Without a token 60 requests an hour are shared by the whole address, so intervals are long.

use super::{
    Channel, Progress, Reach, Step, Typed, WINDOW, ask, decode, decode_actors, endpoint, forge, name,
    refusal, rfc3339, shape,
};
use crate::exchange::{Accept, Reply, Request, Stage};
use crate::model::{
    Account, Act, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, Tie, Trouble,
    Word, Words,
};
use crate::schedule::Limits;
use crate::text;
use chrono::TimeDelta;
use serde::Deserialize;

pub(super) static CHANNEL: GitHub = GitHub;

static SPEC: NetworkSpec = NetworkSpec {
    id: "github",
    code: "GH",
    name: "GitHub",
    also: &["gh"],
    words: Words {
        like: Some(Word::new("star", "stars", "STAR")),
        reshare: Some(Word::new("fork", "forks", "FORK")),
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: Some("followers + stars/5"),
    },
    audience: &[(Figure::Followers, 1.0), (Figure::Stars, 0.2)],
    pace: Pace { interval: 60, floor: 30, keyed: Some((10, 5)) },
    key: KeyNeed::Useful(
        "Settings, Developer settings, Personal access tokens; no scope is needed. It raises 60 requests an hour to 5,000 and shows who starred",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["github.com"],
    hint: "a login has letters, digits and single hyphens",
    facts: Facts {
        reads: &[
            "users/LOGIN: followers",
            "users/LOGIN/repos: stars and forks of up to 500 own repositories",
            "repos/LOGIN/NAME/issues/comments: comments by others, of one repository at a time (of five with a key), in turn",
            "repos/LOGIN/NAME/stargazers, with a key: who starred a repository whose stars grew",
        ],
        cost: "3 requests; GitHub does not count those whose answer has not changed",
        limits: "60 requests an hour from one IP address, 5,000 with a key; GitHub answers 403 or 429 when it was too much",
        unknown: &[
            "traffic and clones: only owners see them",
            "stars of private repositories",
            "stars that were there before you began: they are audience, not engagement",
        ],
    },
    api: Some("https://api.github.com/"),
};

const PAGE: usize = 100;

/// Pages of repositories read at most.
const PAGES: usize = 5;

/// Pages of stargazers that GitHub serves.
const STAR_PAGES: u64 = 400;

/// Repositories whose new stargazers one poll asks for at most.
const STARRED: u32 = 5;

/// First path segments of github.com that are no accounts.
const RESERVED: [&str; 24] = [
    "about",
    "apps",
    "codespaces",
    "collections",
    "contact",
    "customer-stories",
    "enterprise",
    "events",
    "explore",
    "features",
    "issues",
    "join",
    "login",
    "marketplace",
    "new",
    "notifications",
    "pricing",
    "pulls",
    "readme",
    "search",
    "settings",
    "sponsors",
    "topics",
    "trending",
];

pub(super) struct GitHub;

impl Channel for GitHub {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let login = match &typed.url {
            Some(url) => {
                if !matches!(url.host_str()?, "github.com" | "www.github.com") {
                    return None;
                }
                let mut path = url.path_segments()?;
                match path.next()? {
                    "orgs" | "users" => path.next()?.to_owned(),
                    first => first.to_owned(),
                }
            }
            None if typed.named => typed.text.trim_start_matches('@').split('/').next()?.to_owned(),
            None => return None,
        };
        let fits = login.len() <= 39
            && login.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !login.starts_with('-')
            && !login.contains("--")
            && !login.is_empty();
        (fits && !RESERVED.contains(&login.to_ascii_lowercase().as_str()))
            .then(|| Account::new(self.network(), login))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://github.com/{}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        match &account.stable {
            Some(id) => get(progress, &["user", id], Stage::Profile),
            None => get(progress, &["users", &account.handle], Stage::Profile),
        }
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Links => read_social_accounts(progress, reply),
            Stage::Comments => read_comments(progress, reply),
            Stage::Actors => read_stargazers(progress, reply),
            Stage::Posts | Stage::Older => read_repositories(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    Request::json(endpoint(&progress.api, segments), stage)
        .accepting(Accept::Type("application/vnd.github+json"))
        .header("x-github-api-version", "2022-11-28")
        .with_key("github")
        .conditional()
}

fn repositories(progress: &Progress, page: usize) -> Request {
    let stage = if page == 1 { Stage::Posts } else { Stage::Older };
    let mut request = get(progress, &["users", &progress.account().handle, "repos"], stage);
    // Asked whole: how many pages there are, and which repositories are no more, a 304 does not say.
    request.conditional = false;
    request
        .url
        .query_pairs_mut()
        .append_pair("type", "owner")
        .append_pair("sort", "pushed")
        .append_pair("per_page", &PAGE.to_string())
        .append_pair("page", &page.to_string());
    request
}

/// GitHub says "slow down" with 403 or 429, with a reset time, a pause, or only in words.
fn troubled(reply: &Reply) -> Option<Trouble> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        message: String,
    }
    if reply.ok() || reply.not_modified() {
        return None;
    }
    let message = reply.json::<Refusal>().map(|refusal| refusal.message.to_lowercase()).unwrap_or_default();
    let limits = Limits::read(&reply.headers, reply.at);
    let slow = ["rate limit", "abuse", "secondary"].iter().any(|word| message.contains(word));
    Some(match reply.status {
        403 | 429 if slow || limits.remaining == Some(0) || limits.retry.is_some() => {
            let reset = limits.reset.filter(|_| limits.remaining == Some(0));
            let until = limits.retry.or(reset).unwrap_or(reply.at + TimeDelta::minutes(1));
            Trouble::RateLimited { until: Some(until) }
        }
        // A refusal that is not about limits: a bad user agent, an address range shut out.
        403 => Trouble::Server { status: 403, until: None },
        451 => Trouble::Suspended,
        _ => refusal(reply),
    })
}

#[derive(Deserialize)]
struct User {
    login: String,
    id: u64,
    name: Option<String>,
    html_url: Option<String>,
    /// Often without a scheme, "" where there is none.
    blog: Option<String>,
    followers: Option<u64>,
}

#[derive(Deserialize)]
struct SocialAccount {
    url: String,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    if let Some(trouble) = troubled(reply) {
        return Err(trouble);
    }
    if !reply.not_modified() {
        let user: User = decode(reply)?;
        progress.rename(&text::clean(&user.login));
        progress.seen.account.stable = Some(user.id.to_string());
        progress.seen.profile.name = name(user.name.as_deref());
        progress.seen.profile.url = user.html_url;
        progress.figure(Figure::Followers, user.followers);
        if let Some(blog) = user.blog.filter(|blog| !blog.trim().is_empty()) {
            progress.seen.profile.link(Tie::Claimed, blog);
        }
    }
    if progress.reach == Reach::Probe {
        let handle = progress.account().handle.clone();
        return Ok(ask(get(progress, &["users", &handle, "social_accounts"], Stage::Links)));
    }
    Ok(ask(repositories(progress, 1)))
}

/// The user is known without them: what fails here takes nothing away.
fn read_social_accounts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(reply) {
        return Err(trouble);
    }
    for account in decode::<Vec<SocialAccount>>(reply)? {
        progress.seen.profile.link(Tie::Claimed, account.url);
    }
    Ok(progress.done())
}

#[derive(Deserialize)]
struct Repository {
    id: u64,
    full_name: String,
    html_url: Option<String>,
    description: Option<String>,
    created_at: String,
    #[serde(default)]
    fork: bool,
    #[serde(default)]
    private: bool,
    /// Older replies say `watchers` and `forks`.
    #[serde(alias = "watchers")]
    stargazers_count: Option<u64>,
    forks_count: Option<u64>,
}

fn read_repositories(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(reply) {
        return Err(trouble);
    }
    progress.pages += 1;
    let page = progress.pages as usize;
    let listed: Vec<serde_json::Value> = decode(reply)?;
    let more = listed.len() >= PAGE;
    for repository in listed {
        add_repository(progress, repository)?;
    }
    if more && page < PAGES {
        return Ok(ask(repositories(progress, page + 1)));
    }
    forge::end(progress, !more);
    queue_comments(progress);
    progress.spare = progress.spare.min(STARRED);
    Ok(progress.then_actors(actors))
}

fn add_repository(progress: &mut Progress, mut value: serde_json::Value) -> Result<(), Trouble> {
    // `watchers` beside `stargazers_count` would be the same field twice.
    if let Some(repository) = value.as_object_mut()
        && repository.contains_key("stargazers_count")
    {
        repository.remove("watchers");
    }
    let repository: Repository = shape(value)?;
    // Forks have stars of their own, private ones are nobody's business.
    if repository.fork || repository.private {
        return Ok(());
    }
    let Some(published) = rfc3339(&repository.created_at) else { return Ok(()) };
    progress.aliases.insert(repository.full_name.clone(), ItemId(repository.id.to_string()));
    forge::add(
        progress,
        forge::Repository {
            id: repository.id,
            full_name: repository.full_name,
            about: repository.description,
            url: repository.html_url,
            published,
            stars: repository.stargazers_count,
            forks: repository.forks_count,
        },
    );
    Ok(())
}

/// Comments by others, from a few repositories in turn: the most starred first, each by its own request.
fn queue_comments(progress: &mut Progress) {
    let few = if progress.has_key { 5 } else { 1 };
    let mut names: Vec<(u64, String)> = progress
        .seen
        .posts
        .iter()
        .filter_map(|post| {
            let (name, _) = progress.aliases.iter().find(|(_, id)| **id == post.id)?;
            Some((post.counts.get(Metric::Likes).unwrap_or(0), name.clone()))
        })
        .collect();
    names.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    names.truncate(20);
    if names.is_empty() {
        return;
    }
    let first = progress.known.polls == 0;
    let since = if first { progress.now - WINDOW } else { progress.now - TimeDelta::days(7) };
    let since = progress.known.since.map_or(since, |known| since.max(known));
    let start = usize::try_from(progress.known.polls).unwrap_or(0).wrapping_mul(few) % names.len();
    for (_, name) in names.iter().cycle().skip(start).take(few.min(names.len())) {
        let Some((owner, repository)) = name.split_once('/') else { continue };
        let mut request = get(progress, &["repos", owner, repository, "issues", "comments"], Stage::Comments);
        request
            .url
            .query_pairs_mut()
            .append_pair("since", &since.format("%Y-%m-%dT%H:%M:%SZ").to_string())
            .append_pair("sort", "created")
            .append_pair("direction", "desc")
            .append_pair("per_page", "100");
        // `since` moves on, so "not modified" would never match.
        request.conditional = false;
        progress.queue.push_back(request);
    }
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
    user: Option<CommentAuthor>,
    created_at: String,
    body: Option<String>,
}

#[derive(Deserialize)]
struct CommentAuthor {
    id: u64,
    #[serde(rename = "type", default)]
    kind: String,
}

fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(reply) {
        return match trouble {
            // The user and the repositories were read; comments come another time.
            Trouble::RateLimited { .. } => Ok(progress.done()),
            // Issues switched off, the repository gone or closed: no comments to be had here.
            _ => Ok(progress.then_actors(actors)),
        };
    }
    let comments: Vec<Comment> = decode(reply)?;
    let Some(item) = repository(progress, reply) else { return Ok(progress.then_actors(actors)) };
    let own = progress.account().stable.clone().unwrap_or_default();
    for comment in comments {
        let Some(author) = comment.user else { continue };
        if author.kind == "Bot" || author.id.to_string() == own {
            continue;
        }
        let id = format!("comment:{}", comment.id);
        let act = Act::by(author.id.to_string(), id, item.clone(), Metric::Replies);
        progress.act_by(act.at(rfc3339(&comment.created_at)), || comment.body.unwrap_or_default());
    }
    Ok(progress.then_actors(actors))
}

/// The repository that was asked about.
fn repository(progress: &Progress, reply: &Reply) -> Option<ItemId> {
    let mut path = reply.url.path_segments()?.skip_while(|segment| *segment != "repos").skip(1);
    progress.aliases.get(&format!("{}/{}", path.next()?, path.next()?)).cloned()
}

/// Who starred a repository last: the last page, since the oldest come first.
fn actors(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    let page = post.counts.get(Metric::Likes)?.div_ceil(PAGE as u64);
    if !progress.has_key || metric != Metric::Likes || page > STAR_PAGES {
        return None;
    }
    let (name, _) = progress.aliases.iter().find(|(_, id)| **id == post.id)?;
    let (owner, repository) = name.split_once('/')?;
    let mut request = get(progress, &["repos", owner, repository, "stargazers"], Stage::Actors)
        .accepting(Accept::Type("application/vnd.github.star+json"));
    request
        .url
        .query_pairs_mut()
        .append_pair("per_page", &PAGE.to_string())
        .append_pair("page", &page.to_string());
    request.conditional = false;
    Some(request)
}

#[derive(Deserialize)]
struct Star {
    starred_at: String,
    user: Option<Stargazer>,
}

#[derive(Deserialize)]
struct Stargazer {
    id: u64,
}

fn read_stargazers(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(limited @ Trouble::RateLimited { .. }) = troubled(reply) {
        return Err(limited);
    }
    let stars: Option<Vec<Star>> = decode_actors(reply)?;
    let own = progress.account().stable.clone().unwrap_or_default();
    if let Some((item, since)) = repository(progress, reply).zip(progress.known.since) {
        // Newest first. What was there before we looked is audience.
        for star in stars.into_iter().flatten().rev() {
            let Some((user, at)) = star.user.zip(rfc3339(&star.starred_at)) else { continue };
            if at > since && user.id.to_string() != own {
                let act = Act::by(
                    user.id.to_string(),
                    format!("star:{}:{}", item.0, user.id),
                    item.clone(),
                    Metric::Likes,
                );
                progress.act_by(act.at(Some(at)), String::new);
            }
        }
    }
    Ok(progress.then_actors(actors))
}
