#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Alerts arrive where they should, once, as the services want them; and whatever a place does, it delays
//! no other and learns no secret.

#[path = "support/sink.rs"]
mod sink;

use chrono::TimeDelta;
use cloutop::alerts::Alert;
use cloutop::clock::Clock;
use cloutop::deliver::terminal::{Speech, Terminal};
use cloutop::deliver::web::{Discord, Matrix, Ntfy, Pushover, Service, Slack, Verdict, Webhook};
use cloutop::deliver::{
    Address, BadPlace, Delivered, Deliverer, Limits, Means, Outcome, Place, Report, Settings, Undelivered,
    document,
};
use cloutop::exchange::Headers;
use cloutop::http;
use cloutop::http::Authorization;
use cloutop::model::{Time, time};
use secrecy::SecretString;
use sink::{Answer, Sink, says};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use url::Url;

/// 2026-03-03 14:32:07.
fn start() -> Time {
    time(1_772_548_327_000)
}

fn alert() -> Alert {
    Alert {
        key: "bump/YOU/2026-03-03T14:32:07Z".to_owned(),
        at: start(),
        kind: "bump".to_owned(),
        symbol: Some("YOU".to_owned()),
        title: "YOU ▲ +2.87 <Show HN> & more".to_owned(),
        body: "HN 103 points\nGH 30 stars".to_owned(),
        url: Some(Url::parse("https://news.example/item?id=1&x=2").unwrap()),
        points: Some(2.87),
    }
}

fn numbered(n: usize) -> Arc<Alert> {
    let symbol = ["ADA", "BOB", "CY"][n % 3];
    Arc::new(Alert {
        key: format!("k{n}"),
        symbol: Some(symbol.to_owned()),
        title: format!("{symbol} {n}"),
        body: String::new(),
        url: None,
        ..alert()
    })
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn bearer(token: &str) -> Authorization {
    Authorization::Bearer(secret(token))
}

/// One service of each kind at a server that takes them all. Everything secret contains "s3cret".
fn services(at: &str) -> Vec<(&'static str, Box<dyn Service>)> {
    let webhook = |path: &str| address(&format!("{at}{path}"));
    vec![
        (
            "ntfy",
            Box::new(Ntfy::new(address(at), &secret("s3cret-topic"), Some(bearer("tk_s3cret"))).unwrap()),
        ),
        (
            "pushover",
            Box::new(Pushover::new(address(at), &secret("s3cret-token"), &secret("s3cret-user"), 0).unwrap()),
        ),
        ("slack", Box::new(Slack::new(webhook("/services/T0/B0/s3cret-path")))),
        ("discord", Box::new(Discord::new(webhook("/api/webhooks/1/s3cret-path")))),
        (
            "matrix",
            Box::new(
                Matrix::new(address(at), &secret("s3cret-token"), "!room:hs.example".to_owned()).unwrap(),
            ),
        ),
        (
            "webhook",
            Box::new(Webhook::new(webhook("/in?token=s3cret-query"), Some(&secret("s3cret-token"))).unwrap()),
        ),
    ]
}

fn service(name: &str, at: &str) -> Box<dyn Service> {
    services(at).into_iter().find(|(known, _)| *known == name).unwrap().1
}

// ---------------------------------------------------------------------------------------- what is said

#[track_caller]
fn said(name: &str, alert: &Alert, body: &str) {
    assert_eq!(service(name, "https://a.example").post(alert).body, body);
}

#[test]
fn payloads_to_the_byte() {
    said(
        "ntfy",
        &alert(),
        r#"{"topic":"s3cret-topic","title":"YOU ▲ +2.87 <Show HN> & more","message":"HN 103 points\nGH 30 stars","priority":3,"tags":["chart_with_upwards_trend"],"click":"https://news.example/item?id=1&x=2"}"#,
    );
    said(
        "pushover",
        &alert(),
        r#"{"token":"s3cret-token","user":"s3cret-user","message":"HN 103 points\nGH 30 stars","title":"YOU ▲ +2.87 <Show HN> & more","url":"https://news.example/item?id=1&x=2","priority":0,"timestamp":1772548327}"#,
    );
    said(
        "slack",
        &alert(),
        r#"{"text":"YOU ▲ +2.87 &lt;Show HN&gt; &amp; more\nHN 103 points\nGH 30 stars\n<https://news.example/item?id=1&amp;x=2|open>"}"#,
    );
    said(
        "discord",
        &alert(),
        r#"{"content":"YOU ▲ +2.87 \\<Show HN\\> & more","username":"cloutop","embeds":[{"title":"news.example","description":"HN 103 points\nGH 30 stars","url":"https://news.example/item?id=1&x=2","timestamp":"2026-03-03T14:32:07.000Z"}],"allowed_mentions":{"parse":[]}}"#,
    );
    said(
        "matrix",
        &alert(),
        r#"{"msgtype":"m.notice","body":"YOU ▲ +2.87 <Show HN> & more\nHN 103 points\nGH 30 stars\nhttps://news.example/item?id=1&x=2","format":"org.matrix.custom.html","formatted_body":"<b>YOU ▲ +2.87 &lt;Show HN&gt; &amp; more</b><br>HN 103 points<br>GH 30 stars<br><a href=\"https://news.example/item?id=1&amp;x=2\">open</a>","m.mentions":{}}"#,
    );
    said(
        "webhook",
        &alert(),
        r#"{"schema":"cloutop/alert/1","key":"bump/YOU/2026-03-03T14:32:07Z","at":"2026-03-03T14:32:07.000Z","kind":"bump","symbol":"YOU","title":"YOU ▲ +2.87 <Show HN> & more","body":"HN 103 points\nGH 30 stars","url":"https://news.example/item?id=1&x=2","points":2.87}"#,
    );
}

#[test]
fn payloads_of_a_title_alone() {
    let bare = Alert { symbol: None, body: String::new(), url: None, points: None, ..alert() };
    let bare = Alert { title: "fedi.example halted".to_owned(), kind: "halt".to_owned(), ..bare };
    said(
        "ntfy",
        &bare,
        r#"{"topic":"s3cret-topic","message":"fedi.example halted","priority":3,"tags":["warning"]}"#,
    );
    said(
        "pushover",
        &bare,
        r#"{"token":"s3cret-token","user":"s3cret-user","message":"fedi.example halted","priority":0,"timestamp":1772548327}"#,
    );
    said("slack", &bare, r#"{"text":"fedi.example halted"}"#);
    said(
        "discord",
        &bare,
        r#"{"content":"fedi.example halted","username":"cloutop","allowed_mentions":{"parse":[]}}"#,
    );
    said(
        "matrix",
        &bare,
        r#"{"msgtype":"m.notice","body":"fedi.example halted","format":"org.matrix.custom.html","formatted_body":"<b>fedi.example halted</b>","m.mentions":{}}"#,
    );
    said(
        "webhook",
        &bare,
        r#"{"schema":"cloutop/alert/1","key":"bump/YOU/2026-03-03T14:32:07Z","at":"2026-03-03T14:32:07.000Z","kind":"halt","symbol":null,"title":"fedi.example halted","body":"","url":null,"points":null}"#,
    );
}

#[test]
fn addresses_methods_and_authorization() {
    let post = |name| service(name, "https://a.example").post(&alert());
    assert_eq!(post("ntfy").url.as_str(), "https://a.example/");
    assert_eq!(post("pushover").url.as_str(), "https://a.example/1/messages.json");
    // JSON at a topic's own address would be shown as it is.
    let below = Ntfy::new(address("https://ntfy.example/topic?x=1"), &secret("topic"), None).unwrap();
    assert_eq!(below.post(&alert()).url.as_str(), "https://ntfy.example/");
    assert_eq!(post("slack").url.as_str(), "https://a.example/services/T0/B0/s3cret-path");
    assert_eq!(post("discord").url.as_str(), "https://a.example/api/webhooks/1/s3cret-path?wait=true");
    assert_eq!(post("webhook").url.as_str(), "https://a.example/in?token=s3cret-query");
    let matrix = post("matrix");
    assert_eq!(matrix.method, http::Method::Put);
    let path = "/_matrix/client/v3/rooms/%21room%3Ahs.example/send/m.room.message/cloutop-";
    let transaction =
        matrix.url.path().strip_prefix(path).unwrap_or_else(|| panic!("{}", matrix.url)).to_owned();
    assert_eq!(transaction.len(), 32);
    assert_eq!(post("matrix").url, matrix.url, "the same alert is the same transaction");
    let other = service("matrix", "https://a.example").post(&numbered(1)).url;
    assert_ne!(other, matrix.url);
    // A thread that the address names stays named.
    let thread = Discord::new(address("https://a.example/w?thread_id=7&wait=false")).post(&alert());
    assert_eq!(thread.url.query(), Some("wait=true&thread_id=7"));
}

#[test]
fn places_that_cannot_be_are_refused() {
    let at = || address("https://a.example");
    let room = |room: &str| Matrix::new(at(), &secret("t"), room.to_owned()).unwrap_err();
    assert_eq!(room("#alias:hs.example"), BadPlace::NoRoom);
    assert_eq!(room("!"), BadPlace::NoRoom);
    assert_eq!(room("!a b"), BadPlace::NoRoom);
    assert!(Matrix::new(at(), &secret("t"), "!v12-ids-have-no-server".to_owned()).is_ok());
    assert_eq!(Ntfy::new(at(), &secret(" "), None).unwrap_err(), BadPlace::Missing("topic"));
    let garbled = Webhook::new(at(), Some(&secret("s3cret\r\nx-other: 1"))).unwrap_err();
    assert_eq!(garbled, BadPlace::Garbled("token"));
    let user = Pushover::new(at(), &secret("t"), &secret(""), 2).unwrap_err();
    assert_eq!(user, BadPlace::Missing("user"));
    // 2 would have to be acknowledged, and would be refused without further fields.
    let loud = Pushover::new(at(), &secret("t"), &secret("u"), 2).unwrap().post(&alert());
    assert!(loud.body.contains("\"priority\":1,"));
}

/// Everything a stranger can write into a title.
fn hostile() -> Alert {
    let words = "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{9b}2J\r\n@everyone <!channel> <@1> @room [a](https://evil.example) \
                 \u{202e}a;b\u{0} \"quoted\" \\ </b><script>";
    let long = "x".repeat(10_000);
    Alert {
        title: format!("{words} {long}"),
        body: format!("{words}\n\u{1b}\n{}", format!("{words} {long}\n").repeat(50)),
        url: Some(Url::parse("javascript:alert(1)").unwrap()),
        ..alert()
    }
}

#[test]
fn hostile_words_do_no_harm_anywhere() {
    let longest = [("ntfy", 20_000), ("pushover", 6_000), ("discord", 6_000), ("slack", 20_000)];
    for (name, service) in services("https://a.example") {
        let body = service.post(&hostile()).body;
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let mut texts = Vec::new();
        strings(&value, &mut texts);
        for text in &texts {
            let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
            assert!(!text.contains(bad), "{name}: {text:?}");
            assert!(!text.contains("javascript:"), "{name}");
            assert!(!text.contains("owned"), "{name}: remains of a sequence in {text:?}");
        }
        let most = longest.iter().find(|(known, _)| *known == name).map_or(30_000, |(_, most)| *most);
        assert!(body.len() < most, "{name}: {} bytes", body.len());
    }
    let said = |name: &str| -> serde_json::Value {
        serde_json::from_str(&service(name, "https://a.example").post(&hostile()).body).unwrap()
    };
    let length = |value: &serde_json::Value| value.as_str().unwrap().chars().count();
    let ntfy = said("ntfy");
    assert!(ntfy["message"].as_str().unwrap().len() <= 4_096);
    let pushover = said("pushover");
    assert!(length(&pushover["message"]) <= 1_024 && length(&pushover["title"]) <= 250);
    let discord = said("discord");
    assert_eq!(discord["allowed_mentions"], serde_json::json!({"parse": []}));
    assert!(length(&discord["content"]) <= 2_000 && length(&discord["embeds"][0]["description"]) <= 4_096);
    let content = discord["content"].as_str().unwrap();
    assert!(content.contains("\\[a\\]\\(https://evil.example\\)"), "a link that says what it is: {content}");
    let slack = said("slack")["text"].as_str().unwrap().to_owned();
    assert!(slack.contains("&lt;!channel&gt;") && !slack.contains('<'), "{slack}");
    let matrix = said("matrix");
    assert_eq!(matrix["m.mentions"], serde_json::json!({}), "@room calls nobody");
    assert!(!matrix["formatted_body"].as_str().unwrap().contains("<script"));
}

fn strings(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| strings(field, found)),
        _ => {}
    }
}

// ------------------------------------------------------------------------------- what an answer means

#[derive(Debug, PartialEq)]
enum Class {
    Taken,
    /// Seconds, where the server names them.
    Later(Option<i64>),
    Refused,
    Misconfigured,
    Strange,
}

#[track_caller]
fn judged(name: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Class {
    let headers = Headers::new(headers.iter().copied());
    let answer = http::Answer { status, headers, body: body.as_bytes().to_vec() };
    match service(name, "https://a.example").judge(&answer, start()) {
        Verdict::Taken => Class::Taken,
        Verdict::Later { until, .. } => Class::Later(until.map(|until| (until - start()).num_seconds())),
        Verdict::Refused { .. } => Class::Refused,
        Verdict::Misconfigured { .. } => Class::Misconfigured,
        Verdict::Strange { .. } => Class::Strange,
    }
}

#[test]
fn every_answer_is_understood() {
    use Class::{Later, Misconfigured, Refused, Strange, Taken};
    let retry = [("Retry-After", "30")];
    for (name, _) in services("https://a.example") {
        assert_eq!(judged(name, 500, &[], ""), Later(None), "{name}");
        assert_eq!(judged(name, 503, &retry, "<html>"), Later(Some(30)), "{name}");
        assert_eq!(judged(name, 404, &[], "x"), Misconfigured, "{name}");
        assert_eq!(judged(name, 410, &[], "x"), Misconfigured, "{name}");
        assert_eq!(judged(name, 401, &[], "x"), Misconfigured, "{name}");
        assert_eq!(judged(name, 400, &[], "x"), Refused, "{name}");
        assert_eq!(judged(name, 302, &[("Location", "https://b.example/")], ""), Refused, "{name}");
        assert_eq!(judged(name, 301, &[("Location", "https://b.example/")], ""), Misconfigured, "{name}");
    }
    let date = [("Retry-After", "Tue, 03 Mar 2026 14:34:07 GMT")];
    for (name, status, headers, body, class) in [
        ("ntfy", 200, &[][..], r#"{"id":"sPs71M8A2T","event":"message"}"#, Taken),
        ("ntfy", 200, &[], "<html>log in</html>", Strange),
        ("ntfy", 429, &[], r#"{"code":42901,"http":429,"error":"limit reached: x"}"#, Later(None)),
        ("ntfy", 429, &date, "", Later(Some(120))),
        ("ntfy", 403, &[], r#"{"code":40301,"http":403,"error":"forbidden"}"#, Misconfigured),
        ("pushover", 200, &[], r#"{"status":1,"request":"uuid"}"#, Taken),
        ("pushover", 200, &[], r#"{"status":0,"request":"uuid"}"#, Strange),
        ("pushover", 400, &[], r#"{"user":"invalid","errors":["x"],"status":0}"#, Misconfigured),
        ("pushover", 400, &[], r#"{"message":"cannot be blank","errors":["x"],"status":0}"#, Refused),
        ("pushover", 408, &[], "", Refused),
        ("pushover", 429, &[("X-Limit-App-Reset", "1772551927")], r#"{"status":0}"#, Later(Some(3_600))),
        ("slack", 200, &[], "ok", Taken),
        ("slack", 200, &[], "<html>", Strange),
        ("slack", 400, &[], "invalid_payload", Refused),
        ("slack", 403, &[], "action_prohibited", Misconfigured),
        ("slack", 404, &[], "no_service", Misconfigured),
        ("slack", 410, &[], "channel_is_archived", Misconfigured),
        ("slack", 429, &retry, "", Later(Some(30))),
        ("discord", 204, &[], "", Taken),
        ("discord", 200, &[], r#"{"id":"1"}"#, Taken),
        ("discord", 429, &retry, r#"{"message":"slow","retry_after":64.57,"global":false}"#, Later(Some(64))),
        ("discord", 200, &[], "<html>", Strange),
        ("discord", 429, &retry, "", Later(Some(30))),
        ("discord", 429, &retry, r#"{"retry_after":-1e300}"#, Later(Some(30))),
        ("matrix", 200, &[], r#"{"event_id":"$x"}"#, Taken),
        ("matrix", 200, &[], "{}", Strange),
        ("matrix", 401, &[], r#"{"errcode":"M_UNKNOWN_TOKEN","error":"x"}"#, Misconfigured),
        ("matrix", 403, &[], r#"{"errcode":"M_FORBIDDEN","error":"x"}"#, Misconfigured),
        ("matrix", 429, &[], r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}"#, Later(Some(2))),
        ("matrix", 429, &retry, r#"{"errcode":"M_LIMIT_EXCEEDED"}"#, Later(Some(30))),
        ("webhook", 202, &[], "", Taken),
    ] {
        assert_eq!(judged(name, status, headers, body), class, "{name} {status} {body}");
    }
}

// --------------------------------------------------------------------------------- places that are servers

/// Limits for servers on this machine: pauses are short, patience is not tried.
fn quick() -> Limits {
    Limits { pause: Duration::from_millis(1), patience: Duration::from_millis(500), ..Limits::default() }
}

fn web(name: &str, service: impl Service + 'static) -> Place {
    Place { name: name.to_owned(), means: Means::Web(Box::new(service)) }
}

fn webhook(name: &str, sink: &Sink) -> Place {
    web(name, Webhook::new(address(&sink.at("/in/s3cret-path")), None).unwrap())
}

struct Run {
    deliverer: Deliverer,
    reports: mpsc::Receiver<Report>,
    screen: mpsc::Receiver<Vec<u8>>,
}

impl Run {
    fn start(places: Vec<Place>, limits: Limits) -> Self {
        Self::with(places, limits, Clock::System, Terminal { speech: Speech::Bell, tmux: None }, Vec::new())
    }

    fn with(
        places: Vec<Place>,
        limits: Limits,
        clock: Clock,
        terminal: Terminal,
        delivered: Vec<(String, String)>,
    ) -> Self {
        let (reporter, reports) = mpsc::channel(4_096);
        let (writer, screen) = mpsc::channel(64);
        let settings = Settings {
            places,
            delivered,
            limits,
            allow_http: Vec::new(),
            clock,
            terminal,
            screen: Some(writer),
            reports: reporter,
        };
        Self { deliverer: Deliverer::start(settings).unwrap(), reports, screen }
    }

    fn tell(&self, n: usize, places: &[&str]) {
        self.deliverer.deliver(&numbered(n), places.iter().copied());
    }

    async fn outcome(&mut self) -> Outcome {
        match self.reports.recv().await.unwrap() {
            Report::Outcome(outcome) => outcome,
            dropped @ Report::Dropped { .. } => panic!("{dropped}"),
        }
    }

    /// Ends it; what was reported until then and not read.
    async fn stop(mut self) -> Vec<Report> {
        self.deliverer.stop().await;
        let mut rest = Vec::new();
        while let Some(report) = self.reports.recv().await {
            rest.push(report);
        }
        rest
    }
}

const ONCE: Result<Delivered, Undelivered> = Ok(Delivered::Sent { tries: 1 });

/// On the second try.
const TWICE: Result<Delivered, Undelivered> = Ok(Delivered::Sent { tries: 2 });

#[tokio::test]
async fn what_goes_over_the_wire() {
    for (name, good) in [
        ("ntfy", r#"{"id":"x"}"#),
        ("pushover", r#"{"status":1}"#),
        ("slack", "ok"),
        ("discord", r#"{"id":"1"}"#),
        ("matrix", r#"{"event_id":"$x"}"#),
        ("webhook", ""),
    ] {
        let sink = Sink::start(vec![says(200, "", good)]);
        let place = Place { name: name.to_owned(), means: Means::Web(service(name, &sink.at(""))) };
        let mut run = Run::start(vec![place], quick());
        run.deliverer.deliver(&Arc::new(alert()), [name]);
        let outcome = run.outcome().await;
        assert_eq!((outcome.place.as_str(), outcome.result), (name, ONCE));
        assert_eq!(outcome.key, alert().key);
        let (head, body) = sink.told().remove(0);
        assert_eq!(body, service(name, &sink.at("")).post(&alert()).body);
        assert!(head.starts_with(if name == "matrix" { "PUT /_matrix" } else { "POST /" }), "{head}");
        let head = head.to_lowercase();
        assert!(head.contains("content-type: application/json\r\n"), "{head}");
        assert!(head.contains("user-agent: cloutop/"), "{head}");
        let token = match name {
            "ntfy" => "authorization: bearer tk_s3cret\r\n",
            "matrix" | "webhook" => "authorization: bearer s3cret-token\r\n",
            _ => "",
        };
        assert_eq!(head.contains("authorization"), !token.is_empty(), "{name}: {head}");
        assert!(head.contains(token), "{name}: {head}");
    }
}

#[tokio::test]
async fn basic_authorization_for_ntfy() {
    let sink = Sink::start(vec![says(200, "", r#"{"id":"x"}"#)]);
    let basic = Authorization::Basic { user: "ada".to_owned(), password: secret("s3cret") };
    let ntfy = Ntfy::new(address(&sink.at("/")), &secret("topic"), Some(basic)).unwrap();
    let mut run = Run::start(vec![web("ntfy", ntfy)], quick());
    run.tell(1, &["ntfy"]);
    assert_eq!(run.outcome().await.result, ONCE);
    assert!(sink.told()[0].0.to_lowercase().contains("authorization: basic ywrhonmzy3jlda==\r\n"));
}

#[tokio::test]
async fn a_server_that_recovers_is_tried_again() {
    let sink = Sink::start(vec![says(500, "", "no"), says(200, "", "")]);
    let mut run = Run::start(vec![webhook("hook", &sink)], quick());
    run.tell(1, &["hook"]);
    assert_eq!(run.outcome().await.result, TWICE);
    assert_eq!(sink.count(), 2);
}

#[tokio::test]
async fn three_tries_and_no_more() {
    let sink = Sink::start(vec![says(502, "", "<html>bad gateway</html>")]);
    let mut run = Run::start(vec![webhook("hook", &sink)], quick());
    run.tell(1, &["hook"]);
    let outcome = run.outcome().await;
    let host = sink.address;
    assert_eq!(outcome.result, Err(Undelivered::Failed(format!("{host} answered 502"))));
    assert!(!outcome.settled(), "it may be handed in again");
    assert_eq!(sink.count(), 3);
    // What did not arrive is not remembered as if it had.
    run.tell(1, &["hook"]);
    run.outcome().await;
    assert_eq!(sink.count(), 6);
}

#[tokio::test]
async fn a_server_that_asks_for_a_moment_gets_it() {
    let limited = says(429, "", r#"{"message":"slow down","retry_after":0.15,"global":false}"#);
    let sink = Sink::start(vec![limited, says(204, "", "")]);
    let mut run = Run::start(vec![web("discord", Discord::new(address(&sink.at("/w"))))], quick());
    let began = std::time::Instant::now();
    run.tell(1, &["discord"]);
    assert_eq!(run.outcome().await.result, TWICE);
    assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_server_that_asks_for_an_hour_gets_it() {
    let sink = Sink::start(vec![says(429, "Retry-After: 3600", ""), says(200, "", "")]);
    let mut run = Run::start(vec![webhook("hook", &sink)], quick());
    run.tell(1, &["hook"]);
    let result = run.outcome().await.result;
    assert_eq!(result, Err(Undelivered::Failed(format!("{} answered 429", sink.address))));
    run.tell(2, &["hook"]);
    let rest = run.stop().await;
    assert_eq!(sink.count(), 1, "an hour has not passed");
    assert!(
        matches!(&rest[..], [Report::Outcome(Outcome { result: Err(Undelivered::Quit), .. })]),
        "{rest:?}"
    );
}

#[tokio::test]
async fn a_place_that_is_not_there_is_left_alone() {
    for status in [404, 410, 401, 301] {
        let sink = Sink::start(vec![says(status, "Location: https://b.example/", "no_service")]);
        let mut run = Run::start(vec![web("slack", Slack::new(address(&sink.at("/s3cret"))))], quick());
        run.tell(1, &["slack"]);
        let Err(Undelivered::Stopped(what)) = run.outcome().await.result else { panic!("{status}") };
        assert!(what.starts_with(&sink.address.to_string()), "{what}");
        run.tell(2, &["slack"]);
        assert_eq!(run.outcome().await.result, Err(Undelivered::Stopped(what)));
        assert_eq!(sink.count(), 1, "{status}: nothing more goes there");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Sink::start(vec![says(200, "", "")]);
    let to: &'static str = format!("Location: {}", other.at("/")).leak();
    for status in [301, 302, 303, 307, 308] {
        let sink = Sink::start(vec![says(status, to, "")]);
        let mut run = Run::start(vec![webhook("hook", &sink)], quick());
        run.tell(1, &["hook"]);
        assert!(run.outcome().await.result.is_err());
        assert_eq!(sink.count(), 1);
    }
    assert_eq!(other.count(), 0);
}

/// What may have arrived is not said again, unless the server knows it from before.
#[tokio::test]
async fn silence_is_not_answered_by_saying_it_twice() {
    let limits = Limits { answer: Duration::from_millis(200), ..quick() };
    for (answer, words) in [(Answer::Silence, "did not answer within 0.2 s"), (Answer::Hangup, "broke off")] {
        let sink = Sink::start(vec![answer]);
        let mut run = Run::start(vec![webhook("hook", &sink)], limits.clone());
        run.tell(1, &["hook"]);
        let outcome = run.outcome().await;
        let Err(Undelivered::Perhaps(what)) = &outcome.result else { panic!("{outcome:?}") };
        assert!(what.contains(words), "{what}");
        assert!(outcome.settled());
        run.tell(1, &["hook"]);
        assert!(run.stop().await.is_empty());
        assert_eq!(sink.count(), 1);
    }
    let sink = Sink::start(vec![Answer::Silence, says(200, "", r#"{"event_id":"$x"}"#)]);
    let matrix = Matrix::new(address(&sink.at("")), &secret("t"), "!r:hs".to_owned()).unwrap();
    let mut run = Run::start(vec![web("matrix", matrix)], limits);
    run.tell(1, &["matrix"]);
    assert_eq!(run.outcome().await.result, TWICE);
    let heads: Vec<String> =
        sink.told().into_iter().map(|(head, _)| head.lines().next().unwrap().to_owned()).collect();
    assert_eq!(heads[0], heads[1], "the same transaction");
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_never_answers() {
    let silent = Sink::start(vec![Answer::Silence]);
    let good = Sink::start(vec![says(200, "", "")]);
    let limits = Limits { grace: Duration::from_millis(50), ..Limits::default() };
    let mut run = Run::start(vec![webhook("silent", &silent), webhook("good", &good)], limits);
    for n in 0..4 {
        run.tell(n, &["silent", "good"]);
        let outcome = run.outcome().await;
        assert_eq!((outcome.place.as_str(), outcome.result), ("good", ONCE));
    }
    let began = std::time::Instant::now();
    let rest = run.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let perhaps =
        rest.iter().filter(|report| matches!(report, Report::Outcome(outcome) if outcome.settled()));
    assert_eq!((rest.len(), perhaps.count()), (4, 1), "one was under way, three had not begun: {rest:?}");
}

#[tokio::test]
async fn a_server_that_is_down_or_has_no_encryption() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/s3cret-path", gone.local_addr().unwrap());
    drop(gone);
    let plain = Sink::start(vec![says(200, "", "")]);
    let secure = format!("https://{}/s3cret-path", plain.address);
    let places = vec![
        web("down", Webhook::new(address(&url), None).unwrap()),
        web("plain", Webhook::new(address(&secure), None).unwrap()),
    ];
    let mut run = Run::start(places, quick());
    for (place, words) in [("down", "refuses the connection"), ("plain", "broke off the connection")] {
        run.tell(1, &[place]);
        let Err(Undelivered::Failed(what)) = run.outcome().await.result else { panic!("{place}") };
        assert!(what.contains(words), "{what}");
    }
    run.tell(1, &["nowhere"]);
    assert_eq!(run.outcome().await.result, Err(Undelivered::Failed("there is no such place".to_owned())));
}

/// Servers that quote what they were told, in every way they have.
#[tokio::test]
async fn secrets_stand_in_no_message() {
    for name in services("https://a.example").into_iter().map(|(name, _)| name) {
        let mut quotes = service(name, "https://a.example").secrets().join(" ");
        assert!(quotes.contains("s3cret"), "{name}");
        quotes.push_str(&format!(" {}", quotes.replace("s3cret", "s3\u{1b}[0mcr\u{200b}et")));
        let quoting = serde_json::json!({
            "error": quotes, "errors": [quotes], "message": quotes, "errcode": quotes, "user": "x"
        });
        for answer in [
            says(400, "", &quoting.to_string()),
            says(401, "", &quoting.to_string()),
            says(429, "", &quoting.to_string()),
            says(500, "", &quotes),
            says(200, "", &quotes),
            says(404, "", "s3cret-path"),
            says(308, "Location: https://b.example/s3cret-path", ""),
            Answer::Hangup,
        ] {
            let sink = Sink::start(vec![answer]);
            let place = Place { name: name.to_owned(), means: Means::Web(service(name, &sink.at(""))) };
            let mut printed = format!("{place:?} {:?}", service(name, &sink.at("")).post(&alert()));
            let mut run = Run::start(vec![place], quick());
            run.deliverer.deliver(&Arc::new(alert()), [name]);
            let outcome = run.outcome().await;
            printed.push_str(&format!(
                "{outcome:?} {} {:?}",
                Report::Outcome(outcome.clone()),
                run.deliverer
            ));
            assert!(!printed.contains("s3cret"), "{printed}");
            assert!(!printed.contains(|c: char| c.is_control()), "one line: {printed}");
        }
    }
}

// ------------------------------------------------------------------------------ storms, twice, full, the end

fn bell() -> Place {
    Place { name: "bell".to_owned(), means: Means::Bell }
}

fn desktop() -> Place {
    Place { name: "desktop".to_owned(), means: Means::Desktop }
}

#[tokio::test(start_paused = true)]
async fn a_storm_is_five_notifications_a_summary_and_one_bell() {
    let terminal = Terminal { speech: Speech::Osc777, tmux: Some(None) };
    let clock = Clock::virtual_from(start(), 1.0);
    let mut run = Run::with(vec![desktop(), bell()], Limits::default(), clock, terminal, Vec::new());
    for n in 0..1_000 {
        run.tell(n, &["desktop", "bell"]);
    }
    let mut outcomes = Vec::new();
    for _ in 0..2_000 {
        outcomes.push(run.outcome().await);
    }
    assert_eq!(clock.now() - start(), TimeDelta::seconds(60));
    let desktop: Vec<_> = outcomes.iter().filter(|outcome| outcome.place == "desktop").collect();
    let folded = desktop.iter().filter(|outcome| outcome.result == Ok(Delivered::Folded { of: 995 })).count();
    let single = desktop.iter().filter(|outcome| outcome.result == ONCE).count();
    assert_eq!((single, folded), (5, 995));
    let mut keys: Vec<_> = desktop.iter().map(|outcome| &outcome.key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 1_000);
    run.deliverer.stop().await;
    let mut written = Vec::new();
    while let Some(bytes) = run.screen.recv().await {
        written.push(String::from_utf8(bytes).unwrap());
    }
    let all = written.concat();
    assert_eq!(all.matches('\u{7}').count(), 1, "one bell, whoever rings it");
    let told: Vec<_> = written.iter().filter(|text| text.contains("777")).collect();
    assert_eq!(told.len(), 6);
    assert_eq!(
        told[5],
        "\u{1b}Ptmux;\u{1b}\u{1b}]777;notify;995 more: CY, ADA, BOB;bump 995\u{1b}\u{1b}\\\u{1b}\\"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_twice() {
    let clock = Clock::virtual_from(start(), 1.0);
    let terminal = Terminal { speech: Speech::Osc9, tmux: None };
    let before = vec![("desktop".to_owned(), "k1".to_owned()), ("bell".to_owned(), "k2".to_owned())];
    let mut run = Run::with(vec![desktop(), bell()], Limits::default(), clock, terminal, before);
    run.tell(1, &["desktop"]);
    run.tell(2, &["desktop", "desktop"]);
    run.tell(2, &["desktop"]);
    let outcome = run.outcome().await;
    assert_eq!((outcome.key.as_str(), outcome.result), ("k2", ONCE));
    run.tell(2, &["desktop"]);
    // The same key is news at another place.
    run.tell(1, &["bell"]);
    let outcome = run.outcome().await;
    assert_eq!((outcome.key.as_str(), outcome.place.as_str()), ("k1", "bell"));
    assert!(run.stop().await.is_empty(), "what is known is not reported again");
}

#[tokio::test(start_paused = true)]
async fn ten_seconds_between_two_bells_at_any_places() {
    let clock = Clock::virtual_from(start(), 1.0);
    let terminal = Terminal { speech: Speech::Bell, tmux: None };
    let mut run = Run::with(vec![desktop(), bell()], Limits::default(), clock, terminal, Vec::new());
    let expected = [ONCE, Ok(Delivered::Quiet), Ok(Delivered::Quiet), ONCE];
    for (n, (seconds, place)) in
        [(0, "bell"), (4, "desktop"), (5, "bell"), (1, "desktop")].into_iter().enumerate()
    {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        run.tell(n, &[place]);
        assert_eq!(run.outcome().await.result, expected[n], "{n}");
    }
    assert_eq!(run.screen.recv().await.unwrap(), [7]);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_and_says_so_in_one_line() {
    let clock = Clock::virtual_from(start(), 1.0);
    let terminal = Terminal { speech: Speech::Osc777, tmux: None };
    let limits = Limits { queue: 3, singles: 1, ..Limits::default() };
    let mut run = Run::with(vec![desktop()], limits, clock, terminal, Vec::new());
    for n in 0..10 {
        run.tell(n, &["desktop"]);
    }
    let dropped = run.reports.recv().await.unwrap();
    assert_eq!(dropped, Report::Dropped { place: "desktop".to_owned(), count: 7 });
    assert_eq!(dropped.to_string(), "desktop: 7 alerts were dropped, too many at once");
    assert_eq!(run.outcome().await.result, ONCE);
    for _ in 0..2 {
        assert_eq!(run.outcome().await.result, Ok(Delivered::Folded { of: 2 }));
    }
    run.screen.recv().await.unwrap();
    let summary = String::from_utf8(run.screen.recv().await.unwrap()).unwrap();
    assert!(summary.contains("9 more: BOB, CY;bump 2, not looked at 7"), "{summary}");
    // What was dropped was not told, so it may come again.
    run.tell(9, &["desktop"]);
    assert_eq!(run.outcome().await.key, "k9");
}

#[tokio::test]
async fn it_stops_in_time_though_nobody_reads_the_reports() {
    let silent = Sink::start(vec![Answer::Silence]);
    let (reports, mut unread) = mpsc::channel(1);
    let settings = Settings {
        places: vec![webhook("silent", &silent), bell()],
        delivered: Vec::new(),
        limits: Limits::default(),
        allow_http: Vec::new(),
        clock: Clock::System,
        terminal: Terminal { speech: Speech::Bell, tmux: None },
        screen: None,
        reports,
    };
    let deliverer = Deliverer::start(settings).unwrap();
    for n in 0..20 {
        deliverer.deliver(&numbered(n), ["silent", "bell"]);
    }
    let first = unread.recv().await.unwrap();
    assert_eq!(first.to_string(), "bell: there is no terminal");
    let began = std::time::Instant::now();
    deliverer.stop().await;
    assert!(began.elapsed() <= Duration::from_millis(2_200), "{:?}", began.elapsed());
}

#[tokio::test]
async fn two_places_of_one_name_are_refused() {
    let (reports, _unread) = mpsc::channel(1);
    let settings = Settings {
        places: vec![bell(), bell()],
        delivered: Vec::new(),
        limits: Limits::default(),
        allow_http: Vec::new(),
        clock: Clock::System,
        terminal: Terminal { speech: Speech::Bell, tmux: None },
        screen: None,
        reports,
    };
    assert_eq!(Deliverer::start(settings).unwrap_err().to_string(), "two places are called bell");
}

// -------------------------------------------------------------------------------------- the terminal's bytes

#[test]
fn notifications_to_the_byte() {
    let short =
        Alert { title: "YOU ▲ +2.87; now".to_owned(), body: "HN 103\nGH 30; more".to_owned(), ..alert() };
    let bare = Alert { body: String::new(), ..short.clone() };
    let (on, off, unknown) = (Some(Some(true)), Some(Some(false)), Some(None));
    for (speech, tmux, alert, bytes) in [
        (Speech::Osc777, None, &short, "\x1b]777;notify;YOU ▲ +2.87, now;HN 103 GH 30, more\x1b\\"),
        (Speech::Osc777, None, &bare, "\x1b]777;notify;YOU ▲ +2.87, now;\x1b\\"),
        (Speech::Osc9, None, &short, "\x1b]9;YOU ▲ +2.87, now: HN 103 GH 30, more\x1b\\"),
        (Speech::Osc9, None, &bare, "\x1b]9;YOU ▲ +2.87, now\x1b\\"),
        (Speech::Bell, None, &short, "\x07"),
        (Speech::Osc9, on, &bare, "\x1bPtmux;\x1b\x1b]9;YOU ▲ +2.87, now\x1b\x1b\\\x1b\\\x07"),
        (Speech::Osc9, unknown, &bare, "\x1bPtmux;\x1b\x1b]9;YOU ▲ +2.87, now\x1b\x1b\\\x1b\\\x07"),
        (Speech::Osc777, off, &short, "\x07"),
        (Speech::Bell, on, &short, "\x07"),
    ] {
        let terminal = Terminal { speech, tmux };
        assert_eq!(String::from_utf8(terminal.notification(alert, true)).unwrap(), bytes, "{terminal:?}");
        let quiet = String::from_utf8(terminal.notification(alert, false)).unwrap();
        assert_eq!(quiet, bytes.trim_end_matches('\u{7}'), "the same without the bell");
    }
    let bytes = Terminal { speech: Speech::Osc9, tmux: None }.notification(&hostile(), true);
    assert!(bytes.len() < 1_200, "{}", bytes.len());
}

// ------------------------------------------------------------------------------------------------- hooks

#[cfg(unix)]
mod hooks {
    use super::*;
    use cloutop::deliver::Hook;
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    /// A script in a folder of its own.
    fn script(folder: &Path, text: &str) -> String {
        let path = folder.join("hook.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        "~/hook.sh".to_owned()
    }

    fn hook(folder: &Path, text: &str, arguments: &[&str]) -> Place {
        let mut argv = vec![script(folder, text)];
        argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let environment = [
            ("PATH", "/usr/bin:/bin"),
            ("LANG", "C"),
            ("CLOUTOP_KEY_GITHUB", "s3cret"),
            ("GITHUB_TOKEN", "s3cret"),
            ("DB_PASSWORD", "s3cret"),
            ("https_proxy", "http://ada:s3cret@proxy.example"),
            ("EDITOR", "ed"),
        ]
        .map(|(name, value)| (name.into(), value.into()));
        let hook = Hook::new(&argv, Some(folder), environment).unwrap();
        Place { name: "hook".to_owned(), means: Means::Hook(hook) }
    }

    /// A program may be in the middle of being started by another test while this one writes its script, and
    /// then the script is "busy" for as long. That is the test's doing, not the hook's.
    async fn told(run: &mut Run, n: usize) -> Outcome {
        loop {
            run.tell(n, &["hook"]);
            let outcome = run.outcome().await;
            if !matches!(&outcome.result, Err(Undelivered::Failed(what)) if what.contains("busy")) {
                return outcome;
            }
        }
    }

    /// Whoever is killed is dead soon; a test that waits for ever says nothing.
    async fn in_time(ended: impl Future<Output = Option<()>>) {
        tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_hook_reads_the_alert_and_has_no_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let text = "cat > \"$(dirname \"$0\")/told\"; env > \"$(dirname \"$0\")/env\"; printf '%s|' \"$@\" > \"$(dirname \"$0\")/argv\"";
        let place = hook(folder.path(), text, &["one two", "$HOME; `id`"]);
        let mut run = Run::start(vec![place], Limits::default());
        assert_eq!(told(&mut run, 1).await.result, ONCE);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("told"), format!("{}\n", document(&numbered(1))));
        assert_eq!(read("argv"), "one two|$HOME; `id`|", "no shell has read them");
        let environment = read("env");
        assert!(environment.contains("EDITOR=ed\n") && environment.contains("LANG=C\n"), "{environment}");
        assert!(!environment.contains("s3cret"), "{environment}");
        assert!(!environment.contains("CARGO"), "nothing but what it was given: {environment}");
    }

    #[tokio::test]
    async fn a_hook_that_fails_says_why() {
        let folder = tempfile::tempdir().unwrap();
        // It does not read what it is told, and talks more than any pipe holds.
        let text = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; printf '\\nno \\033[31msuch room\\n' >&2; exit 3";
        let mut run = Run::start(vec![hook(folder.path(), text, &[])], Limits::default());
        let result = told(&mut run, 1).await.result;
        assert_eq!(result, Err(Undelivered::Failed("hook.sh ended with 3: no such room".to_owned())));
    }

    #[tokio::test]
    async fn a_hook_that_hangs_is_killed_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // The pipe ends when the last one who holds it is dead.
        let text = "exec 3> \"$(dirname \"$0\")/pipe\"; sleep 1000 & sleep 1000";
        let limits = Limits { hook: Duration::from_millis(300), ..Limits::default() };
        let good = Sink::start(vec![says(200, "", "")]);
        let mut run = Run::start(vec![hook(folder.path(), text, &[]), webhook("good", &good)], limits);
        let (end, mut ended) = mpsc::channel(1);
        std::thread::spawn(move || {
            std::fs::File::open(pipe).unwrap().read_to_end(&mut Vec::new()).unwrap();
            end.blocking_send(()).unwrap();
        });
        run.tell(7, &["good"]);
        assert_eq!(run.outcome().await.place, "good");
        let outcome = told(&mut run, 1).await;
        let what = "hook.sh did not end within 0.3 s and was killed".to_owned();
        assert_eq!(outcome.result, Err(Undelivered::Perhaps(what)));
        assert!(outcome.settled());
        in_time(ended.recv()).await;
    }

    #[tokio::test]
    async fn a_hook_that_hangs_holds_up_neither_the_others_nor_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let text = "exec 3> \"$(dirname \"$0\")/pipe\"; echo up >&3; sleep 1000 & sleep 1000";
        let good = Sink::start(vec![says(200, "", "")]);
        let place = hook(folder.path(), text, &[]);
        let limits = Limits { grace: Duration::from_millis(50), ..Limits::default() };
        let mut run = Run::start(vec![place, webhook("good", &good)], limits);
        let (up, mut is_up) = mpsc::channel(2);
        std::thread::spawn(move || {
            let mut pipe = std::fs::File::open(pipe).unwrap();
            pipe.read_exact(&mut [0; 3]).unwrap();
            up.blocking_send(()).unwrap();
            pipe.read_to_end(&mut Vec::new()).unwrap();
            up.blocking_send(()).unwrap();
        });
        run.tell(1, &["hook", "good"]);
        is_up.recv().await.unwrap();
        let outcome = run.outcome().await;
        assert_eq!((outcome.place.as_str(), outcome.result), ("good", ONCE));
        let began = std::time::Instant::now();
        let rest = run.stop().await;
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(rest.len(), 1, "{rest:?}");
        in_time(is_up.recv()).await;
    }

    #[tokio::test]
    async fn a_hook_may_leave_something_running() {
        let folder = tempfile::tempdir().unwrap();
        // The child holds the error output for as long as this one holds the pipe.
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let text = "cat \"$(dirname \"$0\")/pipe\" & echo done >&2";
        let mut run = Run::start(vec![hook(folder.path(), text, &[])], Limits::default());
        assert_eq!(told(&mut run, 1).await.result, ONCE);
        // Somebody still reads there, or this would wait for ever.
        drop(std::fs::File::options().write(true).open(pipe).unwrap());
    }

    #[tokio::test]
    async fn a_hook_that_is_not_there_stops_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let there = |argv: &str| {
            let hook = Hook::new(&[argv.to_owned()], Some(folder.path()), []).unwrap();
            vec![Place { name: "hook".to_owned(), means: Means::Hook(hook) }]
        };
        let mut run = Run::start(there("~/nothing"), Limits::default());
        run.tell(1, &["hook"]);
        let missing = Undelivered::Stopped("there is no program nothing".to_owned());
        assert_eq!(run.outcome().await.result, Err(missing));
        std::fs::write(folder.path().join("text"), "no program").unwrap();
        let mut run = Run::start(there("~/text"), Limits::default());
        run.tell(1, &["hook"]);
        let refused = Undelivered::Stopped("text may not be run".to_owned());
        assert_eq!(run.outcome().await.result, Err(refused));
        assert!(Hook::new(&[], None, []).is_err());
        assert!(Hook::new(&["  ".to_owned()], None, []).is_err());
    }
}
