#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! From a poll to what is told: the log, the rules, the badge, and the places, over restarts and storms.

#[path = "support/board.rs"]
mod board;

use board::{Board, account, minutes, post, start, wanted};
use chrono::{DateTime, FixedOffset, TimeDelta};
use cloutop::alerts::{Alert, Alerts, Delivery, EventKind};
use cloutop::bumps::{Entry, What};
use cloutop::clock::Clock;
use cloutop::config::Config;
use cloutop::deliver::terminal::{Speech, Terminal};
use cloutop::deliver::{Hook, Means, Place};
use cloutop::model::{Goal, Outcome, PersonId, Time, Trouble};
use cloutop::pipeline::{Pipeline, Wanted, rebuild};
use cloutop::run::{Courier, News};
use cloutop::score::Constants;
use cloutop::store::{Database, Lock};
use std::path::Path;

fn utc(at: Time) -> DateTime<FixedOffset> {
    at.fixed_offset()
}

fn file(folder: &Path) -> Database {
    let lock = Lock::take(folder).unwrap();
    Database::open(&folder.join("cloutop.db"), &lock).unwrap()
}

/// Tells every halt at once.
const DOWN: &str = "[[alerts.rules]]\nname = \"down\"\non = \"halt\"\nhow = [\"bell\"]\nquiet = \"0s\"\n";

fn ada() -> Vec<Wanted> {
    vec![Wanted { mine: true, ..wanted("ADA", &[account("@ada@h.example")]) }]
}

fn alerts(rules: &str) -> Alerts {
    Config::parse(rules).unwrap().alerts
}

/// Nine days on which nothing happens: what is usual is known then.
fn warm(board: &mut Board, people: usize) -> Time {
    for day in [0, 1, 9] {
        for channel in 0..people {
            read(board, channel, 0, start() + TimeDelta::days(day));
        }
    }
    start() + TimeDelta::days(9)
}

/// A poll of the nth channel that finds an old post, and a new one with so many likes unless there are none.
fn read(board: &mut Board, channel: usize, likes: u64, at: Time) {
    let mut posts = vec![post("1", start() - TimeDelta::days(30), 20)];
    if likes > 0 {
        posts.push(post("2", start() + TimeDelta::days(9), likes));
    }
    let observed = board.observed(channel, posts, at);
    board.report(channel, observed, at);
}

fn down(board: &mut Board, channel: usize, at: Time) {
    board.report(channel, Outcome::Gap(Trouble::Server { status: 503, until: None }), at);
}

fn log(pipeline: &Pipeline) -> Vec<Entry> {
    pipeline.log(pipeline.people()[0], start() - TimeDelta::days(1)).unwrap()
}

fn kinds(log: &[Entry]) -> Vec<(EventKind, &[String], bool)> {
    let kind = |entry: &Entry| match &entry.what {
        What::Bump(_) => EventKind::Bump,
        What::Happening(happening) => happening.kind,
    };
    log.iter().map(|entry| (kind(entry), entry.rules.as_slice(), entry.badge)).collect()
}

fn titles(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|told| format!("{}: {}", told.places.join(" "), told.alert.title)).collect()
}

#[test]
fn a_bump_is_told_once_though_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::on(file(folder.path()), ada(), start());
    board.pipeline.arm(Alerts::default(), utc, start()).unwrap();
    let at = warm(&mut board, 1) + minutes(15);
    assert_eq!(titles(&board.pipeline.deliveries()), Vec::<String>::new());
    read(&mut board, 0, 60, at);
    read(&mut board, 0, 62, at + minutes(15));
    let told = board.pipeline.deliveries();
    assert_eq!(told.len(), 1, "{told:?}");
    let alert = &told[0].alert;
    assert!(alert.title.starts_with("ADA/mastodon ▲ +"), "{alert:?}");
    assert!(alert.body.starts_with("60 favourites on \"a post\"; gone by "), "{alert:?}");
    let bump = |log: &[Entry]| log.iter().filter(|entry| matches!(entry.what, What::Bump(_))).count();
    let before = log(&board.pipeline);
    assert_eq!(bump(&before), 1, "{before:?}");
    let rules = vec!["bump".to_owned()];
    assert!(kinds(&before).contains(&(EventKind::Bump, &rules, true)), "{before:?}");

    drop(board);
    let mut board = Board::on(file(folder.path()), ada(), at + minutes(30));
    board.pipeline.arm(Alerts::default(), utc, at + minutes(30)).unwrap();
    read(&mut board, 0, 70, at + minutes(31));
    assert_eq!(titles(&board.pipeline.deliveries()), Vec::<String>::new());
    assert!(kinds(&log(&board.pipeline)).contains(&(EventKind::Bump, &rules, true)));
    let keys: Vec<String> = log(&board.pipeline).iter().map(Entry::key).collect();
    board.pipeline.see(&keys).unwrap();
    assert!(log(&board.pipeline).iter().all(|entry| !entry.unread));
}

#[test]
fn what_grows_is_told_when_it_is_large_enough() {
    let mut board = Board::new(ada());
    let rules = "[[alerts.rules]]\nname = \"large\"\non = \"bump\"\nmin = 30.0\nhow = [\"bell\"]\n";
    board.pipeline.arm(alerts(rules), utc, start()).unwrap();
    let at = warm(&mut board, 1) + minutes(15);
    for (poll, likes) in [60, 62].into_iter().enumerate() {
        read(&mut board, 0, likes, at + minutes(15 * i64::try_from(poll).unwrap()));
    }
    let size = |board: &Board| {
        let log = log(&board.pipeline);
        let bump = log.iter().find_map(|entry| match &entry.what {
            What::Bump(episode) => Some(episode.bump.magnitude),
            What::Happening(_) => None,
        });
        bump.unwrap()
    };
    assert!(board.pipeline.deliveries().is_empty() && size(&board) < 30.0, "{}", size(&board));
    read(&mut board, 0, 900, at + minutes(45));
    assert!(size(&board) >= 30.0, "{}", size(&board));
    assert_eq!(board.pipeline.deliveries().len(), 1);
    read(&mut board, 0, 1_500, at + minutes(60));
    assert!(board.pipeline.deliveries().is_empty(), "once");
}

/// What fired while nobody was there to tell it is told in one summary.
#[test]
fn a_crash_between_two_steps_tells_it_later() {
    let folder = tempfile::tempdir().unwrap();
    let rules = alerts(DOWN);
    let mut board = Board::on(file(folder.path()), ada(), start());
    board.pipeline.arm(rules.clone(), utc, start()).unwrap();
    read(&mut board, 0, 0, start());
    drop(board);
    // Polls without rules: as if the program had ended between taking a poll in and deciding what to tell.
    let mut board = Board::on(file(folder.path()), ada(), start());
    for hour in [1, 3] {
        down(&mut board, 0, start() + TimeDelta::hours(hour));
        read(&mut board, 0, 0, start() + TimeDelta::hours(hour + 1));
    }
    drop(board);
    let mut board = Board::on(file(folder.path()), ada(), start() + TimeDelta::hours(5));
    board.pipeline.arm(rules, utc, start() + TimeDelta::hours(5)).unwrap();
    assert_eq!(titles(&board.pipeline.deliveries()), ["bell: 2 alerts while cloutop was off"]);
}

#[test]
fn a_halt_is_told_when_it_lasts_and_nobody_polls() {
    let mut board = Board::new(ada());
    let rules = "[[alerts.rules]]\nname = \"down\"\non = \"halt\"\nafter = \"10m\"\nhow = [\"badge\"]\n";
    board.pipeline.arm(alerts(rules), utc, start()).unwrap();
    read(&mut board, 0, 0, start());
    down(&mut board, 0, start() + minutes(1));
    assert!(board.pipeline.deliveries().is_empty());
    assert_eq!(board.pipeline.next_alarm(start() + minutes(1)), Some(start() + minutes(11)));
    board.pipeline.wake(start() + minutes(11)).unwrap();
    assert_eq!(titles(&board.pipeline.deliveries()), ["badge: ADA/mastodon halted"]);
    assert_eq!(board.pipeline.next_alarm(start() + minutes(11)), None);
}

#[test]
fn a_filter_that_becomes_true_is_an_entry_of_the_log() {
    let mut board = Board::new(ada());
    let rules = "[[alerts.rules]]\nname = \"up\"\nwhen = \"d24>2\"\nhow = [\"badge\"]\n";
    board.pipeline.arm(alerts(rules), utc, start()).unwrap();
    let at = warm(&mut board, 1);
    for poll in 0..6 {
        read(&mut board, 0, 400, at + minutes(15 * poll));
    }
    assert_eq!(board.pipeline.deliveries().len(), 1, "it holds for two polls and fires once");
    let log = log(&board.pipeline);
    let rules = vec!["up".to_owned()];
    assert!(kinds(&log).contains(&(EventKind::Crossing, &rules, true)), "{log:?}");
    let entry = log.iter().find(|entry| entry.badge).unwrap();
    board.pipeline.see(&[entry.key()]).unwrap();
    let again = self::log(&board.pipeline);
    assert!(again.iter().any(|known| known.key() == entry.key() && !known.unread));
}

/// A goal that is won is told, and stays told when everything is computed again.
#[test]
fn a_goal_that_is_won_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::on(file(folder.path()), ada(), start());
    let rules = "[[alerts.rules]]\nname = \"prize\"\non = \"goal\"\nhow = [\"desktop\"]\nquiet = \"0s\"\n";
    board.pipeline.arm(alerts(rules), utc, start()).unwrap();
    let at = warm(&mut board, 1);
    let score = board.person(at).score.unwrap();
    let person = board.pipeline.people()[0];
    let prize = "coffee maker".to_owned();
    let (hold, due) = (TimeDelta::hours(1), None);
    let goal = Goal { id: 0, person, since: at, target: score + 1.0, hold, due, prize };
    board.pipeline.database().rows().insert_goal(&goal).unwrap();
    for poll in 1..9 {
        read(&mut board, 0, 400, at + minutes(15 * poll));
    }
    let told = board.pipeline.deliveries();
    assert_eq!(titles(&told), ["desktop: ADA goal", "desktop: ADA goal"]);
    assert!(told[0].alert.body.starts_with("reached "), "{told:?}");
    assert!(told[1].alert.body.ends_with(" · coffee maker"), "{told:?}");
    let goals = |log: Vec<Entry>| -> Vec<Entry> {
        let of_goals =
            |entry: &Entry| matches!(&entry.what, What::Happening(told) if told.kind == EventKind::Goal);
        log.into_iter().filter(of_goals).collect()
    };
    let before = goals(log(&board.pipeline));
    assert_eq!(before.len(), 2);
    drop(board);
    let mut database = file(folder.path());
    rebuild(&mut database, &Constants::reference(), &mut |_, _| {}).unwrap();
    let board = Board::on(database, ada(), at + TimeDelta::hours(3));
    assert_eq!(goals(log(&board.pipeline)), before);
}

#[test]
fn a_silenced_rule_stays_silent_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let rules = alerts(DOWN);
    let mut board = Board::on(file(folder.path()), ada(), start());
    board.pipeline.arm(rules.clone(), utc, start()).unwrap();
    read(&mut board, 0, 0, start());
    board.pipeline.snooze(Some("down"), start() + TimeDelta::hours(8), start()).unwrap();
    assert_eq!(board.pipeline.rules(start())[0].snoozed, Some(start() + TimeDelta::hours(8)));
    drop(board);
    let mut board = Board::on(file(folder.path()), ada(), start() + minutes(1));
    board.pipeline.arm(rules, utc, start() + minutes(1)).unwrap();
    down(&mut board, 0, start() + minutes(2));
    assert!(board.pipeline.deliveries().is_empty());
    read(&mut board, 0, 0, start() + TimeDelta::hours(9));
    down(&mut board, 0, start() + TimeDelta::hours(10));
    assert_eq!(titles(&board.pipeline.deliveries()), ["bell: ADA/mastodon halted"]);
}

/// A thousand people bump within a second: the log has them all, the terminal a handful and one bell.
#[tokio::test(start_paused = true)]
async fn a_thousand_bumps_are_six_notifications_and_one_bell() {
    const PEOPLE: usize = 1_000;
    let people: Vec<Wanted> =
        (0..PEOPLE).map(|n| wanted(&format!("P{n}"), &[account(&format!("@p{n}@h.example"))])).collect();
    let mut board = Board::new(people);
    let rules = "[[alerts.rules]]\nname = \"any\"\non = \"bump\"\nhow = [\"badge\", \"bell\", \"desktop\"]\n";
    board.pipeline.arm(alerts(rules), utc, start()).unwrap();
    let channels: Vec<_> = board.pipeline.jobs(start()).iter().map(|job| job.channel).collect();
    assert_eq!(channels.len(), PEOPLE);
    let at = warm(&mut board, PEOPLE) + minutes(15);
    let clock = Clock::virtual_from(at, 1.0);
    let places = [("bell", Means::Bell), ("desktop", Means::Desktop)];
    let places = places.map(|(name, means)| Place { name: name.to_owned(), means });
    let terminal = Terminal { speech: Speech::Osc777, tmux: None };
    let mut courier = Courier::start(places.into(), Vec::new(), clock, Some(terminal), Vec::new()).unwrap();
    for channel in 0..PEOPLE {
        read(&mut board, channel, 300, at);
        courier.deliver(board.pipeline.deliveries());
    }
    let (mut written, mut settled) = (String::new(), 0);
    while settled < 2 * PEOPLE {
        match courier.news().await {
            News::Write(bytes) => written.push_str(&String::from_utf8(bytes).unwrap()),
            News::Settled { .. } => settled += 1,
            other => panic!("{other:?}"),
        }
    }
    let badge: usize = board
        .pipeline
        .people()
        .into_iter()
        .map(|person: PersonId| board.pipeline.log(person, at).unwrap().iter().filter(|e| e.badge).count())
        .sum();
    assert_eq!(badge, PEOPLE);
    assert_eq!(written.matches("\u{1b}]777;").count(), 6, "{written}");
    assert_eq!(written.matches('\u{7}').count(), 1);
    assert!(written.contains("995 more: "), "{written}");
    assert_eq!(clock.now() - at, minutes(1), "the summary comes when the minute is over");
}

/// Whoever hands over never waits, and repeated trouble is said once.
#[tokio::test]
async fn trouble_with_a_place_is_said_once() {
    let why = "the topic is missing".to_owned();
    let places = vec![Place { name: "phone".to_owned(), means: Means::Unusable(why) }];
    let mut courier = Courier::start(places, Vec::new(), Clock::System, None, Vec::new()).unwrap();
    let told = |n: i64| Delivery {
        places: vec!["badge".to_owned(), "bell".to_owned(), "phone".to_owned()],
        alert: Alert { key: format!("k{n}"), ..Alert::sample(start() + minutes(n)) },
        count: 1,
    };
    courier.deliver((0..5).map(told).collect());
    let first = courier.news().await;
    assert_eq!(
        first,
        News::Trouble(
            "alerts to phone: the topic is missing; nothing more goes there until the next start".to_owned()
        )
    );
    assert_eq!(courier.finish(std::future::pending()).await, []);
}

/// Of a sample everything is said, in one line that grows.
#[tokio::test]
async fn what_became_of_a_sample_is_said_place_by_place() {
    let places = [("phone", Means::Unusable("the topic is missing".to_owned())), ("bell", Means::Bell)];
    let places = places.map(|(name, means)| Place { name: name.to_owned(), means }).into();
    let terminal = Terminal { speech: Speech::Bell, tmux: None };
    let mut courier = Courier::start(places, Vec::new(), Clock::System, Some(terminal), Vec::new()).unwrap();
    let places = vec!["bell".to_owned(), "phone".to_owned()];
    courier.deliver(vec![Delivery { places, alert: Alert::sample(start()), count: 1 }]);
    let mut said = Vec::new();
    while said.len() < 2 {
        if let News::Trouble(words) = courier.news().await {
            said.push(words);
        }
    }
    assert_eq!(
        said[1],
        "sample: bell delivered · phone the topic is missing; nothing more goes there until the next start"
    );
}

/// The program was off when the time was over: whoever is well again is not told as halted.
#[test]
fn a_halt_is_asked_again_before_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::on(file(folder.path()), ada(), start());
    board.pipeline.arm(Alerts::default(), utc, start()).unwrap();
    read(&mut board, 0, 0, start());
    down(&mut board, 0, start() + minutes(1));
    drop(board);
    for (back, told) in [(true, 0), (false, 1)] {
        let at = start() + minutes(if back { 60 } else { 180 });
        let mut board = Board::on(file(folder.path()), ada(), at);
        board.pipeline.arm(Alerts::default(), utc, at).unwrap();
        board.pipeline.wake(at).unwrap();
        assert!(board.pipeline.deliveries().is_empty());
        assert!(
            board.pipeline.next_alarm(at).is_none_or(|next| next > at),
            "nothing to wake for in the past"
        );
        if back {
            read(&mut board, 0, 0, at);
            down(&mut board, 0, at + minutes(60));
        } else {
            down(&mut board, 0, at);
        }
        assert_eq!(board.pipeline.deliveries().len(), told);
    }
}

#[test]
fn all_are_silenced_and_one_is_woken() {
    let mut board = Board::new(ada());
    board.pipeline.arm(Alerts::default(), utc, start()).unwrap();
    let late = start() + TimeDelta::hours(8);
    let silent = |board: &Board| -> Vec<bool> {
        board.pipeline.rules(start()).iter().map(|rule| rule.snoozed.is_some()).collect()
    };
    board.pipeline.snooze(None, late, start()).unwrap();
    assert_eq!(silent(&board), [true, true]);
    board.pipeline.snooze(Some("bump"), start(), start()).unwrap();
    assert_eq!(silent(&board), [false, true]);
    board.pipeline.snooze(Some("bump"), late, start()).unwrap();
    board.pipeline.snooze(None, start(), start()).unwrap();
    assert_eq!(silent(&board), [false, false], "whoever wakes all wakes each");
}

/// What waited at the end is known not to have arrived: it is told at the next start.
#[tokio::test]
async fn what_could_not_be_sent_is_sent_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::on(file(folder.path()), ada(), start());
    board.pipeline.arm(Alerts::default(), utc, start()).unwrap();
    let sleeps = vec!["sleep".to_owned(), "60".to_owned()];
    let hook = Hook::new(&sleeps, None, std::env::vars_os()).unwrap();
    let places = vec![Place { name: "slow".to_owned(), means: Means::Hook(hook) }];
    let mut courier = Courier::start(places, Vec::new(), Clock::System, None, Vec::new()).unwrap();
    let told = |n: i64| Delivery {
        places: vec!["slow".to_owned()],
        alert: Alert { key: format!("k{n}"), ..Alert::sample(start()) },
        count: 1,
    };
    courier.deliver((0..3).map(told).collect());
    let mut unsent = 0;
    // Enough at once: the first is under way or waits, the others wait.
    for news in courier.finish(std::future::ready(())).await {
        if let News::Unsent(delivery) = news {
            board.pipeline.keep_unsent(&delivery).unwrap();
            unsent += 1;
        }
    }
    assert!(unsent >= 2, "{unsent}");
    drop(board);
    let mut board = Board::on(file(folder.path()), ada(), start() + minutes(1));
    board.pipeline.arm(Alerts::default(), utc, start() + minutes(1)).unwrap();
    assert_eq!(board.pipeline.deliveries().len(), unsent);
    board.pipeline.arm(Alerts::default(), utc, start() + minutes(2)).unwrap();
    assert!(board.pipeline.deliveries().is_empty(), "once");
}

/// Rules change while the program runs: those that did not remember what they did, and there was no time at which
/// it was off.
#[test]
fn rules_change_while_it_runs() {
    let mut board = Board::new(ada());
    let other = "[[alerts.rules]]\nname = \"top\"\nwhen = \"last>99\"\nhow = [\"bell\"]\n";
    board.pipeline.arm(alerts(DOWN), utc, start()).unwrap();
    let at = warm(&mut board, 1) + minutes(15);
    down(&mut board, 0, at);
    assert_eq!(board.pipeline.deliveries().len(), 1);
    let fired = |board: &Board, at| -> Vec<(String, usize)> {
        let rules = board.pipeline.rules(at);
        rules.into_iter().map(|standing| (standing.rule.name, standing.fired)).collect()
    };
    board.pipeline.rearm(alerts(&format!("{DOWN}{other}"))).unwrap();
    let at = at + minutes(15);
    assert_eq!(fired(&board, at), [("down".to_owned(), 1), ("top".to_owned(), 0)]);
    // What happens from now on is told as it happens, not as missed; the rule that was added is asked, too.
    read(&mut board, 0, 0, at);
    down(&mut board, 0, at + minutes(15));
    assert_eq!(titles(&board.pipeline.deliveries()), ["bell: ADA/mastodon halted"]);
    assert_eq!(fired(&board, at + minutes(15))[0].1, 2);
    // Off is silent and forgets.
    board.pipeline.rearm(alerts(&format!("{DOWN}off = true\n{other}"))).unwrap();
    read(&mut board, 0, 0, at + minutes(30));
    down(&mut board, 0, at + minutes(45));
    assert_eq!(titles(&board.pipeline.deliveries()), Vec::<String>::new());
    assert_eq!(fired(&board, at + minutes(45))[0].1, 0);
}

/// A halt that a rule waits for is not told by one that has its name and is on something else.
#[test]
fn what_waits_belongs_to_what_the_rule_is_on() {
    let mut board = Board::new(ada());
    let patient = DOWN.replace("quiet", "after = \"1h\"\nquiet");
    board.pipeline.arm(alerts(&patient), utc, start()).unwrap();
    let at = warm(&mut board, 1) + minutes(15);
    down(&mut board, 0, at);
    board.pipeline.rearm(alerts(&DOWN.replace("halt", "milestone"))).unwrap();
    down(&mut board, 0, at + minutes(15));
    assert_eq!(titles(&board.pipeline.deliveries()), Vec::<String>::new());
}
