use super::fold::{Due, Folding};
use super::known::Known;
use super::terminal::{Bells, Terminal};
use super::web;
use super::{Alert, Delivered, Limits, Means, Outcome, Place, Report, Undelivered};
use crate::clock::Clock;
use crate::http::Poster;
use chrono::TimeDelta;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Longest that a place is left alone because it asked for it.
const LONGEST_HOLD: TimeDelta = TimeDelta::days(1);

/// One place with all that it needs.
pub(super) struct Lane {
    pub(super) place: Place,
    pub(super) known: Known,
    pub(super) folding: Folding,
    /// Why nothing goes here any more.
    pub(super) stopped: Option<Undelivered>,
    pub(super) dropped: Arc<AtomicU64>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    pub(super) poster: Poster,
    pub(super) terminal: Terminal,
    pub(super) screen: Option<mpsc::Sender<Vec<u8>>>,
    pub(super) bells: Arc<Mutex<Bells>>,
    pub(super) reports: mpsc::Sender<Report>,
    pub(super) cancel: CancellationToken,
}

impl Lane {
    /// Works until it is cancelled.
    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<Arc<Alert>>) {
        let cancel = self.cancel.clone();
        loop {
            // All that is there at once: what came together is folded together.
            while let Ok(alert) = waiting.try_recv() {
                self.take(&alert).await;
            }
            self.tell_dropped().await;
            if cancel.is_cancelled() {
                break;
            }
            let now = self.clock.now();
            if let Some(due) = self.folding.next(now) {
                self.bring(due).await;
                continue;
            }
            let clock = self.clock;
            let deadline = self.folding.deadline(now);
            let room = async {
                match deadline {
                    Some(deadline) => clock.sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => {}
                alert = waiting.recv() => {
                    let Some(alert) = alert else {
                        self.finish().await;
                        break;
                    };
                    self.take(&alert).await;
                }
                () = room => {}
            }
        }
        for key in self.folding.take_waiting() {
            self.report(key, Err(Undelivered::Quit)).await;
        }
    }

    /// Nothing more will come: what was kept back goes as one summary, unless the place wants to be left alone.
    async fn finish(&mut self) {
        while !self.cancel.is_cancelled()
            && let Some(due) = self.folding.rest(self.clock.now())
        {
            self.bring(due).await;
        }
    }

    /// Takes an alert in, unless this place knows it.
    async fn take(&mut self, alert: &Alert) {
        if !self.known.learn(&alert.key) {
            return;
        }
        if let Some(stopped) = self.stopped.clone() {
            self.known.forget(&alert.key);
            self.report(alert.key.clone(), Err(stopped)).await;
        } else if !self.folding.offer(alert.clone(), self.clock.now()) {
            self.known.forget(&alert.key);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn tell_dropped(&mut self) {
        let count = self.dropped.swap(0, Ordering::Relaxed);
        if count > 0 {
            self.folding.lost(count);
            let place = self.place.name.clone();
            self.tell(Report::Dropped { place, count }).await;
        }
    }

    /// Delivers one thing and says what became of all that it stands for.
    async fn bring(&mut self, due: Due) {
        let cancel = self.cancel.clone();
        let grace = self.limits.grace;
        let too_late = async {
            cancel.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        let sent = tokio::select! {
            biased;
            sent = self.send(&due) => sent,
            () = too_late => web::Sent {
                result: Err(Undelivered::Perhaps("it was under way at the end".to_owned())),
                quiet_until: None,
            },
        };
        if let Some(until) = sent.quiet_until {
            let now = self.clock.now();
            self.folding.hold(until.min(now + LONGEST_HOLD));
        }
        let mut keys = due.folded;
        let result = if keys.is_empty() {
            keys.push(due.alert.key);
            sent.result
        } else {
            let of = keys.len() as u64;
            sent.result.map(|done| match done {
                Delivered::Sent { .. } => Delivered::Folded { of },
                other => other,
            })
        };
        if let Err(stopped @ Undelivered::Stopped(_)) = &result {
            self.stopped = Some(stopped.clone());
            keys.extend(self.folding.take_waiting());
        }
        let arrived = !matches!(&result, Err(error) if !matches!(error, Undelivered::Perhaps(_)));
        for key in keys {
            if !arrived {
                self.known.forget(&key);
            }
            self.report(key, result.clone()).await;
        }
    }

    async fn send(&self, due: &Due) -> web::Sent {
        let alert = &due.alert;
        // Who hears of a storm has heard the bell at its start.
        let may_ring = due.folded.is_empty();
        let result = match &self.place.means {
            Means::Web(service) => {
                let (limits, cancel) = (&self.limits, &self.cancel);
                return web::send(service.as_ref(), alert, &self.poster, limits, self.clock, cancel).await;
            }
            Means::Hook(hook) => hook.run(alert, self.limits.hook).await,
            Means::Desktop => {
                let rings = may_ring && self.terminal.needs_bell();
                self.write(|bell| self.terminal.notification(alert, bell), rings)
            }
            // Stopped from the start: nothing comes here.
            Means::Unusable(why) => Err(Undelivered::Stopped(why.clone())),
            Means::Bell => self.write(|bell| if bell { vec![7] } else { Vec::new() }, may_ring),
            #[cfg(feature = "desktop-native")]
            Means::Native => super::native::show(alert, self.limits.answer).await,
        };
        web::Sent { result, quiet_until: None }
    }

    /// Hands bytes to the screen; a bell only where none rang a moment ago, at whichever place.
    fn write(&self, bytes: impl Fn(bool) -> Vec<u8>, rings: bool) -> Result<Delivered, Undelivered> {
        let gone = || Undelivered::Failed("there is no terminal".to_owned());
        let room = match self.screen.as_ref().ok_or_else(gone)?.try_reserve() {
            Ok(room) => room,
            Err(mpsc::error::TrySendError::Closed(())) => return Err(gone()),
            Err(mpsc::error::TrySendError::Full(())) => {
                return Err(Undelivered::Failed("the terminal does not keep up".to_owned()));
            }
        };
        let now = self.clock.now();
        let bell = rings && self.bells.lock().unwrap_or_else(PoisonError::into_inner).ring(now);
        let bytes = bytes(bell);
        if bytes.is_empty() {
            return Ok(Delivered::Quiet);
        }
        room.send(bytes);
        Ok(Delivered::Sent { tries: 1 })
    }

    async fn report(&self, key: String, result: Result<Delivered, Undelivered>) {
        self.tell(Report::Outcome(Outcome { key, place: self.place.name.clone(), result })).await;
    }

    /// Waits for room among the reports, but not once it is time to end: then nobody may be reading them.
    async fn tell(&self, report: Report) {
        tokio::select! {
            biased;
            room = self.reports.reserve() => if let Ok(room) = room { room.send(report) },
            () = self.cancel.cancelled() => {}
        }
    }
}
