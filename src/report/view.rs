//! What the screen shows, as a file: tables as CSV, the log as a line of JSON per entry. Full numbers, times in UTC.

use super::{Named, log_record, stamp};
use crate::app::{App, View};
use crate::bumps::What;
use crate::model::{ChannelSnapshot, Metric, PersonSnapshot, Range, Time};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Of the screen, for the file's name.
    pub name: &'static str,
    pub ending: &'static str,
    pub text: String,
}

/// A table that grows by rows.
struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn new(head: &[&str]) -> Self {
        let mut table = Self(csv::Writer::from_writer(Vec::new()));
        table.row(head.iter().map(|word| (*word).to_owned()));
        table
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // Memory does not refuse to be written, and every row has as many cells as the head.
        let _ = self.0.write_record(cells.into_iter().collect::<Vec<_>>());
    }

    fn text(self) -> String {
        String::from_utf8(self.0.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// Strangers' text in a cell: spreadsheets take what begins like a formula for one.
fn words(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn when(at: Option<Time>) -> String {
    at.map(stamp).unwrap_or_default()
}

/// What the screen shows now.
pub fn view(app: &App) -> Export {
    let csv = |name, text| Export { name, ending: "csv", text };
    match app.view() {
        View::Person { .. } => csv("person", person(app)),
        View::Channel { person, channel, .. } => csv("channel", posts(app, *person, *channel)),
        View::Post { .. } => csv("post", post(app)),
        View::Compare { people, .. } => csv("compare", compare(app, people)),
        View::Statement { .. } => csv("statement", statement(app)),
        View::Formula { .. } => Export { name: "formula", ending: "json", text: formula(app) },
        View::Log { .. } => Export { name: "bumps", ending: "ndjson", text: log(app) },
        View::Board | View::Settings => csv("board", board(app)),
    }
}

const RANGES: [Range; 4] = [Range::Hour, Range::Day, Range::Week, Range::Month];

fn board(app: &App) -> String {
    let mut head = vec!["symbol", "name", "group", "last", "held_points", "live", "channels", "last_read"];
    let changes: Vec<String> = RANGES.iter().map(|range| format!("change_{}", range.word())).collect();
    head.extend(changes.iter().map(String::as_str));
    head.push("volume");
    let mut table = Table::new(&head);
    for person in app.rows() {
        let mut row = vec![
            person.symbol.clone(),
            words(&person.name),
            words(person.group.as_deref().unwrap_or_default()),
            number(person.score),
            person.held_points().to_string(),
            person.live().to_string(),
            person.channels.len().to_string(),
            when(person.last_read()),
        ];
        row.extend(RANGES.iter().map(|range| number(person.change(*range).map(|change| change.points))));
        row.push(person.change(app.range).map(|change| change.volume.to_string()).unwrap_or_default());
        table.row(row);
    }
    table.text()
}

fn moved(person: &PersonSnapshot, channel: &ChannelSnapshot, range: Range) -> Option<f64> {
    let change = person.change(range)?;
    change.channels.iter().find(|part| part.channel == channel.id).map(|part| part.points)
}

fn person(app: &App) -> String {
    let mut table = Table::new(&[
        "symbol",
        "channel",
        "network",
        "account",
        "state",
        "reason",
        "points",
        "change",
        "range",
        "posts",
        "last_read",
        "next_at",
    ]);
    let Some(person) = app.focus() else { return table.text() };
    for channel in &person.channels {
        table.row([
            person.symbol.clone(),
            channel.slot.clone(),
            channel.network().id().to_owned(),
            words(&channel.account.handle),
            channel.state.word().to_owned(),
            channel.reason.word().to_owned(),
            channel.points.to_string(),
            number(moved(person, channel, app.range)),
            app.range.word().to_owned(),
            channel.posts.to_string(),
            when(channel.last_read),
            when(channel.next_at),
        ]);
    }
    table.text()
}

fn posts(app: &App, person: crate::model::PersonId, channel: crate::model::ChannelId) -> String {
    let mut table = Table::new(&[
        "id",
        "published_at",
        "kind",
        "title",
        "url",
        "likes",
        "reshares",
        "replies",
        "quotes",
        "views",
        "x",
        "points",
        "state",
    ]);
    for post in app.posts(person, channel) {
        let count = |metric| post.counts.get(metric).map(|count| count.to_string()).unwrap_or_default();
        table.row([
            words(&post.id.0),
            stamp(post.published),
            post.kind.word().to_owned(),
            words(&post.title),
            words(post.url.as_deref().unwrap_or_default()),
            count(Metric::Likes),
            count(Metric::Reshares),
            count(Metric::Replies),
            count(Metric::Quotes),
            count(Metric::Views),
            post.x.to_string(),
            post.points.to_string(),
            post.state.word().to_owned(),
        ]);
    }
    table.text()
}

fn post(app: &App) -> String {
    let mut table = Table::new(&["day", "likes", "reshares", "replies", "quotes", "views", "x", "points"]);
    for gain in app.post().iter().flat_map(|detail| &detail.gains) {
        let count = |metric: Metric| gain.counts[metric.index()].to_string();
        table.row([
            stamp(gain.at),
            count(Metric::Likes),
            count(Metric::Reshares),
            count(Metric::Replies),
            count(Metric::Quotes),
            count(Metric::Views),
            gain.x.to_string(),
            gain.points.to_string(),
        ]);
    }
    table.text()
}

fn compare(app: &App, people: &[crate::model::PersonId]) -> String {
    let people: Vec<&PersonSnapshot> = people.iter().filter_map(|id| app.person(*id)).collect();
    let mut head = vec!["row"];
    head.extend(people.iter().map(|person| person.symbol.as_str()));
    let mut table = Table::new(&head);
    let mut row = |name: String, value: &dyn Fn(&PersonSnapshot) -> Option<f64>| {
        table.row(std::iter::once(name).chain(people.iter().map(|person| number(value(person)))));
    };
    row("score".to_owned(), &|person| person.score);
    let range = app.range;
    row(format!("change_{}", range.word()), &|person| person.change(range).map(|change| change.points));
    row(format!("volume_{}", range.word()), &|person| {
        person.change(range).map(|change| change.volume as f64)
    });
    for network in app.compared_networks() {
        row(network.id().to_owned(), &|person| {
            let on = || person.channels.iter().filter(|channel| channel.network() == network);
            on().next().map(|_| on().map(|channel| channel.points).sum())
        });
    }
    table.text()
}

fn statement(app: &App) -> String {
    let mut table = Table::new(&["cause", "network", "what", "item", "points"]);
    let Some(found) = app.statement() else { return table.text() };
    let mut end = |name: &str, at, points: f64| {
        table.row([name.to_owned(), String::new(), stamp(at), String::new(), points.to_string()]);
    };
    end("open", found.from, found.open);
    end("close", found.to, found.close);
    for line in &found.lines {
        table.row([
            line.cause.word().to_owned(),
            line.network.map(|network| network.id().to_owned()).unwrap_or_default(),
            words(&line.what),
            line.item.as_ref().map(|item| words(&item.0)).unwrap_or_default(),
            line.points.to_string(),
        ]);
    }
    table.text()
}

fn formula(app: &App) -> String {
    let Some(formula) = app.formula() else { return "{}\n".to_owned() };
    let energy = &formula.energy;
    let value = serde_json::json!({
        "schema": "cloutop/formula/1",
        "body": energy.body,
        "buzz": energy.buzz,
        "reach": energy.reach,
        "audience": formula.audience,
        "total": formula.total,
        "posts": formula.posts,
        "rows": formula.rows,
    });
    format!("{value}\n")
}

fn log(app: &App) -> String {
    let mut out = String::new();
    for entry in app.log() {
        let Some(person) = app.person(entry.person()) else { continue };
        let id = match &entry.what {
            What::Bump(episode) => episode.channel,
            What::Happening(happening) => happening.channel,
        };
        let channel = person.channels.iter().find(|channel| channel.id == id);
        let named = Named {
            symbol: person.symbol.clone(),
            channel: channel.map(|channel| channel.slot.clone()),
            entry: entry.clone(),
        };
        out.push_str(&log_record(&named));
        out.push('\n');
    }
    out
}
