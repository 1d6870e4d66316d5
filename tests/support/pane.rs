#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every test binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! A terminal pane: a program runs in it, a test types and looks.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take to appear, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Pane {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    /// Everything the program wrote.
    pub bytes: Vec<u8>,
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Pane {
    pub fn run(command: CommandBuilder, columns_rows: (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size(columns_rows)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (tell, output) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 8_192];
            while let Ok(n @ 1..) = reader.read(&mut chunk) {
                if tell.send(chunk[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(columns_rows.1, columns_rows.0, 0);
        Self { master: pair.master, keyboard, child, output, screen, bytes: Vec::new() }
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    pub fn resize(&mut self, columns_rows: (u16, u16)) {
        self.master.resize(size(columns_rows)).unwrap();
        self.screen.screen_mut().set_size(columns_rows.1, columns_rows.0);
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn until(&mut self, what: &str, seen: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !seen(&self.text()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("never came: {what} ({error}); the screen is\n{}", self.text()),
            }
        }
    }

    #[track_caller]
    pub fn shows(&mut self, words: &str) {
        self.until(words, |text| text.contains(words));
    }

    /// Waits until the last line is that of another screen: it comes last in a frame.
    #[track_caller]
    pub fn hints(&mut self, words: &str) {
        self.until(words, |text| text.lines().last().is_some_and(|line| line.contains(words)));
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.bytes.extend_from_slice(bytes);
    }

    /// A click of the left button at a cell, both counted from 0.
    pub fn click(&mut self, column: usize, row: usize) {
        self.keys(&format!("\x1b[<0;{};{}M\x1b[<0;{};{}m", column + 1, row + 1, column + 1, row + 1));
    }

    /// Clicks on words that are on the screen once, or on the first of them.
    #[track_caller]
    pub fn click_on(&mut self, words: &str) {
        let text = self.text();
        let place = text.lines().enumerate().find_map(|(row, line)| {
            let (before, _) = line.split_once(words)?;
            Some((before.chars().count(), row))
        });
        let (column, row) = place.unwrap_or_else(|| panic!("{words:?} is not on the screen\n{text}"));
        self.click(column, row);
    }

    /// Turns the wheel over a cell, a row down or up.
    pub fn wheel(&mut self, down: bool) {
        self.keys(if down { "\x1b[<65;10;8M" } else { "\x1b[<64;10;8M" });
    }

    /// How many frames have been sent.
    pub fn frames(&self) -> usize {
        find(&self.bytes, "\x1b[?2026h")
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; returns the exit code and everything that was written.
    pub fn end(mut self) -> (u32, Vec<u8>, vt100::Parser) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(timeout) => panic!("it does not end ({timeout}); the screen is\n{}", self.text()),
            }
        }
        let code = self.child.wait().unwrap().exit_code();
        (code, self.bytes, self.screen)
    }
}

/// Runs a program until its screen shows some words, then takes the terminal away; returns its exit code.
pub fn hang_up(command: CommandBuilder, words: &str) -> u32 {
    let pair = native_pty_system().openpty(size((80, 24))).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut screen = vt100::Parser::new(24, 80, 0);
    let mut chunk = [0; 8_192];
    while !screen.screen().contents().contains(words) {
        let n = reader.read(&mut chunk).unwrap();
        assert!(n > 0, "it ended before it showed {words}");
        screen.process(&chunk[..n]);
    }
    drop((reader, pair.master));
    let mut killer = child.clone_killer();
    let (tell, told) = channel();
    std::thread::spawn(move || tell.send(child.wait().unwrap().exit_code()));
    told.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        killer.kill().unwrap();
        panic!("it runs on without a terminal")
    })
}

fn find(bytes: &[u8], part: &str) -> usize {
    bytes.windows(part.len()).filter(|window| *window == part.as_bytes()).count()
}

/// The terminal is as it was: no other screen, no hidden cursor, no captured mouse or paste.
#[track_caller]
pub fn assert_given_back(bytes: &[u8], screen: &vt100::Parser) {
    assert!(!screen.screen().alternate_screen(), "the other screen is still there");
    assert!(!screen.screen().hide_cursor(), "the cursor is still hidden");
    assert!(!screen.screen().bracketed_paste(), "pastes are still marked");
    assert_eq!(screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    for (on, off) in [
        ("\x1b[?1049h", "\x1b[?1049l"),
        ("\x1b[?1004h", "\x1b[?1004l"),
        ("\x1b[?1000h", "\x1b[?1000l"),
        ("\x1b[?1006h", "\x1b[?1006l"),
        ("\x1b[22;2t", "\x1b[23;2t"),
    ] {
        assert!(find(bytes, off) >= find(bytes, on).min(1), "{on:?} was never undone");
    }
}

/// What may never be written after the first frame: cursor position requests, blinking, any-motion mouse
/// reports, and a full clear except one per size.
#[track_caller]
pub fn assert_no_banned_bytes(bytes: &[u8], sizes: usize) {
    // The terminal is asked what it is like once, before the other screen is entered.
    let began = bytes.windows(8).position(|window| window == b"\x1b[?1049h").unwrap();
    let (before, bytes) = bytes.split_at(began);
    assert!(find(before, "\x1b[6n") <= 1 && find(before, "\x1b]11;?") <= 1, "asked more than once");
    for banned in [
        "\x1b[6n",
        "\x1b]11;?",
        "\x1b[5m",
        "\x1b[6m",
        "\x1b[?12h",
        "\x1b[1 q",
        "\x1b[?1002h",
        "\x1b[?1003h",
        "\x1b[?1005h",
        "\x1b[?1015h",
    ] {
        assert_eq!(find(bytes, banned), 0, "{banned:?} was written");
    }
    let blinks = String::from_utf8_lossy(bytes).split("\x1b[").skip(1).any(|rest| {
        let Some((parameters, _)) = rest.split_once('m') else { return false };
        parameters.bytes().all(|b| b.is_ascii_digit() || b == b';')
            && !parameters.contains("8;")
            && parameters.split(';').any(|part| part == "5" || part == "6")
    });
    assert!(!blinks, "something blinks");
    let clears = find(bytes, "\x1b[2J") + find(bytes, "\x1b[3J");
    assert!(clears <= sizes, "{clears} full clears for {sizes} sizes");
}
