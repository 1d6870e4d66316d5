//! GitLab users, on gitlab.com and elsewhere. A token is needed only where a server shows nothing to strangers.
//!
//! One poll: once the user's number by the name, then the user, the pages of their own projects, and who starred
//! what grew. Strangers are not told which projects are forks, so all of them are read.

use super::hosted::{self, Hosted};
use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, forge, name, rfc3339,
    visible,
};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{
    Account, Act, Facts, Figure, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, Tie, Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;

pub(super) static CHANNEL: GitLab = GitLab;

static SPEC: NetworkSpec = NetworkSpec {
    id: "gitlab",
    code: "GL",
    name: "GitLab",
    also: &[],
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
        "Preferences, Access tokens, with the scope read_api on your own server; needed where the server shows nothing to strangers",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write gitlab:name, gitlab:name@server or the profile's address",
    facts: Facts {
        reads: &[
            "users?username=NAME, once: the number by which the user is asked for from then on",
            "users/ID: followers, name, addresses elsewhere",
            "users/ID/projects: stars and forks of up to 500 own projects",
            "projects/ID/starrers: who starred what grew, five projects at most",
        ],
        cost: "2 requests, one more for every 100 projects and for each project with new stars",
        limits: "on gitlab.com 300 requests in 10 minutes for an address; 429 with Retry-After when it was too much",
        unknown: &[
            "projects of groups: only those under the user's own name are read",
            "which projects are forks: strangers are not told, so all are read",
            "stars that were there before you began: they are audience, not engagement",
            "comments on issues and merge requests",
        ],
    },
    api: Some("https://gitlab.com/"),
};

static HOSTS: Hosted = Hosted {
    home: "gitlab.com",
    known: |host| host.starts_with("gitlab.") || host == "www.gitlab.com",
    reserved: &[
        "-",
        "admin",
        "api",
        "assets",
        "dashboard",
        "explore",
        "groups",
        "help",
        "oauth",
        "projects",
        "public",
        "search",
        "sitemap",
        "snippets",
        "unsubscribes",
        "uploads",
        "v2",
    ],
};

const PAGE: usize = 100;

/// Pages of projects read at most.
const PAGES: u32 = 5;

/// Projects whose new stars one poll asks for at most.
const STARRED: u32 = 5;

pub(super) struct GitLab;

impl Channel for GitLab {
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
        let account = progress.account();
        if let Some(id) = &account.native {
            return get(progress, &["users", id], Stage::Profile);
        }
        let mut request = get(progress, &["users"], Stage::Home);
        request.url.query_pairs_mut().append_pair("username", hosted::name(account));
        request
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => read_lookup(progress, reply),
            Stage::Posts | Stage::Older => read_projects(progress, reply),
            Stage::Actors => read_starrers(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    let url = endpoint(&progress.api, &[&["api", "v4"], segments].concat());
    Request::json(url, stage).with_key_as(hosted::key(progress), Place::Header("private-token"))
}

fn projects(progress: &Progress, id: &str, page: u32) -> Request {
    let stage = if page == 1 { Stage::Posts } else { Stage::Older };
    let mut request = get(progress, &["users", id, "projects"], stage);
    request
        .url
        .query_pairs_mut()
        .append_pair("order_by", "last_activity_at")
        .append_pair("per_page", &PAGE.to_string())
        .append_pair("page", &page.to_string());
    request
}

#[derive(Deserialize)]
struct Found {
    id: u64,
    username: String,
}

/// Nobody by that name is an empty list.
fn read_lookup(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: Vec<Found> = decode(reply)?;
    let name = hosted::name(progress.account());
    match found.into_iter().find(|user| user.username.eq_ignore_ascii_case(name)) {
        Some(user) => Ok(ask(get(progress, &["users", &user.id.to_string()], Stage::Profile))),
        None => Err(progress.missing()),
    }
}

#[derive(Deserialize)]
struct User {
    id: u64,
    username: String,
    name: Option<String>,
    #[serde(default)]
    state: String,
    web_url: Option<String>,
    followers: Option<i64>,
    bio: Option<String>,
    /// "" where there is none.
    website_url: Option<String>,
    twitter: Option<String>,
    linkedin: Option<String>,
    github: Option<String>,
}

impl User {
    /// A private profile is shown without anything about the user.
    fn private(&self) -> bool {
        self.followers.is_none() && self.bio.is_none() && self.website_url.is_none()
    }
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let user: User = decode(reply)?;
    if user.state.contains("blocked") || user.state == "banned" {
        return Err(Trouble::Suspended);
    }
    if user.state == "deactivated" {
        return Err(Trouble::Deactivated);
    }
    if user.private() {
        return Err(Trouble::Private);
    }
    hosted::identify(progress, &text::clean(&user.username), user.id);
    let profile = &mut progress.seen.profile;
    profile.name = name(user.name.as_deref());
    profile.url = user.web_url;
    for (site, told) in [
        ("", user.website_url),
        ("https://github.com/", user.github),
        ("https://x.com/", user.twitter),
        ("https://www.linkedin.com/in/", user.linkedin),
    ] {
        // Some write a name there, some an address.
        match told.as_deref().map(str::trim).unwrap_or_default() {
            "" => {}
            told if told.contains('/') => profile.link(Tie::Claimed, told),
            told => profile.link(Tie::Claimed, format!("{site}{}", told.trim_start_matches('@'))),
        }
    }
    progress.figure(Figure::Followers, visible(user.followers));
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(projects(progress, &user.id.to_string(), 1)))
}

#[derive(Deserialize)]
struct Project {
    id: u64,
    path_with_namespace: String,
    description: Option<String>,
    web_url: Option<String>,
    created_at: String,
    star_count: Option<i64>,
    forks_count: Option<i64>,
    /// Only told to those who are logged in.
    visibility: Option<String>,
}

fn read_projects(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let listed: Vec<Project> = decode(reply)?;
    progress.pages += 1;
    let more = !listed.is_empty()
        && match reply.headers.get("x-next-page") {
            Some(next) => !next.is_empty(),
            None => listed.len() >= PAGE,
        };
    for project in listed {
        let Some(published) = rfc3339(&project.created_at) else { continue };
        if project.visibility.is_some_and(|visibility| visibility != "public") {
            continue;
        }
        forge::add(
            progress,
            forge::Repository {
                id: project.id,
                full_name: project.path_with_namespace,
                about: project.description,
                url: project.web_url,
                published,
                stars: visible(project.star_count),
                forks: visible(project.forks_count),
            },
        );
    }
    if let (true, Some(id)) = (more && progress.pages < PAGES, progress.account().native.clone()) {
        return Ok(ask(projects(progress, &id, progress.pages + 1)));
    }
    forge::end(progress, !more);
    progress.spare = progress.spare.min(STARRED);
    Ok(progress.then_actors(actors))
}

/// Who starred a project last: the last page, since the oldest come first.
fn actors(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    if metric != Metric::Likes {
        return None;
    }
    let page = post.counts.get(Metric::Likes)?.div_ceil(PAGE as u64);
    let mut request = get(progress, &["projects", &post.id.0, "starrers"], Stage::Actors);
    request
        .url
        .query_pairs_mut()
        .append_pair("per_page", &PAGE.to_string())
        .append_pair("page", &page.to_string());
    Some(request)
}

#[derive(Deserialize)]
struct Star {
    starred_since: String,
    user: Starrer,
}

#[derive(Deserialize)]
struct Starrer {
    id: u64,
}

fn read_starrers(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let stars: Option<Vec<Star>> = decode_actors(reply)?;
    let project = reply.url.path_segments().and_then(|mut path| path.nth_back(1)).map(str::to_owned);
    if let Some((project, since)) = project.zip(progress.known.since) {
        // Newest first. What was there before we looked is audience.
        for star in stars.into_iter().flatten().rev() {
            let user = star.user.id.to_string();
            let at = rfc3339(&star.starred_since).filter(|at| *at > since);
            if at.is_some() && progress.account().native.as_ref() != Some(&user) {
                let id = format!("star:{project}:{user}");
                progress.act_by(Act::by(user, id, project.as_str(), Metric::Likes).at(at), String::new);
            }
        }
    }
    Ok(progress.then_actors(actors))
}
