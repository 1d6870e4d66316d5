//! Matomo: visits of a site on a server of one's own, day by day.
//!
//! One poll is one question, asked as a form so that tokens that may only be posted work. Errors come with status 200
//! on older servers, with 400 and 401 on newer ones; a day without visits is an empty list.

use super::visits::{brief, count, cut, day};
use super::{Channel, Progress, Step, Typed, decode, endpoint};
use crate::exchange::{Body, Place, Reply, Request, Stage, host_of};
use crate::model::{Account, Facts, KeyNeed, Network, NetworkSpec, Pace, Trouble, Words};
use chrono::NaiveDate;
use serde_json::Value;

pub(super) static CHANNEL: Matomo = Matomo;

static SPEC: NetworkSpec = NetworkSpec {
    id: "matomo",
    code: "MATO",
    name: "Matomo",
    also: &["piwik"],
    words: Words { like: None, reshare: None, reply: None, quote: None, view: None, audience: None },
    audience: &[],
    pace: Pace::new(60, 10),
    key: KeyNeed::Needed(
        "Settings, Security, Auth tokens: a token of a user with view access, kept as matomo@host; a site that everybody may view needs none",
    ),
    opt_in: None,
    price: None,
    outcome: true,
    sites: &[],
    hint: "write matomo:https://stats.ada.example/1, the last part being the site's number",
    facts: Facts {
        reads: &["VisitsSummary.get: visits of each of the last fourteen whole days"],
        cost: "1 request",
        limits: "none are named; a server may set its own and answers 429 then",
        unknown: &[
            "visits that the server has not processed yet: some do so once a day only",
            "the site's time zone: a day counts once it is over everywhere on earth, twelve hours after it ended in UTC",
        ],
    },
    api: None,
};

pub(super) struct Matomo;

impl Channel for Matomo {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let url = typed.url.as_ref().filter(|_| typed.named)?;
        let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
        // As the server's own pages have it, or as the last part of the path.
        let asked = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case("idSite"));
        let (site, folders) = match (asked, segments.split_last()) {
            (Some((_, site)), Some((file, folders))) if *file == "index.php" => {
                (site.into_owned(), folders.len())
            }
            (Some((_, site)), _) => (site.into_owned(), segments.len()),
            (None, Some((site, folders))) => ((*site).to_owned(), folders.len()),
            (None, None) => return None,
        };
        let site: u32 = site.parse().ok().filter(|site| *site > 0)?;
        let base = cut(url, folders)?;
        let handle = brief(&base.join(&site.to_string()).ok()?);
        Some(Account::new(self.network(), handle).at(base))
    }

    fn page(&self, account: &Account) -> Option<String> {
        let mut url = endpoint(account.base.as_ref()?, &["index.php"]);
        url.query_pairs_mut()
            .append_pair("module", "CoreHome")
            .append_pair("action", "index")
            .append_pair("idSite", site(account))
            .append_pair("period", "week")
            .append_pair("date", "today");
        Some(url.to_string())
    }

    fn request(&self, progress: &Progress) -> Request {
        let weeks = progress.fortnight();
        let fields = [
            ("module", "API".to_owned()),
            ("method", "VisitsSummary.get".to_owned()),
            ("idSite", site(progress.account()).to_owned()),
            ("period", "day".to_owned()),
            ("date", format!("{},{}", weeks.first, weeks.last)),
            ("format", "JSON".to_owned()),
        ];
        Request::json(endpoint(&progress.api, &["index.php"]), Stage::Profile)
            .with_body(Body::Form(fields.into()))
            .with_key_as(format!("{}@{}", SPEC.id, host_of(&progress.api)), Place::Field("token_auth"))
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        if let Some(message) = error(reply) {
            return Err(meant(progress, reply, &message));
        }
        if reply.status == 404 {
            return Err(progress.missing());
        }
        let answer: Value = decode(reply)?;
        let days = answer
            .as_object()
            .ok_or_else(|| Trouble::malformed("days were asked for, something else came"))?;
        let mut visits: Vec<(NaiveDate, u64)> = Vec::new();
        for (name, told) in days {
            let Some(at) = day(name) else { return Err(Trouble::malformed("a day has no date")) };
            visits.extend(told.get("nb_visits").and_then(count).map(|count| (at, count)));
        }
        progress.daily_visits(visits);
        progress.name_is_stable();
        progress.seen.profile.url = self.page(progress.account());
        Ok(progress.done())
    }
}

fn site(account: &Account) -> &str {
    account.handle.rsplit('/').next().unwrap_or_default()
}

/// The words of an error, whatever its status.
fn error(reply: &Reply) -> Option<String> {
    let body: Value = reply.json().ok()?;
    let error = body.get("result").and_then(Value::as_str) == Some("error");
    error.then(|| body.get("message").and_then(Value::as_str).unwrap_or_default().to_lowercase())
}

/// Errors are told apart by their words alone.
fn meant(progress: &Progress, reply: &Reply, message: &str) -> Trouble {
    if reply.status == 429 || reply.status >= 500 {
        return super::refusal(reply);
    }
    if message.contains("unexpected website") {
        return progress.missing();
    }
    if matches!(reply.status, 401 | 403) || message.contains("token") || message.contains("access") {
        return if reply.keyed { Trouble::Unauthorized } else { Trouble::KeyNeeded };
    }
    Trouble::malformed("the server could not answer the question")
}
