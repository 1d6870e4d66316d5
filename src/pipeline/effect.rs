//! What became of a score without news, and what news made of it.

use super::book::Reel;
use super::explain::Scene;
use super::past::past;
use super::{Person, Pipeline, aged, days};
use crate::model::{ChannelId, Mark, PersonId, Time};
use crate::score::ExplainedLine;
use crate::score::{Constants, Energy, evaluate};
use crate::store::Result;
use chrono::TimeDelta;

/// What happened since an instant, beside what was to be expected without news.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The score at the mark.
    pub open: f64,
    pub until: Time,
    /// The score at `until`, as it is and as it was forecast at the mark.
    pub close: f64,
    pub forecast: f64,
    pub course: Course,
    /// When nine tenths of the peak are to have faded, if nothing else comes and it has not happened yet.
    pub fades_at: Option<Time>,
    /// The same over as long a time before the mark: what is usual. `None` where nothing is known of it.
    pub usual: Option<Course>,
    /// What carried the peak: every post and audience that was more than forecast.
    pub lines: Vec<ExplainedLine>,
}

/// The difference between a score and its forecast, over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// Points, at most.
    pub peak: f64,
    pub peak_at: Time,
    /// Points times days.
    pub area: f64,
    /// When nine tenths of the peak had faded.
    pub faded_at: Option<Time>,
}

/// A course is looked at so often, and at most every hour.
const LOOKS: i32 = 2_000;

/// Points that mean nothing.
const NOISE: f64 = 1e-9;

/// A tenth of a peak is as good as gone.
const FADED: f64 = 0.1;

/// How far ahead it is worth while to say when something will have faded.
const AHEAD: TimeDelta = TimeDelta::days(730);

impl Pipeline {
    /// What a mark brought, up to `now`. `None` until there is a score at the mark.
    pub fn effect(&self, mark: &Mark, now: Time) -> Result<Option<Effect>> {
        let Some(person) = self.people.iter().find(|known| known.id == mark.person) else { return Ok(None) };
        let constants = self.models.at(mark.at);
        let Some(past) = past(self, person)? else { return Ok(None) };
        let until = now.max(mark.at);
        let frozen = self.scene(person, mark.at, constants)?;
        let start = frozen.energies(mark.at, constants);
        let (course, end) = self.course(person, &frozen, until, constants)?;
        let expected = |at: Time| score(&aged(&start, at - mark.at, constants), constants);
        let close = score(&end, constants);
        let hour = TimeDelta::hours(1);
        let fades_at = if course.faded_at.is_some() || course.peak <= 0.0 {
            None
        } else {
            let ahead = i32::try_from(AHEAD.num_hours()).unwrap_or(i32::MAX);
            (1..ahead).map(|hours| until + hour * hours).find(|&at| {
                let then = score(&aged(&end, at - until, constants), constants);
                then - expected(at) <= FADED * course.peak
            })
        };
        let before = mark.at - (until - mark.at);
        let known = self.first_row(person).is_some_and(|first| first <= before);
        let usual = if known && until - mark.at >= hour && past.until <= mark.at {
            let earlier = self.scene(person, before, constants)?;
            Some(self.course(person, &earlier, mark.at, constants)?.0)
        } else {
            None
        };
        Ok(Some(Effect {
            open: score(&start, constants),
            until,
            close,
            forecast: expected(until),
            fades_at,
            usual,
            lines: self.carried(person, &frozen, course.peak_at, constants)?,
            course,
        }))
    }

    /// The course from the instant of a scene to another, and the energies at its end.
    fn course(
        &self,
        person: &Person,
        frozen: &Scene<'_>,
        to: Time,
        constants: &Constants,
    ) -> Result<(Course, Vec<Energy>)> {
        let rows = self.database.rows();
        let from = frozen.at;
        let start = frozen.energies(from, constants);
        let known = past(self, person)?.map_or(from, |past| past.until);
        let mut reels = Vec::new();
        for id in frozen.ids() {
            let Some(stored) = rows.channel(id)? else { continue };
            let mut reel = Reel::load(&rows, id, &stored.account, constants)?;
            // Before the first score what made it is all that is known.
            reel.advance(known, &self.models);
            reels.push(reel);
        }
        let step = ((to - from) / LOOKS).max(TimeDelta::hours(1));
        let mut course = Course { peak: 0.0, peak_at: from, area: 0.0, faded_at: None };
        let (mut at, mut before) = (from, 0.0);
        let mut end = start.clone();
        while at < to {
            let next = (at + step).min(to);
            end.clear();
            for reel in &mut reels {
                reel.advance(next, &self.models);
                end.push(reel.book.energy(next, constants));
            }
            let gained = score(&end, constants) - score(&aged(&start, next - from, constants), constants);
            course.area += 0.5 * (before + gained) * days(next - at);
            // Less than this is what rounding leaves.
            if gained > course.peak.max(NOISE) {
                course = Course { peak: gained, peak_at: next, faded_at: None, ..course };
            } else if course.peak > 0.0 && gained <= FADED * course.peak && course.faded_at.is_none() {
                course.faded_at = Some(next);
            }
            (at, before) = (next, gained);
        }
        Ok((course, end))
    }

    fn first_row(&self, person: &Person) -> Option<Time> {
        let rows = person.channels.iter().filter_map(|(id, _)| self.books.get(id)?.ledger.rows().first());
        rows.map(|row| crate::model::time(row.at)).min()
    }

    /// A person's marks, oldest first.
    pub fn marks(&self, person: PersonId) -> Result<Vec<Mark>> {
        self.database.rows().marks(person)
    }
}

fn score(energies: &[Energy], constants: &Constants) -> f64 {
    evaluate(energies, constants).score
}

impl Scene<'_> {
    fn ids(&self) -> Vec<ChannelId> {
        self.channels.iter().map(|known| known.id).collect()
    }
}
