//! Readings that a user typed in: good polls that nobody made.

use super::rebuild::again;
use super::{Pipeline, stored};
use crate::model::{ByHand, ChannelId, Figure, Observation, Outcome, Reason};
use crate::store::{Ending, PollReport, PollRow, Result};
use chrono::TimeDelta;

/// How long a reading is fresh.
const FRESH: TimeDelta = TimeDelta::days(35);

impl Pipeline {
    /// Takes in a reading of a channel that is read by hand, and ends with it. The newest fact there is goes the way
    /// of every poll; after one of the past everything derived is computed again.
    pub fn put_by_hand(mut self, channel: ChannelId, reading: &ByHand) -> Result<()> {
        let channel = self.canonical(channel);
        let at = stored(reading.at);
        // A channel is stale when it is overdue by as long as its interval.
        let next_at = at + FRESH / 2;
        let reading = ByHand { at, ..*reading };
        let covered = self.database.transaction(|rows| rows.date_back(channel, at))?;
        if at > self.last_at && covered {
            let Some(account) = self.books.get(&channel).map(|book| book.account.clone()) else {
                return Ok(());
            };
            let mut observation = Observation::new(account);
            observation.complete = true;
            observation.profile.figures.extend(reading.followers.map(|count| (Figure::Followers, count)));
            observation.posts.extend(reading.sums());
            self.apply(&PollReport {
                channel,
                at,
                outcome: Outcome::Observed(Box::new(observation)),
                requests: 0,
                validators: Vec::new(),
                hosts: Vec::new(),
                next_at,
            })?;
            return self.database.transaction(|rows| rows.put_by_hand(channel, &reading));
        }
        let Self { database, constants, .. } = &mut self;
        database.transaction(|rows| {
            rows.put_by_hand(channel, &reading)?;
            rows.replace_poll(&PollRow {
                channel,
                at,
                outcome: Ending::Observed,
                reason: Reason::Ok,
                detail: None,
                requests: 0,
                changed: 0,
                next_at,
            })?;
            again(rows, constants, &mut |_, _| {})
        })
    }

    /// What was typed in for a channel, oldest first.
    pub fn by_hand(&self, channel: ChannelId) -> Result<Vec<ByHand>> {
        self.database.rows().by_hand(self.canonical(channel))
    }
}
