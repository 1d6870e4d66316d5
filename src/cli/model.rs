use super::explain::chosen_model;
use super::failure::say_json;
use super::session::Session;
use super::{Failure, parse_time, say};
use crate::model::Time;
use crate::report;
use crate::score::{Document, Items, evaluate, statement};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// The formula with the constants in force.
    Show {
        /// m1 for those that shipped, or a file of constants.
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
    },
    /// The score of a ledger (cloutop/ledger/1).
    Eval {
        #[arg(value_name = "LEDGER.json")]
        ledger: PathBuf,
        /// The instant of the score.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        at: Time,
        /// m1 for the constants that shipped, or a file of constants.
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
    },
    /// Why a score moved: one line per cause, and they add up.
    Explain {
        #[arg(value_name = "BEFORE.json")]
        before: PathBuf,
        #[arg(value_name = "AFTER.json")]
        after: PathBuf,
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        from: Time,
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        to: Time,
        /// m1 for the constants that shipped, or a file of constants.
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
    },
}

pub(super) fn model(session: &Session, command: &ModelCommand) -> Result<(), Failure> {
    let (ModelCommand::Show { model }
    | ModelCommand::Eval { model, .. }
    | ModelCommand::Explain { model, .. }) = command;
    let constants = match model {
        Some(wanted) => &chosen_model(session, wanted)?,
        None => &session.constants,
    };
    let json = session.global.json;
    match command {
        ModelCommand::Show { .. } if json => say_json(&report::model(constants)),
        ModelCommand::Show { .. } => say(&report::model_text(constants)),
        ModelCommand::Eval { ledger, at, .. } => {
            let document = read(ledger, *at, &mut Items::default())?;
            let sides = document.sides();
            let energies: Vec<_> = sides.iter().map(|side| side.evidence.energy(*at, constants)).collect();
            let result = evaluate(&energies, constants);
            let names: Vec<&str> = sides.iter().map(|side| side.channel).collect();
            let evaluation = report::evaluation(&names, &result, &constants.model, *at);
            if json { say_json(&evaluation) } else { say(&report::evaluation_text(&evaluation)) }
        }
        ModelCommand::Explain { before, after, from, to, .. } => {
            if from > to {
                return Err(Failure::usage("--from must not be after --to"));
            }
            let mut items = Items::default();
            let earlier = read(before, *from, &mut items)?;
            let later = read(after, *to, &mut items)?;
            earlier
                .check_later(&later, &items)
                .map_err(|bad| Failure::usage(format!("{}: {bad}", after.display())))?;
            let found = statement(&earlier.sides(), *from, &later.sides(), *to, constants);
            let shown = report::statement(&found, &|item| items.name(item).to_owned(), *from, *to);
            if json { say_json(&shown) } else { say(&report::statement_text(&shown)) }
        }
    }
}

fn read(path: &Path, at: Time, items: &mut Items) -> Result<Document, Failure> {
    let told = |what: String| Failure::usage(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    Document::parse(&text, at, items).map_err(|bad| told(bad.to_string()))
}
