//! What is on the screen, as one value. Messages change it, effects come out; no clock, no I/O, no await.

mod act;
mod arrive;
mod choose;
mod cross;
mod field;
mod file;
mod flash;
mod form;
mod help;
mod layout;
mod loaded;
mod log;
mod mouse;
mod needs;
mod order;
mod panels;
mod pause;
mod places;
mod rule_form;
mod search;
mod settings;
mod update;
mod view;

pub use act::refresh;
pub use cross::{Event, EventMark};
pub use field::TextField;
pub use file::{Edited, File};
pub use form::{AddForm, Candidate, Card, Field, Step, Test};
pub use help::{Help, HelpLine, LEGEND, help_lines};
pub use layout::{Columns, Height, Layout, Width};
pub use mouse::Target;
pub use pause::Paused;
pub use rule_form::{RuleField, RuleForm};
pub use settings::{SettingRow, SettingsForm};
pub use update::update;
pub use view::{Chart, Compared, Panel, PostSort, Sort, View};

use crate::alerts::Hours;
use crate::config::{Ascii, Breaks, Change, Color, NewPerson, Screen, Theme, Up};
use crate::discover::Proposal;
use crate::filter::Filter;
use crate::keys::{Key, Keymap};
use crate::model::{
    Account, ChannelId, ChannelSnapshot, ItemId, Money, PersonId, PersonSnapshot, Range, Tick, Time, Trouble,
};
use crate::pipeline::{Data, Query};
use chrono::TimeDelta;
use std::collections::{HashSet, VecDeque};

/// Ticks kept for the tape and the log.
const TICKS: usize = 200;

/// Everything the screen shows.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "what can be on or off on a screen is on or off")]
pub struct App {
    pub people: Vec<PersonSnapshot>,
    /// The last one is shown; Esc goes back to the one before.
    pub views: Vec<View>,
    pub help: Option<Help>,
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
    /// Who is to be taken off the board, once the user says so.
    pub leaving: Option<PersonId>,
    /// The list from which people are picked for a comparison, and the row selected in it.
    pub choosing: Option<usize>,
    pub marked: Vec<PersonId>,
    /// Oldest first.
    pub ticks: VecDeque<Tick>,
    /// Who moved at the last poll.
    pub moved: HashSet<PersonId>,
    pub size: (u16, u16),
    pub breaks: Breaks,
    pub now: Time,
    pub zone: Zone,
    pub keymap: Keymap,
    pub theme: Theme,
    pub up: Up,
    /// As the configuration has them.
    pub settings: Screen,
    pub file: File,
    pub ground: Ground,
    pub depth: Depth,
    pub abilities: Abilities,
    pub glyphs: Glyphs,
    /// Nothing moves by itself: no flash, no tape, no countdown.
    pub still: bool,
    /// Changed digits stand out for a second.
    pub flashing: bool,
    /// Somebody looks, as far as the terminal tells.
    pub focused: bool,
    /// Clicks and the wheel are ours; otherwise they are the terminal's, for selecting text.
    pub mouse: bool,
    /// The window's title tells the score.
    pub titled: bool,
    /// The newest events run along the top.
    pub tape: bool,
    /// Between groups of three digits.
    pub thousands: char,
    /// Lines of charts are drawn in braille, eight dots a cell.
    pub braille: bool,
    pub chart: Chart,
    pub compared: Compared,
    pub logarithmic: bool,
    pub post_sort: PostSort,
    pub posts_reversed: bool,
    /// The part of the screen that Tab has led to.
    pub panel: Panel,
    /// That part has the whole screen.
    pub expanded: bool,
    /// The column of the chart that is told in words, counted from the newest.
    pub cross: Option<usize>,
    /// What has come while the screen stands still by the user's wish.
    pub paused: Option<Paused>,
    pub(super) flash: flash::Flash,
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
    /// Enter was pressed on what had not come yet; it is done when it has.
    entering: Option<View>,
    /// Who has just been saved, to be shown as soon as they are there.
    opens: Option<String>,
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
    /// The 256 colours of xterm.
    Indexed,
    True,
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
            Self::RemoveRule(name) => format!("delete the rule {name}? y yes  n no"),
            Self::SaveSettings => "save what was changed? y yes  n no  esc goes on".to_owned(),
        }
    }
}

/// What the terminal writes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ground {
    #[default]
    Dark,
    Light,
}

/// What the terminal can do, whatever is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Colours where nobody asks for them by name, and where somebody does.
    pub colors: (Depth, Depth),
    pub glyphs: Glyphs,
}

impl Default for Abilities {
    fn default() -> Self {
        Self { colors: (Depth::True, Depth::True), glyphs: Glyphs::Unicode }
    }
}

impl Abilities {
    pub fn depth(&self, wish: Color) -> Depth {
        match wish {
            Color::Auto => self.colors.0,
            Color::Always => self.colors.1,
            Color::Never => Depth::None,
        }
    }

    pub fn glyphs(&self, wish: Ascii) -> Glyphs {
        match (wish, self.glyphs) {
            (Ascii::Auto, glyphs) => glyphs,
            (Ascii::On, Glyphs::Unicode) => Glyphs::Ascii,
            (Ascii::On, plain) => plain,
            (Ascii::Off, _) => Glyphs::Unicode,
        }
    }
}

/// Signs the terminal can be trusted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    #[default]
    Unicode,
    /// Drawn in ASCII; names keep their letters as far as their width is certain.
    Ascii,
    /// Nothing but ASCII can be shown at all.
    Bytes,
}

/// An account that answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub account: Account,
    pub name: Option<String>,
    /// What the test poll took.
    pub took: TimeDelta,
    pub requests: u32,
    /// Where its profile leads to.
    pub proposals: Vec<Proposal>,
    /// It costs money, so nobody has asked: the most that a poll costs, and the price in words.
    pub price: Option<(Money, String)>,
}

/// Something happened.
#[derive(Debug)]
pub enum Message {
    Key(Key),
    /// A click on something that means something.
    Click(Target),
    /// The wheel, so many rows down.
    Wheel(isize),
    /// Whether somebody looks.
    Focus(bool),
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
    /// An account that was proposed has been tested.
    Probed {
        account: Account,
        found: Result<Found, Trouble>,
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
    /// Read once who this is; what an address may mean is tried in this order.
    Probe {
        account: Account,
        candidates: Vec<Account>,
    },
    /// Nobody waits any more for what is being looked up for the form.
    GiveUp,
    /// Put somebody on the board for good.
    Save(NewPerson),
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
    /// Take somebody off the board for good; what was stored stays.
    Remove {
        person: PersonId,
        symbol: String,
    },
    /// Show a web address in the browser.
    Open(String),
    /// Put text into the terminal's clipboard.
    Copy(String),
    /// Write what the screen shows into a file.
    Export,
    /// Whether clicks and the wheel are to be reported.
    Mouse(bool),
    /// Give the terminal back until the shell brings us to the front again.
    Suspend,
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
            leaving: None,
            choosing: None,
            marked: Vec::new(),
            ticks: VecDeque::new(),
            moved: HashSet::new(),
            size,
            breaks: Breaks::default(),
            now,
            zone: Zone::Local,
            keymap: Keymap::default(),
            theme: Theme::default(),
            up: Up::default(),
            settings: Screen::default(),
            file: File::default(),
            ground: Ground::default(),
            depth: Depth::True,
            abilities: Abilities::default(),
            glyphs: Glyphs::default(),
            still: false,
            flashing: true,
            focused: true,
            mouse: true,
            titled: true,
            tape: true,
            thousands: ' ',
            braille: false,
            chart: Chart::default(),
            compared: Compared::default(),
            logarithmic: false,
            post_sort: PostSort::default(),
            posts_reversed: false,
            panel: Panel::default(),
            expanded: false,
            cross: None,
            paused: None,
            flash: flash::Flash::default(),
            model: String::new(),
            notice: None,
            progress: None,
            pending: Vec::new(),
            mode: Mode::Live,
            do_not_disturb: None,
            borrowed: None,
            wanted: None,
            entering: None,
            opens: None,
            data: needs::Store::default(),
        }
    }

    pub fn view(&self) -> &View {
        self.views.last().unwrap_or(&View::Board)
    }

    pub fn person(&self, id: PersonId) -> Option<&PersonSnapshot> {
        self.people.iter().find(|person| person.id == id)
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
            | View::Post { person, .. }
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
            | View::Post { person, channel, .. }
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

    /// First readings that are under way: whose, how many of their channels were tried, of how many.
    pub fn first_readings(&self) -> Option<(String, usize, usize)> {
        if !matches!(self.mode, Mode::Live | Mode::Demo) {
            return None;
        }
        let untried = |channel: &ChannelSnapshot| channel.last_try.is_none();
        let new: Vec<&PersonSnapshot> =
            self.people.iter().filter(|person| person.channels.iter().any(untried)).collect();
        let of: usize = new.iter().map(|person| person.channels.len()).sum();
        let left = new.iter().flat_map(|person| &person.channels).filter(|channel| untried(channel)).count();
        let who = match new.as_slice() {
            [] => return None,
            [one] => one.symbol.clone(),
            several => format!("{} people", several.len()),
        };
        Some((format!("reading 90 days of {who} for the first time, channels done"), of - left, of))
    }

    /// Channels by how they are doing: readable, waiting, anything else.
    pub fn health(&self) -> (usize, usize, usize) {
        use crate::model::State;
        let mut health = (0, 0, 0);
        for channel in self.people.iter().flat_map(PersonSnapshot::polled) {
            match channel.state {
                State::Live | State::Stale => health.0 += 1,
                State::Limit => health.1 += 1,
                State::Halt | State::Auth | State::Gone | State::Off => health.2 += 1,
            }
        }
        health
    }

    /// The time of day or the day of an instant, on the clock of the screen.
    pub fn local(&self, at: Time) -> chrono::NaiveDateTime {
        match self.zone {
            Zone::Utc => at.naive_utc(),
            Zone::Local => at.with_timezone(&chrono::Local).naive_local(),
        }
    }

    pub fn layout(&self) -> Layout {
        Layout::of(self.size, &self.breaks)
    }
}
