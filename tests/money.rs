#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Networks that are off until they are switched on, and what cannot be overrun: the cap of one that costs money.

#[path = "support/server.rs"]
mod server;

use chrono::{Datelike, TimeDelta};
use cloutop::clock::Clock;
use cloutop::model::{Money, Time};
use cloutop::store::{Database, Lock, Purse, Reserved, month_of, next_month};
use proptest::prelude::*;
use serde_json::Value;
use server::{Answer, Server, json, reply};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

const FEED: &str = "<rss version=\"2.0\"><channel><title>Ada</title></channel></rss>";

struct Home(TempDir);

impl Home {
    /// One person with a feed and an account on X, both answered by a server; `x` is what `[networks.x]` says.
    fn new(server: &Server, x: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = server.url();
        let config = format!(
            "[networks.x]\napi = \"{url}\"\n{x}\n\n[[people]]\nsymbol = \"ADA\"\nname = \"Ada\"\n\
             channels = [\"feed:{url}feed\", \"x:AdaExample\"]\n"
        );
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        Self(folder)
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("data/cloutop.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloutop"));
        command
            .args(arguments)
            .env_clear()
            .env("CLOUTOP_CONFIG", self.0.path().join("config.toml"))
            .env("CLOUTOP_DATA_DIR", self.0.path().join("data"))
            .env("CLOUTOP_KEY_X", "a-token-of-nobody")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    #[track_caller]
    fn ends(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let (out, err) = (text(&stdout), text(&stderr));
        assert_eq!(status.code(), Some(code), "{arguments:?}\n{out}{err}");
        (out, err)
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let (out, err) = self.ends(code, arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
    }

    /// The state of the account on X, and the state of the feed.
    fn states(&self) -> [Value; 2] {
        let score = self.json(0, &["score", "--json"]);
        let channels = &score["people"][0]["channels"];
        assert_eq!((&channels[0]["id"], &channels[1]["id"]), (&"feed".into(), &"x".into()));
        [channels[1].clone(), channels[0].clone()]
    }

    fn spent(&self) -> Money {
        Purse::open(&self.store()).unwrap().spent("x", Clock::system_now()).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn user() -> Answer {
    json(
        br#"{"data": {"id": "4021", "username": "AdaExample", "name": "Ada", "public_metrics": {"followers_count": 3}}}"#,
    )
}

/// So many posts, the newest of which has this id.
fn posts(newest: usize, count: usize) -> Answer {
    let at = (Clock::system_now() - TimeDelta::hours(1)).to_rfc3339();
    let post = |id: usize| serde_json::json!({ "id": id.to_string(), "text": "t", "created_at": at, "public_metrics": { "like_count": 1 } });
    let data: Vec<Value> = (0..count).map(|place| post(newest - place)).collect();
    json(serde_json::json!({ "data": data }).to_string().as_bytes())
}

/// An account that writes 20 posts between any two polls. `billed` sums up what X would bill.
fn busy(billed: &Arc<AtomicUsize>) -> Server {
    let (billed, newest) = (billed.clone(), AtomicUsize::new(1_000));
    Server::start(move |head| {
        if head.starts_with("GET /feed") {
            return reply(200, &[("content-type", "application/rss+xml")], FEED.as_bytes());
        }
        if head.contains("/tweets") {
            billed.fetch_add(20 * 5_000, Ordering::SeqCst);
            return posts(newest.fetch_add(20, Ordering::SeqCst), 20);
        }
        billed.fetch_add(10_000, Ordering::SeqCst);
        user()
    })
}

fn asked_x(server: &Server) -> usize {
    server.asked().iter().filter(|head| head.starts_with("GET /2/")).count()
}

#[test]
fn what_is_not_switched_on_is_never_asked() {
    let server = busy(&Arc::default());
    for (x, words) in [
        ("", "write on = true and monthly_cap = 5.00"),
        ("monthly_cap = 5.00", "write on = true under [networks.x]"),
        ("on = false", "[networks.x] has on = false"),
        ("on = true", "write monthly_cap = 5.00"),
    ] {
        let home = Home::new(&server, x);
        let polled = home.json(0, &["poll", "--once", "--json"]);
        assert_eq!(polled["polled"].as_array().unwrap().len(), 1, "the feed alone: {polled}");
        let [x_state, feed] = home.states();
        assert_eq!((&x_state["state"], &x_state["reason"]), (&"off".into(), &"paused".into()), "{x:?}");
        assert_eq!(x_state["retry_at"], Value::Null);
        assert_eq!(feed["state"], "live");
        assert!(home.json(0, &["score", "--json"])["people"][0]["last"].is_f64(), "nobody waits for it");
        let (out, _) = home.ends(0, &["config", "check"]);
        assert!(out.contains("ADA: x:AdaExample is not asked") && out.contains(words), "{x:?}: {out}");
        let (_, err) = home.ends(2, &["add", "x:BoExample", "--yes"]);
        assert!(err.contains(words), "{x:?}: {err}");
        let (_, err) = home.ends(2, &["add", "x:BoExample", "--no-test"]);
        assert!(err.contains(words), "{x:?}: {err}");
        // What is computed again is what it was.
        let before = candles(&home);
        home.ends(0, &["compact", "--rebuild"]);
        assert!(before > 0 && candles(&home) == before, "history goes on without it");
    }
    assert_eq!(asked_x(&server), 0);
}

fn candles(home: &Home) -> i64 {
    let connection = rusqlite::Connection::open(home.store()).unwrap();
    connection.query_row("SELECT count(*) FROM candle", [], |row| row.get(0)).unwrap()
}

#[test]
fn switched_on_later_it_is_asked_and_switched_off_again_its_points_are_held() {
    let server = busy(&Arc::default());
    let home = Home::new(&server, "");
    home.ends(0, &["poll", "--once"]);
    let path = home.0.path().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("[networks.x]", "[networks.x]\non = true\nmonthly_cap = 5"))
        .unwrap();
    home.ends(0, &["poll", "--once"]);
    assert_eq!(home.states()[0]["state"], "live");
    std::fs::write(&path, config.replace("[networks.x]", "[networks.x]\non = false")).unwrap();
    let asked = asked_x(&server);
    home.ends(0, &["poll", "--once"]);
    let [x, _] = home.states();
    assert_eq!((&x["state"], &x["held"]), (&"off".into(), &true.into()));
    assert!(x["points"].as_f64().unwrap() > 0.0);
    assert_eq!(asked_x(&server), asked);
}

#[test]
fn a_cap_that_is_reached_ends_the_asking_until_the_month_is_over() {
    let billed = Arc::new(AtomicUsize::new(0));
    let server = busy(&billed);
    // Three polls at $0.11, and a rest that is no fourth one.
    let home = Home::new(&server, "on = true\nmonthly_cap = 0.43");
    for _ in 0..3 {
        home.ends(0, &["poll", "--once"]);
    }
    assert_eq!(home.spent(), Money(330_000));
    let asked = asked_x(&server);
    for _ in 0..3 {
        let polled = home.json(4, &["poll", "--once", "--json"]);
        let x = polled["polled"].as_array().unwrap().iter().find(|line| line["id"] == "x").unwrap();
        assert_eq!(
            (&x["outcome"], &x["reason"], &x["requests"]),
            (&"gap".into(), &"budget".into(), &0.into())
        );
    }
    assert_eq!(asked_x(&server), asked);
    assert_eq!(billed.load(Ordering::SeqCst), 330_000);
    let [x, _] = home.states();
    assert_eq!((&x["state"], &x["reason"], &x["held"]), (&"limit".into(), &"budget".into(), &true.into()));
    let until = x["retry_at"].as_str().unwrap().parse::<Time>().unwrap();
    assert_eq!((until.day(), until.month()), (1, next_month(Clock::system_now()).month()));
    let doctor = home.json(0, &["doctor", "--json"]);
    assert_eq!(
        doctor["prices"],
        serde_json::json!([{ "network": "x", "on": true, "monthly_cap": 0.43, "spent_this_month": 0.33, "poll": 0.11 }])
    );
    assert!(
        home.ends(0, &["doctor"])
            .0
            .contains("x on: cap $0.43 a month, $0.33 spent this month, at most $0.11 a poll")
    );
    // Raised, it goes on.
    let path = home.0.path().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("0.43", "0.45")).unwrap();
    home.ends(0, &["poll", "--once"]);
    assert_eq!((home.spent(), home.states()[0]["state"].clone()), (Money(440_000), "live".into()));
}

#[test]
fn adding_shows_the_price_before_anything_is_spent() {
    let server = busy(&Arc::default());
    let home = Home::new(&server, "on = true\nmonthly_cap = 1\ninterval = \"12h\"");
    // Nobody is there to be asked.
    let (out, err) = home.ends(0, &["add", "x:BoExample", "--as", "BO"]);
    assert!(out.contains("BO  x:AdaExample  found"), "{out}");
    let price = "x:BoExample: a poll, the first one too, costs at most $0.11; at one every 12h that is at most $0.22 a day \
                 and $6.82 a month; your cap is $1.00 a month, of which $0.00 is spent";
    assert!(err.contains(price), "{err}");
    assert_eq!((asked_x(&server), home.spent()), (1, Money(10_000)), "the account alone, and written down");
    let (_, err) = home.ends(0, &["add", "x:CyExample", "--yes", "--no-test", "--as", "CY"]);
    assert!(err.contains("of which $0.01 is spent"), "{err}");
    assert_eq!((asked_x(&server), home.spent()), (1, Money(10_000)));
    let (out, err) = home.ends(2, &["--config", "/nowhere/config.toml", "add", "x:BoExample"]);
    assert!(out.is_empty() && err.contains("X is off until you switch it on"), "{err}");
}

#[test]
fn a_cap_that_allows_nothing_lets_nobody_be_looked_up() {
    let server = busy(&Arc::default());
    let home = Home::new(&server, "on = true\nmonthly_cap = 0.005");
    home.ends(6, &["add", "x:BoExample", "--as", "BO"]);
    assert_eq!(asked_x(&server), 0);
}

/// What was set aside for an answer that never came stays spent: X may have billed it.
#[test]
fn who_is_killed_between_question_and_answer_has_spent_the_most_it_can_cost() {
    let server = Server::start(|head| {
        if head.contains("/tweets") { Answer::Silence(b"HTTP/1.1 200 OK\r\n".to_vec()) } else { user() }
    });
    let home = Home::new(&server, "on = true\nmonthly_cap = 5.00");
    let mut child = home.command(&["poll", "--once"]).spawn().unwrap();
    let waits = std::iter::repeat_with(|| std::thread::sleep(Duration::from_millis(20)));
    assert!(
        waits.take(1_500).any(|()| server.asked().iter().any(|head| head.contains("/tweets"))),
        "it asks"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(home.spent(), Money(10_000 + 20 * 5_000));
    // The next process begins with that.
    let doctor = home.json(0, &["doctor", "--json"]);
    assert_eq!(doctor["prices"][0]["spent_this_month"], 0.11);
}

#[test]
fn a_question_that_never_arrived_costs_nothing_and_a_broken_answer_costs_all() {
    let server = Server::start(|_| Answer::Bytes(Vec::new()));
    let home = Home::new(&server, "on = true\nmonthly_cap = 5.00");
    home.ends(5, &["poll", "--once"]);
    assert_eq!(home.spent(), Money(10_000), "it may have been answered");
    let path = home.0.path().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    // Nobody listens there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::fs::write(&path, config.replace(&server.url().to_string(), &format!("http://{closed}/"))).unwrap();
    home.ends(5, &["poll", "--once"]);
    assert_eq!(home.spent(), Money(10_000));
}

#[test]
fn caps_are_amounts_and_belong_to_what_costs_money() {
    let check = |text: &str| {
        let mistakes = cloutop::config::Config::parse(text).unwrap_err();
        mistakes
            .iter()
            .map(|mistake| format!("{}: {}", mistake.line, mistake.what))
            .collect::<Vec<_>>()
            .join("\n")
    };
    for amount in ["-1", "\"5\"", "nan", "inf", "1e9"] {
        let said = check(&format!("[networks.x]\nmonthly_cap = {amount}\n"));
        assert_eq!(said, "2: \"monthly_cap\" must be an amount of US dollars like 5.00", "{amount}");
    }
    let said = check("[networks.github]\nmonthly_cap = 5.00\n");
    assert_eq!(said, "2: GitHub costs nothing: it has no \"monthly_cap\"");
    assert_eq!(check("[networks.x]\non = 1\n"), "2: \"on\" must be true or false");
    let config = cloutop::config::Config::parse("[networks.github]\non = false\n").unwrap();
    assert!(config.off()["github"].contains("switched off"));
}

/// One step of somebody who spends.
#[derive(Debug, Clone)]
enum Step {
    Reserve {
        process: usize,
        most: u64,
    },
    /// The answer to one of the open questions, which costs this part of the most it can; some are never settled.
    Settle {
        process: usize,
        which: usize,
        part: f64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reserve = (0..3usize, 0..400_000u64).prop_map(|(process, most)| Step::Reserve { process, most });
    let settle = (0..3usize, 0..8usize, 0.0..1.5f64).prop_map(|(process, which, part)| Step::Settle {
        process,
        which,
        part,
    });
    proptest::collection::vec(prop_oneof![reserve, settle], 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Three processes at one store, in any order: what is billed and what may still be billed is within the cap.
    #[test]
    fn whatever_the_order_the_sum_never_exceeds_the_cap(steps in steps(), cap in 0..1_500_000u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cloutop.db");
        drop(Database::open(&path, &Lock::take(folder.path()).unwrap()).unwrap());
        let purses: Vec<Purse> = (0..3).map(|_| Purse::open(&path).unwrap()).collect();
        let now: Time = "2026-03-31T23:59:59Z".parse().unwrap();
        let mut open: Vec<(u64, Reserved)> = Vec::new();
        let mut billed = 0;
        for step in steps {
            match step {
                Step::Reserve { process, most } => {
                    let known: u64 = billed + open.iter().map(|(most, _)| most).sum::<u64>();
                    let reserved = purses[process].reserve("x", Money(most), Money(cap), now).unwrap();
                    prop_assert_eq!(reserved.is_some(), known + most <= cap, "all that fits is allowed");
                    open.extend(reserved.map(|reserved| (most, reserved)));
                }
                Step::Settle { process, which, part } => {
                    if open.is_empty() {
                        continue;
                    }
                    let (most, reserved) = open.remove(which % open.len());
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of it")]
                    let cost = (most as f64 * part) as u64;
                    purses[process].settle(&reserved, Money(cost)).unwrap();
                    billed += cost.min(most);
                }
            }
            let sum = billed + open.iter().map(|(most, _)| most).sum::<u64>();
            let spent = purses[0].spent("x", now).unwrap();
            prop_assert_eq!(spent, Money(sum));
            prop_assert!(spent <= Money(cap));
        }
        // The next month is another one.
        prop_assert_eq!(purses[0].spent("x", now + TimeDelta::seconds(1)).unwrap(), Money::ZERO);
        prop_assert_eq!(purses[0].spent("reddit", month_of(now)).unwrap(), Money::ZERO);
    }
}

#[test]
fn many_at_once_cannot_overrun_it_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cloutop.db");
    drop(Database::open(&path, &Lock::take(folder.path()).unwrap()).unwrap());
    let (cap, now) = (Money(1_000_000), Clock::system_now());
    let allowed = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let purse = Purse::open(&path).unwrap();
                for _ in 0..20 {
                    if purse.reserve("x", Money(30_000), cap, now).unwrap().is_some() {
                        *allowed.lock().unwrap() += 1;
                    }
                }
            });
        }
    });
    assert_eq!(*allowed.lock().unwrap(), 33, "as often as the cap has room for it");
    assert_eq!(Purse::open(&path).unwrap().spent("x", now).unwrap(), Money(990_000));
}
