//! Instagram's professional accounts: one's own with its own token, others' by business discovery.
//!
//! One poll: whose the token is; then, for one's own account, its newest media and a few older ones in turn, by id.
//! Another account is looked up through the professional account that belongs to one's own Facebook Page, with the
//! token of Facebook; its media come with it, a page at a time. Like counts that the owner hides are not there.

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
use url::Url;

pub(super) static CHANNEL: Instagram = Instagram;

const OWN: &str = "https://graph.instagram.com/v25.0/";
const FACEBOOK: &str = "https://graph.facebook.com/v25.0/";

static SPEC: NetworkSpec = NetworkSpec {
    id: "instagram",
    code: "IG",
    name: "Instagram",
    also: &["ig"],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: None,
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(30, 10),
    key: KeyNeed::Needed(
        "make an app at developers.facebook.com with Instagram Login and instagram_business_basic, and take the \
         long-lived token of your professional account; it ends after 60 days unless it is refreshed before. For other \
         people's accounts: the facebook key with instagram_basic, instagram_manage_insights, pages_show_list and \
         pages_read_engagement",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &["instagram.com", ".instagram.com"],
    hint: "write instagram:name, at most 30 letters, digits, . and _, or the profile's address",
    facts: Facts {
        reads: &[
            "me: whose the token is; followers and name of one's own account",
            "me/media: the newest 25 media with likes and comments; on the first poll back to 90 days; then up to 5 older \
             ones by id, others at every poll",
            "of somebody else, with the facebook key: me/accounts, then business_discovery with followers, name, website \
             and 25 media a page",
        ],
        cost: "2 requests and up to 5 older media; 3 for somebody else's account",
        limits: "by the account's reach; the server says in X-App-Usage and X-Business-Use-Case-Usage how much is used up, \
                 and above 80 % only what is needed is asked; errors 4, 17, 32, 613 and 80002",
        unknown: &[
            "personal accounts, and accounts with an age limit: they are not found",
            "likes, where the owner hides them",
            "who liked or commented; the account's own comments are in the count",
            "what became of somebody else's media beyond the newest 25; whether they renamed themselves",
        ],
    },
    // Another version of the API is another address; the one of Facebook is then expected there, too.
    api: Some(OWN),
};

const KEY: &str = "instagram";

/// Whose account can look others up.
const THROUGH: &str = "facebook";

const PAGE: usize = 25;

/// Media asked for one by one at most.
const SINGLE: usize = 5;

const FIELDS: &str = "id,caption,media_type,permalink,timestamp,like_count,comments_count";

/// First parts of addresses that are no accounts.
const NO_NAMES: [&str; 10] =
    ["p", "reel", "reels", "tv", "stories", "explore", "accounts", "direct", "about", "legal"];

pub(super) struct Instagram;

impl Channel for Instagram {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let user = match (graph::bare(typed), &typed.url) {
            (Some(bare), _) => bare.to_owned(),
            (None, Some(url)) => {
                let path = graph::path_on(url, &["instagram.com"])?;
                path.first().filter(|name| !NO_NAMES.contains(name)).map(|name| (*name).to_owned())?
            }
            _ => return None,
        };
        is_user(&user).then(|| Account::new(self.network(), user.to_ascii_lowercase()))
    }

    fn page(&self, account: &Account) -> Option<String> {
        Some(format!("https://www.instagram.com/{}/", account.handle))
    }

    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        Ok(ask(if progress.has_key { self.request(progress) } else { accounts(progress) }))
    }

    fn request(&self, progress: &Progress) -> Request {
        let fields = [("fields", "user_id,username,name,followers_count,media_count")];
        graph::get(&progress.api, KEY, &["me"], &fields, Stage::Profile)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => read_accounts(progress, reply),
            Stage::Profile if asks_others(reply) => read_discovered(progress, reply),
            Stage::Posts | Stage::Older => read_media(progress, reply),
            Stage::Count => read_one(progress, reply),
            _ => read_me(progress, reply),
        }
    }
}

/// Both are questions for a profile; only one goes to `me`.
fn asks_others(reply: &Reply) -> bool {
    reply.url.path_segments().and_then(|mut path| path.next_back()) != Some("me")
}

fn is_user(name: &str) -> bool {
    graph::is_name(name, 30) && !name.contains('-')
}

#[derive(Deserialize)]
struct Me {
    user_id: Value,
    username: String,
    name: Option<String>,
    followers_count: Option<Value>,
}

fn read_me(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let me: Me = graph::read(progress, reply)?;
    let id = id(&me.user_id).ok_or_else(|| Trouble::malformed("the account has no id"))?;
    if !is_user(&me.username) {
        return Err(Trouble::malformed("the account has no name"));
    }
    let account = progress.account();
    let own = match &account.stable {
        Some(stable) => *stable == id,
        None => account.handle.eq_ignore_ascii_case(&me.username),
    };
    if !own {
        return Ok(ask(accounts(progress)));
    }
    described(progress, id, &me.username, me.name.as_deref(), me.followers_count.as_ref());
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(media(progress, None)))
}

fn described(
    progress: &mut Progress,
    id: String,
    user: &str,
    called: Option<&str>,
    followers: Option<&Value>,
) {
    progress.seen.account.stable.get_or_insert(id);
    progress.rename(&user.to_ascii_lowercase());
    progress.figure(Figure::Followers, followers.and_then(number));
    progress.seen.profile.name = name(called);
    progress.seen.profile.url = CHANNEL.page(progress.account());
}

fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if graph::is_name(text, 80) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn media(progress: &Progress, after: Option<&str>) -> Request {
    let limit = PAGE.to_string();
    let mut parameters = vec![("limit", limit.as_str()), ("fields", FIELDS)];
    parameters.extend(after.map(|after| ("after", after)));
    let stage = if after.is_none() { Stage::Posts } else { Stage::Older };
    graph::get(&progress.api, KEY, &["me", "media"], &parameters, stage)
}

#[derive(Deserialize)]
struct Media {
    id: String,
    caption: Option<String>,
    media_type: Option<String>,
    permalink: Option<String>,
    timestamp: Option<String>,
    like_count: Option<Value>,
    comments_count: Option<Value>,
}

impl Media {
    fn post(self) -> Option<Post> {
        if self.id.is_empty() {
            return None;
        }
        let published = instant(self.timestamp.as_deref()?)?;
        let video = self.media_type.as_deref() == Some("VIDEO");
        let count = |value: &Option<Value>| value.as_ref().and_then(number);
        Some(Post {
            kind: if video { PostKind::Video } else { PostKind::Post },
            url: self.permalink.filter(|url| url.starts_with("https://")),
            title: self.caption.as_deref().map(text::clean).unwrap_or_default(),
            published,
            counts: Counts::default()
                .with(Metric::Likes, count(&self.like_count))
                .with(Metric::Replies, count(&self.comments_count)),
            standing: false,
            id: ItemId(self.id),
        })
    }
}

/// Takes up a page of media, and returns where the next one begins, if it is needed.
fn add_page(progress: &mut Progress, page: Page<Media>, busy: bool) -> Option<String> {
    progress.pages += 1;
    let after = page.after().map(str::to_owned);
    let found: Vec<Post> = page.data.into_iter().take(4 * PAGE).filter_map(Media::post).collect();
    let ids: Vec<ItemId> = found.iter().map(|post| post.id.clone()).collect();
    let oldest = found.iter().map(|post| post.published).min();
    for post in found {
        progress.add(post);
    }
    progress.seen.complete = after.is_none();
    after.filter(|_| !busy && progress.wants_older(&ids, oldest))
}

/// What the list should have shown and did not is gone.
fn note_gone(progress: &mut Progress) {
    if let Some(oldest) = progress.seen.posts.iter().map(|post| post.published).min() {
        let gone = progress.missing_between(oldest, progress.now);
        progress.seen.gone.extend(gone);
    }
}

fn read_media(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let page: Page<Media> = graph::read(progress, reply)?;
    let busy = graph::is_busy(&reply.headers);
    if let Some(after) = add_page(progress, page, busy) {
        return Ok(ask(media(progress, Some(&after))));
    }
    note_gone(progress);
    if !busy && progress.known.polls > 0 {
        for id in graph::others(progress, SINGLE).iter().filter(|id| !progress.seen.gone.contains(id)) {
            let question = graph::get(&progress.api, KEY, &[&id.0], &[("fields", FIELDS)], Stage::Count);
            progress.queue.push_back(question);
        }
    }
    Ok(progress.next())
}

/// One medium by its id, which is the last part of the address.
fn read_one(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let id = reply.url.path_segments().and_then(|mut path| path.next_back()).map(ItemId::from);
    match (graph::read::<Media>(progress, reply), id) {
        (Ok(media), _) => media.post().into_iter().for_each(|post| progress.add(post)),
        (Err(Trouble::Deleted | Trouble::NotFound), Some(id)) => progress.seen.gone.push(id),
        (Err(trouble), _) => return Err(trouble),
    }
    Ok(progress.next())
}

/// Where somebody else is looked up.
fn facebook(progress: &Progress) -> Url {
    let usual = Url::parse(FACEBOOK).ok().filter(|_| progress.api.as_str() == OWN);
    usual.unwrap_or_else(|| progress.api.clone())
}

fn accounts(progress: &Progress) -> Request {
    let fields = [("fields", "instagram_business_account{id}")];
    graph::get(&facebook(progress), THROUGH, &["me", "accounts"], &fields, Stage::Home)
}

#[derive(Deserialize)]
struct Run {
    instagram_business_account: Option<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
}

fn read_accounts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let pages: Page<Run> = graph::read(progress, reply)?;
    let own = pages.data.into_iter().find_map(|page| page.instagram_business_account);
    // Without a professional account of one's own nobody can be looked up.
    let own = own.filter(|own| graph::is_name(&own.id, 80)).ok_or(Trouble::Unauthorized)?;
    progress.seen.account.native = Some(own.id);
    Ok(ask(discovery(progress, None)))
}

fn discovery(progress: &Progress, after: Option<&str>) -> Request {
    let account = progress.account();
    let after = after.map(|after| format!(".after({after})")).unwrap_or_default();
    let fields = format!(
        "business_discovery.username({}){{id,username,name,website,followers_count,media.limit({PAGE}){after}{{{FIELDS}}}}}",
        account.handle
    );
    let own = account.native.clone().unwrap_or_default();
    graph::get(&facebook(progress), THROUGH, &[&own], &[("fields", &fields)], Stage::Profile)
}

#[derive(Deserialize)]
struct Found {
    business_discovery: Discovered,
}

#[derive(Deserialize)]
struct Discovered {
    id: String,
    username: String,
    name: Option<String>,
    website: Option<String>,
    followers_count: Option<Value>,
    media: Option<Page<Media>>,
}

fn read_discovered(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let found: Found = graph::read(progress, reply)?;
    let Discovered { id, username, name, website, followers_count, media } = found.business_discovery;
    if !graph::is_name(&id, 80) || !is_user(&username) {
        return Err(Trouble::malformed("the account has no id or no name"));
    }
    if progress.account().stable.as_ref().is_some_and(|stable| *stable != id) {
        // Somebody else has taken the name.
        return Err(progress.missing());
    }
    if progress.pages == 0 {
        described(progress, id, &username, name.as_deref(), followers_count.as_ref());
        if let Some(website) = website {
            progress.seen.profile.link(Tie::Claimed, website);
        }
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    let Some(page) = media else { return Ok(progress.done()) };
    if let Some(after) = add_page(progress, page, graph::is_busy(&reply.headers)) {
        return Ok(ask(discovery(progress, Some(&after))));
    }
    note_gone(progress);
    Ok(progress.done())
}
