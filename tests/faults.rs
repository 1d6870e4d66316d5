#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Whatever a server does: the channel says what is wrong and when it tries again, its points are held
//! and marked, and nothing reaches the terminal unclean.

#[path = "support/board.rs"]
mod board;
#[path = "support/server.rs"]
mod server;

use board::{Board, account, minutes, start, wanted};
use chrono::TimeDelta;
use cloutop::channels;
use cloutop::clock::Clock;
use cloutop::config::Keys;
use cloutop::http::Http;
use cloutop::model::{Outcome, PersonSnapshot, Reason, State, Time};
use cloutop::poller::{Hosts, Poller, Settings};
use cloutop::store::PollReport;
use flate2::Compression;
use flate2::write::GzEncoder;
use server::{Answer, Server, endless, json, reply};
use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;
use url::Url;

const WIDE: (u16, u16) = (120, 36);
const SIZES: [(u16, u16); 5] = [WIDE, (80, 24), (40, 10), (20, 3), (80, 1)];

/// When it falls ill.
fn later() -> Time {
    start() + TimeDelta::minutes(15)
}

fn saved(file: &str) -> Vec<u8> {
    let path = format!("{}/tests/replies/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A Mastodon server at its best.
fn healthy(head: &str) -> Answer {
    if head.contains("webfinger") {
        return reply(404, &[], b"");
    }
    json(&saved(if head.contains("/statuses") { "mastodon/statuses.json" } else { "mastodon/account.json" }))
}

/// Polls a person's one channel with its network at `api`, at an instant.
fn poll(board: &mut Board, api: &Url, at: Time) -> PollReport {
    let network = board.person(at).channels[0].network().id();
    let networks = HashMap::from([(network, (Some(api.clone()), Some(minutes(15))))]);
    let in_the_clear = api.host_str().map(str::to_owned).into_iter().collect();
    let fetch = Http::new(Keys::default(), in_the_clear).unwrap().with_deadline(Duration::from_millis(400));
    board.poll(fetch, Settings::new(networks), at).remove(0).0
}

/// Board, person and channel at every size.
fn frames(board: &mut Board, at: Time) -> Vec<((u16, u16), &'static str, String)> {
    let keys = ["", "enter", "enter enter"];
    SIZES
        .into_iter()
        .flat_map(|size| keys.map(|keys| (size, keys)))
        .map(|(size, keys)| (size, keys, board.frame(size, at, keys)))
        .collect()
}

/// Nothing that a terminal would act on, or show in another order or width than we count.
fn assert_clean(text: &str) {
    for c in text.chars().filter(|c| *c != '\n') {
        let bad = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}');
        assert!(!bad, "{c:?} on the screen:\n{text}");
    }
}

/// What became of a person whose channel fell ill after one good poll.
struct After {
    report: PollReport,
    person: PersonSnapshot,
}

impl After {
    fn words(&self) -> String {
        self.person.channels[0].detail.clone().unwrap_or_default()
    }

    fn wait(&self) -> TimeDelta {
        self.report.next_at - later()
    }
}

/// One good poll, then one at `ill`: its outcome, with what must be true after any of them.
fn after(ill: &Url, reason: Reason) -> After {
    let well = Server::start(healthy);
    let mut board = Board::new(vec![wanted("ADA", &[account("@ada@hachy.example")])]);
    poll(&mut board, &well.url(), start());
    assert_eq!(board.person(start()).channels[0].state, State::Live);
    let untouched = board.person(later());

    let report = poll(&mut board, ill, later());
    let person = board.person(later());
    let channel = &person.channels[0];
    assert_eq!(channel.reason, reason, "{:?}", channel.detail);
    assert_eq!(channel.state, reason.state());
    assert_eq!(channel.since, Some(later()));
    assert_eq!(channel.retry_at(), Some(report.next_at), "it says when it tries again");
    assert!(report.next_at > later());
    assert_eq!(person.score, untouched.score, "not a digit moves: the points are held");
    assert_eq!(person.held_points(), channel.points);
    assert!(channel.points > 0.0);

    let frames = frames(&mut board, later());
    let words = channel.detail.clone().unwrap_or_default();
    for (size, keys, frame) in &frames {
        assert_clean(frame);
        if *size == WIDE {
            // The board has a sign for the state, the other screens the word.
            let state = match (*keys, channel.state) {
                ("", State::Limit) => "▫ 1 limited".to_owned(),
                ("", _) => "! 1 halted".to_owned(),
                (_, state) => state.word().to_uppercase(),
            };
            assert!(frame.contains(&state), "{keys}: no {state} in\n{frame}");
            assert!(frame.contains('*'), "{keys}: held points are not marked in\n{frame}");
        }
    }
    let start_of_words: String = words.chars().take(30).collect();
    let told = frames.iter().any(|(size, _, frame)| *size == WIDE && frame.contains(&start_of_words));
    assert!(told, "nowhere is said: {words}\n{}", frames[1].2);

    // Well again: live, and the score goes on as if nothing had been.
    poll(&mut board, &well.url(), report.next_at);
    let healed = board.person(report.next_at);
    assert_eq!(healed.channels[0].state, State::Live);
    assert_eq!(healed.held_points(), 0.0);
    After { report, person }
}

fn at_server(reason: Reason, answer: Answer) -> After {
    let server = Server::start(move |_| answer.clone());
    after(&server.url(), reason)
}

#[track_caller]
fn says(after: &After, words: &str) {
    assert!(after.words().contains(words), "\"{}\" does not say \"{words}\"", after.words());
}

/// About a minute, as after any first failure.
#[track_caller]
fn soon(after: &After) {
    let wait = after.wait().num_seconds();
    assert!((54..=66).contains(&wait), "next try in {wait} s");
}

#[test]
fn network_down() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", gone.local_addr().unwrap())).unwrap();
    drop(gone);
    let after = after(&url, Reason::Unreachable);
    says(&after, "refuses the connection");
    soon(&after);
}

#[test]
fn dns_failing() {
    // A label this long is no name anywhere: the resolver refuses it without asking anybody.
    let url = Url::parse(&format!("http://{}.example", "a".repeat(64))).unwrap();
    let after = after(&url, Reason::Unreachable);
    says(&after, "cannot be found");
    soon(&after);
}

#[test]
fn tls_refused() {
    let alert = Answer::Bytes(vec![0x15, 3, 3, 0, 2, 2, 40]);
    let server = Server::start(move |_| alert.clone());
    let refused = after(&server.secure_url(), Reason::Tls);
    says(&refused, "no secure connection");
    soon(&refused);
    // A server that does not speak TLS at all.
    let server = Server::start(|_| reply(400, &[], b"speak plainly"));
    says(&after(&server.secure_url(), Reason::Tls), "no secure connection");
}

#[test]
fn too_many_requests() {
    let after = at_server(Reason::RateLimited, reply(429, &[("retry-after", "420")], b"{}"));
    assert_eq!(after.wait(), minutes(7), "as long as the server says");
    let after = at_server(Reason::RateLimited, reply(429, &[], b"{}"));
    assert!(after.wait() >= TimeDelta::seconds(54), "{}", after.wait());
    // No time, or one that has passed, is no leave to ask every second.
    for said in ["0", "Mon, 02 Mar 2026 10:00:00 GMT"] {
        soon(&at_server(Reason::RateLimited, reply(429, &[("retry-after", said)], b"{}")));
    }
    let reset = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2026-03-02T10:58:00.000000Z")];
    let after = at_server(Reason::RateLimited, reply(429, &reset, b"{}"));
    assert_eq!(after.wait(), minutes(13));
}

#[test]
fn server_errors_in_html() {
    let page = b"<!doctype html><html><title>500</title><script>alert(1)</script>Oh\x1b[2J no</html>";
    let html = [("content-type", "text/html")];
    for status in [500, 502, 503, 504, 521] {
        let after = at_server(Reason::ServerError, reply(status, &html, page));
        says(&after, &status.to_string());
        soon(&after);
    }
    let closed = [("retry-after", "1800"), ("content-type", "text/html")];
    assert_eq!(at_server(Reason::ServerError, reply(503, &closed, page)).wait(), minutes(30));
}

#[test]
fn rubbish_with_a_good_status() {
    let kinds: [(&str, &[u8]); 8] = [
        ("text/html", b"<html><body>Please log in to the hotel's network</body></html>"),
        ("application/json", b"<!doctype html><p>maintenance"),
        ("application/json", b""),
        ("application/json", b"{\"id\": \"1\", \"followers_count\":"),
        ("application/json", b"[1, 2, 3]"),
        ("application/json", b"\xff\xfe\x00\x00 \x1b]0;owned\x07"),
        ("application/json", b"{\"id\": {\"id\": []}, \"followers_count\": \"many\"}"),
        ("application/octet-stream", b"\x7fELF\x02\x01"),
    ];
    for (kind, body) in kinds {
        soon(&at_server(Reason::Malformed, reply(200, &[("content-type", kind)], body)));
    }
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    at_server(Reason::Malformed, json(&deep));
}

#[test]
fn bodies_of_ten_megabytes() {
    let mut body = b"{\"id\": \"".to_vec();
    body.resize(10_000_000, b'x');
    says(&at_server(Reason::TooLarge, json(&body)), "larger than 8 MB");
    // The same without a stated length: it is read up to the limit and no further.
    says(
        &at_server(Reason::TooLarge, endless("content-type: application/json\r\n", &body)),
        "larger than 8 MB",
    );
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_bombs_and_damaged_gzip() {
    let bomb = gzip(&vec![b' '; 200_000_000]);
    assert!(bomb.len() < 250_000);
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    says(&at_server(Reason::TooLarge, reply(200, &headers, &bomb)), "larger than 8 MB");
    at_server(Reason::Malformed, reply(200, &headers, b"this was never compressed"));
    let mut damaged = gzip(&saved("mastodon/account.json"));
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xff);
    at_server(Reason::Malformed, reply(200, &headers, &damaged));
}

#[test]
fn bodies_that_drip_or_never_come() {
    let head = b"HTTP/1.1 200 Test\r\ncontent-length: 900000\r\ncontent-type: application/json\r\n\r\n";
    let answers = [
        Answer::Drip(head.to_vec()),
        Answer::Drip(b"HTTP/1.1 200 Test\r\nx-slow: ".to_vec()),
        Answer::Silence(head.to_vec()),
        Answer::Silence(Vec::new()),
    ];
    for answer in answers {
        let after = at_server(Reason::Unreachable, answer);
        says(&after, "did not finish its answer");
        soon(&after);
    }
}

#[test]
fn connections_broken_off() {
    let Answer::Bytes(bytes) = healthy("GET /lookup") else { unreachable!() };
    for part in [0, 5, 40, bytes.len() / 2, bytes.len() - 1] {
        let after = at_server(Reason::Unreachable, Answer::Bytes(bytes[..part].to_vec()));
        soon(&after);
    }
}

#[test]
fn redirects_in_circles_and_to_strange_places() {
    let circle = Server::start(|_| reply(302, &[("location", "/again")], b""));
    says(&after(&circle.url(), Reason::Malformed), "redirects in circles");
    let file = reply(301, &[("location", "file:///etc/passwd")], b"");
    says(&at_server(Reason::Malformed, file), "not the web");
    let clear = reply(301, &[("location", "http://blog.example/")], b"");
    says(&at_server(Reason::Tls, clear), "blog.example offers no encryption");
    says(&at_server(Reason::ServerError, reply(302, &[], b"")), "answered 302");
}

/// A key goes to the host it is for and to no other, wherever that host sends us.
#[test]
fn a_redirect_to_another_host_loses_the_key() {
    let other = Server::start(|_| json(&saved("github/user.json")));
    let to = format!("http://{}/elsewhere", other.address);
    let first = Server::start(move |_| reply(302, &[("location", &to)], b""));
    let environment = [("CLOUTOP_KEY_GITHUB".to_owned(), "s3cret-key".to_owned())];
    let keys = Keys::load(std::path::Path::new("/nonexistent"), environment).unwrap();
    let networks = HashMap::from([("github", (Some(first.url()), None))]);
    let poller = Poller {
        fetch: Http::new(keys, Vec::new()).unwrap(),
        clock: Clock::Frozen(start()),
        settings: Settings::new(networks),
        hosts: Hosts::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(poller.poll(
        account("github:ada"),
        channels::Memory::default(),
        channels::Reach::Full,
    ));
    assert!(first.asked()[0].contains("Bearer s3cret-key"), "{:?}", first.asked());
    assert!(!other.asked().is_empty());
    for head in other.asked() {
        assert!(!head.to_lowercase().contains("authorization"), "{head}");
    }
    assert!(!format!("{answer:?}").contains("s3cret"), "a key never shows");
}

/// Everything a stranger can write: escape sequences of every kind, bidi overrides, zero-width characters,
/// combining marks by the hundred, line breaks, tags, ten kilobytes of name.
fn hostile() -> String {
    let marks = "\u{301}".repeat(500);
    format!(
        "\u{1b}[31mred\u{1b}]0;owned\u{7}\u{1b}P+q544e\u{1b}\\\u{9b}2J\u{90}x\u{9c}\u{202e}gnp.exe\u{202c}\
         \u{200b}\u{200d}\u{feff}\u{2066}a{marks}\r\n\t\u{8}\u{7f}\u{e0041}\u{fe0f}{}",
        "👩‍👩‍👧‍👦 ŵïdé 全角 ".repeat(400)
    )
}

fn with(file: &str, pointer: &str, text: &str) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_slice(&saved(file)).unwrap();
    *value.pointer_mut(pointer).unwrap_or_else(|| panic!("{file} has no {pointer}")) = text.into();
    serde_json::to_vec(&value).unwrap()
}

/// Polls a hostile account and looks at every screen.
fn look_at_hostile(typed: &str, handler: impl Fn(&str) -> Answer + Send + Sync + 'static) {
    let server = Server::start(handler);
    let typed = typed.replace("SERVER", server.url().as_str());
    let mut board = Board::new(vec![wanted("ADA", &[account(&typed)])]);
    let report = poll(&mut board, &server.url(), start());
    let Outcome::Observed(observation) = &report.outcome else { panic!("{typed}: {:?}", report.outcome) };
    assert!(!observation.posts.is_empty(), "{typed}: nothing was read");
    let shown: Vec<&str> = observation
        .posts
        .iter()
        .map(|post| post.title.as_str())
        .chain(observation.profile.name.as_deref())
        .collect();
    assert!(shown.iter().any(|text| text.contains("red")), "{typed}: the hostile text came by: {shown:?}");
    for text in shown {
        assert_clean(text);
        assert!(text.chars().count() <= 301, "{typed}: {} characters", text.chars().count());
    }
    for ((columns, rows), _, frame) in frames(&mut board, start()) {
        assert_clean(&frame);
        assert_eq!(frame.lines().count(), usize::from(rows));
        for line in frame.lines() {
            assert_eq!(cloutop::text::width(line), usize::from(columns), "{typed}: {line:?}");
        }
    }
    let person = board.person(start());
    let posts = board.pipeline.posts(person.channels[0].id, person.id, start()).unwrap();
    assert_clean(&cloutop::report::posts_text(&[(&person.channels[0], posts)], 100));
    assert_clean(&cloutop::report::score_text(std::slice::from_ref(&person)));
    assert_clean(&cloutop::report::list_text(&[person]));
}

#[test]
fn hostile_text_on_mastodon() {
    look_at_hostile("@ada@hachy.example", |head| {
        if head.contains("webfinger") {
            return reply(404, &[], b"");
        }
        json(&if head.contains("/statuses") {
            with("mastodon/statuses.json", "/1/content", &hostile())
        } else {
            with("mastodon/account.json", "/display_name", &hostile())
        })
    });
}

#[test]
fn hostile_text_on_bluesky() {
    look_at_hostile("did:plc:ada00000000000000000000a", |head| {
        json(&if head.contains("getProfile") {
            with("bluesky/profile.json", "/displayName", &hostile())
        } else {
            with("bluesky/feed.json", "/feed/0/post/record/text", &hostile())
        })
    });
}

#[test]
fn hostile_text_on_github() {
    look_at_hostile("github:ada", |head| {
        json(&if head.contains("/comments") {
            b"[]".to_vec()
        } else if head.contains("/repos") {
            with("github/repos.json", "/0/name", &hostile())
        } else {
            with("github/user.json", "/name", &hostile())
        })
    });
}

#[test]
fn hostile_text_on_hacker_news() {
    look_at_hostile("hn:adalind", |head| {
        json(&if head.contains("/search") {
            with("hackernews/hits.json", "/hits/1/title", &hostile())
        } else if head.contains("/user") {
            saved("hackernews/user.json")
        } else {
            saved("hackernews/item.json")
        })
    });
}

#[test]
fn hostile_text_in_a_feed() {
    look_at_hostile("feed:SERVER", |_| {
        // What XML itself forbids comes as text of a CDATA section in a JSON feed instead.
        json(&with("feed/jsonfeed.json", "/items/0/title", &hostile()))
    });
    look_at_hostile("feed:SERVER", |_| {
        let text = hostile().replace(|c: char| c.is_control(), "&#x1b;[31m");
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>{text}</title><link>https://b.example</link><item>\
             <guid>1</guid><title>red {text}</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>\
             </item></channel></rss>"
        );
        reply(200, &[("content-type", "application/rss+xml")], feed.as_bytes())
    });
}
