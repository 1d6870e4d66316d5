//! Twitch channels: followers, and views of videos and clips.
//!
//! One poll: the user, the newest videos, a batch of older ones by their ids in turn, the number of followers, and the
//! clips of 90 days that were seen most. The key is an application's id and secret, exchanged for a token. Videos
//! of streams end after a few weeks: what they were seen stays counted.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint, name, refusal, rfc3339};
use crate::exchange::{Grant, GrantStyle, Place, Reply, Request, Stage};
use crate::model::{
    Account, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Time, Trouble, Word, Words,
};
use crate::text;
use chrono::SecondsFormat;
use serde::Deserialize;
use url::Url;

pub(super) static CHANNEL: Twitch = Twitch;

const HELIX: &str = "https://api.twitch.tv/";
const LOGIN: &str = "https://id.twitch.tv/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "twitch",
    code: "TW",
    name: "Twitch",
    also: &[],
    words: Words {
        like: None,
        reshare: None,
        reply: None,
        quote: None,
        view: Some(Word::new("view", "views", "VIEW")),
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(30, 10),
    key: KeyNeed::Needed(
        "register an application at dev.twitch.tv/console; the key is its client id and a secret with a colon between them",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["twitch.tv"],
    hint: "a login has letters, digits and _",
    facts: Facts {
        reads: &[
            "helix/users: who it is",
            "helix/videos: views of videos, newest first, and of 100 older ones in turn",
            "helix/clips: views of the 100 clips of 90 days that were seen most",
            "helix/channels/followers: their number, where an application is told it",
        ],
        cost: "4 or 5 requests, and one for a token every few weeks",
        limits: "800 points a minute for an application, a request is one point; 429 with the instant when there are more",
        unknown: &[
            "whether an account that is gone was closed, banned or deleted: Twitch answers the same",
            "who follows and who watched; how many watched a stream that was not kept as a video",
            "views of a video after it has ended, 7 to 60 days after its stream: they stay as they were",
            "clips beyond the 100 that were seen most",
        ],
    },
    api: Some(HELIX),
};

/// Videos, clips or ids of one question; Twitch takes and gives no more.
const PAGE: usize = 100;

/// First path segments of twitch.tv that are no channels.
const RESERVED: [&str; 14] = [
    "directory",
    "videos",
    "settings",
    "subscriptions",
    "p",
    "downloads",
    "jobs",
    "login",
    "signup",
    "search",
    "store",
    "turbo",
    "wallet",
    "drops",
];

pub(super) struct Twitch;

impl Channel for Twitch {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let login = match &typed.url {
            Some(url) => {
                let host = url.host_str()?;
                if !matches!(host, "twitch.tv" | "www.twitch.tv" | "m.twitch.tv") {
                    return None;
                }
                url.path_segments()?.next()?.to_owned()
            }
            None if typed.named => typed.text.trim_start_matches('@').to_owned(),
            None => return None,
        };
        let login = login.to_ascii_lowercase();
        // New ones have four characters at least, some old ones fewer.
        let fits = (2..=25).contains(&login.len())
            && login.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
            && !RESERVED.contains(&login.as_str());
        fits.then(|| Account::new(self.network(), login))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://www.twitch.tv/{}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let by = match &account.stable {
            Some(id) => ("id", id.as_str()),
            None => ("login", account.handle.as_str()),
        };
        get(progress, &["users"], &[by], Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts | Stage::Older => read_videos(progress, reply),
            Stage::Refresh => read_older(progress, reply),
            Stage::Comments => read_clips(progress, reply),
            Stage::Count => read_followers(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn get(progress: &Progress, segments: &[&str], fields: &[(&str, &str)], stage: Stage) -> Request {
    let mut url = endpoint(&progress.api, &[&["helix"], segments].concat());
    url.query_pairs_mut().extend_pairs(fields);
    // Tokens come from another host; under a configured address they are expected there.
    let login = if progress.api.as_str() == HELIX { Url::parse(LOGIN).ok() } else { None };
    let at = endpoint(login.as_ref().unwrap_or(&progress.api), &["oauth2", "token"]);
    let grant = Grant { at, style: GrantStyle::Form, named_in: Some("client-id") };
    Request::json(url, stage).with_key_as("twitch", Place::Grant(grant))
}

#[derive(Deserialize)]
struct Listing<T> {
    data: Vec<T>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    login: String,
    display_name: Option<String>,
}

/// Under which name [`Progress::aliases`] has that a token was refused before.
const REFUSED: &str = "token refused";

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.status == 401 && reply.keyed && !progress.aliases.contains_key(REFUSED) {
        // A token may end before its time. It is forgotten now, and the same question gets a new one.
        progress.aliases.insert(REFUSED.to_owned(), ItemId::from(REFUSED));
        return Ok(ask(CHANNEL.request(progress)));
    }
    let listing: Listing<User> = decode(reply)?;
    // Who does not exist, is banned or has closed the account is a 200 with nobody.
    let Some(user) = listing.data.into_iter().next() else { return Err(progress.missing()) };
    progress.rename(&text::clean(&user.login));
    progress.seen.account.stable = Some(user.id.clone());
    progress.seen.profile.name = name(user.display_name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(videos(progress, Stage::Posts, None)))
}

fn videos(progress: &Progress, stage: Stage, after: Option<&str>) -> Request {
    let user = progress.account().stable.as_deref().unwrap_or_default();
    let first = PAGE.to_string();
    let mut fields = vec![("user_id", user), ("type", "all"), ("sort", "time"), ("first", first.as_str())];
    fields.extend(after.map(|after| ("after", after)));
    get(progress, &["videos"], &fields, stage)
}

/// A video or a clip.
#[derive(Deserialize)]
struct Video {
    id: String,
    title: Option<String>,
    url: Option<String>,
    created_at: Option<String>,
    published_at: Option<String>,
    view_count: Option<u64>,
    /// Clips have none.
    viewable: Option<String>,
}

/// Takes up a video, and says what it is and when it was published.
fn add(progress: &mut Progress, video: Video) -> Option<(ItemId, Time)> {
    let published = video.published_at.or(video.created_at).as_deref().and_then(rfc3339)?;
    let id = ItemId(video.id);
    if video.viewable.is_none_or(|viewable| viewable == "public") {
        progress.add(Post {
            kind: PostKind::Video,
            url: video.url.filter(|url| url.starts_with("https://")),
            title: video.title.as_deref().map(text::clean).unwrap_or_default(),
            published,
            counts: Counts::default().with(Metric::Views, video.view_count),
            standing: false,
            id: id.clone(),
        });
    }
    Some((id, published))
}

fn read_videos(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let listing: Listing<Video> = decode(reply)?;
    progress.pages += 1;
    let seen: Vec<_> = listing.data.into_iter().filter_map(|video| add(progress, video)).collect();
    let oldest = seen.iter().map(|(_, published)| *published).min();
    let ids: Vec<ItemId> = seen.into_iter().map(|(id, _)| id).collect();
    let next = listing.pagination.and_then(|page| page.cursor).filter(|cursor| !cursor.is_empty());
    progress.seen.complete = next.is_none();
    match next {
        Some(next) if progress.wants_older(&ids, oldest) => {
            Ok(ask(videos(progress, Stage::Older, Some(&next))))
        }
        _ => {
            queue_others(progress);
            Ok(progress.next())
        }
    }
}

/// Older videos by their ids, in turn; followers; clips.
fn queue_others(progress: &mut Progress) {
    let user = progress.account().stable.clone().unwrap_or_default();
    let horizon = progress.horizon();
    // Clips have words for ids, and a listing of their own.
    let is_video = |id: &ItemId| id.0.bytes().all(|c| c.is_ascii_digit());
    let older: Vec<String> = progress
        .unseen()
        .into_iter()
        .filter(|(id, item)| is_video(id) && item.published >= horizon)
        .map(|(id, _)| id.0.clone())
        .collect();
    let batches: Vec<&[String]> = older.chunks(PAGE).collect();
    let turn = usize::try_from(progress.known.polls).unwrap_or(0) % batches.len().max(1);
    if let Some(batch) = batches.get(turn) {
        let ids: Vec<(&str, &str)> = batch.iter().map(|id| ("id", id.as_str())).collect();
        let request = get(progress, &["videos"], &ids, Stage::Refresh);
        progress.queue.push_back(request);
    }
    let fields = [("broadcaster_id", user.as_str()), ("first", "1")];
    let followers = get(progress, &["channels", "followers"], &fields, Stage::Count);
    progress.queue.push_back(followers);
    let iso = |at: Time| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = (iso(horizon), iso(progress.now));
    let first = PAGE.to_string();
    // Without an end the clips of one week would come.
    let fields =
        [("broadcaster_id", user.as_str()), ("first", &first), ("started_at", &from), ("ended_at", &to)];
    let clips = get(progress, &["clips"], &fields, Stage::Comments);
    progress.queue.push_back(clips);
}

fn read_older(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    // None of them is there any more.
    if reply.status != 404 || reply.is_page() {
        let listing: Listing<Video> = decode(reply)?;
        for video in listing.data {
            add(progress, video);
        }
    }
    let asked: Vec<String> =
        reply.url.query_pairs().filter(|(name, _)| name == "id").map(|(_, id)| id.into_owned()).collect();
    let unseen = progress.unseen().into_iter().map(|(id, _)| id.clone());
    let gone: Vec<ItemId> = unseen.filter(|id| asked.contains(&id.0)).collect();
    progress.seen.gone.extend(gone);
    Ok(progress.next())
}

fn read_clips(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let listing: Listing<Video> = decode(reply)?;
    for clip in listing.data.into_iter().take(PAGE) {
        add(progress, clip);
    }
    Ok(progress.next())
}

#[derive(Deserialize)]
struct Followers {
    total: Option<u64>,
}

fn read_followers(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if matches!(reply.status, 400 | 401 | 403 | 404) {
        // The number is for tokens of users here. Unknown is not none.
        return Ok(progress.next());
    }
    if !reply.ok() {
        return Err(refusal(reply));
    }
    let followers: Followers = decode(reply)?;
    progress.figure(Figure::Followers, followers.total);
    Ok(progress.next())
}
