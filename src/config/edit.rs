//! Changes to the file: comments and order stay, and what would be wrong afterwards is not written.

mod people;
mod place;
mod rules;
mod settings;

pub use people::{NewPerson, add, add_pages, remove};
pub use rules::RuleText;

use super::{Config, ConfigError, Setting};
use std::io::Write;
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, RawString, Table, TableLike, Value};

/// One change, as a form asks for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A setting as typed; nothing takes it out of the file.
    Set(Setting, Option<String>),
    /// A new rule, or another text for the one that had this text before.
    PutRule {
        was: Option<Box<RuleText>>,
        rule: Box<RuleText>,
    },
    RemoveRule(String),
    /// Whether a rule is off.
    SwitchRule {
        name: String,
        off: bool,
    },
}

impl Change {
    /// Whether the rules are others afterwards.
    pub fn concerns_alerts(&self) -> bool {
        !matches!(self, Self::Set(setting, _) if !matches!(setting, Setting::DoNotDisturb | Setting::Quiet))
    }
}

/// What is wrong with a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The key in the file, with the tables it stands in; empty where it is about none.
    pub key: Vec<String>,
    pub what: String,
}

/// The text of a configuration after some changes.
pub fn edited(text: &str, changes: &[Change]) -> Result<String, Vec<Wrong>> {
    // A file with mistakes is not touched.
    if let Err(mistakes) = Config::parse(text) {
        let broken = |mistake: super::Mistake| Wrong {
            key: Vec::new(),
            what: format!("line {} of the file has to be mended first: {}", mistake.line, mistake.what),
        };
        return Err(mistakes.into_iter().map(broken).collect());
    }
    let mut out = text.to_owned();
    for change in changes {
        let done = match change {
            Change::Set(setting, value) => settings::set(&out, *setting, value.as_deref()),
            Change::PutRule { was, rule } => rules::put(&out, was.as_deref(), rule),
            Change::RemoveRule(name) => rules::remove(&out, name),
            Change::SwitchRule { name, off } => rules::switch(&out, name, *off),
        };
        out = done.map_err(|what| vec![Wrong { key: Vec::new(), what }])?;
    }
    match Config::parse(&out) {
        Ok(_) => Ok(out),
        Err(mistakes) => Err(mistakes
            .into_iter()
            .map(|mistake| Wrong {
                key: mistake.span.and_then(|span| place::key_at(&out, span.start)).unwrap_or_default(),
                what: mistake.what,
            })
            .collect()),
    }
}

/// Changes the file, and returns its text. Without changes it is only read.
pub fn edit(path: &Path, changes: &[Change]) -> Result<String, ConfigError> {
    let text = read_text(path)?;
    let wrong = |wrong: Vec<Wrong>| {
        let words: Vec<String> = wrong.into_iter().map(|wrong| wrong.what).collect();
        ConfigError::Refused { path: path.to_owned(), what: words.join("; ") }
    };
    let after = edited(&text, changes).map_err(wrong)?;
    if after != text {
        write(path, &after)?;
    }
    Ok(after)
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    // A file with mistakes is not touched.
    Config::load(path)?;
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        other => other.map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error }),
    }
}

/// Writes beside the file and renames: a crash leaves the old file or the new one, never half of one.
fn write(path: &Path, text: &str) -> Result<(), ConfigError> {
    // A link is followed, so that dotfiles kept elsewhere stay links.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let unwritable = |error| ConfigError::Unwritable { path: path.clone(), error };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let written = (|| {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = std::fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    written.map_err(unwritable)
}

/// White space around comments; nothing when there is no comment in it.
fn comments(decor: Option<&str>) -> String {
    decor.filter(|text| text.contains('#')).map(|text| text.trim_end().to_owned()).unwrap_or_default()
}

/// A table in the list that `tables` finds is taken out. The lines right above it are about it; what stands apart
/// is about the file, and stays.
fn take_out(
    document: &mut DocumentMut,
    tables: fn(&mut DocumentMut) -> Option<&mut ArrayOfTables>,
    place: usize,
) {
    let Some(list) = tables(document) else { return };
    let above = list.get(place).and_then(|table| table.decor().prefix()?.as_str()).unwrap_or_default();
    let apart = above.rsplit_once("\n\n").map(|(apart, _)| comments(Some(apart))).unwrap_or_default();
    list.remove(place);
    if apart.is_empty() {
        return;
    }
    if let Some(next) = list.get_mut(place).map(Table::decor_mut) {
        let before = next.prefix().and_then(RawString::as_str).unwrap_or_default();
        next.set_prefix(format!("{apart}\n{before}"));
    } else {
        let before = document.trailing().as_str().unwrap_or_default();
        document.set_trailing(format!("{apart}\n{before}"));
    }
}

/// Writes a value where its key stands, with what is said around it; a new key comes last in its table.
fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// A table that was made comes below everything: what stands at the end of the file is above it.
fn below_the_rest(document: &mut DocumentMut, names: &[impl AsRef<str>]) {
    let rest = comments(document.trailing().as_str());
    let mut made: Option<&mut Item> = Some(document.as_item_mut());
    for name in names {
        made = made.and_then(|item| item.get_mut(name.as_ref()));
    }
    let made = match made {
        Some(Item::Table(table)) => Some(table),
        Some(Item::ArrayOfTables(list)) => list.get_mut(0),
        _ => None,
    };
    let Some(made) = made else { return };
    made.set_position(Some(isize::MAX));
    if !rest.is_empty() {
        made.decor_mut().set_prefix(format!("{rest}\n\n"));
        document.set_trailing("");
    }
}
