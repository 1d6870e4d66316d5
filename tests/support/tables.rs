#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The store, looked at from outside: every row of a table, to the last bit.

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) fn read(store: &Path) -> Connection {
    Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

pub(super) fn rows(connection: &Connection, table: &str) -> BTreeSet<String> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    statement
        .query_map([], |row| {
            let values: Result<Vec<Value>, _> = (0..columns).map(|column| row.get(column)).collect();
            Ok(format!("{:?}", values?))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Everything that is computed from observations.
pub(super) fn derived(store: &Path) -> BTreeMap<&'static str, BTreeSet<String>> {
    let connection = read(store);
    ["ledger", "tally", "credit", "assumed", "candle", "tick", "detector", "bump", "event"]
        .map(|table| (table, rows(&connection, table)))
        .into()
}
