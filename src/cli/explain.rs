use super::failure::say_json;
use super::look::{Chosen, choose};
use super::session::Session;
use super::{Failure, parse_range, parse_time, say};
use crate::model::{Mark, Range, Time};
use crate::report;
use crate::score::Constants;
use crate::store::Database;
use crate::text;
use clap::Args;

/// Lines printed as text; JSON has them all.
const MOST: usize = 20;

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// ADA, or ADA/bluesky for one channel's points.
    #[arg(value_name = "SYM[/CHAN]")]
    who: String,
    /// 1h, 24h, 7d, 30d, 90d, 1y or all, up to --to. Left out: 7d, or from now on where --to is still to come.
    #[arg(long, value_parser = parse_range, conflicts_with = "from")]
    range: Option<Range>,
    /// Where it opens.
    #[arg(long, value_name = "TIME", value_parser = parse_time, alias = "vs")]
    from: Option<Time>,
    /// Now when left out; later than now is a forecast: what is left without news.
    #[arg(long, value_name = "TIME", value_parser = parse_time, alias = "at")]
    to: Option<Time>,
    /// Constants for the whole interval: those that shipped with the program (m1), your own (m1+), or a file.
    /// Left out: those that were in force, and a change of them is a line.
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Lines printed as text; JSON has them all.
    #[arg(long, default_value_t = MOST)]
    limit: usize,
}

#[derive(Debug, Args)]
pub struct MarkArgs {
    /// Whom it is about. Left out: everybody's marks.
    #[arg(value_name = "SYM")]
    symbol: Option<String>,
    /// What happened. Left out: the marks there are.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// The instant; now when left out.
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "text")]
    at: Option<Time>,
    /// Take the mark with this number away.
    #[arg(long, value_name = "NUMBER", requires = "symbol", conflicts_with = "text")]
    rm: Option<i64>,
}

#[derive(Debug, Args)]
pub struct EffectArgs {
    /// The mark's number, as `mark SYM` lists it, or its text.
    #[arg(value_name = "MARK")]
    mark: String,
    /// Lines printed as text; JSON has them all.
    #[arg(long, default_value_t = MOST)]
    limit: usize,
}

/// The constants a user asks for by name: the shipped ones, their own, or those of a file.
pub(super) fn chosen_model(session: &Session, wanted: &str) -> Result<Constants, Failure> {
    let shipped = Constants::reference();
    for known in [&session.constants, &shipped] {
        if known.model == wanted {
            return Ok(known.clone());
        }
    }
    if std::path::Path::new(wanted).is_file() {
        let told = |what: String| Failure::usage(format!("{wanted}: {what}"));
        let text = std::fs::read_to_string(wanted).map_err(|error| told(error.to_string()))?;
        return Constants::parse(&text).map_err(|bad| told(bad.to_string()));
    }
    let mut known = vec![shipped.model.as_str()];
    known.extend(Some(session.constants.model.as_str()).filter(|own| *own != shipped.model));
    Err(Failure::usage(format!(
        "there is no model {wanted}; models: {}, or a file of constants",
        known.join(", ")
    )))
}

pub(super) fn explain(session: &Session, args: &ExplainArgs) -> Result<(), Failure> {
    let chosen = args.model.as_deref().map(|wanted| chosen_model(session, wanted)).transpose()?;
    let pipeline = session.read()?;
    let now = session.now();
    let Chosen { symbol, person, channels, .. } = choose(session, &pipeline, &args.who)?;
    let channel = channels.first().filter(|_| args.who.contains('/'));
    let title = channel.map_or_else(|| symbol.clone(), |channel| format!("{symbol}/{}", channel.slot));
    let channel = channel.map(|channel| channel.id);
    let to = args.to.unwrap_or(now);
    let from = match (args.from, args.range) {
        (Some(from), _) => from,
        (None, None) if to > now => now,
        (None, range) => pipeline.opening(person, to, range.unwrap_or(Range::Week))?,
    };
    if from > to {
        return Err(Failure::usage("--from must not be after --to"));
    }
    let Some(found) = pipeline.explain(person, channel, from, to, chosen.as_ref())? else {
        return Err(Failure::new(
            5,
            format!(
                "{symbol} has not been read yet, so there is nothing to explain; run: cloutop poll --once"
            ),
        ));
    };
    if session.global.json {
        let model = chosen.as_ref().unwrap_or_else(|| pipeline.constants());
        say_json(&report::explained(&symbol, &model.model, &found))
    } else {
        say(&report::explained_text(&title, &found, args.limit))
    }
}

pub(super) fn mark(session: &Session, args: &MarkArgs) -> Result<(), Failure> {
    let Some(symbol) = args.symbol.as_deref().filter(|_| args.text.is_some() || args.rm.is_some()) else {
        return marks(session, args.symbol.as_deref());
    };
    session.not_the_demo("forgets everything")?;
    let person = session.person(symbol)?.symbol.clone();
    let mut database = writable(session)?;
    let words = args.text.as_deref().map(text::clean);
    if words.as_deref() == Some("") {
        return Err(Failure::usage("a mark needs a text"));
    }
    let at = args.at.unwrap_or_else(|| session.now());
    let done: Result<Mark, Option<Mark>> = database.transaction(|rows| {
        let id = rows.person_for(&person)?;
        if let Some(number) = args.rm {
            let known = rows.mark(number)?.filter(|mark| mark.person == id);
            if known.is_some() {
                rows.remove_mark(number)?;
            }
            return Ok(Err(known));
        }
        rows.insert_mark(id, at, words.as_deref().unwrap_or_default()).map(Ok)
    })?;
    match done {
        Ok(mark) if session.global.json => say_json(&report::marks(Some(&person), &[(person.clone(), mark)])),
        Ok(mark) => say(&report::marks_text(&[(person, mark)], false)),
        Err(Some(mark)) => say(&format!("taken away: {}\n", mark.text)),
        Err(None) => Err(Failure::unknown(format!(
            "{person} has no mark {}; see: cloutop mark {person}",
            args.rm.unwrap_or_default()
        ))),
    }
}

/// The marks of a person, or everybody's.
fn marks(session: &Session, symbol: Option<&str>) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let people = match symbol {
        Some(symbol) => vec![choose(session, &pipeline, symbol)?.person],
        None => pipeline.people(),
    };
    let mut marks = Vec::new();
    for person in people {
        let name = pipeline.symbol(person).unwrap_or_default().to_owned();
        marks.extend(pipeline.marks(person)?.into_iter().map(|mark| (name.clone(), mark)));
    }
    if session.global.json {
        return say_json(&report::marks(symbol.map(str::to_uppercase).as_deref(), &marks));
    }
    say(&report::marks_text(&marks, symbol.is_none()))
}

/// The store for writing a note, also while a screen or a poller has it: notes concern nobody else's rows.
pub(super) fn writable(session: &Session) -> Result<Database, Failure> {
    match Database::open_beside(&session.paths.store()) {
        Err(crate::store::StoreError::Missing(_) | crate::store::StoreError::Older { .. }) => {
            Ok(session.open()?.1)
        }
        other => Ok(other?),
    }
}

pub(super) fn effect(session: &Session, args: &EffectArgs) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let mut marks = Vec::new();
    for id in pipeline.people() {
        marks.extend(pipeline.marks(id)?);
    }
    let number: Option<i64> = args.mark.parse().ok();
    let mut fitting: Vec<&Mark> = marks.iter().filter(|mark| number == Some(mark.id)).collect();
    if fitting.is_empty() {
        let wanted = args.mark.to_lowercase();
        fitting = marks.iter().filter(|mark| mark.text.to_lowercase().contains(&wanted)).collect();
    }
    let mark = match fitting.as_slice() {
        [mark] => *mark,
        [] => {
            return Err(Failure::unknown(format!(
                "there is no mark {}; set one with: cloutop mark SYM \"what happened\"",
                args.mark
            )));
        }
        several => {
            let known: Vec<String> =
                several.iter().map(|mark| format!("{} ({})", mark.id, mark.text)).collect();
            return Err(Failure::usage(format!(
                "several marks read like that: {}; name one by its number",
                known.join(", ")
            )));
        }
    };
    let symbol = pipeline.symbol(mark.person).unwrap_or_default().to_owned();
    let Some(found) = pipeline.effect(mark, session.now())? else {
        return Err(Failure::new(5, format!("{symbol} has not been read yet; run: cloutop poll --once")));
    };
    if session.global.json {
        say_json(&report::effect(&symbol, mark, &found))
    } else {
        say(&report::effect_text(&symbol, mark, &found, args.limit))
    }
}
