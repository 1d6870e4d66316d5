//! Two to four people side by side: what they gained, what they are made of, and differences that add up.
//!
//! ```text
//!  cloutop │ COMPARE  ● YOU  ▲ ADA │ range 30d │ gained │ linear                                14:32:07
//! ┌─ Points gained since 4 Feb ─────────────────────────────────────────────────────────────────────────┐
//! │ ●···■·●···                                                                                  +1.30    │
//! │        ▴──══════┤                                                                           ● bumps  │
//! └──────────────────────────────────────────────────────────────────────── ● YOU +1.15  ▲ ADA +0.58 ─┘
//! ┌─ Side by side ──────────────────────────────────────────────────────────────────────────────────────┐
//! │              ● YOU              ▲ ADA             BEST  YOU − ADA                                     │
//! │ score        61.42*             74.10              ADA     -12.68                                     │
//! │▸GH           25.90 ████████     12.10 ████         YOU     +13.80                                     │
//! └─────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod lane;
mod lines;
mod table;

use super::canvas::Canvas;
use super::frame::{self, Piece};
use super::panel::{Row, part, take, take_bottom};
use super::theme::{Theme, Token};
use super::words::{self, MARKERS};
use crate::app::{App, Height, Panel, Width};
use crate::model::{Network, PersonId, PersonSnapshot};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(
    app: &App,
    ids: &[PersonId],
    (pair, row): (usize, usize),
    theme: &Theme,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let people: Vec<&PersonSnapshot> = ids.iter().filter_map(|id| app.person(*id)).collect();
    let layout = app.layout();
    if layout.height > Height::Rows {
        header(app, theme, &people, take(&mut area, 1), buffer);
        frame::hints(app, theme, take_bottom(&mut area, 1), buffer);
    }
    if people.len() < 2 {
        let words = "fewer than two of them are left; esc goes back";
        Row::new().gap(1).text(words, theme.style(Token::Muted)).draw(area, 0, buffer);
        return;
    }
    let other = 1 + pair % (people.len() - 1);
    if layout.height >= Height::Middle {
        let words = difference_words(app, people[0], people[other]);
        frame::status(app, theme, &words, take_bottom(&mut area, 1), buffer);
    }
    let what = table::Table { people: &people, other, selected: row };
    match app.alone() {
        Some(Panel::Chart) => lines::panel(app, theme, &people, area, buffer),
        Some(_) => table_panel(app, theme, &what, area, buffer),
        // The frame is dropped, the table stays.
        None if !layout.boxed() => table::draw(app, theme, &what, area, buffer),
        None => {
            let rows = u16::try_from(app.compared_networks().len()).unwrap_or(u16::MAX).saturating_add(8);
            let least = if layout.height >= Height::Usual { 8 } else { 0 };
            let table_rows = rows.min(area.height.saturating_sub(least));
            let chart_rows = area.height - table_rows;
            if chart_rows >= 6 {
                lines::panel(app, theme, &people, take(&mut area, chart_rows), buffer);
            }
            table_panel(app, theme, &what, take(&mut area, table_rows), buffer);
        }
    }
}

fn table_panel(app: &App, theme: &Theme, what: &table::Table<'_, '_>, area: Rect, buffer: &mut Canvas<'_>) {
    let people = what.people;
    let title = if people.len() > 2 {
        let other = people[what.other];
        format!("Side by side: {} and {}, tab for the next pair", people[0].symbol, other.symbol)
    } else {
        "Side by side".to_owned()
    };
    let held = people.iter().any(|person| person.held_points() > 0.0);
    let note = if held { "* includes held points" } else { "" };
    let inner = part(app, theme, Panel::List, area, (&title, note), buffer);
    table::draw(app, theme, what, inner, buffer);
}

fn header(app: &App, theme: &Theme, people: &[&PersonSnapshot], area: Rect, buffer: &mut Canvas<'_>) {
    let range = app.range.word();
    let mode = app.compared.word();
    let scale = if app.logarithmic { "log" } else { "linear" };
    let left = match app.layout().width {
        Width::Wide => {
            vec!["cloutop".into(), Piece::Way, format!("range {range}").into(), mode.into(), scale.into()]
        }
        Width::Usual | Width::Medium => {
            let mut left = vec!["cloutop".into(), Piece::Way, range.into(), mode.into()];
            if app.logarithmic {
                left.push(scale.into());
            }
            left
        }
        _ => {
            let names =
                people.iter().zip(MARKERS).map(|(person, marker)| format!("{marker} {}", person.symbol));
            vec![format!("{} {range}", names.collect::<Vec<_>>().join(" ")).into()]
        }
    };
    frame::header(app, theme, left, "", area, buffer);
}

/// A person's points on a network as shown; `None` when they are not on it.
fn points_on(person: &PersonSnapshot, network: Network) -> Option<f64> {
    let points = words::points(person);
    let on: Vec<f64> = person
        .channels
        .iter()
        .zip(points)
        .filter(|(channel, _)| channel.network() == network)
        .map(|(_, points)| points)
        .collect();
    (!on.is_empty()).then(|| on.iter().sum())
}

/// `YOU − ADA = -12.68 ✓  GH +13.80  BSKY -16.87`
fn difference_words(app: &App, a: &PersonSnapshot, b: &PersonSnapshot) -> String {
    let (Some(first), Some(second)) = (a.score, b.score) else {
        return format!("{} and {} cannot be compared yet", a.symbol, b.symbol);
    };
    let mut parts: Vec<(Network, f64)> = app
        .compared_networks()
        .into_iter()
        .filter_map(|network| {
            let (a, b) = (points_on(a, network), points_on(b, network));
            (a.is_some() || b.is_some()).then(|| (network, a.unwrap_or(0.0) - b.unwrap_or(0.0)))
        })
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let lines: Vec<String> = parts
        .iter()
        .map(|(network, points)| format!("{} {}", network.code(), text::signed(*points)))
        .collect();
    let total = text::change(second, first);
    format!("{} − {} = {} ✓  {}", a.symbol, b.symbol, text::signed(total), lines.join("  "))
}
