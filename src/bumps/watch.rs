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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bumps::Direction;
    use crate::model::time;
    use chrono::TimeDelta;

    fn quiet(points: f64) -> News {
        News { channel: 1, points, promised: 0.0 }
    }

    /// A fall goes on; then a post takes off: the fall is over at once, and the rise is told with the next poll.
    #[test]
    fn a_bump_the_other_way_is_not_waited_for() {
        let mut watch = Watch::default();
        let mut at = time(1_772_000_000_000);
        let mut read = |score: f64, points: f64| {
            at += TimeDelta::minutes(15);
            watch.read(at, Some(score), Some(&quiet(points))).bump
        };
        for _ in 0..10 * 96 {
            assert_eq!(read(50.0, 0.0), None);
        }
        let fall = (0..96 * 2).find_map(|_| read(44.0, 0.0)).unwrap();
        assert_eq!((fall.direction, fall.resolved), (Direction::Down, None));
        let over = read(44.0, 6.0).unwrap();
        assert_eq!((over.onset, over.direction), (fall.onset, Direction::Down));
        assert_eq!(over.resolved.map(|(_, verdict)| verdict), Some(Verdict::Faded));
        let rise = read(49.0, 0.0).unwrap();
        assert_eq!((rise.direction, rise.resolved), (Direction::Up, None));
    }
}
