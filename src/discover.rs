//! What an account's profile says of its owner's other accounts.
//!
//! Strangers wrote these links: what is no public web address is no proposal, and nobody on the web leads onto
//! this machine or into a network at home. A proposal is asked about and shown; the user decides.

use crate::channels;
use crate::exchange::is_loopback;
use crate::model::{Account, Network, ProfileLink, Tie};
use std::fmt;
use url::{Host, Url};

/// Proposals made at most, whatever a profile lists.
pub const MOST: usize = 12;

/// Characters of an address that is looked at.
const LONGEST: usize = 500;

/// Sites on which people are, which are neither read by this program nor blogs: asking them for a feed is in vain.
const NO_BLOGS: [&str; 15] = [
    "buymeacoffee.com",
    "discord.com",
    "discord.gg",
    "keybase.io",
    "keyoxide.org",
    "ko-fi.com",
    "liberapay.com",
    "linktr.ee",
    "matrix.to",
    "opencollective.com",
    "patreon.com",
    "paypal.me",
    "spotify.com",
    "steamcommunity.com",
    "t.me",
];

/// Ends of names that only a network at home knows.
const AT_HOME: [&str; 5] = ["localhost", "local", "internal", "lan", "home.arpa"];

/// Networks on which people often have one and the same name.
const NAMESAKES: [(&str, &str); 2] = [("github", "hackernews"), ("hackernews", "github")];

/// An account that may be of the same person.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What the address may mean, to be tried in this order.
    pub candidates: Vec<Account>,
    pub why: Why,
}

/// Why two accounts are thought to be of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The user says so.
    Typed,
    /// Each of the two names the other.
    BothWays,
    /// The network has found the link back.
    Verified(Network),
    /// The account is named by the site's domain.
    Domain,
    /// The profile names it.
    Linked(Network),
    /// Nothing but the name.
    SameName,
}

impl Why {
    /// Whether it is certain enough to be taken without asking.
    pub fn sure(self) -> bool {
        matches!(self, Self::Typed | Self::BothWays | Self::Verified(_) | Self::Domain)
    }

    /// Whether the account itself was named somewhere, rather than guessed.
    pub fn named(self) -> bool {
        self != Self::SameName
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed => f.write_str("you typed it"),
            Self::BothWays => f.write_str("they link to each other"),
            Self::Domain => f.write_str("domain handle is the home page"),
            Self::Verified(network) => write!(f, "verified link on the {} profile", network.name()),
            Self::Linked(network) if network.id() == "feed" => f.write_str("rel=me link on the home page"),
            Self::Linked(network) => write!(f, "link on the {} profile", network.name()),
            Self::SameName => f.write_str("same name only: is it the same person?"),
        }
    }
}

/// Whether two spellings mean one account.
pub fn same(a: &Account, b: &Account) -> bool {
    a.network == b.network
        && (a.handle.eq_ignore_ascii_case(&b.handle) || a.stable.is_some() && a.stable == b.stable)
}

/// Makes proposals of what a profile names, the certain ones first. `allows_http` names hosts that may be read without
/// encryption beside this machine.
pub fn proposals(
    account: &Account,
    links: &[ProfileLink],
    allows_http: &dyn Fn(&str) -> bool,
) -> Vec<Proposal> {
    let here = account.base.as_ref().is_some_and(is_loopback);
    let mut found: Vec<Proposal> = Vec::new();
    for link in links {
        let Some(url) = address(&link.url, here, allows_http) else { continue };
        let Ok(candidates) = channels::parse(url.as_str(), allows_http) else { continue };
        let why = match link.tie {
            Tie::Verified => Why::Verified(account.network),
            Tie::Domain => Why::Domain,
            Tie::Claimed => Why::Linked(account.network),
        };
        add(&mut found, account, Proposal { candidates, why });
    }
    for (from, to) in NAMESAKES {
        let guess = || channels::parse(&format!("{to}:{}", account.handle), allows_http).ok();
        if let Some(candidates) = (account.network.id() == from).then(guess).flatten() {
            add(&mut found, account, Proposal { candidates, why: Why::SameName });
        }
    }
    // Guesses stand last as they came; so does nothing that is certain.
    found.sort_by_key(|proposal| !proposal.why.sure());
    found.truncate(MOST);
    found
}

/// Whether a profile names an account, too.
pub fn leads_to(links: &[Proposal], account: &Account) -> bool {
    let means = |proposal: &Proposal| proposal.candidates.iter().any(|candidate| same(candidate, account));
    links.iter().any(|proposal| proposal.why.named() && means(proposal))
}

/// Adds what is neither the account itself nor there already; of two reasons the certain one counts.
fn add(found: &mut Vec<Proposal>, account: &Account, proposal: Proposal) {
    let Some(first) = proposal.candidates.first() else { return };
    if proposal.candidates.iter().any(|candidate| same(candidate, account)) {
        return;
    }
    match found.iter_mut().find(|known| known.candidates.iter().any(|candidate| same(candidate, first))) {
        Some(known) if proposal.why.sure() && !known.why.sure() => known.why = proposal.why,
        Some(_) => {}
        None => found.push(proposal),
    }
}

/// The public web address that a link is, if it is one. `here` says that the profile is on this machine, where
/// everything else may be, too.
fn address(link: &str, here: bool, allows_http: &dyn Fn(&str) -> bool) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.len() > LONGEST || link.contains(char::is_control) {
        return None;
    }
    // People write "ada.example" where an address is asked for.
    let mut url = match Url::parse(link) {
        Ok(url) if url.has_host() => url,
        Err(url::ParseError::RelativeUrlWithoutBase) if !link.starts_with(['/', '?', '#', '.']) => {
            Url::parse(&format!("https://{link}")).ok()?
        }
        // "ada.example:8443" has a scheme as far as the rules go.
        _ => return None,
    };
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let public = match url.host()? {
        Host::Domain(name) => name.contains('.') && !name.ends_with('.'),
        Host::Ipv4(_) | Host::Ipv6(_) => false,
    };
    let domain = url.host_str()?;
    if is_loopback(&url) {
        return here.then_some(url);
    }
    if !public || AT_HOME.iter().any(|end| within(domain, end)) {
        return None;
    }
    if NO_BLOGS.iter().any(|site| within(domain, site)) {
        return None;
    }
    // An old link to a site that has had a certificate for years.
    if url.scheme() == "http" && !allows_http(domain) {
        url.set_scheme("https").ok()?;
    }
    url.set_fragment(None);
    Some(url)
}

fn within(domain: &str, site: &str) -> bool {
    domain.strip_suffix(site).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(typed: &str) -> Account {
        channels::parse(typed, &|_| false).unwrap().remove(0)
    }

    fn links(links: &[(&str, Tie)]) -> Vec<ProfileLink> {
        links.iter().map(|(url, tie)| ProfileLink { url: (*url).to_owned(), tie: *tie }).collect()
    }

    fn found(typed: &str, given: &[(&str, Tie)]) -> Vec<(String, String, bool)> {
        let shown = |proposal: &Proposal| {
            (proposal.candidates[0].address(), proposal.why.to_string(), proposal.why.sure())
        };
        proposals(&account(typed), &links(given), &|_| false).iter().map(shown).collect()
    }

    #[test]
    fn what_a_profile_names_is_proposed_the_certain_first() {
        let found = found(
            "@ada@hachy.example",
            &[
                ("https://bsky.app/profile/ada.example.org", Tie::Claimed),
                ("https://ada.example/", Tie::Verified),
                ("https://github.com/adalind", Tie::Claimed),
            ],
        );
        let expected = [
            ("feed:ada.example", "verified link on the Mastodon profile", true),
            ("bluesky:ada.example.org", "link on the Mastodon profile", false),
            ("github:adalind", "link on the Mastodon profile", false),
        ];
        assert_eq!(found, expected.map(|(who, why, sure)| (who.to_owned(), why.to_owned(), sure)));
    }

    #[test]
    fn one_account_is_proposed_once_and_for_the_best_reason() {
        let found = found(
            "@ada@hachy.example",
            &[
                ("https://GitHub.com/AdaLind", Tie::Claimed),
                ("https://github.com/adalind/tool", Tie::Verified),
                ("https://hachy.example/@ada", Tie::Verified),
                ("https://hachy.example/@ada/113", Tie::Claimed),
            ],
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].1, "verified link on the Mastodon profile");
    }

    #[test]
    fn words_of_people_are_read_as_addresses() {
        let found = found(
            "github:adalind",
            &[("ada.example", Tie::Claimed), ("http://old.example/blog#top", Tie::Claimed)],
        );
        let who: Vec<_> = found.iter().map(|(who, ..)| who.as_str()).collect();
        assert_eq!(who, ["feed:ada.example", "feed:old.example/blog", "hackernews:adalind"]);
        assert_eq!(found[2].1, "same name only: is it the same person?");
        assert!(found.iter().all(|(.., sure)| !sure), "{found:?}");
    }

    #[test]
    fn a_domain_handle_is_the_home_page() {
        let found = found("ada.example.org", &[("https://ada.example.org/", Tie::Domain)]);
        let expected = ("feed:ada.example.org", "domain handle is the home page", true);
        assert_eq!(found, [(expected.0.to_owned(), expected.1.to_owned(), expected.2)]);
    }

    #[test]
    fn hostile_links_are_no_proposals() {
        let long = format!("https://ada.example/{}", "a".repeat(10_000));
        for hostile in [
            "javascript:alert(1)",
            "JavaScript://ada.example/%0aalert(1)",
            "file:///etc/passwd",
            "file://ada.example/etc/passwd",
            "data:text/html,hello",
            "ftp://ada.example",
            "mailto:ada@ada.example",
            "https://user:word@ada.example/",
            "https://user@ada.example/",
            "user:word@ada.example",
            "http://127.0.0.1:8080/",
            "http://localhost/",
            "https://[::1]/",
            "https://10.0.0.1/admin",
            "https://192.168.1.1/",
            "https://0x7f000001/",
            "https://printer/",
            "https://printer.local/",
            "https://router.lan./",
            "//ada.example",
            "/about",
            "#",
            "",
            "   ",
            "https://",
            "https://ada.example/\u{1b}[2J",
            "https://ko-fi.com/ada",
            "https://www.patreon.com/ada",
            "not an address",
            &long,
        ] {
            let found = found("@ada@hachy.example", &[(hostile, Tie::Verified)]);
            assert!(found.is_empty(), "{hostile}: {found:?}");
        }
    }

    #[test]
    fn this_machine_leads_to_itself() {
        let there = [("http://127.0.0.1:4000/", Tie::Claimed)];
        assert_eq!(found("http://127.0.0.1:3000/@ada", &there)[0].0, "feed:http://127.0.0.1:4000/");
        assert!(found("https://hachy.example/@ada", &there).is_empty());
    }

    #[test]
    fn a_profile_full_of_links_makes_a_few_proposals_and_keeps_the_certain_one() {
        let mut many: Vec<ProfileLink> = (0..500)
            .map(|n| ProfileLink { url: format!("https://n{n}.example"), tie: Tie::Claimed })
            .collect();
        many.push(ProfileLink { url: "https://ada.example".to_owned(), tie: Tie::Verified });
        let found = proposals(&account("@ada@hachy.example"), &many, &|_| false);
        assert_eq!(found.len(), MOST);
        assert_eq!(found[0].candidates[0].address(), "feed:ada.example");
    }

    #[test]
    fn a_link_back_is_noticed_and_a_namesake_is_none() {
        let back = proposals(
            &account("@ada@hachy.example"),
            &links(&[("https://github.com/adalind", Tie::Claimed)]),
            &|_| false,
        );
        assert!(leads_to(&back, &account("github:adalind")));
        assert!(!leads_to(&back, &account("github:adalin")));
        let namesake = proposals(&account("hn:adalind"), &[], &|_| false);
        assert!(!leads_to(&namesake, &account("github:adalind")));
        let known = account("did:plc:ewvi7nxzyoun6zhxrhs64oiz");
        let renamed = account("bsky:ada.example.org").known_as("did:plc:ewvi7nxzyoun6zhxrhs64oiz");
        assert!(same(&known, &renamed));
    }

    proptest! {
        #[test]
        fn whatever_a_profile_holds_is_no_way_in(urls in prop::collection::vec(
            prop_oneof![
                ".*",
                "(javascript|file|data|ftp|https?|HTTPS)://?[a-z@:.0-9/\\[\\]%-]{0,40}",
                "https://[a-z]{1,8}(:[a-z]{0,4})?@[a-z]{1,8}\\.example/",
            ], 0..40)
        ) {
            let links: Vec<_> = urls.into_iter().map(|url| ProfileLink { url, tie: Tie::Verified }).collect();
            let found = proposals(&account("@ada@hachy.example"), &links, &|_| false);
            prop_assert!(found.len() <= MOST);
            for candidate in found.iter().flat_map(|proposal| &proposal.candidates) {
                prop_assert!(!candidate.handle.chars().any(char::is_control), "{candidate}");
                prop_assert!(candidate.handle.len() <= LONGEST * 3 + 16, "{candidate}");
                if let Some(base) = &candidate.base {
                    prop_assert_eq!(base.scheme(), "https");
                    prop_assert!(base.username().is_empty() && base.password().is_none(), "{}", base);
                    prop_assert!(!is_loopback(base) && matches!(base.host(), Some(Host::Domain(_))), "{}", base);
                }
            }
        }
    }
}
