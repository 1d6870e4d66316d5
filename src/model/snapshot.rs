use super::{Account, ChannelId, Figure, GoalSnapshot, Money, Network, PersonId, Range, Reason, State, Time};

/// Everything the screen and the commands show of one person, as of one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonSnapshot {
    pub id: PersonId,
    pub symbol: String,
    pub name: String,
    pub group: Option<String>,
    /// Whether this is the user.
    pub mine: bool,
    pub at: Time,
    /// `None` until a first channel has been read.
    pub score: Option<f64>,
    /// Half the width of the band in which the score lies 8 times of 10, for what is assumed of the time before
    /// the first reading.
    pub uncertainty: Option<f64>,
    /// The score so many days ahead, if nothing comes.
    pub forecast: Vec<(u32, f64)>,
    /// How far the detectors are from raising a bump, from 0 to 0.5; nothing while one goes on.
    pub forming: Option<f64>,
    /// Oldest first.
    pub marks: Vec<Mark>,
    /// Oldest first, without those that were dropped.
    pub goals: Vec<GoalSnapshot>,
    /// Channels of the score.
    pub channels: Vec<ChannelSnapshot>,
    /// Channels that count visits: beside the score, never in it.
    pub outcomes: Vec<ChannelSnapshot>,
    changes: [Option<Change>; Range::ALL.len()],
}

impl PersonSnapshot {
    pub fn new(id: PersonId, symbol: String, name: String, at: Time) -> Self {
        Self {
            id,
            symbol,
            name,
            group: None,
            mine: false,
            at,
            score: None,
            uncertainty: None,
            forecast: Vec::new(),
            forming: None,
            marks: Vec::new(),
            goals: Vec::new(),
            channels: Vec::new(),
            outcomes: Vec::new(),
            changes: Default::default(),
        }
    }

    pub fn change(&self, range: Range) -> Option<&Change> {
        self.changes[range.index()].as_ref()
    }

    pub fn set_change(&mut self, range: Range, change: Change) {
        self.changes[range.index()] = Some(change);
    }

    /// Everything that is asked about the person: the channels of the score, then the outcomes.
    pub fn polled(&self) -> impl Iterator<Item = &ChannelSnapshot> {
        self.channels.iter().chain(&self.outcomes)
    }

    /// Channels readable now.
    pub fn live(&self) -> usize {
        self.channels.iter().filter(|channel| !channel.state.held() && channel.last_read.is_some()).count()
    }

    /// Points of channels that cannot be read now: they only age.
    pub fn held_points(&self) -> f64 {
        // The sum of nothing is -0.
        self.channels.iter().filter(|channel| channel.held()).map(|channel| channel.points).sum::<f64>() + 0.0
    }

    /// The last good reading of any channel.
    pub fn last_read(&self) -> Option<Time> {
        self.channels.iter().filter_map(|channel| channel.last_read).max()
    }
}

/// What happened to a score over one range.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub from: Time,
    /// The score at `from`.
    pub open: f64,
    /// Last minus open.
    pub points: f64,
    pub low: f64,
    pub high: f64,
    /// Engagement events, unweighted.
    pub volume: u64,
    /// One per channel of the person; they sum to `points`.
    pub channels: Vec<ChannelChange>,
    pub driver: Option<Driver>,
    /// The opening lies before the first observation: it was computed from what the first poll found.
    pub backfilled: bool,
}

impl Change {
    /// Change in percent of the opening score; `None` when it opened at zero.
    pub fn percent(&self) -> Option<f64> {
        (self.open > 0.0).then(|| 100.0 * self.points / self.open)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelChange {
    pub channel: ChannelId,
    pub points: f64,
}

/// The largest single cause inside a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    pub network: Option<Network>,
    pub text: String,
}

/// One channel of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelSnapshot {
    pub id: ChannelId,
    /// `bluesky`, or `bluesky-2` for a second account on the same network.
    pub slot: String,
    pub account: Account,
    pub state: State,
    pub reason: Reason,
    /// What went wrong, in words.
    pub detail: Option<String>,
    /// When the channel entered its present state.
    pub since: Option<Time>,
    pub last_read: Option<Time>,
    /// The last poll, however it ended.
    pub last_try: Option<Time>,
    /// When it is asked next.
    pub next_at: Option<Time>,
    /// Points of the score that stand on this channel. All channels' points sum to the score.
    pub points: f64,
    /// The three parts of `points`.
    pub audience_points: f64,
    pub body_points: f64,
    pub buzz_points: f64,
    /// What of `points` stands on what is assumed of the time before the first reading.
    pub assumed_points: f64,
    pub figures: Vec<(Figure, u64)>,
    /// Items in the ledger.
    pub posts: usize,
    /// Requests of the last good poll.
    pub requests: u32,
    /// What its servers let be asked still, where they say so.
    pub allowance: Option<Allowance>,
    /// What its network has cost this month, where it costs money.
    pub spent: Option<Money>,
}

/// What was left of a server's allowance at the last poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub left: u64,
    /// Of so many.
    pub of: Option<u64>,
    /// When it is whole again.
    pub until: Option<Time>,
}

impl ChannelSnapshot {
    pub fn held(&self) -> bool {
        self.state.held() && self.last_read.is_some()
    }

    pub fn network(&self) -> Network {
        self.account.network
    }

    pub fn figure(&self, figure: Figure) -> Option<u64> {
        self.figures.iter().find(|(name, _)| *name == figure).map(|(_, value)| *value)
    }

    /// Change of the visits of a week, in percent of the week before; `None` where that is unknown or had none.
    pub fn weekly_percent(&self) -> Option<f64> {
        let (now, before) = (self.figure(Figure::Visits)?, self.figure(Figure::VisitsBefore)?);
        (before > 0).then(|| 100.0 * (now as f64 - before as f64) / before as f64)
    }

    /// Nobody asks it, and here is why.
    pub fn switch_off(&mut self, why: &str) {
        (self.state, self.reason, self.detail) = (State::Off, Reason::Paused, Some(why.to_owned()));
        (self.since, self.next_at) = (None, None);
    }

    /// When a channel that cannot be read is tried again.
    pub fn retry_at(&self) -> Option<Time> {
        self.state.held().then_some(self.next_at).flatten()
    }
}

/// A change of a score with its cause. Feeds the tape and the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub person: PersonId,
    pub channel: ChannelId,
    pub at: Time,
    pub points: f64,
    pub cause: String,
}

/// The user's note at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub id: i64,
    pub person: PersonId,
    pub at: Time,
    pub text: String,
}

/// Scores of one bucket of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candle {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: u64,
    /// Readings inside the bucket; one reading is a dash, not a body.
    pub readings: u32,
    /// Computed from what the first poll found, not seen happening.
    pub backfilled: bool,
}

/// Equal buckets of time from `from` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub from: Time,
    pub step: chrono::TimeDelta,
    pub slots: Vec<Slot>,
}

/// One bucket of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slot {
    Candle(Candle),
    /// Between two polls: nothing was read because nothing was due.
    Quiet,
    /// Nothing could be known: no poll succeeded, or the program was off.
    Gap,
    /// Before anything is known.
    Before,
}

impl Slot {
    pub fn candle(&self) -> Option<&Candle> {
        match self {
            Self::Candle(candle) => Some(candle),
            _ => None,
        }
    }
}

impl Series {
    /// The start of a bucket.
    pub fn at(&self, place: usize) -> Time {
        self.from + self.step * i32::try_from(place).unwrap_or(i32::MAX)
    }

    /// The value at the end of each bucket: held through quiet ones, unknown in gaps.
    pub fn closes(&self) -> Vec<Option<f64>> {
        let mut last = None;
        self.slots
            .iter()
            .map(|slot| {
                last = match slot {
                    Slot::Candle(candle) => Some(candle.close),
                    Slot::Quiet => last,
                    Slot::Gap | Slot::Before => None,
                };
                last
            })
            .collect()
    }
}
