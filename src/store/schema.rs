use rusqlite::Connection;

/// One step per released schema; the store's `user_version` says how many it has taken.
///
/// Truth first: what was observed, when, and what could not be. Everything below "derived" is computed
/// from it and can be thrown away and rebuilt. Times are milliseconds since 1970.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];

/// The newest schema this program knows.
#[expect(clippy::cast_possible_truncation, reason = "a list of steps")]
pub(super) const NEWEST: u32 = MIGRATIONS.len() as u32;

/// Takes the steps that are still to be taken, each whole or not at all.
pub(super) fn migrate(connection: &mut Connection, from: u32) -> rusqlite::Result<()> {
    for (step, sql) in (1u32..).zip(MIGRATIONS).skip(from as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step)?;
        transaction.commit()?;
    }
    Ok(())
}
