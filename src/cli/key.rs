//! Keys of networks and places: kept, listed and taken away. A key itself is read from a prompt or from stdin, and
//! leaves this file for `keys.toml` alone.

use super::failure::{note, say_json};
use super::session::{Session, runtime};
use super::{Failure, say};
use crate::config::{self, BadName, KeyName, Keys, Source};
use crate::report;
use crate::signals;
use clap::{Args, Subcommand};
use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use futures_util::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use std::io::{BufRead, IsTerminal, Read, Write};

/// Nobody's key is longer.
const LONGEST: usize = 16_000;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Keep a key in keys.toml, which nobody but you may read. It is asked for, or read as one line from stdin.
    Set(KeyArgs),
    /// Which keys there are, where they are from and what they are for; never a key itself.
    List,
    /// Take a key out of keys.toml.
    Rm(KeyArgs),
}

#[derive(Debug, Args)]
pub struct KeyArgs {
    /// A network (github), one of a network's servers (mastodon@gts.example), or a place that alerts go to.
    name: String,
    /// What does not belong there: a key.
    #[arg(hide = true)]
    rest: Vec<String>,
}

pub(super) fn key(session: &Session, command: &KeyCommand) -> Result<(), Failure> {
    session.not_the_demo("has no keys")?;
    match command {
        KeyCommand::Set(args) => set(session, args),
        KeyCommand::List => list(session),
        KeyCommand::Rm(args) => rm(session, args),
    }
}

impl KeyArgs {
    /// Nothing but a name. What else was typed is not repeated.
    fn only_a_name(&self) -> Result<&str, Failure> {
        if self.rest.is_empty() && !self.name.contains('=') {
            return Ok(&self.name);
        }
        Err(Failure::usage(
            "a key is never an argument: other users see it in the list of processes, and the shell remembers it. \
             Name the key alone, and type it when it is asked for, or send it through a pipe. If what you typed was \
             a key, take it out of the shell's history",
        ))
    }
}

impl From<BadName> for Failure {
    fn from(bad: BadName) -> Self {
        Self::usage(bad.to_string())
    }
}

fn set(session: &Session, args: &KeyArgs) -> Result<(), Failure> {
    let key = KeyName::parse(args.only_a_name()?, &session.config.alerts)?;
    let pair = key.is_pair();
    let typed = if std::io::stdin().is_terminal() {
        if let Some(how) = key.how() {
            note(&format!("{}: {how}", key.purpose));
        }
        let form = if pair { ", as ID:SECRET" } else { "" };
        prompt(&format!("key for {}{form} (it is not shown): ", key.purpose))?
    } else {
        line()?
    };
    let secret = SecretString::from(typed.expose_secret().trim());
    let refused = |what: &str| Err(Failure::usage(format!("{what}; nothing was changed")));
    if secret.expose_secret().is_empty() {
        return refused("there is no key in an empty line");
    }
    if secret.expose_secret().contains(char::is_control) {
        return refused("a key has no control characters in it");
    }
    if pair
        && !secret
            .expose_secret()
            .split_once(':')
            .is_some_and(|(id, word)| !id.is_empty() && !word.is_empty())
    {
        return refused(&format!(
            "the key of {} is written ID:SECRET, with a colon between the two",
            key.purpose
        ));
    }
    let path = session.paths.keys();
    config::keep(&path, &key.name, &secret)?;
    say(&format!("{} is kept in {}\n", key.name, path.display()))?;
    if session.keys.find(&key.name).is_some_and(|found| found.source == Source::Environment) {
        note(&format!("{} is set, too, and goes before the file as long as it is", key.variable()));
    }
    Ok(())
}

fn list(session: &Session) -> Result<(), Failure> {
    let list =
        report::key_list(&session.keys, &session.known_keys(), &session.config.alerts, &session.paths.keys());
    if session.global.json { say_json(&list) } else { say(&report::key_list_text(&list)) }
}

fn rm(session: &Session, args: &KeyArgs) -> Result<(), Failure> {
    let typed = args.only_a_name()?;
    let path = session.paths.keys();
    // What nothing asks for any more can stand in the file all the same.
    let parsed = KeyName::parse(typed, &session.config.alerts);
    let name = parsed.as_ref().map_or_else(|_| typed.to_owned(), |key| key.name.clone());
    let name = name.as_str();
    let was = session.keys.find(name);
    let removed = config::forget(&path, name)?;
    let variable = Keys::variable(name);
    if removed {
        say(&format!("{name} is no longer in {}\n", path.display()))?;
        if was.is_some_and(|found| found.source == Source::Environment) {
            note(&format!("{variable} is still set, and is used"));
        }
        return Ok(());
    }
    if was.is_some() {
        return Err(Failure::usage(format!("the key is not in the file: it is in {variable}; unset that")));
    }
    parsed?;
    Err(Failure::usage(format!("there is no key of {name} in {}", path.display())))
}

/// The first line of stdin.
fn line() -> Result<SecretString, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    std::io::stdin()
        .lock()
        .take(most)
        .read_until(b'\n', &mut bytes)
        .map_err(|error| Failure::usage(format!("cannot read the key from stdin: {error}")))?;
    String::from_utf8(bytes)
        .map(SecretString::from)
        .map_err(|_holds_the_key| Failure::usage("what came from stdin is not text; nothing was changed"))
}

/// Asks on the terminal and shows nothing of the answer.
fn prompt(question: &str) -> Result<SecretString, Failure> {
    let no_terminal =
        |error: std::io::Error| Failure::new(1, format!("cannot ask on this terminal: {error}"));
    let runtime = runtime()?;
    // First of all nothing is shown any more: somebody may type, or paste, as soon as the question stands there.
    enable_raw_mode().map_err(no_terminal)?;
    let mut out = std::io::stderr();
    let _ = write!(out, "{question}").and_then(|()| out.flush());
    let typed = runtime.block_on(async {
        tokio::select! {
            typed = type_in() => typed,
            code = signals::stop() => Err(Failure::new(code, "")),
        }
    });
    let left = disable_raw_mode().map_err(no_terminal);
    note("");
    left?;
    typed
}

/// What is typed until Enter. Ctrl-u begins anew, Ctrl-c ends the command.
async fn type_in() -> Result<SecretString, Failure> {
    let mut events = EventStream::new();
    let mut typed = String::with_capacity(LONGEST);
    while let Some(event) = events.next().await {
        let event = event.map_err(|error| Failure::new(1, format!("cannot read the terminal: {error}")))?;
        let Event::Key(KeyEvent {
            code, modifiers, kind: KeyEventKind::Press | KeyEventKind::Repeat, ..
        }) = event
        else {
            continue;
        };
        match code {
            KeyCode::Enter => return Ok(SecretString::from(typed)),
            KeyCode::Char('j' | 'm') if modifiers.contains(KeyModifiers::CONTROL) => {
                return Ok(SecretString::from(typed));
            }
            KeyCode::Char('c' | 'd') if modifiers.contains(KeyModifiers::CONTROL) => break,
            KeyCode::Char('u') if modifiers.contains(KeyModifiers::CONTROL) => typed.clear(),
            KeyCode::Backspace => drop(typed.pop()),
            KeyCode::Char(c)
                if !modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
                    && typed.len() + c.len_utf8() <= LONGEST =>
            {
                typed.push(c);
            }
            _ => {}
        }
    }
    Err(Failure::new(130, "nothing was changed"))
}
