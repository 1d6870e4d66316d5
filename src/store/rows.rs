mod derived;
mod goals;
mod items;
mod ledger;
mod log;
mod notes;
mod people;
mod polls;
mod spending;
mod typed;

pub use items::{NewItem, StoredItem};
pub use ledger::Replay;
pub use log::Fired;
pub use people::{Membership, StoredChannel};
pub use polls::{Ending, LastPoll, PollRow};

use super::Result;
use crate::model::{Metric, Time};
use rusqlite::{Connection, OptionalExtension, Params};

/// The statements, one method each. All of them run in whatever transaction is open.
pub struct Rows<'c> {
    connection: &'c Connection,
}

fn metric(code: u8) -> Metric {
    Metric::ALL[usize::from(code).min(Metric::ALL.len() - 1)]
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn millis(at: Time) -> i64 {
    at.timestamp_millis()
}

impl<'c> Rows<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    fn run(&self, sql: &str, values: impl Params) -> Result<usize> {
        Ok(self.connection.prepare_cached(sql)?.execute(values)?)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.connection.prepare_cached(sql)?.query_row(values, read).optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?.collect::<rusqlite::Result<Vec<T>>>()?;
        Ok(rows)
    }
}
