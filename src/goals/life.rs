use super::words;
use crate::model::{Goal, GoalState, Time};
use chrono::TimeDelta;

/// What became of a goal, reading by reading in the order of time.
#[derive(Debug, Clone)]
pub struct Life<'g> {
    goal: &'g Goal,
    state: GoalState,
    moves: Vec<GoalState>,
}

/// Readings of a stretch of time of which only the lowest and the highest score are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// No reading is later.
    pub until: Time,
    pub low: f64,
    pub high: f64,
}

impl<'g> Life<'g> {
    /// A goal of which nothing has been read. The first reading should be the score at [`Goal::since`], so that
    /// what is exceeded already is held from then on.
    pub fn new(goal: &'g Goal) -> Self {
        Self { goal, state: GoalState::Open, moves: Vec::new() }
    }

    pub fn state(&self) -> GoalState {
        self.state
    }

    /// The states it came into, in order; that it was open at first is not among them.
    pub fn moves(&self) -> &[GoalState] {
        &self.moves
    }

    /// A score was read.
    pub fn read(&mut self, at: Time, score: f64) {
        self.pass(at);
        let there = score >= self.goal.target;
        match self.state {
            GoalState::Open | GoalState::Lost { .. } if there => {
                let won = self.goal.hold <= TimeDelta::zero();
                self.enter(if won { GoalState::Won { at } } else { GoalState::Reached { at } });
            }
            GoalState::Reached { .. } if !there => {
                let over = self.goal.due.is_some_and(|due| due < at);
                self.enter(if over { GoalState::Missed { at } } else { GoalState::Lost { at } });
            }
            GoalState::Reached { at: since } if at >= self.held_at(since) => {
                self.enter(GoalState::Won { at });
            }
            _ => {}
        }
    }

    /// It is `now`, and nothing was read: what is due is due.
    pub fn pass(&mut self, now: Time) {
        if let (GoalState::Open | GoalState::Lost { .. }, Some(due)) = (self.state, self.goal.due)
            && due < now
        {
            self.enter(GoalState::Missed { at: due });
        }
    }

    /// Whether no reading within a span can change anything, so that they need not be looked at one by one.
    pub fn skips(&self, span: &Span) -> bool {
        match self.state {
            // That it is due meanwhile is found with the next reading, or by the clock.
            GoalState::Open | GoalState::Lost { .. } => span.high < self.goal.target,
            GoalState::Reached { at } => span.low >= self.goal.target && span.until < self.held_at(at),
            GoalState::Won { .. } | GoalState::Missed { .. } => true,
        }
    }

    /// When a goal that was reached then has been held for long enough.
    fn held_at(&self, since: Time) -> Time {
        since.checked_add_signed(self.goal.hold).unwrap_or(Time::MAX_UTC)
    }

    fn enter(&mut self, state: GoalState) {
        self.state = state;
        self.moves.push(state);
    }
}

/// Something that happened to a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalEvent {
    /// The minute of the reading that showed it; of a goal that was missed, when it was due.
    pub at: Time,
    pub state: GoalState,
    /// What happened, in words, without the person's name.
    pub text: String,
}

/// What happened to a goal after `from` and up to `to`, in order.
pub fn events(life: &Life<'_>, from: Time, to: Time) -> Vec<GoalEvent> {
    let goal = life.goal;
    let mut before = GoalState::Open;
    let mut found = Vec::new();
    for &state in life.moves() {
        if let Some(at) = state.at().filter(|at| *at > from && *at <= to) {
            found.push(GoalEvent { at, state, text: words::event(goal, before, state) });
        }
        before = state;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PersonId, time};

    fn day(days: i64) -> Time {
        time(days * 86_400_000)
    }

    fn goal(hold: i64, due: Option<i64>) -> Goal {
        Goal {
            id: 7,
            person: PersonId(1),
            since: day(0),
            target: 70.0,
            hold: TimeDelta::days(hold),
            due: due.map(day),
            prize: "coffee maker".to_owned(),
        }
    }

    fn lived(goal: &Goal, scores: &[(i64, f64)], now: i64) -> Vec<GoalState> {
        let mut life = Life::new(goal);
        for &(at, score) in scores {
            life.read(day(at), score);
        }
        life.pass(day(now));
        life.moves().to_vec()
    }

    #[test]
    fn reached_lost_reached_won() {
        let scores = [(0, 60.0), (1, 70.0), (2, 69.999), (3, 71.0), (9, 70.0), (10, 70.0), (11, 10.0)];
        assert_eq!(
            lived(&goal(7, None), &scores, 12),
            [
                GoalState::Reached { at: day(1) },
                GoalState::Lost { at: day(2) },
                GoalState::Reached { at: day(3) },
                GoalState::Won { at: day(10) }
            ]
        );
    }

    #[test]
    fn what_is_exceeded_already_is_held_from_the_beginning() {
        let scores = [(0, 80.0), (6, 80.0), (7, 80.0)];
        assert_eq!(
            lived(&goal(7, None), &scores, 7),
            [GoalState::Reached { at: day(0) }, GoalState::Won { at: day(7) }]
        );
    }

    #[test]
    fn without_a_hold_reaching_is_winning() {
        assert_eq!(lived(&goal(0, Some(5)), &[(0, 1.0), (5, 70.0)], 9), [GoalState::Won { at: day(5) }]);
    }

    #[test]
    fn the_due_instant_is_the_last_to_reach_it() {
        let missed = [GoalState::Missed { at: day(5) }];
        assert_eq!(lived(&goal(7, Some(5)), &[(0, 60.0)], 6), missed);
        assert_eq!(lived(&goal(7, Some(5)), &[(0, 60.0), (6, 90.0)], 20), missed);
        assert_eq!(lived(&goal(7, Some(5)), &[(0, 60.0)], 5), [], "not over yet");
    }

    #[test]
    fn a_hold_may_end_after_the_due_and_a_fall_then_is_final() {
        let goal = goal(7, Some(5));
        let reached = GoalState::Reached { at: day(4) };
        assert_eq!(lived(&goal, &[(4, 70.0), (11, 70.0)], 20), [reached, GoalState::Won { at: day(11) }]);
        let fell = [(4, 70.0), (8, 60.0), (9, 80.0)];
        assert_eq!(lived(&goal, &fell, 20), [reached, GoalState::Missed { at: day(8) }]);
        let back = [(1, 70.0), (2, 60.0)];
        let lost = [GoalState::Reached { at: day(1) }, GoalState::Lost { at: day(2) }];
        assert_eq!(lived(&goal, &back, 6), [&lost[..], &[GoalState::Missed { at: day(5) }]].concat());
    }

    #[test]
    fn a_hold_is_over_only_when_a_reading_says_so() {
        assert_eq!(lived(&goal(7, None), &[(1, 70.0)], 40), [GoalState::Reached { at: day(1) }]);
        assert_eq!(lived(&goal(7, None), &[(1, 70.0), (39, 70.0)], 40)[1], GoalState::Won { at: day(39) });
    }

    #[test]
    fn events_are_those_of_an_interval() {
        let goal = goal(7, Some(40));
        let mut life = Life::new(&goal);
        for (at, score) in [(1, 70.0), (2, 60.0), (3, 70.0), (10, 70.0)] {
            life.read(day(at), score);
        }
        let all = events(&life, day(0), day(20));
        assert_eq!(all.len(), 4, "{all:?}");
        assert_eq!(events(&life, day(1), day(3)), all[1..3]);
        assert_eq!(all[3].text, "won: 70.00 was held for 7 d · coffee maker");
    }
}
