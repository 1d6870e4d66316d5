//! What keys are called, and what they are for.

use super::{Keys, variable};
use crate::alerts::Alerts;
use crate::channels;
use crate::exchange::{KeyUse, Place};
use crate::model::{KeyNeed, Network};
use crate::text::nearest;
use std::fmt;

/// The name of a key, as the program asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName {
    pub name: String,
    pub purpose: Purpose,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Network(Network),
    /// One of a network's servers.
    Host(Network, String),
    /// What a place of `[alerts]` needs.
    Alerts {
        place: String,
        what: &'static str,
    },
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => f.write_str(network.name()),
            Self::Host(network, host) => write!(f, "{} on {host}", network.name()),
            Self::Alerts { place, what } => write!(f, "alerts to {place}: {what}"),
        }
    }
}

/// Why there is no such key. What was typed is not repeated: it may be the key itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("no network and no place of [alerts] is called that{}", nearby(nearest.as_deref()))]
    Unknown { nearest: Option<String> },
    #[error("{0} is read without a key; there is none to be had")]
    NotNeeded(&'static str),
    #[error("every server of {name} has keys of its own: write {id}@SERVER")]
    HostMissing { name: &'static str, id: &'static str },
    #[error("all of {name} is read with one key: write {id}")]
    OneForAll { name: &'static str, id: &'static str },
    #[error("behind the @ stands a host, as in {id}@social.example")]
    NoHost { id: &'static str },
}

fn nearby(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean \"{name}\"?"),
        None => "; `cloutop networks` lists the networks".to_owned(),
    }
}

impl KeyName {
    /// Reads a name as people type it: a network by any of its spellings, a network at a host, or what a place of
    /// the configuration needs.
    pub fn parse(typed: &str, alerts: &Alerts) -> Result<Self, BadName> {
        let typed = typed.trim();
        let wanted = variable(typed);
        let secrets = || {
            alerts
                .to
                .iter()
                .flat_map(|(place, kind)| kind.secrets(place).into_iter().map(move |secret| (place, secret)))
        };
        if let Some((place, secret)) = secrets().find(|(_, secret)| variable(&secret.name) == wanted) {
            let purpose = Purpose::Alerts { place: place.clone(), what: secret.what };
            return Ok(Self { name: secret.name, purpose });
        }
        let (word, host) = match typed.split_once('@') {
            Some((word, host)) => (word, Some(host.trim_start_matches("https://").trim_end_matches('/'))),
            None => (typed, None),
        };
        let Some(network) = channels::network(word) else {
            let places: Vec<String> = secrets().map(|(_, secret)| secret.name).collect();
            let keyed = channels::networks().filter(|network| network.0.key != KeyNeed::No);
            let known =
                keyed.flat_map(|network| [network.id()].into_iter().chain(network.0.also.iter().copied()));
            let near = nearest(word, known.chain(places.iter().map(String::as_str)));
            let host = host.map(|host| format!("@{}", host.to_lowercase())).unwrap_or_default();
            let near = near.map(|near| {
                if places.iter().any(|p| p == near) { near.to_owned() } else { format!("{near}{host}") }
            });
            return Err(BadName::Unknown { nearest: near });
        };
        Self::of(network, host)
    }

    fn of(network: Network, host: Option<&str>) -> Result<Self, BadName> {
        let (id, name) = (network.id(), network.name());
        if network.0.key == KeyNeed::No {
            return Err(BadName::NotNeeded(name));
        }
        let no_host = |host: &str| {
            host.is_empty()
                || host.contains(|c: char| c.is_whitespace() || c.is_control() || "@/\\=?#".contains(c))
        };
        if host.is_some_and(no_host) {
            return Err(BadName::NoHost { id });
        }
        match host {
            None if channels::has_keys_by_host(network) => Err(BadName::HostMissing { name, id }),
            None => Ok(Self { name: id.to_owned(), purpose: Purpose::Network(network) }),
            Some(host) if !channels::has_key_of_host(network, host) => Err(BadName::OneForAll { name, id }),
            Some(host) => {
                let host = host.to_lowercase();
                Ok(Self { name: format!("{id}@{host}"), purpose: Purpose::Host(network, host) })
            }
        }
    }

    /// Whether the key is a name and a secret with a colon between them.
    pub fn is_pair(&self) -> bool {
        let used = match &self.purpose {
            Purpose::Network(network) => channels::first_key(*network, None),
            Purpose::Host(network, host) => channels::first_key(*network, Some(host)),
            Purpose::Alerts { .. } => None,
        };
        used.is_some_and(|KeyUse { place, .. }| matches!(place, Place::Grant(_)))
    }

    /// How to get one.
    pub fn how(&self) -> Option<&'static str> {
        let (Purpose::Network(network) | Purpose::Host(network, _)) = &self.purpose else { return None };
        match network.0.key {
            KeyNeed::No => None,
            KeyNeed::Useful(how) | KeyNeed::Needed(how) => Some(how),
        }
    }

    /// The environment's variable for it.
    pub fn variable(&self) -> String {
        Keys::variable(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn alerts() -> Alerts {
        let text = "[alerts.to.Phone]\nntfy = \"https://ntfy.example\"\n[alerts.to.team]\nslack = true\n";
        Config::parse(text).unwrap().alerts
    }

    fn named(typed: &str) -> Result<(String, String), String> {
        let name = KeyName::parse(typed, &alerts()).map_err(|bad| bad.to_string())?;
        Ok((name.name, name.purpose.to_string()))
    }

    #[test]
    fn names_are_read_by_any_spelling() {
        for (typed, name, purpose) in [
            ("github", "github", "GitHub"),
            (" GH ", "github", "GitHub"),
            ("fedi@GTS.example", "mastodon@gts.example", "Mastodon on gts.example"),
            ("mastodon@https://gts.example/", "mastodon@gts.example", "Mastodon on gts.example"),
            ("mastodon@localhost:8080", "mastodon@localhost:8080", "Mastodon on localhost:8080"),
            ("gitlab@git.example", "gitlab@git.example", "GitLab on git.example"),
            ("gitlab", "gitlab", "GitLab"),
            ("umami@stats.example", "umami@stats.example", "Umami on stats.example"),
            ("phone", "Phone", "alerts to Phone: the topic"),
            ("phone-token", "Phone-token", "alerts to Phone: the access token"),
            ("team", "team", "alerts to team: the address of the webhook"),
        ] {
            assert_eq!(named(typed), Ok((name.to_owned(), purpose.to_owned())), "{typed}");
        }
    }

    #[test]
    fn names_that_nothing_asks_for_are_refused() {
        for (typed, why) in [
            ("githb", "did you mean \"github\"?"),
            ("mastodn@gts.example", "did you mean \"mastodon@gts.example\"?"),
            ("phone-tokn", "did you mean \"Phone-token\"?"),
            (
                "ghp_0123456789abcdefghijklmnop",
                "no network and no place of [alerts] is called that; `cloutop networks`",
            ),
            ("hn", "Hacker News is read without a key"),
            ("mastodon", "write mastodon@SERVER"),
            ("mastodon@", "behind the @ stands a host"),
            ("mastodon@ada@gts.example", "behind the @ stands a host"),
            ("github@ghe.example", "all of GitHub is read with one key: write github"),
        ] {
            let told = named(typed).unwrap_err();
            assert!(told.contains(why), "{typed}: {told}");
            assert!(!told.contains("ghp_"), "{told}");
        }
    }

    #[test]
    fn a_channel_says_whether_its_key_is_a_pair() {
        for (typed, pair) in [
            ("twitch", true),
            ("reddit", true),
            ("umami@stats.example", true),
            ("umami", false),
            ("github", false),
            ("mastodon@gts.example", false),
            ("Phone", false),
        ] {
            assert_eq!(KeyName::parse(typed, &alerts()).unwrap().is_pair(), pair, "{typed}");
        }
    }

    /// Asking a channel for its key is a question like any other: it must be able to answer.
    #[test]
    fn every_network_says_which_key_it_takes() {
        for network in channels::networks() {
            for host in [None, Some("social.example")] {
                let used = channels::first_key(network, host);
                let id = used.as_ref().map(|used| used.name.split('@').next().unwrap_or_default().to_owned());
                assert!(id.is_none_or(|id| id == network.id()), "{network}: {used:?}");
            }
        }
    }
}
