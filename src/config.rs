//! The user's configuration: people and their channels, networks, hosts, constants, screen, alerts.
//!
//! TOML. Unknown keys are refused with their line and the nearest name, and every mistake is reported at
//! once. Edits keep comments. A full default is never written to the user's disk.

mod alerts;
mod check;
mod custom;
mod edit;
mod glass;
mod keys;
mod paths;
mod read;
mod screen;
mod setting;
mod symbol;

pub use crate::model::is_symbol;
pub use edit::{Change, NewPerson, RuleText, Wrong, add, add_pages, edit, edited, remove};
pub use keys::{BadKeys, BadName, Found, KeyName, Keys, Purpose, Source, forget, keep};
pub use paths::Paths;
pub use read::{Mistake, duration, spelled};
pub use screen::{Ascii, Color, Marker, Screen};
pub use setting::{Kind, Setting};
pub use symbol::propose_symbol;

use crate::alerts::Alerts;
use crate::channels::{self, Definition};
use crate::keys::Keymap;
use crate::model::{Account, Money, Network};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The commented sample shown by `cloutop config default`.
pub const SAMPLE: &str = include_str!("../assets/config.toml");

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    pub people: Vec<Person>,
    /// By network id.
    pub networks: BTreeMap<String, NetworkConfig>,
    /// `[custom.NAME]`: channels that the user describes, by name.
    pub custom: BTreeMap<String, Arc<Definition>>,
    /// Hosts beside this machine that may be read without encryption.
    pub allow_http: Vec<String>,
    /// Changes to the score's constants, in the shape of `assets/constants.toml`.
    pub constants: toml::Table,
    pub screen: Screen,
    pub alerts: Alerts,
    /// `[layout]`: from which sizes on a screen shows more.
    pub breaks: Breaks,
    /// `[keys]`: the user's own.
    pub keymap: Keymap,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Two to five capitals or digits, unique.
    pub symbol: String,
    pub name: String,
    pub group: Option<String>,
    /// Whether this is the user.
    pub mine: bool,
    pub channels: Vec<Account>,
    /// Pages on other people's sites that count as items of the person's feed.
    pub elsewhere: Vec<Url>,
}

impl Person {
    /// The channel whose items the pages elsewhere are.
    pub fn takes_pages(&self) -> Option<&Account> {
        self.channels.iter().find(|account| channels::takes_pages(account))
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkConfig {
    /// Another address of the API, for self-hosters and tests.
    pub api: Option<Url>,
    pub interval: Option<TimeDelta>,
    /// Bluesky: the server on which the user's own account signs in.
    pub pds: Option<Url>,
    /// Bluesky: another stream of what is posted.
    pub jetstream: Option<Url>,
    /// Whether it is asked at all. Left out, it is, unless the network wants to be switched on.
    pub on: Option<bool>,
    /// What may be spent in a calendar month (UTC), on a network that costs money.
    pub monthly_cap: Option<Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark, unless the terminal says that its background is light.
    #[default]
    Auto,
    Dark,
    Light,
    /// Blue and orange, for every kind of colour blindness; dark or light as the terminal is.
    Cvd,
    CvdDark,
    CvdLight,
    /// The terminal's own sixteen colours.
    Terminal,
    Mono,
}

impl Theme {
    pub const ALL: [(&'static str, Self); 8] = [
        ("auto", Self::Auto),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("cvd", Self::Cvd),
        ("cvd-dark", Self::CvdDark),
        ("cvd-light", Self::CvdLight),
        ("terminal", Self::Terminal),
        ("mono", Self::Mono),
    ];

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, theme)| theme)
    }
}

/// The colour of a rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Up {
    #[default]
    Green,
    Red,
}

impl Up {
    pub const ALL: [(&'static str, Self); 2] = [("green", Self::Green), ("red", Self::Red)];
}

/// The least columns and rows of every class but the smallest; `[layout]` in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaks {
    /// For the width classes from slim to wide.
    pub columns: [u16; 5],
    /// For the height classes from rows to tall.
    pub rows: [u16; 5],
}

impl Default for Breaks {
    fn default() -> Self {
        Self { columns: [20, 40, 60, 80, 110], rows: [3, 6, 12, 24, 34] }
    }
}

/// Networks that are not asked, by id, each with why and what to do about it.
pub type Off = BTreeMap<&'static str, String>;

/// Why there is no configuration to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("cannot write {}: {error}", path.display())]
    Unwritable { path: PathBuf, error: std::io::Error },
    #[error("{}: {what}; nothing was changed", path.display())]
    Refused { path: PathBuf, what: String },
    #[error("{}", list(path, mistakes))]
    Mistakes { path: PathBuf, mistakes: Vec<Mistake> },
}

fn list(path: &Path, mistakes: &[Mistake]) -> String {
    let mut out = format!(
        "{} has {} mistake{}; nothing was changed:",
        path.display(),
        mistakes.len(),
        if mistakes.len() == 1 { "" } else { "s" }
    );
    for mistake in mistakes {
        let _ = write!(out, "\n  line {}: {}", mistake.line, mistake.what);
    }
    out
}

/// A configuration is written by hand: what is larger, or no file, is something else.
const LARGEST: u64 = 4_000_000;

fn read_bounded(path: &Path) -> std::io::Result<String> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(std::io::Error::other("it is no file of a configuration's size"));
    }
    std::fs::read_to_string(path)
}

impl Config {
    /// Reads a configuration. A file that is not there is an empty one.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        match read_bounded(path) {
            Ok(text) => Self::parse(&text)
                .map_err(|mistakes| ConfigError::Mistakes { path: path.to_owned(), mistakes }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError::Unreadable { path: path.to_owned(), error }),
        }
    }

    /// Reads a configuration from text, or lists everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        check::parse(text)
    }

    pub fn allows_http(&self, host: &str) -> bool {
        self.allow_http.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    pub fn network(&self, id: &str) -> NetworkConfig {
        self.networks.get(id).cloned().unwrap_or_default()
    }

    /// Networks that are not asked, each with why, and what to write where it is to be asked.
    pub fn off(&self) -> Off {
        channels::networks().filter_map(|network| Some((network.id(), self.why_off(network)?))).collect()
    }

    fn why_off(&self, network: Network) -> Option<String> {
        let (id, name) = (network.id(), network.name());
        let entry = self.networks.get(id);
        let on = entry.and_then(|entry| entry.on);
        let capped = entry.is_some_and(|entry| entry.monthly_cap.is_some());
        let cap =
            if network.0.price.is_some() && !capped { " and monthly_cap = 5.00, in US dollars" } else { "" };
        match (on, network.0.opt_in) {
            (Some(false), _) => Some(format!("{name} is switched off: [networks.{id}] has on = false")),
            (None, Some(why)) => Some(format!(
                "{name} is off until you switch it on: {why}; write on = true{cap} under [networks.{id}] in \
                 the configuration"
            )),
            _ if !cap.is_empty() => Some(format!(
                "{name} costs money and has no cap; write monthly_cap = 5.00, in US dollars, under [networks.{id}] in \
                 the configuration"
            )),
            _ => None,
        }
    }
}
