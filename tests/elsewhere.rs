#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Guest posts and articles on other people's sites: read, counted, shown and taken away again.

#[path = "support/server.rs"]
mod server;

use serde_json::Value;
use server::{Answer, Server, json, reply};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// A feed of one post that has a comment, on a system whose feeds show every post there is.
const FEED: &str = "<rss version=\"2.0\" xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\"><channel>\
    <title>Ada</title><item><guid>own</guid><title>Own</title><pubDate>DATE</pubDate>\
    <slash:comments>1</slash:comments></item></channel></rss>";

struct Home(TempDir);

impl Home {
    fn new(channels: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!("[[people]]\nsymbol = \"ADA\"\nname = \"Ada\"\nchannels = [{channels}]\n");
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        Self(folder)
    }

    #[track_caller]
    fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloutop"));
        command
            .args(arguments)
            .env_clear()
            .env("CLOUTOP_CONFIG", self.0.path().join("config.toml"))
            .env("CLOUTOP_DATA_DIR", self.0.path().join("data"))
            .stdin(Stdio::null());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let all = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert_eq!(status.code(), Some(code), "{arguments:?}\n{all}");
        all
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let out = self.ends(0, arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    /// The items of the person's feed, with comments and links: newest first.
    fn items(&self) -> Vec<(String, Value, Value, String)> {
        let posts = self.json(&["posts", "ADA", "--json"]);
        let channels = posts["channels"].as_array().unwrap();
        assert_eq!((channels.len(), &channels[0]["id"]), (1, &"feed".into()), "{posts}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rows = channels[0]["posts"].as_array().unwrap().iter();
        let mut rows: Vec<_> = rows
            .map(|row| {
                (text(&row["title"]), row["replies"].clone(), row["reshares"].clone(), text(&row["state"]))
            })
            .collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.0.path().join("config.toml")).unwrap()
    }
}

fn page(body: &str) -> Answer {
    reply(200, &[("content-type", "text/html; charset=utf-8")], body.as_bytes())
}

fn rfc2822() -> String {
    cloutop::clock::Clock::system_now().to_rfc2822()
}

/// A magazine that runs WordPress and receives webmentions, a news site with markup, a page that tells nothing, and a
/// page that goes away; and a blog.
fn sites(comments: Arc<AtomicU64>) -> Server {
    let date = rfc2822();
    let at = (cloutop::clock::Clock::system_now() - chrono::TimeDelta::days(2)).to_rfc3339();
    Server::start(move |head| {
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let now = comments.load(Ordering::SeqCst);
        match path.as_str() {
            "/blog" => {
                reply(200, &[("content-type", "application/rss+xml")], FEED.replace("DATE", &date).as_bytes())
            }
            "/guest" => page(&format!(
                "<html><head><title>A guest &amp; a post</title><link rel=\"https://api.w.org/\" href=\"/wp-json/\">\
                 <link rel=alternate type=application/json href=/wp-json/wp/v2/posts/7>\
                 <link rel=\"webmention pingback\" href=\"/example/webmention\">\
                 <meta property=\"article:published_time\" content=\"{at}\">"
            )),
            "/news" => page(&format!(
                "<script type=\"application/ld+json\">[{{\"@type\": \"NewsArticle\", \"url\": \"/other\", \"commentCount\": 99}},\
                 {{\"@graph\": [{{\"@type\": \"NewsArticle\", \"mainEntityOfPage\": {{\"@id\": \"/news\"}}, \
                 \"datePublished\": \"{at}\", \"commentCount\": \"{now}\"}}]}}]</script><title>News</title>"
            )),
            "/bare" => page("<title>Bare</title><p>Comments: 12"),
            "/gone" if now > 5 => reply(404, &[], b""),
            "/gone" => page("<title>Gone</title><span itemprop=commentCount>5 comments</span>"),
            "/broken" => reply(500, &[], b""),
            path if path.starts_with("/wp-json/wp/v2/comments?post=7&") => {
                reply(200, &[("content-type", "application/json"), ("x-wp-total", &now.to_string())], b"[]")
            }
            path if path.starts_with("/api/count?target=http") => {
                json(br#"{"count": 9, "type": {"like": 3, "mention": 2, "reply": 4, "repost": 1}}"#)
            }
            _ => reply(404, &[], b""),
        }
    })
}

#[test]
fn pages_are_items_of_the_feed() {
    let comments = Arc::new(AtomicU64::new(4));
    let server = sites(comments.clone());
    let url = |path: &str| format!("{}{path}", server.url());
    let home = Home::new(&format!("\"feed:{}\"", url("blog")));
    home.ends(0, &["poll", "--once"]);
    let add = |path: &str| home.ends(0, &["add", &url(path), "--elsewhere", "--as", "ada"]);
    assert!(add("guest").contains("found: 4 comments, 3 inbound links"));
    assert!(add("news#comments").contains("found: 4 comments\n"));
    assert!(add("gone").contains("found: 5 comments\n"));
    assert!(add("bare").contains("tells strangers no number"));
    assert!(add("bare").contains("ADA has this page already"));
    assert!(home.ends(3, &["add", &url("missing"), "--elsewhere", "--as", "ADA"]).contains("no such page"));
    home.ends(3, &["add", &url("guest"), "--elsewhere", "--as", "EVE"]);
    home.ends(2, &["add", &url("guest"), "--elsewhere"]);

    home.ends(0, &["poll", "--once"]);
    let row = |title: &str, comments: Option<u64>, links: Option<u64>| {
        (title.to_owned(), Value::from(comments), Value::from(links))
    };
    let expected = [
        row("A guest & a post", Some(4), Some(3)),
        row("Bare", None, None),
        row("Gone", Some(5), None),
        row("News", Some(4), None),
        row("Own", Some(1), None),
    ];
    let items = home.items().into_iter().map(|(title, comments, links, _)| (title, comments, links));
    assert_eq!(items.collect::<Vec<_>>(), expected);

    // Comments come in, and one page goes; a page that is broken holds up none of the others for good.
    comments.store(11, Ordering::SeqCst);
    home.ends(0, &["add", &url("broken"), "--elsewhere", "--as", "ADA", "--no-test"]);
    home.ends(0, &["poll", "--once"]);
    let items = home.items();
    let titles: Vec<&str> = items.iter().map(|item| item.0.as_str()).collect();
    // Of what is gone no words are kept.
    assert_eq!(titles, ["", "A guest & a post", "Bare", "News", "Own"]);
    assert_eq!((&items[1].1, &items[3].1), (&11.into(), &11.into()), "{items:?}");
    let gone: Vec<bool> = items.iter().map(|item| item.3 == "gone").collect();
    assert_eq!(gone, [true, false, false, false, false], "{items:?}");
}

#[test]
fn a_person_without_a_feed_has_pages_all_the_same() {
    let comments = Arc::new(AtomicU64::new(4));
    let server = sites(comments);
    let url = |path: &str| format!("{}{path}", server.url());
    let home = Home::new("");
    let said = home.ends(0, &["add", &url("guest"), "--elsewhere", "--as", "ADA", "--json"]);
    assert!(said.contains("\"network\": \"feed\"") || said.contains("\"network\":\"feed\""), "{said}");
    home.ends(0, &["poll", "--once"]);
    assert_eq!(home.items().len(), 1);
    assert_eq!(home.items()[0].1, 4);
    let list = home.json(&["list", "--json"]);
    assert_eq!(list["people"][0]["channels"][0]["account"], "elsewhere");
    home.ends(0, &["config", "check"]);

    // The only page: its trouble is the channel's.
    let broken = Home::new("");
    broken.ends(0, &["add", &url("broken"), "--elsewhere", "--as", "ADA", "--no-test"]);
    let polled = broken.ends(5, &["poll", "--once"]);
    assert!(polled.contains("server_error"), "{polled}");

    home.ends(0, &["rm", "ADA/feed", "--yes"]);
    assert!(!home.config().contains("elsewhere"), "{}", home.config());
}

#[test]
fn what_is_no_page_is_refused() {
    let home = Home::new("");
    let wrong = home.ends(2, &["add", "http://mag.example/guest", "--elsewhere", "--as", "ADA"]);
    assert!(wrong.contains("without encryption"), "{wrong}");
    std::fs::write(
        home.0.path().join("config.toml"),
        "[[people]]\nsymbol = \"ADA\"\nelsewhere = [\"https://a.example/1\", \"https://a.example/1#x\"]\n",
    )
    .unwrap();
    let wrong = home.ends(2, &["config", "check"]);
    assert!(wrong.contains("line 3") && wrong.contains("stands here twice"), "{wrong}");
}
