//! A channel: its posts, each with what it is worth, and where the points come from.
//!
//! ```text
//!  cloutop │ BOARD ▸ YOU ▸ BSKY sam.example.org │ range 30d              14.35 pts (23.4%)   14:32:07
//! ┌─ Posts by points: 22 in the ledger ─────────────────────────────────────────────────────────────┐
//! │  PUBLISHED   POST                                     LIKE RPST REPL QUOT      X    PTS  STATE    │
//! │ ▸Mon 09:12   thread: why ratatui beat my curses code    61   14    9    3  12.10   4.10  growing  │
//! └───────────────────────────────────────────────── 8 shown, the other 14 are worth 0.35 points ────┘
//! ┌─ How this channel earns points ───────────────────┐┌─ Ticks ────────────────────────────────────┐
//! │ audience    4 882 followers               3.10    ││ 12:40  ▲ +0.08  3 likes on "thread: why"    │
//! │ body        90-day half-life              9.70    │└─────────────────────────────────────────────┘
//! │ buzz        1-day half-life               1.55    │
//! │ =                                        14.35    │
//! └───────────────────────────────────────────────────┘
//! ```

use super::panel::{self, Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::{chart, spark, words};
use crate::app::{App, Height, View, Width};
use crate::model::{ChannelSnapshot, Metric, PersonSnapshot, PostSnapshot, Word};
use crate::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Buffer) {
    let (Some(person), Some(channel)) = (app.focus(), app.focus_channel()) else { return };
    let selected = match app.view() {
        View::Channel { post, .. } => *post,
        _ => 0,
    };
    let posts = app.posts(person.id, channel.id);
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, person, channel, take(&mut area, 1), buffer);
        panel::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        panel::status(app, theme, &status_words(app, person, channel), take_bottom(&mut area, 1), buffer);
    }
    if !layout.boxed() {
        posts_table(app, theme, person, channel, posts, selected, area, buffer);
        return;
    }
    let chart_rows = match layout.height {
        Height::Tall => 9,
        Height::Usual => 6,
        _ => 0,
    };
    let points = shown_points(person, channel, posts);
    let earns = match (layout.height >= Height::Usual, points.assumed) {
        (true, Some(_)) => 7,
        (true, None) => 6,
        (false, _) => 0,
    };
    let wanted = u16::try_from(posts.len()).unwrap_or(u16::MAX).saturating_add(3).max(5);
    let rows = area.height.saturating_sub(chart_rows + earns).min(wanted).max(5);
    let list = take(&mut area, rows);
    let inner_rows = usize::from(list.height.saturating_sub(3));
    let inner = boxed(theme, list, &format!("Posts by points: {} in the ledger", posts.len()), "", buffer);
    posts_table(app, theme, person, channel, posts, selected, inner, buffer);
    let first = first_row(selected, inner_rows);
    let hidden: f64 = points
        .posts
        .iter()
        .enumerate()
        .filter(|(place, _)| *place < first || *place >= first + inner_rows)
        .map(|(_, points)| points)
        .sum();
    let others = posts.len().saturating_sub(inner_rows);
    if others > 0 {
        let note = format!(
            "{} shown, the other {others} are worth {} points",
            posts.len() - others,
            text::score(hidden)
        );
        note_on(theme, list, &note, buffer);
    }
    if earns > 0 {
        let panels = take(&mut area, earns);
        let half = if layout.width == Width::Wide { panels.width * 3 / 5 } else { panels.width };
        let left = Rect { width: half, ..panels };
        earns_panel(theme, channel, &points, left, buffer);
        if half < panels.width {
            let right = Rect { x: panels.x + half, width: panels.width - half, ..panels };
            ticks_panel(app, theme, person, channel, right, buffer);
        }
    }
    if chart_rows > 0 && area.height >= 5 {
        chart_panel(app, theme, channel, area, buffer);
    }
}

fn note_on(theme: &Theme, area: Rect, note: &str, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(6);
    let note = format!(" {} ", text::cut(note, room));
    let x = area.x + area.width.saturating_sub(2 + u16::try_from(text::width(&note)).unwrap_or(0));
    buffer.set_string(x, area.y + area.height - 1, note, theme.style(Token::Border));
}

fn header(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    area: Rect,
    buffer: &mut Buffer,
) {
    let code = words::code(channel);
    let handle = words::account(&channel.account);
    let place = person.channels.iter().position(|known| known.id == channel.id).unwrap_or(0);
    let points = words::points(person).get(place).copied().unwrap_or(0.0);
    let held = if channel.held() { "*" } else { "" };
    let score = person.score.unwrap_or(0.0);
    let share =
        if score > 0.0 { format!(" ({:.1}%)", 100.0 * channel.points / score) } else { String::new() };
    let (left, right) = match app.layout().width {
        Width::Wide => (
            vec![
                "cloutop".to_owned(),
                format!("BOARD ▸ {} ▸ {code} {handle}", person.symbol),
                words::state(app, channel),
                format!("range {}", app.range.word()),
            ],
            format!("{}{held} pts{share}", text::score(points)),
        ),
        Width::Usual | Width::Medium => (
            vec![
                "cloutop".to_owned(),
                format!("{} ▸ {code} {handle}", person.symbol),
                words::state(app, channel),
            ],
            format!("{}{held}{share}", text::score(points)),
        ),
        _ => (vec![format!("{} {code} {}{held}", person.symbol, text::score(points))], "esc back".to_owned()),
    };
    panel::header(app, theme, &left, &right, area, buffer);
}

fn status_words(app: &App, person: &PersonSnapshot, channel: &ChannelSnapshot) -> String {
    if channel.state.held() {
        return words::trouble(app, person).unwrap_or_default();
    }
    let read = channel.last_read.map(|at| format!("polled {} ago", text::span_long(app.now - at)));
    let next = channel.next_at.map(|at| format!("next in {}", text::span_long(at - app.now)));
    let change = person.change(app.range).and_then(|change| {
        let causes = words::causes(person, change);
        let own = causes.iter().find(|(known, _)| known.is_some_and(|known| known.id == channel.id))?;
        Some(format!("moved the score by {} in {}", text::signed(own.1), app.range.word()))
    });
    let requests =
        format!("{} request{} a poll", channel.requests, if channel.requests == 1 { "" } else { "s" });
    change.into_iter().chain(read).chain(next).chain([requests]).collect::<Vec<_>>().join(" · ")
}

/// Points as shown: posts, audience and what is assumed of the time before add up to the channel's points
/// as shown.
struct Shown {
    posts: Vec<f64>,
    audience: f64,
    /// What of body and buzz stands on no post.
    assumed: Option<f64>,
    total: f64,
}

fn shown_points(person: &PersonSnapshot, channel: &ChannelSnapshot, posts: &[PostSnapshot]) -> Shown {
    let place = person.channels.iter().position(|known| known.id == channel.id).unwrap_or(0);
    let total = words::points(person).get(place).copied().unwrap_or(0.0);
    let mut parts: Vec<f64> = posts.iter().map(|post| post.points).collect();
    let assumed = channel.body_points + channel.buzz_points - parts.iter().sum::<f64>();
    parts.push(channel.audience_points);
    let known = channel.assumed_points > 0.0 && !posts.is_empty();
    parts.extend(known.then_some(assumed));
    let mut parts = text::adding_up(&parts, total, 2);
    let assumed = if known { parts.pop() } else { None };
    let audience = parts.pop().unwrap_or(0.0);
    Shown { posts: parts, audience, assumed: assumed.filter(|points| *points != 0.0), total }
}

fn first_row(selected: usize, room: usize) -> usize {
    if selected >= room { selected + 1 - room } else { 0 }
}

#[expect(clippy::too_many_arguments, reason = "what the table shows and where")]
fn posts_table(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    posts: &[PostSnapshot],
    selected: usize,
    mut area: Rect,
    buffer: &mut Buffer,
) {
    let words = channel.network().words();
    let kinds: Vec<(Word, Metric)> = [
        (words.like, Metric::Likes),
        (words.reshare, Metric::Reshares),
        (words.reply, Metric::Replies),
        (words.quote, Metric::Quotes),
        (words.view, Metric::Views),
    ]
    .into_iter()
    .filter_map(|(word, metric)| Some((word?, metric)))
    .collect();
    let layout = app.layout();
    let (muted, plain) = (theme.style(Token::Muted), theme.style(Token::Plain));
    let usual = layout.width >= Width::Usual;
    let counted = layout.width >= Width::Medium;
    let date = if usual { 10 } else { 7 };
    let used = 2 + date + 2 + 7 + if counted { kinds.len() * 6 } else { 0 } + if usual { 8 + 9 } else { 0 };
    let title = usize::from(area.width).saturating_sub(used);
    if layout.boxed() {
        let mut heading = Row::new().gap(2).left("PUBLISHED", date, muted).gap(1).left("POST", title, muted);
        if counted {
            for (word, _) in &kinds {
                heading = heading.right(word.head, 6, muted);
            }
        }
        if usual {
            heading = heading.right("X", 8, muted);
        }
        heading = heading.right("PTS", 7, muted);
        if usual {
            heading = heading.gap(2).left("STATE", 7, muted);
        }
        heading.draw(take(&mut area, 1), 0, buffer);
    }
    if posts.is_empty() {
        let why =
            if channel.last_read.is_some() { "no posts in the ledger" } else { "nothing has been read yet" };
        Row::new().gap(2).text(why, muted).draw(area, 0, buffer);
        return;
    }
    let points = shown_points(person, channel, posts).posts;
    let first = first_row(selected, usize::from(area.height));
    for (y, (place, post)) in (0..area.height).zip(posts.iter().enumerate().skip(first)) {
        let here = place == selected;
        let gone = "(gone upstream; counts kept, text removed)";
        let words = match post.state {
            crate::model::PostState::Gone => gone,
            _ if post.title.is_empty() => "(no text)",
            _ => &post.title,
        };
        let published = app.local(post.published);
        let published = if app.now - post.published < chrono::TimeDelta::days(6) {
            published.format(if usual { "%a %H:%M" } else { "%a" })
        } else {
            let old = app.now - post.published > chrono::TimeDelta::days(300);
            published.format(if !old {
                "%-d %b"
            } else if usual {
                "%b %Y"
            } else {
                "%b ’%y"
            })
        };
        let mut row = Row::new()
            .gap(1)
            .text(if here { "▸" } else { " " }, plain)
            .left(&published.to_string(), date, muted)
            .gap(1)
            .left(words, title, if post.title.is_empty() { muted } else { plain });
        if counted {
            for (_, metric) in &kinds {
                let count = post.counts.get(*metric).map_or_else(|| "—".to_owned(), text::compact);
                row = row.right(&count, 6, plain);
            }
        }
        if usual {
            row = row.right(&format!("{:.2}", post.x), 8, plain);
        }
        row = row.right(&text::score(points[place]), 7, plain);
        if usual {
            row = row.gap(2).left(post.state.word(), 7, muted);
        }
        if here {
            row.draw_selected(theme, area, y, buffer);
        } else {
            row.draw(area, y, buffer);
        }
    }
}

/// The three parts of the channel's points.
fn earns_panel(theme: &Theme, channel: &ChannelSnapshot, points: &Shown, area: Rect, buffer: &mut Buffer) {
    let inner = boxed(theme, area, "How this channel earns points", "", buffer);
    let rest = points.total - points.audience;
    let parts = text::adding_up(&[channel.body_points, channel.buzz_points], rest, 2);
    let audience = match channel.network().words().audience {
        Some(words) => {
            let figures: Vec<String> = channel
                .figures
                .iter()
                .map(|(figure, value)| format!("{} {}", text::grouped(*value), figure.word()))
                .collect();
            if figures.is_empty() { words.to_owned() } else { figures.join(", ") }
        }
        None => "no public number here: counts as the body".to_owned(),
    };
    let width = usize::from(inner.width).saturating_sub(22);
    let lines = [
        ("audience", audience, points.audience),
        ("body", "everything received, half-life 90 days".to_owned(), parts[0]),
        ("buzz", "everything received, half-life 1 day".to_owned(), parts[1]),
        ("=", "audience + body + buzz".to_owned(), points.total),
    ];
    let before = "of body and buzz: before the oldest post that was listed".to_owned();
    let assumed = points.assumed.map(|points| ("assumed", before, points));
    for (y, (name, words, points)) in (0..inner.height).zip(lines.into_iter().chain(assumed)) {
        let token = if name == "=" { Token::Title } else { Token::Plain };
        Row::new()
            .gap(1)
            .left(name, 10, theme.style(token))
            .left(&words, width, theme.style(Token::Muted))
            .right(&text::score(points), 8, theme.style(token))
            .draw(inner, y, buffer);
    }
}

fn ticks_panel(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inner = boxed(theme, area, "Ticks", "", buffer);
    let ticks = app.ticks.iter().rev().filter(|tick| tick.person == person.id && tick.channel == channel.id);
    for (y, tick) in (0..inner.height).zip(ticks) {
        Row::new()
            .gap(1)
            .left(&words::clock(app, tick.at), 7, theme.style(Token::Muted))
            .left(
                &format!("{} {}", text::arrow(tick.points), text::signed(tick.points)),
                8,
                theme.change(tick.points),
            )
            .left(&tick.cause, usize::from(inner.width).saturating_sub(17), theme.style(Token::Plain))
            .draw(inner, y, buffer);
    }
}

fn chart_panel(app: &App, theme: &Theme, channel: &ChannelSnapshot, area: Rect, buffer: &mut Buffer) {
    let series = app.chart_query().and_then(|query| app.series(&query).cloned());
    let code = words::code(channel);
    let title = match &series {
        Some(series) => {
            let steps = chart::step_words(series.step);
            format!("{code} part of the score, {steps} (falls when others rise)")
        }
        None => format!("{code} part of the score"),
    };
    let mut inner = boxed(theme, area, &title, "", buffer);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(1);
    match series {
        Some(series) if inner.height >= 3 => chart::candles(app, theme, &series, inner, buffer),
        Some(series) => {
            let closes = series.closes();
            let row = spark::spark(&closes, usize::from(inner.width));
            Row::new().text(row, theme.style(Token::Plain)).draw(inner, 0, buffer);
        }
        None => {}
    }
}
