//! The log as commands tell it.

use super::stamp;
use crate::alerts::EventKind;
use crate::bumps::{Bump, Entry, Episode, Happening, Verdict, What};
use crate::text;
use serde::Serialize;

/// `cloutop/bumps/1`
#[derive(Serialize)]
pub struct Log {
    schema: &'static str,
    bumps: Vec<BumpLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<EventLine>>,
}

#[derive(Serialize)]
struct BumpLine {
    symbol: String,
    onset: String,
    resolved: Option<String>,
    kind: &'static str,
    direction: &'static str,
    magnitude: f64,
    channel: Option<String>,
    cause: String,
    /// When nine tenths will be gone, if nothing else comes.
    fades: Option<String>,
    unread: bool,
    /// Names of the rules that told it.
    rules: Vec<String>,
}

#[derive(Serialize)]
struct EventLine {
    symbol: String,
    at: String,
    kind: &'static str,
    channel: Option<String>,
    points: Option<f64>,
    what: String,
    unread: bool,
    rules: Vec<String>,
}

/// An entry with the names of its person and channel.
#[derive(Debug, Clone)]
pub struct Named {
    pub symbol: String,
    pub channel: Option<String>,
    pub entry: Entry,
}

fn kind(bump: &Bump) -> &'static str {
    bump.resolved.map_or("active", |(_, verdict)| verdict.word())
}

/// `all` has what is no bump, too.
pub fn log(entries: &[Named], all: bool) -> Log {
    let mut bumps = Vec::new();
    let mut events = Vec::new();
    for Named { symbol, channel, entry } in entries {
        let (symbol, channel, unread) = (symbol.clone(), channel.clone(), entry.unread);
        let rules = entry.rules.clone();
        match &entry.what {
            What::Bump(Episode { bump, cause, fades, .. }) => bumps.push(BumpLine {
                symbol,
                onset: stamp(bump.onset),
                resolved: bump.resolved.map(|(at, _)| stamp(at)),
                kind: kind(bump),
                direction: bump.direction.word(),
                magnitude: bump.magnitude,
                channel,
                cause: cause.clone(),
                fades: fades.filter(|_| bump.resolved.is_none()).map(stamp),
                unread,
                rules,
            }),
            What::Happening(Happening { at, kind, points, what, .. }) => {
                let (at, kind, what) = (stamp(*at), kind.word(), what.clone());
                events.push(EventLine { symbol, at, kind, channel, points: *points, what, unread, rules });
            }
        }
    }
    Log { schema: "cloutop/bumps/1", bumps, events: all.then_some(events) }
}

/// One entry as a JSON object of its own, for files of one object a line.
pub fn log_record(entry: &Named) -> String {
    let mut log = log(std::slice::from_ref(entry), true);
    let bump = log.bumps.pop().map(serde_json::to_value);
    let event = log.events.and_then(|mut events| events.pop()).map(serde_json::to_value);
    let record = bump.or(event).and_then(Result::ok).unwrap_or_default();
    record.to_string()
}

/// One entry as one line.
pub fn log_line(Named { symbol, channel, entry }: &Named) -> String {
    let unread = if entry.unread { "*" } else { " " };
    let channel = channel.as_deref().unwrap_or("all");
    let (at, size, words) = match &entry.what {
        What::Bump(Episode { bump, cause, fades, .. }) => {
            let size = text::signed(bump.points());
            let end = match bump.resolved {
                Some((at, Verdict::Faded)) => format!("faded {}", at.format("%d %b")),
                Some((at, Verdict::Held)) => format!("held {}: the new level", at.format("%d %b")),
                None => fades.map_or_else(
                    || "active".to_owned(),
                    |at| format!("active, gone by {} if nothing else comes", at.format("%a %d %b")),
                ),
            };
            (bump.onset, size, format!("{cause} ({end})"))
        }
        What::Happening(Happening { at, kind, points, what, .. }) => {
            let size = points.map(text::signed).unwrap_or_default();
            // These words say by themselves what they are about.
            let words =
                if *kind == EventKind::Volume { what.clone() } else { format!("{}: {what}", kind.word()) };
            (*at, size, words)
        }
    };
    format!("{}{unread} {symbol:<6}{size:>7}  {channel:<11} {words}\n", at.format("%Y-%m-%d %H:%M"))
}
