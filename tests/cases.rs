#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Every network by the table in its folder of saved replies: `tests/replies/<network>/cases.toml`.
//!
//! A case is one poll: what was known before, what the server answers, what is asked and what comes out. Whatever a
//! case does not name is not looked at. Beside their own cases all networks get what every server does one day:
//! pages instead of data, "too many", failures, and replies damaged in a hundred places.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/script.rs"]
mod script;

use cases::{COUNTERS, Case, Expect, folder, good, tables};
use cloutop::channels;
use cloutop::model::{Actor, KeyNeed, Metric, Notice, Observation, Outcome, Tie, Time};
use script::{Line, Script, play_with, words};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn word(metric: Metric) -> &'static str {
    COUNTERS.iter().find(|(known, _)| *known == metric).unwrap().1
}

fn iso(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn play(case: &Case, lines: Vec<Line>) -> script::Played {
    play_with(Script::new(lines, case.key), case.custom.clone(), case.account(), case.memory())
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
    let played = play(case, case.lines(network));
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
            let Outcome::Gap(trouble) = play(&case, vec![line.clone()]).polled.outcome else {
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
                drop(play(&case, lines));
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
