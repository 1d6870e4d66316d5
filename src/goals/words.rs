//! Goals in words, the same on the screen and in the commands.

use super::effort::AHEAD;
use crate::model::{Effort, Goal, GoalSnapshot, GoalState, PersonSnapshot, Time};
use crate::score::DAY_MILLIS;
use crate::text;
use chrono::{Datelike, TimeDelta};

/// A day as people say it; with its year where that is another one than that of `near`. In UTC, as goals are set.
pub fn day(at: Time, near: Time) -> String {
    let format = if at.year() == near.year() { "%-d %b" } else { "%-d %b %Y" };
    at.format(format).to_string()
}

/// A hold in the unit in which it was meant.
fn length(hold: TimeDelta) -> (i64, &'static str) {
    match hold.num_seconds() {
        seconds if seconds % 86_400 == 0 => (86_400, "d"),
        seconds if seconds % 3_600 == 0 => (3_600, "h"),
        seconds if seconds % 60 == 0 => (60, "m"),
        _ => (1, "s"),
    }
}

fn span(hold: TimeDelta) -> String {
    let (unit, word) = length(hold);
    format!("{} {word}", hold.num_seconds() / unit)
}

/// `held 3 of 7 d`; nothing where nothing is to be held.
fn held(goal: &GoalSnapshot, now: Time) -> Option<String> {
    let hold = goal.goal.hold;
    let (unit, word) = length(hold);
    let done = goal.held(now).num_seconds() / unit;
    (hold > TimeDelta::zero()).then(|| format!("held {done} of {} {word}", hold.num_seconds() / unit))
}

/// Points that are missing, as the digits shown say; 0 at the target.
fn to_go(goal: &Goal, score: f64) -> String {
    text::score(text::change(score, goal.target).max(0.0) + 0.0)
}

fn prize(goal: &Goal) -> Option<String> {
    (!goal.prize.is_empty()).then(|| goal.prize.clone())
}

/// How far a goal is, in parts that stand beside each other: `14.27 to go`, `+2.31 energy`, `held 0 of 7 d`.
pub fn progress(goal: &GoalSnapshot, score: Option<f64>, now: Time) -> Vec<String> {
    let missing = score.map(|score| format!("{} to go", to_go(&goal.goal, score)));
    let energy = goal.effort.map(|effort| format!("{} energy", text::signed(effort.energy)));
    match goal.state {
        GoalState::Open => [missing, energy, held(goal, now)].into_iter().flatten().collect(),
        GoalState::Lost { at } => {
            let lost = Some(format!("lost on {}", day(at, now)));
            [lost, missing, energy].into_iter().flatten().collect()
        }
        GoalState::Reached { .. } => {
            // Since the last reading the score may have aged below.
            let below = missing.filter(|_| score.is_some_and(|score| to_go(&goal.goal, score) != "0.00"));
            [held(goal, now), below].into_iter().flatten().collect()
        }
        GoalState::Won { at } | GoalState::Missed { at } => {
            vec![format!("{} on {}", goal.state.word(), day(at, now))]
        }
    }
}

/// `goal 70.00 by 31 Dec: 14.27 to go · +2.31 energy · held 0 of 7 d · coffee maker`
pub fn line(goal: &GoalSnapshot, score: Option<f64>, now: Time) -> String {
    let due = goal.goal.due.map(|due| format!(" by {}", day(due, now))).unwrap_or_default();
    let mut parts = progress(goal, score, now);
    if score.is_none() && !goal.state.over() {
        parts.push("not read yet".to_owned());
    }
    parts.extend(prize(&goal.goal));
    format!("goal {}{due}: {}", text::score(goal.goal.target), parts.join(" · "))
}

/// An amount of engagement: a decimal where it says something.
fn amount(days: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "engagement is not negative")]
    let whole = days.round().max(0.0) as u64;
    if days < 99.95 { format!("{days:.1}") } else { text::compact(whole) }
}

/// A time ahead, in days.
fn ahead(days: Option<f64>) -> String {
    match days {
        Some(days) if days < 1.0 => "within a day".to_owned(),
        Some(days) => format!("in {days:.0} d"),
        None => format!("not within {:.0} years", AHEAD / 365.0),
    }
}

/// What a goal takes, in one or two lines of plain words. Typical days are those of the channel that is named.
pub fn takes(person: &PersonSnapshot, goal: &GoalSnapshot) -> Vec<String> {
    let Some(effort) = goal.effort else { return Vec::new() };
    let slot = person.channels.iter().find(|channel| channel.id == effort.channel);
    let slot = slot.map(|channel| channel.slot.as_str()).unwrap_or_default();
    let lately = amount(effort.lately);
    let weekly = amount(effort.weekly);
    let energy = text::signed(effort.energy);
    let had = format!("({lately} a week lately)");
    let pace = if effort.weekly <= 0.0 {
        format!("nothing on {slot}, the other channels carry it {had}")
    } else {
        format!("about {weekly} typical days of engagement a week on {slot} {had}")
    };
    if effort.energy <= 0.0 {
        return vec![format!("it is there; to stay there takes {pace}")];
    }
    vec![format!("needs {energy} energy: {pace}"), when(&goal.goal, &effort, person.at)]
}

/// When it is reached, at which pace.
fn when(goal: &Goal, effort: &Effort, now: Time) -> String {
    let mut words = match effort.usual {
        Some(usual) => format!("as things go it is reached {}", ahead(Some(usual))),
        None => format!(
            "reached at that pace {}, at twice the usual one {}",
            ahead(effort.settles),
            ahead(effort.twice)
        ),
    };
    let Some(due) = goal.due else { return words };
    let left = (due - now).num_milliseconds() as f64 / DAY_MILLIS as f64;
    let by = day(due, now);
    words.push_str(&match (effort.usual, effort.by_due) {
        (Some(usual), _) if usual <= left => format!(", in time for {by}"),
        (_, Some(weekly)) => format!("; to be there by {by} takes {} a week from now on", amount(weekly)),
        (_, None) => format!("; no engagement gets it there by {by}"),
    });
    words
}

/// What happened to a goal, without the person's name.
pub(super) fn event(goal: &Goal, before: GoalState, state: GoalState) -> String {
    let target = text::score(goal.target);
    let prize = prize(goal).map(|prize| format!(" · {prize}")).unwrap_or_default();
    match (state, before) {
        (GoalState::Open, _) => format!("{target} is wanted"),
        (GoalState::Reached { .. }, _) => format!("reached {target}, to be held for {}", span(goal.hold)),
        (GoalState::Lost { at }, _) => {
            let until = goal.due.map(|due| format!(" until {}", day(due, at))).unwrap_or_default();
            format!(
                "fell below {target} before {} were over; it can be reached again{until}",
                span(goal.hold)
            )
        }
        (GoalState::Won { .. }, _) if goal.hold <= TimeDelta::zero() => {
            format!("won: {target} was reached{prize}")
        }
        (GoalState::Won { .. }, _) => format!("won: {target} was held for {}{prize}", span(goal.hold)),
        (GoalState::Missed { .. }, GoalState::Reached { .. }) => {
            format!("missed: fell below {target} before {} were over, and it is due", span(goal.hold))
        }
        (GoalState::Missed { at }, _) => format!("missed: {target} was due on {}", day(at, goal.since)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChannelId, PersonId, time};

    fn at(days: i64) -> Time {
        time(20_500 * 86_400_000 + days * 86_400_000)
    }

    fn goal(state: GoalState, hold: TimeDelta) -> GoalSnapshot {
        let effort = Effort {
            energy: 2.312,
            channel: ChannelId(1),
            weekly: 9.04,
            lately: 4.2,
            settles: Some(199.6),
            usual: None,
            twice: None,
            by_due: Some(31_000.0),
        };
        let (person, prize) = (PersonId(1), "coffee maker".to_owned());
        let goal = Goal { id: 1, person, since: at(0), target: 70.0, hold, due: Some(at(300)), prize };
        GoalSnapshot { goal, state, effort: (!state.over()).then_some(effort) }
    }

    #[test]
    fn a_goal_in_a_line_by_its_state() {
        let week = TimeDelta::days(7);
        for (state, hold, score, line) in [
            (
                GoalState::Open,
                week,
                Some(55.734),
                "14.27 to go · +2.31 energy · held 0 of 7 d · coffee maker",
            ),
            (GoalState::Open, week, None, "+2.31 energy · held 0 of 7 d · not read yet · coffee maker"),
            (GoalState::Open, TimeDelta::zero(), Some(1.0), "69.00 to go · +2.31 energy · coffee maker"),
            (GoalState::Reached { at: at(7) }, week, Some(70.0), "held 3 of 7 d · coffee maker"),
            (GoalState::Reached { at: at(1) }, week, Some(69.9), "held 7 of 7 d · 0.10 to go · coffee maker"),
            (
                GoalState::Reached { at: at(10) },
                TimeDelta::hours(36),
                Some(80.0),
                "held 0 of 36 h · coffee maker",
            ),
            (
                GoalState::Lost { at: at(9) },
                week,
                Some(69.0),
                "lost on 25 Feb · 1.00 to go · +2.31 energy · coffee maker",
            ),
            (GoalState::Won { at: at(9) }, week, Some(69.0), "won on 25 Feb · coffee maker"),
            (GoalState::Missed { at: at(9) }, week, Some(69.0), "missed on 25 Feb · coffee maker"),
        ] {
            let shown = super::line(&goal(state, hold), score, at(10));
            assert_eq!(shown, format!("goal 70.00 by 13 Dec: {line}"));
        }
    }

    #[test]
    fn what_it_takes_in_two_lines() {
        let person = PersonSnapshot::new(PersonId(1), "ADA".to_owned(), "Ada".to_owned(), at(10));
        let mut open = goal(GoalState::Open, TimeDelta::zero());
        let [needs, when] = takes(&person, &open).try_into().unwrap();
        assert_eq!(
            needs,
            "needs +2.31 energy: about 9.0 typical days of engagement a week on  (4.2 a week lately)"
        );
        assert_eq!(
            when,
            "reached at that pace in 200 d, at twice the usual one not within 3 years; to be there by 13 Dec takes \
             31.0k a week from now on"
        );
        open.effort = open.effort.map(|effort| Effort { usual: Some(12.3), ..effort });
        assert_eq!(takes(&person, &open)[1], "as things go it is reached in 12 d, in time for 13 Dec");
        open.effort = open.effort.map(|effort| Effort { energy: -0.1, weekly: 0.0, ..effort });
        assert_eq!(takes(&person, &open).len(), 1);
    }
}
