use super::book::Book;
use super::{Person, Pipeline, WHOLE};
use crate::model::{ChannelId, Time};
use crate::rollup::Tier;
use crate::score::Constants;
use crate::store::Result;
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// What the first polls found of a person. What lies before them is computed from it and from nothing that
/// was learned later: yesterday does not change because something is new today.
#[derive(Debug)]
pub(super) struct Past {
    /// When the observed history begins: the first score after every channel had been tried once.
    pub(super) first: Time,
    /// The poll that made it.
    pub(super) until: Time,
    /// The constants of then.
    pub(super) constants: Constants,
    /// Of the channels that were the person's then.
    pub(super) books: BTreeMap<ChannelId, Book>,
}

/// The past of a person, computed once; `None` until there is a first score.
pub(super) fn past<'p>(pipeline: &Pipeline, person: &'p Person) -> Result<Option<&'p Past>> {
    if person.past.get().is_none()
        && let Some(past) = look_back(pipeline, person)?
    {
        // Nobody else can have set it since.
        let _ = person.past.set(past);
    }
    Ok(person.past.get())
}

fn look_back(pipeline: &Pipeline, person: &Person) -> Result<Option<Past>> {
    let rows = pipeline.database.rows();
    let Some(bucket) = rows.first_candle(person.id, WHOLE, Tier::Minute)? else { return Ok(None) };
    let first = Tier::Minute.start(bucket.number);
    let members = rows.members_at(person.id, first + TimeDelta::minutes(1))?;
    // The poll that made the first score: the first good one after all had been tried.
    let mut tried = first;
    for id in &members {
        // What was typed in later is no try of then.
        let then = rows.first_poll(*id)?.filter(|at| *at < first + TimeDelta::minutes(1));
        tried = tried.max(then.unwrap_or(first));
    }
    let mut until = None;
    for id in &members {
        until = until.into_iter().chain(rows.good_poll_from(*id, tried)?).min();
    }
    let until = until.unwrap_or(first);
    let constants = pipeline.models.at(until).clone();
    let mut books = BTreeMap::new();
    for id in rows.members_at(person.id, until)? {
        if let Some(stored) = rows.channel(id)? {
            let models = &pipeline.models;
            books.insert(id, Book::as_of(&rows, id, &stored.account, &constants, models, until)?);
        }
    }
    Ok(Some(Past { first, until, constants, books }))
}
