//! One post in full: its words, what was counted on it over time, and what each day's part is worth now.
//!
//! ```text
//! ┌─ Post of Mon 2 Mar 09:12 ─────────────────────────────────────────────────────────────────┐
//! │ thread: why ratatui beat my curses code (1/7)                                               │
//! │ https://…                                                                                   │
//! └─────────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌─ Counts over time ──────────────────────────────────────────────────────────────────────────┐
//! │ likes      61  ▁▂▃▅▆▇▇███  12 → 61                                                           │
//! └─────────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌─ Its points, day by day ────────────────────────────────────────────────────────────────────┐
//! │ Mon 2 Mar   61 likes, 14 reposts                         X  12.10                    +4.10   │
//! │ =                                                                                     4.10   │
//! └─────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::canvas::Canvas;
use super::channel::kinds;
use super::frame::{self, Piece};
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::{spark, words};
use crate::app::{App, Height, View, Width};
use crate::model::{ChannelSnapshot, Metric, PersonSnapshot, PostDetail, PostGain, PostState, Time, Word};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let (Some(person), Some(channel)) = (app.focus(), app.focus_channel()) else { return };
    let View::Post { line, .. } = *app.view() else { return };
    let layout = app.layout();
    let detail = app.post();
    if layout.height > Height::Rows {
        header(app, theme, person, channel, detail, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        let usual = detail.map(|detail| status_words(app, detail)).unwrap_or_default();
        frame::status(app, theme, &usual, take_bottom(&mut area, 1), buffer);
    }
    let Some(detail) = detail else {
        Row::new().gap(1).text("…", theme.style(Token::Muted)).draw(area, 0, buffer);
        return;
    };
    if !layout.boxed() {
        short(app, theme, channel, detail, line, area, buffer);
        return;
    }
    let counted = u16::try_from(detail.readings.len()).unwrap_or(0).max(1) + 2;
    let words = text::wrap(title(detail), usize::from(area.width).saturating_sub(4));
    // As high for every post, so that nothing jumps from one to the next.
    let about = if layout.height == Height::Tall { 6 } else { 5 }.min(area.height / 2);
    let about = take(&mut area, about);
    about_panel(app, theme, detail, &words, about, buffer);
    if area.height >= counted + 5 {
        counts_panel(app, theme, channel, detail, take(&mut area, counted), buffer);
    }
    let inner = boxed(theme, area, "Its points, by the day the score gives what came in", "", buffer);
    gains(app, theme, channel, detail, line, inner, buffer);
}

fn title(detail: &PostDetail) -> &str {
    match detail.post.state {
        PostState::Gone => "(gone upstream; counts kept, text removed)",
        _ if detail.post.title.is_empty() => "(no text)",
        _ => &detail.post.title,
    }
}

fn header(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    detail: Option<&PostDetail>,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let points = detail.map(|detail| format!("{} pts", text::score(detail.post.points))).unwrap_or_default();
    let (left, right) = if app.layout().width >= Width::Medium {
        (vec!["cloutop".into(), Piece::Way], points)
    } else {
        let words = format!("{} {} {points}", person.symbol, words::code(channel));
        (vec![words.into()], "esc back".to_owned())
    };
    frame::header(app, theme, left, &right, area, buffer);
}

/// When the post is forgotten by its points, as far as can be said.
fn status_words(app: &App, detail: &PostDetail) -> String {
    let post = &detail.post;
    let age = text::span_long(app.now - post.published);
    let last = detail.readings.iter().filter_map(|(_, series)| series.last().map(|(at, _)| *at)).max();
    let last = last.map(|at| format!(" · last change seen {}", words::when(app, at))).unwrap_or_default();
    format!("{} · published {age} ago{last} · o opens it, y copies its address", post.state.word())
}

fn about_panel(
    app: &App,
    theme: &Theme,
    detail: &PostDetail,
    words: &[String],
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let published = app.local(detail.post.published).format("%a %-d %b %Y %H:%M");
    let head = format!("{} of {published}", capital(detail.post.kind.word()));
    let inner = boxed(theme, area, &head, "", buffer);
    let lines = inner.height.saturating_sub(1);
    for (y, line) in (0..lines).zip(words) {
        let cut = if y + 1 == lines && words.len() > usize::from(lines) { "…" } else { "" };
        let line = text::cut(&format!("{line}{cut}"), usize::from(inner.width).saturating_sub(2));
        Row::new().gap(1).text(line, theme.style(Token::Plain)).draw(inner, y, buffer);
    }
    let address = detail.post.url.as_deref().map_or_else(|| "no public address".to_owned(), text::clean);
    let address = text::cut(&address, usize::from(inner.width).saturating_sub(2));
    Row::new().gap(1).text(address, theme.style(Token::Accent)).draw(inner, lines, buffer);
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The network's word for a counter.
fn word(channel: &ChannelSnapshot, metric: Metric) -> &'static str {
    kinds(channel).into_iter().find(|(_, kind)| *kind == metric).map_or("counts", |(word, _)| word.many)
}

/// Every counter from its first reading until now.
fn counts_panel(
    app: &App,
    theme: &Theme,
    channel: &ChannelSnapshot,
    detail: &PostDetail,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let first = detail.readings.iter().filter_map(|(_, series)| Some(series.first()?.0)).min();
    let since = first.map(|at| format!(", first read {}", words::when(app, at))).unwrap_or_default();
    let inner = boxed(theme, area, &format!("Counts over time{since}"), "", buffer);
    if detail.readings.is_empty() {
        let words = "only single acts are known here, no counters";
        Row::new().gap(1).text(words, theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    }
    let chart = usize::from(inner.width).saturating_sub(34).min(60);
    for (y, (metric, series)) in (0..inner.height).zip(&detail.readings) {
        let (first, last) = (series.first(), series.last());
        let (Some(first), Some(last)) = (first, last) else { continue };
        let mut span = words::grouped(app, last.1);
        if series.len() > 1 {
            span = format!("{} → {span}", words::grouped(app, first.1));
        }
        Row::new()
            .gap(1)
            .left(word(channel, *metric), 10, theme.style(Token::Muted))
            .left(&curve(series, app.now, chart), chart, theme.style(Token::Plain))
            .gap(2)
            .text(span, theme.style(Token::Plain))
            .draw(inner, y, buffer);
    }
}

/// A counter as bars from nothing to its highest, from its first reading until now.
fn curve(series: &[(Time, u64)], now: Time, columns: usize) -> String {
    let Some(&(first, _)) = series.first() else { return String::new() };
    let span = (now - first).num_seconds().max(1);
    let highest = series.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
    let values: Vec<Option<f64>> = (1..=columns)
        .map(|column| {
            let passed = span.saturating_mul(i64::try_from(column).unwrap_or(i64::MAX));
            let at = first + chrono::TimeDelta::seconds(passed / i64::try_from(columns).unwrap_or(1).max(1));
            series.iter().rev().find(|(read, _)| *read <= at).map(|(_, value)| *value as f64 / highest as f64)
        })
        .collect();
    spark::growth(&values, columns)
}

/// `61 likes, 14 reposts`.
fn received(channel: &ChannelSnapshot, gain: &PostGain) -> String {
    let count = |(word, metric): (Word, Metric)| {
        let count = gain.counts[metric.index()];
        (count > 0).then(|| format!("{count} {}", if count == 1 { word.one } else { word.many }))
    };
    let parts: Vec<String> = kinds(channel).into_iter().filter_map(count).collect();
    if parts.is_empty() { "nothing that counts here".to_owned() } else { parts.join(", ") }
}

/// A line per day, newest first, and their sum: they add up to the post's points as shown.
fn gains(
    app: &App,
    theme: &Theme,
    channel: &ChannelSnapshot,
    detail: &PostDetail,
    line: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let (plain, muted, title) =
        (theme.style(Token::Plain), theme.style(Token::Muted), theme.style(Token::Title));
    let points: Vec<f64> = detail.gains.iter().map(|gain| gain.points).collect();
    let total = text::cents(detail.post.points);
    let shown = text::adding_up(&points, total, 2);
    let width = usize::from(area.width);
    let sum = take_bottom(&mut area, 1);
    let x: f64 = detail.gains.iter().map(|gain| gain.x).sum();
    let engaged = width >= 50;
    let what = width.saturating_sub(1 + 11 + 9 + 1 + if engaged { 12 } else { 0 });
    let figures = |row: Row, x: f64, points: f64, style| {
        let row = if engaged { row.right(&format!("X {x:.2}"), 12, muted) } else { row };
        row.right(&text::score(points), 9, style)
    };
    let row = Row::new().gap(1).left("=", 11, title).left(
        if detail.gains.is_empty() { "nothing came in yet" } else { "what stands on this post" },
        what,
        muted,
    );
    figures(row, x, total, title).draw(sum, 0, buffer);
    let room = usize::from(area.height);
    let hidden = detail.gains.len().saturating_sub(room);
    let first = line.min(hidden);
    let rows = detail.gains.iter().zip(&shown).rev().skip(first);
    let fits = if hidden > 0 { room.saturating_sub(1) } else { room };
    for (y, (gain, points)) in (0u16..).zip(rows.clone().take(fits)) {
        let row = Row::new()
            .gap(1)
            .left(&app.local(gain.at).format("%a %-d %b").to_string(), 11, muted)
            .left(&received(channel, gain), what, plain);
        figures(row, gain.x, *points, plain).draw(area, y, buffer);
    }
    if hidden > 0 && room > 0 {
        let seen: f64 = rows.take(fits).map(|(_, points)| *points).sum();
        let words = format!("{} more days, above or below", detail.gains.len() - fits);
        let row = Row::new().gap(1).left("", 11, muted).left(&words, what, muted);
        let y = u16::try_from(fits).unwrap_or(u16::MAX);
        figures(row, 0.0, total - seen, muted).draw(area, y, buffer);
    }
}

/// Panes without frames: the words, the counts, the points.
fn short(
    app: &App,
    theme: &Theme,
    channel: &ChannelSnapshot,
    detail: &PostDetail,
    line: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let width = usize::from(area.width);
    let words = text::cut(title(detail), width);
    Row::new().text(words, theme.style(Token::Title)).draw(take(&mut area, 1), 0, buffer);
    if area.height >= 4 {
        let counts = kinds(channel).into_iter().filter_map(|(word, metric)| {
            let count = detail.post.counts.get(metric)?;
            Some(format!("{} {}", words::grouped(app, count), if count == 1 { word.one } else { word.many }))
        });
        let counts = text::cut(&counts.collect::<Vec<_>>().join(", "), width);
        Row::new().text(counts, theme.style(Token::Muted)).draw(take(&mut area, 1), 0, buffer);
    }
    gains(app, theme, channel, detail, line, area, buffer);
}
