//! What polls cost on networks that cost money: nothing is asked that the month's cap does not allow.

use super::{Poller, Settings};
use crate::channels::Reach;
use crate::config::spelled;
use crate::http::Fetch;
use crate::model::{Account, Money, Network, Time, Trouble};
use crate::store::{Reserved, next_month};
use chrono::TimeDelta;
use std::fmt;

/// What an account on such a network costs, and what is left for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// The most that one poll costs, the first one included.
    pub poll: Money,
    pub interval: TimeDelta,
    pub cap: Money,
    pub spent: Money,
}

const DAY: TimeDelta = TimeDelta::days(1);

/// The longest one, so that no month costs more.
const MONTH: TimeDelta = TimeDelta::days(31);

impl Cost {
    /// The most that polls cost over some time.
    pub fn over(&self, time: TimeDelta) -> Money {
        let every = self.interval.num_milliseconds().max(1);
        Money(self.poll.0.saturating_mul(u64::try_from(time.num_milliseconds() / every).unwrap_or(0)))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { poll, interval, cap, spent } = self;
        let (day, month) = (self.over(DAY), self.over(MONTH));
        write!(
            f,
            "a poll, the first one too, costs at most {poll}; at one every {} that is at most {day} a day and {month} a \
             month; your cap is {cap} a month, of which {spent} is spent",
            spelled(*interval)
        )
    }
}

impl Settings {
    /// What an account costs; nothing where it costs nothing, or is not asked.
    pub fn cost(&self, account: &Account, has_key: bool, now: Time) -> Option<Cost> {
        let price = account.network.0.price?;
        let (cap, purse) = (*self.caps.get(account.network.id())?, self.purse.as_ref()?);
        let spent = purse.spent(account.network.id(), now).ok()?;
        Some(Cost { poll: price.poll(), interval: self.interval(account, has_key), cap, spent })
    }
}

/// Without having written down what it costs nothing is asked.
fn unwritten(network: Network, what: &dyn fmt::Display) -> Trouble {
    Trouble::Paused {
        why: format!("{} costs money, and what it costs cannot be written down: {what}", network.name()),
    }
}

impl<F: Fetch> Poller<F> {
    /// Whether the network is asked at all, and the cap allows a whole poll: half of one is money for nothing.
    pub(super) fn may_ask(&self, account: &Account, reach: Reach) -> Result<(), Trouble> {
        let network = account.network;
        if let Some(why) = self.settings.why_off(network) {
            return Err(Trouble::Paused { why: why.to_owned() });
        }
        let Some(price) = network.0.price else { return Ok(()) };
        let now = self.clock.now();
        let cost =
            self.settings.cost(account, true, now).ok_or_else(|| unwritten(network, &"there is no store"))?;
        let most = match reach {
            Reach::Probe => price.account,
            Reach::Full => price.poll(),
        };
        if cost.spent.plus(most) > cost.cap {
            return Err(Trouble::Budget { until: Some(next_month(now)) });
        }
        Ok(())
    }

    /// Sets the most that an answer can cost aside. The store is waited for: nothing but short notes are written
    /// beside this.
    pub(super) fn reserve(&self, network: Network, most: Money) -> Result<Option<Reserved>, Trouble> {
        if most == Money::ZERO {
            return Ok(None);
        }
        let (Some(purse), Some(cap)) = (&self.settings.purse, self.settings.caps.get(network.id())) else {
            return Err(unwritten(network, &"there is no store"));
        };
        let now = self.clock.now();
        match purse.reserve(network.id(), most, *cap, now) {
            Ok(Some(reserved)) => Ok(Some(reserved)),
            Ok(None) => Err(Trouble::Budget { until: Some(next_month(now)) }),
            Err(error) => Err(unwritten(network, &error)),
        }
    }

    /// Gives back what an answer did not cost.
    pub(super) fn settle(&self, reserved: Option<&Reserved>, cost: Money) {
        if let (Some(purse), Some(reserved)) = (&self.settings.purse, reserved)
            && let Err(error) = purse.settle(reserved, cost)
        {
            tracing::warn!(%error, "what an answer did not cost stays spent");
        }
    }
}
