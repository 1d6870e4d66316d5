//! One person's bumps: raised by whoever hears them first, resolved by whoever still does.

use super::{Bump, Heard, Innovations, News, Tracker, Verdict};
use crate::model::Time;
use serde::{Deserialize, Serialize};

/// Both detectors of one person, and the bump that goes on.
///
/// News raises early, the score knows what stays. A bump lasts as long as one of those that raised it hears it;
/// what became of it is said by the score, if the score heard it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    score: Tracker,
    news: Innovations,
    /// The bump that goes on, and the score's verdict on it.
    active: Option<(Bump, Option<Verdict>)>,
}

impl Default for Watch {
    fn default() -> Self {
        Self::noticing(super::tracker::NOTICEABLE)
    }
}

impl Watch {
    /// Moves of fewer points than `noticeable` are never raised.
    pub fn noticing(noticeable: f64) -> Self {
        Self { score: Tracker::noticing(noticeable), news: Innovations::noticing(noticeable), active: None }
    }

    /// The bump that goes on.
    pub fn active(&self) -> Option<Bump> {
        self.active.map(|(bump, _)| bump)
    }

    /// The person's usual daily noise: how far the score usually is from its usual course, in points. `None`
    /// until a week of it is known.
    pub fn noise(&self) -> Option<f64> {
        self.score.noise()
    }

    /// Takes in one poll: the score after it, unless some channel could not be read, and what it brought,
    /// unless that was its own channel.
    pub fn read(&mut self, at: Time, score: Option<f64>, news: Option<&News>) -> Heard {
        let of_score = score.map(|score| self.score.read(at, score)).unwrap_or_default();
        let of_news = news.map(|news| self.news.read(at, news)).unwrap_or_default();
        Heard { score: of_score.score.max(of_news.score), bump: self.merge(at, of_score.bump, of_news.bump) }
    }

    fn merge(&mut self, at: Time, of_score: Option<Bump>, of_news: Option<Bump>) -> Option<Bump> {
        let Some((bump, verdict)) = &mut self.active else {
            let goes_on = self.news.active();
            let raised = [goes_on, of_score].into_iter().flatten().find(|bump| bump.resolved.is_none())?;
            self.score.follow(raised.onset, raised.direction);
            self.active = Some((raised, None));
            return Some(raised);
        };
        if self.news.active().is_none() {
            self.score.let_go(at);
        }
        // Something new, while the score only shows what is left of the former; or the other way.
        let raised = of_news.filter(|heard| heard.resolved.is_none());
        let over = raised.is_some_and(|heard| {
            if heard.direction == bump.direction { self.score.end(at) } else { self.score.stop(at) }
        });
        if over {
            let resolved = Bump { resolved: Some((at, Verdict::Faded)), ..*bump };
            self.active = None;
            return Some(resolved);
        }
        let same = |heard: &Bump| heard.direction == bump.direction;
        if let Some(heard) = of_score.filter(same) {
            *verdict = heard.resolved.map(|(_, verdict)| verdict).or(*verdict);
        }
        let direction = bump.direction;
        let going: Vec<Bump> = [self.score.active(), self.news.active()]
            .into_iter()
            .flatten()
            .filter(|heard| heard.direction == direction)
            .collect();
        let ended = [of_score, of_news].into_iter().flatten().filter(same);
        let size =
            going.iter().copied().chain(ended).map(|heard| heard.magnitude).fold(bump.magnitude, f64::max);
        bump.magnitude = size;
        if !going.is_empty() {
            return None;
        }
        let resolved = Bump { resolved: Some((at, verdict.unwrap_or(Verdict::Faded))), ..*bump };
        self.active = None;
        Some(resolved)
    }
}
