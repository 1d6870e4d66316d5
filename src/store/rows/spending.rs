//! What was spent.

use super::{Rows, millis, signed, unsigned};
use crate::model::{Money, Time};
use crate::store::Result;
use rusqlite::params;

impl Rows<'_> {
    /// What a network has cost in the month that begins at an instant, with what is set aside for answers that are
    /// not there yet.
    pub fn spent(&self, network: &str, month: Time) -> Result<Money> {
        let sql = "SELECT micros FROM spending WHERE network = ?1 AND month = ?2";
        let micros = self.one(sql, params![network, millis(month)], |row| row.get(0).map(unsigned))?;
        Ok(Money(micros.unwrap_or(0)))
    }

    pub(in crate::store) fn put_spent(&self, network: &str, month: Time, spent: Money) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO spending (network, month, micros) VALUES (?1, ?2, ?3)",
            params![network, millis(month), signed(spent.0)],
        )?;
        Ok(())
    }
}
