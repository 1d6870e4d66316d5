#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The program in a terminal: keys, sizes, signals, and what it leaves behind.

#[path = "support/pane.rs"]
mod pane;
#[path = "support/rising.rs"]
mod rising;
#[path = "support/server.rs"]
mod server;

use pane::{Pane, assert_given_back, assert_no_banned_bytes};
use portable_pty::CommandBuilder;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn cloutop(folder: &Path, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cloutop"));
    command.args(arguments);
    command.env("CLOUTOP_CONFIG", folder.join("config.toml"));
    command.env("CLOUTOP_DATA_DIR", folder.join("data"));
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command.env_remove("NO_COLOR");
    command
}

fn demo(folder: &Path) -> Pane {
    let mut pane = Pane::run(cloutop(folder, &["--demo", "--now", "2026-03-03T14:32:07Z"]), (80, 24));
    pane.until("the board with its past", |text| board().iter().all(|row| text.contains(row.as_str())));
    pane
}

/// What the board's rows say in the end; the numbers come in one by one.
fn board() -> Vec<String> {
    let frame = include_str!("frames/board-80x24.snap");
    let rows = frame.lines().skip_while(|line| !line.contains("SYM")).skip(1);
    // Up to the 24-hour change in percent; ages go on.
    let rows: Vec<String> = rows
        .take_while(|line| line.contains('▲') || line.contains('▼'))
        .map(|line| line.chars().skip(3).take(42).collect())
        .collect();
    assert!(rows.len() > 5, "{frame}");
    rows
}

#[test]
fn a_tour_of_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut pane = demo(folder.path());
    pane.keys("j");
    pane.shows("▸ LIN");
    pane.keys("k\x1b[A");
    pane.shows("▸ KEN");
    pane.keys("\x1b[B\r");
    pane.shows("┌─ Channels");
    pane.keys("jl");
    pane.shows("┌─ Posts by points");
    pane.keys("\r");
    pane.shows("┌─ Its points");
    pane.keys("\x1b");
    pane.shows("┌─ Posts by points");
    pane.keys("x\x1b[D");
    pane.shows(" events");
    pane.keys("\x1b");
    pane.until("the cross-hair is gone", |text| !text.contains(" events"));
    pane.keys("\te");
    pane.until("one part alone", |text| {
        text.contains("▸ How this channel earns points") && !text.contains("Posts by points")
    });
    pane.keys("\x1b");
    pane.shows("┌─ Posts by points");
    pane.keys("\x1b");
    pane.shows("┌─ Channels");
    pane.keys("h");
    pane.shows("┌─ Board");
    pane.keys("mjmc");
    pane.shows("COMPARE");
    pane.keys("vvl");
    pane.shows("log");
    pane.keys(" jj ");
    pane.shows("esc done");
    pane.keys("\x1b");
    pane.until("the list is closed", |text| !text.contains("esc done"));
    pane.keys("\x1b");
    pane.shows("┌─ Board");
    pane.keys("t");
    pane.shows(" 7d ");
    pane.keys("Ts");
    pane.until("sorted by score", |text| text.contains("LAST▾"));
    pane.keys("?");
    pane.shows("row up");
    pane.keys("\x1b");
    pane.shows("┌─ Board");
    pane.keys("a");
    pane.shows("ADD A PERSON");
    pane.keys("\x1b");
    pane.shows("┌─ Board");
    pane.keys(" ");
    pane.shows("PAUSED");
    pane.keys(" dn");
    pane.until("running again", |text| !text.contains("PAUSED") && !text.contains("off the board?"));
    pane.keys("a");
    pane.shows("ADD A PERSON");
    pane.keys("what?is(this hn:ada\r");
    pane.shows("is neither an account nor a web address");
    pane.keys("\x1b");
    pane.shows("┌─ Board");
    for size in [(120, 36), (40, 10), (20, 3), (1, 1), (80, 1), (80, 24)] {
        pane.resize(size);
    }
    pane.shows("┌─ Board");
    pane.keys("q");
    let (code, bytes, screen) = pane.end();
    assert_eq!(code, 0);
    assert_given_back(&bytes, &screen);
    assert_no_banned_bytes(&bytes, 7);
}

/// Everything the mouse can do, and giving it back for selecting text.
#[test]
fn a_tour_by_mouse() {
    let folder = tempfile::tempdir().unwrap();
    let mut pane = demo(folder.path());
    pane.resize((120, 36));
    pane.shows("Movers");
    pane.click_on("LIN   Lin Fei");
    pane.shows("▸3 LIN");
    pane.wheel(true);
    pane.shows("▸4 ADA");
    pane.wheel(false);
    pane.shows("▸3 LIN");
    pane.click_on("NAME");
    pane.shows("NAME▾");
    pane.click_on("NAME▾");
    pane.shows("NAME▴");
    pane.click_on("LIN   Lin Fei");
    pane.shows("BOARD ▸ LIN Lin Fei");
    // The last line comes last: what is clicked on is where it is.
    pane.hints("esc back");
    pane.click_on("BSKY");
    pane.shows("┌─ Channels");
    pane.click_on("w why");
    pane.shows("▸ WHY");
    pane.click_on("LIN ▸ WHY");
    pane.hints("w why");
    pane.click_on("BOARD");
    pane.hints("s sort");
    pane.click_on("b bumps");
    pane.hints("m read");
    pane.click_on("? help");
    pane.shows("HELP: BUMPS");
    pane.click(0, 0);
    pane.shows("┌─ Log");
    pane.keys("*");
    pane.shows("the mouse selects text");
    assert_eq!(pane.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    pane.keys("*");
    pane.shows("cloutop's");
    assert_eq!(pane.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::PressRelease);
    pane.keys("q");
    let (code, bytes, screen) = pane.end();
    assert_eq!(code, 0);
    assert_given_back(&bytes, &screen);
    assert_no_banned_bytes(&bytes, 2);
}

/// A window that is dragged to nothing and back while data comes in.
#[test]
fn a_storm_of_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicBool::new(false));
    let server = rising::rising(&broken, "a post");
    rising::configure(folder.path(), &server);
    let mut pane = Pane::run(cloutop(folder.path(), &[]), (120, 36));
    pane.shows("9 favourites");
    let mut sizes = 1;
    for round in 0..4u16 {
        for step in 0..=20u16 {
            let (columns, rows) = (120 - 119 * step / 20, 36 - 35 * step / 20);
            pane.resize((columns + round, rows));
            sizes += 1;
        }
        // Keys in a pane of one cell.
        pane.keys("jk\x1b?\x1bb\x1b");
    }
    pane.resize((80, 24));
    pane.shows("┌─ Board");
    let drawn = pane.frames();
    pane.until("it still polls", |text| text.contains("▲"));
    pane.keys("q");
    let (code, bytes, screen) = pane.end();
    assert_eq!(code, 0);
    assert!(drawn < 4 * sizes, "{drawn} frames for {sizes} sizes");
    assert_given_back(&bytes, &screen);
    assert_no_banned_bytes(&bytes, sizes + 1);
}

/// Keys that change nothing on the screen send nothing.
#[test]
fn an_unchanged_frame_sends_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let mut pane = demo(folder.path());
    // Nothing follows this one: the demo's clock stands still.
    pane.keys("?");
    pane.shows("row up");
    let (frames, bytes) = (pane.frames(), pane.bytes.len());
    pane.keys(&"\x1b[A".repeat(30));
    pane.keys("zzz");
    pane.shows("zzz");
    assert!(pane.frames() - frames <= 3, "{} frames for three letters", pane.frames() - frames);
    assert!(pane.bytes.len() - bytes < 8_000, "{} bytes", pane.bytes.len() - bytes);
    pane.keys("\x1b");
    pane.until("the search is cleared", |text| !text.contains("zzz"));
    pane.keys("\x03");
    assert_eq!(pane.end().0, 0);
}

/// Control-z gives the shell its terminal, and `fg` brings the screen back as it was.
#[test]
fn suspended_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = CommandBuilder::new("bash");
    shell.args(["--norc", "--noprofile", "-i"]);
    shell.env("PS1", "shell> ");
    shell.env("TERM", "xterm-256color");
    shell.env("HISTFILE", "");
    let mut pane = Pane::run(shell, (80, 24));
    pane.shows("shell> ");
    let program = env!("CARGO_BIN_EXE_cloutop");
    let folder = folder.path().display();
    pane.keys(&format!(
        "{program} --demo --now 2026-03-03T14:32:07Z --config {folder}/c.toml --data-dir {folder}/d\r"
    ));
    pane.until("the board with its past", |text| board().iter().all(|row| text.contains(row.as_str())));
    pane.keys("\r");
    pane.shows("┌─ Channels");
    for _ in 0..2 {
        pane.keys("\x1a");
        pane.shows("Stopped");
        assert!(!pane.screen.screen().alternate_screen(), "the shell has its screen");
        assert_eq!(pane.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        pane.keys("echo free$((40 + 2))\r");
        pane.shows("free42");
        pane.keys("fg\r");
        pane.shows("┌─ Channels");
        assert!(pane.screen.screen().alternate_screen());
    }
    pane.keys("h");
    pane.shows("┌─ Board");
    pane.keys("q");
    pane.until("the shell again", |text| text.contains("free42") && !text.contains("┌─ Board"));
    pane.keys("exit\r");
    let (_, bytes, screen) = pane.end();
    assert_given_back(&bytes, &screen);
    // Two sizes of none: coming back clears nothing, the other screen is empty by itself.
    assert_no_banned_bytes(&bytes, 1);
}

/// However it ends, the terminal is given back.
#[test]
fn every_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut pane = demo(folder.path());
    pane.keys("\x03");
    let (code, bytes, screen) = pane.end();
    assert_eq!(code, 0, "control-c is a key like q");
    assert_given_back(&bytes, &screen);
    for (name, expected) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let pane = demo(folder.path());
        pane.signal(name);
        let (code, bytes, screen) = pane.end();
        assert_eq!(code, expected, "{name}");
        assert_given_back(&bytes, &screen);
    }
}

/// A closed window must not leave a process behind.
#[test]
fn a_terminal_that_goes_away_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let demo = cloutop(folder.path(), &["--demo", "--now", "2026-03-03T14:32:07Z"]);
    assert_eq!(pane::hang_up(demo, "┌─ Board"), 129);
}

/// Colours are written only where they are wanted.
#[test]
fn no_color_writes_no_colour() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = cloutop(folder.path(), &["--demo", "--now", "2026-03-03T14:32:07Z"]);
    command.env("NO_COLOR", "1");
    let mut pane = Pane::run(command, (80, 24));
    pane.until("the board", |text| board().iter().all(|row| text.contains(row.as_str())));
    // Reverse and bold are left: without them nothing would say what is selected.
    let selected = pane.text().lines().position(|line| line.contains('▸')).unwrap();
    let cell = |pane: &Pane, row: usize, column: u16| {
        pane.screen.screen().cell(u16::try_from(row).unwrap(), column).unwrap().clone()
    };
    assert!(cell(&pane, selected, 5).inverse() && !cell(&pane, selected + 1, 5).inverse());
    assert!(cell(&pane, 0, 1).bold(), "the header");
    pane.keys("\rq");
    let (_, bytes, _) = pane.end();
    let text = String::from_utf8_lossy(&bytes);
    for sequence in text.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m')) {
        let parameters: Vec<&str> = sequence.0.split([';', ':']).collect();
        let is_style = parameters.iter().all(|n| n.is_empty() || n.bytes().all(|b| b.is_ascii_digit()));
        let colour = |n: &str| {
            n.parse().is_ok_and(|n: u32| {
                (30..=38).contains(&n) || (40..=48).contains(&n) || (90..=107).contains(&n)
            })
        };
        assert!(!is_style || !parameters.iter().any(|n| colour(n)), "{:?}", sequence.0);
    }
}

#[test]
fn a_running_board_moves_by_itself_and_outlives_a_broken_server() {
    let folder = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicBool::new(false));
    let server = rising::rising(&broken, "a post");
    rising::configure(folder.path(), &server);
    let mut pane = Pane::run(cloutop(folder.path(), &[]), (80, 24));
    // No key is pressed from here to the second change.
    for favourites in ["9 favourites on \"a post\""; 2] {
        pane.shows(favourites);
        pane.resize((90, 24));
    }
    broken.store(true, Ordering::Relaxed);
    pane.shows("the server answered 500");
    pane.until("held points are marked", |text| text.contains('*') && text.contains("are held"));
    pane.keys("\r");
    pane.shows("┌─ Channels");
    pane.shows("HALT");
    broken.store(false, Ordering::Relaxed);
    pane.shows("LIVE");
    // What was read is on disk although nobody quit.
    pane.signal("KILL");
    pane.end();
    let posts = std::process::Command::new(env!("CARGO_BIN_EXE_cloutop"))
        .args(["posts", "ADA", "--json"])
        .env("CLOUTOP_CONFIG", folder.path().join("config.toml"))
        .env("CLOUTOP_DATA_DIR", folder.path().join("data"))
        .output()
        .unwrap();
    let posts: serde_json::Value = serde_json::from_slice(&posts.stdout).unwrap();
    assert!(posts["channels"][0]["posts"][0]["likes"].as_u64().unwrap() >= 38, "{posts}");
}
