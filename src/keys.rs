//! One table of keys: dispatch, hints, help and the manual come from it.
//!
//! A user's own keys (`[keys]` in the configuration) replace those of the table, action by action.

use std::collections::BTreeMap;

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

    /// The name under which [`Key::from_name`] knows it.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "space".to_owned(),
            Self::Up => "up".to_owned(),
            Self::Down => "down".to_owned(),
            Self::Left => "left".to_owned(),
            Self::Right => "right".to_owned(),
            Self::Enter => "enter".to_owned(),
            Self::Backspace => "backspace".to_owned(),
            Self::Char(c) => c.to_string(),
            other => other.label().to_lowercase(),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    Up,
    Down,
    First,
    Last,
    PageUp,
    PageDown,
    In,
    Row,
    Back,
    Jump,
    NextPanel,
    PreviousPanel,
    NextPair,
    LongerRange,
    ShorterRange,
    Chart,
    Logarithmic,
    Sort,
    Reverse,
    NextGroup,
    PreviousGroup,
    Filter,
    NextEvent,
    PreviousEvent,
    CrossHair,
    Expand,
    Freeze,
    Pause,
    Choose,
    Mark,
    Compare,
    Why,
    Formula,
    Bumps,
    Rules,
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
    Delete,
    Open,
    Copy,
    Export,
    Refresh,
    RefreshAll,
    Mouse,
    Help,
    Suspend,
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
    pub const POST: Self = Self(8);
    pub const COMPARE: Self = Self(16);
    pub const STATEMENT: Self = Self(32);
    pub const FORMULA: Self = Self(64);
    pub const LOG: Self = Self(128);
    /// The rules on the screen of the log, while they have the focus.
    pub const RULES: Self = Self(256);
    pub const SETTINGS: Self = Self(512);
    pub const ALL: Self = Self(0x3ff);

    /// Every screen with its name.
    pub const SCREENS: [(Self, &'static str); 10] = [
        (Self::BOARD, "board"),
        (Self::PERSON, "person"),
        (Self::CHANNEL, "channel"),
        (Self::POST, "post"),
        (Self::COMPARE, "compare"),
        (Self::STATEMENT, "why"),
        (Self::FORMULA, "formula"),
        (Self::LOG, "bumps"),
        (Self::RULES, "rules"),
        (Self::SETTINGS, "settings"),
    ];

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn holds(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The screen's name, when it is one.
    pub fn word(self) -> &'static str {
        Self::SCREENS.iter().find(|(scope, _)| *scope == self).map_or("", |(_, name)| name)
    }
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Binding {
    pub action: Action,
    /// The action's name in `[keys]` of the configuration.
    pub name: &'static str,
    pub keys: &'static [Key],
    pub scope: Scope,
    pub group: Group,
    pub help: &'static str,
    /// A word for the last line; empty when the help is enough.
    pub hint: &'static str,
}

const DRILLS: Scope = Scope::BOARD.and(Scope::PERSON);
const PEOPLE: Scope = DRILLS.and(Scope::CHANNEL);
const ALERTS: Scope = Scope::LOG.and(Scope::RULES);
/// Everything but the form of the settings.
const OUTSIDE: Scope = Scope::ALL.but(Scope::SETTINGS);
const LISTS: Scope =
    PEOPLE.and(Scope::STATEMENT).and(ALERTS).and(Scope::COMPARE).and(Scope::POST).and(Scope::SETTINGS);
const CHARTS: Scope = PEOPLE.and(Scope::COMPARE);
const PLACES: Scope = PEOPLE.and(Scope::POST).and(Scope::STATEMENT).and(ALERTS);

macro_rules! bindings {
    ($($action:ident, $name:literal, $scope:expr, $group:ident, [$($key:expr),*], $help:literal, $hint:literal;)*) => {
        /// Every key of the program.
        pub static BINDINGS: &[Binding] = &[$(Binding {
            action: Action::$action,
            name: $name,
            keys: &[$($key),*],
            scope: $scope,
            group: Group::$group,
            help: $help,
            hint: $hint,
        }),*];
    };
}

use Key::{
    BackTab, Backspace, Char, Ctrl, Down, End, Enter, Esc, F1, Home, Left, PageDown, PageUp, Right, Tab,
};

bindings! {
    Up, "up", LISTS, Move, [Key::Up, Char('k')], "row up", "move";
    Down, "down", LISTS, Move, [Down, Char('j')], "row down", "";
    In, "in", PEOPLE.and(Scope::STATEMENT).and(Scope::LOG), Move, [Enter, Char('l'), Right], "drill in", "drill";
    Row, "open-row", Scope::COMPARE, Move, [Enter, Right], "open the channel", "channel";
    Back, "back", OUTSIDE.but(Scope::BOARD), Move, [Esc, Char('h'), Left, Backspace], "back", "back";
    First, "first", LISTS, Move, [Home, Char('g')], "first", "";
    Last, "last", LISTS, Move, [End, Char('G')], "last", "";
    PageUp, "page-up", LISTS, Move, [PageUp, Ctrl('u')], "page up", "";
    PageDown, "page-down", LISTS, Move, [PageDown, Ctrl('d')], "page down", "";
    Jump, "jump", DRILLS, Move, [
        Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')
    ], "jump to row", "";
    NextPair, "next-pair", Scope::COMPARE, Move, [Tab, BackTab], "next pair", "next pair";
    NextPanel, "next-panel", PEOPLE, Move, [Tab], "next panel", "";
    PreviousPanel, "previous-panel", PEOPLE, Move, [BackTab], "previous panel", "";
    NextEvent, "next-event", CHARTS, Move, [Char('n')], "next bump or mark", "";
    PreviousEvent, "previous-event", CHARTS, Move, [Char('N')], "previous bump or mark", "";
    Rules, "rules", ALERTS, Move, [Tab, BackTab], "rules, and back", "rules";
    EditRule, "edit-rule", Scope::RULES, Do, [Enter, Char('l'), Right], "edit the rule", "edit";
    SwitchRule, "switch-rule", Scope::RULES, Do, [Char(' ')], "rule off or on", "off/on";
    RemoveRule, "delete-rule", Scope::RULES, Do, [Char('d')], "delete the rule", "delete";
    NewRule, "new-rule", ALERTS, Do, [Char('A')], "a new rule", "new rule";
    NextValue, "next-value", Scope::SETTINGS, Move, [Enter, Char(' '), Char('l'), Right], "next value, or type", "change";
    LastValue, "previous-value", Scope::SETTINGS, Move, [Char('h'), Left], "previous value", "";
    Leave, "leave", Scope::SETTINGS, Move, [Esc, Backspace], "back", "back";
    Write, "write", Scope::SETTINGS, Do, [Char('w'), Ctrl('s')], "save", "save";
    Undo, "undo", Scope::SETTINGS, Do, [Char('u')], "undo the change", "undo";
    Read, "read", Scope::LOG, Do, [Char('m')], "mark read", "read";
    ReadAll, "read-all", Scope::LOG, Do, [Char('M')], "all read", "all read";
    Snooze, "silence", ALERTS, Do, [Char('z')], "silence the rule", "silence";
    SnoozeAll, "silence-all", ALERTS, Do, [Char('Z')], "silence all rules", "";
    Sample, "sample", ALERTS, Do, [Char('T')], "send a sample", "sample";
    Compare, "compare", OUTSIDE.but(Scope::COMPARE), Do, [Char('c')], "compare", "compare";
    Choose, "choose", Scope::COMPARE, Do, [Char(' ')], "add or remove", "add/remove";
    Add, "add", OUTSIDE, Do, [Char('a')], "add somebody", "add";
    Why, "why", PEOPLE, Look, [Char('w')], "why: the statement", "why";
    Bumps, "bumps", OUTSIDE.but(ALERTS), Look, [Char('b')], "bumps and alerts", "bumps";
    Formula, "formula", Scope::CHANNEL, Look, [Char('m')], "formula", "formula";
    LongerRange, "longer", OUTSIDE.but(ALERTS), Look, [Char('t'), Char(']')], "longer range", "range";
    ShorterRange, "shorter", OUTSIDE.but(ALERTS), Look, [Char('T'), Char('[')], "shorter range", "";
    Chart, "chart", CHARTS, Look, [Char('v')], "other chart", "chart";
    Logarithmic, "log", Scope::COMPARE, Look, [Char('l')], "log or linear", "log";
    CrossHair, "cross-hair", CHARTS, Look, [Char('x')], "cross-hair: values", "";
    Expand, "expand", CHARTS, Look, [Char('e')], "panel full screen", "";
    Sort, "sort", Scope::BOARD.and(Scope::CHANNEL), Look, [Char('s')], "next sort", "sort";
    Reverse, "reverse", Scope::BOARD.and(Scope::CHANNEL), Look, [Char('S')], "reverse", "";
    Freeze, "freeze", Scope::BOARD, Look, [Char('f')], "freeze the order", "";
    NextGroup, "next-group", Scope::BOARD, Look, [Char('p')], "next group", "group";
    PreviousGroup, "previous-group", Scope::BOARD, Look, [Char('P')], "previous group", "";
    Filter, "filter", Scope::BOARD, Look, [Char('/')], "filter: gh>20 d24<0", "filter";
    Pause, "pause", OUTSIDE.but(Scope::COMPARE).but(Scope::RULES), Look, [Char(' ')], "pause the screen", "pause";
    Settings, "settings", OUTSIDE, Do, [Char(',')], "settings", "";
    Mark, "mark", Scope::BOARD, Do, [Char('m')], "mark", "mark";
    Delete, "delete", Scope::BOARD, Do, [Char('d')], "take off the board", "";
    Open, "open", PLACES, Do, [Char('o')], "open in the browser", "open";
    Copy, "copy", PLACES, Do, [Char('y')], "copy its address", "";
    Export, "export", OUTSIDE, Do, [Char('E')], "export this view", "";
    Refresh, "refresh", PEOPLE.and(Scope::POST), Do, [Char('r')], "ask it now", "refresh";
    RefreshAll, "refresh-all", OUTSIDE, Do, [Char('R')], "ask all now", "";
    Mouse, "mouse", Scope::ALL, Do, [Char('*')], "mouse off or on", "";
    Help, "help", Scope::ALL, Do, [Char('?'), F1], "this help", "help";
    Suspend, "suspend", Scope::ALL, Do, [Ctrl('z')], "suspend", "";
    Keep, "keep", Scope::ALL, Do, [Char('Q')], "quit, leave the screen", "";
    Quit, "quit", Scope::ALL, Do, [Char('q'), Ctrl('c')], "quit", "quit";
}

/// The keys in force: those of the table, or the user's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keymap {
    own: BTreeMap<Action, Vec<Key>>,
}

/// Why a user's keys cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKeymap {
    #[error("{0} must have a key: without one there is no way out")]
    NoWayOut(&'static str),
    #[error("{key} would mean both {first} and {second}; give one of them another key")]
    Twice { key: String, first: &'static str, second: &'static str },
}

impl Keymap {
    /// Takes the user's keys in, unless a key would mean two things on one screen.
    pub fn new(own: BTreeMap<Action, Vec<Key>>) -> Result<Self, BadKeymap> {
        let map = Self { own };
        for binding in BINDINGS {
            if map.keys(binding).is_empty()
                && matches!(binding.action, Action::Quit | Action::Help | Action::Back)
            {
                return Err(BadKeymap::NoWayOut(binding.name));
            }
        }
        for (place, first) in BINDINGS.iter().enumerate() {
            for second in &BINDINGS[place + 1..] {
                let both = |key: &&Key| map.keys(second).contains(key);
                if first.scope.holds(second.scope)
                    && let Some(key) = map.keys(first).iter().find(both)
                {
                    let (first, second) = (first.name, second.name);
                    return Err(BadKeymap::Twice { key: key.label(), first, second });
                }
            }
        }
        Ok(map)
    }

    /// The keys of one row of the table.
    pub fn keys<'m>(&'m self, binding: &'m Binding) -> &'m [Key] {
        self.own.get(&binding.action).map_or(binding.keys, Vec::as_slice)
    }

    /// What a key does on a screen.
    pub fn press(&self, scope: Scope, key: Key) -> Option<Action> {
        BINDINGS
            .iter()
            .find(|binding| binding.scope.holds(scope) && self.keys(binding).contains(&key))
            .map(|binding| binding.action)
    }

    /// The first key of an action, as written in hints: `⏎`.
    pub fn first(&self, action: Action) -> String {
        let binding = BINDINGS.iter().find(|binding| binding.action == action);
        binding.and_then(|binding| self.keys(binding).first()).map_or_else(String::new, |key| key.label())
    }

    /// A row's keys as written in the help: `↑ k`, `1-9`.
    pub fn shown(&self, binding: &Binding) -> String {
        let keys = self.keys(binding);
        let digits = keys.iter().all(|key| matches!(key, Key::Char('1'..='9')));
        match keys {
            [first, .., last] if digits && keys.len() > 2 => format!("{}-{}", first.label(), last.label()),
            keys => keys.iter().map(|key| key.label()).collect::<Vec<_>>().join(" "),
        }
    }

    /// What the last line says of a row: `⏎ drill`; nothing of a row without a hint or a key.
    pub fn hint(&self, binding: &Binding) -> Option<String> {
        let key = self.keys(binding).first()?;
        if binding.hint.is_empty() {
            return None;
        }
        if binding.action != Action::Up {
            return Some(format!("{} {}", key.label(), binding.hint));
        }
        // Up and down are one thing: `↑↓ jk move`.
        let down = BINDINGS.iter().find(|other| other.action == Action::Down)?;
        let pairs: Vec<String> = self
            .keys(binding)
            .iter()
            .zip(self.keys(down))
            .map(|(up, down)| {
                let (up, down) = (up.label(), down.label());
                // As on the keyboard: j is down and left of k.
                if up.is_ascii() { format!("{down}{up}") } else { format!("{up}{down}") }
            })
            .collect();
        Some(format!("{} {}", pairs.join(" "), binding.hint))
    }
}

/// The action with this name in the configuration.
pub fn action(name: &str) -> Option<Action> {
    BINDINGS.iter().find(|binding| binding.name == name).map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings_on_one_screen() {
        assert_eq!(Keymap::new(BTreeMap::new()), Ok(Keymap::default()));
    }

    #[test]
    fn every_screen_has_a_way_out_and_help() {
        for (scope, name) in Scope::SCREENS {
            for action in [Action::Quit, Action::Help] {
                assert!(
                    BINDINGS.iter().any(|binding| binding.action == action && binding.scope.holds(scope)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn names_and_actions_belong_together() {
        for (place, binding) in BINDINGS.iter().enumerate() {
            assert_eq!(action(binding.name), Some(binding.action));
            assert!(!BINDINGS[..place].iter().any(|other| other.action == binding.action));
        }
    }

    #[test]
    fn keys_are_read_by_name() {
        for (name, key) in [("enter", Enter), ("?", Char('?')), ("^c", Ctrl('c')), ("G", Char('G'))] {
            assert_eq!(Key::from_name(name), Some(key));
        }
        assert_eq!(Key::from_name("enterr"), None);
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(Key::from_name(&key.name()), Some(*key));
        }
    }

    #[test]
    fn own_keys_replace_those_of_the_table() {
        let own = |pairs: &[(Action, Key)]| {
            Keymap::new(pairs.iter().map(|(action, key)| (*action, vec![*key])).collect())
        };
        let map = own(&[(Action::Compare, Char('C'))]).unwrap();
        assert_eq!(map.press(Scope::BOARD, Char('C')), Some(Action::Compare));
        assert_eq!(map.press(Scope::BOARD, Char('c')), None);
        assert_eq!(map.first(Action::Compare), "C");
        let both = own(&[(Action::Compare, Char('w'))]).unwrap_err();
        assert_eq!(both.to_string(), "w would mean both compare and why; give one of them another key");
        let none = Keymap::new(BTreeMap::from([(Action::Quit, Vec::new())])).unwrap_err();
        assert_eq!(none, BadKeymap::NoWayOut("quit"));
    }

    #[test]
    fn hints_name_the_first_key() {
        let map = Keymap::default();
        let hint = |action| BINDINGS.iter().find(|row| row.action == action).and_then(|row| map.hint(row));
        assert_eq!(hint(Action::Up).as_deref(), Some("↑↓ jk move"));
        assert_eq!(hint(Action::In).as_deref(), Some("⏎ drill"));
        assert_eq!(hint(Action::Jump), None);
    }
}
