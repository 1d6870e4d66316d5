use super::book::Taken;
use crate::model::{Account, Metric, Word};
use crate::store::{Result, Rows};
use crate::text;
use std::collections::BTreeMap;

/// Longest title quoted in a cause, in columns.
const TITLE: usize = 40;

/// What moved a score, in words: `9 stars on ada/tuikit`, `14 likes and 2 reposts on 3 posts`.
pub(super) fn words(rows: &Rows<'_>, account: &Account, taken: &Taken) -> Result<String> {
    let words = account.network.words();
    let word = |metric| match metric {
        Metric::Likes => words.like,
        Metric::Reshares => words.reshare,
        Metric::Replies => words.reply,
        Metric::Quotes => words.quote,
        Metric::Views => words.view,
    };
    let mut sums: BTreeMap<Metric, u64> = BTreeMap::new();
    let mut items: Vec<i64> = Vec::new();
    for &(item, metric, events) in &taken.credited {
        *sums.entry(metric).or_default() += events;
        if !items.contains(&item) {
            items.push(item);
        }
    }
    if sums.is_empty() {
        let audience = taken.audience.iter().find(|(_, change)| *change != 0);
        return Ok(match audience {
            Some((figure, change)) => format!("{change:+} {}", figure.word()),
            None => "recount".to_owned(),
        });
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
    let amount = |&(metric, events): &(Metric, u64)| {
        let word = word(metric).unwrap_or(Word::new("event", "events", "EVNT"));
        format!("{} {}", text::grouped(events), if events == 1 { word.one } else { word.many })
    };
    let amounts: Vec<_> = sums.iter().take(2).map(amount).collect();
    let place = match items.as_slice() {
        [item] => rows.item_title(*item)?.map(|title| short(&title)).unwrap_or_default(),
        several => format!("{} posts", several.len()),
    };
    let amounts = amounts.join(" and ");
    Ok(if place.is_empty() { amounts } else { format!("{amounts} on {place}") })
}

/// A repository's name without its description; the start of anything else.
fn short(title: &str) -> String {
    let name =
        title.split_once(": ").map(|(name, _)| name).filter(|name| name.contains('/') && !name.contains(' '));
    match name {
        Some(name) => text::cut(name, TITLE),
        None => format!("\"{}\"", text::cut(title, TITLE)),
    }
}
