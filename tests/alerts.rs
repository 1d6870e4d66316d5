#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The rules: what fires, when, how often, and what each place is handed.

#[path = "support/people.rs"]
mod people;

use chrono::{DateTime, FixedOffset};
use cloutop::alerts::{Alerts, Delivery, Engine, Event, EventKind, Memory, Outcome};
use cloutop::config::Config;
use cloutop::model::{PersonSnapshot, State};
use people::{ada, at, channel, person};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::{BTreeMap, HashSet};

/// The instant so many minutes after 14:00, on a clock in UTC.
fn clock(minutes: i64) -> DateTime<FixedOffset> {
    at(minutes).fixed_offset()
}

fn configured(text: &str) -> Alerts {
    Config::parse(text).unwrap_or_else(|bad| panic!("{bad:#?}")).alerts
}

fn engine(rules: &str) -> Engine {
    Engine::new(configured(rules), Memory::default(), at(0))
}

/// The engine after its program was off: its memory through JSON.
fn restarted(engine: &Engine, alerts: &Alerts, minutes: i64) -> Engine {
    let parts = engine.memory().changes(&mut Memory::default());
    let kept = Memory::from_parts(parts.into_iter().filter_map(|(name, text)| Some((name, text?))));
    Engine::new(alerts.clone(), kept, at(minutes))
}

fn event(kind: EventKind, key: &str, symbol: &str, minutes: i64) -> Event {
    Event {
        key: key.to_owned(),
        at: at(minutes),
        kind,
        symbol: Some(symbol.to_owned()),
        channel: None,
        points: Some(0.18),
        noise: None,
        text: "9 stars on sokafor/tuikit".to_owned(),
        url: None,
    }
}

fn bump(key: &str, symbol: &str, minutes: i64) -> Event {
    event(EventKind::Bump, key, symbol, minutes)
}

/// Somebody with a score from a poll at that minute.
fn polled(symbol: &str, score: f64, minutes: i64, state: State) -> PersonSnapshot {
    let mut person = person(symbol, Some(score));
    person.channels = vec![channel("github", "x", state, Some(score), -minutes)];
    person
}

fn you(score: f64, minutes: i64) -> Vec<PersonSnapshot> {
    vec![polled("YOU", score, minutes, State::Live)]
}

fn keys(outcome: &Outcome) -> Vec<&str> {
    outcome.fired.iter().map(|fired| fired.alert.key.as_str()).collect()
}

/// `place place: title (count)`, a line for each message.
fn sent(deliveries: &[Delivery]) -> Vec<String> {
    let line = |delivery: &Delivery| {
        format!("{}: {} ({})", delivery.places.join(" "), delivery.alert.title, delivery.count)
    };
    deliveries.iter().map(line).collect()
}

const BUMPS: &str =
    "[[alerts.rules]]\nname = \"bump\"\non = \"bump\"\nhow = [\"badge\", \"bell\", \"desktop\"]\n";

const NEVER: [i64; 0] = [];

const SIXTY: &str = "[[alerts.rules]]\nname = \"sixty\"\nwhen = \"last>60\"\nquiet = \"0s\"\n";

#[test]
fn a_rule_fires_for_whom_and_what_it_says() {
    let rules =
        "[[alerts.rules]]\nname = \"you\"\nwho = \"YOU\"\non = \"bump\"\nmin = 0.15\nquiet = \"0s\"\n";
    let mut engine = engine(rules);
    let mut board = vec![polled("YOU", 50.0, 0, State::Live), polled("TOM", 50.0, 0, State::Live)];
    board[1].name = "Tom Young".to_owned();
    let mut fires = |event: Event| !engine.feed(&[event], &board, clock(1)).fired.is_empty();
    assert!(fires(bump("1", "YOU", 1)));
    assert!(!fires(bump("2", "TOM", 1)), "YOU is a symbol, not a part of Young");
    assert!(!fires(event(EventKind::Volume, "3", "YOU", 1)));
    assert!(!fires(Event { points: Some(0.14), ..bump("4", "YOU", 1) }));
    assert!(fires(Event { points: Some(-0.16), ..bump("5", "YOU", 1) }), "a fall is a bump, too");
    assert!(!fires(Event { points: None, ..bump("6", "YOU", 1) }));
    assert!(!fires(bump("1", "YOU", 1)), "once for a key");
    assert!(fires(Event { symbol: None, ..bump("7", "YOU", 1) }), "what concerns everybody concerns YOU");
}

#[test]
fn without_rules_the_user_hears_of_large_bumps_and_lasting_halts() {
    let mut engine = Engine::new(Alerts::default(), Memory::default(), at(0));
    let mut board = you(50.0, 0);
    board[0].mine = true;
    board.push(ada());
    let sized = |key: &str, symbol: &str, noise| Event { noise, points: Some(0.31), ..bump(key, symbol, 1) };
    let events = [sized("a", "YOU", Some(0.11)), sized("b", "ADA", Some(0.01))];
    assert_eq!(engine.feed(&events, &board, clock(1)).fired, [], "less than three times the noise; not mine");
    let told = engine.feed(&[sized("c", "YOU", Some(0.1))], &board, clock(2));
    assert_eq!(sent(&told.deliveries), ["badge: YOU ▲ +0.31 (1)"]);
    let halt = Event { channel: Some("mastodon".to_owned()), ..event(EventKind::Halt, "h", "ADA", 3) };
    assert_eq!(engine.feed(&[halt], &board, clock(4)).fired, []);
    assert_eq!(engine.next(clock(4)), Some(at(18)));
    assert_eq!(engine.feed(&[], &board, clock(17)).fired, []);
    let told = engine.feed(&[], &board, clock(18));
    assert_eq!(sent(&told.deliveries), ["badge: ADA/mastodon halted (1)"]);
    assert_eq!(engine.next(clock(18)), None);
}

#[test]
fn a_halt_that_ends_early_is_not_told() {
    let rules = "[[alerts.rules]]\nname = \"halt\"\non = \"halt\"\nafter = \"15m\"\n";
    for (state, fires) in [(State::Halt, 1), (State::Limit, 1), (State::Live, 0), (State::Off, 0)] {
        let mut engine = engine(rules);
        let halted = [polled("YOU", 50.0, 0, State::Halt)];
        engine.feed(&[event(EventKind::Halt, "h", "YOU", 1)], &halted, clock(1));
        engine.feed(&[], &[polled("YOU", 50.0, 9, state)], clock(9));
        assert_eq!(engine.feed(&[], &halted, clock(16)).fired.len(), fires, "{state:?}");
    }
    let mut engine = engine(rules);
    let late = engine.feed(
        &[event(EventKind::Halt, "h", "YOU", 1)],
        &[polled("YOU", 5.0, 0, State::Halt)],
        clock(40),
    );
    assert_eq!(late.fired.len(), 1, "told late it has lasted already");
}

/// Feeds scores a minute apart; the minutes at which the rule fires.
fn crossings(engine: &mut Engine, from: i64, scores: &[f64]) -> Vec<i64> {
    let minutes = from..;
    let fires = |(minute, score): (i64, &f64)| {
        let fired = engine.feed(&[], &you(*score, minute), clock(minute)).fired;
        (!fired.is_empty()).then_some(minute)
    };
    minutes.zip(scores).filter_map(fires).collect()
}

#[test]
fn a_filter_that_becomes_true_fires_once_per_crossing() {
    assert_eq!(crossings(&mut engine(SIXTY), 1, &[59.0, 61.0, 62.0, 63.0, 64.0]), [3]);
    assert_eq!(crossings(&mut engine(SIXTY), 1, &[61.0, 61.0, 61.0]), NEVER, "it was so from the start");
    assert_eq!(
        crossings(&mut engine(SIXTY), 1, &[59.0, 61.0, 59.0, 61.0, 59.0]),
        NEVER,
        "never two polls in a row"
    );
    let flapping = [59.0, 60.1, 60.1, 59.9, 59.9, 59.9, 60.1, 60.1, 59.5, 59.5, 60.1, 60.1];
    assert_eq!(crossings(&mut engine(SIXTY), 1, &flapping), [3], "at its border");
    assert_eq!(crossings(&mut engine(SIXTY), 1, &[59.0, 61.0, 61.0, 58.0, 58.0, 61.0, 61.0]), [3, 7]);
    let mut engine = engine(SIXTY);
    let feed =
        |engine: &mut Engine, polled, now| engine.feed(&[], &you(61.0, polled), clock(now)).fired.len();
    engine.feed(&[], &you(59.0, 1), clock(1));
    assert_eq!(
        [feed(&mut engine, 2, 2), feed(&mut engine, 2, 3), feed(&mut engine, 3, 4)],
        [0, 0, 1],
        "no poll, no count"
    );
    assert_eq!(engine.standings(at(4))[0].firing, ["YOU"]);
    assert_eq!(engine.standings(at(4))[0].fired, 1);
    assert_eq!(engine.standings(at(24 * 60 + 4))[0].fired, 0);
}

#[test]
fn a_crossing_while_the_program_was_off_is_told() {
    let alerts = configured(SIXTY);
    let mut first = engine(SIXTY);
    crossings(&mut first, 1, &[59.0, 59.0]);
    let mut second = restarted(&first, &alerts, 600);
    assert_eq!(crossings(&mut second, 601, &[62.0, 62.0]), [602]);
    let mut third = restarted(&second, &alerts, 900);
    assert_eq!(crossings(&mut third, 901, &[62.0, 62.0]), NEVER, "and not again");
    let other = configured(&SIXTY.replace("60", "61"));
    let mut fourth = restarted(&second, &other, 900);
    assert_eq!(crossings(&mut fourth, 901, &[62.0, 62.0]), NEVER, "a changed rule begins anew");
}

#[test]
fn a_rule_is_quiet_after_it_has_fired_for_somebody() {
    let mut engine = engine(BUMPS);
    let board = [you(50.0, 0), vec![ada()]].concat();
    let mut fires = |key: &str, symbol, minute| {
        engine.feed(&[bump(key, symbol, minute)], &board, clock(minute)).fired.len()
    };
    assert_eq!(fires("1", "YOU", 1), 1);
    assert_eq!(fires("2", "YOU", 30), 0);
    assert_eq!(fires("3", "ADA", 30), 1, "of somebody else it tells");
    assert_eq!(fires("4", "YOU", 31), 1, "30 minutes later");
    assert_eq!(fires("5", "YOU", 20), 1, "a clock that was set back makes nobody wait");
}

#[test]
fn a_snoozed_rule_does_not_fire_nor_tell_later() {
    let rules = format!("{BUMPS}quiet = \"0s\"\n{SIXTY}");
    let mut engine = engine(&rules);
    assert!(engine.snooze(Some("bump"), at(60), at(0)));
    assert!(!engine.snooze(Some("bum"), at(60), at(0)));
    let fires = |engine: &mut Engine, key: &str, minute| {
        engine.feed(&[bump(key, "YOU", minute)], &you(50.0, 0), clock(minute)).fired.len()
    };
    assert_eq!(fires(&mut engine, "1", 59), 0);
    assert_eq!(engine.standings(at(59))[0].snoozed, Some(at(60)));
    assert_eq!(fires(&mut engine, "1", 60), 0, "it was taken note of");
    assert_eq!(fires(&mut engine, "2", 60), 1);
    engine.snooze(None, at(120), at(60));
    assert_eq!(crossings(&mut engine, 61, &[59.0, 61.0, 61.0]), NEVER);
    assert_eq!(crossings(&mut engine, 121, &[61.0, 61.0]), NEVER, "the crossing is past");
    engine.snooze(None, at(200), at(129));
    engine.snooze(None, at(0), at(129));
    assert_eq!(fires(&mut engine, "3", 130), 1, "an instant that has passed ends it");
}

#[test]
fn at_night_there_is_only_the_badge_and_one_summary_in_the_morning() {
    let rules = format!("alerts.do_not_disturb = \"22:00-08:00\"\n{BUMPS}quiet = \"0s\"\n");
    let mut engine = engine(&rules);
    // 14:00 in UTC is 23:00 nine hours further east.
    let east = FixedOffset::east_opt(9 * 3_600).unwrap();
    let mut feed = |events: &[Event], minute| {
        let outcome = engine.feed(events, &you(50.0, 0), at(minute).with_timezone(&east));
        (outcome.fired.len(), sent(&outcome.deliveries), engine.next(at(minute).with_timezone(&east)))
    };
    let badge = vec!["badge: YOU ▲ +0.18 (1)".to_owned()];
    let morning = Some(at(9 * 60));
    assert_eq!(feed(&[bump("1", "YOU", 1)], 1), (1, badge.clone(), morning));
    assert_eq!(feed(&[bump("2", "YOU", 2)], 2), (1, badge, morning));
    assert_eq!(feed(&[], 9 * 60 - 1), (0, vec![], morning));
    let summary = vec!["bell desktop: 2 alerts held back during do not disturb (2)".to_owned()];
    assert_eq!(feed(&[], 9 * 60), (0, summary, None));
    assert_eq!(feed(&[], 9 * 60 + 1), (0, vec![], None));
    feed(&[bump("3", "YOU", 24 * 60)], 24 * 60);
    let (_, single, _) = feed(&[], 33 * 60);
    assert_eq!(single, ["bell desktop: YOU ▲ +0.18 (1)"], "one alone needs no summary");
}

#[test]
fn what_happened_while_it_was_off_comes_as_one_summary() {
    let rules = format!("{BUMPS}quiet = \"30m\"\n");
    let alerts = configured(&rules);
    let mut first = engine(&rules);
    let board = you(50.0, 0);
    let history = first.feed(&[bump("old", "YOU", -5)], &board, clock(1));
    assert_eq!(history.fired, [], "what was before it ran for the first time is history");
    first.feed(&[], &board, clock(10));
    let mut second = restarted(&first, &alerts, 600);
    let off: Vec<Event> = (0..7).map(|n| bump(&format!("off {n}"), "YOU", 100 + n)).collect();
    let told = second.feed(&off[..6], &board, clock(601));
    assert_eq!(told.fired.len(), 6);
    assert!(told.fired.iter().all(|fired| fired.missed));
    assert_eq!(sent(&told.deliveries), ["badge bell desktop: 6 alerts while cloutop was off (6)"]);
    let body = &told.deliveries[0].alert.body;
    assert_eq!(body.lines().count(), 6, "{body}");
    assert!(body.ends_with("\nand 1 more"), "{body}");
    let late = second.feed(&off, &board, clock(602));
    assert_eq!(sent(&late.deliveries), ["badge: YOU ▲ +0.18 (1)"], "found later, it does not disturb again");
    let before = second.feed(&[bump("before", "YOU", 5)], &board, clock(700));
    assert!(!before.fired[0].missed, "it ran then; it is only told late");
    let mut third = restarted(&second, &alerts, 1_000);
    let again = third.feed(&off, &board, clock(1_001));
    assert_eq!(again.fired, []);
}

#[test]
fn a_storm_is_one_bell_and_one_summary_for_a_place() {
    let rules = format!(
        "{BUMPS}[[alerts.rules]]\nname = \"all\"\non = \"bump\"\nhow = [\"badge\", \"push\"]\n[alerts.to.push]\npushover = true\n"
    );
    let mut engine = engine(&rules);
    let storm: Vec<Event> = (0..1_000).map(|n| bump(&format!("k{n}"), &format!("P{n}"), 1)).collect();
    let told = engine.feed(&storm, &[], clock(1));
    assert_eq!(told.fired.len(), 2_000);
    assert_eq!(sent(&told.deliveries), ["badge bell desktop push: 1000 alerts at once (1000)"]);
    assert_eq!(engine.feed(&storm, &[], clock(2)), Outcome::default());
    let few: Vec<Event> = ["AA", "BB"].map(|symbol| bump(symbol, symbol, 3)).to_vec();
    let told = engine.feed(&few, &[], clock(3));
    assert_eq!(
        sent(&told.deliveries),
        [
            "badge desktop push: AA ▲ +0.18 (1)",
            "badge desktop push: BB ▲ +0.18 (1)",
            "bell: 2 alerts at once (2)"
        ]
    );
}

#[test]
fn the_memory_stays_small_and_still_tells_nothing_twice() {
    let rules = format!("{BUMPS}quiet = \"0s\"\n");
    let mut engine = engine(&rules);
    let batch = |from: i64| -> Vec<Event> {
        (from..from + 5_000).map(|n| bump(&format!("k{n}"), "YOU", n)).collect()
    };
    for from in (0..50_000).step_by(5_000) {
        assert_eq!(engine.feed(&batch(from), &you(5.0, 0), clock(from + 5_000)).fired.len(), 5_000, "{from}");
    }
    let parts = engine.memory().changes(&mut Memory::default());
    let size: usize = parts.iter().flat_map(|(_, text)| text).map(String::len).sum();
    assert!(size < 2_000_000, "{size} bytes");
    let mut engine = restarted(&engine, &configured(&rules), 50_000);
    for from in (0..50_000).step_by(5_000) {
        assert_eq!(engine.feed(&batch(from), &you(5.0, 0), clock(50_001)).fired, [], "{from}");
    }
}

#[test]
fn an_older_or_newer_memory_is_read() {
    assert_eq!(Memory::from_parts([]), Memory::default());
    let parts = [("weather", "fine"), ("[\"bump\"]", "{\"mood\": 3}"), ("alive", "no time"), ("[1]", "{}")];
    let read = Memory::from_parts(parts.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(read.alive(), None);
}

/// One call of the engine.
#[derive(Debug, Clone)]
struct Step {
    /// Minutes since the step before.
    after: i64,
    /// (kind, key, person, minutes before now, points)
    events: Vec<(usize, u8, usize, i64, f64)>,
    /// Scores and states of the people; a poll of each.
    scores: [f64; 2],
    halted: [bool; 2],
    snooze: Option<(Option<&'static str>, i64)>,
}

const SYMBOLS: [&str; 2] = ["YOU", "ADA"];

/// A rule of every kind; the night begins at 20:00.
const RULES: &str = r#"
[alerts]
do_not_disturb = "20:00-02:30"
[[alerts.rules]]
name = "bump"
who = "YOU"
on = "bump"
min = 0.3
how = ["badge", "bell", "push"]
[[alerts.rules]]
name = "any"
on = "bump"
quiet = "5m"
how = ["badge", "desktop"]
[[alerts.rules]]
name = "halt"
on = "halt"
after = "40m"
how = ["bell"]
[[alerts.rules]]
name = "gap"
on = "gap"
how = ["push"]
[[alerts.rules]]
name = "sixty"
when = "last>60"
quiet = "10m"
how = ["desktop", "push"]
[[alerts.rules]]
name = "low"
who = "ADA"
when = "last<59.5 | state:halt"
hold = 1
how = ["bell"]
[alerts.to.push]
pushover = true
"#;

fn step() -> impl Strategy<Value = Step> {
    let event = (0..3usize, any::<u8>(), 0..2usize, 0..300i64, -1.0..1.0f64);
    let snooze = (prop::sample::select(vec![None, Some("bump"), Some("sixty")]), 0..200i64);
    (
        0..120i64,
        prop::collection::vec(event, 0..5),
        [57.0..63.0f64, 57.0..63.0f64],
        [any::<bool>(), any::<bool>()],
        prop::option::weighted(0.1, snooze),
    )
        .prop_map(|(after, events, scores, halted, snooze)| Step {
            after,
            events,
            scores,
            halted,
            snooze,
        })
}

/// One step; the same events in the same order for the same step and minute.
fn take(engine: &mut Engine, step: &Step, minute: i64) -> Outcome {
    let kinds = [EventKind::Bump, EventKind::Halt, EventKind::Gap];
    let events: Vec<Event> = step
        .events
        .iter()
        .map(|&(kind, key, who, before, points)| Event {
            points: Some(points),
            symbol: (kind < 2).then(|| SYMBOLS[who].to_owned()),
            ..event(kinds[kind], &key.to_string(), SYMBOLS[who], minute - before)
        })
        .collect();
    let board: Vec<PersonSnapshot> = (0..2)
        .map(|who| {
            let state = if step.halted[who] { State::Halt } else { State::Live };
            polled(SYMBOLS[who], step.scores[who], minute, state)
        })
        .collect();
    if let Some((rule, length)) = step.snooze {
        engine.snooze(rule, at(minute + length), at(minute));
    }
    engine.feed(&events, &board, clock(minute))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn a_restart_changes_nothing(
        steps in prop::collection::vec(step(), 1..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        off in prop::option::of((any::<prop::sample::Index>(), 1..600i64)),
    ) {
        let alerts = configured(RULES);
        let cuts: HashSet<usize> = cuts.iter().map(|cut| cut.index(steps.len())).collect();
        let off = off.map(|(place, length)| (place.index(steps.len()), length));
        let mut whole = Engine::new(alerts.clone(), Memory::default(), at(0));
        // The other one is written down as it goes, part by part, and read again.
        let mut cut = whole.clone();
        let (mut parts, mut written) = (BTreeMap::new(), Memory::default());
        let mut reopened = |cut: &Engine, minute: i64| {
            for (name, text) in cut.memory().changes(&mut written) {
                match text {
                    Some(text) => parts.insert(name, text),
                    None => parts.remove(&name),
                };
            }
            let read = Memory::from_parts(parts.clone());
            assert_eq!(&read, cut.memory());
            Engine::new(alerts.clone(), read, at(minute))
        };
        let mut minute = 0;
        for (place, step) in steps.iter().enumerate() {
            if let Some((_, length)) = off.filter(|(when, _)| *when == place) {
                minute += length;
                whole = restarted(&whole, &alerts, minute);
                cut = reopened(&cut, minute);
            }
            minute += step.after;
            prop_assert_eq!(take(&mut whole, step, minute), take(&mut cut, step, minute));
            if cuts.contains(&place) {
                cut = reopened(&cut, minute);
            }
            prop_assert_eq!(whole.memory(), cut.memory());
            prop_assert_eq!(whole.next(clock(minute)), cut.next(clock(minute)));
        }
    }

    #[test]
    fn nothing_is_told_twice_and_nobody_is_nagged(
        steps in prop::collection::vec(step(), 1..60),
        off in (any::<prop::sample::Index>(), 1..600i64),
    ) {
        let alerts = configured(RULES);
        let mut engine = Engine::new(alerts.clone(), Memory::default(), at(0));
        let (mut fired, mut told) = (HashSet::new(), HashSet::new());
        let (mut minute, mut summaries) = (0, 0);
        for (place, step) in steps.iter().enumerate() {
            if place == off.0.index(steps.len()) {
                minute += off.1;
                engine = restarted(&engine, &alerts, minute);
            }
            minute += step.after;
            let outcome = take(&mut engine, step, minute);
            let night = alerts.do_not_disturb.unwrap().holds(clock(minute));
            for fire in &outcome.fired {
                prop_assert!(fired.insert((fire.rule.clone(), fire.alert.key.clone())), "{:?} fires twice", fire);
            }
            let mut bells = 0;
            for delivery in &outcome.deliveries {
                prop_assert!(delivery.count >= 1 && !delivery.places.is_empty());
                for place in &delivery.places {
                    prop_assert!(!night || place == "badge", "{} at night", place);
                    prop_assert!(told.insert((place.clone(), delivery.alert.key.clone())), "{:?} goes twice", delivery);
                    bells += usize::from(place == "bell");
                    summaries += usize::from(place == "push" && delivery.alert.title.ends_with("was off"));
                }
            }
            prop_assert!(bells <= 1);
        }
        prop_assert!(summaries <= 1);
    }

    #[test]
    fn every_alert_reaches_its_places(steps in prop::collection::vec(step(), 1..40)) {
        let mut engine = Engine::new(configured(RULES), Memory::default(), at(0));
        let (mut owed, mut counted) = (HashSet::new(), 0);
        let mut minute = 0;
        let mut count = |outcome: &Outcome, owed: &mut HashSet<String>| {
            let reaches = |fired: &&cloutop::alerts::Fired| fired.how.iter().any(|place| place == "push");
            owed.extend(outcome.fired.iter().filter(reaches).map(|fired| fired.alert.key.clone()));
            let push = outcome.deliveries.iter().filter(|delivery| delivery.places.iter().any(|place| place == "push"));
            counted += push.map(|delivery| delivery.count).sum::<usize>();
            counted
        };
        for step in &steps {
            minute += step.after;
            count(&take(&mut engine, step, minute), &mut owed);
        }
        // Until the morning after.
        let quiet: Vec<PersonSnapshot> = Vec::new();
        let end = engine.next(clock(minute)).map_or_else(|| clock(minute), |end| end.fixed_offset());
        let counted = count(&engine.feed(&[], &quiet, end.max(clock(minute + 720))), &mut owed);
        prop_assert_eq!(counted, owed.len());
    }
}

#[test]
fn the_first_firing_names_its_rule() {
    let mut engine = engine(BUMPS);
    let told = engine.feed(&[bump("k", "YOU", 1)], &you(50.0, 0), clock(1));
    assert_eq!(keys(&told), ["k"]);
    assert_eq!(told.fired[0].rule, "bump");
    assert_eq!(told.fired[0].how, ["badge", "bell", "desktop"]);
    let alert = &told.deliveries[0].alert;
    assert_eq!(
        (alert.kind.as_str(), alert.symbol.as_deref(), alert.points),
        ("bump", Some("YOU"), Some(0.18))
    );
    assert_eq!(alert.body, "9 stars on sokafor/tuikit");
}
