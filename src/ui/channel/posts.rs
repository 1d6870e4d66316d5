//! The table of a channel's posts, and what each of them is worth as shown.

use crate::app::{App, Target, Width};
use crate::model::{ChannelSnapshot, Metric, PersonSnapshot, PostSnapshot, PostState, Word};
use crate::text;
use crate::ui::canvas::Canvas;
use crate::ui::panel::{Row, take};
use crate::ui::theme::{Theme, Token};
use crate::ui::{spark, words};
use ratatui::layout::Rect;

/// Points as shown: posts, audience and what is assumed of the time before add up to the channel's points
/// as shown.
pub(super) struct Shown {
    pub(super) posts: Vec<f64>,
    pub(super) audience: f64,
    /// What of body and buzz stands on no post.
    pub(super) assumed: Option<f64>,
    pub(super) total: f64,
}

pub(super) fn shown_points(
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    posts: &[&PostSnapshot],
) -> Shown {
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

/// The first row in sight, so that the selected one is.
pub(super) fn first_row(selected: usize, room: usize) -> usize {
    if selected >= room { selected + 1 - room } else { 0 }
}

pub(super) fn table(
    app: &App,
    theme: &Theme,
    (channel, posts, points): (&ChannelSnapshot, &[&PostSnapshot], &Shown),
    selected: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let kinds = kinds(channel);
    let layout = app.layout();
    let (muted, plain) = (theme.style(Token::Muted), theme.style(Token::Plain));
    let usual = layout.width >= Width::Usual;
    let counted = layout.width >= Width::Medium;
    let date = if usual { 10 } else { 7 };
    let used = 2 + date + 2 + 7 + if counted { kinds.len() * 6 } else { 0 } + if usual { 8 + 9 } else { 0 };
    // How each post grew, where there is room for its words, too.
    let growth = if layout.width == Width::Wide { 12 } else { 0 };
    let used = used + if growth > 0 { growth + 2 } else { 0 };
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
        if growth > 0 {
            heading = heading.gap(2).left("SINCE POSTED", growth, muted);
        }
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
    let points = &points.posts;
    let first = first_row(selected, usize::from(area.height));
    for (y, (place, post)) in (0..area.height).zip(posts.iter().enumerate().skip(first)) {
        buffer.spot(Rect { y: area.y + y, height: 1, ..area }, Target::Row(place));
        let here = place == selected;
        let gone = "(gone upstream; counts kept, text removed)";
        let words = match post.state {
            PostState::Gone => gone,
            _ if post.title.is_empty() => "(no text)",
            _ => &post.title,
        };
        let published = published(app, post, usual);
        let mut row = Row::new()
            .gap(1)
            .text(if here { "▸" } else { " " }, plain)
            .left(&published, date, muted)
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
        if growth > 0 {
            row = row.gap(2).left(&spark::growth(&post.growth, growth), growth, muted);
        }
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

/// What the network counts on a post, with its own words for it.
pub(in crate::ui) fn kinds(channel: &ChannelSnapshot) -> Vec<(Word, Metric)> {
    let words = channel.network().words();
    [
        (words.like, Metric::Likes),
        (words.reshare, Metric::Reshares),
        (words.reply, Metric::Replies),
        (words.quote, Metric::Quotes),
        (words.view, Metric::Views),
    ]
    .into_iter()
    .filter_map(|(word, metric)| Some((word?, metric)))
    .collect()
}

/// When a post was published, as precisely as its age asks for.
fn published(app: &App, post: &PostSnapshot, usual: bool) -> String {
    let published = app.local(post.published);
    let age = app.now - post.published;
    let format = if age < chrono::TimeDelta::days(6) {
        if usual { "%a %H:%M" } else { "%a" }
    } else if age <= chrono::TimeDelta::days(300) {
        "%-d %b"
    } else if usual {
        "%b %Y"
    } else {
        "%b ’%y"
    };
    published.format(format).to_string()
}
