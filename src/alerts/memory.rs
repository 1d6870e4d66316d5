use super::crossing::Crossing;
use super::digest::Told;
use super::{Event, Rule, Trigger};
use crate::model::Time;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What happened longer ago does not fire any more, and its key need not be remembered.
const REMEMBERED: TimeDelta = TimeDelta::days(35);

/// Keys remembered at most.
const MOST_KEYS: usize = 20_000;

/// Times of absence remembered at most. Older ones grow together.
const MOST_GAPS: usize = 200;

/// Firings of a rule that are counted at most.
const MOST_FIRINGS: usize = 10_000;

/// What the engine must know to decide alike after a restart. Kept in parts, each as JSON under its name: a poll
/// changes few of them. Parts that a version does not know are left out, those it misses are empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    /// When it ran for the first time.
    pub(super) origin: Option<Time>,
    /// The last instant at which it ran.
    pub(super) alive: Option<Time>,
    /// Times when it was off.
    pub(super) gaps: Vec<Gap>,
    /// Events told so far, with their instants.
    pub(super) seen: BTreeMap<String, Time>,
    /// Everything up to here counts as told: keys before it are forgotten.
    pub(super) floor: Option<Time>,
    pub(super) rules: BTreeMap<String, RuleMemory>,
    pub(super) all_snoozed: Option<Time>,
    /// Halts that have not lasted long enough yet.
    pub(super) waiting: Vec<Waiting>,
    /// What is held back so as not to disturb.
    pub(super) held: Vec<Told>,
    /// Summaries made so far.
    pub(super) summaries: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Gap {
    pub(super) from: Time,
    pub(super) to: Time,
    /// Its summary has been given.
    pub(super) told: bool,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RuleMemory {
    pub(super) meaning: String,
    pub(super) snoozed: Option<Time>,
    /// By symbol; "" for what concerns everybody. Parts of their own.
    #[serde(skip)]
    pub(super) people: BTreeMap<String, PersonMemory>,
    /// Instants of the last day.
    pub(super) fired: VecDeque<Time>,
    /// What was too small so far, by key.
    pub(super) small: BTreeMap<String, Small>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Small {
    pub(super) at: Time,
    /// Places that other rules have told.
    pub(super) told: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PersonMemory {
    pub(super) crossing: Crossing,
    /// The poll that was counted last.
    pub(super) counted: Option<Time>,
    pub(super) fired: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) rule: String,
    pub(super) event: Event,
}

impl RuleMemory {
    /// Apart from the people.
    fn alike(&self, other: &Self) -> bool {
        self.meaning == other.meaning
            && self.snoozed == other.snoozed
            && self.fired == other.fired
            && self.small == other.small
    }
}

/// Nothing in a memory can fail to be JSON.
fn json(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap_or_default()
}

/// How an event stands to the times at which the program ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    New,
    /// From a time when the program was off; whether that time's summary is still to be given.
    Missed {
        untold: bool,
    },
    /// Told already, or from before the first start, or too long ago.
    Old,
}

impl Memory {
    /// The program runs again from this instant on.
    pub(super) fn resume(&mut self, started: Time) {
        self.origin.get_or_insert(started);
        if let Some(alive) = self.alive.filter(|alive| *alive < started) {
            self.gaps.push(Gap { from: alive, to: started, told: false });
        }
        self.alive = Some(started);
    }

    /// Forgets what belongs to rules that are not there any more, are off, or mean something else now.
    pub(super) fn fit(&mut self, rules: &[Rule]) {
        let on = |name: &str| rules.iter().find(|rule| rule.name == name && !rule.off);
        self.rules.retain(|name, memory| on(name).is_some_and(|rule| rule.meaning() == memory.meaning));
        for rule in rules.iter().filter(|rule| !rule.off) {
            let memory = self.rules.entry(rule.name.clone()).or_default();
            memory.meaning = rule.meaning();
        }
        // A rule of the same name may be on something else by now.
        let waits = |waiting: &Waiting| {
            on(&waiting.rule).is_some_and(|rule| match rule.trigger {
                Trigger::Event { kind, .. } => kind == waiting.event.kind,
                Trigger::Becomes { .. } => false,
            })
        };
        self.waiting.retain(waits);
    }

    /// The parts that are not as they were `before`, which is brought up to date; `None` is one that is gone.
    pub fn changes(&self, before: &mut Self) -> Vec<(String, Option<String>)> {
        let mut changes = Vec::new();
        macro_rules! parts {
            ($($part:ident),*) => {$(
                if self.$part != before.$part {
                    changes.push((stringify!($part).to_owned(), Some(json(&self.$part))));
                    before.$part.clone_from(&self.$part);
                }
            )*};
        }
        parts!(origin, alive, gaps, seen, floor, all_snoozed, waiting, held, summaries);
        let unknown = RuleMemory::default();
        for (name, rule) in &self.rules {
            let had = before.rules.get(name);
            if had.is_none_or(|had| !had.alike(rule)) {
                changes.push((json(&[name]), Some(json(rule))));
            }
            for (symbol, person) in &rule.people {
                if had.unwrap_or(&unknown).people.get(symbol) != Some(person) {
                    changes.push((json(&[name, symbol]), Some(json(person))));
                }
            }
        }
        for (name, had) in &before.rules {
            let rule = self.rules.get(name);
            if rule.is_none() {
                changes.push((json(&[name]), None));
            }
            let gone = had
                .people
                .keys()
                .filter(|symbol| !rule.is_some_and(|rule| rule.people.contains_key(*symbol)));
            changes.extend(gone.map(|symbol| (json(&[name, symbol]), None)));
        }
        if self.rules != before.rules {
            before.rules.clone_from(&self.rules);
        }
        changes
    }

    /// A memory as its parts were written. What cannot be read is as if it had never been.
    pub fn from_parts(parts: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut memory = Self::default();
        let mut people = Vec::new();
        for (name, text) in parts {
            macro_rules! read {
                ($($part:ident),*) => {
                    match name.as_str() {
                        $(stringify!($part) => memory.$part = serde_json::from_str(&text).unwrap_or_default(),)*
                        _ => match serde_json::from_str::<Vec<String>>(&name).as_deref() {
                            Ok([rule]) => {
                                let known = serde_json::from_str(&text).unwrap_or_default();
                                memory.rules.insert(rule.clone(), known);
                            }
                            Ok([rule, symbol]) => people.push((rule.clone(), symbol.clone(), text)),
                            _ => {}
                        },
                    }
                };
            }
            read!(origin, alive, gaps, seen, floor, all_snoozed, waiting, held, summaries);
        }
        for (rule, symbol, text) in people {
            if let (Some(rule), Ok(person)) = (memory.rules.get_mut(&rule), serde_json::from_str(&text)) {
                rule.people.insert(symbol, person);
            }
        }
        memory
    }

    /// The last instant at which it ran.
    pub fn alive(&self) -> Option<Time> {
        self.alive
    }

    /// Takes note of an event.
    pub(super) fn meet(&mut self, event: &Event) -> Standing {
        let early = |limit: Option<Time>| limit.is_some_and(|limit| event.at <= limit);
        if early(self.floor) || self.seen.contains_key(&event.key) {
            return Standing::Old;
        }
        self.seen.insert(event.key.clone(), event.at);
        if self.origin.is_some_and(|origin| event.at < origin) {
            return Standing::Old;
        }
        match self.gaps.iter().find(|gap| gap.from < event.at && event.at < gap.to) {
            Some(gap) => Standing::Missed { untold: !gap.told },
            None => Standing::New,
        }
    }

    /// What is told again later, grown, may still be news to the rule.
    pub(super) fn small(&mut self, rule: &str, event: &Event) {
        let memory = self.rules.entry(rule.to_owned()).or_default();
        memory.small.entry(event.key.clone()).or_insert(Small { at: event.at, told: BTreeSet::new() });
    }

    /// Whether an event was too small for the rule so far.
    pub(super) fn was_small(&self, rule: &str, event: &Event) -> bool {
        self.rules.get(rule).is_some_and(|memory| memory.small.contains_key(&event.key))
    }

    /// From now on it is not, and these places know it already.
    pub(super) fn grown(&mut self, rule: &str, event: &Event) -> BTreeSet<String> {
        let small = self.rules.get_mut(rule).and_then(|memory| memory.small.remove(&event.key));
        small.map(|small| small.told).unwrap_or_default()
    }

    /// Some places have been told of an event, which other rules may tell later.
    pub(super) fn told(&mut self, key: &str, places: &[String]) {
        for rule in self.rules.values_mut() {
            if let Some(small) = rule.small.get_mut(key) {
                small.told.extend(places.iter().cloned());
            }
        }
    }

    pub(super) fn gap_told(&mut self, at: Time) {
        for gap in self.gaps.iter_mut().filter(|gap| gap.from < at && at < gap.to) {
            gap.told = true;
        }
    }

    pub(super) fn is_snoozed(&self, rule: &str, now: Time) -> bool {
        let until = self.rules.get(rule).and_then(|memory| memory.snoozed);
        self.all_snoozed.max(until).is_some_and(|until| now < until)
    }

    /// Whether a rule has fired for somebody less than its quiet time ago. A clock that was set back makes
    /// nobody wait.
    pub(super) fn is_quiet(&self, rule: &Rule, symbol: &str, now: Time) -> bool {
        let fired = self.rules.get(&rule.name).and_then(|memory| memory.people.get(symbol)?.fired);
        fired.is_some_and(|fired| (TimeDelta::zero()..rule.quiet).contains(&(now - fired)))
    }

    pub(super) fn fired(&mut self, rule: &str, symbol: &str, now: Time) {
        let memory = self.rules.entry(rule.to_owned()).or_default();
        memory.people.entry(symbol.to_owned()).or_default().fired = Some(now);
        memory.fired.push_back(now);
    }

    /// Forgets what does not matter any more.
    pub(super) fn prune(&mut self, now: Time) {
        let horizon = now - REMEMBERED;
        if self.seen.values().any(|at| *at <= horizon) {
            self.seen.retain(|_, at| *at > horizon);
            self.floor = self.floor.max(Some(horizon));
        }
        if self.seen.len() > MOST_KEYS {
            let mut times: Vec<Time> = self.seen.values().copied().collect();
            times.sort_unstable();
            let floor = times[times.len() - MOST_KEYS - 1];
            self.seen.retain(|_, at| *at > floor);
            self.floor = self.floor.max(Some(floor));
        }
        self.gaps.retain(|gap| gap.to > horizon);
        while self.gaps.len() > MOST_GAPS {
            let first = self.gaps.remove(0);
            if let Some(next) = self.gaps.first_mut() {
                next.from = next.from.min(first.from);
                next.told |= first.told;
            }
        }
        for rule in self.rules.values_mut() {
            rule.small.retain(|_, small| small.at > horizon);
            while rule.fired.front().is_some_and(|at| *at <= now - TimeDelta::days(1))
                || rule.fired.len() > MOST_FIRINGS
            {
                rule.fired.pop_front();
            }
        }
    }
}
