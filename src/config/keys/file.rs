//! `keys.toml`, read and written: nobody but its owner, at no moment.

use super::{BadKeys, variable};
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use toml_edit::{DocumentMut, Item, RawString, Value};

/// The file as it stands: names and texts, nothing else. One that is not there is empty.
pub(super) fn read(path: &Path) -> Result<DocumentMut, BadKeys> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(DocumentMut::new()),
        Err(error) => return Err(BadKeys::Unreadable { path: path.to_owned(), error }),
    };
    owner_only(path)?;
    let malformed = || BadKeys::Malformed(path.to_owned());
    let document: DocumentMut = text.parse().map_err(|_quotes_the_key| malformed())?;
    if document.iter().all(|(_, item)| item.is_str()) { Ok(document) } else { Err(malformed()) }
}

/// Keeps a key under this name, in the place of the one that has it. The rest of the file stays as it is.
pub fn keep(path: &Path, name: &str, key: &SecretString) -> Result<(), BadKeys> {
    let mut document = read(path)?;
    let known = spellings(&document, name);
    if known.is_empty() {
        document.insert(name, Item::Value(key.expose_secret().into()));
    }
    for name in known {
        if let Some(old) = document.get_mut(&name).and_then(Item::as_value_mut) {
            let mut new = Value::from(key.expose_secret());
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
    }
    write(path, &document)
}

/// Takes the key of this name out of the file; false if there is none.
pub fn forget(path: &Path, name: &str) -> Result<bool, BadKeys> {
    let mut document = read(path)?;
    let known = spellings(&document, name);
    for name in &known {
        take_out(&mut document, name);
    }
    if !known.is_empty() {
        write(path, &document)?;
    }
    Ok(!known.is_empty())
}

/// How the file spells a name: once, but for hand-written files.
fn spellings(document: &DocumentMut, name: &str) -> Vec<String> {
    let wanted = variable(name);
    document.iter().map(|(known, _)| known.to_owned()).filter(|known| variable(known) == wanted).collect()
}

/// Lines right above a key are about it and go with it; what stands apart is about the file, and stays.
fn take_out(document: &mut DocumentMut, name: &str) {
    let next = document.iter().skip_while(|(key, _)| *key != name).nth(1).map(|(key, _)| key.to_owned());
    let Some((key, _)) = document.remove_entry(name) else { return };
    let above = key.leaf_decor().prefix().and_then(RawString::as_str).unwrap_or_default();
    let Some((apart, _)) = above.rsplit_once("\n\n") else { return };
    let below = |rest: &str| format!("{apart}\n\n{}", rest.trim_start_matches('\n'));
    if let Some(mut next) = next.and_then(|next| document.key_mut(&next)) {
        let rest = next.leaf_decor().prefix().and_then(RawString::as_str).unwrap_or_default().to_owned();
        next.leaf_decor_mut().set_prefix(below(&rest));
    } else {
        let rest = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(below(&rest));
    }
}

/// Writes beside the file and renames: a crash leaves the old file or the new one, never half of one, and what is
/// written is the owner's alone from its first byte.
fn write(path: &Path, document: &DocumentMut) -> Result<(), BadKeys> {
    // A link is followed, so that dotfiles kept elsewhere stay links.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let unwritable = |error| BadKeys::Unwritable { path: path.clone(), error };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let written = (|| {
        // What a crash has left there may be open to others.
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create(Path::new(&beside))?;
        file.write_all(document.to_string().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    written.map_err(unwritable)
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> std::io::Result<File> {
    File::options().write(true).create_new(true).open(path)
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
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn secret(key: &str) -> SecretString {
        SecretString::from(key)
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn keys_are_kept_beside_what_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/keys.toml");
        keep(&path, "github", &secret("one")).unwrap();
        assert_eq!(
            (std::fs::read_to_string(&path).unwrap().as_str(), mode(&path)),
            ("github = \"one\"\n", 0o600)
        );
        let text = "# All of them.\n\n# Ends in May.\ngithub = \"one\" # work\n\"Mastodon@gts.example\" = 'two'\n# end\n";
        std::fs::write(&path, text).unwrap();
        keep(&path, "mastodon@GTS.example", &secret("a \"quoted\" one")).unwrap();
        keep(&path, "github", &secret("three")).unwrap();
        keep(&path, "phone", &secret("four")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "# All of them.\n\n# Ends in May.\ngithub = \"three\" # work\n\"Mastodon@gts.example\" = 'a \"quoted\" one'\n\
             phone = \"four\"\n# end\n"
        );
        assert!(forget(&path, "github").unwrap());
        assert!(!forget(&path, "github").unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# All of them.\n\n\"Mastodon@gts.example\" ="), "{text}");
        assert!(forget(&path, "phone").unwrap() && forget(&path, "mastodon@gts.example").unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "# All of them.\n\n# end\n");
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_file_with_mistakes_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        for text in ["github = one", "[github]\nkey = \"one\"\n", "github = 7\n"] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(keep(&path, "github", &secret("two")), Err(BadKeys::Malformed(_))), "{text}");
            assert!(matches!(forget(&path, "github"), Err(BadKeys::Malformed(_))), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        std::fs::write(&path, "github = \"one\"\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(keep(&path, "github", &secret("two")), Err(BadKeys::Open(_))));
    }

    #[test]
    fn what_a_crash_left_and_links_are_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let (path, real) = (folder.path().join("keys.toml"), folder.path().join("real.toml"));
        std::fs::write(folder.path().join("real.toml.new"), "half").unwrap();
        keep(&real, "github", &secret("one")).unwrap();
        std::os::unix::fs::symlink(&real, &path).unwrap();
        keep(&path, "github", &secret("two")).unwrap();
        assert!(path.is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "github = \"two\"\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }
}
