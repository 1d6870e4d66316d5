#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! The tables in the folders of saved replies: `tests/replies/<network>/cases.toml`.

use crate::script::{Line, status, words};
use cloutop::channels::{self, Channel, Definition, Known, KnownItem, Memory};
use cloutop::config::Config;
use cloutop::model::{Account, Counts, ItemId, Metric, Time};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The user's configuration in all cases.
    #[serde(default)]
    pub config: String,
    pub case: Vec<Case>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub what: String,
    /// The address as somebody types it.
    pub add: String,
    /// The user has a key.
    #[serde(default)]
    pub key: bool,
    /// Good polls so far.
    #[serde(default)]
    pub polls: u64,
    /// The instant of the first good poll.
    pub since: Option<Time>,
    pub stable: Option<String>,
    pub native: Option<String>,
    #[serde(default)]
    pub known: Vec<KnownRow>,
    #[serde(default)]
    pub known_acts: Vec<String>,
    pub answers: Vec<AnswerRow>,
    /// What is expected.
    #[serde(default)]
    pub expect: Expect,
    /// Channels that the configuration describes.
    #[serde(skip)]
    pub custom: BTreeMap<String, Arc<Definition>>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct KnownRow {
    pub id: String,
    pub published: Time,
    #[serde(default)]
    pub gone: bool,
    pub likes: Option<u64>,
    pub reshares: Option<u64>,
    pub replies: Option<u64>,
    pub quotes: Option<u64>,
    pub views: Option<u64>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct AnswerRow {
    /// A part of the address, or of the body, of what is asked.
    pub to: String,
    #[serde(default = "fine")]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub file: Option<String>,
    pub body: Option<String>,
}

pub fn fine() -> u16 {
    200
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Each is a part of one question; all questions, in order.
    pub asks: Option<Vec<String>>,
    pub address: Option<String>,
    pub stable: Option<String>,
    pub native: Option<String>,
    pub name: Option<String>,
    pub url: Option<String>,
    /// `followers 12`
    pub figures: Option<Vec<String>>,
    /// `claimed https://ada.example`
    pub links: Option<Vec<String>>,
    pub complete: Option<bool>,
    /// `ID | KIND | TIME | likes 1, replies 2 | TITLE`, in the order in which they were told; counters that are not
    /// known are left out.
    pub posts: Option<Vec<String>>,
    /// `ACT | METRIC | ITEM | own, or who did it | TIME or -`
    pub acts: Option<Vec<String>>,
    pub gone: Option<Vec<String>>,
    /// `renamed A to B`, `moved A to B`, `hidden`
    pub notices: Option<Vec<String>>,
    /// The reason of a gap.
    pub trouble: Option<String>,
    /// When the server lets itself be asked again.
    pub until: Option<Time>,
}

pub const COUNTERS: [(Metric, &str); 5] = [
    (Metric::Likes, "likes"),
    (Metric::Reshares, "reshares"),
    (Metric::Replies, "replies"),
    (Metric::Quotes, "quotes"),
    (Metric::Views, "views"),
];

pub fn folder(network: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "replies", network].iter().collect()
}

pub fn table(network: &str) -> Vec<Case> {
    let path = folder(network).join("cases.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut table: Table =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let config = Config::parse(&table.config).unwrap_or_else(|bad| panic!("{}: {bad:?}", path.display()));
    for case in &mut table.case {
        case.custom.clone_from(&config.custom);
    }
    table.case
}

impl Case {
    pub fn account(&self) -> Account {
        let mut account = channels::parse(&self.add, &|_| false)
            .unwrap_or_else(|bad| panic!("{}: {}: {bad}", self.what, self.add))
            .remove(0);
        if self.stable.is_some() {
            account.stable.clone_from(&self.stable);
        }
        if self.native.is_some() {
            account.native.clone_from(&self.native);
        }
        account
    }

    pub fn memory(&self) -> Memory {
        let items = self.known.iter().map(|row| {
            let values = [row.likes, row.reshares, row.replies, row.quotes, row.views];
            let mut counts = Counts::default();
            for ((metric, _), value) in COUNTERS.into_iter().zip(values) {
                counts.set(metric, value);
            }
            (ItemId::from(row.id.clone()), KnownItem { published: row.published, counts, gone: row.gone })
        });
        let known = Known {
            polls: self.polls,
            items: items.collect(),
            acts: self.known_acts.iter().cloned().collect(),
            since: self.since,
        };
        Memory { known, ..Memory::default() }
    }

    pub fn lines(&self, network: &str) -> Vec<Line> {
        self.answers
            .iter()
            .map(|answer| {
                let line = match (&answer.file, &answer.body) {
                    (Some(file), None) => status(answer.status, &answer.to, &format!("{network}/{file}")),
                    (None, Some(body)) => words(answer.status, &answer.to, body),
                    _ => panic!("{}: an answer has either a file or a body", self.what),
                };
                answer.headers.iter().fold(line, |line, (name, value)| line.header(name, value))
            })
            .collect()
    }
}

/// Networks with their tables.
pub fn tables() -> impl Iterator<Item = (&'static dyn Channel, Vec<Case>)> {
    let asked = channels::all().iter().filter(|channel| !channel.by_hand());
    asked.map(|channel| (*channel, table(channel.network().id())))
}

/// The first case that ends well.
pub fn good(network: &str, cases: &[Case]) -> Case {
    let good = cases.iter().find(|case| case.expect.trouble.is_none());
    good.unwrap_or_else(|| panic!("{network} has no case that ends well")).clone()
}
