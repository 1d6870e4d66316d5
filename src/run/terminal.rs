//! The terminal: taken over, drawn on, given back.

use crate::app::{App, Key};
use crate::ui;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, KeyCode, KeyEvent,
    KeyEventKind, KeyModifiers,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::{Backend, ClearType, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is ours. A panic on any thread gives it back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct Terminal {
    backend: CrosstermBackend<Stdout>,
    /// What the terminal shows.
    shown: Buffer,
    /// Terminals cut or wrap what they show when their size changes, even if it changes back at once.
    resized: bool,
    title: String,
}

impl Terminal {
    pub(super) fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        // Mouse reporting stays off, so that text can be selected.
        execute!(io::stdout(), EnterAlternateScreen, EnableFocusChange, EnableBracketedPaste, cursor::Hide)?;
        let size = crossterm::terminal::size()?;
        let mut terminal = Self {
            backend: CrosstermBackend::new(io::stdout()),
            shown: Buffer::empty(Rect::default()),
            resized: false,
            title: String::new(),
        };
        terminal.clear(size)?;
        Ok(terminal)
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
        ui::render(app, area, &mut next);
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
        if title != self.title {
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
        let _ = execute!(
            io::stdout(),
            DisableBracketedPaste,
            DisableFocusChange,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

/// A key press as the screen knows it. Releases, which some terminals send, are no presses.
pub(super) fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char(c) if control => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::F(1) => Key::F1,
        _ => return None,
    })
}
