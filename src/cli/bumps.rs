use super::failure::{reader_gone, say_json};
use super::look::choose;
use super::session::{Session, runtime};
use super::{Failure, parse_time, say};
use crate::alerts::Least;
use crate::bumps::{Entry, What};
use crate::model::{PersonId, Time};
use crate::pipeline::Pipeline;
use crate::report::{self, Named};
use chrono::TimeDelta;
use clap::Args;
use std::collections::HashSet;

#[derive(Debug, Args)]
pub struct BumpsArgs {
    /// Everybody when left out.
    #[arg(value_name = "SYM")]
    symbol: Option<String>,
    /// Those that were not over then: 24h, 7d, or a time.
    #[arg(long, value_name = "TIME", value_parser = parse_since, default_value = "30d")]
    since: Since,
    /// Least size, in points, or in times the person's usual daily noise, like 3x.
    #[arg(long, value_name = "SIZE", value_parser = parse_least, default_value = "0")]
    min: Least,
    /// Only what nobody has looked at; lines with a * are.
    #[arg(long)]
    unread: bool,
    /// Halts, gaps, milestones, unusual volume, goals and changed constants, too.
    #[arg(long)]
    all: bool,
    /// Go on: a line for whatever is told from now on.
    #[arg(long, conflicts_with = "json")]
    follow: bool,
}

#[derive(Debug, Clone, Copy)]
enum Since {
    Ago(TimeDelta),
    At(Time),
}

fn parse_since(text: &str) -> Result<Since, String> {
    match crate::config::duration(text) {
        Some(length) => Ok(Since::Ago(length)),
        None => parse_time(text).map(Since::At).map_err(|error| format!("24h, 7d, or a time; {error}")),
    }
}

fn parse_least(text: &str) -> Result<Least, String> {
    let points = text.parse().ok().and_then(|points| Least::Points(points).sensible());
    points
        .or_else(|| Least::times(text))
        .ok_or_else(|| "points like 0.5, or times the person's usual daily noise like 3x".to_owned())
}

/// How often the store is looked at for what is new.
const LOOK: std::time::Duration = std::time::Duration::from_secs(2);

pub(super) fn bumps(session: &Session, args: &BumpsArgs) -> Result<(), Failure> {
    let pipeline = session.read()?;
    let person = match &args.symbol {
        Some(symbol) => Some(choose(session, &pipeline, symbol)?.person),
        None => None,
    };
    let since = match args.since {
        Since::Ago(length) => session.now() - length,
        Since::At(at) => at,
    };
    let entries = found(&pipeline, person, since, args)?;
    if session.global.json {
        return say_json(&report::log(&entries, args.all));
    }
    let mut out: String = entries.iter().map(report::log_line).collect();
    if out.is_empty() && !args.follow {
        out.push_str("nothing since then; a bump is a move of a point or more that stands out\n");
    }
    say(&out)?;
    if args.follow { follow(session, args, person, since, &entries) } else { Ok(()) }
}

fn found(
    pipeline: &Pipeline,
    person: Option<PersonId>,
    since: Time,
    args: &BumpsArgs,
) -> Result<Vec<Named>, Failure> {
    let mut found = Vec::new();
    for id in pipeline.people().into_iter().filter(|id| person.is_none_or(|person| person == *id)) {
        let symbol = pipeline.symbol(id).unwrap_or_default().to_owned();
        let noise = pipeline.noise(id);
        for entry in pipeline.log(id, since)? {
            let (wanted, channel) = match &entry.what {
                What::Bump(episode) => (args.min.met(episode.bump.magnitude, noise), episode.channel),
                What::Happening(happening) => (args.all, happening.channel),
            };
            if wanted && (entry.unread || !args.unread) {
                let channel = pipeline.slot(id, channel).map(str::to_owned);
                found.push(Named { symbol: symbol.clone(), channel, entry });
            }
        }
    }
    found.sort_by_key(|named| named.entry.at());
    Ok(found)
}

/// Writes what is new as it comes, until somebody ends it.
fn follow(
    session: &Session,
    args: &BumpsArgs,
    person: Option<PersonId>,
    since: Time,
    entries: &[Named],
) -> Result<(), Failure> {
    session.not_the_demo("stands still between two commands")?;
    let told = |entry: &Entry| (entry.key(), entry.at());
    let mut known: HashSet<_> = entries.iter().map(|named| told(&named.entry)).collect();
    runtime()?.block_on(async {
        let stop = crate::signals::stop();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                code = &mut stop => return Err(Failure::new(code, "")),
                () = tokio::time::sleep(LOOK) => {}
            }
            if reader_gone() {
                return Ok(());
            }
            for named in found(&session.read()?, person, since, args)? {
                if known.insert(told(&named.entry)) {
                    say(&report::log_line(&named))?;
                }
            }
        }
    })
}
