#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Why scores moved and what events brought, from polls to statements: invented accounts, polled by hand.

#[path = "support/board.rs"]
mod board;
#[path = "support/tables.rs"]
mod tables;

use board::{account, minutes, start, wanted};
use chrono::TimeDelta;
use cloutop::model::{
    Account, Act, ChannelId, Counts, Figure, ItemId, Mark, Metric, Observation, Outcome, PersonId,
    PersonSnapshot, Post, PostKind, Profile, Range, Time, Trouble,
};
use cloutop::pipeline::{Pipeline, Wanted, rebuild};
use cloutop::score::{Cause, Constants, Explained, ExplainedLine};
use cloutop::store::{Database, Lock, PollReport};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use tables::derived;

/// So many days after the start.
fn day(days: f64) -> Time {
    #[expect(clippy::cast_possible_truncation, reason = "days of a test")]
    let millis = (days * 86_400_000.0) as i64;
    start() + TimeDelta::milliseconds(millis)
}

/// What a network shows of an account at the moment.
#[derive(Debug, Clone, Default)]
struct Page {
    posts: Vec<Post>,
    /// Told once.
    acts: Vec<Act>,
    followers: Option<u64>,
    complete: bool,
}

impl Page {
    /// A listing that reaches back to the first post.
    fn complete() -> Self {
        Self { complete: true, ..Self::default() }
    }

    fn of(followers: u64) -> Self {
        Self { followers: Some(followers), ..Self::complete() }
    }

    fn post(&mut self, id: &str, published: Time, likes: u64) {
        self.posts.push(Post {
            id: ItemId::from(id),
            kind: PostKind::Post,
            url: None,
            title: format!("post {id}"),
            published,
            counts: Counts::default().with(Metric::Likes, likes),
            standing: false,
        });
    }

    fn grow(&mut self, place: usize, metric: Metric, by: u64) {
        let counts = &mut self.posts[place].counts;
        counts.set(metric, Some(counts.get(metric).unwrap_or(0) + by));
    }

    fn observation(&mut self, account: Account) -> Observation {
        let figures = self.followers.map(|followers| (Figure::Followers, followers));
        Observation {
            profile: Profile { figures: figures.into_iter().collect(), ..Profile::default() },
            posts: self.posts.clone(),
            acts: std::mem::take(&mut self.acts),
            complete: self.complete,
            ..Observation::new(account)
        }
    }
}

const MASTODON: &str = "@ada@h.example";
const GITHUB: &str = "github:ada";

fn ada(accounts: &[&str]) -> Wanted {
    let accounts: Vec<Account> = accounts.iter().map(|typed| account(typed)).collect();
    wanted("ADA", &accounts)
}

/// Ada's pipeline, and who she is in it.
struct Ada {
    pipeline: Pipeline,
    person: PersonId,
}

impl Ada {
    fn new(accounts: &[&str]) -> Self {
        Self::open(Database::in_memory().unwrap(), accounts, Constants::reference(), start())
    }

    fn open(database: Database, accounts: &[&str], constants: Constants, now: Time) -> Self {
        let pipeline = Pipeline::open(database, constants, vec![ada(accounts)], now).unwrap();
        Self { person: pipeline.people()[0], pipeline }
    }

    /// From now on these are her accounts.
    fn has(&mut self, accounts: &[&str], now: Time) {
        self.pipeline.join(ada(accounts), now).unwrap();
    }

    fn apply(&mut self, channel: ChannelId, outcome: Outcome, at: Time) {
        let (validators, hosts) = (Vec::new(), Vec::new());
        let next_at = at + minutes(15);
        let report = PollReport { channel, at, outcome, requests: 1, validators, hosts, next_at };
        self.pipeline.apply(&report).unwrap();
    }

    fn poll(&mut self, network: &str, page: &mut Page, at: Time) {
        let jobs = self.pipeline.jobs(at);
        let job = jobs.into_iter().find(|job| job.account.network.id() == network).unwrap();
        self.apply(job.channel, Outcome::Observed(Box::new(page.observation(job.account))), at);
    }

    fn gap(&mut self, network: &str, at: Time) {
        let channel = self.channel(network, at);
        self.apply(channel, Outcome::Gap(Trouble::Server { status: 503, until: None }), at);
    }

    fn channel(&self, network: &str, at: Time) -> ChannelId {
        let jobs = self.pipeline.jobs(at);
        jobs.iter().find(|job| job.account.network.id() == network).unwrap().channel
    }

    fn snapshot(&self, at: Time) -> PersonSnapshot {
        self.pipeline.snapshot(self.person, at, &Range::ALL).unwrap().unwrap()
    }

    fn score(&self, at: Time) -> f64 {
        self.snapshot(at).score.unwrap()
    }

    #[track_caller]
    fn explain(&self, from: Time, to: Time) -> Explained {
        self.told(None, from, to)
    }

    /// A statement that adds up.
    #[track_caller]
    fn told(&self, channel: Option<ChannelId>, from: Time, to: Time) -> Explained {
        let found = self.pipeline.explain(self.person, channel, from, to, None).unwrap().unwrap();
        adds_up(&found);
        found
    }

    fn mark(&self, at: Time) -> Mark {
        self.pipeline.database().rows().insert_mark(self.person, at, "something").unwrap()
    }
}

fn file(folder: &Path) -> Database {
    let lock = Lock::take(folder).unwrap();
    Database::open(&folder.join("cloutop.db"), &lock).unwrap()
}

fn changed(text: &str) -> Constants {
    Constants::changed(&text.parse().unwrap()).unwrap()
}

#[track_caller]
fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-9, "{one} is not {other}");
}

#[track_caller]
fn adds_up(found: &Explained) {
    let sum: f64 = found.lines.iter().map(|line| line.points).sum();
    assert!((found.open + sum - found.close).abs() < 1e-9, "{sum} is left over or missing: {found:#?}");
}

/// The points of a cause; `None` where no line has it.
fn of(found: &Explained, cause: Cause) -> Option<f64> {
    let points: Vec<f64> =
        found.lines.iter().filter(|line| line.cause == cause).map(|line| line.points).collect();
    (!points.is_empty()).then(|| points.iter().sum())
}

fn causes(found: &Explained) -> BTreeSet<Cause> {
    found.lines.iter().map(|line| line.cause).collect()
}

/// The statement's points of every post, by its native id.
fn posts(found: &Explained) -> Vec<(&str, f64)> {
    let named = |line: &'_ ExplainedLine| line.cause == Cause::Post;
    let mut posts: Vec<(&str, f64)> = found
        .lines
        .iter()
        .filter(|line| named(line))
        .map(|line| (line.item.as_ref().unwrap().0.as_str(), line.points))
        .collect();
    posts.sort_by_key(|(id, _)| *id);
    posts
}

/// Statements to the last digit whatever was known when: the person's and every channel's, the end of one and
/// the beginning of the next, and the end of all beside the board.
#[track_caller]
fn consistent(ada: &Ada, instants: &[Time], now: Time) {
    let channels = ada.pipeline.database().rows().channels().unwrap();
    let mut before: Option<Explained> = None;
    for span in instants.windows(2) {
        let whole = ada.explain(span[0], span[1]);
        let parts: Vec<Explained> = channels.iter().map(|id| ada.told(Some(*id), span[0], span[1])).collect();
        near(parts.iter().map(|part| part.open).sum(), whole.open);
        near(parts.iter().map(|part| part.close).sum(), whole.close);
        if let Some(before) = before {
            near(before.close, whole.open);
        }
        before = Some(whole);
    }
    let (shown, from) = (ada.snapshot(now), instants[0].min(now));
    near(ada.explain(from, now).close, shown.score.unwrap());
    for channel in &shown.channels {
        near(ada.told(Some(channel.id), from, now).close, channel.points);
    }
    like_the_board(ada, now);
}

/// The statement of each range opens where the board's does; candles are kept in millionths.
#[track_caller]
fn like_the_board(ada: &Ada, now: Time) {
    let shown = ada.snapshot(now);
    for range in Range::ALL {
        let Some(change) = shown.change(range) else { continue };
        let opening = ada.pipeline.opening(ada.person, now, range).unwrap();
        let found = ada.explain(opening, now);
        let open = shown.score.unwrap() - change.points;
        assert!((found.open - open).abs() < 1e-5, "{}: {} is not {open}", range.word(), found.open);
        assert_eq!(found.backfilled, change.backfilled, "{}", range.word());
    }
}

#[test]
fn a_statement_says_what_happened_and_adds_up() {
    let mut ada = Ada::new(&[MASTODON, GITHUB]);
    let (mut toots, mut code) = (Page::of(450), Page::of(20));
    toots.post("old", day(-2.0), 20);
    code.post("repo", day(-9.0), 3);
    ada.poll("mastodon", &mut toots, start());
    ada.poll("github", &mut code, start());

    toots.grow(0, Metric::Likes, 7);
    toots.post("new", day(0.3), 12);
    toots.followers = Some(900);
    ada.poll("mastodon", &mut toots, day(0.5));
    ada.poll("github", &mut code, day(0.5));
    let found = ada.explain(day(0.25), day(0.75));
    assert_eq!(causes(&found), [Cause::Decay, Cause::Post, Cause::Audience].into());
    assert_eq!(posts(&found).iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["new", "old"]);
    assert!(posts(&found).iter().all(|(_, points)| *points > 0.0));
    assert!(of(&found, Cause::Audience).unwrap() > 0.0 && of(&found, Cause::Decay).unwrap() < 0.0);
    assert!(!found.backfilled);
    let line = |cause| found.lines.iter().find(|line| line.cause == cause).unwrap();
    assert_eq!((&*line(Cause::Audience).what, &*line(Cause::Audience).slot), ("+450 followers", "mastodon"));
    let grown = found.lines.iter().find(|line| line.item == Some(ItemId::from("old"))).unwrap();
    assert!(grown.what.contains('7') && grown.what.contains("post old"), "{}", grown.what);
    let sizes: Vec<f64> = found.lines.iter().map(|line| line.points.abs()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "most points first: {sizes:?}");
    consistent(&ada, &[day(-3.0), start(), day(0.25), day(0.5), day(0.75), day(8.0)], day(0.75));
}

#[test]
fn what_lies_ahead_is_ageing_and_nothing_else() {
    let mut ada = Ada::new(&[MASTODON]);
    let mut toots = Page::of(450);
    toots.post("1", day(-0.2), 40);
    ada.poll("mastodon", &mut toots, start());
    let found = ada.explain(day(1.0), day(8.0));
    assert_eq!(causes(&found), [Cause::Decay].into());
    let shown = ada.snapshot(day(1.0));
    let ahead = |days| shown.forecast.iter().find(|(ahead, _)| *ahead == days).unwrap().1;
    near(found.close, ahead(7));
    near(ada.explain(start(), day(31.0)).close, ahead(30));
}

#[test]
fn before_the_first_reading_is_what_it_found() {
    let mut ada = Ada::new(&[MASTODON]);
    let mut toots = Page::of(450);
    toots.post("1", day(-6.0), 10);
    toots.post("2", day(-1.0), 30);
    ada.poll("mastodon", &mut toots, start());
    let open = ada.explain(day(-3.0), start()).open;
    toots.post("3", day(-2.0), 90);
    ada.poll("mastodon", &mut toots, day(1.0));
    let found = ada.explain(day(-3.0), start());
    assert!(found.backfilled);
    near(found.open, open);
    assert_eq!(posts(&found).iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["2"]);
    let later = ada.explain(start(), day(1.0));
    assert_eq!(posts(&later)[0].0, "3", "found later, whenever it was written");
    consistent(&ada, &[day(-9.0), day(-3.0), start(), day(1.0)], day(1.0));
}

#[test]
fn channels_come_and_go_as_a_whole() {
    let mut ada = Ada::new(&[MASTODON]);
    let (mut toots, mut code) = (Page::of(450), Page::of(20));
    toots.post("1", day(-1.0), 30);
    code.post("2", day(-1.5), 8);
    ada.poll("mastodon", &mut toots, start());
    ada.has(&[MASTODON, GITHUB], day(1.0));
    // Not read yet: nothing is known of it, and everything else stays as it was.
    assert_eq!(causes(&ada.explain(day(0.5), day(1.2))), [Cause::Decay].into());
    consistent(&ada, &[day(-3.0), day(0.5), day(1.2)], day(1.2));
    ada.poll("github", &mut code, day(1.5));
    let found = ada.explain(day(0.5), day(2.0));
    let added = found.lines.iter().find(|line| line.cause == Cause::Added).unwrap();
    assert_eq!((&*added.slot, added.item.is_none(), added.points > 0.0), ("github", true, true));
    ada.poll("mastodon", &mut toots, day(2.0));
    consistent(&ada, &[day(-3.0), day(0.5), day(1.2), day(1.5), day(2.0)], day(2.0));

    ada.has(&[GITHUB], day(2.5));
    let found = ada.explain(day(2.0), day(3.0));
    let mastodon = |cause| {
        found.lines.iter().find(|line| line.cause == cause && line.slot == "mastodon").unwrap().points
    };
    assert!(mastodon(Cause::Decay) < 0.0 && mastodon(Cause::Removed) < 0.0);
    near(found.close, ada.score(day(3.0)));
    // Before anything else has been read, and after.
    like_the_board(&ada, day(3.0));
    ada.poll("github", &mut code, day(3.5));
    consistent(&ada, &[day(-3.0), day(1.5), day(2.2), day(2.7), day(3.0), day(4.0)], day(4.0));
}

/// Constants that bend what is known in every way there is.
fn models() -> Vec<Constants> {
    let texts = [
        "",
        "theta = 9.0",
        "body_days = 60.0\nbuzz_days = 2.0",
        "sentiment = true",
        "[weight]\nlike = 2.0\nreply = 1.0",
        "[networks]\nmastodon = { rho = 3.0, phi = 40.0 }",
    ];
    texts.map(changed).into()
}

#[derive(Debug, Clone)]
enum Event {
    Post {
        likes: u64,
        age: i64,
        standing: bool,
    },
    Growth {
        place: usize,
        metric: usize,
        by: u64,
    },
    /// An act by somebody known, or by a name that is not told; its time in hours before the poll.
    Act {
        place: usize,
        metric: usize,
        actor: usize,
        age: Option<i64>,
        tone: f64,
    },
    Followers(u64),
    Listing(bool),
    Gap,
    Quiet,
    /// The other channel leaves, or comes back.
    Member(bool),
    Constants(usize),
}

#[derive(Debug, Clone)]
struct Step {
    minutes: i64,
    /// On the second channel.
    other: bool,
    event: Event,
}

fn event() -> impl Strategy<Value = Event> {
    let (place, metric) = (0usize..4, 0usize..4);
    prop_oneof![
        3 => (0u64..40, 0i64..4_000, any::<bool>())
            .prop_map(|(likes, age, standing)| Event::Post { likes, age, standing }),
        4 => (place.clone(), metric.clone(), 0u64..30)
            .prop_map(|(place, metric, by)| Event::Growth { place, metric, by }),
        5 => (place, metric, 0usize..4, proptest::option::of(0i64..4_000), -1.0f64..1.0)
            .prop_map(|(place, metric, actor, age, tone)| Event::Act { place, metric, actor, age, tone }),
        2 => (0u64..2_000).prop_map(Event::Followers),
        1 => any::<bool>().prop_map(Event::Listing),
        1 => Just(Event::Gap),
        1 => Just(Event::Quiet),
        1 => any::<bool>().prop_map(Event::Member),
        1 => (0usize..6).prop_map(Event::Constants),
    ]
}

fn life() -> impl Strategy<Value = Vec<Step>> {
    let minutes = prop_oneof![1i64..90, 90i64..3_000, Just(40 * 1_440)];
    let step =
        (minutes, any::<bool>(), event()).prop_map(|(minutes, other, event)| Step { minutes, other, event });
    proptest::collection::vec(step, 4..24)
}

/// A life that goes on: what its networks show, and the time.
struct Life {
    pages: [Page; 2],
    both: bool,
    model: Constants,
    told: usize,
    now: Time,
}

impl Life {
    fn new() -> Self {
        let mut pages = [Page::of(300), Page::of(30)];
        for page in &mut pages {
            page.complete = false;
            page.post("first", day(-4.0), 12);
        }
        Self { pages, both: true, model: Constants::reference(), told: 0, now: start() }
    }

    fn accounts(&self) -> &'static [&'static str] {
        if self.both { &[MASTODON, GITHUB] } else { &[MASTODON] }
    }

    fn begin(&mut self, ada: &mut Ada) {
        for (network, page) in ["mastodon", "github"].into_iter().zip(&mut self.pages) {
            ada.poll(network, page, self.now);
        }
    }

    fn reopen(&self, folder: &Path) -> Ada {
        Ada::open(file(folder), self.accounts(), self.model.clone(), self.now)
    }

    /// One step further; `again` opens the books once more, where that is what happens.
    fn step(&mut self, ada: &mut Ada, step: &Step, again: impl FnOnce(&Self, &mut Ada)) {
        self.now += minutes(step.minutes);
        let other = step.other && self.both;
        let (network, page) =
            if other { ("github", &mut self.pages[1]) } else { ("mastodon", &mut self.pages[0]) };
        self.told += 1;
        match step.event {
            Event::Post { likes, age, standing } => {
                page.post(&self.told.to_string(), self.now - TimeDelta::hours(age), likes);
                page.posts.last_mut().unwrap().standing = standing && other;
            }
            Event::Growth { place, metric, by } => {
                page.grow(place % page.posts.len(), Metric::ACTS[metric], by);
            }
            Event::Act { place, metric, actor, age, tone } => {
                let item = page.posts[place % page.posts.len()].id.clone();
                let actor = ["", "eve", "bob", "fay"][actor];
                let at = age.map(|age| self.now - TimeDelta::hours(age));
                let act = Act::by(actor, self.told.to_string(), item, Metric::ACTS[metric]);
                page.acts.push(act.at(at).with_tone(Some(tone)));
            }
            Event::Followers(followers) => page.followers = Some(followers),
            Event::Listing(complete) => page.complete = complete,
            Event::Gap => return ada.gap(network, self.now),
            Event::Quiet => {}
            Event::Member(both) => {
                self.both = both;
                return again(self, ada);
            }
            Event::Constants(model) => {
                self.model = models().swap_remove(model);
                return again(self, ada);
            }
        }
        ada.poll(network, page, self.now);
    }
}

/// An instant at a part of a life, 0 its beginning and 1 its end.
fn within(place: f64, end: Time) -> Time {
    #[expect(clippy::cast_precision_loss, reason = "months in milliseconds are exact")]
    let days = (end - start()).num_milliseconds() as f64 / 86_400_000.0;
    day(place * days)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_statement_of_a_random_life_adds_up(
        steps in life(),
        places in proptest::collection::vec(-0.6f64..1.5, 3),
    ) {
        let mut life = Life::new();
        let mut ada = Ada::new(life.accounts());
        life.begin(&mut ada);
        for step in &steps {
            if !matches!(step.event, Event::Constants(_)) {
                life.step(&mut ada, step, |life, ada| ada.has(life.accounts(), life.now));
            }
        }
        let mut instants: Vec<Time> = places
            .iter()
            .map(|place| within(*place, life.now))
            .collect();
        instants.sort();
        consistent(&ada, &instants, life.now);
    }
}

proptest! {
    #![proptest_config(cases(40))]

    /// Restarts, other constants and accounts that come and go: the same rows whether it was one start or
    /// many, and again when they are computed again.
    #[test]
    fn restarts_and_changes_of_constants_are_kept_to_the_digit(
        steps in life(),
        places in proptest::collection::vec(-0.6f64..1.5, 2),
    ) {
        let (one, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (mut life, mut same) = (Life::new(), Life::new());
        let mut ada = life.reopen(one.path());
        life.begin(&mut ada);
        let mut eva = same.reopen(many.path());
        same.begin(&mut eva);
        for step in &steps {
            life.step(&mut ada, step, |life, ada| *ada = life.reopen(one.path()));
            same.step(&mut eva, step, |_, _| {});
            eva = same.reopen(many.path());
        }
        drop(eva);
        let mut instants: Vec<Time> = places
            .iter()
            .map(|place| within(*place, life.now))
            .collect();
        instants.push(life.now);
        instants.sort();
        consistent(&ada, &instants, life.now);
        drop(ada);
        let live = derived(&one.path().join("cloutop.db"));
        prop_assert_eq!(&derived(&many.path().join("cloutop.db")), &live, "restarts change a digit");
        rebuild(&mut file(one.path()), &life.model, &mut |_, _| {}).unwrap();
        for (table, rows) in derived(&one.path().join("cloutop.db")) {
            prop_assert!(rows == live[table], "{} is not what it was:\n{:#?}\n{:#?}", table, live[table], rows);
        }
    }
}

/// Somebody is on the board whose store and constants are kept from one opening to the next.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn open(&self, constants: &Constants, now: Time) -> Ada {
        Ada::open(file(self.0.path()), &[MASTODON], constants.clone(), now)
    }

    fn tables(&self) -> std::collections::BTreeMap<&'static str, BTreeSet<String>> {
        derived(&self.0.path().join("cloutop.db"))
    }

    /// Everything derived is what it was when it is computed again.
    #[track_caller]
    fn stays_when_rebuilt(&self, constants: &Constants) {
        let live = self.tables();
        rebuild(&mut file(self.0.path()), constants, &mut |_, _| {}).unwrap();
        for (table, rows) in self.tables() {
            assert!(rows == live[table], "{table} is not what it was: {:#?} {rows:#?}", live[table]);
        }
    }
}

#[test]
fn other_constants_bend_the_curve_from_then_on() {
    for (text, words) in [
        ("[networks]\nmastodon = { rho = 3.0, phi = 40.0 }", "rho of mastodon 10 → 3"),
        ("theta = 9.0", "theta 4 → 9"),
        ("body_days = 60.0\nbuzz_days = 2.0", "body_days 90 → 60"),
    ] {
        let (home, reference, other) = (Home::new(), Constants::reference(), changed(text));
        let mut toots = Page::of(450);
        toots.complete = false;
        toots.post("1", day(-3.0), 20);
        let mut ada = home.open(&reference, start());
        ada.poll("mastodon", &mut toots, start());
        toots.grow(0, Metric::Likes, 5);
        ada.poll("mastodon", &mut toots, day(1.0));
        drop(ada);
        let candles = home.tables()["candle"].clone();

        // Looking with other constants changes nothing, and sees what a writer will say.
        let shown = {
            let path = home.0.path().join("cloutop.db");
            let database = Database::open_read_only(&path).unwrap();
            let pipeline = Pipeline::open_read_only(database, other.clone(), vec![ada_alone()]).unwrap();
            let ada = Ada { person: pipeline.people()[0], pipeline };
            assert!(of(&ada.explain(day(0.5), day(1.5)), Cause::Constants).is_some());
            ada.score(day(1.5))
        };
        let mut ada = home.open(&other, day(1.5));
        near(ada.score(day(1.5)), shown);
        let ticks = ada.pipeline.database().rows().ticks(ada.person, day(1.2), 9).unwrap();
        let [tick] = &ticks[..] else { panic!("{ticks:?}") };
        assert!(tick.cause.contains(words) && tick.at == day(1.5), "{tick:?}");
        let step = ada.explain(day(1.5) - TimeDelta::milliseconds(1), day(1.5));
        assert!((of(&step, Cause::Constants).unwrap() - tick.points).abs() < 1e-9, "{step:?}");
        drop(ada);
        assert_eq!(home.tables()["candle"], candles, "what was shown before stays");
        home.stays_when_rebuilt(&other);

        ada = home.open(&other, day(1.6));
        toots.grow(0, Metric::Likes, 9);
        ada.poll("mastodon", &mut toots, day(2.0));
        let found = ada.explain(day(0.5), day(2.5));
        assert!(causes(&found).is_superset(&[Cause::Decay, Cause::Post, Cause::Constants].into()));
        let line = found.lines.iter().find(|line| line.cause == Cause::Constants).unwrap();
        assert!(line.what.contains(words), "{}", line.what);
        for chosen in [&reference, &other] {
            let found = ada.pipeline.explain(ada.person, None, day(0.5), day(2.5), Some(chosen));
            let found = found.unwrap().unwrap();
            adds_up(&found);
            assert_eq!(of(&found, Cause::Constants), None);
        }
        consistent(&ada, &[day(-9.0), day(0.5), day(1.5), day(1.55), day(2.5)], day(2.5));
        drop(ada);
        home.stays_when_rebuilt(&other);
    }
}

fn ada_alone() -> Wanted {
    ada(&[MASTODON])
}

/// Opened twice while the clock is behind what has been read.
#[test]
fn changes_of_constants_keep_their_order_whatever_the_clock_says() {
    let (home, one, other) = (Home::new(), changed("theta = 9.0"), changed("theta = 2.0"));
    let mut toots = Page::of(450);
    toots.post("1", day(-3.0), 20);
    home.open(&Constants::reference(), start()).poll("mastodon", &mut toots, start());
    drop(home.open(&one, day(-1.0)));
    let mut ada = home.open(&other, day(-2.0));
    let ticks = ada.pipeline.database().rows().ticks(ada.person, start(), 9).unwrap();
    assert_eq!(ticks.len(), 2, "{ticks:?}");
    toots.grow(0, Metric::Likes, 9);
    ada.poll("mastodon", &mut toots, day(-2.0));
    consistent(&ada, &[day(-2.0), start(), day(1.0)], day(1.0));
    drop(ada);
    home.stays_when_rebuilt(&other);
}

#[test]
fn what_the_first_listing_left_out_is_assumed_until_it_is_known() {
    let (mut short, mut whole) = (Ada::new(&[MASTODON]), Ada::new(&[MASTODON]));
    let mut toots = Page::of(450);
    for (id, age, likes) in [("1", 0.5, 10), ("2", 3.0, 30), ("3", 6.0, 4)] {
        toots.post(id, day(-age), likes);
    }
    whole.poll("mastodon", &mut toots.clone(), start());
    toots.complete = false;
    short.poll("mastodon", &mut toots, start());
    let (more, less) = (short.snapshot(start()), whole.snapshot(start()));
    assert!(more.score > less.score);
    assert!(more.channels[0].assumed_points > 0.0 && more.uncertainty.unwrap() > 0.0);
    assert!(more.channels[0].assumed_points < more.score.unwrap());
    assert_eq!((less.channels[0].assumed_points, less.uncertainty), (0.0, Some(0.0)));

    short.poll("mastodon", &mut toots, day(0.5));
    assert_eq!(causes(&short.explain(start(), day(0.5))), [Cause::Decay].into());
    toots.post("0", day(-40.0), 25);
    toots.complete = true;
    short.poll("mastodon", &mut toots, day(1.0));
    let found = short.explain(day(0.5), day(1.0));
    assert!(of(&found, Cause::AssumedHistory).unwrap() < 0.0);
    assert_eq!(posts(&found).iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["0"]);
    assert_eq!(short.snapshot(day(1.0)).channels[0].assumed_points, 0.0);
    consistent(&short, &[day(-9.0), start(), day(0.5), day(1.0)], day(1.0));
}

/// A week of posts, three of them a day, each liked by the same three accounts.
fn ring(ada: &mut Ada, known: bool, mut again: impl FnMut(&mut Ada, Time)) -> Time {
    let mut toots = Page::complete();
    ada.poll("mastodon", &mut toots, start());
    for n in 0..21_i32 {
        let at = day(0.1 + f64::from(n) / 3.0);
        let id = n.to_string();
        toots.post(&id, at, 3);
        if known {
            let like = |friend: &str| Act::by(friend, format!("{friend} {id}"), &*id, Metric::Likes);
            toots.acts = ["eve", "bob", "fay"].map(|friend| like(friend).at(Some(at + minutes(5)))).into();
        }
        ada.poll("mastodon", &mut toots, at + minutes(10));
        again(ada, at + minutes(11));
    }
    day(7.0)
}

/// Events of a ledger in strangers' likes.
fn worth(ada: &Ada, at: Time) -> f64 {
    let posts = ada.pipeline.posts(ada.channel("mastodon", at), ada.person, at).unwrap();
    10.0 * posts.iter().map(|post| post.x).sum::<f64>()
}

#[test]
fn a_ring_of_friends_counts_less_each_time_and_each_day() {
    let (mut known, mut nameless) = (Ada::new(&[MASTODON]), Ada::new(&[MASTODON]));
    let end = ring(&mut known, true, |_, _| {});
    ring(&mut nameless, false, |_, _| {});
    near(worth(&nameless, end), 63.0);
    // The week touches eight UTC days: on each one friend brings less than two likes, divided by the days seen.
    let bound: f64 = (1..=8).map(|k| 3.0 * 2.0 / f64::from(k)).sum();
    let brought = worth(&known, end);
    assert!(brought > 3.0 && brought <= bound, "{brought} of {bound}");
    assert!(known.score(end) < nameless.score(end));
    consistent(&known, &[day(-1.0), day(2.0), day(5.0), end], end);
}

#[test]
fn who_is_known_stays_known_over_restarts() {
    let (one, many) = (Home::new(), Home::new());
    let reference = Constants::reference();
    let mut ada = one.open(&reference, start());
    let end = ring(&mut ada, true, |_, _| {});
    let mut eva = many.open(&reference, start());
    ring(&mut eva, true, |eva, at| *eva = many.open(&reference, at));
    assert_eq!(ada.score(end), eva.score(end));
    drop((ada, eva));
    assert_eq!(one.tables()["credit"].len(), 63);
    assert_eq!(one.tables(), many.tables());
    one.stays_when_rebuilt(&reference);
}

#[test]
fn acts_without_a_name_are_by_different_people_also_after_a_restart() {
    let (home, reference) = (Home::new(), Constants::reference());
    let mut toots = Page::complete();
    toots.post("1", day(-0.5), 0);
    home.open(&reference, start()).poll("mastodon", &mut toots, start());
    for n in 1..4 {
        let at = start() + minutes(n);
        toots.acts.push(Act::by("", n.to_string(), "1", Metric::Replies).at(Some(at)));
        home.open(&reference, at).poll("mastodon", &mut toots, at);
    }
    near(worth(&home.open(&reference, day(0.1)), day(0.1)), 6.0);
}

/// Two answers of one day, found one after the other when they were long past.
#[test]
fn old_acts_count_the_same_whether_explained_or_lived_through() {
    let mut ada = Ada::new(&[MASTODON]);
    let mut toots = Page::complete();
    toots.post("1", day(-110.0), 1);
    ada.poll("mastodon", &mut toots, start());
    for n in 1..4 {
        let reply = Act::by("eve", n.to_string(), "1", Metric::Replies);
        toots.acts.push(reply.at(Some(day(-100.0) + minutes(n))));
        ada.poll("mastodon", &mut toots, start() + minutes(n));
    }
    let instants: Vec<Time> = (0..5).map(|n| start() + minutes(n)).collect();
    consistent(&ada, &instants, day(0.1));
}

/// Score above what was to be expected: explained, beside a life in which nothing has come since.
fn above(ada: &Ada, quiet: &Ada, at: Time) -> f64 {
    ada.explain(at, at).open - quiet.explain(at, at).open
}

#[test]
fn what_a_mark_brought_can_be_added_up_by_hand() {
    let (mut ada, mut quiet) = (Ada::new(&[MASTODON]), Ada::new(&[MASTODON]));
    let mut toots = Page::of(450);
    toots.post("1", day(-8.0), 20);
    toots.post("2", day(-1.0), 20);
    quiet.poll("mastodon", &mut toots, start());
    ada.poll("mastodon", &mut toots, start());
    let (at, now) = (day(0.5), day(12.0));
    let mark = ada.mark(at);
    toots.post("burst", day(0.6), 60);
    ada.poll("mastodon", &mut toots, day(0.75));
    toots.grow(2, Metric::Likes, 200);
    ada.poll("mastodon", &mut toots, day(1.5));

    let found = ada.pipeline.effect(&mark, now).unwrap().unwrap();
    let hours = i32::try_from((now - at).num_hours()).unwrap();
    let course: Vec<(Time, f64)> = (0..=hours)
        .map(|hour| at + TimeDelta::hours(1) * hour)
        .map(|at| (at, above(&ada, &quiet, at)))
        .collect();
    let area: f64 = course.windows(2).map(|two| 0.5 * (two[0].1 + two[1].1) / 24.0).sum();
    let peak = course.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!((found.course.area - area).abs() < 1e-6, "{} is not {area}", found.course.area);
    near(found.course.peak, peak.1);
    assert_eq!(found.course.peak_at, peak.0);
    assert!(peak.0 > day(1.4) && peak.0 < day(1.6) && peak.1 > 3.0, "{peak:?}");
    near(found.open, quiet.explain(at, at).open);
    near(found.close, ada.score(now));
    near(found.forecast, quiet.score(now));
    let faded = course.iter().find(|(at, gained)| *at > peak.0 && *gained <= 0.1 * peak.1);
    assert_eq!(found.course.faded_at, faded.map(|(at, _)| *at));
    // What carried the peak: what came, less what is lost to nobody.
    let told: f64 = found.lines.iter().map(|line| line.points).sum();
    near(told, found.course.peak);
    assert_eq!(found.lines[0].item, Some(ItemId::from("burst")));

    // Asked before it has faded: when it will have.
    let early = ada.pipeline.effect(&mark, day(2.0)).unwrap().unwrap();
    assert_eq!(early.course.faded_at, None);
    let fades_at = early.fades_at.unwrap();
    let left = |at| above(&ada, &quiet, at);
    assert!(left(fades_at) <= 0.1 * peak.1 + 1e-9 && left(fades_at - TimeDelta::hours(1)) > 0.1 * peak.1);
}

#[test]
fn a_mark_that_brought_nothing_says_so() {
    let mut ada = Ada::new(&[MASTODON]);
    let mut toots = Page::of(450);
    toots.post("1", day(-4.0), 20);
    for hours in 0..9 {
        ada.poll("mastodon", &mut toots, start() + TimeDelta::hours(7 * hours));
    }
    let now = day(6.0);
    for at in [day(0.3), day(2.0), now, day(9.0)] {
        let mark = ada.mark(at);
        let found = ada.pipeline.effect(&mark, now).unwrap().unwrap();
        assert_eq!((found.course.peak, found.course.peak_at), (0.0, at));
        assert!(found.course.area.abs() < 1e-9, "{}", found.course.area);
        assert_eq!((found.course.faded_at, found.fades_at), (None, None));
        near(found.close, found.forecast);
        assert_eq!(found.until, now.max(at));
    }
}

#[test]
fn a_mark_before_the_first_reading_knows_what_that_found() {
    let mut ada = Ada::new(&[MASTODON]);
    let mut toots = Page::of(450);
    toots.post("1", day(-6.0), 20);
    toots.post("2", day(-2.0), 90);
    ada.poll("mastodon", &mut toots, start());
    let mark = ada.mark(day(-3.0));
    let found = ada.pipeline.effect(&mark, day(1.0)).unwrap().unwrap();
    assert!(found.course.peak > 1.0 && found.course.peak_at < day(-1.9));
    assert_eq!(found.lines[0].item, Some(ItemId::from("2")));
    near(found.close, ada.score(day(1.0)));
    near(found.open, ada.explain(day(-3.0), start()).open);
}

#[test]
fn nothing_is_explained_before_anything_has_been_read() {
    let ada = Ada::new(&[MASTODON]);
    assert_eq!(ada.pipeline.explain(ada.person, None, start(), day(1.0), None).unwrap(), None);
    assert_eq!(ada.pipeline.effect(&ada.mark(start()), day(1.0)).unwrap(), None);
}
