use super::failure::say_json;
use super::session::{Session, snapshots, unknown_person};
use super::{Failure, say};
use crate::channels;
use crate::model::{ChannelSnapshot, PersonSnapshot};
use crate::report;
use clap::Args;

#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Everybody when left out.
    #[arg(value_name = "SYM")]
    symbols: Vec<String>,
    /// End with 4 when a channel cannot be read now.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Args)]
pub struct PostsArgs {
    /// ADA, or ADA/bluesky for one channel.
    #[arg(value_name = "SYM[/CHAN]")]
    who: String,
    /// Posts printed as text; JSON has them all.
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

pub(super) fn list(session: &Session) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let people = snapshots(&pipeline, session.now(), |_| true)?;
    let people: Vec<PersonSnapshot> = people.into_iter().map(|(_, person)| person).collect();
    if session.global.json { say_json(&report::list(&people)) } else { say(&report::list_text(&people)) }
}

pub(super) fn score(session: &Session, args: &ScoreArgs) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let now = session.now();
    let wanted: Vec<String> = args.symbols.iter().map(|symbol| symbol.to_uppercase()).collect();
    let people = snapshots(&pipeline, now, |person| wanted.is_empty() || wanted.contains(&person.symbol))?;
    let people: Vec<PersonSnapshot> = people.into_iter().map(|(_, person)| person).collect();
    if let Some(missing) = wanted.iter().find(|symbol| !people.iter().any(|person| person.symbol == **symbol))
    {
        return Err(Failure::unknown(unknown_person(missing, &session.symbols())));
    }
    if session.global.json {
        say_json(&report::score(&people, &pipeline.constants().model, now))?;
    } else {
        say(&report::score_text(&people))?;
    }
    if !people.is_empty() && people.iter().all(|person| person.score.is_none()) {
        return Err(Failure::new(5, "nothing has been read yet; run: cloutop poll --once"));
    }
    let held = people.iter().any(|person| person.live() < person.channels.len());
    if args.strict && held { Err(Failure::new(4, "")) } else { Ok(()) }
}

/// Whether a word names a channel: by its id, or by any spelling of its network.
pub(super) fn names(word: &str, slot: &str) -> bool {
    word == slot || channels::network(word).is_some_and(|network| network.id() == slot)
}

pub(super) fn posts(session: &Session, args: &PostsArgs) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let now = session.now();
    let (symbol, slot) = args.who.split_once('/').map_or((args.who.as_str(), None), |(s, c)| (s, Some(c)));
    let symbol = symbol.to_uppercase();
    let people = snapshots(&pipeline, now, |person| person.symbol == symbol)?;
    let Some((id, person)) = people.into_iter().next() else {
        return Err(Failure::unknown(unknown_person(&symbol, &session.symbols())));
    };
    let wanted: Vec<&ChannelSnapshot> =
        person.channels.iter().filter(|channel| slot.is_none_or(|slot| names(slot, &channel.slot))).collect();
    if let (true, Some(slot)) = (wanted.is_empty(), slot) {
        let known: Vec<&str> = person.channels.iter().map(|channel| channel.slot.as_str()).collect();
        return Err(Failure::unknown(format!(
            "{symbol} has no channel {slot}; channels: {}",
            known.join(", ")
        )));
    }
    let mut channels = Vec::new();
    for channel in wanted {
        channels.push((channel, pipeline.posts(channel.id, id, now)?));
    }
    if session.global.json {
        say_json(&report::posts(&symbol, &channels))
    } else {
        say(&report::posts_text(&channels, args.limit))
    }
}
