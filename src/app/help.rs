//! What the help says, line by line: the table of keys, and the legend.

use super::{App, Height};
use crate::keys::{BINDINGS, Binding, Group, Key, Scope};
use crate::text;

/// Signs and words of the screen.
pub const LEGEND: [(&str, &str); 10] = [
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
    (
        "CHART",
        "┄ opening of the range   ┊ cross-hair, or another model from here on   A B bumps   ◆ marks   ∙ ahead, without \
         news",
    ),
    ("VOLUME", "engagement events: likes, reposts, replies, stars, comments, unweighted"),
    ("WEIGHTS", "a like counts 1, a reply 2, a repost or a quote 3"),
];

/// The help while it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Help {
    /// Scrolled down by so many rows.
    pub scroll: usize,
    /// What is typed narrows it down, over the keys of all screens.
    pub search: String,
}

/// A line of the help: keys and what they do, as often as there are columns, or a name and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    Keys(Vec<&'static Binding>),
    Words(&'static str, String),
}

/// The rows of the table that are shown: those of the screen, or those of all screens that hold what is searched for.
fn keys(scope: Scope, search: &str) -> impl Iterator<Item = &'static Binding> {
    let search = search.to_lowercase();
    BINDINGS.iter().filter(move |binding| {
        if search.is_empty() {
            binding.scope.holds(scope)
        } else {
            binding.help.to_lowercase().contains(&search) || binding.name.contains(&search)
        }
    })
}

/// All lines for a screen of so many columns: keys in two columns where there is room.
pub fn help_lines(scope: Scope, search: &str, columns: u16) -> Vec<HelpLine> {
    let groups = [Group::Move, Group::Look, Group::Do];
    let keys: Vec<&Binding> = groups
        .into_iter()
        .flat_map(|group| keys(scope, search).filter(move |row| row.group == group))
        .collect();
    let beside = if columns >= 60 { 2 } else { 1 };
    let rows = keys.len().div_ceil(beside);
    let mut lines: Vec<HelpLine> = (0..rows)
        .map(|row| {
            HelpLine::Keys((0..beside).filter_map(|column| keys.get(column * rows + row).copied()).collect())
        })
        .collect();
    let room = usize::from(columns).saturating_sub(9);
    let meant = |name: &str, words: &str| {
        let search = search.to_lowercase();
        name.to_lowercase().contains(&search) || words.to_lowercase().contains(&search)
    };
    for (name, words) in LEGEND.into_iter().filter(|(name, words)| meant(name, words)) {
        let wrapped = text::wrap(words, room).into_iter().enumerate();
        lines.extend(wrapped.map(|(i, line)| HelpLine::Words(if i == 0 { name } else { "" }, line)));
    }
    lines
}

/// Letters search, arrows scroll, Esc closes.
pub(super) fn on_key(app: &mut App, key: Key) {
    let page = isize::try_from(app.help_rows().max(2) - 1).unwrap_or(1);
    let Some(help) = &mut app.help else { return };
    match key {
        Key::Esc if !help.search.is_empty() => help.search.clear(),
        Key::Esc | Key::Enter | Key::F1 | Key::Left => app.help = None,
        // Nobody searches for these: they mean "enough", as everywhere.
        Key::Char('?' | 'q') | Key::Backspace if help.search.is_empty() => app.help = None,
        Key::Backspace => {
            help.search.pop();
            help.scroll = 0;
        }
        Key::Down => scroll(app, 1),
        Key::Up => scroll(app, -1),
        Key::PageDown | Key::Ctrl('d') => scroll(app, page),
        Key::PageUp | Key::Ctrl('u') => scroll(app, -page),
        Key::Home => scroll(app, isize::MIN),
        Key::End => scroll(app, isize::MAX),
        Key::Char(c) if help.search.chars().count() < 40 && !(c == ' ' && help.search.is_empty()) => {
            help.search.push(c);
            help.scroll = 0;
        }
        _ => {}
    }
}

/// Scrolls by so many rows.
pub(super) fn scroll(app: &mut App, by: isize) {
    let end = app.help_end();
    if let Some(help) = &mut app.help {
        help.scroll = help.scroll.saturating_add_signed(by).min(end);
    }
}

impl App {
    /// Rows of the help that are seen at once.
    pub fn help_rows(&self) -> usize {
        let frame = if self.layout().height > Height::Rows { 2 } else { 0 };
        usize::from(self.size.1).saturating_sub(frame)
    }

    /// How far the help can be scrolled.
    fn help_end(&self) -> usize {
        let search = self.help.as_ref().map_or("", |help| help.search.as_str());
        let lines = help_lines(self.view().scope(), search, self.size.0).len();
        lines.saturating_sub(self.help_rows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Message, update};

    #[test]
    fn what_is_typed_searches_the_keys_of_all_screens() {
        let mut app = App::new((80, 24), crate::model::time(0));
        let mut press = |key| {
            update(&mut app, Message::Key(key));
            app.help.clone()
        };
        press(Key::Char('?'));
        for c in "silence".chars() {
            press(Key::Char(c));
        }
        let help = press(Key::Down).unwrap();
        let lines = help_lines(Scope::BOARD, &help.search, 80);
        let HelpLine::Keys(first) = &lines[0] else { unreachable!("keys come first") };
        assert_eq!(first[0].name, "silence");
        assert_eq!(press(Key::Esc).map(|help| help.search), Some(String::new()), "first the search");
        assert_eq!(press(Key::Esc), None);
    }
}
