use super::parse::is_sign;
use super::{Filter, Node, Op, Test, Value};
use std::fmt;

/// The shortest spelling that reads back as the same filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) => word(f, text),
            Self::Test(test) => test.fmt(f),
            Self::Not(inner) => {
                f.write_str("!")?;
                inner.inside(f, matches!(**inner, Self::Not(_) | Self::All(_) | Self::Any(_)))
            }
            Self::All(parts) => join(f, parts, " ", |part| matches!(part, Self::All(_) | Self::Any(_))),
            Self::Any(parts) => join(f, parts, " | ", |part| matches!(part, Self::Any(_))),
        }
    }
}

impl Node {
    fn inside(&self, f: &mut fmt::Formatter<'_>, parentheses: bool) -> fmt::Result {
        if parentheses { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Node],
    between: &str,
    parentheses: fn(&Node) -> bool,
) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(between)?;
        }
        part.inside(f, parentheses(part))?;
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(symbol) = &self.symbol {
            write!(f, "{symbol}.")?;
        }
        f.write_str(self.field.word())?;
        f.write_str(Op::ALL.iter().find(|(_, op)| *op == self.op).map_or("", |(spelling, _)| spelling))?;
        match &self.value {
            Value::Number(number) => write!(f, "{number}"),
            Value::Length(length) => {
                let seconds = length.num_seconds();
                let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
                // Nothing at all divides by a day.
                match units.into_iter().find(|(_, unit)| seconds % unit == 0) {
                    Some((unit, each)) => write!(f, "{}{unit}", seconds / each),
                    None => write!(f, "{seconds}s"),
                }
            }
            Value::State(state) => f.write_str(state.word()),
            Value::Word(text) => word(f, text),
        }
    }
}

fn word(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if !text.is_empty() && !text.chars().any(is_sign) {
        return f.write_str(text);
    }
    write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
