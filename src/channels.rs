//! One file per network: the addresses it recognises, what it asks, how it reads the answers.
//!
//! A channel does no I/O. It says what to ask ([`Channel::request`]) and reads what came back
//! ([`Channel::read`]), which either asks for more or is done. Everything that one poll has learned so far
//! travels in [`Progress`]. So a network's tests are `read(saved reply)`, and politeness, size caps,
//! redirects and retries are written once, elsewhere.
//!
//! To add a network: one file here, its name in `channels!` below, one folder in `tests/replies`, and,
//! when somebody has measured them, its constants in `assets/constants.toml`.

mod address;
mod fediverse;
mod forge;
mod graph;
mod hosted;
mod visits;
mod weeks;

pub use address::{BadAddress, Typed, by_hand_name, parse, unasked};
pub use custom::{BadExpression, Definition, Expression, Listing};
pub use feed::elsewhere::Elsewhere;

use crate::exchange::{KeyUse, Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Figure, ItemId, Metric, Money, Network, Notice, Observation, Post, Time, Trouble,
    Validator, believable,
};
use crate::schedule::Limits;
use crate::text;
use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, LazyLock};
use url::Url;

/// How far back the first poll of an account reads. The body of work has a half-life as long as this.
pub const WINDOW: TimeDelta = TimeDelta::days(90);

/// Pages of items the first poll reads at most.
const FIRST_PAGES: u32 = 10;

/// Items and acts that one poll takes in; real pages hold far fewer.
const MOST_ITEMS: usize = 5_000;

/// One network.
pub trait Channel: Send + Sync {
    fn network(&self) -> Network;

    /// Reads an address as people type it. `typed.named` says that they named this network.
    fn recognise(&self, typed: &Typed<'_>) -> Option<Account>;

    /// The public page of an account.
    fn page(&self, account: &Account) -> Option<String>;

    /// How a poll begins: with its first question, unless nothing has to be asked, or nothing can be.
    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        Ok(ask(self.request(progress)))
    }

    /// The first question of a poll: the address itself where there is nothing else to ask.
    fn request(&self, progress: &Progress) -> Request {
        Request::json(progress.api.clone(), Stage::Profile)
    }

    /// Whether the user types its numbers in, so that it is never polled.
    fn by_hand(&self) -> bool {
        false
    }

    /// Whether everybody has their own account of this name.
    fn personal(&self, _account: &Account) -> bool {
        self.by_hand()
    }

    /// Reads an answer: asks on, is done, or says what is wrong.
    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble>;

    /// What an answer has cost, on networks that cost money; `None` where it does not tell, which counts as
    /// the most it can have cost.
    fn billed(&self, _reply: &Reply) -> Option<Money> {
        None
    }
}

/// What follows an answer.
#[derive(Debug)]
pub enum Step {
    Ask(Box<Request>),
    Done(Box<Observation>),
}

/// How much of an account a poll reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only who it is.
    Probe,
    Full,
}

/// What earlier polls left behind.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Good polls so far; 0 makes this the first.
    pub polls: u64,
    /// Items inside the window.
    pub items: HashMap<ItemId, KnownItem>,
    /// Acts already stored.
    pub acts: HashSet<String>,
    /// The instant of the first good poll.
    pub since: Option<Time>,
}

/// What a poll needs to know of earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    pub known: Known,
    pub validators: HashMap<String, Validator>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownItem {
    pub published: Time,
    pub counts: Counts,
    pub gone: bool,
}

/// One poll under way.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Base address of the API, or of the account's own host.
    pub api: Url,
    pub now: Time,
    pub reach: Reach,
    pub has_key: bool,
    pub known: Known,
    /// What this poll has seen so far; its account carries what was learned about where to ask.
    pub seen: Observation,
    /// Pages of items read.
    pub pages: u32,
    /// Questions still to be asked.
    pub queue: VecDeque<Request>,
    /// Questions about actors that this poll may still put into the queue.
    pub spare: u32,
    /// A network's second names for its items.
    pub aliases: HashMap<String, ItemId>,
    /// The host wants to be left alone until then, though its answer was good.
    pub rest: Option<Time>,
    /// What the configuration says about a `custom` channel.
    pub definition: Option<Arc<Definition>>,
    /// Pages on other people's sites that the configuration names.
    pub pages_elsewhere: Vec<Url>,
    /// How far a poll is with them.
    pub elsewhere: Elsewhere,
}

impl Progress {
    pub fn new(account: Account, api: Url, now: Time) -> Self {
        Self {
            api,
            now,
            reach: Reach::Full,
            has_key: false,
            known: Known::default(),
            seen: Observation::new(account),
            pages: 0,
            queue: VecDeque::new(),
            spare: 0,
            aliases: HashMap::new(),
            rest: None,
            definition: None,
            pages_elsewhere: Vec::new(),
            elsewhere: Elsewhere::default(),
        }
    }

    pub fn account(&self) -> &Account {
        &self.seen.account
    }

    /// Whether the account has been read before: then "not found" means "deleted".
    fn missing(&self) -> Trouble {
        if self.known.polls > 0 { Trouble::Deleted } else { Trouble::NotFound }
    }

    /// The earliest publication the first poll looks for.
    fn horizon(&self) -> Time {
        self.now - WINDOW
    }

    /// Takes over the handle the network gives, and notes it when it is another one than before.
    fn rename(&mut self, handle: &str) {
        let account = &mut self.seen.account;
        if account.handle == handle {
            return;
        }
        if account.stable.is_some() && self.known.polls > 0 {
            self.seen.notices.push(Notice::Renamed { from: account.handle.clone(), to: handle.to_owned() });
        }
        handle.clone_into(&mut account.handle);
    }

    fn hidden(&self) -> bool {
        self.seen.notices.contains(&Notice::Hidden)
    }

    /// Adds an item, unless this poll has it already.
    fn add(&mut self, mut post: Post) {
        if self.seen.posts.len() >= MOST_ITEMS {
            return;
        }
        if self.hidden() {
            post.title.clear();
        }
        post.published = post.published.min(self.now);
        match self.seen.posts.iter_mut().find(|seen| seen.id == post.id) {
            Some(seen) => {
                for metric in Metric::ALL {
                    if seen.counts.get(metric).is_none() {
                        seen.counts.set(metric, post.counts.get(metric));
                    }
                }
            }
            None => self.seen.posts.push(post),
        }
    }

    fn act(&mut self, act: Act) {
        if self.seen.acts.len() < MOST_ITEMS
            && !self.seen.acts.iter().any(|seen| seen.id == act.id && seen.metric == act.metric)
        {
            self.seen.acts.push(act);
        }
    }

    fn figure(&mut self, figure: Figure, value: Option<u64>) {
        if let Some(value) = value {
            self.seen.profile.figures.push((figure, believable(value)));
        }
    }

    /// Known items, newest first, that this poll has not seen.
    fn unseen(&self) -> Vec<(&ItemId, &KnownItem)> {
        let seen: HashSet<&ItemId> = self.seen.posts.iter().map(|post| &post.id).collect();
        let mut unseen: Vec<_> =
            self.known.items.iter().filter(|(id, item)| !seen.contains(id) && !item.gone).collect();
        unseen.sort_by(|(a, x), (b, y)| y.published.cmp(&x.published).then_with(|| a.cmp(b)));
        unseen
    }

    /// Known items that a listing from `from` to `to` should have shown and did not.
    fn missing_between(&self, from: Time, to: Time) -> Vec<ItemId> {
        self.unseen()
            .into_iter()
            .filter(|(_, item)| item.published > from && item.published < to)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Below which known item the page of older ones starts whose turn it is, on networks that list items
    /// below another one. `None` where there is nothing older, and on the first poll, which has read it.
    fn older_before(&self, page: usize) -> Option<String> {
        if self.known.polls == 0 {
            return None;
        }
        let horizon = self.horizon();
        let older: Vec<_> = self.unseen().into_iter().filter(|(_, item)| item.published >= horizon).collect();
        let turn = usize::try_from(self.known.polls).unwrap_or(0).checked_rem(older.len().div_ceil(page))?;
        match turn.checked_sub(1) {
            Some(previous) => older.get(previous * page + page - 1).map(|(id, _)| id.0.clone()),
            None => self.seen.posts.iter().min_by_key(|post| post.published).map(|post| post.id.0.clone()),
        }
    }

    /// Whether a further page of the newest items is needed: on the first poll until the window or the
    /// page limit is reached, later only while a page shows nothing known, so that no hole stays.
    fn wants_older(&self, page: &[ItemId], oldest: Option<Time>) -> bool {
        let Some(oldest) = oldest else { return false };
        if self.pages >= FIRST_PAGES || oldest < self.horizon() {
            return false;
        }
        self.known.polls == 0 || !page.iter().any(|id| self.known.items.contains_key(id))
    }

    /// Takes note of a page of a listing by numbers, newest first, and says which one is next, and as what:
    /// older ones as far as they are wanted, later one further page in turn, since counters there move too.
    fn turn_page(
        &mut self,
        stage: Stage,
        listed: &[(ItemId, Time)],
        size: usize,
        last: bool,
    ) -> Option<(Stage, usize)> {
        self.pages += 1;
        let refresh = stage == Stage::Refresh;
        let oldest = listed.iter().map(|(_, at)| *at).min();
        if let Some(oldest) = oldest {
            // What lies between a page's ends is on it, or is gone; before the last page lies nothing.
            let from = if last { Time::MIN_UTC } else { oldest };
            let newest = listed.iter().map(|(_, at)| *at).max();
            let to = newest.filter(|_| refresh).unwrap_or(self.now);
            let gone = self.missing_between(from, to);
            self.seen.gone.extend(gone);
        }
        if refresh {
            return None;
        }
        if last {
            self.seen.complete = true;
            return None;
        }
        let next = self.pages as usize + 1;
        let ids: Vec<ItemId> = listed.iter().map(|(id, _)| id.clone()).collect();
        if self.wants_older(&ids, oldest) {
            return Some((Stage::Older, next));
        }
        let further = if self.known.polls == 0 { 0 } else { self.unseen().len().div_ceil(size) };
        let turn = usize::try_from(self.known.polls).unwrap_or(0).checked_rem(further)?;
        Some((Stage::Refresh, next + turn))
    }

    /// By how much a counter is higher than known. What the first poll finds is history, what a standing
    /// item holds at first sight is audience, and what is older than the window is not remembered: nobody
    /// asks who made it.
    fn growth(&self, post: &Post, metric: Metric) -> u64 {
        let known = match self.known.items.get(&post.id) {
            _ if self.known.polls == 0 => None,
            Some(item) => item.counts.get(metric),
            None => (!post.standing && post.published >= self.horizon()).then_some(0),
        };
        post.counts.get(metric).zip(known).map_or(0, |(count, known)| count.saturating_sub(known))
    }

    /// Counters that are higher than known, with their posts, newest first.
    fn grown(&self) -> Vec<(&Post, Metric)> {
        let mut posts: Vec<&Post> = self.seen.posts.iter().collect();
        posts.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.id.cmp(&b.id)));
        posts
            .into_iter()
            .flat_map(|post| Metric::ALL.map(|metric| (post, metric)))
            .filter(|(post, metric)| self.growth(post, *metric) > 0)
            .collect()
    }

    /// Asks on: what is queued first, then who is behind what has grown, where the network has a `question`
    /// for it and the poll one to spare.
    fn then_actors(&mut self, question: fn(&Self, &Post, Metric) -> Option<Request>) -> Step {
        if self.queue.is_empty() {
            let spare = std::mem::take(&mut self.spare) as usize;
            let questions =
                self.grown().into_iter().filter_map(|(post, metric)| question(self, post, metric));
            self.queue = questions.take(spare).collect();
        }
        self.next()
    }

    /// Takes up what somebody else did, unless an earlier poll has it: `words` of theirs are weighed and
    /// forgotten.
    fn act_by(&mut self, act: Act, words: impl FnOnce() -> String) {
        if !self.known.acts.contains(&act.id) {
            self.act(act.with_tone(text::tone(&words())));
        }
    }

    /// Takes up acts without a time, newest first, as many as their counter grew by: who came before that
    /// did so nobody knows when.
    fn undated_acts(&mut self, item: &str, metric: Metric, acts: impl Iterator<Item = Act>) {
        let post = self.seen.posts.iter().find(|post| post.id.0 == item);
        let growth = post.map_or(0, |post| self.growth(post, metric));
        let new = acts.filter(|act| !self.known.acts.contains(&act.id));
        let new: Vec<Act> = new.take(usize::try_from(growth).unwrap_or(usize::MAX)).collect();
        for act in new {
            self.act(act);
        }
    }

    /// Asks the next queued question, or is done.
    fn next(&mut self) -> Step {
        match self.queue.pop_front() {
            Some(request) => ask(request),
            None => self.done(),
        }
    }

    fn done(&mut self) -> Step {
        Step::Done(self.finish())
    }

    /// What was read so far.
    pub fn finish(&mut self) -> Box<Observation> {
        let account = self.seen.account.clone();
        Box::new(std::mem::replace(&mut self.seen, Observation::new(account)))
    }
}

fn ask(request: Request) -> Step {
    Step::Ask(Box::new(request))
}

/// The networks in the order of their ids, as lists show them.
pub fn networks() -> impl Iterator<Item = Network> {
    static SORTED: LazyLock<Vec<Network>> = LazyLock::new(|| {
        let mut networks: Vec<Network> = all().iter().map(|channel| channel.network()).collect();
        networks.sort_by_key(|network| network.id());
        networks
    });
    SORTED.iter().copied()
}

macro_rules! channels {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// Every network the program reads, in the order in which they may recognise an address.
        pub fn all() -> &'static [&'static dyn Channel] {
            static ALL: &[&dyn Channel] = &[$(&$name::CHANNEL),*];
            ALL
        }
    };
}

// More particular addresses first: `feed` takes any page.
channels! {
    tumblr
    gitlab
    gitea
    forem
    stackexchange
    lobsters
    youtube
    bluesky
    mastodon
    misskey
    lemmy
    discourse
    github
    hackernews
    wikipedia
    openalex
    disqus
    twitch
    plausible
    goatcounter
    umami
    matomo
    webmention
    reddit
    x
    facebook
    instagram
    threads
    custom
    manual
    feed
}

/// The channel that reads a network.
pub fn of(network: Network) -> &'static dyn Channel {
    all()
        .iter()
        .copied()
        .find(|channel| channel.network() == network)
        .unwrap_or_else(|| unreachable!("{network} names itself in a channel's file"))
}

/// Whether the numbers of a network are typed in.
pub fn by_hand(network: Network) -> bool {
    of(network).by_hand()
}

/// Whether the user has named the account, as `custom:newsletter`: then the name alone says which channel is meant.
pub fn is_own(account: &Account) -> bool {
    by_hand(account.network) || own_key(account).is_some()
}

/// An account as it belongs to a person. What is typed in is a person's own: everybody has another
/// `manual:linkedin`.
pub fn of_person(mut account: Account, symbol: &str) -> Account {
    if is_personal(&account) && account.stable.is_none() {
        account.stable = Some(format!("{symbol}/{}", account.handle));
    }
    account
}

/// Whether everybody has their own account of this name.
pub fn is_personal(account: &Account) -> bool {
    of(account.network).personal(account)
}

/// A page on somebody else's site, as it is typed.
pub fn page_elsewhere(text: &str, allows_http: &dyn Fn(&str) -> bool) -> Result<Url, BadAddress> {
    let mut accounts = parse(&format!("feed:{text}"), allows_http)?;
    accounts.pop().and_then(|account| account.base).ok_or_else(|| BadAddress::Unknown(text.to_owned()))
}

/// The account of the pages of a person who has no feed.
pub fn elsewhere() -> Account {
    feed::elsewhere::account(feed::CHANNEL.network())
}

/// Whether a channel is nothing but pages on other people's sites.
pub fn is_only_pages(account: &Account) -> bool {
    takes_pages(account) && feed::elsewhere::is_without_feed(account)
}

/// Whether a channel can have pages on other people's sites.
pub fn takes_pages(account: &Account) -> bool {
    account.network == feed::CHANNEL.network()
}

/// Whether this can be a name that the user gives to a channel.
pub fn is_own_name(name: &str) -> bool {
    custom::is_name(name)
}

/// The name of the key of a `custom` channel, which is named by the user like the channel itself.
pub fn own_key(account: &Account) -> Option<String> {
    (account.network == custom::CHANNEL.network()).then(|| custom::key_name(account))
}

/// Whether a host is one network's alone.
fn is_site(host: &str) -> bool {
    all().iter().any(|channel| channel.network().is_at(host))
}

/// A network by any of its spellings.
pub fn network(word: &str) -> Option<Network> {
    all().iter().map(|channel| channel.network()).find(|network| network.answers_to(word))
}

/// The address of the API for an account, `configured` being the user's override for its network.
pub fn api(account: &Account, configured: Option<&Url>) -> Url {
    configured
        .or(account.base.as_ref())
        .cloned()
        .or_else(|| account.network.0.api.and_then(|api| Url::parse(api).ok()))
        .unwrap_or_else(|| {
            // Networks without a central API give every account a base or a host in its handle.
            let host = account.handle.rsplit('@').next().unwrap_or_default();
            Url::parse(&format!("https://{host}/")).unwrap_or_else(|_| unreachable!("handles hold a host"))
        })
}

/// The key that the first question about an account takes along, if there is one: its name, and where it goes.
pub fn key_of(account: &Account, api: Url) -> Option<KeyUse> {
    // The question is looked at and not asked.
    let mut progress = Progress::new(account.clone(), api, Time::UNIX_EPOCH);
    progress.has_key = true;
    of(account.network).request(&progress).key
}

/// The same of whatever account of a network, at a host or where all of the network is.
pub fn first_key(network: Network, host: Option<&str>) -> Option<KeyUse> {
    let mut account = Account::new(network, format!("ada@{}", host.unwrap_or("host.example")));
    if let Some(host) = host {
        account.base = Some(Url::parse(&format!("https://{host}/")).ok()?);
    }
    let api = api(&account, None);
    key_of(&account, api)
}

/// Where all of a network is; `None` where accounts live on hosts of their own, or nowhere on the web.
pub fn home(network: Network) -> Option<&'static str> {
    network.0.api.filter(|api| !api.trim_end_matches('/').ends_with(".invalid"))
}

/// Whether every host of a network has keys of its own, and none is the network's.
pub fn has_keys_by_host(network: Network) -> bool {
    first_key(network, None).map_or_else(|| home(network).is_none(), |used| used.name != network.id())
}

/// Whether a host of a network has keys of its own, called `network@host`.
pub fn has_key_of_host(network: Network, host: &str) -> bool {
    first_key(network, Some(host)).is_none_or(|used| used.name != network.id())
}

/// Joins path segments to an API base that may have a path of its own.
fn endpoint(api: &Url, segments: &[&str]) -> Url {
    let mut url = api.clone();
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The body as the JSON a channel expects, or what is wrong with the answer.
fn decode<T: DeserializeOwned>(reply: &Reply) -> Result<T, Trouble> {
    if !reply.ok() {
        return Err(refusal(reply));
    }
    if reply.is_page() {
        return Err(Trouble::malformed("a web page came instead of data"));
    }
    reply.json().map_err(|error| misshapen(&error))
}

/// A part of a body as what a channel expects.
fn shape<T: DeserializeOwned>(part: serde_json::Value) -> Result<T, Trouble> {
    serde_json::from_value(part).map_err(|error| misshapen(&error))
}

fn misshapen(error: &serde_json::Error) -> Trouble {
    // The message may quote the body.
    Trouble::malformed(text::cut(&text::clean(&error.to_string()), 100))
}

/// What an answer about actors says. `None` where this one cannot be had and the next one may; `Err` where
/// the server is to be left alone.
fn decode_actors<T: DeserializeOwned>(reply: &Reply) -> Result<Option<T>, Trouble> {
    match decode(reply) {
        Ok(actors) => Ok(Some(actors)),
        Err(trouble @ (Trouble::RateLimited { .. } | Trouble::Server { status: 500.., .. })) => Err(trouble),
        Err(_) => Ok(None),
    }
}

/// What an answer other than success means when the network has no words of its own for it.
fn refusal(reply: &Reply) -> Trouble {
    let limits = Limits::read(&reply.headers, reply.at);
    let until = limits.retry.or_else(|| limits.reset.filter(|_| limits.remaining == Some(0)));
    match reply.status {
        401 => {
            if reply.keyed {
                Trouble::Unauthorized
            } else {
                Trouble::KeyNeeded
            }
        }
        403 if !reply.is_page() => {
            if limits.remaining == Some(0) || limits.retry.is_some() {
                Trouble::RateLimited { until }
            } else if reply.keyed {
                Trouble::Unauthorized
            } else {
                Trouble::KeyNeeded
            }
        }
        404 => Trouble::NotFound,
        410 => Trouble::Deleted,
        429 => Trouble::RateLimited { until: until.or(limits.reset) },
        status => Trouble::Server { status, until: limits.retry },
    }
}

/// An RFC 3339 instant, as most networks write them.
fn rfc3339(text: &str) -> Option<Time> {
    chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.to_utc())
}

/// The same, also with an offset without a colon (`+0000`), as others write it.
fn instant(text: &str) -> Option<Time> {
    let without = || chrono::DateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M:%S%.f%z").ok();
    rfc3339(text).or_else(|| without().map(|at| at.to_utc()))
}

/// A count that some servers give as -1 to say "hidden".
fn visible(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}

/// A display name, if there is anything left of it once cleaned.
fn name(text: Option<&str>) -> Option<String> {
    text.map(text::clean).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod example;
