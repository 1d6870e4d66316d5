//! What the screen needs to be loaded: said once, as a function of the view and the size.

use super::{App, Height, Layout, Panel, View, Width};
use crate::model::PersonId;
use crate::pipeline::{Data, Query};
use std::collections::{HashMap, HashSet};

/// What was loaded, and what has changed since.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    loaded: HashMap<Query, Data>,
    asked: HashSet<Query>,
}

impl Store {
    pub(super) fn get(&self, query: &Query) -> Option<&Data> {
        self.loaded.get(query)
    }

    pub(super) fn get_mut(&mut self, query: &Query) -> Option<&mut Data> {
        self.loaded.get_mut(query)
    }

    pub(super) fn put(&mut self, query: Query, data: Data) {
        self.loaded.insert(query, data);
    }

    /// The person changed: what was loaded of them is shown until the new comes.
    pub(super) fn changed(&mut self, person: PersonId) {
        self.asked.retain(|query| !about(query, person));
    }

    /// Queries to be sent: needed and neither loaded since the last change nor under way. What is needed
    /// no more is dropped.
    pub(super) fn missing(&mut self, needed: Vec<Query>) -> Vec<Query> {
        self.loaded.retain(|query, _| needed.contains(query));
        self.asked.retain(|query| needed.contains(query));
        let missing: Vec<Query> = needed.into_iter().filter(|query| !self.asked.contains(query)).collect();
        self.asked.extend(missing.iter().cloned());
        missing
    }
}

fn about(query: &Query, who: PersonId) -> bool {
    match query {
        Query::Series { person, .. }
        | Query::Posts { person, .. }
        | Query::Post { person, .. }
        | Query::Statement { person, .. }
        | Query::Formula { person, .. } => *person == who,
        Query::Bumps { people, .. } => people.contains(&who),
        Query::Log | Query::Rules => true,
        Query::Everybody(_) | Query::Ticks { .. } => false,
    }
}

impl App {
    /// The trend in a person's row of the board.
    pub fn trend_query(&self, person: PersonId) -> Query {
        let columns = self.layout().board_columns().trend.max(1);
        Query::Series { person, channel: None, range: self.range, columns }
    }

    /// The chart that belongs to the view.
    pub fn chart_query(&self) -> Option<Query> {
        let layout = self.layout();
        let range = self.range;
        let whole = self.alone() == Some(Panel::Chart);
        let beside = |columns: usize| if whole { layout.chart_columns() } else { columns };
        let series = |person, channel, columns: usize| {
            let columns = columns - self.ahead(columns);
            Query::Series { person, channel, range, columns: columns.max(1) }
        };
        match *self.view() {
            View::Board => Some(series(self.selected?, None, beside(layout.board_chart_columns()))),
            View::Person { person, .. } => Some(series(person, None, beside(layout.person_chart_columns()))),
            View::Channel { person, channel, .. } => {
                Some(series(person, Some(channel), layout.chart_columns()))
            }
            View::Compare { .. }
            | View::Post { .. }
            | View::Statement { .. }
            | View::Formula { .. }
            | View::Log { .. }
            | View::Settings => None,
        }
    }

    /// Columns of a chart of so many columns that are kept for what is to come: a person's score without news.
    pub fn ahead(&self, columns: usize) -> usize {
        let person = matches!(self.view(), View::Board | View::Person { .. });
        if person && columns >= 40 { columns / 12 } else { 0 }
    }

    /// The statement that belongs to the view.
    pub fn statement_query(&self) -> Option<Query> {
        let range = self.range;
        match *self.view() {
            View::Statement { person, channel, .. } => Some(Query::Statement { person, channel, range }),
            View::Person { person, .. }
                if self.layout().height == Height::Tall || self.alone() == Some(Panel::Why) =>
            {
                Some(Query::Statement { person, channel: None, range })
            }
            _ => None,
        }
    }

    /// One line of the comparison.
    pub fn compare_query(&self, person: PersonId) -> Query {
        let columns = self.layout().chart_columns().max(1);
        Query::Series { person, channel: None, range: self.range, columns }
    }

    /// The trend in a person's list of channels.
    pub fn channel_trend_query(&self, person: PersonId, channel: crate::model::ChannelId) -> Query {
        let columns = self.layout().channel_trend().max(1);
        Query::Series { person, channel: Some(channel), range: self.range, columns }
    }

    pub(super) fn needed(&self) -> Vec<Query> {
        let layout: Layout = self.layout();
        let mut needed = Vec::new();
        match self.view() {
            View::Board => {
                if layout.board_columns().trend > 0 {
                    needed.extend(self.rows().iter().map(|person| self.trend_query(person.id)));
                }
                if layout.board_chart() || self.alone() == Some(Panel::Chart) {
                    needed.extend(self.chart_query());
                }
            }
            View::Person { person, .. } => {
                needed.extend(self.chart_query());
                if layout.width >= Width::Usual
                    && let Some(shown) = self.person(*person)
                {
                    let queries =
                        shown.channels.iter().map(|channel| self.channel_trend_query(*person, channel.id));
                    needed.extend(queries);
                }
            }
            View::Channel { person, channel, .. } => {
                needed.push(Query::Posts { person: *person, channel: *channel });
                needed.extend(self.chart_query());
            }
            View::Compare { people, .. } => {
                needed.extend(people.iter().map(|person| self.compare_query(*person)));
                needed.push(Query::Bumps { people: people.clone(), range: self.range });
            }
            View::Post { person, channel, item, .. } => {
                needed.push(Query::Post { person: *person, channel: *channel, item: item.clone() });
            }
            View::Statement { .. } | View::Settings => {}
            View::Log { .. } => needed.push(Query::Rules),
            View::Formula { person, channel } => {
                needed.push(Query::Formula { person: *person, channel: *channel });
            }
        }
        needed.extend(self.statement_query());
        needed.push(Query::Log);
        needed
    }
}
