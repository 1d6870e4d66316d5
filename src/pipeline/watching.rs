//! What is watched of a person, and what of it goes into the log: after every poll, the same live and rebuilt.

use super::WHOLE;
use super::book::{Book, Taken};
use crate::alerts::EventKind;
use crate::bumps::{Bump, Direction, Episode, Happening, Heard as Said, News, Pulse, Watch, What};
use crate::channels;
use crate::model::{ChannelId, PersonId, Reason, State, Time};
use crate::score::Constants;
use crate::store::{PollRow, Result, Rows};
use crate::text;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came may have been caused by what is so old.
const CAUSES: TimeDelta = TimeDelta::days(4);

/// Fewer events are no volume.
const LEAST: u64 = 10;

/// A poll that comes so much later than it was due tells of a time nobody watched.
const LATE: TimeDelta = TimeDelta::minutes(30);

/// The detectors of one person as they are kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Guard {
    watch: Watch,
    /// What the detectors said last, from 0 to 1.
    said: f64,
    /// The bump that goes on: its channel, and when it is expected to be over.
    open: Option<(i64, String, Option<Time>)>,
    /// How each channel's newest poll ended, and when its next one was due.
    channels: BTreeMap<i64, Ended>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ended {
    reason: String,
    at: Time,
    due: Time,
    /// Good polls so far.
    reads: u32,
}

/// A good poll of a person's channel as the detectors hear it.
pub(super) struct Heard<'a> {
    pub(super) book: &'a Book,
    pub(super) taken: &'a Taken,
    /// What it found is history, not news.
    pub(super) first: bool,
    /// The score after it; `None` until every channel has been tried.
    pub(super) score: Option<f64>,
    pub(super) points: f64,
    pub(super) promised: f64,
}

/// Whom a poll is about, and where it is written down.
pub(super) struct Scope<'r, 'c> {
    pub(super) rows: &'r Rows<'c>,
    pub(super) person: PersonId,
    /// The person's channels.
    pub(super) ids: &'r [ChannelId],
    pub(super) constants: &'r Constants,
}

impl Guard {
    pub(super) fn load(rows: &Rows<'_>, person: PersonId) -> Result<Self> {
        let state = rows.detector(person, WHOLE)?;
        // A state of another version is not understood: what is usual is learned anew.
        Ok(state.and_then(|state| serde_json::from_str(&state).ok()).unwrap_or_default())
    }

    /// How far the detectors are from raising a bump; nothing while one goes on.
    pub(super) fn forming(&self) -> Option<f64> {
        self.watch.active().is_none().then_some(self.said)
    }

    /// The person's usual daily noise in points, once it is known.
    pub(super) fn noise(&self) -> Option<f64> {
        self.watch.noise()
    }

    /// Hears of a poll, writes down what is to be told of it, and returns that. `heard` is `None` where the
    /// channel could not be read.
    pub(super) fn hear(
        &mut self,
        scope: &Scope<'_, '_>,
        poll: &PollRow,
        heard: Option<&Heard<'_>>,
        cause: &dyn Fn() -> Result<String>,
    ) -> Result<Vec<What>> {
        let &Scope { rows, person, ids, .. } = scope;
        let mut told = Told { rows, person, all: Vec::new() };
        let PollRow { channel, at, reason, .. } = *poll;
        self.channels.retain(|id, _| ids.contains(&ChannelId(*id)));
        // What is typed in is due at no time, and says nothing about whether the program was off.
        let polled = !heard.is_some_and(|heard| channels::by_hand(heard.book.account.network));
        if polled {
            self.absence(&mut told, at)?;
        }
        let before = self.channels.get(&channel.0);
        // Being asked to wait may turn into something worse.
        let known = before.and_then(|ended| Reason::from_word(&ended.reason)).map(Reason::state);
        let worse = known == Some(State::Limit) && reason.state() != State::Limit;
        let was_held = known.is_some_and(State::held) && !worse;
        let reads = before.map_or(0, |ended| ended.reads);
        if reason.state().held() && !was_held && reads > 0 {
            let mut what = text::clean(poll.detail.as_deref().unwrap_or_else(|| reason.word()));
            let kind = if reason.state() == State::Limit { EventKind::Limit } else { EventKind::Halt };
            if kind == EventKind::Limit {
                what.push_str(&poll.next_at.format(" until %H:%M UTC").to_string());
            }
            told.happening(at, kind, channel, None, what)?;
        }
        let reads = reads + u32::from(heard.is_some());
        let ended = Ended { reason: reason.word().to_owned(), at, due: poll.next_at, reads };
        if polled {
            self.channels.insert(channel.0, ended);
        }
        if let Some(heard) = heard {
            if !heard.first {
                milestones(&mut told, channel, at, heard)?;
                volume(&mut told, channel, at, heard)?;
            }
            if let Some(score) = heard.score {
                let whole = self.channels.values().all(|ended| !held(&ended.reason));
                let Heard { points, promised, .. } = *heard;
                let news = (!heard.first).then_some(News { channel: channel.0, points, promised });
                let size = |watch: &Watch| watch.active().map(|bump| bump.magnitude);
                let before = size(&self.watch);
                let Said { score: said, bump: news } =
                    self.watch.read(at, whole.then_some(score), news.as_ref());
                self.said = said;
                // One that goes on has grown.
                let grown = self.watch.active().filter(|bump| Some(bump.magnitude) != before);
                if let Some(bump) = news.or(grown) {
                    told.all.push(What::Bump(self.tell(scope, channel, bump, points, cause)?));
                }
            }
        }
        rows.put_detector(person, WHOLE, &serde_json::to_string(self).unwrap_or_default())?;
        Ok(told.all)
    }

    fn tell(
        &mut self,
        scope: &Scope<'_, '_>,
        channel: ChannelId,
        bump: Bump,
        points: f64,
        cause: &dyn Fn() -> Result<String>,
    ) -> Result<Episode> {
        let &Scope { rows, person, constants, .. } = scope;
        if bump.resolved.is_none() && self.open.is_none() {
            // Raised by the news of this poll, or by what has come since.
            let best = rows.biggest_tick(person, bump.onset - CAUSES)?;
            let sign = if bump.direction == Direction::Up { 1.0 } else { -1.0 };
            let best = best.filter(|tick| tick.points * sign > (points * sign).max(0.0));
            let (channel, cause) = match best {
                Some(tick) => (tick.channel, tick.cause),
                None if points * sign > 0.0 => (channel, cause()?),
                None => (WHOLE, "less than usual came in".to_owned()),
            };
            let fades = (bump.direction == Direction::Up).then(|| bump.onset + fading(constants));
            self.open = Some((channel.0, cause, fades));
        }
        let (channel, cause, fades) = self.open.clone().unwrap_or_default();
        if bump.resolved.is_some() {
            self.open = None;
        }
        let episode = Episode { person, bump, channel: ChannelId(channel), cause, fades };
        rows.put_bump(&episode)?;
        Ok(episode)
    }

    /// A time in which nothing was asked, because the program was off.
    fn absence(&self, told: &mut Told<'_, '_>, at: Time) -> Result<()> {
        let Some(last) = self.channels.values().map(|ended| ended.at).max() else { return Ok(()) };
        let due = self.channels.values().map(|ended| ended.due).min().unwrap_or(last).max(last);
        if at - due < LATE {
            return Ok(());
        }
        let what = format!("off from {} to {}", last.format("%d %b %H:%M"), at.format("%d %b %H:%M UTC"));
        told.happening(at, EventKind::Gap, WHOLE, None, what)
    }
}

/// What is told of one poll, as it is written down.
struct Told<'r, 'c> {
    rows: &'r Rows<'c>,
    person: PersonId,
    all: Vec<What>,
}

impl Told<'_, '_> {
    fn happening(
        &mut self,
        at: Time,
        kind: EventKind,
        channel: ChannelId,
        points: Option<f64>,
        what: String,
    ) -> Result<()> {
        let happening = Happening { person: self.person, at, kind, channel, points, what };
        if self.rows.put_happening(&happening)? {
            self.all.push(What::Happening(happening));
        }
        Ok(())
    }
}

/// Round numbers that an audience has passed.
fn milestones(told: &mut Told<'_, '_>, channel: ChannelId, at: Time, heard: &Heard<'_>) -> Result<()> {
    for &(figure, change) in &heard.taken.audience {
        let Some(now) = heard.book.figure(figure) else { continue };
        let Some(before) = now.checked_add_signed(-change) else { continue };
        if let Some(reached) = milestone(before, now) {
            let what = format!("{} {}", text::grouped(reached), figure.word());
            told.happening(at, EventKind::Milestone, channel, None, what)?;
        }
    }
    Ok(())
}

fn held(reason: &str) -> bool {
    Reason::from_word(reason).is_some_and(|reason| reason.state().held())
}

/// The highest power of ten from 100 on that was passed.
fn milestone(before: u64, now: u64) -> Option<u64> {
    (2..19).rev().map(|power| 10u64.pow(power)).find(|round| before < *round && *round <= now)
}

/// Far more than this channel's polls usually bring.
fn volume(told: &mut Told<'_, '_>, channel: ChannelId, at: Time, heard: &Heard<'_>) -> Result<()> {
    let (rows, person) = (told.rows, told.person);
    let state = rows.detector(person, channel)?;
    let mut pulse: Pulse = state.and_then(|state| serde_json::from_str(&state).ok()).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "events of one poll")]
    let events = heard.taken.volume as f64;
    if pulse.read(at, events) >= 0.5 && heard.taken.volume >= LEAST {
        let what = format!("unusual volume: {} events in one poll", text::grouped(heard.taken.volume));
        told.happening(at, EventKind::Volume, channel, Some(heard.points), what)?;
    }
    rows.put_detector(person, channel, &serde_json::to_string(&pulse).unwrap_or_default())
}

/// How long it takes until a tenth is left of what engagement did to a channel's energy: its buzz goes by the
/// short half-life, its body by the long one.
fn fading(constants: &Constants) -> TimeDelta {
    let body = constants.body_share / constants.body_days;
    let buzz = constants.buzz_share / constants.buzz_days;
    let left = |days: f64| {
        let (of_body, of_buzz) = ((-days / constants.body_days).exp2(), (-days / constants.buzz_days).exp2());
        (body * of_body + buzz * of_buzz) / (body + buzz)
    };
    let hours = (1..24 * 400).find(|hours| left(f64::from(*hours) / 24.0) <= 0.1).unwrap_or(24 * 400);
    TimeDelta::hours(i64::from(hours))
}
