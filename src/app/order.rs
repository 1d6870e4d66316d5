//! The order of the board.

use super::{App, Sort, View};
use crate::model::{Network, PersonSnapshot};

impl App {
    /// The order in force: few people are compared by points, many by percent.
    pub fn order(&self) -> Sort {
        self.sort.unwrap_or(if self.people.len() <= 3 { Sort::Change } else { Sort::Percent })
    }

    /// The people of the board, in the order shown.
    pub fn rows(&self) -> Vec<&PersonSnapshot> {
        let mut rows = self.meant();
        let change = |person: &PersonSnapshot| person.change(self.range).map(|change| change.points);
        let percent =
            |person: &PersonSnapshot| person.change(self.range).and_then(crate::model::Change::percent);
        let volume = |person: &PersonSnapshot| person.change(self.range).map(|change| change.volume);
        // Nothing known sorts last.
        let down = |a: Option<f64>, b: Option<f64>| {
            b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY))
        };
        match self.order() {
            Sort::Change => rows.sort_by(|a, b| down(change(a), change(b))),
            Sort::Percent => rows.sort_by(|a, b| down(percent(a), percent(b))),
            Sort::Score => rows.sort_by(|a, b| down(a.score, b.score)),
            Sort::Volume => rows.sort_by_key(|person| std::cmp::Reverse(volume(person))),
            Sort::Name => rows.sort_by_key(|person| person.symbol.clone()),
            Sort::Age => rows.sort_by_key(|person| std::cmp::Reverse(person.last_read())),
            Sort::Own => {}
        }
        if self.reversed {
            rows.reverse();
        }
        if let Some(order) = &self.frozen {
            // Who came since stands last.
            rows.sort_by_key(|person| {
                order.iter().position(|known| *known == person.id).unwrap_or(usize::MAX)
            });
        }
        rows
    }

    /// Networks that any of the compared people is on, most points first: the rows of their table.
    pub fn compared_networks(&self) -> Vec<Network> {
        let View::Compare { people, .. } = self.view() else { return Vec::new() };
        let mut sums: Vec<(Network, f64)> = Vec::new();
        for channel in people.iter().filter_map(|id| self.person(*id)).flat_map(|person| &person.channels) {
            match sums.iter_mut().find(|(network, _)| *network == channel.network()) {
                Some((_, sum)) => *sum += channel.points,
                None => sums.push((channel.network(), channel.points)),
            }
        }
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums.into_iter().map(|(network, _)| network).collect()
    }
}
