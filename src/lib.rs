//! cloutop, floor by floor.
pub mod channels;
pub mod config;
pub mod exchange;
pub mod http;
pub mod model;
pub mod schedule;
pub mod score;
pub mod text;
