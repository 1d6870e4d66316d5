#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! A key goes where its API looks for it, and is found nowhere else: not in a reply, an error, a log, the store, or
//! anything that is printed.

#[path = "support/server.rs"]
mod server;
#[path = "support/sink.rs"]
mod sink;

use cloutop::channels;
use cloutop::config::Keys;
use cloutop::exchange::{Body, Grant, GrantStyle, Place, Reply, Request, Stage};
use cloutop::http::{Fetch, Http};
use cloutop::model::{KeyNeed, Network, Time, Trouble};
use server::{Server, json, reply};
use sink::{Sink, says};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use url::Url;

/// A key that is good for every place: a name and a secret.
const KEY: &str = "ada:pk-7f3d-not-to-be-seen";

/// The same as HTTP Basic has it.
const BASIC: &str = "YWRhOnBrLTdmM2Qtbm90LXRvLWJlLXNlZW4=";

/// What servers give for it.
const TOKEN: &str = "tk-91ab-not-to-be-seen";

const GRANTED: &str =
    r#"{"access_token":"tk-91ab-not-to-be-seen","token":"tk-91ab-not-to-be-seen","expires_in":3600}"#;

#[track_caller]
fn hidden(told: &str, what: &str) {
    for secret in ["not-to-be-seen", BASIC.trim_end_matches('=')] {
        assert!(!told.contains(secret), "{what}: {told}");
    }
}

fn now() -> Time {
    "2026-03-02T10:30:00Z".parse().unwrap()
}

fn http() -> Http {
    let environment = [("CLOUTOP_KEY_GITHUB".to_owned(), KEY.to_owned())];
    Http::new(Keys::of(environment), Vec::new()).unwrap()
}

fn ask_at(http: &Http, request: Request, now: Time) -> Result<Reply, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(http.fetch(request, now));
    let error = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
    hidden(&format!("{answer:?} {error} {http:?}"), "an answer");
    answer
}

fn ask(http: &Http, request: Request) -> Result<Reply, Trouble> {
    ask_at(http, request, now())
}

fn at(url: &str, place: &Place) -> Request {
    let url = Url::parse(&format!("{url}?page=2")).unwrap();
    let request = Request::json(url, Stage::Profile).with_key_as("github", place.clone());
    match place {
        Place::Field(_) => request.with_body(Body::Form(vec![("page", "2".to_owned())])),
        _ => request,
    }
}

fn grant(sink: &Sink, style: GrantStyle) -> Place {
    Place::Grant(Grant { at: Url::parse(&sink.at("/token")).unwrap(), style, named_in: Some("client-id") })
}

/// Every place but the exchanged one, and how the server finds the key there.
fn places() -> [(Place, String); 5] {
    [
        (Place::Bearer, format!("authorization: Bearer {KEY}")),
        (Place::Scheme("Bot"), format!("authorization: Bot {KEY}")),
        (Place::Header("x-api-key"), format!("x-api-key: {KEY}")),
        (Place::Query("key"), format!("/me?page=2&key={}", KEY.replace(':', "%3A"))),
        (Place::Field("key"), format!("key={}", KEY.replace(':', "%3A"))),
    ]
}

fn whole((head, body): &(String, String)) -> String {
    format!("{head}{body}")
}

#[test]
fn a_key_goes_where_its_api_looks_for_it_and_stays_there() {
    for (place, found) in places() {
        for status in [200, 401, 403, 429, 500] {
            let sink = Sink::start(vec![says(status, "etag: \"1\"", "{}")]);
            let answer = ask(&http(), at(&sink.at("/me"), &place)).unwrap();
            assert!(whole(&sink.told()[0]).contains(&found), "{place:?}: {:?}", sink.told());
            assert!(answer.keyed && answer.status == status);
            assert_eq!(answer.url.as_str(), sink.at("/me?page=2"));
            hidden(&format!("{:?}", answer.validator()), "a validator");
        }
    }
}

#[test]
fn errors_below_http_hold_no_key() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sink = Sink::start(vec![sink::Answer::Hangup]);
    let exchange = [GrantStyle::Basic, GrantStyle::Form, GrantStyle::Login].map(|style| grant(&sink, style));
    for place in places().map(|(place, _)| place).into_iter().chain(exchange) {
        let unreachable = ask(&http(), at(&format!("http://{closed}/me"), &place)).unwrap_err();
        assert!(matches!(unreachable, Trouble::Unreachable { .. }), "{place:?}: {unreachable:?}");
        let broken = ask(&http(), at(&sink.at("/me"), &place)).unwrap_err();
        assert!(matches!(broken, Trouble::Unreachable { .. }), "{place:?}: {broken:?}");
        let clear = ask(&http(), at(&sink.at("/me").replace("http:", "https:"), &place)).unwrap_err();
        assert!(!matches!(clear, Trouble::Unauthorized), "{place:?}: {clear:?}");
        let far = ask(&http(), at("http://social.example/me", &place));
        assert!(matches!(far, Err(Trouble::Tls { .. } | Trouble::Unreachable { .. })), "{place:?}: {far:?}");
    }
}

/// A server that sends on with the question as it was asked sends the key along, unless that is taken out.
#[test]
fn a_redirect_takes_no_key_to_another_host() {
    for (place, found) in places() {
        let other = Sink::start(vec![says(200, "", "{}")]);
        let repeated = if matches!(place, Place::Query(_)) { format!("&key={KEY}") } else { String::new() };
        let to = format!("location: {}{repeated}", other.at("/elsewhere?page=2"));
        let first = Sink::start(vec![says(301, Box::leak(to.into_boxed_str()), "")]);
        let answer = ask(&http(), at(&first.at("/me"), &place)).unwrap();
        assert!(whole(&first.told()[0]).contains(&found), "{place:?}");
        assert!(!answer.keyed);
        assert_eq!(answer.url.as_str(), other.at("/elsewhere?page=2"));
        hidden(&format!("{:?}", other.told()), "the other host");
    }
}

#[test]
fn a_redirect_on_the_same_host_keeps_the_key_and_the_address_does_not_show_it() {
    let found = format!("/new?page=3&key={}", KEY.replace(':', "%3A"));
    let location = format!("location: /new?page=3&key={KEY}");
    let sink = Sink::start(vec![says(308, Box::leak(location.into_boxed_str()), ""), says(200, "", "{}")]);
    let answer = ask(&http(), at(&sink.at("/me"), &Place::Query("key"))).unwrap();
    assert!(answer.keyed && answer.moved);
    assert_eq!(answer.url.as_str(), sink.at("/new?page=3"));
    assert!(sink.told()[1].0.contains(&found), "{:?}", sink.told());
}

#[test]
fn a_name_and_a_secret_are_exchanged_once() {
    for (style, found) in [
        (GrantStyle::Basic, format!("authorization: Basic {BASIC}")),
        (GrantStyle::Form, "client_id=ada&client_secret=pk-7f3d-not-to-be-seen".to_owned()),
        (GrantStyle::Login, r#"{"password":"pk-7f3d-not-to-be-seen","username":"ada"}"#.to_owned()),
    ] {
        let tokens = Sink::start(vec![says(200, "", GRANTED)]);
        let sink = Sink::start(vec![says(200, "", "{}")]);
        let http = http();
        for _ in 0..3 {
            assert!(ask(&http, at(&sink.at("/me"), &grant(&tokens, style))).unwrap().keyed);
        }
        assert_eq!((tokens.count(), sink.count()), (1, 3), "{style:?}");
        assert!(whole(&tokens.told()[0]).contains(&found), "{style:?}: {:?}", tokens.told());
        for told in sink.told() {
            assert!(told.0.contains(&format!("authorization: Bearer {TOKEN}")), "{told:?}");
            assert!(told.0.contains("client-id: ada"), "{told:?}");
            assert!(!told.0.contains("pk-7f3d"), "{told:?}");
        }
        // A minute before it ends it is given up.
        ask_at(&http, at(&sink.at("/me"), &grant(&tokens, style)), now() + chrono::TimeDelta::minutes(58))
            .unwrap();
        assert_eq!(tokens.count(), 1, "{style:?}");
        ask_at(&http, at(&sink.at("/me"), &grant(&tokens, style)), now() + chrono::TimeDelta::minutes(59))
            .unwrap();
        assert_eq!(tokens.count(), 2, "{style:?}");
    }
}

#[test]
fn a_token_that_is_refused_is_forgotten() {
    let tokens = Sink::start(vec![says(200, "", GRANTED)]);
    let sink = Sink::start(vec![says(200, "", "{}"), says(401, "", "{}"), says(200, "", "{}")]);
    let http = http();
    let statuses: Vec<u16> = (0..3)
        .map(|_| ask(&http, at(&sink.at("/me"), &grant(&tokens, GrantStyle::Form))).unwrap().status)
        .collect();
    assert_eq!((statuses, tokens.count()), (vec![200, 401, 200], 2));
}

#[test]
fn an_exchange_that_fails_says_so_without_the_secret() {
    let sink = Sink::start(vec![says(200, "", "{}")]);
    let quoted = format!("{{\"access_token\":7,\"{KEY}\":\"{TOKEN}\"}}");
    for (status, body, trouble) in [
        (400, KEY, Trouble::Unauthorized),
        (401, KEY, Trouble::Unauthorized),
        (403, KEY, Trouble::Unauthorized),
        (429, KEY, Trouble::RateLimited { until: None }),
        (500, KEY, Trouble::Server { status: 500, until: None }),
        (302, KEY, Trouble::Server { status: 302, until: None }),
        (200, KEY, Trouble::malformed("the answer holds no token")),
        (200, &quoted, Trouble::malformed("the answer holds no token")),
    ] {
        let tokens = Sink::start(vec![says(status, "location: /elsewhere", body)]);
        let told = ask(&http(), at(&sink.at("/me"), &grant(&tokens, GrantStyle::Basic))).unwrap_err();
        assert_eq!(told, trouble, "{status} {body}");
        assert_eq!(tokens.count(), 1, "{status}: nobody is followed with a secret");
    }
    // A key without a colon is no pair, and a token that is no header is none.
    let tokens = Sink::start(vec![says(200, "", r#"{"access_token":"a\nb-not-to-be-seen"}"#)]);
    assert_eq!(
        ask(&http(), at(&sink.at("/me"), &grant(&tokens, GrantStyle::Basic))).unwrap_err(),
        Trouble::Unauthorized
    );
    let single = Keys::of([("CLOUTOP_KEY_GITHUB".to_owned(), "not-to-be-seen".to_owned())]);
    let single = Http::new(single, Vec::new()).unwrap();
    let told = ask(&single, at(&sink.at("/me"), &grant(&tokens, GrantStyle::Basic))).unwrap_err();
    assert_eq!((told, tokens.count(), sink.count()), (Trouble::Unauthorized, 1, 0));
}

/// A person on one account, read by the program itself.
struct Home(tempfile::TempDir);

impl Home {
    fn new(network: Network, account: &str, server: &Server) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let switch = if network.0.opt_in.is_some() { "on = true\n" } else { "" };
        let cap = if network.0.price.is_some() { "monthly_cap = 5.00\n" } else { "" };
        let config = format!(
            "[networks.{network}]\n{switch}{cap}api = \"{}\"\n\n[[people]]\nsymbol = \"ADA\"\nchannels = [\"{account}\"]\n",
            server.url()
        );
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        let keys = home.path().join("keys.toml");
        std::fs::write(
            &keys,
            format!("{network} = \"{KEY}\"\n\"{network}@{}\" = \"{KEY}\"\n", server.address),
        )
        .unwrap();
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What a command prints and says, and how it ended.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_cloutop"))
            .args(arguments)
            .env_clear()
            .env("CLOUTOP_CONFIG", self.path().join("config.toml"))
            .env("CLOUTOP_DATA_DIR", self.path().join("data"))
            .env("CLOUTOP_LOG", self.path().join("data.log"))
            .env("CLOUTOP_LOG_LEVEL", "trace")
            .env("RUST_BACKTRACE", "full")
            // Whatever is not on this machine is nowhere.
            .env("ALL_PROXY", "http://127.0.0.1:9")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap_or(-1), format!("{out}{err}"))
    }

    /// Every file that is left but the keys themselves, with its name.
    fn left(&self) -> Vec<(String, Vec<u8>)> {
        let mut folders = vec![self.path().to_owned()];
        let mut left = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("keys.toml") {
                    left.push((path.display().to_string(), std::fs::read(path).unwrap()));
                }
            }
        }
        left
    }
}

/// Bodies by a part of what is asked.
type Answers = Vec<(String, Vec<u8>)>;

/// An account of a network, and what its server answers.
fn case(network: Network) -> Option<(String, Answers)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replies").join(network.id());
    let table: toml::Table =
        toml::from_str(&std::fs::read_to_string(folder.join("cases.toml")).ok()?).unwrap();
    let cases = table["case"].as_array()?;
    let good =
        cases.iter().find(|case| case.get("expect").and_then(|expect| expect.get("trouble")).is_none())?;
    let answers = good["answers"].as_array()?.iter().map(|answer| {
        let body = match (answer.get("file"), answer.get("body")) {
            (Some(file), _) => std::fs::read(folder.join(file.as_str().unwrap())).unwrap(),
            (_, Some(body)) => body.as_str().unwrap().as_bytes().to_vec(),
            _ => Vec::new(),
        };
        (answer["to"].as_str().unwrap().to_owned(), body)
    });
    let account = channels::parse(good["add"].as_str()?, &|_| false).ok()?.remove(0);
    Some((account.address(), answers.collect()))
}

/// Whole polls of every network that takes a key and needs no further configuration: read, refused, failed, and with
/// nobody there. Then everything that is left of them is looked through.
#[test]
fn nothing_that_a_poll_leaves_behind_holds_a_key() {
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    for channel in channels::all() {
        let network = channel.network();
        if network.0.key == KeyNeed::No {
            continue;
        }
        let Some((account, answers)) = case(network) else { continue };
        for status in [200, 401, 500] {
            let lines = answers.clone();
            let server = Server::start(move |head| {
                let first = head.lines().next().unwrap_or_default();
                match lines.iter().find(|(part, _)| first.contains(part)) {
                    Some((_, body)) if status == 200 => json(body),
                    _ if status == 200 => json(GRANTED.as_bytes()),
                    // Servers that repeat what they were told.
                    _ => reply(status, &[("content-type", "application/json")], head.as_bytes()),
                }
            });
            let home = Home::new(network, &account, &server);
            if home.run(&["config", "check"]).0 != 0 {
                continue;
            }
            let mut told = String::new();
            let commands = [
                &["poll", "--once"][..],
                &["doctor", "--json"],
                &["poll", "--once", "--json"],
                &["posts", "ADA", "--json"],
                &["doctor"],
                &["key", "list", "--json"],
            ];
            // What can be said of a failure is said by the first two.
            for arguments in commands.into_iter().take(if status == 200 { commands.len() } else { 2 }) {
                let _ = writeln!(told, "{}", home.run(arguments).1);
            }
            hidden(&told, &format!("{network}, {status}"));
            for (name, bytes) in home.left() {
                let text = String::from_utf8_lossy(&bytes);
                hidden(&text, &format!("{network}, {status}: {name}"));
                if name.ends_with("data.log") {
                    assert!(text.contains("asking"), "{network}: a log at trace level tells of questions");
                    for line in text.lines() {
                        assert!(
                            line.contains(" cloutop"),
                            "{network}: only our own words are logged: {line}"
                        );
                    }
                }
            }
            let keyed = server.asked().iter().filter(|head| head.contains("not-to-be-seen")).count();
            *asked.entry(network.id()).or_default() += keyed;
        }
    }
    for network in ["github", "mastodon"] {
        assert!(asked.contains_key(network), "{network} was not asked: {asked:?}");
    }
    for (network, keyed) in asked {
        if network == "bluesky" {
            // Its key is for being told, by the user's own server; what is polled is public.
            assert_eq!(keyed, 0, "{network} saw a key");
            continue;
        }
        let used = channels::first_key(channels::network(network).unwrap(), None);
        // The server keeps heads alone.
        if !used.is_some_and(|used| matches!(used.place, Place::Field(_))) {
            assert!(keyed > 0, "{network} never saw a key");
        }
    }
}
