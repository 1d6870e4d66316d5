use super::{below_the_rest, place, put};
use crate::config::{Kind, Setting};
use toml_edit::{DocumentMut, Item, Table, TableLike, TomlError, Value};

/// The text with a setting written into it, or taken out.
pub(super) fn set(text: &str, setting: Setting, value: Option<&str>) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: TomlError| error.to_string())?;
    let path = setting.path_in(document.as_table());
    let Some((key, tables)) = path.split_last() else { return Ok(text.to_owned()) };
    let Some(value) = value else {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        if let Some(cut) = place::without(text, &names) {
            return Ok(cut);
        }
        if let Some(table) = table(document.as_table_mut(), tables) {
            table.remove(key);
        }
        return Ok(document.to_string());
    };
    let value = match setting.kind() {
        Kind::Flag => value.parse::<bool>().map_or_else(|_| Value::from(value), Value::from),
        Kind::Choice(_) | Kind::Text => Value::from(value),
    };
    let new = tables.first().is_some_and(|name| !document.contains_key(name));
    let table = table(document.as_table_mut(), tables)
        .ok_or_else(|| format!("{} is no table in the file", tables.join(".")))?;
    put(table, key, value);
    if new {
        below_the_rest(&mut document, tables);
    }
    Ok(document.to_string())
}

/// The table behind some names, made where it is not there.
fn table<'d>(root: &'d mut dyn TableLike, names: &[String]) -> Option<&'d mut dyn TableLike> {
    let Some((name, rest)) = names.split_first() else { return Some(root) };
    if root.get(name).is_none() {
        let mut table = Table::new();
        table.set_implicit(!rest.is_empty());
        root.insert(name, Item::Table(table));
    }
    table(root.get_mut(name)?.as_table_like_mut()?, rest)
}
