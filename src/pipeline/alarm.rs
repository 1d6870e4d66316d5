//! The rules at work: what the log hears goes through them, and what they fire is written down.

use super::{Answer, Applied, Pipeline, WHOLE};
use crate::alerts::{
    self, Alert, Alerts, BADGE, Delivery, Engine, Event, EventKind, Memory, Outcome, Rule, Standing, Trigger,
    Who,
};
use crate::bumps::{Entry, Happening, What};
use crate::filter;
use crate::model::{ChannelId, PersonId, PersonSnapshot, Range, Time};
use crate::store::{Fired, Result, Rows};
use chrono::{DateTime, FixedOffset, TimeDelta};
use std::collections::BTreeSet;

/// The local time of day at an instant: the hours of quiet are the user's.
pub type Wall = fn(Time) -> DateTime<FixedOffset>;

/// What was delivered is remembered for so long: longer than rules remember what happened.
const KEPT: TimeDelta = TimeDelta::days(60);

#[derive(Debug)]
pub(super) struct Alarm {
    engine: Engine,
    wall: Wall,
    /// What the store has of the engine's memory.
    written: Memory,
    /// Everybody as the rules saw them last; empty before they were needed.
    board: Vec<PersonSnapshot>,
    /// Decided and not fetched yet.
    due: Vec<Delivery>,
    /// When it wants to be asked again, as told last.
    wake: Option<Time>,
}

impl Alarm {
    fn ranges(&self) -> &'static [Range] {
        let asks = |rule: &Rule| {
            matches!(rule.trigger, Trigger::Becomes { .. }) || matches!(rule.who, Who::Filter(_))
        };
        let asked = self.engine.alerts().rules.iter().any(|rule| !rule.off && asks(rule));
        if asked { &filter::RANGES } else { &[] }
    }
}

impl Pipeline {
    /// From now on rules decide what of all that happens is told. What the log has heard since they last did,
    /// because the program was off, is told in one summary.
    pub fn arm(&mut self, alerts: Alerts, wall: Wall, now: Time) -> Result<()> {
        let written = Memory::from_parts(self.database.rows().rule_memory()?);
        let since = written.alive();
        let engine = Engine::new(alerts, written.clone(), now);
        let unsent = self.database.rows().take_unsent()?;
        let read = |(place, alert): (String, String)| {
            let alert = serde_json::from_str(&alert).ok()?;
            Some(Delivery { places: vec![place], alert, count: 1 })
        };
        let due: Vec<Delivery> = unsent.into_iter().filter_map(read).collect();
        self.alarm = Some(Alarm { engine, wall, written, board: Vec::new(), due, wake: None });
        let mut missed = Vec::new();
        if let Some(since) = since {
            for person in self.people() {
                let log = self.log(person, since)?.into_iter().filter(|entry| entry.at() > since);
                missed.extend(log.map(|entry| entry.what));
            }
        }
        // Nobody has to be looked at, and no start made longer, where nothing was missed.
        if missed.is_empty() { self.remember(&Outcome::default()) } else { self.feed(&missed, now) }
    }

    /// Other rules from now on. Where none are at work, none are.
    pub fn rearm(&mut self, alerts: Alerts) -> Result<()> {
        let Some(alarm) = self.alarm.as_mut().filter(|alarm| *alarm.engine.alerts() != alerts) else {
            return Ok(());
        };
        alarm.engine.change(alerts);
        // Other rules may ask for changes that nobody asked for so far.
        alarm.board.clear();
        self.remember(&Outcome::default())
    }

    /// The rules hear of a poll.
    pub(super) fn alarm(&mut self, applied: &Applied) -> Result<()> {
        let Some(alarm) = &mut self.alarm else { return Ok(()) };
        if alarm.board.is_empty() {
            return self.feed(&applied.told, applied.at);
        }
        let (ranges, mut board) = (alarm.ranges(), std::mem::take(&mut alarm.board));
        for &person in &applied.people {
            let Some(shown) = self.snapshot(person, applied.at, ranges)? else { continue };
            match board.iter_mut().find(|known| known.id == person) {
                Some(known) => *known = shown,
                None => board.push(shown),
            }
        }
        if let Some(alarm) = &mut self.alarm {
            alarm.board = board;
        }
        self.feed(&applied.told, applied.at)
    }

    /// An instant has come at which the rules wanted to be asked again: see [`Self::next_alarm`].
    pub fn wake(&mut self, now: Time) -> Result<()> {
        self.feed(&[], now)
    }

    /// When the rules should be asked again though nothing has happened.
    pub fn next_alarm(&self, now: Time) -> Option<Time> {
        let alarm = self.alarm.as_ref()?;
        alarm.engine.next((alarm.wall)(now))
    }

    /// What is to be delivered since this was asked last.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        self.alarm.as_mut().map(|alarm| std::mem::take(&mut alarm.due)).unwrap_or_default()
    }

    /// The same for whoever is told, with the next instant for [`Self::wake`]; nothing where neither is news.
    pub(super) fn alerts(&mut self, now: Time) -> Option<Answer> {
        let (deliveries, wake) = (self.deliveries(), self.next_alarm(now));
        let alarm = self.alarm.as_mut()?;
        let news = !deliveries.is_empty() || alarm.wake != wake;
        alarm.wake = wake;
        news.then_some(Answer::Alerts { deliveries, wake })
    }

    /// A key is never to go to a place again.
    pub fn settle(&mut self, place: &str, key: &str, now: Time) -> Result<()> {
        self.database.transaction(|rows| rows.put_delivered(place, key, now, now - KEPT))
    }

    /// The program ends before something could be sent: it is due at the next start.
    pub fn keep_unsent(&mut self, unsent: &Delivery) -> Result<()> {
        let alert = serde_json::to_string(&unsent.alert).unwrap_or_default();
        self.database
            .transaction(|rows| unsent.places.iter().try_for_each(|place| rows.put_unsent(place, &alert)))
    }

    /// Place and key of what was settled before, oldest first.
    pub fn settled(&self) -> Result<Vec<(String, String)>> {
        self.database.rows().delivered()
    }

    /// Silences a rule, or all of them, until an instant; one that has passed ends it.
    pub fn snooze(&mut self, rule: Option<&str>, until: Time, now: Time) -> Result<()> {
        let Some(alarm) = &mut self.alarm else { return Ok(()) };
        alarm.engine.snooze(rule, until, now);
        self.remember(&Outcome::default())
    }

    /// One sample for every place that rules in force name.
    pub fn sample(&mut self, now: Time) {
        let Some(alarm) = &mut self.alarm else { return };
        let rules = alarm.engine.alerts().rules.iter().filter(|rule| !rule.off);
        let places: BTreeSet<&String> =
            rules.flat_map(|rule| &rule.how).filter(|how| *how != BADGE).collect();
        let places: Vec<String> = places.into_iter().cloned().collect();
        if !places.is_empty() {
            alarm.due.push(Delivery { places, alert: Alert::sample(now), count: 1 });
        }
    }

    /// The rules in their order, with how they are doing; nothing where none are at work.
    pub fn rules(&self, now: Time) -> Vec<Standing> {
        self.alarm.as_ref().map(|alarm| alarm.engine.standings(now)).unwrap_or_default()
    }

    fn feed(&mut self, told: &[What], now: Time) -> Result<()> {
        if self.alarm.as_ref().is_some_and(|alarm| alarm.board.is_empty()) {
            let ranges = self.alarm.as_ref().map_or(&[][..], Alarm::ranges);
            let mut board = Vec::new();
            for person in self.people() {
                board.extend(self.snapshot(person, now, ranges)?);
            }
            if let Some(alarm) = &mut self.alarm {
                alarm.board = board;
            }
        }
        let events: Vec<Event> = told.iter().filter_map(|what| self.event(what)).collect();
        let Some(alarm) = &mut self.alarm else { return Ok(()) };
        let outcome = alarm.engine.feed(&events, &alarm.board, (alarm.wall)(now));
        self.remember(&outcome)?;
        if let Some(alarm) = &mut self.alarm {
            alarm.due.extend(outcome.deliveries);
        }
        Ok(())
    }

    /// Writes down what has fired, with what the rules must know next time.
    fn remember(&mut self, outcome: &Outcome) -> Result<()> {
        let person = |symbol: Option<&String>| {
            let known = self.people.iter().find(|person| Some(&person.wanted.symbol) == symbol);
            known.map(|person| person.id)
        };
        let note = |fired: &alerts::Fired| {
            let alert = &fired.alert;
            let person = person(alert.symbol.as_ref());
            // Everything else is an entry of the log by itself.
            let crossing = alert.kind == EventKind::Crossing.word();
            let what = crossing.then(|| format!("{} · {}", alert.title, alert.body));
            let key = match (&what, person) {
                (Some(what), Some(person)) => crossing_of(person, alert.at, what.clone()).key(),
                _ => alert.key.clone(),
            };
            let badge = fired.how.iter().any(|place| place == BADGE);
            Fired { rule: fired.rule.clone(), key, at: alert.at, person, badge, what }
        };
        let fired: Vec<Fired> = outcome.fired.iter().map(note).collect();
        let Some(alarm) = &mut self.alarm else { return Ok(()) };
        let changes = alarm.engine.memory().changes(&mut alarm.written);
        let write = |rows: &Rows<'_>| {
            fired.iter().try_for_each(|fired| rows.put_fired(fired))?;
            changes.iter().try_for_each(|(part, text)| rows.put_rule_memory(part, text.as_deref()))
        };
        let done = self.database.transaction(write);
        if done.is_err() {
            // What the store has is not known: everything is written next time.
            alarm.written = Memory::default();
        }
        done
    }

    /// What the log hears, as rules hear it. A bump that is over is no news to them.
    fn event(&self, what: &What) -> Option<Event> {
        let id = what.person();
        let person = self.people.iter().find(|person| person.id == id)?;
        let channel = |channel: ChannelId| {
            if channel == WHOLE { None } else { self.slot(id, channel).map(str::to_owned) }
        };
        let (kind, at, channel, points, text) = match what {
            What::Bump(episode) if episode.bump.resolved.is_some() => return None,
            What::Bump(episode) => {
                let fades = episode.fades.map_or_else(String::new, |at| {
                    let wall =
                        self.alarm.as_ref().map_or_else(|| at.fixed_offset(), |alarm| (alarm.wall)(at));
                    format!("; gone by {} if nothing else comes", wall.format("%a %-d %b"))
                });
                let text = format!("{}{fades}", episode.cause);
                let points = Some(episode.bump.points());
                (EventKind::Bump, episode.bump.onset, channel(episode.channel), points, text)
            }
            What::Happening(told) => {
                (told.kind, told.at, channel(told.channel), told.points, told.what.clone())
            }
        };
        Some(Event {
            key: what.key(),
            at,
            kind,
            symbol: Some(person.wanted.symbol.clone()),
            channel,
            points,
            noise: person.guard.noise(),
            text,
            url: None,
        })
    }
}

/// The entry of a filter that became true of somebody.
fn crossing_of(person: PersonId, at: Time, what: String) -> Happening {
    Happening { person, at, kind: EventKind::Crossing, channel: WHOLE, points: None, what }
}

/// Marks entries of a person's log with the rules that told them, and adds what rules made themselves.
pub(super) fn mark(rows: &Rows<'_>, person: PersonId, since: Time, log: &mut Vec<Entry>) -> Result<()> {
    // A bump that is not over may have been told long before.
    let since = log.iter().map(Entry::began).min().unwrap_or(since).min(since);
    for fired in rows.fired(person, since)? {
        let badge = fired.badge;
        let place = if let Some(place) = log.iter().position(|entry| entry.key() == fired.key) {
            place
        } else {
            let Some(what) = fired.what else { continue };
            let unread = !rows.is_seen(&fired.key)?;
            let what = What::Happening(crossing_of(person, fired.at, what));
            log.push(Entry { unread, ..Entry::of(what) });
            log.len() - 1
        };
        log[place].rules.push(fired.rule);
        log[place].badge |= badge;
    }
    Ok(())
}
