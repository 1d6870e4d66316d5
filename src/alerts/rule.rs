use super::{Event, EventKind};
use crate::filter::{Filter, Subject};
use crate::text;
use chrono::TimeDelta;
use std::fmt;

/// One rule: for whom, when, and how they are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Unique; snoozes and the memory go by it.
    pub name: String,
    pub who: Who,
    pub trigger: Trigger,
    /// Names of places, at least one.
    pub how: Vec<String>,
    /// How long it stays silent for somebody it has fired for; nothing for never.
    pub quiet: TimeDelta,
    pub off: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    Everybody,
    /// The people the user has marked as themselves.
    Mine,
    Filter(Filter),
}

impl Who {
    /// Whether this person is meant, `symbols` being those of everybody: a word that is one of them means that
    /// person alone.
    pub fn chooses(&self, subject: &Subject<'_>, symbols: &[&str]) -> bool {
        match self {
            Self::Everybody => true,
            Self::Mine => subject.person.mine,
            Self::Filter(filter) => filter.chooses(subject, symbols),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("everybody"),
            Self::Mine => f.write_str("mine"),
            Self::Filter(filter) => filter.fmt(f),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    Event {
        kind: EventKind,
        least: Option<Least>,
        /// For halts: how long the channel must have stayed unreadable; nothing for at once.
        after: TimeDelta,
    },
    /// A filter that becomes true of somebody.
    Becomes {
        filter: Filter,
        /// Polls in a row, at least 1.
        hold: u32,
    },
}

/// How large a bump must be, up or down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Least {
    /// Points of the score.
    Points(f64),
    /// Times the person's usual daily noise. Where that is not known yet, what the detector takes for a bump is
    /// large enough.
    Noise(f64),
}

impl Least {
    /// Reads `3x`: so many times the usual daily noise.
    pub fn times(text: &str) -> Option<Self> {
        let times = text.trim().strip_suffix('x')?.trim_end().parse().ok()?;
        Self::Noise(times).sensible()
    }

    /// Itself, unless its size is none.
    pub fn sensible(self) -> Option<Self> {
        let (Self::Points(size) | Self::Noise(size)) = self;
        (size.is_finite() && size >= 0.0).then_some(self)
    }

    /// Whether a move of so many points is large enough for somebody with this noise.
    pub fn met(self, points: f64, noise: Option<f64>) -> bool {
        match (self, noise) {
            (Self::Points(least), _) => points.abs() >= least,
            (Self::Noise(times), Some(noise)) => points.abs() >= times * noise,
            (Self::Noise(_), None) => true,
        }
    }

    pub(super) fn met_by(self, event: &Event) -> bool {
        match (self, event.points) {
            (_, Some(points)) => self.met(points, event.noise),
            (Self::Noise(_), None) => event.noise.is_none(),
            (Self::Points(_), None) => false,
        }
    }
}

/// The condition as the list of rules shows it: `bump ≥ 0.15`, `halt > 15m`, `last>60`.
impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Becomes { filter, .. } => filter.fmt(f),
            Self::Event { kind, least, after } => {
                f.write_str(kind.word())?;
                match least {
                    Some(Least::Points(points)) => write!(f, " ≥ {points}")?,
                    Some(Least::Noise(times)) => write!(f, " ≥ {times} × noise")?,
                    None => {}
                }
                if *after > TimeDelta::zero() {
                    write!(f, " > {}", text::span(*after))?;
                }
                Ok(())
            }
        }
    }
}

impl Rule {
    /// Whom its filters name by symbol, as in `YOU.last`.
    pub fn symbols(&self) -> Vec<&str> {
        let who = match &self.who {
            Who::Filter(filter) => filter.symbols(),
            Who::Everybody | Who::Mine => Vec::new(),
        };
        let when = match &self.trigger {
            Trigger::Becomes { filter, .. } => filter.symbols(),
            Trigger::Event { .. } => Vec::new(),
        };
        [who, when].concat()
    }

    /// What its memory stands for: when this changes, it is another rule.
    pub(super) fn meaning(&self) -> String {
        match &self.trigger {
            Trigger::Becomes { filter, hold } => format!("{}; {filter}; {hold}", self.who),
            Trigger::Event { .. } => format!("{}; {}", self.who, self.trigger),
        }
    }
}
