//! Wiring: clock, store, tasks and terminal put together.

mod courier;
mod discover;
mod keyboard;
mod live;
mod outside;
mod past;
mod plain;
mod probe;
mod screen;
mod snapshot;
mod store;
mod svg;
mod terminal;

pub use courier::{Courier, News};
pub use live::screen;
pub use past::live_through_past;
pub use plain::plain;
pub use probe::{Terminal as Probed, probe};
pub use screen::{AllowsHttp, Configure, Places, Remove, Save, ScreenError, Setup, mode, visitor};
pub use snapshot::{frame, press, text as frame_text};
pub use svg::svg;

use crate::app::Message;
use crate::pipeline::Answer;

/// An answer of the store as a message to the screen; jobs are for the poller, alerts for the courier.
fn message(answer: Answer) -> Option<Message> {
    Some(match answer {
        Answer::Person(person) => Message::Person(person),
        Answer::Ticks(ticks) => Message::Ticks(ticks),
        Answer::Loaded(query, data) => Message::Loaded(query, data),
        Answer::Failed(why) => Message::Notice(why),
        Answer::Jobs(_) | Answer::Dropped(_) | Answer::Alerts { .. } => return None,
    })
}
