//! The blogs, as WordPress serves them.

use super::bodies::xml;
use super::cast::{Account, Player};
use super::life::Item;
use super::{Answer, World};
use crate::model::Time;
use serde_json::{Value, json};
use url::Url;

impl World {
    pub(super) fn blog(&self, host: &str, url: &Url, now: Time) -> Answer {
        let Some((player, account)) = self.cast.by_handle("feed", host) else {
            return Answer { status: 404, headers: Vec::new(), body: String::new() };
        };
        let posts = self.items(player, account, &self.cast.texts.article, now);
        match url.path() {
            "/" => Answer::text("text/html; charset=utf-8", home(player)),
            "/feed/" => Answer::text("application/rss+xml; charset=UTF-8", rss(host, player, &posts, now))
                .with("link", format!("<https://{host}/wp-json/>; rel=\"https://api.w.org/\"")),
            "/wp-json/wp/v2/posts" => {
                let posts: Vec<Value> = posts
                    .iter()
                    .rev()
                    .take(50)
                    .map(|post| {
                        json!({
                            "id": post_number(post), "guid": { "rendered": guid(host, post) },
                            "link": guid(host, post), "title": { "rendered": post.text }, "author": 1,
                            "date_gmt": post.at.format("%Y-%m-%dT%H:%M:%S").to_string(),
                        })
                    })
                    .collect();
                Answer::json(&Value::Array(posts)).with("x-wp-total", "50").with("x-wp-totalpages", "1")
            }
            "/wp-json/wp/v2/comments" => self.comments(account, &posts, now),
            _ => Answer::error(404, &json!({ "code": "rest_no_route", "data": { "status": 404 } })),
        }
    }

    fn comments(&self, account: &Account, posts: &[Item], now: Time) -> Answer {
        let mut comments: Vec<(Time, Value)> = Vec::new();
        for post in posts {
            let total = post.replies + post.likes;
            for n in 1..=post.arrived(total, now) {
                let at = post.arrival(n, total);
                let reader = self.chance(account, [post.number, 700 + n]) * 400.0;
                let comment = json!({
                    "id": post_number(post) * 1_000 + n, "post": post_number(post), "author": 0,
                    "author_name": format!("Reader {reader:.0}"),
                    "date_gmt": at.format("%Y-%m-%dT%H:%M:%S").to_string(),
                    "content": { "rendered": self.reply_text(n) },
                });
                comments.push((at, comment));
            }
        }
        comments.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let total = comments.len();
        let page: Vec<Value> = comments.into_iter().take(100).map(|(_, comment)| comment).collect();
        Answer::json(&Value::Array(page)).with("x-wp-total", total.to_string()).with("x-wp-totalpages", "1")
    }
}

fn home(player: &Player) -> String {
    let links = player.pages(&["github", "mastodon"]);
    let links: Vec<String> =
        links.iter().map(|page| format!("<a rel=\"me\" href=\"{page}\">here</a>")).collect();
    format!(
        "<!doctype html><html><head><title>{}</title><link rel=\"alternate\" type=\"application/rss+xml\" \
         href=\"/feed/\"></head><body>{}</body></html>",
        xml(&player.name),
        links.join(" ")
    )
}

fn rss(host: &str, player: &Player, posts: &[Item], now: Time) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
         xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\"><channel><title>{} writes</title>\
         <link>https://{host}/</link><generator>https://wordpress.org/?v=6.9</generator>",
        xml(&player.name)
    );
    for post in posts.iter().rev().take(10) {
        let comments = post.arrived(post.replies + post.likes, now);
        out.push_str(&format!(
            "<item><title>{}</title><link>{guid}</link><guid isPermaLink=\"false\">{guid}</guid>\
             <pubDate>{}</pubDate><slash:comments>{comments}</slash:comments></item>",
            xml(&post.text),
            post.at.format("%a, %d %b %Y %H:%M:%S +0000"),
            guid = guid(host, post),
        ));
    }
    out.push_str("</channel></rss>");
    out
}

fn guid(host: &str, post: &Item) -> String {
    format!("https://{host}/?p={}", post_number(post))
}

fn post_number(post: &Item) -> u64 {
    post.number % 1_000_000
}
