//! A forum: the comments of a site.

use super::{Author, CHANNEL, Id, PAGE, get, instant, told};
use crate::channels::{Channel as _, Progress, Reach, Step, ask, name};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Act, Counts, ItemId, Metric, Post, PostKind, Tie, Time, Trouble};
use crate::text;
use serde::Deserialize;

pub(super) fn read(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    match reply.stage {
        Stage::Posts | Stage::Older | Stage::Refresh => read_threads(progress, reply),
        Stage::Comments => read_comments(progress, reply),
        _ => read_forum(progress, reply),
    }
}

#[derive(Deserialize)]
struct Forum {
    /// The short name.
    id: Id,
    pk: Option<Id>,
    name: Option<String>,
    url: Option<String>,
    founder: Option<Id>,
}

/// Under which name [`Progress::aliases`] has the forum's founder.
const FOUNDER: &str = "founder";

fn read_forum(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let forum: Forum = told(progress, reply)?.response;
    if let Some(host) = super::forum_host(&forum.id.text()) {
        progress.rename(&host);
    }
    let stable = forum.pk.unwrap_or(forum.id).text();
    progress.seen.account.stable = Some(format!("forum:{stable}"));
    progress.seen.profile.name = name(forum.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if let Some(url) = forum.url.filter(|url| !url.trim().is_empty()) {
        progress.seen.profile.link(Tie::Claimed, url);
    }
    if let Some(founder) = forum.founder {
        progress.aliases.insert(FOUNDER.to_owned(), ItemId(founder.text()));
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(listing(progress, "forums/listThreads", Stage::Posts, None)))
}

fn listing(progress: &Progress, method: &str, stage: Stage, cursor: Option<&str>) -> Request {
    let forum = super::forum_name(progress.account()).unwrap_or_default();
    let limit = PAGE.to_string();
    let mut fields = vec![("forum", forum), ("limit", limit.as_str()), ("order", "desc")];
    fields.extend(cursor.map(|cursor| ("cursor", cursor)));
    get(progress, method, &fields, stage)
}

#[derive(Deserialize)]
struct Thread {
    id: Id,
    title: Option<String>,
    clean_title: Option<String>,
    link: Option<String>,
    #[serde(rename = "createdAt")]
    created_at: String,
    posts: Option<u64>,
    likes: Option<u64>,
    #[serde(rename = "isDeleted", default)]
    is_deleted: bool,
}

fn read_threads(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page = told::<Vec<Thread>>(progress, reply)?;
    progress.pages += 1;
    let mut ids = Vec::new();
    let mut oldest: Option<Time> = None;
    for thread in page.response {
        let Some(published) = instant(&thread.created_at) else { continue };
        oldest = oldest.into_iter().chain([published]).min();
        if thread.is_deleted {
            continue;
        }
        let id = ItemId(thread.id.text());
        ids.push(id.clone());
        let title = name(thread.clean_title.as_deref());
        progress.add(Post {
            kind: PostKind::Item,
            url: thread.link.filter(|link| link.starts_with("http")),
            title: title.or_else(|| thread.title.as_deref().map(text::from_html)).unwrap_or_default(),
            published,
            counts: Counts::default().with(Metric::Likes, thread.likes).with(Metric::Replies, thread.posts),
            standing: false,
            id,
        });
    }
    if reply.stage == Stage::Refresh {
        // Asked by number: what is not told is not there.
        let asked: Vec<String> = reply
            .url
            .query_pairs()
            .filter(|(name, _)| name == "thread")
            .map(|(_, id)| id.into_owned())
            .collect();
        let unseen = progress.unseen().into_iter().map(|(id, _)| id.clone());
        let gone: Vec<ItemId> = unseen.filter(|id| asked.contains(&id.0)).collect();
        progress.seen.gone.extend(gone);
        return Ok(comments(progress));
    }
    if let Some(oldest) = oldest {
        let from = if page.next.is_none() { Time::MIN_UTC } else { oldest };
        let gone = progress.missing_between(from, progress.now);
        progress.seen.gone.extend(gone);
    }
    match page.next {
        Some(next) if progress.wants_older(&ids, oldest) => {
            Ok(ask(listing(progress, "forums/listThreads", Stage::Older, Some(&next))))
        }
        Some(_) => Ok(older(progress)),
        None => {
            progress.seen.complete = true;
            Ok(comments(progress))
        }
    }
}

/// Old threads get comments, too: each poll asks for a hundred of them by number, in turn.
fn older(progress: &mut Progress) -> Step {
    let horizon = progress.horizon();
    let gone = &progress.seen.gone;
    let older: Vec<String> = progress
        .unseen()
        .into_iter()
        .filter(|(id, item)| item.published >= horizon && !gone.contains(id))
        .map(|(id, _)| id.0.clone())
        .collect();
    if progress.known.polls == 0 || older.is_empty() {
        return comments(progress);
    }
    let batches: Vec<&[String]> = older.chunks(PAGE).collect();
    let turn = usize::try_from(progress.known.polls).unwrap_or(0) % batches.len().max(1);
    let batch = batches.get(turn).copied().unwrap_or_default();
    let mut request = listing(progress, "forums/listThreads", Stage::Refresh, None);
    request.url.query_pairs_mut().extend_pairs(batch.iter().map(|id| ("thread", id)));
    ask(request)
}

fn comments(progress: &Progress) -> Step {
    ask(listing(progress, "forums/listPosts", Stage::Comments, None))
}

#[derive(Deserialize)]
struct Comment {
    id: Id,
    #[serde(rename = "createdAt")]
    created_at: String,
    thread: Option<Id>,
    message: Option<String>,
    author: Option<Author>,
    #[serde(rename = "isDeleted", default)]
    is_deleted: bool,
    #[serde(rename = "isSpam", default)]
    is_spam: bool,
}

/// Who is behind the newest comments: the founder's own are taken off the counter they went into.
fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let comments = told::<Vec<Comment>>(progress, reply)?.response;
    let founder = progress.aliases.get(FOUNDER).map(|founder| founder.0.clone());
    for comment in comments {
        let Some(thread) = comment.thread.as_ref().map(Id::text) else { continue };
        if comment.is_deleted || comment.is_spam {
            continue;
        }
        let id = comment.id.text();
        let author = comment.author.as_ref().and_then(|author| author.id.as_ref()).map(Id::text);
        if author.is_some() && author == founder {
            progress.act(Act::own(id, thread, Metric::Replies));
            continue;
        }
        // Guests are nobody in particular; the thread's counter has them.
        let Some(author) = author else { continue };
        let act = Act::by(author, id, thread, Metric::Replies).at(instant(&comment.created_at));
        progress.act_by(act, || comment.message.as_deref().map(text::from_html).unwrap_or_default());
    }
    Ok(progress.done())
}
