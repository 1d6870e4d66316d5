//! What is on the screen, as one value. Messages change it, effects come out; no clock, no I/O, no await.

mod field;
mod file;
mod form;
mod help;
mod keys;
mod layout;
mod log;
mod needs;
mod rule_form;
mod search;
mod settings;
mod update;

pub use field::Field;
pub use file::{Edited, File};
pub use help::{HelpLine, LEGEND, help_lines, keys_of};
pub use keys::{Action, BINDINGS, Binding, Group, Key, Scope, press};
pub use layout::{Columns, Height, Layout, Width};
pub use rule_form::{RuleField, RuleForm};
pub use settings::{SettingRow, SettingsForm};
pub use update::update;

use crate::alerts::{Hours, Standing};
use crate::bumps::{Bump, Entry, Episode, What};
use crate::config::{Change, Screen, Theme, Up};
use crate::filter::Filter;
use crate::model::{
    Account, ChannelId, ChannelSnapshot, ItemId, PersonId, PersonSnapshot, PostSnapshot, Range, Series, Tick,
    Time,
};
use crate::pipeline::{Data, Query};
use crate::score::{Explained, Formula};
use std::collections::{HashSet, VecDeque};

/// Ticks kept for the tape and the log.
const TICKS: usize = 200;

/// Everything the screen shows.
#[derive(Debug, Clone)]
pub struct App {
    pub people: Vec<PersonSnapshot>,
    /// The last one is shown; Esc goes back to the one before.
    pub views: Vec<View>,
    /// The help is open, scrolled down by so many rows.
    pub help: Option<usize>,
    pub add: Option<AddForm>,
    pub rule_form: Option<RuleForm>,
    /// The settings, while they are shown.
    pub form: Option<SettingsForm>,
    /// Asked in the last line; until it is answered nothing else is done.
    pub question: Option<Question>,
    pub range: Range,
    /// `None` chooses by the number of people.
    pub sort: Option<Sort>,
    pub reversed: bool,
    /// The rows stay in this order, whatever moves.
    pub frozen: Option<Vec<PersonId>>,
    pub group: Option<String>,
    /// As typed, and as read.
    pub filter: Option<(String, Filter)>,
    /// The line in which the filter is typed, while it is open.
    pub typing: Option<String>,
    pub selected: Option<PersonId>,
    /// The user has moved the selection.
    pub chosen: bool,
    pub marked: Vec<PersonId>,
    /// Oldest first.
    pub ticks: VecDeque<Tick>,
    /// Who moved at the last poll.
    pub moved: HashSet<PersonId>,
    pub size: (u16, u16),
    pub now: Time,
    pub zone: Zone,
    pub theme: Theme,
    pub up: Up,
    /// As the configuration has them.
    pub settings: Screen,
    pub file: File,
    pub depth: Depth,
    pub model: String,
    /// What went wrong last, or what was done.
    pub notice: Option<String>,
    /// Long work: what it is, how much is done, of how much.
    pub progress: Option<(String, usize, usize)>,
    /// Accounts named on the command line that are still being looked up.
    pub pending: Vec<String>,
    pub mode: Mode,
    /// Hours in which only the badge tells of alerts.
    pub do_not_disturb: Option<Hours>,
    /// The range to be shown again when so many views are left: an entry of the log has its own.
    borrowed: Option<(usize, Range)>,
    /// The post to be selected when its channel's posts have come.
    wanted: Option<(ChannelId, ItemId)>,
    data: needs::Store,
}

/// Where the numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// This program polls.
    Live,
    Demo,
    /// Nothing is polled.
    Offline,
    /// Another cloutop polls, this one shows.
    Viewer(Option<u32>),
}

/// Whose clock the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    Local,
    Utc,
}

/// Colours the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    None,
    Sixteen,
    True,
}

/// A screen. Drilling in pushes one, going back pops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    Board,
    Person {
        person: PersonId,
        channel: usize,
    },
    Channel {
        person: PersonId,
        channel: ChannelId,
        post: usize,
    },
    Compare {
        people: Vec<PersonId>,
        pair: usize,
    },
    /// Why a score moved, or one channel's points.
    Statement {
        person: PersonId,
        channel: Option<ChannelId>,
        line: usize,
    },
    Formula {
        person: PersonId,
        channel: ChannelId,
    },
    /// Bumps and alerts.
    Log {
        line: usize,
        /// The selected rule, while the rules have the focus.
        rule: Option<usize>,
    },
    Settings,
}

/// What is asked before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    RemoveRule(String),
    SaveSettings,
}

impl Question {
    pub fn words(&self) -> String {
        match self {
            Self::RemoveRule(name) => format!("delete the rule {name}? y/n"),
            Self::SaveSettings => "save what was changed? y/n/esc".to_owned(),
        }
    }
}

/// How the board is ordered, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Change,
    Percent,
    Score,
    Volume,
    Name,
    Age,
    /// As in the configuration.
    Own,
}

impl Sort {
    pub const ALL: [Self; 7] =
        [Self::Change, Self::Percent, Self::Score, Self::Volume, Self::Name, Self::Age, Self::Own];

    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "Δ",
            Self::Percent => "Δ%",
            Self::Score => "last",
            Self::Volume => "vol",
            Self::Name => "name",
            Self::Age => "age",
            Self::Own => "own",
        }
    }
}

/// Adding somebody: first the accounts, then the symbol.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AddForm {
    pub input: String,
    /// Further addresses that were typed or pasted at once, to be looked up one after the other.
    pub rest: Vec<String>,
    /// What was typed, and what became of it.
    pub found: Vec<Found>,
    /// Set in the second step.
    pub symbol: Option<String>,
    pub waiting: Option<String>,
    pub mistake: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub account: Account,
    pub name: Option<String>,
}

/// Something happened.
#[derive(Debug)]
pub enum Message {
    Key(Key),
    Paste(String),
    Resize(u16, u16),
    /// The time it is.
    Clock(Time),
    Person(Box<PersonSnapshot>),
    Ticks(Vec<Tick>),
    Loaded(Query, Data),
    /// An address was looked up: one account, or why there is none.
    Resolved {
        typed: String,
        found: Result<Found, String>,
    },
    Progress {
        what: String,
        done: usize,
        of: usize,
    },
    Notice(String),
    Mode(Mode),
    /// The configuration after these changes, or why it is as it was; without changes it was only read.
    Configured {
        changes: Vec<Change>,
        done: Box<Result<Edited, String>>,
    },
}

/// Something is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Load(Query),
    /// Ask these accounts now.
    Poll(Vec<ChannelId>),
    /// Find out what an address means.
    Resolve(String),
    /// Put somebody on the board for good.
    Save {
        symbol: String,
        found: Vec<Found>,
    },
    /// Change the configuration; without changes it is only read again.
    Configure(Vec<Change>),
    /// Entries of the log have been read.
    See(Vec<String>),
    /// A rule, or all of them, are to be silent until an instant; one that has passed ends it.
    Snooze {
        rule: Option<String>,
        until: Time,
    },
    /// Send a sample to every place.
    Sample,
    /// Leave the last frame in the terminal, and end.
    Keep,
    Quit,
}

impl App {
    pub fn new(size: (u16, u16), now: Time) -> Self {
        Self {
            people: Vec::new(),
            views: vec![View::Board],
            help: None,
            add: None,
            rule_form: None,
            form: None,
            question: None,
            range: Range::default(),
            sort: None,
            reversed: false,
            frozen: None,
            group: None,
            filter: None,
            typing: None,
            selected: None,
            chosen: false,
            marked: Vec::new(),
            ticks: VecDeque::new(),
            moved: HashSet::new(),
            size,
            now,
            zone: Zone::Local,
            theme: Theme::default(),
            up: Up::default(),
            settings: Screen::default(),
            file: File::default(),
            depth: Depth::True,
            model: String::new(),
            notice: None,
            progress: None,
            pending: Vec::new(),
            mode: Mode::Live,
            do_not_disturb: None,
            borrowed: None,
            wanted: None,
            data: needs::Store::default(),
        }
    }

    pub fn view(&self) -> &View {
        self.views.last().unwrap_or(&View::Board)
    }

    pub fn person(&self, id: PersonId) -> Option<&PersonSnapshot> {
        self.people.iter().find(|person| person.id == id)
    }

    /// The order in force: few people are compared by points, many by percent.
    pub fn order(&self) -> Sort {
        self.sort.unwrap_or(if self.people.len() <= 3 { Sort::Change } else { Sort::Percent })
    }

    /// The people of the board, in the order shown.
    pub fn rows(&self) -> Vec<&PersonSnapshot> {
        let mut rows = self.meant();
        let change = |person: &PersonSnapshot| person.change(self.range).map(|change| change.points);
        let percent =
            |person: &PersonSnapshot| person.change(self.range).and_then(crate::model::Change::percent);
        let volume = |person: &PersonSnapshot| person.change(self.range).map(|change| change.volume);
        // Nothing known sorts last.
        let down = |a: Option<f64>, b: Option<f64>| {
            b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY))
        };
        match self.order() {
            Sort::Change => rows.sort_by(|a, b| down(change(a), change(b))),
            Sort::Percent => rows.sort_by(|a, b| down(percent(a), percent(b))),
            Sort::Score => rows.sort_by(|a, b| down(a.score, b.score)),
            Sort::Volume => rows.sort_by_key(|person| std::cmp::Reverse(volume(person))),
            Sort::Name => rows.sort_by_key(|person| person.symbol.clone()),
            Sort::Age => rows.sort_by_key(|person| std::cmp::Reverse(person.last_read())),
            Sort::Own => {}
        }
        if self.reversed {
            rows.reverse();
        }
        if let Some(order) = &self.frozen {
            // Who came since stands last.
            rows.sort_by_key(|person| {
                order.iter().position(|known| *known == person.id).unwrap_or(usize::MAX)
            });
        }
        rows
    }

    /// The place of the selected person among the rows.
    pub fn selected_row(&self) -> usize {
        self.rows().iter().position(|person| Some(person.id) == self.selected).unwrap_or(0)
    }

    pub fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self.people.iter().filter_map(|person| person.group.clone()).collect();
        groups.sort();
        groups.dedup();
        groups
    }

    /// The person the screen is about, if it is about one.
    pub fn focus(&self) -> Option<&PersonSnapshot> {
        match self.view() {
            View::Board => self.selected.and_then(|id| self.person(id)),
            View::Person { person, .. }
            | View::Channel { person, .. }
            | View::Statement { person, .. }
            | View::Formula { person, .. } => self.person(*person),
            View::Log { line, .. } => self.log().get(*line).and_then(|entry| self.person(entry.person())),
            View::Compare { .. } | View::Settings => None,
        }
    }

    /// The channel the screen is about, if it is about one.
    pub fn focus_channel(&self) -> Option<&ChannelSnapshot> {
        match self.view() {
            View::Person { person, channel } => self.person(*person)?.channels.get(*channel),
            View::Channel { person, channel, .. }
            | View::Formula { person, channel }
            | View::Statement { person, channel: Some(channel), .. } => {
                self.person(*person)?.channels.iter().find(|known| known.id == *channel)
            }
            View::Board
            | View::Compare { .. }
            | View::Statement { .. }
            | View::Log { .. }
            | View::Settings => None,
        }
    }

    /// Channels by how they are doing: readable, waiting, anything else.
    pub fn health(&self) -> (usize, usize, usize) {
        use crate::model::State;
        let mut health = (0, 0, 0);
        for channel in self.people.iter().flat_map(|person| &person.channels) {
            match channel.state {
                State::Live | State::Stale => health.0 += 1,
                State::Limit => health.1 += 1,
                State::Halt | State::Auth | State::Gone | State::Off => health.2 += 1,
            }
        }
        health
    }

    /// A series that was asked for, if it has come.
    pub fn series(&self, query: &Query) -> Option<&Series> {
        match self.data.get(query) {
            Some(Data::Series(series)) => series.as_ref(),
            _ => None,
        }
    }

    /// A channel's posts, if they have come.
    pub fn posts(&self, person: PersonId, channel: ChannelId) -> &[PostSnapshot] {
        match self.data.get(&Query::Posts { person, channel }) {
            Some(Data::Posts(posts)) => posts,
            _ => &[],
        }
    }

    /// The statement that belongs to the view, if it has come and there is one.
    pub fn statement(&self) -> Option<&Explained> {
        match self.data.get(&self.statement_query()?) {
            Some(Data::Statement(statement)) => statement.as_deref(),
            _ => None,
        }
    }

    /// Whether the statement was answered, be it that there is none.
    pub fn statement_came(&self) -> bool {
        self.statement_query().is_some_and(|query| self.data.get(&query).is_some())
    }

    /// The formula's numbers for the channel of the view, if they have come.
    pub fn formula(&self) -> Option<&Formula> {
        let &View::Formula { person, channel } = self.view() else { return None };
        match self.data.get(&Query::Formula { person, channel }) {
            Some(Data::Formula(formula)) => formula.as_deref(),
            _ => None,
        }
    }

    /// Bumps and what else is told, newest first, if they have come.
    pub fn log(&self) -> &[Entry] {
        match self.data.get(&Query::Log) {
            Some(Data::Log(log)) => log,
            _ => &[],
        }
    }

    /// Bumps of the people that are compared, oldest first, if they have come.
    pub fn compared_bumps(&self) -> &[Episode] {
        let View::Compare { people, .. } = self.view() else { return &[] };
        match self.data.get(&Query::Bumps { people: people.clone(), range: self.range }) {
            Some(Data::Bumps(bumps)) => bumps,
            _ => &[],
        }
    }

    pub fn log_came(&self) -> bool {
        self.data.get(&Query::Log).is_some()
    }

    /// Entries of the log that nobody has looked at.
    pub fn unread(&self) -> usize {
        self.log().iter().filter(|entry| entry.unread).count()
    }

    /// Those of them that a rule wants to be seen.
    pub fn badge(&self) -> usize {
        self.log().iter().filter(|entry| entry.unread && entry.badge).count()
    }

    /// The rules and how they are doing, if they have come.
    pub fn rules(&self) -> &[Standing] {
        match self.data.get(&Query::Rules) {
            Some(Data::Rules(rules)) => rules,
            _ => &[],
        }
    }

    pub fn rules_came(&self) -> bool {
        self.data.get(&Query::Rules).is_some()
    }

    /// The bump of a person that goes on.
    pub fn bump(&self, person: PersonId) -> Option<&Bump> {
        self.log().iter().find_map(|entry| match &entry.what {
            What::Bump(episode) if episode.person == person && episode.bump.resolved.is_none() => {
                Some(&episode.bump)
            }
            _ => None,
        })
    }

    /// The time of day or the day of an instant, on the clock of the screen.
    pub fn local(&self, at: Time) -> chrono::NaiveDateTime {
        match self.zone {
            Zone::Utc => at.naive_utc(),
            Zone::Local => at.with_timezone(&chrono::Local).naive_local(),
        }
    }

    pub fn layout(&self) -> Layout {
        Layout::of(self.size)
    }
}
