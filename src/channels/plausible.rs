//! Plausible: visits of a site, day by day, from the Stats API (version 2).
//!
//! One poll is one question. What counts are visits of whole days of the site's own time zone. The server does not say
//! whether a key is wrong or a site is not there: both are "unauthorized".

use super::visits::{cut, day};
use super::{Channel, Progress, Step, Typed, decode, endpoint};
use crate::exchange::{Body, Reply, Request, Stage, host_of, is_loopback};
use crate::model::{Account, Facts, KeyNeed, Network, NetworkSpec, Pace, Trouble, Words};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

pub(super) static CHANNEL: Plausible = Plausible;

const HOME: &str = "plausible.io";

static SPEC: NetworkSpec = NetworkSpec {
    id: "plausible",
    code: "PLAU",
    name: "Plausible",
    also: &[],
    words: Words { like: None, reshare: None, reply: None, quote: None, view: None, audience: None },
    audience: &[],
    pace: Pace::new(60, 10),
    key: KeyNeed::Needed(
        "plausible.io: Settings, API keys, a key for the Stats API; for a server of one's own it is kept as plausible@host",
    ),
    opt_in: None,
    price: None,
    outcome: true,
    sites: &[],
    hint: "write plausible:ada.example, or plausible:https://stats.ada.example/ada.example for a server of one's own",
    facts: Facts {
        reads: &["api/v2/query: visits of each of the last fourteen whole days"],
        cost: "1 request",
        limits: "600 requests an hour with a key; 429 beyond that",
        unknown: &[
            "whether a key is wrong or the site is not there: the server says the same of both",
            "the site's time zone: a day counts once it is over everywhere on earth, twelve hours after it ended in UTC",
        ],
    },
    api: Some("https://plausible.io/"),
};

pub(super) struct Plausible;

impl Channel for Plausible {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let url = typed.url.as_ref()?;
        let home = url.host_str() == Some(HOME);
        if !home && !typed.named {
            return None;
        }
        let path = url.path().trim_matches('/');
        let written_out = typed.text.contains("://");
        if home {
            // A site's own page there.
            return site(path).map(|site| Account::new(self.network(), site));
        }
        if (written_out || is_loopback(url))
            && let Some(site) = site(path)
        {
            // A server of one's own, with the site behind it: the scheme tells it from a site in a folder.
            let base = cut(url, 0)?;
            return Some(Account::new(self.network(), format!("{base}{site}")).at(base));
        }
        site(&format!("{}/{path}", url.host_str()?)).map(|site| Account::new(self.network(), site))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(match account.base {
            Some(_) => account.handle.clone(),
            None => format!("https://{HOME}/{}", account.handle),
        })
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let (site, key) = match &account.base {
            Some(base) => (
                account.handle.strip_prefix(base.as_str()).unwrap_or(&account.handle),
                format!("{}@{}", SPEC.id, host_of(&progress.api)),
            ),
            None => (account.handle.as_str(), SPEC.id.to_owned()),
        };
        let weeks = progress.fortnight();
        let question = json!({
            "site_id": site,
            "metrics": ["visits"],
            "date_range": [weeks.first.to_string(), weeks.last.to_string()],
            "dimensions": ["time:day"],
        });
        Request::json(endpoint(&progress.api, &["api", "v2", "query"]), Stage::Profile)
            .with_body(Body::Json(question))
            .with_key(key)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.status {
            404 => return Err(progress.missing()),
            // The site's owner does not pay, or the plan of the key's owner has no Stats API.
            402 if holds(reply, "locked") => return Err(Trouble::Suspended),
            402 => return Err(Trouble::Unauthorized),
            _ => {}
        }
        let answer: Answer = decode(reply)?;
        let days = answer.results.iter().filter_map(|row| {
            let at = row.dimensions.first().and_then(Value::as_str).and_then(day)?;
            Some((at, row.metrics.first().and_then(Value::as_u64)?))
        });
        progress.daily_visits(days.collect::<Vec<_>>());
        progress.name_is_stable();
        progress.seen.profile.url = self.page(progress.account());
        Ok(progress.done())
    }
}

/// A site as Plausible names it: its domain, perhaps with a folder.
fn site(text: &str) -> Option<String> {
    let text = text.trim_matches('/');
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let host = text.split('/').next()?;
    let known = Url::parse(&format!("https://{text}/")).is_ok_and(|url| url.host_str().is_some());
    (known && host.contains('.') && text.len() <= 253 && text.chars().all(fits)).then(|| text.to_lowercase())
}

fn holds(reply: &Reply, word: &str) -> bool {
    String::from_utf8_lossy(&reply.body).contains(word)
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    metrics: Vec<Value>,
    #[serde(default)]
    dimensions: Vec<Value>,
}
