use html5gum::{Token, Tokenizer};
use url::Url;

/// Feeds that a page links to with `<link rel="alternate">`, comment feeds left out.
pub(super) fn feeds(page: &[u8], at: &Url) -> Vec<Url> {
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
        let attribute = |wanted: &str| {
            tag.attributes
                .iter()
                .find(|(name, _)| AsRef::<[u8]>::as_ref(*name) == wanted.as_bytes())
                .map(|(_, value)| String::from_utf8_lossy(value.as_ref()).trim().to_owned())
        };
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
}
