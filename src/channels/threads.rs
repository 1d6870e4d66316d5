//! Threads: one's own account with its token, other people's followers where Meta has reviewed the user's app.
//!
//! One poll: whose the token is, followers, the newest posts, then counters post by post: of the newest ones, and of
//! others of the list in turn. Reposts of other people's posts are in the list, and left out.

use super::custom::number;
use super::graph::{self, Page};
use super::{Channel, Progress, Reach, Step, Typed, ask, instant, name};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind,
    Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;
use serde_json::Value;

pub(super) static CHANNEL: Threads = Threads;

static SPEC: NetworkSpec = NetworkSpec {
    id: "threads",
    code: "TH",
    name: "Threads",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: Some(Word::new("repost", "reposts", "RPST")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: Some(Word::new("quote", "quotes", "QUOT")),
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(60, 15),
    key: KeyNeed::Needed(
        "make an app for Threads at developers.facebook.com and take the long-lived token of your account with \
         threads_basic and threads_manage_insights; it ends after 60 days unless it is refreshed before",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["threads.com", "threads.net"],
    hint: "write threads:name, at most 30 letters, digits, . and _, or the profile's address",
    facts: Facts {
        reads: &[
            "me, me/threads_insights: name and followers of one's own account",
            "me/threads: the newest 100 posts; on the first poll back to 90 days",
            "POST/insights: likes, replies, reposts and quotes of the newest 10 posts and of 10 others in turn; on the \
             first poll of the newest 50",
            "of somebody else, profile_lookup: followers",
        ],
        cost: "23 requests, 53 the first time; 2 for somebody else's account",
        limits: "by the account's reach; the server says in X-App-Usage and X-Business-Use-Case-Usage how much is used up, \
                 and above 80 % only what is needed is asked; 1,000 other accounts a day",
        unknown: &[
            "other people's accounts, unless Meta has reviewed your app for threads_profile_discovery; then only with 100 \
             followers or more, and without counters of their posts",
            "who liked, replied or reposted; the account's own replies are in the count",
            "what was counted before 13 April 2024",
        ],
    },
    api: Some("https://graph.threads.net/v1.0/"),
};

const KEY: &str = "threads";

/// Posts of one page.
const PAGE: usize = 100;

/// Posts whose counters the first poll asks for.
const FIRST: usize = 50;

/// The newest posts, and so many others, whose counters a later poll asks for.
const LATER: usize = 10;

pub(super) struct Threads;

impl Channel for Threads {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let user = match (graph::bare(typed), &typed.url) {
            (Some(bare), _) => bare.to_owned(),
            (None, Some(url)) => {
                let path = graph::path_on(url, &["threads.net", "threads.com"])?;
                path.first()?.strip_prefix('@')?.to_owned()
            }
            _ => return None,
        };
        is_user(&user).then(|| Account::new(self.network(), user.to_ascii_lowercase()))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://www.threads.com/@{}", account.handle))
    }

    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        if progress.has_key { Ok(ask(self.request(progress))) } else { Err(Trouble::KeyNeeded) }
    }

    fn request(&self, progress: &Progress) -> Request {
        graph::get(&progress.api, KEY, &["me"], &[("fields", "id,username,name")], Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => read_other(progress, reply),
            Stage::Links => read_followers(progress, reply),
            Stage::Posts | Stage::Older => read_posts(progress, reply),
            Stage::Count => read_counts(progress, reply),
            _ => read_me(progress, reply),
        }
    }
}

fn is_user(name: &str) -> bool {
    graph::is_name(name, 30) && !name.contains('-')
}

#[derive(Deserialize)]
struct Me {
    id: String,
    username: String,
    name: Option<String>,
}

fn read_me(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let me: Me = graph::read(progress, reply)?;
    if !graph::is_name(&me.id, 80) || !is_user(&me.username) {
        return Err(Trouble::malformed("the account has no id or no name"));
    }
    let account = progress.account();
    let own = match &account.stable {
        Some(stable) => *stable == me.id,
        None => account.handle.eq_ignore_ascii_case(&me.username),
    };
    if !own {
        let user = [("username", account.handle.as_str())];
        return Ok(ask(graph::get(&progress.api, KEY, &["profile_lookup"], &user, Stage::Home)));
    }
    progress.seen.account.stable = Some(me.id);
    progress.rename(&me.username.to_ascii_lowercase());
    progress.seen.profile.name = name(me.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(posts(progress, None)))
}

#[derive(Deserialize)]
struct Other {
    username: String,
    name: Option<String>,
    follower_count: Option<Value>,
}

/// Somebody else has no id there: the name is what they are known by.
fn read_other(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let other: Other = graph::read(progress, reply)?;
    if !other.username.eq_ignore_ascii_case(&progress.account().handle) {
        return Err(Trouble::malformed("another account came than was asked for"));
    }
    let known_by = format!("@{}", progress.account().handle);
    progress.seen.account.stable.get_or_insert(known_by);
    progress.figure(Figure::Followers, other.follower_count.as_ref().and_then(number));
    progress.seen.profile.name = name(other.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    Ok(progress.done())
}

/// A number that some answers give as a total and others as the newest of several values.
#[derive(Deserialize)]
struct Insight {
    name: String,
    total_value: Option<Reading>,
    #[serde(default)]
    values: Vec<Reading>,
}

#[derive(Deserialize)]
struct Reading {
    value: Option<Value>,
}

impl Insight {
    fn value(&self) -> Option<u64> {
        let reading = self.total_value.as_ref().or_else(|| self.values.last())?;
        reading.value.as_ref().and_then(number)
    }
}

fn posts(progress: &Progress, after: Option<&str>) -> Request {
    let limit = PAGE.to_string();
    let fields = "id,media_type,permalink,text,timestamp,is_quote_post";
    let mut parameters = vec![("limit", limit.as_str()), ("fields", fields)];
    parameters.extend(after.map(|after| ("after", after)));
    let stage = if after.is_none() { Stage::Posts } else { Stage::Older };
    graph::get(&progress.api, KEY, &["me", "threads"], &parameters, stage)
}

#[derive(Deserialize)]
struct PostView {
    id: String,
    media_type: Option<String>,
    permalink: Option<String>,
    text: Option<String>,
    timestamp: Option<String>,
}

impl PostView {
    fn post(self) -> Option<Post> {
        // Somebody else's post, passed on.
        if self.media_type.as_deref() == Some("REPOST_FACADE") || !graph::is_name(&self.id, 80) {
            return None;
        }
        Some(Post {
            kind: if self.media_type.as_deref() == Some("VIDEO") { PostKind::Video } else { PostKind::Post },
            url: self.permalink.filter(|url| url.starts_with("https://")),
            title: self.text.as_deref().map(text::clean).unwrap_or_default(),
            published: instant(self.timestamp.as_deref()?)?,
            counts: Counts::default(),
            standing: false,
            id: ItemId(self.id),
        })
    }
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: Page<PostView> = graph::read(progress, reply)?;
    progress.pages += 1;
    let busy = graph::is_busy(&reply.headers);
    let after = page.after().map(str::to_owned);
    let found: Vec<Post> = page.data.into_iter().take(2 * PAGE).filter_map(PostView::post).collect();
    let ids: Vec<ItemId> = found.iter().map(|post| post.id.clone()).collect();
    let oldest = found.iter().map(|post| post.published).min();
    for post in found {
        progress.add(post);
    }
    progress.seen.complete = after.is_none();
    if !busy
        && let Some(after) = after
        && progress.wants_older(&ids, oldest)
    {
        return Ok(ask(posts(progress, Some(&after))));
    }
    if let Some(oldest) = progress.seen.posts.iter().map(|post| post.published).min() {
        let gone = progress.missing_between(oldest, progress.now);
        progress.seen.gone.extend(gone);
    }
    let metric = [("metric", "followers_count")];
    let followers = graph::get(&progress.api, KEY, &["me", "threads_insights"], &metric, Stage::Links);
    progress.queue.push_back(followers);
    if !busy {
        queue_counts(progress);
    }
    Ok(progress.next())
}

/// Counters post by post: of the newest, and of others in turn.
fn queue_counts(progress: &mut Progress) {
    let mut listed: Vec<&Post> = progress.seen.posts.iter().collect();
    listed.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.id.cmp(&b.id)));
    let first = progress.known.polls == 0;
    let (newest, others) = listed.split_at(listed.len().min(if first { FIRST } else { LATER }));
    let mut wanted = newest.to_vec();
    if !first {
        let horizon = progress.horizon();
        let others: Vec<&Post> = others.iter().copied().filter(|post| post.published >= horizon).collect();
        wanted.extend(graph::in_turn(&others, progress.known.polls, LATER));
    }
    let metrics = [("metric", "likes,replies,reposts,quotes")];
    let questions: Vec<Request> = wanted
        .into_iter()
        .map(|post| graph::get(&progress.api, KEY, &[&post.id.0, "insights"], &metrics, Stage::Count))
        .collect();
    progress.queue.extend(questions);
}

fn read_followers(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    match graph::read::<Page<Insight>>(progress, reply) {
        Ok(insights) => {
            let followers = insights.data.iter().find(|insight| insight.name == "followers_count");
            progress.figure(Figure::Followers, followers.and_then(Insight::value));
        }
        Err(trouble @ Trouble::RateLimited { .. }) => return Err(trouble),
        // The token may lack this right alone; the posts are read all the same.
        Err(_) => {}
    }
    Ok(progress.next())
}

fn read_counts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let id = reply.url.path_segments().and_then(|path| path.rev().nth(1)).map(ItemId::from);
    let insights = match graph::read::<Page<Insight>>(progress, reply) {
        Ok(insights) => insights.data,
        Err(trouble @ Trouble::RateLimited { .. }) => return Err(trouble),
        Err(_) => Vec::new(),
    };
    if let Some(post) = progress.seen.posts.iter_mut().find(|post| Some(&post.id) == id.as_ref()) {
        for insight in insights {
            let metric = match insight.name.as_str() {
                "likes" => Metric::Likes,
                "replies" => Metric::Replies,
                "reposts" => Metric::Reshares,
                "quotes" => Metric::Quotes,
                _ => continue,
            };
            post.counts.set(metric, insight.value());
        }
    }
    if graph::is_busy(&reply.headers) {
        progress.queue.clear();
    }
    Ok(progress.next())
}
