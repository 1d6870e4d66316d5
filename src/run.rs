//! Wiring: clock, store, tasks and terminal put together.

mod past;

pub use past::live_through_past;
