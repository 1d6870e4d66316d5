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

mod posts;

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, part, take, take_bottom};
use super::theme::{Theme, Token};
use super::{chart, spark, words};
use crate::app::{App, Height, Panel, View, Width};
use crate::channels;
use crate::model::{ChannelSnapshot, PersonSnapshot, PostSnapshot};
use crate::text;
pub(super) use posts::kinds;
use posts::{Shown, first_row, shown_points};
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let (Some(person), Some(channel)) = (app.focus(), app.focus_channel()) else { return };
    let selected = match app.view() {
        View::Channel { post, .. } => *post,
        _ => 0,
    };
    let posts = app.posts(person.id, channel.id);
    let posts = posts.as_slice();
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, person, channel, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        frame::status(app, theme, &status_words(app, person, channel), take_bottom(&mut area, 1), buffer);
    }
    let points = shown_points(person, channel, posts);
    if let Some(panel) = app.alone() {
        match panel {
            Panel::Chart => chart_panel(app, theme, channel, area, buffer),
            Panel::Parts => earns_panel(app, theme, channel, &points, area, buffer),
            Panel::Ticks => ticks_panel(app, theme, person, channel, area, buffer),
            _ => list_panel(app, theme, (channel, posts, &points), selected, area, buffer),
        }
        return;
    }
    if !layout.boxed() {
        posts::table(app, theme, (channel, posts, &points), selected, area, buffer);
        return;
    }
    let chart_rows = match layout.height {
        Height::Tall => 9,
        Height::Usual => 6,
        _ => 0,
    };
    let earns = match (layout.height >= Height::Usual, points.assumed) {
        (true, Some(_)) => 7,
        (true, None) => 6,
        (false, _) => 0,
    };
    let wanted = u16::try_from(posts.len()).unwrap_or(u16::MAX).saturating_add(3).max(5);
    let rows = area.height.saturating_sub(chart_rows + earns).min(wanted).max(5);
    let list = take(&mut area, rows);
    list_panel(app, theme, (channel, posts, &points), selected, list, buffer);
    if earns > 0 {
        let panels = take(&mut area, earns);
        let half = if layout.channel_side() { panels.width * 3 / 5 } else { panels.width };
        let left = Rect { width: half, ..panels };
        earns_panel(app, theme, channel, &points, left, buffer);
        if half < panels.width {
            let right = Rect { x: panels.x + half, width: panels.width - half, ..panels };
            ticks_panel(app, theme, person, channel, right, buffer);
        }
    }
    if chart_rows > 0 && area.height >= 5 {
        chart_panel(app, theme, channel, area, buffer);
    }
}

/// The posts, and what those out of sight are worth.
fn list_panel(
    app: &App,
    theme: &Theme,
    (channel, posts, points): (&ChannelSnapshot, &[&PostSnapshot], &Shown),
    selected: usize,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let room = usize::from(area.height.saturating_sub(3));
    let first = first_row(selected, room);
    let out_of_sight = |place: &usize| *place < first || *place >= first + room;
    let hidden: f64 = (0..posts.len()).filter(out_of_sight).map(|place| points.posts[place]).sum();
    let others = posts.len().saturating_sub(room);
    let note = if others > 0 {
        format!("{} shown, the other {others} are worth {} points", posts.len() - others, text::score(hidden))
    } else {
        String::new()
    };
    let order = match (app.post_sort, app.posts_reversed) {
        (sort, false) => sort.word().to_owned(),
        (sort, true) => format!("{}, reversed", sort.word()),
    };
    let title = format!("Posts by {order}: {} in the ledger", posts.len());
    let inner = part(app, theme, Panel::List, area, (&title, &note), buffer);
    posts::table(app, theme, (channel, posts, points), selected, inner, buffer);
}

fn header(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let place = person.channels.iter().position(|known| known.id == channel.id).unwrap_or(0);
    let points = words::points(person).get(place).copied().unwrap_or(0.0);
    let held = if channel.held() { "*" } else { "" };
    let score = person.score.unwrap_or(0.0);
    let share =
        if score > 0.0 { format!(" ({:.1}%)", 100.0 * channel.points / score) } else { String::new() };
    let (left, right) = match app.layout().width {
        Width::Wide => (
            vec![
                "cloutop".into(),
                Piece::Way,
                words::state(app, channel).into(),
                format!("range {}", app.range.word()).into(),
            ],
            format!("{}{held} pts{share}", text::score(points)),
        ),
        Width::Usual | Width::Medium => (
            vec!["cloutop".into(), Piece::Way, words::state(app, channel).into()],
            format!("{}{held}{share}", text::score(points)),
        ),
        _ => {
            let code = words::code(channel);
            let words = format!("{} {code} {}{held}", person.symbol, text::score(points));
            (vec![words.into()], "esc back".to_owned())
        }
    };
    frame::header(app, theme, left, &right, area, buffer);
}

fn status_words(app: &App, person: &PersonSnapshot, channel: &ChannelSnapshot) -> String {
    if channel.state.held() {
        let spent = channel.spent.map(|spent| format!(" · {spent} this month")).unwrap_or_default();
        return words::trouble(app, person).unwrap_or_default() + &spent;
    }
    let typed = channels::by_hand(channel.network());
    let verb = if typed { "typed in" } else { "polled" };
    let read = channel.last_read.map(|at| {
        if app.still {
            format!("{verb} {}", words::clock(app, at))
        } else {
            format!("{verb} {} ago", text::span_long(app.now - at))
        }
    });
    let next = channel.next_at.map(|at| format!("next {}", words::until(app, at)));
    let change = person.change(app.range).and_then(|change| {
        let causes = words::causes(person, change);
        let own = causes.iter().find(|(known, _)| known.is_some_and(|known| known.id == channel.id))?;
        Some(format!("moved the score by {} in {}", text::signed(own.1), app.range.word()))
    });
    let mut requests = if typed {
        "by hand: never polled".to_owned()
    } else {
        format!("{} request{} a poll", channel.requests, if channel.requests == 1 { "" } else { "s" })
    };
    if let Some(allowance) = channel.allowance {
        let of = allowance.of.map_or_else(String::new, |of| format!(" of {}", words::grouped(app, of)));
        requests = format!("{requests}, {}{of} left", words::grouped(app, allowance.left));
    }
    let spent = channel.spent.map(|spent| format!("{spent} this month"));
    change.into_iter().chain(read).chain(next).chain([requests]).chain(spent).collect::<Vec<_>>().join(" · ")
}

/// The three parts of the channel's points.
fn earns_panel(
    app: &App,
    theme: &Theme,
    channel: &ChannelSnapshot,
    points: &Shown,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let inner = part(app, theme, Panel::Parts, area, ("How this channel earns points", ""), buffer);
    let rest = points.total - points.audience;
    let parts = text::adding_up(&[channel.body_points, channel.buzz_points], rest, 2);
    let audience = match channel.network().words().audience {
        Some(words) => {
            let figures: Vec<String> = channel
                .figures
                .iter()
                .map(|(figure, value)| format!("{} {}", words::grouped(app, *value), figure.word()))
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
    buffer: &mut Canvas<'_>,
) {
    let inner = part(app, theme, Panel::Ticks, area, ("Ticks", ""), buffer);
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

fn chart_panel(app: &App, theme: &Theme, channel: &ChannelSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    let series = app.chart_query().and_then(|query| app.series(&query).cloned());
    let code = words::code(channel);
    let title = match &series {
        Some(series) => {
            let steps = chart::step_words(app, series.step);
            format!("{code} part of the score, {steps} (falls when others rise)")
        }
        None => format!("{code} part of the score"),
    };
    let mut inner = part(app, theme, Panel::Chart, area, (&title, ""), buffer);
    inner.x += inner.width.min(1);
    inner.width = inner.width.saturating_sub(1);
    match series {
        Some(series) if inner.height >= 3 => chart::draw(app, theme, &series, None, inner, buffer),
        Some(series) => {
            let closes = series.closes();
            let row = spark::spark(&closes, usize::from(inner.width));
            Row::new().text(row, theme.style(Token::Plain)).draw(inner, 0, buffer);
        }
        None => {}
    }
}
