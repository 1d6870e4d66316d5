//! The places of the configuration, with their keys, as the courier needs them.

use super::session::Session;
use crate::alerts::{self, BELL, DESKTOP};
use crate::config::Keys;
use crate::deliver::terminal::Terminal;
use crate::deliver::web::{Discord, Matrix, Ntfy, Pushover, Slack, Webhook};
use crate::deliver::{Address, BadPlace, Hook, Means, Place};
use crate::http::Authorization;
use secrecy::SecretString;
use std::process::Command;
use url::Url;

/// Where Pushover is.
const PUSHOVER: &str = "https://api.pushover.net/";

/// Its priority of every alert: with the sound that the user has chosen there.
const USUAL: i8 = 0;

/// Every place that rules may name, beside the badge. One that cannot be used says why.
pub(super) fn places(session: &Session) -> Vec<Place> {
    let built_in = [(BELL, Means::Bell), (DESKTOP, desktop())];
    let built_in = built_in.map(|(name, means)| Place { name: name.to_owned(), means });
    let configured = session.config.alerts.to.iter().map(|(name, place)| {
        let means = means(name, place, session).unwrap_or_else(Means::Unusable);
        Place { name: name.clone(), means }
    });
    built_in.into_iter().chain(configured).collect()
}

/// What is missing before every place that a rule names can be used.
pub(super) fn missing(session: &Session) -> Vec<String> {
    places(session)
        .into_iter()
        .filter_map(|place| match place.means {
            Means::Unusable(why) if named(session, &place.name) => {
                Some(format!("alerts to {}: {why}", place.name))
            }
            _ => None,
        })
        .collect()
}

/// Whether a rule in force tells anything there.
fn named(session: &Session, place: &str) -> bool {
    let rules = session.config.alerts.rules.iter().filter(|rule| !rule.off);
    rules.flat_map(|rule| &rule.how).any(|how| how == place)
}

#[cfg(feature = "desktop-native")]
fn desktop() -> Means {
    Means::Native
}

#[cfg(not(feature = "desktop-native"))]
fn desktop() -> Means {
    Means::Desktop
}

fn means(name: &str, place: &alerts::Place, session: &Session) -> Result<Means, String> {
    let keys = &session.keys;
    if session.global.offline && !matches!(place, alerts::Place::Hook(_)) {
        return Err("--offline never opens the network".to_owned());
    }
    for secret in place.secrets(name) {
        if secret.needed && !keys.has(&secret.name) {
            return Err(format!(
                "{} is missing; type: cloutop key set {} (or set {})",
                secret.what,
                secret.name,
                Keys::variable(&secret.name)
            ));
        }
    }
    build(name, place, session).map_err(|bad| bad.to_string())
}

fn build(name: &str, place: &alerts::Place, session: &Session) -> Result<Means, BadPlace> {
    let (keys, allowed) = (&session.keys, &session.config.allow_http);
    let own = || keys.get(name).ok_or(BadPlace::Missing("key"));
    let server = |url: &Url| Address::parse_allowing(url.as_str(), allowed);
    let webhook = || Address::secret(own()?, allowed);
    Ok(Means::Web(match place {
        alerts::Place::Hook(argv) => {
            let home = directories::BaseDirs::new();
            let home = home.as_ref().map(directories::BaseDirs::home_dir);
            let hook = Hook::new(argv, home, std::env::vars_os())?;
            if let Some(missing) = hook.missing() {
                return Err(BadPlace::NotThere(missing));
            }
            return Ok(Means::Hook(hook));
        }
        alerts::Place::Ntfy(url) => {
            let token = keys.get(&format!("{name}-token")).cloned().map(Authorization::Bearer);
            Box::new(Ntfy::new(server(url)?, own()?, token)?)
        }
        alerts::Place::Pushover => {
            let user: &SecretString =
                keys.get(&format!("{name}-user")).ok_or(BadPlace::Missing("key of the user"))?;
            Box::new(Pushover::new(Address::parse(PUSHOVER)?, own()?, user, USUAL)?)
        }
        alerts::Place::Slack => Box::new(Slack::new(webhook()?)),
        alerts::Place::Discord => Box::new(Discord::new(webhook()?)),
        alerts::Place::Matrix { home, room } => Box::new(Matrix::new(server(home)?, own()?, room.clone())?),
        alerts::Place::Webhook => Box::new(Webhook::new(webhook()?, None)?),
    }))
}

/// What the terminal can be asked to do. tmux is asked only where the answer matters.
pub(super) fn terminal(session: &Session) -> Terminal {
    let get = |name: &str| std::env::var(name).ok();
    let passthrough = get("TMUX").filter(|tmux| !tmux.is_empty() && named(session, DESKTOP));
    let passthrough = passthrough.and_then(|_| self::passthrough());
    Terminal::from_environment(get, passthrough)
}

/// Whether tmux passes on what is wrapped; `None` if it does not say.
fn passthrough() -> Option<bool> {
    let asked = Command::new("tmux").args(["show-options", "-A", "-p", "-v", "allow-passthrough"]).output();
    let said = String::from_utf8(asked.ok()?.stdout).ok()?;
    match said.trim() {
        "on" | "all" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}
