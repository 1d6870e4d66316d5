//! Adding a person: accounts first, then a symbol.

use super::canvas::Canvas;
use super::frame;
use super::panel::{Row, take, take_bottom};
use super::theme::{Theme, Token};
use crate::app::{App, Height};
use crate::text;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let Some(form) = &app.add else { return };
    let step = if form.symbol.is_some() { "step 2 of 2: a symbol" } else { "step 1 of 2: accounts" };
    if app.layout().height > Height::Rows {
        let left = vec!["cloutop".into(), "ADD A PERSON".into(), step.into()];
        frame::header(app, theme, left, "", take(&mut area, 1), buffer);
    }
    let hint = match (&form.symbol, form.found.is_empty()) {
        (Some(_), _) => "⏎ save  esc back to the accounts",
        (None, true) => "⏎ look it up  esc cancel",
        (None, false) => "⏎ look up another, or ⏎ alone to go on  esc cancel",
    };
    // In a single row what is typed comes first.
    if area.height > 1 {
        let line = take_bottom(&mut area, 1);
        Row::new().text(format!(" {hint}"), theme.style(Token::Muted)).draw(line, 0, buffer);
    }
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    let mut lines: Vec<(String, ratatui::style::Style)> = Vec::new();
    let airy = area.height > 8;
    if airy {
        let words = match form.symbol {
            None => [
                "Paste one or more: a profile's address, @user@server,",
                "name.bsky.social, github:name, hn:name, a blog.",
            ],
            Some(_) => {
                ["Two to five letters or digits stand for this person", "on the board and in commands."]
            }
        };
        lines.push((String::new(), plain));
        lines.extend(words.map(|words| (words.to_owned(), muted)));
        lines.push((String::new(), plain));
    }
    for found in &form.found {
        let name = found.name.as_deref().map(|name| format!("  {name}")).unwrap_or_default();
        lines.push((format!("✓ {}{name}", found.account), plain));
    }
    match (&form.waiting, &form.symbol) {
        (Some(typed), _) => lines.push((format!("looking up {typed} …"), muted)),
        (None, Some(symbol)) => lines.push((format!("symbol > {symbol}▏"), theme.style(Token::Title))),
        (None, None) => lines.push((format!("> {}▏", form.input), theme.style(Token::Title))),
    }
    let room = usize::from(area.width).saturating_sub(3);
    if let Some(mistake) = &form.mistake {
        lines.extend(text::wrap(mistake, room).into_iter().map(|line| (line, theme.style(Token::Warn))));
    }
    if airy {
        lines.push((String::new(), plain));
        lines.push(("Only public pages and APIs are read.".to_owned(), muted));
        lines.push(("Everything stays in your data folder.".to_owned(), muted));
    }
    for (y, (words, style)) in (0..area.height).zip(lines) {
        // The end of a long input is what is being typed.
        let cut = if text::width(&words) > room && words.ends_with('▏') {
            let skip = words.chars().count().saturating_sub(room);
            words.chars().skip(skip).collect()
        } else {
            words
        };
        Row::new().gap(2).text(cut, style).draw(area, y, buffer);
    }
}
