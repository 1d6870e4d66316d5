//! The Data API, version 3. Every question costs a unit of the key's daily quota.

use super::super::{Progress, Reach, Step, ask, decode, endpoint, name, refusal, rfc3339};
use super::{PUBLIC, SPEC, quota};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{Act, Counts, Figure, ItemId, Metric, Post, PostKind, Time, Trouble};
use crate::text;
use serde::Deserialize;
use serde_json::Value;

/// Videos of one question.
const PAGE: usize = 50;

/// Questions about commenters that one poll may ask: each is a unit of the quota.
const COMMENTERS: u32 = 5;

fn question(progress: &Progress, what: &str, query: &[(&str, &str)], stage: Stage) -> Request {
    let mut url = endpoint(&progress.api, &["youtube", "v3", what]);
    url.query_pairs_mut().extend_pairs(query);
    Request::json(url, stage).with_key_as(SPEC.id, Place::Header("x-goog-api-key"))
}

pub(super) fn channel(progress: &Progress, by: &str, value: &str) -> Request {
    let query = [("part", "snippet,statistics,contentDetails"), (by, value)];
    question(progress, "channels", &query, Stage::Profile)
}

fn uploads(progress: &Progress, playlist: &str, page: Option<&str>) -> Request {
    let mut query = vec![("part", "contentDetails"), ("playlistId", playlist), ("maxResults", "50")];
    query.extend(page.map(|page| ("pageToken", page)));
    question(progress, "playlistItems", &query, Stage::Older)
}

fn videos(progress: &Progress, ids: &[String], stage: Stage) -> Request {
    let ids = ids.join(",");
    question(progress, "videos", &[("part", "snippet,statistics"), ("id", &ids), ("maxResults", "50")], stage)
}

/// What nobody is found by is an answer without items.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List<T> {
    items: Option<Vec<T>>,
    next_page_token: Option<String>,
}

fn list<T: serde::de::DeserializeOwned>(progress: &Progress, reply: &Reply) -> Result<List<T>, Trouble> {
    if reply.ok() { decode(reply) } else { Err(refused(progress, reply)) }
}

/// What a refusal means, by the reason it gives.
fn refused(progress: &Progress, reply: &Reply) -> Trouble {
    let said: Value = reply.json().unwrap_or_default();
    let list = |name: &str| said.pointer(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let causes = [list("/error/errors"), list("/error/details")].concat();
    let reasons = causes.iter().filter_map(|cause| cause.get("reason")?.as_str());
    let a_day = causes.iter().any(|cause| {
        let limit = cause.pointer("/metadata/quota_limit").and_then(Value::as_str);
        limit.is_some_and(|limit| limit.contains("PerDay"))
    });
    let unknown = refusal(reply);
    for reason in reasons {
        return match reason {
            "quotaExceeded" | "dailyLimitExceeded" => {
                Trouble::RateLimited { until: quota::midnight(progress.now) }
            }
            "rateLimitExceeded" | "userRateLimitExceeded" | "RATE_LIMIT_EXCEEDED" => {
                let until = if a_day { quota::midnight(progress.now) } else { unknown.until() };
                Trouble::RateLimited { until }
            }
            "keyInvalid"
            | "keyExpired"
            | "API_KEY_INVALID"
            | "accessNotConfigured"
            | "SERVICE_DISABLED"
            | "API_KEY_SERVICE_BLOCKED"
            | "ipRefererBlocked" => Trouble::Unauthorized,
            "channelNotFound" => progress.missing(),
            "channelClosed" | "accountClosed" => Trouble::Deactivated,
            "channelSuspended" | "accountSuspended" => Trouble::Suspended,
            _ => continue,
        };
    }
    unknown
}

/// Counts are written as text.
fn count(value: Option<Value>) -> Option<u64> {
    match value? {
        Value::String(digits) => digits.parse().ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelItem {
    id: String,
    snippet: Option<Snippet>,
    statistics: Option<Statistics>,
    content_details: Option<Details>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Snippet {
    title: Option<String>,
    custom_url: Option<String>,
    published_at: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    subscriber_count: Option<Value>,
    hidden_subscriber_count: Option<bool>,
    view_count: Option<Value>,
    like_count: Option<Value>,
    comment_count: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    related_playlists: Option<Playlists>,
    video_id: Option<String>,
    video_published_at: Option<String>,
}

#[derive(Deserialize)]
struct Playlists {
    uploads: Option<String>,
}

pub(super) fn read_channel(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: List<ChannelItem> = list(progress, reply)?;
    let Some(channel) = found.items.and_then(|items| items.into_iter().next()) else {
        return Err(progress.missing());
    };
    if !super::is_id(&channel.id) {
        return Err(Trouble::malformed("the channel has no id"));
    }
    let snippet = channel.snippet.unwrap_or_default();
    let handle = snippet.custom_url.filter(|handle| handle.starts_with('@'));
    if let Some(handle) = handle.as_deref().and_then(super::from_text) {
        progress.rename(&handle);
    }
    let statistics = channel.statistics.unwrap_or_default();
    let hidden = statistics.hidden_subscriber_count == Some(true);
    progress.figure(Figure::Followers, count(statistics.subscriber_count).filter(|_| !hidden));
    progress.seen.profile.name = name(snippet.title.as_deref());
    progress.seen.profile.url = Some(format!("{PUBLIC}channel/{}", channel.id));
    // The list of all uploads is called like the channel.
    let list = channel.content_details.and_then(|details| details.related_playlists?.uploads);
    let list = list.filter(|list| !list.is_empty());
    let list = list.or_else(|| Some(format!("UU{}", channel.id.strip_prefix("UC")?))).unwrap_or_default();
    progress.seen.account.stable = Some(channel.id);
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    progress.spare = progress.spare.min(COMMENTERS);
    Ok(ask(uploads(progress, &list, None)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Upload {
    content_details: Option<Details>,
}

/// A page of uploads, newest first; then their counters are asked for.
pub(super) fn read_uploads(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let reason = |wanted: &str| {
        let said: Value = reply.json().unwrap_or_default();
        said.pointer("/error/errors/0/reason").and_then(Value::as_str) == Some(wanted)
    };
    if reply.status == 404 && reason("playlistNotFound") && progress.pages == 0 {
        // A channel that has never uploaded anything has no such list.
        progress.seen.complete = true;
        return Ok(refresh(progress));
    }
    let found: List<Upload> = list(progress, reply)?;
    let details =
        found.items.unwrap_or_default().into_iter().take(PAGE).filter_map(|item| item.content_details);
    let mut ids: Vec<String> = Vec::new();
    let mut oldest: Option<Time> = None;
    for details in details {
        oldest = oldest.into_iter().chain(details.video_published_at.as_deref().and_then(rfc3339)).min();
        ids.extend(details.video_id.filter(|id| is_video(id)));
    }
    progress.pages += 1;
    if !ids.is_empty() {
        progress.queue.push_back(videos(progress, &ids, Stage::Posts));
    }
    let page: Vec<ItemId> = ids.into_iter().map(ItemId).collect();
    let playlist = reply.url.query_pairs().find(|(name, _)| name == "playlistId");
    match (found.next_page_token, playlist) {
        (Some(next), Some((_, playlist))) if progress.wants_older(&page, oldest) => {
            progress.queue.push_back(uploads(progress, &playlist, Some(&next)));
        }
        (Some(_), _) => {}
        (None, _) => progress.seen.complete = true,
    }
    if progress.queue.is_empty() { Ok(refresh(progress)) } else { Ok(progress.next()) }
}

fn is_video(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
}

#[derive(Deserialize)]
struct Video {
    id: String,
    snippet: Option<Snippet>,
    statistics: Option<Statistics>,
}

pub(super) fn read_videos(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: List<Video> = list(progress, reply)?;
    let answered = found.items.unwrap_or_default();
    // What was deleted or made private is left out without a word.
    let asked = reply.url.query_pairs().find(|(name, _)| name == "id").map(|(_, ids)| ids.into_owned());
    for id in asked.unwrap_or_default().split(',') {
        let id = ItemId::from(id);
        let known = progress.known.items.get(&id).is_some_and(|item| !item.gone);
        if known && !answered.iter().any(|video| video.id == id.0) {
            progress.seen.gone.push(id);
        }
    }
    for video in answered.into_iter().take(PAGE) {
        let snippet = video.snippet.unwrap_or_default();
        let statistics = video.statistics.unwrap_or_default();
        let Some(published) = snippet.published_at.as_deref().and_then(rfc3339) else { continue };
        if !is_video(&video.id) {
            continue;
        }
        progress.add(Post {
            kind: PostKind::Video,
            url: Some(format!("{PUBLIC}watch?v={}", video.id)),
            title: text::clean(&snippet.title.unwrap_or_default()),
            published,
            counts: Counts::default()
                .with(Metric::Likes, count(statistics.like_count))
                .with(Metric::Replies, count(statistics.comment_count))
                .with(Metric::Views, count(statistics.view_count)),
            standing: false,
            id: ItemId(video.id),
        });
    }
    if reply.stage == Stage::Posts && progress.queue.is_empty() {
        return Ok(refresh(progress));
    }
    Ok(progress.then_actors(commenters))
}

/// Asks for older videos by name: first those that the pages should have shown, then the rest in turn.
fn refresh(progress: &mut Progress) -> Step {
    let oldest = progress.seen.posts.iter().map(|post| post.published).min();
    let from = if progress.seen.complete { Time::MIN_UTC } else { oldest.unwrap_or(progress.now) };
    let mut ids: Vec<String> =
        progress.missing_between(from, progress.now).into_iter().map(|id| id.0).collect();
    let rest: Vec<String> = progress
        .unseen()
        .into_iter()
        .map(|(id, _)| id.0.clone())
        .filter(|id| !ids.contains(id) && !progress.seen.gone.iter().any(|gone| gone.0 == *id))
        .collect();
    let turn = usize::try_from(progress.known.polls).unwrap_or(0).wrapping_mul(PAGE);
    let start = turn.checked_rem(rest.len()).unwrap_or(0);
    ids.retain(|id| !progress.seen.gone.iter().any(|gone| gone.0 == *id));
    let in_turn = rest.iter().cycle().skip(start).take(rest.len()).cloned();
    ids.extend(in_turn);
    ids.truncate(PAGE);
    if !ids.is_empty() {
        progress.queue.push_back(videos(progress, &ids, Stage::Refresh));
    }
    progress.then_actors(commenters)
}

/// Who commented. Nobody is told who liked or watched.
fn commenters(progress: &Progress, post: &Post, metric: Metric) -> Option<Request> {
    let query = [
        ("part", "snippet,replies"),
        ("videoId", post.id.0.as_str()),
        ("order", "time"),
        ("maxResults", "100"),
    ];
    (metric == Metric::Replies).then(|| question(progress, "commentThreads", &query, Stage::Actors))
}

#[derive(Deserialize)]
struct Thread {
    snippet: Option<ThreadSnippet>,
    replies: Option<Replies>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThreadSnippet {
    video_id: Option<String>,
    top_level_comment: Option<Comment>,
}

#[derive(Deserialize)]
struct Replies {
    #[serde(default)]
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Comment {
    id: String,
    snippet: Option<CommentSnippet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentSnippet {
    author_channel_id: Option<ChannelId>,
    published_at: Option<String>,
    text_display: Option<String>,
}

#[derive(Deserialize)]
struct ChannelId {
    value: String,
}

pub(super) fn read_comments(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: List<Thread> = match list(progress, reply) {
        Ok(found) => found,
        Err(trouble @ (Trouble::RateLimited { .. } | Trouble::Server { status: 500.., .. })) => {
            return Err(trouble);
        }
        // Comments of this video are switched off, or were just now.
        Err(_) => return Ok(progress.then_actors(commenters)),
    };
    let own = progress.account().stable.clone();
    for thread in found.items.unwrap_or_default().into_iter().take(100) {
        let Some(snippet) = thread.snippet else { continue };
        let Some(item) = snippet.video_id.map(ItemId) else { continue };
        let replies = thread.replies.map(|replies| replies.comments).unwrap_or_default();
        for comment in snippet.top_level_comment.into_iter().chain(replies) {
            let Some(said) = comment.snippet else { continue };
            // Whose channel is no more has no id.
            let author = said.author_channel_id.map(|author| author.value);
            let act = if author.is_some() && author == own {
                Act::own(comment.id, item.clone(), Metric::Replies)
            } else {
                Act::by(text::clean(&author.unwrap_or_default()), comment.id, item.clone(), Metric::Replies)
            };
            let at = said.published_at.as_deref().and_then(rfc3339);
            progress.act_by(act.at(at), || text::from_html(&said.text_display.unwrap_or_default()));
        }
    }
    Ok(progress.then_actors(commenters))
}
