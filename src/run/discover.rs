//! Looking accounts up: what an address means, and whether a proposal answers. Every question goes through the
//! poller, so that hosts get their pauses; what a proposal leads to is not followed any further.

use super::AllowsHttp;
use crate::app::Found;
use crate::channels;
use crate::discover;
use crate::http::Fetch;
use crate::model::{Account, Network, State, Trouble};
use crate::poller::{Poller, Resolved, resolve};

/// What an address means, or what to do about it.
pub(super) async fn look_up<F: Fetch>(
    poller: &Poller<F>,
    typed: &str,
    allows_http: &AllowsHttp,
) -> Result<Found, String> {
    let candidates = channels::parse(typed, &**allows_http).map_err(|bad| bad.to_string())?;
    let found = resolve(poller, candidates).await;
    found
        .map(|found| with_proposals(found, allows_http))
        .map_err(|(network, trouble)| explain(network, &trouble))
}

/// Whether a proposed account answers, and where it leads to in turn.
pub(super) async fn probe<F: Fetch>(
    poller: &Poller<F>,
    candidates: Vec<Account>,
    allows_http: &AllowsHttp,
) -> Result<Found, Trouble> {
    let found = resolve(poller, candidates).await;
    found.map(|found| with_proposals(found, allows_http)).map_err(|(_, trouble)| trouble)
}

fn with_proposals(found: Resolved, allows_http: &AllowsHttp) -> Found {
    let proposals = discover::proposals(&found.account, &found.links, &**allows_http);
    Found { account: found.account, name: found.name, took: found.took, requests: found.requests, proposals }
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
