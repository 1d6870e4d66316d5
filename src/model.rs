//! The words of the house: newtypes and plain data, no logic beyond naming.
//!
//! Everything above this floor speaks in these terms. Strangers' text has already been through
//! [`crate::text::clean`] by the time it stands in one of these fields.

mod account;
mod counts;
mod goal;
mod money;
mod network;
mod observation;
mod post;
mod range;
mod snapshot;
mod trouble;

pub use account::{Account, ChannelId, ItemId, PersonId, is_symbol};
pub use counts::{Counts, Figure, Metric, believable};
pub use goal::{Effort, Goal, GoalSnapshot, GoalState};
pub use money::Money;
pub use network::{Facts, KeyNeed, Network, NetworkSpec, Pace, Price, Word, Words};
pub use observation::{
    Act, Actor, ByHand, Notice, Observation, Outcome, Post, PostKind, Profile, ProfileLink, Tie, Validator,
};
pub use post::{PostDetail, PostGain, PostSnapshot, PostState, Readings};
pub use range::Range;
pub use snapshot::{
    Allowance, Candle, Change, ChannelChange, ChannelSnapshot, Driver, Mark, PersonSnapshot, Series, Slot,
    Tick,
};
pub use trouble::{Reason, State, Trouble};

/// An instant. Every function that needs one takes it as an argument.
pub type Time = chrono::DateTime<chrono::Utc>;

/// The instant `millis` milliseconds after 1970, clamped to what the calendar can hold.
pub fn time(millis: i64) -> Time {
    chrono::DateTime::from_timestamp_millis(millis).unwrap_or(if millis < 0 {
        Time::MIN_UTC
    } else {
        Time::MAX_UTC
    })
}
