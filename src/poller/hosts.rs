use crate::clock::Clock;
use crate::model::Time;
use crate::schedule::{Budget, Limits, SPACING};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// Every server's patience, and whose turn it is to ask it: one request at a time.
#[derive(Debug, Default)]
pub struct Hosts(Mutex<HashMap<String, Host>>);

#[derive(Debug, Default, Clone)]
struct Host {
    budget: Budget,
    turn: Arc<tokio::sync::Mutex<Option<Time>>>,
    /// Nothing is asked before this; whoever comes earlier waits.
    rest: Option<Time>,
}

/// A longer pause closes the host, so that nobody's poll waits for it.
const SHORT: TimeDelta = TimeDelta::minutes(1);

/// The right to ask a host now. The next one waits until this is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedMutexGuard<Option<Time>>);

impl Hosts {
    /// Starts with what was known of the hosts' patience when the program last ran.
    pub fn new(budgets: impl IntoIterator<Item = (String, Budget)>) -> Self {
        let hosts = budgets.into_iter().map(|(host, budget)| (host, Host { budget, ..Host::default() }));
        Self(Mutex::new(hosts.collect()))
    }

    fn with<T>(&self, host: &str, act: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(hosts.entry(host.to_owned()).or_default())
    }

    /// Waits for the turn to ask a host, and between two requests when `polite`. `Err` says until when the
    /// host must be left alone.
    pub(super) async fn turn(&self, host: &str, clock: &Clock, polite: bool) -> Result<Turn, Time> {
        let turn = self.with(host, |host| host.turn.clone());
        let mut last = turn.lock_owned().await;
        if let Some(until) = self.budget(host).closed(clock.now()) {
            return Err(until);
        }
        if let (true, Some(last)) = (polite, *last) {
            clock.sleep_until(last + SPACING).await;
        }
        if let Some(rest) =
            self.with(host, |host| host.rest.take()).filter(|rest| clock.until(*rest).is_some())
        {
            clock.sleep_until(rest).await;
        }
        *last = Some(clock.now());
        Ok(Turn(last))
    }

    pub fn budget(&self, host: &str) -> Budget {
        self.with(host, |host| host.budget)
    }

    pub(super) fn learn(&self, host: &str, limits: &Limits, refused: bool, now: Time) {
        self.with(host, |host| host.budget.learn(limits, refused, now));
    }

    /// Leaves a host alone that wants a pause after a good answer: a short one is waited for.
    pub(super) fn rest(&self, host: &str, until: Time, now: Time) {
        if until - now > SHORT {
            self.close(host, until, now);
        } else {
            self.with(host, |host| host.rest = host.rest.max(Some(until)));
        }
    }

    pub(super) fn close(&self, host: &str, until: Time, now: Time) {
        self.with(host, |host| host.budget.close(until, now));
    }
}
