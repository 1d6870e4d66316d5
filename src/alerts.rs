//! Rules: which of all that happens is told to whom, and where.
//!
//! ```text
//! events, people after a poll, now -> Engine::feed -> Outcome { fired, deliveries }
//! ```
//!
//! Pure: the engine does not make events, nor does it ring, write or send. It decides, and what it must know to
//! decide alike after a restart is its [`Memory`].
//!
//! 1. A rule fires once for an event's key. A `when` fires once per crossing: it must have been false, and then
//!    true for `hold` polls in a row. It is armed again when it was false by a margin
//!    ([`crate::filter::Filter::nearly`]) for as many polls. What is true when first seen is no crossing.
//! 2. After a rule has fired for somebody it is quiet for them. Snoozed rules do not fire; what happens meanwhile
//!    is not told later.
//! 3. Do not disturb: only the badge; the rest is held back and comes as one summary afterwards.
//! 4. What happened while the program was off comes as one summary. What happened before it ran for the first
//!    time is history.
//! 5. More than [`SINGLY`] alerts for one place at once come as one summary; the bell rings once.

mod crossing;
mod digest;
mod engine;
mod event;
mod hours;
mod memory;
mod place;
mod rule;

pub use digest::{Delivery, SINGLY};
pub use engine::{Engine, Fired, Outcome, Standing};
pub use event::{Alert, Event, EventKind};
pub use hours::Hours;
pub use memory::Memory;
pub use place::{Place, Secret};
pub use rule::{Least, Rule, Trigger, Who};

use chrono::TimeDelta;
use std::collections::BTreeMap;

/// The place that counts what is unread, in the header and wherever the board is summed up.
pub const BADGE: &str = "badge";

/// The terminal's bell.
pub const BELL: &str = "bell";

/// The desktop's notices, through the terminal.
pub const DESKTOP: &str = "desktop";

/// Places that are there without configuration.
pub const BUILT_IN: [&str; 3] = [BADGE, BELL, DESKTOP];

/// How long a rule is quiet where nothing else is said.
pub const QUIET: TimeDelta = TimeDelta::minutes(30);

/// The rules, the hours of quiet and the places, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Alerts {
    pub rules: Vec<Rule>,
    pub do_not_disturb: Option<Hours>,
    /// By name, beside the built-in ones.
    pub to: BTreeMap<String, Place>,
}

/// No sound: the badge for the user's own bumps and for channels that stay halted.
impl Default for Alerts {
    fn default() -> Self {
        let badge = |name: &str, who: Who, trigger: Trigger, quiet: TimeDelta| Rule {
            name: name.to_owned(),
            who,
            trigger,
            how: vec![BADGE.to_owned()],
            quiet,
            off: false,
        };
        let bump = Trigger::Event {
            kind: EventKind::Bump,
            least: Some(Least::Noise(3.0)),
            after: TimeDelta::zero(),
        };
        let halt = Trigger::Event { kind: EventKind::Halt, least: None, after: TimeDelta::minutes(15) };
        Self {
            rules: vec![
                badge("bump", Who::Mine, bump, QUIET),
                badge("halt", Who::Everybody, halt, TimeDelta::days(1)),
            ],
            do_not_disturb: None,
            to: BTreeMap::new(),
        }
    }
}
