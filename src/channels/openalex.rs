//! Researchers at OpenAlex, by their ORCID or by OpenAlex's own number: works, and how often each is cited.
//!
//! One poll: the author (a single lookup costs nothing), the newest works, and on later polls one page of older ones
//! in turn. Works are cited for decades, so all of them stand: citations that a work has at first sight are its
//! past, and each that is added later is engagement. Authors who turn out to be one person are merged: the old number
//! redirects to the new one.

use super::{Channel, FIRST_PAGES, Progress, Reach, Step, Typed, ask, decode, endpoint, name, refusal};
use crate::exchange::{Place, Reply, Request, Stage};
use crate::model::{
    Account, Counts, Facts, ItemId, KeyNeed, Metric, Network, NetworkSpec, Notice, Pace, Post, PostKind,
    Time, Trouble, Word, Words,
};
use crate::schedule::Limits;
use crate::text;
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use url::Url;

pub(super) static CHANNEL: OpenAlex = OpenAlex;

static SPEC: NetworkSpec = NetworkSpec {
    id: "openalex",
    code: "OA",
    name: "OpenAlex",
    also: &["orcid"],
    words: Words {
        like: None,
        reshare: Some(Word::new("citation", "citations", "CITE")),
        reply: None,
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(1_440, 360),
    key: KeyNeed::Useful(
        "a free account at openalex.org, Settings, API. Without one a few dozen requests a day are shared by the whole address",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["openalex.org", "orcid.org"],
    hint: "write an ORCID (0000-0002-1825-0097) or an author's number at OpenAlex (A5023888391)",
    facts: Facts {
        reads: &[
            "authors/ID: who it is; merged authors are followed",
            "works, newest first: title and citations of up to 1,000 on the first poll, of the newest 100 and of 100 older ones in turn later",
        ],
        cost: "2 or 3 requests, of which the first costs nothing and each other a hundredth of a cent of the day's allowance",
        limits: "1 dollar a day with a free key, that is 10,000 pages of works; 429 until midnight UTC when it is used up, 403 when it was too fast",
        unknown: &[
            "who cites, and whether it is the author: citations are what OpenAlex counts",
            "when a citation was made: it counts on the day when OpenAlex shows it, which may be weeks later",
            "citations that works had before you began: they are the past, not engagement",
            "how many people follow somebody: nobody does",
        ],
    },
    api: Some("https://api.openalex.org/"),
};

/// Works on a page; OpenAlex gives no more.
const PAGE: usize = 100;

pub(super) struct OpenAlex;

impl Channel for OpenAlex {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let id = match &typed.url {
            Some(url) => {
                let host = url.host_str()?;
                let host = host.strip_prefix("www.").unwrap_or(host);
                let id = url.path_segments()?.rfind(|part| !part.is_empty())?;
                match host {
                    "orcid.org" => orcid(id)?,
                    "openalex.org" | "api.openalex.org" => author(id).or_else(|| orcid(id))?,
                    _ => return None,
                }
            }
            // An ORCID holds its own check.
            None => match orcid(typed.text.trim()) {
                Some(id) => id,
                None if typed.named => author(typed.text.trim())?,
                None => return None,
            },
        };
        Some(Account::new(self.network(), id))
    }

    fn page(&self, account: &Account) -> Option<String> {
        let site = if orcid(&account.handle).is_some() { "orcid.org" } else { "openalex.org" };
        Some(format!("https://{site}/{}", account.handle))
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let id = match &account.stable {
            Some(id) => id.clone(),
            None if orcid(&account.handle).is_some() => format!("orcid:{}", account.handle),
            None => account.handle.clone(),
        };
        let mut request = get(progress, &["authors", &id], Stage::Profile);
        request.url.query_pairs_mut().append_pair("select", "id,display_name,orcid");
        request
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        if let Some(trouble) = troubled(progress, reply) {
            return Err(trouble);
        }
        match reply.stage {
            Stage::Posts | Stage::Older | Stage::Refresh => read_works(progress, reply),
            _ => read_author(progress, reply),
        }
    }
}

/// The ORCID, if its last character is the check of the others (ISO 7064, mod 11-2).
fn orcid(text: &str) -> Option<String> {
    let text = text.strip_prefix("orcid:").unwrap_or(text).to_ascii_uppercase();
    let shaped = text.len() == 19 && text.bytes().skip(4).step_by(5).all(|c| c == b'-');
    let signs: Vec<u8> = text.bytes().filter(|c| *c != b'-').collect();
    let (check, digits) = signs.split_last()?;
    if !shaped || signs.len() != 16 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum = digits.iter().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    let wanted = match (12 - sum) % 11 {
        10 => b'X',
        digit => b'0' + u8::try_from(digit).ok()?,
    };
    (*check == wanted).then_some(text)
}

/// `A5023888391`, alone or at the end of OpenAlex's address for it.
fn author(text: &str) -> Option<String> {
    number(text, 'A')
}

fn number(text: &str, kind: char) -> Option<String> {
    let id = text.rsplit('/').next()?.to_ascii_uppercase();
    let digits = id.strip_prefix(kind)?;
    ((4..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit())).then_some(id)
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    Request::json(endpoint(&progress.api, segments), stage).with_key_as("openalex", Place::Query("api_key"))
}

fn works(progress: &Progress, page: usize, stage: Stage) -> Request {
    let author = progress.account().stable.as_deref().unwrap_or_default();
    let mut request = get(progress, &["works"], stage);
    request
        .url
        .query_pairs_mut()
        .append_pair("filter", &format!("author.id:{author}"))
        .append_pair("sort", "publication_date:desc")
        .append_pair("per_page", &PAGE.to_string())
        .append_pair("page", &page.to_string())
        .append_pair("select", "id,title,publication_date,cited_by_count,doi");
    request
}

/// OpenAlex says "slow down" with 403 and "that was all for today" with 429.
fn troubled(progress: &Progress, reply: &Reply) -> Option<Trouble> {
    #[derive(Deserialize, Default)]
    struct Refusal {
        #[serde(default)]
        error: String,
        #[serde(default)]
        message: String,
    }
    if reply.ok() {
        return None;
    }
    let Refusal { error, message } = reply.json().unwrap_or_default();
    let words = format!("{error} {message}").to_lowercase();
    let about_key = words.contains("api key") || words.contains("api_key");
    let limits = Limits::read(&reply.headers, reply.at);
    Some(match reply.status {
        // A key that is refused may be called a bad request.
        400 | 403 if about_key => {
            if reply.keyed {
                Trouble::Unauthorized
            } else {
                Trouble::KeyNeeded
            }
        }
        403 if !reply.is_page() => {
            let reset = limits.reset.filter(|_| limits.remaining == Some(0));
            Trouble::RateLimited { until: limits.retry.or(reset) }
        }
        404 | 410 => progress.missing(),
        _ => refusal(reply),
    })
}

#[derive(Deserialize)]
struct Author {
    id: String,
    display_name: Option<String>,
}

fn read_author(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: Author = decode(reply)?;
    let Some(id) = author(&found.id) else {
        return Err(Trouble::malformed("an author without a number"));
    };
    if orcid(&progress.account().handle).is_none() {
        progress.rename(&id);
    } else if let Some(from) = progress.account().stable.clone().filter(|known| *known != id) {
        progress.seen.notices.push(Notice::Renamed { from, to: id.clone() });
    }
    progress.seen.account.stable = Some(id);
    progress.seen.profile.name = name(found.display_name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(works(progress, 1, Stage::Posts)))
}

#[derive(Deserialize)]
struct Listing {
    meta: Meta,
    results: Vec<Work>,
}

#[derive(Deserialize)]
struct Meta {
    /// Works in all.
    count: Option<u64>,
}

#[derive(Deserialize)]
struct Work {
    id: String,
    title: Option<String>,
    publication_date: Option<String>,
    cited_by_count: Option<u64>,
    doi: Option<String>,
}

fn read_works(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let listing: Listing = decode(reply)?;
    progress.pages += 1;
    let full = listing.results.len() >= PAGE;
    let dates: Vec<_> = listing.results.into_iter().filter_map(|work| add_work(progress, work)).collect();
    let pages = listing.meta.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0).div_ceil(PAGE);
    let pages = pages.min(FIRST_PAGES as usize);
    let read = progress.pages as usize;
    if reply.stage != Stage::Refresh {
        progress.seen.complete = !full;
    }
    // Works that OpenAlex has merged, dropped or given to somebody else.
    if let (Some(oldest), Some(newest)) = (dates.iter().min(), dates.iter().max()) {
        let from = if progress.seen.complete { Time::MIN_UTC } else { *oldest };
        let to = if reply.stage == Stage::Refresh { *newest } else { progress.now };
        let gone = progress.missing_between(from, to);
        progress.seen.gone.extend(gone);
    }
    if reply.stage == Stage::Refresh || !full {
        return Ok(progress.done());
    }
    if progress.known.polls == 0 {
        if read < pages {
            return Ok(ask(works(progress, read + 1, Stage::Older)));
        }
        return Ok(progress.done());
    }
    // Older works in turn, a page a poll.
    let older = pages.saturating_sub(1).max(1);
    let turn = usize::try_from(progress.known.polls).unwrap_or(0) % older;
    Ok(ask(works(progress, turn + 2, Stage::Refresh)))
}

/// Takes up a work, and says when it was published.
fn add_work(progress: &mut Progress, work: Work) -> Option<Time> {
    let id = number(&work.id, 'W')?;
    let date: NaiveDate = work.publication_date?.parse().ok()?;
    let published = date.and_time(NaiveTime::MIN).and_utc();
    let doi = work.doi.filter(|doi| Url::parse(doi).is_ok_and(|doi| doi.scheme() == "https"));
    progress.add(Post {
        kind: PostKind::Item,
        url: Some(doi.unwrap_or_else(|| format!("https://openalex.org/{id}"))),
        title: work.title.as_deref().map(text::from_html).unwrap_or_default(),
        published,
        counts: Counts::default().with(Metric::Reshares, work.cited_by_count),
        standing: true,
        id: ItemId(id),
    });
    Some(published)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orcid_is_checked_by_its_last_character() {
        for good in ["0000-0002-1825-0097", "0000-0002-1694-233X", "0000-0002-1694-233x"] {
            assert_eq!(orcid(good), Some(good.to_ascii_uppercase()), "{good}");
        }
        for bad in [
            "0000-0002-1825-0098",
            "0000-0002-1694-2330",
            "0000-0002-18250097",
            "00000-002-1825-0097",
            "0000-0002-1825-009é",
            "X000-0002-1825-0097",
            "",
        ] {
            assert_eq!(orcid(bad), None, "{bad}");
        }
    }
}
