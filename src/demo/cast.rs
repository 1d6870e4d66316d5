use crate::model::Time;
use chrono::TimeDelta;
use serde::Deserialize;

const SHIPPED: &str = include_str!("../../assets/demo.toml");

/// Who plays, and what is going to happen to them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub(super) people: Vec<Player>,
    pub(super) events: Vec<Event>,
    pub(super) texts: Texts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Player {
    pub(super) symbol: String,
    pub(super) name: String,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) mine: bool,
    /// Not on the board, but to be found by whoever adds somebody.
    #[serde(default)]
    pub(super) guest: bool,
    pub(super) goal: Option<Wish>,
    pub(super) accounts: Vec<Account>,
}

/// A goal of somebody who plays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) target: f64,
    /// Due so many days after the start.
    pub(super) days: i64,
    pub(super) hold_days: i64,
    pub(super) prize: String,
}

impl Player {
    /// The addresses of a player's accounts on these networks, as other profiles name them.
    pub(super) fn pages(&self, networks: &[&str]) -> Vec<String> {
        let known = self.accounts.iter().filter(|account| networks.contains(&account.network.as_str()));
        known.map(Account::page).collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) network: String,
    pub(super) handle: String,
    /// Items a day; on GitHub stars a day, on Plausible visits a day.
    pub(super) rate: f64,
    /// Events a typical item receives in the end.
    #[serde(default)]
    pub(super) size: f64,
    #[serde(default)]
    pub(super) stars: f64,
    #[serde(default)]
    pub(super) followers: f64,
    /// Followers a day.
    #[serde(default)]
    pub(super) growth: f64,
}

impl Account {
    /// Where people look at it.
    fn page(&self) -> String {
        let handle = self.handle.trim_start_matches('@');
        match (self.network.as_str(), handle.split_once('@')) {
            ("github", _) => format!("https://github.com/{handle}"),
            ("bluesky", _) => format!("https://bsky.app/profile/{handle}"),
            ("hackernews", _) => format!("https://news.ycombinator.com/user?id={handle}"),
            (_, Some((user, host))) => format!("https://{host}/@{user}"),
            _ => format!("https://{handle}/"),
        }
    }

    /// Whether a request's address is about this account.
    pub(super) fn meant_by(&self, address: &str) -> bool {
        let (name, host) = match self.handle.trim_start_matches('@').split_once('@') {
            Some((user, host)) => (user, host),
            None => (self.handle.as_str(), ""),
        };
        match self.network.as_str() {
            "feed" => address.starts_with(&format!("https://{}/", self.handle)),
            // The site stands in the question, not in the address.
            "plausible" => false,
            "hackernews" => {
                address.contains(&format!("/{name}.json")) || address.contains(&format!("author_{name}"))
            }
            _ => address.contains(host) && address.contains(name),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    pub(super) who: String,
    pub(super) network: String,
    pub(super) kind: EventKind,
    /// Days from the start of the demo.
    pub(super) day: f64,
    #[serde(default)]
    pub(super) days: f64,
    #[serde(default)]
    pub(super) size: f64,
    #[serde(default)]
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum EventKind {
    Post,
    Birthday,
    Quiet,
    Halt,
    Limit,
}

impl Event {
    /// From when to when.
    pub(super) fn span(&self, origin: Time) -> (Time, Time) {
        let from = origin + days(self.day);
        (from, from + days(self.days))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a few days")]
pub(super) fn days(days: f64) -> TimeDelta {
    TimeDelta::milliseconds((days * 86_400_000.0) as i64)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    pub(super) post: Vec<String>,
    pub(super) reply: Vec<String>,
    pub(super) story: Vec<String>,
    pub(super) article: Vec<String>,
    pub(super) repository: Vec<String>,
}

impl Cast {
    pub(super) fn shipped() -> Self {
        toml::from_str(SHIPPED).unwrap_or_else(|error| unreachable!("assets/demo.toml: {error}"))
    }

    /// A person's account on a network.
    pub(super) fn account(&self, who: &str, network: &str) -> Option<&Account> {
        let person = self.people.iter().find(|person| person.symbol == who)?;
        person.accounts.iter().find(|account| account.network == network)
    }

    /// The account with this handle on a network, and whose it is.
    pub(super) fn by_handle(&self, network: &str, handle: &str) -> Option<(&Player, &Account)> {
        self.people.iter().find_map(|person| {
            let account = person
                .accounts
                .iter()
                .find(|account| account.network == network && account.handle == handle)?;
            Some((person, account))
        })
    }

    /// Whether a host is one of the fediverse servers.
    pub(super) fn has_instance(&self, host: &str) -> bool {
        self.people
            .iter()
            .flat_map(|person| &person.accounts)
            .any(|account| account.network == "mastodon" && account.handle.ends_with(&format!("@{host}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_cast_is_whole() {
        let cast = Cast::shipped();
        assert_eq!(cast.people.iter().filter(|player| !player.guest).count(), 7);
        for event in cast.events.iter().filter(|event| event.network != "*") {
            assert!(cast.account(&event.who, &event.network).is_some(), "{} {}", event.who, event.network);
        }
    }
}
