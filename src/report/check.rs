use crate::filter::Truth;
use serde::Serialize;

#[derive(Serialize)]
pub struct Check {
    schema: &'static str,
    expression: String,
    /// Null where nothing is known yet.
    #[serde(rename = "true")]
    truth: Option<bool>,
    people: Vec<String>,
}

/// `cloutop/check/1`.
pub fn check(expression: &str, truth: Truth, matching: &[&str]) -> Check {
    Check {
        schema: "cloutop/check/1",
        expression: expression.to_owned(),
        truth: match truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        },
        people: matching.iter().map(|&symbol| symbol.to_owned()).collect(),
    }
}

pub fn check_text(truth: Truth, matching: &[&str]) -> String {
    match truth {
        Truth::True => format!("true: {}\n", matching.join(" ")),
        Truth::False => "false\n".to_owned(),
        Truth::Unknown => "unknown\n".to_owned(),
    }
}
