#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Goals: their life over random scores, what they take against the score itself laid out day by day, and the way
//! from polls to states, events and the screen.

#[path = "support/board.rs"]
mod board;

use board::{Board, account, minutes, post, start, wanted};
use chrono::TimeDelta;
use cloutop::alerts::EventKind;
use cloutop::bumps::{Happening, What};
use cloutop::goals::{GoalEvent, Life, Source, Span, effort, events};
use cloutop::model::{ChannelId, Goal, GoalState, Outcome, PersonId, Time, Trouble, time};
use cloutop::pipeline::{Pipeline, Wanted, rebuild};
use cloutop::rollup::{micro, points};
use cloutop::score::{Constants, DAY_MILLIS, Evidence, Weighed, score_of};
use cloutop::store::{Database, Lock};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

/// Ada's accounts, and which of them is the other.
const ACCOUNTS: [&str; 2] = ["@ada@h.example", "@bea@h.example"];
const OTHER: usize = 1;

const HOUR: i64 = 3_600_000;

fn goal(target: f64, hold: TimeDelta, due: Option<Time>) -> Goal {
    let prize = "coffee maker".to_owned();
    Goal { id: 1, person: PersonId(1), since: time(0), target, hold, due, prize }
}

fn lived<'g>(goal: &'g Goal, readings: &[(Time, f64)], now: Time) -> Life<'g> {
    let mut life = Life::new(goal);
    for &(at, score) in readings {
        life.read(at, score);
    }
    life.pass(now);
    life
}

/// Readings an hour apart or more, around 50.
fn readings() -> impl Strategy<Value = Vec<(Time, f64)>> {
    let gap = prop_oneof![6 => 1i64..4, 1 => 4i64..300];
    prop::collection::vec((gap, 46.0..54.0f64), 1..120).prop_map(|steps| {
        let mut at = 0;
        let reading = |(gap, score): (i64, f64)| {
            at += gap * HOUR;
            (time(at), (2.0 * score).round() / 2.0)
        };
        steps.into_iter().map(reading).collect()
    })
}

fn goals() -> impl Strategy<Value = Goal> {
    let hold = prop_oneof![Just(0i64), 1i64..200];
    (46.0..54.0f64, hold, prop::option::of(0i64..400)).prop_map(|(target, hold, due)| {
        goal((2.0 * target).round() / 2.0, TimeDelta::hours(hold), due.map(|due| time(due * HOUR)))
    })
}

/// Whether a goal may come from one state into another.
fn allowed(goal: &Goal, from: GoalState, to: GoalState) -> bool {
    use GoalState::{Lost, Missed, Open, Reached, Won};
    let (before, at) = (from.at().unwrap_or(goal.since), to.at().unwrap());
    let in_time = |at: Time| goal.due.is_none_or(|due| at <= due);
    match (from, to) {
        (Open | Lost { .. }, Reached { at }) => in_time(at) && goal.hold > TimeDelta::zero() && at >= before,
        (Open, Won { at }) => in_time(at) && goal.hold.is_zero(),
        (Open | Lost { .. }, Missed { at }) => goal.due == Some(at),
        (Reached { .. }, Lost { at }) => in_time(at) && at > before,
        (Reached { .. }, Won { .. }) => at - before >= goal.hold,
        (Reached { .. }, Missed { at }) => !in_time(at) && at > before,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_only_move_along_the_arrows(goal in goals(), readings in readings(), later in 0i64..400) {
        let now = readings.last().unwrap().0 + TimeDelta::hours(later);
        let life = lived(&goal, &readings, now);
        let mut before = GoalState::Open;
        for &state in life.moves() {
            prop_assert!(allowed(&goal, before, state), "{before:?} to {state:?} of {goal:?}");
            before = state;
        }
        prop_assert_eq!(before, life.state());
    }

    /// Looked at in stretches of any length that are only read where they decide something.
    #[test]
    fn a_life_is_the_same_however_it_is_cut(
        goal in goals(),
        readings in readings(),
        cuts in prop::collection::vec(1usize..30, 120),
    ) {
        let now = readings.last().unwrap().0;
        let mut life = Life::new(&goal);
        let mut rest = readings.as_slice();
        for cut in cuts {
            let (part, others) = rest.split_at(cut.min(rest.len()));
            rest = others;
            let Some((until, _)) = part.last() else { break };
            let low = part.iter().map(|(_, score)| *score).fold(f64::INFINITY, f64::min);
            let high = part.iter().map(|(_, score)| *score).fold(0.0, f64::max);
            if !life.skips(&Span { until: *until, low, high }) {
                for &(at, score) in part {
                    life.read(at, score);
                }
            }
        }
        life.pass(now);
        let plain = lived(&goal, &readings, now);
        prop_assert_eq!(life.moves(), plain.moves());
    }

    /// Asked after every reading, from the one before, nothing is missed and nothing told twice.
    #[test]
    fn events_of_intervals_are_those_of_the_whole(goal in goals(), readings in readings()) {
        let (mut told, mut last) = (Vec::new(), time(-1));
        for seen in 1..=readings.len() {
            let at = readings[seen - 1].0;
            told.extend(events(&lived(&goal, &readings[..seen], at), last, at));
            last = at;
        }
        let whole = events(&lived(&goal, &readings, last), time(-1), last);
        // What is due with a reading is known with the next one.
        let due = |event: &GoalEvent| matches!(event.state, GoalState::Missed { .. });
        prop_assert!(told.iter().filter(|event| !due(event)).eq(whole.iter().filter(|event| !due(event))));
        prop_assert!(told.iter().all(|event| whole.contains(event)));
    }
}

/// Engagement x on every one of so many days, in an event an hour.
fn constant(x: f64, days: i64) -> Vec<Weighed> {
    let row = |hour: i64| Weighed { at: hour * HOUR + HOUR / 2, item: 0, x: x / 24.0 };
    (0..24 * days).map(row).collect()
}

/// What is said to be needed, laid out hour by hour for ten years, makes the score settle there.
#[test]
fn the_pace_that_is_told_makes_the_score_settle_at_the_target() {
    let constants = Constants::reference();
    let days = 3_650;
    let now = time(days * DAY_MILLIS - 1);
    for target in [5.0, 30.0, 55.73, 70.0, 90.0] {
        for audience in [None, Some(0.0), Some(120.0), Some(50_000.0)] {
            // The other channel goes on with a typical day every day.
            let other =
                Evidence { rows: &constant(1.0, days), ..Evidence::default() }.energy(now, &constants);
            for others in [0.0, 1.0] {
                let phi = Some(150.0);
                let few = constant(50.0, 3);
                let begun = Evidence { rows: &few, audience, phi, assumed: None };
                let main = begun.energy(time(3 * DAY_MILLIS), &constants);
                let mut sources =
                    vec![Source { channel: ChannelId(1), energy: main, days: vec![2.0], length: 28.0 }];
                if others > 0.0 {
                    // Begun just now, so that the first is the one with most points.
                    let days = vec![1.0; 28];
                    sources.push(Source {
                        channel: ChannelId(2),
                        energy: main.aged(90.0, &constants),
                        days,
                        length: 28.0,
                    });
                }
                let found = effort(target, None, &sources, &constants).unwrap();
                assert_eq!(found.channel, ChannelId(1));
                let rows = constant(found.weekly / 7.0, days);
                let long = Evidence { rows: &rows, audience, phi, assumed: None };
                let mut total = long.energy(now, &constants).total(&constants);
                if others > 0.0 {
                    let reach = main.reach;
                    total += cloutop::score::Energy { reach, ..other }.total(&constants);
                }
                let score = score_of(total, constants.theta);
                if found.weekly > 0.0 {
                    assert!((score - target).abs() < 0.05, "{target} {audience:?} {others}: {score}");
                } else {
                    assert!(score >= target, "{target} {audience:?}: {score}");
                }
            }
        }
    }
}

/// The pace told for a due instant, laid out from now on, is there at that instant.
#[test]
fn the_pace_that_is_told_for_the_due_instant_is_in_time() {
    let constants = Constants::reference();
    let begin = 60;
    let mut rows = constant(1.5, begin);
    let now = time(begin * DAY_MILLIS);
    let evidence = Evidence { rows: &rows, audience: Some(900.0), phi: Some(150.0), assumed: None };
    let energy = evidence.energy(now, &constants);
    let past = rows.iter().map(|row| (row.at, row.x));
    let source = Source::new(ChannelId(1), energy, past, Some(0), now);
    let due = 45;
    let found = effort(48.0, Some(45.0), &[source], &constants).unwrap();
    assert!((found.lately - 10.5).abs() < 0.1, "{}", found.lately);
    assert_eq!(found.usual, None);
    let x = found.by_due.unwrap() / 7.0;
    let more = constant(x, due).into_iter().map(|row| Weighed { at: row.at + begin * DAY_MILLIS, ..row });
    rows.extend(more);
    let evidence = Evidence { rows: &rows, audience: Some(900.0), phi: Some(150.0), assumed: None };
    let then = evidence.energy(time((begin + due) * DAY_MILLIS - 1), &constants);
    let score = score_of(then.total(&constants), constants.theta);
    assert!((score - 48.0).abs() < 0.05, "{score}");
}

/// Somebody on two Mastodon accounts, polled by hand; the other has nothing to tell.
fn named() -> Wanted {
    wanted("ADA", &ACCOUNTS.map(account))
}

struct Ada {
    board: Board,
    likes: u64,
    folder: TempDir,
}

fn file(folder: &Path) -> Database {
    let lock = Lock::take(folder).unwrap();
    Database::open(&folder.join("cloutop.db"), &lock).unwrap()
}

impl Ada {
    fn new() -> Self {
        let people = vec![named()];
        let folder = tempfile::tempdir().unwrap();
        Self { board: Board::on(file(folder.path()), people, start()), likes: 5, folder }
    }

    fn id(&self) -> PersonId {
        self.pipeline().people()[0]
    }

    fn pipeline(&self) -> &Pipeline {
        &self.board.pipeline
    }

    /// Returns the scores that were read.
    fn poll(&mut self, likes: u64, at: Time) -> [f64; 2] {
        self.likes += likes;
        let post = post("1", start() - TimeDelta::days(1), self.likes);
        let other = self.board.observed(OTHER, Vec::new(), at);
        self.board.report(OTHER, other, at);
        let first = self.score(at);
        let observed = self.board.observed(0, vec![post], at);
        self.board.report(0, observed, at);
        [first, self.score(at)].map(|score| points(micro(score)))
    }

    fn gap(&mut self, place: usize, at: Time) {
        self.board.report(place, Outcome::Gap(Trouble::Server { status: 503, until: None }), at);
    }

    fn set(&self, wish: Goal) -> Goal {
        let goal = Goal { person: self.id(), ..wish };
        self.pipeline().database().rows().insert_goal(&goal).unwrap()
    }

    fn score(&self, at: Time) -> f64 {
        self.board.person(at).score.unwrap()
    }

    fn states(&self, at: Time) -> Vec<GoalState> {
        self.board.person(at).goals.iter().map(|goal| goal.state).collect()
    }
}

/// Ten days, a poll every three hours, a wave of likes every third day: candles of all widths tell the same as the
/// readings themselves, events come once each, and a rebuilt store tells the same.
#[test]
fn from_polls_to_states_and_events() {
    let mut ada = Ada::new();
    let set = start() + TimeDelta::hours(20);
    let mut seen: Vec<(Time, f64)> = Vec::new();
    let mut goals = Vec::new();
    let mut told = BTreeSet::new();
    let mut last = start() - minutes(1);
    for poll in 0..80 {
        let at = start() + TimeDelta::hours(3 * poll);
        if at > set && goals.is_empty() {
            let score = ada.score(at);
            for (more, hold, due) in [
                (0.5, 30, None),
                (7.0, 30, Some(120)),
                (14.4, 48, Some(90)),
                (-1.0, 48, None),
                (30.0, 1, Some(60)),
            ] {
                let due = due.map(|hours| set + TimeDelta::hours(hours));
                let wish = goal(score + more, TimeDelta::hours(hold), due);
                goals.push(ada.set(Goal { since: set, ..wish }));
            }
        }
        // For a while nothing can be read.
        if (30..34).contains(&poll) {
            ada.gap(0, at);
            ada.gap(OTHER, at);
            continue;
        }
        let read = ada.poll(if poll % 24 == 10 { 90 } else { 1 }, at);
        // The first of all polls only says what is there; the score begins when every account has been tried.
        seen.extend(read.map(|score| (at, score)).into_iter().skip(usize::from(poll == 0)));
        for happening in goal_entries(ada.pipeline(), ada.id()) {
            told.insert(happening.key());
        }
        last = at;
        let expected: Vec<GoalState> = goals
            .iter()
            .map(|goal| {
                let opening = seen.iter().rev().find(|(at, _)| *at <= set).map(|(_, score)| (set, *score));
                let after = seen.iter().filter(|(at, _)| *at > set).copied();
                lived(goal, &opening.into_iter().chain(after).collect::<Vec<_>>(), at).state()
            })
            .collect();
        assert_eq!(ada.states(at), expected, "at poll {poll}");
    }
    let states: Vec<&str> = ada.states(last).iter().map(|state| state.word()).collect();
    assert_eq!(states, ["won", "won", "missed", "won", "missed"]);
    let all = goal_entries(ada.pipeline(), ada.id());
    assert_eq!(all.len(), told.len(), "nothing is told twice, nothing is lost");
    assert!(told.len() > 8, "{told:?}");
    let before = ada.states(last);
    let Ada { board, folder, .. } = ada;
    drop(board);
    let mut database = file(folder.path());
    rebuild(&mut database, &Constants::reference(), &mut |_, _| {}).unwrap();
    let board = Board::on(database, vec![named()], last);
    let again: Vec<GoalState> = board.person(last).goals.iter().map(|goal| goal.state).collect();
    assert_eq!(again, before);
    assert_eq!(goal_entries(&board.pipeline, board.pipeline.people()[0]), all, "what was told stays told");
}

/// What the log holds of goals.
fn goal_entries(pipeline: &Pipeline, person: PersonId) -> Vec<Happening> {
    let log = pipeline.log(person, Time::MIN_UTC + TimeDelta::days(1)).unwrap();
    let happenings = log.into_iter().filter_map(|entry| match entry.what {
        What::Happening(happening) if happening.kind == EventKind::Goal => Some(happening),
        _ => None,
    });
    happenings.collect()
}

/// The number of the goal in the axis, the dots of its line, and the line in the frame.
#[test]
fn a_goal_is_drawn_where_it_is_or_pointed_at() {
    let mut ada = Ada::new();
    for poll in 0..24 {
        ada.poll(if poll == 12 { 90 } else { 1 }, start() + TimeDelta::hours(poll));
    }
    let now = start() + TimeDelta::hours(23);
    let score = ada.score(now);
    for (target, sign) in [(score - 2.0, "┈┈┈"), (score + 20.0, "↑"), (0.5, "↓")] {
        let set = ada.set(Goal { since: start(), ..goal(target, TimeDelta::days(7), None) });
        let number = format!("{target:.2}");
        for size in [(120, 36), (80, 24), (100, 34)] {
            for keys in ["", "enter"] {
                let frame = ada.board.frame(size, now, keys);
                assert!(frame.contains(sign) && frame.contains(&number), "{target}\n{frame}");
            }
            let frame = ada.board.frame(size, now, "enter");
            let line = frame.lines().find(|line| line.contains("goal ")).unwrap();
            assert!(line.contains("of 7 d · coffee maker"), "{line}");
            assert_eq!(line.contains(" to go"), target > score, "{line}");
        }
        for columns in [0, 1, 8, 20, 40, 59, 60, 61, 66, 80, 110, 200] {
            for rows in [0, 1, 3, 6, 10, 12, 13, 16, 24, 34, 60] {
                for keys in ["", "enter"] {
                    let frame = ada.board.frame((columns, rows), now, keys);
                    assert!(frame.lines().all(|line| cloutop::text::width(line) == usize::from(columns)));
                }
            }
        }
        assert!(ada.pipeline().database().rows().drop_goal(set.id, now).unwrap());
    }
    assert!(!ada.board.frame((120, 36), now, "enter").contains("goal "));
}

/// Points of a channel that cannot be read age, and a goal goes by what the score is; while nobody can be read
/// there is nothing to go by.
#[test]
fn held_points_count_as_they_are() {
    let mut ada = Ada::new();
    ada.poll(1, start());
    ada.poll(200, start() + TimeDelta::hours(1));
    let top = ada.score(start() + TimeDelta::hours(1));
    ada.set(Goal { since: start(), ..goal(top - 1.0, TimeDelta::days(3), None) });
    let reached = GoalState::Reached { at: start() + TimeDelta::hours(1) };
    for hour in 2..72 {
        let at = start() + TimeDelta::hours(hour);
        ada.gap(0, at);
        ada.gap(OTHER, at);
        assert_eq!(ada.states(at), [reached]);
    }
    // The other account is read again, so there is a score, and it has aged.
    let at = start() + TimeDelta::hours(72);
    ada.gap(0, at);
    let observed = ada.board.observed(OTHER, Vec::new(), at);
    ada.board.report(OTHER, observed, at);
    assert!(ada.score(at) < top - 1.0);
    assert!(matches!(ada.states(at)[..], [GoalState::Lost { .. }]));
}
