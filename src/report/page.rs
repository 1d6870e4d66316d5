//! What a user of a network should know, as a page, a table and JSON: all from what its channel's file states and from
//! the constants of the score.

use crate::channels;
use crate::model::{Figure, KeyNeed, Metric, Network, Pace, Word};
use crate::score::{Constants, Energy, NetworkConstants, gbar, score_of};
use crate::text;
use chrono::TimeDelta;
use serde::Serialize;
use std::collections::BTreeMap;
use std::f64::consts::LN_2;

/// Counts of the example on every page. Views are many.
const EXAMPLE: [(Metric, u32); 5] = [
    (Metric::Likes, 10),
    (Metric::Replies, 4),
    (Metric::Reshares, 2),
    (Metric::Quotes, 1),
    (Metric::Views, 1_000),
];

/// The score at which the example is priced, too.
const MIDDLE: f64 = 50.0;

#[derive(Serialize)]
pub struct Networks {
    schema: &'static str,
    model: String,
    networks: Vec<NetworkLine>,
}

#[derive(Serialize)]
struct NetworkLine {
    id: &'static str,
    code: &'static str,
    name: &'static str,
    also: &'static [&'static str],
    address: &'static str,
    /// `no`, `useful` or `needed`.
    key: &'static str,
    key_name: Option<String>,
    key_from: Option<&'static str>,
    /// Why nothing is asked until it is switched on.
    opt_in: Option<&'static str>,
    /// Shown beside the score, never in it.
    outcome: bool,
    interval_seconds: i64,
    floor_seconds: i64,
    keyed_interval_seconds: i64,
    keyed_floor_seconds: i64,
    api: Option<&'static str>,
    counts: BTreeMap<&'static str, Counted>,
    audience: Option<&'static str>,
    rho: f64,
    phi: Option<f64>,
    reads: &'static [&'static str],
    cost: &'static str,
    limits: &'static str,
    unknown: &'static [&'static str],
}

/// A counter as the network calls it, and what one of it weighs.
#[derive(Serialize)]
struct Counted {
    word: &'static str,
    weight: f64,
}

/// `cloutop/networks/1`
pub fn networks(of: &[Network], constants: &Constants) -> Networks {
    let line = |network: &Network| {
        let spec = network.0;
        let own = constants.network(spec.id);
        let [(interval, floor), (keyed_interval, keyed_floor)] =
            [false, true].map(|keyed| spec.pace.minutes(keyed));
        let seconds = |minutes: u32| i64::from(minutes) * 60;
        let counted = counters(*network).into_iter().map(|(name, metric, word)| {
            (name, Counted { word: word.many, weight: own.weights[metric.index()] })
        });
        NetworkLine {
            id: spec.id,
            code: spec.code,
            name: spec.name,
            also: spec.also,
            address: spec.hint,
            key: match spec.key {
                KeyNeed::No => "no",
                KeyNeed::Useful(_) => "useful",
                KeyNeed::Needed(_) => "needed",
            },
            key_name: key_name(*network),
            key_from: key_from(*network),
            opt_in: spec.opt_in,
            outcome: spec.outcome,
            interval_seconds: seconds(interval),
            floor_seconds: seconds(floor),
            keyed_interval_seconds: seconds(keyed_interval),
            keyed_floor_seconds: seconds(keyed_floor),
            api: spec.api,
            counts: counted.collect(),
            audience: spec.words.audience,
            rho: own.rho,
            phi: own.phi.filter(|_| spec.words.audience.is_some()),
            reads: spec.facts.reads,
            cost: spec.facts.cost,
            limits: spec.facts.limits,
            unknown: spec.facts.unknown,
        }
    };
    Networks {
        schema: "cloutop/networks/1",
        model: constants.model.clone(),
        networks: of.iter().map(line).collect(),
    }
}

/// The table of networks for people.
pub fn networks_text(of: &[Network]) -> String {
    let mut rows = vec![["NETWORK", "CODE", "COUNTS", "KEY", "EVERY"].map(str::to_owned)];
    rows.extend(of.iter().map(|network| {
        let spec = network.0;
        [
            spec.id.to_owned(),
            spec.code.to_owned(),
            read(*network),
            need(*network).to_owned(),
            every(spec.pace),
        ]
    }));
    let mut out = String::new();
    let widths: Vec<usize> =
        (0..5).map(|column| rows.iter().map(|row| text::width(&row[column])).max().unwrap_or(0)).collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| text::fit(cell, *width)).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out.push_str("\ncloutop networks NETWORK tells more of one.\n");
    out
}

/// `docs/networks/README.md`.
pub fn index(of: &[Network]) -> String {
    let mut out = String::from(
        "# Networks\n\nWhat is read of each, what that costs, what cannot be known, and how it becomes points: a page \
         for every network. `cloutop networks` prints this table, `cloutop networks github` a page.\n\n\
         | network | counts | key | asked every (never sooner than) |\n|---|---|---|---|\n",
    );
    for network in of {
        let spec = network.0;
        out.push_str(&format!(
            "| [{}]({}.md) | {} | {} | {} |\n",
            cell(spec.name),
            spec.id,
            cell(&read(*network)),
            need(*network),
            every(spec.pace)
        ));
    }
    out.push_str(
        "\nThe pages are made of what the program itself states, by `CLOUTOP_PAGES=update cargo test --test pages`: \
         to change one, change the network's file in `src/channels/`.\n",
    );
    out
}

/// The page of a network.
pub fn page(network: Network, constants: &Constants) -> String {
    let spec = network.0;
    let mut out = format!("# {}\n\n", spec.name);
    if let Some(why) = spec.opt_in {
        out.push_str(&format!(
            "**Nothing is asked until you switch it on**: {why}. Write `on = true` under `[networks.{}]` in the \
             configuration.\n\n",
            spec.id
        ));
    }
    if spec.outcome {
        out.push_str("Shown beside the score and never part of it: these are visits, not engagement.\n\n");
    }
    out.push_str("| | |\n|---|---|\n");
    let mut row = |what: &str, value: &str| out.push_str(&format!("| {what} | {} |\n", cell(value)));
    let also: Vec<String> = spec.also.iter().map(|also| format!("`{also}`")).collect();
    let also = if also.is_empty() { String::new() } else { format!(", or {}", also.join(", ")) };
    row("name in addresses and in the configuration", &format!("`{}`{also}", spec.id));
    row("code on the screen", &format!("`{}`", spec.code));
    row("address of an account", spec.hint);
    row("counts", &read(network));
    row("asked every (never sooner than)", &every(spec.pace));
    match (channels::home(network), spec.api) {
        (Some(api), _) => row("where", &format!("<{api}>")),
        (None, None) => row("where", "the account's own server"),
        // Nowhere on the web, or where the configuration says.
        (None, Some(_)) => {}
    }
    out.push_str("\n## What is read\n\n");
    list(&mut out, spec.facts.reads);
    out.push_str(&format!("\nA poll takes {}.\n", stop(spec.facts.cost)));
    if let Some(price) = &spec.price {
        out.push_str(&format!(
            "\n**It costs money**: at most {} for a poll. Nothing is asked before `monthly_cap` stands under \
             `[networks.{}]` in the configuration, and nothing beyond it.\n",
            price.poll(),
            spec.id
        ));
    }
    out.push_str(&format!("\n## Key\n\n{}\n", key(network)));
    out.push_str(&format!("\n## Limits\n\n{}.\n", capital(&stop(spec.facts.limits))));
    out.push_str("\n## What cannot be known\n\n");
    list(&mut out, spec.facts.unknown);
    out.push_str(&format!("\n## How it becomes points\n\n{}", points(network, constants)));
    out
}

/// The counters of a network by the names of their weights, in the order of the example.
fn counters(network: Network) -> Vec<(&'static str, Metric, Word)> {
    let words = network.words();
    let counters = [
        ("like", Metric::Likes, words.like),
        ("reply", Metric::Replies, words.reply),
        ("reshare", Metric::Reshares, words.reshare),
        ("quote", Metric::Quotes, words.quote),
        ("view", Metric::Views, words.view),
    ];
    counters.into_iter().filter_map(|(name, metric, word)| Some((name, metric, word?))).collect()
}

/// `favourites, replies, boosts; followers`.
fn read(network: Network) -> String {
    let counters: Vec<&str> = counters(network).iter().map(|(_, _, word)| word.many).collect();
    let parts = [counters.join(", "), network.words().audience.unwrap_or_default().to_owned()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "nothing that is scored".to_owned() } else { parts.join("; ") }
}

fn need(network: Network) -> &'static str {
    match network.0.key {
        KeyNeed::No => "none",
        KeyNeed::Useful(_) => "useful",
        KeyNeed::Needed(_) => "needed",
    }
}

fn key_from(network: Network) -> Option<&'static str> {
    match network.0.key {
        KeyNeed::No => None,
        KeyNeed::Useful(how) | KeyNeed::Needed(how) => Some(how),
    }
}

/// What `cloutop key set` takes.
fn key_name(network: Network) -> Option<String> {
    key_from(network)?;
    let own = channels::has_keys_by_host(network);
    let host = if network.0.api.is_none() { "SERVER" } else { "NAME" };
    Some(if own { format!("{}@{host}", network.id()) } else { network.id().to_owned() })
}

fn key(network: Network) -> String {
    let how = match network.0.key {
        KeyNeed::No => return "None is needed, and there is none to be had.".to_owned(),
        KeyNeed::Useful(how) => format!("It works without one. How to get one: {}", stop(how)),
        KeyNeed::Needed(how) => format!("Nothing is read without one. How to get one: {}", stop(how)),
    };
    let name = key_name(network).unwrap_or_default();
    let also = if !name.contains('@') && channels::has_key_of_host(network, "server.example") {
        format!(", or `cloutop key set {name}@SERVER` for a server of your own")
    } else {
        String::new()
    };
    format!("{how}. Then type `cloutop key set {name}`{also}.")
}

/// `60 min (30), with a key 10 min (5)`.
fn every(pace: Pace) -> String {
    if pace.floor == 0 {
        return "never".to_owned();
    }
    let told = |(interval, floor): (u32, u32)| {
        let [interval, floor] =
            [interval, floor].map(|minutes| text::span(TimeDelta::minutes(minutes.into())));
        format!("{interval} ({floor})")
    };
    match pace.keyed {
        Some(keyed) => format!("{}, with a key {}", told(pace.minutes(false)), told(keyed)),
        None => told(pace.minutes(false)),
    }
}

/// An example with the formula's own functions, so that its digits are those of a score.
struct Example {
    terms: Vec<(u32, f64)>,
    x: f64,
    price: f64,
    energy: Energy,
    total: f64,
    alone: f64,
    more: f64,
}

impl Example {
    fn new(network: Network, own: &NetworkConstants, constants: &Constants) -> Option<Self> {
        let mut counts = [0; 5];
        let mut terms = Vec::new();
        for (_, metric, _) in counters(network) {
            let weight = own.weights[metric.index()];
            if let Some((_, count)) = EXAMPLE.iter().find(|(known, _)| *known == metric)
                && weight > 0.0
            {
                counts[metric.index()] = *count;
                terms.push((*count, weight));
            }
        }
        if terms.is_empty() {
            return None;
        }
        let x = own.weigh(counts);
        let price = gbar(x);
        // At the moment of the post: nothing has aged.
        let flow = |days: f64| LN_2 / days * price * x;
        let reach = own.phi.filter(|_| network.words().audience.is_some()).map(|_| 1.0);
        let energy = Energy {
            reach,
            body: flow(constants.body_days),
            buzz: flow(constants.buzz_days),
            ..Energy::default()
        };
        let total = energy.total(constants);
        let before = crate::score::energy_for(MIDDLE, constants.theta);
        Some(Self {
            terms,
            x,
            price,
            energy,
            total,
            alone: score_of(total, constants.theta),
            more: score_of(before + total, constants.theta) - MIDDLE,
        })
    }
}

fn points(network: Network, constants: &Constants) -> String {
    if network.0.outcome {
        return "It does not: visits are shown beside the score, so that you see what engagement leads to.\n"
            .to_owned();
    }
    let own = constants.network(network.id());
    let counters = counters(network);
    let Some(example) = Example::new(network, &own, constants) else {
        return "Nothing that is counted here weighs anything in the score.\n".to_owned();
    };
    let mut out = String::new();
    let (heavy, light): (Vec<_>, Vec<_>) =
        counters.iter().partition(|(_, metric, _)| own.weights[metric.index()] > 0.0);
    let weighs = heavy.iter().enumerate().map(|(place, (_, metric, word))| {
        let counts = if place == 0 { "counts " } else { "" };
        format!("{} {counts}{}", article(word.one), own.weights[metric.index()])
    });
    out.push_str(&format!("{}.", capital(&enumerate(&weighs.collect::<Vec<_>>()))));
    if !light.is_empty() {
        let words: Vec<&str> = light.iter().map(|(_, _, word)| word.many).collect();
        out.push_str(&format!(" {} are shown and count nothing.", capital(&words.join(" and "))));
    }
    out.push_str(&format!(
        " The sum is divided by `rho` = {}, what the median account that posted this month receives on an \
         active day. That is the engagement `x`, in typical active days.",
        own.rho
    ));
    let phi = own.phi.filter(|_| network.words().audience.is_some());
    match (audience(network), phi) {
        (Some(audience), Some(phi)) => {
            out.push_str(&format!(" The audience is {audience}; `phi` = {phi} is the median account's."));
        }
        _ => out.push_str(
            " There is no audience number: reach is left out, and the body of work stands in its place.",
        ),
    }
    out.push_str("\n\n");
    let counted: Vec<String> = heavy
        .iter()
        .zip(&example.terms)
        .map(|((_, _, word), (count, _))| {
            format!("{} {}", text::grouped(u64::from(*count)), if *count == 1 { word.one } else { word.many })
        })
        .collect();
    out.push_str(&enumerate(&counted));
    match phi {
        Some(phi) => out.push_str(&format!(
            " on a day that brings nothing else, for an account with an audience of {phi} (`reach` = log2(1 + {phi}/{phi}) = 1):\n\n"
        )),
        None => out.push_str(" on a day that brings nothing else:\n\n"),
    }
    let terms: Vec<String> =
        example.terms.iter().map(|(count, weight)| format!("{count}*{weight}")).collect();
    let (body, buzz) = (example.energy.body, example.energy.buzz);
    let mean = match example.energy.reach {
        Some(reach) => format!("2*{reach}*{body:.4}/({reach} + {body:.4})"),
        None => format!("{body:.4}"),
    };
    out.push_str(&format!(
        "```text\n\
         x     = ({}) / {} = {}\n\
         g     = {} / (0.4142 (1 + sqrt(1 + {}))) = {:.4}\n\
         body  = ln2/{} * {:.4} = {body:.4}      buzz = ln2/{} * {:.4} = {buzz:.4}\n\
         T     = {}*{mean} + {}*{body:.4} + {}*{buzz:.4} = {:.4}\n\
         score = 100 sqrt({:.4}) / ({} + sqrt({:.4})) = {:.2}\n```\n\n",
        terms.join(" + "),
        own.rho,
        short(example.x),
        short(example.x),
        short(example.x),
        example.x * example.price,
        constants.body_days,
        example.x * example.price,
        constants.buzz_days,
        example.x * example.price,
        constants.audience_share,
        constants.body_share,
        constants.buzz_share,
        example.total,
        example.total,
        constants.theta.sqrt(),
        example.total,
        example.alone,
    ));
    out.push_str(&format!(
        "That is the score, at that moment, of somebody who has nothing else; to a score of {MIDDLE} the same adds {:.2}. The buzz halves \
         every {}, the body of work every {}. What one known person does a second \
         time on a day counts half: see \"The score on one page\" in the README. All constants are yours to change under \
         `[model]`.\n",
        example.more,
        days(constants.buzz_days),
        days(constants.body_days),
    ));
    out
}

/// The sum that makes the audience number, in words.
fn audience(network: Network) -> Option<String> {
    network.words().audience?;
    let word = |figure: Figure| figure.word().replace('_', " ");
    let terms: Vec<String> = network
        .0
        .audience
        .iter()
        .map(
            |(figure, weight)| {
                if *weight == 1.0 { word(*figure) } else { format!("{weight} of the {}", word(*figure)) }
            },
        )
        .collect();
    (!terms.is_empty()).then(|| terms.join(" and "))
}

fn days(days: f64) -> String {
    if days == 1.0 { "day".to_owned() } else { format!("{days} days") }
}

/// A number with as many decimals as it needs, three at most.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn article(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}

/// `a, b and c`.
fn enumerate(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// A sentence without its full stop, which the page writes.
fn stop(words: &str) -> String {
    words.trim_end_matches('.').to_owned()
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn list(out: &mut String, lines: &[&str]) {
    for line in lines {
        out.push_str(&format!("- {}\n", stop(line)));
    }
}

/// What stands in a cell of a table.
fn cell(words: &str) -> String {
    words.replace('|', "\\|")
}
