//! The task that asks. The schedule says when, the channels say what, [`Fetch`] asks; what comes out is
//! one [`PollReport`] per poll, with an observation or a gap. It wakes only at a deadline or a notice.

mod cost;
mod hosts;
mod nudge;

pub use cost::Cost;
pub use hosts::Hosts;

use crate::channels::{self, Definition, Known, Memory, Progress, Reach, Step};
use crate::clock::Clock;
use crate::config::Off;
use crate::exchange::{Request, host_of, is_loopback};
use crate::http::Fetch;
use crate::model::{
    Account, ChannelId, Figure, Money, Network, Outcome, ProfileLink, Time, Trouble, Validator,
};
use crate::schedule::{self, Job, Limits};
use crate::store::{PollReport, Purse};
use chrono::TimeDelta;
use nudge::Nudges;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Questions one poll may ask; a first poll of a busy account needs about thirty.
const STEPS: u32 = 160;

/// Questions one poll may ask about who is behind what grew.
const ACTORS: u32 = 40;

/// The same of a host on this machine, which needs no politeness.
const ACTORS_HERE: u32 = 120;

/// Polls under way at the same time, each at another host or waiting for its turn.
const AT_ONCE: usize = 8;

/// A host that says "too many" without saying how long is left alone for this long.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// The user's settings that bear on polling, by network.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    apis: HashMap<&'static str, Url>,
    /// What `custom` channels are, by name.
    custom: BTreeMap<String, Arc<Definition>>,
    /// Pages on other people's sites, by what the feed's account is known as.
    elsewhere: HashMap<String, Vec<Url>>,
    /// May change while polls are under way; the next one goes by it.
    intervals: Arc<Mutex<HashMap<&'static str, TimeDelta>>>,
    /// One interval for all, below every floor: for servers that are part of this program.
    every: Option<TimeDelta>,
    off: Off,
    /// What may be spent in a month, by network.
    caps: HashMap<&'static str, Money>,
    /// Where it is written down; without it nothing is asked that costs money.
    purse: Option<Purse>,
}

impl Settings {
    /// Each network's other API address and interval.
    pub fn new(networks: HashMap<&'static str, (Option<Url>, Option<TimeDelta>)>) -> Self {
        let (mut apis, mut intervals) = (HashMap::new(), HashMap::new());
        for (network, (api, interval)) in networks {
            apis.extend(api.map(|api| (network, api)));
            intervals.extend(interval.map(|interval| (network, interval)));
        }
        Self { apis, intervals: Arc::new(Mutex::new(intervals)), ..Self::default() }
    }

    /// Leaves these networks alone.
    #[must_use]
    pub fn without(mut self, off: Off) -> Self {
        self.off = off;
        self
    }

    /// Lets networks that cost money cost as much as this in a month.
    #[must_use]
    pub fn spending(mut self, purse: Purse, caps: HashMap<&'static str, Money>) -> Self {
        (self.purse, self.caps) = (Some(purse), caps);
        self
    }

    /// Why a network is not asked.
    pub fn why_off(&self, network: Network) -> Option<&str> {
        self.off.get(network.id()).map(String::as_str)
    }

    /// With the user's `custom` channels.
    #[must_use]
    pub fn with_custom(mut self, custom: BTreeMap<String, Arc<Definition>>) -> Self {
        self.custom = custom;
        self
    }

    /// With pages on other people's sites, which are read with these accounts.
    #[must_use]
    pub fn with_elsewhere<'a>(mut self, pages: impl Iterator<Item = (&'a Account, &'a [Url])>) -> Self {
        for (account, pages) in pages {
            let known = self.elsewhere.entry(known_as(account).to_owned()).or_default();
            known.extend_from_slice(pages);
        }
        self
    }

    /// What a `custom` channel is, if it is one that the user has described.
    fn definition(&self, account: &Account) -> Option<&Arc<Definition>> {
        channels::own_key(account).and_then(|_| self.custom.get(&account.handle))
    }

    /// Other intervals from the next poll on.
    pub fn pace(&self, intervals: HashMap<&'static str, TimeDelta>) {
        *self.intervals.lock().unwrap_or_else(PoisonError::into_inner) = intervals;
    }

    /// One interval for servers that are part of this program.
    pub fn every(interval: TimeDelta) -> Self {
        Self { every: Some(interval), ..Self::default() }
    }

    pub fn api(&self, account: &Account) -> Url {
        if let Some(definition) = self.definition(account) {
            return definition.url.clone();
        }
        channels::api(account, self.apis.get(account.network.id()))
    }

    /// Time between polls of an account.
    pub fn interval(&self, account: &Account, has_key: bool) -> TimeDelta {
        if let Some(every) = self.every {
            return every;
        }
        let intervals = self.intervals.lock().unwrap_or_else(PoisonError::into_inner);
        let configured = intervals.get(account.network.id()).copied();
        drop(intervals);
        schedule::interval(account.network.0.pace, has_key, self.always_due(account), configured)
    }

    /// Hosts on this machine may be asked at any time.
    pub fn always_due(&self, account: &Account) -> bool {
        let pages = self.elsewhere.get(known_as(account)).filter(|_| channels::is_only_pages(account));
        pages.map_or_else(|| is_loopback(&self.api(account)), |pages| pages.iter().all(is_loopback))
    }
}

/// Whoever keeps what earlier polls brought.
pub trait Recall: Send + Sync + 'static {
    fn recall(&self, channel: ChannelId) -> impl Future<Output = Memory> + Send;
}

/// One way of asking: where, how often, with what manners.
#[derive(Debug)]
pub struct Poller<F> {
    pub fetch: F,
    pub clock: Clock,
    pub settings: Settings,
    pub hosts: Hosts,
}

/// How one poll went, before anybody decided when the next one is.
#[derive(Debug)]
pub struct Polled {
    pub outcome: Outcome,
    pub requests: u32,
    pub validators: Vec<(String, Validator)>,
    /// Time between polls that the server asked for.
    pub asked_for: Option<TimeDelta>,
    /// Hosts that were asked.
    pub hosts: Vec<String>,
}

impl<F: Fetch> Poller<F> {
    /// Whether the user has a key for the network (or for the account's own host).
    pub fn has_key(&self, account: &Account) -> bool {
        if let Some(own) = channels::own_key(account) {
            return self.fetch.has_key(&own);
        }
        self.fetch.has_key(account.network.id())
            || self.fetch.has_key(&format!("{}@{}", account.network, host_of(&self.settings.api(account))))
    }

    /// Whether an account's server may be asked now.
    fn open(&self, account: &Account, now: Time) -> bool {
        self.hosts.budget(&host_of(&self.settings.api(account))).closed(now).is_none()
    }

    /// What a poll begins with.
    fn progress(&self, account: &Account, known: Known, reach: Reach) -> Progress {
        let mut progress = Progress::new(account.clone(), self.settings.api(account), self.clock.now());
        progress.has_key = self.has_key(account);
        progress.definition = self.settings.definition(account).cloned();
        progress.pages_elsewhere =
            self.settings.elsewhere.get(known_as(account)).cloned().unwrap_or_default();
        progress.known = known;
        progress.reach = reach;
        progress
    }

    /// The first question of a poll, or how it ends without one.
    fn begin(&self, progress: &mut Progress) -> Result<Request, Outcome> {
        let account = progress.account();
        self.may_ask(account, progress.reach).map_err(Outcome::Gap)?;
        match channels::of(account.network).begin(progress) {
            Ok(Step::Ask(first)) => Ok(*first),
            Ok(Step::Done(observation)) => Err(Outcome::Observed(observation)),
            Err(trouble) => Err(Outcome::Gap(trouble)),
        }
    }

    /// Reads an account once.
    pub async fn poll(&self, account: Account, memory: Memory, reach: Reach) -> Polled {
        let channel = channels::of(account.network);
        let mut polled = Polled {
            outcome: Outcome::Gap(Trouble::malformed("the account has more pages than a poll may read")),
            requests: 0,
            validators: Vec::new(),
            asked_for: None,
            hosts: Vec::new(),
        };
        let mut progress = self.progress(&account, memory.known, reach);
        let actors = if is_loopback(&progress.api) { ACTORS_HERE } else { ACTORS };
        progress.spare = actors;
        let mut request = match self.begin(&mut progress) {
            Ok(first) => first,
            Err(outcome) => {
                polled.outcome = outcome;
                return polled;
            }
        };
        while polled.requests < STEPS {
            let host = host_of(&request.url);
            let conditional = request.conditional;
            let asked = request.url.to_string();
            if conditional && let Some(validator) = memory.validators.get(&asked) {
                request.validator = validator.clone();
            }
            let before = request.validator.clone();
            let optional = request.stage.is_optional();
            let polite = !is_loopback(&request.url) && matches!(self.clock, Clock::System);
            let turn = match self.hosts.turn(&host, &self.clock, polite).await {
                Ok(turn) => turn,
                Err(until) => {
                    polled.outcome =
                        failed(&mut progress, optional, Trouble::RateLimited { until: Some(until) });
                    return polled;
                }
            };
            let most = request.price;
            let reserved = match self.reserve(account.network, most) {
                Ok(reserved) => reserved,
                Err(trouble) => {
                    polled.outcome = failed(&mut progress, optional, trouble);
                    return polled;
                }
            };
            polled.requests += 1;
            if !polled.hosts.contains(&host) {
                polled.hosts.push(host.clone());
            }
            tracing::debug!(network = %account.network, host, stage = ?request.stage, "asking");
            let reply = self.fetch.fetch(request, self.clock.now()).await;
            drop(turn);
            let cost = match &reply {
                Ok(reply) => channel.billed(reply),
                Err(trouble) => (!trouble.sent()).then_some(Money::ZERO),
            };
            self.settle(reserved.as_ref(), cost.unwrap_or(most));
            let reply = match reply {
                Ok(reply) => reply,
                Err(trouble) => {
                    polled.outcome = failed(&mut progress, optional, trouble);
                    return polled;
                }
            };
            let limits = Limits::read(&reply.headers, reply.at);
            self.hosts.learn(&host, &limits, reply.status == 429, reply.at);
            progress.spare = progress.spare.min(self.hosts.budget(&host).spare(actors, reply.at));
            polled.asked_for = polled.asked_for.max(limits.poll_interval);
            if conditional {
                let validator = if reply.not_modified() { before } else { reply.validator() };
                if (reply.ok() || reply.not_modified()) && validator != Validator::default() {
                    polled.validators.push((asked, validator));
                }
            }
            let read = channel.read(&mut progress, &reply);
            if let Some(until) = progress.rest.take() {
                self.hosts.rest(&host, until, reply.at);
            }
            match read {
                Ok(Step::Ask(next)) => request = *next,
                Ok(Step::Done(observation)) => {
                    polled.outcome = Outcome::Observed(observation);
                    return polled;
                }
                Err(trouble) => {
                    if let Trouble::RateLimited { until } = trouble {
                        self.hosts.close(&host, until.unwrap_or(reply.at + PAUSE), reply.at);
                    }
                    polled.outcome = failed(&mut progress, optional, trouble);
                    return polled;
                }
            }
        }
        polled
    }

    /// Polls a channel and decides when it is asked next.
    pub async fn run_job(&self, job: &Job, memory: Memory) -> PollReport {
        let polled = self.poll(job.account.clone(), memory, Reach::Full).await;
        let now = self.clock.now();
        let account = match &polled.outcome {
            Outcome::Observed(observation) => &observation.account,
            Outcome::Gap(_) => &job.account,
        };
        let interval = self.settings.interval(account, self.has_key(account));
        let seed = u64::try_from(job.channel.0).unwrap_or_default();
        let closed = polled.hosts.iter().filter_map(|host| self.hosts.budget(host).closed(now)).max();
        let next_at = match &polled.outcome {
            Outcome::Observed(_) => schedule::after_success(now, interval, polled.asked_for, closed, seed),
            Outcome::Gap(trouble) => schedule::after_failure(now, trouble, interval, job.failures + 1, seed),
        };
        PollReport {
            channel: job.channel,
            at: now,
            outcome: polled.outcome,
            requests: polled.requests,
            validators: polled.validators,
            hosts: polled.hosts.iter().map(|host| (host.clone(), self.hosts.budget(host))).collect(),
            next_at,
        }
    }
}

/// The configuration's name of an account that can have pages elsewhere; everybody's account without a feed has the
/// same handle.
fn known_as(account: &Account) -> &str {
    let own = account.stable.as_deref().filter(|_| channels::is_personal(account));
    own.unwrap_or(&account.handle)
}

/// A question that failed ends the poll: with what was read, if that is whole without it.
fn failed(progress: &mut Progress, optional: bool, trouble: Trouble) -> Outcome {
    if optional {
        return Outcome::Observed(progress.finish());
    }
    Outcome::Gap(trouble)
}

/// A word from the user, by way of the screen.
#[derive(Debug)]
pub enum Ask {
    /// Poll this channel now, unless its host must be left alone.
    Now(ChannelId),
    /// Something may have come in: poll this channel in a moment, if it is well.
    Soon(ChannelId),
    Watch(Vec<Job>),
    Forget(ChannelId),
}

/// Polls until told to stop. Reads `asks`, writes `reports`; a full report queue makes it wait.
pub async fn run<F: Fetch, R: Recall>(
    poller: Arc<Poller<F>>,
    recall: Arc<R>,
    mut jobs: Vec<Job>,
    mut asks: mpsc::Receiver<Ask>,
    reports: mpsc::Sender<PollReport>,
    cancel: CancellationToken,
) {
    let mut polls: JoinSet<PollReport> = JoinSet::new();
    let mut under_way: Vec<ChannelId> = Vec::new();
    let mut nudges = Nudges::default();
    loop {
        let now = poller.clock.now();
        jobs.sort_by_key(|job| (job.next_at, job.channel));
        for job in &jobs {
            if job.next_at > now || polls.len() >= AT_ONCE {
                break;
            }
            if under_way.contains(&job.channel) {
                continue;
            }
            under_way.push(job.channel);
            let (poller, recall, job) = (poller.clone(), recall.clone(), job.clone());
            polls.spawn(async move {
                let memory = recall.recall(job.channel).await;
                poller.run_job(&job, memory).await
            });
        }
        let next = jobs.iter().filter(|job| !under_way.contains(&job.channel)).map(|job| job.next_at).min();
        let next = next.filter(|_| polls.len() < AT_ONCE);
        let deadline = async {
            match next {
                Some(next) => poller.clock.sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        let finished = tokio::select! {
            () = cancel.cancelled() => return,
            () = deadline => None,
            Some(finished) = polls.join_next() => Some(finished),
            ask = asks.recv() => {
                match ask {
                    None => return,
                    Some(Ask::Soon(channel)) if under_way.contains(&channel) => nudges.wait(channel),
                    Some(Ask::Soon(channel)) => {
                        let job = jobs.iter_mut().find(|job| job.channel == channel);
                        let well = job.filter(|job| job.failures == 0 && poller.open(&job.account, now));
                        if let Some(job) = well {
                            job.next_at = job.next_at.min(nudges.due(channel, now));
                        }
                    }
                    Some(ask) => heed(ask, &mut jobs, now),
                }
                None
            }
        };
        let Some(finished) = finished else { continue };
        let Ok(report) = finished else {
            // A poll that panicked has brought the screen down by way of the panic hook.
            return;
        };
        under_way.retain(|channel| *channel != report.channel);
        let well = matches!(report.outcome, Outcome::Observed(_));
        if let Some(job) = jobs.iter_mut().find(|job| job.channel == report.channel) {
            job.next_at = nudges.polled(job.channel, well, report.next_at, poller.clock.now());
            match &report.outcome {
                Outcome::Observed(observation) => {
                    job.failures = 0;
                    job.account = observation.account.clone();
                }
                Outcome::Gap(_) => job.failures = job.failures.saturating_add(1),
            }
        }
        let sent = tokio::select! {
            () = cancel.cancelled() => return,
            sent = reports.send(report) => sent,
        };
        if sent.is_err() {
            return;
        }
    }
}

fn heed(ask: Ask, jobs: &mut Vec<Job>, now: Time) {
    match ask {
        Ask::Now(channel) => {
            for job in jobs.iter_mut().filter(|job| job.channel == channel) {
                job.next_at = now;
            }
        }
        Ask::Watch(new) => {
            jobs.retain(|known| new.iter().all(|job| job.channel != known.channel));
            jobs.extend(new);
        }
        // Told above, where it is known what is under way.
        Ask::Soon(_) => {}
        Ask::Forget(channel) => jobs.retain(|job| job.channel != channel),
    }
}

/// Tries the accounts an address may mean, in order, and returns the first that answers. What the others
/// said is told only when none does: the first account's trouble, or that of the first network that does
/// not deny the account.
pub async fn resolve<F: Fetch>(
    poller: &Poller<F>,
    candidates: Vec<Account>,
) -> Result<Resolved, (Network, Trouble)> {
    let mut told: Option<(Network, Trouble)> = None;
    let began = poller.clock.now();
    for account in candidates {
        let network = account.network;
        let answer = poller.poll(account, Memory::default(), Reach::Probe).await;
        match answer.outcome {
            Outcome::Observed(observation) => {
                return Ok(Resolved {
                    name: observation.profile.name,
                    url: observation.profile.url,
                    links: observation.profile.links,
                    figures: observation.profile.figures,
                    posts: observation.posts.len(),
                    account: observation.account,
                    requests: answer.requests,
                    took: poller.clock.now() - began,
                });
            }
            Outcome::Gap(trouble) => {
                let denied = matches!(told, Some((_, Trouble::NotFound)));
                if told.is_none() || denied && knows_it(&trouble) {
                    told = Some((network, trouble));
                }
            }
        }
    }
    Err(told.unwrap_or_else(|| unreachable!("an address means at least one account")))
}

/// Whether the account is there and cannot be read.
fn knows_it(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::KeyNeeded | Trouble::Private | Trouble::Suspended | Trouble::Deactivated | Trouble::Deleted
    )
}

/// An account that answered.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub account: Account,
    pub name: Option<String>,
    pub url: Option<String>,
    /// Where else its profile leads to.
    pub links: Vec<ProfileLink>,
    pub figures: Vec<(Figure, u64)>,
    /// Posts in the answers so far: a look at who it is reads few.
    pub posts: usize,
    pub requests: u32,
    /// From the first question to the answer.
    pub took: TimeDelta,
}
