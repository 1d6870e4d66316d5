//! Boxes, and rows of cells of exact width.

use super::canvas::Canvas;
use super::theme::{Theme, Token};
use crate::app::{App, Panel, Target};
use crate::text;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// A row of text, cell after cell, each exactly as wide as asked.
#[derive(Debug, Default)]
pub(super) struct Row {
    spans: Vec<Span<'static>>,
    width: usize,
}

impl Row {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Text as it is.
    pub(super) fn text(mut self, words: impl Into<String>, style: Style) -> Self {
        let words = words.into();
        self.width += text::width(&words);
        self.spans.push(Span::styled(words, style));
        self
    }

    pub(super) fn left(self, words: &str, width: usize, style: Style) -> Self {
        self.text(text::fit(words, width), style)
    }

    pub(super) fn right(self, words: &str, width: usize, style: Style) -> Self {
        self.text(text::fit_right(words, width), style)
    }

    pub(super) fn gap(self, width: usize) -> Self {
        self.text(" ".repeat(width), Style::new())
    }

    /// The words alone.
    pub(super) fn to_words(&self) -> String {
        self.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Draws the row; what does not fit is cut with `…`, what is left over is blank.
    pub(super) fn draw(self, area: Rect, y: u16, buffer: &mut Canvas<'_>) {
        if y >= area.height || area.width == 0 {
            return;
        }
        let room = usize::from(area.width);
        let spans = if self.width > room { cut(self.spans, room) } else { self.spans };
        buffer.set_line(area.x, area.y + y, &Line::from(spans), area.width);
    }

    /// Draws the row in reverse over its whole width.
    pub(super) fn draw_selected(self, theme: &Theme, area: Rect, y: u16, buffer: &mut Canvas<'_>) {
        self.draw(area, y, buffer);
        if y < area.height {
            let row = Rect { y: area.y + y, height: 1, ..area };
            buffer.set_style(row, theme.style(Token::Selection));
        }
    }
}

/// As many spans as have room, the last of them cut; blanks are missed by nobody.
fn cut(spans: Vec<Span<'static>>, room: usize) -> Vec<Span<'static>> {
    let mut left = room;
    let mut shown: Vec<Span<'static>> = Vec::with_capacity(spans.len());
    let mut rest = spans.into_iter();
    while let Some(span) = rest.next() {
        let width = text::width(&span.content);
        if width <= left {
            left -= width;
            shown.push(span);
            continue;
        }
        let more = rest.any(|span| !span.content.trim().is_empty());
        let mut words = text::cut(&span.content, left);
        let kept = words.trim_end_matches('…').to_owned();
        let lost = span.content.get(kept.len()..).is_some_and(|rest| !rest.trim().is_empty());
        if !lost && !more {
            words.truncate(kept.len());
        }
        if words.is_empty()
            && let Some(last) = shown.last_mut()
        {
            // There is no room left for the sign itself: it takes that of the last letter.
            last.content = text::cut(&format!("{}  ", last.content), text::width(&last.content)).into();
        }
        shown.push(Span::styled(words, span.style));
        break;
    }
    shown
}

/// Draws a box with a title and a note, and returns what is inside.
pub(super) fn boxed(theme: &Theme, area: Rect, title: &str, note: &str, buffer: &mut Canvas<'_>) -> Rect {
    let inner = Rect {
        x: area.x + 1.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    if area.width < 2 || area.height < 2 {
        return inner;
    }
    let border = theme.style(Token::Border);
    let bar = "─".repeat(usize::from(inner.width));
    let room = usize::from(inner.width).saturating_sub(3);
    buffer.set_string(area.x, area.y, format!("┌{bar}┐"), border);
    for y in 1..area.height - 1 {
        buffer.set_string(area.x, area.y + y, "│", border);
        buffer.set_string(area.x + area.width - 1, area.y + y, "│", border);
    }
    buffer.set_string(area.x, area.y + area.height - 1, format!("└{bar}┘"), border);
    if !title.is_empty() && room > 2 {
        let title = format!(" {} ", text::cut(title, room - 2));
        buffer.set_string(area.x + 2, area.y, title, theme.style(Token::Title));
    }
    if !note.is_empty() && room > 2 {
        let note = format!(" {} ", text::cut(note, room - 2));
        let x = area.x + area.width - 2 - u16::try_from(text::width(&note)).unwrap_or(0);
        buffer.set_string(x, area.y + area.height - 1, note, border);
    }
    inner
}

/// Draws the box of a part of the screen that Tab can lead to.
pub(super) fn part(
    app: &App,
    theme: &Theme,
    panel: Panel,
    area: Rect,
    (title, note): (&str, &str),
    buffer: &mut Canvas<'_>,
) -> Rect {
    let title = if app.is_focus(panel) { format!("▸ {title}") } else { title.to_owned() };
    buffer.spot(area, Target::Panel(panel));
    boxed(theme, area, &title, note, buffer)
}

/// Takes `rows` off the top of an area.
pub(super) fn take(area: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    let taken = Rect { height: rows, ..*area };
    area.y += rows;
    area.height -= rows;
    taken
}

/// Takes `rows` off the bottom of an area.
pub(super) fn take_bottom(area: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    area.height -= rows;
    Rect { y: area.y + area.height, height: rows, ..*area }
}
