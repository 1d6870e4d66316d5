//! The user's goals. Who drops one only hides it: numbers are never given again.

use super::{Rows, millis};
use crate::model::{Goal, PersonId, Time, time};
use crate::store::Result;
use chrono::TimeDelta;
use rusqlite::params;

const COLUMNS: &str = "id, person, since, target, hold, due, prize";

impl Rows<'_> {
    /// Writes a goal down; its number is given here, whatever it says.
    pub fn insert_goal(&self, goal: &Goal) -> Result<Goal> {
        self.run(
            "INSERT INTO goal (person, since, target, hold, due, prize) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                goal.person.0,
                millis(goal.since),
                goal.target,
                goal.hold.num_milliseconds(),
                goal.due.map(millis),
                Some(&goal.prize).filter(|prize| !prize.is_empty()),
            ],
        )?;
        Ok(Goal { id: self.connection.last_insert_rowid(), ..goal.clone() })
    }

    /// A person's goals that were not dropped, oldest first.
    pub fn goals(&self, person: PersonId) -> Result<Vec<Goal>> {
        let sql =
            format!("SELECT {COLUMNS} FROM goal WHERE person = ?1 AND dropped IS NULL ORDER BY since, id");
        self.all(&sql, [person.0], goal)
    }

    /// A goal that was not dropped.
    pub fn goal(&self, id: i64) -> Result<Option<Goal>> {
        let sql = format!("SELECT {COLUMNS} FROM goal WHERE id = ?1 AND dropped IS NULL");
        self.one(&sql, [id], goal)
    }

    /// Returns whether there was such a goal.
    pub fn drop_goal(&self, id: i64, now: Time) -> Result<bool> {
        let sql = "UPDATE goal SET dropped = ?2 WHERE id = ?1 AND dropped IS NULL";
        Ok(self.run(sql, params![id, millis(now)])? > 0)
    }
}

fn goal(row: &rusqlite::Row<'_>) -> rusqlite::Result<Goal> {
    Ok(Goal {
        id: row.get(0)?,
        person: PersonId(row.get(1)?),
        since: time(row.get(2)?),
        target: row.get(3)?,
        hold: TimeDelta::try_milliseconds(row.get(4)?).unwrap_or(TimeDelta::MAX),
        due: row.get::<_, Option<i64>>(5)?.map(time),
        prize: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
    })
}
