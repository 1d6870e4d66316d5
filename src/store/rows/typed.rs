//! Readings that were typed in.

use super::{NewItem, Rows, metric, millis, unsigned};
use crate::model::{ByHand, ChannelId, Counts, Figure, ItemId, Metric, Post, PostKind, Time, time};
use crate::store::Result;
use rusqlite::params;
use std::collections::BTreeMap;

/// The one item of a channel that is read by hand: sums over everything.
const EVERYTHING: &str = "all";

impl ByHand {
    /// The sums as the item that holds them, if the reading has any.
    pub(crate) fn sums(&self) -> Option<Post> {
        let any = Metric::ALL.iter().any(|metric| self.counts.get(*metric).is_some());
        any.then(|| Post {
            id: ItemId::from(EVERYTHING),
            kind: PostKind::Item,
            url: None,
            title: "all posts".to_owned(),
            published: self.at,
            counts: self.counts,
            standing: true,
        })
    }
}

impl Rows<'_> {
    /// Writes down every number of a reading, also those that are as they were: what came before them may still be
    /// typed in. What was typed in for the same instant is replaced.
    pub fn put_by_hand(&self, channel: ChannelId, reading: &ByHand) -> Result<()> {
        if let Some(followers) = reading.followers {
            self.insert_figure(channel, Figure::Followers, reading.at, followers)?;
        }
        let Some(sums) = reading.sums() else { return Ok(()) };
        let item = match self.item(channel, &sums.id)? {
            Some(item) => item,
            None => self.insert_item(NewItem { channel, post: &sums, seen: reading.at })?,
        };
        self.run(
            "UPDATE item SET seen = min(seen, ?2), published = min(published, ?2) WHERE id = ?1",
            params![item, millis(reading.at)],
        )?;
        for metric in Metric::ALL {
            if let Some(value) = reading.counts.get(metric) {
                self.insert_reading(item, metric, reading.at, value)?;
            }
        }
        Ok(())
    }

    /// A channel was its people's before it was added, if something was typed in for then: as far back as their
    /// other channels, which would be missing before. Returns whether all of them had it at the instant.
    pub fn date_back(&self, channel: ChannelId, at: Time) -> Result<bool> {
        self.run(
            "UPDATE member SET since = min(since, max(?2, coalesce((SELECT min(other.since) FROM member AS other \
             WHERE other.person = member.person AND other.channel <> ?1), ?2))) \
             WHERE channel = ?1 AND until IS NULL",
            params![channel.0, millis(at)],
        )?;
        let later = self.one(
            "SELECT 1 FROM member WHERE channel = ?1 AND until IS NULL AND since > ?2",
            params![channel.0, millis(at)],
            |_| Ok(()),
        )?;
        Ok(later.is_none())
    }

    /// Every reading of a channel that is read by hand, oldest first.
    pub fn by_hand(&self, channel: ChannelId) -> Result<Vec<ByHand>> {
        let mut readings: BTreeMap<Time, ByHand> = BTreeMap::new();
        let mut at = |at: i64, put: &dyn Fn(&mut ByHand)| {
            let at = time(at);
            let counts = Counts::default();
            put(readings.entry(at).or_insert(ByHand { at, followers: None, counts }));
        };
        self.all(
            "SELECT at, value FROM figure WHERE channel = ?1 AND name = ?2",
            params![channel.0, Figure::Followers as u8],
            |row| {
                let value = unsigned(row.get(1)?);
                at(row.get(0)?, &|reading| reading.followers = Some(value));
                Ok(())
            },
        )?;
        self.all(
            "SELECT reading.at, metric, value FROM item JOIN reading ON reading.item = item.id WHERE channel = ?1",
            [channel.0],
            |row| {
                let (metric, value) = (metric(row.get(1)?), unsigned(row.get(2)?));
                at(row.get(0)?, &|reading| reading.counts.set(metric, Some(value)));
                Ok(())
            },
        )?;
        Ok(readings.into_values().collect())
    }
}
