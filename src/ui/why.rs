//! Why a score moved: one figure per channel, and they add up to the change as shown.

use super::canvas::Canvas;
use super::panel::{Row, part};
use super::theme::{Theme, Token};
use super::{statement, words};
use crate::app::{App, Panel, Width};
use crate::model::{ChannelSnapshot, PersonSnapshot};
use crate::text;
use ratatui::layout::Rect;

/// `GH +0.74  BSKY +0.10  YT held 0.00  = +0.83 ✓`, the small causes put together where room is short.
pub(super) fn row(app: &App, theme: &Theme, person: &PersonSnapshot, width: u16) -> Row {
    let Some(change) = person.change(app.range) else {
        return Row::new().text("nothing has been read yet", theme.style(Token::Muted));
    };
    let total = format!("= {} ✓", text::signed(words::shown(person, change)));
    causes_row(theme, Row::new(), words::causes(person, change), &total, usize::from(width))
}

/// Causes that add up to the words at the end; where they do not all fit the small ones become "others".
fn causes_row(
    theme: &Theme,
    mut row: Row,
    mut causes: Vec<(Option<&ChannelSnapshot>, f64)>,
    total: &str,
    width: usize,
) -> Row {
    causes.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let room = width.saturating_sub(text::width(total));
    let mut rest: f64 = causes.iter().map(|(_, points)| points).sum();
    for (place, (channel, points)) in causes.iter().enumerate() {
        let words = cause(*channel, *points, "  ");
        let others = if place + 1 < causes.len() { 15 } else { 0 };
        if row.width() + text::width(&words) + others > room {
            row = row.text(format!("others {}  ", text::signed(rest)), theme.style(Token::Muted));
            break;
        }
        row = row.text(words, theme.change(*points));
        rest -= points;
    }
    row.text(total.to_owned(), theme.style(Token::Plain))
}

fn cause(channel: Option<&ChannelSnapshot>, points: f64, gap: &str) -> String {
    let code = channel.map_or_else(|| "left".to_owned(), words::code);
    let held = if channel.is_some_and(ChannelSnapshot::held) { " held" } else { "" };
    format!("{code}{held} {}{gap}", text::signed(points))
}

/// Why the selected person moved: opening, one figure per channel, close.
pub(super) fn panel(app: &App, theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    let title = format!("Why {} moved, {}", person.symbol, app.range.word());
    let inner = part(app, theme, Panel::Why, area, (&title, ""), buffer);
    let Some(change) = person.change(app.range) else {
        Row::new().gap(1).text("nothing has been read yet", theme.style(Token::Muted)).draw(inner, 0, buffer);
        return;
    };
    let score = person.score.unwrap_or(0.0);
    let shown = text::signed(words::shown(person, change));
    let total = if app.layout().width == Width::Wide {
        format!("= {score:.2}   ✓ adds up to {shown}")
    } else {
        format!("= {score:.2} ✓")
    };
    let open = Row::new().gap(1).text(format!("open {:.2}  ", change.open), theme.style(Token::Plain));
    causes_row(theme, open, words::causes(person, change), &total, usize::from(inner.width))
        .draw(inner, 0, buffer);
    let mut coverage = format!("coverage {} of {}", person.live(), person.channels.len());
    if let Some(trouble) = words::trouble(app, person) {
        coverage.push_str(": ");
        coverage.push_str(&trouble);
    } else if let Some(ahead) = words::forecast(person) {
        coverage.push_str(&format!(" · {ahead}"));
    }
    let muted = theme.style(Token::Muted);
    let last = inner.height.saturating_sub(1);
    if last >= 2 {
        Row::new().gap(1).text(coverage, muted).draw(inner, last, buffer);
    }
    if let Some(found) = app.statement().filter(|_| last >= 3) {
        let width = usize::from(inner.width).saturating_sub(2 + 9);
        for (y, (words, points)) in (1..last).zip(statement::head(app, found, usize::from(last - 1))) {
            Row::new()
                .gap(1)
                .left(&words, width, theme.style(Token::Plain))
                .right(&text::signed(points), 8, theme.change(points))
                .draw(inner, y, buffer);
        }
        return;
    }
    let fell = words::shown(person, change) < 0.0;
    let biggest = match &change.driver {
        Some(driver) => {
            let code = driver.network.map(crate::model::Network::code).unwrap_or_default();
            let head = if fell { "more aged than came in; most came by" } else { "most came by" };
            format!("{head} {code} {}", driver.text)
        }
        None if fell => "nothing came in: the points age".to_owned(),
        None => "no single cause is known".to_owned(),
    };
    Row::new().gap(1).text(biggest, muted).draw(inner, 1, buffer);
}
