//! Somebody's comments.

use super::{Author, CHANNEL, Id, PAGE, get, instant, iso, told};
use crate::channels::{Channel as _, Progress, Reach, Step, ask, name};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Act, Counts, ItemId, Metric, Post, PostKind, Tie, Time, Trouble};
use crate::text;
use chrono::TimeDelta;
use serde::Deserialize;

/// Threads whose answers one poll looks for.
const THREADS: usize = 5;

/// How far back later polls look for answers.
const LATELY: TimeDelta = TimeDelta::days(7);

pub(super) fn request(progress: &Progress) -> Request {
    let account = progress.account();
    let user = account.stable.clone().unwrap_or_else(|| format!("username:{}", account.handle));
    get(progress, "users/details", &[("user", &user)], Stage::Profile)
}

pub(super) fn read(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    match reply.stage {
        Stage::Posts | Stage::Older | Stage::Refresh => read_comments(progress, reply),
        Stage::Comments => read_answers(progress, reply),
        _ => read_user(progress, reply),
    }
}

#[derive(Deserialize)]
struct User {
    id: Id,
    username: Option<String>,
    name: Option<String>,
    url: Option<String>,
    #[serde(rename = "isPrivate", default)]
    is_private: bool,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let user: User = told(progress, reply)?.response;
    if user.is_private {
        return Err(Trouble::Private);
    }
    if let Some(username) = user.username.as_deref().and_then(super::user_name) {
        progress.rename(&username);
    }
    progress.seen.account.stable = Some(user.id.text());
    progress.seen.profile.name = name(user.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if let Some(url) = user.url.filter(|url| !url.trim().is_empty()) {
        progress.seen.profile.link(Tie::Claimed, url);
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(comments(progress, Stage::Posts, None)))
}

fn comments(progress: &Progress, stage: Stage, from: Option<(&str, &str)>) -> Request {
    let user = progress.account().stable.as_deref().unwrap_or_default();
    let limit = PAGE.to_string();
    let mut fields =
        vec![("user", user), ("limit", limit.as_str()), ("order", "desc"), ("related", "thread")];
    fields.extend(from);
    get(progress, "users/listPosts", &fields, stage)
}

#[derive(Deserialize)]
struct Comment {
    id: Id,
    #[serde(rename = "createdAt")]
    created_at: String,
    message: Option<String>,
    raw_message: Option<String>,
    likes: Option<u64>,
    parent: Option<Id>,
    thread: Option<ThreadView>,
    author: Option<Author>,
    url: Option<String>,
    #[serde(rename = "isDeleted", default)]
    is_deleted: bool,
    #[serde(rename = "isSpam", default)]
    is_spam: bool,
}

impl Comment {
    fn words(&self) -> String {
        match (&self.raw_message, &self.message) {
            (Some(plain), _) => text::clean(plain),
            (None, Some(html)) => text::from_html(html),
            (None, None) => String::new(),
        }
    }
}

/// The thread itself where that was asked for, else its number.
#[derive(Deserialize)]
#[serde(untagged)]
enum ThreadView {
    Whole { id: Id, link: Option<String> },
    Alone(Id),
}

impl ThreadView {
    fn id(&self) -> String {
        match self {
            Self::Whole { id, .. } | Self::Alone(id) => id.text(),
        }
    }

    fn link(&self) -> Option<&str> {
        match self {
            Self::Whole { link, .. } => link.as_deref(),
            Self::Alone(_) => None,
        }
    }
}

fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let listing = told::<Vec<Comment>>(progress, reply)?;
    progress.pages += 1;
    let mut ids = Vec::new();
    let (mut oldest, mut newest): (Option<Time>, Option<Time>) = (None, None);
    for comment in listing.response {
        let Some(published) = instant(&comment.created_at) else { continue };
        oldest = oldest.into_iter().chain([published]).min();
        newest = newest.into_iter().chain([published]).max();
        if comment.is_deleted || comment.is_spam {
            continue;
        }
        let id = comment.id.text();
        ids.push(ItemId::from(id.as_str()));
        if let Some(thread) = &comment.thread {
            // Where answers to the comment are looked for.
            progress.aliases.insert(thread_of(&id), ItemId(thread.id()));
        }
        let anchor = |link: &str| link.starts_with("http").then(|| format!("{link}#comment-{id}"));
        let url = comment.thread.as_ref().and_then(ThreadView::link).and_then(anchor);
        progress.add(Post {
            kind: PostKind::Comment,
            url: comment.url.clone().filter(|url| url.starts_with("http")).or(url),
            title: comment.words(),
            published,
            counts: Counts::default().with(Metric::Likes, comment.likes),
            standing: false,
            id: ItemId(id),
        });
    }
    let refresh = reply.stage == Stage::Refresh;
    if let Some((oldest, newest)) = oldest.zip(newest) {
        let from = if listing.next.is_none() && !refresh { Time::MIN_UTC } else { oldest };
        let gone = progress.missing_between(from, if refresh { newest } else { progress.now });
        progress.seen.gone.extend(gone);
    }
    if refresh {
        return Ok(answers(progress));
    }
    match listing.next {
        Some(next) if progress.wants_older(&ids, oldest) => {
            Ok(ask(comments(progress, Stage::Older, Some(("cursor", &next)))))
        }
        Some(_) => Ok(older(progress)),
        None => {
            progress.seen.complete = true;
            Ok(answers(progress))
        }
    }
}

fn thread_of(comment: &str) -> String {
    format!("thread of {comment}")
}

/// Likes of older comments move too: each poll reads one further page of them, in turn. Downwards, `since` is where
/// a listing begins.
fn older(progress: &mut Progress) -> Step {
    let horizon = progress.horizon();
    let older: Vec<_> = progress.unseen().into_iter().filter(|(_, item)| item.published >= horizon).collect();
    let pages = older.len().div_ceil(PAGE);
    if progress.known.polls == 0 || pages == 0 {
        return answers(progress);
    }
    let page = usize::try_from(progress.known.polls).unwrap_or(0) % pages;
    let Some((_, first)) = older.get(page * PAGE) else { return answers(progress) };
    let since = iso(first.published + TimeDelta::seconds(1));
    ask(comments(progress, Stage::Refresh, Some(("since", &since))))
}

/// Answers are found in the threads: those of the newest comments, a few in turn.
fn answers(progress: &mut Progress) -> Step {
    let mut threads: Vec<(String, Time)> = Vec::new();
    let horizon = progress.horizon();
    for post in progress.seen.posts.iter().filter(|post| post.published >= horizon) {
        let Some(thread) = progress.aliases.get(&thread_of(&post.id.0)) else { continue };
        match threads.iter_mut().find(|(known, _)| *known == thread.0) {
            Some((_, since)) => *since = post.published.min(*since),
            None => threads.push((thread.0.clone(), post.published)),
        }
    }
    let few = THREADS.min(threads.len());
    if few == 0 {
        return progress.done();
    }
    let start = usize::try_from(progress.known.polls).unwrap_or(0).wrapping_mul(few) % threads.len();
    let earliest = if progress.known.polls == 0 { horizon } else { progress.now - LATELY };
    for (thread, since) in threads.iter().cycle().skip(start).take(few) {
        let (limit, since) = (PAGE.to_string(), iso(earliest.max(*since)));
        let fields = [("thread", thread.as_str()), ("limit", &limit), ("order", "asc"), ("since", &since)];
        let request = get(progress, "threads/listPosts", &fields, Stage::Comments);
        progress.queue.push_back(request);
    }
    progress.next()
}

fn read_answers(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let comments = match told::<Vec<Comment>>(progress, reply) {
        Ok(listing) => listing.response,
        Err(trouble @ (Trouble::RateLimited { .. } | Trouble::Server { status: 500.., .. })) => {
            return Err(trouble);
        }
        // A thread that was closed to strangers since; the next one may be open.
        Err(_) => Vec::new(),
    };
    let user = progress.account().stable.clone().unwrap_or_default();
    for comment in comments {
        let Some(parent) = comment.parent.as_ref().map(Id::text) else { continue };
        let author = comment.author.as_ref().and_then(|author| author.id.as_ref()).map(Id::text);
        let mine = progress.aliases.contains_key(&thread_of(&parent));
        if !mine || author.as_ref() == Some(&user) || comment.is_deleted || comment.is_spam {
            continue;
        }
        let id = comment.id.text();
        // Nobody can tell guests apart: together they count as one.
        let author = author.unwrap_or_else(|| "guest".to_owned());
        let act = Act::by(author, id, parent, Metric::Replies).at(instant(&comment.created_at));
        progress.act_by(act, || comment.words());
    }
    Ok(progress.next())
}
