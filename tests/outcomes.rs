#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Visits stand beside the score: polled, kept and shown, and without any part in it.

#[path = "support/board.rs"]
mod board;

use board::{Board, account, minutes, post, start, wanted};
use cloutop::model::{Figure, Observation, Outcome, Profile, Range, Reason, Series, State, Time, Trouble};
use cloutop::pipeline::{Wanted, rebuild};
use cloutop::report;
use cloutop::score::Constants;
use cloutop::store::{Database, Lock};
use serde_json::Value;

const FOLLOWED: &str = "@ada@hachy.example";
const COUNTED: &str = "plausible:ada.example";

/// What a good poll of the site says.
fn visits(now: u64, before: Option<u64>) -> Outcome {
    let mut figures = vec![(Figure::Visits, now)];
    figures.extend(before.map(|before| (Figure::VisitsBefore, before)));
    let profile = Profile { figures, ..Profile::default() };
    Outcome::Observed(Box::new(Observation {
        profile,
        ..Observation::new(account(COUNTED).known_as("ada.example"))
    }))
}

fn followed(board: &Board, likes: u64, at: Time) -> Outcome {
    let published = start() - minutes(3_000);
    board.observed(0, vec![post("1", published, likes)], at)
}

fn people(with: bool) -> Vec<Wanted> {
    let accounts = [account(FOLLOWED), account(COUNTED)];
    vec![wanted("ADA", if with { &accounts } else { &accounts[..1] })]
}

/// Three hours of polls, with a site's among them or without.
fn lived(database: Database, with: bool) -> Board {
    let mut board = Board::on(database, people(with), start());
    for turn in 0..12 {
        let at = start() + minutes(15 * turn);
        let turn = turn.unsigned_abs();
        let seen = followed(&board, 10 + turn * 7, at);
        board.report(0, seen, at);
        if with {
            let at = at + minutes(5);
            let refused = Outcome::Gap(Trouble::Unauthorized);
            let seen = if turn == 8 { refused } else { visits(900 + turn, Some(800)) };
            let applied = board.report(1, seen, at);
            assert_eq!(
                (applied.people.len(), applied.ticks.len(), applied.told.len()),
                (1, 0, 0),
                "turn {turn}"
            );
            assert!(!applied.held);
        }
    }
    board
}

fn in_memory(with: bool) -> Board {
    lived(Database::in_memory().unwrap(), with)
}

fn drawn(board: &Board, at: Time) -> Series {
    let pipeline = &board.pipeline;
    pipeline.series(pipeline.people()[0], None, at, Range::Day, 60).unwrap().unwrap()
}

#[test]
fn a_score_is_the_same_with_and_without() {
    let (with, without) = (in_memory(true), in_memory(false));
    let at = start() + minutes(200);
    for range in [Range::Hour, Range::Day, Range::Week, Range::All] {
        let [one, other] = [&with, &without].map(|board| {
            let pipeline = &board.pipeline;
            let person = pipeline.people().remove(0);
            let shown = pipeline.snapshot(person, at, &[range]).unwrap().unwrap();
            let explained = pipeline.explain(person, None, at - minutes(120), at, None).unwrap();
            let log = pipeline.log(person, start()).unwrap();
            let series = pipeline.series(person, None, at, range, 60).unwrap();
            assert_eq!((shown.live(), shown.channels.len()), (1, 1));
            (
                shown.score,
                shown.uncertainty,
                shown.change(range).cloned(),
                shown.forecast.clone(),
                shown.channels.clone(),
                format!("{series:?} {log:?} {explained:?}"),
            )
        });
        assert_eq!(one, other, "{range:?}");
    }
}

#[test]
fn what_was_counted_is_kept_and_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = || {
        let lock = Lock::take(folder.path()).unwrap();
        Database::open(&folder.path().join("cloutop.db"), &lock).unwrap()
    };
    let board = lived(file(), true);
    let at = start() + minutes(200);
    let (before, candles) = (board.person(at), drawn(&board, at));
    let site = &before.outcomes[0];
    assert_eq!((site.figure(Figure::Visits), site.figure(Figure::VisitsBefore)), (Some(911), Some(800)));
    assert_eq!(site.weekly_percent(), Some(13.875));
    assert_eq!((site.slot.as_str(), site.state, site.points), ("plausible", State::Live, 0.0));
    drop(board);
    let mut database = file();
    rebuild(&mut database, &Constants::reference(), &mut |_, _| {}).unwrap();
    let again = Board::on(database, people(true), at);
    assert_eq!(again.person(at), before);
    assert_eq!(drawn(&again, at), candles);
}

fn told(board: &Board, at: Time) -> Value {
    let people = [board.person(at)];
    let mut told = serde_json::to_value(report::score(&people, "m1", at)).unwrap();
    told["people"][0].take()
}

#[test]
fn the_score_has_outcomes_as_a_member_of_their_own() {
    let accounts =
        [account(FOLLOWED), account(COUNTED), account("goatcounter:ada"), account("plausible:b.example")];
    let mut board = Board::new(vec![wanted("ADA", &accounts)]);
    let at = start();
    let seen = followed(&board, 20, at);
    board.report(0, seen, at);
    board.report(1, visits(1_311, Some(1_102)), at + minutes(1));
    board.report(2, Outcome::Gap(Trouble::KeyNeeded), at + minutes(2));
    let person = told(&board, at + minutes(3));
    assert_eq!(person["coverage"], serde_json::json!({ "live": 1, "configured": 1 }));
    assert_eq!(person["channels"].as_array().unwrap().len(), 1);
    let expected = serde_json::json!([
        { "id": "plausible", "network": "plausible", "account": "ada.example", "visits_7d": 1311,
          "visits_7d_before": 1102, "change_percent": 100.0 * 209.0 / 1102.0, "state": "live", "reason": "ok" },
        { "id": "goatcounter", "network": "goatcounter", "account": "ada", "visits_7d": null,
          "visits_7d_before": null, "change_percent": null, "state": "auth", "reason": "key_needed" },
        { "id": "plausible-2", "network": "plausible", "account": "b.example", "visits_7d": null,
          "visits_7d_before": null, "change_percent": null, "state": "stale", "reason": "ok" },
    ]);
    assert_eq!(person["outcomes"], expected);
    let people = [board.person(at + minutes(3))];
    let list = report::list_text(&people);
    assert!(
        list.contains("ada.example  live  1 311 visits in 7 days, 1 102 in the 7 before (+19.0%)\n"),
        "{list}"
    );
    assert!(list.contains("goatcounter    ada  auth\n"), "{list}");
}

#[test]
fn no_percent_of_nothing_and_of_what_is_unknown() {
    for (before, percent) in [(None, None), (Some(0), None), (Some(4), Some(-100.0))] {
        let mut board = Board::new(vec![wanted("ADA", &[account(COUNTED)])]);
        board.report(0, visits(0, before), start());
        let person = board.person(start());
        assert_eq!(person.outcomes[0].weekly_percent(), percent);
        // Whoever has visits alone has no score.
        assert_eq!((person.score, person.channels.len()), (None, 0));
    }
}

#[test]
fn a_site_that_cannot_be_read_keeps_its_last_numbers() {
    let mut board = Board::new(vec![wanted("ADA", &[account(FOLLOWED), account(COUNTED)])]);
    let seen = followed(&board, 20, start());
    board.report(0, seen, start());
    board.report(1, visits(50, Some(40)), start() + minutes(1));
    board.report(1, Outcome::Gap(Trouble::Unauthorized), start() + minutes(20));
    let person = board.person(start() + minutes(21));
    let site = &person.outcomes[0];
    assert_eq!((site.state, site.reason), (State::Auth, Reason::Unauthorized));
    assert_eq!(site.figure(Figure::Visits), Some(50));
    assert_eq!((person.live(), person.held_points()), (1, 0.0));
}
