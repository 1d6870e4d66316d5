//! cloutop: the terminal ticker of social influence.
//!
//! ```text
//! schedule::due -> Channel::request -> Fetch -> Channel::read -> Observation | Gap    poller    (task)
//!                                                      | bounded
//!                            store.append -> score -> candles -> Snapshot             pipeline  (thread)
//!                                                      | bounded
//!   keys, resize, deadline, signal -> Message -> App::update -> Vec<Effect>           run       (one select!)
//!                                                      | dirty
//!                                                 ui::draw -> frame
//! ```
//!
//! Observations and gaps are the truth on disk; scores and candles are derived from them, and
//! [`pipeline::rebuild`] derives them again to the same digits. The poller and the pipeline do not know
//! each other; only [`run`] holds both ends of a queue. `now` is an argument everywhere but in [`clock`].
//!
//! A module uses modules of its own floor and of the floors before it, never in a circle.

// Floor 0: words. No logic beyond what a value means.
pub mod contain;
pub mod exchange;
pub mod model;
pub mod text;

// Floor 1: rules. Pure: what is known and the instant come in, a value goes out.
pub mod alerts;
pub mod bumps;
pub mod channels;
pub mod discover;
pub mod filter;
pub mod goals;
pub mod keys;
pub mod rollup;
pub mod schedule;
pub mod score;

// Floor 2: doors. Files, the network, the database, the clock.
pub mod clock;
pub mod config;
pub mod deliver;
pub mod http;
pub mod store;

// Floor 3: work. Asks, takes in, shows what is known.
pub mod demo;
pub mod pipeline;
pub mod poller;
pub mod push;

// Floor 4: the screen's state.
pub mod app;

// Floor 5: what is seen.
pub mod report;
pub mod ui;

// Floor 6: wiring.
pub mod run;
pub mod signals;

// Floor 7: commands.
pub mod cli;
