//! The screen without a screen: lines come in, sentences go out, one `select!` as for the screen.
//!
//! What is said is made by [`crate::report::plain`]; here is when. A question is answered before the next line is
//! read, with everything that was known when it was asked: the store works in order, so whatever it was asked is
//! there when it says that it has done all of it.

use super::courier::News;
use super::screen::{Code, HUNG_UP, Queues, Screen, ScreenError, Setup, news, went_away, with};
use crate::app::{Message, Mode, refresh};
use crate::clock::Clock;
use crate::http::Fetch;
use crate::model::{PersonSnapshot, Time};
use crate::pipeline::{Data, Query, Work};
use crate::report::plain::{self, Command, Loaded};
use crate::text;
use std::collections::HashSet;
use std::io::{self, BufRead, Read, Write};
use tokio::sync::{mpsc, oneshot};

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4_096;

/// Says what happens and answers what is asked until somebody quits, the input ends or a signal comes.
pub async fn plain<F: Fetch>(mut setup: Setup<F>) -> Result<Code, ScreenError> {
    // Under a clock that stands still nothing ever happens.
    if matches!(setup.clock, Clock::Frozen(_)) {
        setup.poller = None;
    }
    if setup.poller.is_none() {
        setup.app.mode = Mode::Offline;
    }
    let show = async |screen: &mut Screen<F>, queues: Queues<'_>| {
        // Nobody looks at a clock: it ticks twice a minute.
        screen.app.focused = false;
        let mut plain =
            Plain { screen, told: None, since: Time::MIN_UTC, loaded: Loaded::new(), asked: None };
        match plain.run(queues).await {
            // Whoever read has had enough.
            Err(ScreenError::Terminal(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
            ended => ended,
        }
    };
    with(setup, show).await
}

struct Plain<'s, F> {
    screen: &'s mut Screen<F>,
    /// Entries of the log that were said, or were there before; nothing is said before there is a beginning.
    told: Option<HashSet<(String, Time)>>,
    /// When it began: what is older is no news.
    since: Time,
    loaded: Loaded,
    /// The question that waits for its answer, and the store's word that all is there.
    asked: Option<(Command, oneshot::Receiver<()>)>,
}

impl<F: Fetch> Plain<'_, F> {
    async fn run(&mut self, queues: Queues<'_>) -> Result<Code, ScreenError> {
        let Queues { addresses, mut courier, answers, messages, cancel } = queues;
        let stop = crate::signals::stop();
        tokio::pin!(stop);
        let mut lines = read_lines()?;
        for address in addresses {
            self.screen.open_address(address);
        }
        self.ask(Command::Summary);
        loop {
            let next_tick = self.screen.next_tick();
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(1),
                code = &mut stop => return Ok(code),
                answer = answers.recv() => match answer {
                    Some(answer) => {
                        if let Some(message) = self.screen.on_answer(answer, courier.as_deref_mut()) {
                            self.take(message)?;
                        }
                    }
                    None => return Err(ScreenError::StoreGone),
                },
                Some(message) = messages.recv() => self.take(message)?,
                news = news(courier.as_deref_mut()) => self.on_news(news)?,
                command = asked(&mut self.asked) => if self.answer(&command)? {
                    return Ok(0);
                },
                line = lines.recv(), if self.asked.is_none() => match line {
                    Some(Ok(line)) => self.hear(&line)?,
                    Some(Err(error)) if went_away(&error) => return Ok(HUNG_UP),
                    Some(Err(error)) => return Err(error.into()),
                    None => return Ok(0),
                },
                () = self.screen.clock.sleep_until(next_tick) => {
                    let now = self.screen.clock.now();
                    self.take(Message::Clock(now))?;
                }
            }
        }
    }

    fn hear(&mut self, line: &str) -> io::Result<()> {
        match plain::parse(&self.screen.app, &text::clean(line)) {
            Ok(command) => {
                if let Command::Range(range) = command {
                    self.screen.app.range = range;
                }
                self.ask(command);
                Ok(())
            }
            Err(mistake) => say(&mistake),
        }
    }

    /// Loads what the answer needs.
    fn ask(&mut self, command: Command) {
        self.screen.load(Query::Everybody(self.screen.app.range));
        self.screen.load(Query::Log);
        if let Some(query) = command.query() {
            self.screen.load(query);
        }
        let (done, synced) = oneshot::channel();
        let _ = self.screen.work.try_send(Work::Sync(done));
        self.asked = Some((command, synced));
    }

    /// Returns whether it is to end.
    fn answer(&mut self, command: &Command) -> io::Result<bool> {
        if let (Command::Refresh(_), Mode::Offline) = (command, self.screen.app.mode) {
            say("Nobody is asked here: the clock stands still, or the network is never opened.")?;
        } else if let Command::Refresh(person) = command {
            let people = self.screen.app.people.iter().filter(|known| person.is_none_or(|id| id == known.id));
            let channels = people.flat_map(PersonSnapshot::polled).map(|channel| channel.id).collect();
            for effect in refresh(&mut self.screen.app, channels) {
                self.screen.carry_out(effect);
            }
        }
        self.say_notice()?;
        for words in plain::answer(&self.screen.app, command, &self.loaded) {
            say(&words)?;
        }
        self.loaded.clear();
        // What was heard is no longer new.
        let heard = command.entries(&self.screen.app).into_iter().filter(|entry| entry.unread);
        let heard: Vec<String> = heard.map(crate::bumps::Entry::key).collect();
        if !heard.is_empty() {
            let _ = self.screen.work.try_send(Work::See(heard));
        }
        if self.told.is_none() {
            self.since = self.screen.clock.now();
            let known = self.screen.app.log().iter().map(|entry| (entry.key(), entry.at()));
            self.told = Some(known.collect());
            say("Type help for commands.")?;
        }
        Ok(*command == Command::Quit)
    }

    fn on_news(&mut self, news: News) -> io::Result<()> {
        match self.screen.note(news) {
            Some(message) => self.take(message),
            None => Ok(()),
        }
    }

    /// Takes a message in, and says what is new in it.
    fn take(&mut self, message: Message) -> io::Result<()> {
        let message = match message {
            Message::Loaded(query, data) if query != Query::Log => {
                self.loaded.insert(query, data);
                return Ok(());
            }
            other => other,
        };
        let words = self.news_of(&message);
        self.screen.take(message);
        for words in words {
            say(&words)?;
        }
        self.say_notice()
    }

    fn news_of(&mut self, message: &Message) -> Vec<String> {
        let (Some(told), app) = (&mut self.told, &self.screen.app) else { return Vec::new() };
        match message {
            Message::Person(person) => {
                let before = app.person(person.id);
                before.map(|before| plain::changed(app, before, person)).unwrap_or_default()
            }
            Message::Ticks(ticks) => plain::ticks(app, ticks),
            Message::Loaded(Query::Log, Data::Log(log)) => {
                let new =
                    log.iter().rev().filter(|entry| entry.at() >= self.since && !plain::is_state(entry));
                new.filter(|entry| told.insert((entry.key(), entry.at())))
                    .map(|entry| plain::entry(app, entry))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn say_notice(&mut self) -> io::Result<()> {
        match self.screen.app.notice.take() {
            Some(notice) => say(&plain::sentence(&notice)),
            None => Ok(()),
        }
    }
}

/// Waits until the store has done all that was asked.
async fn asked(waiting: &mut Option<(Command, oneshot::Receiver<()>)>) -> Command {
    match waiting {
        Some((_, synced)) => {
            // A store that has ended is noticed by its answers.
            let _ = synced.await;
        }
        None => std::future::pending().await,
    }
    waiting.take().map_or(Command::Summary, |(command, _)| command)
}

/// Writes one line. It is out before the next is made.
fn say(words: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{}\n", plain::line(words)).as_bytes())?;
    out.flush()
}

/// Lines of the input, read on a thread of its own, which may wait for ever: the program's end ends it.
fn read_lines() -> io::Result<mpsc::Receiver<io::Result<String>>> {
    let (line, lines) = mpsc::channel(1);
    let read = move || {
        let mut input = io::stdin().lock();
        loop {
            let mut bytes = Vec::new();
            let told = match input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes) {
                Ok(0) => return,
                Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                Err(error) => Err(error),
            };
            let failed = told.is_err();
            if line.blocking_send(told).is_err() || failed {
                return;
            }
        }
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(read)?;
    Ok(lines)
}
