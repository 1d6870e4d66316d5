use super::failure::say_json;
use super::session::{Session, snapshots};
use super::{Failure, Global, places, say};
use crate::channels;
use crate::config::BadKeys;
use crate::deliver::Means;
use crate::model::{KeyNeed, Money, Network, PersonSnapshot, State, Time};
use crate::pipeline::{CLOCK_SKEW, Pipeline};
use crate::report::{self, KeyLine, SCORE_RANGES, stamp};
use crate::store::{Database, Lock, StoreError, month_of};
use serde::Serialize;
use std::path::Path;

/// Everything a bug report needs, and nothing secret.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    version: &'static str,
    model: String,
    clock: String,
    paths: PathsReport,
    config: ConfigReport,
    store: StoreReport,
    keys: Vec<KeyReport>,
    /// Where alerts can go, beside what is built in.
    places: Vec<PlaceReport>,
    terminal: TerminalReport,
    channels: Vec<ChannelReport>,
    hosts: Vec<HostReport>,
    /// Networks that cost money.
    prices: Vec<PriceReport>,
    advice: Vec<String>,
}

#[derive(Serialize)]
struct PathsReport {
    config: String,
    data: String,
    store: String,
    keys: String,
    /// Why the keys of the file are not used.
    keys_refused: Option<String>,
}

#[derive(Serialize)]
struct ConfigReport {
    exists: bool,
    people: usize,
}

#[derive(Serialize)]
struct StoreReport {
    exists: bool,
    bytes: u64,
    /// What the structure check found; empty when all is well.
    damage: Vec<String>,
    /// Whether another process writes now.
    in_use: bool,
    in_use_by: Option<u32>,
}

/// A key that there is, or that a network on the board has a use for.
#[derive(Serialize)]
struct KeyReport {
    #[serde(flatten)]
    line: KeyLine,
    /// The network that it is for, by id.
    network: Option<&'static str>,
    present: bool,
}

#[derive(Serialize)]
struct PlaceReport {
    name: String,
    kind: &'static str,
    /// Why nothing can go there.
    missing: Option<String>,
}

#[derive(Serialize)]
struct TerminalReport {
    term: Option<String>,
    colorterm: Option<String>,
    no_color: bool,
    locale: Option<String>,
    tmux: bool,
    size: Option<(u16, u16)>,
}

#[derive(Serialize)]
struct ChannelReport {
    symbol: String,
    id: String,
    account: String,
    state: &'static str,
    reason: &'static str,
    detail: Option<String>,
    last_read: Option<String>,
    next_at: Option<String>,
    /// Null where the numbers are typed in.
    interval_seconds: Option<i64>,
}

#[derive(Serialize)]
struct HostReport {
    host: String,
    limit: Option<u64>,
    remaining: Option<u64>,
    reset_at: Option<String>,
    closed_until: Option<String>,
}

#[derive(Serialize)]
struct PriceReport {
    network: &'static str,
    on: bool,
    /// US dollars, as all of these.
    monthly_cap: Option<f64>,
    spent_this_month: f64,
    /// The most that one poll of one account costs.
    poll: f64,
}

pub(super) fn doctor(global: &Global) -> Result<(), Failure> {
    let (session, refused) = Session::examine(global.clone())?;
    let report = examine(&session, refused.as_ref())?;
    let told = if session.global.json { say_json(&report) } else { say(&text(&report)) };
    told?;
    // What every other command ends with.
    if let Some(refused) = refused {
        return Err(refused.into());
    }
    let damaged = !report.store.damage.is_empty();
    if damaged { Err(Failure::new(9, "the store is damaged, see above")) } else { Ok(()) }
}

fn examine(session: &Session, refused: Option<&BadKeys>) -> Result<Report, Failure> {
    let now = session.now();
    let paths = &session.paths;
    let store_path = paths.store();
    let demo = session.global.demo.is_some();
    let store = if demo { StoreReport::absent() } else { examine_store(&store_path, &paths.data)? };
    let pipeline = session.read()?;
    let people: Vec<PersonSnapshot> =
        snapshots(&pipeline, now, &SCORE_RANGES, |_| true)?.into_iter().map(|(_, person)| person).collect();
    let settings = session.settings();
    let channels: Vec<ChannelReport> = people
        .iter()
        .flat_map(|person| person.polled().map(move |channel| (person, channel)))
        .map(|(person, channel)| ChannelReport {
            symbol: person.symbol.clone(),
            id: channel.slot.clone(),
            account: channel.account.handle.clone(),
            state: channel.state.word(),
            reason: channel.reason.word(),
            detail: channel.detail.clone(),
            last_read: channel.last_read.map(stamp),
            next_at: channel.next_at.map(stamp),
            interval_seconds: (!channels::by_hand(channel.network())).then(|| {
                let has_key = session.keys.has(&session.key_of(&channel.account));
                settings.interval(&channel.account, has_key).num_seconds()
            }),
        })
        .collect();
    let hosts = pipeline.database().rows().hosts()?;
    let hosts = hosts.into_iter().map(|(host, budget)| HostReport {
        host,
        limit: budget.limit,
        remaining: budget.remaining,
        reset_at: budget.reset.map(stamp),
        closed_until: budget.closed(now).map(stamp),
    });
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Ok(Report {
        schema: "cloutop/doctor/1",
        version: env!("CARGO_PKG_VERSION"),
        model: session.constants.model.clone(),
        clock: stamp(now),
        paths: PathsReport {
            config: paths.config.display().to_string(),
            data: paths.data.display().to_string(),
            store: store_path.display().to_string(),
            keys: paths.keys().display().to_string(),
            keys_refused: refused.map(ToString::to_string),
        },
        config: ConfigReport { exists: paths.config.exists(), people: people.len() },
        advice: [
            refused.map(ToString::to_string).into_iter().collect(),
            session.raised(),
            session.left_alone(),
            places::missing(session),
            nobody(session),
            advice(session, &people, &store, now),
        ]
        .concat(),
        store,
        keys: keys(session, &people),
        places: places(session),
        terminal: TerminalReport {
            term: variable("TERM"),
            colorterm: variable("COLORTERM"),
            no_color: variable("NO_COLOR").is_some(),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable),
            tmux: variable("TMUX").is_some(),
            size: crossterm::terminal::size().ok(),
        },
        channels,
        hosts: hosts.collect(),
        prices: prices(session, &pipeline, now)?,
    })
}

fn prices(session: &Session, pipeline: &Pipeline, now: Time) -> Result<Vec<PriceReport>, Failure> {
    let off = session.config.off();
    let mut prices = Vec::new();
    for network in channels::networks() {
        if let Some(price) = network.0.price {
            let spent = pipeline.database().rows().spent(network.id(), month_of(now))?;
            prices.push(PriceReport {
                network: network.id(),
                on: !off.contains_key(network.id()),
                monthly_cap: session.config.network(network.id()).monthly_cap.map(Money::dollars),
                spent_this_month: spent.dollars(),
                poll: price.poll().dollars(),
            });
        }
    }
    Ok(prices)
}

/// Rules that name somebody who is not on the board.
fn nobody(session: &Session) -> Vec<String> {
    let known = session.symbols();
    let mut advice = Vec::new();
    for rule in session.config.alerts.rules.iter().filter(|rule| !rule.off) {
        for symbol in rule.symbols().into_iter().filter(|symbol| !known.iter().any(|known| known == symbol)) {
            advice.push(format!("the rule {} is about {symbol}, who is not on the board", rule.name));
        }
    }
    advice
}

fn keys(session: &Session, people: &[PersonSnapshot]) -> Vec<KeyReport> {
    let network = |name: &str| channels::network(name.split('@').next().unwrap_or(name)).map(Network::id);
    let mut keys: Vec<KeyReport> =
        report::key_lines(&session.keys, &session.known_keys(), &session.config.alerts)
            .into_iter()
            .map(|line| KeyReport {
                network: line.purpose.as_ref().and_then(|_| network(&line.name)),
                line,
                present: true,
            })
            .collect();
    for channel in people.iter().flat_map(|person| &person.channels) {
        let name = session.key_of(&channel.account);
        let (KeyNeed::Useful(_) | KeyNeed::Needed(_)) = channel.network().0.key else { continue };
        if keys.iter().all(|key| key.line.name != name) && !session.keys.has(&name) {
            keys.push(KeyReport {
                network: Some(channel.network().id()),
                line: KeyLine {
                    name,
                    from: None,
                    purpose: Some(channel.network().name().to_owned()),
                    shadows: false,
                    note: None,
                },
                present: false,
            });
        }
    }
    keys
}

fn places(session: &Session) -> Vec<PlaceReport> {
    let kind = |name: &str| session.config.alerts.to.get(name).map(crate::alerts::Place::word);
    places::places(session)
        .into_iter()
        .filter_map(|place| {
            let missing = match place.means {
                Means::Unusable(why) => Some(why),
                _ => None,
            };
            Some(PlaceReport { kind: kind(&place.name)?, name: place.name, missing })
        })
        .collect()
}

impl StoreReport {
    fn absent() -> Self {
        Self { exists: false, bytes: 0, damage: Vec::new(), in_use: false, in_use_by: None }
    }
}

fn examine_store(path: &Path, folder: &Path) -> Result<StoreReport, Failure> {
    let Ok(file) = std::fs::metadata(path) else { return Ok(StoreReport::absent()) };
    let (in_use, in_use_by) = match Lock::take(folder) {
        Ok(_released_at_once) => (false, None),
        Err(StoreError::Locked { pid }) => (true, pid),
        Err(other) => return Err(other.into()),
    };
    let damage = match Database::open_read_only(path) {
        Ok(database) => database.check()?,
        Err(StoreError::Damaged { what, .. }) => vec![what],
        Err(other) => return Err(other.into()),
    };
    Ok(StoreReport { exists: true, bytes: file.len(), damage, in_use, in_use_by })
}

/// What to do about what is wrong.
fn advice(session: &Session, people: &[PersonSnapshot], store: &StoreReport, now: Time) -> Vec<String> {
    let mut advice = Vec::new();
    let tries = people.iter().flat_map(PersonSnapshot::polled).filter_map(|channel| channel.last_try);
    if let Some(ahead) = tries.max().filter(|at| *at > now + CLOCK_SKEW) {
        advice.push(format!(
            "the clock was ahead once: polls are dated up to {}, and until then new ones are dated right after \
             it; polling goes on",
            stamp(ahead)
        ));
    }
    if people.is_empty() {
        advice.push("nobody is on the board; add somebody with: cloutop add @user@server".to_owned());
    } else if !store.exists && people.iter().all(|person| person.score.is_none()) {
        advice.push("nothing has been read yet; run: cloutop poll --once".to_owned());
    }
    for person in people {
        for channel in person.polled() {
            let place = format!("{}/{}", person.symbol, channel.slot);
            match channel.state {
                State::Auth => {
                    let name = session.key_of(&channel.account);
                    let what = channel.detail.as_deref().unwrap_or("a key is needed");
                    advice.push(format!("{place}: {what}; type: cloutop key set {name}"));
                }
                State::Gone => advice.push(format!(
                    "{place}: {}; take it off with: cloutop rm {place}",
                    channel.detail.as_deref().unwrap_or("gone")
                )),
                State::Halt => advice.push(format!(
                    "{place}: {}; it is tried again by itself",
                    channel.detail.as_deref().unwrap_or("failing")
                )),
                State::Live | State::Stale | State::Limit | State::Off => {}
            }
        }
    }
    advice
}

fn text(report: &Report) -> String {
    let mut out = format!("cloutop {}, score model {}, {}\n\n", report.version, report.model, report.clock);
    let exists = |exists: bool| if exists { "" } else { "  (not there)" };
    let store = &report.store;
    out.push_str(&format!("config  {}{}\n", report.paths.config, exists(report.config.exists)));
    let refused = if report.paths.keys_refused.is_some() { "  (NOT USED)" } else { "" };
    out.push_str(&format!("keys    {}{refused}\n", report.paths.keys));
    out.push_str(&format!("store   {}{}", report.paths.store, exists(store.exists)));
    if store.exists {
        let health = if store.damage.is_empty() { "sound" } else { "DAMAGED" };
        out.push_str(&format!("  {} kB, {health}", store.bytes / 1_000));
        if store.in_use {
            let by = store.in_use_by.map(|pid| format!(" (process {pid})")).unwrap_or_default();
            out.push_str(&format!(", in use by another cloutop{by}"));
        }
    }
    out.push('\n');
    for line in &store.damage {
        out.push_str(&format!("        {line}\n"));
    }
    let terminal = &report.terminal;
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    out.push_str(&format!(
        "screen  TERM {}  COLORTERM {}  NO_COLOR {}  locale {}{}{}\n",
        word(&terminal.term),
        word(&terminal.colorterm),
        if terminal.no_color { "set" } else { "-" },
        word(&terminal.locale),
        if terminal.tmux { "  in tmux" } else { "" },
        terminal.size.map(|(columns, rows)| format!("  {columns}x{rows}")).unwrap_or_default(),
    ));
    for key in &report.keys {
        let line = &key.line;
        out.push_str(&format!("key     {:<20} {:<12} {}\n", line.name, line.origin(), line.told()));
    }
    for price in &report.prices {
        let money = |dollars| Money::from_dollars(dollars).unwrap_or_default();
        let cap = price.monthly_cap.map_or_else(|| "no cap".to_owned(), |cap| format!("cap {}", money(cap)));
        out.push_str(&format!(
            "price   {} {}: {cap} a month, {} spent this month, at most {} a poll\n",
            price.network,
            if price.on { "on" } else { "off" },
            money(price.spent_this_month),
            money(price.poll)
        ));
    }
    for place in &report.places {
        let state = place.missing.as_deref().unwrap_or("set up");
        out.push_str(&format!("alerts  {} {}: {state}\n", place.kind, place.name));
    }
    if !report.channels.is_empty() {
        out.push_str("\nCHANNEL            STATE  REASON        EVERY   ACCOUNT\n");
    }
    for channel in &report.channels {
        out.push_str(&format!(
            "{:<18} {:<6} {:<13} {:<7} {}\n",
            format!("{}/{}", channel.symbol, channel.id),
            channel.state,
            channel.reason,
            channel.interval_seconds.map_or_else(
                || "by hand".to_owned(),
                |seconds| crate::text::span(chrono::TimeDelta::seconds(seconds))
            ),
            channel.account
        ));
    }
    if !report.hosts.is_empty() {
        out.push_str("\nHOST                                   LEFT       RESET\n");
    }
    for host in &report.hosts {
        let left = match (host.remaining, host.limit) {
            (Some(remaining), Some(limit)) => format!("{remaining}/{limit}"),
            (Some(remaining), None) => remaining.to_string(),
            _ => "unknown".to_owned(),
        };
        let reset = host.closed_until.as_ref().or(host.reset_at.as_ref()).cloned().unwrap_or_default();
        out.push_str(&format!("{:<38} {left:<10} {reset}\n", crate::text::cut(&host.host, 38)));
    }
    out.push('\n');
    if report.advice.is_empty() {
        out.push_str("nothing to mend\n");
    }
    for line in &report.advice {
        out.push_str(&format!("{line}\n"));
    }
    out
}
