use crate::model::{ChannelId, Time};
use chrono::TimeDelta;
use std::collections::{HashMap, HashSet};

/// Counters are given a moment to take in what was told.
const MOMENT: TimeDelta = TimeDelta::seconds(2);

/// However much is told of a channel, its polls are at least so far apart.
const APART: TimeDelta = TimeDelta::seconds(10);

/// Polls that come early because a server told of something.
#[derive(Debug, Default)]
pub(super) struct Nudges {
    polled: HashMap<ChannelId, Time>,
    /// Told of while they were being polled.
    waiting: HashSet<ChannelId>,
}

impl Nudges {
    /// Something was told of a channel whose poll is under way, and may have passed it by.
    pub(super) fn wait(&mut self, channel: ChannelId) {
        self.waiting.insert(channel);
    }

    /// When a channel is to be polled of which something was told.
    pub(super) fn due(&self, channel: ChannelId, now: Time) -> Time {
        let soonest = self.polled.get(&channel).map_or(now, |polled| *polled + APART);
        soonest.max(now + MOMENT)
    }

    /// When a channel is to be polled next that has just been polled, well or not: a server in trouble is not asked
    /// early.
    pub(super) fn polled(&mut self, channel: ChannelId, well: bool, next: Time, now: Time) -> Time {
        self.polled.insert(channel, now);
        let told = self.waiting.remove(&channel);
        if told && well { next.min(now + APART) } else { next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;

    fn seconds(seconds: i64) -> Time {
        time(seconds * 1_000)
    }

    #[test]
    fn a_burst_is_one_poll_and_nothing_is_missed() {
        let channel = ChannelId(1);
        let mut nudges = Nudges::default();
        assert_eq!(nudges.due(channel, seconds(100)), seconds(102));
        assert_eq!(nudges.polled(channel, true, seconds(1_000), seconds(103)), seconds(1_000));
        assert_eq!(nudges.due(channel, seconds(104)), seconds(113), "not sooner than ten seconds after");
        nudges.wait(channel);
        assert_eq!(nudges.polled(channel, true, seconds(1_000), seconds(114)), seconds(124));
        assert_eq!(nudges.polled(channel, true, seconds(1_000), seconds(125)), seconds(1_000), "once");
        nudges.wait(channel);
        assert_eq!(nudges.polled(channel, false, seconds(1_000), seconds(136)), seconds(1_000));
    }
}
