use super::{Config, ConfigError, check};
use crate::model::Account;
use std::io::Write;
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

/// A person to be written into the configuration.
#[derive(Debug, Clone)]
pub struct NewPerson {
    pub symbol: String,
    pub name: Option<String>,
    pub group: Option<String>,
    pub mine: bool,
    pub channels: Vec<Account>,
}

/// Adds a person, or channels to a person who is there already. Returns the accounts that were new.
pub fn add(path: &Path, person: &NewPerson) -> Result<Vec<Account>, ConfigError> {
    let mut document = read(path)?;
    let tables = document
        .entry("people")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| not_a_list(path))?;
    let place = tables.iter().position(|table| is(table, &person.symbol));
    if place.is_none() {
        let mut table = Table::new();
        table["symbol"] = value(person.symbol.as_str());
        if person.mine {
            table["mine"] = value(true);
        }
        tables.push(table);
    }
    let place = place.unwrap_or(tables.len() - 1);
    let Some(table) = tables.get_mut(place) else { return Ok(Vec::new()) };
    if let Some(name) = &person.name {
        table["name"] = value(name.as_str());
    }
    if let Some(group) = &person.group {
        table["group"] = value(group.as_str());
    }
    let list = table.entry("channels").or_insert(value(Array::new()));
    let list = list.as_array_mut().ok_or_else(|| not_a_list(path))?;
    let present: Vec<String> = list.iter().filter_map(written).collect();
    let mut added = Vec::new();
    for account in &person.channels {
        let address = account.address();
        if present.contains(&address) {
            continue;
        }
        let mut entry = InlineTable::new();
        entry.insert("account", address.as_str().into());
        if let Some(id) = account.stable.as_deref().filter(|id| *id != account.handle) {
            entry.insert("id", id.into());
        }
        let mut entry =
            if entry.len() == 1 { Value::from(address.as_str()) } else { Value::InlineTable(entry) };
        entry.decor_mut().set_prefix("\n  ");
        list.push_formatted(entry);
        added.push(account.clone());
    }
    list.set_trailing_comma(true);
    list.set_trailing("\n");
    write(path, &document)?;
    Ok(added)
}

/// Removes a person, or one channel of theirs. `channel` is its place in the person's list.
pub fn remove(path: &Path, symbol: &str, channel: Option<usize>) -> Result<(), ConfigError> {
    let mut document = read(path)?;
    let Some(tables) = document.get_mut("people").and_then(Item::as_array_of_tables_mut) else {
        return Ok(());
    };
    let Some(place) = tables.iter().position(|table| is(table, symbol)) else { return Ok(()) };
    match channel {
        None => {
            tables.remove(place);
        }
        Some(channel) => {
            let list = tables.get_mut(place).and_then(|table| table.get_mut("channels"));
            if let Some(list) = list.and_then(Item::as_array_mut)
                && channel < list.len()
            {
                list.remove(channel);
            }
        }
    }
    write(path, &document)
}

fn is(table: &Table, symbol: &str) -> bool {
    table.get("symbol").and_then(Item::as_str).is_some_and(|found| found.eq_ignore_ascii_case(symbol))
}

/// The address a list entry stands for, in its one spelling.
fn written(entry: &Value) -> Option<String> {
    let text = match entry {
        Value::InlineTable(table) => table.get("account")?.as_str()?,
        other => other.as_str()?,
    };
    let accounts = crate::channels::parse(text, &|_| true).ok()?;
    accounts.first().map(Account::address)
}

fn read(path: &Path) -> Result<DocumentMut, ConfigError> {
    // A file with mistakes is not touched.
    Config::load(path)?;
    match std::fs::read_to_string(path) {
        Ok(text) => text.parse().map_err(|_checked_above| not_a_list(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(DocumentMut::new()),
        Err(error) => Err(ConfigError::Unreadable { path: path.to_owned(), error }),
    }
}

fn not_a_list(path: &Path) -> ConfigError {
    let what = "people are written as [[people]] tables with a list of channels".to_owned();
    ConfigError::Mistakes { path: path.to_owned(), mistakes: vec![check::Mistake { line: 1, what }] }
}

/// Writes beside the file and renames: a crash leaves the old file or the new one, never half of one.
fn write(path: &Path, document: &DocumentMut) -> Result<(), ConfigError> {
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
        file.write_all(document.to_string().as_bytes())?;
        if let Ok(old) = std::fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    written.map_err(unwritable)
}
