//! `[custom.NAME]`: channels that the user describes. The key is in `keys.toml`, under `custom@NAME`.

use super::Config;
use super::read::{Check, Span, column_of, key_span};
use crate::channels::{Definition, Expression, Listing, is_own_name};
use crate::exchange::is_loopback;
use crate::model::Metric;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml_edit::TableLike;
use url::Url;

/// Keys that are about each post.
const OF_POSTS: [&str; 9] =
    ["id", "title", "link", "published", "likes", "replies", "reshares", "quotes", "views"];

const COUNTERS: [(&str, Metric); 5] = [
    ("likes", Metric::Likes),
    ("reshares", Metric::Reshares),
    ("replies", Metric::Replies),
    ("quotes", Metric::Quotes),
    ("views", Metric::Views),
];

/// Headers that belong to the exchange itself.
const TAKEN: [&str; 7] =
    ["accept", "connection", "content-length", "content-type", "host", "te", "transfer-encoding"];

impl Check<'_> {
    pub(super) fn custom(
        &mut self,
        tables: &dyn TableLike,
        config: &Config,
    ) -> BTreeMap<String, Arc<Definition>> {
        let mut out = BTreeMap::new();
        for (name, item) in tables.iter() {
            self.described.push(name.to_owned());
            let span = || key_span(tables, name).or_else(|| item.span());
            if !is_own_name(name) {
                let what = format!("\"{name}\" is no name: 40 small letters, digits, - and _ at most");
                self.wrong(span(), what);
            }
            let Some(table) = self.table(item, "a custom channel") else { continue };
            if let Some(definition) = self.definition(table, span(), config) {
                out.insert(name.to_owned(), Arc::new(definition));
            }
        }
        out
    }

    fn definition(&mut self, table: &dyn TableLike, span: Span, config: &Config) -> Option<Definition> {
        let general = ["url", "header", "audience", "number", "posts"];
        self.only(table, &[&general[..], &OF_POSTS].concat());
        let url = self.source(table, config);
        if table.get("url").is_none() {
            self.wrong(span.clone(), "a custom channel needs a \"url\", the address that is asked");
        }
        let header = self.header(table);
        let audience = self.expression(table, "audience");
        let number = self.expression(table, "number");
        let listing = self.listing(table);
        if let Some(item) = table.get("number")
            && let Some(other) = ["audience", "posts"].into_iter().find(|key| table.get(key).is_some())
        {
            self.wrong(
                item.span(),
                format!("\"number\" stands alone: it is the audience; \"{other}\" is here, too"),
            );
        }
        if general[2..].iter().all(|key| table.get(key).is_none()) {
            self.wrong(span, "nothing is read here: name \"audience\", \"posts\" or \"number\"");
        }
        Some(Definition { url: url?, header, audience: audience.or(number), listing })
    }

    fn source(&mut self, table: &dyn TableLike, config: &Config) -> Option<Url> {
        let (text, span) = self.string(table, "url")?;
        let url =
            Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            self.wrong(span, format!("\"{text}\" is not a web address"));
            return None;
        };
        let host = url.host_str().unwrap_or_default();
        if !url.username().is_empty() || url.password().is_some() {
            self.wrong(
                span,
                "no name or password stands in \"url\": name a \"header\", and put the key into keys.toml",
            );
        } else if url.scheme() == "http" && !is_loopback(&url) && !config.allows_http(host) {
            let what = format!(
                "http://{host} would be read without encryption: write https://, or allow the host under [hosts]"
            );
            self.wrong(span, what);
        }
        Some(url)
    }

    fn header(&mut self, table: &dyn TableLike) -> Option<String> {
        let (text, span) = self.string(table, "header")?;
        let name = text.to_ascii_lowercase();
        // RFC 9110, section 5.6.2.
        let token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
        if name.is_empty() || name.len() > 100 || !name.bytes().all(token) || TAKEN.contains(&name.as_str()) {
            self.wrong(
                span,
                format!("\"{text}\" is no header for a key; write its name alone, as \"X-Api-Key\""),
            );
        }
        Some(name)
    }

    fn listing(&mut self, table: &dyn TableLike) -> Option<Listing> {
        let Some(item) = table.get("posts") else {
            for key in OF_POSTS {
                if let Some(item) = table.get(key) {
                    self.wrong(
                        item.span(),
                        format!("\"{key}\" is about each post: say with \"posts\" where they are"),
                    );
                }
            }
            return None;
        };
        if table.get("id").is_none() {
            self.wrong(item.span(), "posts need an \"id\", by which they are known again");
        }
        let posts = self.expression(table, "posts");
        let id = self.expression(table, "id");
        let [title, link, published] = ["title", "link", "published"].map(|key| self.expression(table, key));
        let counts = COUNTERS.map(|(key, metric)| self.expression(table, key).map(|path| (metric, path)));
        Some(Listing {
            posts: posts?,
            id: id?,
            title,
            link,
            published,
            counts: counts.into_iter().flatten().collect(),
        })
    }

    fn expression(&mut self, table: &dyn TableLike, key: &str) -> Option<Expression> {
        let (text, span) = self.string(table, key)?;
        match Expression::parse(&text) {
            Ok(expression) => Some(expression),
            Err(bad) => {
                let start = span.as_ref().map_or(0, |span| span.start);
                // Behind the quotation marks, unless it is written in another way than it reads.
                let written = span.as_ref().and_then(|span| self.text.get(span.clone())?.find(&text));
                let place = written.map_or(start, |quotes| start + quotes + bad.at);
                let column = column_of(self.text, place);
                let what = format!("\"{key}\" is no JSONPath (RFC 9535), column {column}: {}", bad.what);
                self.wrong(span.map(|span| place..span.end.max(place)), what);
                None
            }
        }
    }
}
