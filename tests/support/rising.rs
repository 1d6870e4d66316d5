#![allow(unreachable_pub, reason = "a module of several test binaries")]
//! A server that does not stand still.

use crate::server::{Server, json, reply};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One account whose newest post, which says `words` (as JSON writes them), has nine favourites more at every poll,
/// until the server breaks.
pub fn rising(broken: &Arc<AtomicBool>, words: &'static str) -> Server {
    let broken = broken.clone();
    let polls = AtomicU64::new(0);
    Server::start(move |head| {
        let account = "\"id\": \"111\", \"username\": \"ada\", \"acct\": \"ada\", \"followers_count\": 450";
        if broken.load(Ordering::Relaxed) {
            return reply(500, &[("content-type", "text/html")], b"<html>\x1b[2Jbroken</html>");
        }
        if head.contains("webfinger") {
            return reply(404, &[], b"");
        }
        if !head.contains("/statuses") {
            return json(format!("{{{account}}}").as_bytes());
        }
        let likes = 20 + 9 * polls.fetch_add(1, Ordering::Relaxed);
        let status = format!(
            "[{{\"id\": \"9\", \"created_at\": \"2026-03-02T09:00:00.000Z\", \"visibility\": \"public\", \
             \"favourites_count\": {likes}, \"content\": \"{words}\", \"uri\": \"http://h.example/9\", \
             \"account\": {{{account}}}}}]"
        );
        json(status.as_bytes())
    })
}

/// Writes a configuration with one person, who is read from this server every second.
pub fn configure(folder: &Path, server: &Server) {
    let config = format!(
        "[networks.mastodon]\napi = \"{}\"\ninterval = \"1s\"\n\n[[people]]\nsymbol = \"ADA\"\n\
         channels = [\"@ada@h.example\"]\n",
        server.url()
    );
    std::fs::write(folder.join("config.toml"), config).unwrap();
}
