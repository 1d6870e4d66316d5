use super::failure::say_json;
use super::session::{Session, snapshots, unknown_person};
use super::{Failure, say};
use crate::filter::{self, Filter, Truth};
use crate::model::PersonSnapshot;
use crate::report;
use clap::Args;

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Words and tests, as in `list --filter`. True if somebody matches.
    #[arg(value_name = "EXPR")]
    expression: String,
}

/// Reads an expression from the command line; the message points at what is wrong.
pub(super) fn read_filter(text: &str) -> Result<Filter, Failure> {
    Filter::parse(text).map_err(|bad| Failure::usage(bad.pointing_at(text)))
}

pub(super) fn check(session: &Session, args: &CheckArgs) -> Result<(), Failure> {
    let filter = read_filter(&args.expression)?;
    let pipeline = session.read()?;
    let now = session.now();
    let people = snapshots(&pipeline, now, &filter::RANGES, |_| true)?;
    let people: Vec<PersonSnapshot> = people.into_iter().map(|(_, person)| person).collect();
    let known: Vec<String> = people.iter().map(|person| person.symbol.clone()).collect();
    if let Some(missing) =
        filter.symbols().into_iter().find(|symbol| !known.iter().any(|known| known == symbol))
    {
        return Err(Failure::unknown(unknown_person(missing, &known)));
    }
    let answer = filter.over(&filter::board(&people, now));
    let matching: Vec<&str> = answer.people.iter().map(|&place| known[place].as_str()).collect();
    if session.global.json {
        say_json(&report::check(&args.expression, answer.truth, &matching))?;
    } else {
        say(&report::check_text(answer.truth, &matching))?;
    }
    match answer.truth {
        Truth::True => Ok(()),
        Truth::False => Err(Failure::new(10, "")),
        Truth::Unknown => Err(Failure::new(5, "nothing is known of that yet; run: cloutop poll --once")),
    }
}
