#![allow(clippy::unwrap_used, reason = "a measurement ends at the first thing that is wrong")]
#![allow(clippy::print_stdout, reason = "a table is what it is run for")]
//! What a score costs: `cargo bench --bench score`, with `-- --full` for ten thousand people, with
//! `-- counters acts polls year people` for some of the groups.
//!
//! One table. Each group takes an operation at growing sizes and says how much longer the larger ones take than
//! the smallest: x1.0 where the time does not depend on the size. Times are medians of repeated runs.

use chrono::TimeDelta;
use cloutop::channels;
use cloutop::model::{
    Account, Act, ChannelId, Counts, Figure, ItemId, Metric, Observation, Outcome, PersonId, Post, PostKind,
    Range, Time, time,
};
use cloutop::pipeline::{Pipeline, Wanted};
use cloutop::score::{Arrival, Constants, DAY_MILLIS, Engine, Evidence, Ledger, evaluate};
use cloutop::store::{Database, Lock, PollReport};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Posts a day in the histories of posts.
const PER_DAY: i64 = 30;

/// Posts that a poll lists.
const LISTED: usize = 40;

/// People whose books are open at once while all are scored.
const AT_ONCE: usize = 100;

/// Everybody that the score is to be computed again for, and how many of them the short run takes.
const EVERYBODY: usize = 10_000;
const SOME: usize = 200;

/// Posts of each of them.
const POSTS_EACH: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let full = arguments.iter().any(|argument| argument == "--full");
    let chosen: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    println!("{:<50} {:>16} {:>12} {:>8} {:>8}", "operation", "size", "time", "size", "time");
    let groups: [(&str, &dyn Fn()); 5] = [
        ("counters", &counters),
        ("acts", &acts),
        ("polls", &polls),
        ("year", &year),
        ("people", &|| people(if full { EVERYBODY } else { SOME })),
    ];
    for (name, measure) in groups {
        if chosen.is_empty() || chosen.iter().any(|chosen| *chosen == name) {
            measure();
        }
    }
}

// The table.

/// Rows of one operation at growing sizes.
struct Group {
    operation: &'static str,
    unit: &'static str,
    first: Option<(f64, f64)>,
}

impl Group {
    fn new(operation: &'static str, unit: &'static str) -> Self {
        println!();
        Self { operation, unit, first: None }
    }

    /// One line: the operation, its size, its time, and how much larger both are than in the first line.
    fn row(&mut self, size: usize, taken: Duration) {
        let (size, seconds) = (size as f64, taken.as_secs_f64());
        let (size0, seconds0) = *self.first.get_or_insert((size, seconds));
        println!(
            "{:<50} {:>16} {:>12} {:>8} {:>8}",
            self.operation,
            format!("{size} {}", self.unit),
            shown(taken),
            format!("x{:.0}", size / size0.max(1.0)),
            format!("x{:.1}", seconds / seconds0),
        );
    }
}

/// A time in the unit that reads best.
fn shown(taken: Duration) -> String {
    match taken.as_secs_f64() {
        seconds if seconds < 1e-6 => format!("{:.0} ns", seconds * 1e9),
        seconds if seconds < 1e-3 => format!("{:.1} us", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.2} ms", seconds * 1e3),
        seconds => format!("{seconds:.1} s"),
    }
}

/// Time of one operation: the median over `samples` runs of `each` operations, what `prepare` does left out.
fn median<T>(
    samples: usize,
    each: u32,
    mut prepare: impl FnMut() -> T,
    mut work: impl FnMut(&mut T, u32),
) -> Duration {
    let taken = (0..=samples)
        .map(|_| {
            let mut input = prepare();
            let began = Instant::now();
            for turn in 0..each {
                work(&mut input, turn);
            }
            began.elapsed() / each
        })
        // The first run warms up.
        .skip(1)
        .collect();
    middle(taken)
}

fn middle(mut taken: Vec<Duration>) -> Duration {
    taken.sort();
    taken[taken.len() / 2]
}

// The formula alone.

/// The instant of the measurement.
fn now() -> Time {
    "2026-03-02T10:30:00Z".parse().unwrap()
}

fn constants() -> Constants {
    Constants::reference()
}

/// A channel's ledger with so many rows, [`PER_DAY`] a day up to now, and its kept sums.
fn ledger(rows: usize) -> (Ledger, Engine) {
    let network = constants().network("mastodon");
    let mut ledger = Ledger::default();
    for place in 0..rows {
        let post = ledger.sight(published(place, rows), false);
        ledger.count(post, Metric::Likes, Some(10), now(), &network);
    }
    ledger.take_gains();
    ledger.take_changes(now());
    let mut engine = Engine::new(&constants());
    for row in ledger.rows() {
        engine.put(row.at, 0.0, row.x(&network));
    }
    (ledger, engine)
}

fn published(place: usize, of: usize) -> Time {
    let before = i64::try_from(of - place).unwrap() * DAY_MILLIS / PER_DAY;
    time(now().timestamp_millis() - before)
}

/// A counter of one of the newest posts of the first channel goes up, and the score is read.
fn one_counter(channels: &mut [(Ledger, Engine)], turn: u32, constants: &Constants) -> f64 {
    let network = constants.network("mastodon");
    let (ledger, engine) = &mut channels[0];
    let post = u32::try_from(ledger.items()).unwrap() - 1 - turn % 30;
    let likes = ledger.tally(post, Metric::Likes).last.unwrap() + 1;
    ledger.count(post, Metric::Likes, Some(likes), now(), &network);
    for gain in ledger.take_gains() {
        engine.put(gain.after.at, gain.before.x(&network), gain.after.x(&network));
    }
    let evidence = Evidence { rows: &[], audience: Some(450.0), phi: network.phi, assumed: None };
    let energies: Vec<_> = channels
        .iter()
        .map(|(_, engine)| evidence.energy_of(engine.read(now()).unwrap(), now(), constants))
        .collect();
    evaluate(&energies, constants).score
}

fn counters() {
    one_channels_counter();
    channels_of_a_person();
    plain_sums();
}

fn counting(channels: &mut [(Ledger, Engine)], constants: &Constants) -> Duration {
    median(
        15,
        2_000,
        || (),
        |(), turn| {
            black_box(one_counter(channels, turn, constants));
        },
    )
}

fn one_channels_counter() {
    let constants = constants();
    let mut group = Group::new("one counter up, score read", "rows");
    for rows in [100, 1_000, 10_000, 100_000] {
        group.row(rows, counting(&mut [ledger(rows)], &constants));
    }
}

fn channels_of_a_person() {
    let constants = constants();
    let mut group = Group::new("the same, 10,000 rows in each channel", "channels");
    for many in [1, 4, 16] {
        let mut channels: Vec<_> = (0..many).map(|_| ledger(10_000)).collect();
        group.row(many, counting(&mut channels, &constants));
    }
}

fn plain_sums() {
    let constants = constants();
    let network = constants.network("mastodon");
    let mut group = Group::new("for comparison: the score from all rows", "rows");
    for rows in [100, 1_000, 10_000, 100_000] {
        let (ledger, _) = ledger(rows);
        let taken = median(
            15,
            5,
            || (),
            |(), _| {
                let rows = ledger.weighed(&network);
                let evidence =
                    Evidence { rows: &rows, audience: Some(450.0), phi: network.phi, assumed: None };
                black_box(evaluate(&[evidence.energy(now(), &constants)], &constants).score);
            },
        );
        group.row(rows, taken);
    }
}

/// What a known person does is weighed beside what they did before; ten deeds are known of everybody.
fn acts() {
    let network = constants().network("mastodon");
    let mut group = Group::new("an act of somebody known, credited", "deeds known");
    let names: Vec<String> = (0..1_000).map(|n| format!("https://h.example/users/{n}")).collect();
    let act = |item, place: usize| Arrival {
        id: 0,
        item,
        metric: Metric::Likes,
        at: Some(now() - TimeDelta::hours(i64::try_from(place % 1_400).unwrap())),
        actor: &names[place / 10 % names.len()],
        tone: None,
        count: None,
    };
    for deeds in [0, 100, 10_000] {
        let (mut known, _) = ledger(1_000);
        let post = known.sight(now() - TimeDelta::days(60), false);
        let arrivals: Vec<_> = (0..deeds).map(|place| act(post, place)).collect();
        known.acts(&arrivals, now(), &network);
        let taken = median(
            31,
            100,
            || known.clone(),
            |ledger, turn| {
                black_box(ledger.acts(&[act(post, turn as usize * 10)], now(), &network));
            },
        );
        group.row(deeds, taken);
    }
}

// The store.

fn account(typed: &str, stable: usize) -> Account {
    channels::parse(typed, &|_| true).unwrap().remove(0).known_as(stable.to_string())
}

fn wanted(symbol: &str, accounts: Vec<Account>) -> Wanted {
    let (key, name) = (symbol.to_owned(), symbol.to_owned());
    Wanted { key, symbol: symbol.to_owned(), name, group: None, mine: false, accounts }
}

fn post(id: usize, published: Time, likes: u64, replies: u64) -> Post {
    Post {
        id: ItemId(id.to_string()),
        kind: PostKind::Post,
        url: None,
        title: format!("what was to be said, {id}"),
        published,
        counts: Counts::default().with(Metric::Likes, likes).with(Metric::Replies, replies),
        standing: false,
    }
}

fn report(channel: ChannelId, at: Time, observation: Observation) -> PollReport {
    PollReport {
        channel,
        at,
        outcome: Outcome::Observed(Box::new(observation)),
        requests: 2,
        validators: Vec::new(),
        hosts: Vec::new(),
        next_at: at + TimeDelta::hours(1),
    }
}

/// A store in a folder that goes away with it.
struct Shelf {
    folder: tempfile::TempDir,
    lock: Lock,
}

impl Shelf {
    fn new() -> (Self, Database) {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let database = Database::open(&folder.path().join("store.db"), &lock).unwrap();
        (Self { folder, lock }, database)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }
}

/// A person with one channel of so many posts, as the first poll finds them.
fn one_channel(posts: usize) -> (Shelf, Pipeline, Account, Vec<Post>) {
    let (shelf, database) = Shelf::new();
    let account = account("@p0@h.example", 0);
    let people = vec![wanted("P0", vec![account.clone()])];
    let mut pipeline = Pipeline::open(database, constants(), people, now()).unwrap();
    let listed: Vec<Post> =
        (0..posts).map(|id| post(id, published(id, posts), 10 + id as u64 % 40, id as u64 % 5)).collect();
    let mut observation = Observation::new(account.clone());
    observation.profile.figures = vec![(Figure::Followers, 450)];
    observation.posts.clone_from(&listed);
    pipeline.apply(&report(pipeline.jobs(now())[0].channel, now(), observation)).unwrap();
    (shelf, pipeline, account, listed)
}

/// Polls of one channel: what one brings, what the next one should know, and what is then shown.
fn polls() {
    let sizes = [100, 1_000, 10_000];
    let mut measured = Vec::new();
    for posts in sizes {
        let (_shelf, mut pipeline, account, listed) = one_channel(posts);
        let channel = pipeline.jobs(now())[0].channel;
        let mut newest = listed[posts - LISTED..].to_vec();
        let mut at = now();
        let applied = median(
            31,
            10,
            || (),
            |(), turn| {
                at += TimeDelta::minutes(1);
                let grown = &mut newest[turn as usize].counts;
                grown.set(Metric::Likes, grown.get(Metric::Likes).map(|likes| likes + 1));
                let mut observation = Observation::new(account.clone());
                observation.posts.clone_from(&newest);
                black_box(pipeline.apply(&report(channel, at, observation)).unwrap());
            },
        );
        let recalled = median(
            15,
            5,
            || (),
            |(), _| {
                black_box(pipeline.recall(channel, at).unwrap());
            },
        );
        let person = pipeline.people()[0];
        let shown = median(
            15,
            5,
            || (),
            |(), _| {
                black_box(pipeline.snapshot(person, at, &Range::ALL).unwrap());
            },
        );
        measured.push((posts, [applied, recalled, shown]));
    }
    let operations = [
        "a poll of 40 posts, one grown, into the store",
        "what the next poll should know (90 days)",
        "all that the board shows of a person",
    ];
    for (place, operation) in operations.into_iter().enumerate() {
        let mut group = Group::new(operation, "posts");
        for (posts, taken) in &measured {
            group.row(*posts, taken[place]);
        }
    }
}

// A year.

/// Channels of the person of a year, each with the same three posts a day.
const FOUR: usize = 4;

/// Hours between two posts.
const PAUSE: i64 = 8;

/// Likes of a post so many hours after it: half of what it will ever get comes within twelve.
fn likes(id: usize, hours: i64) -> u64 {
    let most = (id * 7 % 60 + 5) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "likes of an example")]
    let likes = (most * (1.0 - (-hours as f64 / 12.0).exp2())).round() as u64;
    likes
}

/// What a poll of one of the four channels sees so many hours after the start: the last twenty posts,
/// and a reply by one of fifty fans to each post two hours after it.
fn hour(account: &Account, start: Time, hours: i64) -> Observation {
    let mut observation = Observation::new(account.clone());
    let newest = hours / PAUSE;
    for number in (newest - 19).max(0)..=newest {
        let id = usize::try_from(number).unwrap();
        let age = hours - number * PAUSE;
        let published = start + TimeDelta::hours(number * PAUSE);
        observation.posts.push(post(id, published, likes(id, age), u64::from(age >= 2)));
        if age == 2 {
            let fan = format!("https://h.example/users/{}", id % 50);
            let act = Act::by(fan, format!("reply {id}"), id.to_string(), Metric::Replies);
            observation.acts.push(act.at(Some(start + TimeDelta::hours(hours))));
        }
    }
    let followers = 450 + u64::try_from(hours / PAUSE).unwrap();
    observation.profile.figures = vec![(Figure::Followers, followers)];
    observation
}

/// Four channels asked every hour for a year; after one, three and twelve months it is asked why the score
/// moved.
fn year() {
    let (shelf, database) = Shelf::new();
    let accounts: Vec<_> = (0..FOUR).map(|n| account(&format!("@p{n}@h{n}.example"), n)).collect();
    let people = vec![wanted("P0", accounts.clone())];
    let start = now() - TimeDelta::days(365);
    let mut pipeline = Pipeline::open(database, constants(), people.clone(), start).unwrap();
    let ids: Vec<ChannelId> = pipeline.jobs(start).iter().map(|job| job.channel).collect();
    let ranges = [Range::Day, Range::Week, Range::Month, Range::Year];
    let mut measured = Vec::new();
    let mut hours = 0;
    for days in [30, 91, 365] {
        let mut polls = Vec::new();
        while hours < days * 24 {
            let at = start + TimeDelta::hours(hours);
            for (id, account) in ids.iter().zip(&accounts) {
                polls.push(polled(&mut pipeline, &report(*id, at, hour(account, start, hours))));
            }
            hours += 1;
        }
        // The last two days' stand for what a poll takes by then.
        let polls = polls.split_off(polls.len() - 48 * FOUR);
        let now = start + TimeDelta::hours(hours - 1) + TimeDelta::minutes(1);
        let explained = ranges.map(|range| explained(&pipeline, now, range));
        let middle_day = now - TimeDelta::days(days / 2);
        let rest = [
            middle(polls.iter().map(|poll| poll[0]).collect()),
            middle(polls.iter().map(|poll| poll[1]).collect()),
            opened(&shelf.path(), &people),
            between(&pipeline, middle_day, middle_day + TimeDelta::days(1)),
        ];
        measured.push((usize::try_from(days).unwrap(), [rest.as_slice(), &explained].concat()));
    }
    let operations = [
        "4 channels polled hourly: a poll, into the store",
        "… what the next poll should know",
        "… the books opened to be read",
        "… explain a day in the middle of it",
        "… explain 24h",
        "… explain 7d",
        "… explain 30d",
        "… explain 1y (or all there is)",
    ];
    for (place, operation) in operations.into_iter().enumerate() {
        let mut group = Group::new(operation, "days");
        for (days, taken) in &measured {
            group.row(*days, taken[place]);
        }
    }
}

/// Time to take a report in, and to say what the next poll should know.
fn polled(pipeline: &mut Pipeline, report: &PollReport) -> [Duration; 2] {
    let began = Instant::now();
    black_box(pipeline.apply(report).unwrap());
    let applied = began.elapsed();
    let began = Instant::now();
    black_box(pipeline.recall(report.channel, report.at).unwrap());
    [applied, began.elapsed()]
}

fn explained(pipeline: &Pipeline, now: Time, range: Range) -> Duration {
    let from = pipeline.opening(pipeline.people()[0], now, range).unwrap();
    between(pipeline, from, now)
}

/// Time to say why the score moved from one instant to another.
fn between(pipeline: &Pipeline, from: Time, to: Time) -> Duration {
    let person = pipeline.people()[0];
    median(
        5,
        1,
        || (),
        |(), _| {
            black_box(pipeline.explain(person, None, from, to, None).unwrap().unwrap());
        },
    )
}

fn opened(path: &Path, people: &[Wanted]) -> Duration {
    median(
        5,
        1,
        || (),
        |(), _| {
            let database = Database::open_read_only(path).unwrap();
            black_box(Pipeline::open_read_only(database, constants(), people.to_vec()).unwrap());
        },
    )
}

// Everybody.

/// Computes the scores of so many people anew from what the store holds, [`AT_ONCE`] at a time.
fn people(many: usize) {
    let began = Instant::now();
    let (shelf, everybody) = crowd(many);
    let built = began.elapsed();
    let size = std::fs::metadata(shelf.path()).unwrap().len();
    let mut group = Group::new("people with 1,000 posts, scored from the store", "people");
    let mut whole = Duration::ZERO;
    for part in [many / 10, many] {
        // Once is enough for what takes a minute.
        let samples = if part > SOME { 1 } else { 5 };
        whole = median(samples, 1, || (), |(), _| scored(&shelf.path(), &everybody[..part]));
        group.row(part, whole);
    }
    let each = whole / u32::try_from(many).unwrap();
    println!(
        "\n{} a person. A store of {many} people and {} MB, made in {}.",
        shown(each),
        size / 1_000_000,
        shown(built)
    );
    if many < EVERYBODY {
        println!(
            "So {EVERYBODY} people take {}: extrapolated. Measured, with a store of 2 GB: --full.",
            shown(each * u32::try_from(EVERYBODY).unwrap())
        );
    }
}

fn scored(path: &Path, people: &[Wanted]) {
    for some in people.chunks(AT_ONCE) {
        let database = Database::open_read_only(path).unwrap();
        let pipeline = Pipeline::open_read_only(database, constants(), some.to_vec()).unwrap();
        let score = |person: PersonId| pipeline.snapshot(person, now(), &[]).unwrap().unwrap().score.unwrap();
        black_box(pipeline.people().into_iter().map(score).sum::<f64>());
    }
}

/// A store of so many people: one is polled, the others are copies of them.
fn crowd(many: usize) -> (Shelf, Vec<Wanted>) {
    let (shelf, pipeline, ..) = one_channel(POSTS_EACH);
    drop(pipeline);
    let everybody: Vec<Wanted> =
        (0..many).map(|n| wanted(&format!("P{n}"), vec![account(&format!("@p{n}@h.example"), n)])).collect();
    let database = Database::open(&shelf.path(), &shelf.lock).unwrap();
    drop(Pipeline::open(database, constants(), everybody.clone(), now()).unwrap());
    let mut connection = rusqlite::Connection::open(shelf.path()).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
    for some in (2..=many).collect::<Vec<_>>().chunks(AT_ONCE) {
        let transaction = connection.transaction().unwrap();
        for place in some {
            for sql in COPY {
                let mut statement = transaction.prepare_cached(sql).unwrap();
                statement.execute([i64::try_from(*place).unwrap()]).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    (shelf, everybody)
}

/// What is known of the first person and their channel, once more for the one with number ?1.
const COPY: [&str; 8] = [
    "INSERT INTO item SELECT id + (?1 - 1) * 1000, ?1, native, kind, url, title, published, seen, standing, gone \
     FROM item WHERE id <= 1000",
    "INSERT INTO reading SELECT item + (?1 - 1) * 1000, metric, at, value FROM reading WHERE item <= 1000",
    "INSERT INTO tally SELECT item + (?1 - 1) * 1000, metric, last, high, credited, acts, own \
     FROM tally WHERE item <= 1000",
    "INSERT INTO ledger SELECT item + (?1 - 1) * 1000, at, source, likes, reshares, replies, quotes, views, worth \
     FROM ledger WHERE item <= 1000",
    "INSERT INTO figure SELECT ?1, name, at, value FROM figure WHERE channel = 1",
    "INSERT INTO listing SELECT ?1, at, complete FROM listing WHERE channel = 1",
    "INSERT INTO assumed SELECT ?1, rate, spread, start FROM assumed WHERE channel = 1",
    "INSERT INTO poll SELECT ?1, at, outcome, reason, detail, requests, changed, next_at \
     FROM poll WHERE channel = 1",
];
