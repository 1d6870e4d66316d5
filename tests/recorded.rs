//! Real replies of real servers, read by the product's own decoders.
//!
//! The recordings are not part of the project: `CLOUTOP_RECORDED` names a folder with them, one folder in it
//! for each network. Without it nothing here can be tested, so this binary has no harness that would
//! call that a pass.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends at the first thing that is wrong")]

#[path = "support/script.rs"]
mod script;

use cloutop::channels::{Known, Memory};
use cloutop::exchange::Headers;
use cloutop::model::{Account, Figure, Metric, Observation, Outcome, Trouble};
use cloutop::schedule::Limits;
use script::{Line, account, file, play, words};
use serde_json::Value;
use std::path::{Path, PathBuf};

type Corpus = (&'static str, fn(&Path));

fn main() {
    let Some(folder) = std::env::var_os("CLOUTOP_RECORDED").map(PathBuf::from) else {
        println!("not run: CLOUTOP_RECORDED names no folder with recorded replies\n");
        return;
    };
    let corpora: [Corpus; 8] = [
        ("mastodon", mastodon),
        ("bluesky", bluesky),
        ("github", github),
        ("hackernews", hackernews),
        ("limits", limits),
        ("feeds", feeds),
        ("youtube", youtube),
        ("webmention", webmention),
    ];
    for (name, read) in corpora {
        read(&folder);
        println!("read as recorded: {name}");
    }
}

/// Every recording of a network must be spoken for.
fn all_named(folder: &Path, network: &str, named: &[&str]) {
    let mut unnamed: Vec<String> = std::fs::read_dir(folder.join(network))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".headers.txt") && !named.contains(&name.as_str()))
        .collect();
    unnamed.sort();
    assert!(unnamed.is_empty(), "recordings of {network} that nothing reads: {unnamed:?}");
}

/// The one recording whose name begins so.
fn only(folder: &Path, start: &str) -> String {
    let mut names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(start));
    let name = names.next().unwrap();
    assert_eq!(names.next(), None, "a second {start}");
    name
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn observed(account: Account, lines: Vec<Line>, what: &str) -> Observation {
    match play(account, Memory::default(), lines).polled.outcome {
        Outcome::Observed(observation) => *observation,
        Outcome::Gap(trouble) => panic!("{what}: {trouble:?}"),
    }
}

/// What is known by the second poll, of an account that had nothing at the first.
fn again() -> Memory {
    Memory { known: Known { polls: 1, ..Known::default() }, ..Memory::default() }
}

fn refused(account: Account, lines: Vec<Line>) -> Trouble {
    play(account, Memory::default(), lines).trouble()
}

fn mastodon(folder: &Path) {
    let path = |name: &str| folder.join("mastodon").join(name);
    let mut known = account("@somebody@recorded.example");
    known.base = Some("https://recorded.example/".parse().unwrap());
    let accounts = ["account_lookup_local_4.6.json", "account_remote_mastodon_social.json"];
    for name in accounts {
        let seen = observed(
            known.clone(),
            vec![words(200, "statuses", "[]"), file(200, "lookup", &path(name))],
            name,
        );
        assert!(seen.account.stable.is_some() && seen.account.native.is_some(), "{name}");
        assert_eq!(seen.profile.figures.len(), 1, "{name}: followers");
    }
    let lists = ["account_statuses_one_pinned.json", "account_statuses_page1_limit5.json"];
    let single = ["status_reblog.json", "status_remote_poll_cw.json", "status_quote_bridgy.json"];
    for name in lists.into_iter().chain(single) {
        let value = json(&path(name));
        let statuses = if value.is_array() { value } else { Value::Array(vec![value]) };
        let author = words(200, "accounts", &statuses[0]["account"].to_string());
        let page = words(200, "statuses", &statuses.to_string());
        let seen = observed(known.clone(), vec![page, author], name);
        assert!(!seen.posts.is_empty(), "{name}");
        // What somebody boosts of others is no post of theirs; here the booster is the author.
        let own = statuses.as_array().unwrap().iter().filter(|status| {
            status["reblog"].is_null() || status["reblog"]["account"]["id"] == status["account"]["id"]
        });
        assert_eq!(seen.posts.len(), own.count(), "{name}");
    }
    let context = json(&path("status_context.json"));
    for list in ["ancestors", "descendants"] {
        for status in context[list].as_array().unwrap() {
            let author = words(200, "accounts", &status["account"].to_string());
            let page = words(200, "statuses", &Value::Array(vec![status.clone()]).to_string());
            let seen = observed(known.clone(), vec![page, author], list);
            // Only what everybody may read is followed.
            let public = matches!(status["visibility"].as_str(), Some("public" | "unlisted"));
            assert_eq!(seen.posts.len(), usize::from(public), "{list}");
        }
    }
    for (status, name, trouble) in [
        (404, "error_404_lookup.json", Trouble::NotFound),
        (404, "error_404_route.json", Trouble::NotFound),
        (401, "error_401_invalid_token.json", Trouble::KeyNeeded),
    ] {
        assert_eq!(refused(known.clone(), vec![file(status, "lookup", &path(name))]), trouble, "{name}");
    }
    // Describes the server, which nothing in this program asks.
    let not_read = ["instance_v2_local.json"];
    let named: Vec<&str> = [&accounts[..], &lists, &single, &not_read]
        .concat()
        .into_iter()
        .chain([
            "status_context.json",
            "error_404_lookup.json",
            "error_404_route.json",
            "error_401_invalid_token.json",
        ])
        .collect();
    all_named(folder, "mastodon", &named);
}

fn bluesky(folder: &Path) {
    let path = |name: &str| folder.join("bluesky").join(name);
    let profile = json(&path("getProfiles.json"))["profiles"][0].clone();
    let did = profile["did"].as_str().unwrap().to_owned();
    let known = || account(&did);
    let profile = || words(200, "getProfile", &profile.to_string());
    let feed = file(200, "getAuthorFeed", &path("getAuthorFeed_50.json"));
    let seen =
        observed(known(), vec![profile(), words(200, "cursor=", r#"{"feed":[]}"#), feed], "author feed");
    assert_eq!(seen.account.stable.as_deref(), Some(did.as_str()));
    assert!(seen.profile.name.is_some());
    let own = json(&path("getAuthorFeed_50.json"))["feed"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["post"]["author"]["did"] == *did)
        .count();
    assert_eq!(seen.posts.len(), own, "every own post and no other");
    assert!(seen.posts.iter().all(|post| post.counts.get(cloutop::model::Metric::Likes).is_some()));
    // Posts by name, quotes and a thread hold posts in the same shape.
    let mut posts: Vec<Value> = Vec::new();
    for name in ["getPosts.json", "getQuotes.json"] {
        posts.extend(json(&path(name))["posts"].as_array().unwrap().iter().cloned());
    }
    let thread = json(&path("getPostThread.json"));
    posts.push(thread["thread"]["post"].clone());
    // Whoever answered or quoted is told.
    for (method, name) in [("getPostThread", "getPostThread.json"), ("getQuotes", "getQuotes.json")] {
        let post = &thread["thread"]["post"];
        let author = post["author"]["did"].as_str().unwrap();
        let mut post = post.clone();
        // Young enough that somebody asks.
        post["record"]["createdAt"] = script::now().to_rfc3339().into();
        post["indexedAt"] = post["record"]["createdAt"].clone();
        for counter in ["likeCount", "repostCount", "replyCount", "quoteCount"] {
            post[counter] = Value::from(0);
        }
        post[if method == "getQuotes" { "quoteCount" } else { "replyCount" }] = Value::from(1_000);
        let profile = serde_json::json!({ "did": author, "handle": "somebody.example.org" });
        let feed = serde_json::json!({ "feed": [{ "post": post }] });
        let lines = vec![
            words(200, "getProfile", &profile.to_string()),
            words(200, "getAuthorFeed", &feed.to_string()),
            file(200, method, &path(name)),
        ];
        let told = play(account(author), again(), lines).observation().acts.len();
        let listed = json(&path(name));
        let listed = listed["posts"].as_array().or_else(|| listed["thread"]["replies"].as_array()).unwrap();
        let others = listed.iter().filter(|one| {
            let one = one.get("post").unwrap_or(one);
            one["author"]["did"].as_str().is_some_and(|did| did != author)
        });
        assert_eq!(told, others.count(), "{name}");
    }
    for post in posts {
        let author = post["author"]["did"].as_str().unwrap();
        let profile = serde_json::json!({ "did": author, "handle": "somebody.example.org" });
        let feed = serde_json::json!({ "feed": [{ "post": post }] });
        let lines = vec![
            words(200, "getProfile", &profile.to_string()),
            words(200, "getAuthorFeed", &feed.to_string()),
        ];
        assert_eq!(observed(account(author), lines, "a post").posts.len(), 1);
    }
    let trouble = refused(known(), vec![file(400, "getProfile", &path("error_400_invalid_request.json"))]);
    assert!(matches!(trouble, Trouble::Malformed { .. }), "{trouble:?}");
    // A handle's DID comes with the profile, nothing asks for it alone.
    let not_read = "resolveHandle.json";
    all_named(
        folder,
        "bluesky",
        &[
            "getProfiles.json",
            "getAuthorFeed_50.json",
            "getPosts.json",
            "getQuotes.json",
            "getPostThread.json",
            "error_400_invalid_request.json",
            not_read,
        ],
    );
}

fn github(folder: &Path) {
    let path = |name: &str| folder.join("github").join(name);
    let known = || account("github:somebody");
    let users = ["user.json", "user_octocat_by_id.json", "user_2012_no_new_fields.json"];
    for name in users {
        let lines = vec![words(200, "/repos?", "[]"), file(200, "/users/", &path(name))];
        let seen = observed(known(), lines, name);
        assert!(seen.account.stable.is_some(), "{name}");
        assert_eq!(seen.profile.figures.len(), 2, "{name}: followers and stars");
    }
    let user = || file(200, "/users/", &path("user.json"));
    let seen = observed(
        known(),
        vec![words(200, "issues/comments", "[]"), file(200, "/repos?", &path("user_repos_p1.json")), user()],
        "repositories",
    );
    assert!(!seen.posts.is_empty());
    let one = Value::Array(vec![json(&path("repo_with_topics.json"))]).to_string();
    let lines = vec![words(200, "issues/comments", "[]"), words(200, "/repos?", &one), user()];
    assert_eq!(observed(known(), lines, "one repository").posts.len(), 1);
    let headers = |line: Line, name: &str| {
        let text = std::fs::read_to_string(path(name)).unwrap();
        text.lines()
            .skip(2)
            .filter_map(|line| line.split_once(": "))
            .fold(line, |line, (name, value)| line.header(name, value))
    };
    let trouble = |line| refused(known(), vec![line]);
    let limited = |trouble: Trouble| matches!(trouble, Trouble::RateLimited { until: Some(_) });
    let name = "error_403_rate_limit_2013";
    let line = file(403, "/users/", &path(&format!("{name}.json")));
    assert!(limited(trouble(headers(line, &format!("{name}.headers.txt")))));
    let name = "error_403_search_rate";
    let line = file(403, "/users/", &path(&format!("{name}.json")));
    assert!(limited(trouble(headers(line, &format!("{name}.headers.txt")))));
    for (status, name, expected) in [
        (401, "error_401_bad_credentials.json", Trouble::KeyNeeded),
        (403, "error_403_bad_user_agent.json", Trouble::Server { status: 403, until: None }),
        (404, "error_404.json", Trouble::NotFound),
        (502, "error_502.json", Trouble::Server { status: 502, until: None }),
    ] {
        assert_eq!(trouble(file(status, "/users/", &path(name))), expected, "{name}");
    }
    // A redirect's body, followed below the channel; limits and GraphQL, which nothing asks; events, which
    // tell what somebody did and not what they received.
    let not_read =
        ["repo_301_moved.json", "rate_limit.json", "graphql_query.json", "user_events_public.json"];
    let read = [
        "user_repos_p1.json",
        "repo_with_topics.json",
        "error_403_rate_limit_2013.json",
        "error_403_search_rate.json",
        "error_401_bad_credentials.json",
        "error_403_bad_user_agent.json",
        "error_404.json",
        "error_502.json",
    ];
    all_named(folder, "github", &[&users[..], &read, &not_read].concat());
}

fn hackernews(folder: &Path) {
    let path = |name: &str| folder.join("hackernews").join(name);
    let name = only(&folder.join("hackernews"), "user_");
    let login = json(&path(&name))["id"].as_str().unwrap().to_owned();
    let known = || account(&format!("hn:{login}"));
    let user = || file(200, "/v0/user/", &path(&name));
    let none = r#"{"hits":[],"nbHits":0}"#;
    let seen = observed(known(), vec![user(), words(200, "search_by_date", none)], "user");
    assert_eq!(seen.profile.figures.len(), 1, "karma");
    let items =
        ["story_8863_DOC.json", "ask_121003_DOC.json", "poll_126809_DOC.json", "comment_2921983_DOC.json"];
    let options = ["pollopt_160705_DOC.json"];
    for name in items.into_iter().chain(options) {
        let item = json(&path(name));
        let at = (script::now() - chrono::TimeDelta::hours(1)).timestamp();
        let hits = serde_json::json!({ "nbHits": 1, "hits": [{
            "objectID": item["id"].to_string(), "author": login, "title": "any", "points": 1, "num_comments": 0,
            "created_at_i": at, "_tags": ["story"],
        }] });
        let lines = vec![
            user(),
            words(200, "search_by_date", &hits.to_string()),
            file(200, "/v0/item/", &path(name)),
        ];
        let seen = observed(known(), lines, name);
        let points = seen.posts[0].counts.get(cloutop::model::Metric::Likes);
        let score = item["score"].as_u64();
        assert_eq!(points, Some(score.map_or(0, |score| score - 1)), "{name}");
    }
    // The changes of the whole site, which nothing here follows.
    let not_read = ["updates_DOC.json"];
    all_named(folder, "hackernews", &[&items[..], &options, &[name.as_str()], &not_read].concat());
}

/// Every set of headers is one the schedule understands.
fn limits(folder: &Path) {
    for network in ["mastodon", "bluesky", "github"] {
        for entry in std::fs::read_dir(folder.join(network)).unwrap() {
            let path = entry.unwrap().path();
            if !path.to_string_lossy().ends_with(".headers.txt") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap().to_ascii_lowercase();
            let pairs = text.lines().filter_map(|line| line.split_once(": "));
            let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let limits = Limits::read(&Headers::new(pairs), script::now());
            let has = |name: &str| text.contains(&format!("ratelimit-{name}: "));
            assert_eq!(limits.limit.is_some(), has("limit"), "{}", path.display());
            assert_eq!(limits.remaining.is_some(), has("remaining"), "{}", path.display());
            assert_eq!(limits.reset.is_some(), has("reset"), "{}", path.display());
            assert_eq!(limits.retry.is_some(), text.contains("retry-after: "), "{}", path.display());
        }
    }
}

fn feeds(folder: &Path) {
    for (network, name, counted) in [
        ("feed", "atom_example_2.xml", false),
        // Its `slash:comments` is there and empty: unknown, which is not zero.
        ("feed", "rss1_iso8859_slash_comments.xml", false),
        ("feed", "rss2_encoding.xml", false),
        ("wordpress", "feed_rss_slash_comments.xml", true),
        ("wordpress", "feed_wirecutter_slash_comments.xml", true),
        ("blogger", "feed_atom_EXCERPT_3_entries.xml", true),
        ("jsonfeed", "feed_1_1.json", false),
        ("ghost", "feed.xml", false),
        ("medium", "feed_content_encoded.xml", false),
        ("substack", "feed.xml", false),
        ("podcast", "feed_anchorfm.xml", false),
        ("podcast", "feed_spreaker.xml", false),
    ] {
        let lines = vec![
            words(404, "wp-json", "{}"),
            words(404, "comments/feed", ""),
            words(404, "public-api.wordpress.com", "{}"),
            file(200, "recorded.example/any", &folder.join(network).join(name)),
        ];
        let seen = observed(account("feed:recorded.example/any"), lines, name);
        assert!(!seen.posts.is_empty(), "{network}/{name}");
        assert!(seen.posts.iter().all(|post| !post.id.0.is_empty()), "{network}/{name}");
        let counts = seen.posts.iter().any(|post| post.counts.get(cloutop::model::Metric::Replies).is_some());
        assert_eq!(counts, counted, "{network}/{name}: comment counts");
    }
    all_named(
        folder,
        "feed",
        &["atom_example_2.xml", "rss1_iso8859_slash_comments.xml", "rss2_encoding.xml"],
    );
    all_named(folder, "wordpress", &["feed_rss_slash_comments.xml", "feed_wirecutter_slash_comments.xml"]);
}

/// What is public without a key: the feed. Beside it the numbers of a channel, which come as text.
fn youtube(folder: &Path) {
    let path = |name: &str| folder.join("youtube").join(name);
    let id = "UCabcdefghijklmnopqrstuv";
    let lines = vec![
        file(200, "videos.xml", &path("feed_channel.xml")),
        words(200, "/channel/", &format!("<html>\"externalId\":\"{id}\"</html>")),
    ];
    let seen = observed(account(&format!("youtube:{id}")), lines, "feed");
    assert_eq!(seen.posts.len(), 1, "feed");
    let counts = seen.posts[0].counts;
    assert!(counts.get(Metric::Likes).is_some() && counts.get(Metric::Views).is_some(), "feed");
    let name = "channels_list_2023.json";
    let lines = vec![
        file(200, "channels", &path(name)),
        file(200, "playlistItems", &path("playlist_items.json")),
        file(200, "videos", &path("videos_list_with_statistics.json")),
    ];
    let played = script::play_as(
        script::Script::with_key(lines),
        account(&format!("youtube:{id}")),
        Memory::default(),
    );
    let seen = played.observation();
    let subscribers =
        json(&path(name))["items"][0]["statistics"]["subscriberCount"].as_str().unwrap().parse();
    assert_eq!(seen.profile.figures, [(Figure::Followers, subscribers.unwrap())], "{name}");
    let counts = seen.posts.first().map(|post| post.counts);
    assert!(counts.is_none_or(|counts| counts.get(Metric::Likes).is_some()), "videos");
    let refused = script::play_as(
        script::Script::with_key(vec![file(403, "", &path("error_403_permission.json"))]),
        account(&format!("youtube:{id}")),
        Memory::default(),
    );
    assert!(matches!(refused.trouble(), Trouble::Unauthorized), "error_403_permission.json");
}

fn webmention(folder: &Path) {
    let name = "mentions_jf2_DOC.json";
    let lines = vec![file(200, "mentions.jf2", &folder.join("webmention").join(name))];
    let seen = observed(account("webmention:recorded.example/page"), lines, name);
    assert_eq!((seen.acts.len(), seen.posts.len()), (1, 1), "{name}");
    assert_eq!(seen.posts[0].counts.get(Metric::Reshares), Some(1), "{name}");
}
