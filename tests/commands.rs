#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The commands as scripts see them: shapes of the JSON, exit codes, what goes where.

#[path = "support/server.rs"]
mod server;

use serde_json::Value;
use server::{Answer, Server, json, reply};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const DEMO: [&str; 3] = ["--demo", "--now", "2026-03-03T14:32:07Z"];

struct Home(TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        Self(folder)
    }

    /// One person on one Mastodon account, answered by a server.
    fn at(server: &Server) -> Self {
        Self::new(&format!(
            "[networks.mastodon]\napi = \"{}\"\n\n[[people]]\nsymbol = \"ADA\"\nname = \"Ada\"\n\
             group = \"friends\"\nchannels = [\"@ada@h.example\"]\n",
            server.url()
        ))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn store(&self) -> PathBuf {
        self.path().join("data/cloutop.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloutop"));
        command
            .args(arguments)
            .env_clear()
            .env("CLOUTOP_CONFIG", self.path().join("config.toml"))
            .env("CLOUTOP_DATA_DIR", self.path().join("data"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must end with this code; returns what it printed and what it said.
    #[track_caller]
    fn ends(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}{err}");
        (out, err)
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let (out, err) = self.ends(code, arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn saved(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/replies/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn healthy(head: &str) -> Answer {
    if head.contains("webfinger") {
        return reply(404, &[], b"");
    }
    json(&saved(if head.contains("/statuses") { "mastodon/statuses.json" } else { "mastodon/account.json" }))
}

/// The names of an object's members, sorted.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn with_demo<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&DEMO, arguments].concat()
}

fn is_time(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok())
}

#[test]
fn score_as_json() {
    let home = Home::new("");
    let score = home.json(0, &with_demo(&["score", "--json"]));
    assert_eq!(score["schema"], "cloutop/score/1");
    assert_eq!(score["model"], "m1");
    assert!(is_time(&score["generated_at"]));
    let people = score["people"].as_array().unwrap();
    assert_eq!(people.len(), 7);
    let (mut held, mut outcomes) = (0, 0);
    for person in people {
        for name in ["symbol", "name", "last", "uncertainty", "change", "coverage", "held_points", "channels"]
        {
            assert!(members(person).contains(&name), "{name} is missing: {person}");
        }
        assert_eq!(members(&person["coverage"]), ["configured", "live"]);
        let change = &person["change"]["24h"];
        assert!(change["points"].is_f64() && change["percent"].is_f64(), "{change}");
        let mut sum = 0.0;
        for channel in person["channels"].as_array().unwrap() {
            for name in ["id", "network", "account", "state", "reason", "points", "held", "since", "retry_at"]
            {
                assert!(members(channel).contains(&name), "{name} is missing: {channel}");
            }
            sum += channel["points"].as_f64().unwrap();
            if channel["held"] == true {
                held += 1;
                assert!(is_time(&channel["retry_at"]) && is_time(&channel["since"]), "{channel}");
                assert_ne!(channel["state"], "live");
            }
        }
        let last = person["last"].as_f64().unwrap();
        assert!((sum - last).abs() < 1e-9, "channels make {sum}, not {last}");
        for outcome in person["outcomes"].as_array().unwrap() {
            outcomes += 1;
            let [now, before] = ["visits_7d", "visits_7d_before"].map(|name| outcome[name].as_f64().unwrap());
            let percent = outcome["change_percent"].as_f64().unwrap();
            assert!((percent - 100.0 * (now - before) / before).abs() < 1e-9, "{outcome}");
            for name in ["id", "network", "account", "state", "reason"] {
                assert!(outcome[name].is_string(), "{name} is missing: {outcome}");
            }
        }
    }
    assert_eq!(outcomes, 1, "the demo's user has a site");
    assert_eq!(held, 2, "the demo has a halted channel and a limited one");
    let again = home.json(0, &with_demo(&["score", "--json"]));
    assert_eq!(score, again, "deterministic");
}

fn total(lines: &Value) -> f64 {
    lines.as_array().unwrap().iter().map(|line| line["points"].as_f64().unwrap()).sum()
}

#[test]
fn explain_as_json_and_as_text() {
    let home = Home::new("");
    let all = home.json(0, &with_demo(&["explain", "YOU", "--range", "7d", "--json"]));
    assert_eq!((&all["schema"], &all["symbol"]), (&"cloutop/statement/1".into(), &"YOU".into()));
    assert!(is_time(&all["from"]) && is_time(&all["to"]));
    let (open, close) = (all["open"].as_f64().unwrap(), all["close"].as_f64().unwrap());
    assert!((open + total(&all["lines"]) - close).abs() < 1e-9);
    for line in all["lines"].as_array().unwrap() {
        assert!(line["points"].is_f64() && line["cause"].is_string(), "{line}");
        assert!(line["cause"] != "post" || line["item"].is_string(), "{line}");
    }
    let one = home.json(0, &with_demo(&["explain", "YOU/bluesky", "--range", "7d", "--json"]));
    assert!(
        (one["open"].as_f64().unwrap() + total(&one["lines"]) - one["close"].as_f64().unwrap()).abs() < 1e-9
    );

    // What is printed adds up in hundredths, however few lines are wanted.
    let (text, _) = home.ends(0, &with_demo(&["explain", "YOU", "--limit", "3"]));
    let cents = |line: &str| -> i64 {
        let number = line.split_whitespace().next_back().unwrap();
        let digits = number.replace(['.', '+'], "").replace('−', "-");
        digits.parse().unwrap_or_else(|_| panic!("{line}"))
    };
    let lines: Vec<&str> = text.lines().collect();
    let place = |word: &str| lines.iter().position(|line| line.starts_with(word)).unwrap();
    let (open, close) = (place("open"), place("close"));
    let sum: i64 =
        lines[open + 1..close].iter().filter(|line| !line.is_empty()).map(|line| cents(line)).sum();
    assert_eq!(cents(lines[open]) + sum, cents(lines[close]), "{text}");
}

#[test]
fn explaining_what_is_not_there() {
    let home = Home::new("[[people]]\nsymbol = \"ADA\"\nchannels = [\"@ada@h.example\"]\n");
    let (_, err) = home.ends(5, &["explain", "ADA"]);
    assert!(err.contains("poll --once"), "{err}");
    home.ends(3, &["explain", "BOB"]);
    home.ends(3, &["explain", "ADA/github"]);
    let (_, err) = home.ends(2, &["explain", "ADA", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01"]);
    assert!(err.contains("--from"), "{err}");
    let (_, err) = home.ends(2, &["explain", "ADA", "--model", "m7"]);
    assert!(err.contains("m7") && err.contains("m1"), "{err}");
    home.ends(3, &["effect", "birthday"]);
}

#[test]
fn marks_are_set_beside_a_running_poller_and_their_effect_is_told() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["poll", "--once"]);
    let lock = cloutop::store::Lock::take(&home.path().join("data")).unwrap();
    let marked = home.json(0, &["mark", "ADA", "birthday", "--json"]);
    assert_eq!(marked["marks"][0]["text"], "birthday");
    home.ends(0, &["mark", "ADA", "talk", "--at", "2026-03-01T10:00:00Z"]);
    drop(lock);
    let all = home.json(0, &["mark", "ADA", "--json"]);
    let marks = all["marks"].as_array().unwrap();
    assert_eq!(marks.len(), 2, "{all}");
    let effect = home.json(0, &["effect", "BIRTH", "--json"]);
    assert_eq!((&effect["schema"], &effect["symbol"]), (&"cloutop/effect/1".into(), &"ADA".into()));
    assert_eq!(effect["peak"], 0.0, "{effect}");
    let (text, _) = home.ends(0, &["effect", "talk"]);
    assert!(text.contains("talk"), "{text}");
    let (_, err) = home.ends(2, &["mark", "ADA", " "]);
    assert!(err.contains("text"), "{err}");
    home.ends(2, &["effect", "t"]);
    home.ends(3, &["effect", "wedding"]);
    home.ends(3, &["mark", "ADA", "--rm", "77"]);
    let number = marks[0]["id"].to_string();
    home.ends(0, &["mark", "ADA", "--rm", &number]);
    assert_eq!(home.json(0, &["mark", "ADA", "--json"])["marks"].as_array().unwrap().len(), 1);
}

#[test]
fn bumps_as_json_and_as_text() {
    let home = Home::new("");
    let log = home.json(0, &with_demo(&["bumps", "--all", "--json"]));
    assert_eq!(log["schema"], "cloutop/bumps/1");
    let bumps = log["bumps"].as_array().unwrap();
    let you = bumps.iter().find(|bump| bump["symbol"] == "YOU").unwrap();
    for name in
        ["symbol", "onset", "resolved", "kind", "direction", "magnitude", "channel", "cause", "unread"]
    {
        assert!(members(you).contains(&name), "{name} is missing: {you}");
    }
    assert_eq!((&you["kind"], &you["direction"]), (&"active".into(), &"up".into()));
    assert_eq!((&you["channel"], &you["unread"]), (&"hackernews".into(), &true.into()));
    assert!(you["magnitude"].as_f64().unwrap() > 1.0 && you["resolved"].is_null());
    assert!(you["cause"].as_str().unwrap().contains("Show HN"));
    assert!(is_time(&you["onset"]) && is_time(&you["fades"]));
    let halts = log["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "halt");
    assert!(halts.clone().any(|halt| halt["symbol"] == "TOM"), "{log}");

    let few = home.json(0, &with_demo(&["bumps", "YOU", "--json", "--min", "99"]));
    assert_eq!((few["bumps"].as_array().unwrap().len(), members(&few)), (0, vec!["bumps", "schema"]));
    let (text, _) = home.ends(0, &with_demo(&["bumps", "YOU", "--since", "1d"]));
    assert!(text.lines().count() == 1 && text.contains("gone by"), "{text}");
    home.ends(2, &["bumps", "--since", "soon"]);
    home.ends(3, &["bumps", "BOB"]);
    let (text, _) = home.ends(0, &["bumps"]);
    assert!(text.starts_with("nothing"), "{text}");
}

#[test]
fn posts_as_json() {
    let home = Home::new("");
    let all = home.json(0, &with_demo(&["posts", "YOU", "--json"]));
    assert_eq!((&all["schema"], &all["symbol"]), (&"cloutop/posts/1".into(), &"YOU".into()));
    let score = home.json(0, &with_demo(&["score", "--json"]));
    let you = score["people"].as_array().unwrap().iter().find(|person| person["symbol"] == "YOU").unwrap();
    assert_eq!(all["channels"].as_array().unwrap().len(), 5);
    for channel in all["channels"].as_array().unwrap() {
        assert_eq!(members(channel), ["id", "network", "posts"]);
        let posts = channel["posts"].as_array().unwrap();
        assert!(!posts.is_empty());
        let mut sum = 0.0;
        for post in posts {
            for name in ["likes", "reshares", "replies", "quotes", "views"] {
                assert!(post[name].is_u64() || post[name].is_null(), "{name}: {post}");
            }
            assert!(
                is_time(&post["published_at"]) && post["x"].is_f64() && post["points"].is_f64(),
                "{post}"
            );
            assert!(["growing", "flat", "fading", "gone"].contains(&post["state"].as_str().unwrap()));
            let kinds = ["post", "reply", "repository", "story", "comment", "video", "item"];
            assert!(kinds.contains(&post["kind"].as_str().unwrap()));
            sum += post["points"].as_f64().unwrap();
        }
        let of = |known: &&Value| known["id"] == channel["id"];
        let points = you["channels"].as_array().unwrap().iter().find(of).unwrap()["points"].as_f64().unwrap();
        assert!(sum <= points + 1e-9, "posts make {sum}, more than {points}");
    }
    let one = home.json(0, &with_demo(&["posts", "YOU/bluesky", "--json"]));
    assert_eq!(one["channels"].as_array().unwrap().len(), 1);
    assert_eq!(one["channels"][0]["network"], "bluesky");
}

#[test]
fn list_as_json() {
    let home = Home::new("");
    let list = home.json(0, &with_demo(&["list", "--json"]));
    assert_eq!(list["schema"], "cloutop/list/1");
    assert_eq!(list["people"].as_array().unwrap().len(), 7);
    for person in list["people"].as_array().unwrap() {
        for name in ["channels", "group", "name", "symbol"] {
            assert!(members(person).contains(&name), "{name} is missing: {person}");
        }
        for channel in person["channels"].as_array().unwrap() {
            for name in ["id", "network", "account", "stable_id", "state"] {
                assert!(members(channel).contains(&name), "{name} is missing: {channel}");
            }
        }
    }
}

#[test]
fn poll_once_as_json() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    let poll = home.json(0, &["poll", "--once", "--json"]);
    assert_eq!(members(&poll), ["polled", "schema", "skipped"]);
    assert_eq!(poll["schema"], "cloutop/poll/1");
    let polled = &poll["polled"][0];
    assert_eq!((&polled["symbol"], &polled["id"]), (&"ADA".into(), &"mastodon".into()));
    assert_eq!((&polled["outcome"], &polled["reason"]), (&"observed".into(), &"ok".into()));
    assert!(polled["requests"].as_u64().unwrap() >= 2 && polled["changed"].as_u64().unwrap() > 3);
    assert!(is_time(&polled["next_at"]));
    // A host on this machine is always due.
    let again = home.json(0, &["poll", "--once", "--json"]);
    assert_eq!(again["polled"][0]["outcome"], "unchanged");
    assert_eq!(again["polled"][0]["changed"], 0);
    let posts = home.json(0, &["posts", "ada/mastodon", "--json"]);
    let first = posts["channels"][0]["posts"].as_array().unwrap().iter().find(|post| post["likes"] == 20);
    let first = first.unwrap();
    assert_eq!((&first["reshares"], &first["replies"], &first["quotes"]), (&2.into(), &3.into(), &1.into()));
    assert!(first["id"].is_string() && first["views"].is_null());
    let list = home.json(0, &["list", "--json"]);
    assert!(list["people"][0]["channels"][0]["stable_id"].is_string());
}

#[test]
fn add_look_poll_and_remove() {
    let server = Server::start(healthy);
    let home = Home::new(&format!("[networks.mastodon]\napi = \"{}\"\n", server.url()));
    let (out, _) =
        home.ends(0, &["add", "@ada@h.example", "--as", "ada", "--name", "Ada L", "--group", "work"]);
    assert!(out.contains("ADA"), "{out}");
    let (out, _) = home.ends(0, &["list"]);
    assert!(out.contains("Ada L") && out.contains("@ada@"), "{out}");
    let (out, _) = home.ends(0, &["poll", "--once"]);
    assert!(out.starts_with("ADA/mastodon  observed"), "{out}");
    let (out, _) = home.ends(0, &["score"]);
    assert!(out.contains("ADA"), "{out}");
    let (out, _) = home.ends(0, &["posts", "ADA"]);
    assert!(out.contains("first & bold"), "{out}");
    home.ends(3, &["rm", "BOB"]);
    home.ends(0, &["rm", "ADA", "--yes"]);
    let list = home.json(0, &["list", "--json"]);
    assert_eq!(list["people"].as_array().unwrap().len(), 0);
}

#[test]
fn wrong_usage_and_configuration_is_two() {
    let home = Home::new("[[poeple]]\n");
    let (_, err) = home.ends(2, &["score"]);
    assert!(err.contains("line 1") && err.contains("\"people\""), "{err}");
    let home = Home::new("");
    home.ends(2, &["scroe"]);
    home.ends(2, &["add", "what is this"]);
    home.ends(2, &["--snapshot", "12by4"]);
    home.ends(2, &["--offline", "poll", "--once"]);
    let (_, err) = home.ends(2, &[]);
    assert!(err.contains("a screen needs a terminal") && err.contains("cloutop score"), "{err}");
    home.ends(0, &["--help"]);
    home.ends(0, &["--version"]);
}

#[test]
fn unknown_people_and_channels_are_three() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    let (_, err) = home.ends(3, &["posts", "BOB"]);
    assert!(err.contains("on it: ADA"), "{err}");
    home.ends(3, &["posts", "ADA/github"]);
    home.ends(3, &["score", "NOBODY"]);
}

/// What a poll's exit code is when a server does this to every request.
#[track_caller]
fn poll_ends(code: i32, reason: &str, answer: Answer) {
    let server = Server::start(move |_| answer.clone());
    let home = Home::at(&server);
    let poll = home.json(code, &["poll", "--once", "--json"]);
    assert_eq!(
        (&poll["polled"][0]["outcome"], &poll["polled"][0]["reason"]),
        (&"gap".into(), &reason.into())
    );
}

#[test]
fn polls_that_bring_nothing() {
    poll_ends(5, "server_error", reply(500, &[], b"<html>"));
    poll_ends(6, "rate_limited", reply(429, &[("retry-after", "60")], b"{}"));
    poll_ends(7, "key_needed", reply(401, &[], &saved("mastodon/error_token.json")));
    poll_ends(5, "malformed", json(b"rubbish"));
}

#[test]
fn whoever_needs_a_key_is_told_the_variable_that_is_read() {
    let server = Server::start(move |_| reply(401, &[], &saved("mastodon/error_token.json")));
    let home = Home::at(&server);
    let (_, said) = home.ends(7, &["add", "@eva@h.example"]);
    let variable = said.split_whitespace().find(|word| word.contains("CLOUTOP_KEY_")).unwrap();
    assert_eq!(variable.matches("CLOUTOP_KEY_").count(), 1, "{said}");
    assert!(variable.starts_with("CLOUTOP_KEY_MASTODON"), "{said}");
}

#[test]
fn some_channels_failing_is_four() {
    let server =
        Server::start(|head| if head.contains("bob") { reply(500, &[], b"") } else { healthy(head) });
    let home = Home::at(&server);
    let config = std::fs::read_to_string(home.path().join("config.toml")).unwrap();
    let more = "\n[[people]]\nsymbol = \"BOB\"\nchannels = [\"@bob@h.example\"]\n";
    std::fs::write(home.path().join("config.toml"), config + more).unwrap();
    home.ends(4, &["poll", "--once"]);
    // Showing what is known is no failure, unless it is asked to be.
    home.ends(0, &["score"]);
    home.ends(4, &["score", "--strict"]);
}

#[test]
fn a_held_lock_is_eight() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    let lock = cloutop::store::Lock::take(&home.path().join("data")).unwrap();
    let (_, err) = home.ends(8, &["poll", "--once"]);
    assert!(err.contains("in use") && err.contains(&std::process::id().to_string()), "{err}");
    drop(lock);
    home.ends(0, &["poll", "--once"]);
    // Looking needs no lock.
    let _lock = cloutop::store::Lock::take(&home.path().join("data")).unwrap();
    home.ends(0, &["score"]);
    home.ends(0, &["list"]);
}

/// The store of the first release, with everything in it that a store of today has and it could hold.
fn made_by_the_first_release(store: &Path) {
    let now = store.with_extension("now");
    std::fs::rename(store, &now).unwrap();
    let connection = rusqlite::Connection::open(store).unwrap();
    connection.execute_batch(include_str!("../src/store/schema/1.sql")).unwrap();
    connection.execute("ATTACH ? AS now", [now.to_str().unwrap()]).unwrap();
    let columns = |schema: &str, table: &str| -> Vec<String> {
        let mut known = connection
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}', '{schema}')"))
            .unwrap();
        known.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let tables = ["channel", "alias", "person", "member", "poll", "item", "reading", "figure", "act"];
    for table in [&tables[..], &["validator", "host", "meta", "ledger", "tally", "candle", "tick"]].concat() {
        let mut then = columns("main", table);
        let today = columns("now", table);
        let absorbed = if then.iter().any(|name| name == "absorbed") { ", 0" } else { "" };
        then.retain(|name| today.contains(name));
        let names = then.join(", ");
        let into = if absorbed.is_empty() { names.clone() } else { format!("{names}, absorbed") };
        connection
            .execute(
                &format!("INSERT INTO main.{table} ({into}) SELECT {names}{absorbed} FROM now.{table}"),
                [],
            )
            .unwrap();
    }
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
}

#[test]
fn a_store_of_the_first_release_is_taken_over() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["poll", "--once"]);
    // What the first release did not know: what may have come before the first listing.
    let connection = rusqlite::Connection::open(home.store()).unwrap();
    connection.execute("DELETE FROM assumed", []).unwrap();
    drop(connection);
    let points =
        |home: &Home| home.json(0, &["posts", "ADA", "--json"])["channels"][0]["posts"][0]["x"].clone();
    let before = points(&home);
    made_by_the_first_release(&home.store());
    // A command that only looks brings it up to date, and so does one that writes.
    assert_eq!(points(&home), before);
    home.ends(0, &["poll", "--once"]);
    assert_eq!(points(&home), before);
    home.ends(0, &["compact", "--rebuild"]);
    assert_eq!(points(&home), before);
    home.ends(0, &["explain", "ADA"]);
}

#[test]
fn a_damaged_or_newer_store_is_nine() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["poll", "--once"]);
    let connection = rusqlite::Connection::open(home.store()).unwrap();
    connection.pragma_update(None, "user_version", 900).unwrap();
    drop(connection);
    let (_, err) = home.ends(9, &["score"]);
    assert!(err.contains("newer cloutop"), "{err}");
    home.ends(9, &["poll", "--once"]);
    std::fs::write(home.store(), "this was a store once").unwrap();
    home.ends(9, &["score"]);
    home.ends(9, &["doctor"]);
    assert_eq!(std::fs::read_to_string(home.store()).unwrap(), "this was a store once");
}

#[test]
fn rebuilding_changes_no_digit() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["poll", "--once"]);
    let last = |home: &Home| home.json(0, &["posts", "ADA", "--json"])["channels"].clone();
    let before: Vec<(Value, Value)> = last(&home)[0]["posts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].clone(), p["x"].clone()))
        .collect();
    home.ends(0, &["compact", "--rebuild"]);
    let after: Vec<(Value, Value)> = last(&home)[0]["posts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].clone(), p["x"].clone()))
        .collect();
    assert_eq!(before, after);
}

#[test]
fn doctor_tells_what_a_report_needs_and_no_key() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["poll", "--once"]);
    let output =
        home.command(&["doctor", "--json"]).env("CLOUTOP_KEY_GITHUB", "ghp_s3cret").output().unwrap();
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(!out.contains("s3cret"), "{out}");
    let doctor: Value = serde_json::from_str(&out).unwrap();
    assert!(doctor["schema"].as_str().unwrap().starts_with("cloutop/doctor/"), "{out}");
    let (out, _) = home.ends(0, &["doctor"]);
    assert!(out.contains(env!("CARGO_PKG_VERSION")), "{out}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new("");
    let mut child = home
        .command(&with_demo(&["posts", "YOU", "--json"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(err, "");
    assert!(child.wait().unwrap().code().is_none_or(|code| code == 0));
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let home = Home::new("");
    home.ends(0, &with_demo(&["score"]));
    assert!(!home.path().join("data").exists());
}

#[test]
fn the_demo_touches_nothing_of_the_users() {
    let home = Home::new("");
    for arguments in
        [["compact", "--rebuild"].as_slice(), &["rm", "YOU"], &["add", "hn:you"], &["poll", "--once"]]
    {
        let (_, err) = home.ends(2, &with_demo(arguments));
        assert!(err.contains("demo"), "{err}");
    }
    assert!(!home.path().join("data").exists());
    let (_, err) = home.ends(3, &with_demo(&["posts", "NOBODY"]));
    assert!(err.contains("on it: YOU"), "{err}");
    let (out, _) = home.ends(0, &with_demo(&["ADA", "--snapshot", "80x24"]));
    assert!(out.contains("1 of 1") && out.contains("ADA"), "{out}");
}

/// Channels answer to every spelling of their network.
#[test]
fn channels_have_the_names_the_screen_shows() {
    let home = Home::new("");
    for name in ["YOU/HN", "you/hn", "YOU/hackernews", "YOU/GH", "YOU/bsky"] {
        home.ends(0, &with_demo(&["posts", name]));
    }
    home.ends(2, &["hn:somebody", "--snapshot", "80x24"]);
}

#[test]
fn paths_can_be_named_and_are_told() {
    let home = Home::new("");
    let (out, _) = home.ends(0, &["config", "path"]);
    assert_eq!(Path::new(out.trim()), home.path().join("config.toml"));
    let (out, _) = home.ends(0, &["--config", "/elsewhere/c.toml", "config", "path"]);
    assert_eq!(out.trim(), "/elsewhere/c.toml");
    let (sample, _) = home.ends(0, &["config", "default"]);
    std::fs::write(home.path().join("config.toml"), sample).unwrap();
    home.ends(0, &["config", "check"]);
}

#[test]
fn goals_are_set_beside_a_running_poller_and_what_they_take_is_told() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["poll", "--once"]);
    let score = home.json(0, &["score", "--json"])["people"][0]["last"].as_f64().unwrap();
    let lock = cloutop::store::Lock::take(&home.path().join("data")).unwrap();
    let far =
        ["goal", "ada", "90", "--by", "2100-12-31", "--hold", "7d", "--prize", "coffee \u{1b}[31mmaker"];
    let set = home.json(0, &[&far[..], &["--json"]].concat());
    assert_eq!((&set["schema"], &set["symbol"]), (&"cloutop/goals/1".into(), &"ADA".into()));
    let goal = &set["goals"][0];
    assert_eq!(
        members(goal),
        ["at", "by", "held_days", "hold_days", "id", "prize", "since", "state", "takes", "target", "to_go"]
    );
    assert_eq!((&goal["state"], &goal["prize"]), (&"open".into(), &"coffee maker".into()));
    assert_eq!((&goal["by"], &goal["hold_days"]), (&"2100-12-31T23:59:59.999Z".into(), &7.0.into()));
    assert!(is_time(&goal["since"]) && goal["at"].is_null());
    assert!((goal["to_go"].as_f64().unwrap() - (90.0 - score)).abs() < 0.01);
    // S = 90 needs T = 324.
    let takes = &goal["takes"];
    assert!(takes["energy"].as_f64().unwrap() > 300.0 && takes["weekly"].as_f64().unwrap() > 1e3, "{takes}");
    assert_eq!(takes["channel"], "mastodon");
    // One that is exceeded already, and one without more words.
    home.ends(0, &["goal", "ADA", "0.5", "--hold", "30d"]);
    home.ends(0, &["goal", "ADA", "0.25"]);
    drop(lock);
    let all = home.json(0, &["goal", "ADA", "--json"]);
    let states: Vec<&Value> = all["goals"].as_array().unwrap().iter().map(|goal| &goal["state"]).collect();
    assert_eq!(states, ["open", "reached", "won"], "{all}");
    let (text, _) = home.ends(0, &["goal", "ADA"]);
    assert!(text.contains("goal 90.00 by 31 Dec 2100: ") && text.contains("coffee maker"), "{text}");
    assert!(text.contains("typical days of engagement a week on mastodon"), "{text}");
    assert!(text.contains("held 0 of 30 d"), "{text}");

    for (wrong, word) in [
        (vec!["goal", "ADA", "100"], "below 100"),
        (vec!["goal", "ADA", "0"], "above 0"),
        (vec!["goal", "ADA", "-5"], "above 0"),
        (vec!["goal", "ADA", "NaN"], "above 0"),
        (vec!["goal", "ADA", "60", "--by", "2001-01-01"], "over already"),
        (vec!["goal", "ADA", "60", "--hold", "a week"], "7d"),
        (vec!["goal", "ADA", "--hold", "7d"], "TARGET"),
    ] {
        let (_, err) = home.ends(2, &wrong);
        assert!(err.contains(word), "{wrong:?}: {err}");
    }
    home.ends(3, &["goal", "BOB"]);
    home.ends(3, &["goal", "BOB", "60"]);
    home.ends(3, &["goal", "ADA", "--rm", "77"]);
    let number = all["goals"][0]["id"].to_string();
    home.ends(0, &["goal", "ADA", "--rm", &number]);
    home.ends(3, &["goal", "ADA", "--rm", &number]);
    assert_eq!(home.json(0, &["goal", "ADA", "--json"])["goals"].as_array().unwrap().len(), 2);
    // A dropped goal stays where it was, and its number is not given again.
    let connection = rusqlite::Connection::open(home.store()).unwrap();
    let kept: i64 = connection
        .query_row("SELECT count(*) FROM goal WHERE dropped IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1);
    let (_, err) = home.ends(2, &with_demo(&["goal", "YOU", "60"]));
    assert!(err.contains("demo"), "{err}");
    let (text, _) = home.ends(0, &with_demo(&["goal", "YOU"]));
    assert!(text.contains("goal 60.00 by 31 Mar: 4.27 to go"), "{text}");
    assert!(text.contains("coffee maker"), "{text}");
}

#[test]
fn what_is_ahead_is_explained_from_now_on() {
    let home = Home::new("");
    let ahead = home.json(0, &with_demo(&["explain", "YOU", "--to", "2026-03-10", "--json"]));
    assert_eq!(ahead["from"], "2026-03-03T14:32:07.000Z");
    assert_eq!(ahead["to"], "2026-03-10T00:00:00.000Z");
    let now = home.json(0, &with_demo(&["score", "YOU", "--json"]));
    assert_eq!(ahead["open"], now["people"][0]["last"]);
    let lines = ahead["lines"].as_array().unwrap();
    assert!(!lines.is_empty() && lines.iter().all(|line| line["cause"] == "decay"), "{ahead}");
    // Who names a range, or where it opens, gets that.
    let week = ["explain", "YOU", "--to", "2026-03-10", "--range", "7d", "--json"];
    let from = home.json(0, &with_demo(&week))["from"].as_str().unwrap().to_owned();
    assert!(from.starts_with("2026-03-0") && from.as_str() < "2026-03-03T14:32:07", "{from}");
    // Up to now, or to the past, it is a week.
    let past = home.json(0, &with_demo(&["explain", "YOU", "--to", "2026-03-03T14:32:07Z", "--json"]));
    assert!(past["from"].as_str().unwrap() < "2026-02-25", "{past}");
}

#[test]
fn everybodys_marks_are_listed_where_nobody_is_named() {
    let home = Home::new("[[people]]\nsymbol = \"ADA\"\n[[people]]\nsymbol = \"TOM\"\n");
    let (out, _) = home.ends(0, &["mark"]);
    assert!(out.contains("no marks yet"), "{out}");
    home.ends(0, &["mark", "ADA", "birthday", "--at", "2026-03-01"]);
    home.ends(0, &["mark", "TOM", "a talk", "--at", "2026-03-02"]);
    let (out, _) = home.ends(0, &["mark"]);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("ADA") && lines[1].contains("TOM"), "{out}");
    let all = home.json(0, &["mark", "--json"]);
    assert_eq!((all["symbol"].is_null(), &all["marks"][1]["symbol"]), (true, &"TOM".into()), "{all}");
    let one = home.json(0, &["mark", "tom", "--json"]);
    assert_eq!((&one["symbol"], one["marks"].as_array().unwrap().len()), (&"TOM".into(), 1), "{one}");
    home.ends(2, &["mark", "--rm", "1"]);
}

#[test]
fn bumps_as_large_as_so_many_times_the_usual_noise() {
    let home = Home::new("");
    let count = |least: &str| {
        let bumps = home.json(0, &with_demo(&["bumps", "--min", least, "--json"]));
        bumps["bumps"].as_array().unwrap().len()
    };
    let all = count("0");
    assert!(all > 0);
    assert_eq!((count("0x"), count("1000"), count("1.0")), (all, 0, all));
    assert_eq!(count("100000x"), 0, "the demo's people have been watched long enough to know their noise");
    for wrong in ["x", "-1", "-3x", "3y", "nan", "infx"] {
        let (_, err) = home.ends(2, &with_demo(&["bumps", &format!("--min={wrong}")]));
        assert!(err.contains("3x"), "{err}");
    }
}

#[cfg(unix)]
#[test]
fn doctor_goes_on_where_keys_cannot_be_used() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new("[[people]]\nsymbol = \"ADA\"\nchannels = [\"github:ada\"]\n");
    let keys = home.path().join("keys.toml");
    std::fs::write(&keys, "github = \"not-to-be-seen\"\n").unwrap();
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (out, err) = home.ends(2, &["doctor"]);
    assert!(out.contains("chmod 600") && out.contains("NOT USED") && out.contains("ADA/github"), "{out}");
    assert!(err.contains("chmod 600"), "{err}");
    let output = home.command(&["doctor", "--json"]).env("CLOUTOP_KEY_GITHUB", "from-env").output().unwrap();
    let doctor: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(doctor["paths"]["keys_refused"].as_str().unwrap().contains("chmod 600"), "{doctor}");
    assert!(doctor["keys"].as_array().unwrap().iter().any(|key| key["present"] == true), "{doctor}");
    assert!(!text(&output.stdout).contains("not-to-be-seen") && !text(&output.stdout).contains("from-env"));
    let (_, err) = home.ends(2, &["score"]);
    assert!(err.contains("chmod 600"), "{err}");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(home.json(0, &["doctor", "--json"])["paths"]["keys_refused"].is_null());
}

#[test]
fn an_interval_below_the_floor_is_told() {
    let home = Home::new(
        "[networks.github]\ninterval = \"30s\"\n\n[networks.hackernews]\ninterval = \"2h\"\n\n\
         [networks.mastodon]\napi = \"http://127.0.0.1:9\"\ninterval = \"1s\"\n",
    );
    let (out, _) = home.ends(0, &["config", "check"]);
    let notes: Vec<&str> = out.lines().skip(1).collect();
    assert!(out.contains("is right") && notes.len() == 1, "{out}");
    let floor = cloutop::channels::network("github").unwrap().0.pace.minutes(false).1;
    assert!(notes[0].contains("[networks.github]") && notes[0].contains(&format!("every {floor}m")), "{out}");
    let (out, _) = home.ends(0, &["doctor"]);
    assert!(out.contains(notes[0]), "{out}");
}

#[test]
fn switches_of_the_environment_are_set_by_any_word_for_yes() {
    let home = Home::new("");
    for yes in ["1", "true", "yes"] {
        let output = home.command(&["list"]).env("CLOUTOP_OFFLINE", yes).env("CLOUTOP_PLAIN", yes).output();
        assert_eq!(output.unwrap().status.code(), Some(0), "{yes}");
    }
}

#[test]
fn keys_and_the_manual_page_are_printed() {
    let home = Home::new("[keys]\ncompare = \"C\"\n");
    let keys = home.json(0, &["keys", "--json"]);
    assert_eq!(keys["schema"], "cloutop/keys/1");
    for line in keys["keys"].as_array().unwrap() {
        assert_eq!(members(line), ["action", "does", "keys", "screens"]);
    }
    let compare = keys["keys"].as_array().unwrap().iter().find(|line| line["action"] == "compare").unwrap();
    assert_eq!(compare["keys"], serde_json::json!(["C"]), "the user's own");
    let (out, _) = home.ends(0, &["keys"]);
    assert!(out.starts_with("KEYS ") && out.contains("compare"), "{out}");
    let (out, _) = Home::new("this is no configuration").ends(0, &["man"]);
    assert!(out.is_ascii() && out.contains(".TH CLOUTOP 1 \"\" \"cloutop "), "{out}");
    for section in ["SYNOPSIS", "OPTIONS", "COMMANDS", "KEYS", "FILES", "ENVIRONMENT", "\"EXIT STATUS\""] {
        assert!(out.contains(&format!(".SH {section}\n")), "{section}");
    }
}

/// A channel that the user describes: tried by `config check` and `add`, then polled like any other.
#[test]
fn custom_channels_are_tried_before_they_are_trusted() {
    let server = Server::start(|head| {
        if head.to_ascii_lowercase().contains("x-api-key: open sesame") {
            json(&saved("custom/stats.json"))
        } else {
            reply(401, &[], b"{}")
        }
    });
    let home = Home::new(&format!(
        "[custom.newsletter]\nurl = \"{}v1/stats\"\nheader = \"X-Api-Key\"\naudience = \"$.subscribers\"\n\
         posts = \"$.issues[*]\"\nid = \"$.id\"\nlikes = \"$.stats.hearts\"\npublished = \"$.sent_at\"\n",
        server.url()
    ));
    let (_, err) = home.ends(2, &["add", "custom:newsleter", "--as", "ADA"]);
    assert!(err.contains("[custom.newsleter]") && err.contains("did you mean \"newsletter\""), "{err}");
    let (_, err) = home.ends(7, &["add", "custom:newsletter", "--as", "ADA"]);
    assert!(err.contains("CLOUTOP_KEY_CUSTOM_NEWSLETTER"), "{err}");
    let (out, _) = home.ends(7, &["config", "check"]);
    assert!(out.contains("is right") && out.contains("custom:newsletter: "), "{out}");
    assert!(server.asked().is_empty(), "without its key nothing is asked");
    home.ends(0, &["--offline", "config", "check"]);

    let with_key = |key: &str, arguments: &[&str]| {
        home.command(arguments).env("CLOUTOP_KEY_CUSTOM_NEWSLETTER", key).output().unwrap()
    };
    let refused = with_key("wrong", &["config", "check"]);
    assert_eq!(refused.status.code(), Some(7), "{refused:?}");
    let checked = with_key("open sesame", &["config", "check"]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    assert!(text(&checked.stdout).contains("custom:newsletter: 3 posts, audience 1203"), "{checked:?}");
    let added = with_key("open sesame", &["add", "custom:newsletter", "--as", "ADA", "--json"]);
    let added: Value = serde_json::from_slice(&added.stdout).unwrap();
    assert_eq!((&added["added"][0]["posts"], &added["added"][0]["audience"]), (&3.into(), &1203.into()));
    let polled = with_key("open sesame", &["poll", "--once"]);
    assert_eq!(polled.status.code(), Some(0), "{polled:?}");
    let posts = home.json(0, &["posts", "ADA/custom", "--json"]);
    let likes: Vec<&Value> =
        posts["channels"][0]["posts"].as_array().unwrap().iter().map(|post| &post["likes"]).collect();
    assert!(likes.contains(&&31.into()), "{posts}");
    // The key stands in no file.
    for name in ["config.toml", "data/cloutop.db"] {
        let bytes = std::fs::read(home.path().join(name)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("sesame"), "{name}");
    }
}

/// What is typed in is a poll that the user made: at any instant that has passed, in any order.
#[test]
fn readings_by_hand() {
    let home = Home::new("[model.networks.manual]\nphi = 100.0\n");
    let (out, _) = home.ends(0, &["add", "manual:LinkedIn", "--as", "ADA"]);
    assert!(out.contains("LinkedIn by hand") && out.contains("cloutop reading ADA/linkedin"), "{out}");
    home.ends(0, &["add", "manual:linkedin", "--as", "BEN", "--no-test"]);
    let (out, _) = home.ends(0, &["reading", "ADA/linkedin"]);
    assert!(out.contains("no readings yet"), "{out}");

    // Nothing of it is ever polled.
    let poll = home.json(0, &["poll", "--once", "--json"]);
    assert_eq!((&poll["polled"], &poll["skipped"]), (&serde_json::json!([]), &serde_json::json!([])));

    let day = |days: i64| (cloutop::clock::Clock::System.now() - chrono::TimeDelta::days(days)).to_rfc3339();
    let (first, second, third) = (day(6), day(4), day(2));
    home.ends(0, &["reading", "ADA/linkedin", "followers=512", "likes=90", "--at", &third]);
    // What comes before is taken in where it belongs.
    home.ends(0, &["reading", "ADA/manual", "followers=500", "likes=60", "views=10", "--at", &first]);
    home.ends(0, &["reading", "ADA", "likes=70", "followers=505", "--at", &second]);
    // The same instant again: the number is replaced, and the others stay.
    home.ends(0, &["reading", "ADA/linkedin", "likes=75", "--at", &second]);
    let told = home.json(0, &["reading", "ADA/linkedin", "--json"]);
    assert_eq!((&told["schema"], &told["id"]), (&"cloutop/readings/1".into(), &"manual".into()));
    let row = |place: usize, name: &str| told["readings"][place][name].clone();
    let rows: Vec<[Value; 3]> =
        (0..3).map(|place| ["followers", "likes", "views"].map(|name| row(place, name))).collect();
    let expected = [(500, 60, Some(10)), (505, 75, None), (512, 90, None)];
    for (row, (followers, likes, views)) in rows.iter().zip(expected) {
        assert_eq!(*row, [Value::from(followers), Value::from(likes), Value::from(views)]);
    }
    assert_eq!(told["readings"].as_array().unwrap().len(), 3);
    // BEN's LinkedIn is another one.
    assert_eq!(home.json(0, &["reading", "BEN", "--json"])["readings"], serde_json::json!([]));

    // Of sums only what is added counts: 30 likes of 90, in two steps.
    let posts = home.json(0, &["posts", "ADA", "--json"]);
    let sums = &posts["channels"][0]["posts"][0];
    assert_eq!((&sums["likes"], &sums["x"]), (&90.into(), &3.0.into()), "{posts}");
    let score = home.json(0, &["score", "ADA", "--json"]);
    let channel = &score["people"][0]["channels"][0];
    assert_eq!((&channel["state"], &channel["by_hand"]), (&"live".into(), &true.into()), "{score}");
    assert!(channel["points"].as_f64().unwrap() > 0.0);
    let why = home.json(0, &["explain", "ADA", "--from", &day(3), "--json"]);
    let (open, close) = (why["open"].as_f64().unwrap(), why["close"].as_f64().unwrap());
    assert!((open + total(&why["lines"]) - close).abs() < 1e-9, "{why}");
    let gained = |line: &Value| line["cause"] == "post" && line["points"].as_f64() > Some(0.0);
    assert!(why["lines"].as_array().unwrap().iter().any(gained), "{why}");

    // In whatever order it was typed in, it is the same as computed anew.
    home.ends(0, &["reading", "ADA", "likes=95"]);
    let line = ["explain", "ADA", "--from", &day(3), "--to", &day(1), "--json"];
    let before = home.json(0, &line);
    home.ends(0, &["compact", "--rebuild"]);
    assert_eq!(home.json(0, &line), before);

    for (numbers, words) in [
        (&["likes=-3"][..], "negative"),
        (&["likes=many"], "no whole number"),
        (&["likes=2.5"], "no whole number"),
        (&["likes=99999999999999"], "more than there can be"),
        (&["follower=3"], "did you mean \"followers\""),
        (&["likes"], "followers=512"),
        (&["likes=3", "likes=4"], "twice"),
        (&["likes=3", "--at", "2999-01-01"], "still to come"),
    ] {
        let (_, err) = home.ends(2, &[&["reading", "ADA"], numbers].concat());
        assert!(err.contains(words), "{err}");
    }
    home.ends(3, &["reading", "BOB", "likes=3"]);
    home.ends(3, &["reading", "ADA/github", "likes=3"]);
    let _lock = cloutop::store::Lock::take(&home.path().join("data")).unwrap();
    home.ends(8, &["reading", "ADA", "likes=96"]);
}

/// A channel that waits for its first reading holds nothing else up; a reading is stale after 35 days.
#[test]
fn readings_beside_channels_that_are_polled() {
    let server = Server::start(healthy);
    let home = Home::at(&server);
    home.ends(0, &["add", "manual:linkedin", "--as", "ADA"]);
    home.ends(0, &["poll", "--once"]);
    let score = home.json(0, &["score", "--json"]);
    let person = &score["people"][0];
    assert!(person["last"].as_f64().unwrap() > 0.0);
    assert!(!person["change"]["24h"].is_null(), "candles do not wait for what is typed in: {score}");
    let old = (cloutop::clock::Clock::System.now() - chrono::TimeDelta::days(36)).to_rfc3339();
    let (_, err) = home.ends(0, &["reading", "ADA", "followers=512", "--at", &old]);
    assert!(err.contains("[model.networks.manual]") && err.contains("phi"), "{err}");
    let states = |home: &Home| -> Vec<String> {
        let list = home.json(0, &["list", "--json"]);
        let channels = list["people"][0]["channels"].as_array().unwrap().clone();
        channels.iter().map(|channel| channel["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&home), ["live", "stale"]);
    home.ends(0, &["reading", "ADA/linkedin", "followers=520"]);
    assert_eq!(states(&home), ["live", "live"]);
    let (out, _) = home.ends(0, &["list"]);
    assert!(out.contains("live, by hand"), "{out}");
    let (_, err) = home.ends(2, &["reading", "ADA/mastodon", "followers=3"]);
    assert!(err.contains("manual:linkedin"), "{err}");
    home.ends(0, &["rm", "ADA/linkedin"]);
    assert_eq!(states(&home), ["live"]);
}
