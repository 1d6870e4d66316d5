//! Posts with what they are worth, and one post in full.

use super::{Counts, ItemId, Metric, PostKind, Time};

/// One post with what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct PostSnapshot {
    pub id: ItemId,
    pub url: Option<String>,
    pub published: Time,
    pub title: String,
    pub kind: PostKind,
    pub counts: Counts,
    /// Engagement in typical active days.
    pub x: f64,
    pub points: f64,
    pub state: PostState,
    /// How its weighed counts grew from publication until now, in equal steps, as parts of the whole; empty where
    /// nobody looked.
    pub growth: Vec<Option<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostState {
    /// Received something within a day.
    Growing,
    /// Younger than a week and quiet.
    Flat,
    Fading,
    /// No longer shown by the network; its counts are kept.
    Gone,
}

impl PostState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Growing => "growing",
            Self::Flat => "flat",
            Self::Fading => "fading",
            Self::Gone => "gone",
        }
    }
}

/// One counter as it was read, oldest first.
pub type Readings = (Metric, Vec<(Time, u64)>);

/// One post in full: what was counted on it and when, and what each day's part is worth now.
#[derive(Debug, Clone, PartialEq)]
pub struct PostDetail {
    pub post: PostSnapshot,
    /// Every counter as it was read, oldest first; only what changed.
    pub readings: Vec<Readings>,
    /// By the date the score gives what came in, oldest first. Their points sum to the post's.
    pub gains: Vec<PostGain>,
}

/// What a post received on one UTC day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PostGain {
    /// The first of it.
    pub at: Time,
    /// Events by [`Metric`].
    pub counts: [u64; 5],
    /// Engagement in typical active days.
    pub x: f64,
    /// Points of the score that stand on it now.
    pub points: f64,
}
