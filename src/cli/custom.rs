//! What the channels that the user has described bring.

use super::Failure;
use super::people::{audience, explain, key_hint, what_came};
use super::session::{Session, runtime};
use crate::channels::{self, Memory, Reach};
use crate::model::{Account, Observation, Outcome};
use crate::poller::Hosts;

/// Asks every custom channel of the configuration once: a line each, and the code of what went wrong.
pub(super) fn test(session: &Session) -> Result<(Vec<String>, u8), Failure> {
    let names: Vec<&String> = session.config.custom.keys().collect();
    if names.is_empty() || session.global.offline {
        return Ok((Vec::new(), 0));
    }
    let poller = session.poller(Hosts::default())?;
    let runtime = runtime()?;
    let (mut said, mut codes) = (Vec::new(), Vec::new());
    for name in names {
        let Some(network) = channels::network("custom") else { continue };
        let account = Account::new(network, name.as_str());
        let test = poller.poll(account.clone(), Memory::default(), Reach::Probe);
        said.push(match runtime.block_on(test).outcome {
            Outcome::Observed(observation) => {
                let Observation { posts, profile, .. } = *observation;
                format!("{account}: {}", what_came(posts.len(), audience(&profile.figures)))
            }
            Outcome::Gap(trouble) => {
                let line = format!("{account}: {}", explain(&poller, &trouble, &key_hint(&account)));
                codes.push(Failure::from(trouble).code);
                line
            }
        });
    }
    Ok((said, Failure::worst(codes)))
}
