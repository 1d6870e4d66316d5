//! The one place that reads the time. Everywhere else an instant is an argument.

use crate::model::Time;
use chrono::TimeDelta;
use std::time::Duration;
use tokio::time::Instant;

/// Where "now" comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    System,
    /// Starts at `start` and runs `speed` times as fast as the real one.
    Virtual {
        start: Time,
        began: Instant,
        speed: f64,
    },
    /// Stands still.
    Frozen(Time),
}

impl Clock {
    /// The time of this machine, once.
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn system_now() -> Time {
        chrono::Utc::now()
    }

    pub fn virtual_from(start: Time, speed: f64) -> Self {
        Self::Virtual { start, began: Instant::now(), speed }
    }

    pub fn now(&self) -> Time {
        match *self {
            Self::System => Self::system_now(),
            Self::Virtual { start, began, speed } => {
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds of one run")]
                let passed = (began.elapsed().as_secs_f64() * speed * 1e3) as i64;
                start + TimeDelta::milliseconds(passed)
            }
            Self::Frozen(now) => now,
        }
    }

    /// Real time left until `deadline`; `None` when it never comes.
    pub fn until(&self, deadline: Time) -> Option<Duration> {
        let left = deadline - self.now();
        if left <= TimeDelta::zero() {
            return Some(Duration::ZERO);
        }
        let left = left.to_std().ok()?;
        match *self {
            Self::System => Some(left),
            Self::Virtual { speed, .. } => Duration::try_from_secs_f64(left.as_secs_f64() / speed).ok(),
            Self::Frozen(_) => None,
        }
    }

    pub async fn sleep_until(&self, deadline: Time) {
        match self.until(deadline) {
            Some(Duration::ZERO) => {}
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    }
}
