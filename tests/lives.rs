#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
#![allow(clippy::print_stdout, reason = "figures of many lives are what it is run for")]
//! Both trackers on the same labelled lives.

#[path = "lives/judge.rs"]
mod judge;
#[allow(dead_code, reason = "the lives of the scenarios use more of it")]
#[path = "scenarios/persona.rs"]
mod persona;
#[path = "lives/world.rs"]
mod world;

use cloutop::bumps::{Bump, News, Tracker, Watch};
use cloutop::model::time;
use cloutop::score::Constants;
use judge::{Course, Seen, Tally};
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
    let mut watch = Watch::default();
    let (mut by_score, mut by_news) = (Vec::new(), Vec::new());
    let mut course = Course { polls: Vec::new() };
    world.run(constants, &mut |poll| {
        let at = time(poll.at);
        course.polls.push(Seen {
            at: poll.at,
            channel: poll.channel,
            score: poll.score,
            normal: poll.normal,
        });
        if poll.whole {
            note(&mut by_score, tracker.read(at, poll.score).bump);
        }
        let news = poll.read.as_ref().map(|read| News {
            channel: i64::try_from(poll.channel).unwrap(),
            points: read.points,
            promised: read.promised,
        });
        note(&mut by_news, watch.read(at, poll.whole.then_some(poll.score), news.as_ref()).bump);
    });
    [by_score, by_news].map(|bumps| course.judge(world, &bumps))
}

/// Both on lives of the same people. `LIVES=5 SEED=101` takes five lives of each person and story, from that
/// seed on: what ARCHITECTURE.md prints; one of each is enough to see that nothing broke.
#[test]
fn news_is_heard_sooner_than_the_score_and_no_less_surely() {
    let constants = Constants::reference();
    let people = Persona::all();
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (lives, seed) = (number("LIVES").unwrap_or(1), number("SEED").unwrap_or(1));
    let mut all = [Tally::default(), Tally::default()];
    let mut sudden = Tally::default();
    println!("{:<10}{:>39}{:>42}", "", "score alone", "score and news");
    let columns = "must recall false natural right delay";
    println!("{:<10}{columns:>39}{columns:>42}", "");
    for story in Story::ALL {
        let mut sums = [Tally::default(), Tally::default()];
        for name in ["ordinary", "active", "blogger", "busy"] {
            for seed in seed..seed + lives {
                let world = World::new(&people[name], story, seed, 150, &constants);
                for (sum, tally) in sums.iter_mut().zip(both(&world, &constants)) {
                    sum.add(&tally);
                }
            }
        }
        row(&format!("{story:?}"), &sums);
        if matches!(story, Story::Viral | Story::Birthday) {
            sudden.add(&sums[1]);
        }
        for (all, sum) in all.iter_mut().zip(&sums) {
            all.add(sum);
        }
    }
    row("all", &all);
    let [score, news] = &all;
    // Two polls over many lives; these are few.
    assert!(sudden.delay() <= 3, "what comes suddenly was raised after {} polls", sudden.delay());
    assert!(news.must > 20, "{} moves say little", news.must);
    assert!(news.recall() > score.recall() + 0.1);
    assert!(news.false_a_year() < score.false_a_year() + 0.2);
    assert!(2 * news.delay() < score.delay());
}

/// Alarms a year, delays in polls; the last column says around how many instants the score rose by a point.
fn row(name: &str, sums: &[Tally; 2]) {
    let shown = sums.each_ref().map(|tally| {
        format!(
            "{:>6} {:>6.2} {:>5.2} {:>7.2} {:>5.2} {:>6}",
            tally.must,
            tally.recall(),
            tally.false_a_year(),
            tally.natural as f64 / tally.years,
            tally.resolved(),
            tally.delay()
        )
    });
    let base = sums[0].moved as f64 / sums[0].instants as f64;
    println!("{name:<10} {} | {} | {base:.2}", shown[0], shown[1]);
}
