//! The log: bumps, what else is told, and what of it has been read.

use super::{Rows, millis};
use crate::alerts::EventKind;
use crate::bumps::{Bump, Direction, Episode, Happening, Verdict};
use crate::model::{ChannelId, PersonId, Time, time};
use crate::store::Result;
use rusqlite::params;

impl Rows<'_> {
    /// Writes a bump down, or what has become of it.
    pub fn put_bump(&self, episode: &Episode) -> Result<()> {
        let Episode { person, bump, channel, cause, fades } = episode;
        let direction = if bump.direction == Direction::Up { 1 } else { -1 };
        let resolved = bump.resolved.map(|(at, _)| millis(at));
        let verdict = bump.resolved.map(|(_, verdict)| i64::from(verdict == Verdict::Held));
        self.run(
            "INSERT OR REPLACE INTO bump \
             (person, onset, direction, magnitude, channel, cause, fades, resolved, verdict) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                person.0,
                millis(bump.onset),
                direction,
                bump.magnitude,
                channel.0,
                cause,
                fades.map(millis),
                resolved,
                verdict
            ],
        )?;
        Ok(())
    }

    /// A person's bumps that were not over at an instant, oldest first.
    pub fn bumps(&self, person: PersonId, since: Time) -> Result<Vec<Episode>> {
        self.all(
            "SELECT onset, direction, magnitude, channel, cause, fades, resolved, verdict FROM bump \
             WHERE person = ?1 AND coalesce(resolved, ?3) >= ?2 ORDER BY onset",
            params![person.0, millis(since), i64::MAX],
            |row| {
                let direction = if row.get::<_, i64>(1)? > 0 { Direction::Up } else { Direction::Down };
                let held = row.get::<_, Option<i64>>(7)?.unwrap_or(0) == 1;
                let verdict = if held { Verdict::Held } else { Verdict::Faded };
                let resolved: Option<i64> = row.get(6)?;
                Ok(Episode {
                    person,
                    bump: Bump {
                        onset: time(row.get(0)?),
                        direction,
                        magnitude: row.get(2)?,
                        resolved: resolved.map(|at| (time(at), verdict)),
                    },
                    channel: ChannelId(row.get(3)?),
                    cause: row.get(4)?,
                    fades: row.get::<_, Option<i64>>(5)?.map(time),
                })
            },
        )
    }

    pub fn put_happening(&self, happening: &Happening) -> Result<()> {
        self.run(
            "INSERT OR IGNORE INTO event (person, at, kind, channel, points, what) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                happening.person.0,
                millis(happening.at),
                happening.kind.word(),
                happening.channel.0,
                happening.points,
                happening.what
            ],
        )?;
        Ok(())
    }

    /// A person's other entries since an instant, oldest first.
    pub fn happenings(&self, person: PersonId, since: Time) -> Result<Vec<Happening>> {
        self.all(
            "SELECT at, kind, channel, points, what FROM event WHERE person = ?1 AND at >= ?2 ORDER BY at, kind",
            params![person.0, millis(since)],
            |row| {
                let word: String = row.get(1)?;
                let kind = EventKind::ALL.into_iter().find(|kind| kind.word() == word);
                Ok(Happening {
                    person,
                    at: time(row.get(0)?),
                    kind: kind.unwrap_or(EventKind::Gap),
                    channel: ChannelId(row.get(2)?),
                    points: row.get(3)?,
                    what: row.get(4)?,
                })
            },
        )
    }

    /// A detector's state as it was written down; channel 0 is the person's own.
    pub fn detector(&self, person: PersonId, channel: ChannelId) -> Result<Option<String>> {
        self.one(
            "SELECT state FROM detector WHERE person = ?1 AND channel = ?2",
            params![person.0, channel.0],
            |row| row.get(0),
        )
    }

    pub fn put_detector(&self, person: PersonId, channel: ChannelId, state: &str) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO detector (person, channel, state) VALUES (?1, ?2, ?3)",
            params![person.0, channel.0, state],
        )?;
        Ok(())
    }

    /// Whether an entry of the log has been read.
    pub fn is_seen(&self, key: &str) -> Result<bool> {
        Ok(self.one("SELECT 1 FROM seen WHERE key = ?1", [key], |_| Ok(()))?.is_some())
    }

    pub fn see(&self, key: &str) -> Result<()> {
        self.run("INSERT OR IGNORE INTO seen (key) VALUES (?1)", [key])?;
        Ok(())
    }
}
