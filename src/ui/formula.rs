//! The formula with this channel's own numbers in it, from one post's engagement to the points.

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::words;
use crate::app::{App, Height, Width};
use crate::model::{ChannelSnapshot, Metric};
use crate::score::{Formula, score_of};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let (Some(person), Some(channel)) = (app.focus(), app.focus_channel()) else { return };
    let layout = app.layout();
    if layout.height > Height::Rows {
        let whose = format!("{} ▸ {}", person.symbol, words::code(channel));
        let left = if layout.width >= Width::Medium {
            vec!["cloutop".into(), Piece::Way]
        } else {
            vec![format!("{whose} formula").into()]
        };
        let right = if layout.width >= Width::Medium { String::new() } else { "esc back".to_owned() };
        frame::header(app, theme, left, &right, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if layout.height >= Height::Middle {
        let usual = "cloutop model show prints the formula and every constant; [model] in the configuration changes them";
        frame::status(app, theme, usual, take_bottom(&mut area, 1), buffer);
    }
    let inner = if layout.boxed() {
        boxed(theme, area, "The formula, with this channel's numbers", "", buffer)
    } else {
        area
    };
    let Some(formula) = app.formula() else {
        Row::new().gap(1).text("…", theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    };
    let width = usize::from(inner.width).saturating_sub(1);
    let mut y = 0;
    for (name, sum, meaning) in lines(channel, formula) {
        let mut words = format!("{name:<6} = {sum}");
        if text::width(&words) > width
            && let Some((_, result)) = sum.rsplit_once(" = ")
        {
            words = format!("{name:<6} = {result}");
        }
        let room = width.saturating_sub(text::width(&words) + 2);
        // Where the meaning does not fit behind the sum it stands below, or nowhere.
        let beside = text::width(meaning) <= room;
        let mut row = Row::new().gap(1).text(words, theme.style(Token::Plain));
        if beside {
            row = row.gap(2).text(meaning, theme.style(Token::Muted));
        }
        row.draw(inner, y, buffer);
        y += 1;
        if !beside && layout.height >= Height::Usual {
            Row::new().gap(10).text(meaning, theme.style(Token::Muted)).draw(inner, y, buffer);
            y += 1;
        }
    }
}

/// Name, sum with numbers, meaning.
fn lines(channel: &ChannelSnapshot, formula: &Formula) -> Vec<(&'static str, String, &'static str)> {
    let constants = &formula.constants;
    let energy = &formula.energy;
    let words = channel.network().words();
    let weights = [
        (words.like, Metric::Likes),
        (words.reply, Metric::Replies),
        (words.reshare, Metric::Reshares),
        (words.quote, Metric::Quotes),
        (words.view, Metric::Views),
    ];
    let weights: Vec<String> = weights
        .into_iter()
        .filter_map(|(word, metric)| Some((word?, formula.network.weights[metric.index()])))
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(word, weight)| format!("{weight}×{}", word.one))
        .collect();
    let mut lines = vec![(
        "x",
        format!("({}) / {}", weights.join(" + "), formula.network.rho),
        "engagement of a post, in typical active days",
    )];
    if let Some((at, x, price)) = formula.today {
        let day = at.format("%-d %b");
        lines.push(("X", format!("{x:.2} on {day}"), "the day's sum"));
        lines.push(("gbar", format!("1/(k(1 + √(1+X))) = {price:.3}"), "the price of one x that day"));
    }
    let [assumed_body, assumed_buzz] = energy.assumed;
    let assumed =
        |part: f64| if part >= 0.0005 { format!(", {part:.3} of it assumed") } else { String::new() };
    lines.push((
        "b",
        format!("{:.3}{}", energy.body, assumed(assumed_body)),
        "body: ln2/H Σ gbar(X) x 2^-(age/H)",
    ));
    lines.push((
        "z",
        format!("{:.3}{}", energy.buzz, assumed(assumed_buzz)),
        "buzz: the same with the short half-life",
    ));
    let mean = energy.audience();
    match (energy.reach, formula.audience, formula.network.phi) {
        (Some(reach), Some(audience), Some(phi)) => {
            lines.push(("l", format!("log2(1 + {audience:.0}/{phi}) = {reach:.3}"), "reach of the audience"));
            lines.push(("hm", format!("2 l b/(l + b) = {mean:.3}"), "the harmonic mean of reach and body"));
        }
        _ => lines.push(("hm", format!("b = {mean:.3}"), "no audience number here: counts as the body")),
    }
    let total = energy.total(constants);
    lines.push((
        "T_c",
        format!(
            "{}×{mean:.3} + {}×{:.3} + {}×{:.3} = {total:.3}",
            constants.audience_share, constants.body_share, energy.body, constants.buzz_share, energy.buzz
        ),
        "energy of this channel",
    ));
    let others = formula.total - total;
    lines.push(("T", format!("{total:.3} + {others:.3} = {:.3}", formula.total), "with the other channels"));
    let score = score_of(formula.total, constants.theta);
    lines.push(("S", format!("100 √T/(√{} + √T) = {score:.2}", constants.theta), "the score"));
    let points = if formula.total > 0.0 { score * total / formula.total } else { 0.0 };
    lines.push(("points", format!("S T_c/T = {points:.2}"), "what stands on this channel"));
    lines.push((
        "H, h",
        format!(
            "{} and {} days; {} posts, {} rows",
            constants.body_days, constants.buzz_days, formula.posts, formula.rows
        ),
        "half-lives of body and buzz, and what they are summed over",
    ));
    lines
}
