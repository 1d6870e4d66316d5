//! A ledger as a file: `cloutop/ledger/1`, for anybody's what-if.

use super::{Evidence, Side, Weighed};
use crate::model::Time;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

const SCHEMA: &str = "cloutop/ledger/1";

/// Why a ledger is refused; names the row where it is one row's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadLedger(String);

#[derive(Deserialize)]
struct File {
    schema: String,
    channels: Vec<FileChannel>,
}

#[derive(Deserialize)]
struct FileChannel {
    channel: String,
    rho: f64,
    phi: Option<f64>,
    audience: Option<f64>,
    rows: Vec<FileRow>,
}

#[derive(Deserialize)]
struct FileRow {
    item: String,
    at: String,
    x: f64,
}

/// Numbers of items, the same in every ledger that is read with them.
#[derive(Debug, Default)]
pub struct Items {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Items {
    fn number(&mut self, name: String) -> u32 {
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
        })
    }

    pub fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", String::as_str)
    }
}

/// A ledger that was read and checked.
#[derive(Debug)]
pub struct Document {
    channels: Vec<Channel>,
}

#[derive(Debug)]
struct Channel {
    name: String,
    phi: Option<f64>,
    audience: Option<f64>,
    rows: Vec<Weighed>,
}

impl Document {
    /// Reads a ledger as it is at `at`: rows later than that are refused.
    pub fn parse(text: &str, at: Time, items: &mut Items) -> Result<Self, BadLedger> {
        let file: File =
            serde_json::from_str(text).map_err(|error| BadLedger(format!("no ledger: {error}")))?;
        if file.schema != SCHEMA {
            return Err(BadLedger(format!("the schema is \"{}\", not \"{SCHEMA}\"", file.schema)));
        }
        let mut names = HashSet::new();
        let mut channels = Vec::new();
        for channel in file.channels {
            let name = channel.channel;
            let bad = |what: String| BadLedger(format!("channel \"{name}\": {what}"));
            if !names.insert(name.clone()) {
                return Err(bad("it is there twice".to_owned()));
            }
            let positive = |what: &str, value: f64| {
                if value > 0.0 { Ok(()) } else { Err(bad(format!("{what} must be above 0, not {value}"))) }
            };
            positive("rho", channel.rho)?;
            channel.phi.map_or(Ok(()), |phi| positive("phi", phi))?;
            if let Some(audience) = channel.audience.filter(|audience| *audience < 0.0) {
                return Err(bad(format!("the audience must not be below 0, not {audience}")));
            }
            let mut rows = Vec::new();
            let mut seen = HashSet::new();
            for (place, row) in channel.rows.into_iter().enumerate() {
                let row_at = format!("row {} (item \"{}\", at {})", place + 1, row.item, row.at);
                let wrong = |what: &str| bad(format!("{row_at}: {what}"));
                let when = chrono::DateTime::parse_from_rfc3339(&row.at)
                    .map_err(|_not_a_time| wrong("at is written like 2026-01-09T00:00:00Z"))?
                    .to_utc();
                if when > at {
                    return Err(wrong("it lies after the instant asked about"));
                }
                if row.x < 0.0 || !row.x.is_finite() {
                    return Err(wrong(&format!("x must be 0 or more, not {}", row.x)));
                }
                if !seen.insert((row.item.clone(), when)) {
                    return Err(wrong("the same item and instant are there twice"));
                }
                let item = items.number(row.item);
                rows.push(Weighed { at: when.timestamp_millis(), item, x: row.x });
            }
            rows.sort_by_key(|row| (row.at, row.item));
            channels.push(Channel { name, phi: channel.phi, audience: channel.audience, rows });
        }
        Ok(Self { channels })
    }

    /// Refuses a later ledger that has forgotten something: evidence is never taken back.
    pub fn check_later(&self, later: &Self, items: &Items) -> Result<(), BadLedger> {
        for channel in &self.channels {
            let Some(other) = later.channels.iter().find(|other| other.name == channel.name) else {
                continue;
            };
            let after: HashMap<(i64, u32), f64> =
                other.rows.iter().map(|row| ((row.at, row.item), row.x)).collect();
            for row in &channel.rows {
                let (name, item) = (&channel.name, items.name(row.item));
                match after.get(&(row.at, row.item)) {
                    None => {
                        let what =
                            format!("channel \"{name}\": the later ledger lacks a row of item \"{item}\"");
                        return Err(BadLedger(what));
                    }
                    Some(x) if *x < row.x => {
                        return Err(BadLedger(format!(
                            "channel \"{name}\": x of item \"{item}\" falls from {} to {x}",
                            row.x
                        )));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The channels in the order of the file.
    pub fn sides(&self) -> Vec<Side<'_>> {
        self.channels
            .iter()
            .map(|channel| Side {
                channel: &channel.name,
                evidence: Evidence {
                    rows: &channel.rows,
                    audience: channel.audience,
                    phi: channel.phi,
                    assumed: None,
                },
            })
            .collect()
    }
}
