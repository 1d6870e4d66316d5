use super::{Alert, BELL};
use crate::model::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Alerts that a place gets one by one; more at once come as a summary.
pub const SINGLY: usize = 3;

/// Lines of a summary; the others are counted.
const LINES: usize = 5;

/// One message for some places.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Names, each once.
    pub places: Vec<String>,
    pub alert: Alert,
    /// Alerts it stands for, at least 1: what the badge counts.
    pub count: usize,
}

/// An alert on its way to some places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) alert: Alert,
    pub(super) how: Vec<String>,
}

/// Why alerts come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Storm,
    /// Held back so as not to disturb.
    Held,
    /// From a time when the program was off.
    Missed,
}

impl Cause {
    fn words(self) -> &'static str {
        match self {
            Self::Storm => "at once",
            Self::Held => "held back during do not disturb",
            Self::Missed => "while cloutop was off",
        }
    }

    /// Alerts that need no summary.
    fn singly(self, place: &str) -> usize {
        if self == Self::Storm && place != BELL { SINGLY } else { 1 }
    }
}

/// Makes messages of alerts: each alert once for a place, and one summary for a place that would get too many.
/// Places that get the same share one message. Summaries are numbered, since two may be made at one instant.
pub(super) fn compose(told: &[Told], cause: Cause, now: Time, summaries: &mut u64) -> Vec<Delivery> {
    let mut lists: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    // Two rules may tell the same.
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut had: BTreeSet<(&str, usize)> = BTreeSet::new();
    for (number, told) in told.iter().enumerate() {
        let number = *first.entry(&told.alert.key).or_insert(number);
        for place in &told.how {
            if had.insert((place, number)) {
                lists.entry(place).or_default().push(number);
            }
        }
    }
    // One by one first, in the order of the alerts, then the summaries.
    let mut messages: BTreeMap<(bool, Vec<usize>), Vec<String>> = BTreeMap::new();
    for (place, list) in lists {
        if list.len() > cause.singly(place) {
            messages.entry((true, list)).or_default().push(place.to_owned());
        } else {
            for number in list {
                messages.entry((false, vec![number])).or_default().push(place.to_owned());
            }
        }
    }
    messages
        .into_iter()
        .filter_map(|((_, list), places)| {
            let alerts: Vec<&Alert> = list.iter().map(|&number| &told[number].alert).collect();
            let alert = match alerts.as_slice() {
                [] => return None,
                [only] => (*only).clone(),
                several => {
                    *summaries += 1;
                    summary(several, cause, now, *summaries)
                }
            };
            Some(Delivery { places, alert, count: alerts.len() })
        })
        .collect()
}

fn summary(alerts: &[&Alert], cause: Cause, now: Time, number: u64) -> Alert {
    let mut body: Vec<String> = alerts
        .iter()
        .take(LINES)
        .map(|alert| match alert.body.as_str() {
            "" => alert.title.clone(),
            body => format!("{}: {body}", alert.title),
        })
        .collect();
    if alerts.len() > LINES {
        body.push(format!("and {} more", alerts.len() - LINES));
    }
    let symbol = alerts.first().and_then(|alert| alert.symbol.clone());
    Alert {
        key: format!("summary:{number}"),
        at: now,
        kind: "summary".to_owned(),
        symbol: symbol.filter(|symbol| alerts.iter().all(|alert| alert.symbol.as_ref() == Some(symbol))),
        title: format!("{} alerts {}", alerts.len(), cause.words()),
        body: body.join("\n"),
        url: None,
        points: None,
    }
}

/// The bell rings once for all that is told at once: the first message keeps it.
pub(super) fn ring_once(deliveries: &mut Vec<Delivery>) {
    let mut rung = false;
    for delivery in &mut *deliveries {
        delivery.places.retain(|place| place != BELL || !std::mem::replace(&mut rung, true));
    }
    deliveries.retain(|delivery| !delivery.places.is_empty());
}
