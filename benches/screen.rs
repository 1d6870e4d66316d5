#![allow(clippy::unwrap_used, reason = "a measurement ends at the first thing that is wrong")]
#![allow(clippy::print_stdout, reason = "a table is what it is run for")]
//! What a frame costs: `cargo bench --bench screen`.
//!
//! One table: drawing a large frame and bringing a terminal up to date with it, beside the same cells drawn by a bare
//! loop of the same library; and a key's way through a pseudo-terminal to the frame it changes, beside a letter's way
//! through `cat`. Times are medians of repeated runs.

#[path = "../tests/support/screens.rs"]
mod screens;

use cloutop::app::{App, Effect, Message, update};
use cloutop::model::PersonId;
use cloutop::pipeline::{Data, Query};
use cloutop::ui;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget};
use std::hint::black_box;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (200, 60);
const PEOPLE: i64 = 50;

fn main() {
    println!("{:<66} {:>12} {:>9}", "operation", "time", "bytes");
    frames();
    keys();
}

fn row(name: &str, time: Option<Duration>, bytes: Option<usize>) {
    let time = time.map_or_else(String::new, |time| format!("{:.1} us", time.as_secs_f64() * 1e6));
    let bytes = bytes.map_or_else(String::new, |bytes| bytes.to_string());
    println!("{name:<66} {time:>12} {bytes:>9}");
}

fn median(times: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..times).map(|_| run()).collect();
    all.sort();
    all[times / 2]
}

fn timed(mut work: impl FnMut()) -> Duration {
    median(200, || {
        let began = Instant::now();
        work();
        began.elapsed()
    })
}

/// The demo's people as often as makes fifty, each with a trend, and a chart of one.
fn crowd() -> App {
    let mut app = screens::press(screens::app(SIZE), "");
    let people = app.people.clone();
    let mut asked = Vec::new();
    for number in people.len().try_into().unwrap()..PEOPLE {
        let mut person = people[usize::try_from(number).unwrap() % people.len()].clone();
        person.id = PersonId(1_000 + number);
        person.symbol = format!("P{number}");
        asked.extend(update(&mut app, Message::Person(Box::new(person))));
    }
    let series = app.series(&app.trend_query(people[0].id)).cloned();
    for effect in asked {
        if let Effect::Load(query @ Query::Series { .. }) = effect {
            update(&mut app, Message::Loaded(query, Data::Series(series.clone())));
        }
    }
    app
}

/// The bytes that bring a terminal from one frame to another.
fn bytes(from: &Buffer, to: &Buffer) -> usize {
    let mut written = Vec::new();
    let mut backend = CrosstermBackend::new(&mut written);
    backend.draw(from.diff_iter(to)).unwrap();
    Backend::flush(&mut backend).unwrap();
    written.len()
}

fn frames() {
    let app = crowd();
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut frame = Buffer::empty(area);
    ui::render(&app, area, &mut frame);
    let name = format!("{}x{}, {PEOPLE} people with trends, a chart", SIZE.0, SIZE.1);
    let render = timed(|| {
        frame.reset();
        black_box(ui::render(&app, area, &mut frame));
    });
    row(&format!("frame drawn: {name}"), Some(render), None);
    let text = cloutop::run::frame_text(&frame);
    let lines: Vec<ratatui::text::Line<'_>> = text.lines().map(Into::into).collect();
    let mut bare = Buffer::empty(area);
    let floor = timed(|| {
        bare.reset();
        Paragraph::new(lines.clone()).render(area, &mut bare);
        black_box(&bare);
    });
    row("  floor: the same characters as one paragraph", Some(floor), None);
    let empty = Buffer::empty(area);
    for (name, from) in [("all of it sent", &empty), ("an unchanged frame sent", &frame)] {
        let time = timed(|| {
            black_box(bytes(from, &frame));
        });
        row(name, Some(time), Some(bytes(from, &frame)));
    }
    let mut later = app.clone();
    update(&mut later, Message::Clock(app.now + chrono::TimeDelta::seconds(1)));
    let mut next = Buffer::empty(area);
    ui::render(&later, area, &mut next);
    row("a second later, every age and countdown has changed", None, Some(bytes(&frame, &next)));
    let mut moved = app.clone();
    update(&mut moved, Message::Key(cloutop::keys::Key::Down));
    let mut next = Buffer::empty(area);
    ui::render(&moved, area, &mut next);
    row("the selection moved by a row", None, Some(bytes(&frame, &next)));
}

/// A program in a pseudo-terminal, with what it has written since.
struct Pane {
    keyboard: Box<dyn Write + Send>,
    output: std::sync::mpsc::Receiver<Vec<u8>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Pane {
    fn run(command: CommandBuilder) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let (tell, output) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 16_384];
            while let Ok(n @ 1..) = reader.read(&mut chunk) {
                if tell.send(chunk[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { keyboard, output, child, _master: pair.master }
    }

    /// What comes until `end` has come, or nothing for so long.
    fn until(&mut self, end: &[u8], patience: Duration) -> Vec<u8> {
        let mut seen = Vec::new();
        while !seen.windows(end.len()).any(|window| window == end) {
            match self.output.recv_timeout(patience) {
                Ok(bytes) => seen.extend(bytes),
                Err(_) => break,
            }
        }
        seen
    }

    fn press(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
        self.keyboard.flush().unwrap();
    }

    fn echo(&mut self, keys: &[u8], end: &[u8]) -> (Duration, usize) {
        let began = Instant::now();
        self.press(keys);
        let seen = self.until(end, Duration::from_secs(5));
        (began.elapsed(), seen.len())
    }
}

fn keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cloutop"));
    command.args(["--demo", "--now", "2026-03-03T14:32:07Z"]);
    command.env("CLOUTOP_CONFIG", folder.path().join("config.toml"));
    command.env("CLOUTOP_DATA_DIR", folder.path().join("data"));
    command.env("TERM", "xterm-256color");
    let mut pane = Pane::run(command);
    let silence = Duration::from_secs(2);
    // The demo lives through its past first; then it is quiet.
    pane.until(b"never", Duration::from_secs(20));
    let mut sizes = Vec::new();
    let mut down = false;
    let time = median(101, || {
        down = !down;
        let (time, bytes) = pane.echo(if down { b"j" } else { b"k" }, b"\x1b[?2026l");
        sizes.push(bytes);
        time
    });
    sizes.sort_unstable();
    row("key to frame in a pty, 80x24, the selection moves", Some(time), Some(sizes[sizes.len() / 2]));
    pane.until(b"never", silence);
    pane.press(b"\x1b");
    row("a key that changes nothing", None, Some(pane.until(b"never", silence).len()));
    pane.press(b"q");
    pane.child.wait().unwrap();
    let mut cat = Pane::run(CommandBuilder::new("cat"));
    cat.press(b"x\n");
    cat.until(b"never", Duration::from_millis(300));
    let floor = median(101, || {
        let (time, _) = cat.echo(b"x\n", b"x\r\nx\r\n");
        time
    });
    row("  floor: a line through cat in a pty", Some(floor), None);
    cat.press(b"\x04");
    cat.child.wait().unwrap();
}
