//! append → score → roll up → tell. The one place where the chain is written down.
//!
//! A report of a poll goes into the store, into the ledger, through the score and into the candles in one
//! transaction: what is committed is whole. The same steps in the same order rebuild everything derived
//! from the observations ([`rebuild()`]), to the same digits.

mod alarm;
mod append;
mod book;
mod cause;
mod effect;
mod explain;
mod formula;
mod goals;
mod models;
mod past;
mod posts;
mod rebuild;
mod show;
mod task;
mod typed;
mod watching;

pub use alarm::Wall;
pub use effect::{Course, Effect};
pub use rebuild::rebuild;
pub use task::{Answer, Data, Query, Work, handle, run};

use crate::bumps::{Entry, What};
use crate::channels::{self, Memory, WINDOW};
use crate::config::{self, Off};
use crate::model::{Account, ChannelId, Outcome, PersonId, PersonSnapshot, Range, Reason, Tick, Time};
use crate::rollup::{Bucket, Tier};
use crate::schedule::Job;
use crate::score::{Constants, Energy, evaluate};
use crate::store::{Database, Ending, PollReport, PollRow, Result, Rows};
use alarm::Alarm;
use append::{Moved, allowance, bent, follow, keep, reason, record};
use book::{Book, Taken, promise};
use models::Models;
use past::Past;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use watching::{Guard, Heard, Scope};

/// Clocks that are set right move by less than this.
pub const CLOCK_SKEW: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// The series of the person, beside those of the channels.
const WHOLE: ChannelId = ChannelId(0);

/// A person as the configuration or the command line names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// What the person's history is kept under.
    pub key: String,
    pub symbol: String,
    pub name: String,
    pub group: Option<String>,
    pub mine: bool,
    pub accounts: Vec<Account>,
}

type Books = BTreeMap<ChannelId, Book>;

impl From<&config::Person> for Wanted {
    fn from(person: &config::Person) -> Self {
        Self {
            key: person.symbol.clone(),
            symbol: person.symbol.clone(),
            name: person.name.clone(),
            group: person.group.clone(),
            mine: person.mine,
            accounts: person.channels.clone(),
        }
    }
}

/// A person's row, how they were named, and their channels.
type Found = (PersonId, Wanted, Vec<(ChannelId, Account)>);

#[derive(Debug)]
struct Person {
    id: PersonId,
    wanted: Wanted,
    /// Channels of the score, in the order in which the user names them.
    channels: Vec<(ChannelId, String)>,
    /// Channels that are polled and shown and have no part in the score: no candle, tick or statement knows them.
    outcomes: Vec<(ChannelId, String)>,
    /// Channels of the score that are not asked and never were: the person's in name only.
    away: Vec<ChannelId>,
    /// The newest candle of each series.
    candles: HashMap<(ChannelId, Tier), Bucket>,
    past: OnceCell<Past>,
    guard: Guard,
}

impl Person {
    fn new(rows: &Rows<'_>, id: PersonId, wanted: Wanted, channels: &[(ChannelId, Account)]) -> Result<Self> {
        let guard = Guard::load(rows, id)?;
        let (candles, past) = (HashMap::new(), OnceCell::new());
        let mut slots = slots(channels);
        let scored: Vec<ChannelId> = scored(channels).map(|(id, _)| id).collect();
        let outcomes = slots.extract_if(.., |(id, _)| !scored.contains(id)).collect();
        Ok(Self { id, wanted, channels: slots, outcomes, away: Vec::new(), candles, past, guard })
    }

    fn without(&mut self, off: &Off, books: &Books) {
        let away = |id: &ChannelId| {
            let book = books.get(id);
            book.is_some_and(|book| book.last.is_none() && off.contains_key(book.account.network.id()))
        };
        self.away = self.channels.iter().map(|(id, _)| *id).filter(away).collect();
    }

    /// What was remembered of the store no longer holds.
    fn forget(&mut self) {
        self.candles.clear();
        self.past = OnceCell::new();
    }

    /// The channels of the score, then the outcomes.
    fn polled(&self) -> impl Iterator<Item = &(ChannelId, String)> {
        self.channels.iter().chain(&self.outcomes)
    }

    fn polls(&self, channel: ChannelId) -> bool {
        self.polled().any(|(id, _)| *id == channel)
    }

    /// Channels of the score in the one order in which energies are added up.
    fn in_order(&self) -> Vec<ChannelId> {
        let ids = self.channels.iter().map(|(id, _)| *id);
        let mut ids: Vec<_> = ids.filter(|id| !self.away.contains(id)).collect();
        ids.sort();
        ids
    }
}

/// What became of a report.
#[derive(Debug)]
pub struct Applied {
    pub channel: ChannelId,
    pub at: Time,
    pub ending: Ending,
    pub reason: Reason,
    /// Counters, figures, items and acts that were new or different.
    pub changed: u32,
    /// It was a gap, and there are points from earlier polls.
    pub held: bool,
    /// Whose channel it is.
    pub people: Vec<PersonId>,
    pub ticks: Vec<Tick>,
    /// What the log heard of it.
    pub told: Vec<What>,
    /// The channel of the report turned out to be this one.
    pub merged: Option<(ChannelId, ChannelId)>,
}

#[derive(Debug)]
pub struct Pipeline {
    database: Database,
    constants: Constants,
    models: Models,
    people: Vec<Person>,
    books: Books,
    merged: HashMap<ChannelId, ChannelId>,
    /// The instant of the last report taken in, or of a later change of constants: they are in order, even if
    /// the clock is not.
    last_at: Time,
    /// The rules, once they are at work.
    alarm: Option<Alarm>,
    /// Networks that are not asked.
    off: Off,
    /// When the books were opened for writing.
    opened: Time,
}

impl Pipeline {
    /// Opens the people's books for writing: who is new gets a row, who left the list keeps their history.
    pub fn open(database: Database, constants: Constants, wanted: Vec<Wanted>, now: Time) -> Result<Self> {
        Self::open_without(Off::default(), database, constants, wanted, now)
    }

    /// The same, with networks that are not asked.
    pub fn open_without(
        off: Off,
        mut database: Database,
        constants: Constants,
        wanted: Vec<Wanted>,
        now: Time,
    ) -> Result<Self> {
        let (people, former) = database.transaction(|rows| {
            rows.set_meta("model", &constants.model)?;
            // Polls are in order even if the clock is not, and so are changes between them.
            let now = rows.latest_poll()?.map_or(now, |last| now.max(just_after(last)));
            let former = Models::adopt(rows, &constants, now)?;
            let mut people = Vec::new();
            for wanted in wanted {
                let (id, channels) = enter(rows, &wanted, &off, now)?;
                people.push((id, wanted, channels));
            }
            Ok((people, former))
        })?;
        let mut pipeline = Self::with(database, constants, people)?.without(off);
        pipeline.opened = now;
        if let Some((at, former)) = former {
            pipeline.bend(&former, at)?;
        }
        Ok(pipeline)
    }

    /// Other constants are in force from now on: what is assumed is computed with them, and the step in each
    /// score is an event with its cause.
    fn bend(&mut self, former: &Constants, at: Time) -> Result<()> {
        let Self { database, constants, models, people, books, .. } = self;
        let mut before = BTreeMap::new();
        for (&id, book) in &*books {
            before.insert(id, Book::load(&database.rows(), id, &book.account, former)?);
        }
        database.transaction(|rows| {
            // Channels of nobody on the board may come back.
            for id in rows.channels()? {
                let mut away = None;
                if !books.contains_key(&id)
                    && let Some(stored) = rows.channel(id)?
                {
                    away = Some(Book::load(rows, id, &stored.account, constants)?);
                }
                if let Some(book) = books.get_mut(&id).or(away.as_mut()) {
                    book.assume_again(rows, id, constants, models)?;
                    rows.put_assumed(id, book.assumed.as_ref())?;
                }
            }
            for person in people.iter() {
                let ids = person.in_order();
                let old = evaluate(&energies(&before, &ids, at, former), former).score;
                let new = evaluate(&energies(books, &ids, at, constants), constants).score;
                if new != old {
                    let cause = models::words(former, constants);
                    bent(rows, person.id, at, new - old, cause)?;
                }
            }
            Ok(())
        })
    }

    /// Shows these networks as not asked, and has them left alone.
    #[must_use]
    pub fn without(mut self, off: Off) -> Self {
        self.off = off;
        for person in &mut self.people {
            person.without(&self.off, &self.books);
        }
        self
    }

    /// Opens the people's books for reading, beside whoever writes.
    pub fn open_read_only(database: Database, constants: Constants, wanted: Vec<Wanted>) -> Result<Self> {
        let rows = database.rows();
        let mut people = Vec::new();
        // Who has never been polled has no row: they get numbers that no row has.
        let mut unknown = 0;
        let mut stand_in = || {
            unknown -= 1;
            unknown
        };
        for wanted in wanted {
            let id = rows.find_person(&wanted.key)?.unwrap_or_else(|| PersonId(stand_in()));
            let channels = distinct(&wanted.accounts, |account| {
                Ok(rows.find_channel(account)?.unwrap_or_else(|| ChannelId(stand_in())))
            })?;
            people.push((id, wanted, channels));
        }
        Self::with(database, constants, people)
    }

    fn with(database: Database, constants: Constants, people: Vec<Found>) -> Result<Self> {
        let rows = database.rows();
        let mut models = Models::load(&rows, &constants)?;
        let last_at = rows.latest_poll()?.unwrap_or(Time::MIN_UTC).max(models.newest());
        // Constants that no writer has noted yet hold for what comes next.
        let unnoted = models.then(just_after(last_at), &constants);
        let mut books = BTreeMap::new();
        let mut out = Vec::new();
        for (id, wanted, channels) in people {
            for (channel, account) in &channels {
                if !books.contains_key(channel) {
                    let mut book = Book::load(&rows, *channel, account, &constants)?;
                    if unnoted {
                        book.assume_again(&rows, *channel, &constants, &models)?;
                    }
                    books.insert(*channel, book);
                }
            }
            out.push(Person::new(&rows, id, wanted, &channels)?);
        }
        Ok(Self {
            database,
            constants,
            models,
            people: out,
            books,
            merged: HashMap::new(),
            last_at,
            alarm: None,
            off: Off::default(),
            opened: Time::MIN_UTC,
        })
    }

    /// Takes in a person beside those it was opened with, or further channels of one of them, and returns
    /// the jobs of channels that nobody had before.
    pub fn join(&mut self, wanted: Wanted, now: Time) -> Result<Vec<Job>> {
        let now = now.max(just_after(self.last_at));
        let (id, channels) = self.database.transaction(|rows| enter(rows, &wanted, &self.off, now))?;
        let mut new = Vec::new();
        for (channel, account) in &channels {
            if !self.books.contains_key(channel) {
                let book = Book::load(&self.database.rows(), *channel, account, &self.constants)?;
                self.books.insert(*channel, book);
                new.push(*channel);
            }
        }
        let mut person = Person::new(&self.database.rows(), id, wanted, &channels)?;
        person.without(&self.off, &self.books);
        match self.people.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = person,
            None => self.people.push(person),
        }
        Ok(self.jobs(now).into_iter().filter(|job| new.contains(&job.channel)).collect())
    }

    /// One job per channel that is polled, with the time at which it is due.
    pub fn jobs(&self, now: Time) -> Vec<Job> {
        self.books
            .iter()
            .filter(|(_, book)| {
                let network = book.account.network;
                !self.off.contains_key(network.id()) && !channels::by_hand(network)
            })
            .map(|(&channel, book)| Job {
                channel,
                account: book.account.clone(),
                // A poll dated after now was made under a clock that was wrong.
                next_at: book
                    .last
                    .as_ref()
                    .filter(|last| last.at <= now + CLOCK_SKEW)
                    // The cap may have been raised since.
                    .filter(|last| last.reason != Reason::Budget || last.at >= self.opened)
                    .map_or(now, |last| last.next_at),
                failures: book.last.as_ref().map_or(0, |last| last.failures),
            })
            .collect()
    }

    /// The user's own accounts.
    pub fn own(&self) -> Vec<(ChannelId, Account)> {
        let mine = self.people.iter().filter(|person| person.wanted.mine);
        mine.flat_map(|person| &person.channels)
            .filter_map(|(channel, _)| Some((*channel, self.books.get(channel)?.account.clone())))
            .collect()
    }

    /// What the next poll of a channel should know.
    pub fn recall(&self, channel: ChannelId, now: Time) -> Result<Memory> {
        let channel = self.canonical(channel);
        let rows = self.database.rows();
        // A book has counted its polls; the store would have to go through all there ever were.
        let last = match self.books.get(&channel) {
            Some(book) => book.last.clone(),
            None => rows.last_poll(channel)?,
        };
        let known = rows.known(channel, last.as_ref(), now - WINDOW)?;
        Ok(Memory { known, validators: rows.validators(channel)? })
    }

    /// Leaves everybody out of sight whose symbol is not wanted. Returns the channels that nobody has any more; what
    /// is stored of them stays.
    pub fn keep_only(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<ChannelId> {
        self.people.retain(|person| wanted(&person.wanted.symbol));
        let people = &self.people;
        let has = |id: ChannelId| people.iter().any(|person| person.polls(id));
        let left: Vec<ChannelId> = self.books.keys().copied().filter(|id| !has(*id)).collect();
        self.books.retain(|id, _| !left.contains(id));
        left
    }

    pub fn people(&self) -> Vec<PersonId> {
        self.people.iter().map(|person| person.id).collect()
    }

    pub fn symbol(&self, person: PersonId) -> Option<&str> {
        let person = self.people.iter().find(|known| known.id == person)?;
        Some(&person.wanted.symbol)
    }

    /// A person's usual daily noise in points, once it is known.
    pub fn noise(&self, person: PersonId) -> Option<f64> {
        self.people.iter().find(|known| known.id == person)?.guard.noise()
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    pub fn constants(&self) -> &Constants {
        &self.constants
    }

    /// Symbol and slot of a channel, once per person who has it.
    pub fn owners(&self, channel: ChannelId) -> Vec<(String, String)> {
        let channel = self.canonical(channel);
        self.people
            .iter()
            .flat_map(|person| person.polled().map(move |(id, slot)| (person, id, slot)))
            .filter(|(_, id, _)| **id == channel)
            .map(|(person, _, slot)| (person.wanted.symbol.clone(), slot.clone()))
            .collect()
    }

    /// Everything the screen shows of a person, with the changes over the named ranges.
    pub fn snapshot(&self, person: PersonId, now: Time, ranges: &[Range]) -> Result<Option<PersonSnapshot>> {
        let Some(person) = self.people.iter().find(|known| known.id == person) else { return Ok(None) };
        show::snapshot(self, person, now, ranges).map(Some)
    }

    /// A person's log since an instant, oldest first: bumps that were not over then, and what else was told.
    pub fn log(&self, person: PersonId, since: Time) -> Result<Vec<Entry>> {
        let rows = self.database.rows();
        let bumps = rows.bumps(person, since)?.into_iter().map(What::Bump);
        let happenings = rows.happenings(person, since)?.into_iter().map(What::Happening);
        let mut log: Vec<Entry> = bumps.chain(happenings).map(Entry::of).collect();
        for entry in &mut log {
            entry.unread = !rows.is_seen(&entry.key())?;
        }
        alarm::mark(&rows, person, since, &mut log)?;
        log.sort_by_key(Entry::at);
        Ok(log)
    }

    /// Entries of the log have been read.
    pub fn see(&mut self, keys: &[String]) -> Result<()> {
        self.database.transaction(|rows| keys.iter().try_for_each(|key| rows.see(key)))
    }

    /// The slot of a person's channel, as others write it.
    pub fn slot(&self, person: PersonId, channel: ChannelId) -> Option<&str> {
        let person = self.people.iter().find(|known| known.id == person)?;
        let found = person.polled().find(|(id, _)| *id == self.canonical(channel));
        found.map(|(_, slot)| slot.as_str())
    }

    fn canonical(&self, channel: ChannelId) -> ChannelId {
        self.merged.get(&channel).copied().unwrap_or(channel)
    }

    /// Takes a report in. On failure nothing of it is kept, in the store or in memory.
    pub fn apply(&mut self, report: &PollReport) -> Result<Applied> {
        let mut channel = self.canonical(report.channel);
        let mut merged = None;
        if let Outcome::Observed(observation) = &report.outcome {
            let bound = self.database.transaction(|rows| rows.bind(channel, &observation.account))?;
            if bound != channel {
                self.merge(channel, bound, &observation.account)?;
                merged = Some((channel, bound));
                channel = bound;
            }
        }
        // The store keeps milliseconds, and what is computed again begins with the store.
        let at = stored(report.at).max(just_after(self.last_at));
        let applied = self.apply_to(channel, at, report);
        match applied {
            Ok(mut applied) => {
                self.last_at = at;
                applied.merged = merged;
                self.alarm(&applied)?;
                Ok(applied)
            }
            Err(error) => {
                self.reload(channel)?;
                Err(error)
            }
        }
    }

    /// Two addresses turned out to be one account.
    fn merge(&mut self, from: ChannelId, into: ChannelId, account: &Account) -> Result<()> {
        self.books.remove(&from);
        let book = Book::load(&self.database.rows(), into, account, &self.constants)?;
        self.books.insert(into, book);
        self.merged.insert(from, into);
        for person in &mut self.people {
            let had = person.polls(into);
            for channels in [&mut person.channels, &mut person.outcomes] {
                channels.retain(|(id, _)| !had || *id != from);
                for (id, _) in channels {
                    if *id == from {
                        *id = into;
                    }
                }
            }
            person.forget();
        }
        Ok(())
    }

    fn reload(&mut self, channel: ChannelId) -> Result<()> {
        if let Some(book) = self.books.get_mut(&channel) {
            let account = book.account.clone();
            *book = Book::load(&self.database.rows(), channel, &account, &self.constants)?;
        }
        for person in &mut self.people {
            person.guard = Guard::load(&self.database.rows(), person.id)?;
            person.forget();
        }
        Ok(())
    }

    fn apply_to(&mut self, channel: ChannelId, at: Time, report: &PollReport) -> Result<Applied> {
        let Self { database, constants, people, books, last_at, .. } = self;
        let last_at = *last_at;
        let mut applied = Applied {
            channel,
            at,
            ending: Ending::Gap,
            reason: Reason::Ok,
            changed: 0,
            held: false,
            people: Vec::new(),
            ticks: Vec::new(),
            told: Vec::new(),
            merged: None,
        };
        let Some(book) = books.get(&channel) else { return Ok(applied) };
        let first = book.last.as_ref().is_none_or(|last| last.last_read.is_none());
        applied.held = !first && !book.account.network.0.outcome && matches!(report.outcome, Outcome::Gap(_));
        applied.people =
            people.iter().filter(|person| person.polls(channel)).map(|person| person.id).collect();
        // Whose score it bears on: an outcome bears on none.
        let mut owners: Vec<&mut Person> =
            people.iter_mut().filter(|person| person.channels.iter().any(|(id, _)| *id == channel)).collect();
        let before: Vec<Vec<Energy>> =
            owners.iter().map(|person| energies(books, &person.in_order(), at, constants)).collect();
        database.transaction(|rows| {
            for (host, budget) in &report.hosts {
                rows.put_host(host, budget)?;
            }
            let Some(book) = books.get_mut(&channel) else { return Ok(()) };
            let mut taken = Taken::default();
            let mut recorded = Vec::new();
            let (ending, reason, detail) = match &report.outcome {
                Outcome::Gap(trouble) => (Ending::Gap, trouble.reason(), Some(trouble.to_string())),
                Outcome::Observed(observation) => {
                    let (facts, changed) = keep(rows, book, channel, observation, at)?;
                    applied.changed = changed;
                    rows.put_validators(channel, &report.validators)?;
                    taken = book.take(&facts, at, constants);
                    rows.put_ledger(&mut book.ledger, &book.ids, at)?;
                    rows.put_assumed(channel, book.assumed.as_ref())?;
                    for (person, before) in owners.iter_mut().zip(&before) {
                        let ids = person.in_order();
                        let after = energies(books, &ids, at, constants);
                        // This poll is one of the tries; nobody waits for what is typed in.
                        let tried = |id: &ChannelId| {
                            let book = books.get(id);
                            let read =
                                |book: &Book| book.last.is_some() || channels::by_hand(book.account.network);
                            *id == channel || book.is_some_and(read)
                        };
                        let settled = ids.iter().all(tried);
                        let moved =
                            Moved { channel, at, before, after: &after, taken: &taken, first, settled };
                        let cause = || cause::words(rows, &books[&channel].account, &taken);
                        let done =
                            record(rows, person.id, &ids, &mut person.candles, &moved, constants, cause)?;
                        let promised = promise(books, channel, &ids, &after, &taken, at, constants);
                        applied.ticks.extend(done.tick.clone());
                        recorded.push((done, promised));
                    }
                    let ending = if changed == 0 { Ending::Unchanged } else { Ending::Observed };
                    (ending, reason(observation), None)
                }
            };
            applied.ending = ending;
            applied.reason = reason;
            let poll = PollRow {
                channel,
                at,
                outcome: ending,
                reason,
                detail,
                requests: report.requests,
                changed: applied.changed,
                next_at: stored(report.next_at),
            };
            rows.insert_poll(&poll)?;
            if let Some(book) = books.get_mut(&channel) {
                book.last = Some(follow(book.last.as_ref(), &poll));
                book.allowance = allowance(&report.hosts);
            }
            let Some(book) = books.get(&channel) else { return Ok(()) };
            let cause = || cause::words(rows, &book.account, &taken);
            for (place, person) in owners.iter_mut().enumerate() {
                let heard = recorded.get(place).map(|(done, promised)| {
                    let (score, points, promised) = (done.score, done.points, *promised);
                    Heard { book, taken: &taken, first, score, points, promised }
                });
                let ids = person.in_order();
                let scope = Scope { rows, person: person.id, ids: &ids, constants };
                applied.told.extend(person.guard.hear(&scope, &poll, heard.as_ref(), &cause)?);
                applied.told.extend(goals::tell(rows, person.id, last_at, at)?);
            }
            Ok(())
        })?;
        Ok(applied)
    }
}

/// Writes a person and their channels down as being on the board. A channel that is not asked and never was is
/// theirs in name only, so that their history does not wait for it.
fn enter(
    rows: &Rows<'_>,
    wanted: &Wanted,
    off: &Off,
    now: Time,
) -> Result<(PersonId, Vec<(ChannelId, Account)>)> {
    let id = rows.person_for(&wanted.key)?;
    let channels = distinct(&wanted.accounts, |account| rows.channel_for(account))?;
    let mut ids = Vec::new();
    for (channel, account) in scored(&channels) {
        if !off.contains_key(account.network.id()) || rows.first_poll(channel)?.is_some() {
            ids.push(channel);
        }
    }
    rows.set_members(id, &ids, now)?;
    Ok((id, channels))
}

/// Channels of some accounts, each once: two addresses may have turned out to be one account.
fn distinct(
    accounts: &[Account],
    mut find: impl FnMut(&Account) -> Result<ChannelId>,
) -> Result<Vec<(ChannelId, Account)>> {
    let mut channels: Vec<(ChannelId, Account)> = Vec::new();
    for account in accounts {
        let id = find(account)?;
        if channels.iter().all(|(known, _)| *known != id) {
            channels.push((id, account.clone()));
        }
    }
    Ok(channels)
}

/// Channels that have a part in the score.
fn scored(channels: &[(ChannelId, Account)]) -> impl Iterator<Item = (ChannelId, &Account)> {
    channels.iter().filter(|(_, account)| !account.network.0.outcome).map(|(id, account)| (*id, account))
}

/// `bluesky`, `bluesky-2`, … in the order in which the user names them.
fn slots(channels: &[(ChannelId, Account)]) -> Vec<(ChannelId, String)> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    let slot = |(id, account): &(ChannelId, Account)| {
        let network = account.network.id();
        let count = counts.entry(network).or_default();
        *count += 1;
        (*id, if *count == 1 { network.to_owned() } else { format!("{network}-{count}") })
    };
    channels.iter().map(slot).collect()
}

fn stored(at: Time) -> Time {
    crate::model::time(at.timestamp_millis())
}

/// What is told about is in order, a millisecond apart at least.
fn just_after(at: Time) -> Time {
    at.checked_add_signed(chrono::TimeDelta::milliseconds(1)).unwrap_or(at)
}

fn energies(books: &Books, ids: &[ChannelId], at: Time, constants: &Constants) -> Vec<Energy> {
    ids.iter()
        .map(|id| books.get(id).map_or_else(Energy::default, |book| book.energy(at, constants)))
        .collect()
}

/// The closed form of what becomes of energies without news.
fn aged(energies: &[Energy], by: chrono::TimeDelta, constants: &Constants) -> Vec<Energy> {
    energies.iter().map(|energy| energy.aged(days(by), constants)).collect()
}

fn days(span: chrono::TimeDelta) -> f64 {
    span.num_milliseconds() as f64 / crate::score::DAY_MILLIS as f64
}
