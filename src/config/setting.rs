use super::read::{line_of, spelled};
use super::{Ascii, Color, Marker, Screen, Theme, Up};
use crate::alerts::QUIET;
use crate::channels;
use crate::model::{Network, Range};
use chrono::TimeDelta;
use toml_edit::{Document, Item, TableLike};

/// What can be set by a form: one line of the file each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Theme,
    Up,
    Range,
    Color,
    Ascii,
    ReduceMotion,
    Mouse,
    Title,
    Thousands,
    Marker,
    Tape,
    /// Time between polls of a network's accounts.
    Interval(Network),
    DoNotDisturb,
    Quiet,
}

/// What a setting's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One of these words.
    Choice(Vec<&'static str>),
    Flag,
    Text,
}

impl Setting {
    /// Those of `[screen]`.
    pub const SCREEN: [Self; 11] = [
        Self::Theme,
        Self::Up,
        Self::Range,
        Self::Color,
        Self::Ascii,
        Self::ReduceMotion,
        Self::Mouse,
        Self::Title,
        Self::Thousands,
        Self::Marker,
        Self::Tape,
    ];

    /// All of them, in the order shown.
    pub fn all() -> Vec<Self> {
        let polled = channels::networks().filter(|network| !channels::by_hand(*network));
        let networks = polled.map(Self::Interval);
        Self::SCREEN.into_iter().chain(networks).chain([Self::DoNotDisturb, Self::Quiet]).collect()
    }

    /// Its key in its table.
    pub fn key(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Up => "up",
            Self::Range => "range",
            Self::Color => "color",
            Self::Ascii => "ascii",
            Self::ReduceMotion => "reduce_motion",
            Self::Mouse => "mouse",
            Self::Title => "title",
            Self::Thousands => "thousands",
            Self::Marker => "marker",
            Self::Tape => "tape",
            Self::Interval(_) => "interval",
            Self::DoNotDisturb => "do_not_disturb",
            Self::Quiet => "quiet",
        }
    }

    /// The tables it stands in, then its key.
    pub fn path(self) -> Vec<&'static str> {
        match self {
            Self::Interval(network) => vec!["networks", network.id(), self.key()],
            Self::DoNotDisturb | Self::Quiet => vec!["alerts", self.key()],
            _ => vec!["screen", self.key()],
        }
    }

    /// The setting that a key in the file is, with the tables it stands in.
    pub fn of(key: &[String]) -> Option<Self> {
        match key {
            [networks, network, key] if networks == "networks" && key == "interval" => {
                channels::network(network).map(Self::Interval)
            }
            _ => Self::all().into_iter().find(|setting| setting.path().iter().eq(key)),
        }
    }

    /// As people call it.
    pub fn name(self) -> String {
        match self {
            Self::Interval(network) => format!("interval {}", network.id()),
            other => other.key().replace('_', " "),
        }
    }

    pub fn kind(self) -> Kind {
        fn words<T, const N: usize>(all: [(&'static str, T); N]) -> Kind {
            Kind::Choice(all.into_iter().map(|(word, _)| word).collect())
        }
        match self {
            Self::Theme => words(Theme::ALL),
            Self::Up => words(Up::ALL),
            Self::Range => Kind::Choice(Range::ALL.map(Range::word).to_vec()),
            Self::Color => words(Color::ALL),
            Self::Ascii => words(Ascii::ALL),
            Self::Thousands => words(Screen::THOUSANDS),
            Self::Marker => words(Marker::ALL),
            Self::ReduceMotion | Self::Mouse | Self::Title | Self::Tape => Kind::Flag,
            Self::Interval(_) | Self::DoNotDisturb | Self::Quiet => Kind::Text,
        }
    }

    /// What is in force where the file says nothing; nothing for what is off then.
    pub fn usual(self) -> String {
        let usual = Screen::default();
        match self {
            Self::Range => usual.range.word().to_owned(),
            Self::ReduceMotion => usual.reduce_motion.to_string(),
            Self::Mouse => usual.mouse.to_string(),
            Self::Title => usual.title.to_string(),
            Self::Tape => usual.tape.to_string(),
            Self::Interval(network) => spelled(TimeDelta::minutes(network.0.pace.interval.into())),
            Self::DoNotDisturb => String::new(),
            Self::Quiet => spelled(QUIET),
            // The words of each begin with the usual one.
            Self::Theme | Self::Up | Self::Color | Self::Ascii | Self::Thousands | Self::Marker => {
                match self.kind() {
                    Kind::Choice(words) => words.first().copied().unwrap_or_default().to_owned(),
                    Kind::Flag | Kind::Text => String::new(),
                }
            }
        }
    }

    /// One line about it.
    pub fn help(self) -> String {
        match self {
            Self::Theme => {
                "colours; terminal: its own sixteen, mono: none; auto: dark, or light where it says so"
            }
            Self::Up => "the colour of a rise; red as in East Asian markets",
            Self::Range => "how far back the screen looks at the start",
            Self::Color => "auto: as the terminal and NO_COLOR say",
            Self::Ascii => "on: nothing but ASCII is drawn; auto: where the locale wants it",
            Self::ReduceMotion => "true: nothing moves or flashes by itself",
            Self::Mouse => "false: the mouse is left to the terminal, to select text with",
            Self::Title => "whether the terminal's title tells the score",
            Self::Thousands => "what stands between groups of three digits",
            Self::Marker => "what lines of charts are drawn with; fonts often lack braille",
            Self::Tape => "the line in which news run by",
            Self::Interval(network) => return interval(network),
            Self::DoNotDisturb => "hours like 22:00-08:00 in which only the badge tells; empty: never",
            Self::Quiet => {
                "how long a rule is silent for somebody after it has fired; rules may say otherwise"
            }
        }
        .to_owned()
    }

    /// Its path as the file spells it: networks have more than one name.
    pub(super) fn path_in(self, root: &dyn TableLike) -> Vec<String> {
        let mut path: Vec<String> = self.path().into_iter().map(str::to_owned).collect();
        if let Self::Interval(network) = self
            && let Some(networks) = root.get("networks").and_then(Item::as_table_like)
            && let Some((key, _)) = networks.iter().find(|(key, _)| channels::network(key) == Some(network))
        {
            key.clone_into(&mut path[1]);
        }
        path
    }

    /// What the file says, and in which line; nothing where it does not, or is no TOML.
    pub fn written(self, text: &str) -> Option<(String, usize)> {
        let document = Document::parse(text).ok()?;
        let root: &dyn TableLike = document.as_table();
        let path = self.path_in(root);
        let (key, tables) = path.split_last()?;
        let table =
            tables.iter().try_fold(root, |table, name| table.get(name).and_then(Item::as_table_like))?;
        let (key, item) = table.get_key_value(key)?;
        let line = key.span().map_or(1, |span| line_of(text, span.start));
        let value = match item.as_bool() {
            Some(flag) => flag.to_string(),
            None => item.as_str()?.to_owned(),
        };
        Some((value, line))
    }
}

fn interval(network: Network) -> String {
    let pace = network.0.pace;
    let spelled = |minutes: u32| spelled(TimeDelta::minutes(minutes.into()));
    let keyed = pace.keyed.map_or_else(String::new, |(usual, floor)| {
        format!("; with a key {}, never below {}", spelled(usual), spelled(floor))
    });
    format!("time between polls of an account, never below {}{keyed}", spelled(pace.floor))
}
