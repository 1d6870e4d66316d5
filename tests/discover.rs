//! From what profiles say to accounts of the same person: saved replies of every network, servers on this machine, and
//! the demo's screen.
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

#[path = "support/script.rs"]
mod script;
#[path = "support/server.rs"]
mod server;

use cloutop::app::{App, Mode, Zone};
use cloutop::clock::Clock;
use cloutop::config::Keys;
use cloutop::demo::World;
use cloutop::discover::{self, leads_to};
use cloutop::http::Http;
use cloutop::keys::Key;
use cloutop::model::{Account, Trouble};
use cloutop::pipeline::{Pipeline, Wanted};
use cloutop::poller::{Hosts, Poller, Resolved, Settings, resolve};
use cloutop::run::{frame, frame_text, press};
use cloutop::score::Constants;
use cloutop::store::Database;
use cloutop::text;
use script::{Line, account, look, now, saved, status, words};
use server::{Server, json, reply};
use std::sync::OnceLock;

/// Account and reason of every proposal, the certain ones with a mark.
fn proposals(found: &Resolved) -> Vec<String> {
    let proposals = discover::proposals(&found.account, &found.links, &|_| false);
    let line = |proposal: &discover::Proposal| {
        let sign = if proposal.why.sure() { "!" } else { "?" };
        format!("{sign} {}: {}", proposal.candidates[0], proposal.why)
    };
    proposals.iter().map(line).collect()
}

fn found(typed: &str, lines: Vec<Line>) -> Vec<String> {
    proposals(&look(account(typed), lines))
}

#[test]
fn mastodon_names_its_fields_and_which_of_them_are_verified() {
    let lines = || {
        vec![saved("webfinger", "mastodon/webfinger.json"), saved("lookup", "mastodon/account_links.json")]
    };
    let expected = [
        "! feed:ada.example: verified link on the Mastodon profile",
        "? github:adalind: link on the Mastodon profile",
    ];
    assert_eq!(found("@ada@hachy.example", lines()), expected, "no mention, no script, no password");
    assert_eq!(look(account("@ada@hachy.example"), lines()).requests, 2);
}

#[test]
fn servers_without_fields_or_with_others_are_read_all_the_same() {
    let plain =
        r#"{"id": "1", "acct": "ada", "followers_count": 3, "url": "https://hachy.example/@ada"FIELDS}"#;
    for fields in
        ["", ", \"fields\": null", ", \"fields\": [{\"name\": \"x\"}, {\"value\": null, \"verified_at\": 7}]"]
    {
        let body = plain.replace("FIELDS", fields);
        let lines = vec![saved("webfinger", "mastodon/webfinger.json"), words(200, "lookup", &body)];
        assert_eq!(found("@ada@hachy.example", lines), [""; 0], "{fields}");
    }
}

#[test]
fn github_names_its_blog_and_its_social_accounts() {
    let lines = vec![
        saved("social_accounts", "github/social_accounts.json"),
        saved("/users/adalind", "github/user.json"),
    ];
    let expected = [
        "? feed:ada.example: link on the GitHub profile",
        "? mastodon:@ada@hachy.example: link on the GitHub profile",
        "? bluesky:ada.example.org: link on the GitHub profile",
        "? youtube:@adalind: link on the GitHub profile",
        "? hackernews:adalind: same name only: is it the same person?",
    ];
    assert_eq!(found("github:adalind", lines), expected);
}

/// Servers that speak GitHub's language may lack the list, or refuse it.
#[test]
fn github_is_known_without_its_social_accounts() {
    for lines in [
        vec![status(404, "social_accounts", "github/error_404.json")],
        vec![status(403, "social_accounts", "github/error_rate.json")],
        vec![words(200, "social_accounts", "{\"no\": \"list\"}")],
    ] {
        let user = saved("/users/adalind", "github/user.json");
        let found = found("github:adalind", [lines, vec![user]].concat());
        assert_eq!(found[0], "? feed:ada.example: link on the GitHub profile");
    }
}

#[test]
fn bluesky_is_named_by_a_domain_only_where_the_network_says_so() {
    let found = |file: &str| found("ada.example.org", vec![saved("getProfile", file)]);
    let expected = [
        "! feed:ada.example.org: domain handle is the home page",
        "? feed:ada.example: link on the Bluesky profile",
    ];
    assert_eq!(found("bluesky/profile_website.json"), expected);
    assert_eq!(found("bluesky/profile_invalid_handle.json"), [""; 0], "the handle is not checked");
    let hosted = "{\"did\": \"did:plc:vtq5ilam4kzx7wq3hn2ybj6e\", \"handle\": \"ada.bsky.social\"}";
    let hosted = vec![words(200, "getProfile", hosted)];
    assert_eq!(proposals(&look(account("ada.bsky.social"), hosted)), [""; 0], "there is no home page");
}

#[test]
fn a_home_page_says_who_its_owner_is_elsewhere() {
    let lines = vec![saved("/feed/", "feed/wordpress.xml"), saved("ada.example", "feed/home_me.html")];
    let expected = [
        "? github:adalind: rel=me link on the home page",
        "? mastodon:@ada@hachy.example: rel=me link on the home page",
    ];
    assert_eq!(found("https://ada.example", lines), expected, "neither a friend nor a mailbox");
}

/// A Mastodon server and a blog that name each other, and what a stranger wrote there.
#[test]
fn two_servers_lead_to_each_other() {
    static ADDRESSES: OnceLock<(String, String)> = OnceLock::new();
    let trap = Server::start(|_| json(b"{}"));
    let trapped = trap.url().as_str().replace("http://", "http://user:word@");
    let blog = Server::start(|head| {
        let (mastodon, _) = ADDRESSES.get().unwrap();
        if head.starts_with("GET /feed/") {
            let feed = b"<rss version=\"2.0\"><channel><title>Ada writes</title></channel></rss>";
            return reply(200, &[("content-type", "application/rss+xml")], feed);
        }
        let page = format!(
            "<!doctype html><link rel=alternate type=application/rss+xml href=/feed/><a rel=me href={mastodon}@ada>"
        );
        reply(200, &[("content-type", "text/html")], page.as_bytes())
    });
    let mastodon = Server::start(move |_| {
        let (_, blog) = ADDRESSES.get().unwrap();
        let field = |url: &str| format!("{{\"value\": \"<a href='{url}'>x</a>\", \"verified_at\": null}}");
        let fields = [field(blog), field(&trapped)].join(",");
        json(format!("{{\"id\": \"1\", \"acct\": \"ada\", \"fields\": [{fields}]}}").as_bytes())
    });
    ADDRESSES.set((mastodon.url().to_string(), blog.url().to_string())).unwrap();
    let poller = Poller {
        fetch: Http::new(Keys::default(), Vec::new()).unwrap(),
        clock: Clock::Frozen(now()),
        settings: Settings::default(),
        hosts: Hosts::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ask = |candidates: Vec<Account>| runtime.block_on(resolve(&poller, candidates));
    let ada = ask(vec![account(&format!("{}@ada", mastodon.url()))]).unwrap();
    let named = discover::proposals(&ada.account, &ada.links, &|_| false);
    assert_eq!(named.len(), 1, "{named:?}");
    let site = ask(named[0].candidates.clone()).unwrap();
    assert_eq!(site.name.as_deref(), Some("Ada writes"));
    assert_eq!(site.account.stable, Some(format!("{}feed/", blog.url())));
    let back = discover::proposals(&site.account, &site.links, &|_| false);
    assert!(leads_to(&back, &ada.account), "{back:?}");
    assert!(trap.asked().is_empty(), "nobody is asked with somebody's password");
    assert_eq!((mastodon.asked().len(), blog.asked().len()), (1, 2), "one level deep");
    // A host that wants to be left alone is left alone here, too.
    let angry = Server::start(|_| reply(429, &[("retry-after", "900")], b""));
    let typed = vec![account(&format!("{}@ada", angry.url()))];
    assert!(matches!(ask(typed.clone()), Err((_, Trouble::RateLimited { .. }))));
    assert!(matches!(ask(typed), Err((_, Trouble::RateLimited { .. }))));
    assert_eq!(angry.asked().len(), 1);
}

/// The demo's people before anything has happened.
struct Demo {
    world: World,
    pipeline: Pipeline,
}

impl Demo {
    fn start() -> Self {
        let world = World::new(1, now());
        let people = world.people().iter().map(Wanted::from).collect();
        let began = now() - chrono::TimeDelta::days(365);
        let database = Database::in_memory().unwrap();
        let pipeline = Pipeline::open(database, Constants::reference(), people, began).unwrap();
        Self { world, pipeline }
    }

    /// The form with this typed, and then these keys pressed.
    fn form(&mut self, size: (u16, u16), typed: &str, keys: &str) -> String {
        let mut app = App::new(size, now());
        (app.zone, app.mode) = (Zone::Utc, Mode::Demo);
        let typed = std::iter::once(Key::Char('a')).chain(typed.chars().map(Key::Char));
        let keys = keys.split_whitespace().map(|name| Key::from_name(name).unwrap());
        let keys: Vec<Key> = typed.chain(keys).collect();
        let app = press(app, &mut self.pipeline, Some(&self.world), now(), &keys).unwrap();
        frame_text(&frame(&app))
    }
}

fn row<'f>(frame: &'f str, part: &str) -> &'f str {
    frame.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part} in\n{frame}"))
}

#[test]
fn the_demo_shows_what_it_finds() {
    let mut demo = Demo::start();
    let frame = demo.form((120, 36), "github:noorh", "enter");
    assert!(frame.contains("step 2 of 3"), "{frame}");
    for (account, checked, why) in [
        ("GH   noorh", "[x]", "you typed it"),
        ("FEED noor.example.org", "[x]", "they link to each other"),
        ("MAST @noor@tooters.example", "[ ]", "link on the GitHub profile"),
        ("BSKY noor.example.org", "[ ]", "link on the GitHub profile"),
        ("HN   noorh", "[ ]", "same name only"),
    ] {
        let row = row(&frame, account);
        assert!(row.contains(checked) && row.contains(why) && row.contains("✓ 0.0 s"), "{row}");
    }
    assert!(row(&frame, "GH   noorh").contains("2 requests"));
    let narrow = demo.form((80, 24), "github:noorh", "enter");
    assert!(!narrow.contains("WHY WE THINK") && row(&narrow, "HN   noorh").contains("1 request"), "{narrow}");
    let small = demo.form((40, 10), "github:noorh", "enter");
    assert!(row(&small, "MAST @noor").contains("✓ 0.0 s") && !small.contains("request"), "{small}");
}

#[test]
fn the_demo_says_what_it_does_not_find_and_saves_as_it_is_told() {
    let mut demo = Demo::start();
    let frame = demo.form((120, 36), "github:nobody-there", "enter");
    assert!(frame.contains("step 1 of 3") && frame.contains("check the spelling"), "{frame}");
    assert!(frame.contains("> github:nobody-there▏"), "{frame}");
    let frame = demo.form((120, 36), "github:noorh", "enter enter");
    assert!(frame.contains("step 3 of 3") && row(&frame, "symbol").contains("NOOR▏"), "{frame}");
    assert!(frame.contains("cloutop rm NOOR") && frame.contains("data folder"), "{frame}");
    assert!(row(&frame, "2 accounts").contains("Read of"));
}

#[test]
fn every_step_draws_at_every_size_and_shows_what_is_typed() {
    let mut demo = Demo::start();
    let steps = [
        ("hn:no", ""),
        ("github:nobody-there", "enter"),
        ("github:noorh", "enter"),
        ("github:noorh", "enter down down + h n : z z"),
        ("github:noorh", "enter enter"),
        ("github:noorh", "enter enter ^u z z z z z z z z enter"),
    ];
    for (typed, keys) in steps {
        for columns in [1, 2, 3, 8, 19, 20, 39, 40, 41, 59, 60, 79, 80, 109, 110, 120] {
            for rows in [1, 2, 3, 5, 6, 10, 11, 12, 23, 24, 36] {
                let frame = demo.form((columns, rows), typed, keys);
                assert_eq!(frame.lines().count(), usize::from(rows), "{columns}x{rows}");
                for line in frame.lines() {
                    assert_eq!(text::width(line), usize::from(columns), "{columns}x{rows}: {line:?}");
                }
                if columns >= 20 && keys.contains("z z") {
                    assert!(frame.to_lowercase().contains("zz▏"), "{columns}x{rows}\n{frame}");
                }
                if columns >= 20 && keys == "enter" && typed == "github:noorh" {
                    assert!(frame.contains("[x] GH"), "{columns}x{rows}\n{frame}");
                }
            }
        }
    }
}
