#![allow(clippy::unwrap_used, reason = "a bench ends at the first thing that is wrong")]
#![allow(clippy::print_stdout, reason = "a bench prints")]
//! What the detectors cost: `cargo bench --bench bumps`. Readings a second on one core, and bytes a series; of the
//! watch, which hears four channels and the score, bytes as it is written down.

use chrono::TimeDelta;
use cloutop::bumps::{News, Pulse, Tracker, Watch};
use cloutop::model::{Time, time};
use std::hint::black_box;
use std::time::Instant;

const READINGS: u32 = 2_000_000;

fn main() {
    // `cargo test --benches` asks for nothing to be measured.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("{:<12}{:>16}{:>16}{:>18}", "detector", "ns a reading", "readings/s", "bytes a series");
    let mut tracker = Tracker::default();
    row("score", size_of::<Tracker>() + 5 * size_of::<f64>(), |at, value| {
        black_box(tracker.read(at, value));
    });
    let hear = |watch: &mut Watch, at: Time, score: f64| {
        let channel = at.timestamp_millis() / 300_000 % 4;
        let news = News { channel, points: 0.01, promised: 0.0 };
        black_box(watch.read(at, Some(score), Some(&news)));
    };
    // What it holds grows with the channels it has heard.
    let mut watch = Watch::default();
    run(&mut |at, score| hear(&mut watch, at, score));
    let bytes = serde_json::to_string(&watch).unwrap().len();
    let mut watch = Watch::default();
    row("watch", bytes, |at, score| hear(&mut watch, at, score));
    let mut pulse = Pulse::default();
    row("volume", size_of::<Pulse>(), |at, value| {
        black_box(pulse.read(at, value));
    });
}

fn row(name: &str, bytes: usize, mut read: impl FnMut(Time, f64)) {
    let mut times: Vec<f64> = (0..5).map(|_| run(&mut read)).collect();
    times.sort_by(f64::total_cmp);
    let each = times[times.len() / 2] / f64::from(READINGS);
    println!("{name:<12}{:>16.0}{:>16.1e}{bytes:>18}", each * 1e9, 1.0 / each);
}

/// Seconds for all readings: every five minutes, a level with noise and waves.
fn run(read: &mut impl FnMut(Time, f64)) -> f64 {
    let mut seed = 1u64;
    let values: Vec<f64> = (0..READINGS)
        .map(|place| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = f64::from(u32::try_from(seed >> 33).unwrap()) / 2f64.powi(31);
            50.0 + noise + (f64::from(place) / 1_000.0).sin()
        })
        .collect();
    let start = time(1_700_000_000_000);
    let began = Instant::now();
    let mut at = start;
    for value in values {
        read(at, value);
        at += TimeDelta::minutes(5);
    }
    began.elapsed().as_secs_f64()
}
