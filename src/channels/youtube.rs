//! Channels of videos. Without a key the channel's feed is read: its 15 newest videos with views and likes. With a free
//! key of the Data API (`youtube` in the keys) a poll reads subscribers, every video of 90 days with its counters, and
//! who commented on what grew.
//!
//! A channel is known by its id (`UC…`). The public page says which id a handle has; that is asked once. The feed fails
//! for hours at times, everywhere: then the page says whether the channel is still there.

mod data;
mod public;
mod quota;

use super::{Channel, Progress, Step, Typed};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Account, Facts, Figure, KeyNeed, Network, NetworkSpec, Pace, Trouble, Word, Words};
use url::{Url, form_urlencoded};

pub(super) static CHANNEL: YouTube = YouTube;

const API: &str = "https://www.googleapis.com/";
const PUBLIC: &str = "https://www.youtube.com/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "youtube",
    code: "YT",
    name: "YouTube",
    also: &["yt"],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: Some(Word::new("view", "views", "VIEW")),
        audience: Some("subscribers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace { interval: 60, floor: 30, keyed: Some((20, 10)) },
    key: KeyNeed::Useful(
        "console.cloud.google.com: a project, in it enable YouTube Data API v3, then Credentials, API key. It is free and shows subscribers, comments and every video of 90 days",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["youtube.com", "youtu.be"],
    hint: "a channel is youtube.com/@name, /channel/UC…, /c/name or /user/name; the address of a video is none",
    facts: Facts {
        reads: &[
            "the channel's page, once, without a key: which id it has",
            "feeds/videos.xml, without a key: views and likes of the 15 newest videos",
            "channels, with a key: subscribers",
            "playlistItems and videos, with a key: likes, comments and views of the videos of 90 days, 50 at a time; later the newest 50 and 50 older ones in turn",
            "commentThreads, with a key: who commented on up to five videos whose comments grew",
        ],
        cost: "1 request without a key; with one 3 or 4 of 10,000 units a day, and 1 for each video whose comments grew",
        limits: "10,000 units a day for a key, counted anew at midnight Pacific time; without a key none are named",
        unknown: &[
            "subscribers without a key, or where the channel hides them",
            "subscribers beyond three digits: the number is rounded",
            "who liked or watched",
            "without a key: comments, and what videos beyond the 15 newest received",
        ],
    },
    api: Some(API),
};

pub(super) struct YouTube;

impl Channel for YouTube {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let handle = match &typed.url {
            Some(url) => from_url(url)?,
            None if typed.named => from_text(typed.text)?,
            None => return None,
        };
        let account = Account::new(self.network(), handle.as_str());
        Some(if is_id(&handle) { account.known_as(handle) } else { account })
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("{PUBLIC}{}", path(&account.handle)))
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        match (&account.stable, progress.has_key) {
            (Some(id), true) => data::channel(progress, "id", id),
            (Some(id), false) if progress.known.polls > 0 => public::feed(progress, id),
            (_, false) => public::page(progress, &path(&account.handle)),
            (None, true) => match account.handle.split_once('/') {
                Some(("user", name)) => data::channel(progress, "forUsername", name),
                // The interface does not know these.
                Some(_) => public::page(progress, &path(&account.handle)),
                None => data::channel(progress, "forHandle", &account.handle),
            },
        }
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => public::read_page(progress, reply),
            Stage::Posts if !progress.has_key => public::read_feed(progress, reply),
            Stage::Posts | Stage::Refresh => data::read_videos(progress, reply),
            Stage::Older => data::read_uploads(progress, reply),
            Stage::Actors => data::read_comments(progress, reply),
            _ => data::read_channel(progress, reply),
        }
    }
}

/// `@name`, an id, `c/name` or `user/name`.
fn from_url(url: &Url) -> Option<String> {
    if !matches!(url.host_str()?, "youtube.com" | "www.youtube.com" | "m.youtube.com") {
        return None;
    }
    let mut path = url.path_segments()?;
    let (first, second) = (path.next()?, path.next().unwrap_or_default());
    let written = match first {
        "channel" => second.to_owned(),
        "c" | "user" => format!("{first}/{second}"),
        "feeds" => url.query_pairs().find(|(name, _)| name == "channel_id")?.1.into_owned(),
        _ if first.starts_with('@') || first.starts_with("%40") => first.to_owned(),
        _ => return None,
    };
    let written = form_urlencoded::parse(written.as_bytes()).next()?.0.into_owned();
    let bare_id = matches!(first, "channel" | "feeds") && !is_id(&written);
    if bare_id { None } else { from_text(&written) }
}

fn from_text(text: &str) -> Option<String> {
    if is_id(text) {
        return Some(text.to_owned());
    }
    let fits = |name: &str| {
        (1..=60).contains(&name.chars().count())
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '·'))
    };
    match text.split_once('/') {
        Some((kind @ ("c" | "user"), name)) => fits(name).then(|| format!("{kind}/{name}")),
        Some(_) => None,
        None => {
            let name = text.trim_start_matches('@');
            fits(name).then(|| format!("@{name}"))
        }
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 24
        && text.starts_with("UC")
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
}

/// Where a channel's page is.
fn path(handle: &str) -> String {
    if is_id(handle) { format!("channel/{handle}") } else { handle.to_owned() }
}

#[cfg(test)]
mod tests {
    use crate::channels::parse;

    #[test]
    fn channels_as_people_type_them() {
        let id = "UCabcdefghijklmnopqrst_-";
        for (typed, expected) in [
            ("https://www.youtube.com/@ada", "youtube:@ada"),
            ("youtube.com/@Ada.Lind/videos", "youtube:@Ada.Lind"),
            ("https://m.youtube.com/%40ada", "youtube:@ada"),
            ("https://www.youtube.com/@%E3%82%A2%E3%83%80", "youtube:@アダ"),
            ("https://www.youtube.com/c/AdaLind?sub_confirmation=1", "youtube:c/AdaLind"),
            ("https://www.youtube.com/user/adalind", "youtube:user/adalind"),
            ("yt:ada", "youtube:@ada"),
            ("youtube:user/ada", "youtube:user/ada"),
        ] {
            let accounts = parse(typed, &|_| false).unwrap();
            assert_eq!(accounts.len(), 1, "{typed}: {accounts:?}");
            assert_eq!(accounts[0].address(), expected, "{typed}");
            let again = parse(&accounts[0].address(), &|_| false).unwrap();
            assert_eq!(again[0].address(), expected);
        }
        for typed in [
            format!("https://www.youtube.com/channel/{id}"),
            format!("https://www.youtube.com/feeds/videos.xml?channel_id={id}"),
            format!("yt:{id}"),
        ] {
            let account = parse(&typed, &|_| false).unwrap().remove(0);
            assert_eq!((account.handle.as_str(), account.stable.as_deref()), (id, Some(id)), "{typed}");
        }
        for other in [
            "https://youtu.be/dQabcdefghi",
            "https://www.youtube.com/watch?v=dQabcdefghi",
            "https://www.youtube.com/shorts/dQabcdefghi",
            "https://www.youtube.com/channel/ada",
            "youtube:https://youtu.be/dQabcdefghi",
            "https://www.youtube.com/",
        ] {
            let bad = parse(other, &|_| false).unwrap_err().to_string();
            assert!(bad.contains("is not an address on YouTube: a channel is"), "{other}: {bad}");
        }
    }
}
