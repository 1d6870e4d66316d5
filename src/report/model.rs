use super::stamp;
use crate::model::Time;
use crate::score::{self, Constants};
use crate::text;
use serde::Serialize;
use std::collections::BTreeMap;

/// The formula as the program computes it; the constants by their names.
const FORMULA: [&str; 8] = [
    "x       = sum of weight * count over a post / rho               engagement, in typical active days",
    "X       = sum of x over the posts of one UTC day",
    "gbar(X) = 1 / (k (1 + sqrt(1 + X))),  k = sqrt(2) - 1           the price of engagement that day",
    "b       = ln2 / body_days * sum gbar(X) x 2^-(age / body_days)  body of work",
    "z       = ln2 / buzz_days * sum gbar(X) x 2^-(age / buzz_days)  buzz",
    "l       = log2(1 + audience / phi)                              reach",
    "T       = sum over channels of audience_share * 2 l b / (l + b) + body_share * b + buzz_share * z",
    "S       = 100 sqrt(T) / (sqrt(theta) + sqrt(T))",
];

#[derive(Serialize)]
pub struct Model {
    schema: &'static str,
    model: String,
    formula: [&'static str; 8],
    constants: BTreeMap<&'static str, f64>,
    networks: BTreeMap<String, ModelNetwork>,
}

#[derive(Serialize)]
struct ModelNetwork {
    rho: f64,
    phi: Option<f64>,
    weights: BTreeMap<&'static str, f64>,
}

fn constants_by_name(constants: &Constants) -> BTreeMap<&'static str, f64> {
    BTreeMap::from([
        ("theta", constants.theta),
        ("body_days", constants.body_days),
        ("buzz_days", constants.buzz_days),
        ("audience_share", constants.audience_share),
        ("body_share", constants.body_share),
        ("buzz_share", constants.buzz_share),
    ])
}

/// `cloutop/model/1`
pub fn model(constants: &Constants) -> Model {
    let networks = constants
        .networks()
        .map(|(id, network)| {
            let weights = score::WEIGHTS
                .into_iter()
                .map(|(name, metric)| (name, network.weights[metric.index()]))
                .collect();
            (id.to_owned(), ModelNetwork { rho: network.rho, phi: network.phi, weights })
        })
        .collect();
    Model {
        schema: "cloutop/model/1",
        model: constants.model.clone(),
        formula: FORMULA,
        constants: constants_by_name(constants),
        networks,
    }
}

pub fn model_text(constants: &Constants) -> String {
    let model = model(constants);
    let mut out = format!("model {}\n\n", model.model);
    for line in FORMULA {
        out.push_str(&format!("{line}\n"));
    }
    out.push('\n');
    for (name, value) in &model.constants {
        out.push_str(&format!("{name:<15} {value}\n"));
    }
    out.push_str("\nNETWORK        RHO   PHI  LIKE REPLY RESHARE QUOTE  VIEW\n");
    for (id, network) in &model.networks {
        let phi = network.phi.map_or_else(|| "-".to_owned(), |phi| phi.to_string());
        let weight = |name: &str| network.weights.get(name).copied().unwrap_or(0.0);
        out.push_str(&format!(
            "{id:<13} {:>4} {phi:>5} {:>5} {:>5} {:>7} {:>5} {:>5}\n",
            network.rho,
            weight("like"),
            weight("reply"),
            weight("reshare"),
            weight("quote"),
            weight("view"),
        ));
    }
    out
}

#[derive(Serialize)]
pub struct Evaluation {
    schema: &'static str,
    model: String,
    at: String,
    total: f64,
    score: f64,
    channels: Vec<EvaluationChannel>,
}

#[derive(Serialize)]
struct EvaluationChannel {
    channel: String,
    points: f64,
    audience: f64,
    body: f64,
    buzz: f64,
}

/// `cloutop/evaluation/1`
pub fn evaluation(channels: &[&str], result: &score::Evaluation, model: &str, at: Time) -> Evaluation {
    let channels = channels.iter().zip(&result.parts).map(|(channel, part)| EvaluationChannel {
        channel: (*channel).to_owned(),
        points: part.points,
        audience: part.audience,
        body: part.body,
        buzz: part.buzz,
    });
    Evaluation {
        schema: "cloutop/evaluation/1",
        model: model.to_owned(),
        at: stamp(at),
        total: result.total,
        score: result.score,
        channels: channels.collect(),
    }
}

pub fn evaluation_text(evaluation: &Evaluation) -> String {
    let mut out = String::from("CHANNEL          POINTS AUDIENCE     BODY     BUZZ\n");
    for channel in &evaluation.channels {
        out.push_str(&format!(
            "{} {:>7.3} {:>8.3} {:>8.3} {:>8.3}\n",
            text::fit(&text::clean(&channel.channel), 15),
            channel.points,
            channel.audience,
            channel.body,
            channel.buzz
        ));
    }
    out.push_str(&format!("= {:.3}   T {:.6}   {}\n", evaluation.score, evaluation.total, evaluation.model));
    out
}
