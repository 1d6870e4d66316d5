//! The formula with a channel's own numbers in it.

use super::{Pipeline, energies};
use crate::model::{ChannelId, PersonId, Time};
use crate::score::{Formula, gbar};
use crate::store::Result;

impl Pipeline {
    /// What a channel's points are computed from. `None` where the person does not have the channel.
    pub fn formula(&self, person: PersonId, channel: ChannelId, now: Time) -> Result<Option<Formula>> {
        let Some(person) = self.people.iter().find(|known| known.id == person) else { return Ok(None) };
        let Some(book) = self.books.get(&channel) else { return Ok(None) };
        let at = now.max(self.last_at);
        let ids = person.in_order();
        let Some(place) = ids.iter().position(|id| *id == channel) else { return Ok(None) };
        let energies = energies(&self.books, &ids, at, &self.constants);
        let evidence = book.evidence();
        let day = |at: i64| at.div_euclid(crate::score::DAY_MILLIS);
        let today = evidence.rows.last().map(|newest| {
            let same = evidence.rows.iter().rev().take_while(|row| day(row.at) == day(newest.at));
            let x = same.map(|row| row.x).sum();
            (crate::model::time(newest.at), x, gbar(x))
        });
        Ok(Some(Formula {
            constants: self.constants.clone(),
            network: self.constants.network(book.account.network.id()),
            audience: evidence.audience,
            energy: energies[place],
            total: energies.iter().map(|energy| energy.total(&self.constants)).sum(),
            today,
            posts: book.ledger.items(),
            rows: evidence.rows.len(),
            at,
        }))
    }
}
