//! Bumps of the compared people on one time line, a row each: `▴` or `▾` where one was raised, `┤` where it was
//! over, `═` between them while somebody else has one, too.

use super::{MARKERS, Row, Theme, Token};
use crate::app::App;
use crate::bumps::{Direction, Episode};
use crate::model::{PersonId, PersonSnapshot, Series, Time};
use crate::ui::canvas::Canvas;
use ratatui::layout::Rect;

/// From when to when a bump was on.
fn span(app: &App, episode: &Episode) -> (Time, Time) {
    let bump = &episode.bump;
    (bump.onset, bump.resolved.map_or(app.now, |(at, _)| at))
}

fn of(app: &App, person: PersonId) -> impl Iterator<Item = &Episode> + Clone {
    app.compared_bumps().iter().filter(move |episode| episode.person == person)
}

/// How many somebody had in the range, and whether one goes on.
pub(super) fn count(app: &App, person: PersonId) -> String {
    let count = of(app, person).count();
    let active = of(app, person).find(|episode| episode.bump.resolved.is_none());
    match active {
        Some(episode) => format!("{count} {}", sign(episode)),
        None if count == 0 => "—".to_owned(),
        None => count.to_string(),
    }
}

/// How many bumps of one were on while the other had one, too.
pub(super) fn at_once(app: &App, a: PersonId, b: PersonId) -> usize {
    let meets = |one: &Episode, other: &Episode| {
        let ((from, to), (start, end)) = (span(app, one), span(app, other));
        from <= end && start <= to
    };
    of(app, a).filter(|one| of(app, b).any(|other| meets(one, other))).count()
}

fn sign(episode: &Episode) -> &'static str {
    if episode.bump.direction == Direction::Up { "▴" } else { "▾" }
}

/// Draws a row for each of them below the plot whose columns begin with slot `from` of `series`.
pub(super) fn draw(
    app: &App,
    theme: &Theme,
    people: &[&PersonSnapshot],
    series: &Series,
    from: usize,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let on = |person: PersonId, column: usize| {
        let (start, end) = (series.at(from + column), series.at(from + column + 1));
        of(app, person).find(|episode| {
            let (onset, over) = span(app, episode);
            onset < end && over >= start
        })
    };
    for ((y, person), (place, marker)) in (0..area.height).zip(people).zip(MARKERS.into_iter().enumerate()) {
        let style = theme.style(Token::Series(place));
        for (x, column) in (area.x..area.x + area.width).zip(0..series.slots.len().saturating_sub(from)) {
            let Some(episode) = on(person.id, column) else { continue };
            let (onset, over) = span(app, episode);
            let (start, end) = (series.at(from + column), series.at(from + column + 1));
            let others = people.iter().any(|other| other.id != person.id && on(other.id, column).is_some());
            let glyph = if (start..end).contains(&onset) {
                sign(episode)
            } else if episode.bump.resolved.is_some() && over < end {
                "┤"
            } else if others {
                "═"
            } else {
                "─"
            };
            buffer.set_string(x, area.y + y, glyph, style);
        }
        let label = Rect { x: area.x + area.width, y: area.y + y, width: 9, height: 1 };
        Row::new().gap(1).text(format!("{marker} bumps"), theme.style(Token::Muted)).draw(label, 0, buffer);
    }
}
