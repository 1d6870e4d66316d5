//! Wikipedia articles: how often one was read. An outcome, shown beside the score and never in it.
//!
//! One poll: the wiki says what the article is called today (by its page id, once that is known, so that a move to
//! another title is followed), then Wikimedia's analytics give its views by day. Redirects are resolved first,
//! since their views are counted apart. There are no items and no audience.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint, refusal, weeks};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Account, Facts, KeyNeed, Network, NetworkSpec, Notice, Pace, Trouble, Words};
use crate::schedule::Limits;
use crate::text;
use chrono::NaiveDate;
use serde::Deserialize;
use url::Url;

pub(super) static CHANNEL: Wikipedia = Wikipedia;

const ANALYTICS: &str = "https://wikimedia.org/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "wikipedia",
    code: "WIKI",
    name: "Wikipedia",
    also: &["wiki"],
    words: Words { like: None, reshare: None, reply: None, quote: None, view: None, audience: None },
    audience: &[],
    pace: Pace::new(360, 60),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: true,
    sites: &[".wikipedia.org"],
    hint: "write the address of an article, or a language and a title: en:Title",
    facts: Facts {
        reads: &[
            "the wiki, api.php: the article behind a title or a page id, redirects and moves followed",
            "wikimedia.org, pageviews/per-article: views by day, by people and not by known programs",
        ],
        cost: "2 requests",
        limits: "Wikimedia limits requests a minute and says with 429 how long to wait; an interval below an hour is not possible, since there is one number a day",
        unknown: &[
            "who reads, and from where",
            "views of today, and often of yesterday: days are counted late, and the two weeks that are told end with the last day that is",
            "whether a missing day had no views or is not counted yet: for three days it counts as the latter, then as the former",
            "views of redirects and of former titles: they are counted apart",
        ],
    },
    api: Some(ANALYTICS),
};

/// Days that Wikimedia may need until it has counted one.
const LATE: u64 = 3;

/// Bytes of the longest title.
const LONGEST_TITLE: usize = 255;

pub(super) struct Wikipedia;

impl Channel for Wikipedia {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let (language, title) = match typed.url.as_ref().and_then(|url| Some((url, language(url)?))) {
            Some((url, language)) => (language, title(url)?),
            None if typed.named && !typed.text.contains("://") => match typed.text.split_once(':') {
                Some((word, title)) if is_language(word) => (word, title.to_owned()),
                _ => ("en", typed.text.to_owned()),
            },
            None => return None,
        };
        let title = title.replace('_', " ");
        let title = title.trim();
        let fits = (1..=LONGEST_TITLE).contains(&title.len())
            && !title.contains(|c: char| c.is_control() || "#<>[]|{}".contains(c));
        fits.then(|| Account::new(self.network(), format!("{language}:{title}")))
    }

    fn page(&self, account: &Account) -> Option<String> {
        let (language, title) = account.handle.split_once(':')?;
        let wiki = Url::parse(&format!("https://{language}.wikipedia.org/")).ok()?;
        Some(endpoint(&wiki, &["wiki", &title.replace(' ', "_")]).to_string())
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let (language, title) = account.handle.split_once(':').unwrap_or(("en", &account.handle));
        // Under a configured address both are expected there.
        let wiki = if progress.api.as_str() == ANALYTICS {
            Url::parse(&format!("https://{language}.wikipedia.org/")).ok()
        } else {
            None
        };
        let mut url = endpoint(wiki.as_ref().unwrap_or(&progress.api), &["w", "api.php"]);
        let (by, value) = match account.stable.as_deref().and_then(|stable| stable.rsplit_once(':')) {
            Some((_, page)) => ("pageids", page),
            None => ("titles", title),
        };
        url.query_pairs_mut()
            .append_pair("action", "query")
            .append_pair("format", "json")
            .append_pair("formatversion", "2")
            .append_pair("redirects", "1")
            .append_pair(by, value);
        Request::json(url, Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        if reply.status == 403 {
            // Without a word about limits: what is asked with, or from where, is shut out.
            return Err(Trouble::Server { status: 403, until: Limits::read(&reply.headers, reply.at).retry });
        }
        match reply.stage {
            Stage::Posts => read_views(progress, reply),
            _ => read_page(progress, reply),
        }
    }
}

fn is_language(word: &str) -> bool {
    (2..=12).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_lowercase() || c == b'-')
}

/// The language of `en.wikipedia.org` and `en.m.wikipedia.org`.
fn language(url: &Url) -> Option<&str> {
    let language = url.host_str()?.strip_suffix(".wikipedia.org")?;
    let language = language.strip_suffix(".m").unwrap_or(language);
    (is_language(language) && language != "www").then_some(language)
}

/// The title in `/wiki/TITLE` or `/w/index.php?title=TITLE`.
fn title(url: &Url) -> Option<String> {
    if let Some(title) = url.path().strip_prefix("/wiki/") {
        return percent_decoded(title);
    }
    url.query_pairs().find(|(name, _)| name == "title").map(|(_, title)| title.into_owned())
}

fn percent_decoded(path: &str) -> Option<String> {
    // A form's decoder reads a plus as a blank, which it is not in a path.
    let path = format!("title={}", path.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(path.as_bytes()).next().map(|(_, title)| title.into_owned())
}

#[derive(Deserialize)]
struct Answer {
    error: Option<Refusal>,
    query: Option<Query>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    /// Pages that do not exist, and those that no wiki keeps, have none.
    pageid: Option<u64>,
    title: Option<String>,
    #[serde(default)]
    missing: bool,
}

fn read_page(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let answer: Answer = decode(reply)?;
    if let Some(refusal) = answer.error {
        // A refusal is a 200, too.
        let until = Limits::read(&reply.headers, reply.at).retry;
        return Err(match refusal.code.as_str() {
            "ratelimited" => Trouble::RateLimited { until },
            "maxlag" | "readonly" => Trouble::Server { status: 503, until },
            _ => Trouble::malformed("the wiki refuses the question"),
        });
    }
    let page = answer.query.and_then(|query| query.pages.into_iter().next()).filter(|page| !page.missing);
    let Some((id, title)) = page.and_then(|page| page.pageid.zip(page.title)) else {
        return Err(progress.missing());
    };
    let language = progress.account().handle.split_once(':').map_or("en", |(language, _)| language);
    let project = format!("{language}.wikipedia");
    let handle = format!("{language}:{}", text::clean(&title));
    let stable = format!("{language}:{id}");
    let known = progress.account().stable.as_ref().is_none_or(|known| *known == stable);
    if known {
        progress.rename(&handle);
    } else {
        // Its title leads to another article now.
        let from = std::mem::replace(&mut progress.seen.account.handle, handle.clone());
        progress.seen.notices.push(Notice::Moved { from, to: handle });
    }
    progress.seen.account.stable = Some(stable);
    progress.seen.profile.name = super::name(Some(&title));
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(views(progress, &project, &title)))
}

fn views(progress: &Progress, project: &str, title: &str) -> Request {
    let (first, last) = weeks::asked(progress.now, LATE);
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let url = endpoint(
        &progress.api,
        &[
            "api",
            "rest_v1",
            "metrics",
            "pageviews",
            "per-article",
            project,
            "all-access",
            "user",
            &title.replace(' ', "_"),
            "daily",
            &day(first),
            &day(last),
        ],
    );
    Request::json(url, Stage::Posts)
}

#[derive(Deserialize)]
struct Views {
    items: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    /// `2026110100`
    timestamp: String,
    views: Option<u64>,
}

fn read_views(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    progress.seen.complete = true;
    if reply.status == 404 && !reply.is_page() {
        // No day in these weeks has a number: a new article, or one that nobody read.
        return Ok(progress.done());
    }
    if !reply.ok() {
        return Err(refusal(reply));
    }
    let views: Views = decode(reply)?;
    let mut days = weeks::ByDay::new();
    for day in views.items {
        let date = day.timestamp.get(..8).and_then(|date| NaiveDate::parse_from_str(date, "%Y%m%d").ok());
        if let Some((date, views)) = date.zip(day.views) {
            let sum = days.entry(date).or_default();
            *sum = u64::saturating_add(*sum, views);
        }
    }
    progress.weeks(&days, LATE);
    Ok(progress.done())
}
