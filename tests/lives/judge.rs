//! What a detector's bumps are worth beside what happened.

use crate::world::World;
use cloutop::bumps::{Bump, Direction, Verdict};
use cloutop::score::DAY_MILLIS;

const HOUR: i64 = DAY_MILLIS / 24;

/// A noticeable move that happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Truth {
    /// When the first act of it came, and on which channel.
    pub(crate) onset: i64,
    pub(crate) channel: usize,
    /// When less than half of it was left; `None` for what stays.
    pub(crate) end: Option<i64>,
    pub(crate) direction: Direction,
    /// Whether it must be raised.
    pub(crate) must: bool,
}

/// What was counted over many lives.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) years: f64,
    pub(crate) must: usize,
    pub(crate) hit: usize,
    /// Alarms for nothing.
    pub(crate) unfounded: usize,
    pub(crate) instants: usize,
    pub(crate) moved: usize,
    /// Alarms for moves that normal life made.
    pub(crate) natural: usize,
    pub(crate) judged: usize,
    pub(crate) right: usize,
    /// Polls of the channel from the onset to the alarm, that of the alarm included.
    pub(crate) delays: Vec<usize>,
}

impl Tally {
    pub(crate) fn recall(&self) -> f64 {
        self.hit as f64 / self.must.max(1) as f64
    }

    pub(crate) fn false_a_year(&self) -> f64 {
        self.unfounded as f64 / self.years
    }

    pub(crate) fn resolved(&self) -> f64 {
        self.right as f64 / self.judged.max(1) as f64
    }

    /// Median, in polls.
    pub(crate) fn delay(&self) -> usize {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        delays.get(delays.len() / 2).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.years += other.years;
        self.must += other.must;
        self.hit += other.hit;
        self.unfounded += other.unfounded;
        self.natural += other.natural;
        self.instants += other.instants;
        self.moved += other.moved;
        self.judged += other.judged;
        self.right += other.right;
        self.delays.extend(&other.delays);
    }
}

/// Scores of both lives at a poll.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) at: i64,
    pub(crate) channel: usize,
    pub(crate) score: f64,
    pub(crate) normal: f64,
}

/// Both lives, poll by poll.
pub(crate) struct Course {
    pub(crate) polls: Vec<Seen>,
}

/// Least points that anybody must notice.
const NOTICEABLE: f64 = 1.2;

impl Course {
    /// The moves, from the difference to the twin.
    pub(crate) fn truths(&self, world: &World) -> Vec<Truth> {
        let noise = self.noise(world.days);
        let mut truths = Vec::new();
        for (place, happening) in world.happenings.iter().enumerate() {
            let next = world.happenings.get(place + 1).map_or(i64::MAX, |next| next.from);
            let span: Vec<(i64, f64)> = self
                .polls
                .iter()
                .filter(|seen| (happening.from..next).contains(&seen.at))
                .map(|seen| (seen.at, seen.score - seen.normal))
                .collect();
            let base = span.first().map_or(0.0, |first| first.1);
            let Some((onset, channel)) = world.begins(happening.from) else { continue };
            let horizon = happening.until + if happening.stays { 20 } else { 4 } * DAY_MILLIS;
            let peak = span
                .iter()
                .enumerate()
                .filter(|(_, (at, _))| *at <= horizon)
                .max_by(|a, b| (a.1.1 - base).abs().total_cmp(&(b.1.1 - base).abs()));
            let Some((top, &(_, gain))) = peak else { continue };
            let gain = gain - base;
            let end = span[top..].iter().find(|(_, left)| (left - base).abs() < 0.5 * gain.abs());
            truths.push(Truth {
                onset,
                channel,
                end: end.filter(|_| !happening.stays).map(|(at, _)| *at),
                direction: if gain < 0.0 { Direction::Down } else { Direction::Up },
                must: gain.abs() >= NOTICEABLE.max(4.0 * noise),
            });
        }
        truths
    }

    /// How far the twin's score usually is from its own mean of five days before.
    fn noise(&self, days: i64) -> f64 {
        let five_days = 5.0 * self.polls.len() as f64 / days as f64;
        let mut mean = self.polls.first().map_or(0.0, |first| first.normal);
        let (mut sum, mut many) = (0.0, 0.0);
        for (place, Seen { normal, .. }) in self.polls.iter().enumerate() {
            mean += (normal - mean) / five_days;
            // A third of a life is enough to know where it is.
            if place > self.polls.len() / 3 {
                sum += (normal - mean).powi(2);
                many += 1.0;
            }
        }
        (sum / f64::max(many, 1.0)).sqrt()
    }

    /// Whether the score really made a noticeable move around an alarm, from a day before to a day after:
    /// normal life has its own bumps, and who raises one has raised something.
    fn moved(&self, at: i64, direction: Direction) -> bool {
        let place = |at: i64| self.polls.partition_point(|seen| seen.at < at);
        let mut extreme = f64::INFINITY;
        let mut most = 0.0f64;
        for Seen { score, .. } in &self.polls[place(at - DAY_MILLIS)..place(at + DAY_MILLIS)] {
            let score = sign(direction) * score;
            extreme = extreme.min(score);
            most = most.max(score - extreme);
        }
        most >= 1.0
    }

    /// Counts as the evaluation of labelled scores does: an alarm is for a move of its direction from two
    /// hours before its onset until four days after, or half a day after its end.
    pub(crate) fn judge(&self, world: &World, bumps: &[Bump]) -> Tally {
        let mut tally = Tally { years: world.days as f64 / 365.25, ..Tally::default() };
        let last = self.polls.last().map_or(0, |last| last.at);
        let mut used = vec![false; bumps.len()];
        for truth in self.truths(world) {
            let end = truth.end.map_or(i64::MAX, |end| (end + 12 * HOUR).max(truth.onset + 12 * HOUR));
            let until = (truth.onset + 4 * DAY_MILLIS).min(end);
            let found = bumps.iter().enumerate().position(|(place, bump)| {
                let at = bump.onset.timestamp_millis();
                !used[place]
                    && bump.direction == truth.direction
                    && (truth.onset - 2 * HOUR..=until).contains(&at)
            });
            if let Some(place) = found {
                used[place] = true;
            }
            if !truth.must {
                continue;
            }
            tally.must += 1;
            let Some(place) = found else { continue };
            tally.hit += 1;
            let bump = bumps[place];
            let until = bump.onset.timestamp_millis();
            let own = self.polls.iter().filter(|seen| seen.channel == truth.channel);
            tally.delays.push(own.filter(|seen| (truth.onset..=until).contains(&seen.at)).count());
            let due = truth.end.map_or(truth.onset + 25 * DAY_MILLIS, |end| end + 3 * DAY_MILLIS);
            if due > last {
                continue;
            }
            tally.judged += 1;
            let wanted = if truth.end.is_some() { Verdict::Faded } else { Verdict::Held };
            tally.right += usize::from(bump.resolved.is_some_and(|(_, verdict)| verdict == wanted));
        }
        let unused = bumps.iter().zip(&used).filter(|(_, used)| !**used).map(|(bump, _)| bump);
        for bump in unused {
            let at = bump.onset.timestamp_millis();
            tally.unfounded += usize::from(!self.moved(at, bump.direction));
            tally.natural += usize::from(self.moved(at, bump.direction));
        }
        // How often a coin would be right: of every six hours, those around which the score moved.
        for Seen { at, .. } in self.polls.iter().step_by(24) {
            tally.instants += 1;
            tally.moved += usize::from(self.moved(*at, Direction::Up));
        }
        tally
    }
}

fn sign(direction: Direction) -> f64 {
    if direction == Direction::Down { -1.0 } else { 1.0 }
}
