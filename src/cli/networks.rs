use super::failure::say_json;
use super::session::Session;
use super::{Failure, say};
use crate::channels;
use crate::model::Network;
use crate::report;
use crate::text::suggestion;
use clap::Args;

#[derive(Debug, Args)]
pub struct NetworksArgs {
    /// A network by any of its spellings: its page.
    #[arg(value_name = "NETWORK")]
    network: Option<String>,
}

pub(super) fn networks(session: &Session, args: &NetworksArgs) -> Result<(), Failure> {
    let all: Vec<Network> = channels::networks().collect();
    let Some(word) = &args.network else {
        let json = session.global.json;
        return if json {
            say_json(&report::networks(&all, &session.constants))
        } else {
            say(&report::networks_text(&all))
        };
    };
    let network = channels::network(word).ok_or_else(|| {
        let known: Vec<&str> = all
            .iter()
            .flat_map(|network| [network.id()].into_iter().chain(network.0.also.iter().copied()))
            .collect();
        Failure::usage(format!("there is no network called \"{word}\"{}", suggestion(word, &known)))
    })?;
    if session.global.json {
        say_json(&report::networks(&[network], &session.constants))
    } else {
        say(&report::page(network, &session.constants))
    }
}
