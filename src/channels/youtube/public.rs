//! What everybody is shown: the channel's page and its feed.

use super::super::feed::parse;
use super::super::{Progress, Reach, Step, ask, endpoint, refusal};
use super::{API, PUBLIC, data, is_id};
use crate::exchange::{Accept, Reply, Request, Stage};
use crate::model::{Counts, ItemId, Metric, Post, PostKind, Trouble};
use url::Url;

/// Marks in [`Progress::aliases`] that the feed was not there.
const NO_FEED: &str = "no feed";

/// Beside the default interface; under a configured address both are expected there.
fn base(progress: &Progress) -> Url {
    let base = if progress.api.as_str() == API { Url::parse(PUBLIC).ok() } else { None };
    base.unwrap_or_else(|| progress.api.clone())
}

pub(super) fn page(progress: &Progress, path: &str) -> Request {
    let url = endpoint(&base(progress), &path.split('/').collect::<Vec<_>>());
    // Says that no cookies are wanted, so that visitors from Europe get the page and not a question about it.
    Request::json(url, Stage::Home).accepting(Accept::Type("text/html")).header("cookie", "SOCS=CAI")
}

pub(super) fn feed(progress: &Progress, id: &str) -> Request {
    let mut url = endpoint(&base(progress), &["feeds", "videos.xml"]);
    url.query_pairs_mut().append_pair("channel_id", id);
    Request::json(url, Stage::Posts).accepting(Accept::Feed)
}

/// The page says which id the channel has, and whether it is there.
pub(super) fn read_page(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if !reply.ok() {
        return Err(if reply.status == 404 { progress.missing() } else { refusal(reply) });
    }
    if progress.aliases.contains_key(NO_FEED) {
        return Err(Trouble::Server { status: 404, until: None });
    }
    let page = String::from_utf8_lossy(&reply.body);
    let ids = ["rel=\"canonical\" href=\"https://www.youtube.com/channel/", "\"externalId\":\""];
    let Some(id) = ids.iter().find_map(|mark| after(&page, mark)).filter(|id| is_id(id)) else {
        return Err(Trouble::malformed("the page does not say which channel it is"));
    };
    if let Some(handle) = after(&page, "\"vanityChannelUrl\":\"http://www.youtube.com/")
        && handle.starts_with('@')
        && let Some(handle) = super::from_text(handle)
    {
        progress.rename(&handle);
    }
    progress.seen.account.stable = Some(id.to_owned());
    Ok(ask(if progress.has_key { data::channel(progress, "id", id) } else { feed(progress, id) }))
}

/// What stands between the mark and the next quotation mark.
fn after<'a>(page: &'a str, mark: &str) -> Option<&'a str> {
    page.split_once(mark)?.1.split('"').next()
}

pub(super) fn read_feed(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let id = progress.account().stable.clone().unwrap_or_default();
    if reply.status == 404 {
        // Feeds fail in this way for hours while their channels are well.
        if progress.known.polls == 0 {
            return Err(Trouble::Server { status: 404, until: None });
        }
        progress.aliases.insert(NO_FEED.to_owned(), ItemId::from(""));
        return Ok(ask(page(progress, &super::path(&id))));
    }
    if !reply.ok() {
        return Err(refusal(reply));
    }
    let feed = parse::feed(&reply.body, &reply.url)?;
    progress.seen.profile.name = feed.title.filter(|title| !title.is_empty());
    progress.seen.profile.url = Some(format!("{PUBLIC}channel/{id}"));
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    for entry in feed.entries {
        let (Some(video), Some(published)) = (entry.id.strip_prefix("yt:video:"), entry.published) else {
            continue;
        };
        // Of a fresh video likes are counted before views are.
        let views = entry.views.filter(|views| *views > 0 || entry.stars.unwrap_or(0) == 0);
        progress.add(Post {
            id: ItemId::from(video),
            kind: PostKind::Video,
            url: Some(format!("{PUBLIC}watch?v={video}")),
            title: entry.title,
            published,
            counts: Counts::default().with(Metric::Likes, entry.stars).with(Metric::Views, views),
            standing: false,
        });
    }
    Ok(progress.done())
}
