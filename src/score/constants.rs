use crate::model::Metric;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const REFERENCE: &str = include_str!("../../assets/constants.toml");

/// The constants of one model version.
#[derive(Debug, Clone, PartialEq)]
pub struct Constants {
    /// Name of the model, with `+` behind it when the user changed a constant.
    pub model: String,
    pub theta: f64,
    pub body_days: f64,
    pub buzz_days: f64,
    pub audience_share: f64,
    pub body_share: f64,
    pub buzz_share: f64,
    /// Whether a hostile reply counts less than a friendly one.
    pub sentiment: bool,
    networks: BTreeMap<String, NetworkConstants>,
    fallback: NetworkConstants,
}

/// What one unit of engagement and audience is worth on one network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkConstants {
    /// Weighted units of a typical active day.
    pub rho: f64,
    /// Typical audience; `None` where there is no audience number.
    pub phi: Option<f64>,
    /// Weighted units of one event, by [`Metric`].
    pub weights: [f64; 5],
    /// [`Constants::sentiment`]
    pub sentiment: bool,
}

impl NetworkConstants {
    /// x: engagement in typical active days.
    pub fn weigh(&self, counts: [u32; 5]) -> f64 {
        let units: f64 = counts.iter().zip(self.weights).map(|(&n, weight)| f64::from(n) * weight).sum();
        units / self.rho
    }
}

/// The weights by the names they have in files.
pub const WEIGHTS: [(&str, Metric); 5] = [
    ("like", Metric::Likes),
    ("reply", Metric::Replies),
    ("reshare", Metric::Reshares),
    ("quote", Metric::Quotes),
    ("view", Metric::Views),
];

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{what}")]
pub struct BadConstants {
    /// The first part of the key it is about.
    pub key: &'static str,
    pub what: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: String,
    theta: f64,
    body_days: f64,
    buzz_days: f64,
    audience_share: f64,
    body_share: f64,
    buzz_share: f64,
    sentiment: bool,
    weight: Weights,
    networks: BTreeMap<String, Entry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Weights {
    like: f64,
    reply: f64,
    reshare: f64,
    quote: f64,
    view: f64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rho: f64,
    phi: Option<f64>,
    view: Option<f64>,
}

impl Constants {
    /// The constants that ship with the program.
    pub fn reference() -> Self {
        Self::parse(REFERENCE).unwrap_or_else(|bad| unreachable!("assets/constants.toml: {bad}"))
    }

    /// Reads a constants file.
    pub fn parse(text: &str) -> Result<Self, BadConstants> {
        let table = toml::from_str(text).map_err(|error| unreadable(&error))?;
        Self::from_table(table)
    }

    /// The reference with a user's changes, which have the shape of the file. The model's name then ends
    /// in `+`, so that its scores are not taken for those of others.
    pub fn changed(changes: &toml::Table) -> Result<Self, BadConstants> {
        let reference = Self::reference();
        let mut table = toml::from_str(REFERENCE).map_err(|error| unreadable(&error))?;
        overlay(&mut table, changes);
        let mut constants = Self::from_table(table)?;
        if constants != reference {
            constants.model.push('+');
        }
        Ok(constants)
    }

    /// As kept in the store: JSON, every digit.
    pub fn to_text(&self) -> String {
        let weight = |metric: Metric| self.fallback.weights[metric.index()];
        let views = weight(Metric::Views);
        let entry = |(id, network): (&String, &NetworkConstants)| {
            let view = network.weights[Metric::Views.index()];
            (id.clone(), Entry { rho: network.rho, phi: network.phi, view: (view != views).then_some(view) })
        };
        let file = File {
            model: self.model.clone(),
            theta: self.theta,
            body_days: self.body_days,
            buzz_days: self.buzz_days,
            audience_share: self.audience_share,
            body_share: self.body_share,
            buzz_share: self.buzz_share,
            sentiment: self.sentiment,
            weight: Weights {
                like: weight(Metric::Likes),
                reply: weight(Metric::Replies),
                reshare: weight(Metric::Reshares),
                quote: weight(Metric::Quotes),
                view: views,
            },
            networks: self.networks.iter().map(entry).collect(),
        };
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn from_text(text: &str) -> Result<Self, BadConstants> {
        let file: File = serde_json::from_str(text)
            .map_err(|error| BadConstants { key: "networks", what: error.to_string() })?;
        Self::from_file(file)
    }

    /// What is different in `other`, in words: `rho of github 2 → 3`.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: String, before: Option<f64>, after: Option<f64>| {
            let shown =
                |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
            if before != after {
                found.push(format!("{what} {} → {}", shown(before), shown(after)));
            }
        };
        for (name, before, after) in [
            ("theta", self.theta, other.theta),
            ("body_days", self.body_days, other.body_days),
            ("buzz_days", self.buzz_days, other.buzz_days),
            ("audience_share", self.audience_share, other.audience_share),
            ("body_share", self.body_share, other.body_share),
            ("buzz_share", self.buzz_share, other.buzz_share),
        ] {
            compare(name.to_owned(), Some(before), Some(after));
        }
        let flag = |on: bool| Some(if on { 1.0 } else { 0.0 });
        compare("sentiment".to_owned(), flag(self.sentiment), flag(other.sentiment));
        for (name, metric) in WEIGHTS {
            let weight = |constants: &Self| Some(constants.fallback.weights[metric.index()]);
            compare(format!("weight of a {name}"), weight(self), weight(other));
        }
        for id in
            self.networks.keys().chain(other.networks.keys().filter(|id| !self.networks.contains_key(*id)))
        {
            let (before, after) = (self.networks.get(id), other.networks.get(id));
            compare(
                format!("rho of {id}"),
                before.map(|network| network.rho),
                after.map(|network| network.rho),
            );
            let phi = |network: Option<&NetworkConstants>| network.and_then(|network| network.phi);
            compare(format!("phi of {id}"), phi(before), phi(after));
            let view = |network: Option<&NetworkConstants>| {
                network.map(|network| network.weights[Metric::Views.index()])
            };
            // Where only the general weight changed, that is said above.
            if view(before) != Some(self.fallback.weights[Metric::Views.index()])
                || view(after) != Some(other.fallback.weights[Metric::Views.index()])
            {
                compare(format!("weight of a view on {id}"), view(before), view(after));
            }
        }
        found
    }

    /// Every network with constants of its own, by id.
    pub fn networks(&self) -> impl Iterator<Item = (&str, &NetworkConstants)> {
        self.networks.iter().map(|(id, network)| (id.as_str(), network))
    }

    fn from_table(table: toml::Table) -> Result<Self, BadConstants> {
        Self::from_file(table.try_into().map_err(|error| unreadable(&error))?)
    }

    fn from_file(file: File) -> Result<Self, BadConstants> {
        let mut weights = [0.0; 5];
        weights[Metric::Likes.index()] = file.weight.like;
        weights[Metric::Replies.index()] = file.weight.reply;
        weights[Metric::Reshares.index()] = file.weight.reshare;
        weights[Metric::Quotes.index()] = file.weight.quote;
        weights[Metric::Views.index()] = file.weight.view;
        let networks: BTreeMap<_, _> = file
            .networks
            .into_iter()
            .map(|(id, entry)| {
                let mut weights = weights;
                if let Some(view) = entry.view {
                    weights[Metric::Views.index()] = view;
                }
                (id, NetworkConstants { rho: entry.rho, phi: entry.phi, weights, sentiment: file.sentiment })
            })
            .collect();
        let constants = Self {
            model: file.model,
            theta: file.theta,
            body_days: file.body_days,
            buzz_days: file.buzz_days,
            audience_share: file.audience_share,
            body_share: file.body_share,
            buzz_share: file.buzz_share,
            sentiment: file.sentiment,
            networks,
            fallback: NetworkConstants { rho: 10.0, phi: None, weights, sentiment: file.sentiment },
        };
        constants.check()?;
        Ok(constants)
    }

    /// The constants of a network; one that nobody measured has the generic ones.
    pub fn network(&self, id: &str) -> NetworkConstants {
        self.networks.get(id).copied().unwrap_or(self.fallback)
    }

    fn check(&self) -> Result<(), BadConstants> {
        let bad = |key, what: String| Err(BadConstants { key, what });
        if !(self.buzz_days >= 1.0 && self.buzz_days.is_finite()) {
            return bad(
                "buzz_days",
                format!("buzz_days is {}, but below 1 a new like could lower a score", self.buzz_days),
            );
        }
        let shares = self.audience_share + self.body_share + self.buzz_share;
        if (shares - 1.0).abs().total_cmp(&1e-9).is_gt() {
            return bad("audience_share", format!("the three shares sum to {shares}, not to 1"));
        }
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(self.theta) || !positive(self.body_days) {
            return bad("theta", "theta and body_days must be above 0".to_owned());
        }
        let share = |value: f64| (0.0..=1.0).contains(&value);
        if ![self.audience_share, self.body_share, self.buzz_share].into_iter().all(share) {
            return bad("audience_share", "a share must lie between 0 and 1".to_owned());
        }
        let weights = self.networks.values().chain([&self.fallback]).flat_map(|network| network.weights);
        if !weights.into_iter().all(|weight| weight >= 0.0 && weight.is_finite()) {
            return bad("weight", "a weight must be 0 or more".to_owned());
        }
        for (id, network) in &self.networks {
            if !positive(network.rho) {
                return bad("networks", format!("rho of {id} is {}, but must be above 0", network.rho));
            }
            if network.phi.is_some_and(|phi| !positive(phi)) {
                return bad(
                    "networks",
                    format!("phi of {id} must be above 0; leave it out for no audience number"),
                );
            }
        }
        Ok(())
    }
}

fn unreadable(error: &toml::de::Error) -> BadConstants {
    BadConstants { key: "networks", what: error.message().to_owned() }
}

/// Puts the values of one table over those of another, table by table.
fn overlay(under: &mut toml::Table, over: &toml::Table) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => overlay(under, over),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_constants_are_those_of_model_m1() {
        let constants = Constants::reference();
        assert_eq!(constants.model, "m1");
        assert_eq!(constants.network("github").rho, 2.0);
        assert_eq!(constants.network("hackernews").phi, None);
        assert_eq!(constants.network("youtube").weights, [1.0, 3.0, 2.0, 3.0, 0.01]);
        assert_eq!(constants.network("mastodon").weights, [1.0, 3.0, 2.0, 3.0, 0.0]);
        assert_eq!(constants.network("never heard of").rho, 10.0);
    }

    fn changed(text: &str) -> Result<Constants, BadConstants> {
        Constants::changed(&toml::from_str(text).unwrap())
    }

    #[test]
    fn a_users_change_shows_in_the_models_name() {
        let constants = changed("networks.github.rho = 3.0").unwrap();
        assert_eq!((constants.model.as_str(), constants.network("github").rho), ("m1+", 3.0));
        assert_eq!(constants.network("github").phi, Some(20.0), "what is not named stays");
        assert_eq!(changed("networks.github.rho = 2.0").unwrap().model, "m1");
        let constants = changed("theta = 5.0\nweight.like = 0.5").unwrap();
        assert_eq!((constants.theta, constants.network("feed").weights[0]), (5.0, 0.5));
        assert_eq!(constants.network("never heard of").weights[0], 0.5);
    }

    #[test]
    fn constants_are_kept_as_text_and_what_changed_is_said() {
        let reference = Constants::reference();
        let other =
            changed("networks.github.rho = 3.0\nweight.like = 0.5\nnetworks.youtube.view = 0.1").unwrap();
        for constants in [&reference, &other] {
            assert_eq!(&Constants::from_text(&constants.to_text()).unwrap(), constants);
        }
        assert_eq!(reference.differences(&reference), Vec::<String>::new());
        assert_eq!(
            reference.differences(&other),
            ["weight of a like 1 → 0.5", "rho of github 2 → 3", "weight of a view on youtube 0.01 → 0.1"]
        );
    }

    #[test]
    fn constants_that_no_score_can_be_made_of_are_refused() {
        for (text, what) in [
            ("networks.github.rho = 0.0", "rho of github is 0, but must be above 0"),
            ("networks.feed.phi = -1.0", "phi of feed must be above 0; leave it out for no audience number"),
            ("audience_share = 0.5", "the three shares sum to 1.25, not to 1"),
            ("audience_share = -0.25\nbody_share = 1.1", "a share must lie between 0 and 1"),
            ("weight.reply = -2.0", "a weight must be 0 or more"),
            ("theta = 0.0", "theta and body_days must be above 0"),
        ] {
            assert_eq!(changed(text).unwrap_err().to_string(), what);
        }
    }

    #[test]
    fn a_buzz_half_life_below_a_day_is_refused() {
        let text = REFERENCE.replace("buzz_days = 1.0", "buzz_days = 0.5");
        assert!(Constants::parse(&text).unwrap_err().what.contains("could lower a score"));
    }
}
