//! What a screen is made of, and what it asks of the store, the poller and the rest of the world: the same for the
//! screen in a terminal and for the sentences of `--plain`.

use super::courier::{Courier, News};
use super::discover::{look_up, probe};
use super::outside::{self, export, leave};
use super::store::{StoreRecall, last_alerts, noted, store_thread};
use super::terminal::give_back;
use crate::app::{App, Edited, Effect, Message, Mode, update};
use crate::channels;
use crate::clock::Clock;
use crate::config::{Change, NewPerson};
use crate::deliver::terminal::Terminal as Notifier;
use crate::deliver::{NotStarted, Place};
use crate::demo::World;
use crate::http::Fetch;
use crate::model::{Account, Time};
use crate::pipeline::{Answer, Pipeline, Query, Wanted, Work};
use crate::poller::{self, Ask, Poller};
use crate::push::Push;
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long tasks may take to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long deliveries under way may take to end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Writes somebody into the configuration, and says how the store should know them.
pub type Save = Box<dyn FnMut(&NewPerson) -> Result<Wanted, String>>;

/// Whether a host may be read without encryption.
pub type AllowsHttp = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Takes somebody out of the configuration.
pub type Remove = Box<dyn FnMut(&str) -> Result<(), String>>;

/// Changes the configuration, and says what it is then; without changes it is only read.
pub type Configure = Box<dyn FnMut(&[Change]) -> Result<Edited, String>>;

/// Everything a screen is made of.
pub struct Setup<F> {
    pub app: App,
    pub pipeline: Pipeline,
    /// `None` never asks anybody.
    pub poller: Option<Arc<Poller<F>>>,
    /// Tells the poller what servers push.
    pub push: Option<Box<Push>>,
    /// The demo lives through its past first.
    pub past: Option<World>,
    pub clock: Clock,
    /// Addresses named on the command line.
    pub addresses: Vec<String>,
    pub allows_http: AllowsHttp,
    pub save: Save,
    pub remove: Remove,
    pub configure: Configure,
    /// Where alerts go beside the screen; without them there is nowhere to go.
    pub places: Option<Places>,
}

/// Places, and what the terminal can be asked to do.
#[derive(Debug)]
pub struct Places {
    pub all: Vec<Place>,
    /// `None` where nothing but lines is written.
    pub terminal: Option<Notifier>,
    /// Hosts that may be told without encryption.
    pub allow_http: Vec<String>,
}

/// Why the screen ended without having been told to.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    #[error("the store's thread has ended; what was committed is safe")]
    StoreGone,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("alerts: {0}")]
    Alerts(#[from] NotStarted),
}

/// How the screen ended: 0, or 128 and the number of the signal.
pub(super) type Code = u8;

/// The terminal went away: as after SIGHUP, which may come a moment later.
pub(super) const HUNG_UP: Code = 129;

pub(super) fn went_away(error: &std::io::Error) -> bool {
    const EIO: i32 = 5;
    error.kind() == std::io::ErrorKind::BrokenPipe || (cfg!(unix) && error.raw_os_error() == Some(EIO))
}

/// What a loop listens to, beside keys or lines.
pub(super) struct Queues<'q> {
    pub(super) addresses: Vec<String>,
    pub(super) courier: Option<&'q mut Courier>,
    pub(super) answers: &'q mut mpsc::Receiver<Answer>,
    pub(super) messages: &'q mut mpsc::Receiver<Message>,
    pub(super) cancel: &'q CancellationToken,
}

/// Starts the store's thread, the poller and the courier, lets `show` have them until it ends, and ends them.
pub(super) async fn with<F: Fetch>(
    mut setup: Setup<F>,
    show: impl AsyncFnOnce(&mut Screen<F>, Queues<'_>) -> Result<Code, ScreenError>,
) -> Result<Code, ScreenError> {
    let cancel = CancellationToken::new();
    restore_on_panic(cancel.clone());
    let (work, work_queue) = mpsc::channel(1_024);
    let (answer, mut answers) = mpsc::channel(256);
    let (told, mut messages) = mpsc::channel(64);
    let past = setup.past.take();
    let mut courier = match setup.places.take() {
        Some(Places { all, terminal, allow_http }) => {
            Some(Courier::start(all, setup.pipeline.settled()?, setup.clock, terminal, allow_http)?)
        }
        None => None,
    };
    // Whoever lives through a past first says what is due when that is done.
    let jobs = if past.is_some() { Vec::new() } else { setup.pipeline.jobs(setup.clock.now()) };
    let thread = store_thread(setup.pipeline, past, work_queue, answer, told.clone());
    let (asks, ask_queue) = mpsc::channel(64);
    let polling = setup.poller.as_ref().map(|poller| {
        let (reports, mut report_queue) = mpsc::channel(64);
        let recall = Arc::new(StoreRecall { work: work.clone(), clock: setup.clock });
        tokio::spawn(poller::run(poller.clone(), recall, jobs, ask_queue, reports, cancel.clone()));
        let work = work.clone();
        tokio::spawn(async move {
            while let Some(report) = report_queue.recv().await {
                if work.send(Work::Report(Box::new(report))).await.is_err() {
                    return;
                }
            }
        })
    });
    if let Some(push) = setup.push.take() {
        tokio::spawn(push.run(asks.clone(), cancel.clone()));
    }
    let mut screen = Screen {
        app: setup.app,
        clock: setup.clock,
        poller: setup.poller,
        allows_http: setup.allows_http,
        save: setup.save,
        remove: setup.remove,
        configure: setup.configure,
        work,
        asks,
        told,
        form: cancel.child_token(),
        cancel: cancel.clone(),
        wake: None,
        wish: None,
        keep: false,
    };
    let queues = Queues {
        addresses: setup.addresses,
        courier: courier.as_mut(),
        answers: &mut answers,
        messages: &mut messages,
        cancel: &cancel,
    };
    let code = show(&mut screen, queues).await;
    if screen.keep {
        leave(&screen.app);
    }
    // The terminal is back already. Now the tasks, then what their last reports want to be told, then the store.
    cancel.cancel();
    let work = screen.work.clone();
    drop(screen);
    if let Some(polling) = polling {
        let _ = tokio::time::timeout(PATIENCE, polling).await;
    }
    if let Some(mut courier) = courier {
        let rest = last_alerts(&work, &mut answers, &mut courier);
        let _ = tokio::time::timeout(PATIENCE, rest).await;
        for news in courier.finish(tokio::time::sleep(LAST_WORDS)).await {
            if let Some(done) = noted(news, setup.clock.now()) {
                let _ = work.send(done).await;
            }
        }
    }
    drop(work);
    drop(answers);
    let ended = tokio::task::spawn_blocking(move || thread.join());
    let _ = tokio::time::timeout(PATIENCE, ended).await;
    match code {
        Err(ScreenError::Terminal(error)) if went_away(&error) => Ok(HUNG_UP),
        code => code,
    }
}

/// A panic anywhere gives the terminal back and ends the program: a half-dead one would go on drawing
/// over the shell.
fn restore_on_panic(cancel: CancellationToken) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::contain::is_contained() {
            give_back();
            cancel.cancel();
        }
        before(panic);
    }));
}

/// What only the terminal can do.
pub(super) enum Wish {
    Mouse(bool),
    Copy(String),
    Suspend,
}

pub(super) struct Screen<F> {
    pub(super) app: App,
    pub(super) clock: Clock,
    poller: Option<Arc<Poller<F>>>,
    allows_http: AllowsHttp,
    save: Save,
    remove: Remove,
    configure: Configure,
    pub(super) work: mpsc::Sender<Work>,
    asks: mpsc::Sender<Ask>,
    told: mpsc::Sender<Message>,
    cancel: CancellationToken,
    /// What is looked up for the form goes on until this ends.
    form: CancellationToken,
    /// When the rules want to be asked again.
    wake: Option<Time>,
    /// What the terminal is to do before the next frame.
    pub(super) wish: Option<Wish>,
    /// The last frame is to be left in the terminal.
    keep: bool,
}

impl<F: Fetch> Screen<F> {
    /// The clock ticks by the second while somebody looks, twice a minute otherwise.
    pub(super) fn next_tick(&self) -> Time {
        let now = self.clock.now();
        let pause = if self.app.focused && !self.app.still { 1 } else { 30 };
        let second = now.timestamp().div_euclid(pause) * pause + pause;
        crate::model::time(second * 1_000)
    }

    /// Returns whether the screen is to end.
    pub(super) fn take(&mut self, message: Message) -> bool {
        let mut quit = false;
        if let Message::Clock(now) = message
            && self.wake.is_some_and(|wake| wake <= now)
        {
            self.wake = None;
            let _ = self.work.try_send(Work::Wake(now));
        }
        for effect in update(&mut self.app, message) {
            quit |= self.carry_out(effect);
        }
        quit
    }

    /// Has the store note what became of an alert; what of it is to be said.
    pub(super) fn note(&self, news: News) -> Option<Message> {
        let words = match &news {
            News::Settled { trouble, .. } => trouble.clone(),
            News::Trouble(words) => Some(words.clone()),
            News::Write(_) | News::Unsent(_) => None,
        };
        if let Some(work) = noted(news, self.clock.now()) {
            let _ = self.work.try_send(work);
        }
        words.map(Message::Notice)
    }

    pub(super) fn on_answer(&mut self, answer: Answer, courier: Option<&mut Courier>) -> Option<Message> {
        if let Answer::Alerts { deliveries, wake } = answer {
            self.wake = wake;
            if let Some(courier) = courier {
                courier.deliver(deliveries);
            }
            return None;
        }
        if let Answer::Jobs(jobs) = answer {
            self.ask(Ask::Watch(jobs));
            return None;
        }
        if let Answer::Dropped(channels) = answer {
            for channel in channels {
                self.ask(Ask::Forget(channel));
            }
            return None;
        }
        super::message(answer)
    }

    pub(super) fn carry_out(&mut self, effect: Effect) -> bool {
        match effect {
            Effect::Load(query) => self.load(query),
            Effect::Poll(channels) => {
                for channel in channels {
                    self.ask(Ask::Now(channel));
                }
            }
            Effect::Resolve(typed) => self.look_up(typed, Purpose::Form),
            Effect::Probe { account, candidates } => self.probe(account, candidates),
            Effect::GiveUp => {
                std::mem::replace(&mut self.form, self.cancel.child_token()).cancel();
            }
            Effect::Save(person) => match (self.save)(&person) {
                Ok(wanted) => {
                    self.join(wanted);
                    self.tell(Message::Notice(format!("{} is on the board", person.symbol)));
                }
                Err(why) => self.tell(Message::Notice(why)),
            },
            Effect::See(keys) => {
                let _ = self.work.try_send(Work::See(keys));
            }
            Effect::Snooze { rule, until } => {
                let _ = self.work.try_send(Work::Snooze { rule, until, now: self.clock.now() });
            }
            Effect::Sample => {
                let _ = self.work.try_send(Work::Sample(self.clock.now()));
            }
            Effect::Remove { person, symbol } => {
                let words = match (self.remove)(&symbol) {
                    Ok(()) if self.app.mode == Mode::Demo => format!("{symbol} is off the board"),
                    Ok(()) => {
                        format!("{symbol} is off the board; cloutop add brings the stored history back")
                    }
                    Err(why) => why,
                };
                let _ = self.work.try_send(Work::Leave(person));
                self.tell(Message::Notice(words));
            }
            Effect::Configure(changes) => {
                let done = (self.configure)(&changes);
                if let Ok(edited) = &done {
                    let alerts = Box::new(edited.config.alerts.clone());
                    if changes.iter().any(Change::concerns_alerts) {
                        let _ = self.work.try_send(Work::Arm { alerts, now: self.clock.now() });
                    }
                    if let Some(poller) = &self.poller {
                        let networks = edited.config.networks.iter();
                        let known = networks
                            .filter_map(|(id, entry)| Some((channels::network(id)?.id(), entry.interval?)));
                        poller.settings.pace(known.collect());
                    }
                }
                self.tell(Message::Configured { changes, done: Box::new(done) });
            }
            Effect::Open(address) if self.app.mode == Mode::Demo => {
                self.tell(Message::Notice(format!("invented, so not opened: {address}")));
            }
            Effect::Open(address) => self.tell(Message::Notice(match outside::open(&address, &self.told) {
                Ok(()) => format!("opening {address}"),
                Err(error) => format!("{address} was not opened: {error}; y copies it"),
            })),
            Effect::Copy(address) => {
                self.tell(Message::Notice(format!("copied {address}; in tmux this needs set-clipboard on")));
                self.wish = Some(Wish::Copy(address));
            }
            Effect::Export => self.tell(Message::Notice(export(&self.app))),
            Effect::Mouse(on) => self.wish = Some(Wish::Mouse(on)),
            Effect::Suspend => self.wish = Some(Wish::Suspend),
            Effect::Keep => {
                self.keep = true;
                return true;
            }
            Effect::Quit => return true,
        }
        false
    }

    pub(super) fn load(&self, query: Query) {
        // A queue this long means the store is far behind: the next change asks again.
        let _ = self.work.try_send(Work::Load { query, now: self.clock.now() });
    }

    fn join(&self, wanted: Wanted) {
        let _ = self.work.try_send(Work::Join { wanted, now: self.clock.now() });
    }

    fn ask(&self, ask: Ask) {
        let _ = self.asks.try_send(ask);
    }

    fn tell(&self, message: Message) {
        let _ = self.told.try_send(message);
    }

    /// An address named on the command line: clear ones go on the board at once, the others are looked up.
    pub(super) fn open_address(&mut self, typed: String) {
        let parsed = channels::parse(&typed, &*self.allows_http);
        match parsed {
            // Looking is asking: the price comes first.
            Ok(accounts) if accounts.iter().any(|account| account.network.0.price.is_some()) => {
                let add = "cloutop add shows what, and asks";
                self.tell(Message::Notice(format!("{typed} was not asked, because that costs money; {add}")));
            }
            Ok(accounts) if accounts.len() == 1 => self.join(visitor(&accounts[0], None, &self.app)),
            Ok(_) => {
                self.app.pending.push(typed.clone());
                self.look_up(typed, Purpose::Board);
            }
            Err(bad) => self.tell(Message::Notice(format!("{typed}: {bad}"))),
        }
    }

    /// Finds out what an address means, beside everything else.
    fn look_up(&self, typed: String, purpose: Purpose) {
        let Some(poller) = self.poller.clone() else {
            let found = Err("this screen never opens the network".to_owned());
            self.tell(Message::Resolved { typed, found });
            return;
        };
        let (told, work, clock, app) = (self.told.clone(), self.work.clone(), self.clock, self.app.clone());
        let allows_http = self.allows_http.clone();
        self.beside(purpose, async move {
            let found = look_up(&poller, &typed, &allows_http).await;
            if let (Purpose::Board, Ok(found)) = (purpose, &found) {
                let wanted = visitor(&found.account, found.name.clone(), &app);
                let _ = work.send(Work::Join { wanted, now: clock.now() }).await;
            }
            let _ = told.send(Message::Resolved { typed, found }).await;
        });
    }

    /// Tests a proposed account, beside everything else.
    fn probe(&self, account: Account, candidates: Vec<Account>) {
        let Some(poller) = self.poller.clone() else { return };
        let (told, allows_http) = (self.told.clone(), self.allows_http.clone());
        self.beside(Purpose::Form, async move {
            let found = probe(&poller, candidates, &allows_http).await;
            let _ = told.send(Message::Probed { account, found }).await;
        });
    }

    /// What is done for the form ends with it.
    fn beside(&self, purpose: Purpose, work: impl Future<Output = ()> + Send + 'static) {
        let form = self.form.clone();
        tokio::spawn(async move {
            match purpose {
                Purpose::Form => {
                    form.run_until_cancelled(work).await;
                }
                Purpose::Board => work.await,
            }
        });
    }
}

pub(super) async fn news(courier: Option<&mut Courier>) -> News {
    match courier {
        Some(courier) => courier.news().await,
        None => std::future::pending().await,
    }
}

#[derive(Clone, Copy)]
enum Purpose {
    Form,
    Board,
}

/// Somebody who is looked at without being on the board: known by the account's address.
pub fn visitor(account: &Account, name: Option<String>, app: &App) -> Wanted {
    let taken: Vec<String> = app.people.iter().map(|person| person.symbol.clone()).collect();
    let symbol = crate::config::propose_symbol(name.as_deref(), account, &taken);
    Wanted {
        key: account.address(),
        name: name.unwrap_or_else(|| symbol.clone()),
        symbol,
        group: None,
        mine: false,
        accounts: vec![account.clone()],
    }
}

/// The mode a screen starts in.
pub fn mode(polls: bool, demo: bool) -> Mode {
    match (polls, demo) {
        (_, true) => Mode::Demo,
        (true, false) => Mode::Live,
        (false, false) => Mode::Offline,
    }
}
