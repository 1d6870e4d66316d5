//! The statement: opening, one line per cause, close, and they add up as said.

use super::{clock, moved, place, range, spoken};
use crate::app::App;
use crate::model::{ChannelSnapshot, PersonSnapshot, Range};
use crate::report::statement::shown;
use crate::score::{Explained, ExplainedLine};
use crate::text;

/// Causes said one by one; what is left over is one sentence more.
const MOST: usize = 12;

pub(super) fn why(
    app: &App,
    person: &PersonSnapshot,
    channel: Option<&ChannelSnapshot>,
    over: Range,
    found: Option<&Explained>,
) -> Vec<String> {
    let name = spoken(&person.symbol);
    let on = channel.map(|channel| format!(", {}", place(channel))).unwrap_or_default();
    let Some(found) = found else { return vec![format!("{name}{on} has not been read yet.")] };
    let total = text::change(found.open, found.close);
    let mut said = vec![format!(
        "{name}{on}, {}: {} at {}, {} at {}, {}.",
        range(over),
        text::score(found.open),
        clock(app, found.from),
        text::score(found.close),
        clock(app, found.to),
        moved(total)
    )];
    let (lines, (rest, points)) = shown(&found.lines, total, MOST);
    said.extend(lines.iter().map(|(line, points)| cause(person, line, *points)));
    if rest > 0 {
        let many = if rest == 1 { "line" } else { "lines together" };
        said.push(format!("{rest} smaller {many}: {}.", moved(points)));
    }
    if !lines.is_empty() {
        said.push(format!("In sum {}.", moved(total)));
    }
    if found.channel.is_none() && found.uncertainty >= 0.005 {
        said.push(format!(
            "Give or take {} for what is assumed of the time before the first reading.",
            text::score(found.uncertainty)
        ));
    }
    if found.backfilled {
        said.push("What was before the first reading is computed from what it found.".to_owned());
    }
    said
}

fn cause(person: &PersonSnapshot, line: &ExplainedLine, points: f64) -> String {
    let channel = person.channels.iter().find(|channel| Some(channel.id) == line.channel);
    let on = match (channel, line.network) {
        (Some(channel), _) => format!(", {}", place(channel)),
        (None, Some(network)) => format!(", {}", network.name()),
        (None, None) => String::new(),
    };
    super::sentence(&format!("{}{on}: {}", moved(points), line.what))
}
