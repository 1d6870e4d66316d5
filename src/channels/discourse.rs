//! Forums that run Discourse.
//!
//! One poll: the user, the newest 50 posts, a few older ones one by one in turn, the newest topics with how
//! many posts they have, then who is behind what grew. What is said in one's own topic is in the topic's
//! count, so one's own posts there have no counter of replies. A renamed user is found by a post of theirs.

mod replies;

use super::{Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, name, rfc3339};
use crate::exchange::{Reply, Request, Stage, host_of, is_loopback};
use crate::model::{
    Account, Act, Counts, Facts, ItemId, KeyNeed, Metric, Network, NetworkSpec, Pace, Post, PostKind, Tie,
    Time, Trouble, Word, Words,
};
use crate::schedule::Limits;
use crate::text;
use chrono::TimeDelta;
use replies::{Liked, PostView, Refusal, Topic, Topics, UserReply};
use url::Url;

pub(super) static CHANNEL: Discourse = Discourse;

static SPEC: NetworkSpec = NetworkSpec {
    id: "discourse",
    code: "DISC",
    name: "Discourse",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: None,
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: None,
        view: None,
        audience: None,
    },
    audience: &[],
    pace: Pace::new(30, 10),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write name@forum or the address of the user's page",
    facts: Facts {
        reads: &[
            "u/NAME.json: whether the user exists, is suspended or hides the profile; name and website",
            "u/NAME/activity.json: the newest 50 posts with their likes and replies",
            "posts/ID.json: five older posts a poll, in turn",
            "topics/created-by/NAME.json: how many posts the user's topics have",
            "post_action_users.json, posts/ID/replies.json, t/ID.json: who is behind what grew",
        ],
        cost: "3 requests, up to 5 more for older posts, and one for each counter that grew",
        limits: "200 requests a minute and 50 in 10 seconds for an address by default; the forum answers 429 and says how long to wait",
        unknown: &[
            "posts beyond the newest 50 at the first poll: the forum does not list them with their counters",
            "followers: the forum has none",
            "what is said in categories that strangers do not see",
        ],
    },
    api: None,
};

/// Older posts asked for one by one.
const BATCH: usize = 5;

/// Posts of a topic asked for at once, as many as the forum itself shows.
const POSTS: usize = 20;

/// Pages of a user that an address may lead to.
const PAGES: [&str; 5] = ["", "summary", "activity", "badges", "messages"];

pub(super) struct Discourse;

impl Channel for Discourse {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let Some(url) = &typed.url else {
            let (user, host) = typed.text.trim_start_matches('@').split_once('@').filter(|_| typed.named)?;
            let base = Url::parse(&format!("https://{host}/")).ok()?;
            return at(user, base);
        };
        if !url.username().is_empty() {
            // `name@forum/below`.
            let mut base = url.clone();
            base.set_username("").ok()?;
            return at(url.username(), base).filter(|_| typed.named);
        }
        let path: Vec<&str> = url.path_segments()?.collect();
        let place = path.iter().position(|segment| *segment == "u")?;
        let user = *path.get(place + 1)?;
        let plain = place == 0 && path.get(2).is_none_or(|page| PAGES.contains(page));
        let mut base = url.clone();
        base.set_path(&path.get(..place)?.join("/"));
        let reddit = host_of(url).ends_with("reddit.com");
        at(user, base).filter(|_| typed.named || plain && !reddit)
    }

    fn page(&self, account: &Account) -> Option<String> {
        let (user, _) = account.handle.split_once('@')?;
        Some(endpoint(account.base.as_ref()?, &["u", user]).to_string())
    }

    fn request(&self, progress: &Progress) -> Request {
        user(progress)
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => read_rename(progress, reply),
            Stage::Posts => read_posts(progress, reply),
            Stage::Refresh => read_post(progress, reply),
            Stage::Count => read_topics(progress, reply),
            Stage::Actors => read_actors(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

/// A user of the forum at an address, which may be below another site's.
fn at(user: &str, mut base: Url) -> Option<Account> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let user = user.trim_end_matches(".json");
    let dotted = base.host_str()?.contains('.') || is_loopback(&base);
    if user.is_empty()
        || user.len() > 240
        || !user.chars().all(fits)
        || !dotted
        || !base.username().is_empty()
    {
        return None;
    }
    base.set_query(None);
    base.set_fragment(None);
    if base.scheme() == "https" && is_loopback(&base) {
        // This machine has no certificate for itself.
        base.set_scheme("http").ok()?;
    }
    let below = base.path().trim_matches('/').to_owned();
    let place = if below.is_empty() { host_of(&base) } else { format!("{}/{below}", host_of(&base)) };
    base.set_path(&if below.is_empty() { "/".to_owned() } else { format!("/{below}/") });
    Some(Account::new(CHANNEL.network(), format!("{user}@{place}")).at(base))
}

fn get(progress: &Progress, segments: &[&str], stage: Stage) -> Request {
    Request::json(endpoint(&progress.api, segments), stage)
}

fn username(progress: &Progress) -> String {
    let handle = &progress.account().handle;
    handle.split_once('@').map_or(handle.as_str(), |(user, _)| user).to_owned()
}

fn user(progress: &Progress) -> Request {
    get(progress, &["u", &format!("{}.json", username(progress))], Stage::Profile)
}

fn post(progress: &Progress, id: &str, stage: Stage) -> Request {
    get(progress, &["posts", &format!("{id}.json")], stage)
}

/// What a refusal says in the forum's own words. `None` where it has none.
fn troubled(progress: &Progress, reply: &Reply) -> Option<Trouble> {
    if reply.ok() {
        return None;
    }
    let told: Refusal = reply.json().ok()?;
    let kind = told.error_type?;
    let limits = Limits::read(&reply.headers, reply.at);
    let wait = told.extras.and_then(|extras| extras.wait_seconds).and_then(|seconds| {
        Some(reply.at + TimeDelta::try_seconds(i64::try_from(seconds.min(86_400)).ok()?)?)
    });
    match kind.as_str() {
        "rate_limit" => Some(Trouble::RateLimited { until: limits.retry.or(wait) }),
        "not_found" => Some(progress.missing()),
        // A forum for its members, or a profile that is not for strangers.
        "not_logged_in" | "invalid_access" => Some(Trouble::Private),
        _ => None,
    }
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    match troubled(progress, reply) {
        Some(Trouble::Deleted) => return renamed(progress),
        Some(trouble) => return Err(trouble),
        None => {}
    }
    if reply.status == 404 && progress.known.polls > 0 {
        // Not in the forum's own words: it stands elsewhere, or in part.
        return Err(Trouble::Server { status: 404, until: None });
    }
    let user = decode::<UserReply>(reply)?.user;
    if user.profile_hidden {
        return Err(Trouble::Private);
    }
    if user.suspended_till.as_deref().and_then(rfc3339).is_some_and(|till| till > progress.now) {
        return Err(Trouble::Suspended);
    }
    let place = progress.account().handle.split_once('@').map(|(_, place)| place.to_owned());
    if let Some(place) = place.filter(|_| !user.username.is_empty()) {
        progress.rename(&format!("{}@{place}", text::clean(&user.username)));
    }
    progress.seen.account.stable = Some(format!("{}/{}", host_of(&progress.api), user.id));
    progress.seen.account.native = Some(user.id.to_string());
    progress.seen.profile.name = name(user.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    if let Some(website) = user.website.filter(|website| !website.trim().is_empty()) {
        progress.seen.profile.link(Tie::Claimed, website);
    }
    for href in text::hrefs(user.bio_excerpt.as_deref().unwrap_or_default()) {
        progress.seen.profile.link(Tie::Claimed, href);
    }
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    Ok(ask(get(progress, &["u", &username(progress), "activity.json"], Stage::Posts)))
}

/// Nobody has this name any more: a post of theirs tells the new one. It is looked for once.
fn renamed(progress: &mut Progress) -> Result<Step, Trouble> {
    progress.pages += 1;
    let newest = progress.unseen().first().map(|(id, _)| id.0.clone());
    match newest {
        Some(id) if progress.pages == 1 => Ok(ask(post(progress, &id, Stage::Home))),
        _ => Err(progress.missing()),
    }
}

fn read_rename(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(limited @ Trouble::RateLimited { .. }) = troubled(progress, reply) {
        return Err(limited);
    }
    if matches!(reply.status, 403 | 404 | 410) {
        return Err(progress.missing());
    }
    let post: PostView = decode(reply)?;
    let theirs = Some(post.user_id.to_string()) == progress.account().native;
    let found = progress.account().base.clone().and_then(|base| at(&post.username, base));
    match found.filter(|account| theirs && account.handle != progress.account().handle) {
        Some(account) => {
            progress.rename(&account.handle);
            Ok(ask(user(progress)))
        }
        None => Err(progress.missing()),
    }
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(progress, reply) {
        return Err(trouble);
    }
    let page: Vec<PostView> = decode(reply)?;
    let oldest: Option<Time> = page.iter().filter_map(|post| rfc3339(&post.created_at)).min();
    for post in &page {
        add(progress, post);
    }
    if let Some(oldest) = oldest {
        // Everything younger than the page's end is on the page, or is gone.
        let gone = progress.missing_between(oldest, progress.now);
        progress.seen.gone.extend(gone);
    }
    let horizon = progress.horizon();
    let older: Vec<String> = progress
        .unseen()
        .into_iter()
        .filter(|(id, item)| item.published >= horizon && !progress.seen.gone.contains(id))
        .map(|(id, _)| id.0.clone())
        .collect();
    let turn = usize::try_from(progress.known.polls).unwrap_or(0).checked_rem(older.len().div_ceil(BATCH));
    for id in older.iter().skip(turn.unwrap_or(0) * BATCH).take(BATCH) {
        let request = post(progress, id, Stage::Refresh);
        progress.queue.push_back(request);
    }
    let topics =
        get(progress, &["topics", "created-by", &format!("{}.json", username(progress))], Stage::Count);
    progress.queue.push_back(topics);
    Ok(progress.next())
}

fn add(progress: &mut Progress, post: &PostView) {
    let Some(published) = rfc3339(&post.created_at) else { return };
    if Some(post.user_id.to_string()) != progress.account().native || post.is_gone() {
        return;
    }
    let id = ItemId(post.id.to_string());
    let slug = if post.topic_slug.is_empty() { "-" } else { post.topic_slug.as_str() };
    let (topic, number) = (post.topic_id.to_string(), post.post_number.to_string());
    let url = endpoint(&progress.api, &["t", slug, &topic, &number]).to_string();
    progress.aliases.insert(format!("{topic}/{number}"), id.clone());
    let opening = post.post_number == 1;
    let likes = post.likes();
    progress.add(Post {
        id,
        kind: if opening { PostKind::Post } else { PostKind::Reply },
        url: Some(url),
        title: text::from_html(post.excerpt.as_deref().or(post.cooked.as_deref()).unwrap_or_default()),
        published,
        counts: Counts::default()
            .with(Metric::Likes, likes)
            // What is said in a topic is counted by the topic.
            .with(Metric::Replies, post.reply_count.filter(|_| !opening)),
        standing: false,
    });
}

/// A single older post.
fn read_post(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(limited @ Trouble::RateLimited { .. }) = troubled(progress, reply) {
        return Err(limited);
    }
    let asked = reply.url.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default();
    let asked = ItemId::from(asked.trim_end_matches(".json"));
    if reply.ok() {
        let post: PostView = decode(reply)?;
        if post.is_gone() {
            progress.seen.gone.push(asked);
        } else {
            add(progress, &post);
        }
    } else if matches!(reply.status, 404 | 410) && !reply.is_page() {
        progress.seen.gone.push(asked);
    }
    Ok(progress.then_actors(actors))
}

/// The user's topics: how many posts others, and they themselves, have written there.
fn read_topics(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(progress, reply) {
        return Err(trouble);
    }
    let listed = decode::<Topics>(reply)?.topic_list.topics;
    for topic in listed.into_iter().take(100) {
        let opening = progress.aliases.get(&format!("{}/1", topic.id)).cloned();
        let within = format!("{}/", topic.id);
        let own: Vec<ItemId> = progress
            .aliases
            .iter()
            .filter(|(place, id)| place.starts_with(&within) && Some(*id) != opening.as_ref())
            .map(|(_, id)| id.clone())
            .collect();
        for post in progress.seen.posts.iter_mut().filter(|post| own.contains(&post.id)) {
            post.counts.set(Metric::Replies, None);
        }
        let Some(opening) = opening else { continue };
        if let Some(post) = progress.seen.posts.iter_mut().find(|post| post.id == opening) {
            post.counts.set(Metric::Replies, topic.posts_count.and_then(|posts| posts.checked_sub(1)));
            let title = text::clean(topic.title.as_deref().unwrap_or_default());
            if !title.is_empty() {
                post.title = title;
            }
        }
        let mut own = own;
        own.sort();
        for id in own {
            progress.act(Act::own(id.0, opening.clone(), Metric::Replies));
        }
    }
    Ok(progress.then_actors(actors))
}

const LIKED: &str = "post_action_users.json";
const REPLIES: &str = "replies.json";

/// Who is behind a post's counter.
fn actors(progress: &Progress, item: &Post, metric: Metric) -> Option<Request> {
    match metric {
        Metric::Likes => {
            let mut request = get(progress, &[LIKED], Stage::Actors);
            // 2 is a like.
            request
                .url
                .query_pairs_mut()
                .append_pair("id", &item.id.0)
                .append_pair("post_action_type_id", "2");
            Some(request)
        }
        Metric::Replies if item.kind == PostKind::Reply => {
            Some(get(progress, &["posts", &item.id.0, REPLIES], Stage::Actors))
        }
        Metric::Replies => {
            let (place, _) = progress.aliases.iter().find(|(_, id)| **id == item.id)?;
            let (topic, _) = place.split_once('/')?;
            Some(get(progress, &["t", &format!("{topic}.json")], Stage::Actors))
        }
        Metric::Reshares | Metric::Quotes | Metric::Views => None,
    }
}

fn read_actors(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(limited @ Trouble::RateLimited { .. }) = troubled(progress, reply) {
        return Err(limited);
    }
    let path: Vec<String> = reply.url.path_segments().into_iter().flatten().map(str::to_owned).collect();
    match path.last().map(String::as_str) {
        Some(LIKED) => {
            let id = reply.url.query_pairs().find(|(name, _)| name == "id").map(|(_, id)| id.into_owned());
            let liked = decode_actors::<Liked>(reply)?.map(|liked| liked.post_action_users);
            if let Some((id, users)) = id.zip(liked) {
                // The first who liked it comes first.
                let acts = users.iter().rev().map(|user| {
                    Act::by(
                        actor(progress, user.id),
                        format!("like:{id}:{}", user.id),
                        id.as_str(),
                        Metric::Likes,
                    )
                });
                let acts: Vec<Act> = acts.collect();
                progress.undated_acts(&id, Metric::Likes, acts.into_iter());
            }
        }
        Some(REPLIES) => {
            let id = path.iter().rev().nth(1).cloned().unwrap_or_default();
            for post in decode_actors::<Vec<PostView>>(reply)?.unwrap_or_default() {
                replied(progress, &ItemId(id.clone()), &post);
            }
        }
        _ => {
            let topic: Option<Topic> = decode_actors(reply)?;
            if let Some(further) = topic.and_then(|topic| read_topic(progress, topic)) {
                progress.queue.push_front(further);
            }
        }
    }
    Ok(progress.then_actors(actors))
}

/// The first posts of a topic come with it; the newest are asked for where they are not among them.
fn read_topic(progress: &mut Progress, topic: Topic) -> Option<Request> {
    let stream = topic.post_stream;
    let shown: Vec<u64> = stream.posts.iter().map(|post| post.id).collect();
    let opening = progress.aliases.get(&format!("{}/1", topic.id?)).cloned()?;
    for post in &stream.posts {
        if ItemId(post.id.to_string()) != opening {
            replied(progress, &opening, post);
        }
    }
    let ids = stream.stream.unwrap_or_default();
    let newest: Vec<u64> = ids.iter().rev().take(POSTS).filter(|id| !shown.contains(id)).copied().collect();
    if newest.is_empty() {
        return None;
    }
    let mut request = get(progress, &["t", &topic.id?.to_string(), "posts.json"], Stage::Actors);
    for id in newest {
        request.url.query_pairs_mut().append_pair("post_ids[]", &id.to_string());
    }
    Some(request)
}

/// A post by somebody else.
fn replied(progress: &mut Progress, to: &ItemId, post: &PostView) {
    let own = Some(post.user_id.to_string()) == progress.account().native;
    // Other types are notes of what was done to the topic.
    if own || post.is_gone() || post.post_type.is_some_and(|kind| kind != 1) {
        return;
    }
    let act = Act::by(actor(progress, post.user_id), post.id.to_string(), to.clone(), Metric::Replies);
    progress.act_by(act.at(rfc3339(&post.created_at)), || {
        text::from_html(post.cooked.as_deref().unwrap_or_default())
    });
}

fn actor(progress: &Progress, id: i64) -> String {
    format!("{}/{id}", host_of(&progress.api))
}
