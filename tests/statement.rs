#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Why a score moved: the worked examples of the specification, `cloutop model` as others use it, and the
//! statement's axioms over random ledgers.

use cloutop::model::{Time, time};
use cloutop::score::{
    Assumed, Cause, Constants, DAY_MILLIS, Evidence, Side, Statement, Weighed, contribution, statement,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Day 0 of the examples is 2026-01-01.
fn instant(days: f64) -> String {
    day(days).to_rfc3339()
}

fn day(days: f64) -> Time {
    #[expect(clippy::cast_possible_truncation, reason = "days of an example")]
    time(20_454 * DAY_MILLIS + (days * DAY_MILLIS as f64).round() as i64)
}

fn row(item: &str, at: f64, x: f64) -> Value {
    json!({ "item": item, "at": instant(at), "x": x })
}

fn ledger(channels: &[Value]) -> Value {
    json!({ "schema": "cloutop/ledger/1", "channels": channels })
}

fn channel(name: &str, phi: Option<f64>, audience: Option<f64>, rows: &[Value]) -> Value {
    json!({ "channel": name, "rho": 10, "phi": phi, "audience": audience, "rows": rows })
}

/// Runs `cloutop model …` in a folder; the exit code, what it printed and what it said.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cloutop"))
        .args(arguments)
        .env_clear()
        .env("CLOUTOP_CONFIG", folder.join("config.toml"))
        .env("CLOUTOP_DATA_DIR", folder.join("data"))
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Explains the change between two ledgers; the answer as JSON.
fn explain(before: &Value, from: f64, after: &Value, to: f64) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("before.json"), before.to_string()).unwrap();
    std::fs::write(folder.path().join("after.json"), after.to_string()).unwrap();
    let (from, to) = (instant(from), instant(to));
    let arguments = ["model", "explain", "before.json", "after.json", "--from", &from, "--to", &to, "--json"];
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// `decay blog -0.406`, sorted.
fn shown(statement: &Value) -> Vec<String> {
    let mut lines: Vec<String> = statement["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let item = line["item"].as_str().or_else(|| line["channel"].as_str()).unwrap();
            format!("{} {item} {:+.3}", line["cause"].as_str().unwrap(), line["points"].as_f64().unwrap())
        })
        .collect();
    lines.sort();
    lines
}

#[track_caller]
fn adds_up(statement: &Value) {
    let lines = statement["lines"].as_array().unwrap();
    let sum: f64 = lines.iter().map(|line| line["points"].as_f64().unwrap()).sum();
    let (open, close) = (statement["open"].as_f64().unwrap(), statement["close"].as_f64().unwrap());
    assert!((open + sum - close).abs() < 1e-12, "{open} + {sum} is not {close}");
}

fn example_a() -> Value {
    ledger(&[
        channel("mastodon", Some(150.0), Some(450.0), &[row("p1", 9.0, 3.0), row("p2", 6.0, 8.0)]),
        channel("blog", None, None, &[row("q1", 8.0, 3.0)]),
    ])
}

#[test]
fn worked_example_a_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), example_a().to_string()).unwrap();
    let at = instant(10.0);
    let (code, out, err) = run(folder.path(), &["model", "eval", "a.json", "--at", &at, "--json"]);
    assert_eq!(code, 0, "{err}");
    let result: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&result["schema"], &result["model"]), (&"cloutop/evaluation/1".into(), &"m1".into()));
    let number = |value: &Value, decimals: usize| format!("{:.decimals$}", value.as_f64().unwrap());
    assert_eq!(number(&result["score"], 3), "21.341");
    assert_eq!(number(&result["total"], 6), "0.294434");
    let parts =
        |place: usize| ["audience", "body", "buzz"].map(|part| number(&result["channels"][place][part], 3));
    assert_eq!(parts(0), ["1.923", "2.371", "11.371"]);
    assert_eq!(parts(1), ["0.332", "0.796", "4.548"]);
    let (_, out, _) = run(folder.path(), &["model", "eval", "a.json", "--at", &at]);
    assert!(out.contains("= 21.341   T 0.294434   m1"), "{out}");
}

#[test]
fn worked_example_b_the_change() {
    let later = ledger(&[
        channel(
            "mastodon",
            Some(150.0),
            Some(1050.0),
            &[row("p1", 9.0, 8.0), row("p2", 6.0, 8.0), row("p3", 10.25, 3.0)],
        ),
        channel("blog", None, None, &[row("q1", 8.0, 3.0)]),
    ]);
    let statement = explain(&example_a(), 10.0, &later, 10.5);
    assert_eq!(format!("{:.3}", statement["close"].as_f64().unwrap()), "27.398");
    assert_eq!(
        shown(&statement),
        [
            "audience mastodon +0.010",
            "decay blog -0.406",
            "decay mastodon -1.016",
            "post p1 +2.386",
            "post p3 +5.083"
        ]
    );
    adds_up(&statement);
}

#[test]
fn worked_example_d_without_audience() {
    let before = ledger(&[channel("a", None, None, &[row("p1", 9.1, 3.0)])]);
    let after = ledger(&[channel("a", None, None, &[row("p1", 9.1, 4.0), row("p2", 9.9, 5.0)])]);
    let statement = explain(&before, 10.0, &after, 10.5);
    assert_eq!(format!("{:.3}", statement["open"].as_f64().unwrap()), "16.233");
    assert_eq!(format!("{:.3}", statement["close"].as_f64().unwrap()), "22.162");
    assert_eq!(shown(&statement), ["decay a -1.344", "post p1 +0.789", "post p2 +6.485"]);
    adds_up(&statement);
}

#[test]
fn channels_that_come_and_go_have_lines_of_their_own() {
    let before = ledger(&[
        channel("stays", Some(150.0), Some(450.0), &[row("p", 9.0, 3.0)]),
        channel("leaves", None, None, &[row("q", 8.0, 3.0)]),
    ]);
    let after = ledger(&[
        channel("stays", Some(150.0), None, &[row("p", 9.0, 3.0)]),
        channel("comes", None, None, &[row("r", 10.0, 2.0)]),
    ]);
    let statement = explain(&before, 10.0, &after, 10.5);
    adds_up(&statement);
    let causes: Vec<String> =
        shown(&statement).iter().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect();
    assert_eq!(
        causes,
        ["added comes", "audience stays", "decay leaves", "decay stays", "removed leaves"],
        "an audience that vanishes takes the whole change of its term"
    );
}

#[test]
fn bad_ledgers_are_refused_by_the_row() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |ledger: &str, words: &[&str]| {
        std::fs::write(folder.path().join("bad.json"), ledger).unwrap();
        let (code, out, err) =
            run(folder.path(), &["model", "eval", "bad.json", "--at", "2026-01-10T00:00:00Z"]);
        assert_eq!((code, out.as_str()), (2, ""), "{ledger}");
        for word in words {
            assert!(err.contains(word), "{err:?} does not say {word:?}");
        }
    };
    let with = |rows: &[Value]| ledger(&[channel("a", None, None, rows)]).to_string();
    refused(&with(&[row("p", 1.0, 2.0), row("q", 2.0, -3.0)]), &["row 2", "\"q\"", "0 or more", "-3"]);
    refused(&with(&[row("p", 20.0, 2.0)]), &["row 1", "\"p\"", "after the instant"]);
    refused(&with(&[row("p", 1.0, 2.0), row("p", 1.0, 2.0)]), &["row 2", "\"p\"", "twice"]);
    refused(&with(&[json!({ "item": "p", "at": "yesterday", "x": 1 })]), &["row 1", "written like"]);
    refused(&with(&[row("p", 1.0, 2.0)]).replace("2.0", "NaN"), &["no ledger", "line 1"]);
    refused(&with(&[row("p", 1.0, 2.0)]).replace("2.0", "1e999"), &["no ledger", "range"]);
    refused(&with(&[]).replace("ledger/1", "ledger/9"), &["cloutop/ledger/9", "cloutop/ledger/1"]);
    refused(&with(&[]).replace("10", "0"), &["channel \"a\"", "rho"]);
    refused("hello", &["no ledger"]);
    let twice = ledger(&[channel("a", None, None, &[]), channel("a", None, None, &[])]);
    refused(&twice.to_string(), &["channel \"a\"", "twice"]);
}

#[test]
fn evidence_is_never_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &[Value]| {
        std::fs::write(folder.path().join(name), ledger(&[channel("a", None, None, rows)]).to_string())
            .unwrap();
    };
    write("before.json", &[row("p", 1.0, 2.0), row("q", 2.0, 3.0)]);
    for (rows, words) in [
        (vec![row("p", 1.0, 2.0)], "lacks a row of item \"q\""),
        (vec![row("p", 1.0, 2.0), row("q", 2.0, 2.5)], "x of item \"q\" falls from 3 to 2.5"),
    ] {
        write("after.json", &rows);
        let (from, to) = (instant(3.0), instant(4.0));
        let (code, _, err) = run(
            folder.path(),
            &["model", "explain", "before.json", "after.json", "--from", &from, "--to", &to],
        );
        assert_eq!(code, 2);
        assert!(err.contains(words), "{err}");
    }
}

#[test]
fn the_model_is_shown_with_the_constants_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["model", "show"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("model m1\n") && out.contains("100 sqrt(T)") && out.contains("github"), "{out}");
    std::fs::write(folder.path().join("config.toml"), "[model]\ntheta = 9.0\n").unwrap();
    let (_, out, _) = run(folder.path(), &["model", "show", "--json"]);
    let model: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&model["model"], &model["constants"]["theta"]), (&"m1+".into(), &9.0.into()));
    assert_eq!(model["networks"]["hackernews"]["phi"], Value::Null);
}

/// A channel before and after: rows at instants of a few days, growth, new rows, audiences.
#[derive(Debug, Clone)]
struct Life {
    before: Vec<Weighed>,
    after: Vec<Weighed>,
    audience: (Option<f64>, Option<f64>),
    stays: (bool, bool),
    /// Assumed history, and whether real history took its place.
    assumed: Option<(f64, bool)>,
}

const FROM: i64 = 40 * DAY_MILLIS;
const TO: i64 = 41 * DAY_MILLIS + DAY_MILLIS / 3;

prop_compose! {
    fn life()(
        old in prop::collection::vec((0..FROM, 0.0..50.0f64, prop_oneof![Just(0.0), 0.0..20.0f64]), 0..25),
        new in prop::collection::vec((0..=TO, 0.0..50.0f64), 0..10),
        audience in (prop::option::of(0.0..1e5f64), prop::option::of(0.0..1e5f64)),
        stays in prop_oneof![8 => Just((true, true)), 1 => Just((true, false)), 1 => Just((false, true))],
        assumed in prop::option::of((0.0..20.0f64, any::<bool>())),
    ) -> Life {
        let row = |at, item, x| Weighed { at, item, x };
        let number = |place: usize| u32::try_from(place).unwrap();
        let mut before: Vec<_> = old.iter().enumerate().map(|(i, (at, x, _))| row(*at, number(i), *x)).collect();
        let mut after: Vec<_> =
            old.iter().enumerate().map(|(i, (at, x, more))| row(*at, number(i), x + more)).collect();
        after.extend(new.iter().enumerate().map(|(i, (at, x))| row(*at, number(100 + i), *x)));
        before.sort_by_key(|row| (row.at, row.item));
        after.sort_by_key(|row| (row.at, row.item));
        Life { before, after, audience, stays, assumed }
    }
}

/// The person's statement, and each channel's.
fn told(lives: &[Life]) -> (Statement, Vec<Statement>) {
    let names = ["a", "b", "c"];
    let side = |place: usize, rows, audience, rate: Option<f64>| {
        let assumed = rate.map(|rate| Assumed { rate, spread: 0.5, start: FROM / 2 });
        Side { channel: names[place], evidence: Evidence { rows, audience, phi: Some(150.0), assumed } }
    };
    let lives = lives.iter().enumerate();
    let before: Vec<Side<'_>> = lives
        .clone()
        .filter(|(_, life)| life.stays.0)
        .map(|(place, life)| side(place, &life.before, life.audience.0, life.assumed.map(|(rate, _)| rate)))
        .collect();
    let after: Vec<Side<'_>> = lives
        .filter(|(_, life)| life.stays.1)
        .map(|(place, life)| {
            let rate = life.assumed.filter(|(_, replaced)| !replaced).map(|(rate, _)| rate);
            side(place, &life.after, life.audience.1, rate)
        })
        .collect();
    let constants = Constants::reference();
    let of = |name| contribution(name, &before, time(FROM), &after, time(TO), &constants);
    let channels = names.into_iter().map(of).collect();
    (statement(&before, time(FROM), &after, time(TO), &constants), channels)
}

fn sum(statement: &Statement) -> f64 {
    statement.lines.iter().map(|line| line.points).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_point_has_a_line(lives in prop::collection::vec(life(), 1..=3)) {
        let (statement, channels) = told(&lives);
        let error = (statement.open + sum(&statement) - statement.close).abs();
        prop_assert!(error < 1e-11, "{} and the lines are not {}: {error:e}", statement.open, statement.close);
        for (place, line) in statement.lines.iter().enumerate() {
            let parts: f64 = channels.iter().map(|channel| channel.lines[place].points).sum();
            prop_assert!((parts - line.points).abs() < 1e-11, "the channels' lines sum to the person's");
        }
        for channel in &channels {
            let error = (channel.open + sum(channel) - channel.close).abs();
            prop_assert!(error < 1e-11, "a channel's {} and lines are not {}", channel.open, channel.close);
        }
        for line in &statement.lines {
            match line.cause {
                Cause::Decay => prop_assert!(line.points <= 1e-15, "decay gives {}", line.points),
                Cause::Post => prop_assert!(line.points >= -1e-15, "a post takes {}", line.points),
                Cause::Added => prop_assert!(line.points >= 0.0),
                Cause::Removed => prop_assert!(line.points <= 0.0),
                Cause::AssumedHistory => prop_assert!(line.points <= 0.0),
                Cause::Audience => {}
                Cause::Constants | Cause::Model => prop_assert!(false, "nobody changed the model"),
            }
        }
    }
}
