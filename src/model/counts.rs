/// A kind of engagement. The number is its code in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Metric {
    Likes = 0,
    Reshares = 1,
    Replies = 2,
    Quotes = 3,
    Views = 4,
}

impl Metric {
    pub const ALL: [Self; 5] = [Self::Likes, Self::Reshares, Self::Replies, Self::Quotes, Self::Views];

    /// Views are looks, not acts: they are left out of the volume, which people can check by counting.
    pub const ACTS: [Self; 4] = [Self::Likes, Self::Reshares, Self::Replies, Self::Quotes];

    pub fn index(self) -> usize {
        self as usize
    }
}

/// Counters of one item as the network gives them. Absent is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([Option<u64>; 5]);

/// No counter is believed beyond this: sums of a great many stay exact.
const MOST: u64 = 1_000_000_000_000;

impl Counts {
    #[must_use]
    pub fn with(mut self, metric: Metric, value: impl Into<Option<u64>>) -> Self {
        self.set(metric, value.into());
        self
    }

    pub fn get(&self, metric: Metric) -> Option<u64> {
        self.0[metric.index()]
    }

    pub fn set(&mut self, metric: Metric, value: Option<u64>) {
        self.0[metric.index()] = value.map(|value| value.min(MOST));
    }
}

/// A number as a server gives it, within what is believed.
pub fn believable(value: u64) -> u64 {
    value.min(MOST)
}

/// A standing number of an account. The number is its code in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Figure {
    /// Followers or subscribers.
    Followers = 0,
    /// Stars on all own repositories.
    Stars = 1,
    /// Shown only; no network's audience counts it.
    Karma = 2,
    /// What people are known by where nobody is followed.
    Reputation = 3,
    /// Visits, or views, of the last seven whole days.
    Visits = 4,
    /// The same of the seven days before.
    VisitsBefore = 5,
}

impl Figure {
    pub const ALL: [Self; 6] =
        [Self::Followers, Self::Stars, Self::Karma, Self::Reputation, Self::Visits, Self::VisitsBefore];

    pub fn word(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Stars => "stars",
            Self::Karma => "karma",
            Self::Reputation => "reputation",
            Self::Visits => "visits",
            Self::VisitsBefore => "visits_before",
        }
    }
}
