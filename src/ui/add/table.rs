//! The accounts: with little room first the reasons give way, then what they cost; whether one is checked, which
//! it is and what is wrong with it stay.

use super::typing;
use crate::app::{AddForm, App, Candidate, Test, Width};
use crate::text;
use crate::ui::canvas::Canvas;
use crate::ui::panel::{Row, take, take_bottom};
use crate::ui::theme::{Theme, Token};
use ratatui::layout::Rect;

/// Widths of the columns; 0 leaves one out.
struct Columns {
    account: usize,
    why: usize,
    test: usize,
    cost: usize,
}

/// Columns of what is never left out: the mark, the box and the network.
const ALWAYS: usize = 10;

impl Columns {
    fn of(app: &App, width: u16) -> Self {
        let room = usize::from(width).saturating_sub(ALWAYS);
        let (why, test, cost) = match app.layout().width {
            Width::Wide => (42, 14, 11),
            Width::Usual => (0, 26, 11),
            Width::Medium | Width::Narrow => (0, room * 45 / 100, 0),
            Width::Slim | Width::Tiny => (0, 1, 0),
        };
        Self { account: room.saturating_sub(why + test + cost), why, test, cost }
    }
}

/// How many are checked, for the edge of the box.
pub(super) fn note(form: &AddForm) -> String {
    let checked = form.rows.iter().filter(|row| row.checked).count();
    let testing = form.rows.iter().filter(|row| row.test == Test::Waiting).count();
    match testing {
        0 => format!("{checked} of {} checked", form.rows.len()),
        _ => format!("{checked} of {} checked, {testing} being tested", form.rows.len()),
    }
}

/// The second step.
pub(super) fn draw(app: &App, form: &AddForm, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let room = usize::from(area.width).saturating_sub(3);
    if form.by_hand {
        typing(theme, form, "+ ", take_bottom(&mut area, 1), 0, buffer);
    }
    let mut said: Vec<(String, Token)> = Vec::new();
    if let Some(typed) = &form.waiting {
        said.push((format!("looking up {} …", text::clean(typed)), Token::Muted));
    }
    let mistake = form.mistake.iter().flat_map(|mistake| text::wrap(mistake, room));
    said.extend(mistake.map(|words| (words, Token::Warn)));
    // The selected row in full, where all rows have room.
    let rows = u16::try_from(form.rows.len() + said.len()).unwrap_or(u16::MAX).saturating_add(3);
    if let Some(row) = form.rows.get(form.selected).filter(|_| area.height > rows) {
        let name = row.name.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
        let words = format!("{}{name}: {}; {}", row.account, row.why, in_full(&row.test));
        let left = usize::from(area.height.saturating_sub(rows));
        let lines = text::wrap(&words, room).into_iter().take(left.min(3));
        said.extend(lines.map(|words| (words, Token::Muted)));
    }
    // At least one row of the table is seen.
    let most = area.height.saturating_sub(1);
    let below = take_bottom(&mut area, u16::try_from(said.len()).unwrap_or(u16::MAX).min(most));
    for (y, (words, token)) in (0..below.height).zip(said) {
        Row::new().gap(2).text(text::cut(&words, room), theme.style(token)).draw(below, y, buffer);
    }
    list(app, form, theme, area, buffer);
}

/// The rows, with a heading where there is room for one.
pub(super) fn list(app: &App, form: &AddForm, theme: &Theme, mut area: Rect, buffer: &mut Canvas<'_>) {
    let columns = Columns::of(app, area.width);
    if app.layout().boxed() && area.height > 1 {
        heading(theme, &columns, take(&mut area, 1), buffer);
    }
    let room = usize::from(area.height);
    let first = (form.selected + 1).saturating_sub(room);
    let here = |place: usize| form.step == crate::app::Step::Check && place == form.selected;
    for (y, (place, row)) in (0..area.height).zip(form.rows.iter().enumerate().skip(first)) {
        let line = line(row, here(place), &columns, theme);
        if here(place) && !form.by_hand {
            line.draw_selected(theme, area, y, buffer);
        } else {
            line.draw(area, y, buffer);
        }
    }
}

fn heading(theme: &Theme, columns: &Columns, area: Rect, buffer: &mut Canvas<'_>) {
    let muted = theme.style(Token::Muted);
    Row::new()
        .gap(5)
        .left("CHAN", 5, muted)
        .left("ACCOUNT", columns.account, muted)
        .left("WHY WE THINK IT IS THE SAME PERSON", columns.why, muted)
        .left("TEST POLL", columns.test, muted)
        .left("COST", columns.cost, muted)
        .draw(area, 0, buffer);
}

fn line(row: &Candidate, here: bool, columns: &Columns, theme: &Theme) -> Row {
    let plain = theme.style(Token::Plain);
    let checked = if row.checked { "[x] " } else { "[ ] " };
    let (words, token) = (words(&row.test), token(&row.test));
    let mut line = Row::new()
        .text(if here { "▸" } else { " " }, plain)
        .text(checked, theme.style(Token::Title))
        .left(row.account.network.code(), 5, plain)
        .left(&cell(&row.account.handle, columns.account), columns.account, plain)
        .left(&cell(&row.why.to_string(), columns.why), columns.why, theme.style(Token::Muted));
    // The sign alone says how it went.
    if columns.test == 1 {
        let sign: String = words.chars().take(1).collect();
        return line.text(sign, theme.style(token));
    }
    if let Test::Well { requests, .. } = row.test {
        let cost = format!("{requests} request{}", if requests == 1 { "" } else { "s" });
        line = line.left(&words, columns.test, theme.style(token));
        return line.left(&cost, columns.cost, theme.style(Token::Muted));
    }
    line.left(&words, columns.test + columns.cost, theme.style(token))
}

/// A cell's words with a blank behind them.
fn cell(words: &str, columns: usize) -> String {
    text::cut(words, columns.saturating_sub(1))
}

fn in_full(test: &Test) -> String {
    match test {
        Test::Paid { words, .. } => format!("not asked yet, because it costs money: {words}"),
        test => words(test),
    }
}

fn words(test: &Test) -> String {
    match test {
        Test::Waiting => "… testing".to_owned(),
        Test::Well { took, .. } => format!("✓ {:.1} s", took.num_milliseconds() as f64 / 1e3),
        Test::Paid { poll, .. } => format!("$ up to {poll} a poll"),
        Test::KeyNeeded => "? needs a key".to_owned(),
        Test::Failed(why) => format!("! {}", text::clean(why)),
    }
}

fn token(test: &Test) -> Token {
    match test {
        Test::Waiting => Token::Muted,
        Test::Well { .. } => Token::Plain,
        Test::Paid { .. } | Test::KeyNeeded | Test::Failed(_) => Token::Warn,
    }
}
