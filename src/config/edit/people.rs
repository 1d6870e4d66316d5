use super::{comments, read_text, take_out, write};
use crate::channels::{self, of_person};
use crate::config::{ConfigError, Mistake};
use crate::model::Account;
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, RawString, Table, Value, value};
use url::Url;

/// A person to be written into the configuration.
#[derive(Debug, Clone, PartialEq)]
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
    let mut present: Vec<String> = list.iter().filter_map(written).collect();
    let mut added = Vec::new();
    for account in &person.channels {
        let account = of_person(account.clone(), &person.symbol);
        let address = account.address();
        // Handles differ by more than case, where they differ.
        if present.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
            continue;
        }
        present.push(address.clone());
        let mut entry = InlineTable::new();
        entry.insert("account", address.as_str().into());
        if let Some(id) = account.stable.as_deref().filter(|id| *id != account.handle) {
            entry.insert("id", id.into());
        }
        let mut entry =
            if entry.len() == 1 { Value::from(address.as_str()) } else { Value::InlineTable(entry) };
        // What was said behind the last entry stays behind it.
        let mut said = comments(list.trailing().as_str());
        if let Some(suffix) = list.iter_mut().last().map(Value::decor_mut) {
            said = format!("{}{said}", comments(suffix.suffix().and_then(RawString::as_str)));
            suffix.set_suffix("");
        }
        entry.decor_mut().set_prefix(format!("{said}\n  "));
        list.set_trailing("");
        list.push_formatted(entry);
        added.push(account);
    }
    if !added.is_empty() {
        list.set_trailing_comma(true);
        list.set_trailing("\n");
    }
    write(path, &document.to_string())?;
    Ok(added)
}

/// Adds pages on other people's sites to a person who is there. Returns those that were new.
pub fn add_pages(path: &Path, symbol: &str, pages: &[Url]) -> Result<Vec<Url>, ConfigError> {
    let mut document = read(path)?;
    let tables = people(&mut document).ok_or_else(|| not_a_list(path))?;
    let Some(table) = tables.iter_mut().find(|table| is(table, symbol)) else { return Ok(Vec::new()) };
    let list = table.entry("elsewhere").or_insert(value(Array::new()));
    let list = list.as_array_mut().ok_or_else(|| not_a_list(path))?;
    let known = |page: &Url| {
        let known = |text: &str| channels::page_elsewhere(text, &|_| true).is_ok_and(|known| known == *page);
        list.iter().filter_map(Value::as_str).any(known)
    };
    let new: Vec<Url> = pages.iter().filter(|page| !known(page)).cloned().collect();
    list.extend(new.iter().map(Url::as_str));
    write(path, &document.to_string())?;
    Ok(new)
}

/// Removes a person, or one channel of theirs. `channel` is its place in the person's list; the one behind its end is
/// that of the pages elsewhere.
pub fn remove(path: &Path, symbol: &str, channel: Option<usize>) -> Result<(), ConfigError> {
    let mut document = read(path)?;
    let Some(tables) = people(&mut document) else { return Ok(()) };
    let Some(place) = tables.iter().position(|table| is(table, symbol)) else { return Ok(()) };
    match channel {
        None => take_out(&mut document, people, place),
        Some(channel) => {
            let Some(table) = tables.get_mut(place) else { return Ok(()) };
            let listed = table.get("channels").and_then(Item::as_array).map_or(0, Array::len);
            if channel >= listed {
                table.remove("elsewhere");
            }
            let list = table.get_mut("channels");
            if let Some(list) = list.and_then(Item::as_array_mut)
                && channel < list.len()
            {
                let gone = list.remove(channel);
                // What was said behind the entry before it stands in front of this one.
                let said = format!(
                    "{}{}",
                    comments(gone.decor().prefix().and_then(RawString::as_str)),
                    comments(gone.decor().suffix().and_then(RawString::as_str)),
                );
                if let Some(next) = list.get_mut(channel).map(Value::decor_mut) {
                    let before = next.prefix().and_then(RawString::as_str).unwrap_or_default();
                    next.set_prefix(in_front(&said, before, "\n  "));
                } else {
                    let before = list.trailing().as_str().unwrap_or_default();
                    list.set_trailing(in_front(&said, before, "\n"));
                }
            }
        }
    }
    write(path, &document.to_string())
}

fn people(document: &mut DocumentMut) -> Option<&mut ArrayOfTables> {
    document.get_mut("people")?.as_array_of_tables_mut()
}

/// Comments in front of what stood there: a comment ends with its line, so `apart` keeps the two asunder.
fn in_front(said: &str, before: &str, apart: &str) -> String {
    let own_line = said.is_empty() || before.starts_with('\n');
    format!("{said}{}{before}", if own_line { "" } else { apart })
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
    read_text(path)?.parse().map_err(|_checked_above| not_a_list(path))
}

fn not_a_list(path: &Path) -> ConfigError {
    let what = "people are written as [[people]] tables with a list of channels".to_owned();
    ConfigError::Mistakes { path: path.to_owned(), mistakes: vec![Mistake { line: 1, span: None, what }] }
}
