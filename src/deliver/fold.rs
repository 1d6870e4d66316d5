//! How much of a storm a place is told: so many alerts within a window, the rest as one summary.
//!
//! Pure: the instant is an argument. A place is told at most `singles` things in any window, summaries
//! counted. From the first alert that is too many, all others wait with it, so that order is kept; the
//! summary goes as soon as the window has room.

use super::Alert;
use super::known::fingerprint;
use crate::model::Time;
use chrono::TimeDelta;
use std::collections::{BTreeMap, VecDeque};

/// Symbols named in a summary.
const NAMED: usize = 5;

/// Alerts that may wait for one summary: a place that asks for a day of quiet does not fill the memory.
const MOST: usize = 10_000;

/// What is to be delivered next.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    pub alert: Alert,
    /// The keys of the alerts that a summary stands for; empty for an alert by itself.
    pub folded: Vec<String>,
}

/// One place's share of what happens.
#[derive(Debug)]
pub struct Folding {
    singles: usize,
    window: TimeDelta,
    /// When the last deliveries were let through, at most `singles` of them.
    recent: VecDeque<Time>,
    /// Let through and not taken yet.
    ready: VecDeque<Alert>,
    folded: Folded,
    /// The place wants to be left alone until then.
    held: Option<Time>,
}

/// What will be one summary.
#[derive(Debug, Default)]
struct Folded {
    /// The first one, as long as it is the only one.
    only: Option<Alert>,
    keys: Vec<String>,
    /// In the order of their first appearance.
    symbols: Vec<String>,
    kinds: BTreeMap<String, u64>,
    /// Alerts beside these that could not even wait.
    dropped: u64,
}

impl Folding {
    /// At most `singles` (at least one) deliveries in any `window`.
    pub fn new(singles: usize, window: TimeDelta) -> Self {
        Self {
            singles: singles.max(1),
            window,
            recent: VecDeque::new(),
            ready: VecDeque::new(),
            folded: Folded::default(),
            held: None,
        }
    }

    /// Takes an alert in, unless too many wait already: then it is [lost](Self::lost), and this false.
    pub fn offer(&mut self, alert: Alert, now: Time) -> bool {
        if self.folded.is_empty() && self.ready.len() < self.room(now) {
            self.ready.push_back(alert);
        } else if self.folded.keys.len() < MOST {
            self.folded.add(alert);
        } else {
            return false;
        }
        true
    }

    /// Counts alerts that were lost on their way here, so that the summary does not say too little.
    pub fn lost(&mut self, count: u64) {
        self.folded.dropped = self.folded.dropped.saturating_add(count);
    }

    /// Leaves the place alone until `until`.
    pub fn hold(&mut self, until: Time) {
        self.held = self.held.max(Some(until));
    }

    /// What is to be delivered now. Counts as delivered at `now`.
    pub fn next(&mut self, now: Time) -> Option<Due> {
        if self.held.is_some_and(|until| until > now) || self.room(now) == 0 {
            return None;
        }
        let due = match self.ready.pop_front() {
            Some(alert) => Due { alert, folded: Vec::new() },
            None => self.folded.summary(now)?,
        };
        self.recent.push_back(now);
        Some(due)
    }

    /// What waits, though the window has no room for it.
    pub fn rest(&mut self, now: Time) -> Option<Due> {
        if self.held.is_some_and(|until| until > now) {
            return None;
        }
        match self.ready.pop_front() {
            Some(alert) => Some(Due { alert, folded: Vec::new() }),
            None => self.folded.summary(now),
        }
    }

    /// When [`Self::next`] has something, if nothing else happens.
    pub fn deadline(&self, now: Time) -> Option<Time> {
        if self.ready.is_empty() && self.folded.is_empty() {
            return None;
        }
        let room = match self.recent.front() {
            Some(first) if self.recent.len() >= self.singles => *first + self.window,
            _ => now,
        };
        Some(room.max(self.held.unwrap_or(room)).max(now))
    }

    /// Keys of everything that waits here, which is empty afterwards.
    pub fn take_waiting(&mut self) -> Vec<String> {
        let folded = std::mem::take(&mut self.folded);
        self.ready.drain(..).map(|alert| alert.key).chain(folded.keys).collect()
    }

    /// Deliveries that the window at `now` still has room for.
    fn room(&mut self, now: Time) -> usize {
        // A clock that was set back does not make anybody wait for longer than a window.
        while self.recent.front().is_some_and(|at| (now - *at).abs() >= self.window) {
            self.recent.pop_front();
        }
        self.singles - self.recent.len().min(self.singles)
    }
}

impl Folded {
    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn add(&mut self, alert: Alert) {
        if let Some(symbol) = &alert.symbol
            && self.symbols.len() <= NAMED
            && !self.symbols.contains(symbol)
        {
            self.symbols.push(symbol.clone());
        }
        *self.kinds.entry(alert.kind.clone()).or_default() += 1;
        self.keys.push(alert.key.clone());
        self.only = self.is_only().then_some(alert);
    }

    fn is_only(&self) -> bool {
        self.keys.len() == 1
    }

    /// One alert for all of them: `995 more: ADA, BOB, …`. A single one stays what it is.
    fn summary(&mut self, now: Time) -> Option<Due> {
        let Self { only, keys, symbols, kinds, dropped } = std::mem::take(self);
        if let Some(alert) = only
            && dropped == 0
        {
            return Some(Due { alert, folded: Vec::new() });
        }
        let count = keys.len() as u64 + dropped;
        if keys.is_empty() {
            self.dropped = dropped;
            return None;
        }
        let mut title = format!("{count} more");
        for (n, symbol) in symbols.iter().take(NAMED).enumerate() {
            title.push_str(if n == 0 { ": " } else { ", " });
            title.push_str(symbol);
        }
        if symbols.len() > NAMED {
            title.push_str(", …");
        }
        let mut parts: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        if dropped > 0 {
            parts.push(format!("not looked at {dropped}"));
        }
        let key = format!("summary {:032x}", fingerprint(&keys.join("\n")));
        let alert = Alert {
            key,
            at: now,
            kind: "summary".to_owned(),
            symbol: None,
            title,
            body: parts.join(", "),
            url: None,
            points: None,
        };
        Some(Due { alert, folded: keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Time {
        time(1_772_000_000_000 + seconds * 1_000)
    }

    fn alert(n: usize, symbol: &str) -> Alert {
        Alert {
            key: format!("k{n}"),
            at: at(0),
            kind: if n.is_multiple_of(10) { "halt" } else { "bump" }.to_owned(),
            symbol: Some(symbol.to_owned()),
            title: format!("alert {n}"),
            body: String::new(),
            url: None,
            points: None,
        }
    }

    fn titles(folding: &mut Folding, now: Time) -> Vec<String> {
        std::iter::from_fn(|| folding.next(now)).map(|due| due.alert.title).collect()
    }

    #[test]
    fn a_storm_is_five_alerts_and_one_summary() {
        let mut folding = Folding::new(5, TimeDelta::seconds(60));
        let symbols = ["ADA", "BOB", "CY", "DEE", "EVE", "FAY", "GUS"];
        for n in 0..1_000 {
            folding.offer(alert(n, symbols[n % 7]), at(0));
        }
        assert_eq!(titles(&mut folding, at(0)).len(), 5);
        assert_eq!(folding.deadline(at(0)), Some(at(60)));
        assert_eq!(folding.next(at(59)), None);
        let summary = folding.next(at(60)).unwrap();
        assert_eq!(summary.alert.title, "995 more: FAY, GUS, ADA, BOB, CY, …");
        assert_eq!(summary.alert.body, "bump 896, halt 99");
        assert_eq!(summary.alert.kind, "summary");
        assert_eq!(summary.folded.len(), 995);
        assert_eq!(summary.folded[0], "k5");
        assert_eq!(folding.deadline(at(60)), None);
    }

    #[test]
    fn one_too_many_is_told_by_itself_and_in_order() {
        let mut folding = Folding::new(2, TimeDelta::seconds(60));
        for (n, second) in [(1, 0), (2, 30), (3, 40)] {
            folding.offer(alert(n, "ADA"), at(second));
            folding.next(at(second));
        }
        assert_eq!(folding.deadline(at(40)), Some(at(60)));
        assert_eq!(folding.next(at(60)).unwrap().alert.title, "alert 3");
        folding.offer(alert(4, "ADA"), at(61));
        folding.offer(alert(5, "BOB"), at(91));
        assert_eq!(titles(&mut folding, at(91)), ["2 more: ADA, BOB"], "4 waits, so 5 waits with it");
    }

    #[test]
    fn a_place_that_asks_for_quiet_gets_it() {
        let mut folding = Folding::new(5, TimeDelta::seconds(60));
        folding.hold(at(3_600));
        folding.offer(alert(1, "ADA"), at(0));
        assert_eq!(folding.next(at(3_599)), None);
        assert_eq!(folding.deadline(at(0)), Some(at(3_600)));
        assert!(folding.next(at(3_600)).is_some());
    }

    #[test]
    fn what_was_lost_on_the_way_is_counted() {
        let mut folding = Folding::new(1, TimeDelta::seconds(60));
        folding.lost(7);
        assert_eq!(folding.next(at(0)), None, "nothing to hang it on yet");
        folding.offer(alert(1, "ADA"), at(0));
        folding.offer(alert(2, "BOB"), at(0));
        assert_eq!(titles(&mut folding, at(0)), ["alert 1"]);
        let summary = folding.next(at(60)).unwrap();
        assert_eq!(summary.alert.title, "8 more: BOB");
        assert_eq!(summary.alert.body, "bump 1, not looked at 7");
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut folding = Folding::new(1, TimeDelta::seconds(60));
        let taken = (0..MOST + 11).filter(|n| folding.offer(alert(*n, "ADA"), at(0))).count();
        assert_eq!(taken, MOST + 1);
        folding.lost(10);
        folding.next(at(0)).unwrap();
        assert_eq!(folding.next(at(60)).unwrap().alert.title, "10010 more: ADA");
    }

    #[test]
    fn a_clock_set_back_does_not_silence_a_place() {
        let mut folding = Folding::new(1, TimeDelta::seconds(60));
        folding.offer(alert(1, "ADA"), at(0));
        assert!(folding.next(at(0)).is_some());
        folding.offer(alert(2, "ADA"), at(-86_400));
        assert!(folding.next(at(-86_400)).is_some());
    }

    proptest! {
        /// Whatever comes when: no window sees more than it may, and every key goes out once.
        #[test]
        fn no_window_is_overrun_and_nothing_is_lost(gaps in prop::collection::vec(0i64..30, 1..120)) {
            let mut folding = Folding::new(3, TimeDelta::seconds(60));
            let (mut now, mut told, mut keys) = (0, Vec::new(), Vec::new());
            let mut deliver = |folding: &mut Folding, now: i64| {
                while let Some(due) = folding.next(at(now)) {
                    told.push(now);
                    if due.folded.is_empty() { keys.push(due.alert.key) } else { keys.extend(due.folded) }
                }
            };
            for (n, gap) in gaps.iter().enumerate() {
                now += gap;
                folding.offer(alert(n, "ADA"), at(now));
                deliver(&mut folding, now);
            }
            while let Some(deadline) = folding.deadline(at(now)) {
                now = (deadline - at(0)).num_seconds();
                deliver(&mut folding, now);
            }
            for told in told.windows(4) {
                prop_assert!(told[3] - told[0] >= 60, "four within {} s", told[3] - told[0]);
            }
            let all: Vec<String> = (0..gaps.len()).map(|n| format!("k{n}")).collect();
            prop_assert_eq!(keys, all, "each once, in order");
        }
    }
}
