use super::Time;
use chrono::TimeDelta;

/// How far back a screen or a change looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Range {
    Hour,
    #[default]
    Day,
    Week,
    Month,
    Quarter,
    Year,
    All,
}

impl Range {
    pub const ALL: [Self; 7] =
        [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year, Self::All];

    pub fn index(self) -> usize {
        self as usize
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "1y",
            Self::All => "all",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.word() == word)
    }

    /// `None` for everything there is.
    pub fn length(self) -> Option<TimeDelta> {
        Some(match self {
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::hours(24),
            Self::Week => TimeDelta::days(7),
            Self::Month => TimeDelta::days(30),
            Self::Quarter => TimeDelta::days(90),
            Self::Year => TimeDelta::days(365),
            Self::All => return None,
        })
    }

    /// The first instant of the range, `first` being the earliest there is.
    pub fn start(self, now: Time, first: Time) -> Time {
        self.length().map_or(first, |length| now - length)
    }

    #[must_use]
    pub fn longer(self) -> Self {
        Self::ALL[(self.index() + 1).min(Self::ALL.len() - 1)]
    }

    #[must_use]
    pub fn shorter(self) -> Self {
        Self::ALL[self.index().saturating_sub(1)]
    }
}
