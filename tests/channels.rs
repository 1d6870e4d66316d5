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
                saved("getAuthorFeed", "bluesky/feed.json"),
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
            .header("link", "<https://social.hachy.example/x?max_id=777>; rel=\"next\"");
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
                tone: None,
            }]
        );
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
