//! Who is behind what the invented people receive.

use super::World;
use super::cast::Account;
use super::life::Item;
use crate::model::Time;

/// People who are there for much of what somebody does.
const FANS: u64 = 6;

/// Part of somebody's items that a fan does something about.
const FAITH: f64 = 0.5;

/// Others, where nobody follows anybody.
const READERS: f64 = 3_000.0;

/// What a member of the crowd did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed {
    /// Which member of the account's crowd.
    pub(super) member: u64,
    pub(super) at: Time,
    /// Which of the item's deeds of its kind, counted from 1.
    pub(super) number: u64,
}

impl World {
    /// Who did what an item has received of one kind, at most `most`, newest first: the account's fans come
    /// first, then its followers, nobody twice.
    pub(super) fn crowd(
        &self,
        account: &Account,
        item: &Item,
        kind: u64,
        events: f64,
        now: Time,
        most: usize,
    ) -> Vec<Deed> {
        let fans: Vec<u64> = (0..FANS)
            .filter(|fan| self.chance(account, [item.number, 800 + kind * FANS + fan]) < FAITH)
            .collect();
        let others = account.followers.max(READERS);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place among followers"
        )]
        let (first, others) =
            ((self.chance(account, [item.number, 900 + kind]) * others) as u64, others as u64);
        let member = |number: u64| {
            let place = usize::try_from(number - 1).unwrap_or(usize::MAX);
            fans.get(place).copied().unwrap_or(FANS + (first + number) % others)
        };
        (1..=item.arrived(events, now))
            .rev()
            .take(most)
            .map(|number| Deed { member: member(number), at: item.arrival(number, events), number })
            .collect()
    }

    /// The n-th of the things people say.
    pub(super) fn reply_text(&self, n: u64) -> &str {
        let texts = &self.cast.texts.reply;
        &texts[usize::try_from(n).unwrap_or(0) % texts.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn as_many_are_told_as_are_counted_and_nobody_twice() {
        let now: Time = "2026-03-03T14:32:07Z".parse().unwrap();
        let world = World::new(7, now);
        let mut fans = 0;
        for player in &world.cast.people {
            for account in player.accounts.iter().filter(|account| account.network == "bluesky") {
                for item in world.items(player, account, &world.cast.texts.post, now).iter() {
                    let crowd = world.crowd(account, item, 0, item.likes, now, usize::MAX);
                    assert_eq!(crowd.len() as u64, item.arrived(item.likes, now));
                    let members: HashSet<u64> = crowd.iter().map(|deed| deed.member).collect();
                    assert_eq!(members.len(), crowd.len());
                    assert!(crowd.iter().all(|deed| (item.at..=now).contains(&deed.at)));
                    assert!(crowd.is_sorted_by(|newer, older| newer.at >= older.at));
                    fans += members.iter().filter(|member| **member < FANS).count();
                }
            }
        }
        assert!(fans > 1_000, "{fans} likes by fans");
    }
}
