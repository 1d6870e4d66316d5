use super::discover::{look_up, probe};
use super::past::asking;
use super::{AllowsHttp, message};
use crate::app::{App, Effect, Message, update};
use crate::demo::World;
use crate::keys::Key;
use crate::model::{Range, Time};
use crate::pipeline::{Pipeline, Query, Work, handle};
use crate::store::Result;
use crate::ui;
use futures_util::FutureExt;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// A screen without a terminal: loads what it needs, presses the keys, loads again. Nobody is asked but the demo's
/// `world`, if there is one.
pub fn press(
    app: App,
    pipeline: &mut Pipeline,
    world: Option<&World>,
    now: Time,
    keys: &[Key],
) -> Result<App> {
    let mut still = Still { range: app.range, app, pipeline, world, now };
    let first = [
        Effect::Load(Query::Everybody(still.range)),
        Effect::Load(Query::Ticks { since: now - chrono::TimeDelta::hours(24), most: 100 }),
    ];
    still.settle(first.to_vec())?;
    for &key in keys {
        let effects = update(&mut still.app, Message::Key(key));
        still.settle(effects)?;
    }
    Ok(still.app)
}

/// One frame of a screen.
pub fn frame(app: &App) -> Buffer {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let mut buffer = Buffer::empty(area);
    ui::render(app, area, &mut buffer);
    buffer
}

/// A screen without a terminal.
struct Still<'s> {
    app: App,
    pipeline: &'s mut Pipeline,
    world: Option<&'s World>,
    range: Range,
    now: Time,
}

impl Still<'_> {
    /// Carries out what the screen asks of the store and of the demo until it asks no more.
    fn settle(&mut self, mut effects: Vec<Effect>) -> Result<()> {
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                for message in self.carry_out(effect)? {
                    next.extend(update(&mut self.app, message));
                }
            }
            effects = next;
        }
        // Loading is not moving.
        self.app.moved.clear();
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> Result<Vec<Message>> {
        Ok(match (effect, self.world) {
            (Effect::Load(query), _) => {
                let work = Work::Load { query, now: self.now };
                handle(self.pipeline, work, &mut self.range)?.into_iter().filter_map(message).collect()
            }
            // The demo's world answers at once, so there is nothing to wait for.
            (Effect::Resolve(typed), Some(world)) => {
                let found = look_up(&asking(world, self.now), &typed, &never()).now_or_never();
                found.map(|found| Message::Resolved { typed, found }).into_iter().collect()
            }
            (Effect::Probe { account, candidates }, Some(world)) => {
                let found = probe(&asking(world, self.now), candidates, &never()).now_or_never();
                found.map(|found| Message::Probed { account, found }).into_iter().collect()
            }
            _ => Vec::new(),
        })
    }
}

fn never() -> AllowsHttp {
    Arc::new(|_| false)
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
