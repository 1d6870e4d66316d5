//! Blogs: RSS, Atom and JSON Feed, with the comments people left under the posts.
//!
//! The first poll finds the feed: the address itself, or a `<link rel="alternate">` of the page, or one of
//! the usual places. Later polls read the feed. Comment counts come from `slash:comments`, `thr:total` or
//! `thr:count`. What else is public depends on the system that the blog runs on, one submodule for each; the
//! feed or the page names it. Whatever is asked after the feed is optional: without it the feed's reading stands.
//!
//! A feed that carries comment counts is never asked conditionally: servers answer "not modified" while
//! the counts move (WordPress does).

mod blogger;
pub(super) mod discover;
pub(super) mod elsewhere;
mod ghost;
pub(super) mod parse;
mod wordpress;
mod wordpress_com;

use super::{Channel, Progress, Reach, Step, Typed, ask, is_site, refusal};
use crate::exchange::{Accept, Reply, Request, Stage, is_loopback};
use crate::model::{
    Account, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Notice, Pace, Post,
    PostKind, Tie, Trouble, Word, Words,
};
use url::Url;

pub(super) static CHANNEL: Feed = Feed;

static SPEC: NetworkSpec = NetworkSpec {
    id: "feed",
    code: "FEED",
    name: "Feed",
    also: &["rss", "blog", "atom", "wordpress", "ghost", "blogger"],
    words: Words {
        like: None,
        reshare: Some(Word::new("inbound link", "inbound links", "LINK")),
        reply: Some(Word::new("comment", "comments", "COMM")),
        quote: None,
        view: None,
        audience: Some("subscribers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(60, 15),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write the address of a blog or of its feed",
    facts: Facts {
        reads: &[
            "the page, once: where its feed is",
            "the feed: its items, with comment counts where it has them (slash:comments, thr:total)",
            "WordPress: wp-json/wp/v2/comments, single comments with their time; the comments feed where that is closed",
            "WordPress.com and Jetpack: sites/ID of the public API, how many subscribe; its posts where wp-json is closed",
            "Blogger: feeds/comments/default, single comments with their time",
            "Ghost: members/api/comments/counts, comments of the feed's items",
            "pages elsewhere (add URL --elsewhere): comments by wp-json or commentCount in the page, links to it by webmention.io",
        ],
        cost: "1 request, 2 to 5 on WordPress, 2 on Blogger and Ghost; a feed without counts that has not changed is answered \"not modified\"; 1 to 3 for a page elsewhere",
        limits: "servers name none; Retry-After is obeyed where it is sent",
        unknown: &[
            "readers: no server tells strangers, but for the subscribers of WordPress.com and Jetpack",
            "who commented on Ghost: only members see it",
            "comments that wait for approval, and comments of systems that do not show a number to strangers",
            "what an item received after it left both the feed and the comments list: its last counts are kept",
        ],
    },
    api: None,
};

/// What [`Account::native`] says of a feed: its comment counts move without the feed being "modified".
const COUNTS: &str = "counts";

/// What a blog runs on. Its word is in [`Account::native`], so that later polls know it where only the page said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    WordPress,
    Blogger,
    Ghost,
}

impl System {
    const ALL: [(Self, &str); 3] =
        [(Self::WordPress, "wordpress"), (Self::Blogger, "blogger"), (Self::Ghost, "ghost")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(system, _)| *system == self).map_or("", |(_, word)| word)
    }

    /// By the generator's name, which may have an address and a version, too.
    fn made_by(generator: &str) -> Option<Self> {
        let names = |word: &str| match word {
            // Themes and writing tools have ghosts in their names.
            "ghost" => generator.split_ascii_whitespace().next() == Some(word),
            _ => generator.contains(word),
        };
        Self::ALL.into_iter().find(|(_, word)| names(word)).map(|(system, _)| system)
    }

    fn of(account: &Account) -> Option<Self> {
        let native = account.native.as_deref()?;
        Self::ALL.into_iter().find(|(_, word)| *word == native).map(|(system, _)| system)
    }
}

/// Where feeds are when a page does not say.
const USUAL: [&str; 7] = ["/feed/", "/rss.xml", "/atom.xml", "/index.xml", "/feed.xml", "/feed.json", "/rss"];

pub(super) struct Feed;

impl Channel for Feed {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        if typed.named && typed.text == elsewhere::HANDLE {
            return Some(elsewhere::account(self.network()));
        }
        let mut url = typed.url.clone()?;
        let known = is_site(url.host_str()?);
        // `https://viewer/@user@origin` is a fediverse account seen through another server.
        let seen_through = url.path().strip_prefix("/@").is_some_and(|path| path.contains('@'));
        if ((known || seen_through) && !typed.named) || !url.username().is_empty() || url.password().is_some()
        {
            return None;
        }
        url.set_fragment(None);
        let shown = url.as_str();
        let handle = match shown.strip_prefix("https://") {
            Some(rest) if url.path() == "/" && url.query().is_none() => rest.trim_end_matches('/'),
            Some(rest) => rest,
            None => shown,
        };
        let handle = handle.to_owned();
        Some(Account::new(self.network(), handle).at(url))
    }

    fn page(&self, account: &Account) -> Option<String> {
        if elsewhere::is_without_feed(account) {
            return None;
        }
        account.base.as_ref().map(Url::to_string)
    }

    fn personal(&self, account: &Account) -> bool {
        elsewhere::is_without_feed(account)
    }

    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        let pages = std::mem::take(&mut progress.pages_elsewhere);
        if progress.reach == Reach::Full {
            elsewhere::set_apart(progress, pages);
        }
        if elsewhere::is_without_feed(progress.account()) {
            return Ok(elsewhere::begin(progress));
        }
        Ok(ask(self.request(progress)))
    }

    fn request(&self, progress: &Progress) -> Request {
        let account = progress.account();
        // Before the first good poll the base is what was typed, perhaps the home page; the feed's own
        // address, if the configuration has it, is the better one.
        let feed = account.stable.as_deref().filter(|_| progress.known.polls == 0);
        let feed = feed.and_then(|feed| Url::parse(feed).ok());
        let url = feed.or_else(|| account.base.clone()).unwrap_or_else(|| progress.api.clone());
        let stage = if account.stable.is_some() { Stage::Posts } else { Stage::Home };
        let mut request = feed_request(url, stage);
        request.conditional = account.native.is_none() && stage == Stage::Posts;
        request
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        if elsewhere::under_way(progress) {
            return elsewhere::read(progress, reply);
        }
        let step = match reply.stage {
            Stage::Home => read_home(progress, reply)?,
            Stage::Older => wordpress::read_posts(progress, reply),
            Stage::Comments => wordpress::read_comments(progress, reply),
            Stage::Links => wordpress_com::read_site(progress, reply),
            Stage::Actors => wordpress_com::read_posts(progress, reply),
            Stage::Refresh => ghost::read_counts(progress, reply),
            Stage::Count if System::of(progress.account()) == Some(System::Blogger) => {
                blogger::read_comments(progress, reply)
            }
            Stage::Count => wordpress::read_comments_feed(progress, reply),
            _ => read_posts(progress, reply)?,
        };
        Ok(elsewhere::after(progress, step))
    }
}

fn feed_request(url: Url, stage: Stage) -> Request {
    Request::json(url, stage).accepting(Accept::Feed)
}

/// The address may be a feed, or a page that leads to one.
fn read_home(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.ok() && !reply.is_page() {
        match read_posts(progress, reply) {
            Err(Trouble::Malformed { .. }) if !progress.queue.is_empty() => {}
            other => return other,
        }
    }
    if ghost::is_locked(reply) {
        return Err(Trouble::Private);
    }
    let first = !progress.aliases.contains_key(DISCOVERED);
    if first && !reply.ok() {
        return Err(if reply.status == 404 { progress.missing() } else { refusal(reply) });
    }
    if first {
        progress.aliases.insert(DISCOVERED.to_owned(), ItemId::from(""));
        for url in discover::me(&reply.body, &reply.url) {
            progress.seen.profile.link(Tie::Claimed, url);
        }
        let system = discover::generators(&reply.body).iter().find_map(|name| System::made_by(name));
        if let Some(system) = system {
            progress.seen.account.native = Some(system.word().to_owned());
        }
        let linked = discover::feeds(&reply.body, &reply.url);
        let usual = USUAL.iter().filter_map(|path| reply.url.join(path).ok());
        let found = if linked.is_empty() { usual.collect() } else { linked };
        for url in found.into_iter().filter(|url| trusted(url, &reply.url)) {
            progress.queue.push_back(feed_request(url, Stage::Home));
        }
    }
    match progress.queue.pop_front() {
        Some(request) => Ok(ask(request)),
        None => {
            Err(Trouble::malformed("no feed found: the page links none, and none is at the usual places"))
        }
    }
}

/// Marks in [`Progress::aliases`] that the page was searched for feeds.
const DISCOVERED: &str = "feed discovery";

/// A page may lead to any public feed, but not from the open web into the clear or onto this machine.
pub(super) fn trusted(url: &Url, from: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == from.scheme() && url.host_str() == from.host_str()
}

fn read_posts(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if reply.not_modified() {
        return Ok(progress.done());
    }
    if !reply.ok() {
        return Err(if reply.status == 404 { progress.missing() } else { refusal(reply) });
    }
    if ghost::is_locked(reply) {
        return Err(Trouble::Private);
    }
    let feed = parse::feed(&reply.body, &reply.url)?;
    progress.queue.clear();
    let from = progress.account().base.clone();
    if progress.known.polls == 0 {
        progress.seen.account.stable.get_or_insert_with(|| reply.url.to_string());
        progress.seen.account.base = Some(reply.url.clone());
    } else if reply.moved && trusted(&reply.url, from.as_ref().unwrap_or(&reply.url)) {
        progress.seen.account.base = Some(reply.url.clone());
        let from = from.map(|url| url.to_string()).unwrap_or_default();
        progress.seen.notices.push(Notice::Moved { from, to: reply.url.to_string() });
    }
    // A feed that names another system, or one that is not known here, is right; one that is silent leaves what
    // the page said.
    let system = match &feed.generator {
        Some(generator) => System::made_by(generator),
        None => System::of(progress.account()),
    };
    progress.seen.account.native = match system {
        Some(system) => Some(system.word().to_owned()),
        None => feed.counted().then(|| COUNTS.to_owned()),
    };
    progress.seen.profile.name = feed.title.clone().filter(|title| !title.is_empty());
    progress.seen.profile.url = feed.home.as_ref().map(Url::to_string);
    if progress.reach == Reach::Probe {
        return Ok(progress.done());
    }
    for entry in feed.entries {
        if let Some(url) = &entry.url {
            progress.aliases.insert(url.clone(), ItemId(entry.id.clone()));
        }
        if let Some(author) = &entry.author {
            progress.aliases.insert(format!("{}{}", wordpress::BYLINE, entry.id), ItemId(author.clone()));
        }
        if let Some(uri) = &entry.author_uri {
            let author = ItemId::from(blogger::profile(uri));
            progress.aliases.insert(format!("{}{}", blogger::AUTHOR, entry.id), author);
        }
        let known = progress.known.items.get(&ItemId(entry.id.clone())).map(|item| item.published);
        progress.add(Post {
            id: ItemId(entry.id),
            kind: PostKind::Item,
            url: entry.url,
            title: entry.title,
            published: entry.published.or(known).unwrap_or(progress.now),
            counts: Counts::default().with(Metric::Replies, entry.comments),
            standing: false,
        });
    }
    let home = feed.home.unwrap_or_else(|| reply.url.clone());
    Ok(match system {
        Some(System::WordPress) => {
            progress.queue.extend(wordpress_com::site(&home, feed.site));
            let root = reply.headers.link("https://api.w.org/").and_then(|root| Url::parse(root).ok());
            let root = root.or_else(|| home.join("wp-json/").ok()).filter(|root| same_site(root, &reply.url));
            match root {
                Some(root) => {
                    progress.aliases.insert(wordpress::HOME.to_owned(), ItemId::from(home.as_str()));
                    progress.aliases.insert(wordpress::ROOT.to_owned(), ItemId::from(root.as_str()));
                    ask(wordpress::posts(&root, 1))
                }
                None => progress.next(),
            }
        }
        Some(System::Blogger) => {
            progress.queue.extend(blogger::comments(&home).filter(|ask| same_site(&ask.url, &reply.url)));
            progress.next()
        }
        Some(System::Ghost) => {
            let gone = ghost::taken_down(progress);
            progress.seen.gone.extend(gone);
            let question = ghost::counts(progress, &home).filter(|ask| same_site(&ask.url, &reply.url));
            progress.queue.extend(question);
            progress.next()
        }
        None => progress.done(),
    })
}

fn same_site(url: &Url, feed: &Url) -> bool {
    url.host_str() == feed.host_str()
        && (url.scheme() == "https" || feed.scheme() == "http" || is_loopback(url))
}
