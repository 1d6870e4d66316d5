//! The cross-hair of a chart, and the events it can jump to.

use super::{App, Panel, View};
use crate::alerts::EventKind;
use crate::bumps::What;
use crate::model::{PersonId, Series, Time};

/// Something that happened to a person, as a chart marks it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub at: Time,
    pub kind: EventMark,
    pub words: String,
    /// Points of a bump.
    pub points: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventMark {
    /// A bump was raised.
    Bump,
    /// The user's own note.
    Mark,
    /// The score is computed in another way from here on.
    Model,
}

/// Moves the cross-hair by so many columns, into the past with a negative number.
pub(super) fn step(app: &mut App, by: isize) {
    let last = app.cross_series().map_or(0, |series| series.slots.len().saturating_sub(1));
    if let Some(cross) = &mut app.cross {
        *cross = cross.saturating_add_signed(-by).min(last);
    }
}

/// Shows the cross-hair, or takes it away.
pub(super) fn turn(app: &mut App) {
    app.cross = if app.cross.is_some() { None } else { Some(0) };
    show_chart(app);
}

/// A cross-hair without a chart says nothing.
fn show_chart(app: &mut App) {
    if app.cross.is_some() && app.view().panels().contains(&Panel::Chart) && !app.chart_in_sight() {
        app.panel = Panel::Chart;
    }
}

/// Leads the cross-hair to the next event, or to the one before; round and round.
pub(super) fn to_event(app: &mut App, later: bool) {
    let Some(series) = app.cross_series() else { return };
    let count = series.slots.len();
    let mut columns: Vec<usize> = app
        .chart_people()
        .into_iter()
        .flat_map(|person| app.events_of(person))
        .filter_map(|event| column(series, event.at))
        .map(|column| count - 1 - column)
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let Some((&newest, &oldest)) = columns.first().zip(columns.last()) else {
        app.notice = Some(format!("no bump and no mark in {}", app.range.word()));
        return;
    };
    let next = match app.cross {
        None => newest,
        Some(cross) if later => {
            columns.iter().rev().find(|column| **column < cross).copied().unwrap_or(oldest)
        }
        Some(cross) => columns.iter().find(|column| **column > cross).copied().unwrap_or(newest),
    };
    app.cross = Some(next);
    show_chart(app);
}

/// The bucket in which an instant lies.
fn column(series: &Series, at: Time) -> Option<usize> {
    let step = series.step.num_milliseconds().max(1);
    let place = usize::try_from((at - series.from).num_milliseconds().div_euclid(step)).ok()?;
    (place < series.slots.len()).then_some(place)
}

impl App {
    /// Bumps, marks and changes of the model of one person, oldest first.
    pub fn events_of(&self, person: PersonId) -> Vec<Event> {
        let told = self.log().iter().filter(|entry| entry.person() == person).filter_map(|entry| {
            let (kind, words, points) = match &entry.what {
                What::Bump(episode) => (EventMark::Bump, episode.cause.clone(), Some(episode.bump.points())),
                What::Happening(happening) if happening.kind == EventKind::Model => {
                    (EventMark::Model, happening.what.clone(), happening.points)
                }
                What::Happening(_) => return None,
            };
            Some(Event { at: entry.began(), kind, words, points })
        });
        let marks = self.person(person).into_iter().flat_map(|person| &person.marks).map(|mark| Event {
            at: mark.at,
            kind: EventMark::Mark,
            words: mark.text.clone(),
            points: None,
        });
        let mut events: Vec<Event> = told.chain(marks).collect();
        events.sort_by_key(|event| event.at);
        events
    }

    /// Whose events the chart of the view shows.
    fn chart_people(&self) -> Vec<PersonId> {
        match self.view() {
            View::Compare { people, .. } => people.clone(),
            _ => self.focus().map(|person| person.id).into_iter().collect(),
        }
    }

    /// The series under the cross-hair.
    pub fn cross_series(&self) -> Option<&Series> {
        match self.view() {
            View::Compare { people, .. } => {
                let series = people.iter().filter_map(|person| self.series(&self.compare_query(*person)));
                series.max_by_key(|series| series.slots.len())
            }
            _ => self.series(&self.chart_query()?),
        }
    }

    /// Whether the chart of the view is on the screen.
    fn chart_in_sight(&self) -> bool {
        self.alone().map_or_else(|| self.in_sight(Panel::Chart), |panel| panel == Panel::Chart)
    }
}
