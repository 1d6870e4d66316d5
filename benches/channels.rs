#![allow(clippy::unwrap_used, reason = "a measurement ends at the first thing that is wrong")]
#![allow(clippy::print_stdout, reason = "a table is what it is run for")]
//! What reading a network costs: `cargo bench --bench channels`.
//!
//! First the decoders, each with a page of forty posts made of its saved replies, beside the library that only parses
//! the same bytes. Then whole polls of a server on this machine, beside a bare loop that asks the same two questions and
//! throws the answers away. One core each; times are medians of repeated runs.

#[path = "../tests/support/cases.rs"]
mod cases;
#[path = "../tests/support/script.rs"]
mod script;

use cases::{Case, good, tables};
use cloutop::channels::{Channel, Memory, Progress, Reach, Step};
use cloutop::clock::Clock;
use cloutop::config::Keys;
use cloutop::exchange::{Reply, Request};
use cloutop::http::{Fetch, Http};
use cloutop::model::Outcome;
use cloutop::poller::{Hosts, Poller, Settings};
use futures_util::FutureExt;
use script::Script;
use serde_json::Value;
use std::collections::HashMap;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use url::Url;

/// Posts on a page.
const POSTS: usize = 40;

fn main() {
    // `cargo test --benches` asks for nothing to be measured.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    decoders();
    polls();
}

fn median(times: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..times).map(|_| run()).collect();
    all.sort();
    all[times / 2]
}

fn decoders() {
    println!(
        "{:<14}{:>7}{:>9}{:>12}{:>14}{:>14}{:>8}",
        "decoder", "posts", "bytes", "us a page", "MB/s", "parser MB/s", "part"
    );
    for (channel, cases) in tables() {
        let network = channel.network().id();
        let Some((progress, reply, posts)) = page(channel, &good(network, &cases)) else { continue };
        let read = median(200, || {
            let mut progress = progress.clone();
            let began = Instant::now();
            let step = channel.read(&mut progress, &reply);
            let took = began.elapsed();
            black_box(step.is_ok());
            took
        });
        let json = serde_json::from_slice::<Value>(&reply.body).is_ok();
        let bare = median(200, || {
            let began = Instant::now();
            if json {
                black_box(serde_json::from_slice::<Value>(&reply.body).is_ok());
            } else {
                black_box(feed_rs::parser::parse(reply.body.as_slice()).is_ok());
            }
            began.elapsed()
        });
        let rate = |time: Duration| reply.body.len() as f64 / time.as_secs_f64() / 1e6;
        println!(
            "{network:<14}{posts:>7}{:>9}{:>12.1}{:>14.1}{:>14.1}{:>7.0}%",
            reply.body.len(),
            read.as_secs_f64() * 1e6,
            rate(read),
            rate(bare),
            100.0 * rate(read) / rate(bare),
        );
    }
}

/// The answer of a poll that brings most posts, filled up to a page, with the poll as it was before it came.
fn page(channel: &dyn Channel, case: &Case) -> Option<(Progress, Reply, usize)> {
    let mut lines = case.lines(channel.network().id());
    // What is asked about entries that were added here.
    lines.push(script::words(404, "", "{}"));
    let script = Script::new(lines, case.key);
    let begin = || {
        let account = case.account();
        let api = cloutop::channels::api(&account, None);
        let mut progress = Progress::new(account, api, script::now());
        progress.has_key = case.key;
        progress.known = case.memory().known;
        progress.reach = Reach::Full;
        progress
    };
    let mut best: Option<(Progress, Reply, usize)> = None;
    let mut progress = begin();
    let mut request: Request = channel.request(&progress);
    for _ in 0..20 {
        let mut reply = script.fetch(request, script::now()).now_or_never()?.ok()?;
        reply.body = filled(&reply.body);
        let before = progress.clone();
        let Ok(step) = channel.read(&mut progress, &reply) else { break };
        let (next, after) = match step {
            Step::Ask(next) => (Some(*next), progress.seen.posts.len()),
            Step::Done(observation) => (None, observation.posts.len()),
        };
        let new = after.saturating_sub(before.seen.posts.len());
        if best.as_ref().is_none_or(|(_, _, most)| new >= *most) {
            best = Some((before, reply, new));
        }
        match next {
            Some(next) => request = next,
            None => break,
        }
    }
    best
}

/// A reply whose longest list has forty entries, each with names of its own.
fn filled(body: &[u8]) -> Vec<u8> {
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        if let Some(list) = longest(&mut value) {
            let own: Vec<Value> = list.clone();
            while list.len() < POSTS {
                let number = list.len();
                let mut entry = own[number % own.len()].clone();
                rename(&mut entry, number);
                list.push(entry);
            }
        }
        return serde_json::to_vec(&value).unwrap();
    }
    let text = String::from_utf8_lossy(body);
    for (open, close) in [("<item>", "</item>"), ("<entry>", "</entry>")] {
        let Some((before, rest)) = text.split_once(open) else { continue };
        let Some((_, after)) = rest.rsplit_once(close) else { continue };
        let Some((item, _)) = rest.split_once(close) else { continue };
        let mut items = String::new();
        for number in 0..POSTS {
            let named = item
                .replace("</guid>", &format!("{number}</guid>"))
                .replace("</id>", &format!("{number}</id>"));
            items.push_str(&format!("{open}{named}{close}"));
        }
        return format!("{before}{items}{after}").into_bytes();
    }
    body.to_vec()
}

fn longest(value: &mut Value) -> Option<&mut Vec<Value>> {
    match value {
        Value::Array(list) if list.iter().all(Value::is_object) && !list.is_empty() => Some(list),
        Value::Object(fields) => fields
            .values_mut()
            .filter_map(longest)
            .max_by_key(|list| list.iter().map(|entry| entry.to_string().len()).sum::<usize>()),
        _ => None,
    }
}

/// Gives what names an entry another end.
fn rename(value: &mut Value, number: usize) {
    let Value::Object(fields) = value else { return };
    for (key, field) in fields {
        match field {
            Value::String(text)
                if matches!(key.as_str(), "id" | "uri" | "objectID" | "guid" | "url" | "name" | "ap_id") =>
            {
                text.push_str(&number.to_string());
            }
            Value::Number(id) if key == "id" || key.ends_with("_id") => {
                *field = (id.as_u64().unwrap_or_default() * 100 + number as u64).into();
            }
            Value::Object(_) if key == "post" || key == "comment" || key == "data" => rename(field, number),
            _ => {}
        }
    }
}

const ACCOUNT: &[u8] = br#"{"id": "111", "username": "ada", "acct": "ada", "followers_count": 450, "uri": "http://h.example/users/ada"}"#;

/// A server with one account that holds connections open, as real ones do.
fn server(statuses: Vec<u8>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let statuses = statuses.clone();
            std::thread::spawn(move || serve(&stream, &statuses));
        }
    });
    Url::parse(&format!("http://{address}")).unwrap()
}

fn serve(stream: &TcpStream, statuses: &[u8]) {
    let mut lines = BufReader::new(stream).lines();
    let mut writer = stream;
    while let Some(Ok(first)) = lines.next() {
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let body = if first.contains("/statuses") { statuses } else { ACCOUNT };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(&[head.as_bytes(), body].concat()).is_err() {
            return;
        }
    }
}

/// Polls a second of one account with forty posts, on one thread.
fn polls() {
    const POLLS: u32 = 400;
    let status = |number: usize| {
        format!(
            "{{\"id\": \"{number}\", \"uri\": \"http://h.example/{number}\", \"created_at\": \"2026-03-01T09:00:00.000Z\", \
             \"visibility\": \"public\", \"favourites_count\": {number}, \"reblogs_count\": 2, \"replies_count\": 3, \
             \"content\": \"<p>a post of a few words</p>\", \"account\": {}}}",
            String::from_utf8_lossy(ACCOUNT)
        )
    };
    let statuses = format!("[{}]", (100..100 + POSTS).map(status).collect::<Vec<_>>().join(","));
    let url = server(statuses.into_bytes());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut account = cloutop::channels::parse("@ada@h.example", &|_| false).unwrap().remove(0);
    account = account.known_as("http://h.example/users/ada");
    account.native = Some("111".to_owned());
    let ours = Poller {
        fetch: Http::new(Keys::default(), Vec::new()).unwrap(),
        clock: Clock::Frozen(script::now()),
        settings: Settings::new(HashMap::from([("mastodon", (Some(url.clone()), None))])),
        hosts: Hosts::default(),
    };
    // Nothing is new: what is asked is what every poll asks.
    let first = runtime.block_on(ours.poll(account.clone(), Memory::default(), Reach::Full));
    let Outcome::Observed(seen) = first.outcome else { panic!("{:?}", first.outcome) };
    let mut memory = Memory::default();
    memory.known.polls = 1;
    memory.known.items = seen
        .posts
        .iter()
        .map(|post| {
            let item =
                cloutop::channels::KnownItem { published: post.published, counts: post.counts, gone: false };
            (post.id.clone(), item)
        })
        .collect();
    let mut asked = 0;
    let polled = median(5, || {
        let began = Instant::now();
        for _ in 0..POLLS {
            let polled = runtime.block_on(ours.poll(account.clone(), memory.clone(), Reach::Full));
            asked = polled.requests;
            assert!(matches!(polled.outcome, Outcome::Observed(_)));
        }
        began.elapsed()
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let questions = [
        url.join("api/v1/accounts/111").unwrap(),
        url.join("api/v1/accounts/111/statuses?limit=40").unwrap(),
    ];
    let bare = median(5, || {
        let began = Instant::now();
        for _ in 0..POLLS {
            for question in questions.iter().cycle().take(asked as usize) {
                runtime.block_on(async {
                    black_box(client.get(question.clone()).send().await.unwrap().bytes().await.unwrap());
                });
            }
        }
        began.elapsed()
    });
    let rate = |time: Duration| f64::from(POLLS) / time.as_secs_f64();
    println!("\n{:<44}{:>12}{:>12}", "polls of a server on this machine", "polls/s", "requests");
    println!("{:<44}{:>12.0}{:>12}", "poller: asked, decoded, compared", rate(polled), asked);
    println!("{:<44}{:>12.0}{:>12}", "bare loop: asked", rate(bare), asked);
    println!("{:<44}{:>11.0}%", "part", 100.0 * rate(polled) / rate(bare));
}
