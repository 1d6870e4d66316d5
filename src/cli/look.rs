use super::check::read_filter;
use super::failure::say_json;
use super::session::{Session, snapshots, unknown_person};
use super::{Failure, say};
use crate::channels;
use crate::filter;
use crate::model::{Account, ChannelSnapshot, PersonId, PersonSnapshot};
use crate::pipeline::Pipeline;
use crate::report::{self, SCORE_RANGES};
use clap::Args;

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only people for whom this is so: words, and tests like last>60, github>20, d24<0, vol>=100, state:halt,
    /// age>10m, group:friends, ADA.last>60; ! is not, | is or.
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
}

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

pub(super) fn list(session: &Session, args: &ListArgs) -> Result<(), Failure> {
    let filter = args.filter.as_deref().map(read_filter).transpose()?;
    let pipeline = session.read()?;
    let now = session.now();
    let people = snapshots(&pipeline, now, &filter::RANGES, |_| true)?;
    let mut people: Vec<PersonSnapshot> = people.into_iter().map(|(_, person)| person).collect();
    if let Some(filter) = filter {
        let keep: Vec<bool> =
            filter::board(&people, now).iter().map(|subject| filter.matches(subject)).collect();
        if !people.is_empty() && !keep.contains(&true) && !session.global.json {
            return say("nobody matches\n");
        }
        let mut keep = keep.into_iter();
        people.retain(|_| keep.next() == Some(true));
    }
    if session.global.json { say_json(&report::list(&people)) } else { say(&report::list_text(&people)) }
}

pub(super) fn score(session: &Session, args: &ScoreArgs) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let now = session.now();
    let wanted: Vec<String> = args.symbols.iter().map(|symbol| symbol.to_uppercase()).collect();
    let people = snapshots(&pipeline, now, &SCORE_RANGES, |person| {
        wanted.is_empty() || wanted.contains(&person.symbol)
    })?;
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

/// Whether a word is the name that the user gave to an account.
pub(super) fn names_own(word: &str, account: &Account) -> bool {
    channels::is_own(account) && account.handle.eq_ignore_ascii_case(word)
}

/// Who is meant by `SYM` or `SYM/CHAN`.
pub(super) struct Chosen {
    pub(super) symbol: String,
    pub(super) person: PersonId,
    /// All of them where none is named.
    pub(super) channels: Vec<ChannelSnapshot>,
}

pub(super) fn choose(session: &Session, pipeline: &Pipeline, who: &str) -> Result<Chosen, Failure> {
    let (symbol, slot) = who.split_once('/').map_or((who, None), |(symbol, slot)| (symbol, Some(slot)));
    let symbol = symbol.to_uppercase();
    let people = snapshots(pipeline, session.now(), &SCORE_RANGES, |person| person.symbol == symbol)?;
    let Some((id, person)) = people.into_iter().next() else {
        return Err(Failure::unknown(unknown_person(&symbol, &session.symbols())));
    };
    let known: Vec<String> = person.channels.iter().map(|channel| channel.slot.clone()).collect();
    let wanted = |channel: &ChannelSnapshot| {
        slot.is_none_or(|slot| names(slot, &channel.slot) || names_own(slot, &channel.account))
    };
    let channels: Vec<ChannelSnapshot> = person.channels.into_iter().filter(wanted).collect();
    if let (true, Some(slot)) = (channels.is_empty(), slot) {
        if person.outcomes.iter().any(|channel| names(slot, &channel.slot)) {
            return Err(Failure::unknown(format!(
                "{symbol}/{slot} counts visits, beside the score: it has no posts and no points"
            )));
        }
        return Err(Failure::unknown(format!(
            "{symbol} has no channel {slot}; channels: {}",
            known.join(", ")
        )));
    }
    Ok(Chosen { symbol, person: id, channels })
}

pub(super) fn posts(session: &Session, args: &PostsArgs) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let now = session.now();
    let Chosen { symbol, person: id, channels: wanted } = choose(session, &pipeline, &args.who)?;
    let mut channels = Vec::new();
    for channel in &wanted {
        let posts = pipeline.posts(channel.id, id, now)?;
        channels.push((channel, posts));
    }
    if session.global.json {
        say_json(&report::posts(&symbol, &channels))
    } else {
        say(&report::posts_text(&channels, args.limit))
    }
}
