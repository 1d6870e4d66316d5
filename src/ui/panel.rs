//! Boxes, rows of cells of exact width, and the lines at the top and bottom of every screen.

use super::theme::{Theme, Token};
use crate::app::{App, Height, Mode, Scope, Width};
use crate::text;
use ratatui::buffer::Buffer;
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

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Draws the row; what does not fit is cut, what is left over is blank.
    pub(super) fn draw(self, area: Rect, y: u16, buffer: &mut Buffer) {
        if y >= area.height || area.width == 0 {
            return;
        }
        buffer.set_line(area.x, area.y + y, &Line::from(self.spans), area.width);
    }

    /// Draws the row in reverse over its whole width.
    pub(super) fn draw_selected(self, theme: &Theme, area: Rect, y: u16, buffer: &mut Buffer) {
        self.draw(area, y, buffer);
        if y < area.height {
            let row = Rect { y: area.y + y, height: 1, ..area };
            buffer.set_style(row, theme.style(Token::Selection));
        }
    }
}

/// Draws a box with a title and a note, and returns what is inside.
pub(super) fn boxed(theme: &Theme, area: Rect, title: &str, note: &str, buffer: &mut Buffer) -> Rect {
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

/// The first line: where one is on the left, how things are on the right.
pub(super) fn header(
    app: &App,
    theme: &Theme,
    left: &[String],
    right: &str,
    area: Rect,
    buffer: &mut Buffer,
) {
    let layout = app.layout();
    let wide = layout.width == Width::Wide;
    let clock = app.local(app.now);
    let clock = if layout.width >= Width::Usual { clock.format("%H:%M:%S") } else { clock.format("%H:%M") };
    let badge = match app.badge() {
        unread if unread > 0 && area.width >= 40 => format!("●{unread} "),
        _ => String::new(),
    };
    let mut right = format!("{badge}{right}").trim_end().to_owned();
    if !right.is_empty() {
        right.push_str(if wide { "   " } else { "  " });
    }
    right.push_str(&clock.to_string());
    let edge = usize::from(layout.width >= Width::Medium);
    let separator = if wide { " │ " } else { "  " };
    let room = usize::from(area.width).saturating_sub(text::width(&right) + 2 * edge + 1);
    let left = text::fit(&left.join(separator), room);
    let words = format!("{}{left} {right}{}", " ".repeat(edge), " ".repeat(edge));
    Row::new().text(words, theme.style(Token::Title)).draw(area, 0, buffer);
}

/// Channels by how they are doing: `▪ 23 live  ▫ 2 limited  ! 2 halted`.
pub(super) fn health(app: &App) -> String {
    let (live, limited, halted) = app.health();
    let wide = app.layout().width == Width::Wide;
    let mut parts = Vec::new();
    for (sign, count, word) in [("▪", live, "live"), ("▫", limited, "limited"), ("!", halted, "halted")] {
        if count > 0 || sign == "▪" {
            parts.push(if wide { format!("{sign} {count} {word}") } else { format!("{sign}{count}") });
        }
    }
    parts.join(if wide { "  " } else { " " })
}

/// What the program is doing, for the header.
pub(super) fn mode(app: &App) -> String {
    match app.mode {
        Mode::Live => "running".to_owned(),
        Mode::Demo => "demo".to_owned(),
        Mode::Offline => "offline".to_owned(),
        Mode::Viewer(Some(pid)) => format!("viewer of pid {pid}"),
        Mode::Viewer(None) => "viewer".to_owned(),
    }
}

/// The line above the hints: a notice, or progress, or what the screen has to say.
pub(super) fn status(app: &App, theme: &Theme, usual: &str, area: Rect, buffer: &mut Buffer) {
    let edge = if app.layout().width >= Width::Medium { " " } else { "" };
    let (words, token) = match (&app.notice, &app.progress) {
        (Some(notice), _) => (notice.clone(), Token::Warn),
        (None, Some((what, done, of))) => (format!("{what}: {} %", done * 100 / of.max(&1)), Token::Accent),
        (None, None) => (usual.to_owned(), Token::Muted),
    };
    let model = if app.layout().width == Width::Wide && !app.model.is_empty() {
        format!("model {} ", app.model)
    } else {
        String::new()
    };
    let room = usize::from(area.width).saturating_sub(text::width(&model));
    Row::new()
        .left(&format!("{edge}{words}"), room, theme.style(token))
        .text(model, theme.style(Token::Muted))
        .draw(area, 0, buffer);
}

/// The last line: what the keys do, as many as fit. The way out and the help are never left out.
pub(super) fn hints(app: &App, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(typed) = &app.typing {
        // The end of what is typed is seen.
        let room = usize::from(area.width).saturating_sub(4);
        let typed = text::clean(typed);
        let (mut shown, mut width) = (String::new(), 0);
        for c in typed.chars().rev() {
            width += text::width(c.encode_utf8(&mut [0; 4]));
            if width > room {
                break;
            }
            shown.insert(0, c);
        }
        let keys = "⏎ keep  esc take away";
        let mut row = Row::new().text(format!(" /{shown}▏"), theme.style(Token::Accent));
        let left = usize::from(area.width).saturating_sub(row.width());
        if left > text::width(keys) + 2 {
            row = row.gap(2).text(keys, theme.style(Token::Muted));
        }
        row.draw(area, 0, buffer);
        return;
    }
    // Panes without a line of their own for it.
    if let Some(notice) = app.notice.as_ref().filter(|_| app.layout().height < Height::Middle) {
        let words = text::fit(notice, usize::from(area.width));
        Row::new().text(words, theme.style(Token::Warn)).draw(area, 0, buffer);
        return;
    }
    let scope = Scope::of(app.view());
    let narrow = app.layout().width < Width::Usual;
    let all: Vec<&str> = crate::app::BINDINGS
        .iter()
        .filter(|binding| binding.scope.holds(scope) && !binding.hint.is_empty())
        .map(|binding| binding.hint)
        .collect();
    let (always, mut shown): (Vec<&str>, Vec<&str>) =
        all.into_iter().partition(|hint| *hint == "? help" || *hint == "q quit");
    let gap = if narrow { " " } else { "  " };
    let line = |shown: &[&str]| shown.iter().chain(&always).copied().collect::<Vec<_>>().join(gap);
    while !shown.is_empty() && text::width(&line(&shown)) + 2 > usize::from(area.width) {
        shown.pop();
    }
    let edge = if app.layout().width >= Width::Medium { " " } else { "" };
    Row::new().text(format!("{edge}{}", line(&shown)), theme.style(Token::Muted)).draw(area, 0, buffer);
}
