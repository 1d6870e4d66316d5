#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The screen as sentences: what is said when, to the byte, and how it ends.

#[path = "support/pane.rs"]
mod pane;
#[path = "support/people.rs"]
mod people;
#[path = "support/rising.rs"]
mod rising;
#[path = "support/server.rs"]
mod server;

use cloutop::alerts::EventKind;
use cloutop::app::{App, Message, Zone, update};
use cloutop::bumps::{Bump, Direction, Entry, Episode, Happening, Verdict, What};
use cloutop::model::{ChannelId, PersonSnapshot, Range, Reason, State, Tick};
use cloutop::pipeline::{Data, Query};
use cloutop::report::plain::{self, Command};
use pane::Pane;
use people::{ada, at, change, channel, person};
use portable_pty::CommandBuilder;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel as queue};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DEMO: [&str; 4] = ["--plain", "--demo", "--now", "2026-03-03T14:32:07Z"];

/// How long anything may take to be said, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);

fn cloutop(folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cloutop"));
    command
        .args(arguments)
        .env_clear()
        .env("CLOUTOP_CONFIG", folder.join("config.toml"))
        .env("CLOUTOP_DATA_DIR", folder.join("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A program with lines going in and coming out.
struct Talk {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
    _folder: TempDir,
}

impl Talk {
    fn start(folder: TempDir, arguments: &[&str]) -> Self {
        let mut child = cloutop(folder.path(), arguments).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = queue();
        std::thread::spawn(move || {
            for line in out.lines() {
                if tell.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, heard: Vec::new(), _folder: folder }
    }

    fn ask(&mut self, words: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{words}").unwrap();
    }

    /// Waits for a line with these words.
    #[track_caller]
    fn hears(&mut self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("never said: {words} ({error}); said:\n{}", self.heard.join("\n")),
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for the end, with the input open.
    fn code(mut self) -> Option<i32> {
        let open = self.child.stdin.take();
        let code = self.child.wait().unwrap().code();
        drop(open);
        code
    }
}

/// Asks the demo, and returns what it wrote until its input ended.
#[track_caller]
fn ask_demo(lines: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut child = cloutop(folder.path(), &DEMO).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    assert!(!folder.path().join("data").exists(), "the demo keeps nothing");
    String::from_utf8(output.stdout).unwrap()
}

/// Words, digits and plain punctuation: no control byte but line ends, no sign that has to be seen.
#[track_caller]
fn assert_plain(text: &str) {
    for line in text.split('\n') {
        let bad = |c: &char| c.is_control() || ('\u{2190}'..='\u{2bff}').contains(c);
        assert_eq!(line.chars().find(bad), None, "{line:?}");
        assert!(line.is_empty() || line.ends_with(['.', '?']), "no sentence: {line:?}");
        assert!(!line.contains("  ") && !line.contains('\u{2009}') && !line.contains('\u{a0}'), "{line:?}");
    }
}

const QUESTIONS: &str = "\n\
    board\n\
    YOU\n\
    tom\n\
    why you 7d\n\
    Why Ken/hackernews\n\
    posts you/bsky\n\
    posts zoe/mastodon\n\
    compare you ada tom\n\
    bumps ken\n\
    bumps\n\
    \n\
    rules\n\
    range\n\
    range 7d\n\
    range 8d\n\
    refresh\n\
    help\n\
    help why\n\
    comp\n\
    wy you\n\
    tomm\n\
    why tomm\n\
    why you/gitlab\n\
    posts you\n\
    compare you\n\
    compare you you\n\
    compare you ada tom ken lin\n\
    ada bob\n\
    \u{1b}[31mqu\u{0}it\u{7}\n\
    never asked\n";

#[test]
fn what_the_demo_says() {
    let said = ask_demo(QUESTIONS);
    insta::with_settings!({ snapshot_path => "plain", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("demo", said);
    });
}

#[test]
fn nothing_but_words_is_written() {
    assert_plain(&ask_demo(QUESTIONS));
    // A last line without an end is a line, too.
    let said = ask_demo("board");
    assert!(said.lines().last().unwrap().starts_with("Zoe, "), "{said}");
}

/// Hundredths that a sentence names with `up` and `down`, the first of them.
fn moved(line: &str) -> i64 {
    let words: Vec<&str> = line.split([' ', ',']).collect();
    let place = words.iter().position(|word| matches!(word.to_lowercase().as_str(), "up" | "down"));
    let Some(place) = place else { return 0 };
    let size: i64 = words[place + 1].trim_end_matches('.').replace('.', "").parse().unwrap();
    if words[place].eq_ignore_ascii_case("up") { size } else { -size }
}

fn cents(word: &str) -> i64 {
    word.trim_matches(['.', ',', ':', ';']).replace('.', "").parse().unwrap_or_else(|_| panic!("{word}"))
}

#[test]
fn what_is_said_adds_up() {
    let people = ["you", "ken", "lin", "ada", "tom", "mira", "zoe"];
    let questions = people.map(|who| format!("why {who} 7d\n{who}\nposts {who}/mastodon\n")).concat();
    let all = ask_demo(&format!("{questions}compare you ada\n"));
    let all: Vec<&str> = all.lines().collect();
    let begins = |line: &&str| line.contains(", 7 days: ") || line.ends_with("5 of 5 channels readable.");
    let starts: Vec<usize> = (0..all.len()).filter(|&place| begins(&all[place])).collect();
    assert_eq!(starts.len(), people.len() + 1, "{all:#?}");
    for range in starts.windows(2) {
        let lines = &all[range[0]..range[1]];
        let end = lines.iter().position(|line| line.starts_with("In sum ")).unwrap();
        let sum: i64 = lines[1..end].iter().map(|line| moved(line)).sum();
        assert_eq!(sum, moved(lines[end]), "{lines:#?}");
        let open: Vec<&str> = lines[0].split(' ').collect();
        let scores: Vec<i64> = open
            .iter()
            .filter(|word| {
                word.trim_end_matches(',').split_once('.').is_some_and(|(_, part)| part.len() == 2)
            })
            .map(|word| cents(word))
            .collect();
        assert_eq!(scores[1] - scores[0], moved(lines[end]), "{lines:#?}");

        // Every channel's points, then the person's.
        let points = |line: &&&str| line.contains(" points, ") && !line.contains("ledger");
        let before = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            cents(words[words.iter().position(|word| word.starts_with("points")).unwrap() - 1])
        };
        let together = lines.iter().position(|line| line.starts_with("Together ")).unwrap();
        let sum: i64 = lines[end..together].iter().filter(points).map(|line| before(line)).sum();
        assert_eq!(sum, cents(lines[together].split(' ').nth(1).unwrap()), "{lines:#?}");

        // Every post's points, then the channel's.
        if let Some(head) = lines.iter().position(|line| line.contains("in the ledger")) {
            let (last, rest) = lines[head + 1..].split_last().unwrap();
            let sum: i64 = rest.iter().map(|line| before(line)).sum();
            assert_eq!((sum, before(lines[head])), (before(last), before(last)), "{lines:#?}");
        }
    }
    let lines = &all[starts[people.len()]..];
    let apart = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let size = words.last().unwrap();
        if line.contains("ahead by") { cents(size) } else { -cents(size) }
    };
    let parts = lines.iter().copied().filter(|line| line.contains(" by ") && !line.contains("against"));
    let total = lines.iter().copied().find(|line| line.contains("against")).unwrap();
    assert_eq!(parts.map(apart).sum::<i64>(), apart(total), "{lines:#?}");
}

#[test]
fn signals_end_it_with_their_codes() {
    for (name, expected) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut talk = Talk::start(tempfile::tempdir().unwrap(), &DEMO);
        talk.hears("Type help");
        talk.signal(name);
        assert_eq!(talk.code(), Some(expected), "{name}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = cloutop(folder.path(), &DEMO).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((err.as_str(), child.wait().unwrap().code()), ("", Some(0)));
}

#[test]
fn a_dumb_terminal_gets_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cloutop"));
    command.args(&DEMO[1..]);
    command.env("CLOUTOP_CONFIG", folder.path().join("config.toml"));
    command.env("TERM", "dumb");
    let mut pane = Pane::run(command, (80, 24));
    pane.shows("Type help for commands.");
    pane.keys("quit\n");
    let (code, bytes, _) = pane.end();
    assert_eq!(code, 0);
    // The line ends and the echo are the terminal's.
    let said = String::from_utf8(bytes).unwrap().replace('\r', "").replace("quit\n", "");
    assert_plain(&said);
    // Where nobody could type, an unasked-for mode would say what no script expects.
    let output = cloutop(folder.path(), &DEMO[1..]).env("TERM", "dumb").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = cloutop(folder.path(), &DEMO[1..]).env("CLOUTOP_PLAIN", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_happens_is_said_as_it_happens_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicBool::new(false));
    let server = rising::rising(&broken, "a ▲ ⣿┃ \\u001b[31mpost");
    rising::configure(folder.path(), &server);
    let mut talk = Talk::start(folder, &["--plain"]);
    for _ in 0..2 {
        let line = talk.hears("Mastodon: 9 favourites on \"a up post\"");
        assert!(line.contains(" Ada up ") && line.contains(" to "), "{line}");
    }
    broken.store(true, Ordering::Relaxed);
    let line = talk.hears("Ada, Mastodon halted, the server answered 500, next try");
    assert!(line.contains("points are held"), "{line}");
    talk.ask("ada");
    talk.hears("points, held, halted");
    broken.store(false, Ordering::Relaxed);
    talk.hears("Ada, Mastodon can be read again.");
    talk.ask("refresh ada");
    talk.hears("All of it was asked within the last minute, or its server wants a pause.");
    talk.ask("quit");
    let heard = std::mem::take(&mut talk.heard);
    assert_eq!(talk.child.wait().unwrap().code(), Some(0));
    assert_eq!(heard.iter().filter(|line| line.contains("Ada, Mastodon halted")).count(), 1, "{heard:#?}");
    assert_plain(&heard.join("\n"));
}

/// Ada, who is the user, on a screen of the tests' own.
fn app(people: Vec<PersonSnapshot>, log: Vec<Entry>) -> App {
    let mut app = App::new((80, 24), at(0));
    app.zone = Zone::Utc;
    for person in people {
        update(&mut app, Message::Person(Box::new(person)));
    }
    update(&mut app, Message::Loaded(Query::Log, Data::Log(log)));
    app
}

fn tom(state: State, reason: Reason) -> PersonSnapshot {
    let mut tom = person("TOM", Some(52.18));
    let mut broken = channel("github", "tom", state, Some(6.2), 5);
    (broken.reason, broken.next_at) = (reason, Some(at(4)));
    tom.channels = vec![broken];
    let mut moved = change(-0.67, 6);
    moved.open = 52.85;
    tom.set_change(Range::Day, moved);
    tom
}

#[test]
fn everybody_in_one_line() {
    let mut you = person("YOU", Some(61.42));
    let mut moved = change(0.83, 40);
    (moved.open, you.mine) = (60.59, true);
    you.set_change(Range::Day, moved);
    let bump = |minute, resolved| {
        let bump = Bump { onset: at(minute), direction: Direction::Up, magnitude: 1.5, resolved };
        let (fades, cause) = (None, "9 stars".to_owned());
        Entry::of(What::Bump(Episode { person: you.id, bump, channel: ChannelId(1), cause, fades }))
    };
    let log = vec![bump(-3, None), bump(-2, None), bump(-1, None)];
    let app = app(vec![tom(State::Halt, Reason::ServerError), you.clone()], log);
    assert_eq!(
        plain::summary(&app),
        "You 61.42, up 0.83 in 24 hours. Tom 52.18, down 0.67, GitHub halted. 3 new bumps."
    );
    let entry = bump(-200, Some((at(-20), Verdict::Faded)));
    assert_eq!(plain::entry(&app, &entry), "13:40 You, bump up 1.50: 9 stars; faded after 3 hours.");
}

#[test]
fn a_channel_that_fails_and_comes_back() {
    let app = app(vec![tom(State::Live, Reason::Ok)], Vec::new());
    let was = tom(State::Live, Reason::Ok);
    let is = tom(State::Halt, Reason::ServerError);
    assert_eq!(
        plain::changed(&app, &was, &is),
        ["13:55 Tom, GitHub halted, server error, next try 14:04, its 6.20 points are held."]
    );
    assert_eq!(plain::changed(&app, &is, &is), [""; 0], "the same is not said twice");
    let limited = tom(State::Limit, Reason::RateLimited);
    assert_eq!(
        plain::changed(&app, &is, &limited),
        ["13:55 Tom, GitHub limited, rate limited, next try 14:04, its 6.20 points are held."]
    );
    assert_eq!(plain::changed(&app, &limited, &was), ["13:55 Tom, GitHub can be read again."]);
    let mut new = person("TOM", None);
    new.id = was.id;
    assert_eq!(plain::changed(&app, &new, &was), ["14:00 Tom 52.18, read for the first time."]);
}

#[test]
fn ticks_are_said_by_as_much_as_is_shown() {
    let app = app(vec![tom(State::Live, Reason::Ok)], Vec::new());
    let tick = |points, cause: &str| Tick {
        person: app.people[0].id,
        channel: ChannelId(1),
        at: at(0),
        points,
        cause: cause.to_owned(),
    };
    let ticks = [tick(0.31, "9 stars"), tick(0.004, "1 star"), tick(-0.1, "2 stars less")];
    assert_eq!(
        plain::ticks(&app, &ticks),
        ["14:00 Tom up 0.31, GitHub: 9 stars.", "14:00 Tom down 0.10 to 52.18, GitHub: 2 stars less."]
    );
}

#[test]
fn figures_are_read_as_one_number() {
    let app = app(vec![ada()], Vec::new());
    let (kind, channel) = (EventKind::Milestone, ChannelId(1));
    let what = "10 000 followers".to_owned();
    let told = Happening { person: ada().id, at: at(-1), kind, channel, points: None, what };
    let entry = Entry::of(What::Happening(told));
    assert_eq!(plain::entry(&app, &entry), "13:59 Ada, GitHub, reached: 10000 followers.");
    assert!(!plain::is_state(&entry), "nothing else says it");
}

#[test]
fn lines_are_understood_or_mended() {
    let mut you = person("SAM", Some(1.0));
    you.mine = true;
    let app = app(vec![you.clone(), ada()], Vec::new());
    assert_eq!(plain::parse(&app, "  "), Ok(Command::Summary));
    assert_eq!(plain::parse(&app, "QUIT"), Ok(Command::Quit));
    assert_eq!(plain::parse(&app, "exit"), Ok(Command::Quit));
    assert_eq!(plain::parse(&app, "you"), Ok(Command::Person(you.id)), "whatever the symbol");
    assert_eq!(plain::parse(&app, "sam"), Ok(Command::Person(you.id)));
    let (person, channel) = (ada().id, Some(ChannelId(1)));
    let why = |channel, range| Ok(Command::Why { person, channel, range });
    assert_eq!(plain::parse(&app, "why Ada"), why(None, Range::Day));
    assert_eq!(plain::parse(&app, "WHY ADA/GH 7d"), why(channel, Range::Week));
    for (typed, mended) in [
        ("refesh", "There is no command refesh. Did you mean refresh?"),
        ("re", "There is no command re. Did you mean refresh?"),
        ("aad", "There is no command aad. Did you mean ada?"),
        ("bananas", "There is no command bananas. Type help for commands."),
        ("why bob", "BOB is not on the board. On it: sam, ada."),
        ("rules now", "Write rules: the rules, and how they are doing."),
        ("help me", "There is no command me. Type help for commands."),
    ] {
        assert_eq!(plain::parse(&app, typed), Err(mended.to_owned()), "{typed}");
    }
}
