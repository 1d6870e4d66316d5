//! The terminal: taken over, drawn on, given back.

use crate::app::{App, Target};
use crate::ui;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::{Backend, ClearType, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// xterm's stack of titles: the one that is there now comes back in the end.
const KEEP_TITLE: &str = "\x1b[22;2t";
const GIVE_BACK_TITLE: &str = "\x1b[23;2t";

/// Whether the terminal is ours. A panic on any thread gives it back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct Terminal {
    backend: CrosstermBackend<Stdout>,
    /// What the terminal shows.
    shown: Buffer,
    /// Where a click on it means something.
    spots: Vec<ui::Spot>,
    mouse: bool,
    /// Terminals cut or wrap what they show when their size changes, even if it changes back at once.
    resized: bool,
    title: String,
}

impl Terminal {
    pub(super) fn take(mouse: bool) -> io::Result<Self> {
        let mut terminal = Self {
            backend: CrosstermBackend::new(io::stdout()),
            shown: Buffer::empty(Rect::default()),
            spots: Vec::new(),
            mouse,
            resized: false,
            title: String::new(),
        };
        terminal.retake()?;
        Ok(terminal)
    }

    /// Takes the terminal, also one that was ours before: a shell may have had it meanwhile.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        execute!(
            io::stdout(),
            Print(KEEP_TITLE),
            EnterAlternateScreen,
            EnableFocusChange,
            EnableBracketedPaste,
            cursor::Hide
        )?;
        if self.mouse {
            report_mouse(true)?;
        }
        self.title.clear();
        // The other screen is empty when it is entered; whatever was known of it is not true any more.
        let (columns, rows) = crossterm::terminal::size()?;
        let mut unknown = Cell::default();
        // No cell of ours has a background, so that none is like this one.
        unknown.set_bg(Color::Indexed(0));
        self.shown = Buffer::filled(Rect::new(0, 0, columns, rows), unknown);
        Ok(())
    }

    /// Whether clicks and the wheel are reported to us.
    pub(super) fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        report_mouse(mouse)
    }

    /// What a click at a place of the last frame means.
    pub(super) fn hit(&self, column: u16, row: u16) -> Option<Target> {
        ui::hit(&self.spots, column, row)
    }

    /// Puts text into the terminal's clipboard (OSC 52), which works over ssh, too.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.backend, CopyToClipboard::to_clipboard_from(text))
    }

    fn clear(&mut self, size: (u16, u16)) -> io::Result<()> {
        self.backend.clear_region(ClearType::All)?;
        self.shown = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        self.resized = false;
        Ok(())
    }

    /// The next frame is drawn whole.
    pub(super) fn resized(&mut self) {
        self.resized = true;
    }

    /// Brings the terminal up to date. What has not changed is not sent, and a frame that has not changed
    /// sends nothing.
    pub(super) fn draw(&mut self, app: &App) -> io::Result<()> {
        let area = Rect::new(0, 0, app.size.0, app.size.1);
        let mut next = Buffer::empty(area);
        self.spots = ui::render(app, area, &mut next);
        let resized = self.resized || self.shown.area != area;
        if !resized && next == self.shown {
            return Ok(());
        }
        queue!(self.backend, BeginSynchronizedUpdate)?;
        if resized {
            self.clear(app.size)?;
        }
        self.backend.draw(self.shown.diff_iter(&next))?;
        let title = ui::title(app);
        if app.titled && title != self.title {
            queue!(self.backend, SetTitle(&title))?;
            self.title = title;
        }
        queue!(self.backend, EndSynchronizedUpdate)?;
        Write::flush(&mut self.backend)?;
        self.shown = next;
        Ok(())
    }

    /// Writes what is no part of a frame: a bell, or a notification.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(&mut self.backend, bytes)?;
        Write::flush(&mut self.backend)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back as it was. Safe to call from anywhere and more than once.
pub(super) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // On the way out there is nobody to tell about a terminal that went away.
        let _ = report_mouse(false);
        let _ = execute!(
            io::stdout(),
            DisableBracketedPaste,
            DisableFocusChange,
            LeaveAlternateScreen,
            Print(GIVE_BACK_TITLE),
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

/// Buttons and the wheel (mode 1000), with coordinates beyond 223 (mode 1006). Nothing reports motion: a flood of
/// bytes for something nobody needs.
#[cfg(unix)]
fn report_mouse(on: bool) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(if on { b"\x1b[?1000h\x1b[?1006h" } else { b"\x1b[?1006l\x1b[?1000l" })?;
    out.flush()
}

/// Windows consoles report through their own interface.
#[cfg(not(unix))]
fn report_mouse(on: bool) -> io::Result<()> {
    use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
    if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}
