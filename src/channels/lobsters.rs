//! Lobsters. A small site whose owners ask programs for restraint: it is off until the user switches it on, polls are
//! far apart, and so are the questions of one poll.
//!
//! One poll: the user, the newest page of stories, later one further page in turn, then the comments under stories
//! that have new ones. There is no audience number; karma is shown, never counted.

use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, name, rfc3339, visible,
};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Tie, Trouble, Word, Words,
};
use crate::text;
use chrono::TimeDelta;
use serde::Deserialize;

pub(super) static CHANNEL: Lobsters = Lobsters;

static SPEC: NetworkSpec = NetworkSpec {
    id: "lobsters",
    code: "LOB",
    name: "Lobsters",
    also: &[],
    words: Words {
        like: Some(Word::new("point", "points", "PNTS")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(120, 60),
    key: KeyNeed::No,
    opt_in: Some("its owners ask programs for restraint"),
    price: None,
    outcome: false,
    sites: &["lobste.rs"],
    hint: "write lobsters:name or the profile's address",
    facts: Facts {
        reads: &[
            "~NAME.json: whether the account exists, karma (shown, never counted), addresses elsewhere",
            "~NAME/stories.json: the newest 25 stories with points and comments; on the first poll back to 90 days",
            "s/ID.json: who commented under a story that has new comments, five stories at most",
        ],
        cost: "2 requests two seconds apart, one more for people with over 25 stories, and one for each story with new comments",
        limits: "30 requests in 5 minutes and 400 an hour for an address; 429 with the time of the reset when it was too much",
        unknown: &[
            "points of comments: they are told in no list",
            "who gave points; flags are netted against them",
            "how many people follow somebody: nobody does",
        ],
    },
    api: Some("https://lobste.rs/"),
};

/// Stories a page.
const PAGE: usize = 25;

/// Stories whose comments one poll asks for at most.
const COMMENTED: u32 = 5;

/// Between two questions.
const REST: TimeDelta = TimeDelta::seconds(2);

pub(super) struct Lobsters;

impl Channel for Lobsters {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let user = match &typed.url {
            Some(url) if matches!(url.host_str()?, "lobste.rs" | "www.lobste.rs") => {
                let mut path = url.path_segments()?;
                match path.next()? {
                    "u" => path.next()?.to_owned(),
                    first => first.strip_prefix('~')?.to_owned(),
                }
            }
            None if typed.named => typed.text.trim_start_matches(['~', '@']).to_owned(),
            _ => return None,
        };
        let fits = (1..=25).contains(&user.len())
            && user.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
        fits.then(|| Account::new(self.network(), user))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://lobste.rs/~{}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        let user = format!("~{}.json", progress.account().handle);
        Request::json(endpoint(&progress.api, &[&user]), Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        progress.rest = Some(reply.at + REST);
        match reply.stage {
            Stage::Posts | Stage::Older | Stage::Refresh => read_stories(progress, reply),
            Stage::Actors => read_story(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn stories(progress: &Progress, stage: Stage, page: usize) -> Request {
    let user = format!("~{}", progress.account().handle);
    let url = match page {
        1 => endpoint(&progress.api, &[&user, "stories.json"]),
        page => endpoint(&progress.api, &[&user, "stories", "page", &format!("{page}.json")]),
    };
    Request::json(url, stage)
}

#[derive(Deserialize)]
struct User {
    username: String,
    /// Moderators have none.
    karma: Option<i64>,
    homepage: Option<String>,
    github_username: Option<String>,
    /// `ada@hachy.example`
    mastodon_username: Option<String>,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let user: User = decode(reply)?;
    let handle = text::clean(&user.username);
    progress.rename(&handle);
    progress.seen.account.stable.get_or_insert(handle);
    progress.figure(Figure::Karma, visible(user.karma));
    let page = CHANNEL.page(progress.account());
    let profile = &mut progress.seen.profile;
    profile.url = page;
    if let Some(homepage) = user.homepage.filter(|page| !page.trim().is_empty()) {
        profile.link(Tie::Claimed, homepage);
    }
    if let Some(login) = name(user.github_username.as_deref()) {
        profile.link(Tie::Claimed, format!("https://github.com/{login}"));
    }
    let fediverse = user.mastodon_username.as_deref().unwrap_or_default();
    if let Some((user, host)) = fediverse.trim_start_matches('@').split_once('@') {
        profile.link(Tie::Claimed, format!("https://{host}/@{user}"));
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(stories(progress, Stage::Posts, 1)))
}

#[derive(Deserialize)]
struct Story {
    short_id: String,
    created_at: String,
    #[serde(default)]
    title: String,
    short_id_url: Option<String>,
    score: Option<i64>,
    comment_count: Option<i64>,
}

fn read_stories(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 404 {
        return Err(progress.missing());
    }
    let page: Vec<Story> = decode(reply)?;
    let last = page.len() < PAGE;
    let mut listed = Vec::new();
    for story in page {
        let Some(published) = rfc3339(&story.created_at) else { continue };
        let id = ItemId(text::clean(&story.short_id));
        listed.push((id.clone(), published));
        progress.add(Post {
            id,
            kind: PostKind::Story,
            url: story.short_id_url,
            title: text::clean(&story.title),
            published,
            counts: Counts::default()
                // The submitter's own point is in the score, and flags are taken off it.
                .with(Metric::Likes, story.score.map(|score| score.saturating_sub(1).max(0).unsigned_abs()))
                .with(Metric::Replies, visible(story.comment_count)),
            standing: false,
        });
    }
    progress.spare = progress.spare.min(COMMENTED);
    Ok(match progress.turn_page(reply.stage, &listed, PAGE, last) {
        Some((stage, page)) => ask(stories(progress, stage, page)),
        None => progress.then_actors(actors),
    })
}

/// Who commented. Nobody is told who gave points.
fn actors(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    (metric == Metric::Replies).then(|| {
        let story = format!("{}.json", post.id.0);
        Request::json(endpoint(&progress.api, &["s", &story]), Stage::Actors)
    })
}

#[derive(Deserialize)]
struct Thread {
    short_id: String,
    #[serde(default)]
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Comment {
    short_id: String,
    created_at: String,
    comment_plain: Option<String>,
    commenting_user: Option<Commenter>,
    #[serde(default)]
    is_deleted: bool,
}

/// A name; in replies from before 2024 all of the user.
#[derive(Deserialize)]
#[serde(untagged)]
enum Commenter {
    Name(String),
    User { username: String },
}

fn read_story(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let thread: Option<Thread> = decode_actors(reply)?;
    if let Some(Thread { short_id, comments }) = thread {
        let story = text::clean(&short_id);
        for comment in comments {
            let Some(Commenter::Name(author) | Commenter::User { username: author }) =
                comment.commenting_user
            else {
                continue;
            };
            if comment.is_deleted {
                continue;
            }
            let (id, at) = (text::clean(&comment.short_id), rfc3339(&comment.created_at));
            if author == progress.account().handle {
                progress.act(Act::own(id, story.as_str(), Metric::Replies).at(at));
            } else {
                let act = Act::by(text::clean(&author), id, story.as_str(), Metric::Replies).at(at);
                progress.act_by(act, || text::clean(&comment.comment_plain.unwrap_or_default()));
            }
        }
    }
    Ok(progress.then_actors(actors))
}
