//! The keys of this screen and the signs of all, drawn from the table the program obeys.

use super::canvas::Canvas;
use super::frame;
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use super::{ascii, words};
use crate::app::{App, Height, HelpLine, LEGEND, Width, help_lines};
use crate::keys::{BINDINGS, Binding, Group, Scope};
use crate::text;
use ratatui::layout::Rect;

/// Columns of the keys before what they do.
const KEYS: usize = 11;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(help) = &app.help else { return };
    let layout = app.layout();
    let scope = app.view().scope();
    if layout.height > Height::Rows {
        let title = format!("HELP: {}", scope.word().to_uppercase());
        let search = format!("type to search: {}▏", text::tail(&help.search, 20));
        let mut left = vec![title.into(), search.into()];
        if layout.width >= Width::Medium {
            left.insert(0, "cloutop".into());
        }
        frame::header(app, theme, left, "", take(&mut area, 1), buffer);
        let keys = if layout.width >= Width::Usual {
            " type to search  ↑↓ scroll  esc close      F1 and ? work everywhere, also over an error"
        } else {
            " ↑↓ scroll  esc close"
        };
        let words = ascii::key(app.glyphs, keys);
        Row::new().text(words, theme.style(Token::Muted)).draw(take_bottom(&mut area, 1), 0, buffer);
    }
    let here = |group: Group| {
        BINDINGS.iter().filter(move |binding| binding.group == group && binding.scope.holds(scope))
    };
    let groups = [("Move", Group::Move), ("Look", Group::Look), ("Do", Group::Do)];
    let longest = groups.iter().map(|(_, group)| here(*group).count()).max().unwrap_or(0);
    let rows = u16::try_from(longest).unwrap_or(0).saturating_add(2).min(area.height);
    let wrapped = |words: &str| text::wrap(words, usize::from(area.width).saturating_sub(12)).len();
    let whole = usize::from(rows) + 2 + LEGEND.iter().map(|(_, words)| wrapped(words)).sum::<usize>();
    // Side by side where everything fits, else one under the other, to be scrolled.
    if help.search.is_empty()
        && layout.boxed()
        && layout.width >= Width::Usual
        && whole <= usize::from(area.height)
    {
        let keys = take(&mut area, rows);
        let third = keys.width / 3;
        for (place, (name, group)) in (0u16..).zip(groups) {
            let width = if place == 2 { keys.width - 2 * third } else { third };
            let column = Rect { x: keys.x + place * third, width, ..keys };
            let inner = boxed(theme, column, name, "", buffer);
            let room = usize::from(inner.width).saturating_sub(1);
            for (y, binding) in (0..inner.height).zip(here(group)) {
                binding_cells(app, theme, Row::new().gap(1), binding, room).draw(inner, y, buffer);
            }
        }
        let inner = boxed(theme, area, "Legend", "", buffer);
        legend(theme, inner, buffer);
        return;
    }
    let half = usize::from(area.width / 2).max(30);
    // A screen that has grown since shows the end.
    let lines = help_lines(scope, &help.search, area.width);
    if lines.is_empty() {
        let nothing = format!("nothing is called \"{}\"; esc clears the search", help.search);
        Row::new().gap(1).text(nothing, theme.style(Token::Muted)).draw(area, 0, buffer);
        return;
    }
    let scroll = help.scroll.min(lines.len().saturating_sub(usize::from(area.height)));
    let (title, plain) = (theme.style(Token::Title), theme.style(Token::Plain));
    for (y, line) in (0..area.height).zip(lines.into_iter().skip(scroll)) {
        let row = match line {
            HelpLine::Words(name, words) => Row::new().left(name, 9, title).text(words, plain),
            HelpLine::Keys(keys) => keys
                .into_iter()
                .fold(Row::new(), |row, binding| binding_cells(app, theme, row, binding, half)),
        };
        row.draw(area, y, buffer);
    }
}

/// A row of the table in so many columns: the keys in force, and what they do.
fn binding_cells(app: &App, theme: &Theme, row: Row, binding: &Binding, room: usize) -> Row {
    let keys = ascii::key(app.glyphs, &app.keymap.shown(binding));
    row.left(&words::keys(&keys, KEYS - 1), KEYS, theme.style(Token::Title)).left(
        &what(app, binding),
        room.saturating_sub(KEYS),
        theme.style(Token::Plain),
    )
}

/// What the keys do; found by searching, also where, unless it is here.
fn what(app: &App, binding: &Binding) -> String {
    if binding.scope.holds(app.view().scope()) {
        return binding.help.to_owned();
    }
    let screens = Scope::SCREENS.iter().filter(|(scope, _)| binding.scope.holds(*scope));
    let names: Vec<&str> = screens.map(|(_, name)| *name).collect();
    format!("{} ({})", binding.help, names.join(", "))
}

/// The legend, wrapped at blanks.
fn legend(theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let room = usize::from(area.width).saturating_sub(10);
    let mut y = 0;
    for (name, words) in LEGEND {
        for (i, line) in text::wrap(words, room).into_iter().enumerate() {
            Row::new()
                .gap(1)
                .left(if i == 0 { name } else { "" }, 8, theme.style(Token::Title))
                .text(line, theme.style(Token::Plain))
                .draw(area, y, buffer);
            y += 1;
        }
    }
}
