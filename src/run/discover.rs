//! Looking accounts up: what an address means, and whether a proposal answers. Every question goes through the
//! poller, so that hosts get their pauses; what a proposal leads to is not followed any further.

use super::AllowsHttp;
use crate::app::Found;
use crate::channels;
use crate::discover;
use crate::http::Fetch;
use crate::model::{Account, Network, State, Trouble};
use crate::poller::{Poller, Resolved, resolve};
use chrono::TimeDelta;

/// What an address means, or what to do about it.
pub(super) async fn look_up<F: Fetch>(
    poller: &Poller<F>,
    typed: &str,
    allows_http: &AllowsHttp,
) -> Result<Found, String> {
    let candidates = channels::parse(typed, &**allows_http).map_err(|bad| bad.to_string())?;
    let why = candidates.first().and_then(|account| poller.settings.why_off(account.network));
    let asked = asked(poller, candidates);
    if let Some(why) = why.filter(|_| asked.is_empty()) {
        return Err(why.to_owned());
    }
    if let Some(found) = unasked(poller, &asked) {
        return Ok(found);
    }
    let found = resolve(poller, asked).await;
    found
        .map(|found| with_proposals(poller, found, allows_http))
        .map_err(|(network, trouble)| explain(network, &trouble))
}

/// Whether a proposed account answers, and where it leads to in turn.
pub(super) async fn probe<F: Fetch>(
    poller: &Poller<F>,
    candidates: Vec<Account>,
    allows_http: &AllowsHttp,
) -> Result<Found, Trouble> {
    if let Some(found) = unasked(poller, &candidates) {
        return Ok(found);
    }
    let found = resolve(poller, candidates).await;
    found.map(|found| with_proposals(poller, found, allows_http)).map_err(|(_, trouble)| trouble)
}

/// Those of the accounts whose networks are asked.
fn asked<F: Fetch>(poller: &Poller<F>, mut candidates: Vec<Account>) -> Vec<Account> {
    candidates.retain(|account| poller.settings.why_off(account.network).is_none());
    candidates
}

/// An account whose network costs money is shown with its price. Nobody is asked before the user has seen it.
fn unasked<F: Fetch>(poller: &Poller<F>, candidates: &[Account]) -> Option<Found> {
    let account = candidates.first()?;
    let cost = poller.settings.cost(account, poller.has_key(account), poller.clock.now())?;
    Some(Found {
        account: account.clone(),
        name: None,
        took: TimeDelta::zero(),
        requests: 0,
        proposals: Vec::new(),
        price: Some((cost.poll, cost.to_string())),
    })
}

fn with_proposals<F: Fetch>(poller: &Poller<F>, found: Resolved, allows_http: &AllowsHttp) -> Found {
    let mut proposals = discover::proposals(&found.account, &found.links, &**allows_http);
    for proposal in &mut proposals {
        proposal.candidates = asked(poller, std::mem::take(&mut proposal.candidates));
    }
    proposals.retain(|proposal| !proposal.candidates.is_empty());
    Found {
        account: found.account,
        name: found.name,
        took: found.took,
        requests: found.requests,
        proposals,
        price: None,
    }
}

/// What a look-up failed at, and what to do.
fn explain(network: Network, trouble: &Trouble) -> String {
    let hint = match trouble {
        Trouble::NotFound => "; check the spelling",
        Trouble::KeyNeeded => "; a token is needed, see the README",
        _ if trouble.reason().state() == State::Halt => "; try again later",
        _ => "",
    };
    format!("{}: {trouble}{hint}", network.name())
}
