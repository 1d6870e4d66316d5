//! cloutop, floor by floor.
pub mod channels;
pub mod cli;
pub mod clock;
pub mod config;
pub mod exchange;
pub mod http;
pub mod model;
pub mod pipeline;
pub mod poller;
pub mod report;
pub mod rollup;
pub mod schedule;
pub mod score;
pub mod signals;
pub mod store;
pub mod text;
