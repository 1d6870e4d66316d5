//! Where a key stands in the text of a file. Tables of a list have their number as a name.

use std::ops::Range;
use toml_edit::{Document, Item, TableLike, Value};

/// The key and its value at a place in the text, with the tables they stand in.
pub(super) fn key_at(text: &str, offset: usize) -> Option<Vec<String>> {
    let document = Document::parse(text).ok()?;
    let mut path = Vec::new();
    find(document.as_table(), offset, &mut path).then_some(path)
}

fn find(table: &dyn TableLike, offset: usize, path: &mut Vec<String>) -> bool {
    for (name, item) in table.iter() {
        path.push(name.to_owned());
        let begins = table.get_key_value(name).and_then(|(key, _)| key.span());
        let here = begins.is_some_and(|span| span.contains(&offset));
        let found = match item {
            Item::Table(inner) => find(inner, offset, path),
            Item::ArrayOfTables(list) => {
                list.iter().enumerate().any(|(place, inner)| inside(inner, place, offset, path))
            }
            Item::Value(Value::InlineTable(inner)) => find(inner, offset, path),
            Item::Value(Value::Array(list)) if list.iter().any(Value::is_inline_table) => {
                let tables = list
                    .iter()
                    .enumerate()
                    .filter_map(|(place, value)| value.as_inline_table().map(|table| (place, table)));
                tables.into_iter().any(|(place, inner)| inside(inner, place, offset, path))
            }
            other => other.span().is_some_and(|span| span.contains(&offset)),
        };
        if found || here {
            return true;
        }
        path.pop();
    }
    false
}

fn inside(table: &dyn TableLike, place: usize, offset: usize, path: &mut Vec<String>) -> bool {
    path.push(place.to_string());
    let found = find(table, offset, path);
    if !found {
        path.pop();
    }
    found
}

/// The text without a key that has a line of its own: what is said around it stays. `None` where it shares its line,
/// or is not there.
pub(super) fn without(text: &str, path: &[&str]) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let (key, tables) = path.split_last()?;
    let mut item = document.as_item();
    for name in tables {
        item = match item {
            Item::ArrayOfTables(_) => item.get(name.parse::<usize>().ok()?)?,
            Item::Table(table) => table.get(name)?,
            _ => return None,
        };
    }
    let (key, value) = item.as_table()?.get_key_value(key)?;
    let range = key.span()?.start..value.span()?.end;
    Some(cut(text, &range))
}

fn cut(text: &str, range: &Range<usize>) -> String {
    let (before, rest) = text.split_at_checked(range.start).unwrap_or((text, ""));
    // With a dotted key, the whole of it.
    let before = before.rfind('\n').map_or("", |end| before.get(..=end).unwrap_or_default());
    let rest = rest.get(range.len()..).unwrap_or_default();
    let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
    match line.trim() {
        "" => format!("{before}{below}"),
        said => format!("{before}{said}\n{below}"),
    }
}
