//! GoatCounter: visits of a site, from the API with a token, or from the counter that its owner shows to everybody.
//!
//! With a token one poll is one question, answered day by day. Without one it is two, one for each week: the public
//! counter knows no days, and counts the first hour after a week to it.

use super::visits::{brief, count, cut, day, midnight};
use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint};
use crate::exchange::{Reply, Request, Stage, host_of};
use crate::model::{Account, Facts, Figure, KeyNeed, Network, NetworkSpec, Pace, Trouble, Words};
use chrono::{NaiveDate, SecondsFormat, TimeDelta};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

pub(super) static CHANNEL: GoatCounter = GoatCounter;

const HOME: &str = ".goatcounter.com";

static SPEC: NetworkSpec = NetworkSpec {
    id: "goatcounter",
    code: "GOAT",
    name: "GoatCounter",
    also: &[],
    words: Words { like: None, reshare: None, reply: None, quote: None, view: None, audience: None },
    audience: &[],
    pace: Pace::new(60, 30),
    key: KeyNeed::Useful(
        "Settings, API: a token that may read statistics, kept as goatcounter@ada.goatcounter.com; none is needed where visitor counts are shown",
    ),
    opt_in: None,
    price: None,
    outcome: true,
    sites: &[],
    hint: "write goatcounter:ada, https://ada.goatcounter.com, or goatcounter:stats.ada.example for a server of one's own",
    facts: Facts {
        reads: &[
            "api/v0/stats/total: visits of each of the last fourteen whole days, with a token",
            "counter/TOTAL.json: visits of each of the two weeks, without one",
        ],
        cost: "1 request with a token, 2 without",
        limits: "4 requests a second; the public counter is half an hour old at most",
        unknown: &[
            "visits of a site whose owner shows no counts, without a token",
            "the exact end of a week on the public counter: it goes by UTC and takes one hour more",
        ],
    },
    api: None,
};

pub(super) struct GoatCounter;

impl Channel for GoatCounter {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        if typed.named && is_code(typed.text) {
            let code = typed.text.to_lowercase();
            let base = Url::parse(&format!("https://{code}{HOME}/")).ok()?;
            return Some(Account::new(self.network(), code).at(base));
        }
        let url = typed.url.as_ref()?;
        let code = url.host_str()?.strip_suffix(HOME).filter(|code| is_code(code) && *code != "www");
        if code.is_none() && !typed.named {
            return None;
        }
        let base = cut(url, 0)?;
        let handle = code.map_or_else(|| brief(&base), str::to_owned);
        Some(Account::new(self.network(), handle).at(base))
    }

    fn page(&self, account: &Account) -> Option<String> {
        account.base.as_ref().map(Url::to_string)
    }

    fn request(&self, progress: &Progress) -> Request {
        if !progress.has_key {
            return public(progress, Stage::Posts);
        }
        let weeks = progress.fortnight();
        let iso = |at: crate::model::Time| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut url = endpoint(&progress.api, &["api", "v0", "stats", "total"]);
        url.query_pairs_mut()
            .append_pair("start", &iso(midnight(weeks.first)))
            .append_pair("end", &iso(midnight(weeks.end()) - TimeDelta::seconds(1)));
        Request::json(url, Stage::Profile).with_key(format!("{}@{}", SPEC.id, host_of(&progress.api)))
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        if reply.status == 404 || reply.status == 400 && no_site(reply) {
            return Err(progress.missing());
        }
        if reply.stage == Stage::Profile {
            if matches!(reply.status, 401 | 403) && !reply.keyed {
                // The token is another host's.
                return Ok(ask(public(progress, Stage::Posts)));
            }
            return read_days(progress, reply);
        }
        let counter: Counter = decode(reply)?;
        let visits =
            count(&counter.count).ok_or_else(|| Trouble::malformed("the counter shows no number"))?;
        if reply.stage == Stage::Posts {
            progress.figure(Figure::Visits, Some(visits));
            known(progress);
            if progress.reach == Reach::Probe {
                return Ok(progress.done());
            }
            return Ok(ask(public(progress, Stage::Older)));
        }
        progress.figure(Figure::VisitsBefore, Some(visits));
        Ok(progress.done())
    }
}

/// What stands before `.goatcounter.com`.
fn is_code(text: &str) -> bool {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    (2..=50).contains(&text.len()) && text.bytes().all(fits)
}

/// The counter for everybody: of the later week, or in a second question of the earlier one.
fn public(progress: &Progress, stage: Stage) -> Request {
    let weeks = progress.fortnight();
    let (start, end) =
        if stage == Stage::Older { (weeks.first, weeks.middle) } else { (weeks.middle, weeks.end()) };
    let mut url = endpoint(&progress.api, &["counter", "TOTAL.json"]);
    url.query_pairs_mut().append_pair("start", &start.to_string()).append_pair("end", &end.to_string());
    Request::json(url, stage)
}

fn no_site(reply: &Reply) -> bool {
    String::from_utf8_lossy(&reply.body).contains("no site at this domain")
}

fn known(progress: &mut Progress) {
    progress.name_is_stable();
    progress.seen.profile.url = CHANNEL.page(progress.account());
}

fn read_days(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let total: Total = decode(reply)?;
    let days: Vec<(NaiveDate, u64)> =
        total.stats.iter().filter_map(|line| Some((day(&line.day)?, line.visits()))).collect();
    progress.daily_visits(days);
    known(progress);
    Ok(progress.done())
}

#[derive(Deserialize)]
struct Counter {
    count: Value,
}

#[derive(Deserialize)]
struct Total {
    stats: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    day: String,
    daily: Option<u64>,
    #[serde(default)]
    hourly: Vec<u64>,
}

impl Line {
    fn visits(&self) -> u64 {
        self.daily.unwrap_or_else(|| self.hourly.iter().fold(0, |sum, hour| sum.saturating_add(*hour)))
    }
}
