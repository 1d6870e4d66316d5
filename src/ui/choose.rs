//! Who is compared: a list of everybody over the comparison.

use super::canvas::Canvas;
use super::panel::{Row, boxed};
use super::theme::{Theme, Token};
use super::words::MARKERS;
use crate::app::{App, Target, View};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let (Some(selected), View::Compare { people, .. }) = (app.choosing, app.view()) else { return };
    let choices = app.choices();
    let width = area.width.min(34);
    let height = u16::try_from(choices.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let blank = " ".repeat(usize::from(width));
    for y in place.y..place.y + height {
        buffer.set_string(place.x, y, &blank, theme.style(Token::Plain));
    }
    let inner = boxed(theme, place, "Compare", "space add/remove  esc done", buffer);
    let room = usize::from(inner.height);
    let first = (selected + 1).saturating_sub(room);
    for (y, (row, id)) in (0..inner.height).zip(choices.iter().enumerate().skip(first)) {
        let Some(person) = app.person(*id) else { continue };
        buffer.spot(Rect { y: inner.y + y, height: 1, ..inner }, Target::Row(row));
        let marker = people.iter().position(|known| known == id).map_or(" ", |place| MARKERS[place % 4]);
        let score = person.score.map_or_else(|| "—".to_owned(), text::score);
        let line = Row::new()
            .text(if row == selected { "▸" } else { " " }, theme.style(Token::Plain))
            .left(marker, 2, theme.style(Token::Accent))
            .left(&person.symbol, 6, theme.style(Token::Title))
            .left(&person.name, usize::from(inner.width).saturating_sub(16), theme.style(Token::Plain))
            .right(&score, 6, theme.style(Token::Plain));
        if row == selected {
            line.draw_selected(theme, inner, y, buffer);
        } else {
            line.draw(inner, y, buffer);
        }
    }
}
