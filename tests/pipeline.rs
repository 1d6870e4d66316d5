#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! From replies to scores: what is kept, what is told, and that it can be computed again.

#[path = "support/board.rs"]
mod board;
#[path = "support/server.rs"]
mod server;
#[path = "support/tables.rs"]
mod tables;

use board::{Board, account, minutes, start, wanted};
use chrono::TimeDelta;
use cloutop::config::Keys;
use cloutop::demo::World;
use cloutop::exchange::{Headers, Reply, Request};
use cloutop::http::{Fetch, Http};
use cloutop::model::{Metric, PersonSnapshot, PostState, Range, Reason, State, Time, Trouble};
use cloutop::pipeline::{Applied, Pipeline, Wanted, rebuild};
use cloutop::poller::Settings;
use cloutop::run::live_through_past;
use cloutop::score::Constants;
use cloutop::store::{Database, Ending, Lock, StoreError};
use rusqlite::Connection;
use server::{Server, reply};
use std::collections::HashMap;
use std::path::Path;
use tables::derived;

/// A Mastodon account that answers at once, as it is at the moment.
#[derive(Debug, Clone)]
struct Toots {
    id: &'static str,
    name: &'static str,
    followers: u64,
    /// Id and favourites.
    posts: Vec<(&'static str, u64)>,
    trouble: Option<Trouble>,
}

impl Toots {
    fn ada() -> Self {
        Self { id: "111", name: "ada", followers: 450, posts: vec![("1", 20), ("2", 5)], trouble: None }
    }

    fn answer(&self, path: &str) -> (u16, String) {
        let account = format!(
            "\"id\": \"{}\", \"username\": \"{}\", \"acct\": \"{}\", \"followers_count\": {}",
            self.id, self.name, self.name, self.followers
        );
        if path.contains("webfinger") {
            return (404, String::new());
        }
        if path.contains("/api/v1/statuses/") {
            // Who is behind a counter is not for strangers.
            return (401, "{}".to_owned());
        }
        if !path.contains("/statuses") {
            return (200, format!("{{{account}}}"));
        }
        let posts: Vec<String> = self
            .posts
            .iter()
            .map(|(id, likes)| {
                format!(
                    "{{\"id\": \"{id}\", \"created_at\": \"2026-03-02T0{id}:00:00.000Z\", \"visibility\": \
                     \"public\", \"favourites_count\": {likes}, \"content\": \"post {id}\", \"uri\": \
                     \"https://h.example/{id}\", \"account\": {{{account}}}}}"
                )
            })
            .collect();
        (200, format!("[{}]", posts.join(",")))
    }
}

impl Fetch for Toots {
    async fn fetch(&self, request: Request, now: Time) -> Result<Reply, Trouble> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        let (status, body) = self.answer(request.url.as_str());
        Ok(Reply {
            stage: request.stage,
            status,
            headers: Headers::new([("content-type", "application/json")]),
            body: body.into_bytes(),
            url: request.url,
            moved: false,
            at: now,
            keyed: false,
        })
    }

    fn has_key(&self, _name: &str) -> bool {
        false
    }
}

fn ada() -> Vec<Wanted> {
    vec![wanted("ADA", &[account("@ada@h.example")])]
}

fn poll(board: &mut Board, toots: &Toots, at: Time) -> Applied {
    board.poll(toots.clone(), Settings::default(), at).remove(0).1
}

fn after(n: i64) -> Time {
    start() + minutes(n)
}

fn likes(board: &Board, at: Time) -> Vec<(String, u64, PostState)> {
    let person = board.person(at);
    let mut posts = board.pipeline.posts(person.channels[0].id, person.id, at).unwrap();
    posts.sort_by(|a, b| a.title.cmp(&b.title));
    posts
        .into_iter()
        .map(|post| (post.title, post.counts.get(Metric::Likes).unwrap_or(0), post.state))
        .collect()
}

fn score(person: &PersonSnapshot) -> f64 {
    person.score.unwrap()
}

#[test]
fn a_first_reading_is_history_and_no_news() {
    let mut board = Board::new(ada());
    let first = poll(&mut board, &Toots::ada(), start());
    assert_eq!(first.ending, Ending::Observed);
    assert_eq!(first.ticks, [], "the first score has nothing to be compared with");
    let person = board.person(start());
    assert!(score(&person) > 0.0);
    let change = person.change(Range::Day).unwrap();
    assert!(change.backfilled, "yesterday's score was computed, not seen");
}

#[test]
fn what_came_in_is_told_with_its_cause() {
    let mut board = Board::new(ada());
    let mut toots = Toots::ada();
    poll(&mut board, &toots, start());
    let same = poll(&mut board, &toots, after(15));
    assert_eq!((same.ending, same.changed), (Ending::Unchanged, 0));
    assert_eq!(same.ticks, []);

    toots.posts[0].1 += 7;
    let person = board.person(after(30));
    let (before, open) = (score(&person), person.change(Range::Day).unwrap().open);
    let grown = poll(&mut board, &toots, after(30));
    assert_eq!((grown.ending, grown.changed), (Ending::Observed, 1));
    let [tick] = &grown.ticks[..] else { panic!("{:?}", grown.ticks) };
    assert!(tick.cause.contains('7') && tick.cause.contains("post 1"), "{}", tick.cause);
    let gained = score(&board.person(after(30))) - before;
    assert!((tick.points - gained).abs() < 1e-9, "{} is not {gained}", tick.points);
    let person = board.person(after(30));
    let change = person.change(Range::Day).unwrap();
    assert_eq!(change.volume, 25 + 7, "what the first poll found, and what came in since");
    assert_eq!(change.open, open, "yesterday does not change because something is new today");
}

#[test]
fn parts_sum_to_the_score_and_changes_to_the_change() {
    let mut board = Board::new(ada());
    let mut toots = Toots::ada();
    for n in 0..20 {
        toots.posts[0].1 += n % 3;
        toots.followers += 1;
        poll(&mut board, &toots, after(15 * i64::try_from(n).unwrap()));
        let person = board.person(after(15 * i64::try_from(n).unwrap()));
        let parts: f64 = person.channels.iter().map(|channel| channel.points).sum();
        assert!((parts - score(&person)).abs() < 1e-9);
        for channel in &person.channels {
            let three = channel.audience_points + channel.body_points + channel.buzz_points;
            assert!((three - channel.points).abs() < 1e-9);
        }
        let change = person.change(Range::Day).unwrap();
        let parts: f64 = change.channels.iter().map(|part| part.points).sum();
        assert!((parts - change.points).abs() < 1e-9);
        assert!((change.open + change.points - score(&person)).abs() < 1e-9);
    }
}

#[test]
fn a_post_that_vanishes_and_a_counter_that_falls_take_nothing_away() {
    let mut board = Board::new(ada());
    let mut toots = Toots::ada();
    poll(&mut board, &toots, start());
    let mut same = Board::new(ada());
    poll(&mut same, &toots, start());

    toots.posts[0].1 = 3;
    poll(&mut board, &toots, after(15));
    assert_eq!(score(&board.person(after(15))), score(&same.person(after(15))), "a fall is not news");
    toots.posts.remove(0);
    poll(&mut board, &toots, after(30));
    assert_eq!(score(&board.person(after(30))), score(&same.person(after(30))));
    let posts = likes(&board, after(30));
    assert_eq!(posts[0], (String::new(), 3, PostState::Gone), "its count as last given, its words no more");
    // Back again, as if nothing had been: only what is above the highest count is new.
    toots.posts.insert(0, ("1", 21));
    let back = poll(&mut board, &toots, after(45));
    assert!(back.ticks.len() == 1 && back.ticks[0].cause.contains('1'), "{:?}", back.ticks);
}

#[test]
fn a_gap_leaves_every_number_alone_and_the_next_reading_fills_in() {
    let mut board = Board::new(ada());
    let mut toots = Toots::ada();
    poll(&mut board, &toots, start());
    toots.trouble = Some(Trouble::Server { status: 503, until: None });
    let gap = poll(&mut board, &toots, after(15));
    assert_eq!((gap.ending, gap.reason), (Ending::Gap, Reason::ServerError));
    let person = board.person(after(15));
    assert_eq!(person.channels[0].state, State::Halt);
    assert_eq!(person.held_points(), score(&person));
    toots.trouble = None;
    toots.posts[1].1 += 4;
    let back = poll(&mut board, &toots, after(300));
    assert_eq!(back.ticks.len(), 1);
    assert_eq!(board.person(after(300)).channels[0].state, State::Live);
}

#[test]
fn two_addresses_of_one_account_are_counted_once() {
    let both = [account("@ada@h.example"), account("mastodon:@ADA@h.example")];
    let other = account("mastodon:https://h.example/@ada");
    let mut once = Board::new(ada());
    poll(&mut once, &Toots::ada(), start());
    let mut accounts = both.to_vec();
    accounts.push(other);
    accounts.dedup();
    let mut board = Board::new(vec![wanted("ADA", &accounts)]);
    board.poll(Toots::ada(), Settings::default(), start());
    board.poll(Toots::ada(), Settings::default(), after(15));
    assert_eq!(board.person(after(15)).channels.len(), 1);
    let (twice, once) = (score(&board.person(after(15))), score(&once.person(after(15))));
    assert!((twice - once).abs() < 1e-3, "{twice} is not {once}");
}

/// The configuration keeps the id that an account had when it was added.
#[test]
fn an_account_with_a_new_id_is_found_again_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut toots = Toots::ada();
    let mut known = account("@ada@h.example");
    known.stable = Some("h.example/111".to_owned());
    let people = || vec![wanted("ADA", std::slice::from_ref(&known))];
    let mut board = Board::on(file(folder.path()), people(), start());
    poll(&mut board, &toots, start());
    toots.id = "222";
    let mut moved = known.clone();
    moved.stable = Some("h.example/222".to_owned());
    let channel = board.person(start()).channels[0].id;
    board.pipeline.database().rows().bind(channel, &moved).unwrap();
    drop(board);
    let board = Board::on(file(folder.path()), people(), after(15));
    assert_eq!(board.person(after(15)).channels[0].id, channel);
    assert_eq!(likes(&board, after(15)).len(), 2);
}

/// Two channels that turn out to be one account: what was observed under either address stays.
#[test]
fn joining_two_channels_loses_no_observation() {
    let folder = tempfile::tempdir().unwrap();
    let both = || vec![wanted("ADA", &[account("@ada@h.example"), account("@eva@h.example")])];
    let mut board = Board::on(file(folder.path()), both(), start());
    let (ada, mut eva) = (Toots::ada(), Toots::ada());
    (eva.id, eva.name, eva.posts) = ("222", "eva", vec![("3", 40)]);
    let jobs = board.pipeline.jobs(start());
    for (job, toots) in jobs.into_iter().zip([&ada, &eva]) {
        board.poll_one(toots.clone(), Settings::default(), &job, start());
    }
    let separate = score(&board.person(start()));
    // The first account has moved to the second one.
    let [first, second] = &board.person(start()).channels[..] else { panic!("two channels") };
    let rows = board.pipeline.database().rows();
    assert_eq!(rows.bind(first.id, &second.account).unwrap(), second.id);
    assert_eq!(rows.items(second.id).unwrap().len(), 3);
    drop(board);
    let board = Board::on(file(folder.path()), both(), after(1));
    let person = board.person(after(1));
    assert_eq!(person.channels.len(), 1);
    assert!(score(&person) > separate * 0.9, "{} of {separate}", score(&person));
}

/// A poll made while the clock was a year ahead must not stop the polls of the right one.
#[test]
fn a_clock_that_was_wrong_stops_nothing() {
    let mut board = Board::new(ada());
    poll(&mut board, &Toots::ada(), start() + TimeDelta::days(400));
    let job = board.pipeline.jobs(start()).remove(0);
    assert_eq!(job.next_at, start());
    assert_eq!(poll(&mut board, &Toots::ada(), start()).ending, Ending::Unchanged);
}

#[test]
fn counters_beyond_belief_break_nothing() {
    let mut board = Board::new(ada());
    let mut toots = Toots::ada();
    (toots.followers, toots.posts) = (u64::from(u32::MAX), vec![("2", u64::MAX), ("1", u64::MAX)]);
    poll(&mut board, &toots, start());
    assert!(score(&board.person(start())) < 100.0);
    assert_eq!(poll(&mut board, &toots, after(15)).changed, 0, "and are no news at the next poll");
}

#[test]
fn who_leaves_the_board_and_comes_back_finds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::on(file(folder.path()), ada(), start());
    poll(&mut board, &Toots::ada(), start());
    drop(board);
    let board = Board::on(file(folder.path()), Vec::new(), after(5));
    assert!(board.pipeline.people().is_empty());
    drop(board);
    let board = Board::on(file(folder.path()), ada(), after(10));
    assert_eq!(likes(&board, after(10)).len(), 2);
    let mut same = Board::new(ada());
    poll(&mut same, &Toots::ada(), start());
    assert_eq!(score(&board.person(after(10))), score(&same.person(after(10))));
}

/// What a second start knows is what the first one knew.
#[test]
fn a_restart_changes_no_digit() {
    let folder = tempfile::tempdir().unwrap();
    let mut through = Board::new(ada());
    let mut toots = Toots::ada();
    for n in 0..12 {
        toots.posts[usize::from(n % 5 == 0)].1 += n % 4;
        let at = after(15 * i64::try_from(n).unwrap());
        poll(&mut through, &toots, at);
        let mut board = Board::on(file(folder.path()), ada(), at);
        poll(&mut board, &toots, at);
        let (mut one, mut other) = (through.person(at), board.person(at));
        one.id = other.id;
        for (a, b) in one.channels.iter_mut().zip(&mut other.channels) {
            a.id = b.id;
        }
        assert_eq!(one.score, other.score);
        assert_eq!(one.change(Range::Day).map(|c| c.points), other.change(Range::Day).map(|c| c.points));
    }
}

#[test]
fn not_modified_is_a_good_answer() {
    let server = Server::start(|head| {
        if head.to_lowercase().contains("if-none-match: \"one\"") {
            return reply(304, &[("etag", "\"one\"")], b"");
        }
        let feed = "<rss version=\"2.0\"><channel><title>b</title><link>https://b.example</link><item>\
                    <guid>1</guid><title>one</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>\
                    </channel></rss>";
        reply(200, &[("content-type", "application/rss+xml"), ("etag", "\"one\"")], feed.as_bytes())
    });
    let mut board = Board::new(vec![wanted("BLOG", &[account(&format!("feed:{}feed.xml", server.url()))])]);
    let http = || Http::new(Keys::default(), Vec::new()).unwrap();
    let first = board.poll(http(), Settings::default(), start()).remove(0);
    assert_eq!(first.1.ending, Ending::Observed);
    let second = board.poll(http(), Settings::default(), after(60)).remove(0);
    assert_eq!((second.1.ending, second.1.reason), (Ending::Unchanged, Reason::Ok));
    assert_eq!(second.0.requests, 1);
    assert_eq!(likes(&board, after(60)).len(), 1);
}

fn file(folder: &Path) -> Database {
    let lock = Lock::take(folder).unwrap();
    Database::open(&folder.join("cloutop.db"), &lock).unwrap()
}

/// The demo's life holds everything: first readings, news, halts, deleted posts, several channels.
#[test]
fn rebuilding_gives_every_row_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(7, start());
    let people: Vec<Wanted> = world.people().iter().map(Wanted::from).collect();
    let began = start() - TimeDelta::days(365);
    let mut pipeline = Pipeline::open(file(folder.path()), Constants::reference(), people, began).unwrap();
    live_through_past(&world, &mut pipeline, &mut |_, _, _, _| true).unwrap();
    drop(pipeline);
    let live = derived(&folder.path().join("cloutop.db"));
    for (table, rows) in
        live.iter().filter(|(table, _)| ["ledger", "tally", "credit", "candle", "tick"].contains(table))
    {
        assert!(rows.len() > 50, "{} rows in {table} say little", rows.len());
    }
    let mut database = file(folder.path());
    rebuild(&mut database, &Constants::reference(), &mut |_, _| {}).unwrap();
    drop(database);
    for (table, rows) in derived(&folder.path().join("cloutop.db")) {
        assert!(rows == live[table], "{table} is not what it was");
    }
}

#[test]
fn a_store_from_a_newer_version_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cloutop.db");
    drop(file(folder.path()));
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 4_000).unwrap();
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(connection);
    let bytes = std::fs::read(&path).unwrap();
    let lock = Lock::take(folder.path()).unwrap();
    for refused in [Database::open(&path, &lock), Database::open_read_only(&path)] {
        let error = refused.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 4_000, .. }), "{error:?}");
        assert!(error.to_string().contains("nothing was changed"), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "the store and its lock, no more");
}

#[test]
fn files_that_are_no_store_are_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cloutop.db");
    let lock = Lock::take(folder.path()).unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("PRAGMA application_id = 77; CREATE TABLE photos (id);")
        .unwrap();
    let mut cut = std::fs::read(&other).unwrap();
    cut.truncate(50);
    for bytes in [b"hello".to_vec(), vec![7; 9_000], std::fs::read(&other).unwrap(), cut] {
        std::fs::write(&path, &bytes).unwrap();
        let error = Database::open(&path, &lock).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    // An empty file is what a crash right after its creation leaves.
    std::fs::write(&path, b"").unwrap();
    Database::open(&path, &lock).unwrap();
}

#[test]
fn one_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let held = Lock::take(folder.path()).unwrap();
    let refused = Lock::take(folder.path()).unwrap_err();
    let StoreError::Locked { pid } = refused else { panic!("{refused:?}") };
    assert_eq!(pid, Some(std::process::id()));
    drop(held);
    Lock::take(folder.path()).unwrap();
}

#[test]
fn work_that_fails_leaves_nothing() {
    let mut database = Database::in_memory().unwrap();
    let failed: Result<(), StoreError> = database.transaction(|rows| {
        rows.channel_for(&account("hn:ada"))?;
        Err(StoreError::Locked { pid: None })
    });
    assert!(failed.is_err());
    assert_eq!(database.rows().channels().unwrap(), []);
}

/// The configuration's networks reach the account: another API, another pace.
#[test]
fn settings_go_by_network() {
    let api: url::Url = "http://127.0.0.1:9/".parse().unwrap();
    let networks = HashMap::from([("github", (Some(api.clone()), Some(minutes(1))))]);
    let settings = Settings::new(networks);
    let (github, news) = (account("github:ada"), account("hn:ada"));
    assert_eq!(settings.api(&github), api);
    assert_eq!(settings.interval(&github, false), minutes(1), "this machine may be asked at any time");
    assert!(settings.always_due(&github) && !settings.always_due(&news));
    assert!(settings.interval(&news, false) >= minutes(5));
    // They may change while polls are under way; floors stay.
    let elsewhere = settings.clone();
    elsewhere.pace([("hackernews", minutes(90))].into());
    assert_eq!(settings.interval(&news, false), minutes(90));
    assert_eq!(settings.api(&github), api, "only intervals change");
    elsewhere.pace([("hackernews", TimeDelta::zero())].into());
    assert_eq!(settings.interval(&news, false), minutes(2));
}
