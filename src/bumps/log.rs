//! What the log holds of people: bumps with their causes, and what else is told.

use super::Bump;
use crate::alerts::EventKind;
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

/// An entry of the log that is no bump.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    pub person: PersonId,
    pub at: Time,
    pub kind: EventKind,
    /// 0 where it concerns none of them.
    pub channel: ChannelId,
    pub points: Option<f64>,
    pub what: String,
}

impl Happening {
    /// The same for the same entry for ever.
    pub fn key(&self) -> String {
        let Self { person, at, kind, channel, what, .. } = self;
        let key = format!("{} {} {} {}", kind.word(), person.0, channel.0, at.timestamp_millis());
        // One poll may pass two round numbers, one minute decide two goals.
        let several = matches!(kind, EventKind::Milestone | EventKind::Goal | EventKind::Crossing);
        if several { format!("{key} {what}") } else { key }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub what: What,
    /// Nobody has looked at it yet.
    pub unread: bool,
    /// The rules that told it.
    pub rules: Vec<String>,
    /// One of them counts it in the badge.
    pub badge: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Bump(Episode),
    Happening(Happening),
}

impl What {
    /// The same for the same for ever.
    pub fn key(&self) -> String {
        match self {
            Self::Bump(episode) => episode.key(),
            Self::Happening(happening) => happening.key(),
        }
    }

    pub fn person(&self) -> PersonId {
        match self {
            Self::Bump(episode) => episode.person,
            Self::Happening(happening) => happening.person,
        }
    }
}

impl Entry {
    /// As it is heard: unread, and no rule has told it.
    pub fn of(what: What) -> Self {
        Self { what, unread: true, rules: Vec::new(), badge: false }
    }

    pub fn key(&self) -> String {
        self.what.key()
    }

    /// When what it tells of began.
    pub fn began(&self) -> Time {
        match &self.what {
            What::Bump(episode) => episode.bump.onset,
            What::Happening(happening) => happening.at,
        }
    }

    /// When it was told: a bump when it was raised, and again when it was resolved.
    pub fn at(&self) -> Time {
        match &self.what {
            What::Bump(Episode { bump, .. }) => bump.resolved.map_or(bump.onset, |(at, _)| at),
            What::Happening(happening) => happening.at,
        }
    }

    pub fn person(&self) -> PersonId {
        self.what.person()
    }
}
