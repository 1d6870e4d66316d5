//! What is held against the score: visits, week on week. A group of its own below a person's channels.

use super::canvas::Canvas;
use super::panel::{Row, take};
use super::theme::{Theme, Token};
use super::words;
use crate::app::{App, Width};
use crate::model::{ChannelSnapshot, Figure, PersonSnapshot};
use crate::text;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Rows of the table with its heading; none where there is nothing to show.
pub(super) fn rows(person: &PersonSnapshot) -> u16 {
    match person.outcomes.len() {
        0 => 0,
        outcomes => u16::try_from(outcomes).unwrap_or(u16::MAX).saturating_add(1),
    }
}

/// The table, in the columns of the channels above it. `account` is the width of theirs.
pub(super) fn table(
    app: &App,
    theme: &Theme,
    person: &PersonSnapshot,
    account: usize,
    mut area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    let number = if app.layout().width == Width::Wide { 3 } else { 0 };
    let heading = Row::new()
        .gap(2 + number)
        .left("OUTCOMES", 5 + account, muted)
        .gap(1)
        .left("STATE", 12, muted)
        .right("7 DAYS", 7, muted)
        .right("BEFORE", 7, muted)
        .right("CHANGE", 8, muted);
    heading.draw(take(&mut area, 1), 0, buffer);
    for (y, channel) in (0..area.height).zip(&person.outcomes) {
        Row::new()
            .gap(2 + number)
            .left(&words::code(channel), 5, theme.style(Token::Title))
            .left(&words::account(&channel.account), account, plain)
            .gap(1)
            .left(&words::state(app, channel), 12, words::state_style(theme, channel.state))
            .right(&visits(app, channel, Figure::Visits, 6), 7, plain)
            .right(&visits(app, channel, Figure::VisitsBefore, 6), 7, plain)
            .right(&words::percent_words(channel.weekly_percent(), 1), 8, change(theme, channel))
            .draw(area, y, buffer);
    }
}

/// Rows without a frame, as many as there is room for.
pub(super) fn short(theme: &Theme, person: &PersonSnapshot, area: Rect, buffer: &mut Canvas<'_>) {
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    for (y, channel) in (0..area.height).zip(&person.outcomes) {
        let before = channel
            .figure(Figure::VisitsBefore)
            .map(|before| format!("visits, {} before", text::compact(before)));
        Row::new()
            .gap(1)
            .left(&words::code(channel), 5, theme.style(Token::Title))
            .right(&channel.figure(Figure::Visits).map_or_else(|| "—".to_owned(), text::compact), 5, plain)
            .right(&words::percent_words(channel.weekly_percent(), 1), 7, change(theme, channel))
            .gap(1)
            .left(&channel.state.word().to_uppercase(), 6, words::state_style(theme, channel.state))
            .text(before.unwrap_or_default(), muted)
            .draw(area, y, buffer);
    }
}

/// One line of as many outcomes as have room: `PLAU sam.example 1 311, 1 102 the week before (+19.0%) LIVE 9s`.
pub(super) fn note(app: &App, person: &PersonSnapshot, room: usize) -> String {
    let mut note = String::new();
    for channel in &person.outcomes {
        let [now, before] =
            [Figure::Visits, Figure::VisitsBefore].map(|figure| visits(app, channel, figure, usize::MAX));
        let words = format!(
            "{} {}: {now} visits in 7 d, {before} before, {} · {}",
            words::code(channel),
            words::account(&channel.account),
            words::percent_words(channel.weekly_percent(), 1),
            words::state(app, channel),
        );
        let gap = if note.is_empty() { "" } else { "; " };
        if !note.is_empty() && text::width(&note) + text::width(&words) + 10 > room {
            break;
        }
        note.push_str(&format!("{gap}{words}"));
    }
    note
}

/// The first outcome in a word: `PLAU +19%`; its state where it cannot be read.
pub(super) fn brief(person: &PersonSnapshot) -> String {
    person.outcomes.first().map_or_else(String::new, |channel| {
        let what = if channel.state.held() {
            channel.state.word().to_uppercase()
        } else {
            words::percent_words(channel.weekly_percent(), 0)
        };
        format!("{} {what}", words::code(channel))
    })
}

fn visits(app: &App, channel: &ChannelSnapshot, figure: Figure, room: usize) -> String {
    channel.figure(figure).map_or_else(
        || "—".to_owned(),
        |count| {
            let words = words::grouped(app, count);
            if text::width(&words) <= room { words } else { text::compact(count) }
        },
    )
}

fn change(theme: &Theme, channel: &ChannelSnapshot) -> Style {
    theme.change(channel.weekly_percent().unwrap_or(0.0))
}
