use super::{Field, Filter, Node, Op, Test, Value};
use crate::model::{PersonSnapshot, Range, State, Time};
use chrono::TimeDelta;

/// What is known of a statement. In this order "and" is the least and "or" the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    False,
    Unknown,
    True,
}

impl Truth {
    fn of(known: bool) -> Self {
        if known { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

/// Somebody who is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'p> {
    /// Changes are known for the ranges that the snapshot was made with; see [`super::RANGES`].
    pub person: &'p PersonSnapshot,
    /// The place among all people by score, from 1; equal scores have equal ranks, no score has none.
    pub rank: Option<usize>,
    pub now: Time,
}

/// Everybody with their ranks, in the order given.
pub fn board<'p>(people: impl IntoIterator<Item = &'p PersonSnapshot>, now: Time) -> Vec<Subject<'p>> {
    let people: Vec<&PersonSnapshot> = people.into_iter().collect();
    let mut scores: Vec<f64> = people.iter().filter_map(|person| person.score).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let rank = |score: f64| 1 + scores.partition_point(|other| other.total_cmp(&score).is_gt());
    people.into_iter().map(|person| Subject { person, rank: person.score.map(rank), now }).collect()
}

/// What a whole board says to an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// True if somebody matches, unknown if nothing is known of anybody.
    pub truth: Truth,
    /// Who matches, as places in the board.
    pub people: Vec<usize>,
}

impl Filter {
    /// Whether it is so for this person. A test that names somebody else says nothing about them: unknown.
    pub fn truth(&self, subject: &Subject<'_>) -> Truth {
        Look { subject, board: &[], symbols: &[] }.truth(&self.0, Margin::None)
    }

    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.truth(subject) == Truth::True
    }

    /// Like [`Self::truth`], but a word that is one of these symbols means that person alone: `YOU` is not a
    /// part of `Young`.
    pub fn chooses(&self, subject: &Subject<'_>, symbols: &[&str]) -> bool {
        Look { subject, board: &[], symbols }.truth(&self.0, Margin::None) == Truth::True
    }

    /// Like [`Self::truth`] with every threshold moved a margin towards true: what is false even then has left
    /// the border behind. The margins are 1 % of the threshold for points, at least 0.1; 5 % for events; 10 %
    /// for ages; never more than half of a threshold on what cannot be negative. Ranks and `=` have none.
    pub fn nearly(&self, subject: &Subject<'_>) -> Truth {
        Look { subject, board: &[], symbols: &[] }.truth(&self.0, Margin::Wider)
    }

    /// What everybody together says: here a test that names somebody is about them, whoever is looked at, so that
    /// `YOU.last>60 ADA.last<50` can be true. Who matches alone stands in the answer; where nobody does, all
    /// those with whom it is true, and of these only the named ones if it names everybody it speaks of.
    pub fn over(&self, board: &[Subject<'_>]) -> Answer {
        let joint: Vec<Truth> = board
            .iter()
            .map(|subject| Look { subject, board, symbols: &[] }.truth(&self.0, Margin::None))
            .collect();
        let truth = if joint.contains(&Truth::True) {
            Truth::True
        } else if joint.contains(&Truth::False) {
            Truth::False
        } else {
            Truth::Unknown
        };
        let places = 0..board.len();
        let mut people: Vec<usize> = places.clone().filter(|place| self.matches(&board[*place])).collect();
        if people.is_empty() && truth == Truth::True {
            let named = self.symbols();
            let closed = self.0.is_closed();
            let meant = |place: &usize| !closed || named.contains(&board[*place].person.symbol.as_str());
            people = places.filter(|place| joint[*place] == Truth::True).filter(meant).collect();
        }
        Answer { truth, people }
    }
}

impl Node {
    /// Whether every part names whom it is about.
    fn is_closed(&self) -> bool {
        match self {
            Self::Word(_) => false,
            Self::Test(test) => test.symbol.is_some(),
            Self::Not(inner) => inner.is_closed(),
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::is_closed),
        }
    }
}

/// Where thresholds stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Margin {
    None,
    /// Easier to meet.
    Wider,
    /// Harder to meet: what stands under a `!`.
    Narrower,
}

struct Look<'a> {
    subject: &'a Subject<'a>,
    board: &'a [Subject<'a>],
    symbols: &'a [&'a str],
}

impl Look<'_> {
    fn truth(&self, node: &Node, margin: Margin) -> Truth {
        match node {
            Node::Word(word) => Truth::of(self.word(word)),
            Node::Test(test) => self.test(test, margin),
            Node::Not(inner) => {
                let other = match margin {
                    Margin::None => Margin::None,
                    Margin::Wider => Margin::Narrower,
                    Margin::Narrower => Margin::Wider,
                };
                !self.truth(inner, other)
            }
            Node::All(parts) => {
                parts.iter().map(|part| self.truth(part, margin)).min().unwrap_or(Truth::True)
            }
            Node::Any(parts) => {
                parts.iter().map(|part| self.truth(part, margin)).max().unwrap_or(Truth::False)
            }
        }
    }

    fn word(&self, word: &str) -> bool {
        let person = self.subject.person;
        if self.symbols.iter().any(|symbol| symbol.eq_ignore_ascii_case(word)) {
            return person.symbol.eq_ignore_ascii_case(word);
        }
        let word = word.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&word);
        has(&person.symbol)
            || has(&person.name)
            || person.group.as_deref().is_some_and(has)
            || person.polled().any(|channel| has(&channel.account.handle))
    }

    fn test(&self, test: &Test, margin: Margin) -> Truth {
        let subject = match &test.symbol {
            None => Some(self.subject),
            Some(symbol) if self.subject.person.symbol == *symbol => Some(self.subject),
            Some(symbol) => self.board.iter().find(|other| other.person.symbol == *symbol),
        };
        let Some(subject) = subject else { return Truth::Unknown };
        let person = subject.person;
        match &test.value {
            Value::State(state) => in_state(person, *state),
            Value::Word(word) => {
                let (word, group) = (word.to_lowercase(), person.group.as_deref().map(str::to_lowercase));
                Truth::of(group.is_some_and(|group| match test.op {
                    Op::Equal => group == word,
                    _ => group.contains(&word),
                }))
            }
            Value::Number(number) => compare(test, number_of(subject, test.field), *number, margin),
            Value::Length(length) => {
                let age = person.last_read().map(|at| seconds((subject.now - at).max(TimeDelta::zero())));
                compare(test, age, seconds(*length), margin)
            }
        }
    }
}

fn in_state(person: &PersonSnapshot, state: State) -> Truth {
    if person.polled().any(|channel| channel.state == state) {
        return Truth::True;
    }
    // What nobody has tried to read may be in any state.
    if person.polled().any(|channel| channel.last_try.is_some()) { Truth::False } else { Truth::Unknown }
}

fn number_of(subject: &Subject<'_>, field: Field) -> Option<f64> {
    let person = subject.person;
    match field {
        Field::Last => person.score,
        Field::Change(range) => person.change(range).map(|change| change.points),
        Field::Volume => person.change(Range::Day).map(|change| change.volume as f64),
        Field::Rank => subject.rank.map(|rank| rank as f64),
        Field::Points(network) => {
            let read = person
                .channels
                .iter()
                .filter(|channel| channel.network() == network && channel.last_read.is_some());
            read.map(|channel| channel.points).reduce(|sum, points| sum + points)
        }
        Field::Age | Field::State | Field::Group => None,
    }
}

fn seconds(length: TimeDelta) -> f64 {
    length.num_milliseconds() as f64 / 1e3
}

fn compare(test: &Test, actual: Option<f64>, wanted: f64, margin: Margin) -> Truth {
    let Some(actual) = actual.filter(|actual| actual.is_finite()) else { return Truth::Unknown };
    let slack = match margin {
        Margin::None => 0.0,
        Margin::Wider => width(test.field, wanted),
        Margin::Narrower => -width(test.field, wanted),
    };
    Truth::of(match test.op {
        Op::More => actual > wanted - slack,
        Op::AtLeast => actual >= wanted - slack,
        Op::Less => actual < wanted + slack,
        Op::AtMost => actual <= wanted + slack,
        Op::Equal | Op::Has => actual == wanted,
    })
}

/// How far from its threshold a value must be to have left it behind.
fn width(field: Field, threshold: f64) -> f64 {
    let threshold = threshold.abs();
    match field {
        Field::Change(_) => (0.01 * threshold).max(0.1),
        Field::Last | Field::Points(_) => (0.01 * threshold).max(0.1).min(0.5 * threshold),
        Field::Volume => 0.05 * threshold,
        Field::Age => 0.1 * threshold,
        Field::Rank | Field::State | Field::Group => 0.0,
    }
}
