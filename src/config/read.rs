//! Reading values out of a configuration's tables, and noting everything that is wrong with them.

use crate::text::suggestion;
use chrono::TimeDelta;
use toml_edit::{Item, TableLike};

/// Something wrong in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    /// Where in the text it is, in bytes.
    pub span: Span,
    pub what: String,
}

pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&c| c == b'\n').count()
}

/// The column of a place in the text, counted from 1 in characters.
pub(super) fn column_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    1 + before.rsplit('\n').next().unwrap_or_default().chars().count()
}

pub(super) struct Check<'t> {
    pub(super) text: &'t str,
    pub(super) mistakes: Vec<Mistake>,
    /// Names of `[custom]` tables. One with a mistake in it is there all the same: channels that name it are not
    /// wrong, too.
    pub(super) described: Vec<String>,
}

pub(crate) type Span = Option<std::ops::Range<usize>>;

impl Check<'_> {
    pub(super) fn wrong(&mut self, span: Span, what: impl Into<String>) {
        let line = span.as_ref().map_or(1, |span| line_of(self.text, span.start));
        // The file's words may hold what a terminal would act on.
        self.mistakes.push(Mistake { line, span, what: crate::text::clean(&what.into()) });
    }

    /// Reports every key of the table that is not known.
    pub(super) fn only(&mut self, table: &dyn TableLike, known: &[&str]) {
        let unknown: Vec<_> = table
            .iter()
            .filter(|(key, _)| !known.contains(key))
            .map(|(key, item)| (key.to_owned(), key_span(table, key).or_else(|| item.span())))
            .collect();
        for (key, span) in unknown {
            let hint = suggestion(&key, known);
            self.wrong(span, format!("unknown key \"{key}\"{hint}"));
        }
    }

    pub(super) fn table<'i>(&mut self, item: &'i Item, what: &str) -> Option<&'i dyn TableLike> {
        let table = item.as_table_like();
        if table.is_none() {
            self.wrong(item.span(), format!("{what} must be a table"));
        }
        table
    }

    pub(super) fn string(&mut self, table: &dyn TableLike, key: &str) -> Option<(String, Span)> {
        let item = table.get(key)?;
        let text = item.as_str();
        if text.is_none() {
            self.wrong(item.span(), format!("\"{key}\" must be text in quotes"));
        }
        text.map(|text| (text.to_owned(), item.span()))
    }

    pub(super) fn flag(&mut self, table: &dyn TableLike, key: &str) -> Option<bool> {
        let item = table.get(key)?;
        if item.as_bool().is_none() {
            self.wrong(item.span(), format!("\"{key}\" must be true or false"));
        }
        item.as_bool()
    }

    pub(super) fn duration(&mut self, table: &dyn TableLike, key: &str) -> Option<TimeDelta> {
        let (text, span) = self.string(table, key)?;
        let length = duration(&text);
        if length.is_none() {
            self.wrong(span, format!("\"{key}\" must be a time like \"30s\", \"10m\", \"2h\" or \"7d\""));
        }
        length
    }

    pub(super) fn choice<T: Copy>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let (text, span) = self.string(table, key)?;
        let found = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            let hint = suggestion(&text, &names);
            self.wrong(span, format!("\"{key}\" cannot be \"{text}\"{hint}"));
        }
        found
    }

    pub(super) fn strings(&mut self, table: &dyn TableLike, key: &str) -> Vec<String> {
        let Some(item) = table.get(key) else { return Vec::new() };
        let Some(array) = item.as_array() else {
            self.wrong(item.span(), format!("\"{key}\" must be a list of texts"));
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in array {
            match value.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(value.span(), format!("\"{key}\" must be a list of texts")),
            }
        }
        texts
    }

    pub(super) fn numbers(&mut self, table: &dyn TableLike, keys: &[&str]) -> toml::Table {
        let mut out = toml::Table::new();
        for &key in keys {
            let Some(item) = table.get(key) else { continue };
            match item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64)) {
                Some(number) if number.is_finite() => {
                    out.insert(key.to_owned(), number.into());
                }
                _ => self.wrong(item.span(), format!("\"{key}\" must be a number")),
            }
        }
        out
    }
}

pub(super) fn key_span(table: &dyn TableLike, key: &str) -> Span {
    table.get_key_value(key).and_then(|(key, _)| key.span())
}

/// `30s`, `10m`, `2h`, `7d`.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(split)?;
    let number: i64 = number.parse().ok()?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    TimeDelta::try_seconds(number.checked_mul(seconds)?).filter(|length| length.num_days() <= 366)
}

/// The shortest spelling that [`duration`] reads as the same length, to the second.
pub fn spelled(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    let unit = units.into_iter().find(|(_, each)| seconds > 0 && seconds % each == 0);
    let (unit, each) = unit.unwrap_or(("s", 1));
    format!("{}{unit}", seconds / each)
}
