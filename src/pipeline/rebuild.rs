use super::append::{Moved, bent, record};
use super::book::{Book, promise};
use super::models::{self, Models};
use super::watching::{Guard, Heard, Scope};
use super::{Books, cause, energies};
use crate::channels;
use crate::model::{Account, ChannelId, PersonId, Time};
use crate::score::{Constants, evaluate};
use crate::store::{Database, Ending, Membership, PollRow, Replay, Result, Rows};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Computes ledgers, scores, candles and ticks again from the observations, in one transaction: it is
/// done whole or not at all. `progress` hears how many polls are done, of how many.
pub fn rebuild(
    database: &mut Database,
    constants: &Constants,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    database.transaction(|rows| again(rows, constants, progress))
}

/// The same inside a transaction.
pub(super) fn again(
    rows: &Rows<'_>,
    constants: &Constants,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    rows.clear_derived()?;
    rows.set_meta("model", &constants.model)?;
    let models = Models::load(rows, constants)?;
    let memberships = rows.memberships()?;
    let people: BTreeSet<PersonId> = memberships.iter().map(|member| member.person).collect();
    let mut rebuilt: BTreeSet<ChannelId> = BTreeSet::new();
    let polls = rows.count_good_polls()?;
    let mut done = 0;
    let mut advance = |steps: usize| {
        done += steps;
        progress(done.min(polls), polls);
    };
    for person in people {
        let own: Vec<_> = memberships.iter().filter(|member| member.person == person).copied().collect();
        replay(rows, Some(person), &own, &mut rebuilt, &models, &mut advance)?;
    }
    // Channels that are nobody's keep their ledgers too.
    for channel in rows.channels()? {
        if !rebuilt.contains(&channel) {
            let alone = Membership { person: PersonId(0), channel, since: Time::MIN_UTC, until: None };
            replay(rows, None, &[alone], &mut rebuilt, &models, &mut advance)?;
        }
    }
    Ok(())
}

type Facts = std::iter::Peekable<std::vec::IntoIter<(Time, Replay)>>;

/// Runs through every good poll of a person's channels in order of time.
fn replay(
    rows: &Rows<'_>,
    person: Option<PersonId>,
    members: &[Membership],
    rebuilt: &mut BTreeSet<ChannelId>,
    models: &Models,
    advance: &mut dyn FnMut(usize),
) -> Result<()> {
    let mut books: BTreeMap<ChannelId, Book> = BTreeMap::new();
    let mut facts: HashMap<ChannelId, Facts> = HashMap::new();
    let mut polls: Vec<(PollRow, bool)> = Vec::new();
    let mut guard = Guard::default();
    let mut tried: HashMap<ChannelId, Time> = HashMap::new();
    for channel in members.iter().map(|member| member.channel).collect::<BTreeSet<_>>() {
        let Some(stored) = rows.channel(channel)? else { continue };
        let account: Account = stored.account;
        books.insert(channel, Book::empty(account, models.at(Time::MIN_UTC)));
        facts.insert(channel, rows.replay(channel, Time::MAX_UTC)?.into_iter().peekable());
        let first = rows.good_poll_from(channel, Time::MIN_UTC)?;
        polls.extend(rows.polls(channel)?.into_iter().map(|poll| {
            let is_first = Some(poll.at) == first;
            (poll, is_first)
        }));
        // Nobody waits for what is typed in.
        let typed = channels::by_hand(books[&channel].account.network).then_some(Time::MIN_UTC);
        tried.extend(typed.or(rows.first_poll(channel)?).map(|first| (channel, first)));
        rebuilt.insert(channel);
    }
    polls.sort_by_key(|(poll, _)| (poll.at, poll.channel));
    let mut candles = HashMap::new();
    let mut changes: Vec<Time> = models.changes(Time::MIN_UTC, Time::MAX_UTC).collect();
    changes.reverse();
    for (poll, first) in polls {
        let PollRow { at, channel, .. } = poll;
        while let Some(change) = changes.pop_if(|change| *change <= at) {
            bend(rows, person, &belonging(members, change), &mut books, models, change)?;
        }
        let ids = belonging(members, at);
        let constants = models.at(at);
        if poll.outcome == Ending::Gap {
            if let Some(person) = person.filter(|_| ids.contains(&channel)) {
                let scope = Scope { rows, person, ids: &ids, constants };
                guard.hear(&scope, &poll, None, &|| Ok(String::new()))?;
            }
            continue;
        }
        let before = energies(&books, &ids, at, constants);
        let Some(book) = books.get_mut(&channel) else { continue };
        let mut taking = Vec::new();
        if let Some(facts) = facts.get_mut(&channel) {
            while let Some((_, fact)) = facts.next_if(|(seen, _)| *seen <= at) {
                taking.push(fact);
            }
        }
        let taken = book.take(&taking, at, constants);
        rows.put_ledger(&mut book.ledger, &book.ids, at)?;
        rows.put_assumed(channel, book.assumed.as_ref())?;
        if let Some(person) = person
            && ids.contains(&channel)
        {
            let after = energies(&books, &ids, at, constants);
            let settled = ids.iter().all(|id| tried.get(id).is_some_and(|first| *first <= at));
            let moved = Moved { channel, at, before: &before, after: &after, taken: &taken, first, settled };
            let cause = || cause::words(rows, &books[&channel].account, &taken);
            let done = record(rows, person, &ids, &mut candles, &moved, constants, cause)?;
            let promised = promise(&mut books, channel, &ids, &after, &taken, at, constants);
            let (book, score, points) = (&books[&channel], done.score, done.points);
            let heard = Heard { book, taken: &taken, first, score, points, promised };
            let cause = || cause::words(rows, &books[&channel].account, &taken);
            guard.hear(&Scope { rows, person, ids: &ids, constants }, &poll, Some(&heard), &cause)?;
        }
        advance(1);
    }
    for change in changes.into_iter().rev() {
        bend(rows, person, &belonging(members, change), &mut books, models, change)?;
    }
    Ok(())
}

/// A person's channels at an instant, in the one order in which energies are added up.
fn belonging(members: &[Membership], at: Time) -> Vec<ChannelId> {
    let belongs = |member: &&Membership| member.since <= at && member.until.is_none_or(|until| at < until);
    let ids: BTreeSet<ChannelId> = members.iter().filter(belongs).map(|member| member.channel).collect();
    ids.into_iter().collect()
}

/// From here on other constants were in force.
fn bend(
    rows: &Rows<'_>,
    person: Option<PersonId>,
    ids: &[ChannelId],
    books: &mut Books,
    models: &Models,
    at: Time,
) -> Result<()> {
    let (former, constants) = (models.at(at - chrono::TimeDelta::milliseconds(1)), models.at(at));
    let old = evaluate(&energies(books, ids, at, former), former).score;
    for (&id, book) in books.iter_mut() {
        book.reprice(constants);
        book.assume_again(rows, id, constants, models)?;
        rows.put_assumed(id, book.assumed.as_ref())?;
    }
    let new = evaluate(&energies(books, ids, at, constants), constants).score;
    if let Some(person) = person.filter(|_| new != old) {
        let cause = models::words(former, constants);
        bent(rows, person, at, new - old, cause)?;
    }
    Ok(())
}
