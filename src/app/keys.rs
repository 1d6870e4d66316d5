//! One table of keys: dispatch, hints, help and the manual come from it.

use super::{App, View};

/// A key as the program knows it, whatever the terminal sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Char(char),
    Ctrl(char),
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    F1,
}

impl Key {
    /// As written in hints and help.
    pub fn label(self) -> String {
        match self {
            Self::Char(' ') => "space".to_owned(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("^{c}"),
            Self::Up => "↑".to_owned(),
            Self::Down => "↓".to_owned(),
            Self::Left => "←".to_owned(),
            Self::Right => "→".to_owned(),
            Self::Home => "Home".to_owned(),
            Self::End => "End".to_owned(),
            Self::PageUp => "PgUp".to_owned(),
            Self::PageDown => "PgDn".to_owned(),
            Self::Enter => "⏎".to_owned(),
            Self::Esc => "esc".to_owned(),
            Self::Tab => "Tab".to_owned(),
            Self::BackTab => "S-Tab".to_owned(),
            Self::Backspace => "⌫".to_owned(),
            Self::F1 => "F1".to_owned(),
        }
    }

    /// Reads a key by name: a character, `enter`, `esc`, `up`, …, `^c`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "space" => Self::Char(' '),
            "up" => Self::Up,
            "down" => Self::Down,
            "left" => Self::Left,
            "right" => Self::Right,
            "home" => Self::Home,
            "end" => Self::End,
            "pgup" => Self::PageUp,
            "pgdn" => Self::PageDown,
            "enter" => Self::Enter,
            "esc" => Self::Esc,
            "tab" => Self::Tab,
            "s-tab" => Self::BackTab,
            "backspace" => Self::Backspace,
            "f1" => Self::F1,
            _ => {
                let mut chars = name.chars();
                match (chars.next()?, chars.next(), chars.next()) {
                    (c, None, _) => Self::Char(c),
                    ('^', Some(c), None) => Self::Ctrl(c),
                    _ => return None,
                }
            }
        })
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Up,
    Down,
    First,
    Last,
    PageUp,
    PageDown,
    In,
    Back,
    Jump,
    NextPair,
    LongerRange,
    ShorterRange,
    Sort,
    Reverse,
    NextGroup,
    Filter,
    Freeze,
    Mark,
    Compare,
    Why,
    Formula,
    Bumps,
    NextPanel,
    EditRule,
    SwitchRule,
    RemoveRule,
    NewRule,
    Settings,
    NextValue,
    LastValue,
    Undo,
    Write,
    Leave,
    Read,
    ReadAll,
    Snooze,
    SnoozeAll,
    Sample,
    Add,
    Refresh,
    RefreshAll,
    Help,
    Keep,
    Quit,
}

/// Column of the help screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Move,
    Look,
    Do,
}

/// Screens on which a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope(u16);

impl Scope {
    pub const BOARD: Self = Self(1);
    pub const PERSON: Self = Self(2);
    pub const CHANNEL: Self = Self(4);
    pub const COMPARE: Self = Self(8);
    pub const STATEMENT: Self = Self(16);
    pub const FORMULA: Self = Self(32);
    pub const LOG: Self = Self(64);
    /// The rules on the screen of the log, while they have the focus.
    pub const RULES: Self = Self(128);
    pub const SETTINGS: Self = Self(256);
    pub const ALL: Self = Self(511);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn of(view: &View) -> Self {
        match view {
            View::Board => Self::BOARD,
            View::Person { .. } => Self::PERSON,
            View::Channel { .. } => Self::CHANNEL,
            View::Compare { .. } => Self::COMPARE,
            View::Statement { .. } => Self::STATEMENT,
            View::Formula { .. } => Self::FORMULA,
            View::Log { rule: None, .. } => Self::LOG,
            View::Log { rule: Some(_), .. } => Self::RULES,
            View::Settings => Self::SETTINGS,
        }
    }

    pub fn holds(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Binding {
    pub action: Action,
    pub keys: &'static [Key],
    pub scope: Scope,
    pub group: Group,
    /// Keys as shown in the help.
    pub shown: &'static str,
    pub help: &'static str,
    /// Short form for the last line; empty when the help is enough.
    pub hint: &'static str,
}

const DRILLS: Scope = Scope::BOARD.and(Scope::PERSON);
const PEOPLE: Scope = DRILLS.and(Scope::CHANNEL);
const ALERTS: Scope = Scope::LOG.and(Scope::RULES);
const LISTS: Scope = PEOPLE.and(Scope::STATEMENT).and(ALERTS).and(Scope::SETTINGS);
const NOT_LOG: Scope = PEOPLE.and(Scope::COMPARE).and(Scope::STATEMENT).and(Scope::FORMULA);
const INSIDE: Scope = Scope::PERSON
    .and(Scope::CHANNEL)
    .and(Scope::COMPARE)
    .and(Scope::STATEMENT)
    .and(Scope::FORMULA)
    .and(ALERTS);
/// Everything but the form of the settings.
const NOT_SETTINGS: Scope = Scope::BOARD.and(INSIDE);

macro_rules! bindings {
    ($($action:ident, $scope:expr, $group:ident, [$($key:expr),*], $shown:literal, $help:literal, $hint:literal;)*) => {
        /// Every key of the program.
        pub static BINDINGS: &[Binding] = &[$(Binding {
            action: Action::$action,
            keys: &[$($key),*],
            scope: $scope,
            group: Group::$group,
            shown: $shown,
            help: $help,
            hint: $hint,
        }),*];
    };
}

use Key::{
    BackTab, Backspace, Char, Ctrl, Down, End, Enter, Esc, F1, Home, Left, PageDown, PageUp, Right, Tab,
};

bindings! {
    Up, LISTS, Move, [Key::Up, Char('k')], "↑ k", "row up", "↑↓ jk move";
    Down, LISTS, Move, [Down, Char('j')], "↓ j", "row down", "";
    In, DRILLS.and(Scope::STATEMENT).and(Scope::LOG), Move, [Enter, Char('l'), Right], "⏎ l →", "drill in", "⏎ drill";
    Back, INSIDE, Move, [Esc, Char('h'), Left, Backspace], "esc h ←", "back", "esc back";
    First, LISTS, Move, [Home, Char('g')], "Home g", "first", "";
    Last, LISTS, Move, [End, Char('G')], "End G", "last", "";
    PageUp, LISTS, Move, [PageUp, Ctrl('u')], "PgUp ^u", "page up", "";
    PageDown, LISTS, Move, [PageDown, Ctrl('d')], "PgDn ^d", "page down", "";
    Jump, DRILLS, Move, [
        Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')
    ], "1-9", "jump to row", "";
    NextPair, Scope::COMPARE, Move, [Tab, BackTab], "Tab", "next pair", "tab next pair";
    NextPanel, ALERTS, Move, [Tab, BackTab], "Tab", "bumps: rules, and back", "tab rules";
    EditRule, Scope::RULES, Do, [Enter, Char('l'), Right], "⏎ l →", "rules: edit", "⏎ edit";
    SwitchRule, Scope::RULES, Do, [Char(' ')], "space", "rules: off or on", "space off/on";
    RemoveRule, Scope::RULES, Do, [Char('d')], "d", "rules: delete", "d delete";
    NewRule, ALERTS, Do, [Char('A')], "A", "bumps: a new rule", "A new rule";
    NextValue, Scope::SETTINGS, Move, [Enter, Char(' '), Char('l'), Right], "⏎ l →", "settings: next value, type", "⏎ ←→ change";
    LastValue, Scope::SETTINGS, Move, [Char('h'), Left], "← h", "settings: last value", "";
    Leave, Scope::SETTINGS, Move, [Esc, Backspace], "esc", "settings: back", "esc back";
    Write, Scope::SETTINGS, Do, [Char('w'), Ctrl('s')], "w ^s", "settings: save", "w save";
    Undo, Scope::SETTINGS, Do, [Char('u')], "u", "settings: undo the change", "u undo";
    Read, Scope::LOG, Do, [Char('m')], "m", "bumps: mark read", "m read";
    ReadAll, Scope::LOG, Do, [Char('M')], "M", "bumps: all read", "M all read";
    Snooze, ALERTS, Do, [Char('z')], "z", "bumps: silence rule", "z silence";
    SnoozeAll, ALERTS, Do, [Char('Z')], "Z", "bumps: silence all rules", "";
    Sample, ALERTS, Do, [Char('T')], "T", "bumps: send a sample", "T sample";
    Compare, NOT_SETTINGS, Do, [Char('c')], "c", "compare", "c compare";
    Add, NOT_SETTINGS, Do, [Char('a')], "a", "add somebody", "a add";
    Why, PEOPLE, Look, [Char('w')], "w", "why: the statement", "w why";
    Bumps, NOT_LOG, Look, [Char('b')], "b", "bumps and alerts", "b bumps";
    Formula, Scope::CHANNEL, Look, [Char('m')], "m", "channel: formula", "m formula";
    LongerRange, NOT_LOG, Look, [Char('t'), Char(']')], "t ]", "longer range", "t range";
    ShorterRange, NOT_LOG, Look, [Char('T'), Char('[')], "T [", "shorter range", "";
    Sort, Scope::BOARD, Look, [Char('s')], "s", "next sort", "s sort";
    Reverse, Scope::BOARD, Look, [Char('S')], "S", "reverse", "";
    Freeze, Scope::BOARD, Look, [Char('f')], "f", "freeze the order", "";
    NextGroup, Scope::BOARD, Look, [Char('p')], "p", "next group", "p group";
    Filter, Scope::BOARD, Look, [Char('/')], "/", "filter: words, gh>20, d24<0", "/ filter";
    Settings, NOT_SETTINGS, Look, [Char(',')], ",", "settings", "";
    Mark, Scope::BOARD, Do, [Char('m'), Char(' ')], "m space", "mark", "m mark";
    Refresh, PEOPLE, Do, [Char('r')], "r", "ask it now", "r refresh";
    RefreshAll, NOT_SETTINGS, Do, [Char('R')], "R", "ask all now", "";
    Help, Scope::ALL, Do, [Char('?'), F1], "? F1", "this help", "? help";
    Keep, NOT_SETTINGS, Do, [Char('Q')], "Q", "quit, leave the screen", "";
    Quit, Scope::ALL, Do, [Char('q'), Ctrl('c')], "q ^c", "quit", "q quit";
}

/// What a key does on the screen that is shown.
pub fn press(app: &App, key: Key) -> Option<(Action, Key)> {
    let scope = Scope::of(app.view());
    BINDINGS
        .iter()
        .find(|binding| binding.scope.holds(scope) && binding.keys.contains(&key))
        .map(|binding| (binding.action, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREENS: [Scope; 9] = [
        Scope::BOARD,
        Scope::PERSON,
        Scope::CHANNEL,
        Scope::COMPARE,
        Scope::STATEMENT,
        Scope::FORMULA,
        Scope::LOG,
        Scope::RULES,
        Scope::SETTINGS,
    ];

    #[test]
    fn no_key_has_two_meanings_on_one_screen() {
        for scope in SCREENS {
            let mut seen = Vec::new();
            for binding in BINDINGS.iter().filter(|binding| binding.scope.holds(scope)) {
                for key in binding.keys {
                    assert!(!seen.contains(key), "{key:?} twice on {scope:?}");
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn every_screen_has_a_way_out_and_help() {
        for scope in SCREENS {
            for action in [Action::Quit, Action::Help] {
                assert!(
                    BINDINGS.iter().any(|binding| binding.action == action && binding.scope.holds(scope))
                );
            }
        }
    }

    #[test]
    fn keys_are_read_by_name() {
        for (name, key) in [("enter", Enter), ("?", Char('?')), ("^c", Ctrl('c')), ("G", Char('G'))] {
            assert_eq!(Key::from_name(name), Some(key));
        }
        assert_eq!(Key::from_name("enterr"), None);
    }
}
