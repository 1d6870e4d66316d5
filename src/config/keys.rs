use secrecy::SecretString;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The user's tokens, by name: a network's id, or `network@host` where every host has its own.
///
/// From `keys.toml` beside the configuration (`github = "…"`, `"mastodon@gts.example" = "…"`), which
/// nobody else may read, or from the environment (`CLOUTOP_KEY_GITHUB`, `CLOUTOP_KEY_MASTODON_GTS_EXAMPLE`),
/// which wins. Never from an argument, and never printed.
#[derive(Debug, Clone, Default)]
pub struct Keys(HashMap<String, SecretString>);

#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    #[error("{} can be read by others; run: chmod 600 {}", .0.display(), .0.display())]
    Open(PathBuf),
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
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
        let mut keys = HashMap::new();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                owner_only(path)?;
                let table: toml_edit::DocumentMut =
                    text.parse().map_err(|_quotes_the_key| BadKeys::Malformed(path.to_owned()))?;
                for (name, item) in table.iter() {
                    let key = item.as_str().ok_or_else(|| BadKeys::Malformed(path.to_owned()))?;
                    keys.insert(variable(name), SecretString::from(key.trim()));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(BadKeys::Unreadable { path: path.to_owned(), error }),
        }
        keys.extend(Self::of(environment).0);
        Ok(Self(keys))
    }

    /// What `environment` holds.
    pub fn of(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let key = |(name, key): (String, String)| {
            let name = name.strip_prefix("CLOUTOP_KEY_").filter(|_| !key.trim().is_empty())?;
            Some((name.to_owned(), SecretString::from(key.trim())))
        };
        Self(environment.into_iter().filter_map(key).collect())
    }

    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.0.get(&variable(name))
    }

    /// A key's name as the end of its environment variable's.
    pub fn variable(name: &str) -> String {
        variable(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// A key's name as the end of an environment variable's.
pub(super) fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(unix)]
fn owner_only(path: &Path) -> Result<(), BadKeys> {
    use std::os::unix::fs::PermissionsExt;
    let unreadable = |error| BadKeys::Unreadable { path: path.to_owned(), error };
    let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(BadKeys::Open(path.to_owned())) }
}

#[cfg(not(unix))]
fn owner_only(_path: &Path) -> Result<(), BadKeys> {
    Ok(())
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
