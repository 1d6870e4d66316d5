//! Pages on other people's sites: guest posts, and articles under which somebody answers.

use super::Failure;
use super::failure::{note, say_json};
use super::people::{Add, Added, AddedChannel, explain};
use super::say;
use super::session::{Session, runtime};
use crate::channels::{self, Memory, Reach};
use crate::config;
use crate::model::{Metric, Outcome, Post, Trouble, Word};
use crate::poller::{Hosts, Poller};
use url::Url;

/// What a look at a page has brought.
struct Looked {
    requests: u32,
    post: Option<Post>,
}

/// Puts pages on a person's feed, or on one that has nothing but pages.
pub(super) fn add(session: &Session, args: &Add) -> Result<(), Failure> {
    session.not_the_demo("reads no page of anybody else")?;
    let symbol = &session.person(args.symbol.as_deref().unwrap_or_default())?.symbol;
    let allows = |host: &str| session.config.allows_http(host);
    let pages: Result<Vec<Url>, _> =
        args.what.iter().map(|text| channels::page_elsewhere(text, &allows)).collect();
    let pages = pages?;
    let looked = if args.no_test || session.global.offline { None } else { Some(look(session, &pages)?) };
    let added = config::add_pages(&session.paths.config, symbol, &pages)?;
    let of = |page: &Url| {
        let place = pages.iter().position(|known| known == page)?;
        looked.as_ref()?.get(place)
    };
    if session.global.json {
        let added = added.iter().map(|page| AddedChannel {
            network: channels::elsewhere().network.id(),
            account: page.to_string(),
            stable_id: Some(page.to_string()),
            requests: of(page).map_or(0, |looked| looked.requests),
            brought: None,
        });
        return say_json(&Added { schema: "cloutop/add/1", symbol: symbol.clone(), added: added.collect() });
    }
    let channel = channels::elsewhere().network;
    for page in &added {
        let said = looked.as_ref().map_or_else(
            || "not tested".to_owned(),
            |_| of(page).and_then(|looked| looked.post.as_ref()).map_or_else(String::new, what_is_told),
        );
        say(&format!("{symbol}/{channel}  {page}  {said}\n"))?;
    }
    if added.is_empty() {
        say(&format!(
            "{symbol} has {} already\n",
            if pages.len() == 1 { "this page" } else { "these pages" }
        ))?;
    }
    Ok(())
}

/// What strangers can count on a page.
fn what_is_told(post: &Post) -> String {
    let words = channels::elsewhere().network.0.words;
    let told = [(Metric::Replies, words.reply), (Metric::Reshares, words.reshare)];
    let count = |(metric, word): (Metric, Option<Word>)| {
        let (count, word) = (post.counts.get(metric)?, word?);
        Some(format!("{count} {}", if count == 1 { word.one } else { word.many }))
    };
    let told: Vec<String> = told.into_iter().filter_map(count).collect();
    if told.is_empty() {
        return "found; it tells strangers no number, so it moves nothing until it does".to_owned();
    }
    format!("found: {}", told.join(", "))
}

/// Reads every page once. Nothing is added unless all can be read.
fn look(session: &Session, pages: &[Url]) -> Result<Vec<Looked>, Failure> {
    let runtime = runtime()?;
    let (mut looked, mut codes) = (Vec::new(), Vec::new());
    for page in pages {
        let account = channels::elsewhere();
        let only = std::slice::from_ref(page);
        let settings = session.settings().with_elsewhere([(&account, only)].into_iter());
        let poller = Poller { settings, ..session.poller(Hosts::default())? };
        let asked = runtime.block_on(poller.poll(account.clone(), Memory::default(), Reach::Full));
        match asked.outcome {
            Outcome::Observed(observation) => {
                let post = observation.posts.into_iter().next();
                looked.push(Looked { requests: asked.requests, post });
            }
            Outcome::Gap(trouble) => {
                let why = match trouble {
                    Trouble::NotFound => "no such page; check the address".to_owned(),
                    _ => explain(&poller, &trouble, account.network.id()),
                };
                note(&format!("cloutop: {page}: {why}"));
                codes.push(Failure::from(trouble).code);
            }
        }
    }
    match Failure::worst(codes) {
        0 => Ok(looked),
        code => Err(Failure::new(code, "nothing was added; --no-test adds without asking")),
    }
}
