//! A person: the score's chart, what it is made of, channel by channel.
//!
//! ```text
//!  cloutop │ BOARD ▸ YOU Sam Okafor │ range 7d                      61.42*  ▲ +1.26 (+2.09%) 7d   14:32:07
//! ┌─ Score, 2-hour candles; volume = engagement events ───────────────┐┌─ What the 61.42 is made of ────────┐
//! │                                                                   ││ GH   25.90  ██████████████████     │
//! │                                                                   ││ sum  61.42                         │
//! └───────────────────────────────────────────────────────────────────┘└────────────────────────────────────┘
//! ┌─ Channels ─────────────────────────────────────────────────────────────────────────────────────────────┐
//! │  # CHAN ACCOUNT              STATE        POINTS  SHARE   Δ 7d   AUDIENCE  POSTS  7D TREND              │
//! │ ▸1 GH   sokafor              LIVE 12s      25.90  42.2%  +1.02      2 310     14  ▁▂▃▃▄▅▆▇▇█            │
//! │    OUTCOMES                  STATE        7 DAYS BEFORE CHANGE                                         │
//! │    PLAU sam.example          LIVE 9s       1 311  1 102 +19.0%                                         │
//! └────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌─ Why YOU moved, 7d ────────────────────────────────────────────────────────────────────────────────────┐
//! └────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, part, take, take_bottom};
use super::theme::{Theme, Token};
use super::{chart, outcomes, spark, why, words};
use crate::app::{App, Height, Panel, Target, View, Width};
use crate::channels;
use crate::model::{ChannelSnapshot, PersonSnapshot, Range};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(person) = app.focus() else { return };
    let selected = match app.view() {
        View::Person { channel, .. } => *channel,
        _ => 0,
    };
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, person, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        let usual = words::trouble(app, person).unwrap_or_else(|| next_poll(app, person));
        frame::status(app, theme, &usual, take_bottom(&mut area, 1), buffer);
    }
    if let Some(panel) = app.alone() {
        alone(app, theme, person, (panel, selected), area, buffer);
    } else if layout.boxed() {
        boxed_person(app, theme, person, selected, area, buffer);
    } else {
        short_person(app, theme, person, selected, area, buffer);
    }
}

fn next_poll(app: &App, person: &PersonSnapshot) -> String {
    let next =
        person.channels.iter().filter_map(|channel| Some((channel.next_at?, words::code(channel)))).min();
    match next {
        Some((at, code)) => format!("next poll {code} {}", words::until(app, at)),
        None => "waiting for the first poll".to_owned(),
    }
}

fn header(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    let range = app.range.word();
    let headline = words::headline(person, app.range);
    let (left, right) = match app.layout().width {
        Width::Wide => (
            vec!["cloutop".into(), Piece::Way, format!("range {range}").into()],
            format!("{}{headline} {range}", ranges(app, person)),
        ),
        Width::Usual | Width::Medium => (vec!["cloutop".into(), Piece::Way, range.into()], headline),
        _ => {
            let short = match (person.score, person.change(app.range)) {
                (Some(score), Some(change)) => {
                    let held = if person.held_points() > 0.0 { "*" } else { "" };
                    let points = words::shown(person, change);
                    format!("{}{held} {}{}", text::score(score), text::arrow(points), text::signed(points))
                }
                _ => "…".to_owned(),
            };
            (vec![format!("{} {short} {range}", person.symbol).into()], "esc back".to_owned())
        }
    };
    frame::header(app, theme, left, &right, area, buffer);
}

/// Other ranges beside the one that is shown: `24h +0.83  30d +1.15   `.
fn ranges(app: &App, person: &PersonSnapshot) -> String {
    let others = [Range::Day, Range::Week, Range::Month].into_iter().filter(|range| *range != app.range);
    let words: Vec<String> = others
        .filter_map(|range| {
            let change = person.change(range)?;
            Some(format!("{} {}", range.word(), text::signed(words::shown(person, change))))
        })
        .collect();
    if words.is_empty() { String::new() } else { format!("{}   ", words.join("  ")) }
}

/// One part of the screen with all the room there is.
fn alone(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    (panel, selected): (Panel, usize),
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    match panel {
        Panel::Chart => chart_panel(app, theme, area, buffer),
        Panel::Parts => made_of(app, theme, person, area, buffer),
        Panel::Why => why::panel(app, theme, person, area, buffer),
        _ => channels_panel(app, theme, person, selected, area, buffer),
    }
}

fn boxed_person(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    selected: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let layout = app.layout();
    let rows = u16::try_from(person.channels.len()).unwrap_or(u16::MAX).max(1);
    let list = rows.saturating_add(3).saturating_add(outcomes::rows(person));
    if layout.height == Height::Tall {
        let why = 5 + WHY_LINES;
        let channels = list.min(area.height / 2);
        let below = if layout.person_below() { rows + 6 } else { 0 };
        let rows = area.height.saturating_sub(why + channels + below);
        let chart = take(&mut area, rows);
        let side = u16::try_from(layout.person_side()).unwrap_or(0).min(chart.width);
        let left = Rect { width: chart.width.saturating_sub(side), ..chart };
        chart_panel(app, theme, left, buffer);
        if side > 0 {
            let right = Rect { x: chart.x + left.width, width: side, ..chart };
            made_of(app, theme, person, right, buffer);
        }
        if below > 0 {
            made_of(app, theme, person, take(&mut area, below), buffer);
        }
        channels_panel(app, theme, person, selected, take(&mut area, channels), buffer);
        why::panel(app, theme, person, take(&mut area, why), buffer);
    } else {
        let chart = if layout.height >= Height::Usual { 8 } else { 0 };
        let why = 5.min(area.height / 3);
        let room = area.height.saturating_sub(chart + why);
        // What there is no room for below the channels gives its lines back.
        let list = if list <= room { list } else { rows.saturating_add(3).min(room) };
        channels_panel(app, theme, person, selected, take(&mut area, list), buffer);
        let chart = area.height.saturating_sub(why);
        if chart >= 6 {
            chart_panel(app, theme, take(&mut area, chart), buffer);
        }
        why::panel(app, theme, person, area, buffer);
    }
}

fn chart_panel(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let series = app.chart_query().and_then(|query| app.series(&query).cloned());
    let title = match &series {
        Some(series) => format!("Score, {}; volume = engagement events", chart::step_words(app, series.step)),
        None => "Score".to_owned(),
    };
    let room = usize::from(area.width).saturating_sub(7);
    let note = app.focus().map(|person| chart::goal_line(person, app.now, room)).unwrap_or_default();
    let mut inner = part(app, theme, Panel::Chart, area, (&title, &note), buffer);
    inner.x += inner.width.min(1);
    inner.width = inner.width.saturating_sub(1);
    match series {
        Some(series) => chart::draw(app, theme, &series, app.focus(), inner, buffer),
        None => Row::new().text("nothing to draw yet", theme.style(Token::Muted)).draw(inner, 0, buffer),
    }
}

/// Lines of the statement below the sum of the channels.
const WHY_LINES: u16 = 3;

/// The score as the sum of its channels.
fn made_of(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    let title = match person.score {
        Some(score) => format!("What the {} is made of", text::score(score)),
        None => "Made of".to_owned(),
    };
    let inner = part(app, theme, Panel::Parts, area, (&title, ""), buffer);
    let points = words::points(person);
    let largest = points.iter().copied().fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[b].total_cmp(&points[a]));
    let mut y = 1;
    let bar = usize::from(inner.width).saturating_sub(15);
    for place in order {
        let channel = &person.channels[place];
        let (sign, style) = if channel.held() {
            ("░", theme.style(Token::Held))
        } else {
            ("█", theme.style(Token::Accent))
        };
        let part = if largest > 0.0 { points[place] / largest } else { 0.0 };
        let held = if channel.held() { " held" } else { "" };
        let bars = spark::blocks(part, bar.saturating_sub(text::width(held)), sign);
        Row::new()
            .gap(1)
            .left(&words::code(channel), 5, theme.style(Token::Plain))
            .right(&text::score(points[place]), 5, theme.style(Token::Plain))
            .gap(2)
            .text(format!("{bars}{held}"), style)
            .draw(inner, y, buffer);
        y += 1;
    }
    let sum: f64 = points.iter().sum();
    Row::new().gap(1).text("──────────", theme.style(Token::Border)).draw(inner, y, buffer);
    let sum = Row::new().gap(1).left("sum", 5, theme.style(Token::Plain)).right(
        &text::score(sum),
        5,
        theme.style(Token::Title),
    );
    sum.draw(inner, y + 1, buffer);
    if let Some(uncertainty) = person.uncertainty.filter(|band| *band >= 0.005) {
        Row::new().gap(1).text(format!("±{uncertainty:.2} assumed"), theme.style(Token::Muted)).draw(
            inner,
            y + 2,
            buffer,
        );
    }
}

fn channels_panel(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    selected: usize,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    // Below the channels where they have room there, else in one line on the frame.
    let below = usize::from(area.height).saturating_sub(3)
        >= person.channels.len() + usize::from(outcomes::rows(person));
    let note = if below { String::new() } else { outcomes::note(app, person, usize::from(area.width)) };
    let mut inner = part(app, theme, Panel::List, area, ("Channels", &note), buffer);
    let layout = app.layout();
    let trend = layout.channel_trend();
    let muted = theme.style(Token::Muted);
    let wide = layout.width == Width::Wide;
    let fixed = if wide { 73 } else { 42 } + if trend > 0 { trend + 3 } else { 0 };
    let account = usize::from(inner.width).saturating_sub(fixed).clamp(8, 40);
    let range = format!("Δ {}", app.range.word());
    let mut heading = Row::new().gap(1);
    if wide {
        heading = heading.left(" #", 3, muted);
    }
    heading = heading
        .left(" CHAN", 6, muted)
        .left("ACCOUNT", account, muted)
        .gap(1)
        .left("STATE", 12, muted)
        .right("POINTS", 7, muted)
        .right("SHARE", 7, muted)
        .right(&range, 8, muted);
    if wide {
        heading = heading.right("AUDIENCE", 10, muted).right("POSTS", 7, muted);
        heading = heading.gap(2).left("REQUESTS", 9, muted);
    }
    if trend > 0 {
        let words =
            if wide { format!("{} TREND", app.range.word().to_uppercase()) } else { "TREND".to_owned() };
        heading = heading.gap(2).left(&words, trend, muted);
    }
    heading.draw(take(&mut inner, 1), 0, buffer);
    if below {
        let table = take_bottom(&mut inner, outcomes::rows(person));
        outcomes::table(app, theme, person, account, table, buffer);
    }
    let points = words::points(person);
    let score: f64 = points.iter().sum();
    let shares: Vec<f64> =
        points.iter().map(|points| if score > 0.0 { 100.0 * points / score } else { 0.0 }).collect();
    let shares = text::adding_up(&shares, if score > 0.0 { 100.0 } else { 0.0 }, 1);
    let room = usize::from(inner.height);
    let first = if selected >= room { selected + 1 - room } else { 0 };
    for (y, (place, channel)) in (0..inner.height).zip(person.channels.iter().enumerate().skip(first)) {
        buffer.spot(Rect { y: inner.y + y, height: 1, ..inner }, Target::Row(place));
        let here = place == selected;
        let plain = theme.style(Token::Plain);
        let moved = moved(person, channel, app);
        let mut row = Row::new().gap(1).text(if here { "▸" } else { " " }, plain);
        if wide {
            row = row.left(&(place + 1).to_string(), 3, muted);
        }
        row = row
            .left(&words::code(channel), 5, theme.style(Token::Title))
            .left(&words::account(&channel.account), account, plain)
            .gap(1)
            .left(&words::state(app, channel), 12, words::state_style(theme, channel.state))
            .right(&text::score(points[place]), 7, if channel.held() { muted } else { plain })
            .right(&format!("{:.1}%", shares[place]), 7, plain)
            .right(
                &moved.map_or_else(|| "—".to_owned(), text::signed),
                8,
                theme.change(moved.unwrap_or(0.0)),
            );
        if wide {
            row = row
                .right(&words::audience(app, channel), 10, plain)
                .right(&channel.posts.to_string(), 7, plain)
                .gap(2)
                .left(&cost(channel), 9, muted);
        }
        if trend > 0 {
            let closes =
                app.series(&app.channel_trend_query(person.id, channel.id)).map(crate::model::Series::closes);
            row = row.gap(2).left(&spark::spark(&closes.unwrap_or_default(), trend), trend, plain);
        }
        if here {
            row.draw_selected(theme, inner, y, buffer);
        } else {
            row.draw(inner, y, buffer);
        }
    }
}

/// Requests of a poll, where there are polls.
fn cost(channel: &ChannelSnapshot) -> String {
    if channels::by_hand(channel.network()) {
        "by hand".to_owned()
    } else {
        format!("{} a poll", channel.requests.max(1))
    }
}

/// What a channel did to the score over the range, as shown beside its fellows.
fn moved(person: &PersonSnapshot, channel: &ChannelSnapshot, app: &App) -> Option<f64> {
    let change = person.change(app.range)?;
    words::causes(person, change)
        .into_iter()
        .find(|(known, _)| known.is_some_and(|known| known.id == channel.id))
        .map(|(_, points)| points)
}

/// Panes without frames: one row a channel, the sum, the last event, a trend.
fn short_person(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    selected: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let plain = theme.style(Token::Plain);
    let trend = if area.height >= 6 { Some(take_bottom(&mut area, 1)) } else { None };
    let event = if area.height >= 5 { Some(take_bottom(&mut area, 1)) } else { None };
    let sum = if area.height >= 4 { Some(take_bottom(&mut area, 1)) } else { None };
    let points = words::points(person);
    let largest = points.iter().copied().fold(0.0, f64::max);
    let channels = u16::try_from(person.channels.len()).unwrap_or(u16::MAX);
    let left = take_below(&mut area, channels);
    outcomes::short(theme, person, left, buffer);
    let beside = usize::from(left.height) < person.outcomes.len();
    let room = usize::from(area.height);
    let first = if selected >= room { selected + 1 - room } else { 0 };
    for (y, (place, channel)) in (0..area.height).zip(person.channels.iter().enumerate().skip(first)) {
        buffer.spot(Rect { y: area.y + y, height: 1, ..area }, Target::Row(place));
        let here = place == selected;
        let moved = moved(person, channel, app);
        let (sign, held) = if channel.held() { ("░", " held") } else { ("█", "") };
        let part = if largest > 0.0 { points[place] / largest } else { 0.0 };
        let bar = usize::from(area.width).saturating_sub(26);
        let bars = spark::blocks(part, bar.saturating_sub(text::width(held)), sign);
        let row = Row::new()
            .text(if here { "▸" } else { " " }, plain)
            .left(&words::code(channel), 5, theme.style(Token::Title))
            .right(&text::score(points[place]), 5, plain)
            .right(&moved.map_or_else(|| "—".to_owned(), text::signed), 7, theme.change(moved.unwrap_or(0.0)))
            .gap(1)
            .left(&channel.state.word().to_uppercase(), 6, words::state_style(theme, channel.state))
            .text(format!("{bars}{held}"), plain);
        if here {
            row.draw_selected(theme, area, y, buffer);
        } else {
            row.draw(area, y, buffer);
        }
    }
    if let Some(area) = sum {
        let mut words = format!(" = {}", person.score.map_or_else(|| "…".to_owned(), text::score));
        if let Some(change) = person.change(app.range)
            && let Some((Some(channel), points)) = largest_cause(person, change)
        {
            let total = text::signed(words::shown(person, change));
            words.push_str(&format!(
                "   {} {} of {total}",
                super::words::code(channel),
                text::signed(points)
            ));
        }
        let muted = theme.style(Token::Muted);
        let mut row = Row::new().text(words, muted);
        let brief = if beside { outcomes::brief(person) } else { String::new() };
        let gap = usize::from(area.width).saturating_sub(row.width() + text::width(&brief));
        if gap >= 2 {
            row = row.gap(gap).text(brief, muted);
        }
        row.draw(area, 0, buffer);
    }
    if let Some(area) = event
        && let Some(event) = words::events(app).iter().find(|event| event.symbol == person.symbol)
    {
        event.row(app, theme, false).draw(area, 0, buffer);
    }
    if let (Some(area), Some(query)) = (trend, app.chart_query()) {
        let closes = app.series(&query).map(crate::model::Series::closes).unwrap_or_default();
        Row::new().text(spark::spark(&closes, usize::from(area.width)), plain).draw(area, 0, buffer);
    }
}

/// Takes what is left of an area below so many rows.
fn take_below(area: &mut Rect, rows: u16) -> Rect {
    let left = area.height.saturating_sub(rows);
    take_bottom(area, left)
}

/// The channel that did most of a change.
fn largest_cause<'p>(
    person: &'p PersonSnapshot,
    change: &crate::model::Change,
) -> Option<(Option<&'p ChannelSnapshot>, f64)> {
    words::causes(person, change).into_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
}
