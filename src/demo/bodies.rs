//! The replies of the networks, as their servers write them.

use super::cast::{Account, Player, days};
use super::crowd::Deed;
use super::life::{Item, Items};
use super::{Answer, World, left};
use crate::exchange::Request;
use crate::model::Time;
use crate::schedule::mix;
use serde_json::{Value, json};
use std::fmt::Write;
use url::Url;

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn iso(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A weak entity tag over what a reply shows.
fn etag(parts: impl IntoIterator<Item = u64>) -> String {
    let sum = parts.into_iter().fold(17, |sum, part| mix(sum ^ part));
    format!("W/\"{sum:016x}\"")
}

/// The tag of a page that shows these items' counters.
fn counters(items: &[&Item], now: Time) -> String {
    etag(items.iter().flat_map(|item| {
        let shown = [item.likes, item.reshares, item.replies].map(|whole| item.arrived(whole, now));
        [item.number, shown[0], shown[1], shown[2]]
    }))
}

/// Whether the asker has the reply with this tag.
fn has(request: &Request, tag: &str) -> bool {
    request.conditional && request.validator.etag.as_deref() == Some(tag)
}

/// A sortable base-32 identifier as the AT Protocol's, thirteen characters.
fn tid(at: Time, number: u64) -> String {
    const DIGITS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
    let bits = (at.timestamp_micros().cast_unsigned() << 10) | (number & 0x3ff);
    (0..13).rev().map(|i| char::from(DIGITS[((bits >> (5 * i)) & 31) as usize])).collect()
}

fn did(account: &Account) -> String {
    did_of(&account.handle, 0)
}

/// The DID of a member of somebody's crowd; 0 is the account itself.
fn did_of(handle: &str, member: u64) -> String {
    let mut name = String::from("did:plc:");
    let mut bits = handle.bytes().fold(3, |sum, byte| mix(sum ^ u64::from(byte))) ^ member;
    for _ in 0..24 {
        name.push(char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(bits & 31) as usize]));
        bits = mix(bits);
    }
    name
}

fn number_of(account: &Account) -> u64 {
    account.handle.bytes().fold(11, |sum, byte| mix(sum ^ u64::from(byte))) % 9_000_000 + 100_000
}

/// Bluesky.
impl World {
    pub(super) fn bluesky(&self, request: &Request, now: Time) -> Answer {
        let url = &request.url;
        let missing =
            |message: &str| Answer::error(400, &json!({ "error": "InvalidRequest", "message": message }));
        let actor = query(url, "actor").unwrap_or_default();
        let found = self.cast.people.iter().find_map(|player| {
            let account = player.accounts.iter().find(|account| {
                account.network == "bluesky" && (account.handle == actor || did(account) == actor)
            })?;
            Some((player, account))
        });
        match url.path().rsplit('/').next() {
            Some("app.bsky.actor.getProfile") => {
                let Some((player, account)) = found else { return missing("Profile not found") };
                Answer::json(&json!({
                    "did": did(account), "handle": account.handle, "displayName": player.name,
                    "followersCount": self.followers(account, now), "followsCount": 120,
                    "postsCount": self.bluesky_items(player, account, now).len(), "labels": [],
                    "indexedAt": iso(now),
                }))
                .with("ratelimit-limit", "3000")
                .with("ratelimit-remaining", left(3_000, now).to_string())
                .with("ratelimit-reset", (now.timestamp() + 300).to_string())
            }
            Some("app.bsky.feed.getAuthorFeed") => {
                let Some((player, account)) = found else { return missing("Profile not found") };
                let skip = query(url, "cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0usize);
                let limit = query(url, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(50usize);
                let items = self.bluesky_items(player, account, now);
                let shown: Vec<&Item> = items.iter().rev().skip(skip).take(limit).collect();
                let tag = counters(&shown, now);
                if has(request, &tag) {
                    return Answer::not_modified(tag);
                }
                let page: Vec<Value> = shown
                    .iter()
                    .map(|item| json!({ "post": bluesky_post(player, account, item, now) }))
                    .collect();
                let mut body = json!({ "feed": page });
                if items.len() > skip + limit {
                    body["cursor"] = json!((skip + limit).to_string());
                }
                Answer::json(&body).with("etag", tag)
            }
            Some("app.bsky.feed.getPosts") => {
                let wanted: Vec<String> = url
                    .query_pairs()
                    .filter(|(key, _)| key == "uris")
                    .map(|(_, uri)| uri.into_owned())
                    .collect();
                let mut posts = Vec::new();
                for player in &self.cast.people {
                    for account in player.accounts.iter().filter(|account| account.network == "bluesky") {
                        let prefix = format!("at://{}/", did(account));
                        if !wanted.iter().any(|uri| uri.starts_with(&prefix)) {
                            continue;
                        }
                        for item in self.bluesky_items(player, account, now).iter() {
                            let uri = format!("{prefix}app.bsky.feed.post/{}", tid(item.at, item.number));
                            if wanted.contains(&uri) {
                                posts.push(bluesky_post(player, account, item, now));
                            }
                        }
                    }
                }
                Answer::json(&json!({ "posts": posts }))
            }
            Some(method) if query(url, "uri").is_some() => {
                let uri = query(url, "uri").unwrap_or_default();
                self.bluesky_actors(method, &uri, now).unwrap_or_else(|| missing("Post not found"))
            }
            _ => Answer::error(
                501,
                &json!({ "error": "MethodNotImplemented", "message": "Method Not Implemented" }),
            ),
        }
    }

    /// Who is behind a post's counter.
    fn bluesky_actors(&self, method: &str, uri: &str, now: Time) -> Option<Answer> {
        let (player, account) = self.cast.people.iter().find_map(|player| {
            let account = player.accounts.iter().find(|account| {
                account.network == "bluesky" && uri.starts_with(&format!("at://{}/", did(account)))
            })?;
            Some((player, account))
        })?;
        let items = self.bluesky_items(player, account, now);
        let key = uri.rsplit('/').next()?;
        let item = items.iter().find(|item| tid(item.at, item.number) == key)?;
        let crowd = |kind, events| self.crowd(account, item, kind, events, now, 100).into_iter();
        let actor = |deed: Deed| {
            json!({ "did": did_of(&account.handle, 1 + deed.member),
                    "handle": format!("reader{}.example.com", deed.member), "labels": [] })
        };
        let post = |deed: Deed| {
            let author = actor(deed);
            let did = author["did"].as_str().unwrap_or_default();
            json!({
                "uri": format!("at://{did}/app.bsky.feed.post/{}", tid(deed.at, item.number)),
                "author": author,
                "record": { "$type": "app.bsky.feed.post", "text": self.reply_text(deed.member + deed.number), "createdAt": iso(deed.at) },
                "replyCount": 0, "repostCount": 0, "likeCount": 0, "quoteCount": 0, "indexedAt": iso(deed.at),
            })
        };
        let body = match method {
            "app.bsky.feed.getLikes" => {
                let like = |deed: Deed| json!({ "createdAt": iso(deed.at), "indexedAt": iso(deed.at), "actor": actor(deed) });
                json!({ "uri": uri, "likes": crowd(0, item.likes).map(like).collect::<Vec<_>>() })
            }
            "app.bsky.feed.getRepostedBy" => {
                json!({ "uri": uri, "repostedBy": crowd(1, item.reshares).map(actor).collect::<Vec<_>>() })
            }
            "app.bsky.feed.getPostThread" => {
                let replies = crowd(2, item.replies).map(|deed| json!({ "post": post(deed) }));
                let replies: Vec<Value> = replies.collect();
                json!({ "thread": { "post": bluesky_post(player, account, item, now), "replies": replies } })
            }
            "app.bsky.feed.getQuotes" => {
                json!({ "uri": uri, "posts": crowd(3, item.reshares * 0.2).map(post).collect::<Vec<_>>() })
            }
            _ => return None,
        };
        Some(Answer::json(&body))
    }

    fn bluesky_items(&self, player: &Player, account: &Account, now: Time) -> Items {
        self.items(player, account, &self.cast.texts.post, now)
    }
}

fn bluesky_post(player: &Player, account: &Account, item: &Item, now: Time) -> Value {
    let did = did(account);
    json!({
        "uri": format!("at://{did}/app.bsky.feed.post/{}", tid(item.at, item.number)),
        "cid": "bafyreidemo",
        "author": { "did": did, "handle": account.handle, "displayName": player.name },
        "record": { "$type": "app.bsky.feed.post", "text": item.text, "createdAt": iso(item.at), "langs": ["en"] },
        "replyCount": item.arrived(item.replies, now),
        "repostCount": item.arrived(item.reshares, now),
        "likeCount": item.arrived(item.likes, now),
        "quoteCount": item.arrived(item.reshares * 0.2, now),
        "indexedAt": iso(item.at),
        "labels": [],
    })
}

/// Mastodon.
impl World {
    pub(super) fn mastodon(&self, host: &str, request: &Request, now: Time) -> Answer {
        let url = &request.url;
        let missing = || Answer::error(404, &json!({ "error": "Record not found" }));
        let segments: Vec<&str> = url.path_segments().into_iter().flatten().collect();
        let by_name = |name: &str| self.cast.by_handle("mastodon", &format!("@{name}@{host}"));
        let by_id = |id: &str| {
            self.cast.people.iter().find_map(|player| {
                let account = player.accounts.iter().find(|account| {
                    account.network == "mastodon"
                        && account.handle.ends_with(&format!("@{host}"))
                        && number_of(account).to_string() == id
                })?;
                Some((player, account))
            })
        };
        match segments.as_slice() {
            [".well-known", "webfinger"] => {
                let resource = query(url, "resource").unwrap_or_default();
                let name =
                    resource.trim_start_matches("acct:").split('@').next().unwrap_or_default().to_owned();
                let Some((_, account)) = by_name(&name) else { return missing() };
                Answer::json(&json!({
                    "subject": resource,
                    "links": [{ "rel": "self", "type": "application/activity+json",
                                "href": format!("https://{host}/ap/users/{}", number_of(account)) }],
                }))
            }
            ["api", "v1", "accounts", "lookup"] => {
                let name = query(url, "acct").unwrap_or_default();
                by_name(&name).map_or_else(missing, |(player, account)| {
                    self.mastodon_account(host, player, account, now)
                })
            }
            ["api", "v1", "accounts", id] => by_id(id)
                .map_or_else(missing, |(player, account)| self.mastodon_account(host, player, account, now)),
            ["api", "v1", "accounts", id, "statuses"] => {
                let Some((player, account)) = by_id(id) else { return missing() };
                self.mastodon_statuses(host, player, account, request, now)
            }
            ["api", "v1", "statuses", id, what] => {
                self.mastodon_actors(host, id, what, now).unwrap_or_else(missing)
            }
            _ => Answer::error(404, &json!({ "error": "Not Found" })),
        }
    }

    /// Who is behind a status's counter.
    fn mastodon_actors(&self, host: &str, id: &str, what: &str, now: Time) -> Option<Answer> {
        let (account, item) = self.cast.people.iter().find_map(|player| {
            let account = player.accounts.iter().find(|account| {
                account.network == "mastodon" && account.handle.ends_with(&format!("@{host}"))
            })?;
            let items = self.items(player, account, &self.cast.texts.post, now);
            let item = items.iter().find(|item| status_id(item) == id)?.clone();
            Some((account, item))
        })?;
        let crowd = |kind, events, most| self.crowd(account, &item, kind, events, now, most).into_iter();
        let actor = |deed: Deed| {
            let name = format!("reader{}", deed.member);
            json!({ "id": (20_000_000 + deed.member).to_string(), "username": name, "acct": name,
                    "uri": format!("https://{host}/users/{name}") })
        };
        let body = match what {
            "favourited_by" => crowd(0, item.likes, 80).map(actor).collect(),
            "reblogged_by" => crowd(1, item.reshares, 80).map(actor).collect(),
            "context" => {
                let reply = |deed: Deed| {
                    json!({
                        "id": format!("{id}{}", deed.number), "created_at": iso(deed.at), "in_reply_to_id": id,
                        "visibility": "public", "content": format!("<p>{}</p>", self.reply_text(deed.member + deed.number)),
                        "reblog": null, "account": actor(deed),
                    })
                };
                let replies: Vec<Value> = crowd(2, item.replies, 60).map(reply).collect();
                json!({ "ancestors": [], "descendants": replies })
            }
            _ => return None,
        };
        Some(Answer::json(&body))
    }

    fn mastodon_account(&self, host: &str, player: &Player, account: &Account, now: Time) -> Answer {
        let name = account.handle.trim_start_matches('@').split('@').next().unwrap_or_default();
        let id = number_of(account).to_string();
        let followers = self.followers(account, now);
        // The server has found links back on pages that carry them; Bluesky's profiles do not.
        let field = |page: String| {
            let verified = if page.contains("bsky.app") { Value::Null } else { json!(iso(self.origin)) };
            json!({ "name": "Also", "value": format!("<a href=\"{page}\" rel=\"me\">here</a>"), "verified_at": verified })
        };
        let fields: Vec<Value> = player.pages(&["feed", "bluesky"]).into_iter().map(field).collect();
        Answer::json(&json!({
            "id": id, "username": name, "acct": name, "display_name": player.name, "locked": false, "bot": false,
            "note": "<p>Invented.</p>", "url": format!("https://{host}/@{name}"),
            "uri": format!("https://{host}/ap/users/{id}"), "followers_count": followers,
            "following_count": 210, "statuses_count": 900, "fields": fields, "emojis": [],
        }))
        .with("etag", etag([followers]))
        .with("x-ratelimit-limit", "300")
        .with("x-ratelimit-remaining", left(300, now).to_string())
        .with("x-ratelimit-reset", iso(now + chrono::TimeDelta::minutes(5)))
    }

    fn mastodon_statuses(
        &self,
        host: &str,
        player: &Player,
        account: &Account,
        request: &Request,
        now: Time,
    ) -> Answer {
        let url = &request.url;
        let before = query(url, "max_id").and_then(|id| id.parse::<u64>().ok()).unwrap_or(u64::MAX);
        let limit = query(url, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(20usize);
        let items = self.items(player, account, &self.cast.texts.post, now);
        let older: Vec<&Item> = items
            .iter()
            .rev()
            .filter(|item| status_id(item).parse::<u64>().is_ok_and(|id| id < before))
            .collect();
        let page: Vec<&Item> = older.iter().copied().take(limit).collect();
        let tag = counters(&page, now);
        if has(request, &tag) {
            return Answer::not_modified(tag);
        }
        let name = account.handle.trim_start_matches('@').split('@').next().unwrap_or_default();
        let id = number_of(account).to_string();
        let statuses: Vec<Value> = page
            .iter()
            .map(|item| {
                json!({
                    "id": status_id(item), "created_at": iso(item.at), "in_reply_to_id": null,
                    "in_reply_to_account_id": null, "sensitive": false, "spoiler_text": "",
                    "visibility": "public", "language": "en",
                    "uri": format!("https://{host}/users/{name}/statuses/{}", status_id(item)),
                    "url": format!("https://{host}/@{name}/{}", status_id(item)),
                    "replies_count": item.arrived(item.replies, now),
                    "reblogs_count": item.arrived(item.reshares, now),
                    "favourites_count": item.arrived(item.likes, now),
                    "quotes_count": 0, "content": format!("<p>{}</p>", item.text), "reblog": null,
                    "account": { "id": id, "username": name, "acct": name }, "quote": null,
                })
            })
            .collect();
        let mut answer = Answer::json(&Value::Array(statuses)).with("etag", tag);
        if let Some(last) = page.last().filter(|_| older.len() > page.len()) {
            let next = format!("https://{host}{}?limit={limit}&max_id={}", url.path(), status_id(last));
            answer = answer.with("link", format!("<{next}>; rel=\"next\""));
        }
        answer
    }
}

fn status_id(item: &Item) -> String {
    ((item.at.timestamp_millis().cast_unsigned() << 16) | (item.number & 0xffff)).to_string()
}

/// GitHub.
impl World {
    pub(super) fn github(&self, url: &Url, now: Time) -> Answer {
        let missing = || Answer::error(404, &json!({ "message": "Not Found", "status": "404" }));
        let segments: Vec<&str> = url.path_segments().into_iter().flatten().collect();
        let by = |wanted: &dyn Fn(&Account) -> bool| {
            self.cast.people.iter().find_map(|player| {
                let account =
                    player.accounts.iter().find(|account| account.network == "github" && wanted(account))?;
                Some((player, account))
            })
        };
        let limits = |answer: Answer| {
            answer
                .with("x-ratelimit-limit", "5000")
                .with("x-ratelimit-remaining", "4812")
                .with("x-ratelimit-reset", (now.timestamp() + 1_800).to_string())
        };
        match segments.as_slice() {
            ["users", login] => match by(&|account| account.handle == *login) {
                Some((player, account)) => limits(self.github_user(player, account, now)),
                None => missing(),
            },
            ["user", id] => match by(&|account| number_of(account).to_string() == *id) {
                Some((player, account)) => limits(self.github_user(player, account, now)),
                None => missing(),
            },
            ["users", login, "repos"] => match by(&|account| account.handle == *login) {
                Some((player, account)) => limits(self.github_repositories(player, account, now)),
                None => missing(),
            },
            ["users", login, "social_accounts"] => match by(&|account| account.handle == *login) {
                Some((player, _)) => {
                    let pages = player.pages(&["mastodon", "bluesky"]);
                    let named = pages.iter().map(|page| json!({ "provider": "generic", "url": page }));
                    limits(Answer::json(&named.collect()))
                }
                None => missing(),
            },
            ["repos", _, _, "issues", "comments"] => limits(Answer::json(&json!([]))),
            ["repos", login, name, "stargazers"] => match by(&|account| account.handle == *login) {
                Some((player, account)) => limits(self.stargazers(player, account, name, url, now)),
                None => missing(),
            },
            _ => missing(),
        }
    }

    /// A page of who starred a repository, the oldest first. When is known from how many come in a day.
    fn stargazers(&self, player: &Player, account: &Account, name: &str, url: &Url, now: Time) -> Answer {
        let texts = &self.cast.texts.repository;
        let n = texts.iter().position(|text| text.split(':').next() == Some(name)).unwrap_or(0);
        let stars = self.stars(player, account, n, now);
        let page = query(url, "page").and_then(|page| page.parse::<u64>().ok()).unwrap_or(1).max(1);
        let last = stars.min(page * 100);
        let pause = days(1.0 / account.rate.max(0.01));
        let crowd: Vec<Value> = ((page - 1) * 100 + 1..=last)
            .map(|number| {
                let before = i32::try_from(stars - number).unwrap_or(i32::MAX);
                json!({
                    "starred_at": (now - pause * before - pause / 2).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                    "user": { "id": 20_000_000 + number * 10 + n as u64, "type": "User" },
                })
            })
            .collect();
        Answer::json(&Value::Array(crowd))
    }

    fn github_user(&self, player: &Player, account: &Account, now: Time) -> Answer {
        let followers = self.followers(account, now);
        Answer::json(&json!({
            "login": account.handle, "id": number_of(account), "type": "User", "name": player.name,
            "html_url": format!("https://github.com/{}", account.handle), "followers": followers,
            "following": 12, "public_repos": self.cast.texts.repository.len(),
            "blog": player.pages(&["feed"]).pop().unwrap_or_default(),
        }))
        .with("etag", etag([followers]))
    }

    fn github_repositories(&self, player: &Player, account: &Account, now: Time) -> Answer {
        let mut tags = Vec::new();
        let repositories: Vec<Value> = self
            .cast
            .texts
            .repository
            .iter()
            .enumerate()
            .map(|(n, text)| {
                let (name, about) = text.split_once(": ").unwrap_or((text, ""));
                let stars = self.stars(player, account, n, now);
                tags.push(stars);
                json!({
                    "id": number_of(account) * 10 + n as u64, "name": name,
                    "full_name": format!("{}/{name}", account.handle), "private": false, "fork": false,
                    "html_url": format!("https://github.com/{}/{name}", account.handle), "description": about,
                    "created_at": self.created(account, n).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                    "stargazers_count": stars, "watchers_count": stars, "forks_count": stars / 21,
                })
            })
            .collect();
        Answer::json(&Value::Array(repositories)).with("etag", etag(tags))
    }
}

/// Hacker News.
impl World {
    pub(super) fn hackernews(&self, url: &Url, now: Time) -> Answer {
        let segments: Vec<&str> = url.path_segments().into_iter().flatten().collect();
        match segments.as_slice() {
            ["v0", "user", file] => {
                let name = file.trim_end_matches(".json");
                let Some((player, account)) = self.cast.by_handle("hackernews", name) else {
                    return Answer::json(&Value::Null);
                };
                let karma: u64 =
                    self.stories(player, account, now).iter().map(|item| item.arrived(item.likes, now)).sum();
                Answer::json(&json!({ "id": name, "created": 1_400_000_000, "karma": 900 + karma }))
                    .with("etag", etag([karma]))
            }
            ["v0", "item", file] => {
                let story = self.story(file.trim_end_matches(".json"), now);
                let Some((account, item)) = story else { return Answer::json(&Value::Null) };
                Answer::json(&json!({
                    "id": story_id(&item).parse::<u64>().unwrap_or(0), "type": "story", "by": account.handle,
                    "time": item.at.timestamp(), "title": item.text,
                    "score": 1 + item.arrived(item.likes, now), "descendants": item.arrived(item.replies * 3.0, now),
                }))
            }
            ["api", "v1", "items", id] => {
                let Some((account, story)) = self.story(id, now) else {
                    return Answer::error(404, &json!({ "message": "not found" }));
                };
                let number = id.parse::<u64>().unwrap_or(0);
                let comments: Vec<Value> = self
                    .crowd(account, &story, 2, story.replies * 3.0, now, 200)
                    .into_iter()
                    .map(|deed| {
                        json!({
                            "id": number * 1_000 + deed.number, "author": format!("reader{}", deed.member),
                            "created_at_i": deed.at.timestamp(), "type": "comment",
                            "text": format!("<p>{}", self.reply_text(deed.member + deed.number)), "children": [],
                        })
                    })
                    .collect();
                Answer::json(&json!({
                    "id": number, "author": account.handle, "created_at_i": story.at.timestamp(),
                    "type": "story", "title": story.text, "children": comments,
                }))
            }
            ["api", "v1", "search_by_date"] => {
                let tags = query(url, "tags").unwrap_or_default();
                let name =
                    tags.trim_start_matches("author_").split(',').next().unwrap_or_default().to_owned();
                let since = query(url, "numericFilters")
                    .and_then(|filter| filter.split('>').nth(1)?.parse::<i64>().ok())
                    .unwrap_or(0);
                let Some((player, account)) = self.cast.by_handle("hackernews", &name) else {
                    return Answer::json(&json!({ "hits": [], "nbHits": 0 }));
                };
                let hits: Vec<Value> = self
                    .stories(player, account, now)
                    .iter()
                    .rev()
                    .filter(|item| item.at.timestamp() > since)
                    .map(|item| {
                        json!({
                            "objectID": story_id(item), "author": name, "title": item.text,
                            "points": 1 + item.arrived(item.likes, now),
                            "num_comments": item.arrived(item.replies * 3.0, now),
                            "created_at_i": item.at.timestamp(), "_tags": ["story", format!("author_{name}")],
                            "children": [],
                        })
                    })
                    .collect();
                Answer::json(&json!({ "nbHits": hits.len(), "hits": hits }))
            }
            _ => Answer::error(404, &json!({ "message": "not found" })),
        }
    }

    /// A story by its number, with who submitted it.
    fn story(&self, id: &str, now: Time) -> Option<(&Account, Item)> {
        self.cast.people.iter().find_map(|player| {
            let account = player.accounts.iter().find(|account| account.network == "hackernews")?;
            let items = self.stories(player, account, now);
            items.iter().find(|item| story_id(item) == id).map(|item| (account, item.clone()))
        })
    }

    fn stories(&self, player: &Player, account: &Account, now: Time) -> Items {
        self.items(player, account, &self.cast.texts.story, now)
    }
}

fn story_id(item: &Item) -> String {
    (item.at.timestamp().cast_unsigned() % 100_000_000 + 10_000_000).to_string()
}

/// Escapes text for XML.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => {
                let _ = write!(out, "{c}");
            }
        }
    }
    out
}
