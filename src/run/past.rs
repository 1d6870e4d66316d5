use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::demo::{self, World};
use crate::model::{ChannelId, Goal, Time};
use crate::pipeline::Pipeline;
use crate::poller::{Hosts, Poller, Settings};
use crate::schedule::mix;
use crate::store::Result;
use chrono::TimeDelta;
use futures_util::FutureExt;

/// How the past is polled: from so many hours before the start, every so many minutes. The demo's user
/// has had the program for nine days; what lies before is computed from what the first polls found.
const PAST: [(i64, i64); 2] = [(9 * 24, 3 * 60), (30, 30)];

/// For how long the demo's rules have been at work.
const RULES: TimeDelta = TimeDelta::hours(24);

/// Lives through the demo's past: polls everybody at the instants at which a running program would have,
/// ever more often towards the present. `progress` hears how many polls are done, of how many, and says
/// whether to go on.
pub fn live_through_past(
    world: &World,
    pipeline: &mut Pipeline,
    progress: &mut dyn FnMut(&Pipeline, Time, usize, usize) -> bool,
) -> Result<()> {
    let origin = world.origin();
    set_goals(world, pipeline, origin - TimeDelta::hours(PAST[0].0))?;
    let channels: Vec<ChannelId> = pipeline.jobs(origin).iter().map(|job| job.channel).collect();
    let mut instants = Vec::new();
    for (place, &channel) in (0u64..).zip(&channels) {
        for (i, &(from, every)) in PAST.iter().enumerate() {
            let until = PAST.get(i + 1).map_or(0, |next| next.0);
            let (mut minute, end) = (-from * 60, -until * 60);
            while minute < end {
                let part = (mix(world.seed() ^ (place + 1)) % 1_000).cast_signed();
                let at = origin + TimeDelta::milliseconds(minute * 60_000 + every * 60 * part);
                instants.push((at, channel));
                minute += every;
            }
        }
        // Everybody was read within the last minute.
        let seconds = (mix(world.seed() ^ 0xa9e ^ place) % 50 + 5).cast_signed();
        instants.push((origin - TimeDelta::seconds(seconds), channel));
    }
    instants.retain(|(at, _)| *at < origin);
    instants.sort();
    let total = instants.len();
    let mut armed = false;
    for (done, &(at, channel)) in instants.iter().enumerate() {
        // The rules are as old as yesterday, so that there is something to read and little that nags.
        if !armed && at >= origin - RULES {
            pipeline.arm(Alerts::default(), |at| at.fixed_offset(), at)?;
            armed = true;
        }
        if !progress(pipeline, at, done, total) {
            return Ok(());
        }
        // When this channel is polled next, as the schedule of a running program would have said.
        let next = instants[done + 1..].iter().find(|(_, next)| *next == channel).map(|(at, _)| *at);
        poll(world, pipeline, channel, at, next)?;
    }
    progress(pipeline, origin, total, total);
    Ok(())
}

/// The demo's people set their goals as soon as they have the program.
fn set_goals(world: &World, pipeline: &Pipeline, since: Time) -> Result<()> {
    let rows = pipeline.database().rows();
    for (symbol, goal) in world.goals(since) {
        for person in pipeline.people() {
            if pipeline.symbol(person) == Some(&symbol) {
                rows.insert_goal(&Goal { person, ..goal.clone() })?;
            }
        }
    }
    Ok(())
}

/// Polls one channel at one instant. The demo's world answers at once, so there is nothing to wait for.
fn poll(
    world: &World,
    pipeline: &mut Pipeline,
    channel: ChannelId,
    at: Time,
    next: Option<Time>,
) -> Result<()> {
    let Some(job) = pipeline.jobs(at).into_iter().find(|job| job.channel == channel) else { return Ok(()) };
    let memory = pipeline.recall(channel, at)?;
    if let Some(mut report) = asking(world, at).run_job(&job, memory).now_or_never() {
        report.next_at = next.unwrap_or(report.next_at);
        pipeline.apply(&report)?;
    }
    Ok(())
}

/// Asks the demo's world at one instant.
pub(super) fn asking(world: &World, at: Time) -> Poller<World> {
    Poller {
        fetch: world.clone(),
        clock: Clock::Frozen(at),
        settings: Settings::every(demo::INTERVAL),
        hosts: Hosts::default(),
    }
}
