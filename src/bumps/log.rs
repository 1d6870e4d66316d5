//! What the log holds of people: bumps with their causes.

use super::Bump;
use crate::model::{ChannelId, PersonId, Time};

/// A bump of one person, and what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode {
    pub person: PersonId,
    pub bump: Bump,
    /// The channel that caused it; 0 where no single one did.
    pub channel: ChannelId,
    /// In words.
    pub cause: String,
    /// When nine tenths of it will be gone if nothing else comes.
    pub fades: Option<Time>,
}

impl Episode {
    /// The same for the same bump for ever.
    pub fn key(&self) -> String {
        format!("bump {} {}", self.person.0, self.bump.onset.timestamp_millis())
    }
}
