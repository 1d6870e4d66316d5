use super::stamp;
use crate::goals;
use crate::model::{Effort, GoalSnapshot, PersonSnapshot};
use crate::score::DAY_MILLIS;
use crate::text;
use chrono::TimeDelta;
use serde::Serialize;

#[derive(Serialize)]
pub struct Goals {
    schema: &'static str,
    symbol: String,
    score: Option<f64>,
    goals: Vec<GoalLine>,
}

#[derive(Serialize)]
struct GoalLine {
    id: i64,
    target: f64,
    since: String,
    by: Option<String>,
    hold_days: f64,
    prize: Option<String>,
    state: &'static str,
    /// When it came into the state.
    at: Option<String>,
    held_days: f64,
    /// Points that are missing; 0 at the target.
    to_go: Option<f64>,
    takes: Option<Takes>,
}

/// Engagement in typical active days of the channel's network.
#[derive(Serialize)]
struct Takes {
    energy: f64,
    channel: Option<String>,
    weekly: f64,
    weekly_lately: f64,
    weekly_by_due: Option<f64>,
    days_at_weekly: Option<f64>,
    days_as_usual: Option<f64>,
    days_at_twice: Option<f64>,
}

fn days(span: TimeDelta) -> f64 {
    span.num_milliseconds() as f64 / DAY_MILLIS as f64
}

fn takes(person: &PersonSnapshot, effort: &Effort) -> Takes {
    let channel = person.channels.iter().find(|channel| channel.id == effort.channel);
    Takes {
        energy: effort.energy,
        channel: channel.map(|channel| channel.slot.clone()),
        weekly: effort.weekly,
        weekly_lately: effort.lately,
        weekly_by_due: effort.by_due,
        days_at_weekly: effort.settles,
        days_as_usual: effort.usual,
        days_at_twice: effort.twice,
    }
}

/// `cloutop/goals/1`: some of a person's goals.
pub fn goals(person: &PersonSnapshot, shown: &[&GoalSnapshot]) -> Goals {
    let line = |snapshot: &&GoalSnapshot| {
        let goal = &snapshot.goal;
        GoalLine {
            id: goal.id,
            target: goal.target,
            since: stamp(goal.since),
            by: goal.due.map(stamp),
            hold_days: days(goal.hold),
            prize: Some(goal.prize.clone()).filter(|prize| !prize.is_empty()),
            state: snapshot.state.word(),
            at: snapshot.state.at().map(stamp),
            held_days: days(snapshot.held(person.at)),
            to_go: person.score.map(|score| (goal.target - score).max(0.0)),
            takes: snapshot.effort.as_ref().map(|effort| takes(person, effort)),
        }
    };
    Goals {
        schema: "cloutop/goals/1",
        symbol: person.symbol.clone(),
        score: person.score,
        goals: shown.iter().map(line).collect(),
    }
}

/// Every goal with its number, how far it is, and what it takes.
pub fn goals_text(person: &PersonSnapshot, shown: &[&GoalSnapshot]) -> String {
    let symbol = &person.symbol;
    if shown.is_empty() {
        return format!(
            "{symbol} has no goals; set one with: cloutop goal {symbol} 60 --by 2030-12-31 --hold 7d\n"
        );
    }
    let mut out = String::new();
    for goal in shown {
        out.push_str(&format!(
            "{:>4}  {:<8}{}\n",
            goal.goal.id,
            goal.state.word(),
            goals::line(goal, person.score, person.at)
        ));
        for line in goals::takes(person, goal) {
            for line in text::wrap(&line, 86) {
                out.push_str(&format!("{:14}{line}\n", ""));
            }
        }
    }
    out
}
