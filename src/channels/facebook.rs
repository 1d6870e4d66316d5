//! Facebook Pages, read through the Graph API with a token of somebody who runs them.
//!
//! One poll: the Page, its newest posts with their counters, then older known ones in turn, by id. A list of ids with
//! a deleted one among them is refused as a whole; then a few are asked one by one. Personal profiles cannot be read.

use super::custom::number;
use super::graph::{self, Page};
use super::{Channel, Progress, Reach, Step, Typed, ask, instant, name};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{
    Account, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind, Tie,
    Trouble, Word, Words,
};
use crate::text;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

pub(super) static CHANNEL: Facebook = Facebook;

static SPEC: NetworkSpec = NetworkSpec {
    id: "facebook",
    code: "FB",
    name: "Facebook",
    also: &["fb"],
    words: Words {
        like: Some(Word::new("reaction", "reactions", "REAC")),
        reshare: Some(Word::new("share", "shares", "SHAR")),
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(30, 10),
    key: KeyNeed::Needed(
        "make an app at developers.facebook.com, log in to it as somebody who runs the Page, with pages_show_list and \
         pages_read_engagement, and take the Page's token from me/accounts with a long-lived user token",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["facebook.com", ".facebook.com", "fb.com"],
    hint: "write facebook:name of a Page, its number, or its address; personal profiles cannot be read",
    facts: Facts {
        reads: &[
            "PAGE: followers, name, website",
            "PAGE/posts: the newest 25 posts with reactions, comments and shares; on the first poll back to 90 days",
            "?ids: counters of up to 25 older posts, others at every poll",
        ],
        cost: "3 requests; up to 5 more after posts were deleted",
        limits: "by the Page's reach; the server says in X-App-Usage and X-Business-Use-Case-Usage how much is used up, \
                 and above 80 % only what is needed is asked; errors 4, 17, 32, 613 and 80001",
        unknown: &[
            "personal profiles, groups, and Pages that you do not run, unless Facebook has reviewed your app",
            "who reacted, commented or shared; comments of the Page itself are in the count",
            "views: they need further rights and come a day or more late",
        ],
    },
    // Another version of the API is another address.
    api: Some("https://graph.facebook.com/v25.0/"),
};

const KEY: &str = "facebook";

/// Posts of one page, and of one question by ids.
const PAGE: usize = 25;

/// Posts asked for one by one at most.
const SINGLE: usize = 5;

const FIELDS: &str = "id,message,created_time,permalink_url,shares,reactions.limit(0).summary(total_count),\
                      comments.limit(0).summary(total_count)";

/// First parts of addresses that are no Pages.
const NO_NAMES: [&str; 16] = [
    "ads",
    "events",
    "gaming",
    "groups",
    "hashtag",
    "help",
    "login",
    "marketplace",
    "messages",
    "permalink.php",
    "photo",
    "photo.php",
    "reel",
    "share",
    "stories",
    "watch",
];

pub(super) struct Facebook;

impl Channel for Facebook {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let page = match (graph::bare(typed), &typed.url) {
            (Some(bare), _) => bare.to_owned(),
            (None, Some(url)) => {
                let path = graph::path_on(url, &["facebook.com", "fb.com"])?;
                match path.as_slice() {
                    ["profile.php"] => url.query_pairs().find(|(name, _)| name == "id")?.1.into_owned(),
                    ["pages" | "people", _, id, ..] => (*id).to_owned(),
                    ["pg", name, ..] | [name, ..] if !NO_NAMES.contains(name) => (*name).to_owned(),
                    _ => return None,
                }
            }
            _ => return None,
        };
        graph::is_name(&page, 80).then(|| Account::new(self.network(), page))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://www.facebook.com/{}", account.handle))
    }

    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        if progress.has_key { Ok(ask(self.request(progress))) } else { Err(Trouble::KeyNeeded) }
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        let id = account.stable.as_deref().unwrap_or(&account.handle);
        let fields = [("fields", "id,name,username,link,website,fan_count,followers_count")];
        graph::get(&progress.api, KEY, &[id], &fields, Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Posts | Stage::Older => read_posts(progress, reply),
            Stage::Refresh => read_many(progress, reply),
            Stage::Count => read_one(progress, reply),
            _ => read_page(progress, reply),
        }
    }
}

#[derive(Deserialize)]
struct PageView {
    id: String,
    name: Option<String>,
    username: Option<String>,
    website: Option<String>,
    followers_count: Option<Value>,
}

fn read_page(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: PageView = graph::read(progress, reply)?;
    if page.id.is_empty() || !graph::is_name(&page.id, 80) {
        return Err(Trouble::malformed("the Page has no id"));
    }
    // A Page without a name of its own is called by its number.
    let handle = page.username.filter(|name| graph::is_name(name, 80)).unwrap_or_else(|| page.id.clone());
    progress.seen.account.stable.get_or_insert_with(|| page.id.clone());
    progress.rename(&handle);
    progress.figure(Figure::Followers, page.followers_count.as_ref().and_then(number));
    let profile = &mut progress.seen.profile;
    profile.name = name(page.name.as_deref());
    for site in page.website.iter().flat_map(|sites| sites.split_whitespace()) {
        profile.link(Tie::Claimed, site);
    }
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(posts(progress, None)))
}

fn posts(progress: &Progress, after: Option<&str>) -> Request {
    let id = progress.account().stable.clone().unwrap_or_default();
    let limit = PAGE.to_string();
    let mut parameters = vec![("limit", limit.as_str()), ("fields", FIELDS)];
    parameters.extend(after.map(|after| ("after", after)));
    let stage = if after.is_none() { Stage::Posts } else { Stage::Older };
    graph::get(&progress.api, KEY, &[&id, "posts"], &parameters, stage)
}

#[derive(Deserialize)]
struct PostView {
    id: String,
    message: Option<String>,
    created_time: Option<String>,
    permalink_url: Option<String>,
    shares: Option<Shares>,
    reactions: Option<Edge>,
    comments: Option<Edge>,
}

#[derive(Deserialize)]
struct Shares {
    count: Option<Value>,
}

#[derive(Deserialize)]
struct Edge {
    summary: Option<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    total_count: Option<Value>,
}

impl Edge {
    fn total(edge: Option<Self>) -> Option<u64> {
        number(&edge?.summary?.total_count?)
    }
}

impl PostView {
    fn post(self) -> Option<Post> {
        if self.id.is_empty() {
            return None;
        }
        let published = instant(self.created_time.as_deref()?)?;
        // Posts that nobody has shared have no such field.
        let shares = self.shares.map_or(Some(0), |shares| number(&shares.count?));
        let counts = Counts::default()
            .with(Metric::Likes, Edge::total(self.reactions))
            .with(Metric::Replies, Edge::total(self.comments))
            .with(Metric::Reshares, shares);
        Some(Post {
            id: ItemId(self.id),
            kind: PostKind::Post,
            url: self.permalink_url.filter(|url| url.starts_with("https://")),
            title: self.message.as_deref().map(text::clean).unwrap_or_default(),
            published,
            counts,
            standing: false,
        })
    }
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: Page<PostView> = graph::read(progress, reply)?;
    progress.pages += 1;
    let after = page.after().map(str::to_owned);
    let found: Vec<Post> = page.data.into_iter().take(4 * PAGE).filter_map(PostView::post).collect();
    let ids: Vec<ItemId> = found.iter().map(|post| post.id.clone()).collect();
    let oldest = found.iter().map(|post| post.published).min();
    for post in found {
        progress.add(post);
    }
    progress.seen.complete = after.is_none();
    let busy = graph::is_busy(&reply.headers);
    if !busy
        && let Some(after) = after
        && progress.wants_older(&ids, oldest)
    {
        return Ok(ask(posts(progress, Some(&after))));
    }
    if busy || progress.known.polls == 0 {
        return Ok(progress.done());
    }
    // What the list should have shown is asked for by itself.
    let oldest = progress.seen.posts.iter().map(|post| post.published).min();
    let missing = oldest.map(|oldest| progress.missing_between(oldest, progress.now)).unwrap_or_default();
    for id in missing.iter().take(SINGLE) {
        let question = one(progress, id);
        progress.queue.push_back(question);
    }
    let others: Vec<String> =
        graph::others(progress, PAGE).into_iter().filter(|id| !missing.contains(id)).map(|id| id.0).collect();
    if !others.is_empty() {
        let parameters = [("ids", others.join(",")), ("fields", FIELDS.to_owned())];
        let parameters = parameters.each_ref().map(|(name, value)| (*name, value.as_str()));
        progress.queue.push_back(graph::get(&progress.api, KEY, &[], &parameters, Stage::Refresh));
    }
    Ok(progress.next())
}

fn one(progress: &Progress, id: &ItemId) -> Request {
    graph::get(&progress.api, KEY, &[&id.0], &[("fields", FIELDS)], Stage::Count)
}

/// Posts by their ids.
fn read_many(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    match graph::read::<HashMap<String, PostView>>(progress, reply) {
        Ok(posts) => {
            let mut posts: Vec<Post> = posts.into_values().filter_map(PostView::post).collect();
            posts.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.id.cmp(&b.id)));
            for post in posts {
                progress.add(post);
            }
        }
        // One of them is gone: which, is asked one by one.
        Err(Trouble::Deleted | Trouble::NotFound) => {
            for id in graph::others(progress, SINGLE) {
                let question = one(progress, &id);
                progress.queue.push_back(question);
            }
        }
        Err(trouble) => return Err(trouble),
    }
    Ok(progress.next())
}

/// One post by its id, which is the last part of the address.
fn read_one(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let id = reply.url.path_segments().and_then(|mut path| path.next_back()).map(ItemId::from);
    match (graph::read::<PostView>(progress, reply), id) {
        (Ok(post), _) => post.post().into_iter().for_each(|post| progress.add(post)),
        (Err(Trouble::Deleted | Trouble::NotFound), Some(id)) => {
            if !progress.seen.gone.contains(&id) {
                progress.seen.gone.push(id);
            }
        }
        (Err(trouble), _) => return Err(trouble),
    }
    Ok(progress.next())
}
