use super::{all, network};
use crate::exchange::is_loopback;
use crate::model::{Account, Network};
use crate::text;
use url::Url;

/// An address as somebody typed it, on its way to the channels that may recognise it.
#[derive(Debug)]
pub struct Typed<'a> {
    /// The text, without the network's name if one was given.
    pub text: &'a str,
    /// The text as a web address, if it is one or can be read as one.
    pub url: Option<Url>,
    /// Whether the network was named, so that a bare name will do.
    pub named: bool,
}

/// Why an address cannot be used. Says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("nothing was typed")]
    Empty,
    #[error("\"{0}\" could be on any network: write github:{0}, hn:{0}, {0}.bsky.social or @{0}@server")]
    BareName(String),
    #[error("\"{text}\" is not an address on {network}: {hint}")]
    NotThere { text: String, network: &'static str, hint: &'static str },
    #[error(
        "http://{0} would be read without encryption: write https://, or allow the host under [hosts] in the config"
    )]
    Insecure(String),
    #[error("\"{0}\" is neither an account nor a web address")]
    Unknown(String),
    #[error(
        "{name} is not read by this version; type its numbers in by hand: cloutop add manual:{word} --as SYM, then \
         cloutop reading SYM/{word} followers=512"
    )]
    NotRead { name: &'static str, word: &'static str },
    #[error("{0}")]
    Dead(&'static str),
}

/// Networks people will name that this version does not read: the first word is what their numbers are kept under
/// when they are typed in.
const NOT_READ: [(&[&str], &str); 14] = [
    (&["linkedin", "linkedin.com", "lnkd.in"], "LinkedIn"),
    (&["tiktok", "tiktok.com"], "TikTok"),
    (&["pinterest", "pinterest.com", "pin.it"], "Pinterest"),
    (&["snapchat", "snapchat.com"], "Snapchat"),
    (&["discord", "discord.com", "discord.gg", "discordapp.com"], "Discord"),
    (&["telegram", "t.me", "telegram.me"], "Telegram"),
    (&["whatsapp", "whatsapp.com"], "WhatsApp"),
    (&["quora", "quora.com"], "Quora"),
    (&["xing", "xing.com"], "XING"),
    (&["weibo", "weibo.com", "weibo.cn"], "Weibo"),
    (&["vk", "vk.com"], "VK"),
    (&["patreon"], "Patreon"),
    (&["goodreads"], "Goodreads"),
    (&["spotify", "spotify.com"], "Spotify"),
];

/// What happened to services and ways that are no more, and what to do instead. A name with a slash is the beginning
/// of an address.
const DEAD: [(&[&str], &str); 14] = [
    (
        &["klout.com", "klout"],
        "Klout closed on 25 May 2018; this program is what its users asked for instead",
    ),
    (
        &["favstar.fm", "favstar"],
        "Favstar closed on 19 June 2018, when Twitter took its stream away; add the X account itself instead",
    ),
    (
        &["livefyre.com", "livefyre"],
        "Livefyre was bought by Adobe in 2016 and ended in November 2021; add the blog itself instead, whose feed may \
         count its comments",
    ),
    (
        &["storify.com", "storify"],
        "Storify closed on 16 May 2018; add the accounts that were collected there instead",
    ),
    (
        &["plus.google.com", "google+", "gplus", "googleplus"],
        "Google+ closed on 2 April 2019, its API on 7 March; add the accounts people moved to instead",
    ),
    (
        &["topsy.com", "topsy"],
        "Topsy closed in December 2015, after Apple had bought it; add the X account itself instead",
    ),
    (
        &["vine.co", "vine"],
        "Vine took no more videos from January 2017 on; add the accounts its people moved to instead",
    ),
    (
        &["stumbleupon.com", "stumbleupon"],
        "StumbleUpon closed on 30 June 2018; add the site itself instead: its feed is read",
    ),
    (
        &["del.icio.us", "delicious.com", "delicious"],
        "Delicious takes no bookmarks since June 2017; add the site itself instead: its feed is read",
    ),
    (
        // Feeds at feeds.feedburner.com are read like any other.
        &["feedburner"],
        "FeedBurner's counts of subscribers ended with its API in October 2012; add the feed itself instead, as \
         feed:https://feeds.feedburner.com/NAME",
    ),
    (
        &["facebook.com/groups", "fb.com/groups"],
        "Facebook closed its API of groups in April 2024; add a Page instead, or type numbers in by hand: cloutop add \
         manual:facebook-group",
    ),
    (
        &["api.instagram.com"],
        "Instagram's Basic Display API ended on 4 December 2024; add instagram:NAME instead, which reads professional \
         accounts",
    ),
    (
        &["api.twitter.com", "urls.api.twitter.com"],
        "X's API 1.1 ended for readers in 2023, and its counts of shared links in 2015; add x:NAME instead, or the page \
         with webmention:",
    ),
    (
        &["api.nytimes.com", "nyt-community"],
        "The New York Times no longer offers the API of its readers' comments; type numbers in by hand instead: cloutop \
         add manual:nyt",
    ),
];

/// A channel that is read by hand, as people call it: `LinkedIn by hand` for `linkedin`.
pub fn by_hand_name(name: &str) -> String {
    let known = NOT_READ.iter().find(|(names, _)| names.contains(&name)).map(|(_, known)| *known);
    let known = known.or_else(|| network(name).map(Network::name));
    format!("{} by hand", known.unwrap_or(name))
}

/// Reads an address as people type it. More than one account means: try them in this order, the first
/// that answers is meant. `allows_http` names hosts that may be read without encryption beside this machine.
pub fn parse(text: &str, allows_http: &dyn Fn(&str) -> bool) -> Result<Vec<Account>, BadAddress> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    if text.is_empty() {
        return Err(BadAddress::Empty);
    }
    let secure = |account: &Account| match &account.base {
        Some(base) if base.scheme() == "http" => {
            let host = base.host_str().unwrap_or_default();
            if is_loopback(base) || allows_http(host) {
                Ok(())
            } else {
                Err(BadAddress::Insecure(host.to_owned()))
            }
        }
        _ => Ok(()),
    };
    let (word, rest) = text.split_once(':').map_or((None, text), |(word, rest)| (Some(word), rest));
    if let Some(network) = word.and_then(network) {
        let typed = Typed { text: rest.trim(), url: as_url(rest.trim()), named: true };
        let account = super::of(network).recognise(&typed).ok_or_else(|| BadAddress::NotThere {
            text: text.to_owned(),
            network: network.name(),
            hint: network.0.hint,
        })?;
        secure(&account)?;
        return Ok(vec![account]);
    }
    let url = as_url(text);
    let domain = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let domain = domain.strip_prefix("www.").unwrap_or(domain);
    let path = url.as_ref().map(Url::path).unwrap_or_default();
    let at = |name: &str| domain == name || domain.ends_with(&format!(".{name}"));
    let named = |names: &[&str]| {
        names.iter().any(|name| match name.split_once('/') {
            Some((host, first)) => at(host) && path.split('/').nth(1) == Some(first),
            None => {
                word.is_some_and(|word| word.eq_ignore_ascii_case(name)) || (name.contains('.') && at(name))
            }
        })
    };
    if let Some((_, story)) = DEAD.iter().find(|(names, _)| named(names)) {
        return Err(BadAddress::Dead(story));
    }
    if let Some((names, name)) = NOT_READ.iter().find(|(names, _)| named(names)) {
        return Err(BadAddress::NotRead { name, word: names.first().copied().unwrap_or_default() });
    }
    let of_site = all().iter().map(|channel| channel.network()).find(|network| network.is_at(domain));
    let typed = Typed { text, url, named: false };
    let accounts: Vec<Account> = all().iter().filter_map(|channel| channel.recognise(&typed)).collect();
    for account in &accounts {
        secure(account)?;
    }
    if !accounts.is_empty() {
        return Ok(accounts);
    }
    // A network's own site, but no account on it: a post, a film, the settings.
    if let Some(network) = of_site {
        let (network, hint) = (network.name(), network.0.hint);
        return Err(BadAddress::NotThere { text: text::cut(&text::clean(text), 60), network, hint });
    }
    let bare = text.trim_start_matches('@');
    if !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
        return Err(BadAddress::BareName(bare.to_owned()));
    }
    Err(BadAddress::Unknown(text::cut(&text::clean(text), 60)))
}

/// What an address means where nobody can be asked which software a server runs: of networks on which the account has
/// one and the same name the first, whose interface most of them have.
pub fn unasked(mut accounts: Vec<Account>) -> Vec<Account> {
    let alike = |account: &Account| {
        accounts.first().is_some_and(|first| account.handle == first.handle && account.base == first.base)
    };
    if accounts.iter().all(|account| account.handle.starts_with('@') && alike(account)) {
        accounts.truncate(1);
    }
    accounts
}

/// The text as a web address: written out, or a host with or without a path.
fn as_url(text: &str) -> Option<Url> {
    if let Ok(url) = Url::parse(text)
        && matches!(url.scheme(), "http" | "https")
    {
        return url.host_str().is_some_and(|host| !host.is_empty()).then_some(url);
    }
    if text.contains("://") || text.contains('@') && !text.contains('/') || text.contains(char::is_whitespace)
    {
        return None;
    }
    let host = text.split(['/', ':', '?']).next()?;
    let known = host.parse::<std::net::Ipv4Addr>().is_ok() || host == "localhost";
    let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    if !known && !dotted {
        return None;
    }
    let url = Url::parse(&format!("https://{text}")).ok()?;
    // Without a scheme this machine is asked in the clear: it has no certificate for itself.
    if is_loopback(&url) { Url::parse(&format!("http://{text}")).ok() } else { Some(url) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        match parse(text, &|host| host == "allowed.lan") {
            Ok(accounts) => accounts.iter().map(Account::address).collect(),
            Err(bad) => vec![format!("! {bad}")],
        }
    }

    /// The networks that `@user@host` may mean.
    const FEDIVERSE: [&str; 3] =
        ["mastodon:@ada@hachy.example", "misskey:@ada@hachy.example", "lemmy:@ada@hachy.example"];

    #[test]
    fn addresses_as_people_type_them() {
        for (typed, expected) in [
            ("@ada@hachy.example", &FEDIVERSE[..]),
            ("ada@Hachy.Example", &FEDIVERSE),
            ("acct:ada@hachy.example", &FEDIVERSE),
            ("fedi:ada@hachy.example", &["mastodon:@ada@hachy.example"]),
            ("sharkey:ada@hachy.example", &["misskey:@ada@hachy.example"]),
            ("https://viewer.example/@ada@hachy.example", &FEDIVERSE[..2]),
            (
                "https://hachy.example/@ada",
                &["mastodon:@ada@hachy.example", "misskey:@ada@hachy.example", "feed:hachy.example/@ada"],
            ),
            (
                "https://hachy.example/@ada/1234",
                &[
                    "mastodon:@ada@hachy.example",
                    "misskey:@ada@hachy.example",
                    "feed:hachy.example/@ada/1234",
                ],
            ),
            (
                "hachy.example/@ada",
                &["mastodon:@ada@hachy.example", "misskey:@ada@hachy.example", "feed:hachy.example/@ada"],
            ),
            (
                "https://hachy.example/users/ada",
                &[
                    "mastodon:@ada@hachy.example",
                    "misskey:@ada@hachy.example",
                    "feed:hachy.example/users/ada",
                ],
            ),
            (
                "http://127.0.0.1:3000/@ada",
                &[
                    "mastodon:@ada@127.0.0.1:3000",
                    "misskey:@ada@127.0.0.1:3000",
                    "feed:http://127.0.0.1:3000/@ada",
                ],
            ),
            ("u/ada@lemmy.example", &["lemmy:@ada@lemmy.example"]),
            ("/u/ada@lemmy.example", &["lemmy:@ada@lemmy.example"]),
            ("piefed:https://viewer.example/u/ada@lemmy.example", &["lemmy:@ada@lemmy.example"]),
            (
                "https://forum.example/u/ada/summary",
                &[
                    "lemmy:@ada@forum.example",
                    "discourse:ada@forum.example",
                    "feed:forum.example/u/ada/summary",
                ],
            ),
            ("discourse:site.example/forum/u/ada", &["discourse:ada@site.example/forum"]),
            ("discourse:ada@site.example/forum", &["discourse:ada@site.example/forum"]),
            ("discourse:ada@127.0.0.1:3000", &["discourse:ada@127.0.0.1:3000"]),
            ("alice.bsky.social", &["bluesky:alice.bsky.social"]),
            ("@Alice.bsky.social", &["bluesky:alice.bsky.social"]),
            ("did:plc:ewvi7nxzyoun6zhxrhs64oiz", &["bluesky:did:plc:ewvi7nxzyoun6zhxrhs64oiz"]),
            (
                "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3k",
                &["bluesky:did:plc:ewvi7nxzyoun6zhxrhs64oiz"],
            ),
            ("https://bsky.app/profile/alice.example.org", &["bluesky:alice.example.org"]),
            ("https://bsky.app/profile/alice.example.org/post/3k", &["bluesky:alice.example.org"]),
            ("bsky:user0.test", &["bluesky:user0.test"]),
            ("alice.example.org", &["bluesky:alice.example.org", "feed:alice.example.org"]),
            ("https://alice.example.org", &["feed:alice.example.org"]),
            ("https://alice.example.org/blog/", &["feed:alice.example.org/blog/"]),
            ("rss:alice.example.org/feed.xml", &["feed:alice.example.org/feed.xml"]),
            ("127.0.0.1:8081", &["feed:http://127.0.0.1:8081/"]),
            ("http://127.0.0.1:8081", &["feed:http://127.0.0.1:8081/"]),
            ("http://allowed.lan/feed", &["feed:http://allowed.lan/feed"]),
            ("github:octo-cat", &["github:octo-cat"]),
            ("gh:@octo-cat", &["github:octo-cat"]),
            ("https://github.com/octo-cat/some-repo", &["github:octo-cat"]),
            ("github.com/octo-cat", &["github:octo-cat"]),
            ("https://github.com/orgs/octo-org", &["github:octo-org"]),
            ("hn:pg_x", &["hackernews:pg_x"]),
            ("manual:LinkedIn", &["manual:linkedin"]),
            ("custom:my-letter_2", &["custom:my-letter_2"]),
            ("https://feeds.feedburner.com/ada", &["feed:feeds.feedburner.com/ada"]),
            ("https://news.ycombinator.com/user?id=Pg-x", &["hackernews:Pg-x"]),
            ("https://www.youtube.com/@ada", &["youtube:@ada"]),
            ("plausible:Ada.example", &["plausible:ada.example"]),
            ("plausible:https://ada.example/blog", &["plausible:ada.example/blog"]),
            ("plausible:https://stats.example/ada.example", &["plausible:https://stats.example/ada.example"]),
            ("plausible:127.0.0.1:8000/a.example", &["plausible:http://127.0.0.1:8000/a.example"]),
            ("https://plausible.io/a.example", &["plausible:a.example", "feed:plausible.io/a.example"]),
            ("goatcounter:ada", &["goatcounter:ada"]),
            ("https://ada.goatcounter.com", &["goatcounter:ada", "feed:ada.goatcounter.com"]),
            ("goatcounter:http://127.0.0.1:8081/", &["goatcounter:127.0.0.1:8081"]),
            ("goatcounter:http://allowed.lan/x", &["goatcounter:http://allowed.lan"]),
            ("matomo:http://127.0.0.1:8082/3", &["matomo:127.0.0.1:8082/3"]),
            ("piwik:ada.example/stats/index.php?idSite=7", &["matomo:ada.example/stats/7"]),
            (
                "umami:localhost:3000/9C2F4A58-1b7d-4e3a-8f60-2d1c5b9e7a34/",
                &["umami:localhost:3000/9c2f4a58-1b7d-4e3a-8f60-2d1c5b9e7a34"],
            ),
        ] {
            assert_eq!(addresses(typed), expected, "{typed}");
        }
    }

    #[test]
    fn where_nobody_is_asked_the_fediverse_is_mastodon() {
        let meant = |typed| unasked(parse(typed, &|_| false).unwrap()).len();
        assert_eq!(meant("@ada@hachy.example"), 1);
        assert_eq!(meant("alice.example.org"), 2);
    }

    #[test]
    fn what_an_address_parses_to_parses_to_itself() {
        for typed in [
            "@ada@hachy.example",
            "alice.bsky.social",
            "gh:a",
            "hn:ab",
            "https://a.example/feed?x=1",
            "https://forum.example/u/ada",
            "discourse:a.example/f/u/ada",
        ] {
            for account in parse(typed, &|_| false).unwrap() {
                let again = parse(&account.address(), &|_| false).unwrap();
                assert_eq!(again[0].address(), account.address());
                assert_eq!(again[0].base, account.base);
            }
        }
    }

    #[test]
    fn bad_addresses_say_what_to_write() {
        for (typed, message) in [
            ("", "! nothing was typed"),
            ("alice", "could be on any network: write github:alice"),
            ("@alice", "could be on any network"),
            ("github:a--b", "not an address on GitHub"),
            ("github:https://github.com/settings", "not an address on GitHub"),
            ("hn:x", "not an address on Hacker News"),
            ("bluesky:alice", "not an address on Bluesky"),
            ("plausible:ada", "write plausible:ada.example"),
            ("goatcounter:http://stats.example", "would be read without encryption"),
            ("umami:stats.example/1", "not an address on Umami"),
            ("matomo:stats.example", "not an address on Matomo"),
            ("matomo:https://u:p@stats.example/1", "not an address on Matomo"),
            ("bluesky:a.localhost", "not an address on Bluesky"),
            ("http://alice.example.org", "http://alice.example.org would be read without encryption"),
            ("http://hachy.example/@ada", "would be read without encryption"),
            ("https://youtu.be/dQabcdefghi", "not an address on YouTube: a channel is"),
            ("klout.com/ada", "Klout closed on 25 May 2018"),
            ("https://www.linkedin.com/in/ada", "cloutop reading SYM/linkedin followers=512"),
            (
                "tiktok:ada",
                "TikTok is not read by this version; type its numbers in by hand: cloutop add manual:tiktok",
            ),
            ("https://www.pinterest.com/ada/", "manual:pinterest"),
            ("https://discord.gg/abc", "manual:discord"),
            ("snapchat:ada", "manual:snapchat"),
            ("favstar:ada", "closed on 19 June 2018"),
            ("https://livefyre.com/x", "ended in November 2021"),
            ("storify.com/ada", "closed on 16 May 2018"),
            ("google+:ada", "closed on 2 April 2019"),
            ("topsy:ada", "closed in December 2015"),
            ("https://vine.co/u/1", "January 2017"),
            ("stumbleupon.com/stumbler/ada", "closed on 30 June 2018"),
            ("https://del.icio.us/ada", "June 2017"),
            ("feedburner:ada", "October 2012"),
            ("https://www.facebook.com/groups/1234", "closed its API of groups"),
            ("https://api.instagram.com/v1/users/1", "4 December 2024"),
            ("https://api.twitter.com/1.1/users/show.json", "ended for readers in 2023"),
            ("manual:Linked In", "not an address on by hand"),
            ("what is this", "is neither an account nor a web address"),
            ("ftp://example.org", "is neither"),
            ("https://", "is neither"),
        ] {
            let found = addresses(typed);
            assert!(found.len() == 1 && found[0].contains(message), "{typed}: {found:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_ever_panics(text in ".*") {
            let _ = parse(&text, &|_| false);
        }
    }
}
