//! Items and what was counted on them.

use super::{LastPoll, Rows, metric, millis, signed, unsigned};
use crate::channels::{Known, KnownItem};
use crate::model::{
    Act, Actor, ChannelId, Counts, Figure, ItemId, Metric, Post, PostKind, Readings, Time, time,
};
use crate::store::Result;
use rusqlite::params;

/// An item as stored.
#[derive(Debug, Clone)]
pub struct StoredItem {
    pub id: i64,
    pub native: ItemId,
    pub kind: PostKind,
    pub url: Option<String>,
    pub title: String,
    pub published: Time,
    pub gone: bool,
}

/// An item seen for the first time.
#[derive(Debug, Clone, Copy)]
pub struct NewItem<'p> {
    pub channel: ChannelId,
    pub post: &'p Post,
    pub seen: Time,
}

impl Rows<'_> {
    pub fn item(&self, channel: ChannelId, native: &ItemId) -> Result<Option<i64>> {
        self.one(
            "SELECT id FROM item WHERE channel = ?1 AND native = ?2",
            params![channel.0, native.0],
            |row| row.get(0),
        )
    }

    pub fn insert_item(&self, item: NewItem<'_>) -> Result<i64> {
        let post = item.post;
        self.run(
            "INSERT INTO item (channel, native, kind, url, title, published, seen, standing) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                item.channel.0,
                post.id.0,
                post.kind.word(),
                post.url,
                post.title,
                millis(post.published),
                millis(item.seen),
                post.standing
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Takes over an edited title or address; an item that is shown again is no longer gone.
    pub fn update_item(&self, id: i64, post: &Post) -> Result<()> {
        self.run(
            "UPDATE item SET title = ?2, url = ?3, gone = NULL \
             WHERE id = ?1 AND (title <> ?2 OR url IS NOT ?3 OR gone IS NOT NULL)",
            params![id, post.title, post.url],
        )?;
        Ok(())
    }

    /// The network no longer shows the item: its counts stay, its text goes.
    pub fn forget_titles(&self, channel: ChannelId) -> Result<()> {
        self.run("UPDATE item SET title = '' WHERE channel = ?1 AND title <> ''", [channel.0])?;
        Ok(())
    }

    pub fn set_gone(&self, channel: ChannelId, native: &ItemId, at: Time) -> Result<bool> {
        let changed = self.run(
            "UPDATE item SET gone = ?3, title = '' WHERE channel = ?1 AND native = ?2 AND gone IS NULL",
            params![channel.0, native.0, millis(at)],
        )?;
        Ok(changed > 0)
    }

    pub fn item_title(&self, id: i64) -> Result<Option<String>> {
        self.one("SELECT title FROM item WHERE id = ?1", [id], |row| row.get(0))
    }

    /// The network's own id of an item.
    pub fn item_native(&self, id: i64) -> Result<Option<ItemId>> {
        self.one("SELECT native FROM item WHERE id = ?1", [id], |row| row.get(0).map(ItemId))
    }

    /// The channel's items in the order in which they were first seen.
    pub fn items(&self, channel: ChannelId) -> Result<Vec<StoredItem>> {
        self.all(
            "SELECT id, native, kind, url, title, published, gone IS NOT NULL FROM item WHERE channel = ?1 ORDER BY id",
            [channel.0],
            |row| {
                let kind: String = row.get(2)?;
                Ok(StoredItem {
                    id: row.get(0)?,
                    native: ItemId(row.get(1)?),
                    kind: PostKind::from_word(&kind).unwrap_or(PostKind::Post),
                    url: row.get(3)?,
                    title: row.get(4)?,
                    published: time(row.get(5)?),
                    gone: row.get(6)?,
                })
            },
        )
    }

    /// What the next poll of a channel should know of earlier ones, `last` being what they amount to.
    pub fn known(&self, channel: ChannelId, last: Option<&LastPoll>, horizon: Time) -> Result<Known> {
        let mut known = Known::default();
        if let Some(last) = last {
            known.polls = last.reads;
            known.since = last.first_read;
        }
        let sql = "SELECT native, published, gone IS NOT NULL, metric, last FROM item \
                   LEFT JOIN tally ON tally.item = item.id \
                   WHERE channel = ?1 AND (published >= ?2 OR standing) AND seen > ?3";
        // What was published at an account's former home is not listed at the new one.
        let moved: Option<i64> = self
            .one("SELECT max(at) FROM notice WHERE channel = ?1 AND what = 'moved'", [channel.0], |row| {
                row.get(0)
            })?
            .flatten();
        self.all(sql, params![channel.0, millis(horizon), moved.unwrap_or(i64::MIN)], |row| {
            let (published, gone) = (time(row.get(1)?), row.get(2)?);
            let item = known.items.entry(ItemId(row.get(0)?)).or_insert_with(|| KnownItem {
                published,
                counts: Counts::default(),
                gone,
            });
            if let Some(code) = row.get::<_, Option<u8>>(3)? {
                item.counts.set(metric(code), row.get::<_, Option<i64>>(4)?.map(unsigned));
            }
            Ok(())
        })?;
        known.acts = self
            .all(
                "SELECT native FROM act WHERE channel = ?1 AND coalesce(at, seen) >= ?2",
                params![channel.0, millis(horizon)],
                |row| row.get(0),
            )?
            .into_iter()
            .collect();
        Ok(known)
    }

    pub fn insert_reading(&self, item: i64, metric: Metric, at: Time, value: u64) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO reading (item, metric, at, value) VALUES (?1, ?2, ?3, ?4)",
            params![item, metric as u8, millis(at), signed(value)],
        )?;
        Ok(())
    }

    /// Every counter of an item as it was read, oldest first.
    pub fn readings(&self, item: i64) -> Result<Vec<Readings>> {
        let mut series: Vec<Readings> = Vec::new();
        self.all(
            "SELECT metric, at, value FROM reading WHERE item = ?1 ORDER BY metric, at",
            [item],
            |row| {
                let read = (time(row.get(1)?), unsigned(row.get(2)?));
                match (series.last_mut(), metric(row.get(0)?)) {
                    (Some((last, values)), kind) if *last == kind => values.push(read),
                    (_, kind) => series.push((kind, vec![read])),
                }
                Ok(())
            },
        )?;
        Ok(series)
    }

    pub fn insert_figure(&self, channel: ChannelId, figure: Figure, at: Time, value: u64) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO figure (channel, name, at, value) VALUES (?1, ?2, ?3, ?4)",
            params![channel.0, figure as u8, millis(at), signed(value)],
        )?;
        Ok(())
    }

    pub fn figures(&self, channel: ChannelId) -> Result<Vec<(Figure, u64)>> {
        let mut figures = Vec::new();
        for figure in Figure::ALL {
            let sql = "SELECT value FROM figure WHERE channel = ?1 AND name = ?2 ORDER BY at DESC LIMIT 1";
            let value = self.one(sql, params![channel.0, figure as u8], |row| row.get(0).map(unsigned))?;
            figures.extend(value.map(|value| (figure, value)));
        }
        Ok(figures)
    }

    /// A figure as it was at an instant.
    pub fn figure_at(&self, channel: ChannelId, figure: Figure, at: Time) -> Result<Option<u64>> {
        self.one(
            "SELECT value FROM figure WHERE channel = ?1 AND name = ?2 AND at <= ?3 ORDER BY at DESC LIMIT 1",
            params![channel.0, figure as u8, millis(at)],
            |row| row.get(0).map(unsigned),
        )
    }

    /// Returns the act's id, if it is new.
    pub fn insert_act(&self, channel: ChannelId, item: i64, act: &Act, seen: Time) -> Result<Option<i64>> {
        let (own, actor) = match &act.actor {
            Actor::Own => (true, None),
            Actor::Other(actor) => (false, Some(actor)),
        };
        let inserted = self.run(
            "INSERT OR IGNORE INTO act (channel, native, metric, item, at, seen, own, actor, tone) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                channel.0,
                act.id,
                act.metric as u8,
                item,
                act.at.map(millis),
                millis(seen),
                own,
                actor,
                act.tone
            ],
        )?;
        Ok((inserted > 0).then(|| self.connection.last_insert_rowid()))
    }
}
