//! What can be on the screen, and how it is shown.

use crate::keys::Scope;
use crate::model::{ChannelId, ItemId, PersonId};

/// A screen. Drilling in pushes one, going back pops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    Board,
    Person {
        person: PersonId,
        channel: usize,
    },
    Channel {
        person: PersonId,
        channel: ChannelId,
        post: usize,
    },
    /// One post in full, scrolled down by so many lines.
    Post {
        person: PersonId,
        channel: ChannelId,
        item: ItemId,
        line: usize,
    },
    Compare {
        people: Vec<PersonId>,
        pair: usize,
        /// The selected network.
        row: usize,
    },
    /// Why a score moved, or one channel's points.
    Statement {
        person: PersonId,
        channel: Option<ChannelId>,
        line: usize,
    },
    Formula {
        person: PersonId,
        channel: ChannelId,
    },
    /// Bumps and alerts.
    Log {
        line: usize,
        /// The selected rule, while the rules have the focus.
        rule: Option<usize>,
    },
    Settings,
}

impl View {
    /// The rows of the table of keys that hold for it.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Board => Scope::BOARD,
            Self::Person { .. } => Scope::PERSON,
            Self::Channel { .. } => Scope::CHANNEL,
            Self::Post { .. } => Scope::POST,
            Self::Compare { .. } => Scope::COMPARE,
            Self::Statement { .. } => Scope::STATEMENT,
            Self::Formula { .. } => Scope::FORMULA,
            Self::Log { rule: None, .. } => Scope::LOG,
            Self::Log { rule: Some(_), .. } => Scope::RULES,
            Self::Settings => Scope::SETTINGS,
        }
    }

    /// Its panels, in the order in which Tab visits them.
    pub fn panels(&self) -> &'static [Panel] {
        match self {
            Self::Board => &[Panel::List, Panel::Chart, Panel::Movers, Panel::Ticks, Panel::Why],
            Self::Person { .. } => &[Panel::List, Panel::Chart, Panel::Parts, Panel::Why],
            Self::Channel { .. } => &[Panel::List, Panel::Parts, Panel::Ticks, Panel::Chart],
            Self::Compare { .. } => &[Panel::List, Panel::Chart],
            Self::Post { .. }
            | Self::Statement { .. }
            | Self::Formula { .. }
            | Self::Log { .. }
            | Self::Settings => &[Panel::List],
        }
    }
}

/// A part of a screen that can have all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panel {
    /// The people, the channels, the posts, the table.
    #[default]
    List,
    Chart,
    Movers,
    /// Bumps and ticks.
    Ticks,
    /// What a number is made of.
    Parts,
    Why,
}

impl Panel {
    pub fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Chart => "chart",
            Self::Movers => "movers",
            Self::Ticks => "ticks",
            Self::Parts => "parts",
            Self::Why => "why",
        }
    }
}

/// How a score over time is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chart {
    #[default]
    Candles,
    Line,
    Bars,
    /// Volume alone.
    Volume,
}

impl Chart {
    pub const ALL: [Self; 4] = [Self::Candles, Self::Line, Self::Bars, Self::Volume];

    pub fn word(self) -> &'static str {
        match self {
            Self::Candles => "candles",
            Self::Line => "line",
            Self::Bars => "bars",
            Self::Volume => "volume",
        }
    }
}

/// What people are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compared {
    /// Points since the beginning of the range.
    #[default]
    Gained,
    /// The scores themselves.
    Absolute,
    /// Points since each one's first reading in the range, all of them from the left edge on.
    Aligned,
}

impl Compared {
    pub const ALL: [Self; 3] = [Self::Gained, Self::Absolute, Self::Aligned];

    pub fn word(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Absolute => "absolute",
            Self::Aligned => "aligned",
        }
    }
}

/// How the board is ordered, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Change,
    Percent,
    Score,
    Volume,
    Name,
    Age,
    /// As in the configuration.
    Own,
}

impl Sort {
    pub const ALL: [Self; 7] =
        [Self::Change, Self::Percent, Self::Score, Self::Volume, Self::Name, Self::Age, Self::Own];

    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "Δ",
            Self::Percent => "Δ%",
            Self::Score => "last",
            Self::Volume => "vol",
            Self::Name => "name",
            Self::Age => "age",
            Self::Own => "own",
        }
    }
}

/// How a channel's posts are ordered, most or newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PostSort {
    #[default]
    Points,
    Newest,
    Engagement,
}

impl PostSort {
    pub const ALL: [Self; 3] = [Self::Points, Self::Newest, Self::Engagement];

    pub fn word(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Newest => "newest",
            Self::Engagement => "X",
        }
    }
}

/// The one after `this`, round and round.
pub(super) fn after<T: Copy + PartialEq>(all: &[T], this: T) -> T {
    let place = all.iter().position(|other| *other == this).unwrap_or(0);
    all[(place + 1) % all.len()]
}
