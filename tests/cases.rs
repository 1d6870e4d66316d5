#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Every network by the table in its folder of saved replies: `tests/replies/<network>/cases.toml`.
//!
//! A case is one poll: what was known before, what the server answers, what is asked and what comes out. Whatever a
//! case does not name is not looked at. Beside their own cases all networks get what every server does one day:
//! pages instead of data, "too many", failures, and replies damaged in a hundred places.

#[path = "support/script.rs"]
mod script;

use cloutop::channels::{self, Channel, Known, KnownItem, Memory};
use cloutop::model::{
    Account, Actor, Counts, ItemId, KeyNeed, Metric, Notice, Observation, Outcome, Tie, Time,
};
use script::{Line, Script, play_as, status, words};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    /// The address as somebody types it.
    add: String,
    /// The user has a key.
    #[serde(default)]
    key: bool,
    /// Good polls so far.
    #[serde(default)]
    polls: u64,
    /// The instant of the first good poll.
    since: Option<Time>,
    stable: Option<String>,
    native: Option<String>,
    #[serde(default)]
    known: Vec<KnownRow>,
    #[serde(default)]
    known_acts: Vec<String>,
    answers: Vec<AnswerRow>,
    /// What is expected.
    #[serde(default)]
    expect: Expect,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct KnownRow {
    id: String,
    published: Time,
    #[serde(default)]
    gone: bool,
    likes: Option<u64>,
    reshares: Option<u64>,
    replies: Option<u64>,
    quotes: Option<u64>,
    views: Option<u64>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct AnswerRow {
    /// A part of the address, or of the body, of what is asked.
    to: String,
    #[serde(default = "fine")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    file: Option<String>,
    body: Option<String>,
}

fn fine() -> u16 {
    200
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Each is a part of one question; all questions, in order.
    asks: Option<Vec<String>>,
    address: Option<String>,
    stable: Option<String>,
    native: Option<String>,
    name: Option<String>,
    url: Option<String>,
    /// `followers 12`
    figures: Option<Vec<String>>,
    /// `claimed https://ada.example`
    links: Option<Vec<String>>,
    complete: Option<bool>,
    /// `ID | KIND | TIME | likes 1, replies 2 | TITLE`, in the order in which they were told; counters that are not
    /// known are left out.
    posts: Option<Vec<String>>,
    /// `ACT | METRIC | ITEM | own, or who did it | TIME or -`
    acts: Option<Vec<String>>,
    gone: Option<Vec<String>>,
    /// `renamed A to B`, `moved A to B`, `hidden`
    notices: Option<Vec<String>>,
    /// The reason of a gap.
    trouble: Option<String>,
    /// When the server lets itself be asked again.
    until: Option<Time>,
}

const COUNTERS: [(Metric, &str); 5] = [
    (Metric::Likes, "likes"),
    (Metric::Reshares, "reshares"),
    (Metric::Replies, "replies"),
    (Metric::Quotes, "quotes"),
    (Metric::Views, "views"),
];

fn word(metric: Metric) -> &'static str {
    COUNTERS.iter().find(|(known, _)| *known == metric).unwrap().1
}

fn iso(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn folder(network: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "replies", network].iter().collect()
}

fn table(network: &str) -> Vec<Case> {
    let path = folder(network).join("cases.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    table.case
}

impl Case {
    fn account(&self) -> Account {
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

    fn memory(&self) -> Memory {
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

    fn lines(&self, network: &str) -> Vec<Line> {
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

    fn play(&self, lines: Vec<Line>) -> script::Played {
        play_as(Script::new(lines, self.key), self.account(), self.memory())
    }
}

/// A case as it went, in the words of the table.
fn told(observation: &Observation) -> Expect {
    let posts = observation.posts.iter().map(|post| {
        let counts: Vec<_> = COUNTERS
            .iter()
            .filter_map(|(metric, word)| Some(format!("{word} {}", post.counts.get(*metric)?)))
            .collect();
        let standing = if post.standing { " standing" } else { "" };
        format!(
            "{} | {}{standing} | {} | {} | {}",
            post.id.0,
            post.kind.word(),
            iso(post.published),
            counts.join(", "),
            post.title
        )
    });
    let acts = observation.acts.iter().map(|act| {
        let actor = match &act.actor {
            Actor::Own => "own",
            Actor::Other(actor) => actor,
        };
        let at = act.at.map_or_else(|| "-".to_owned(), iso);
        format!("{} | {} | {} | {actor} | {at}", act.id, word(act.metric), act.item.0)
    });
    let notices = observation.notices.iter().map(|notice| match notice {
        Notice::Renamed { from, to } => format!("renamed {from} to {to}"),
        Notice::Moved { from, to } => format!("moved {from} to {to}"),
        Notice::Hidden => "hidden".to_owned(),
    });
    let links = observation.profile.links.iter().map(|link| {
        let tie = match link.tie {
            Tie::Claimed => "claimed",
            Tie::Verified => "verified",
            Tie::Domain => "domain",
        };
        format!("{tie} {}", link.url)
    });
    let figures =
        observation.profile.figures.iter().map(|(figure, value)| format!("{} {value}", figure.word()));
    Expect {
        asks: None,
        address: Some(observation.account.address()),
        stable: observation.account.stable.clone(),
        native: observation.account.native.clone(),
        name: observation.profile.name.clone(),
        url: observation.profile.url.clone(),
        figures: Some(figures.collect()),
        links: Some(links.collect()),
        complete: Some(observation.complete),
        posts: Some(posts.collect()),
        acts: Some(acts.collect()),
        gone: Some(observation.gone.iter().map(|id| id.0.clone()).collect()),
        notices: Some(notices.collect()),
        trouble: None,
        until: None,
    }
}

/// What a case expects and did not get.
fn judge(network: &str, case: &Case) -> Vec<String> {
    let played = case.play(case.lines(network));
    let expect = &case.expect;
    let mut wrong = Vec::new();
    let mut same = |field: &str, wanted: Option<String>, found: Option<String>| {
        if wanted.is_some() && wanted != found {
            let show = |text: Option<String>| text.unwrap_or_else(|| "nothing".to_owned());
            wrong.push(format!("  {field}\n    expected {}\n    came     {}", show(wanted), show(found)));
        }
    };
    let list = |lines: &Option<Vec<String>>| lines.as_ref().map(|lines| lines.join("\n             "));
    let fits = |wanted: &[String], asked: &[String]| {
        wanted.len() == asked.len()
            && wanted.iter().zip(asked).all(|(part, asked)| asked.contains(part.as_str()))
    };
    if let Some(wanted) = expect.asks.as_ref().filter(|wanted| !fits(wanted, &played.asked)) {
        same("asks", list(&Some(wanted.clone())), list(&Some(played.asked.clone())));
    }
    match &played.polled.outcome {
        Outcome::Observed(observation) => {
            let seen = told(observation);
            same("trouble", expect.trouble.clone(), None);
            same("address", expect.address.clone(), seen.address);
            same("stable", expect.stable.clone(), seen.stable);
            same("native", expect.native.clone(), seen.native);
            same("name", expect.name.clone(), seen.name);
            same("url", expect.url.clone(), seen.url);
            same("figures", list(&expect.figures), list(&seen.figures));
            same("links", list(&expect.links), list(&seen.links));
            same("complete", expect.complete.map(|c| c.to_string()), seen.complete.map(|c| c.to_string()));
            same("posts", list(&expect.posts), list(&seen.posts));
            same("acts", list(&expect.acts), list(&seen.acts));
            same("gone", list(&expect.gone), list(&seen.gone));
            same("notices", list(&expect.notices), list(&seen.notices));
        }
        Outcome::Gap(trouble) => {
            let reason = format!("{} ({trouble})", trouble.reason().word());
            let wanted = expect.trouble.clone().unwrap_or_else(|| "an observation".to_owned());
            if trouble.reason().word() != wanted {
                same("outcome", Some(wanted), Some(reason));
            }
            same("until", expect.until.map(iso), trouble.until().map(iso));
        }
    }
    wrong
}

/// Networks with their tables. Those that were there before the tables have tests of their own beside them.
fn tables() -> impl Iterator<Item = (&'static dyn Channel, Vec<Case>)> {
    channels::all().iter().map(|channel| (*channel, table(channel.network().id())))
}

#[test]
fn every_network_reads_as_its_table_says() {
    let mut wrong = Vec::new();
    for (channel, cases) in tables() {
        let network = channel.network().id();
        for case in cases {
            let found = judge(network, &case);
            if !found.is_empty() {
                wrong.push(format!("{network}: {}\n{}", case.what, found.join("\n")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// A table says what a network does in every state of an account that it can be in.
#[test]
fn every_table_tells_of_a_profile_and_of_what_goes_wrong() {
    let mut missing = Vec::new();
    for (channel, cases) in tables() {
        let network = channel.network();
        let troubles: BTreeSet<&str> =
            cases.iter().filter_map(|case| case.expect.trouble.as_deref()).collect();
        let mut wanted = vec!["not_found", "rate_limited"];
        if matches!(network.0.key, KeyNeed::Needed(_)) {
            wanted.extend(["key_needed", "unauthorized"]);
        }
        missing.extend(
            wanted
                .into_iter()
                .filter(|word| !troubles.contains(word))
                .map(|word| format!("{network}: no case ends with {word}")),
        );
        if cases.iter().all(|case| case.expect.trouble.is_some()) {
            missing.push(format!("{network}: no case ends well"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every saved reply is used.
#[test]
fn no_reply_is_left_over() {
    let tests = ["channels.rs", "discover.rs"].map(|name| {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", name].iter().collect();
        std::fs::read_to_string(path).unwrap()
    });
    let mut left = Vec::new();
    for (channel, cases) in tables() {
        let network = channel.network().id();
        let used: BTreeSet<String> =
            cases.iter().flat_map(|case| &case.answers).filter_map(|answer| answer.file.clone()).collect();
        for entry in std::fs::read_dir(folder(network)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name != "cases.toml"
                && !used.contains(&name)
                && !tests.iter().any(|test| test.contains(&format!("{network}/{name}")))
            {
                left.push(format!("{network}/{name}"));
            }
        }
    }
    assert!(left.is_empty(), "{left:?}");
}

/// The first case that ends well: what the server says there is damaged below.
fn good(network: &str, cases: &[Case]) -> Case {
    let good = cases.iter().find(|case| case.expect.trouble.is_none());
    good.unwrap_or_else(|| panic!("{network} has no case that ends well")).clone()
}

#[test]
fn what_every_server_does_one_day() {
    for (channel, cases) in tables() {
        let network = channel.network().id();
        let case = good(network, &cases);
        for (line, reasons) in [
            (words(500, "", "Internal error"), &["server_error"][..]),
            (
                words(503, "", "<!doctype html><p>Back soon").header("retry-after", "120"),
                &["server_error", "rate_limited"],
            ),
            (words(429, "", "{}").header("retry-after", "120"), &["rate_limited"]),
            (words(200, "", "<!doctype html><title>Just a moment</title>"), &["malformed", "not_found"]),
            (words(200, "", ""), &["malformed"]),
            (words(200, "", "{"), &["malformed"]),
            (words(200, "", &"[".repeat(200_000)), &["malformed"]),
        ] {
            let Outcome::Gap(trouble) = case.play(vec![line.clone()]).polled.outcome else {
                panic!("{network}: {line:?} was read as an account")
            };
            let reason = trouble.reason().word();
            assert!(reasons.contains(&reason), "{network}: {line:?}: {reason} ({trouble})");
            if let Some(until) = trouble.until() {
                assert_eq!((until - script::now()).num_seconds(), 120, "{network}: {line:?}");
            }
        }
    }
}

/// Replies cut short, with values of other kinds and sizes: an observation or a gap, never a panic.
#[test]
fn damaged_replies_are_read_or_refused() {
    const VALUES: [&[u8]; 7] = [b"null", b"-1", b"1e300", b"99999999999999999999", b"\"\"", b"[]", b"{}"];
    for (channel, cases) in tables() {
        let network = channel.network().id();
        let case = good(network, &cases);
        let lines = case.lines(network);
        for (place, line) in lines.iter().enumerate() {
            let body = line.clone().body_mut().clone();
            let mut damaged: Vec<Vec<u8>> =
                (0..20).map(|part| body[..body.len() * part / 20].to_vec()).collect();
            // What stands after a colon is another value.
            let colons = body.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(at, _)| at + 1);
            for (turn, at) in colons.enumerate().take(400) {
                let value = VALUES[turn % VALUES.len()];
                let end = body[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b'\n'));
                let end = end.map_or(body.len(), |end| at + end);
                damaged.push([&body[..at], value, &body[end..]].concat());
            }
            for body in damaged {
                let mut lines = lines.clone();
                *lines[place].body_mut() = body;
                drop(case.play(lines));
            }
        }
    }
}

#[test]
fn what_an_account_is_called_leads_back_to_it() {
    for (channel, cases) in tables() {
        let network = channel.network().id();
        let account = good(network, &cases).account();
        assert_eq!(account.network.id(), network);
        let again = channels::parse(&account.address(), &|_| false).unwrap().remove(0);
        assert_eq!((again.address(), again.base), (account.address(), account.base.clone()), "{network}");
        if let Some(page) = channel.page(&account) {
            assert!(page.starts_with("https://"), "{network}: {page}");
        }
    }
}
