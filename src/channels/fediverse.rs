//! What the fediverse's networks share: how an account is written, and how its home is found.

use super::{Progress, Typed, endpoint, is_site};
use crate::exchange::{Reply, Request, Stage, host_of, is_loopback};
use crate::model::{Account, Network};
use serde::Deserialize;
use url::Url;

/// Further sites whose `/@name` pages are not the fediverse.
const NOT_FEDIVERSE: [&str; 4] = ["medium.com", "substack.com", "flipboard.com", "www.patreon.com"];

/// An account as `@user@host` or by the address of its page, here or seen through another server.
pub(super) fn recognise(network: Network, typed: &Typed<'_>) -> Option<Account> {
    if let Some(url) = &typed.url
        && (typed.text.contains('/') || typed.named)
    {
        return at_url(network, url);
    }
    at_text(network, typed.text)
}

/// `@user@host`, `user@host`, `acct:user@host`.
pub(super) fn at_text(network: Network, text: &str) -> Option<Account> {
    let text = text.strip_prefix("acct:").unwrap_or(text);
    let (user, host) = text.trim_start_matches('@').rsplit_once('@')?;
    account(network, user, host)
}

fn at_url(network: Network, url: &Url) -> Option<Account> {
    let mut path = url.path_segments()?;
    let first = path.next()?;
    let user = match first.strip_prefix('@') {
        Some(user) => user,
        None if first == "users" => path.next()?,
        None => return None,
    };
    let host = url.host_str()?;
    if !user.contains('@') && (is_site(host) || NOT_FEDIVERSE.contains(&host)) {
        return None;
    }
    on_page(network, user, url)
}

/// The user whom the address of a page names: `user` of that host, or `user@origin` seen through it.
pub(super) fn on_page(network: Network, user: &str, url: &Url) -> Option<Account> {
    if let Some((user, origin)) = user.split_once('@') {
        // Seen through another server: its own counts are the true ones.
        return account(network, user, origin);
    }
    let mut account = account(network, user, &host_of(url))?;
    if url.scheme() == "http" {
        account.base = Some(root(url));
    }
    Some(account)
}

pub(super) fn account(network: Network, user: &str, host: &str) -> Option<Account> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if user.is_empty() || !user.chars().all(fits) {
        return None;
    }
    let home = Url::parse(&format!("https://{host}/")).ok()?;
    if home.path() != "/" || home.query().is_some() || !home.username().is_empty() {
        return None;
    }
    let dotted = home.host_str()?.contains('.') || is_loopback(&home);
    let account = Account::new(network, format!("@{user}@{}", host_of(&home)));
    match (dotted, is_loopback(&home)) {
        (false, _) => None,
        (true, true) => Some(account.at(Url::parse(&format!("http://{}/", host_of(&home))).ok()?)),
        (true, false) => Some(account),
    }
}

/// User and host of `@user@host`.
pub(super) fn split(handle: &str) -> Option<(&str, &str)> {
    handle.trim_start_matches('@').split_once('@')
}

/// The page `/@user` at the account's home.
pub(super) fn page(account: &Account) -> Option<String> {
    let (user, _) = split(&account.handle)?;
    Some(endpoint(&home(account)?, &[&format!("@{user}")]).to_string())
}

/// Where the account lives, as far as it is known.
pub(super) fn home(account: &Account) -> Option<Url> {
    let (_, host) = split(&account.handle)?;
    account.base.clone().or_else(|| Url::parse(&format!("https://{host}/")).ok())
}

/// The question where the account lives, unless that is known: the host that serves it may be another one
/// than in its handle.
pub(super) fn webfinger(progress: &Progress) -> Option<Request> {
    let account = progress.account();
    let (user, host) = split(&account.handle)?;
    // A server set in the configuration speaks for every account.
    let set = host_of(&progress.api) != host;
    if account.base.is_some() || account.native.is_some() || set {
        return None;
    }
    let mut url = endpoint(&progress.api, &[".well-known", "webfinger"]);
    url.query_pairs_mut().append_pair("resource", &format!("acct:{user}@{host}"));
    Some(Request::json(url, Stage::Home))
}

#[derive(Deserialize)]
struct WebFinger {
    #[serde(default)]
    links: Vec<WebFingerLink>,
}

#[derive(Deserialize)]
struct WebFingerLink {
    rel: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    href: Option<String>,
}

/// Goes by what the host said of the account's home. Servers without `WebFinger` are asked at the host in
/// the handle.
pub(super) fn read_home(progress: &mut Progress, reply: &Reply) {
    let found = reply.ok().then(|| reply.json::<WebFinger>().ok()).flatten().and_then(|finger| {
        finger.links.into_iter().find(|link| {
            link.rel == "self" && link.kind.as_deref().is_some_and(|kind| kind.contains("activity+json"))
        })
    });
    let home = found.and_then(|link| link.href).and_then(|href| Url::parse(&href).ok()).filter(|actor| {
        if is_loopback(actor) { is_loopback(&progress.api) } else { actor.scheme() == "https" }
    });
    if let Some(actor) = home {
        progress.api = root(&actor);
    }
    let mut base = progress.api.clone();
    base.set_path("/");
    progress.seen.account.base = Some(base);
}

fn root(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    root
}
