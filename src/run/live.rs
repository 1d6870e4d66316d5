//! The screen in a terminal: one loop that waits for keys, clicks, answers, the clock and signals.
//!
//! ```text
//! keys, clicks, resize, clock, signal ─┐
//! answers of the store ────────────────┼─> Message ─> update ─> Effects ─> store, poller, look-ups
//! look-ups ────────────────────────────┘                 └─> draw, when something changed
//! ```

use super::courier::{Courier, News};
use super::keyboard::Keyboard;
use super::screen::{Code, HUNG_UP, Queues, Screen, ScreenError, Setup, Wish, news, with};
use super::terminal::{Terminal, give_back};
use crate::app::{Message, Target};
use crate::http::Fetch;
use crate::pipeline::{Answer, Query};
use chrono::TimeDelta;
use crossterm::event::{Event, EventStream, MouseButton, MouseEventKind};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A size is taken when it has stayed for so long: while a window is dragged there is one every few milliseconds.
const SETTLED: Duration = Duration::from_millis(30);

/// Waits until a size has settled; for ever while none has changed.
async fn settled(since: Option<tokio::time::Instant>) {
    match since {
        Some(since) => tokio::time::sleep_until(since + SETTLED).await,
        None => std::future::pending().await,
    }
}

/// Shows the screen until somebody quits or a signal comes.
pub async fn screen<F: Fetch>(setup: Setup<F>) -> Result<Code, ScreenError> {
    let show = async |screen: &mut Screen<F>, queues: Queues<'_>| {
        let Queues { addresses, courier, answers, messages, cancel } = queues;
        screen.run(addresses, courier, answers, messages, cancel).await
    };
    with(setup, show).await
}

impl<F: Fetch> Screen<F> {
    async fn run(
        &mut self,
        addresses: Vec<String>,
        mut courier: Option<&mut Courier>,
        answers: &mut mpsc::Receiver<Answer>,
        messages: &mut mpsc::Receiver<Message>,
        cancel: &CancellationToken,
    ) -> Result<Code, ScreenError> {
        // Before the terminal is taken: from then on no signal may end the program by itself.
        let stop = crate::signals::stop();
        tokio::pin!(stop);
        let continued = crate::signals::continued();
        tokio::pin!(continued);
        let mut terminal = Terminal::take(self.app.mouse)?;
        self.app.size = crossterm::terminal::size()?;
        let mut events = EventStream::new();
        let mut keyboard = Keyboard::default();
        let mut resized = None;
        let now = self.clock.now();
        let since = now - TimeDelta::hours(24);
        self.load(Query::Everybody(self.app.range));
        self.load(Query::Ticks { since, most: 100 });
        for address in addresses {
            self.open_address(address);
        }
        terminal.draw(&self.app)?;
        loop {
            let next_tick = self.next_tick();
            let message = tokio::select! {
                () = cancel.cancelled() => return Ok(1),
                code = &mut stop => return Ok(code),
                event = events.next() => match event {
                    Some(event) => {
                        let event = event?;
                        if matches!(event, Event::Resize(..)) {
                            terminal.resized();
                            resized = Some(tokio::time::Instant::now());
                            continue;
                        }
                        self.on_event(&event, &terminal, &mut keyboard)
                    }
                    // The terminal went away.
                    None => return Ok(HUNG_UP),
                },
                () = settled(resized) => {
                    resized = None;
                    let (columns, rows) = crossterm::terminal::size()?;
                    Some(Message::Resize(columns, rows))
                }
                // A shell may have had the terminal; the clock has gone on.
                Some(()) = continued.next() => {
                    terminal.retake()?;
                    resized = Some(tokio::time::Instant::now());
                    Some(Message::Clock(self.clock.now()))
                }
                news = news(courier.as_deref_mut()) => self.on_news(news, &mut terminal)?,
                answer = answers.recv() => match answer {
                    Some(answer) => self.on_answer(answer, courier.as_deref_mut()),
                    None => return Err(ScreenError::StoreGone),
                },
                Some(message) = messages.recv() => Some(message),
                () = self.clock.sleep_until(next_tick) => Some(Message::Clock(self.clock.now())),
            };
            if let Some(message) = message
                && self.take(message)
            {
                return Ok(0);
            }
            // Whatever is ready is taken in before the next frame.
            while let Ok(answer) = answers.try_recv() {
                if let Some(message) = self.on_answer(answer, courier.as_deref_mut()) {
                    self.take(message);
                }
            }
            self.fulfil(&mut terminal)?;
            // What is drawn in a size that is about to change is drawn for nobody.
            if resized.is_none() {
                terminal.draw(&self.app)?;
            }
        }
    }

    /// Does what the last message wished of the terminal.
    fn fulfil(&mut self, terminal: &mut Terminal) -> std::io::Result<()> {
        match self.wish.take() {
            Some(Wish::Mouse(on)) => terminal.set_mouse(on),
            Some(Wish::Copy(text)) => terminal.copy(&text),
            Some(Wish::Suspend) => {
                give_back();
                crate::signals::suspend();
                // From here on the shell has brought us to the front again.
                terminal.retake()
            }
            None => Ok(()),
        }
    }

    fn on_event(&mut self, event: &Event, terminal: &Terminal, keyboard: &mut Keyboard) -> Option<Message> {
        match event {
            Event::Key(event) => keyboard.key(*event).map(Message::Key),
            Event::Paste(text) => Some(Message::Paste(text.clone())),
            Event::Resize(columns, rows) => Some(Message::Resize(*columns, *rows)),
            Event::FocusGained => {
                self.take(Message::Clock(self.clock.now()));
                Some(Message::Focus(true))
            }
            Event::FocusLost => Some(Message::Focus(false)),
            Event::Mouse(event) => match event.kind {
                MouseEventKind::Down(MouseButton::Left) => {
                    let target = terminal.hit(event.column, event.row).unwrap_or(Target::Nothing);
                    Some(Message::Click(target))
                }
                MouseEventKind::ScrollDown => Some(Message::Wheel(1)),
                MouseEventKind::ScrollUp => Some(Message::Wheel(-1)),
                _ => None,
            },
        }
    }

    /// What became of an alert.
    fn on_news(&self, news: News, terminal: &mut Terminal) -> std::io::Result<Option<Message>> {
        if let News::Write(bytes) = &news {
            terminal.write(bytes)?;
        }
        Ok(self.note(news))
    }
}
