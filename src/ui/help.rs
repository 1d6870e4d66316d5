//! All keys, drawn from the table the program obeys.

use super::panel::{self, Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use crate::app::{App, Group, Height, HelpLine, LEGEND, Width, help_lines, keys_of};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Buffer) {
    let layout = app.layout();
    if layout.height > Height::Rows {
        panel::header(app, theme, &["cloutop".to_owned(), "HELP".to_owned()], "", take(&mut area, 1), buffer);
        let hint = take_bottom(&mut area, 1);
        Row::new().text(" ↑↓ PgUp PgDn scroll  esc close", theme.style(Token::Muted)).draw(hint, 0, buffer);
    }
    let groups = [("Move", Group::Move), ("Look", Group::Look), ("Do", Group::Do)];
    let longest = groups.iter().map(|(_, group)| keys_of(*group).count()).max().unwrap_or(0);
    let rows = u16::try_from(longest).unwrap_or(0).saturating_add(2).min(area.height);
    let wrapped = |words: &str| crate::text::wrap(words, usize::from(area.width).saturating_sub(12)).len();
    let whole = usize::from(rows) + 2 + LEGEND.iter().map(|(_, words)| wrapped(words)).sum::<usize>();
    // Side by side where everything fits, else one under the other, to be scrolled.
    if layout.boxed() && layout.width >= Width::Usual && whole <= usize::from(area.height) {
        let keys = take(&mut area, rows);
        let third = keys.width / 3;
        for (place, (name, group)) in (0u16..).zip(groups) {
            let width = if place == 2 { keys.width - 2 * third } else { third };
            let column = Rect { x: keys.x + place * third, width, ..keys };
            let inner = boxed(theme, column, name, "", buffer);
            for (y, binding) in (0..inner.height).zip(keys_of(group)) {
                Row::new()
                    .gap(1)
                    .left(binding.shown, 9, theme.style(Token::Title))
                    .left(
                        binding.help,
                        usize::from(inner.width).saturating_sub(11),
                        theme.style(Token::Plain),
                    )
                    .draw(inner, y, buffer);
            }
        }
        let inner = boxed(theme, area, "Legend", "", buffer);
        legend(theme, inner, buffer);
        return;
    }
    let half = usize::from(area.width / 2);
    // A screen that has grown since shows the end.
    let lines = help_lines(area.width);
    let scroll = app.help.unwrap_or(0).min(lines.len().saturating_sub(usize::from(area.height)));
    let (title, plain) = (theme.style(Token::Title), theme.style(Token::Plain));
    for (y, line) in (0..area.height).zip(lines.into_iter().skip(scroll)) {
        let row = match line {
            HelpLine::Words(name, words) => Row::new().left(name, 9, title).text(words, plain),
            HelpLine::Keys(keys) => keys.into_iter().fold(Row::new(), |row, binding| {
                row.left(binding.shown, 9, title).left(binding.help, half.max(30) - 9, plain)
            }),
        };
        row.draw(area, y, buffer);
    }
}

/// The legend, wrapped at blanks.
fn legend(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(10);
    let mut y = 0;
    for (name, words) in LEGEND {
        for (i, line) in crate::text::wrap(words, room).into_iter().enumerate() {
            Row::new()
                .gap(1)
                .left(if i == 0 { name } else { "" }, 8, theme.style(Token::Title))
                .text(line, theme.style(Token::Plain))
                .draw(area, y, buffer);
            y += 1;
        }
    }
}
