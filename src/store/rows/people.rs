//! People, channels and who belongs to whom.

use super::{Rows, millis};
use crate::channels;
use crate::model::{Account, ChannelId, Network, PersonId, Time, time};
use crate::store::Result;
use rusqlite::params;
use url::Url;

/// A channel as stored.
#[derive(Debug, Clone)]
pub struct StoredChannel {
    pub account: Account,
    pub name: Option<String>,
    pub url: Option<String>,
}

/// From when to when a channel was a person's.
#[derive(Debug, Clone, Copy)]
pub struct Membership {
    pub person: PersonId,
    pub channel: ChannelId,
    pub since: Time,
    pub until: Option<Time>,
}

/// An id that an account had once, as an alias. No address looks like this.
fn former(network: Network, stable: &str) -> String {
    format!("{network} id:{stable}")
}

impl Rows<'_> {
    /// The channel of an account: by its stable id, by an address it was asked under, or a new one.
    pub fn channel_for(&self, account: &Account) -> Result<ChannelId> {
        if let Some(found) = self.find_channel(account)? {
            return Ok(found);
        }
        self.run(
            "INSERT INTO channel (network, stable, handle, base, native) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                account.network.id(),
                account.stable,
                account.handle,
                account.base.as_ref().map(Url::as_str),
                account.native
            ],
        )?;
        let id = ChannelId(self.connection.last_insert_rowid());
        self.alias(account, id)?;
        Ok(id)
    }

    pub fn channels(&self) -> Result<Vec<ChannelId>> {
        self.all("SELECT id FROM channel ORDER BY id", [], |row| row.get(0).map(ChannelId))
    }

    pub fn find_channel(&self, account: &Account) -> Result<Option<ChannelId>> {
        if let Some(stable) = &account.stable {
            let sql = "SELECT id FROM channel WHERE network = ?1 AND stable = ?2";
            let found = self.one(sql, params![account.network.id(), stable], |row| row.get(0))?;
            // The configuration may still name the id that an account had before it moved.
            let found = if found.is_some() {
                found
            } else {
                let sql = "SELECT channel FROM alias WHERE address = ?1";
                self.one(sql, [former(account.network, stable)], |row| row.get(0))?
            };
            if let Some(id) = found {
                return Ok(Some(ChannelId(id)));
            }
        }
        // An address whose channel turned out to be somebody else is not theirs.
        let sql =
            "SELECT channel, stable FROM alias JOIN channel ON channel.id = alias.channel WHERE address = ?1";
        let found: Option<(i64, Option<String>)> =
            self.one(sql, [account.address()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found
            .filter(|(_, stable)| account.stable.is_none() || stable.is_none())
            .map(|(id, _)| ChannelId(id)))
    }

    fn alias(&self, account: &Account, id: ChannelId) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO alias (address, channel) VALUES (?1, ?2)",
            params![account.address(), id.0],
        )?;
        Ok(())
    }

    pub fn channel(&self, id: ChannelId) -> Result<Option<StoredChannel>> {
        let sql = "SELECT network, stable, handle, base, native, name, url FROM channel WHERE id = ?1";
        let found = self.one(sql, [id.0], |row| {
            let (network, base): (String, Option<String>) = (row.get(0)?, row.get(3)?);
            let Some(network) = channels::network(&network) else { return Ok(None) };
            let mut account = Account::new(network, row.get::<_, String>(2)?);
            account.stable = row.get(1)?;
            account.base = base.and_then(|base| Url::parse(&base).ok());
            account.native = row.get(4)?;
            Ok(Some(StoredChannel { account, name: row.get(5)?, url: row.get(6)? }))
        })?;
        Ok(found.flatten())
    }

    /// Writes down what a poll learned about an account. When the account turns out to be one that is
    /// stored already, the two become one: the returned channel is the one to go on with.
    pub fn bind(&self, id: ChannelId, account: &Account) -> Result<ChannelId> {
        if let Some(stable) = &account.stable {
            let sql = "SELECT id FROM channel WHERE network = ?1 AND stable = ?2 AND id <> ?3";
            let twin: Option<i64> =
                self.one(sql, params![account.network.id(), stable, id.0], |row| row.get(0))?;
            if let Some(twin) = twin {
                self.run("UPDATE alias SET channel = ?1 WHERE channel = ?2", params![twin, id.0])?;
                self.run("UPDATE OR IGNORE member SET channel = ?1 WHERE channel = ?2", params![twin, id.0])?;
                // What was observed under the other address stays; what both have is there already.
                for table in ["item", "act", "poll", "notice"] {
                    let sql = format!("UPDATE OR IGNORE {table} SET channel = ?1 WHERE channel = ?2");
                    self.run(&sql, params![twin, id.0])?;
                }
                self.run("DELETE FROM channel WHERE id = ?1", [id.0])?;
                return Ok(ChannelId(twin));
            }
            let before: Option<Option<String>> =
                self.one("SELECT stable FROM channel WHERE id = ?1", [id.0], |row| row.get(0))?;
            if let Some(before) = before.flatten().filter(|before| before != stable) {
                self.run(
                    "INSERT OR REPLACE INTO alias (address, channel) VALUES (?1, ?2)",
                    params![former(account.network, &before), id.0],
                )?;
            }
        }
        self.run(
            "UPDATE channel SET stable = ?2, handle = ?3, base = ?4, native = ?5 WHERE id = ?1",
            params![
                id.0,
                account.stable,
                account.handle,
                account.base.as_ref().map(Url::as_str),
                account.native
            ],
        )?;
        self.alias(account, id)?;
        Ok(id)
    }

    pub fn describe(&self, id: ChannelId, name: Option<&str>, url: Option<&str>) -> Result<()> {
        self.run(
            "UPDATE channel SET name = coalesce(?2, name), url = coalesce(?3, url) WHERE id = ?1",
            params![id.0, name, url],
        )?;
        Ok(())
    }

    /// The person with this key, known or new.
    pub fn person_for(&self, key: &str) -> Result<PersonId> {
        self.run("INSERT OR IGNORE INTO person (key) VALUES (?1)", [key])?;
        let found = self.find_person(key)?;
        Ok(found.unwrap_or(PersonId(0)))
    }

    pub fn find_person(&self, key: &str) -> Result<Option<PersonId>> {
        self.one("SELECT id FROM person WHERE key = ?1", [key], |row| row.get(0).map(PersonId))
    }

    /// Makes `channels` the person's channels from `at` on; others end there.
    pub fn set_members(&self, person: PersonId, channels: &[ChannelId], at: Time) -> Result<()> {
        let present: Vec<i64> =
            self.all("SELECT channel FROM member WHERE person = ?1 AND until IS NULL", [person.0], |row| {
                row.get(0)
            })?;
        for channel in present.iter().filter(|id| !channels.contains(&ChannelId(**id))) {
            self.run(
                "UPDATE member SET until = ?3 WHERE person = ?1 AND channel = ?2 AND until IS NULL",
                params![person.0, channel, millis(at)],
            )?;
        }
        for channel in channels.iter().filter(|id| !present.contains(&id.0)) {
            self.run(
                "INSERT INTO member (person, channel, since) VALUES (?1, ?2, ?3)",
                params![person.0, channel.0, millis(at)],
            )?;
        }
        Ok(())
    }

    /// Channels that were the person's at an instant.
    pub fn members_at(&self, person: PersonId, at: Time) -> Result<Vec<ChannelId>> {
        self.all(
            "SELECT channel FROM member WHERE person = ?1 AND since <= ?2 AND (until IS NULL OR until > ?2) \
             ORDER BY channel",
            params![person.0, millis(at)],
            |row| row.get(0).map(ChannelId),
        )
    }

    /// Every person with every channel that ever was theirs.
    pub fn memberships(&self) -> Result<Vec<Membership>> {
        self.all(
            "SELECT person, channel, since, until FROM member ORDER BY person, since, channel",
            [],
            |row| {
                Ok(Membership {
                    person: PersonId(row.get(0)?),
                    channel: ChannelId(row.get(1)?),
                    since: time(row.get(2)?),
                    until: row.get::<_, Option<i64>>(3)?.map(time),
                })
            },
        )
    }
}
