//! Every channel, read through the product's own poller from saved replies of invented people.
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

#[path = "support/script.rs"]
mod script;

use chrono::TimeDelta;
use cloutop::channels::{Known, KnownItem, Memory};
use cloutop::model::{
    Act, Actor, Counts, Figure, ItemId, Metric, Notice, Observation, Post, PostKind, Trouble,
};
use script::{Script, account, now, play, play_as, saved, status, words};

fn memory(polls: u64, items: &[(&str, &str)]) -> Memory {
    let items = items.iter().map(|(id, published)| {
        let item =
            KnownItem { published: published.parse().unwrap(), counts: Counts::default(), gone: false };
        (ItemId::from(*id), item)
    });
    Memory { known: Known { polls, items: items.collect(), ..Known::default() }, ..Memory::default() }
}

fn post<'o>(observation: &'o Observation, id: &str) -> &'o Post {
    observation.posts.iter().find(|post| post.id.0.ends_with(id)).unwrap_or_else(|| panic!("no post {id}"))
}

fn counts(post: &Post) -> [Option<u64>; 4] {
    [Metric::Likes, Metric::Reshares, Metric::Replies, Metric::Quotes].map(|metric| post.counts.get(metric))
}

/// What is known after a poll that saw this, but for one event of each of these, which are new since.
fn known_but(seen: &Observation, new: &[(&str, Metric)]) -> Memory {
    let items = seen.posts.iter().map(|post| {
        let mut counts = post.counts;
        for (_, metric) in new.iter().filter(|(id, _)| post.id.0.ends_with(id)) {
            counts.set(*metric, counts.get(*metric).map(|count| count - 1));
        }
        (post.id.clone(), KnownItem { published: post.published, counts, gone: false })
    });
    let since = Some("2026-02-15T00:00:00Z".parse().unwrap());
    let known = Known { polls: 3, items: items.collect(), since, ..Known::default() };
    Memory { known, ..Memory::default() }
}

/// Who did what when, in the order in which they were told.
fn others(observation: &Observation) -> Vec<(&str, Metric, &str, Option<String>)> {
    let acts = observation.acts.iter().filter_map(|act| match &act.actor {
        Actor::Other(actor) => Some((actor.as_str(), act.metric, act)),
        Actor::Own => None,
    });
    acts.map(|(actor, metric, act)| {
        let item = act.item.0.rsplit('/').next().unwrap_or_default();
        (actor, metric, item, act.at.map(|at| at.format("%dT%H:%M:%S").to_string()))
    })
    .collect()
}

fn tone(observation: &Observation, actor: &str) -> Option<f64> {
    observation.acts.iter().find(|act| act.actor == Actor::Other(actor.to_owned())).and_then(|act| act.tone)
}

fn own_acts(observation: &Observation) -> Vec<(Metric, String)> {
    let own = observation.acts.iter().filter(|act| act.actor == Actor::Own);
    let mut acts: Vec<_> =
        own.map(|act| (act.metric, act.item.0.rsplit('/').next().unwrap_or_default().to_owned())).collect();
    acts.sort();
    acts
}

mod bluesky {
    use super::*;

    const DID: &str = "did:plc:vtq5ilam4kzx7wq3hn2ybj6e";

    #[test]
    fn an_account_and_its_posts() {
        let played = play(
            account("ada.example.org"),
            Memory::default(),
            vec![saved("getProfile", "bluesky/profile.json"), saved("getAuthorFeed", "bluesky/feed.json")],
        );
        assert_eq!(played.asked.len(), 2);
        assert!(played.asked[0].ends_with("getProfile?actor=ada.example.org"));
        assert!(played.asked[1].contains("actor=did%3Aplc%3Avtq5ilam4kzx7wq3hn2ybj6e&limit=100"));
        let seen = played.observation();
        assert_eq!(seen.account.stable.as_deref(), Some(DID));
        assert_eq!(seen.profile.name.as_deref(), Some("Ada Lindqvist"));
        assert_eq!(seen.profile.figures, [(Figure::Followers, 1204)]);
        assert!(seen.complete, "no cursor: nothing older is missing");
        assert_eq!(seen.posts.len(), 7, "reposts of others are no posts");
        assert_eq!(counts(post(&seen, "3first")), [Some(20), Some(3), Some(5), Some(1)]);
        assert_eq!(counts(post(&seen, "3bare")), [None; 4], "absent is not zero");
        assert_eq!(post(&seen, "3reply").kind, PostKind::Reply);
        assert_eq!(post(&seen, "3first").url.as_deref().map(|url| url.contains(DID)), Some(true));
        let published = post(&seen, "3future").published;
        assert_eq!(
            published.to_rfc3339(),
            "2026-02-28T10:00:00+00:00",
            "a false date is bounded by the index"
        );
    }

    #[test]
    fn acts_on_oneself_are_told_apart() {
        let played = play(
            account("ada.example.org"),
            Memory::default(),
            vec![saved("getProfile", "bluesky/profile.json"), saved("getAuthorFeed", "bluesky/feed.json")],
        );
        let first = || "3first".to_owned();
        assert_eq!(
            own_acts(&played.observation()),
            [
                (Metric::Reshares, first()),
                (Metric::Replies, first()),
                (Metric::Quotes, first()),
                (Metric::Quotes, first()),
            ]
        );
    }

    /// Somebody who reposts a page full still has posts of their own below it.
    #[test]
    fn a_page_of_nothing_but_reposts_is_not_the_end() {
        let page = "{\"cursor\": \"below\", \"feed\": [{\"post\": {\"uri\": \
                    \"at://did:plc:othersothersothersother22/app.bsky.feed.post/3x\", \"author\": {\"did\": \
                    \"did:plc:othersothersothersother22\", \"handle\": \"b.example\"}, \"record\": {\"text\": \"x\", \
                    \"createdAt\": \"2020-01-01T00:00:00Z\"}, \"indexedAt\": \"2020-01-01T00:00:00Z\"}, \"reason\": \
                    {\"$type\": \"app.bsky.feed.defs#reasonRepost\", \"indexedAt\": \"2026-03-02T09:00:00Z\"}}]}";
        let script = vec![
            saved("getProfile", "bluesky/profile.json"),
            saved("cursor=below", "bluesky/feed.json"),
            words(200, "getAuthorFeed", page),
        ];
        assert_eq!(play(account("ada.example.org"), Memory::default(), script).observation().posts.len(), 7);
    }

    #[test]
    fn pages_are_followed_at_first_and_then_only_over_a_hole() {
        let script = || {
            vec![
                saved("getProfile", "bluesky/profile.json"),
                saved("cursor=", "bluesky/feed_page2.json"),
                saved("getAuthorFeed", "bluesky/feed_page1.json"),
                saved("getPosts", "bluesky/posts.json"),
            ]
        };
        let first = play(account(DID), Memory::default(), script());
        assert_eq!(first.asked.len(), 3);
        assert!(first.observation().complete);
        let known = format!("at://{DID}/app.bsky.feed.post/3new");
        let older = format!("at://{DID}/app.bsky.feed.post/3older");
        let memory = memory(9, &[(&known, "2026-03-02T10:00:00Z"), (&older, "2026-02-10T10:00:00Z")]);
        let later = play(account(DID), memory, script());
        assert_eq!(later.asked.len(), 3, "profile, newest page, counters of an older post");
        assert!(later.asked[2].contains("getPosts?uris="));
        let seen = later.observation();
        assert_eq!(counts(post(&seen, "3older"))[0], Some(31));
        assert!(seen.gone.is_empty());
    }

    #[test]
    fn a_post_that_is_not_shown_any_more_is_gone() {
        let newest = format!("at://{DID}/app.bsky.feed.post/3first");
        let deleted = format!("at://{DID}/app.bsky.feed.post/3deleted");
        let memory = memory(4, &[(&newest, "2026-03-01T12:00:00Z"), (&deleted, "2026-03-01T13:00:00Z")]);
        let played = play(
            account(DID),
            memory,
            vec![
                saved("getProfile", "bluesky/profile.json"),
                saved("getAuthorFeed", "bluesky/feed.json").header("RateLimit-Remaining", "20"),
                words(200, "getPosts", r#"{"posts":[]}"#),
            ],
        );
        assert_eq!(played.observation().gone, [ItemId(deleted)]);
    }

    #[test]
    fn a_renamed_account_is_followed_by_its_did() {
        let mut known = account("ada.example.org");
        known.stable = Some(DID.to_owned());
        let script = || {
            vec![
                saved("getProfile", "bluesky/profile_renamed.json"),
                words(200, "getAuthorFeed", r#"{"feed":[]}"#),
            ]
        };
        let played = play(known, memory(3, &[]), script());
        assert!(played.asked[0].contains("actor=did%3Aplc"));
        let seen = played.observation();
        assert_eq!(seen.account.handle, "ada.new.example.org");
        assert_eq!(
            seen.notices,
            [Notice::Renamed { from: "ada.example.org".to_owned(), to: "ada.new.example.org".to_owned() }]
        );
        // Typed as a DID: learning its handle is no rename.
        assert!(play(account(DID), Memory::default(), script()).observation().notices.is_empty());
    }

    #[test]
    fn a_broken_handle_does_not_replace_a_good_one() {
        let mut known = account("ada.example.org");
        known.stable = Some(DID.to_owned());
        let played = play(
            known,
            memory(3, &[]),
            vec![
                saved("getProfile", "bluesky/profile_invalid_handle.json"),
                words(200, "getAuthorFeed", r#"{"feed":[]}"#),
            ],
        );
        assert_eq!(played.observation().account.handle, "ada.example.org");
    }

    #[test]
    fn who_does_not_want_to_be_shown_is_counted_without_words() {
        let played = play(
            account("ada.example.org"),
            Memory::default(),
            vec![
                saved("getProfile", "bluesky/profile_hidden.json"),
                saved("getAuthorFeed", "bluesky/feed.json"),
            ],
        );
        let seen = played.observation();
        assert_eq!(seen.notices, [Notice::Hidden]);
        assert!(seen.posts.iter().all(|post| post.title.is_empty()));
        assert_eq!(counts(post(&seen, "3first"))[0], Some(20));
    }

    #[test]
    fn every_wrong_account_has_its_own_trouble() {
        for (file, polls, trouble) in [
            ("bluesky/error_takedown.json", 0, Trouble::Suspended),
            ("bluesky/error_deactivated.json", 0, Trouble::Deactivated),
            ("bluesky/error_not_found.json", 0, Trouble::NotFound),
            ("bluesky/error_not_found.json", 5, Trouble::Deleted),
            ("bluesky/error_actor.json", 0, Trouble::NotFound),
        ] {
            let played = play(account(DID), memory(polls, &[]), vec![status(400, "getProfile", file)]);
            assert_eq!(played.trouble(), trouble, "{file} after {polls} polls");
        }
        let blocked = vec![
            saved("getProfile", "bluesky/profile.json"),
            status(400, "getAuthorFeed", "bluesky/error_blocked.json"),
        ];
        assert_eq!(play(account(DID), Memory::default(), blocked).trouble(), Trouble::Private);
    }

    fn script() -> Vec<script::Line> {
        vec![saved("getProfile", "bluesky/profile.json"), saved("getAuthorFeed", "bluesky/feed.json")]
    }

    /// A poll that finds one event more of each of these, with these answers to questions about actors.
    fn grown(new: &[(&str, Metric)], answers: Vec<script::Line>) -> script::Played {
        let known = known_but(&play(account(DID), Memory::default(), script()).observation(), new);
        play(account(DID), known, [script(), answers].concat())
    }

    #[test]
    fn who_is_behind_what_grew_is_asked_newest_posts_first() {
        let all = [Metric::Likes, Metric::Reshares, Metric::Replies, Metric::Quotes];
        let new = [&all.map(|metric| ("3first", metric))[..], &[("3reply", Metric::Likes)]].concat();
        let answers = || {
            vec![
                saved("getLikes", "bluesky/likes.json"),
                saved("getRepostedBy", "bluesky/reposted_by.json"),
                saved("getPostThread", "bluesky/thread.json"),
                saved("getQuotes", "bluesky/quotes.json"),
            ]
        };
        assert_eq!(grown(&[], vec![]).asked.len(), 2, "nothing grew");
        let played = grown(&new[..4], answers());
        let methods: Vec<_> =
            played.asked[2..].iter().map(|asked| asked.split('?').next().unwrap().to_owned()).collect();
        let methods: Vec<_> = methods.iter().map(|method| method.rsplit('.').next().unwrap()).collect();
        assert_eq!(methods, ["getLikes", "getRepostedBy", "getPostThread", "getQuotes"]);
        assert!(played.asked[2].ends_with("app.bsky.feed.post%2F3first&limit=100"), "{}", played.asked[2]);
        assert!(played.asked[4].ends_with("3first&depth=1&parentHeight=0"), "{}", played.asked[4]);
        let (ken, mira) = ("did:plc:kenkenkenkenkenkenkenken", "did:web:mira.example.org");
        let zoe = "did:plc:zoezoezoezoezoezoezoezoe";
        let seen = played.observation();
        let at = |time: &str| Some(time.to_owned());
        assert_eq!(
            others(&seen),
            [
                (zoe, Metric::Likes, "3first", at("02T10:00:00")),
                (ken, Metric::Likes, "3first", at("02T09:30:00")),
                (mira, Metric::Reshares, "3first", None),
                (ken, Metric::Replies, "3first", at("01T13:00:00")),
                (mira, Metric::Quotes, "3first", at("01T15:00:00")),
            ],
            "the account's own are left out, a false date is bounded"
        );
        let tones: Vec<_> = seen.acts.iter().filter_map(|act| act.tone).collect();
        assert!(matches!(tones[..], [hostile, friendly] if hostile < 0.0 && friendly > 0.0), "{tones:?}");
        let first = grown(&[("3first", Metric::Likes), ("3future", Metric::Likes)], answers());
        assert!(first.asked[2].contains("3first"), "the newer post first: {:?}", first.asked);
        assert!(first.asked[3].contains("3future"));
    }

    #[test]
    fn what_is_stored_is_not_told_again() {
        let mut known = known_but(
            &play(account(DID), Memory::default(), script()).observation(),
            &[("3first", Metric::Likes)],
        );
        let act = format!("like:at://{DID}/app.bsky.feed.post/3first:did:plc:kenkenkenkenkenkenkenken");
        known.known.acts.insert(act);
        let lines = [script(), vec![saved("getLikes", "bluesky/likes.json")]].concat();
        let seen = play(account(DID), known, lines).observation();
        assert_eq!(others(&seen).len(), 1);
    }

    #[test]
    fn a_question_about_actors_that_fails_loses_nothing() {
        let new = [("3first", Metric::Likes), ("3first", Metric::Reshares)];
        let reposts = || saved("getRepostedBy", "bluesky/reposted_by.json");
        let posts = grown(&[], vec![]).observation().posts;
        for refused in [
            status(400, "getLikes", "bluesky/error_not_found.json"),
            words(403, "getLikes", "{}"),
            words(404, "getLikes", "{}"),
            words(200, "getLikes", "{\"likes\": 7}"),
            words(200, "getLikes", "<!doctype html><title>Sorry</title>"),
            words(200, "getLikes", &"[".repeat(100_000)),
        ] {
            let seen = grown(&new, vec![refused.clone(), reposts()]).observation();
            assert_eq!(seen.posts, posts, "{refused:?}");
            assert_eq!(others(&seen).len(), 1, "the next question is asked: {refused:?}");
        }
        let limited = status(429, "getLikes", "bluesky/error_rate.json").header("Retry-After", "60");
        for ends in [limited, words(503, "getLikes", "")] {
            let played = grown(&new, vec![ends, reposts()]);
            assert_eq!(played.asked.len(), 3, "the server is left alone");
            assert_eq!(played.observation().posts, posts);
        }
    }

    #[test]
    fn a_poll_asks_only_so_much_about_actors() {
        let page: Vec<String> = (0..60)
            .map(|n| {
                format!(
                    "{{\"post\": {{\"uri\": \"at://{DID}/app.bsky.feed.post/3p{n}\", \"author\": {{\"did\": \
                     \"{DID}\"}}, \"record\": {{\"text\": \"\", \"createdAt\": \"2026-03-01T10:00:{n:02}Z\"}}, \
                     \"likeCount\": 3, \"repostCount\": 0, \"indexedAt\": \"2026-03-01T10:00:{n:02}Z\"}}}}"
                )
            })
            .collect();
        let page = format!("{{\"feed\": [{}]}}", page.join(","));
        let lines = || {
            vec![
                saved("getProfile", "bluesky/profile.json"),
                words(200, "getAuthorFeed", &page),
                words(200, "getLikes", "{\"likes\": []}"),
            ]
        };
        let later = play(account(DID), memory(1, &[]), lines());
        assert_eq!(later.asked.len(), 2 + 40, "posts not known before count from nothing");
        assert!(later.asked[2].contains("3p59"));
        assert_eq!(play(account(DID), Memory::default(), lines()).asked.len(), 2, "the first finds history");
        let mut old = lines();
        old[1] = words(200, "getAuthorFeed", &page.replace("2026-03", "2025-11"));
        let old = play(account(DID), memory(1, &[]), old);
        assert_eq!(old.asked.len(), 2, "what is older than the window is not remembered, so it cannot grow");
    }

    #[test]
    fn a_rate_limit_says_until_when() {
        let limited = status(429, "getProfile", "bluesky/error_rate.json")
            .header("RateLimit-Remaining", "0")
            .header("RateLimit-Reset", &(now() + TimeDelta::minutes(4)).timestamp().to_string());
        let trouble = play(account(DID), Memory::default(), vec![limited]).trouble();
        assert_eq!(trouble, Trouble::RateLimited { until: Some(now() + TimeDelta::minutes(4)) });
    }
}

mod mastodon {
    use super::*;

    const ADA: &str = "@ada@hachy.example";
    const ID: &str = "109301234567890123";

    fn settled() -> cloutop::model::Account {
        let mut known = account(ADA);
        known.base = Some("https://social.hachy.example/".parse().unwrap());
        known.stable = Some("https://hachy.example/ap/users/109301234567890123".to_owned());
        known.native = Some(ID.to_owned());
        known
    }

    #[test]
    fn the_home_is_found_by_webfinger_and_remembered() {
        let played = play(
            account(ADA),
            Memory::default(),
            vec![
                saved("webfinger", "mastodon/webfinger.json"),
                saved("lookup", "mastodon/account.json"),
                saved("statuses", "mastodon/statuses.json"),
            ],
        );
        assert_eq!(
            played.asked[0],
            "https://hachy.example/.well-known/webfinger?resource=acct%3Aada%40hachy.example"
        );
        assert!(played.asked[1].starts_with("https://social.hachy.example/api/v1/accounts/lookup?acct=ada"));
        let seen = played.observation();
        assert_eq!(seen.account, settled());
        let again = play(
            seen.account,
            memory(1, &[]),
            vec![saved("statuses", "mastodon/statuses.json"), saved(ID, "mastodon/account.json")],
        );
        assert_eq!(again.asked[0], format!("https://social.hachy.example/api/v1/accounts/{ID}"));
    }

    #[test]
    fn a_server_without_webfinger_is_asked_at_its_own_name() {
        let played = play(
            account(ADA),
            Memory::default(),
            vec![
                status(404, "webfinger", "mastodon/error_404.json"),
                saved("lookup", "mastodon/account.json"),
                saved("statuses", "mastodon/statuses.json"),
            ],
        );
        assert!(played.asked[1].starts_with("https://hachy.example/api/v1/accounts/lookup"));
    }

    #[test]
    fn statuses_are_counted_where_they_belong() {
        let played = play(
            settled(),
            Memory::default(),
            vec![saved("statuses", "mastodon/statuses.json"), saved(ID, "mastodon/account.json")],
        );
        let seen = played.observation();
        assert_eq!(seen.profile.figures, [(Figure::Followers, 450)]);
        assert_eq!(seen.posts.len(), 5, "boosts of others and what is for followers only are left out");
        let first = post(&seen, "114000000000000001");
        assert_eq!(counts(first), [Some(20), Some(2), Some(3), Some(1)]);
        assert_eq!(first.title, "first & bold");
        assert_eq!(counts(post(&seen, "005"))[3], None, "a server that knows no quotes says nothing");
        assert_eq!(post(&seen, "004").title, "long day", "a content warning stands for the text");
        assert_eq!(post(&seen, "008").kind, PostKind::Reply);
        let first = || "114000000000000001".to_owned();
        assert_eq!(
            own_acts(&seen),
            [(Metric::Reshares, first()), (Metric::Replies, first()), (Metric::Quotes, first()),]
        );
        assert!(seen.complete);
    }

    #[test]
    fn pages_follow_the_link_header() {
        let page = saved("statuses", "mastodon/statuses_page1.json").header(
            "link",
            "<https://social.hachy.example/api/v1/accounts/1/statuses?limit=40&max_id=777>; rel=\"next\"",
        );
        let played = play(
            settled(),
            Memory::default(),
            vec![
                saved("max_id=777", "mastodon/statuses_page2.json"),
                page,
                saved(ID, "mastodon/account.json"),
            ],
        );
        assert_eq!(played.asked.len(), 3);
        let seen = played.observation();
        assert_eq!(seen.posts.len(), 41);
        assert!(seen.complete);
    }

    #[test]
    fn older_statuses_are_read_in_turn() {
        let newest = "114000000000000140";
        let items = [(newest, "2026-02-28T10:00:00Z"), ("113000000000000001", "2026-02-01T10:00:00Z")];
        let page = saved("statuses", "mastodon/statuses_page1.json")
            .header("link", "<https://social.hachy.example/x?max_id=777>; rel=\"next\"")
            .header("X-RateLimit-Remaining", "20");
        let played = play(
            settled(),
            memory(6, &items),
            vec![saved("max_id=", "mastodon/statuses_page2.json"), page, saved(ID, "mastodon/account.json")],
        );
        assert_eq!(played.asked.len(), 3);
        assert!(played.asked[2].contains("max_id=1140000000000001"), "{}", played.asked[2]);
        assert_eq!(counts(post(&played.observation(), "113000000000000001"))[0], Some(7));
    }

    #[test]
    fn a_status_missing_between_its_neighbours_is_gone() {
        let items = [("114000000000000002", "2026-03-01T15:00:00Z"), ("1", "2020-01-01T00:00:00Z")];
        let gone = |statuses: script::Line| {
            let played =
                play(settled(), memory(6, &items), vec![statuses, saved(ID, "mastodon/account.json")]);
            let mut gone = played.observation().gone;
            gone.sort();
            gone.dedup();
            gone
        };
        let (between, before) = (ItemId::from("114000000000000002"), ItemId::from("1"));
        let more = "<https://hachy.example/api/v1/accounts/1/statuses?max_id=2>; rel=\"next\"";
        let page = saved("statuses", "mastodon/statuses.json");
        assert_eq!(
            gone(page.clone().header("Link", more)),
            std::slice::from_ref(&between),
            "what is older may be there"
        );
        assert_eq!(gone(page), [before, between], "the page is all there is");
    }

    /// A server on the web names this machine as an account's new home.
    #[test]
    fn nobody_moves_onto_this_machine() {
        let account = "{\"id\": \"109301234567890123\", \"acct\": \"ada\", \"followers_count\": 4, \"uri\": \
                       \"https://hachy.example/ap/users/109301234567890123\", \"moved\": {\"id\": \"1\", \"acct\": \
                       \"victim@127.0.0.1:8765\", \"url\": \"http://127.0.0.1:8765/@victim\"}}";
        let script = vec![saved("statuses", "mastodon/statuses.json"), words(200, ID, account)];
        let seen = play(settled(), memory(3, &[]), script).observation();
        assert_eq!(seen.account.handle, settled().handle);
        assert_eq!(seen.notices, []);
    }

    #[test]
    fn every_wrong_account_has_its_own_outcome() {
        let profile = |file: &str| vec![saved("statuses", "mastodon/statuses.json"), saved("accounts", file)];
        let trouble = |lines| play(settled(), memory(3, &[]), lines).trouble();
        assert_eq!(trouble(profile("mastodon/account_suspended.json")), Trouble::Suspended);
        assert_eq!(trouble(vec![status(404, "accounts", "mastodon/error_404.json")]), Trouble::Deleted);
        assert_eq!(trouble(vec![status(410, "accounts", "mastodon/error_404.json")]), Trouble::Suspended);
        assert_eq!(trouble(vec![status(401, "accounts", "mastodon/error_closed.json")]), Trouble::KeyNeeded);
        let script = Script::with_key(vec![status(401, "accounts", "mastodon/error_token.json")]);
        assert_eq!(play_as(script, settled(), memory(3, &[])).trouble(), Trouble::Unauthorized);
        let unknown = vec![
            saved("webfinger", "mastodon/webfinger.json"),
            status(404, "lookup", "mastodon/error_404.json"),
        ];
        assert_eq!(play(account(ADA), Memory::default(), unknown).trouble(), Trouble::NotFound);
        let limited = status(429, "accounts", "mastodon/error_429.json")
            .header("X-RateLimit-Remaining", "0")
            .header("X-RateLimit-Reset", "2026-03-02T10:35:00.000000Z");
        assert_eq!(
            trouble(vec![limited]),
            Trouble::RateLimited { until: Some(now() + TimeDelta::minutes(5)) }
        );
        let proxy = status(503, "accounts", "feed/maintenance.html").header("Retry-After", "120");
        assert_eq!(
            trouble(vec![proxy]),
            Trouble::Server { status: 503, until: Some(now() + TimeDelta::minutes(2)) }
        );
        let page = status(200, "accounts", "feed/maintenance.html");
        assert!(matches!(trouble(vec![page]), Trouble::Malformed { .. }));
    }

    #[test]
    fn a_moved_account_is_followed_to_its_new_home() {
        let played = play(settled(), memory(3, &[]), vec![saved("accounts", "mastodon/account_moved.json")]);
        let seen = played.observation();
        assert_eq!(seen.account.handle, "@ada@newhome.example");
        assert_eq!(seen.account.stable.as_deref(), Some("https://newhome.example/users/ada"));
        assert_eq!(seen.account.base, None, "the new home is looked up by the next poll");
        assert!(matches!(&seen.notices[..], [Notice::Moved { from, .. }] if from == ADA));
        assert!(seen.profile.figures.is_empty(), "the zeros of the old home are no drop");
    }

    #[test]
    fn hidden_numbers_are_unknown() {
        for file in ["mastodon/account_hidden_followers.json", "mastodon/account_pleroma.json"] {
            let lines = vec![words(200, "statuses", "[]"), saved("accounts", file)];
            assert!(
                play(settled(), Memory::default(), lines).observation().profile.figures.is_empty(),
                "{file}"
            );
        }
        let lines = vec![
            saved("statuses", "mastodon/statuses.json"),
            saved("accounts", "mastodon/account_nobot.json"),
        ];
        let seen = play(settled(), Memory::default(), lines).observation();
        assert_eq!(seen.notices, [Notice::Hidden], "#nobot is honoured");
        assert!(seen.posts.iter().all(|post| post.title.is_empty()));
    }

    fn script() -> Vec<script::Line> {
        vec![saved("/statuses?", "mastodon/statuses.json"), saved("accounts", "mastodon/account.json")]
    }

    fn grown(new: &[Metric], answers: Vec<script::Line>) -> script::Played {
        let new: Vec<_> = new.iter().map(|metric| ("114000000000000001", *metric)).collect();
        let known = known_but(&play(settled(), Memory::default(), script()).observation(), &new);
        play(settled(), known, [script(), answers].concat())
    }

    #[test]
    fn who_is_behind_what_grew_is_asked() {
        assert_eq!(grown(&[], vec![]).asked.len(), 2, "nothing grew");
        assert_eq!(grown(&[Metric::Quotes], vec![]).asked.len(), 2, "who quoted is not told");
        let answers = vec![
            saved("favourited_by", "mastodon/favourited_by.json"),
            saved("reblogged_by", "mastodon/reblogged_by.json"),
            saved("context", "mastodon/context.json"),
        ];
        let grown_by = [Metric::Likes, Metric::Likes, Metric::Reshares, Metric::Replies];
        let played = grown(&grown_by, answers);
        let base = "https://social.hachy.example/api/v1/statuses/114000000000000001";
        assert_eq!(
            played.asked[2..],
            [
                format!("{base}/favourited_by?limit=80"),
                format!("{base}/reblogged_by?limit=80"),
                format!("{base}/context")
            ]
        );
        let seen = played.observation();
        let (zoe, item) = ("https://tooters.example/users/zoe", "114000000000000001");
        assert_eq!(
            others(&seen),
            [
                (zoe, Metric::Likes, item, None),
                ("ken@old.example", Metric::Likes, item, None),
                ("ken@old.example", Metric::Reshares, item, None),
                (zoe, Metric::Replies, item, Some("02T09:00:00".to_owned())),
            ],
            "the account's own are left out, so are undated favourites beyond what the counter grew by, and \
             what is private or about another reply"
        );
        assert!(seen.acts.iter().find_map(|act| act.tone).unwrap() > 0.3);
    }

    #[test]
    fn a_server_that_does_not_tell_strangers_is_not_asked_further() {
        let new = [Metric::Likes, Metric::Reshares, Metric::Replies];
        let rest = || {
            vec![
                saved("reblogged_by", "mastodon/reblogged_by.json"),
                saved("context", "mastodon/context.json"),
            ]
        };
        for code in [401, 403, 422] {
            let refused = status(code, "favourited_by", "mastodon/error_422.json");
            let played = grown(&new, [vec![refused], rest()].concat());
            assert_eq!(played.asked.len(), 3);
            assert_eq!(played.observation().posts.len(), 5);
        }
        for broken in [words(404, "favourited_by", "{}"), words(200, "favourited_by", "[{\"id\": 7}]")] {
            let seen = grown(&new, [vec![broken], rest()].concat()).observation();
            assert_eq!((seen.posts.len(), others(&seen).len()), (5, 2), "the next question is asked");
        }
    }

    #[test]
    fn not_modified_means_as_it_was() {
        let lines = vec![words(304, "statuses", ""), words(304, "accounts", "")];
        let seen = play(settled(), memory(3, &[]), lines).observation();
        assert!(seen.posts.is_empty() && seen.profile.figures.is_empty() && seen.gone.is_empty());
    }
}

mod github {
    use super::*;

    fn script() -> Vec<script::Line> {
        vec![
            saved("issues/comments", "github/comments.json"),
            saved("/repos?", "github/repos.json"),
            saved("/user", "github/user.json"),
        ]
    }

    #[test]
    fn repositories_are_standing_and_stars_are_audience() {
        let played = play(account("github:adalind"), Memory::default(), script());
        assert_eq!(played.asked.len(), 3, "without a token one repository's comments are read");
        assert!(played.asked[2].contains("/repos/adalind/saltpan/issues/comments?since=2025-12-02"));
        let seen = played.observation();
        assert_eq!(seen.account.stable.as_deref(), Some("8123456"));
        assert_eq!(seen.profile.figures, [(Figure::Followers, 640), (Figure::Stars, 1030)]);
        assert_eq!(seen.posts.len(), 3, "forks and private repositories are left out");
        assert_eq!(counts(post(&seen, "11")), [Some(900), Some(40), None, None]);
        assert!(post(&seen, "11").standing);
        assert!(!post(&seen, "15").standing, "what is two days old is news");
        assert_eq!(post(&seen, "11").title, "adalind/saltpan: saltpan does one thing");
        assert_eq!(post(&seen, "12").title, "adalind/driftlog");
        assert!(seen.complete);
    }

    #[test]
    fn comments_by_others_carry_their_own_time() {
        let seen = play(account("github:adalind"), Memory::default(), script()).observation();
        assert_eq!(
            seen.acts,
            [Act {
                id: "comment:501".to_owned(),
                item: ItemId::from("11"),
                metric: Metric::Replies,
                at: Some("2026-03-02T08:00:00Z".parse().unwrap()),
                actor: Actor::Other("99".to_owned()),
                tone: Some(-0.2057),
            }]
        );
    }

    #[test]
    fn with_a_token_new_stars_have_names() {
        let seen = play(account("github:adalind"), Memory::default(), script()).observation();
        let read = |new: &[(&str, Metric)], key, stargazers: script::Line| {
            let mut lines = script();
            lines.push(stargazers);
            let mut script = Script::with_key(lines);
            script.key = key;
            play_as(script, account("github:adalind"), known_but(&seen, new))
        };
        let stargazers = || saved("/stargazers", "github/stargazers.json");
        let starred = [("11", Metric::Likes)];
        assert_eq!(read(&[], true, stargazers()).asked.len(), 5, "nothing grew");
        assert_eq!(
            read(&[("11", Metric::Reshares)], true, stargazers()).asked.len(),
            5,
            "forks have no list"
        );
        assert_eq!(read(&starred, false, stargazers()).asked.len(), 3, "without a token too dear");
        let played = read(&starred, true, stargazers());
        assert!(
            played.asked[5].ends_with("/repos/adalind/saltpan/stargazers?per_page=100&page=9"),
            "{}",
            played.asked[5]
        );
        let told = played.observation();
        let stars: Vec<_> = others(&told).into_iter().filter(|act| act.1 == Metric::Likes).collect();
        assert_eq!(
            stars,
            [
                ("98", Metric::Likes, "11", Some("02T10:00:00".to_owned())),
                ("99", Metric::Likes, "11", Some("01T10:00:00".to_owned())),
            ],
            "newest first; what was there before the first poll is audience"
        );
        for refused in [
            status(404, "/stargazers", "github/error_404.json"),
            status(403, "/stargazers", "github/error_secondary.json"),
            words(200, "/stargazers", "[[]]"),
        ] {
            assert_eq!(read(&starred, true, refused).observation().posts, seen.posts);
        }
    }

    /// Stars that a repository brings along are audience, whoever gave them.
    #[test]
    fn a_repository_that_comes_along_later_brings_no_stargazers() {
        let script = Script::with_key([script(), vec![words(200, "/stargazers", "[]")]].concat());
        let played = play_as(script, account("github:adalind"), memory(3, &[("12", "2020-01-01T00:00:00Z")]));
        let asked: Vec<_> = played.asked.iter().filter(|asked| asked.contains("stargazers")).collect();
        assert!(matches!(asked[..], [new] if new.contains("adalind/brand-new")), "{asked:?}");
    }

    #[test]
    fn a_token_lets_more_be_read() {
        let played = play_as(Script::with_key(script()), account("github:adalind"), Memory::default());
        assert_eq!(played.asked.len(), 5, "user, repositories, comments of all three");
    }

    #[test]
    fn a_renamed_login_is_followed_by_its_number() {
        let mut known = account("github:adalind");
        known.stable = Some("8123456".to_owned());
        let played = play(
            known,
            memory(2, &[]),
            vec![words(200, "/repos?", "[]"), saved("/user/8123456", "github/user_renamed.json")],
        );
        assert!(played.asked[1].contains("/users/ada-lind/repos"));
        let seen = played.observation();
        assert_eq!(seen.account.handle, "ada-lind");
        assert_eq!(seen.notices.len(), 1);
    }

    #[test]
    fn old_replies_count_watchers() {
        let lines = vec![
            words(200, "comments", "[]"),
            saved("/repos?", "github/repos_old.json"),
            saved("/user", "github/user.json"),
        ];
        let seen = play(account("github:adalind"), Memory::default(), lines).observation();
        assert_eq!(counts(post(&seen, "9"))[0], Some(3));
    }

    #[test]
    fn slow_down_comes_in_many_ways() {
        let reset = (now() + TimeDelta::minutes(20)).timestamp().to_string();
        let until = |minutes| Trouble::RateLimited { until: Some(now() + TimeDelta::minutes(minutes)) };
        let trouble = |line| play(account("github:adalind"), memory(1, &[]), vec![line]).trouble();
        for code in [403, 429] {
            let line = status(code, "/user", "github/error_rate.json")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", &reset);
            assert_eq!(trouble(line), until(20));
        }
        let paused = status(403, "/user", "github/error_secondary.json").header("retry-after", "120");
        assert_eq!(trouble(paused), until(2));
        assert_eq!(trouble(status(403, "/user", "github/error_secondary.json")), until(1));
        let agent = status(403, "/user", "github/error_agent.json");
        assert_eq!(trouble(agent), Trouble::Server { status: 403, until: None });
        assert_eq!(trouble(status(404, "/user", "github/error_404.json")), Trouble::Deleted);
        assert_eq!(trouble(status(451, "/user", "github/error_451.json")), Trouble::Suspended);
        let script = Script::with_key(vec![status(401, "/user", "github/error_401.json")]);
        assert_eq!(
            play_as(script, account("github:adalind"), Memory::default()).trouble(),
            Trouble::Unauthorized
        );
    }

    #[test]
    fn comments_that_are_refused_do_not_cost_the_poll() {
        let lines = vec![
            status(403, "issues/comments", "github/error_secondary.json"),
            saved("/repos?", "github/repos.json"),
            saved("/user", "github/user.json"),
        ];
        assert_eq!(play(account("github:adalind"), Memory::default(), lines).observation().posts.len(), 3);
    }

    #[test]
    fn a_repository_that_is_no_longer_listed_is_gone_with_its_stars() {
        let mut memory = memory(3, &[]);
        let counts = Counts::default().with(Metric::Likes, 10_000);
        let published = "2020-01-01T00:00:00Z".parse().unwrap();
        memory.known.items.insert(ItemId::from("99"), KnownItem { published, counts, gone: false });
        let lines = vec![
            words(200, "issues/comments", "[]"),
            saved("/repos?", "github/repos.json"),
            saved("/user", "github/user.json"),
        ];
        let seen = play(account("github:adalind"), memory, lines).observation();
        assert_eq!(seen.gone, [ItemId::from("99")]);
        let stars = seen.profile.figures.iter().find(|(figure, _)| *figure == Figure::Stars).unwrap().1;
        assert!(stars < 10_000, "{stars}");
    }
}

mod hackernews {
    use super::*;

    fn script() -> Vec<script::Line> {
        vec![
            saved("/v0/user/", "hackernews/user.json"),
            saved("search_by_date", "hackernews/hits.json"),
            saved("/v0/item/", "hackernews/item.json"),
        ]
    }

    #[test]
    fn stories_and_comments_are_told_apart() {
        let played = play(account("hn:adalind"), Memory::default(), script());
        assert_eq!(played.asked.len(), 3);
        assert!(played.asked[0].starts_with("https://hacker-news.firebaseio.com/v0/user/adalind.json"));
        assert!(played.asked[1].contains("tags=author_adalind%2C%28story%2Ccomment%29"));
        let seen = played.observation();
        assert_eq!(seen.profile.figures, [(Figure::Karma, 3411)]);
        assert_eq!(seen.posts.len(), 4, "what others wrote is not counted");
        let story = post(&seen, "41000001");
        assert_eq!(story.kind, PostKind::Story);
        assert_eq!(counts(story), [Some(162), None, Some(84), None], "fresh points, without one's own");
        assert_eq!(counts(post(&seen, "41000009")), [None; 4], "its replies are in the story's count");
        assert_eq!(counts(post(&seen, "40900000"))[2], Some(2));
        assert_eq!(post(&seen, "41000009").title, "Thanks for reading.");
        assert_eq!(
            own_acts(&seen),
            [(Metric::Replies, "40900000".to_owned()), (Metric::Replies, "41000001".to_owned()),]
        );
    }

    #[test]
    fn everybody_under_a_story_that_grew_is_told() {
        let seen = play(account("hn:adalind"), Memory::default(), script()).observation();
        let read = |new: &[(&str, Metric)], tree: script::Line| {
            let lines = [vec![tree], script()].concat();
            play(account("hn:adalind"), known_but(&seen, new), lines)
        };
        let tree = || saved("/api/v1/items/", "hackernews/tree.json");
        let grown = [("41000001", Metric::Replies)];
        assert_eq!(read(&[], tree()).asked.len(), 3, "nothing grew");
        assert_eq!(
            read(&[("41000001", Metric::Likes)], tree()).asked.len(),
            3,
            "nobody tells who gave points"
        );
        assert_eq!(
            read(&[("40900000", Metric::Replies)], tree()).asked.len(),
            3,
            "that is somebody else's story"
        );
        let played = read(&grown, tree());
        assert_eq!(played.asked[3], "https://hn.algolia.com/api/v1/items/41000001");
        let told = played.observation();
        let mut acts = others(&told);
        acts.sort();
        let at = |time: &str| Some(time.to_owned());
        assert_eq!(
            acts,
            [
                ("ken_w", Metric::Replies, "41000001", at("02T08:26:40")),
                ("ken_w", Metric::Replies, "41000001", at("02T09:00:00")),
                ("mira", Metric::Replies, "41000001", at("02T09:33:20")),
            ],
            "one's own and deleted ones are left out, what is below them is not"
        );
        assert!(tone(&told, "mira").unwrap() < 0.0);
        let deep =
            format!("{}{}", "{\"id\": 1, \"created_at_i\": 1, \"children\": [".repeat(200), "]}".repeat(200));
        for broken in
            [words(404, "/items/", "{}"), words(200, "/items/", "null"), words(200, "/items/", &deep)]
        {
            assert_eq!(read(&grown, broken).observation().posts, seen.posts);
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_a_null() {
        let null = || vec![saved("/v0/user/", "hackernews/null.json")];
        assert_eq!(play(account("hn:nobody"), Memory::default(), null()).trouble(), Trouble::NotFound);
        assert_eq!(play(account("hn:nobody"), memory(2, &[]), null()).trouble(), Trouble::Deleted);
    }

    #[test]
    fn a_dead_story_is_gone() {
        let lines = vec![
            saved("/v0/user/", "hackernews/user.json"),
            saved("search_by_date", "hackernews/hits.json"),
            saved("/v0/item/", "hackernews/item_dead.json"),
        ];
        let seen = play(account("hn:adalind"), Memory::default(), lines).observation();
        assert_eq!(seen.gone, [ItemId::from("41000001")]);
        assert!(!seen.posts.iter().any(|post| post.id.0 == "41000001"));
    }

    #[test]
    fn a_story_that_cannot_be_read_fresh_keeps_the_listing() {
        let lines = vec![
            saved("/v0/user/", "hackernews/user.json"),
            saved("search_by_date", "hackernews/hits.json"),
            words(500, "/v0/item/", "<html>oops"),
        ];
        let seen = play(account("hn:adalind"), Memory::default(), lines).observation();
        assert_eq!(counts(post(&seen, "41000001"))[0], Some(149));
    }
}

mod feed {
    use super::*;

    fn settled(typed: &str, native: Option<&str>) -> cloutop::model::Account {
        let mut known = account(typed);
        known.stable = known.base.as_ref().map(ToString::to_string);
        known.native = native.map(str::to_owned);
        known
    }

    #[test]
    fn a_home_page_leads_to_its_feed() {
        let played = play(
            account("feed:ada.example"),
            Memory::default(),
            vec![
                saved("ada.example/feed/", "feed/counted.xml"),
                saved("https://ada.example/", "feed/home.html"),
            ],
        );
        assert_eq!(played.asked, ["https://ada.example/", "https://ada.example/feed/"]);
        let seen = played.observation();
        assert_eq!(seen.account.stable.as_deref(), Some("https://ada.example/feed/"));
        assert_eq!(seen.account.handle, "ada.example");
        assert_eq!(seen.profile.name.as_deref(), Some("Ada writes"));
        assert_eq!(counts(post(&seen, "?p=3"))[2], Some(2));
        assert_eq!(post(&seen, "?p=3").url.as_deref(), Some("https://ada.example/2026/post-3/"));
        assert_eq!(post(&seen, "?p=3").title, "Post 3 & more");
    }

    #[test]
    fn a_page_without_links_is_tried_at_the_usual_places() {
        let played = play(
            account("feed:ada.example"),
            Memory::default(),
            vec![
                saved("/atom.xml", "feed/atom_total.xml"),
                words(404, "/feed/", "no"),
                words(404, "/rss.xml", "no"),
                saved("https://ada.example/", "feed/nothing.html"),
            ],
        );
        assert_eq!(played.asked.last().unwrap(), "https://ada.example/atom.xml");
        assert_eq!(played.observation().posts.len(), 2);
        let none = play(
            account("feed:ada.example"),
            Memory::default(),
            vec![
                words(404, "ada.example/feed", "no"),
                words(404, ".xml", "no"),
                words(404, "/rss", "no"),
                saved("https://ada.example/", "feed/nothing.html"),
            ],
        );
        assert!(none.trouble().to_string().contains("no feed found"));
    }

    #[test]
    fn comment_counts_in_every_dialect() {
        for (file, expected) in [
            ("feed/counted.xml", vec![Some(2)]),
            ("feed/plain.xml", vec![None, None]),
            ("feed/atom_total.xml", vec![Some(7), Some(3)]),
            ("feed/rdf_latin1.xml", vec![Some(12)]),
            ("feed/jsonfeed.json", vec![None, None]),
        ] {
            let played =
                play(settled("feed:ada.example/any", None), memory(1, &[]), vec![saved("/any", file)]);
            let seen = played.observation();
            let counts: Vec<_> = seen.posts.iter().map(|post| post.counts.get(Metric::Replies)).collect();
            assert_eq!(counts, expected, "{file}");
        }
    }

    #[test]
    fn dates_and_letters_survive() {
        let seen = |file| {
            let played =
                play(settled("feed:ada.example/any", None), memory(1, &[]), vec![saved("/any", file)]);
            played.observation()
        };
        let latin = seen("feed/rdf_latin1.xml");
        assert_eq!(latin.profile.name.as_deref(), Some("Zoës Blog"));
        assert_eq!(latin.posts[0].title, "Grüße");
        assert_eq!(latin.posts[0].published.to_rfc3339(), "2026-02-25T09:00:00+00:00");
        let plain = seen("feed/plain.xml");
        assert_eq!(plain.posts[0].published.to_rfc3339(), "2026-03-01T10:00:00+00:00", "a two-digit year");
        let json = seen("feed/jsonfeed.json");
        assert_eq!(json.posts[1].published.to_rfc3339(), "2026-02-20T10:00:00+00:00", "a mail date in JSON");
        assert_eq!(json.posts[1].id, ItemId::from("2"));
        assert_eq!(seen("feed/atom_total.xml").posts[0].title, "One bold note");
    }

    #[test]
    fn wordpress_gives_every_comment_with_its_time() {
        let played = play(
            account("feed:ada.example/feed/"),
            Memory::default(),
            vec![
                saved("/wp/v2/posts", "feed/rest_posts.json").header("X-WP-TotalPages", "1"),
                saved("/wp/v2/comments", "feed/rest_comments.json").header("X-WP-TotalPages", "1"),
                saved("/feed/", "feed/wordpress.xml"),
            ],
        );
        assert!(played.asked[1].starts_with("https://ada.example/wp-json/wp/v2/posts?"));
        let seen = played.observation();
        assert_eq!(seen.posts.len(), 3, "the listing reaches further back than the feed");
        assert_eq!(counts(post(&seen, "?p=3"))[2], Some(4), "as the feed says");
        assert_eq!(counts(post(&seen, "?p=1"))[2], Some(1), "as the listing says");
        assert!(seen.complete);
        assert_eq!(seen.acts.len(), 5);
        assert_eq!(own_acts(&seen).len(), 1, "the author's own comment on the author's own post");
        let ken = seen.acts.iter().find(|act| act.id == "comment:26").unwrap();
        assert_eq!(ken.at, Some("2026-03-02T08:00:00Z".parse().unwrap()));
        assert_eq!(ken.actor, Actor::Other("Ken".to_owned()));
    }

    #[test]
    fn a_closed_rest_interface_leaves_the_comments_feed() {
        let played = play(
            account("feed:ada.example/feed/"),
            Memory::default(),
            vec![
                status(401, "/wp/v2/posts", "feed/rest_closed.json"),
                saved("/comments/feed/", "feed/comments_feed.xml"),
                saved("/feed/", "feed/wordpress.xml"),
            ],
        );
        let seen = played.observation();
        assert_eq!(seen.acts.len(), 1);
        assert_eq!(seen.acts[0].item, ItemId::from("https://ada.example/?p=3"));
        assert_eq!(counts(post(&seen, "?p=3"))[2], Some(4));
    }

    #[test]
    fn only_feeds_without_counts_are_asked_conditionally() {
        use cloutop::channels::{Progress, of};
        for (native, conditional) in [(None, true), (Some("counts"), false), (Some("wordpress"), false)] {
            let account = settled("feed:ada.example/feed/", native);
            let mut progress = Progress::new(account.clone(), account.base.clone().unwrap(), now());
            progress.known.polls = 3;
            assert_eq!(of(account.network).request(&progress).conditional, conditional, "{native:?}");
        }
    }

    #[test]
    fn what_is_not_a_feed_is_said_to_be_none() {
        let trouble =
            |line| play(settled("feed:ada.example/any", None), memory(1, &[]), vec![line]).trouble();
        assert!(matches!(trouble(saved("/any", "feed/maintenance.html")), Trouble::Malformed { .. }));
        assert!(matches!(trouble(words(200, "/any", "\u{0}\u{1}rubbish")), Trouble::Malformed { .. }));
        assert!(matches!(trouble(words(200, "/any", "")), Trouble::Malformed { .. }));
        let deep =
            format!("<rss version=\"2.0\"><channel><item>{}</item></channel></rss>", "<a>".repeat(200));
        assert!(matches!(trouble(words(200, "/any", &deep)), Trouble::Malformed { .. }));
        assert_eq!(trouble(words(404, "/any", "")), Trouble::Deleted);
        assert_eq!(trouble(words(410, "/any", "")), Trouble::Deleted);
        let busy = words(503, "/any", "busy").header("Retry-After", "30");
        assert!(matches!(trouble(busy), Trouble::Server { status: 503, until: Some(_) }));
    }

    #[test]
    fn a_feed_that_breaks_the_parser_costs_only_itself() {
        let late = format!(
            "<rss version=\"2.0\"><channel><title>{}</title><?xml version=\"1.0\" encoding=\"latin1\"?></channel></rss>",
            "x".repeat(20_000)
        );
        let long = "<rss version=\"2.0\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><item>\
                    <guid>1</guid><itunes:duration>99999999999999999999999:00:00</itunes:duration></item></channel></rss>";
        for body in [late.as_str(), long] {
            let played =
                play(settled("feed:ada.example/any", None), memory(1, &[]), vec![words(200, "/any", body)]);
            assert!(matches!(played.trouble(), Trouble::Malformed { .. }));
        }
    }

    #[test]
    fn a_truncated_feed_is_malformed() {
        let played = play(
            settled("feed:ada.example/any", None),
            memory(1, &[]),
            vec![saved("/any", "feed/rubbish.xml")],
        );
        assert!(matches!(
            played.polled.outcome,
            cloutop::model::Outcome::Gap(Trouble::Malformed { .. }) | cloutop::model::Outcome::Observed(_)
        ));
    }
}
