//! What everybody did and received, as a function of seed and instant.

use super::World;
use super::cast::{Account, EventKind, Player, days};
use crate::model::{Time, time};
use crate::schedule::mix;
use crate::score::DAY_MILLIS;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Days of life before the demo starts.
const BEFORE: i64 = 130;

/// An item somebody published.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) at: Time,
    pub(super) text: String,
    /// What it will have received in the end.
    pub(super) likes: f64,
    pub(super) reshares: f64,
    pub(super) replies: f64,
    /// Which item of the account it is.
    pub(super) number: u64,
}

impl Item {
    /// How much of `events` has arrived at an instant: half after an hour, three quarters after about
    /// five, nine tenths after about fourteen (log-logistic with shape 3/4).
    pub(super) fn arrived(&self, events: f64, now: Time) -> u64 {
        let hours = (now - self.at).num_milliseconds() as f64 / 3_600_000.0;
        if hours <= 0.0 {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a post")]
        let count = (events / (1.0 + hours.powf(-0.75))).floor() as u64;
        count
    }

    /// When the n-th of `events` arrived, counted from 1: the inverse of [`Self::arrived`].
    pub(super) fn arrival(&self, n: u64, events: f64) -> Time {
        let part = (n as f64 / events).clamp(1e-6, 1.0 - 1e-6);
        let hours = (1.0 / part - 1.0).powf(-1.0 / 0.75).min(24.0 * 365.0);
        self.at + days(hours / 24.0)
    }
}

/// What an account has published so far, oldest first.
#[derive(Debug)]
pub(super) struct Items {
    /// Up to the end of the day.
    list: Arc<Vec<Item>>,
    count: usize,
}

impl std::ops::Deref for Items {
    type Target = [Item];

    fn deref(&self) -> &[Item] {
        &self.list[..self.count]
    }
}

/// What was worked out before: whole days never change.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// By account: items up to the end of a day.
    items: HashMap<String, (i64, Arc<Vec<Item>>)>,
    /// By account and kind: sums of daily growth, from the first day on.
    sums: HashMap<(String, u64), Vec<f64>>,
}

impl World {
    /// A number between 0 and 1 that belongs to these keys.
    pub(super) fn chance(&self, account: &Account, keys: [u64; 2]) -> f64 {
        let name = account.handle.bytes().fold(7, |sum, byte| mix(sum ^ u64::from(byte)));
        self.chance_of(name, keys)
    }

    fn chance_of(&self, name: u64, keys: [u64; 2]) -> f64 {
        let bits = mix(mix(mix(self.seed ^ name) ^ keys[0]) ^ keys[1]);
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number that belongs to these keys.
    fn normal(&self, account: &Account, keys: [u64; 2]) -> f64 {
        let sum: f64 = (0..12).map(|i| self.chance(account, [keys[0], keys[1] * 16 + i + 1_000_000])).sum();
        sum - 6.0
    }

    fn first_day(&self) -> i64 {
        self.origin.timestamp_millis().div_euclid(DAY_MILLIS) - BEFORE
    }

    /// Everything the account has published up to an instant, oldest first.
    pub(super) fn items(&self, player: &Player, account: &Account, texts: &[String], now: Time) -> Items {
        let today = now.timestamp_millis().div_euclid(DAY_MILLIS);
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{}:{}", account.network, account.handle);
        let (until, items) = memo.items.entry(key).or_insert_with(|| (self.first_day() - 1, Arc::default()));
        if *until < today {
            let list = Arc::make_mut(items);
            for day in *until + 1..=today {
                self.day(player, account, texts, day, list);
            }
            list.sort_by_key(|item| (item.at, item.number));
            *until = today;
        }
        let list = items.clone();
        drop(memo);
        let count = list.partition_point(|item| item.at <= now);
        Items { list, count }
    }

    /// What the account publishes on one day.
    fn day(&self, player: &Player, account: &Account, texts: &[String], day: i64, items: &mut Vec<Item>) {
        let key = day.cast_unsigned();
        let mut rate = account.rate;
        let events = || self.cast.events.iter().filter(|event| event.who == player.symbol);
        for event in events().filter(|event| event.kind == EventKind::Quiet) {
            let (from, to) = event.span(self.origin);
            let noon = time(day * DAY_MILLIS + DAY_MILLIS / 2);
            let meant = event.network == "*" || event.network == account.network;
            if meant && noon >= from && noon < to {
                rate *= event.size;
            }
        }
        for place in 0..4u64 {
            // Up to four items a day, with the given mean.
            if self.chance(account, [key, place]) * 4.0 >= rate {
                continue;
            }
            // People write between seven in the morning and eleven at night.
            let hour = 7.0 + 16.0 * self.chance(account, [key, 100 + place]);
            let at = time(day * DAY_MILLIS) + days(hour / 24.0);
            let number = key * 8 + place;
            let size = account.size * (0.8 * self.normal(account, [key, place]) - 0.32).exp();
            let pick = self.chance(account, [key, 200 + place]);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
            let text = texts[(pick * texts.len() as f64) as usize % texts.len()].clone();
            items.push(self.item(account, at, text, size, number));
        }
        for (i, event) in events().enumerate() {
            let at = event.span(self.origin).0;
            let today = at.timestamp_millis().div_euclid(DAY_MILLIS) == day;
            if !today || event.network != account.network || account.size == 0.0 {
                continue;
            }
            let number = at.timestamp_millis().cast_unsigned() / 1_000 + i as u64;
            let size = account.size * event.size;
            match event.kind {
                EventKind::Post => items.push(self.item(account, at, event.text.clone(), size, number)),
                EventKind::Birthday => {
                    let mut item = self.item(account, at, event.text.clone(), size, number);
                    item.replies = size * 0.6;
                    items.push(item);
                }
                _ => {}
            }
        }
    }

    fn item(&self, account: &Account, at: Time, text: String, size: f64, number: u64) -> Item {
        let part = |key| 0.5 + self.chance(account, [number, key]);
        Item {
            at,
            text,
            likes: size * 0.78 * part(301),
            reshares: size * 0.12 * part(302),
            replies: size * 0.12 * part(303),
            number,
        }
    }

    /// Followers at an instant.
    pub(super) fn followers(&self, account: &Account, now: Time) -> u64 {
        self.grown(account, account.followers, account.growth, now, 401)
    }

    /// A number that grows unevenly: `base` at the start of the demo, `rate` a day around it.
    fn grown(&self, account: &Account, base: f64, rate: f64, now: Time, key: u64) -> u64 {
        let first = self.first_day();
        let name = account.handle.bytes().fold(7, |sum, byte| mix(sum ^ u64::from(byte)));
        let daily = |day: i64| 2.0 * self.chance_of(name, [day.cast_unsigned(), key]);
        let today = now.timestamp_millis().div_euclid(DAY_MILLIS);
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        let sums = memo.sums.entry((account.handle.clone(), key)).or_insert_with(|| vec![0.0]);
        let place = |day: i64| usize::try_from(day - first).unwrap_or(0);
        while sums.len() <= place(today) {
            let next =
                sums.last().copied().unwrap_or(0.0) + daily(first + sums.len().cast_signed() as i64 - 1);
            sums.push(next);
        }
        let start = self.origin.timestamp_millis().div_euclid(DAY_MILLIS);
        let origin = sums.get(place(start)).copied().unwrap_or_else(|| (first..start).map(daily).sum());
        let part = (now.timestamp_millis().rem_euclid(DAY_MILLIS)) as f64 / DAY_MILLIS as f64;
        let grown = rate * (sums[place(today)] - origin + daily(today) * part);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = (base + grown).max(0.0) as u64;
        count
    }

    /// Stars of the account's n-th repository at an instant, events included.
    pub(super) fn stars(&self, player: &Player, account: &Account, n: usize, now: Time) -> u64 {
        let share = [0.62, 0.24, 0.1, 0.04][n.min(3)];
        let key = 500 + n as u64;
        let mut stars = self.grown(account, account.stars * share, account.rate * share, now, key);
        for event in &self.cast.events {
            if event.kind == EventKind::Post
                && event.who == player.symbol
                && event.network == account.network
                && n == 0
            {
                let at = event.span(self.origin).0;
                let burst = account.rate * event.size;
                stars += Item { at, text: String::new(), likes: 0.0, reshares: 0.0, replies: 0.0, number: 0 }
                    .arrived(burst, now);
            }
        }
        stars
    }

    /// When the account's n-th repository was created.
    pub(super) fn created(&self, account: &Account, n: usize) -> Time {
        let days = 200.0 + 900.0 * self.chance(account, [n as u64, 601]);
        self.origin
            - TimeDelta::hours(24) * {
                #[expect(clippy::cast_possible_truncation, reason = "some days")]
                let whole = days as i32;
                whole
            }
    }
}
