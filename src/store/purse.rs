//! Spending that cannot go over a cap, whatever happens to the process and however many there are.
//!
//! Before a question goes out the most that its answer can cost is written down as spent, on the condition that
//! the month's sum stays within the cap; nobody writes between what is read for that and what is written. When
//! the answer is there, what it did not cost is given back. Who dies in between has spent it all.

use super::{Database, Result};
use crate::model::{Money, Time};
use chrono::{Datelike, Days, Months, NaiveTime};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Where spending is written down: a connection of its own, beside whoever polls.
#[derive(Debug, Clone)]
pub struct Purse(Arc<Mutex<Database>>);

/// Money set aside for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "what is not settled counts as spent"]
pub struct Reserved {
    network: &'static str,
    month: Time,
    most: Money,
}

/// The first instant of the month that an instant lies in, UTC.
pub fn month_of(at: Time) -> Time {
    let day = at.date_naive();
    let first = day.checked_sub_days(Days::new(day.day0().into())).unwrap_or(day);
    first.and_time(NaiveTime::MIN).and_utc()
}

/// The first instant of the month after.
pub fn next_month(at: Time) -> Time {
    let first = month_of(at);
    first.checked_add_months(Months::new(1)).unwrap_or(first)
}

impl Purse {
    /// The purse of a store that is there.
    pub fn open(path: &Path) -> Result<Self> {
        let database = Database::open_beside(path)?;
        // What was set aside survives the machine, too.
        database.connection.pragma_update(None, "synchronous", "full")?;
        Ok(Self(Arc::new(Mutex::new(database))))
    }

    /// A purse that is forgotten with the process.
    pub fn in_memory() -> Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Database::in_memory()?))))
    }

    /// Sets the most that an answer can cost aside. `None` where the cap does not allow it.
    pub fn reserve(
        &self,
        network: &'static str,
        most: Money,
        cap: Money,
        now: Time,
    ) -> Result<Option<Reserved>> {
        let month = month_of(now);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).transaction(|rows| {
            let after = rows.spent(network, month)?.plus(most);
            if after > cap {
                return Ok(None);
            }
            rows.put_spent(network, month, after)?;
            Ok(Some(Reserved { network, month, most }))
        })
    }

    /// Gives back what an answer did not cost. Nobody is billed for more than was asked for.
    pub fn settle(&self, reserved: &Reserved, cost: Money) -> Result<()> {
        let Reserved { network, month, most } = *reserved;
        let back = Money(most.0.saturating_sub(cost.0));
        if back == Money::ZERO {
            return Ok(());
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).transaction(|rows| {
            let spent = rows.spent(network, month)?;
            rows.put_spent(network, month, Money(spent.0.saturating_sub(back.0)))
        })
    }

    /// What a network has cost this month.
    pub fn spent(&self, network: &str, now: Time) -> Result<Money> {
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        database.rows().spent(network, month_of(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_of_the_first() {
        for (at, first, next) in [
            ("2026-03-02T10:30:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            ("2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2028-02-01T00:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ] {
            let at: Time = at.parse().unwrap();
            assert_eq!((month_of(at), next_month(at)), (first.parse().unwrap(), next.parse().unwrap()));
        }
    }
}
