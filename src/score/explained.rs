//! A statement of accounts: its lines name channels and posts as people know them.

use super::Cause;
use crate::model::{ChannelId, ItemId, Network, PersonId, Time};

/// Open, lines and close of a person's score or of one channel's points: `open + sum of lines = close`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    pub person: PersonId,
    /// The channel whose points are explained; `None` for the person's score.
    pub channel: Option<ChannelId>,
    pub from: Time,
    pub to: Time,
    pub open: f64,
    pub close: f64,
    /// Most points first, whatever their sign.
    pub lines: Vec<ExplainedLine>,
    /// The opening lies before the first observation: it was computed from what the first poll found.
    pub backfilled: bool,
    /// Half the width of the band around the person's closing score, for what is assumed of the time before
    /// the first reading.
    pub uncertainty: f64,
}

/// One cause of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedLine {
    pub cause: Cause,
    /// `None` for what concerns all of them.
    pub channel: Option<ChannelId>,
    /// The channel's id as others write it: `bluesky`, `bluesky-2`.
    pub slot: String,
    pub network: Option<Network>,
    pub item: Option<ItemId>,
    /// What happened, in words.
    pub what: String,
    pub points: f64,
}
