//! What has been loaded for the screen, as the screen asks for it.

use super::{App, PostSort, View};
use crate::alerts::Standing;
use crate::bumps::{Bump, Entry, Episode, What};
use crate::model::{ChannelId, PersonId, PostDetail, PostSnapshot, Series};
use crate::pipeline::{Data, Query};
use crate::score::{Explained, Formula};

impl App {
    /// A series that was asked for, if it has come.
    pub fn series(&self, query: &Query) -> Option<&Series> {
        match self.data.get(query) {
            Some(Data::Series(series)) => series.as_ref(),
            _ => None,
        }
    }

    /// A channel's posts in the order chosen, if they have come.
    pub fn posts(&self, person: PersonId, channel: ChannelId) -> Vec<&PostSnapshot> {
        let mut posts: Vec<&PostSnapshot> = match self.data.get(&Query::Posts { person, channel }) {
            Some(Data::Posts(posts)) => posts.iter().collect(),
            _ => Vec::new(),
        };
        match self.post_sort {
            // They come by points.
            PostSort::Points => {}
            PostSort::Newest => posts.sort_by_key(|post| std::cmp::Reverse(post.published)),
            PostSort::Engagement => posts.sort_by(|a, b| b.x.total_cmp(&a.x)),
        }
        if self.posts_reversed {
            posts.reverse();
        }
        posts
    }

    /// The post of the view in full, if it has come and there is one.
    pub fn post(&self) -> Option<&PostDetail> {
        let View::Post { person, channel, item, .. } = self.view() else { return None };
        let query = Query::Post { person: *person, channel: *channel, item: item.clone() };
        match self.data.get(&query) {
            Some(Data::Post(post)) => post.as_deref(),
            _ => None,
        }
    }

    /// The statement that belongs to the view, if it has come and there is one.
    pub fn statement(&self) -> Option<&Explained> {
        match self.data.get(&self.statement_query()?) {
            Some(Data::Statement(statement)) => statement.as_deref(),
            _ => None,
        }
    }

    /// Whether the statement was answered, be it that there is none.
    pub fn statement_came(&self) -> bool {
        self.statement_query().is_some_and(|query| self.data.get(&query).is_some())
    }

    /// Whether what the view lists has come, be it that there is nothing.
    pub(super) fn came(&self) -> bool {
        match *self.view() {
            View::Channel { person, channel, .. } => {
                self.data.get(&Query::Posts { person, channel }).is_some()
            }
            View::Statement { .. } => self.statement_came(),
            View::Log { rule: None, .. } => self.log_came(),
            _ => true,
        }
    }

    /// The formula's numbers for the channel of the view, if they have come.
    pub fn formula(&self) -> Option<&Formula> {
        let &View::Formula { person, channel } = self.view() else { return None };
        match self.data.get(&Query::Formula { person, channel }) {
            Some(Data::Formula(formula)) => formula.as_deref(),
            _ => None,
        }
    }

    /// Bumps and what else is told, newest first, if they have come.
    pub fn log(&self) -> &[Entry] {
        match self.data.get(&Query::Log) {
            Some(Data::Log(log)) => log,
            _ => &[],
        }
    }

    /// Bumps of the people that are compared, oldest first, if they have come.
    pub fn compared_bumps(&self) -> &[Episode] {
        let View::Compare { people, .. } = self.view() else { return &[] };
        match self.data.get(&Query::Bumps { people: people.clone(), range: self.range }) {
            Some(Data::Bumps(bumps)) => bumps,
            _ => &[],
        }
    }

    pub fn log_came(&self) -> bool {
        self.data.get(&Query::Log).is_some()
    }

    /// Entries of the log that nobody has looked at.
    pub fn unread(&self) -> usize {
        self.log().iter().filter(|entry| entry.unread).count()
    }

    /// Those of them that a rule wants to be seen.
    pub fn badge(&self) -> usize {
        self.log().iter().filter(|entry| entry.unread && entry.badge).count()
    }

    /// The rules and how they are doing, if they have come.
    pub fn rules(&self) -> &[Standing] {
        match self.data.get(&Query::Rules) {
            Some(Data::Rules(rules)) => rules,
            _ => &[],
        }
    }

    pub fn rules_came(&self) -> bool {
        self.data.get(&Query::Rules).is_some()
    }

    /// The bump of a person that goes on.
    pub fn bump(&self, person: PersonId) -> Option<&Bump> {
        self.log().iter().find_map(|entry| match &entry.what {
            What::Bump(episode) if episode.person == person && episode.bump.resolved.is_none() => {
                Some(&episode.bump)
            }
            _ => None,
        })
    }
}
