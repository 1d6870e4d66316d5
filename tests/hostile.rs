#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Names and posts that are made to break a screen: whatever strangers write, no column moves.

#[path = "support/screens.rs"]
mod screens;

use cloutop::app::{App, Message, update};
use cloutop::model::{PersonSnapshot, PostState};
use cloutop::pipeline::{Data, Query};
use cloutop::text;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use ratatui::buffer::Buffer;
use screens::{app, draw, press};
use std::cell::RefCell;

const SIZES: [(u16, u16); 4] = [(120, 36), (80, 24), (40, 10), (20, 3)];

/// Screens with a table that strangers' words stand in, and the places of those words.
const TABLES: [&str; 8] =
    ["", "enter", "enter enter", "enter enter enter", "m down m c", "c space", "enter w", "b"];

/// What is put where strangers write.
#[derive(Debug, Clone)]
struct Words(String);

impl Words {
    /// As it comes in: everything a stranger wrote is cleaned once, at the door.
    fn cleaned(&self) -> String {
        text::clean(&self.0)
    }
}

fn hostile() -> impl Strategy<Value = Words> {
    let piece = prop_oneof![
        Just("\u{1b}[31m".to_owned()),
        Just("\u{1b}]0;title\u{7}".to_owned()),
        Just("\u{9b}2J".to_owned()),
        Just("\r\n\t".to_owned()),
        Just("\u{202e}\u{2066}\u{200f}".to_owned()),
        Just("👩\u{200d}👩\u{200d}👧\u{200d}👦".to_owned()),
        Just("❤\u{fe0f}☎\u{fe0f}".to_owned()),
        Just("🇩🇪🇫🇷".to_owned()),
        Just("林檎한글ｱ".to_owned()),
        Just("z\u{300}\u{301}\u{302}\u{303}".to_owned()),
        Just("\u{200b}\u{feff}\u{ad}".to_owned()),
        Just("\u{1f3fb}\u{e0061}\u{e007f}".to_owned()),
        Just("│┌─┐▲▼●█".to_owned()),
        Just("ﷺ꧅𒐫".to_owned()),
        Just("x".repeat(10_000)),
        "\\PC{0,12}",
        ".{0,12}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| Words(pieces.concat()))
}

/// The screen with other words in the places where strangers write.
fn with(mut app: App, words: &str) -> App {
    let people: Vec<PersonSnapshot> = app.people.clone();
    for mut person in people {
        words.clone_into(&mut person.name);
        for channel in &mut person.channels {
            words.clone_into(&mut channel.account.handle);
            channel.detail = Some(words.to_owned());
        }
        for mark in &mut person.marks {
            words.clone_into(&mut mark.text);
        }
        app.people.retain(|known| known.id != person.id);
        update(&mut app, Message::Person(Box::new(person)));
    }
    for tick in &mut app.ticks {
        words.clone_into(&mut tick.cause);
    }
    if let cloutop::app::View::Channel { person, channel, .. } = *app.view() {
        let mut posts: Vec<_> = app.posts(person, channel).into_iter().cloned().collect();
        for post in &mut posts {
            words.clone_into(&mut post.title);
            post.state = PostState::Flat;
        }
        update(&mut app, Message::Loaded(Query::Posts { person, channel }, Data::Posts(posts)));
    }
    if let cloutop::app::View::Post { person, channel, item, .. } = app.view().clone()
        && let Some(detail) = app.post().cloned()
    {
        let mut detail = detail;
        words.clone_into(&mut detail.post.title);
        detail.post.state = PostState::Flat;
        let query = Query::Post { person, channel, item };
        update(&mut app, Message::Loaded(query, Data::Post(Some(Box::new(detail)))));
    }
    if let Some(query) = app.statement_query()
        && let Some(found) = app.statement().cloned()
    {
        let mut found = found;
        for line in &mut found.lines {
            words.clone_into(&mut line.what);
        }
        update(&mut app, Message::Loaded(query, Data::Statement(Some(Box::new(found)))));
    }
    let mut log = app.log().to_vec();
    for entry in &mut log {
        match &mut entry.what {
            cloutop::bumps::What::Bump(episode) => words.clone_into(&mut episode.cause),
            cloutop::bumps::What::Happening(happening) => words.clone_into(&mut happening.what),
        }
    }
    update(&mut app, Message::Loaded(Query::Log, Data::Log(log)));
    app
}

/// Cells that differ between two frames.
fn differ(a: &Buffer, b: &Buffer) -> Vec<bool> {
    a.content().iter().zip(b.content()).map(|(a, b)| a.symbol() != b.symbol()).collect()
}

/// A screen, and the cells that words of strangers may change: those in which a long word and others differ.
struct Screen {
    app: App,
    plain: Buffer,
    theirs: Vec<bool>,
}

impl Screen {
    fn new(size: (u16, u16), keys: &str) -> Self {
        let app = press(app(size), keys);
        let plain = draw(&with(app.clone(), ""));
        let mut theirs = vec![false; plain.content().len()];
        let samples = (0..130).flat_map(|n| {
            let wide = "林".repeat(n / 2);
            ["M".repeat(n), format!("a{wide}"), wide, format!("b {}", "c d ".repeat(n / 4))]
        });
        let lines = [8, 30, 70, 110].map(|n| ["M".repeat(n), "M".repeat(n), "M".repeat(400)].join(" "));
        let broken = [format!("b {}", "M".repeat(400)), format!("b {}", "c d ".repeat(100))];
        for sample in samples.chain(lines).chain(broken) {
            let other = draw(&with(app.clone(), &sample));
            for (theirs, differs) in theirs.iter_mut().zip(differ(&plain, &other)) {
                *theirs |= differs;
            }
        }
        Self { app, plain, theirs }
    }

    fn check(&self, words: &Words, keys: &str) -> Result<(), TestCaseError> {
        let frame = draw(&with(self.app.clone(), &words.cleaned()));
        let width = usize::from(frame.area.width);
        let mut skip = false;
        for (place, cell) in frame.content().iter().enumerate() {
            let symbol = cell.symbol();
            let wide = text::width(symbol);
            prop_assert!(!symbol.chars().any(char::is_control), "{keys}: {symbol:?}");
            if std::mem::take(&mut skip) {
                continue;
            }
            prop_assert!((1..=2).contains(&wide), "{keys}: {symbol:?} is {wide} wide");
            skip = wide == 2;
            prop_assert!(!(skip && (place + 1) % width == 0), "{keys}: {symbol:?} stands half outside");
        }
        // Rows of the log and of the board end with columns of their own: nothing but their words has moved.
        for (place, differs) in differ(&self.plain, &frame).into_iter().enumerate() {
            prop_assert!(
                !differs || self.theirs[place],
                "{keys}: row {}, column {} became {:?}",
                place / width,
                place % width,
                frame.content()[place].symbol()
            );
        }
        Ok(())
    }
}

#[test]
fn whatever_strangers_write_no_column_moves() {
    let screens: Vec<(Screen, &str)> = SIZES
        .into_iter()
        .flat_map(|size| TABLES.into_iter().map(move |keys| (Screen::new(size, keys), keys)))
        .collect();
    let tried = RefCell::new(0);
    let config = Config { cases: 120, failure_persistence: None, ..Config::default() };
    // The same words every time: what fails here fails for everybody.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&hostile(), |words| {
            *tried.borrow_mut() += 1;
            for (screen, keys) in &screens {
                screen.check(&words, keys)?;
            }
            Ok(())
        })
        .unwrap();
    assert!(tried.into_inner() >= 120);
}
