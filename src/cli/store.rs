use super::failure::note;
use super::session::Session;
use super::{Failure, custom, say};
use crate::config;
use crate::pipeline::rebuild;
use clap::{Args, Subcommand};
use std::io::IsTerminal;

#[derive(Debug, Args)]
pub struct CompactArgs {
    /// Compute ledgers, scores and candles again from the observations.
    #[arg(long)]
    rebuild: bool,
}

pub(super) fn compact(session: &Session, args: &CompactArgs) -> Result<(), Failure> {
    session.not_the_demo("keeps nothing that could be compacted")?;
    let (_lock, mut database) = session.open()?;
    if args.rebuild {
        let tell = std::io::stderr().is_terminal();
        if tell {
            note("computing everything again; Ctrl-c leaves it as it was");
        }
        let mut last = 0;
        rebuild(&mut database, &session.constants, &mut |done, total| {
            let percent = (done * 100).checked_div(total).unwrap_or(100);
            if tell && percent >= last + 10 {
                last = percent;
                note(&format!("{percent} % of {total} polls"));
            }
        })?;
    }
    database.compact()?;
    let bytes = std::fs::metadata(session.paths.store()).map_or(0, |file| file.len());
    let done = if args.rebuild { "rebuilt and compacted" } else { "compacted" };
    say(&format!("{done}: {} kB\n", bytes / 1000))
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Where the configuration is.
    Path,
    /// Say whether the configuration is right, and what its custom channels bring: each is asked once.
    Check,
    /// Print a commented sample.
    Default,
}

pub(super) fn config(session: &Session, command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Path => say(&format!("{}\n", session.paths.config.display())),
        // It was read at the start: a mistake has ended the program already.
        ConfigCommand::Check => {
            let there =
                if session.paths.config.exists() { "is right" } else { "is not there, which is right, too" };
            let mut said = vec![format!("{} {there}", session.paths.config.display())];
            said.extend(session.raised());
            said.extend(session.left_alone());
            let (tested, code) = custom::test(session)?;
            said.extend(tested);
            say(&format!("{}\n", said.join("\n")))?;
            if code == 0 { Ok(()) } else { Err(Failure::new(code, "")) }
        }
        ConfigCommand::Default => say(config::SAMPLE),
    }
}
