use crate::model::{ChannelId, Effort, Time};
use crate::score::{Constants, DAY_MILLIS, Energy, energy_for, gbar};
use std::collections::BTreeMap;
use std::f64::consts::SQRT_2;

/// k = sqrt(2) - 1, the unit of g.
const K: f64 = SQRT_2 - 1.0;

/// Lately: so many days back.
const LATELY: f64 = 28.0;

/// A pace is not told from less than a week.
const LEAST: f64 = 7.0;

/// Nobody plans further ahead, in days.
pub const AHEAD: f64 = 1_095.0;

/// Points below a target that is approached for ever and counts as reached.
pub const CLOSE: f64 = 0.05;

/// No day of anybody ever had more engagement, in typical active days.
const MOST: f64 = 1e9;

/// One channel of a person, as far as goals ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub channel: ChannelId,
    /// Its energies now.
    pub energy: Energy,
    /// X of the UTC days that lately had some.
    pub days: Vec<f64>,
    /// How many days that was, quiet ones counted.
    pub length: f64,
}

impl Source {
    /// A channel whose rows are these: instants in milliseconds, in order, and engagement. `first` is the oldest
    /// that is known of it.
    pub fn new(
        channel: ChannelId,
        energy: Energy,
        rows: impl Iterator<Item = (i64, f64)>,
        first: Option<i64>,
        now: Time,
    ) -> Self {
        let from = Self::from(now).timestamp_millis();
        let mut days: BTreeMap<i64, f64> = BTreeMap::new();
        for (at, x) in rows.filter(|(at, _)| *at >= from && *at <= now.timestamp_millis()) {
            *days.entry(at.div_euclid(DAY_MILLIS)).or_default() += x;
        }
        let known = (now.timestamp_millis() - first.unwrap_or(from)) as f64 / DAY_MILLIS as f64;
        Self { channel, energy, days: days.into_values().collect(), length: known.clamp(LEAST, LATELY) }
    }

    /// Rows before this instant say nothing of the pace.
    pub fn from(now: Time) -> Time {
        #[expect(clippy::cast_possible_truncation, reason = "four weeks")]
        let millis = (LATELY * DAY_MILLIS as f64) as i64;
        crate::model::time(now.timestamp_millis() - millis)
    }

    /// Energy a day, if every day's engagement is so many times what it was lately.
    fn flow(&self, times: f64) -> f64 {
        self.days.iter().map(|x| g(times * x)).sum::<f64>() / self.length
    }

    /// Typical active days a week.
    fn weekly(&self) -> f64 {
        7.0 * self.days.iter().sum::<f64>() / self.length
    }
}

fn g(x: f64) -> f64 {
    x * gbar(x)
}

/// The engagement of one day that brings this much energy: the inverse of `g(x) = (sqrt(1+x) - 1) / k`, which is
/// what `x gbar(x)` comes to, so `x = (1 + k g)^2 - 1`.
fn engagement(g: f64) -> f64 {
    K * g * (2.0 + K * g)
}

/// A channel's energies after so many days of a constant flow.
///
/// From the definition of body and buzz (see [`crate::score`]): what is there fades by `2^-(t/H)`, and a flow of
/// g energy a day adds `g (ln2/H) int_0^t 2^-((t-s)/H) ds = g (1 - 2^-(t/H))`. So both body and buzz go to g
/// itself, whatever their half-lives, and the audience stays as it is.
fn after(energy: &Energy, flow: f64, days: f64, constants: &Constants) -> Energy {
    let aged = energy.aged(days, constants);
    let [body, buzz] =
        [constants.body_days, constants.buzz_days].map(|half_life| flow * (1.0 - (-days / half_life).exp2()));
    Energy { body: aged.body + body, buzz: aged.buzz + buzz, ..aged }
}

/// The channel's energy in the long run with a constant flow.
fn settled(energy: &Energy, flow: f64, constants: &Constants) -> f64 {
    Energy { body: flow, buzz: flow, ..*energy }.total(constants)
}

/// The flow with which a channel settles at this energy.
///
/// With body and buzz at g the channel has `T = a 2 l g/(l+g) + s g`, where a is the audience's share, s that
/// of body and buzz together, l the reach. Times `l + g`: `s g^2 + ((2a + s) l - T) g - T l = 0`, of which the
/// root above zero is taken. Without an audience number the harmonic mean is g, so `g = T / (a + s)`.
fn flow_for(total: f64, energy: &Energy, constants: &Constants) -> f64 {
    let (a, s) = (constants.audience_share, constants.body_share + constants.buzz_share);
    if total <= 0.0 {
        return 0.0;
    }
    let Some(reach) = energy.reach.map(|reach| reach.max(0.0)) else { return total / (a + s) };
    if s <= 0.0 {
        // All of the energy is the harmonic mean, which stays below twice the reach.
        return if 2.0 * a * reach > total {
            total * reach / (2.0 * a * reach - total)
        } else {
            f64::INFINITY
        };
    }
    let b = (2.0 * a + s) * reach - total;
    let root = (b * b + 4.0 * s * total * reach).sqrt();
    // The form without a difference of near numbers.
    if b > 0.0 { 2.0 * total * reach / (b + root) } else { (root - b) / (2.0 * s) }
}

/// The energy of all channels after so many days, each with its flow.
fn total_after(sources: &[Source], flows: &[f64], days: f64, constants: &Constants) -> f64 {
    let parts = sources.iter().zip(flows);
    parts.map(|(source, &flow)| after(&source.energy, flow, days, constants).total(constants)).sum()
}

/// The first day, counted from now, on which there is so much energy.
fn reached(total: f64, sources: &[Source], flows: &[f64], constants: &Constants) -> Option<f64> {
    let there = |days: f64| total_after(sources, flows, days, constants) >= total;
    let (mut before, mut days) = (0.0, 0.0);
    while !there(days) {
        if days >= AHEAD {
            return None;
        }
        // Energies move within days at first, and within months later.
        (before, days) = (days, (days + f64::max(0.25, 0.05 * days)).min(AHEAD));
    }
    for _ in 0..20 {
        let middle = f64::midpoint(before, days);
        if there(middle) { days = middle } else { before = middle }
    }
    Some(days)
}

/// What it takes to get from here to a target and to stay there; `due` in days from now. `None` without channels.
///
/// The energy a score needs is the inverse of S(T). In the long run every channel's energy is that of its flow,
/// so the channel with most points has to carry what the others, going on as lately, leave of it.
pub fn effort(target: f64, due: Option<f64>, sources: &[Source], constants: &Constants) -> Option<Effort> {
    let worth = |source: &Source| source.energy.total(constants);
    let mut main = 0;
    for (place, source) in sources.iter().enumerate() {
        if worth(source) > worth(sources.get(main)?) {
            main = place;
        }
    }
    let carrier = sources.get(main)?;
    let needed = energy_for(target, constants.theta);
    let now: f64 = sources.iter().map(worth).sum();
    let usual: Vec<f64> = sources.iter().map(|source| source.flow(1.0)).collect();
    let twice: Vec<f64> = sources.iter().map(|source| source.flow(2.0)).collect();
    let others: f64 = sources
        .iter()
        .zip(&usual)
        .enumerate()
        .filter(|(place, _)| *place != main)
        .map(|(_, (source, &flow))| settled(&source.energy, flow, constants))
        .sum();
    let steady = flow_for(needed - others, &carrier.energy, constants);
    let with = |flow: f64| {
        let mut flows = usual.clone();
        flows[main] = flow;
        flows
    };
    let nearly = energy_for((target - CLOSE).max(0.0), constants.theta);
    let by_due = due.filter(|due| *due > 0.0).and_then(|due| {
        let at_due = |x: f64| total_after(sources, &with(g(x)), due, constants);
        let (mut low, mut high) = (0.0, MOST);
        if at_due(high) < needed {
            return None;
        }
        if at_due(low) >= needed {
            return Some(0.0);
        }
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if at_due(middle) < needed { low = middle } else { high = middle }
        }
        Some(7.0 * high)
    });
    Some(Effort {
        energy: needed - now,
        channel: carrier.channel,
        weekly: 7.0 * engagement(steady),
        lately: carrier.weekly(),
        settles: reached(nearly, sources, &with(steady), constants),
        usual: reached(needed, sources, &usual, constants),
        twice: reached(needed, sources, &twice, constants),
        by_due,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::score_of;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9 * (1.0 + b.abs()), "{a} is not {b}");
    }

    fn source(reach: Option<f64>, body: f64, buzz: f64, days: &[f64]) -> Source {
        let energy = Energy { reach, body, buzz, ..Energy::default() };
        Source { channel: ChannelId(1), energy, days: days.to_vec(), length: 28.0 }
    }

    #[test]
    fn the_inverse_of_g() {
        for (g, x) in [(0.0, 0.0), (1.0, 1.0), (1.0 / K, 3.0), (2.0 / K, 8.0)] {
            near(engagement(g), x);
        }
        for x in [0.01, 0.7, 5.0, 1e6] {
            near(engagement(g(x)), x);
        }
    }

    /// By hand: S = 50 needs T = theta = 4. Without an audience number g = T = 4 a day, and a day of
    /// x = (1 + 4k)^2 - 1 = 6.058875 brings it: 42.41 typical days a week.
    #[test]
    fn a_channel_without_audience_by_hand() {
        let constants = Constants::reference();
        let found = effort(50.0, None, &[source(None, 0.0, 0.0, &[1.0; 14])], &constants).unwrap();
        near(found.energy, 4.0);
        near(found.weekly, 7.0 * ((1.0 + 4.0 * K).powi(2) - 1.0));
        assert_eq!(format!("{:.2}", found.weekly), "42.41");
        near(found.lately, 3.5);
        assert_eq!((found.usual, found.twice, found.by_due), (None, None, None));
    }

    /// By hand: with l = 2 and T = 1.75 the equation is 0.75 g^2 + 0.75 g - 3.5 = 0, so
    /// g = (-0.75 + sqrt(11.0625)) / 1.5 = 1.717356, and 0.25 * 4 g/(2+g) + 0.75 g = 0.461983 + 1.288017 = 1.75.
    #[test]
    fn a_channel_with_an_audience_by_hand() {
        let constants = Constants::reference();
        let energy = source(Some(2.0), 0.0, 0.0, &[]).energy;
        let flow = flow_for(1.75, &energy, &constants);
        near(flow, (11.0625f64.sqrt() - 0.75) / 1.5);
        near(settled(&energy, flow, &constants), 1.75);
        for reach in [None, Some(0.0), Some(0.3), Some(12.0)] {
            let energy = Energy { reach, ..energy };
            for total in [1e-6, 0.4, 3.0, 5e3] {
                near(settled(&energy, flow_for(total, &energy, &constants), &constants), total);
            }
        }
    }

    /// The energy of body and buzz b = z = 4 is 4 without an audience. At twice the engagement of days that
    /// bring 3.5 energy each, g(2x) of x = (1 + 3.5k)^2 - 1 = 5.0013 is 5.5937 a day, which goes to S = 54.18.
    #[test]
    fn when_it_is_reached_at_which_pace() {
        let constants = Constants::reference();
        let days = [engagement(3.5); 28];
        let now = [source(None, 3.5, 3.5, &days)];
        let found = effort(50.0, Some(30.0), &now, &constants).unwrap();
        near(found.energy, 0.5);
        assert_eq!(found.usual, None, "it stays where it is");
        let flow = now[0].flow(2.0);
        assert_eq!(format!("{flow:.4} {:.2}", score_of(flow, constants.theta)), "5.5937 54.18");
        let there = found.twice.unwrap();
        assert!((total_after(&now, &[flow], there, &constants) - 4.0).abs() < 1e-6);
        let by_due = found.by_due.unwrap() / 7.0;
        near(total_after(&now, &[g(by_due)], 30.0, &constants), 4.0);
        assert!(by_due > found.weekly / 7.0, "sooner is more");
        let settles = found.settles.unwrap();
        let then = total_after(&now, &[4.0], settles, &constants);
        assert!((score_of(then, constants.theta) - 49.95).abs() < 1e-4);
    }

    #[test]
    fn others_that_carry_it_leave_nothing_to_do() {
        let constants = Constants::reference();
        let mut other = source(None, 4.0, 4.0, &[engagement(5.0); 28]);
        other.channel = ChannelId(2);
        let found = effort(50.0, None, &[source(None, 4.1, 4.1, &[]), other], &constants).unwrap();
        assert_eq!((found.channel, found.weekly, found.usual), (ChannelId(1), 0.0, Some(0.0)));
        assert!(found.energy < 0.0);
        assert_eq!(effort(50.0, None, &[], &constants), None);
    }
}
