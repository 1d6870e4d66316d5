//! Goals: a score to be reached, held for a while, by an instant if there is one.
//!
//! ```text
//!           +------------ reached again ------------+
//!           v                                       |
//! open -> reached -> fell below before the hold -> lost
//!   |        | \                                    |
//!   |        |  +-> fell below after the due -+     |
//!   |        v                                v     v
//!   |       won (held for all of it)         missed (due passed)
//!   +----------------------------------------> ^
//! ```
//!
//! A goal's state is never kept: it follows from the goal and the scores that were read since it was set
//! ([`Life`]). Between two readings a score is what they say: a time without readings counts as held when the
//! readings around it are at the target, and points of a channel that cannot be read count as the score counts
//! them. With a hold of zero reaching is winning. The due instant is the last at which the goal may be reached;
//! a hold may end after it, but what is lost by then stays lost.

mod effort;
mod life;
mod words;

pub use effort::{AHEAD, CLOSE, Source, effort};
pub use life::{GoalEvent, Life, Span, events};
pub use words::{day, line, progress, takes};

/// Whether a score can be a goal: above 0, and below 100, which no energy reaches.
pub fn is_target(target: f64) -> bool {
    target > 0.0 && target < 100.0
}
