use crate::contain::contained;
use serde_json::Value;
use serde_json_path::JsonPath;

/// Longer expressions are no expressions: the parser goes as deep as brackets are nested.
const LONGEST: usize = 500;

/// One `JSONPath` expression (RFC 9535).
#[derive(Debug, Clone, PartialEq)]
pub struct Expression(JsonPath);

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadExpression {
    /// Where in the expression, in bytes; at a character's beginning.
    pub at: usize,
    pub what: String,
}

impl Expression {
    pub fn parse(text: &str) -> Result<Self, BadExpression> {
        let wrong = |at: usize, what: &str| {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            BadExpression { at, what: what.to_owned() }
        };
        if text.len() > LONGEST {
            return Err(wrong(LONGEST, "an expression has 500 characters at most"));
        }
        if !text.starts_with('$') {
            return Err(wrong(0, "an expression begins with $"));
        }
        match contained(|| JsonPath::parse(text)) {
            Some(Ok(path)) => Ok(Self(path)),
            // Where the parser has no words for it.
            Some(Err(bad)) if bad.message() == "parser error" => {
                Err(wrong(bad.position(), "this cannot be read"))
            }
            Some(Err(bad)) => Err(wrong(bad.position(), bad.message())),
            None => Err(wrong(0, "this cannot be read")),
        }
    }

    /// The first value it leads to.
    pub(super) fn first<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.all(value, 1).pop()
    }

    /// The values it leads to, at most so many.
    pub(super) fn all<'v>(&self, value: &'v Value, most: usize) -> Vec<&'v Value> {
        contained(|| self.0.query(value).into_iter().take(most).collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_lead_to_values() {
        let body = json!({"a": {"b c": [{"n": 1}, {"n": 2}, {"n": 3}]}, "é": 4});
        for (text, expected) in [
            ("$", 1),
            ("$.a['b c'][*].n", 3),
            ("$..n", 3),
            ("$.a['b c'][?@.n > 1]", 2),
            ("$.a['b c'][?match(string(@), 'x')]", 0),
            ("$.a['b c'][-1:]", 1),
            ("$['é']", 1),
            ("$.nothing.at.all", 0),
        ] {
            let found = Expression::parse(text).map(|path| path.all(&body, 10).len());
            // `string` is no function of the RFC.
            if text.contains("string") {
                assert!(found.is_err(), "{text}");
            } else {
                assert_eq!(found, Ok(expected), "{text}");
            }
        }
        assert_eq!(Expression::parse("$..n").unwrap().all(&body, 2).len(), 2);
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, at, what) in [
            ("", 0, "an expression begins with $"),
            ("subscribers", 0, "an expression begins with $"),
            ("$.a[", 3, "this cannot be read"),
            ("$.issues[*", 10, "in long-hand segment, expected closing ']'"),
            ("$.é b", 4, "this cannot be read"),
            ("$.a[?size(@.b) > 1]", 5, "in long-hand segment, function name 'size' is not defined"),
        ] {
            let bad = Expression::parse(text).unwrap_err();
            assert_eq!((bad.at, bad.what.as_str()), (at, what), "{text}");
        }
        let deep = format!("$[?{}@.a{}]", "(".repeat(240), ")".repeat(240));
        assert!(Expression::parse(&deep).is_ok());
        assert_eq!(Expression::parse(&format!("${}", ".a".repeat(400))).unwrap_err().at, 500);
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_ever_panics(text in "\\$?[.\\[\\]*?@$()'a-z0-9:,&|!<>= é-]{0,40}") {
            if let Err(bad) = Expression::parse(&text) {
                assert!(text.is_char_boundary(bad.at));
            }
        }
    }
}
