use super::{Failure, Global};
use crate::channels;
use crate::clock::Clock;
use crate::config::{self, BadKeys, Config, Keys, NetworkConfig, Paths};
use crate::demo::World;
use crate::exchange::{host_of, is_loopback};
use crate::http::Http;
use crate::model::{Account, ChannelId, Money, PersonId, PersonSnapshot, Range, Time};
use crate::pipeline::{Pipeline, Wanted};
use crate::poller::{Hosts, Poller, Settings};
use crate::push::{self, Push};
use crate::run::live_through_past;
use crate::schedule;
use crate::score::Constants;
use crate::store::{Database, Lock, Purse, StoreError};
use crate::text::span;
use chrono::{DateTime, FixedOffset, TimeDelta};
use std::collections::HashMap;

/// Everything a command starts from: flags, environment and configuration, read and checked.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) global: Global,
    pub(super) paths: Paths,
    pub(super) config: Config,
    pub(super) keys: Keys,
    pub(super) constants: Constants,
}

impl Session {
    pub(super) fn start(global: Global) -> Result<Self, Failure> {
        match Self::examine(global)? {
            (session, None) => Ok(session),
            (_, Some(bad)) => Err(bad.into()),
        }
    }

    /// The same, without the keys of a file that cannot be used, and why that is.
    pub(super) fn examine(global: Global) -> Result<(Self, Option<BadKeys>), Failure> {
        let paths = Paths::find(global.config.clone(), global.data_dir.clone()).ok_or_else(|| {
            Failure::usage("there is no home directory: name --config FILE and --data-dir FOLDER")
        })?;
        start_log(&global)?;
        // The demo neither reads nor writes anything of the user's.
        let (config, keys) = if global.demo.is_some() {
            (Config::default(), Ok(Keys::default()))
        } else {
            (Config::load(&paths.config)?, Keys::load(&paths.keys(), environment()))
        };
        let (keys, bad) = match keys {
            Ok(keys) => (keys, None),
            Err(bad) => (Keys::of(environment()), Some(bad)),
        };
        let constants = Constants::changed(&config.constants)?;
        Ok((Self { global, paths, config, keys, constants }, bad))
    }

    /// Configured intervals that are shorter than a network allows, and what is done instead.
    pub(super) fn raised(&self) -> Vec<String> {
        let raised = |(id, entry): (&String, &NetworkConfig)| {
            let pace = channels::network(id)?.0.pace;
            let here = entry.api.as_ref().is_some_and(is_loopback);
            let floor = schedule::floor(pace, self.keys.has(id));
            let wanted = entry.interval.filter(|interval| *interval < floor && !here)?;
            let keyed = schedule::floor(pace, true);
            let hint =
                if keyed < floor { format!(", every {} with a key", span(keyed)) } else { String::new() };
            Some(format!(
                "[networks.{id}]: an interval of {} is shorter than this network allows; it is asked every {}{hint}, \
                 hosts on this machine excepted",
                span(wanted),
                span(floor)
            ))
        };
        self.config.networks.iter().filter_map(raised).collect()
    }

    /// Channels on the board that nobody asks, and why.
    pub(super) fn left_alone(&self) -> Vec<String> {
        let off = self.config.off();
        let mut said = Vec::new();
        for person in &self.config.people {
            for account in &person.channels {
                if let Some(why) = off.get(account.network.id()) {
                    said.push(format!("{}: {account} is not asked: {why}", person.symbol));
                }
            }
        }
        said
    }

    pub(super) fn settings(&self) -> Settings {
        let networks = self.config.networks.iter().filter_map(|(id, entry)| {
            let network = channels::network(id)?;
            Some((network.id(), (entry.api.clone(), entry.interval)))
        });
        let pages = self.config.people.iter();
        let pages = pages.filter_map(|person| Some((person.takes_pages()?, person.elsewhere.as_slice())));
        Settings::new(networks.collect::<HashMap<_, _>>())
            .with_custom(self.config.custom.clone())
            .with_elsewhere(pages)
            .without(self.config.off())
    }

    /// What may be spent in a month on the networks that cost money and are asked.
    fn caps(&self) -> HashMap<&'static str, Money> {
        let off = self.config.off();
        let paid = channels::networks()
            .filter(|network| network.0.price.is_some() && !off.contains_key(network.id()));
        paid.filter_map(|network| Some((network.id(), self.config.network(network.id()).monthly_cap?)))
            .collect()
    }

    /// The settings with the purse, where there is something to be spent.
    pub(super) fn spending(&self) -> Result<Settings, Failure> {
        let caps = self.caps();
        if caps.is_empty() {
            return Ok(self.settings());
        }
        let path = self.paths.store();
        let purse = match Purse::open(&path) {
            // Spending is written down before there is anything else.
            Err(StoreError::Missing(_) | StoreError::Older { .. }) => {
                drop(self.open()?);
                Purse::open(&path)?
            }
            other => other?,
        };
        Ok(self.settings().spending(purse, caps))
    }

    pub(super) fn poller(&self, hosts: Hosts) -> Result<Poller<Http>, Failure> {
        Ok(Poller { fetch: self.http()?, clock: Clock::System, settings: self.spending()?, hosts })
    }

    fn http(&self) -> Result<Http, Failure> {
        Ok(Http::new(self.keys.clone(), self.config.allow_http.clone())?)
    }

    /// What listens for the user's own accounts.
    pub(super) fn push(&self, own: Vec<(ChannelId, Account)>) -> Result<Push, Failure> {
        let (usual, bluesky) = (push::Places::default(), self.config.network("bluesky"));
        let places = push::Places {
            bluesky: bluesky.pds.unwrap_or(usual.bluesky),
            jetstream: bluesky.jetstream.unwrap_or(usual.jetstream),
            ..usual
        };
        Ok(Push { http: self.http()?, clock: Clock::System, settings: self.settings(), places, own })
    }

    /// The name of the key with which an account is read: its network's, or that of its own server.
    pub(super) fn key_of(&self, account: &Account) -> String {
        let network = account.network;
        let api = self.settings().api(account);
        let own = format!("{network}@{}", host_of(&api));
        match channels::key_of(account, api) {
            Some(used) => used.name,
            None if network.0.api.is_none() || self.keys.has(&own) => own,
            None => network.to_string(),
        }
    }

    /// Names of keys that the configuration has a use for.
    pub(super) fn known_keys(&self) -> Vec<String> {
        let accounts = self.config.people.iter().flat_map(|person| &person.channels);
        let mut known: Vec<String> = accounts.map(|account| self.key_of(account)).collect();
        known.extend(self.config.custom.keys().map(|name| format!("custom@{name}")));
        known.extend(channels::networks().map(|network| network.id().to_owned()));
        known
    }

    /// The configured people.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        self.config.people.iter().map(Wanted::from).collect()
    }

    /// The store for writing; at most one process has it.
    pub(super) fn open(&self) -> Result<(Lock, Database), Failure> {
        let lock = Lock::take(&self.paths.data)?;
        let database = Database::open(&self.paths.store(), &lock)?;
        Ok((lock, database))
    }

    /// The demo's world, if this is the demo.
    pub(super) fn world(&self) -> Option<World> {
        let now = || self.global.now.unwrap_or_else(Clock::system_now);
        self.global.demo.map(|seed| World::new(seed, now()))
    }

    /// The time it is for the commands: the demo's may stand still.
    pub(super) fn now(&self) -> Time {
        self.global.now.unwrap_or_else(Clock::system_now)
    }

    /// The people's books for reading: the demo's, or the configured ones.
    pub(super) fn read(&self) -> Result<Pipeline, Failure> {
        if let Some(world) = self.world() {
            return self.demo_books(&world);
        }
        let database = match Database::open_read_only(&self.paths.store()) {
            // Nobody has been polled yet: that is an answer, too.
            Err(StoreError::Missing(_)) => Database::in_memory()?,
            // Upgrading is writing: it waits for nobody and is done once.
            Err(StoreError::Older { .. }) => self.open()?.1,
            other => other?,
        };
        let pipeline = Pipeline::open_read_only(database, self.constants.clone(), self.wanted())?;
        Ok(pipeline.without(self.config.off()))
    }

    /// Some people's books for writing.
    pub(super) fn books(
        &self,
        database: Database,
        people: Vec<Wanted>,
        now: Time,
    ) -> Result<Pipeline, Failure> {
        Ok(Pipeline::open_without(self.config.off(), database, self.constants.clone(), people, now)?)
    }

    /// The demo's books, with its past in them.
    pub(super) fn demo_books(&self, world: &World) -> Result<Pipeline, Failure> {
        let mut pipeline = self.empty_demo_books(world)?;
        live_through_past(world, &mut pipeline, &mut |_, _, _, _| true)?;
        Ok(pipeline)
    }

    /// The demo's books before anything has happened.
    pub(super) fn empty_demo_books(&self, world: &World) -> Result<Pipeline, Failure> {
        let people = world.people().iter().map(Wanted::from).collect();
        let start = world.origin() - TimeDelta::days(365);
        Ok(Pipeline::open(Database::in_memory()?, self.constants.clone(), people, start)?)
    }

    /// The configured person with this symbol.
    pub(super) fn person(&self, symbol: &str) -> Result<&config::Person, Failure> {
        let symbol = symbol.to_uppercase();
        self.config
            .people
            .iter()
            .find(|person| person.symbol == symbol)
            .ok_or_else(|| Failure::unknown(unknown_person(&symbol, &self.symbols())))
    }

    pub(super) fn symbols(&self) -> Vec<String> {
        match self.world() {
            Some(world) => world.people().iter().map(|person| person.symbol.clone()).collect(),
            None => self.config.people.iter().map(|person| person.symbol.clone()).collect(),
        }
    }

    /// Refuses what would touch the user's own files in the demo's name.
    pub(super) fn not_the_demo(&self, why: &str) -> Result<(), Failure> {
        if self.global.demo.is_some() {
            return Err(Failure::usage(format!("the demo {why}; leave --demo out")));
        }
        Ok(())
    }
}

pub(super) fn unknown_person(symbol: &str, known: &[String]) -> String {
    if known.is_empty() {
        return format!(
            "{symbol} is not on the board, nobody is; add somebody with: cloutop add @user@server"
        );
    }
    format!("{symbol} is not on the board; on it: {}", known.join(", "))
}

/// Snapshots of some people with their changes over these ranges, in the order of the board.
pub(super) fn snapshots(
    pipeline: &Pipeline,
    now: Time,
    ranges: &[Range],
    wanted: impl Fn(&PersonSnapshot) -> bool,
) -> Result<Vec<(PersonId, PersonSnapshot)>, Failure> {
    let mut people = Vec::new();
    for id in pipeline.people() {
        if let Some(person) = pipeline.snapshot(id, now, ranges)?
            && wanted(&person)
        {
            people.push((id, person));
        }
    }
    Ok(people)
}

/// The time of day where the user is.
pub(super) fn wall(at: Time) -> DateTime<FixedOffset> {
    at.with_timezone(&chrono::Local).fixed_offset()
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// One thread is enough: everything waits most of the time.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(1, format!("cannot start: {error}")))
}

/// Logs go to a file or nowhere: the screen belongs to the program.
fn start_log(global: &Global) -> Result<(), Failure> {
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    use tracing_subscriber::{EnvFilter, Layer};
    let Some(path) = &global.log else { return Ok(()) };
    let file =
        std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
            Failure::usage(format!("cannot write the log to {}: {error}", path.display()))
        })?;
    let filter =
        EnvFilter::try_from_env("CLOUTOP_LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new("cloutop=info"));
    // Our own words alone: libraries tell of addresses and headers, in which keys can stand.
    let own = filter_fn(|told| told.target().split("::").next() == Some("cloutop"));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::sync::Mutex::new(file))
        .with_ansi(false)
        .with_filter(own);
    // A second start in the same process (tests) keeps the first log.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(())
}
