//! What a site counts, as Plausible tells it.

use super::cast::{Account, EventKind, Player};
use super::{Answer, World};
use crate::exchange::{Body, Request};
use crate::model::{Time, time};
use crate::score::DAY_MILLIS;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// Visits that one of the person's posts brings beside the usual ones, for each time that it is larger than usual.
const BROUGHT: f64 = 40.0;

impl World {
    pub(super) fn plausible(&self, request: &Request, now: Time) -> Answer {
        let Some(Body::Json(question)) =
            request.body.as_ref().filter(|_| request.url.path() == "/api/v2/query")
        else {
            return Answer::error(404, &json!({ "error": "Not found" }));
        };
        let found = question["site_id"].as_str().and_then(|site| self.cast.by_handle("plausible", site));
        let Some((player, account)) = found else {
            return Answer::error(401, &json!({ "error": "Invalid API key or site ID." }));
        };
        let date = |place: usize| question["date_range"][place].as_str()?.parse::<NaiveDate>().ok();
        let (Some(from), Some(to)) = (date(0), date(1)) else {
            return Answer::error(400, &json!({ "error": "Invalid date range." }));
        };
        let days = from.iter_days().take_while(|day| *day <= to.min(now.date_naive()));
        let results: Vec<Value> = days
            .map(|day| {
                let visits = self.visits(player, account, day);
                json!({ "metrics": [visits], "dimensions": [day.to_string()] })
            })
            .collect();
        Answer::json(&json!({ "results": results, "meta": {}, "query": question }))
    }

    /// Visits of a whole day: an uneven number around the usual one, and those whom a large post brought.
    fn visits(&self, player: &Player, account: &Account, day: NaiveDate) -> u64 {
        let number = day.signed_duration_since(time(0).date_naive()).num_days();
        let usual = account.rate * (0.6 + 0.8 * self.chance(account, [number.cast_unsigned(), 801]));
        let posts = self
            .cast
            .events
            .iter()
            .filter(|event| event.who == player.symbol && event.kind == EventKind::Post);
        let brought = posts.map(|event| {
            let at = event.span(self.origin).0.timestamp_millis().div_euclid(DAY_MILLIS);
            match number - at {
                0..7 => BROUGHT * event.size * 0.5f64.powi(i32::try_from(number - at).unwrap_or(0)),
                _ => 0.0,
            }
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "visits of a day")]
        let visits = (usual + brought.sum::<f64>()) as u64;
        visits
    }
}
