use crate::model::Time;
use crate::score::{Cause, Constants};
use crate::store::{Result, Rows};

/// Which constants were in force when. A change of them bends the curve from then on: what was shown before
/// stays as it was.
#[derive(Debug, Clone)]
pub(super) struct Models(Vec<(Time, Constants)>);

impl Models {
    /// One set of constants for ever.
    pub(super) fn only(constants: Constants) -> Self {
        Self(vec![(Time::MIN_UTC, constants)])
    }

    /// What the store has been told; `current` where it has not been told anything.
    pub(super) fn load(rows: &Rows<'_>, current: &Constants) -> Result<Self> {
        let known = rows.models()?.into_iter();
        // A text that this version cannot read was made by one that computed otherwise.
        let known = known.filter_map(|(at, text)| Some((at, Constants::from_text(&text).ok()?)));
        let mut models: Vec<(Time, Constants)> = known.collect();
        match models.first_mut() {
            Some(first) => first.0 = Time::MIN_UTC,
            None => return Ok(Self::only(current.clone())),
        }
        Ok(Self(models))
    }

    /// These constants are in force from an instant on; returns whether that is a change.
    pub(super) fn then(&mut self, at: Time, constants: &Constants) -> bool {
        let change = self.0.last().is_some_and(|(_, last)| last != constants);
        if change {
            self.0.push((at, constants.clone()));
        }
        change
    }

    /// Notes that these constants are in force from now on; if that is a change, returns its instant and the
    /// former ones.
    pub(super) fn adopt(
        rows: &Rows<'_>,
        constants: &Constants,
        now: Time,
    ) -> Result<Option<(Time, Constants)>> {
        let text = constants.to_text();
        let models = rows.models()?;
        let Some((since, last)) = models.last() else {
            rows.put_model(crate::model::time(0), &constants.model, &text)?;
            return Ok(None);
        };
        if *last == text {
            return Ok(None);
        }
        let now = now.max(super::just_after(*since));
        rows.put_model(now, &constants.model, &text)?;
        Ok(Constants::from_text(last).ok().map(|former| (now, former)))
    }

    pub(super) fn at(&self, at: Time) -> &Constants {
        let place = self.0.partition_point(|(since, _)| *since <= at);
        &self.0[place.saturating_sub(1)].1
    }

    /// From when on the newest ones have been in force.
    pub(super) fn newest(&self) -> Time {
        self.0.last().map_or(Time::MIN_UTC, |(since, _)| *since)
    }

    /// Instants inside an interval from which on other constants were in force.
    pub(super) fn changes(&self, from: Time, to: Time) -> impl Iterator<Item = Time> + '_ {
        self.0.iter().map(|(since, _)| *since).filter(move |since| from < *since && *since <= to)
    }
}

/// Whether the program or the user changed the model.
pub(super) fn kind(before: &Constants, after: &Constants) -> Cause {
    let version = |constants: &Constants| constants.model.trim_end_matches('+').to_owned();
    if version(before) == version(after) { Cause::Constants } else { Cause::Model }
}

/// What changed, in words.
pub(super) fn words(before: &Constants, after: &Constants) -> String {
    let found = before.differences(after);
    let more = found.len().saturating_sub(3);
    let mut text = found.into_iter().take(3).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    if before.model == after.model {
        format!("constants changed: {text}")
    } else {
        format!("model {} → {}: {text}", before.model, after.model)
    }
}
