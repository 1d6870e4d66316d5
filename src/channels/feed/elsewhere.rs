//! What somebody wrote on other people's sites: guest posts, and articles under which they answer. Each page is an
//! item of the person's `feed` channel.
//!
//! What strangers can count there: the comments, as WordPress's own interface, schema.org markup or webmentions tell
//! them, and the pages that link there, where the site receives webmentions at webmention.io. What no page tells
//! stays unknown.

use super::super::{Progress, Step, ask, refusal, webmention};
use super::discover::attribute;
use super::{feed_request, same_site, wordpress};
use crate::exchange::{Reply, Request, Stage};
use crate::model::{Account, Counts, ItemId, Metric, Network, Observation, Post, PostKind, Time, Trouble};
use crate::text;
use chrono::DateTime;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use serde::Deserialize;
use serde_json::Value;
use std::collections::VecDeque;
use url::{Position, Url};

/// The handle of a channel that has no feed, only pages.
pub(super) const HANDLE: &str = "elsewhere";

/// Pages that one poll reads.
const MOST: usize = 10;

/// Markup that is looked at; pages nest a handful.
const MOST_DATA: usize = 64;

/// The pages a poll has still to read, and the one it is reading.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    pages: VecDeque<Page>,
    open: Option<Page>,
    /// As what pages are asked for: where there is nothing but one page, its trouble is the channel's.
    stage: Stage,
}

impl Default for Elsewhere {
    fn default() -> Self {
        Self { pages: VecDeque::new(), open: None, stage: Stage::Elsewhere }
    }
}

#[derive(Debug, Clone)]
struct Page {
    url: Url,
    post: Post,
    known: bool,
    gone: bool,
    /// What is still to be asked about it.
    questions: VecDeque<Request>,
}

/// The account of a person without a feed, whose pages stand elsewhere.
pub(in crate::channels) fn account(network: Network) -> Account {
    let nobody =
        Url::parse("https://elsewhere.invalid/").unwrap_or_else(|_| unreachable!("it is an address"));
    Account::new(network, HANDLE).at(nobody)
}

pub(in crate::channels) fn is_without_feed(account: &Account) -> bool {
    account.handle == HANDLE
}

/// Takes the pages out of what is known of the feed: a feed that does not list them has not lost them.
pub(super) fn set_apart(progress: &mut Progress, mut pages: Vec<Url>) {
    // A page that cannot be read ends the poll: every page is the first one in turn.
    let turn = usize::try_from(progress.known.polls).unwrap_or(0).checked_rem(pages.len());
    pages.rotate_left(turn.unwrap_or(0));
    for url in pages {
        let id = ItemId::from(url.as_str());
        let known = progress.known.items.remove(&id);
        let post = Post {
            id,
            kind: PostKind::Item,
            url: Some(url.to_string()),
            title: String::new(),
            published: known.map_or(progress.now, |known| known.published),
            counts: Counts::default(),
            standing: false,
        };
        progress.elsewhere.pages.push_back(Page {
            url,
            post,
            known: known.is_some(),
            gone: false,
            questions: VecDeque::new(),
        });
    }
    progress.elsewhere.pages.truncate(MOST);
}

/// Begins the poll of a channel that has nothing but pages.
pub(super) fn begin(progress: &mut Progress) -> Step {
    if progress.elsewhere.pages.len() == 1 {
        progress.elsewhere.stage = Stage::Home;
    }
    progress.seen.complete = true;
    let nothing = progress.finish();
    go_on(progress, *nothing)
}

/// Whether an answer is about a page and not about the feed.
pub(super) fn under_way(progress: &Progress) -> bool {
    progress.elsewhere.open.is_some()
}

/// Asks for the pages after the feed. At the first poll of a feed that is longer than what it lists they wait for the
/// second one: what came before its oldest item is reckoned from the items that are there, and pages of any age are
/// not among them.
pub(super) fn after(progress: &mut Progress, step: Step) -> Step {
    match step {
        Step::Done(seen) if progress.known.polls > 0 || seen.complete => go_on(progress, *seen),
        other => other,
    }
}

/// Asks for the next page, or is done.
pub(super) fn go_on(progress: &mut Progress, seen: Observation) -> Step {
    progress.seen = seen;
    progress.elsewhere.open = progress.elsewhere.pages.pop_front();
    match &progress.elsewhere.open {
        Some(page) => ask(feed_request(page.url.clone(), progress.elsewhere.stage)),
        None => progress.done(),
    }
}

pub(super) fn read(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let Some(mut page) = progress.elsewhere.open.take() else { return Ok(progress.done()) };
    match reply.stage {
        Stage::Comments => {
            page.set(Metric::Replies, reply.ok().then(|| wordpress::totals(reply).0).flatten());
        }
        Stage::Links => page.linked(reply),
        _ if reply.ok() => page.read(reply),
        _ if matches!(reply.status, 404 | 410) && page.known => page.gone = true,
        Stage::Home => return Err(if reply.status == 404 { Trouble::NotFound } else { refusal(reply) }),
        // The others are read all the same.
        _ => {
            let seen = progress.finish();
            return Ok(go_on(progress, *seen));
        }
    }
    if let Some(question) = page.questions.pop_front() {
        progress.elsewhere.open = Some(page);
        return Ok(ask(question));
    }
    if page.gone {
        progress.seen.gone.push(page.post.id);
    } else {
        progress.seen.posts.push(page.post);
    }
    let seen = progress.finish();
    Ok(go_on(progress, *seen))
}

impl Page {
    fn set(&mut self, metric: Metric, count: Option<u64>) {
        if count.is_some() {
            self.post.counts.set(metric, count);
        }
    }

    fn read(&mut self, reply: &Reply) {
        let said = Said::of(&reply.body, &reply.url);
        self.post.title = said.title.unwrap_or_default();
        self.post.published = said.published.unwrap_or(self.post.published).min(reply.at);
        self.set(Metric::Replies, said.comments);
        self.questions.extend(said.wordpress.filter(|ask| same_site(&ask.url, &reply.url)));
        let endpoint = reply.headers.link("webmention").and_then(|link| reply.url.join(link).ok());
        let endpoint = endpoint.or(said.webmention);
        self.questions.extend(endpoint.and_then(|endpoint| webmention::how_many(&endpoint, &self.url)));
    }

    fn linked(&mut self, reply: &Reply) {
        let Some(count) = reply.ok().then(|| reply.json::<Mentions>().ok()).flatten() else { return };
        self.set(Metric::Reshares, Some(count.kinds.mention.saturating_add(count.kinds.repost)));
        if self.post.counts.get(Metric::Replies).is_none() {
            self.set(Metric::Replies, Some(count.kinds.reply));
        }
    }
}

#[derive(Deserialize)]
struct Mentions {
    #[serde(rename = "type")]
    kinds: Kinds,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kinds {
    mention: u64,
    repost: u64,
    reply: u64,
}

/// What a page says of itself.
#[derive(Debug, Default)]
struct Said {
    title: Option<String>,
    published: Option<Time>,
    comments: Option<u64>,
    /// The question for the number of comments.
    wordpress: Option<Request>,
    webmention: Option<Url>,
}

impl Said {
    fn of(page: &[u8], at: &Url) -> Self {
        let mut emitter = DefaultEmitter::<()>::default();
        // Without it the text of scripts would be read as markup.
        emitter.naively_switch_states(true);
        let mut said = Self::default();
        let (mut data, mut counts) = (Vec::new(), Vec::new());
        let (mut root, mut number, mut heading, mut time) = (None, None, None, None);
        let mut inside = Inside::Text;
        for token in Tokenizer::new_with_emitter(page, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    inside = Inside::of(&tag);
                    said.attributes(&tag, at, &mut counts);
                    time = time.or_else(|| shown_time(&tag));
                    let href = || attribute(&tag, "href").and_then(|href| at.join(&href).ok());
                    if has_rel(&tag, "https://api.w.org/") {
                        root = href();
                    } else if is_json(&tag) {
                        number = href().as_ref().and_then(post_number).or(number);
                    }
                }
                Token::String(text) => {
                    let text = String::from_utf8_lossy(&text);
                    match inside {
                        Inside::Data if data.len() < MOST_DATA => {
                            data.extend(serde_json::from_str::<Value>(&text).ok());
                        }
                        Inside::Title if heading.is_none() => heading = Some(text::clean(&text)),
                        Inside::Count => counts.push(number_in(&text)),
                        _ => {}
                    }
                    inside = Inside::Text;
                }
                _ => inside = Inside::Text,
            }
        }
        said.marked_up(&data, at);
        // More than one count is a list of other pages, too.
        if let [count] = counts.as_slice() {
            said.comments = said.comments.or(*count);
        }
        // The first time on a page is that of its article, or of something that is older.
        said.published = said.published.or(time);
        said.title = said.title.filter(|title| !title.is_empty()).or(heading);
        said.wordpress = root.zip(number).map(|(root, number)| wordpress::comments_on(&root, number));
        said
    }

    fn attributes(&mut self, tag: &StartTag<()>, at: &Url, counts: &mut Vec<Option<u64>>) {
        let content = || attribute(tag, "content");
        match attribute(tag, "property").as_deref() {
            Some("og:title") => self.title = content().map(|title| text::clean(&title)),
            Some("article:published_time") => self.published = content().as_deref().and_then(instant),
            _ => {}
        }
        if attribute(tag, "itemprop").as_deref() == Some("commentCount")
            && let Some(content) = content()
        {
            counts.push(number_in(&content));
        }
        if self.webmention.is_none() && has_rel(tag, "webmention") {
            self.webmention = attribute(tag, "href").and_then(|href| at.join(&href).ok());
        }
    }

    /// What schema.org's markup says: of this page where it names pages, else of the only thing that has comments.
    fn marked_up(&mut self, data: &[Value], at: &Url) {
        let things: Vec<&Value> = data.iter().flat_map(things).take(MOST_DATA).collect();
        let here = |thing: &&&Value| names(thing, at);
        let counted: Vec<&&Value> = things.iter().filter(|thing| comments(thing).is_some()).collect();
        let thing = counted.iter().copied().find(here);
        let thing = thing.or_else(|| counted.first().copied().filter(|_| counted.len() == 1));
        self.comments = thing.and_then(|thing| comments(thing));
        let dated = |thing: &&&Value| thing.get("datePublished").is_some();
        let dated = thing.filter(dated).or_else(|| things.iter().find(|thing| dated(thing)));
        let published = dated.and_then(|thing| thing.get("datePublished")?.as_str()).and_then(instant);
        self.published = self.published.or(published);
    }
}

/// What the text behind a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    Title,
    Data,
    Count,
}

impl Inside {
    fn of(tag: &StartTag<()>) -> Self {
        let name: &[u8] = &tag.name;
        let is_data = || attribute(tag, "type").is_some_and(|kind| kind.starts_with("application/ld+json"));
        let counts = || attribute(tag, "itemprop").as_deref() == Some("commentCount");
        match name {
            b"title" => Self::Title,
            b"script" if is_data() => Self::Data,
            b"meta" => Self::Text,
            _ if counts() => Self::Count,
            _ => Self::Text,
        }
    }
}

fn has_rel(tag: &StartTag<()>, wanted: &str) -> bool {
    let rel = attribute(tag, "rel");
    rel.is_some_and(|rel| rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case(wanted)))
}

/// Where WordPress has a page as JSON.
fn is_json(tag: &StartTag<()>) -> bool {
    has_rel(tag, "alternate") && attribute(tag, "type").as_deref() == Some("application/json")
}

/// The number in `wp-json/wp/v2/posts/12`, or in the same as a parameter.
fn post_number(url: &Url) -> Option<u64> {
    let route = url.query_pairs().find(|(name, _)| name == "rest_route").map(|(_, route)| route.into_owned());
    let route = route.unwrap_or_else(|| url.path().to_owned());
    route.split_once("/wp/v2/posts/")?.1.trim_end_matches('/').parse().ok()
}

/// The instant of `<time datetime="…">`.
fn shown_time(tag: &StartTag<()>) -> Option<Time> {
    let name: &[u8] = &tag.name;
    attribute(tag, "datetime").filter(|_| name == b"time").as_deref().and_then(instant)
}

fn instant(text: &str) -> Option<Time> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.to_utc())
}

/// `12`, `12 comments`, `1,204`.
fn number_in(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
    text.get(..end)?.replace(',', "").parse().ok()
}

/// The things that a block of markup describes.
fn things(block: &Value) -> Vec<&Value> {
    let list = match block {
        Value::Array(list) => list.iter().collect(),
        other => vec![other],
    };
    let mut all = Vec::new();
    for thing in list {
        match thing.get("@graph").and_then(Value::as_array) {
            Some(graph) => all.extend(graph),
            None => all.push(thing),
        }
    }
    all
}

/// Whether a thing says that it is this page.
fn names(thing: &Value, at: &Url) -> bool {
    let addresses = ["url", "@id", "mainEntityOfPage"].map(|name| thing.get(name));
    let addresses = addresses.into_iter().flatten();
    let bare = |url: &Url| url[..Position::AfterQuery].to_owned();
    let is_here = |text: &str| at.join(text).is_ok_and(|url| bare(&url) == bare(at));
    addresses.filter_map(|address| address.as_str().or_else(|| address.get("@id")?.as_str())).any(is_here)
}

/// `commentCount`, or how often a `CommentAction` was done.
fn comments(thing: &Value) -> Option<u64> {
    let number = |value: &Value| value.as_u64().or_else(|| number_in(value.as_str()?));
    if let Some(count) = thing.get("commentCount").and_then(number) {
        return Some(count);
    }
    let told = thing.get("interactionStatistic")?;
    let told: Vec<&Value> = told.as_array().map_or_else(|| vec![told], |list| list.iter().collect());
    let of_comments = |told: &&Value| {
        let kind = told.get("interactionType");
        let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.get("@type")?.as_str()));
        kind.is_some_and(|kind| kind.ends_with("CommentAction"))
    };
    number(told.into_iter().find(of_comments)?.get("userInteractionCount")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(page: &str) -> Said {
        Said::of(page.as_bytes(), &Url::parse("https://mag.example/guest?page=1").unwrap())
    }

    #[test]
    fn comments_are_those_of_this_page() {
        let other = r#"{"@type": "Article", "url": "https://mag.example/other", "commentCount": 9}"#;
        let own = r#"{"@type": "Article", "@id": "/guest?page=1#article", "interactionStatistic":
            [{"interactionType": "https://schema.org/LikeAction", "userInteractionCount": 50},
             {"interactionType": {"@type": "CommentAction"}, "userInteractionCount": "1,204"}]}"#;
        let block = |things: &str| format!("<script type='application/ld+json'>{things}</script>");
        for (page, comments) in [
            (block(&format!("[{other}, {own}]")), Some(1_204)),
            (format!("{}{}", block(other), block(own)), Some(1_204)),
            (block(other), Some(9)),
            (block(&format!("[{other}, {}]", other.replace("other", "third"))), None),
            (block("{broken"), None),
            ("<meta itemprop=commentCount content=12>".to_owned(), Some(12)),
            ("<a itemprop=commentCount> 7 comments</a>".to_owned(), Some(7)),
            ("<a itemprop=commentCount>7</a><a itemprop=commentCount>8</a>".to_owned(), None),
            ("<a itemprop=commentCount>many</a>".to_owned(), None),
        ] {
            assert_eq!(said(&page).comments, comments, "{page}");
        }
    }

    #[test]
    fn when_it_was_published_is_on_the_page() {
        let at = |text: &str| instant(text);
        let time = "<time datetime=2026-01-02T00:00:00Z>2 January</time><time datetime=2026-03-03T00:00:00Z>";
        let meta = "<meta property=article:published_time content=2026-01-01T10:00:00+02:00>";
        assert_eq!(said(time).published, at("2026-01-02T00:00:00Z"));
        assert_eq!(said(&format!("{time}{meta}")).published, at("2026-01-01T08:00:00Z"));
        assert_eq!(said("<time>yesterday</time>").published, None);
    }

    #[test]
    fn wordpress_is_asked_about_its_post() {
        let head = |root: &str, post: &str| {
            format!(
                "<link rel='https://api.w.org/' href='{root}'>\
                 <link rel=alternate type=application/json href='{post}'>"
            )
        };
        let asked = |page: &str| said(page).wordpress.map(|ask| ask.url.to_string());
        let pretty = asked(&head("/wp-json/", "/wp-json/wp/v2/posts/7"));
        assert!(pretty.unwrap().starts_with("https://mag.example/wp-json/wp/v2/comments?post=7&"));
        let plain = asked(&head("/?rest_route=/", "/?rest_route=/wp/v2/posts/7"));
        assert!(plain.unwrap().starts_with("https://mag.example/?rest_route=%2Fwp%2Fv2%2Fcomments&post=7&"));
        assert_eq!(asked(&head("/wp-json/", "/wp-json/wp/v2/pages/7")), None);
    }
}
