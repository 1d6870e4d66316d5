use super::{FIELDS, Field, Filter, Node, Op, Test, Value};
use crate::channels;
use crate::model::{Network, State, is_symbol};
use crate::text::{clean, nearest, suggestion, width};
use chrono::TimeDelta;

/// How deep parentheses may stand in each other.
const DEEPEST: usize = 50;

/// The longest expression, in characters.
const LONGEST: usize = 4_000;

/// The longest time an age is compared with, in days.
const LONGEST_AGE: i64 = 36_500;

/// An expression that makes no sense, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {what}")]
pub struct BadFilter {
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub what: String,
}

impl BadFilter {
    /// The message with the expression under it and a sign below the column, for a terminal.
    pub fn pointing_at(&self, text: &str) -> String {
        let before: String = text.chars().take(self.column - 1).collect();
        // Where cleaning takes something away, columns are not what they were.
        if clean(text) != text || before.trim_end() != clean(&before) {
            return self.to_string();
        }
        format!("{self}\n  {text}\n  {}^", " ".repeat(width(&before)))
    }
}

/// A character that ends a bare word.
pub(super) fn is_sign(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '(' | ')' | '!' | '<' | '>' | '=' | ':' | '"')
}

pub(super) fn parse(text: &str) -> Result<Filter, BadFilter> {
    let mut parser = Parser { letters: text.chars().collect(), at: 0, depth: 0 };
    if parser.letters.len() > LONGEST {
        return Err(parser.wrong(LONGEST, format!("an expression has at most {LONGEST} characters")));
    }
    let node = parser.any()?;
    match parser.peek() {
        None => Ok(Filter(node)),
        Some(')') => Err(parser.here("this ) closes nothing")),
        Some(_) => Err(parser.here(EXPECTED)),
    }
}

const EXPECTED: &str = "expected a word, a test like last>60, or (";

struct Parser {
    letters: Vec<char>,
    at: usize,
    depth: usize,
}

/// A word as it stands in the text.
struct Lexeme {
    text: String,
    at: usize,
    quoted: bool,
}

impl Parser {
    #[expect(clippy::unused_self, reason = "reads like its sister")]
    fn wrong(&self, at: usize, what: impl Into<String>) -> BadFilter {
        // The words of the expression may hold what a terminal would act on.
        BadFilter { column: at + 1, what: clean(&what.into()) }
    }

    fn here(&self, what: impl Into<String>) -> BadFilter {
        self.wrong(self.at, what)
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        while self.letters.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.letters.get(self.at).copied()
    }

    fn takes(&mut self, sign: char) -> bool {
        let there = self.peek() == Some(sign);
        self.at += usize::from(there);
        there
    }

    fn any(&mut self) -> Result<Node, BadFilter> {
        let first = self.all()?;
        let mut parts = vec![first];
        while self.takes('|') {
            parts.push(self.all()?);
        }
        Ok(alone_or(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Node, BadFilter> {
        let mut parts = vec![self.factor()?];
        while !matches!(self.peek(), None | Some('|' | ')')) {
            parts.push(self.factor()?);
        }
        Ok(alone_or(parts, Node::All))
    }

    fn factor(&mut self) -> Result<Node, BadFilter> {
        if self.takes('!') {
            if self.peek() == Some('!') {
                return Err(self.here("one ! is enough; !(!…) takes it back"));
            }
            return Ok(Node::Not(Box::new(self.plain()?)));
        }
        self.plain()
    }

    fn plain(&mut self) -> Result<Node, BadFilter> {
        if self.peek() == Some('(') {
            let open = self.at;
            self.at += 1;
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.wrong(open, format!("more than {DEEPEST} parentheses in each other")));
            }
            let inner = self.any()?;
            if !self.takes(')') {
                return Err(match self.peek() {
                    None => self.wrong(open, "this ( is never closed"),
                    Some(_) => self.here(EXPECTED),
                });
            }
            self.depth -= 1;
            return Ok(inner);
        }
        let Some(word) = self.lexeme()? else { return Err(self.here(EXPECTED)) };
        match self.op() {
            Some(op) if !word.quoted => self.test(&word, op),
            Some(_) => Err(self.wrong(word.at, "a field is written without quotes")),
            None => Ok(Node::Word(word.text)),
        }
    }

    /// A word, bare or in quotes.
    fn lexeme(&mut self) -> Result<Option<Lexeme>, BadFilter> {
        let quoted = self.peek() == Some('"');
        let at = self.at;
        if !quoted {
            let text: String = self.letters.iter().skip(at).take_while(|c| !is_sign(**c)).collect();
            self.at += text.chars().count();
            return Ok((!text.is_empty()).then_some(Lexeme { text, at, quoted }));
        }
        self.at += 1;
        let mut text = String::new();
        loop {
            let letter = self.letters.get(self.at).copied();
            self.at += 1;
            match letter {
                None => return Err(self.wrong(at, "this quote is never closed")),
                Some('"') => break,
                Some('\\') => match self.letters.get(self.at).copied() {
                    Some(letter @ ('"' | '\\')) => {
                        text.push(letter);
                        self.at += 1;
                    }
                    _ => return Err(self.wrong(self.at - 1, "\\ stands only before \" and \\")),
                },
                Some(letter) => text.push(letter),
            }
        }
        if text.trim().is_empty() {
            return Err(self.wrong(at, "there is no word in these quotes"));
        }
        Ok(Some(Lexeme { text, at, quoted }))
    }

    fn op(&mut self) -> Option<(Op, usize)> {
        self.peek();
        let at = self.at;
        let rest = self.letters.get(at..)?;
        let (spelling, op) = Op::ALL
            .into_iter()
            .find(|(spelling, _)| spelling.chars().eq(rest.iter().take(spelling.len()).copied()))?;
        self.at += spelling.len();
        Some((op, at))
    }

    fn test(&mut self, word: &Lexeme, (op, op_at): (Op, usize)) -> Result<Node, BadFilter> {
        let (symbol, field, field_at) = match word.text.split_once('.') {
            Some((symbol, field)) => {
                let upper = symbol.to_uppercase();
                if !is_symbol(&upper) {
                    let what = format!(
                        "\"{symbol}\" is not a symbol: two to five letters or digits, a letter first"
                    );
                    return Err(self.wrong(word.at, what));
                }
                (Some(upper), field, word.at + symbol.chars().count() + 1)
            }
            None => (None, word.text.as_str(), word.at),
        };
        let field = self.field(field, field_at)?;
        if matches!(field, Field::State | Field::Group) && !matches!(op, Op::Equal | Op::Has) {
            return Err(self.wrong(op_at, format!("{} has no more and less: expected : or =", field.word())));
        }
        let expected = match field {
            Field::Age => "a time like 30s, 10m, 2h or 7d",
            Field::State => "a state",
            Field::Group => "a group's name",
            _ => "a number",
        };
        let Some(value) = self.lexeme()? else { return Err(self.here(format!("expected {expected}"))) };
        let read = match field {
            Field::Age => length(&value.text).map(Value::Length),
            Field::State => {
                return self.state(&value).map(|value| Node::Test(Test { symbol, field, op, value }));
            }
            Field::Group => Some(Value::Word(value.text.clone())),
            _ => number(&value.text).map(Value::Number),
        };
        let Some(value) = read else {
            return Err(self.wrong(value.at, format!("expected {expected}, not \"{}\"", value.text)));
        };
        Ok(Node::Test(Test { symbol, field, op, value }))
    }

    fn field(&self, word: &str, at: usize) -> Result<Field, BadFilter> {
        let lower = word.to_lowercase();
        if let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == lower) {
            return Ok(*field);
        }
        if let Some(network) = channels::network(&lower) {
            return Ok(Field::Points(network));
        }
        let networks = channels::networks().map(Network::id);
        let hint = if let Some(near) = nearest(word, FIELDS.iter().map(|(name, _)| *name).chain(networks)) {
            format!("; did you mean \"{near}\"?")
        } else {
            // There are too many networks to be listed.
            let fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
            format!("; known here: {}, and networks as \"cloutop networks\" lists them", fields.join(", "))
        };
        Err(self.wrong(at, format!("unknown field \"{word}\"{hint}")))
    }

    fn state(&self, value: &Lexeme) -> Result<Value, BadFilter> {
        let lower = value.text.to_lowercase();
        State::ALL.into_iter().find(|state| state.word() == lower).map(Value::State).ok_or_else(|| {
            let known = State::ALL.map(State::word);
            let hint = suggestion(&value.text, &known);
            self.wrong(value.at, format!("unknown state \"{}\"{hint}", value.text))
        })
    }
}

fn alone_or(mut parts: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            several(parts)
        }
    }
}

/// A finite number as people write it; Rust would also read `inf` and `nan`.
fn number(text: &str) -> Option<f64> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

/// `30s`, `10m`, `2h`, `7d`.
fn length(text: &str) -> Option<TimeDelta> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok()?;
    let length = match text.strip_prefix(&digits)? {
        "s" => TimeDelta::try_seconds(number),
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        _ => None,
    };
    length.filter(|length| length.num_days() <= LONGEST_AGE)
}
