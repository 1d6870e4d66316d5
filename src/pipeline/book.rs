use super::Books;
use super::models::Models;
use crate::bumps::to_come;
use crate::model::{Account, Allowance, ChannelId, Figure, Metric, Time};
use crate::score::{
    Arrival, Assumed, Constants, Energy, Engine, Evidence, Ledger, NetworkConstants, Source, Weighed,
    evaluate,
};
use crate::store::{LastPoll, Replay, Result, Rows};
use std::cell::OnceCell;
use std::collections::HashMap;

/// One channel in memory: its ledger and how its polls went.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) account: Account,
    pub(super) name: Option<String>,
    pub(super) ledger: Ledger,
    /// The store's ids of the ledger's items, by their numbers.
    pub(super) ids: Vec<i64>,
    places: HashMap<i64, u32>,
    pub(super) figures: Vec<(Figure, u64)>,
    pub(super) last: Option<LastPoll>,
    /// What its servers said at the last poll of this run that they let be asked still.
    pub(super) allowance: Option<Allowance>,
    /// What is assumed of the time before the first reading.
    pub(super) assumed: Option<Assumed>,
    constants: NetworkConstants,
    engine: Engine,
    /// The ledger's rows with their engagement, once somebody asks for single rows.
    weighed: OnceCell<Vec<Weighed>>,
    /// Whether a listing was read: what is assumed is made of the first one.
    listed: bool,
    /// The last good poll.
    read_at: Option<Time>,
}

/// What a poll's facts did to the ledger.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Events credited, views left out.
    pub(super) volume: u64,
    /// Events credited by item (the store's id) and kind.
    pub(super) credited: Vec<(i64, Metric, u64)>,
    /// Change of the audience figures.
    pub(super) audience: Vec<(Figure, i64)>,
    /// What fresh posts that grew may still get, by the date of their rows.
    pub(super) hoped: Vec<(i64, f64)>,
}

/// A book and the facts that are still to come: polls can be run through once more, in order.
pub(super) struct Reel {
    pub(super) book: Book,
    facts: std::iter::Peekable<std::vec::IntoIter<(Time, Replay)>>,
    /// Good polls, also those that brought no facts.
    polls: Vec<Time>,
}

impl Reel {
    pub(super) fn load(
        rows: &Rows<'_>,
        channel: ChannelId,
        account: &Account,
        constants: &Constants,
    ) -> Result<Self> {
        Self::until(rows, channel, account, constants, Time::MAX_UTC)
    }

    fn until(
        rows: &Rows<'_>,
        channel: ChannelId,
        account: &Account,
        constants: &Constants,
        until: Time,
    ) -> Result<Self> {
        Ok(Self {
            book: Book::empty(account.clone(), constants),
            facts: rows.replay(channel, until)?.into_iter().peekable(),
            polls: rows.good_polls(channel)?,
        })
    }

    /// Takes in the polls up to an instant, one by one; returns what the last of them did.
    pub(super) fn advance(&mut self, until: Time, models: &Models) -> Taken {
        let mut taken = Taken::default();
        while let Some((at, fact)) = self.facts.next_if(|(at, _)| *at <= until) {
            let mut facts = vec![fact];
            while let Some((_, fact)) = self.facts.next_if(|(other, _)| *other == at) {
                facts.push(fact);
            }
            let before = self.polls.partition_point(|poll| *poll < at);
            self.book.read_at = before.checked_sub(1).map(|place| self.polls[place]);
            taken = self.book.take(&facts, at, models.at(at));
        }
        taken
    }
}

impl Book {
    pub(super) fn empty(account: Account, constants: &Constants) -> Self {
        Self {
            constants: constants.network(account.network.id()),
            account,
            name: None,
            ledger: Ledger::default(),
            ids: Vec::new(),
            places: HashMap::new(),
            figures: Vec::new(),
            last: None,
            allowance: None,
            assumed: None,
            engine: Engine::new(constants),
            weighed: OnceCell::new(),
            listed: false,
            read_at: None,
        }
    }

    /// Reads a channel's book; `account` is how the user names it, the store may know it better.
    pub(super) fn load(
        rows: &Rows<'_>,
        channel: ChannelId,
        account: &Account,
        constants: &Constants,
    ) -> Result<Self> {
        let mut book = Self::empty(account.clone(), constants);
        if let Some(stored) = rows.channel(channel)? {
            if stored.account.stable.is_some() {
                book.account = stored.account;
            }
            book.name = stored.name;
        }
        (book.ledger, book.ids) = rows.load_ledger(channel)?;
        book.places = book.ids.iter().copied().zip(0..).collect();
        book.figures = rows.figures(channel)?;
        book.last = rows.last_poll(channel)?;
        book.assumed = rows.assumed(channel)?;
        book.read_at = book.last.as_ref().and_then(|last| last.last_read);
        book.listed = book.read_at.is_some();
        book.reprice(constants);
        Ok(book)
    }

    /// Weighs the ledger with these constants.
    pub(super) fn reprice(&mut self, constants: &Constants) {
        self.constants = constants.network(self.account.network.id());
        self.engine = Engine::new(constants);
        for row in self.ledger.rows() {
            self.engine.put(row.at, 0.0, row.x(&self.constants));
        }
        self.weighed = OnceCell::new();
    }

    /// The book as it stood after the polls up to an instant, weighed with these constants.
    pub(super) fn as_of(
        rows: &Rows<'_>,
        channel: ChannelId,
        account: &Account,
        constants: &Constants,
        models: &Models,
        until: Time,
    ) -> Result<Self> {
        let mut reel = Reel::until(rows, channel, account, constants, until)?;
        reel.advance(until, models);
        Ok(reel.book)
    }

    /// Computes what is assumed again, from the first reading and with other constants.
    pub(super) fn assume_again(
        &mut self,
        rows: &Rows<'_>,
        channel: ChannelId,
        constants: &Constants,
        models: &Models,
    ) -> Result<()> {
        if self.assumed.is_some()
            && let Some(first) = rows.good_poll_from(channel, Time::MIN_UTC)?
        {
            self.assumed = Self::as_of(rows, channel, &self.account, constants, models, first)?.assumed;
        }
        Ok(())
    }

    /// The channel's energies: from the running sums, or for an instant before the newest row from the rows.
    pub(super) fn energy(&self, at: Time, constants: &Constants) -> Energy {
        match self.engine.read(at) {
            Some(parts) => self.evidence_of(&[]).energy_of(parts, at, constants),
            None => self.evidence().energy(at, constants),
        }
    }

    /// The channel's energies as they would be with what is hoped for.
    fn energy_with(&mut self, hoped: &[(i64, f64)], at: Time, constants: &Constants) -> Option<Energy> {
        let parts = self.engine.read_with(at, hoped)?;
        Some(self.evidence_of(&[]).energy_of(parts, at, constants))
    }

    /// Engagement in typical active days of the network.
    pub(super) fn weigh(&self, counts: [u32; 5]) -> f64 {
        self.constants.weigh(counts)
    }

    /// Instants, in milliseconds, and engagement of the rows since one of them.
    pub(super) fn engagement(&self, from: i64) -> impl Iterator<Item = (i64, f64)> {
        let rows = self.ledger.rows();
        let first = rows.partition_point(|row| row.at < from);
        rows[first..].iter().map(|row| (row.at, row.x(&self.constants)))
    }

    pub(super) fn evidence(&self) -> Evidence<'_> {
        self.evidence_of(self.weighed.get_or_init(|| self.ledger.weighed(&self.constants)))
    }

    fn evidence_of<'r>(&self, rows: &'r [Weighed]) -> Evidence<'r> {
        Evidence { rows, audience: self.audience(), phi: self.constants.phi, assumed: self.assumed }
    }

    /// F: the weighted sum of the figures the network's audience counts, as far as they are known.
    fn audience(&self) -> Option<f64> {
        let parts: Vec<f64> = self
            .account
            .network
            .0
            .audience
            .iter()
            .filter_map(|(figure, weight)| Some(self.figure(*figure)? as f64 * weight))
            .collect();
        (!parts.is_empty()).then(|| parts.iter().sum())
    }

    pub(super) fn figure(&self, figure: Figure) -> Option<u64> {
        self.figures.iter().find(|(name, _)| *name == figure).map(|(_, value)| *value)
    }

    /// An item's number in the ledger, by the store's id.
    pub(super) fn place(&self, id: i64) -> Option<u32> {
        self.places.get(&id).copied()
    }

    /// The counter as last read.
    pub(super) fn last_count(&self, id: i64, metric: Metric) -> Option<u64> {
        self.ledger.tally(self.place(id)?, metric).last
    }

    /// Takes the facts of one poll into the ledger. What somebody known is credited with beside a stranger goes
    /// by the constants in force `then`, once and for good; everything is weighed with the book's own.
    pub(super) fn take(&mut self, facts: &[Replay], at: Time, then: &Constants) -> Taken {
        let then = then.network(self.account.network.id());
        self.ledger.read_before(self.read_at);
        self.read_at = Some(at);
        let mut taken = Taken::default();
        let mut credit = |item: i64, metric: Metric, events: u64| {
            if events == 0 {
                return;
            }
            if metric != Metric::Views {
                taken.volume = taken.volume.saturating_add(events);
            }
            match taken.credited.iter_mut().find(|(id, kind, _)| (*id, *kind) == (item, metric)) {
                Some((_, _, sum)) => *sum += events,
                None => taken.credited.push((item, metric, events)),
            }
        };
        // The counter that came with an act, to tell whether it is in there already.
        let counted = |wanted: i64, kind: Metric| {
            facts.iter().find_map(|fact| match fact {
                Replay::Count { item, metric, value } if (*item, *metric) == (wanted, kind) => Some(*value),
                _ => None,
            })
        };
        let mut arrivals = Vec::new();
        let mut counts = Vec::new();
        let mut listing = None;
        let mut oldest: Option<Time> = None;
        for fact in facts {
            match *fact {
                Replay::Sight { item, published, standing } => {
                    let published = published.min(at);
                    self.places.insert(item, self.ledger.sight(published, standing));
                    self.ids.push(item);
                    if !standing {
                        oldest = oldest.into_iter().chain([published]).min();
                    }
                }
                Replay::Own { item, metric } => {
                    if let Some(place) = self.place(item) {
                        self.ledger.own(place, metric);
                    }
                }
                Replay::Act { id, item, metric, at, ref actor, tone } => {
                    if let Some(place) = self.place(item) {
                        let count = counted(item, metric);
                        arrivals.push((item, Arrival { id, item: place, metric, at, actor, tone, count }));
                    }
                }
                Replay::Count { item, metric, value } => counts.push((item, metric, value)),
                Replay::Listing { complete } => listing = Some(complete),
                Replay::Figure { figure, value } => {
                    let before = self.figure(figure);
                    self.figures.retain(|(name, _)| *name != figure);
                    self.figures.push((figure, value));
                    self.figures.sort_by_key(|(name, _)| *name);
                    if let Some(before) = before {
                        let change = value.cast_signed().wrapping_sub(before.cast_signed());
                        taken.audience.push((figure, change));
                    }
                }
            }
        }
        // Acts come before the counters they went into.
        let acts: Vec<Arrival<'_>> = arrivals.iter().map(|(_, arrival)| *arrival).collect();
        let new = self.ledger.acts(&acts, at, &then);
        for ((item, arrival), new) in arrivals.iter().zip(new) {
            credit(*item, arrival.metric, u64::from(new));
        }
        for (item, metric, value) in counts {
            if let Some(place) = self.place(item) {
                let events = self.ledger.count(place, metric, Some(value), at, &then);
                credit(item, metric, events);
            }
        }
        for gain in self.ledger.take_gains() {
            let [before, after] = [gain.before, gain.after].map(|row| row.x(&self.constants));
            self.engine.put(gain.after.at, before, after);
            if gain.after.source == Source::Publication {
                let row = gain.after.at;
                let acts = gain.after.counts.iter().sum();
                taken.hoped.retain(|(known, _)| *known != row);
                taken.hoped.push((row, to_come(at - crate::model::time(row), after, acts)));
            }
        }
        self.weighed = OnceCell::new();
        self.assume(listing, oldest, at);
        taken
    }

    /// The first listing says what to assume of the time before it; one that is complete leaves nothing.
    fn assume(&mut self, listing: Option<bool>, oldest: Option<Time>, at: Time) {
        let Some(complete) = listing else { return };
        if complete {
            self.assumed = None;
        } else if !self.listed {
            self.assumed = oldest.and_then(|oldest| Assumed::of(self.evidence().rows, oldest, at));
        }
        self.listed = true;
    }
}

/// Points that fresh posts of a channel still promise, of a score made of these energies.
pub(super) fn promise(
    books: &mut Books,
    channel: ChannelId,
    ids: &[ChannelId],
    after: &[Energy],
    taken: &Taken,
    at: Time,
    constants: &Constants,
) -> f64 {
    let place = ids.iter().position(|id| *id == channel);
    let (Some(place), Some(book)) = (place, books.get_mut(&channel)) else { return 0.0 };
    if taken.hoped.is_empty() {
        return 0.0;
    }
    let Some(hoped) = book.energy_with(&taken.hoped, at, constants) else { return 0.0 };
    let mut energies = after.to_vec();
    energies[place] = hoped;
    (evaluate(&energies, constants).score - evaluate(after, constants).score).max(0.0)
}
