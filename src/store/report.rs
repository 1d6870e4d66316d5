use crate::model::{ChannelId, Outcome, Time, Validator};
use crate::schedule::Budget;

/// What one poll brought, to be kept.
#[derive(Debug, Clone)]
pub struct PollReport {
    pub channel: ChannelId,
    pub at: Time,
    pub outcome: Outcome,
    pub requests: u32,
    pub validators: Vec<(String, Validator)>,
    pub hosts: Vec<(String, Budget)>,
    /// When the channel is asked next.
    pub next_at: Time,
}
