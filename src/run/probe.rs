//! What the terminal is like, asked once before the first frame: its background, and how wide it draws signs whose
//! width is ambiguous.
//!
//! Both questions go out together with a request for the cursor's position, which every terminal answers: when that
//! answer is there, nothing more will come. Terminals that are silent cost [`PATIENCE`] and get the defaults.

use crate::app::Ground;
use std::time::Duration;

/// How long the terminal may take to answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the terminal said of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminal {
    pub ground: Option<Ground>,
    /// A sign like ▲ takes two columns here.
    pub wide: bool,
    /// It has not answered in time; what it says later is no keys.
    pub late: bool,
}

/// Asks for the background (OSC 11), draws a sign at the left edge, asks where the cursor is (CPR), and takes the
/// sign away again.
#[cfg(unix)]
const QUESTION: &[u8] = b"\x1b]11;?\x1b\\\r\xe2\x96\xb2\x1b[6n\r\x1b[K";

#[cfg(unix)]
pub fn probe() -> Terminal {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use std::io::{Read, Write};
    let Ok(mut tty) = std::fs::File::options().read(true).write(true).open("/dev/tty") else {
        return Terminal::default();
    };
    if crossterm::terminal::enable_raw_mode().is_err() {
        return Terminal::default();
    }
    let mut answer = Vec::new();
    let began = std::time::Instant::now();
    let asked = tty.write_all(QUESTION).and_then(|()| tty.flush());
    while asked.is_ok() && !is_whole(&answer) {
        let left = PATIENCE.saturating_sub(began.elapsed());
        if left.is_zero() {
            break;
        }
        let wait = Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 });
        let mut ready = [PollFd::new(&tty, PollFlags::IN)];
        if !poll(&mut ready, Some(&wait)).is_ok_and(|ready| ready > 0) {
            break;
        }
        let mut chunk = [0; 256];
        match tty.read(&mut chunk) {
            Ok(n @ 1..) => answer.extend_from_slice(&chunk[..n]),
            _ => break,
        }
    }
    let _ = crossterm::terminal::disable_raw_mode();
    read(&answer)
}

#[cfg(not(unix))]
pub fn probe() -> Terminal {
    Terminal::default()
}

/// Whether the answer to the last question is there.
fn is_whole(answer: &[u8]) -> bool {
    column(answer).is_some()
}

/// The column of a cursor position report, `ESC [ row ; column R`.
fn column(answer: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(answer);
    text.split("\x1b[").skip(1).find_map(|part| {
        let (row, column) = part.split_once('R')?.0.split_once(';')?;
        row.parse::<u32>().ok()?;
        column.parse().ok()
    })
}

/// The background of an answer to OSC 11, `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`, with one to four digits a part.
fn ground(answer: &[u8]) -> Option<Ground> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("]11;rgb")?;
    let rest = rest.trim_start_matches('a').strip_prefix(':')?;
    let end = rest.find(['\x07', '\x1b', '\u{9c}']).unwrap_or(rest.len());
    let parts: Vec<f64> = rest
        .get(..end)?
        .split('/')
        .map(|part| {
            let most = 16f64.powi(i32::try_from(part.len()).ok()?) - 1.0;
            Some(f64::from(u32::from_str_radix(part, 16).ok()?) / most)
        })
        .collect::<Option<_>>()?;
    let [r, g, b, ..] = parts[..] else { return None };
    // Perceived lightness (Rec. 601).
    Some(if 0.299 * r + 0.587 * g + 0.114 * b > 0.5 { Ground::Light } else { Ground::Dark })
}

fn read(answer: &[u8]) -> Terminal {
    let column = column(answer);
    Terminal {
        ground: ground(answer),
        wide: column.is_some_and(|column| column >= 3),
        late: column.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_terminals_are_read() {
        for (answer, expected) in [
            (
                "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[1;2R",
                Terminal { ground: Some(Ground::Dark), wide: false, late: false },
            ),
            (
                "\x1b]11;rgb:ff/ff/ff\x07\x1b[24;3R",
                Terminal { ground: Some(Ground::Light), wide: true, late: false },
            ),
            (
                "\x1b]11;rgba:ffff/ffff/f0f0/ffff\x07\x1b[1;2R",
                Terminal { ground: Some(Ground::Light), ..Terminal::default() },
            ),
            ("\x1b[1;2R", Terminal::default()),
            ("", Terminal { late: true, ..Terminal::default() }),
            ("jj\x1b[A\x1b]11;rgb:zz/00/00\x07", Terminal { late: true, ..Terminal::default() }),
        ] {
            assert_eq!(read(answer.as_bytes()), expected, "{answer:?}");
        }
    }
}
