//! The filter language: which people are meant. One parser serves the screen's `/`, `list --filter`, `check`
//! and the rules of the alerts.
//!
//! ```text
//! expr  = term { "|" term } ;  term = factor { factor } ;  factor = [ "!" ] ( test | word | "(" expr ")" ) ;
//! test  = [ symbol "." ] field op value ;  op = ">" | ">=" | "<" | "<=" | "=" | ":" ;
//! field = "last" | "d1h" | "d24" | "d7" | "d30" | "vol" | "age" | "rank" | "state" | "group" | network id ;
//! value = number | duration (30s 10m 2h 7d) | word ;
//! ```
//!
//! A word with blanks or signs in it is written in quotes. Words match symbol, name, group and handles, whatever
//! their case. What the fields hold is said at [`Field`].
//!
//! **Unknown is not false.** A score before the first reading, or the points of a network somebody is not on,
//! are unknown: `last>60` does not match then, and neither does `!last>60`. Truth has three values
//! ([`Truth`]), joined as Kleene has it.

mod evaluate;
mod parse;
mod print;

pub use evaluate::{Answer, Subject, Truth, board};
pub use parse::BadFilter;

use crate::model::{Network, Range, State};
use chrono::TimeDelta;

/// The ranges whose changes filters ask for: a snapshot must hold them to be judged.
pub const RANGES: [Range; 4] = [Range::Hour, Range::Day, Range::Week, Range::Month];

/// An expression that has been read and makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Word(String),
    Test(Test),
    Not(Box<Self>),
    /// Two or more.
    All(Vec<Self>),
    /// Two or more.
    Any(Vec<Self>),
}

#[derive(Debug, Clone, PartialEq)]
struct Test {
    /// The one person it is about; whoever is looked at where none is named.
    symbol: Option<String>,
    field: Field,
    op: Op,
    value: Value,
}

/// What can be asked of a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field {
    /// The score, 0 to 100, all its digits.
    Last,
    /// Its change in points: `d1h`, `d24`, `d7`, `d30`.
    Change(Range),
    /// Engagement events of 24 hours, unweighted.
    Volume,
    /// Time since the last good reading of any channel.
    Age,
    /// 1 for the highest score.
    Rank,
    /// Whether any channel is in that state.
    State,
    Group,
    /// Points that stand on the channels of that network; unknown where somebody has none that was read.
    Points(Network),
}

/// The fields beside the networks.
const FIELDS: [(&str, Field); 10] = [
    ("last", Field::Last),
    ("d1h", Field::Change(Range::Hour)),
    ("d24", Field::Change(Range::Day)),
    ("d7", Field::Change(Range::Week)),
    ("d30", Field::Change(Range::Month)),
    ("vol", Field::Volume),
    ("age", Field::Age),
    ("rank", Field::Rank),
    ("state", Field::State),
    ("group", Field::Group),
];

impl Field {
    fn word(self) -> &'static str {
        if let Self::Points(network) = self {
            return network.id();
        }
        FIELDS.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    More,
    AtLeast,
    Less,
    AtMost,
    /// The whole word, or the very number.
    Equal,
    /// A part of the word; the same as `=` for everything else.
    Has,
}

impl Op {
    /// The longer spellings first: `>=` is not `>`.
    const ALL: [(&'static str, Self); 6] = [
        (">=", Self::AtLeast),
        (">", Self::More),
        ("<=", Self::AtMost),
        ("<", Self::Less),
        ("=", Self::Equal),
        (":", Self::Has),
    ];
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// Finite.
    Number(f64),
    /// Whole seconds, not negative.
    Length(TimeDelta),
    State(State),
    Word(String),
}

impl Filter {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, BadFilter> {
        parse::parse(text)
    }

    /// The symbols that tests name, in their order, each once.
    pub fn symbols(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.0.walk(&mut |test| {
            if let Some(symbol) = test.symbol.as_deref().filter(|symbol| !found.contains(symbol)) {
                found.push(symbol);
            }
        });
        found
    }
}

impl std::str::FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, BadFilter> {
        Self::parse(text)
    }
}

impl Node {
    fn walk<'n>(&'n self, visit: &mut impl FnMut(&'n Test)) {
        match self {
            Self::Word(_) => {}
            Self::Test(test) => visit(test),
            Self::Not(inner) => inner.walk(visit),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.walk(visit)),
        }
    }
}
