//! The same numbers as text and as JSON, for the commands.
//!
//! JSON shapes are a contract: objects may gain members, nothing is renamed or removed, doubles are whole,
//! unknown is null, times are RFC 3339 in UTC.

mod check;
mod goals;
mod key_list;
mod keys;
mod log;
mod model;
mod page;
pub mod plain;
mod readings;
mod statement;
mod view;

pub use check::{Check, check, check_text};
pub use goals::{Goals, goals, goals_text};
pub use key_list::{KeyLine, KeyList, key_lines, key_list, key_list_text};
pub use keys::{Keys, keys, keys_text, screens};
pub use log::{Log, Named, log, log_line, log_record};
pub use model::{Evaluation, Model, evaluation, evaluation_text, model, model_text};
pub use page::{Networks, index, networks, networks_text, page};
pub use readings::{Readings, readings, readings_text};
pub use statement::{
    EffectReport, Marks, Statement, effect, effect_text, explained, explained_text, marks, marks_text,
    statement, statement_text,
};
pub use view::{Export, view};

use crate::channels;
use crate::model::{ChannelSnapshot, Figure, Metric, PersonSnapshot, PostSnapshot, Range, State, Time};
use crate::text;
use serde::Serialize;

/// Ranges whose changes `score` gives.
pub const SCORE_RANGES: [Range; 3] = [Range::Day, Range::Week, Range::Month];

/// What stands where there is no number.
fn dash() -> String {
    "-".to_owned()
}

/// An instant in RFC 3339, UTC, to the millisecond.
pub fn stamp(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[derive(Serialize)]
pub struct Score {
    schema: &'static str,
    generated_at: String,
    model: String,
    people: Vec<ScorePerson>,
}

#[derive(Serialize)]
struct ScorePerson {
    symbol: String,
    name: String,
    last: Option<f64>,
    uncertainty: Option<f64>,
    change: serde_json::Map<String, serde_json::Value>,
    forecast: serde_json::Map<String, serde_json::Value>,
    coverage: Coverage,
    held_points: f64,
    channels: Vec<ScoreChannel>,
    outcomes: Vec<ScoreOutcome>,
}

#[derive(Serialize)]
struct Coverage {
    live: usize,
    configured: usize,
}

#[derive(Serialize)]
struct ScoreOutcome {
    id: String,
    network: &'static str,
    account: String,
    visits_7d: Option<u64>,
    visits_7d_before: Option<u64>,
    change_percent: Option<f64>,
    state: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct ScoreChannel {
    id: String,
    network: &'static str,
    account: String,
    state: &'static str,
    /// Whether its numbers are typed in.
    by_hand: bool,
    reason: &'static str,
    detail: Option<String>,
    points: Option<f64>,
    assumed: Option<f64>,
    held: bool,
    since: Option<String>,
    last_read: Option<String>,
    retry_at: Option<String>,
}

/// `cloutop/score/1`.
pub fn score(people: &[PersonSnapshot], model: &str, now: Time) -> Score {
    let people = people
        .iter()
        .map(|person| {
            let mut change = serde_json::Map::new();
            for range in SCORE_RANGES {
                if let Some(moved) = person.change(range) {
                    let value = serde_json::json!({ "points": moved.points, "percent": moved.percent() });
                    change.insert(range.word().to_owned(), value);
                }
            }
            ScorePerson {
                symbol: person.symbol.clone(),
                name: person.name.clone(),
                last: person.score,
                uncertainty: person.uncertainty,
                change,
                forecast: person
                    .forecast
                    .iter()
                    .map(|(days, score)| (format!("{days}d"), (*score).into()))
                    .collect(),
                coverage: Coverage { live: person.live(), configured: person.channels.len() },
                held_points: person.held_points(),
                channels: person.channels.iter().map(|channel| score_channel(person, channel)).collect(),
                outcomes: person.outcomes.iter().map(score_outcome).collect(),
            }
        })
        .collect();
    Score { schema: "cloutop/score/1", generated_at: stamp(now), model: model.to_owned(), people }
}

fn score_channel(person: &PersonSnapshot, channel: &ChannelSnapshot) -> ScoreChannel {
    ScoreChannel {
        id: channel.slot.clone(),
        network: channel.network().id(),
        account: channel.account.handle.clone(),
        state: channel.state.word(),
        by_hand: channels::by_hand(channel.network()),
        reason: channel.reason.word(),
        detail: channel.detail.clone(),
        points: person.score.map(|_| channel.points),
        assumed: person.score.map(|_| channel.assumed_points),
        held: channel.held(),
        since: channel.since.map(stamp),
        last_read: channel.last_read.map(stamp),
        retry_at: channel.retry_at().map(stamp),
    }
}

fn score_outcome(channel: &ChannelSnapshot) -> ScoreOutcome {
    ScoreOutcome {
        id: channel.slot.clone(),
        network: channel.network().id(),
        account: channel.account.handle.clone(),
        visits_7d: channel.figure(Figure::Visits),
        visits_7d_before: channel.figure(Figure::VisitsBefore),
        change_percent: channel.weekly_percent(),
        state: channel.state.word(),
        reason: channel.reason.word(),
    }
}

/// The score as a table for people.
pub fn score_text(people: &[PersonSnapshot]) -> String {
    if people.is_empty() {
        return "nobody is on the board yet; add somebody with: cloutop add @user@server\n".to_owned();
    }
    let mut out = String::from("SYM    LAST      24h      7d     30d  CHANNELS\n");
    for person in people {
        let last = person.score.map_or_else(dash, text::score);
        let held = if person.channels.iter().any(ChannelSnapshot::held) { "*" } else { " " };
        out.push_str(&format!("{} {:>6}{held}", text::fit(&person.symbol, 5), last));
        for range in SCORE_RANGES {
            let shown = person.change(range).zip(person.score);
            let change =
                shown.map_or_else(dash, |(change, last)| text::signed(text::change(change.open, last)));
            out.push_str(&format!(" {change:>7}"));
        }
        out.push_str(&format!("  {} of {}", person.live(), person.channels.len()));
        let trouble: Vec<String> = person
            .channels
            .iter()
            .filter(|channel| channel.state.held())
            .map(|channel| format!("{} {}: {}", channel.slot, channel.state.word(), channel.reason.word()))
            .collect();
        if !trouble.is_empty() {
            out.push_str(&format!("  {}", trouble.join(", ")));
        }
        out.push('\n');
    }
    if people.iter().any(|person| person.held_points() > 0.0) {
        out.push_str("* includes points of channels that cannot be read now; they are held and only age\n");
    }
    out
}

#[derive(Serialize)]
pub struct Posts {
    schema: &'static str,
    symbol: String,
    channels: Vec<PostsChannel>,
}

#[derive(Serialize)]
struct PostsChannel {
    id: String,
    network: &'static str,
    posts: Vec<PostLine>,
}

#[derive(Serialize)]
struct PostLine {
    id: String,
    url: Option<String>,
    published_at: String,
    title: String,
    kind: &'static str,
    likes: Option<u64>,
    reshares: Option<u64>,
    replies: Option<u64>,
    quotes: Option<u64>,
    views: Option<u64>,
    x: f64,
    points: f64,
    state: &'static str,
}

/// `cloutop/posts/1`.
pub fn posts(symbol: &str, channels: &[(&ChannelSnapshot, Vec<PostSnapshot>)]) -> Posts {
    let channels = channels
        .iter()
        .map(|(channel, posts)| PostsChannel {
            id: channel.slot.clone(),
            network: channel.network().id(),
            posts: posts
                .iter()
                .map(|post| PostLine {
                    id: post.id.0.clone(),
                    url: post.url.clone(),
                    published_at: stamp(post.published),
                    title: post.title.clone(),
                    kind: post.kind.word(),
                    likes: post.counts.get(Metric::Likes),
                    reshares: post.counts.get(Metric::Reshares),
                    replies: post.counts.get(Metric::Replies),
                    quotes: post.counts.get(Metric::Quotes),
                    views: post.counts.get(Metric::Views),
                    x: post.x,
                    points: post.points,
                    state: post.state.word(),
                })
                .collect(),
        })
        .collect();
    Posts { schema: "cloutop/posts/1", symbol: symbol.to_owned(), channels }
}

/// Posts as a table for people.
pub fn posts_text(channels: &[(&ChannelSnapshot, Vec<PostSnapshot>)], limit: usize) -> String {
    let mut out = String::new();
    for (channel, posts) in channels {
        let words = channel.network().words();
        let heads = [words.like, words.reshare, words.reply, words.quote];
        out.push_str(&format!(
            "{} {}: {} in the ledger\n",
            channel.slot,
            channel.account.handle,
            posts.len()
        ));
        out.push_str("PUBLISHED  ");
        for word in heads.iter().flatten() {
            out.push_str(&format!(" {}", word.head));
        }
        out.push_str("      X  POINTS  STATE    POST\n");
        for post in posts.iter().take(limit) {
            out.push_str(&post.published.format("%Y-%m-%d ").to_string());
            let metrics = [Metric::Likes, Metric::Reshares, Metric::Replies, Metric::Quotes];
            for (word, metric) in heads.iter().zip(metrics) {
                if word.is_some() {
                    let count = post.counts.get(metric).map_or_else(dash, text::compact);
                    out.push_str(&format!("{count:>5}"));
                }
            }
            let title = text::cut(&post.title, 60);
            out.push_str(&format!(
                "{:>7.2} {:>7.2}  {:<7}  {title}\n",
                post.x,
                post.points,
                post.state.word()
            ));
        }
        if posts.len() > limit {
            out.push_str(&format!("and {} more; --limit shows more\n", posts.len() - limit));
        }
    }
    out
}

#[derive(Serialize)]
pub struct List {
    schema: &'static str,
    people: Vec<ListPerson>,
}

#[derive(Serialize)]
struct ListPerson {
    symbol: String,
    name: String,
    group: Option<String>,
    mine: bool,
    channels: Vec<ListChannel>,
}

#[derive(Serialize)]
struct ListChannel {
    id: String,
    network: &'static str,
    account: String,
    stable_id: Option<String>,
    state: &'static str,
    /// Whether its numbers are typed in.
    by_hand: bool,
}

/// `cloutop/list/1`.
pub fn list(people: &[PersonSnapshot]) -> List {
    let people = people
        .iter()
        .map(|person| ListPerson {
            symbol: person.symbol.clone(),
            name: person.name.clone(),
            group: person.group.clone(),
            mine: person.mine,
            channels: person
                .polled()
                .map(|channel| ListChannel {
                    id: channel.slot.clone(),
                    network: channel.network().id(),
                    account: channel.account.handle.clone(),
                    stable_id: channel.account.stable.clone(),
                    state: channel.state.word(),
                    by_hand: channels::by_hand(channel.network()),
                })
                .collect(),
        })
        .collect();
    List { schema: "cloutop/list/1", people }
}

pub fn list_text(people: &[PersonSnapshot]) -> String {
    if people.is_empty() {
        return "nobody is on the board yet; add somebody with: cloutop add @user@server\n".to_owned();
    }
    let mut out = String::new();
    for person in people {
        let group = person.group.as_deref().map(|group| format!("  [{group}]")).unwrap_or_default();
        let mine = if person.mine { "  (you)" } else { "" };
        out.push_str(&format!("{}  {}{group}{mine}\n", text::fit(&person.symbol, 5), person.name));
        for channel in person.polled() {
            let state = if channel.last_read.is_none() && channel.state == State::Live {
                "not read yet"
            } else {
                channel.state.word()
            };
            let visits = visits(channel).map(|visits| format!("  {visits}")).unwrap_or_default();
            let typed = if channels::by_hand(channel.network()) { ", by hand" } else { "" };
            out.push_str(&format!(
                "       {:<14} {}  {state}{typed}{visits}\n",
                channel.slot, channel.account.handle
            ));
        }
    }
    out
}

/// Visits week on week: `1 311 visits in 7 days, 1 102 in the 7 before (+19.0%)`.
fn visits(channel: &ChannelSnapshot) -> Option<String> {
    let mut visits = format!("{} visits in 7 days", text::grouped(channel.figure(Figure::Visits)?));
    if let Some(before) = channel.figure(Figure::VisitsBefore) {
        visits.push_str(&format!(", {} in the 7 before", text::grouped(before)));
    }
    if let Some(percent) = channel.weekly_percent() {
        visits.push_str(&format!(" ({percent:+.1}%)"));
    }
    Some(visits)
}

#[derive(Serialize)]
pub struct Poll {
    schema: &'static str,
    pub polled: Vec<PollLine>,
    pub skipped: Vec<SkippedLine>,
}

#[derive(Serialize, Clone)]
pub struct PollLine {
    pub symbol: String,
    pub id: String,
    pub outcome: &'static str,
    pub reason: &'static str,
    pub detail: Option<String>,
    /// The channel has points from earlier polls, which only age now.
    pub held: bool,
    pub requests: u32,
    pub changed: u32,
    pub next_at: String,
}

#[derive(Serialize)]
pub struct SkippedLine {
    pub symbol: String,
    pub id: String,
    pub due_at: String,
}

impl Poll {
    /// `cloutop/poll/1`, to be filled.
    pub fn empty() -> Self {
        Self { schema: "cloutop/poll/1", polled: Vec::new(), skipped: Vec::new() }
    }
}

pub fn poll_line_text(line: &PollLine) -> String {
    let detail = line.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    match line.outcome {
        "gap" => {
            let next = &line.next_at;
            format!(
                "{}/{}  {}{detail}{}; next try {next}\n",
                line.symbol,
                line.id,
                line.reason,
                if line.held { "; its points are held" } else { "" }
            )
        }
        outcome => {
            let requests = line.requests;
            let plural = if requests == 1 { "" } else { "s" };
            format!(
                "{}/{}  {outcome}, {} changed, {requests} request{plural}{}\n",
                line.symbol,
                line.id,
                line.changed,
                if line.reason == "ok" { String::new() } else { format!(", {}", line.reason) }
            )
        }
    }
}
