use super::failure::{note, say_json};
use super::session::Session;
use super::{Failure, look, say};
use crate::channels;
use crate::config::{self, Keys, NewPerson, is_symbol, propose_symbol};
use crate::discover::{self, Proposal, same};
use crate::http::Fetch;
use crate::model::{Account, Figure, KeyNeed, State, Trouble};
use crate::poller::{Hosts, Poller, Resolved, resolve};
use crate::text::suggestion;
use clap::Args;
use serde::Serialize;
use std::io::{IsTerminal, Write};

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Add {
    /// Accounts of one person: @user@server, name.bsky.social, github:name, hn:name, a blog's address.
    #[arg(required = true, value_name = "WHAT")]
    pub(super) what: Vec<String>,
    /// The person's symbol, two to five letters or digits. New, or of somebody on the board.
    #[arg(long = "as", value_name = "SYM")]
    pub(super) symbol: Option<String>,
    /// Shown beside the symbol; left out, the account's own name is.
    #[arg(long)]
    name: Option<String>,
    /// People of one group can be shown alone (key p).
    #[arg(long)]
    group: Option<String>,
    /// This is me.
    #[arg(long)]
    mine: bool,
    /// WHAT are pages on other people's sites, as guest posts: their comments and links are items of the person's
    /// feed.
    #[arg(long, requires = "symbol", conflicts_with_all = ["name", "group", "mine"])]
    pub(super) elsewhere: bool,
    /// Do not ask the network whether the accounts exist.
    #[arg(long)]
    pub(super) no_test: bool,
    /// Never ask back.
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
pub(super) struct Added {
    pub(super) schema: &'static str,
    pub(super) symbol: String,
    pub(super) added: Vec<AddedChannel>,
}

#[derive(Serialize)]
pub(super) struct AddedChannel {
    pub(super) network: &'static str,
    pub(super) account: String,
    pub(super) stable_id: Option<String>,
    pub(super) requests: u32,
    /// What the test poll of a channel brought that the user has described.
    #[serde(flatten)]
    pub(super) brought: Option<Brought>,
}

#[derive(Serialize)]
pub(super) struct Brought {
    posts: usize,
    audience: Option<u64>,
}

pub(super) fn add(session: &Session, args: &Add) -> Result<(), Failure> {
    if session.global.demo.is_some() {
        return Err(Failure::usage(
            "the demo's people are invented and fixed; leave --demo out to add real ones",
        ));
    }
    let symbol = args.symbol.as_ref().map(|symbol| symbol.to_uppercase());
    if let Some(symbol) = symbol.as_ref().filter(|symbol| !is_symbol(symbol)) {
        return Err(Failure::usage(format!(
            "\"{symbol}\" is not a symbol: two to five letters or digits, a letter first"
        )));
    }
    let allows = |host: &str| session.config.allows_http(host);
    let mut candidates = Vec::new();
    for what in &args.what {
        candidates.push((what, asked(session, channels::parse(what, &allows)?)?));
    }
    if !consents(session, &candidates, args.yes)? {
        return Err(Failure::new(1, "nothing was added, and nothing was spent"));
    }
    described(session, candidates.iter().flat_map(|(_, accounts)| accounts))?;
    let test = !args.no_test && !session.global.offline;
    let found = if test { look_up(session, candidates)? } else { untested(candidates)? };
    let known: Vec<String> = session.symbols();
    let symbol = symbol.unwrap_or_else(|| {
        let first = &found[0];
        propose_symbol(args.name.as_deref().or(first.name.as_deref()), &first.account, &known)
    });
    let new = !known.contains(&symbol);
    let name =
        args.name.clone().or_else(|| found.iter().find_map(|found| found.name.clone()).filter(|_| new));
    let person = NewPerson {
        symbol: symbol.clone(),
        name,
        group: args.group.clone(),
        mine: args.mine,
        channels: found.iter().map(|found| found.account.clone()).collect(),
    };
    let added = config::add(&session.paths.config, &person)?;
    let requests = |account: &Account| {
        found.iter().find(|found| found.account == *account).map_or(0, |found| found.requests)
    };
    let brought = |account: &Account| {
        let own = |found: &&Resolved| channels::own_key(account).is_some() && found.account == *account;
        let found = found.iter().find(own).filter(|_| test)?;
        Some(Brought { posts: found.posts, audience: audience(&found.figures) })
    };
    let report = Added {
        schema: "cloutop/add/1",
        symbol: symbol.clone(),
        added: added
            .iter()
            .map(|account| AddedChannel {
                network: account.network.id(),
                account: account.handle.clone(),
                stable_id: account.stable.clone(),
                requests: requests(account),
                brought: brought(account),
            })
            .collect(),
    };
    for hint in hints(&symbol, &found, &allows) {
        note(&hint);
    }
    if session.global.json {
        return say_json(&report);
    }
    for account in &added {
        if channels::by_hand(account.network) {
            let name = channels::by_hand_name(&account.handle);
            let how = format!("cloutop reading {symbol}/{} followers=512", account.handle);
            say(&format!("{symbol}  {account}  {name}; type a reading in with: {how}\n"))?;
            continue;
        }
        let checked = if test { "found" } else { "not tested" };
        let checked = brought(account).map_or_else(
            || checked.to_owned(),
            |Brought { posts, audience }| format!("{checked}: {}", what_came(posts, audience)),
        );
        say(&format!("{symbol}  {account}  {checked}\n"))?;
    }
    if added.is_empty() {
        say(&format!(
            "{symbol} has {} already\n",
            if found.len() == 1 { "this account" } else { "these accounts" }
        ))?;
    }
    Ok(())
}

/// Those of the accounts whose networks are asked; why not, where none is.
fn asked(session: &Session, accounts: Vec<Account>) -> Result<Vec<Account>, Failure> {
    let off = session.config.off();
    let why = accounts.first().and_then(|account| off.get(account.network.id())).cloned();
    let asked: Vec<Account> =
        accounts.into_iter().filter(|account| !off.contains_key(account.network.id())).collect();
    match why.filter(|_| asked.is_empty()) {
        Some(why) => Err(Failure::usage(why)),
        None => Ok(asked),
    }
}

/// Says what accounts will cost before anything is spent, and asks whether that is meant, where somebody is there to
/// answer.
fn consents(session: &Session, candidates: &[(&String, Vec<Account>)], yes: bool) -> Result<bool, Failure> {
    let paid: Vec<&Account> = candidates
        .iter()
        .flat_map(|(_, accounts)| accounts)
        .filter(|account| account.network.0.price.is_some())
        .collect();
    if paid.is_empty() {
        return Ok(true);
    }
    let settings = session.spending()?;
    for account in paid {
        let has_key = session.keys.has(account.network.id());
        if let Some(cost) = settings.cost(account, has_key, session.now()) {
            note(&format!("{account}: {cost}"));
        }
    }
    if yes || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(true);
    }
    let _ = write!(std::io::stderr(), "Go on? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::new(1, error.to_string()))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// What a test poll found.
pub(super) fn what_came(posts: usize, audience: Option<u64>) -> String {
    let posts = if posts == 1 { "1 post".to_owned() } else { format!("{posts} posts") };
    let audience =
        audience.map_or_else(|| "no audience number".to_owned(), |count| format!("audience {count}"));
    format!("{posts}, {audience}")
}

/// The audience number among figures.
pub(super) fn audience(figures: &[(Figure, u64)]) -> Option<u64> {
    figures.iter().find(|(figure, _)| *figure == Figure::Followers).map(|(_, count)| *count)
}

/// Refuses custom channels that the configuration does not describe.
fn described<'a>(session: &Session, mut accounts: impl Iterator<Item = &'a Account>) -> Result<(), Failure> {
    let unknown = |account: &&Account| {
        channels::own_key(account).is_some() && !session.config.custom.contains_key(&account.handle)
    };
    accounts.find(unknown).map_or(Ok(()), |account| {
        let known: Vec<&str> = session.config.custom.keys().map(String::as_str).collect();
        Err(Failure::usage(format!(
            "{account} needs a table [custom.{}] in {}, see: cloutop config default{}",
            account.handle,
            session.paths.config.display(),
            suggestion(&account.handle, &known)
        )))
    })
}

/// Asks the networks who answers. Nothing is added unless everybody does.
fn look_up(session: &Session, candidates: Vec<(&String, Vec<Account>)>) -> Result<Vec<Resolved>, Failure> {
    let poller = session.poller(Hosts::default())?;
    let runtime = super::session::runtime()?;
    let mut found = Vec::new();
    let mut codes = Vec::new();
    for (typed, accounts) in candidates {
        let key = accounts.iter().find_map(channels::own_key);
        match runtime.block_on(resolve(&poller, accounts)) {
            Ok(resolved) => found.push(resolved),
            Err((network, trouble)) => {
                note(&format!(
                    "cloutop: {typed} on {}: {}",
                    network.name(),
                    explain(&poller, &trouble, key.as_deref().unwrap_or_else(|| network.id()))
                ));
                codes.push(Failure::from(trouble).code);
            }
        }
    }
    match Failure::worst(codes) {
        0 => Ok(found),
        code => Err(Failure::new(code, "nothing was added; --no-test adds without asking the network")),
    }
}

/// The name of the key that an account is read with.
pub(super) fn key_hint(account: &Account) -> String {
    channels::own_key(account).unwrap_or_else(|| account.network.id().to_owned())
}

pub(super) fn explain<F: Fetch>(poller: &Poller<F>, trouble: &Trouble, key: &str) -> String {
    let network = channels::network(key.split('@').next().unwrap_or_default());
    let how = match network.map(|network| network.0.key) {
        Some(KeyNeed::Needed(how) | KeyNeed::Useful(how)) => format!(" ({how})"),
        _ => String::new(),
    };
    let hint = match trouble {
        Trouble::KeyNeeded if !poller.fetch.has_key(key) => {
            format!("; put a token into the environment as {}{how}", Keys::variable(key))
        }
        Trouble::Unauthorized => format!("; renew it{how}"),
        Trouble::NotFound => "; check the spelling".to_owned(),
        _ if trouble.reason().state() == State::Halt => "; try again later".to_owned(),
        _ => String::new(),
    };
    format!("{trouble}{hint}")
}

/// What the profiles lead to, and how it is added: not asked about yet, so nobody is guessed.
fn hints(symbol: &str, found: &[Resolved], allows_http: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    for resolved in found {
        for Proposal { candidates, why } in
            discover::proposals(&resolved.account, &resolved.links, allows_http)
        {
            let known = |account: &Account| found.iter().any(|found| same(&found.account, account));
            let Some(account) = candidates.first().filter(|_| why.named() && !candidates.iter().any(known))
            else {
                continue;
            };
            let address = account.address();
            // A stranger's address in a command to be copied holds nothing that a shell would act on.
            let harmless = |c: char| c.is_ascii_alphanumeric() || "@:./_-".contains(c);
            let hint =
                format!("perhaps also {address} ({why}); add it with: cloutop add {address} --as {symbol}");
            let told = hints.iter().any(|hint| hint.contains(&format!(" {address} ")));
            if address.chars().all(harmless) && !told {
                hints.push(hint);
            }
        }
    }
    hints.truncate(discover::MOST);
    hints
}

fn untested(candidates: Vec<(&String, Vec<Account>)>) -> Result<Vec<Resolved>, Failure> {
    candidates
        .into_iter()
        .map(|(typed, accounts)| {
            let mut accounts = channels::unasked(accounts);
            if accounts.len() > 1 {
                let ways: Vec<_> = accounts.iter().map(Account::address).collect();
                return Err(Failure::usage(format!(
                    "without asking the network \"{typed}\" can mean {}: write which",
                    ways.join(" or ")
                )));
            }
            Ok(Resolved {
                account: accounts.remove(0),
                name: None,
                url: None,
                links: Vec::new(),
                figures: Vec::new(),
                posts: 0,
                requests: 0,
                took: chrono::TimeDelta::zero(),
            })
        })
        .collect()
}

#[derive(Debug, Args)]
pub struct Rm {
    /// ADA, or ADA/github for one channel.
    #[arg(value_name = "SYM[/CHAN]")]
    who: String,
    /// Never ask back.
    #[arg(long)]
    yes: bool,
}

pub(super) fn rm(session: &Session, args: &Rm) -> Result<(), Failure> {
    session.not_the_demo("takes nobody off the board")?;
    let (symbol, channel) = args.who.split_once('/').map_or((args.who.as_str(), None), |(s, c)| (s, Some(c)));
    let person = session.person(symbol)?;
    let place = match channel {
        None => None,
        Some(slot) => {
            let slots = slots(&person.channels);
            let place = slots
                .iter()
                .zip(&person.channels)
                .position(|(known, account)| look::names(slot, known) || look::names_own(slot, account));
            Some(place.ok_or_else(|| {
                Failure::unknown(format!(
                    "{} has no channel {slot}; channels: {}",
                    person.symbol,
                    slots.join(", ")
                ))
            })?)
        }
    };
    config::remove(&session.paths.config, &person.symbol, place)?;
    say(&format!(
        "{} is off the board; what was stored stays in {}\n",
        args.who,
        session.paths.data.display()
    ))
}

/// `github`, `github-2`, … in the order of the configuration.
fn slots(accounts: &[Account]) -> Vec<String> {
    let mut counts = std::collections::HashMap::new();
    accounts
        .iter()
        .map(|account| {
            let count: &mut u32 = counts.entry(account.network.id()).or_default();
            *count += 1;
            if *count == 1 { account.network.id().to_owned() } else { format!("{}-{count}", account.network) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ProfileLink, Tie};

    #[test]
    fn hints_hold_nothing_that_a_shell_acts_on_and_no_guesses() {
        let account = |typed: &str| channels::parse(typed, &|_| false).map(|mut known| known.remove(0));
        let link = |url: &str| ProfileLink { url: url.to_owned(), tie: Tie::Claimed };
        let resolved = |typed: &str, urls: &[&str]| Resolved {
            account: account(typed).unwrap(),
            name: None,
            url: None,
            links: urls.iter().map(|url| link(url)).collect(),
            figures: Vec::new(),
            posts: 0,
            requests: 1,
            took: chrono::TimeDelta::zero(),
        };
        let found = [
            resolved(
                "github:ada",
                &[
                    "https://hachy.example/@ada",
                    "https://ada.example/$(reboot)",
                    "https://ada.example/a;b",
                    "https://ada.example/?a&b",
                    "https://eva.example",
                ],
            ),
            resolved("https://eva.example", &["https://github.com/ada", "https://hachy.example/@ada"]),
        ];
        let expected = "perhaps also mastodon:@ada@hachy.example (link on the GitHub profile); add it with: \
                        cloutop add mastodon:@ada@hachy.example --as ADA";
        assert_eq!(hints("ADA", &found, &|_| false), [expected]);
    }
}
