use super::crossing::Crossing;
use super::digest::{Cause, Told, compose, ring_once};
use super::memory::{self, Memory, Waiting};
use super::{Alert, Alerts, BADGE, Delivery, Event, EventKind, Rule, Trigger};
use crate::filter::{Subject, board};
use crate::model::{PersonId, PersonSnapshot, State, Time};
use crate::text;
use chrono::{DateTime, FixedOffset, TimeDelta};

/// Decides what is told. See [`super`].
#[derive(Debug, Clone)]
pub struct Engine {
    alerts: Alerts,
    memory: Memory,
}

/// A rule that has fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    pub rule: String,
    pub alert: Alert,
    /// The rule's places, also where it is held back.
    pub how: Vec<String>,
    /// It happened while the program was off.
    pub missed: bool,
}

/// What comes of a feed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// For the log: one for each rule and event, in the order of the events.
    pub fired: Vec<Fired>,
    /// What is to be sent now.
    pub deliveries: Vec<Delivery>,
}

/// A rule and how it is doing, for the list of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub rule: Rule,
    /// Firings in the last 24 hours.
    pub fired: usize,
    pub snoozed: Option<Time>,
    /// Of whom its `when` is true.
    pub firing: Vec<String>,
}

impl Engine {
    /// Goes on from a memory, the program being started at this instant. With the memory of an engine that was
    /// fed last at that very instant it decides as that engine would.
    pub fn new(alerts: Alerts, mut memory: Memory, started: Time) -> Self {
        memory.resume(started);
        memory.fit(&alerts.rules);
        Self { alerts, memory }
    }

    /// What must be kept for the next start; worth writing after every feed.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Silences a rule, or all of them, until an instant; one that has passed ends it, for a rule also where all
    /// are silent. `false` if there is no such rule, or it is off.
    pub fn snooze(&mut self, rule: Option<&str>, until: Time, now: Time) -> bool {
        let ends = until <= now;
        if let Some(all) = self.memory.all_snoozed.take_if(|_| ends && rule.is_some()) {
            for memory in self.memory.rules.values_mut() {
                memory.snoozed = memory.snoozed.max(Some(all));
            }
        }
        match rule {
            None if ends => {
                self.memory.all_snoozed = None;
                self.memory.rules.values_mut().for_each(|memory| memory.snoozed = None);
            }
            None => self.memory.all_snoozed = Some(until),
            Some(name) => match self.memory.rules.get_mut(name) {
                Some(memory) => memory.snoozed = Some(until),
                None => return false,
            },
        }
        true
    }

    /// Other rules and hours from now on, while the program runs: rules that did not change remember what they did.
    pub fn change(&mut self, alerts: Alerts) {
        self.memory.fit(&alerts.rules);
        self.alerts = alerts;
    }

    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// How the rules are doing, in their order; those that are off have done nothing.
    pub fn standings(&self, now: Time) -> Vec<Standing> {
        let standing = |rule: &Rule| -> Option<(usize, Option<Time>, Vec<String>)> {
            let memory = self.memory.rules.get(&rule.name)?;
            let people = memory.people.iter();
            Some((
                memory.fired.iter().filter(|at| now - **at < TimeDelta::days(1)).count(),
                memory.snoozed.max(self.memory.all_snoozed).filter(|until| now < *until),
                people
                    .filter(|(_, person)| matches!(person.crossing, Crossing::Firing(_)))
                    .map(|(symbol, _)| symbol.clone())
                    .collect(),
            ))
        };
        self.alerts
            .rules
            .iter()
            .map(|rule| {
                let (fired, snoozed, firing) = standing(rule).unwrap_or_default();
                Standing { rule: rule.clone(), fired, snoozed, firing }
            })
            .collect()
    }

    /// When it should be fed again though nothing has happened: a halt has lasted long enough, or the hours of
    /// quiet end.
    pub fn next(&self, now: DateTime<FixedOffset>) -> Option<Time> {
        let halts = self.memory.waiting.iter().filter_map(|waiting| {
            let rule = self.alerts.rules.iter().find(|rule| rule.name == waiting.rule)?;
            // Where the instant has passed, the channel is asked first.
            Some(waiting.event.at + patience(rule)).filter(|at| *at > now.to_utc())
        });
        let hours = self.alerts.do_not_disturb.filter(|_| !self.memory.held.is_empty());
        let morning = hours.map(|hours| if hours.holds(now) { hours.end(now) } else { now.to_utc() });
        halts.chain(morning).min()
    }

    /// Takes in what has happened and how everybody on the board is doing. `people` is always the whole board;
    /// somebody's `when` is only judged where a poll of theirs is new. `now` carries the local time of day.
    pub fn feed(
        &mut self,
        events: &[Event],
        people: &[PersonSnapshot],
        now: DateTime<FixedOffset>,
    ) -> Outcome {
        let at = now.to_utc();
        let board = board(people, at);
        let symbols: Vec<&str> = people.iter().map(|person| person.symbol.as_str()).collect();
        let mut fired = Vec::new();
        let mut events: Vec<&Event> = events.iter().collect();
        events.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.key.cmp(&b.key)));
        // Gaps whose summary is given now, by an instant within.
        let mut summed = Vec::new();
        let mut late = Vec::new();
        for event in events {
            let met = self.memory.meet(event);
            let missed = match met {
                memory::Standing::Missed { untold } => Some(untold),
                memory::Standing::Old | memory::Standing::New => None,
            };
            for fire in self.event(event, met, &board, &symbols, at) {
                match missed {
                    Some(true) => summed.push(event.at),
                    Some(false) => late.push(fire.alert.key.clone()),
                    None => {}
                }
                fired.push(fire);
            }
        }
        fired.extend(self.halts(&board, at));
        fired.extend(self.crossings(&board, &symbols, at));
        for at in summed {
            self.memory.gap_told(at);
        }
        let deliveries = self.deliver(&fired, &late, now);
        self.memory.alive = Some(at);
        self.memory.prune(at);
        Outcome { fired, deliveries }
    }

    /// What an event fires.
    fn event(
        &mut self,
        event: &Event,
        met: memory::Standing,
        board: &[Subject<'_>],
        symbols: &[&str],
        now: Time,
    ) -> Vec<Fired> {
        let mut fired = Vec::new();
        for rule in self.alerts.rules.iter().filter(|rule| !rule.off) {
            let Trigger::Event { kind, least, after } = &rule.trigger else { continue };
            if *kind != event.kind || !concerns(rule, event, board, symbols, now) {
                continue;
            }
            // What was too small for this rule when it was raised may have grown.
            let news = met != memory::Standing::Old || self.memory.was_small(&rule.name, event);
            if news && !least.is_none_or(|least| least.met_by(event)) {
                self.memory.small(&rule.name, event);
                continue;
            }
            let told = self.memory.grown(&rule.name, event);
            if !news || self.memory.is_snoozed(&rule.name, now) {
                continue;
            }
            let fire = |missed| {
                let mut fired = fire(rule, event.into(), missed);
                fired.how.retain(|place| !told.contains(place));
                fired
            };
            let symbol = event.symbol.as_deref().unwrap_or_default();
            if matches!(met, memory::Standing::Missed { .. }) {
                // They come as one message anyway: each of them counts.
                self.memory.fired(&rule.name, symbol, now);
                fired.push(fire(true));
            } else if *after > TimeDelta::zero() {
                // Whether it lasts is for `halts` to see, which comes next.
                self.memory.waiting.push(Waiting { rule: rule.name.clone(), event: event.clone() });
            } else if !self.memory.is_quiet(rule, symbol, now) {
                self.memory.fired(&rule.name, symbol, now);
                fired.push(fire(false));
            }
        }
        for fire in &fired {
            self.memory.told(&event.key, &fire.how);
        }
        fired
    }

    /// Halts that have lasted long enough by now.
    fn halts(&mut self, board: &[Subject<'_>], now: Time) -> Vec<Fired> {
        let mut fired = Vec::new();
        for waiting in std::mem::take(&mut self.memory.waiting) {
            let Some(rule) = self.alerts.rules.iter().find(|rule| rule.name == waiting.rule) else {
                continue;
            };
            if !still_halted(&waiting.event, board) {
                continue;
            }
            // A channel that is to be asked any moment may be well again: the program was off, or the machine slept.
            if now < waiting.event.at + patience(rule) || overdue(&waiting.event, board, now) {
                self.memory.waiting.push(waiting);
                continue;
            }
            let symbol = waiting.event.symbol.as_deref().unwrap_or_default();
            if !self.memory.is_snoozed(&rule.name, now) && !self.memory.is_quiet(rule, symbol, now) {
                self.memory.fired(&rule.name, symbol, now);
                fired.push(fire(rule, (&waiting.event).into(), false));
            }
        }
        fired
    }

    /// Filters that have become true.
    fn crossings(&mut self, board: &[Subject<'_>], symbols: &[&str], now: Time) -> Vec<Fired> {
        let mut fired = Vec::new();
        for rule in self.alerts.rules.iter().filter(|rule| !rule.off) {
            let Trigger::Becomes { filter, hold } = &rule.trigger else { continue };
            for subject in board.iter().filter(|subject| rule.who.chooses(subject, symbols)) {
                let person = subject.person;
                let polled = person.channels.iter().filter_map(|channel| channel.last_try).max();
                let known = self.memory.rules.entry(rule.name.clone()).or_default();
                let known = known.people.entry(person.symbol.clone()).or_default();
                if polled <= known.counted {
                    continue;
                }
                known.counted = polled;
                let (next, rises) = known.crossing.step(filter.truth(subject), filter.nearly(subject), *hold);
                known.crossing = next;
                let silent = self.memory.is_snoozed(&rule.name, now)
                    || self.memory.is_quiet(rule, &person.symbol, now);
                if rises && !silent {
                    self.memory.fired(&rule.name, &person.symbol, now);
                    fired.push(fire(rule, crossed(rule, person, now), false));
                }
            }
        }
        fired
    }

    /// Makes messages of what has fired, and holds back what would disturb. `late` are the keys of events from a
    /// time whose summary has been given: they go to the badge only.
    fn deliver(&mut self, fired: &[Fired], late: &[String], now: DateTime<FixedOffset>) -> Vec<Delivery> {
        let at = now.to_utc();
        let disturb = !self.alerts.do_not_disturb.is_some_and(|hours| hours.holds(now));
        let (mut usual, mut missed) = (Vec::new(), Vec::new());
        for fire in fired {
            let (badge, others): (Vec<String>, Vec<String>) =
                fire.how.iter().cloned().partition(|place| place == BADGE);
            let late = late.contains(&fire.alert.key);
            let others = if late { Vec::new() } else { others };
            let told = |how| Told { alert: fire.alert.clone(), how };
            let to = if fire.missed && !late { &mut missed } else { &mut usual };
            if disturb {
                to.push(told([badge, others].concat()));
            } else {
                to.push(told(badge));
                if !others.is_empty() {
                    self.memory.held.push(told(others));
                }
            }
        }
        let held = if disturb { std::mem::take(&mut self.memory.held) } else { Vec::new() };
        let mut deliveries = Vec::new();
        for (told, cause) in [(held, Cause::Held), (missed, Cause::Missed), (usual, Cause::Storm)] {
            deliveries.extend(compose(&told, cause, at, &mut self.memory.summaries));
        }
        ring_once(&mut deliveries);
        deliveries
    }
}

fn fire(rule: &Rule, alert: Alert, missed: bool) -> Fired {
    Fired { rule: rule.name.clone(), alert, how: rule.how.clone(), missed }
}

/// How long a rule waits with what it is told.
fn patience(rule: &Rule) -> TimeDelta {
    match rule.trigger {
        Trigger::Event { after, .. } => after,
        Trigger::Becomes { .. } => TimeDelta::zero(),
    }
}

/// Whether a rule is about the person of an event. What concerns everybody concerns every rule; of somebody who
/// is not on the board only the symbol is known.
fn concerns(rule: &Rule, event: &Event, board: &[Subject<'_>], symbols: &[&str], now: Time) -> bool {
    let Some(symbol) = &event.symbol else { return true };
    if let Some(subject) = board.iter().find(|subject| subject.person.symbol == *symbol) {
        return rule.who.chooses(subject, symbols);
    }
    let person = PersonSnapshot::new(PersonId(0), symbol.clone(), symbol.clone(), now);
    rule.who.chooses(&Subject { person: &person, rank: None, now }, &[symbol])
}

/// Whether the channel of a halt cannot be read yet. A channel that the user has paused is not waited for.
fn still_halted(event: &Event, board: &[Subject<'_>]) -> bool {
    let Some(symbol) = &event.symbol else { return true };
    let Some(subject) = board.iter().find(|subject| subject.person.symbol == *symbol) else { return false };
    subject.person.channels.iter().any(|channel| {
        event.channel.as_ref().is_none_or(|slot| *slot == channel.slot)
            && !matches!(channel.state, State::Live | State::Stale | State::Off)
    })
}

/// Whether the channel of a halt should have been asked by now.
fn overdue(event: &Event, board: &[Subject<'_>], now: Time) -> bool {
    let Some(subject) = board.iter().find(|subject| Some(&subject.person.symbol) == event.symbol.as_ref())
    else {
        return false;
    };
    let mut channels = subject.person.channels.iter();
    channels.any(|channel| {
        event.channel.as_ref().is_none_or(|slot| *slot == channel.slot)
            && channel.next_at.is_some_and(|next| next <= now)
    })
}

/// The alert of a filter that has become true of somebody.
fn crossed(rule: &Rule, person: &PersonSnapshot, now: Time) -> Alert {
    let score = person
        .score
        .map_or_else(|| "no score yet".to_owned(), |score| format!("score {}", text::score(score)));
    Alert {
        key: format!("crossing:{}:{}:{}", rule.name, person.symbol, now.timestamp_millis()),
        at: now,
        kind: EventKind::Crossing.word().to_owned(),
        symbol: Some(person.symbol.clone()),
        title: format!("{} {}", person.symbol, rule.trigger),
        body: format!("{}: {score}", rule.name),
        url: None,
        points: None,
    }
}
