use super::failure::{note, say_json};
use super::look::{Chosen, choose};
use super::session::Session;
use super::{Failure, parse_time, say};
use crate::channels;
use crate::model::{ByHand, ChannelSnapshot, Counts, Metric, Time, believable};
use crate::pipeline::Pipeline;
use crate::report;
use crate::text::suggestion;
use clap::Args;

#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// ADA/linkedin, the name of a channel that is read by hand; ADA alone where there is one of them.
    #[arg(value_name = "SYM/CHAN")]
    who: String,
    /// followers=512, and likes=, replies=, reshares=, quotes=, views= as sums over all posts. Left out: the readings
    /// there are.
    #[arg(value_name = "NAME=NUMBER", value_parser = parse_number)]
    numbers: Vec<(Number, u64)>,
    /// The instant; now when left out. A number that was typed in for the same instant is replaced.
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "numbers")]
    at: Option<Time>,
}

/// What can be typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Followers,
    Sum(Metric),
}

const NUMBERS: [(&str, Number); 6] = [
    ("followers", Number::Followers),
    ("likes", Number::Sum(Metric::Likes)),
    ("replies", Number::Sum(Metric::Replies)),
    ("reshares", Number::Sum(Metric::Reshares)),
    ("quotes", Number::Sum(Metric::Quotes)),
    ("views", Number::Sum(Metric::Views)),
];

fn parse_number(text: &str) -> Result<(Number, u64), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "write it like followers=512".to_owned())?;
    let name = name.trim().to_ascii_lowercase();
    let known = NUMBERS.iter().find(|(known, _)| *known == name);
    let (_, number) = known.ok_or_else(|| {
        format!("there is no number \"{name}\"{}", suggestion(&name, &NUMBERS.map(|(known, _)| known)))
    })?;
    let value = value.trim();
    if value.starts_with('-') {
        return Err(format!("{name} cannot be negative"));
    }
    let whole: u64 = value.parse().map_err(|_what_is_typed| format!("\"{value}\" is no whole number"))?;
    if believable(whole) == whole {
        Ok((*number, whole))
    } else {
        Err(format!("{whole} {name} is more than there can be"))
    }
}

pub(super) fn reading(session: &Session, args: &ReadingArgs) -> Result<(), Failure> {
    if args.numbers.is_empty() {
        let pipeline = session.read()?;
        let (symbol, channel) = by_hand(session, &pipeline, &args.who)?;
        return show(session, &symbol, &channel, &pipeline.by_hand(channel.id)?);
    }
    session.not_the_demo("forgets everything")?;
    let now = session.now();
    // Whoever corrects a number has to write its instant.
    let second = Time::from_timestamp(now.timestamp(), 0).unwrap_or(now);
    let mut reading = ByHand { at: args.at.unwrap_or(second), followers: None, counts: Counts::default() };
    if reading.at > now {
        return Err(Failure::usage(format!(
            "{} is still to come; a reading is of now or of the past",
            report::stamp(reading.at)
        )));
    }
    for (number, value) in &args.numbers {
        let before = match number {
            Number::Followers => reading.followers.replace(*value),
            Number::Sum(metric) => {
                let before = reading.counts.get(*metric);
                reading.counts.set(*metric, Some(*value));
                before
            }
        };
        if before.is_some() {
            return Err(Failure::usage("a number is written twice"));
        }
    }
    let (_lock, database) = session.open()?;
    let pipeline = session.books(database, session.wanted(), now)?;
    let (symbol, channel) = by_hand(session, &pipeline, &args.who)?;
    let network = channel.network().id();
    let phi = pipeline.constants().network(network).phi;
    pipeline.put_by_hand(channel.id, &reading)?;
    if reading.followers.is_some() && phi.is_none() {
        note(&format!(
            "followers are kept; they move the score once [model.networks.{network}] in the configuration says with phi \
             how many are typical"
        ));
    }
    show(session, &symbol, &channel, &[reading])
}

/// The channel that is meant, which must be one that is read by hand.
fn by_hand(session: &Session, pipeline: &Pipeline, who: &str) -> Result<(String, ChannelSnapshot), Failure> {
    let Chosen { symbol, channels, .. } = choose(session, pipeline, who)?;
    let slot = who.contains('/');
    let first = channels.first().map(|channel| channel.slot.clone()).unwrap_or_default();
    let mut fitting: Vec<ChannelSnapshot> =
        channels.into_iter().filter(|channel| channels::by_hand(channel.network())).collect();
    match fitting.len() {
        1 => Ok((symbol, fitting.remove(0))),
        0 if slot => Err(Failure::usage(format!(
            "{symbol}/{first} is read by the program; readings are for channels by hand, as after: cloutop add \
             manual:linkedin --as {symbol}"
        ))),
        0 => Err(Failure::unknown(format!(
            "{symbol} has no channel that is read by hand; add one with: cloutop add manual:linkedin --as {symbol}"
        ))),
        _ => {
            let names: Vec<String> =
                fitting.iter().map(|channel| format!("{symbol}/{}", channel.account.handle)).collect();
            Err(Failure::usage(format!(
                "{symbol} has several channels by hand: write {}",
                names.join(" or ")
            )))
        }
    }
}

fn show(
    session: &Session,
    symbol: &str,
    channel: &ChannelSnapshot,
    readings: &[ByHand],
) -> Result<(), Failure> {
    if session.global.json {
        say_json(&report::readings(symbol, channel, readings))
    } else {
        say(&report::readings_text(symbol, channel, readings))
    }
}
