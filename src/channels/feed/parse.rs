use crate::contain::contained;
use crate::model::{Time, Trouble};
use crate::text;
use quick_xml::NsReader;
use quick_xml::encoding::DecodingReader;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use std::collections::HashMap;
use url::Url;

const SLASH: &str = "http://purl.org/rss/1.0/modules/slash/";
const THREAD: &str = "http://purl.org/syndication/thread/1.0";
/// What WordPress.com and Jetpack add to the feeds of their sites.
const ADDITIONS: &str = "com-wordpress:feed-additions:1";

/// Entries read of one feed at most.
const MOST: usize = 500;

/// Elements inside each other at most; feeds need a dozen.
const DEEPEST: usize = 64;

#[derive(Debug)]
pub(in crate::channels) struct Parsed {
    pub(in crate::channels) title: Option<String>,
    pub(in crate::channels) home: Option<Url>,
    /// What the feed says it was made by, in small letters.
    pub(in crate::channels) generator: Option<String>,
    /// The site's number at WordPress.com.
    pub(in crate::channels) site: Option<u64>,
    pub(in crate::channels) entries: Vec<Entry>,
}

#[derive(Debug)]
pub(in crate::channels) struct Entry {
    pub(in crate::channels) id: String,
    pub(in crate::channels) url: Option<String>,
    pub(in crate::channels) title: String,
    pub(in crate::channels) published: Option<Time>,
    pub(in crate::channels) comments: Option<u64>,
    pub(in crate::channels) author: Option<String>,
    /// Where the author is at home.
    pub(in crate::channels) author_uri: Option<String>,
    /// The entry that this one answers.
    pub(in crate::channels) answers: Option<String>,
    /// Stars and views of a video.
    pub(in crate::channels) stars: Option<u64>,
    pub(in crate::channels) views: Option<u64>,
    /// Its text or the summary of it, as HTML.
    pub(in crate::channels) words: String,
}

impl Parsed {
    /// Whether the feed carries comment counts.
    pub(in crate::channels) fn counted(&self) -> bool {
        self.entries.iter().any(|entry| entry.comments.is_some())
    }
}

/// Reads RSS, Atom or JSON Feed.
pub(in crate::channels) fn feed(body: &[u8], at: &Url) -> Result<Parsed, Trouble> {
    let json = body.iter().find(|c| !c.is_ascii_whitespace()) == Some(&b'{');
    let extra = if json { Extras::default() } else { extras(body)? };
    // feed-rs 3.0.0 panics on a declared encoding late in the document and on numbers too long for 64 bits.
    let parser = || feed_rs::parser::Builder::new().base_uri(Some(at.as_str())).build().parse(body);
    let feed = contained(parser).ok_or_else(|| Trouble::malformed("not a feed: it breaks the parser"))?;
    let feed = feed
        .map_err(|error| Trouble::malformed(text::cut(&text::clean(&format!("not a feed: {error}")), 100)))?;
    let generator = feed.generator.map(|generator| {
        format!("{} {}", generator.content.trim(), generator.uri.unwrap_or_default()).to_ascii_lowercase()
    });
    let home = feed.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    let home = home.and_then(|link| at.join(link.href.trim()).ok()).filter(|url| !url.cannot_be_a_base());
    let entries = feed
        .entries
        .into_iter()
        .take(MOST)
        .filter_map(|entry| {
            let link = entry
                .links
                .iter()
                .find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"))
                .or_else(|| entry.links.first());
            let url = link.and_then(|link| at.join(link.href.trim()).ok());
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https")).map(|url| url.to_string());
            let given = entry.id.trim().to_owned();
            let by_id = extra.entries.get(&given);
            let by_link = link.and_then(|link| extra.entries.get(link.href.trim()));
            let by_either = by_id.or(by_link);
            // An id that is not in the document was made up by the parser: the link is the better one.
            let made_up = !json && by_id.is_none();
            let title = entry.title.map(|title| text::from_html(&title.content)).unwrap_or_default();
            let teaser =
                || entry.summary.as_ref().map(|text| text::cut(&text::from_html(&text.content), 100));
            let title = if title.is_empty() { teaser().unwrap_or_default() } else { title };
            let published = entry.published.or(entry.updated);
            let id = match (made_up, &url) {
                (false, _) => given,
                (true, Some(url)) => url.clone(),
                // Neither guid nor link: its words and its day are all that tell it from others.
                (true, None) if title.is_empty() => return None,
                (true, None) => {
                    format!("{} {title}", published.map(|at| at.to_rfc3339()).unwrap_or_default())
                }
            };
            if id.is_empty() {
                return None;
            }
            Some(Entry {
                url,
                title,
                published,
                comments: by_either.and_then(|extra| extra.comments),
                answers: by_either.and_then(|extra| extra.answers.clone()),
                author: entry.authors.first().and_then(|author| author.name.as_deref()).map(text::clean),
                author_uri: entry.authors.first().and_then(|author| author.uri.as_deref()).map(text::clean),
                stars: entry.media.iter().find_map(|media| media.community.as_ref()?.stars_count),
                views: entry.media.iter().find_map(|media| media.community.as_ref()?.stats_views),
                words: entry
                    .content
                    .and_then(|content| content.body)
                    .or_else(|| entry.summary.map(|summary| summary.content))
                    .unwrap_or_default(),
                id,
            })
        })
        .collect();
    Ok(Parsed {
        title: feed.title.map(|title| text::from_html(&title.content)),
        home,
        generator,
        site: extra.site,
        entries,
    })
}

/// What the feed parser leaves out.
#[derive(Default)]
struct Extras {
    /// The site's number at WordPress.com.
    site: Option<u64>,
    /// By guid, id and link of the entry.
    entries: HashMap<String, Extra>,
}

#[derive(Default, Clone)]
struct Extra {
    comments: Option<u64>,
    answers: Option<String>,
}

/// Names are matched by namespace, whatever the prefix. An empty count is unknown, not zero.
fn extras(body: &[u8]) -> Result<Extras, Trouble> {
    let mut reader = NsReader::from_reader(DecodingReader::new(body));
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut found = Extras::default();
    let mut names: Vec<String> = Vec::new();
    let mut extra = Extra::default();
    let mut field: Option<Field> = None;
    let mut text = String::new();
    let mut depth = 0usize;
    let mut entry_depth = None;
    let mut buffer = Vec::new();
    let mut events = 0;
    loop {
        buffer.clear();
        events += 1;
        let first = events == 1;
        let Ok((namespace, event)) = reader.read_resolved_event_into(&mut buffer) else { return Ok(found) };
        let namespace = match namespace {
            ResolveResult::Bound(Namespace(uri)) => uri.to_owned(),
            _ => String::new(),
        };
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                depth += usize::from(!empty);
                if depth > DEEPEST {
                    return Err(Trouble::malformed("the feed is nested too deeply"));
                }
                let local = tag.local_name().as_ref().to_owned();
                if matches!(local.as_str(), "item" | "entry") && entry_depth.is_none() && !empty {
                    entry_depth = Some(depth);
                    names.clear();
                    extra = Extra::default();
                }
                text.clear();
                if entry_depth.is_none() {
                    let site = namespace == ADDITIONS && local == "site" && !empty;
                    field = site.then_some(Field::Site);
                    continue;
                }
                field = match (namespace.as_str(), local.as_str()) {
                    (SLASH, "comments") | (THREAD, "total") => Some(Field::Count),
                    (_, "guid" | "id" | "link") => Some(Field::Name),
                    _ => None,
                };
                for attribute in tag.attributes().flatten() {
                    let value = attribute.value.trim().to_owned();
                    match attribute.key.local_name().as_ref() {
                        "about" if local == "item" => names.push(value),
                        "href" if local == "link" => names.push(unescape(&value)),
                        "count" if local == "link" => {
                            extra.comments = extra.comments.or_else(|| value.parse().ok());
                        }
                        "ref" if namespace == THREAD && local == "in-reply-to" => {
                            extra.answers = Some(unescape(&value));
                        }
                        _ => {}
                    }
                }
            }
            Event::Text(part) if field.is_some() => {
                text.push_str(part.as_ref());
            }
            Event::CData(part) if field.is_some() => {
                text.push_str(part.as_ref());
            }
            Event::GeneralRef(part) if field.is_some() => {
                text.push_str(&unescape(&format!("&{};", part.as_ref() as &str)));
            }
            Event::End(_) => {
                match field.take() {
                    Some(Field::Count) => extra.comments = text.trim().parse().ok().or(extra.comments),
                    Some(Field::Site) => found.site = text.trim().parse().ok(),
                    Some(Field::Name) if !text.trim().is_empty() => names.push(text.trim().to_owned()),
                    _ => {}
                }
                if entry_depth == Some(depth) {
                    entry_depth = None;
                    for name in names.drain(..) {
                        found.entries.insert(name, extra.clone());
                    }
                    if found.entries.len() > 4 * MOST {
                        return Ok(found);
                    }
                }
                depth = depth.saturating_sub(1);
            }
            // Only at the very start: later the reader has gone on with another encoding.
            Event::Decl(declaration) if first => {
                if let Some(encoding) = declaration.encoder() {
                    reader.get_mut().set_encoding(encoding);
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Field {
    Count,
    Name,
    Site,
}

fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}
