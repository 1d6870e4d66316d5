//! The user's tokens: where they come from, and what they are called.

mod file;
mod name;

pub use file::{forget, keep};
pub use name::{BadName, KeyName, Purpose};

use secrecy::SecretString;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What the variables of keys begin with.
const PREFIX: &str = "CLOUTOP_KEY_";

/// The user's tokens, by name: a network's id, or `network@host` where every host has its own.
///
/// From `keys.toml` beside the configuration (`github = "…"`, `"mastodon@gts.example" = "…"`), which
/// nobody else may read, or from the environment (`CLOUTOP_KEY_GITHUB`, `CLOUTOP_KEY_MASTODON_GTS_EXAMPLE`),
/// which wins. Never from an argument, and never printed.
#[derive(Debug, Clone, Default)]
pub struct Keys(HashMap<String, Held>);

#[derive(Debug, Clone)]
struct Held {
    key: SecretString,
    at: Found,
}

/// Where a key is, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it is written in the file, or as the end of its variable.
    pub name: String,
    pub source: Source,
    /// The file has a key by this name, too, which is not used.
    pub shadows: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    File,
    Environment,
}

impl Source {
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Environment => "environment",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    #[error("{} can be read by others; run: chmod 600 {}", .0.display(), .0.display())]
    Open(PathBuf),
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("cannot write {}: {error}", path.display())]
    Unwritable { path: PathBuf, error: std::io::Error },
    // The parser's own message would quote the line with the key.
    #[error("{} is not a list of name = \"key\" lines", .0.display())]
    Malformed(PathBuf),
}

impl Keys {
    /// Reads the file, if there is one, and then what `environment` holds.
    pub fn load(
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BadKeys> {
        let mut keys = Self::default();
        for (name, key) in file::read(path)?.iter() {
            let key = SecretString::from(key.as_str().unwrap_or_default().trim());
            let at = Found { name: name.to_owned(), source: Source::File, shadows: false };
            keys.0.insert(variable(name), Held { key, at });
        }
        for (variable, mut held) in Self::of(environment).0 {
            held.at.shadows = keys.0.contains_key(&variable);
            keys.0.insert(variable, held);
        }
        Ok(keys)
    }

    /// What `environment` holds.
    pub fn of(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let held = |(name, key): (String, String)| {
            let name = name.strip_prefix(PREFIX).filter(|_| !key.trim().is_empty())?;
            let at = Found { name: name.to_owned(), source: Source::Environment, shadows: false };
            Some((name.to_owned(), Held { key: SecretString::from(key.trim()), at }))
        };
        Self(environment.into_iter().filter_map(held).collect())
    }

    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.0.get(&variable(name)).map(|held| &held.key)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Where the key of this name is.
    pub fn find(&self, name: &str) -> Option<&Found> {
        self.0.get(&variable(name)).map(|held| &held.at)
    }

    /// Where every key is, by name.
    pub fn found(&self) -> Vec<&Found> {
        let mut found: Vec<&Found> = self.0.values().map(|held| &held.at).collect();
        found.sort_by_key(|at| at.name.to_lowercase());
        found
    }

    /// The environment's variable for the key of this name.
    pub fn variable(name: &str) -> String {
        format!("{PREFIX}{}", variable(name))
    }
}

/// A key's name as the end of an environment variable's.
pub(super) fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(name, key)| (name.to_owned(), key.to_owned())).collect()
    }

    #[cfg(unix)]
    fn write(path: &Path, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_environment_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        write(&path, "github = \"from-file\"\n\"mastodon@gts.example\" = \"other\"\n", 0o600);
        let keys =
            Keys::load(&path, environment(&[("CLOUTOP_KEY_GITHUB", "from-env"), ("HOME", "x")])).unwrap();
        assert_eq!(keys.get("github").unwrap().expose_secret(), "from-env");
        assert_eq!(keys.get("mastodon@gts.example").unwrap().expose_secret(), "other");
        assert!(!keys.has("hackernews"));
        let told: Vec<_> =
            keys.found().into_iter().map(|at| (at.name.as_str(), at.source.word(), at.shadows)).collect();
        assert_eq!(told, [("GITHUB", "environment", true), ("mastodon@gts.example", "file", false)]);
        assert!(!format!("{keys:?}").contains("from-env"), "a key never shows");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        write(&path, "github = \"secret\"", 0o644);
        assert!(matches!(Keys::load(&path, []), Err(BadKeys::Open(_))));
        write(&path, "github = secret-without-quotes", 0o600);
        let bad = Keys::load(&path, []).unwrap_err().to_string();
        assert!(!bad.contains("secret-without"), "{bad}");
    }
}
