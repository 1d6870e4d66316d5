use super::{DAY_MILLIS, NetworkConstants};
use crate::model::Metric;
use std::collections::{BTreeSet, HashMap};

/// Days back from an act on which its actor may have been seen, the act's day included.
const SEEN_DAYS: i64 = 30;

/// Acts dated further back than this before the poll that finds them, or the deeds beside them, are no
/// longer held against anybody: what a ledger needs in memory does not grow with its age.
const DEEDS_KEPT: i64 = 2 * SEEN_DAYS;

/// Something a known person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// UTC day.
    pub day: i64,
    pub metric: Metric,
}

/// What known people did lately on a channel, by who they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(HashMap<String, Vec<Deed>>);

impl Known {
    pub(super) fn did(&mut self, actor: &str, deed: Deed) {
        // Who gives no name is nobody's twin.
        if !actor.is_empty() {
            self.0.entry(actor.to_owned()).or_default().push(deed);
        }
    }

    /// `(V(A + a) - V(A)) / (k w_a)`
    pub(super) fn share(
        &self,
        actor: &str,
        metric: Metric,
        day: i64,
        now: i64,
        constants: &NetworkConstants,
    ) -> f64 {
        let weights = constants.weights;
        let weight = weights[metric.index()];
        let deeds = self.0.get(actor).map_or(&[][..], Vec::as_slice);
        if weight <= 0.0 || deeds.is_empty() {
            return 1.0;
        }
        let mut same_day: Vec<f64> =
            deeds.iter().filter(|deed| deed.day == day).map(|deed| weights[deed.metric.index()]).collect();
        let value = |weights: &mut Vec<f64>| -> f64 {
            weights.sort_by(|a, b| b.total_cmp(a));
            // Beyond the fiftieth nothing is left of a weight.
            weights.iter().zip(0..50).map(|(weight, place)| weight * (-f64::from(place)).exp2()).sum()
        };
        let before = value(&mut same_day);
        same_day.push(weight);
        let gain = value(&mut same_day) - before;
        let oldest = (day - SEEN_DAYS).max(now.div_euclid(DAY_MILLIS) - DEEDS_KEPT);
        let seen: BTreeSet<i64> =
            deeds.iter().map(|deed| deed.day).filter(|seen| (oldest + 1..=day).contains(seen)).collect();
        let days = seen.len() + usize::from(!seen.contains(&day));
        (gain / weight / days as f64).clamp(0.0, 1.0)
    }

    /// Forgets deeds that no later act is held against.
    pub(super) fn forget(&mut self, now: i64) {
        let oldest = deeds_from(now);
        self.0.retain(|_, deeds| {
            deeds.retain(|deed| deed.day >= oldest);
            !deeds.is_empty()
        });
    }
}

/// The first UTC day whose deeds still bear on acts found at `now`.
pub fn deeds_from(now: i64) -> i64 {
    now.div_euclid(DAY_MILLIS) - DEEDS_KEPT
}
