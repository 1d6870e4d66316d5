//! When to ask next: pure decisions, no clock and no I/O.
//!
//! 1. Every channel has an interval; its network has a floor that no configuration undercuts. Hosts on
//!    loopback have floor 0.
//! 2. Polls are spread by ±10 %, the same way for the same channel and time.
//! 3. What the server says binds: Retry-After, a reset time, an announced poll interval.
//! 4. Failures are tried again with doubling pauses.
//! 5. One request at a time per host, [`SPACING`] apart.

mod limits;

pub use limits::{Limits, instant};

use crate::model::{Account, ChannelId, Pace, State, Time, Trouble};
use chrono::TimeDelta;

/// A channel to be polled.
#[derive(Debug, Clone)]
pub struct Job {
    pub channel: ChannelId,
    pub account: Account,
    pub next_at: Time,
    /// Gaps in a row so far.
    pub failures: u32,
}

/// Pause between two requests to the same host that is not this machine.
pub const SPACING: TimeDelta = TimeDelta::milliseconds(200);

/// A server's word is believed up to this long.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// How often a channel on loopback is asked when nothing is configured.
const LOOPBACK_INTERVAL: TimeDelta = TimeDelta::seconds(5);

/// The interval between polls of one channel.
pub fn interval(pace: Pace, has_key: bool, loopback: bool, configured: Option<TimeDelta>) -> TimeDelta {
    if loopback {
        return configured.unwrap_or(LOOPBACK_INTERVAL).max(TimeDelta::zero());
    }
    let (usual, _) = pace.minutes(has_key);
    configured.unwrap_or_else(|| TimeDelta::minutes(usual.into())).max(floor(pace, has_key))
}

/// What no configuration undercuts on a host that is not this machine.
pub fn floor(pace: Pace, has_key: bool) -> TimeDelta {
    TimeDelta::minutes(pace.minutes(has_key).1.into())
}

/// When a channel is asked again after a good poll. `asked_for` is a poll interval the server announced.
pub fn after_success(
    now: Time,
    interval: TimeDelta,
    asked_for: Option<TimeDelta>,
    until: Option<Time>,
    seed: u64,
) -> Time {
    let interval = interval.max(asked_for.unwrap_or_default().min(LONGEST_WAIT));
    let next = now + spread(interval, seed ^ u64::try_from(now.timestamp()).unwrap_or_default());
    until.map_or(next, |until| next.max(until))
}

/// When a channel is asked again after its `failures`-th failure in a row (1 for the first).
pub fn after_failure(now: Time, trouble: &Trouble, interval: TimeDelta, failures: u32, seed: u64) -> Time {
    let (base, longest) = match trouble.reason().state() {
        State::Gone => (TimeDelta::hours(1), TimeDelta::hours(24)),
        State::Auth => (TimeDelta::minutes(15), TimeDelta::hours(6)),
        _ => (TimeDelta::minutes(1), LONGEST_WAIT),
    };
    // A machine that may be asked every few seconds is asked again as soon as that, and often.
    let interval = interval.max(TimeDelta::seconds(1));
    let patient = interval >= TimeDelta::minutes(1);
    let (base, longest) =
        if patient { (base, longest) } else { (base.min(interval), longest.min(interval * 12)) };
    let doubled = base * 2i32.pow(failures.saturating_sub(1).min(12));
    let wait = spread(doubled.min(longest), seed ^ u64::from(failures));
    match trouble.until() {
        // That is our own word, and holds for as long as it says.
        Some(until) if until > now && matches!(trouble, Trouble::Budget { .. }) => until,
        // A server that refuses and names no time to come is not asked at once again.
        Some(until) if until > now => until.clamp(now + base, now + LONGEST_WAIT),
        _ => now + wait,
    }
}

/// A time within ±10 % of `length`, the same for the same seed.
fn spread(length: TimeDelta, seed: u64) -> TimeDelta {
    let part = (mix(seed) % 2_001).cast_signed() - 1_000;
    length + TimeDelta::milliseconds(length.num_milliseconds() / 10_000 * part)
}

/// `SplitMix64`'s finaliser: neighbouring seeds land far apart.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What is known of one server's patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
    pub reset: Option<Time>,
    /// Nothing is asked before this.
    pub closed_until: Option<Time>,
}

impl Budget {
    /// Takes in what a reply said. Some servers say how much is left, some only when to come back.
    pub fn learn(&mut self, limits: &Limits, refused: bool, now: Time) {
        if limits.remaining.is_some() {
            self.limit = limits.limit;
            self.remaining = limits.remaining;
            self.reset = limits.reset;
        }
        let told = limits.retry.or_else(|| limits.reset.filter(|_| refused || limits.remaining == Some(0)));
        if let Some(until) = told {
            self.close(until, now);
        }
    }

    /// Leaves the server alone until an instant, within reason.
    pub fn close(&mut self, until: Time, now: Time) {
        let until = until.clamp(now + TimeDelta::seconds(1), now + LONGEST_WAIT);
        self.closed_until = self.closed_until.filter(|known| *known <= now + LONGEST_WAIT).max(Some(until));
    }

    /// How many of `wanted` questions that are not needed may be asked: none where little is left for those
    /// that are.
    pub fn spare(&self, wanted: u32, now: Time) -> u32 {
        let left = self.remaining.filter(|_| self.reset.is_none_or(|reset| reset > now));
        let low = |left| left < 2 * u64::from(wanted) || self.limit.is_some_and(|limit| left < limit / 4);
        if left.is_some_and(low) { 0 } else { wanted }
    }

    /// Until when the server must be left alone, if it must.
    pub fn closed(&self, now: Time) -> Option<Time> {
        // A time further off was kept under a clock that was wrong.
        self.closed_until.filter(|until| *until > now && *until <= now + LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;

    const NOW: i64 = 1_790_000_000_000;

    fn minutes(n: i64) -> TimeDelta {
        TimeDelta::minutes(n)
    }

    #[test]
    fn configuration_cannot_undercut_the_floor() {
        let pace = Pace { interval: 15, floor: 5, keyed: Some((10, 2)) };
        assert_eq!(interval(pace, false, false, None), minutes(15));
        assert_eq!(interval(pace, true, false, None), minutes(10));
        assert_eq!(interval(pace, false, false, Some(minutes(1))), minutes(5));
        assert_eq!(interval(pace, true, false, Some(minutes(1))), minutes(2));
        assert_eq!(interval(pace, false, false, Some(minutes(60))), minutes(60));
        assert_eq!(interval(pace, false, true, Some(TimeDelta::zero())), TimeDelta::zero());
        assert_eq!(interval(pace, false, true, None), LOOPBACK_INTERVAL);
    }

    #[test]
    fn polls_are_spread_but_not_by_much() {
        let now = time(NOW);
        let waits: Vec<_> = (0..100)
            .map(|seed| (after_success(now, minutes(10), None, None, seed) - now).num_seconds())
            .collect();
        assert!(waits.iter().all(|wait| (540..=660).contains(wait)));
        assert!(waits.iter().max() > waits.iter().min());
        assert_eq!(
            after_success(now, minutes(10), None, None, 3),
            after_success(now, minutes(10), None, None, 3)
        );
    }

    #[test]
    fn a_server_may_slow_us_down_but_not_hurry_us() {
        let now = time(NOW);
        let wait =
            |asked| (after_success(now, minutes(10), Some(minutes(asked)), None, 1) - now).num_minutes();
        assert!(wait(1) >= 9);
        assert!(wait(30) >= 27);
        assert!(wait(10_000) <= 66);
    }

    #[test]
    fn failures_double_up_to_an_hour() {
        let now = time(NOW);
        let trouble = Trouble::unreachable("refused");
        let wait = |failures| (after_failure(now, &trouble, minutes(15), failures, 1) - now).num_seconds();
        assert!((54..=66).contains(&wait(1)));
        assert!((108..=132).contains(&wait(2)));
        assert!((3_240..=3_960).contains(&wait(40)));
    }

    #[test]
    fn a_named_time_is_kept_within_reason() {
        let now = time(NOW);
        let at = |until| {
            let trouble = Trouble::RateLimited { until: Some(until) };
            after_failure(now, &trouble, minutes(15), 1, 1) - now
        };
        assert_eq!(at(now + minutes(7)), minutes(7));
        assert!(at(now - minutes(7)) >= TimeDelta::seconds(54), "a time that has passed says nothing");
        assert_eq!(at(now + TimeDelta::seconds(2)), minutes(1));
        assert_eq!(at(now + minutes(7_000)), minutes(60));
    }

    #[test]
    fn gone_accounts_are_asked_rarely() {
        let now = time(NOW);
        let wait = |failures| {
            (after_failure(now, &Trouble::Suspended, minutes(90), failures, 1) - now).num_minutes()
        };
        assert!(wait(1) >= 54);
        assert!(wait(20) >= 21 * 60);
    }

    #[test]
    fn a_used_up_budget_closes_the_host_until_its_reset() {
        let now = time(NOW);
        let mut budget = Budget::default();
        let left = |remaining| Limits {
            limit: Some(60),
            remaining: Some(remaining),
            reset: Some(now + minutes(20)),
            ..Limits::default()
        };
        budget.learn(&left(1), false, now);
        assert_eq!(budget.closed(now), None);
        budget.learn(&left(0), false, now);
        assert_eq!(budget.closed(now), Some(now + minutes(20)));
        assert_eq!(budget.closed(now + minutes(21)), None);
    }

    #[test]
    fn what_is_not_needed_is_asked_only_where_enough_is_left() {
        let now = time(NOW);
        let spare = |limit, remaining| {
            let budget = Budget { limit, remaining, reset: Some(now + minutes(5)), closed_until: None };
            (budget.spare(12, now), budget.spare(12, now + minutes(5)))
        };
        assert_eq!(spare(Some(300), Some(75)), (12, 12));
        assert_eq!(spare(Some(300), Some(74)), (0, 12), "a quarter is kept, until the allowance is new");
        assert_eq!(spare(Some(40), Some(23)), (0, 12));
        assert_eq!(spare(None, Some(24)), (12, 12));
        assert_eq!(spare(None, None), (12, 12), "who names no limit has patience");
    }
}
