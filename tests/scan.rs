#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The detectors as anybody runs them: files in, files out; and what they must and must not raise.

use chrono::TimeDelta;
use cloutop::bumps::{Bump, Direction, Pulse, Tracker, Verdict};
use cloutop::model::{Time, time};
use proptest::prelude::*;
use std::path::Path;
use std::process::{Command, Output};

fn start() -> Time {
    time(1_767_225_600_000)
}

/// A level with some noise, read every ten minutes: the offset says what happens at a day.
fn readings(days: f64, offset: impl Fn(f64) -> f64) -> Vec<(Time, f64)> {
    let mut seed = 11u64;
    #[expect(clippy::cast_possible_truncation, reason = "some weeks of ten minutes")]
    let many = (days * 144.0) as i32;
    (0..many)
        .map(|place| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = f64::from(u32::try_from(seed >> 33).unwrap()) / 2f64.powi(31) - 0.5;
            (start() + TimeDelta::minutes(10) * place, 50.0 + 0.3 * noise + offset(f64::from(place) / 144.0))
        })
        .collect()
}

/// The bumps at the end of all readings.
fn bumps(readings: &[(Time, f64)]) -> Vec<Bump> {
    let mut tracker = Tracker::default();
    let mut bumps: Vec<Bump> = Vec::new();
    for &(at, value) in readings {
        if let Some(bump) = tracker.read(at, value).bump {
            if bump.resolved.is_some() {
                assert_eq!(bumps.pop().unwrap().onset, bump.onset, "what ends has begun");
            }
            bumps.push(bump);
        }
    }
    assert_eq!(tracker.active(), bumps.last().copied().filter(|bump| bump.resolved.is_none()));
    bumps
}

/// From one day to another, with half a day of slope on both sides.
fn plateau(day: f64, from: f64, to: f64) -> f64 {
    ((day - from) * 2.0).clamp(0.0, 1.0).min(((to - day) * 2.0).clamp(0.0, 1.0))
}

#[test]
fn a_bump_is_raised_and_fades() {
    for (sign, direction) in [(1.0, Direction::Up), (-1.0, Direction::Down)] {
        let bumps = bumps(&readings(45.0, |day| sign * 3.0 * plateau(day, 20.0, 26.0)));
        let [bump] = &bumps[..] else { panic!("{bumps:?}") };
        assert_eq!(bump.direction, direction);
        let hours = (bump.onset - start()).num_hours() - 20 * 24;
        assert!((1..16).contains(&hours), "raised after {hours} h");
        assert!((bump.magnitude - 3.0).abs() < 0.4, "{bump:?}");
        let (at, verdict) = bump.resolved.unwrap();
        assert_eq!(verdict, Verdict::Faded);
        assert!(((at - start()).num_hours() - 26 * 24).abs() < 36, "{at}");
    }
}

#[test]
fn a_new_level_holds() {
    let bumps = bumps(&readings(60.0, |day| 2.5 * plateau(day, 20.0, 99.0)));
    let [bump] = &bumps[..] else { panic!("{bumps:?}") };
    let (at, verdict) = bump.resolved.unwrap();
    assert_eq!((verdict, (at - bump.onset).num_days()), (Verdict::Held, 17));
    assert!((bump.magnitude - 2.5).abs() < 0.4);
}

#[test]
fn what_is_no_bump_stays_silent() {
    let day_and_week =
        |day: f64| 0.4 * (day * std::f64::consts::TAU).sin() + if day % 7.0 > 5.0 { -0.5 } else { 0.0 };
    for (name, found) in [
        ("noise", bumps(&readings(60.0, |_| 0.0))),
        ("drift", bumps(&readings(60.0, |day| 0.05 * day))),
        ("days and weeks", bumps(&readings(60.0, day_and_week))),
        (
            "one bad reading",
            bumps(&readings(60.0, |day| if (30.0..30.006).contains(&day) { -20.0 } else { 0.0 })),
        ),
        (
            "a gap",
            bumps(
                &readings(60.0, |_| 0.0)
                    .into_iter()
                    .enumerate()
                    .filter(|(place, _)| !(4_000..5_500).contains(place))
                    .map(|(_, reading)| reading)
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "a stale source",
            bumps(
                &readings(60.0, |_| 0.0)
                    .chunks(144)
                    .flat_map(|day| day.iter().map(|(at, _)| (*at, day[0].1)))
                    .collect::<Vec<_>>(),
            ),
        ),
    ] {
        assert_eq!(found, [], "{name}");
    }
}

#[test]
fn a_bump_that_began_in_a_gap_is_raised_after_it() {
    let all = readings(40.0, |day| 3.0 * plateau(day, 20.0, 27.0));
    let seen: Vec<_> =
        all.into_iter().enumerate().filter(|(n, _)| !(2_850..3_100).contains(n)).map(|(_, r)| r).collect();
    let bumps = bumps(&seen);
    assert_eq!(bumps.len(), 1, "{bumps:?}");
    assert!((bumps[0].onset - start()).num_hours() < 22 * 24, "{bumps:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Written down and read again at any reading, a detector goes on to the digit.
    #[test]
    fn restarts_change_no_digit(
        gaps in prop::collection::vec(1i64..2_000, 400..1_200),
        values in prop::collection::vec(-3.0f64..60.0, 1_200),
        cut in 1usize..400,
    ) {
        let (mut tracker, mut pulse) = (Tracker::default(), Pulse::default());
        let (mut other, mut twin) = (Tracker::default(), Pulse::default());
        let mut at = start();
        for (place, (gap, value)) in gaps.iter().zip(&values).enumerate() {
            at += TimeDelta::seconds(*gap * 7);
            if place % cut == 0 {
                other = serde_json::from_str(&serde_json::to_string(&other).unwrap()).unwrap();
                twin = serde_json::from_str(&serde_json::to_string(&twin).unwrap()).unwrap();
            }
            prop_assert_eq!(tracker.read(at, *value), other.read(at, *value));
            let score = pulse.read(at, *value);
            prop_assert!((0.0..=1.0).contains(&score));
            prop_assert_eq!(score.to_bits(), twin.read(at, *value).to_bits());
        }
        prop_assert_eq!(tracker, other);
        prop_assert_eq!(pulse, twin);
    }
}

#[test]
fn unusual_volume_speaks_once_and_every_day_is_not_unusual() {
    let mut pulse = Pulse::default();
    let mut loud = Vec::new();
    for place in 0..12_000u32 {
        let at = start() + TimeDelta::minutes(5) * i32::try_from(place).unwrap();
        let wave = 20.0 + 8.0 * (f64::from(place) / 288.0 * std::f64::consts::TAU).sin();
        let burst = if (9_000..9_020).contains(&place) { 150.0 } else { 0.0 };
        if pulse.read(at, wave + f64::from(place * 7 % 5) + burst) >= 0.5 {
            loud.push(place);
        }
    }
    let early = loud.iter().filter(|place| **place < 9_000).count();
    assert!(early <= 1, "{loud:?}");
    assert!(loud.contains(&9_000), "{loud:?}");
    assert!(loud.iter().filter(|place| (9_000..9_600).contains(*place)).count() <= 3, "{loud:?}");
}

fn cloutop(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cloutop"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

fn write(folder: &Path, name: &str, rows: &[(Time, f64)]) {
    std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
    let mut text = "timestamp,value,partial\n".to_owned();
    for (place, (at, value)) in rows.iter().enumerate() {
        // Now and then a poll fails, and one is not comparable.
        let (value, partial) = match place % 50 {
            7 => (String::new(), 0),
            9 => ("3.0".to_owned(), 1),
            _ => (value.to_string(), 0),
        };
        text.push_str(&format!("{},{value},{partial}\n", at.format("%Y-%m-%d %H:%M:%S")));
    }
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn scores_are_scanned_file_by_file_or_by_folders() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(here, "in/series/up.csv", &readings(45.0, |day| 3.0 * plateau(day, 20.0, 26.0)));
    write(here, "in/series/now.csv", &readings(24.0, |day| -3.0 * plateau(day, 20.0, 99.0)));
    let output = cloutop(here, &["scan", "score", "--dir", "in", "out"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let up = std::fs::read_to_string(here.join("out/up.csv")).unwrap();
    let lines: Vec<&str> = up.lines().collect();
    assert_eq!(lines[0], "onset_ts,resolved_ts,kind,direction,magnitude");
    assert_eq!(lines.len(), 2, "{up}");
    assert!(lines[1].starts_with("2026-01-2") && lines[1].contains(",faded,up,"), "{up}");
    let now = std::fs::read_to_string(here.join("out/now.csv")).unwrap();
    assert!(now.lines().nth(1).unwrap().contains(",,active,down,"), "{now}");
    assert_eq!(cloutop(here, &["scan", "score", "in/series/up.csv", "one.csv"]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(here.join("one.csv")).unwrap(), up);
}

#[test]
fn volumes_keep_their_rows_and_paths() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(here, "in/a/b/counts.csv", &readings(5.0, |_| 0.0));
    assert_eq!(cloutop(here, &["scan", "volume", "--dir", "in", "out"]).status.code(), Some(0));
    let (input, output) = ["in", "out"]
        .map(|side| std::fs::read_to_string(here.join(side).join("a/b/counts.csv")).unwrap())
        .into();
    assert_eq!(input.lines().count(), output.lines().count());
    for (read, written) in input.lines().zip(output.lines()).skip(1) {
        let read: Vec<&str> = read.split(',').collect();
        assert!(written.starts_with(&format!("{},{},", read[0], read[1])), "{written}");
    }
}

#[test]
fn bad_files_are_refused_by_the_line_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (text, words) in [
        ("time,value\n", "timestamp and value"),
        ("timestamp,value\n2026-01-01 00:00:00,1\nyesterday,2\n", "line 3: \"yesterday\""),
        ("timestamp,value\n2026-01-01 00:00:00,many\n", "line 2: \"many\""),
        ("timestamp,value\n2026-01-01 00:00:00,NaN\n", "line 2: \"NaN\""),
        ("timestamp,value\n2026-01-01 00:00:00\n", "line: 2"),
    ] {
        std::fs::write(here.join("in.csv"), text).unwrap();
        for what in ["score", "volume"] {
            let output = cloutop(here, &["scan", what, "in.csv", "out.csv"]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains("in.csv") && said.contains(words), "{said} should say {words}");
            assert!(!here.join("out.csv").exists());
        }
    }
    assert_eq!(cloutop(here, &["scan", "score", "nowhere.csv", "out.csv"]).status.code(), Some(2));
    assert_eq!(cloutop(here, &["scan", "volume", "--dir", "nowhere", "out"]).status.code(), Some(2));
}
