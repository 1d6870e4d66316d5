use super::{Figure, Money};
use std::fmt;
use std::hash::{Hash, Hasher};

/// What the program needs to know about a network to name it, count on it and pace itself.
///
/// Each channel's file owns one; [`crate::channels::all`] is the list.
#[derive(Debug)]
pub struct NetworkSpec {
    /// The one spelling used in the config, in JSON and in `network:handle`.
    pub id: &'static str,
    /// Two to four capitals, used on the screen only.
    pub code: &'static str,
    pub name: &'static str,
    /// Other spellings accepted from people.
    pub also: &'static [&'static str],
    pub words: Words,
    /// The audience number is the weighted sum of these figures.
    pub audience: &'static [(Figure, f64)],
    pub pace: Pace,
    pub key: KeyNeed,
    /// Why nothing is asked until the user switches the network on, where that is so.
    pub opt_in: Option<&'static str>,
    /// What reading costs the user, where it costs money: nothing is asked there without a cap for the month.
    pub price: Option<Price>,
    /// Counted beside the score, never in it: visits, not engagement.
    pub outcome: bool,
    /// Hosts whose pages are this network's and nobody else's, with or without `www.` and `m.`; one that begins with
    /// a dot stands for all below it. No blog is looked for there, and no server of another network.
    pub sites: &'static [&'static str],
    /// What an address looks like, for somebody who wrote another one.
    pub hint: &'static str,
    pub facts: Facts,
    /// Base address of the public API; `None` where every account lives on a host of its own.
    pub api: Option<&'static str>,
}

/// Whether a network is read with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNeed {
    /// There is none to be had.
    No,
    /// It works without; a key raises limits or shows more. How to get one.
    Useful(&'static str),
    /// Nothing is read without. How to get one.
    Needed(&'static str),
}

/// What a user of a network should know, in sentences without a full stop: the page of the network is made of them.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// What one poll asks, a line per kind of question.
    pub reads: &'static [&'static str],
    /// Requests of one poll.
    pub cost: &'static str,
    /// How often the server lets itself be asked, and what it says when that was too often.
    pub limits: &'static str,
    /// What cannot be known.
    pub unknown: &'static [&'static str],
}

/// The price of reading where every account and item that an answer holds is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    pub account: Money,
    pub item: Money,
    /// Items that one poll reads at most, the first one included.
    pub items: u32,
}

impl Price {
    /// The most that one poll can cost.
    pub fn poll(&self) -> Money {
        self.account.plus(self.item.times(self.items.into()))
    }
}

/// How a network calls one kind of engagement.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    pub one: &'static str,
    pub many: &'static str,
    /// Column heading of exactly four characters.
    pub head: &'static str,
}

impl Word {
    pub const fn new(one: &'static str, many: &'static str, head: &'static str) -> Self {
        Self { one, many, head }
    }
}

/// The network's own words; `None` where the network has no such thing.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub like: Option<Word>,
    pub reshare: Option<Word>,
    pub reply: Option<Word>,
    pub quote: Option<Word>,
    pub view: Option<Word>,
    /// What the audience number counts, e.g. `followers`.
    pub audience: Option<&'static str>,
}

/// Minutes between polls of one account. The floor cannot be undercut by configuration.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub interval: u32,
    pub floor: u32,
    /// The same with a key, where a key raises the limit.
    pub keyed: Option<(u32, u32)>,
}

impl Pace {
    pub const fn new(interval: u32, floor: u32) -> Self {
        Self { interval, floor, keyed: None }
    }

    /// (interval, floor) in minutes.
    pub fn minutes(&self, has_key: bool) -> (u32, u32) {
        match self.keyed {
            Some(keyed) if has_key => keyed,
            _ => (self.interval, self.floor),
        }
    }
}

/// One of the networks the program can read. Equal, ordered and hashed by id.
#[derive(Clone, Copy)]
pub struct Network(pub &'static NetworkSpec);

impl Network {
    pub fn id(self) -> &'static str {
        self.0.id
    }

    pub fn code(self) -> &'static str {
        self.0.code
    }

    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub fn words(self) -> &'static Words {
        &self.0.words
    }

    /// Whether a host is one of the network's own sites.
    pub fn is_at(self, host: &str) -> bool {
        let bare = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(host);
        self.0
            .sites
            .iter()
            .any(|site| if site.starts_with('.') { host.ends_with(site) } else { bare == *site })
    }

    /// Whether `word` is one of the accepted spellings.
    pub fn answers_to(self, word: &str) -> bool {
        self.0.id.eq_ignore_ascii_case(word) || self.0.also.iter().any(|also| also.eq_ignore_ascii_case(word))
    }
}

impl PartialEq for Network {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Network {}

impl Hash for Network {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
