use super::message;
use crate::app::{App, Effect, Message, update};
use crate::keys::Key;
use crate::model::{Range, Time};
use crate::pipeline::{Pipeline, Query, Work, handle};
use crate::store::Result;
use crate::ui;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws one frame without a terminal: loads what the screen needs, presses the keys, loads again. Returns the frame
/// and the title its window would have.
pub fn snapshot(mut app: App, pipeline: &mut Pipeline, now: Time, keys: &[Key]) -> Result<(Buffer, String)> {
    let mut range = app.range;
    let first = [
        Effect::Load(Query::Everybody(range)),
        Effect::Load(Query::Ticks { since: now - chrono::TimeDelta::hours(24), most: 100 }),
    ];
    settle(&mut app, pipeline, first.to_vec(), &mut range, now)?;
    for &key in keys {
        let effects = update(&mut app, Message::Key(key));
        settle(&mut app, pipeline, effects, &mut range, now)?;
    }
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let mut buffer = Buffer::empty(area);
    ui::render(&app, area, &mut buffer);
    Ok((buffer, ui::title(&app)))
}

/// Carries out what the screen asks of the store until it asks no more.
fn settle(
    app: &mut App,
    pipeline: &mut Pipeline,
    mut effects: Vec<Effect>,
    range: &mut Range,
    now: Time,
) -> Result<()> {
    while !effects.is_empty() {
        let mut next = Vec::new();
        for effect in effects {
            if let Effect::Load(query) = effect {
                for answer in handle(pipeline, Work::Load { query, now }, range)? {
                    if let Some(message) = message(answer) {
                        next.extend(update(app, message));
                    }
                }
            }
        }
        effects = next;
    }
    // Loading is not moving.
    app.moved.clear();
    Ok(())
}

/// A frame as lines of text.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            out.push_str(symbol);
            skip = crate::text::width(symbol).saturating_sub(1);
        }
        out.push('\n');
    }
    out
}
