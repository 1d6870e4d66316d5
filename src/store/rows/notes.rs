//! The user's marks, and which constants were in force.

use super::{Rows, millis};
use crate::model::{Mark, PersonId, Time, time};
use crate::store::Result;
use rusqlite::params;

impl Rows<'_> {
    pub fn insert_mark(&self, person: PersonId, at: Time, text: &str) -> Result<Mark> {
        self.run(
            "INSERT INTO mark (person, at, text) VALUES (?1, ?2, ?3)",
            params![person.0, millis(at), text],
        )?;
        Ok(Mark { id: self.connection.last_insert_rowid(), person, at, text: text.to_owned() })
    }

    /// A person's marks, oldest first.
    pub fn marks(&self, person: PersonId) -> Result<Vec<Mark>> {
        self.all("SELECT id, at, text FROM mark WHERE person = ?1 ORDER BY at, id", [person.0], |row| {
            Ok(Mark { id: row.get(0)?, person, at: time(row.get(1)?), text: row.get(2)? })
        })
    }

    pub fn mark(&self, id: i64) -> Result<Option<Mark>> {
        self.one("SELECT person, at, text FROM mark WHERE id = ?1", [id], |row| {
            Ok(Mark { id, person: PersonId(row.get(0)?), at: time(row.get(1)?), text: row.get(2)? })
        })
    }

    /// Returns whether there was such a mark.
    pub fn remove_mark(&self, id: i64) -> Result<bool> {
        Ok(self.run("DELETE FROM mark WHERE id = ?1", [id])? > 0)
    }

    /// The constants that were in force, as text, each from when on; oldest first.
    pub fn models(&self) -> Result<Vec<(Time, String)>> {
        self.all("SELECT at, constants FROM model ORDER BY at", [], |row| {
            Ok((time(row.get(0)?), row.get(1)?))
        })
    }

    pub fn put_model(&self, at: Time, name: &str, constants: &str) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO model (at, name, constants) VALUES (?1, ?2, ?3)",
            params![millis(at), name, constants],
        )?;
        Ok(())
    }
}
