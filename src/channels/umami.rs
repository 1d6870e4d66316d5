//! Umami: visits of a website, on a server of one's own or at Umami Cloud.
//!
//! One poll is one question about the last seven whole days; the answer has the seven before beside them. Servers of
//! version 3 give plain numbers and a `comparison`, version 2 gives `{"value", "prev"}`, its first releases
//! `{"value", "change"}`. Where none of these is given the earlier week is asked for.

use super::visits::{brief, count, cut, midnight};
use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint};
use crate::exchange::{Grant, GrantStyle, Place, Reply, Request, Stage, host_of};
use crate::model::{Account, Facts, Figure, KeyNeed, Network, NetworkSpec, Pace, Trouble, Words};
use serde::Deserialize;
use serde_json::Value;

pub(super) static CHANNEL: Umami = Umami;

const HOME: &str = "cloud.umami.is";

static SPEC: NetworkSpec = NetworkSpec {
    id: "umami",
    code: "UMAM",
    name: "Umami",
    also: &[],
    words: Words { like: None, reshare: None, reply: None, quote: None, view: None, audience: None },
    audience: &[],
    pace: Pace::new(60, 10),
    key: KeyNeed::Needed(
        "a server of one's own: username:password of a user who may see the website, kept as umami@host; Umami Cloud: Settings, API keys, kept as umami",
    ),
    opt_in: None,
    price: None,
    outcome: true,
    sites: &[],
    hint: "write umami:https://stats.ada.example/WEBSITE-ID, or umami:WEBSITE-ID at Umami Cloud; the id stands in the website's settings",
    facts: Facts {
        reads: &["websites/ID/stats: visits of the last seven whole days, and of the seven before"],
        cost: "1 request, and a login every half an hour; 2 where the server does not compare by itself",
        limits: "50 requests in 15 seconds at Umami Cloud, none named for one's own",
        unknown: &[
            "whether a website is not there or may not be seen: the server says the same of both",
            "days as the website's owner sees them: they go by UTC, and count once they are over everywhere on earth",
        ],
    },
    api: Some("https://api.umami.is/v1/"),
};

pub(super) struct Umami;

impl Channel for Umami {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        if typed.named && is_id(typed.text) {
            return Some(Account::new(self.network(), typed.text.to_lowercase()));
        }
        let url = typed.url.as_ref()?;
        let segments: Vec<&str> = url.path_segments()?.collect();
        let place = segments.iter().position(|segment| is_id(segment))?;
        let id = segments.get(place)?.to_lowercase();
        if url.host_str() == Some(HOME) {
            return Some(Account::new(self.network(), id));
        }
        if !typed.named {
            return None;
        }
        // The page of a website in the server's own screens.
        let named = place.checked_sub(1).is_some_and(|before| segments.get(before) == Some(&"websites"));
        let base = cut(url, place - usize::from(named))?;
        let handle = brief(&base.join(&id).ok()?);
        Some(Account::new(self.network(), handle).at(base))
    }

    fn page(&self, account: &Account) -> Option<String> {
        let id = id(account);
        match &account.base {
            Some(base) => Some(base.join(&format!("websites/{id}")).ok()?.to_string()),
            None => Some(format!("https://{HOME}/websites/{id}")),
        }
    }

    fn request(&self, progress: &Progress) -> Request {
        stats(progress, Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        if reply.status == 404 {
            return Err(progress.missing());
        }
        let answer: Option<Stats> = decode(reply)?;
        let Some(stats) = answer else { return Err(progress.missing()) };
        let visits = stats.visits.as_ref().and_then(value);
        if reply.stage == Stage::Count {
            progress.figure(Figure::VisitsBefore, visits);
            return Ok(progress.done());
        }
        let visits = visits.ok_or_else(|| Trouble::malformed("the server counts no visits"))?;
        let before = before(&stats);
        progress.figure(Figure::Visits, Some(visits));
        progress.figure(Figure::VisitsBefore, before);
        progress.name_is_stable();
        progress.seen.profile.url = self.page(progress.account());
        if before.is_some() || progress.reach == Reach::Probe {
            return Ok(progress.done());
        }
        Ok(ask(self::stats(progress, Stage::Count)))
    }
}

fn id(account: &Account) -> &str {
    account.handle.rsplit('/').next().unwrap_or_default()
}

/// The question about the later week, or as `Count` about the earlier one.
fn stats(progress: &Progress, stage: Stage) -> Request {
    let account = progress.account();
    let weeks = progress.fortnight();
    let (start, end) =
        if stage == Stage::Count { (weeks.first, weeks.middle) } else { (weeks.middle, weeks.end()) };
    let path = ["websites", id(account), "stats"];
    let own = account.base.is_some();
    let mut url = if own {
        endpoint(&progress.api, &[&["api"], &path[..]].concat())
    } else {
        endpoint(&progress.api, &path)
    };
    url.query_pairs_mut()
        .append_pair("startAt", &midnight(start).timestamp_millis().to_string())
        .append_pair("endAt", &midnight(end).timestamp_millis().to_string());
    let request = Request::json(url, stage);
    if own {
        let at = endpoint(&progress.api, &["api", "auth", "login"]);
        let login = Grant { at, style: GrantStyle::Login, named_in: None };
        request.with_key_as(format!("{}@{}", SPEC.id, host_of(&progress.api)), Place::Grant(login))
    } else {
        request.with_key_as(SPEC.id, Place::Header("x-umami-api-key"))
    }
}

/// A website's id: a UUID.
fn is_id(text: &str) -> bool {
    let dash = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(place, c)| if dash(place) { c == b'-' } else { c.is_ascii_hexdigit() })
}

fn value(number: &Value) -> Option<u64> {
    count(number.get("value").unwrap_or(number))
}

/// The earlier week, in whichever way the server tells of it.
fn before(stats: &Stats) -> Option<u64> {
    if let Some(before) = stats.comparison.as_ref().and_then(|comparison| comparison.get("visits")) {
        return value(before);
    }
    let visits = stats.visits.as_ref()?;
    if let Some(before) = visits.get("prev") {
        return count(before);
    }
    let change = visits.get("change")?.as_i64()?;
    let now = i64::try_from(value(visits)?).ok()?;
    u64::try_from(now.checked_sub(change)?).ok()
}

#[derive(Deserialize)]
struct Stats {
    visits: Option<Value>,
    comparison: Option<Value>,
}
