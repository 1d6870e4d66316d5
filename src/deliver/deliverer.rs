use super::fold::Folding;
use super::known::Known;
use super::lane::Lane;
use super::terminal::{Bells, Terminal};
use super::{Alert, BadPlace, Limits, Means, Outcome, Place, Report, Undelivered};
use crate::clock::Clock;
use crate::http::Poster;
use crate::model::Trouble;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long [`Deliverer::stop`] takes at most.
const STOP: Duration = Duration::from_secs(2);

/// What a [`Deliverer`] is started with.
#[derive(Debug)]
pub struct Settings {
    pub places: Vec<Place>,
    /// Place and key of what was settled before, oldest first.
    pub delivered: Vec<(String, String)>,
    pub limits: Limits,
    /// Hosts beside this machine that may be told without encryption.
    pub allow_http: Vec<String>,
    pub clock: Clock,
    pub terminal: Terminal,
    /// Takes what is to be written to the terminal, between two frames. Without it there is no terminal.
    pub screen: Option<mpsc::Sender<Vec<u8>>>,
    pub reports: mpsc::Sender<Report>,
}

/// Why nothing can be delivered at all.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    #[error(transparent)]
    Place(#[from] BadPlace),
    #[error(transparent)]
    Network(#[from] Trouble),
}

/// Takes alerts and delivers them, a task to each place. Dropped without [`Self::stop`], it stops at once.
#[derive(Debug)]
pub struct Deliverer {
    lanes: HashMap<String, Entrance>,
    tasks: JoinSet<()>,
    cancel: CancellationToken,
    reports: mpsc::Sender<Report>,
}

/// Where a place's queue begins.
#[derive(Debug)]
struct Entrance {
    queue: mpsc::Sender<Arc<Alert>>,
    dropped: Arc<AtomicU64>,
}

impl Deliverer {
    /// Starts a task for each place; to be called inside a runtime.
    pub fn start(settings: Settings) -> Result<Self, NotStarted> {
        let Settings { places, delivered, limits, allow_http, clock, terminal, screen, reports } = settings;
        let poster = Poster::new(limits.answer, allow_http)?;
        let bells = Arc::new(Mutex::new(Bells::default()));
        let cancel = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let mut lanes = HashMap::new();
        for place in places {
            if lanes.contains_key(&place.name) {
                return Err(BadPlace::Twice(place.name).into());
            }
            let (queue, waiting) = mpsc::channel(limits.queue.max(1));
            let dropped = Arc::new(AtomicU64::new(0));
            let mut known = Known::default();
            for (_, key) in delivered.iter().filter(|(name, _)| *name == place.name) {
                known.learn(key);
            }
            lanes.insert(place.name.clone(), Entrance { queue, dropped: dropped.clone() });
            let stopped = match &place.means {
                Means::Unusable(why) => Some(Undelivered::Stopped(why.clone())),
                _ => None,
            };
            let lane = Lane {
                folding: Folding::new(limits.singles, limits.window),
                place,
                known,
                stopped,
                dropped,
                limits: limits.clone(),
                clock,
                poster: poster.clone(),
                terminal,
                screen: screen.clone(),
                bells: bells.clone(),
                reports: reports.clone(),
                cancel: cancel.clone(),
            };
            tasks.spawn(lane.run(waiting));
        }
        Ok(Self { lanes, tasks, cancel, reports })
    }

    /// Hands an alert to some places, by name. Never waits: where a queue is full the alert is dropped there,
    /// counted, and reported later.
    pub fn deliver<'a>(&self, alert: &Arc<Alert>, places: impl IntoIterator<Item = &'a str>) {
        for place in places {
            let Some(entrance) = self.lanes.get(place) else {
                let result = Err(Undelivered::Failed("there is no such place".to_owned()));
                let outcome = Outcome { key: alert.key.clone(), place: place.to_owned(), result };
                let _ = self.reports.try_send(Report::Outcome(outcome));
                continue;
            };
            if entrance.queue.try_send(alert.clone()).is_err() {
                entrance.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Takes nothing more, and waits until everything handed over is delivered or has failed, or until `enough`;
    /// what waits then is reported as [`Undelivered::Quit`], as far as the queue of reports has room. What was
    /// kept for a summary goes at once.
    pub async fn finish(&mut self, enough: impl Future<Output = ()>) {
        self.lanes.clear();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let done = tokio::select! {
            () = all => true,
            () = enough => false,
        };
        if !done {
            self.cancel.cancel();
            let all = async { while self.tasks.join_next().await.is_some() {} };
            if tokio::time::timeout(STOP, all).await.is_err() {
                self.tasks.abort_all();
            }
        }
    }

    /// Stops within two seconds. What is under way may end; what waits is reported as [`Undelivered::Quit`],
    /// as far as the queue of reports has room.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        self.lanes.clear();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP, all).await.is_err() {
            self.tasks.abort_all();
        }
    }
}
