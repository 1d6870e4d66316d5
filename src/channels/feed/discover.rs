use html5gum::{StartTag, Token, Tokenizer};
use url::Url;

/// Feeds that a page links to with `<link rel="alternate">`, comment feeds left out.
pub(in crate::channels) fn feeds(page: &[u8], at: &Url) -> Vec<Url> {
    const TYPES: [&str; 4] =
        ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"];
    let mut found: Vec<Url> = Vec::new();
    for token in Tokenizer::new(page) {
        let Ok(token) = token;
        let Token::StartTag(tag) = token else { continue };
        let name: &[u8] = &tag.name;
        if name == b"body" && !found.is_empty() {
            break;
        }
        if name != b"link" {
            continue;
        }
        let attribute = |wanted: &str| attribute(&tag, wanted);
        let rel = attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let kind = attribute("type").unwrap_or_default().to_ascii_lowercase();
        let title = attribute("title").unwrap_or_default().to_lowercase();
        let Some(url) = attribute("href").and_then(|href| at.join(&href).ok()) else { continue };
        let is_feed = rel.split_ascii_whitespace().any(|rel| rel == "alternate")
            && TYPES.iter().any(|feed| kind.starts_with(feed))
            && (!kind.starts_with("application/json") || url.path().contains("feed"));
        let of_comments = title.contains("comment") || url.path().contains("/comments/");
        if is_feed && !of_comments && !found.contains(&url) && found.len() < 8 {
            found.push(url);
        }
    }
    found
}

/// Where the page says that its owner is to be found, too: `rel="me"`, in the head or in the text.
pub(super) fn me(page: &[u8], at: &Url) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for token in Tokenizer::new(page) {
        let Ok(token) = token;
        let Token::StartTag(tag) = token else { continue };
        let name: &[u8] = &tag.name;
        let rel = attribute(&tag, "rel").unwrap_or_default().to_ascii_lowercase();
        if !matches!(name, b"a" | b"link") || !rel.split_ascii_whitespace().any(|rel| rel == "me") {
            continue;
        }
        let url = attribute(&tag, "href").and_then(|href| at.join(&href).ok()).map(String::from);
        found.extend(url.filter(|url| !found.contains(url)));
        if found.len() >= 16 {
            break;
        }
    }
    found
}

/// What the page says it was made by, in small letters. Plugins name themselves there, too.
pub(super) fn generators(page: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for token in Tokenizer::new(page) {
        let Ok(token) = token;
        let Token::StartTag(tag) = token else { continue };
        let name: &[u8] = &tag.name;
        if name == b"body" || found.len() >= 8 {
            break;
        }
        if name == b"meta"
            && attribute(&tag, "name").is_some_and(|name| name.eq_ignore_ascii_case("generator"))
        {
            found.extend(attribute(&tag, "content").map(|content| content.to_ascii_lowercase()));
        }
    }
    found
}

pub(super) fn attribute(tag: &StartTag<()>, wanted: &str) -> Option<String> {
    let named = |name: &[u8]| name == wanted.as_bytes();
    let found = tag.attributes.iter().find(|(name, _)| named(name.as_ref()));
    found.map(|(_, value)| String::from_utf8_lossy(value.as_ref()).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_found_in_the_head_of_a_page() {
        let page = br#"<!doctype html><html><head>
            <link rel="stylesheet" href="/x.css"><link REL="Alternate" type="application/rss+xml" href="/feed/">
            <link rel="alternate" type="application/rss+xml" title="Comments Feed" href="/comments/feed/">
            <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
            <link rel=alternate type=application/atom+xml href=atom.xml><link rel="alternate" hreflang="de" href="/de">
            </head><body><link rel="alternate" type="application/rss+xml" href="/late"></body>"#;
        let found = feeds(page, &Url::parse("https://ada.example/blog/").unwrap());
        let found: Vec<_> = found.iter().map(Url::as_str).collect();
        assert_eq!(found, ["https://ada.example/feed/", "https://ada.example/blog/atom.xml"]);
        assert!(feeds(b"<html><body>nothing", &Url::parse("https://ada.example").unwrap()).is_empty());
    }

    #[test]
    fn a_page_says_what_it_was_made_by() {
        let page =
            b"<html><head><meta name=viewport content=x><meta content='Ghost 5.88' name=Generator></head>
            <body><meta name=generator content=blogger>";
        assert_eq!(generators(page), ["ghost 5.88"]);
    }

    #[test]
    fn a_page_says_who_its_owner_is_elsewhere() {
        let page = br#"<!doctype html><html><head><link rel=me href="https://github.com/adalind"></head>
            <body><a href="/about">me</a> <a REL="nofollow ME" href="https://hachy.example/@ada">me there</a>
            <a rel="me" href="https://github.com/adalind">again</a> <a rel="me" href="https://[">broken</a>
            <a rel="home" href="https://other.example">not me</a></body>"#;
        let found = me(page, &Url::parse("https://ada.example/").unwrap());
        assert_eq!(found, ["https://github.com/adalind", "https://hachy.example/@ada"]);
    }
}
