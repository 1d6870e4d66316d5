//! What Facebook, Instagram and Threads have in common: the Graph API's errors, its word on how busy it is, its pages.
//!
//! Tokens are the user's own and end: a Page's with the rights behind it, those of Instagram and Threads after 60 days.

use super::{Progress, Typed, decode, endpoint};
use crate::exchange::{Headers, Reply, Request, Stage};
use crate::model::{ItemId, Time, Trouble};
use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use url::Url;

/// From here on, in percent, nothing more is asked than is needed.
const BUSY: f64 = 80.0;

/// A question with the key of a network.
pub(super) fn get(
    api: &Url,
    key: &str,
    segments: &[&str],
    parameters: &[(&str, &str)],
    stage: Stage,
) -> Request {
    let mut url = endpoint(api, segments);
    url.query_pairs_mut().extend_pairs(parameters);
    Request::json(url, stage).with_key(key)
}

#[derive(Deserialize)]
struct Envelope {
    error: Failure,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
    code: i64,
    error_subcode: Option<i64>,
}

/// The body, or what its error means: errors come with any status.
pub(super) fn read<T: DeserializeOwned>(progress: &Progress, reply: &Reply) -> Result<T, Trouble> {
    if let Ok(Envelope { error }) = reply.json() {
        return Err(error.trouble(progress, reply));
    }
    decode(reply).map_err(|trouble| match trouble {
        Trouble::NotFound => progress.missing(),
        other => other,
    })
}

impl Failure {
    fn trouble(&self, progress: &Progress, reply: &Reply) -> Trouble {
        let refused = || if reply.keyed { Trouble::Unauthorized } else { Trouble::KeyNeeded };
        match (self.code, self.error_subcode) {
            // A token that has ended, was taken back, or was never there (102, 104, 190, 2500); rights that it, or the
            // app it was made with, does not have.
            (102 | 104 | 190 | 2_500 | 3 | 10 | 200..=299, _) => refused(),
            (100, subcode) if subcode != Some(33) && self.wants_rights() => refused(),
            // No such object, or none that the token may see.
            (100, Some(33)) | (110 | 803, _) => progress.missing(),
            (4 | 17 | 32 | 341 | 613 | 80_000..=80_014, _) => {
                Trouble::RateLimited { until: regained(&reply.headers, reply.at) }
            }
            // What was asked does not exist at this kind of account.
            (100, _) if reply.stage == Stage::Profile => progress.missing(),
            (100, _) => {
                Trouble::malformed(format!("the server does not know what was asked (error {})", self.code))
            }
            _ => Trouble::Server { status: reply.status.max(400), until: None },
        }
    }

    /// The code is the one of a wrong question; only the words tell.
    fn wants_rights(&self) -> bool {
        ["permission", "app secret proof", "access token"].iter().any(|words| self.message.contains(words))
    }
}

/// Parts of an allowance that are used up, in percent.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Usage {
    call_count: f64,
    total_time: f64,
    total_cputime: f64,
    /// In minutes.
    estimated_time_to_regain_access: f64,
}

fn usages(headers: &Headers) -> Vec<Usage> {
    let text = |name| headers.get(name).unwrap_or_default();
    let app: Option<Usage> = serde_json::from_str(text("x-app-usage")).ok();
    let cases: HashMap<String, Vec<Usage>> =
        serde_json::from_str(text("x-business-use-case-usage")).unwrap_or_default();
    app.into_iter().chain(cases.into_values().flatten()).collect()
}

/// Whether little is left of what may be asked.
pub(super) fn is_busy(headers: &Headers) -> bool {
    let used = |usage: &Usage| usage.call_count.max(usage.total_time).max(usage.total_cputime);
    usages(headers).iter().any(|usage| used(usage) >= BUSY)
}

/// When it may be asked again, where that is told.
fn regained(headers: &Headers, now: Time) -> Option<Time> {
    let minutes =
        usages(headers).iter().map(|usage| usage.estimated_time_to_regain_access).fold(0.0, f64::max);
    let seconds = (minutes > 0.0).then_some(minutes.min(60.0 * 24.0) * 60.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "a day at most")]
    now.checked_add_signed(TimeDelta::seconds(seconds as i64))
}

/// One page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl<T> Page<T> {
    /// Where the next page begins. The address that comes with it holds the token, so it is not used.
    pub(super) fn after(&self) -> Option<&str> {
        let paging = self.paging.as_ref()?;
        paging.next.as_ref()?;
        let after = paging.cursors.as_ref()?.after.as_deref()?;
        // It may become part of an expression.
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'=' | b'.' | b'~');
        (!after.is_empty() && after.len() <= 500 && after.bytes().all(plain)).then_some(after)
    }
}

/// Known items that this poll has not seen: so many of them, others at every poll.
pub(super) fn others(progress: &Progress, count: usize) -> Vec<ItemId> {
    let horizon = progress.horizon();
    let others: Vec<&ItemId> = progress
        .unseen()
        .into_iter()
        .filter(|(_, item)| item.published >= horizon)
        .map(|(id, _)| id)
        .collect();
    in_turn(&others, progress.known.polls, count).into_iter().cloned().collect()
}

/// So many of a list, others at every poll.
pub(super) fn in_turn<T: Copy>(list: &[T], polls: u64, count: usize) -> Vec<T> {
    if list.len() <= count {
        return list.to_vec();
    }
    let start = usize::try_from(polls).unwrap_or(0).wrapping_mul(count) % list.len();
    list.iter().copied().cycle().skip(start).take(count).collect()
}

/// Whether this can be a name on these networks.
pub(super) fn is_name(name: &str, longest: usize) -> bool {
    (1..=longest).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'))
}

/// The bare name that was typed: with a dot in it, it reads like a host.
pub(super) fn bare<'t>(typed: &Typed<'t>) -> Option<&'t str> {
    (typed.named && !typed.text.contains(['/', ':'])).then(|| typed.text.trim_start_matches('@'))
}

/// The first parts of an address on one of these hosts, or below them.
pub(super) fn path_on<'u>(url: &'u Url, hosts: &[&str]) -> Option<Vec<&'u str>> {
    let host = url.host_str()?;
    let there = hosts.iter().any(|known| host == *known || host.ends_with(&format!(".{known}")));
    there.then(|| url.path().split('/').filter(|part| !part.is_empty()).take(4).collect())
}
