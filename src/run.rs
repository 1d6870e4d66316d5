//! Wiring: clock, store, tasks and terminal put together.

mod courier;
mod past;
mod plain;
mod screen;
mod snapshot;
mod store;
mod terminal;

pub use courier::{Courier, News};
pub use past::live_through_past;
pub use plain::plain;
pub use screen::{AllowsHttp, Places, Save, ScreenError, Setup, mode, screen, visitor};
pub use snapshot::{snapshot, text as frame_text};

use crate::app::Message;
use crate::pipeline::Answer;

/// An answer of the store as a message to the screen; jobs are for the poller, alerts for the courier.
fn message(answer: Answer) -> Option<Message> {
    Some(match answer {
        Answer::Person(person) => Message::Person(person),
        Answer::Ticks(ticks) => Message::Ticks(ticks),
        Answer::Loaded(query, data) => Message::Loaded(query, data),
        Answer::Failed(why) => Message::Notice(why),
        Answer::Jobs(_) | Answer::Merged(_) | Answer::Alerts { .. } => return None,
    })
}
