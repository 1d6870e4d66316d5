//! Users of Gitea and Forgejo: Codeberg and everybody's own. A token is needed only where a server shows nothing to
//! strangers.
//!
//! One poll: the user by the name, then the pages of their own repositories. Names can be given up and taken by
//! somebody else, so a name that leads nowhere, or to another number, is asked for by the number.

use super::hosted::{self, Hosted};
use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, forge, name, rfc3339, shape,
    visible,
};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{Account, Facts, Figure, KeyNeed, Network, NetworkSpec, Pace, Tie, Trouble, Word, Words};
use crate::text;
use serde::Deserialize;

pub(super) static CHANNEL: Gitea = Gitea;

static SPEC: NetworkSpec = NetworkSpec {
    id: "gitea",
    code: "GT",
    name: "Gitea",
    also: &["codeberg", "forgejo"],
    words: Words {
        like: Some(Word::new("star", "stars", "STAR")),
        reshare: Some(Word::new("fork", "forks", "FORK")),
        reply: None,
        quote: None,
        view: None,
        audience: Some("followers + stars/5"),
    },
    audience: &[(Figure::Followers, 1.0), (Figure::Stars, 0.2)],
    pace: Pace::new(30, 10),
    key: KeyNeed::Useful(
        "Settings, Applications, a token that may read users and repositories on your own server; needed where the server shows nothing to strangers",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write codeberg:name, gitea:name@server or gitea:server/name",
    facts: Facts {
        reads: &[
            "users/NAME: followers, name, web site",
            "users/search?uid=ID, when the name is gone or has another owner: the name the user has now",
            "users/NAME/repos: stars and forks of up to 500 own repositories",
        ],
        cost: "2 requests, and one more for every 50 repositories",
        limits: "the software names none, hosts have their own; 429 or a pause in Retry-After when it was too much",
        unknown: &[
            "who starred, and when: the list of names has no dates",
            "stars that were there before you began: they are audience, not engagement",
            "comments on issues and pull requests",
            "users who show themselves only to those who are logged in",
        ],
    },
    api: None,
};

static HOSTS: Hosted = Hosted {
    home: "codeberg.org",
    known: |host| matches!(host, "codeberg.org" | "www.codeberg.org" | "gitea.com"),
    reserved: &[
        "-",
        "admin",
        "api",
        "assets",
        "attachments",
        "avatars",
        "explore",
        "ghost",
        "issues",
        "login",
        "milestones",
        "notifications",
        "org",
        "pulls",
        "repo",
        "search",
        "user",
    ],
};

/// Repositories a page, the most that most servers give.
const PAGE: usize = 50;

/// Pages of repositories read at most.
const PAGES: u32 = 10;

pub(super) struct Gitea;

impl Channel for Gitea {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        HOSTS.recognise(self.network(), typed)
    }

    fn page(&self, account: &Account) -> Option<String> {
        hosted::page(account)
    }

    fn request(&self, progress: &Progress) -> Request {
        get(progress, &["users", hosted::name(progress.account())], Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => read_search(progress, reply),
            Stage::Posts | Stage::Older => read_repositories(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    let url = endpoint(&progress.api, &[&["api", "v1"], segments].concat());
    Request::json(url, stage).with_key_as(hosted::key(progress), Place::Scheme("token"))
}

fn repositories(progress: &Progress, page: u32) -> Request {
    let stage = if page == 1 { Stage::Posts } else { Stage::Older };
    let mut request = get(progress, &["users", hosted::name(progress.account()), "repos"], stage);
    request
        .url
        .query_pairs_mut()
        .append_pair("limit", &PAGE.to_string())
        .append_pair("page", &page.to_string());
    request
}

#[derive(Deserialize)]
struct User {
    id: u64,
    /// Older servers say `username`.
    #[serde(alias = "username")]
    login: String,
    full_name: Option<String>,
    html_url: Option<String>,
    /// "" where there is none.
    website: Option<String>,
    followers_count: Option<i64>,
}

/// A user with one name for the name: servers that give both would be giving one field twice.
fn user(mut value: serde_json::Value) -> Result<User, Trouble> {
    if let Some(user) = value.as_object_mut()
        && user.contains_key("login")
    {
        user.remove("username");
    }
    shape(value)
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let known = progress.account().native.clone();
    let user = if reply.status == 404 { None } else { Some(user(decode(reply)?)?) };
    match (user, known) {
        (Some(user), known) if known.as_ref().is_none_or(|id| *id == user.id.to_string()) => {
            Ok(take_user(progress, user))
        }
        (_, Some(id)) => {
            let mut request = get(progress, &["users", "search"], Stage::Home);
            request.url.query_pairs_mut().append_pair("uid", &id);
            Ok(ask(request))
        }
        _ => Err(progress.missing()),
    }
}

#[derive(Deserialize)]
struct Search {
    data: Vec<serde_json::Value>,
}

/// The user by the number, under whatever name. Servers without this search know of nobody.
fn read_search(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: Option<Search> = decode_actors(reply)?;
    let users =
        found.map(|found| found.data).unwrap_or_default().into_iter().filter_map(|found| user(found).ok());
    let known = progress.account().native.clone();
    match users.into_iter().find(|user| known.as_ref() == Some(&user.id.to_string())) {
        Some(user) => Ok(take_user(progress, user)),
        None => Err(progress.missing()),
    }
}

fn take_user(progress: &mut Progress, user: User) -> Step {
    hosted::identify(progress, &text::clean(&user.login), user.id);
    let profile = &mut progress.seen.profile;
    profile.name = name(user.full_name.as_deref());
    profile.url = user.html_url;
    if let Some(site) = user.website.filter(|site| !site.trim().is_empty()) {
        profile.link(Tie::Claimed, site);
    }
    progress.figure(Figure::Followers, visible(user.followers_count));
    if progress.reach == Reach::Probe {
        return progress.done();
    }
    ask(repositories(progress, 1))
}

#[derive(Deserialize)]
struct Repository {
    id: u64,
    full_name: String,
    description: Option<String>,
    html_url: Option<String>,
    created_at: String,
    #[serde(default)]
    fork: bool,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    internal: bool,
    stars_count: Option<i64>,
    forks_count: Option<i64>,
}

fn read_repositories(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let listed: Vec<Repository> = decode(reply)?;
    progress.pages += 1;
    // Servers may give fewer at once than they are asked for, and then say that there are more.
    let more = !listed.is_empty() && (listed.len() >= PAGE || reply.headers.link("next").is_some());
    for repository in listed {
        // Forks have stars of their own, private ones are nobody's business.
        let Some(published) = rfc3339(&repository.created_at) else { continue };
        if repository.fork || repository.private || repository.internal {
            continue;
        }
        forge::add(
            progress,
            forge::Repository {
                id: repository.id,
                full_name: repository.full_name,
                about: repository.description,
                url: repository.html_url,
                published,
                stars: visible(repository.stars_count),
                forks: visible(repository.forks_count),
            },
        );
    }
    if more && progress.pages < PAGES {
        return Ok(ask(repositories(progress, progress.pages + 1)));
    }
    forge::end(progress, !more);
    Ok(progress.done())
}
