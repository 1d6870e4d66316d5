//! What the help says, line by line: the table of keys, and the legend.

use super::{App, BINDINGS, Binding, Group, Height};
use crate::text;

/// Signs and words of the screen.
pub const LEGEND: [(&str, &str); 9] = [
    (
        "STATE",
        "▪ LIVE  ≈ STALE older than two polls  ▫ LIMIT resumes alone  ! HALT failing, points held  ? AUTH needs a \
         key  ∅ GONE missing or private",
    ),
    (
        "NUMBER",
        "* includes held points   + moved at the last poll   — unknown   … not read yet   ± uncertain by so much",
    ),
    (
        "BUMP",
        "▴ up and ▾ down: goes on   · forming   ▮ unusual volume   ═ bumps at once   ●3 unread, told by a rule",
    ),
    ("ROW", "▸ selected  ✓ marked, or read  » both  ● unread"),
    ("POST", "X engagement in typical active days   PTS points of the score   growing: something came today"),
    (
        "SIGN",
        "▲ up  ▼ down  = unchanged   ┃ closed higher  █ closed lower  ╻ ╹ half a row of it  ─ one reading  · computed  \
         ░ gap  ┈ goal",
    ),
    ("SCORE", "0 to 100, the sum of the channel lines; every line is the sum of its posts and its audience"),
    ("VOLUME", "engagement events: likes, reposts, replies, stars, comments, unweighted"),
    ("WEIGHTS", "a like counts 1, a reply 2, a repost or a quote 3"),
];

/// A line of the help: keys and what they do, as often as there are columns, or a name and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    Keys(Vec<&'static Binding>),
    Words(&'static str, String),
}

/// The keys of a column of the help.
pub fn keys_of(group: Group) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.group == group)
}

/// All lines for a screen of so many columns: keys in two columns where there is room.
pub fn help_lines(columns: u16) -> Vec<HelpLine> {
    let keys: Vec<&Binding> = [Group::Move, Group::Look, Group::Do].into_iter().flat_map(keys_of).collect();
    let beside = if columns >= 60 { 2 } else { 1 };
    let rows = keys.len().div_ceil(beside);
    let mut lines: Vec<HelpLine> = (0..rows)
        .map(|row| {
            HelpLine::Keys((0..beside).filter_map(|column| keys.get(column * rows + row).copied()).collect())
        })
        .collect();
    let room = usize::from(columns).saturating_sub(9);
    for (name, words) in LEGEND {
        let wrapped = text::wrap(words, room).into_iter().enumerate();
        lines.extend(wrapped.map(|(i, line)| HelpLine::Words(if i == 0 { name } else { "" }, line)));
    }
    lines
}

impl App {
    /// Rows of the help that are seen at once.
    pub fn help_rows(&self) -> usize {
        let frame = if self.layout().height > Height::Rows { 2 } else { 0 };
        usize::from(self.size.1).saturating_sub(frame)
    }

    /// How far the help can be scrolled.
    pub(super) fn help_end(&self) -> usize {
        help_lines(self.size.0).len().saturating_sub(self.help_rows())
    }
}
