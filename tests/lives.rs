#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Both trackers on the same labelled lives.

#[path = "lives/judge.rs"]
mod judge;
#[allow(dead_code, reason = "the lives of the scenarios use more of it")]
#[path = "scenarios/persona.rs"]
mod persona;
#[path = "lives/world.rs"]
mod world;

use cloutop::bumps::{Bump, Innovations, News, Tracker};
use cloutop::model::time;
use cloutop::score::Constants;
use judge::{Course, Tally};
use persona::Persona;
use world::{Story, World};

fn note(bumps: &mut Vec<Bump>, bump: Option<Bump>) {
    if let Some(bump) = bump {
        if bump.resolved.is_some() {
            bumps.pop();
        }
        bumps.push(bump);
    }
}

/// One life heard by both: the tracker of scores, and that of innovations.
fn both(world: &World, constants: &Constants) -> [Tally; 2] {
    let mut tracker = Tracker::default();
    let mut innovations = Innovations::default();
    let (mut by_score, mut by_news) = (Vec::new(), Vec::new());
    let mut course = Course { polls: Vec::new() };
    world.run(constants, &mut |poll| {
        let at = time(poll.at);
        course.polls.push((poll.at, poll.score, poll.normal));
        if poll.whole {
            note(&mut by_score, tracker.read(at, poll.score).bump);
        }
        if let Some(read) = &poll.read {
            let news = News { channel: poll.channel as i64, points: read.points, promised: read.promised };
            note(&mut by_news, innovations.read(at, &news).bump);
        }
    });
    [by_score, by_news].map(|bumps| course.judge(world, &bumps))
}

#[test]
fn both_trackers_on_the_same_lives() {
    let constants = Constants::reference();
    let people = Persona::all();
    let seeds: u64 = std::env::var("LIVES").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let base: u64 = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut whole = [Tally::default(), Tally::default()];
    println!("{:<10}{:>30}{:>42}", "", "scores: must recall false/y right delay", "innovations");
    for story in Story::ALL {
        let mut sums = [Tally::default(), Tally::default()];
        if let Ok(only) = std::env::var("ONLY")
            && only != format!("{story:?}")
        {
            continue;
        }
        for name in ["ordinary", "active", "blogger", "busy"] {
            if let Ok(only) = std::env::var("WHO")
                && only != name
            {
                continue;
            }
            for seed in base..base + seeds {
                let world = World::new(&people[name], story, seed, 150, &constants);
                for (sum, tally) in sums.iter_mut().zip(both(&world, &constants)) {
                    sum.add(&tally);
                }
            }
        }
        row(&format!("{story:?}"), &sums);
        for (whole, sum) in whole.iter_mut().zip(&sums) {
            whole.add(sum);
        }
    }
    row("ALL", &whole);
}

fn row(name: &str, sums: &[Tally; 2]) {
    let shown = sums.each_ref().map(|tally| {
        format!(
            "{:>4} {:>5.2} {:>6.2} {:>6.2} {:>5.2} {:>7.1}",
            tally.must,
            tally.recall(),
            tally.false_a_year(),
            tally.natural as f64 / tally.years,
            tally.resolved(),
            tally.delay()
        )
    });
    let base = sums[0].moved as f64 / sums[0].hours as f64;
    println!("{name:<10} {} | {} | {base:.2}", shown[0], shown[1]);
}
