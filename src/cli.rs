//! The command line: what can be typed, and which code the process ends with.
//!
//! Data goes to stdout, everything else to stderr. A reader that goes away ends a command quietly.

mod bumps;
mod check;
mod custom;
mod doctor;
mod elsewhere;
mod explain;
mod failure;
mod goals;
mod key;
mod look;
mod man;
mod model;
mod networks;
mod people;
mod places;
mod poll;
mod reading;
mod scan;
mod screen;
mod session;
mod store;

pub use failure::{Failure, say};

use crate::config;
use crate::model::{Range, Time};
use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand};
use session::Session;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(
    name = "cloutop",
    version,
    about = "The terminal ticker of social influence",
    long_about = "The terminal ticker of social influence: live scores of you and your friends, explained to \
                  the last point. Reads public pages and APIs only; everything stays in a local folder.",
    after_help = failure::codes()
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
    /// People on your board (ADA) or accounts to look at right away (@user@server, name.bsky.social,
    /// github:name, hn:name, a blog's address). None: the whole board.
    #[arg(value_name = "PERSON")]
    pub people: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "a flag is on or off")]
pub struct Global {
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", env = "CLOUTOP_CONFIG")]
    pub config: Option<PathBuf>,
    /// The folder where everything is kept.
    #[arg(long, global = true, value_name = "FOLDER", env = "CLOUTOP_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Never open the network.
    #[arg(long, global = true, env = "CLOUTOP_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
    /// Invented people on an invented network: nothing is read, nothing is kept. The number picks another cast.
    #[arg(
        long,
        global = true,
        value_name = "SEED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1"
    )]
    pub demo: Option<u64>,
    /// With --demo: the clock stands still at this instant (RFC 3339).
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_time, requires = "demo")]
    pub now: Option<Time>,
    /// With --demo: the clock runs so many times as fast.
    #[arg(long, global = true, value_name = "N", default_value_t = 1.0, requires = "demo")]
    pub speed: f64,
    /// Draw one frame of this size as text and exit.
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    pub snapshot: Option<(u16, u16)>,
    /// With --snapshot: keys pressed before the frame is drawn, by name, apart by blanks.
    #[arg(long, value_name = "KEYS", requires = "snapshot", default_value = "", hide_default_value = true)]
    pub keys: String,
    /// With --snapshot: write the frame with its colours into this file, as SVG.
    #[arg(long, value_name = "FILE", requires = "snapshot")]
    pub svg: Option<PathBuf>,
    /// Sentences line by line instead of a screen, for screen readers and dumb terminals; questions are typed, or
    /// come through a pipe. What other commands print is plain anyway.
    #[arg(long, global = true, env = "CLOUTOP_PLAIN", value_parser = FalseyValueParser::new())]
    pub plain: bool,
    /// auto, dark, light, cvd (blue and orange), cvd-dark, cvd-light, terminal or mono.
    #[arg(long, value_name = "THEME", env = "CLOUTOP_THEME")]
    pub theme: Option<String>,
    /// Colours: as the terminal and `NO_COLOR` say, always, or never.
    #[arg(long, value_name = "WHEN", env = "CLOUTOP_COLOR", value_parser = parse_color)]
    pub color: Option<config::Color>,
    /// Draw with ASCII alone.
    #[arg(long, env = "CLOUTOP_ASCII")]
    pub ascii: bool,
    /// Nothing moves by itself: no flash, no running line, times instead of countdowns.
    #[arg(long, env = "CLOUTOP_REDUCE_MOTION")]
    pub reduce_motion: bool,
    /// Leave the mouse to the terminal.
    #[arg(long, env = "CLOUTOP_NO_MOUSE")]
    pub no_mouse: bool,
    /// What the screen looks back over: 1h, 24h, 7d, 30d, 90d, 1y or all.
    #[arg(long, value_name = "RANGE", env = "CLOUTOP_RANGE", value_parser = parse_range)]
    pub range: Option<Range>,
    /// The group the board begins with.
    #[arg(long, value_name = "GROUP", env = "CLOUTOP_GROUP")]
    pub group: Option<String>,
    /// Write a log to this file.
    #[arg(long, global = true, value_name = "FILE", env = "CLOUTOP_LOG")]
    pub log: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put somebody on the board, or add channels to somebody who is there.
    Add(people::Add),
    /// Take a person or one of their channels (ADA/github) off the board. What was stored stays.
    Rm(people::Rm),
    /// Who is on the board, with their channels.
    List(look::ListArgs),
    /// Last score, changes, coverage.
    Score(look::ScoreArgs),
    /// For scripts: is it so? Ends with 0 if it is, with 10 if it is not.
    Check(check::CheckArgs),
    /// Every post of a person or channel with its counts and points.
    Posts(look::PostsArgs),
    /// Why a score moved: one line per cause, and they add up. Between two instants, or ahead: what is left
    /// without news.
    Explain(explain::ExplainArgs),
    /// Note what happened at an instant; without a text, list the marks.
    Mark(explain::MarkArgs),
    /// What became of a mark: peak, area, when it had faded, and what carried it.
    Effect(explain::EffectArgs),
    /// Bumps: noticeable moves that came quickly, what caused them, and what became of them.
    Bumps(bumps::BumpsArgs),
    /// Set a score to be reached, by an instant and held for a while if you like; without a target, list the goals
    /// and what they take.
    Goal(goals::GoalArgs),
    /// Type in what no program may read, as the followers on `LinkedIn`; without numbers, list what was typed in.
    Reading(reading::ReadingArgs),
    /// Read the accounts that are due, without the screen.
    Poll(poll::PollArgs),
    /// Check paths, configuration, store, keys and channels.
    Doctor,
    /// Give back unused space; with --rebuild compute everything derived again.
    Compact(store::CompactArgs),
    /// The score's formula, and what it says of any ledger.
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// Find bumps in a series of scores, or unusual volume in a series of counts, from CSV files.
    #[command(subcommand)]
    Scan(scan::ScanCommand),
    /// Show where the configuration is, check it, or print a commented sample.
    #[command(subcommand)]
    Config(store::ConfigCommand),
    /// The networks that can be read: what is counted, with which key, how often. With a name, all about one.
    Networks(networks::NetworksArgs),
    /// Keys of networks and of places for alerts: set, list, take away. Never as an argument.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// The keys of the screen: what they do, and on which screens.
    Keys,
    /// Print the manual page, cloutop(1): cloutop man | man -l -
    Man,
}

fn parse_color(text: &str) -> Result<config::Color, String> {
    let found = config::Color::ALL.into_iter().find(|(name, _)| *name == text);
    found.map(|(_, color)| color).ok_or_else(|| "there are auto, always and never".to_owned())
}

fn parse_range(word: &str) -> Result<Range, String> {
    Range::from_word(word).ok_or_else(|| {
        let words: Vec<_> = Range::ALL.iter().map(|range| range.word()).collect();
        format!("one of {}", words.join(", "))
    })
}

fn parse_time(text: &str) -> Result<Time, String> {
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|error| format!("write it like 2026-03-03T14:32:07Z or 2026-03-03 ({error})"))
}

fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    parsed
        .filter(|(w, h)| *w > 0 && *h > 0 && *w <= 1_000 && *h <= 1_000)
        .ok_or_else(|| "write it like 120x36, columns by rows".to_owned())
}

/// Runs the program and says how it ended.
pub fn main() -> ExitCode {
    crate::contain::silence_contained();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not mistakes.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    // Needs neither a configuration nor a store.
    match &cli.command {
        Some(Command::Scan(command)) => return scan::scan(command),
        Some(Command::Man) => return man::man(),
        // Tells of keys that cannot be read, too.
        Some(Command::Doctor) => return doctor::doctor(&cli.global),
        _ => {}
    }
    let session = Session::start(cli.global.clone())?;
    match &cli.command {
        None => screen::screen(&session, cli),
        Some(Command::Scan(command)) => scan::scan(command),
        Some(Command::Key(command)) => key::key(&session, command),
        Some(Command::Networks(args)) => networks::networks(&session, args),
        Some(Command::Keys) => man::keys(&session),
        Some(Command::Man) => man::man(),
        Some(Command::Add(args)) if args.elsewhere => elsewhere::add(&session, args),
        Some(Command::Add(args)) => people::add(&session, args),
        Some(Command::Rm(args)) => people::rm(&session, args),
        Some(Command::List(args)) => look::list(&session, args),
        Some(Command::Check(args)) => check::check(&session, args),
        Some(Command::Score(args)) => look::score(&session, args),
        Some(Command::Posts(args)) => look::posts(&session, args),
        Some(Command::Explain(args)) => explain::explain(&session, args),
        Some(Command::Mark(args)) => explain::mark(&session, args),
        Some(Command::Effect(args)) => explain::effect(&session, args),
        Some(Command::Bumps(args)) => bumps::bumps(&session, args),
        Some(Command::Goal(args)) => goals::goal(&session, args),
        Some(Command::Reading(args)) => reading::reading(&session, args),
        Some(Command::Poll(args)) => poll::poll(&session, args),
        Some(Command::Doctor) => doctor::doctor(&cli.global),
        Some(Command::Compact(args)) => store::compact(&session, args),
        Some(Command::Model(command)) => model::model(&session, command),
        Some(Command::Config(command)) => store::config(&session, command),
    }
}
