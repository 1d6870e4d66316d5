use super::{ChannelId, PersonId, Time};
use chrono::TimeDelta;

/// What the user wants to reach: so many points, held for so long, by an instant if there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    pub id: i64,
    pub person: PersonId,
    pub since: Time,
    /// Points of the score, above 0 and below 100.
    pub target: f64,
    /// How long the score must stay there to win; zero wins when it gets there.
    pub hold: TimeDelta,
    /// The last instant at which it may be reached; `None` for any time. Holding may take longer.
    pub due: Option<Time>,
    /// The user's own words; empty for none.
    pub prize: String,
}

/// How far a goal has come, as of the last reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoalState {
    Open,
    /// The score is there since then, and has to stay.
    Reached {
        at: Time,
    },
    /// It was there and fell below before the hold was over; it can be reached again until it is due.
    Lost {
        at: Time,
    },
    /// It was there for the whole hold. Nothing changes that.
    Won {
        at: Time,
    },
    /// It is due and was not reached, or was lost later. Nothing changes that.
    Missed {
        at: Time,
    },
}

impl GoalState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reached { .. } => "reached",
            Self::Lost { .. } => "lost",
            Self::Won { .. } => "won",
            Self::Missed { .. } => "missed",
        }
    }

    /// When the goal came into this state; an open one has always been.
    pub fn at(self) -> Option<Time> {
        match self {
            Self::Open => None,
            Self::Reached { at } | Self::Lost { at } | Self::Won { at } | Self::Missed { at } => Some(at),
        }
    }

    /// Won or missed.
    pub fn over(self) -> bool {
        matches!(self, Self::Won { .. } | Self::Missed { .. })
    }
}

/// A goal with how far it has come and what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct GoalSnapshot {
    pub goal: Goal,
    pub state: GoalState,
    /// `None` before the first reading and when the goal is over.
    pub effort: Option<Effort>,
}

impl GoalSnapshot {
    /// For how long it is being held, at most as long as is asked for.
    pub fn held(&self, now: Time) -> TimeDelta {
        match self.state {
            GoalState::Reached { at } => (now - at).min(self.goal.hold).max(TimeDelta::zero()),
            GoalState::Won { .. } => self.goal.hold,
            _ => TimeDelta::zero(),
        }
    }
}

/// What a goal takes. Engagement is in typical active days of the channel's network (x = 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// T(target) - T(now); negative above the target.
    pub energy: f64,
    /// The channel on which engagement is reckoned: the one with most points.
    pub channel: ChannelId,
    /// Typical active days a week there, in place of what comes now, with which the score settles at the target
    /// while the other channels go on as lately.
    pub weekly: f64,
    /// Typical active days a week that came there lately.
    pub lately: f64,
    /// Days until the score is at the target (within [`crate::goals::CLOSE`]) at that pace; `None` beyond
    /// [`crate::goals::AHEAD`] days.
    pub settles: Option<f64>,
    /// Days until the target is reached if everything goes on as lately.
    pub usual: Option<f64>,
    /// The same with twice as much engagement everywhere, every day.
    pub twice: Option<f64>,
    /// Typical active days a week there, from now on, that reach the target by the due instant; `None` without
    /// one, and where no engagement does it.
    pub by_due: Option<f64>,
}
