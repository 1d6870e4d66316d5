#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! kill -9 while polling, again and again on the same store: it opens, nothing that was told as kept is
//! lost, nothing that was there changes, and everything derived is computed again to the same digits.

#[path = "support/server.rs"]
mod server;
#[path = "support/tables.rs"]
mod tables;

use cloutop::pipeline::rebuild;
use cloutop::score::Constants;
use cloutop::store::{Database, Lock};
use server::{Server, json, reply};
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tables::{derived, read, rows};

const KILLS: u64 = 200;

/// One number after the other from a seed, so that a failing run can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Two accounts on one server: the newest post of each has one favourite more at every poll.
fn counting_server() -> (Server, Arc<Mutex<HashMap<&'static str, u64>>>) {
    let likes_served: Arc<Mutex<HashMap<&'static str, u64>>> = Arc::default();
    let counts = likes_served.clone();
    let clock = AtomicU64::new(0);
    let server = Server::start(move |head| {
        let name = if head.contains("bob") || head.contains("/222") { "bob" } else { "ada" };
        let id = if name == "bob" { "222" } else { "111" };
        let account = format!("\"id\": \"{id}\", \"username\": \"{name}\", \"acct\": \"{name}\"");
        if head.contains("webfinger") {
            return reply(404, &[], b"");
        }
        if !head.contains("/statuses") {
            let more = clock.fetch_add(1, Ordering::Relaxed) % 7;
            return json(format!("{{{account}, \"followers_count\": {}}}", 50 + more).as_bytes());
        }
        if head.contains("/api/v1/statuses/") {
            let likes = counts.lock().unwrap().get(name).copied().unwrap_or(0);
            let fans = if head.contains("favourited_by") { likes } else { 0 };
            let fans: Vec<String> = (1..=fans)
                .rev()
                .take(80)
                .map(|n| format!("{{\"id\": \"{n}\", \"acct\": \"fan{n}@h.example\"}}"))
                .collect();
            return json(format!("[{}]", fans.join(",")).as_bytes());
        }
        let likes = {
            let mut counts = counts.lock().unwrap();
            let likes = counts.entry(name).or_default();
            *likes += 1;
            *likes
        };
        let status = format!(
            "[{{\"id\": \"{id}9\", \"created_at\": \"2026-03-02T09:00:00.000Z\", \"visibility\": \"public\", \
             \"favourites_count\": {likes}, \"reblogs_count\": {}, \"replies_count\": 0, \"content\": \"x\", \
             \"uri\": \"http://h.example/{id}9\", \"account\": {{{account}}}}}]",
            likes / 3
        );
        json(status.as_bytes())
    });
    (server, likes_served)
}

/// Polls until killed. Returns how many polls of each person were told as kept.
fn poll_and_kill(folder: &Path, dice: &mut Dice) -> HashMap<String, u64> {
    let mut poller = Command::new(env!("CARGO_BIN_EXE_cloutop"))
        .args(["poll", "--json"])
        .env("CLOUTOP_CONFIG", folder.join("config.toml"))
        .env("CLOUTOP_DATA_DIR", folder.join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (tell, told) = mpsc::channel();
    let mut lines = BufReader::new(poller.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut line = String::new();
        // A line that the kill cut short was not told.
        while lines.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            tell.send(value).unwrap();
            line.clear();
        }
    });
    let mut kept: HashMap<String, u64> = HashMap::new();
    let mut take = |value: &serde_json::Value| {
        assert_ne!(value["outcome"], "gap", "{value}");
        *kept.entry(value["symbol"].as_str().unwrap().to_lowercase()).or_default() += 1;
    };
    for _ in 0..dice.below(6) {
        let Ok(value) = told.recv_timeout(Duration::from_secs(20)) else {
            let mut words = String::new();
            poller.kill().unwrap();
            poller.stderr.take().unwrap().read_to_string(&mut words).unwrap();
            panic!("it polls no more: {words}");
        };
        take(&value);
    }
    // Then at any moment of the next few polls.
    let mut patience = dice.below(8_000);
    while patience > 0 {
        let step = patience.min(500);
        patience -= step;
        if let Ok(value) = told.recv_timeout(Duration::from_micros(step)) {
            take(&value);
        }
    }
    poller.kill().unwrap();
    poller.wait().unwrap();
    reader.join().unwrap();
    for value in told.try_iter() {
        take(&value);
    }
    kept
}

#[test]
fn nothing_is_lost_by_two_hundred_kills() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (server, likes_served) = counting_server();
    let config = format!(
        "[networks.mastodon]\napi = \"{}\"\ninterval = \"0s\"\n\n[[people]]\nsymbol = \"ADA\"\n\
         channels = [\"@ada@h.example\"]\n\n[[people]]\nsymbol = \"BOB\"\nchannels = [\"@bob@h.example\"]\n",
        server.url()
    );
    std::fs::write(folder.join("config.toml"), config).unwrap();
    let mut dice = Dice(20_260_302);
    let mut truth: Vec<BTreeSet<String>> = vec![BTreeSet::new(); 4];
    let mut told = 0;
    for kill in 1..=KILLS {
        let before = likes_served.lock().unwrap().clone();
        let kept = poll_and_kill(folder, &mut dice);
        told += kept.values().sum::<u64>();

        // The next writer comes in at once, and finds a sound file.
        let lock = Lock::take(&folder.join("data")).unwrap();
        let database = Database::open(&folder.join("data/cloutop.db"), &lock).unwrap();
        assert_eq!(database.check().unwrap(), Vec::<String>::new(), "after kill {kill}");
        drop((database, lock));

        // What was told as kept is there: the server counted on by one at every poll.
        let connection = read(&folder.join("data/cloutop.db"));
        for (name, polls) in kept {
            let native = if name == "bob" { "2229" } else { "1119" };
            let first = before.get(name.as_str()).copied().unwrap_or(0) + 1;
            for likes in first..first + polls {
                let found: u32 = connection
                    .query_row(
                        "SELECT count(*) FROM reading JOIN item ON item.id = reading.item
                         WHERE item.native = ? AND metric = 0 AND value = ?",
                        (native, i64::try_from(likes).unwrap()),
                        |row| row.get(0),
                    )
                    .unwrap();
                assert_eq!(found, 1, "{name}'s {likes} favourites after kill {kill}");
            }
        }
        // What was there before is there, unchanged.
        for (before, table) in truth.iter_mut().zip(["reading", "figure", "act", "poll"]) {
            let now = rows(&connection, table);
            assert!(before.is_subset(&now), "{table} lost something by kill {kill}");
            *before = now;
        }
        drop(connection);

        if kill % 25 == 0 {
            let live = derived(&folder.join("data/cloutop.db"));
            for table in ["ledger", "tally", "candle", "tick"] {
                assert!(!live[table].is_empty(), "there is something to compare in {table}");
            }
            let lock = Lock::take(&folder.join("data")).unwrap();
            let mut database = Database::open(&folder.join("data/cloutop.db"), &lock).unwrap();
            rebuild(&mut database, &Constants::reference(), &mut |_, _| {}).unwrap();
            drop((database, lock));
            for (table, rows) in derived(&folder.join("data/cloutop.db")) {
                assert!(
                    rows == live[table],
                    "{table} is not what it was after kill {kill}: {:#?} {rows:#?}",
                    live[table]
                );
            }
        }
    }
    assert!(told >= KILLS, "{told} polls in {KILLS} runs say little");
    assert!(truth[3].len() as u64 >= told);
}
