//! X, read with a bearer token. Every account and every post that it gives is paid for.
//!
//! One poll: the account, then posts newer than the newest known one, then counters of a few known ones. It reads
//! [`MOST`] posts at most, so that its price is known before it is asked. What an answer has cost is what it
//! holds; answers without data cost nothing. A 200 may hold nothing but errors.

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, endpoint, name, refusal, rfc3339};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Money, Network, NetworkSpec, Pace, Post,
    PostKind, Price, Tie, Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;
use std::collections::HashSet;
use url::Url;

pub(super) static CHANNEL: X = X;

/// Posts that one poll reads at most.
const MOST: u32 = 20;

/// Known posts are asked for as long as a poll has read no more than this.
const USUAL: usize = 10;

const PRICE: Price = Price { account: Money(10_000), item: Money(5_000), items: MOST };

static SPEC: NetworkSpec = NetworkSpec {
    id: "x",
    code: "X",
    name: "X",
    also: &["twitter"],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: Some(Word::new("repost", "reposts", "RPST")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: Some(Word::new("quote", "quotes", "QUOT")),
        view: Some(Word::new("view", "views", "VIEW")),
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(720, 60),
    key: KeyNeed::Needed(
        "buy credits at console.x.com, make an app there and take its Bearer Token from Keys and tokens",
    ),
    opt_in: Some("every account and every post that X gives costs money"),
    price: Some(PRICE),
    outcome: false,
    sites: &["x.com", "twitter.com", ".twitter.com"],
    hint: "write x:name, at most 15 letters, digits and _, or the profile's address",
    facts: Facts {
        reads: &[
            "users: followers, name, whether the account still exists; one account",
            "users/ID/tweets: posts and replies newer than the newest known one with their counters; at most 20, on the first poll the newest ones of 90 days",
            "tweets: counters of known posts, the newest ones and others in turn, while no more than ten posts are read",
        ],
        cost: "3 requests; $0.01 for the account and $0.005 for each post, so at most $0.11, usually up to $0.06; X may charge less, since what is read twice on one day is meant to be charged once",
        limits: "300 requests in 15 minutes for accounts, 3,500 for posts; the server says so in x-rate-limit headers and answers 429; credits that are used up are a 402",
        unknown: &[
            "who liked, reposted or answered: every one of them would be paid for",
            "of more than 20 new posts between two polls the older ones; a shorter interval reads more and costs more",
            "posts of protected accounts",
        ],
    },
    api: Some("https://api.x.com/"),
};

/// First parts of addresses that are no accounts.
const NO_NAMES: [&str; 15] = [
    "i",
    "home",
    "explore",
    "search",
    "settings",
    "notifications",
    "messages",
    "compose",
    "intent",
    "share",
    "hashtag",
    "login",
    "signup",
    "tos",
    "privacy",
];

pub(super) struct X;

impl Channel for X {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        if let Some(url) = typed.url.as_ref().filter(|_| typed.text.contains('/')) {
            let host = url.host_str()?;
            let host = ["www.", "mobile."].iter().find_map(|part| host.strip_prefix(part)).unwrap_or(host);
            if !matches!(host, "x.com" | "twitter.com") {
                return None;
            }
            let mut path = url.path_segments()?;
            let first = path.next()?;
            if first == "i" {
                path.next().filter(|word| *word == "user")?;
                return by_id(path.next()?);
            }
            return by_name(first);
        }
        let text = typed.text.strip_prefix('@').unwrap_or(typed.text);
        typed.named.then(|| by_id(text).or_else(|| by_name(text))).flatten()
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(match &account.stable {
            Some(id) if *id == account.handle => format!("https://x.com/i/user/{id}"),
            _ => format!("https://x.com/{}", account.handle),
        })
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let mut url = match &account.stable {
            Some(id) => endpoint(&progress.api, &["2", "users", id]),
            None => endpoint(&progress.api, &["2", "users", "by", "username", &account.handle]),
        };
        url.query_pairs_mut().append_pair("user.fields", "entities,protected,public_metrics");
        paid(url, Stage::Profile, PRICE.account)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts => read_posts(progress, reply),
            Stage::Refresh => read_refresh(progress, reply),
            _ => read_user(progress, reply),
        }
    }

    fn billed(&self, reply: &Reply) -> Option<Money> {
        if !reply.ok() {
            return Some(Money::ZERO);
        }
        let answer: Answer<serde_json::Value> = reply.json().ok()?;
        Some(match answer.data {
            None | Some(serde_json::Value::Null) => Money::ZERO,
            Some(serde_json::Value::Array(items)) => PRICE.item.times(items.len().try_into().ok()?),
            Some(_) => PRICE.account,
        })
    }
}

fn by_name(text: &str) -> Option<Account> {
    let fits = is_name(text) && !NO_NAMES.iter().any(|word| word.eq_ignore_ascii_case(text));
    fits.then(|| Account::new(CHANNEL.network(), text))
}

fn is_name(text: &str) -> bool {
    (1..=15).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

fn by_id(text: &str) -> Option<Account> {
    is_id(text).then(|| Account::new(CHANNEL.network(), text).known_as(text))
}

fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
}

fn paid(url: Url, stage: Stage, most: Money) -> Request {
    Request::json(url, stage).with_key(SPEC.id).costing(most)
}

/// Posts with their counters: the newest ones, or those that are named.
fn posts(mut url: Url, stage: Stage, query: &[(&str, &str)], most: usize) -> Request {
    url.query_pairs_mut()
        .extend_pairs(query)
        .append_pair("tweet.fields", "created_at,in_reply_to_user_id,public_metrics,referenced_tweets");
    paid(url, stage, PRICE.item.times(most.try_into().unwrap_or(u64::MAX)))
}

/// What every answer is made of.
#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<Problem>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    next_token: Option<String>,
}

/// What is wrong, with an answer as a whole or with one thing that was asked for.
#[derive(Deserialize, Default)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    value: Option<serde_json::Value>,
    resource_id: Option<String>,
}

impl Problem {
    /// The host in front of it has changed once.
    fn word(&self) -> &str {
        self.kind.rsplit('/').next().unwrap_or_default()
    }

    fn trouble(&self, progress: &Progress) -> Option<Trouble> {
        match self.word() {
            _ if self.detail.contains("has been suspended") => Some(Trouble::Suspended),
            "resource-not-found" => Some(progress.missing()),
            "not-authorized-for-resource" => Some(Trouble::Private),
            "usage-capped" | "credits" | "credits-depleted" => Some(Trouble::Budget { until: None }),
            _ => None,
        }
    }
}

/// The answer, or why there is nothing in it.
fn open<T: serde::de::DeserializeOwned>(progress: &Progress, reply: &Reply) -> Result<Answer<T>, Trouble> {
    if !reply.ok() {
        let problem: Problem = reply.json().unwrap_or_default();
        return Err(match reply.status {
            402 => Trouble::Budget { until: None },
            401 | 500.. => refusal(reply),
            404 => problem.trouble(progress).unwrap_or_else(|| progress.missing()),
            _ => problem.trouble(progress).unwrap_or_else(|| refusal(reply)),
        });
    }
    let answer: Answer<T> = decode(reply)?;
    match answer.errors.iter().find_map(|problem| problem.trouble(progress)) {
        Some(trouble) if answer.data.is_none() => Err(trouble),
        _ => Ok(answer),
    }
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    name: Option<String>,
    #[serde(default)]
    protected: bool,
    public_metrics: Option<UserMetrics>,
    entities: Option<Entities>,
}

#[derive(Deserialize)]
struct UserMetrics {
    followers_count: Option<u64>,
}

#[derive(Deserialize)]
struct Entities {
    url: Option<Links>,
    description: Option<Links>,
}

#[derive(Deserialize)]
struct Links {
    #[serde(default)]
    urls: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    expanded_url: Option<String>,
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Some(user) = open::<User>(progress, reply)?.data else {
        return Err(Trouble::malformed("neither an account nor an error came"));
    };
    if !is_id(&user.id) || !is_name(&user.username) {
        return Err(Trouble::malformed("the account has no id"));
    }
    // Capitals are decoration; an account that was added by its id had no name yet.
    let account = &mut progress.seen.account;
    if account.handle.eq_ignore_ascii_case(&user.username) || account.handle == user.id {
        account.handle.clone_from(&user.username);
    }
    progress.rename(&user.username);
    progress.seen.account.stable = Some(user.id.clone());
    if user.protected {
        return Err(Trouble::Private);
    }
    progress.seen.profile.name = name(user.name.as_deref());
    progress.seen.profile.url = Some(format!("https://x.com/{}", user.username));
    progress.figure(Figure::Followers, user.public_metrics.and_then(|metrics| metrics.followers_count));
    let links = user.entities.map(|entities| [entities.url, entities.description]);
    for link in links.into_iter().flatten().flatten().flat_map(|links| links.urls) {
        if let Some(url) = link.expanded_url {
            progress.seen.profile.link(Tie::Claimed, url);
        }
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(newest(progress, &user.id)))
}

/// Posts after the newest known one: nothing known is paid for again.
fn newest(progress: &Progress, user: &str) -> Request {
    let known = progress.known.items.keys().map(|id| id.0.as_str()).filter(|id| is_id(id));
    // Ids grow with time, and with their length.
    let since = known.max_by_key(|id| (id.len(), *id));
    let most = MOST.to_string();
    let from = progress.horizon().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let after = since.map_or(("start_time", from.as_str()), |since| ("since_id", since));
    let url = endpoint(&progress.api, &["2", "users", user, "tweets"]);
    posts(url, Stage::Posts, &[("max_results", &most), ("exclude", "retweets"), after], MOST as usize)
}

#[derive(Deserialize)]
struct Tweet {
    id: String,
    #[serde(default)]
    text: String,
    created_at: Option<String>,
    in_reply_to_user_id: Option<String>,
    public_metrics: Option<Metrics>,
    #[serde(default, alias = "referenced_posts")]
    referenced_tweets: Vec<Reference>,
}

#[derive(Deserialize)]
struct Metrics {
    like_count: Option<u64>,
    #[serde(alias = "repost_count")]
    retweet_count: Option<u64>,
    reply_count: Option<u64>,
    quote_count: Option<u64>,
    impression_count: Option<u64>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(request) = renamed_fields(reply) {
        return Ok(ask(request));
    }
    let Answer { data, meta, .. } = open::<Vec<Tweet>>(progress, reply)?;
    // The oldest first: what quotes another one comes after it.
    let mut tweets = data.unwrap_or_default();
    tweets.truncate(MOST as usize);
    for tweet in tweets.into_iter().rev() {
        add(progress, tweet);
    }
    progress.pages += 1;
    tracing::debug!(more = meta.is_some_and(|meta| meta.next_token.is_some()), "x listing");
    let ids = to_refresh(progress);
    if ids.is_empty() {
        return Ok(progress.done());
    }
    let url = endpoint(&progress.api, &["2", "tweets"]);
    Ok(ask(posts(url, Stage::Refresh, &[("ids", &ids.join(","))], ids.len())))
}

/// One edition of the API calls tweets posts, in the name of this parameter, too.
fn renamed_fields(reply: &Reply) -> Option<Request> {
    const OLD: &str = "tweet.fields";
    let asked: Vec<_> = reply.url.query_pairs().into_owned().collect();
    let complains = reply.status == 400 && String::from_utf8_lossy(&reply.body).contains(OLD);
    if !complains || !asked.iter().any(|(name, _)| name == OLD) {
        return None;
    }
    let mut url = reply.url.clone();
    let named = |name: String| if name == OLD { "post.fields".to_owned() } else { name };
    url.query_pairs_mut().clear().extend_pairs(
        asked.into_iter().map(|(name, value)| (named(name), value.replace("_tweets", "_posts"))),
    );
    Some(paid(url, reply.stage, PRICE.item.times(MOST.into())))
}

/// Known posts whose counters are asked for: half of them the newest ones, half of them others in turn.
fn to_refresh(progress: &Progress) -> Vec<String> {
    let room = USUAL.saturating_sub(progress.seen.posts.len());
    let horizon = progress.horizon();
    let known: Vec<String> = progress
        .unseen()
        .into_iter()
        .filter(|(id, item)| item.published >= horizon && is_id(&id.0))
        .map(|(id, _)| id.0.clone())
        .collect();
    if known.len() <= room {
        return known;
    }
    let (newest, older) = known.split_at(room / 2);
    let turn = room - newest.len();
    let start = usize::try_from(progress.known.polls).unwrap_or(0).wrapping_mul(turn) % older.len().max(1);
    newest.iter().chain(older.iter().cycle().skip(start).take(turn)).cloned().collect()
}

fn read_refresh(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(request) = renamed_fields(reply) {
        return Ok(ask(request));
    }
    // That all of them are gone says nothing of the account.
    let Answer { data, errors, .. } =
        if reply.ok() { decode(reply)? } else { open::<Vec<Tweet>>(progress, reply)? };
    let asked: HashSet<String> = reply
        .url
        .query_pairs()
        .filter(|(name, _)| name == "ids")
        .flat_map(|(_, ids)| ids.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for tweet in data.into_iter().flatten().filter(|tweet| asked.contains(&tweet.id)) {
        add(progress, tweet);
    }
    for problem in errors.iter().filter(|problem| problem.word() == "resource-not-found") {
        let named = problem.value.as_ref().and_then(serde_json::Value::as_str);
        if let Some(id) = named.or(problem.resource_id.as_deref()).filter(|id| asked.contains(*id)) {
            let id = ItemId::from(id);
            if !progress.seen.gone.contains(&id) {
                progress.seen.gone.push(id);
            }
        }
    }
    Ok(progress.done())
}

fn add(progress: &mut Progress, tweet: Tweet) {
    let Some(published) = tweet.created_at.as_deref().and_then(rfc3339) else { return };
    let of_kind = |word: &str| tweet.referenced_tweets.iter().find(|reference| reference.kind == word);
    if !is_id(&tweet.id) || of_kind("retweeted").is_some() {
        return;
    }
    let answered = of_kind("replied_to");
    if let Some(parent) = answered
        && tweet.in_reply_to_user_id.is_some()
        && tweet.in_reply_to_user_id == progress.account().stable
    {
        progress.act(Act::own(tweet.id.clone(), parent.id.as_str(), Metric::Replies));
    }
    if let Some(quoted) = of_kind("quoted") {
        let id = ItemId::from(quoted.id.as_str());
        let own =
            progress.known.items.contains_key(&id) || progress.seen.posts.iter().any(|post| post.id == id);
        if own {
            progress.act(Act::own(tweet.id.clone(), id, Metric::Quotes));
        }
    }
    let metrics = tweet.public_metrics.as_ref();
    let count = |of: fn(&Metrics) -> Option<u64>| metrics.and_then(of);
    progress.add(Post {
        kind: if answered.is_some() { PostKind::Reply } else { PostKind::Post },
        url: Some(format!("https://x.com/{}/status/{}", progress.account().handle, tweet.id)),
        title: text::from_html(&tweet.text),
        published,
        counts: Counts::default()
            .with(Metric::Likes, count(|metrics| metrics.like_count))
            .with(Metric::Reshares, count(|metrics| metrics.retweet_count))
            .with(Metric::Replies, count(|metrics| metrics.reply_count))
            .with(Metric::Quotes, count(|metrics| metrics.quote_count))
            .with(Metric::Views, count(|metrics| metrics.impression_count)),
        standing: false,
        id: ItemId(tweet.id),
    });
}
