//! Accounts on software that many hosts run, with or without one host that is the network's own: `ada`,
//! `ada@git.example`, `ada@127.0.0.1:3000`, and `http://git.lan/ada` where a host is read in the clear.

use super::{Progress, Typed, endpoint};
use crate::exchange::{host_of, is_loopback};
use crate::model::{Account, Network};
use url::Url;

/// Where a network's accounts live.
pub(super) struct Hosted {
    /// The host of a bare name.
    pub home: &'static str,
    /// Whether a host is known to run the software, so that its addresses need no network's name.
    pub known: fn(&str) -> bool,
    /// First path segments that are no accounts.
    pub reserved: &'static [&'static str],
}

impl Hosted {
    /// An address as people type it: a page on the host, `name@host`, or a bare name.
    pub(super) fn recognise(&self, network: Network, typed: &Typed<'_>) -> Option<Account> {
        if let Some(url) = typed.url.as_ref().filter(|_| typed.text.contains('/')) {
            if !typed.named && !(self.known)(url.host_str()?) || url.password().is_some() {
                return None;
            }
            let mut path = url.path_segments()?;
            let name = match path.next()? {
                "users" => path.next()?.to_owned(),
                first => first.to_owned(),
            };
            let mut home = url.clone();
            home.set_path("/");
            home.set_query(None);
            home.set_fragment(None);
            if let Some(host) = url.host_str()?.strip_prefix("www.").filter(|host| (self.known)(host)) {
                home.set_host(Some(host)).ok()?;
            }
            return self.account(network, &name, &home);
        }
        if !typed.named {
            return None;
        }
        let (name, host) = match typed.text.trim_start_matches('@').split_once('@') {
            Some((name, host)) => (name, host),
            None => (typed.text, self.home),
        };
        self.account(network, name.trim_start_matches('@'), &Url::parse(&format!("https://{host}/")).ok()?)
    }

    fn account(&self, network: Network, name: &str, home: &Url) -> Option<Account> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let reserved = self.reserved.iter().any(|word| word.eq_ignore_ascii_case(name));
        if name.is_empty() || name.len() > 100 || !name.chars().all(fits) || reserved {
            return None;
        }
        if home.path() != "/" || home.query().is_some() || !home.username().is_empty() {
            return None;
        }
        let host = host_of(home);
        if is_loopback(home) {
            // Without a certificate for itself, this machine is asked in the clear.
            let home = Url::parse(&format!("http://{host}/")).ok()?;
            return Some(Account::new(network, format!("{name}@{host}")).at(home));
        }
        if home.scheme() == "http" {
            return Some(Account::new(network, format!("{home}{name}")).at(home.clone()));
        }
        if own(network).is_some_and(|own| host_of(&own) == host) {
            return Some(Account::new(network, name));
        }
        let dotted = home.host_str()?.contains('.');
        dotted.then(|| Account::new(network, format!("{name}@{host}")).at(home.clone()))
    }
}

/// The network's own host, if it has one.
fn own(network: Network) -> Option<Url> {
    network.0.api.and_then(|api| Url::parse(api).ok())
}

/// The host an account lives on.
fn home(account: &Account) -> Option<Url> {
    account.base.clone().or_else(|| own(account.network))
}

/// What its host calls an account.
pub(super) fn name(account: &Account) -> &str {
    let last = account.handle.rsplit('/').next().unwrap_or_default();
    last.split('@').next().unwrap_or_default()
}

/// The handle of an account whose host calls it `name` now.
pub(super) fn handle(account: &Account, name: &str) -> String {
    if let Some((home, _)) = account.handle.rsplit_once('/') {
        format!("{home}/{name}")
    } else if let Some((_, host)) = account.handle.split_once('@') {
        format!("{name}@{host}")
    } else {
        name.to_owned()
    }
}

pub(super) fn page(account: &Account) -> Option<String> {
    Some(endpoint(&home(account)?, &[name(account)]).to_string())
}

/// The name of the key for an account's host: the network's on its own host, `network@host` elsewhere.
pub(super) fn key(progress: &Progress) -> String {
    let account = progress.account();
    match account.base {
        Some(_) => format!("{}@{}", account.network, host_of(&progress.api)),
        None => account.network.to_string(),
    }
}

/// Takes over who the host says this is: `name` may be another one than before, the number never is.
pub(super) fn identify(progress: &mut Progress, name: &str, id: u64) {
    let handle = handle(progress.account(), name);
    progress.rename(&handle);
    let host = home(progress.account()).as_ref().map(host_of).unwrap_or_default();
    let account = &mut progress.seen.account;
    account.stable = Some(format!("{host}/{id}"));
    account.native = Some(id.to_string());
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn every_spelling_leads_to_the_host_and_back() {
        for (typed, address, base) in [
            ("gitlab:adalind", "gitlab:adalind", None),
            ("gitlab:@ada.lind", "gitlab:ada.lind", None),
            ("https://gitlab.com/adalind/salt-pan", "gitlab:adalind", None),
            ("https://www.gitlab.com/adalind", "gitlab:adalind", None),
            ("gitlab.com/users/adalind/projects", "gitlab:adalind", None),
            ("gitlab:adalind@gitlab.com", "gitlab:adalind", None),
            (
                "https://gitlab.lab.example/ada",
                "gitlab:ada@gitlab.lab.example",
                Some("https://gitlab.lab.example/"),
            ),
            ("gitlab:code.example/ada", "gitlab:ada@code.example", Some("https://code.example/")),
            (
                "gitlab:ada@code.example:8443",
                "gitlab:ada@code.example:8443",
                Some("https://code.example:8443/"),
            ),
            ("gitlab:http://code.lan/ada", "gitlab:http://code.lan/ada", Some("http://code.lan/")),
            ("codeberg:ada", "gitea:ada@codeberg.org", Some("https://codeberg.org/")),
            ("https://dev.to/adalind/why-1a", "forem:adalind", None),
            ("dev.to:adalind", "forem:adalind", None),
            ("forem:talk.example/adalind", "forem:adalind@talk.example", Some("https://talk.example/")),
            ("https://codeberg.org/ada/tide-table", "gitea:ada@codeberg.org", Some("https://codeberg.org/")),
            ("forgejo:git.example/ada", "gitea:ada@git.example", Some("https://git.example/")),
            ("gitea:127.0.0.1:3000/ada", "gitea:ada@127.0.0.1:3000", Some("http://127.0.0.1:3000/")),
        ] {
            let account = parse(typed, &|host| host == "code.lan").unwrap().remove(0);
            assert_eq!(account.address(), address, "{typed}");
            assert_eq!(account.base.as_ref().map(Url::as_str), base, "{typed}");
            let again = parse(&account.address(), &|host| host == "code.lan").unwrap().remove(0);
            assert_eq!(again, account, "{typed}");
            assert_eq!(handle(&account, name(&account)), account.handle, "{typed}");
        }
    }

    #[test]
    fn what_is_no_account_is_not_taken_for_one() {
        for typed in
            ["gitlab:explore", "gitea:git.example/explore/repos", "gitea:a b", "gitlab:ada@home", "gitlab:"]
        {
            let found = parse(typed, &|_| false);
            assert!(found.is_err(), "{typed}: {found:?}");
        }
        let elsewhere = parse("https://code.example/ada", &|_| false).unwrap();
        assert!(elsewhere.iter().all(|account| account.network.id() == "feed"), "{elsewhere:?}");
    }
}
