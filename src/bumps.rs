//! Bumps: noticeable moves that come quickly and are gone again in about a week, and what became of them.
//!
//! Two detectors, each a value with a `read`: online, the same work for every reading, at any times.
//!
//! - [`Tracker`] reads scores and tells the life of a bump: raised, then faded or held.
//! - [`Pulse`] reads counts and says how unusual each is.

mod innovation;
mod log;
mod pulse;
mod tracker;
mod watch;

pub use innovation::{Innovations, News, to_come};
pub use log::{Entry, Episode, Happening, What};
pub use pulse::Pulse;
pub use tracker::{Bump, Direction, Heard, Tracker, Verdict};
pub use watch::Watch;
