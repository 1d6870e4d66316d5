//! Adding a person, step by step: who, what was found, save as.
//!
//! ```text
//! │▸[x] GH   noorh                you typed it                              ✓ 0.3 s       2 requests │
//! │ [x] MAST @noor@tooters.ex…    they link to each other                   ✓ 0.5 s       2 requests │
//! │ [ ] HN   noorh                same name only: is it the same person?    ! the server answered 503│
//! ```

mod card;
mod table;

use super::canvas::Canvas;
use super::frame;
use super::panel::{Row, boxed, take, take_bottom};
use super::theme::{Theme, Token};
use crate::app::{AddForm, App, Height, Step, Width};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(form) = &app.add else { return };
    let layout = app.layout();
    if layout.height > Height::Rows {
        let step = match form.step {
            Step::Who => "step 1 of 3: who",
            Step::Check => "step 2 of 3: check what was found",
            Step::Save => "step 3 of 3: save as",
        };
        let mut left = vec!["cloutop".into(), "ADD A PERSON".into(), step.into()];
        if layout.width < Width::Medium {
            left.remove(0);
        }
        frame::header(app, theme, left, "", take(&mut area, 1), buffer);
    }
    // In a single row what is typed comes first.
    if area.height > 1 {
        let line = take_bottom(&mut area, 1);
        let hint = text::cut(hint(form), usize::from(area.width).saturating_sub(1));
        Row::new().gap(1).text(hint, theme.style(Token::Muted)).draw(line, 0, buffer);
    }
    match form.step {
        Step::Who => {
            let inner = if layout.boxed() { boxed(theme, area, "Who", "", buffer) } else { area };
            who(form, theme, inner, buffer);
        }
        Step::Check => {
            let inner = if layout.boxed() {
                boxed(theme, area, "Channels found", &table::note(form), buffer)
            } else {
                area
            };
            table::draw(app, form, theme, inner, buffer);
        }
        Step::Save => {
            if layout.boxed() {
                // What is saved stands above the card where both have room.
                let rows = u16::try_from(form.rows.len()).unwrap_or(u16::MAX).saturating_add(3);
                if area.height >= rows.saturating_add(card::ROWS) {
                    let inner = boxed(theme, take(&mut area, rows), "Channels", &table::note(form), buffer);
                    table::list(app, form, theme, inner, buffer);
                }
                area = boxed(theme, area, "Save as", "", buffer);
            }
            card::draw(app, form, theme, area, buffer);
        }
    }
}

fn hint(form: &AddForm) -> &'static str {
    match form.step {
        Step::Who if form.rows.is_empty() => "⏎ look it up  esc cancel",
        Step::Who => "⏎ look up another, or ⏎ alone to go on  esc cancel",
        Step::Check if form.by_hand => "⏎ look it up  esc back to the table",
        Step::Check => "⏎ go on  space toggle  esc back  + by hand  d take away  ↑↓ move",
        Step::Save => "⏎ save and open  tab next  esc back  ←→ group",
    }
}

/// The first step: what is typed, and what became of it.
fn who(form: &AddForm, theme: &Theme, area: Rect, buffer: &mut Canvas<'_>) {
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    let room = usize::from(area.width).saturating_sub(3);
    let mut above = Vec::new();
    if area.height > 8 {
        above.extend(["", "Paste one or more: a profile's address, @user@server, name.bsky.social,"]);
        above.extend(["github:name, hn:name, a blog. Their profiles lead to the others.", ""]);
    }
    let mut lines: Vec<_> = above.into_iter().map(|words| (words.to_owned(), muted)).collect();
    for row in &form.rows {
        let name = row.name.as_deref().map(|name| format!("  {name}")).unwrap_or_default();
        lines.push((format!("✓ {}{name}", row.account), plain));
    }
    if let Some(typed) = &form.waiting {
        lines.push((format!("looking up {} …", text::clean(typed)), muted));
    }
    let mistake: Vec<String> =
        form.mistake.as_ref().map(|mistake| text::wrap(mistake, room)).unwrap_or_default();
    // What is typed and what is wrong with it are always seen.
    let below = mistake.len().min(usize::from(area.height).saturating_sub(1)) + 1;
    let first = (lines.len() + below).saturating_sub(usize::from(area.height));
    lines.drain(..first.min(lines.len()));
    let mut y = 0;
    for (words, style) in lines {
        Row::new().gap(2).text(text::cut(&words, room), style).draw(area, y, buffer);
        y += 1;
    }
    typing(theme, form, "> ", area, y, buffer);
    for words in mistake {
        y += 1;
        let words = text::cut(&words, room);
        Row::new().gap(2).text(words, theme.style(Token::Warn)).draw(area, y, buffer);
    }
    if area.height > y.saturating_add(4) {
        let words = "Only public pages and APIs are read. Everything stays in your data folder.";
        Row::new().gap(2).text(text::cut(words, room), muted).draw(area, y + 2, buffer);
    }
}

/// The line in which an address is typed.
fn typing(theme: &Theme, form: &AddForm, before: &str, area: Rect, y: u16, buffer: &mut Canvas<'_>) {
    let room = usize::from(area.width).saturating_sub(3 + text::width(before));
    let words = format!("{before}{}▏", tail(&form.input, room));
    Row::new().gap(2).text(words, theme.style(Token::Title)).draw(area, y, buffer);
}

/// The end of what is typed, which is what is being typed, in at most so many columns.
fn tail(typed: &str, columns: usize) -> String {
    let typed = text::clean(typed) + if typed.ends_with(' ') { " " } else { "" };
    if text::width(&typed) <= columns {
        return typed;
    }
    let mut shown = String::new();
    for c in typed.chars().rev() {
        if text::width(&shown) + text::width(c.encode_utf8(&mut [0; 4])) + 1 > columns {
            break;
        }
        shown.insert(0, c);
    }
    if columns == 0 { shown } else { format!("…{shown}") }
}
