//! The first score of somebody whose newest posts only are listed (the specification, section 4.4).

use crate::persona::{Persona, Post, START, arrived, hour};
use cloutop::model::{Time, time};
use cloutop::score::{Assumed, Constants, Energy, Evidence, Weighed, band, evaluate};

/// Lives per person.
const SEEDS: u64 = 100;

/// What the specification prints for one person and one number of posts fetched.
struct Want {
    persona: &'static str,
    fetched: usize,
    figures: Figures,
}

/// Means over all lives; scores and widths in points.
struct Figures {
    truth: f64,
    without: f64,
    bias: f64,
    rmse: f64,
    width: f64,
    /// Of 100 true scores, so many lie in the band.
    cover: f64,
}

impl Figures {
    fn line(&self) -> String {
        let Self { truth, without, bias, rmse, width, cover } = self;
        format!("{truth:>8.1}{without:>10.1}{bias:>+10.2}{rmse:>8.2}{width:>8.1}{cover:>6.0} %")
    }
}

const fn want(
    persona: &'static str,
    fetched: usize,
    scores: [f64; 2],
    error: [f64; 2],
    band: [f64; 2],
) -> Want {
    let ([truth, without], [bias, rmse], [width, cover]) = (scores, error, band);
    Want { persona, fetched, figures: Figures { truth, without, bias, rmse, width, cover } }
}

const TABLE: [Want; 8] = [
    want("ordinary", 20, [36.5, 23.6], [-0.41, 1.87], [5.0, 78.0]),
    want("ordinary", 40, [36.5, 26.9], [-0.24, 1.26], [3.1, 78.0]),
    want("active", 20, [49.5, 32.3], [-0.55, 1.62], [5.8, 88.0]),
    want("active", 40, [49.5, 36.2], [-0.15, 1.14], [3.7, 91.0]),
    want("blogger", 20, [65.9, 46.9], [-0.18, 1.12], [5.6, 98.0]),
    want("blogger", 40, [65.9, 51.3], [0.24, 0.79], [3.6, 96.0]),
    want("busy", 20, [56.9, 29.5], [-2.15, 2.80], [8.2, 70.0]),
    want("busy", 40, [56.9, 32.9], [-0.59, 1.56], [6.4, 92.0]),
];

/// One first poll, at noon of any day of the week. The specification does not say when; at noon the newest posts
/// of somebody with 23 a day lie on two UTC days. In the evening they may all be of one, which has no spread.
struct First {
    truth: f64,
    without: f64,
    with: f64,
    band: (f64, f64),
}

/// A channel's rows as a poll at `now` finds them.
fn rows(posts: &[Post], now: Time) -> Vec<Weighed> {
    let now = now.timestamp_millis();
    let there = posts.iter().take_while(|post| post.at <= now);
    there
        .zip(0..)
        .map(|(post, item)| Weighed { at: post.at, item, x: post.x * arrived(now - post.at) })
        .collect()
}

fn first_poll(persona: &Persona, fetched: usize, seed: u64, constants: &Constants) -> First {
    let now = hour(12 + 24 * i64::try_from(seed % 7).unwrap());
    let mut energies: [Vec<Energy>; 3] = Default::default();
    for (posts, evidence) in persona.live(seed).iter().zip(persona.evidence(constants)) {
        let rows = rows(posts, now);
        let newest = &rows[rows.len().saturating_sub(fetched)..];
        let complete = newest.len() == rows.len();
        let oldest = time(newest.first().map_or(START, |row| row.at));
        let assumed = Assumed::of(newest, oldest, now).filter(|_| !complete);
        for (energies, (rows, assumed)) in
            energies.iter_mut().zip([(&rows[..], None), (newest, None), (newest, assumed)])
        {
            energies.push(Evidence { rows, assumed, ..evidence }.energy(now, constants));
        }
    }
    let [truth, without, with] = energies.each_ref().map(|energies| evaluate(energies, constants).score);
    First { truth, without, with, band: band(&energies[2], constants) }
}

fn measure(want: &Want, persona: &Persona, constants: &Constants) -> Figures {
    let polls: Vec<First> =
        (1..=SEEDS).map(|seed| first_poll(persona, want.fetched, seed, constants)).collect();
    let mean = |value: &dyn Fn(&First) -> f64| polls.iter().map(value).sum::<f64>() / polls.len() as f64;
    Figures {
        truth: mean(&|poll| poll.truth),
        without: mean(&|poll| poll.without),
        bias: mean(&|poll| poll.with - poll.truth),
        rmse: mean(&|poll| (poll.with - poll.truth).powi(2)).sqrt(),
        width: mean(&|poll| poll.band.1 - poll.band.0),
        cover: mean(&|poll| if (poll.band.0..=poll.band.1).contains(&poll.truth) { 100.0 } else { 0.0 }),
    }
}

#[test]
fn the_first_score_is_near_the_true_one() {
    let (constants, personas) = (Constants::reference(), Persona::all());
    let mut table = format!("{:<32}    true  no prior      bias    rmse   width   cover\n", "");
    let mut wrong = Vec::new();
    for want in &TABLE {
        let got = measure(want, &personas[want.persona], &constants);
        let name = format!("{}, {} posts fetched", want.persona, want.fetched);
        table += &format!("{name:<32}{}\n{:<32}{}\n", got.line(), "", want.figures.line());
        let want = &want.figures;
        for (what, met) in [
            ("bias", got.bias.abs() <= want.bias.abs() + 1.0),
            ("rmse", got.rmse <= 1.5 * want.rmse),
            ("a score without prior that is low", got.without <= got.truth - 8.0),
            ("cover", (got.cover - want.cover).abs() <= 15.0),
        ] {
            if !met {
                wrong.push(format!("{name}: {what}"));
            }
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
