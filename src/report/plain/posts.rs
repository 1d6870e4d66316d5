//! The posts of a channel, which with its audience add up to its points.

use super::{count, number, place, points, spoken};
use crate::app::App;
use crate::model::{ChannelSnapshot, Metric, PersonSnapshot, PostSnapshot, PostState};
use crate::text;

/// Posts said one by one.
const MOST: usize = 10;

/// Points as said: posts, audience and what is assumed of the time before add up to the channel's points.
pub(super) struct Shares {
    pub(super) posts: Vec<f64>,
    pub(super) audience: f64,
    /// What stands on no post.
    pub(super) assumed: f64,
    pub(super) total: f64,
}

pub(super) fn shares(person: &PersonSnapshot, channel: &ChannelSnapshot, posts: &[PostSnapshot]) -> Shares {
    let place = person.channels.iter().position(|known| known.id == channel.id).unwrap_or(0);
    let total = points(person).get(place).copied().unwrap_or(0.0);
    let mut parts: Vec<f64> = posts.iter().map(|post| post.points).collect();
    let assumed = channel.body_points + channel.buzz_points - parts.iter().sum::<f64>();
    parts.extend([channel.audience_points, assumed]);
    let mut shown = text::adding_up(&parts, total, 2);
    let assumed = shown.pop().unwrap_or(0.0);
    let audience = shown.pop().unwrap_or(0.0);
    Shares { posts: shown, audience, assumed, total }
}

pub(super) fn posts(
    app: &App,
    person: &PersonSnapshot,
    channel: &ChannelSnapshot,
    posts: &[PostSnapshot],
) -> Vec<String> {
    let name = format!("{}, {}, {}", spoken(&person.symbol), place(channel), channel.account.handle);
    if channel.last_read.is_none() {
        return vec![format!("{name}: not read yet.")];
    }
    let shares = shares(person, channel, posts);
    let many = count(number(posts.len()), "post", "posts");
    let mut said = vec![format!("{name}: {} points, {many} in the ledger.", text::score(shares.total))];
    for (place, (post, points)) in posts.iter().zip(&shares.posts).take(MOST).enumerate() {
        said.push(format!("{}. {}", place + 1, row(app, channel, post, *points)));
    }
    if posts.len() > MOST {
        let rest: f64 = shares.posts[MOST..].iter().sum();
        let many = count(number(posts.len() - MOST), "more post", "more posts");
        said.push(format!("{many}: {} points.", text::score(rest + 0.0)));
    }
    if text::score(shares.audience) != "0.00" {
        let figures: Vec<String> =
            channel.figures.iter().map(|(figure, value)| format!("{value} {}", figure.word())).collect();
        let figures = if figures.is_empty() { String::new() } else { format!(", {}", figures.join(", ")) };
        said.push(format!("Audience{figures}: {} points.", text::score(shares.audience)));
    }
    if shares.assumed != 0.0 {
        let points = text::score(shares.assumed);
        said.push(format!("Assumed of the time before the oldest post that was listed: {points} points."));
    }
    said.push(format!("Together {} points.", text::score(shares.total)));
    said
}

/// `4.10 points, growing, 2 March 09:12: "a thread"; 61 likes, 14 reposts.`
fn row(app: &App, channel: &ChannelSnapshot, post: &PostSnapshot, points: f64) -> String {
    let words = channel.network().words();
    let kinds = [
        (words.like, Metric::Likes),
        (words.reshare, Metric::Reshares),
        (words.reply, Metric::Replies),
        (words.quote, Metric::Quotes),
        (words.view, Metric::Views),
    ];
    let counts: Vec<String> = kinds
        .into_iter()
        .filter_map(|(word, metric)| {
            let (word, n) = (word?, post.counts.get(metric)?);
            (n > 0).then(|| count(n, word.one, word.many))
        })
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) };
    let title = match post.state {
        PostState::Gone => "no longer shown there".to_owned(),
        _ if post.title.is_empty() => "no text".to_owned(),
        _ => format!("\"{}\"", post.title),
    };
    let (points, at) = (text::score(points + 0.0), super::clock(app, post.published));
    format!("{points} points, {}, {at}: {title}{counts}.", post.state.word())
}
