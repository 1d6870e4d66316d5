//! What of the configuration concerns how the screen is laid out and which keys it obeys.

use super::Breaks;
use super::read::{Check, key_span};
use crate::keys::{self, BINDINGS, Key, Keymap};
use crate::text::suggestion;
use std::collections::BTreeMap;
use toml_edit::TableLike;

impl Check<'_> {
    /// `columns = [20, 40, 60, 80, 110]` and `rows = [3, 6, 12, 24, 34]`.
    pub(super) fn breaks(&mut self, layout: &dyn TableLike) -> Breaks {
        self.only(layout, &["columns", "rows"]);
        let usual = Breaks::default();
        Breaks {
            columns: self.rising(layout, "columns").unwrap_or(usual.columns),
            rows: self.rising(layout, "rows").unwrap_or(usual.rows),
        }
    }

    fn rising(&mut self, table: &dyn TableLike, key: &str) -> Option<[u16; 5]> {
        let item = table.get(key)?;
        let numbers = item.as_array().map(|array| {
            let numbers = array.iter().map(|value| u16::try_from(value.as_integer()?).ok());
            numbers.collect::<Option<Vec<u16>>>()
        });
        let found: Option<[u16; 5]> = numbers.flatten().and_then(|numbers| numbers.try_into().ok());
        let found = found.filter(|numbers| numbers.windows(2).all(|pair| pair[0] <= pair[1]));
        if found.is_none() {
            self.wrong(item.span(), format!("\"{key}\" must be five numbers, none below the one before it"));
        }
        found
    }

    /// `compare = "C"`, `quit = ["q", "^c"]`; an empty list takes an action its keys.
    pub(super) fn keymap(&mut self, table: &dyn TableLike) -> Keymap {
        let names: Vec<&str> = BINDINGS.iter().map(|binding| binding.name).collect();
        let mut own = BTreeMap::new();
        let before = self.mistakes.len();
        for (name, item) in table.iter() {
            let Some(action) = keys::action(name) else {
                let hint = suggestion(name, &names);
                self.wrong(
                    key_span(table, name).or_else(|| item.span()),
                    format!("unknown action \"{name}\"{hint}"),
                );
                continue;
            };
            let words = if let Some(word) = item.as_str() {
                vec![word.to_owned()]
            } else {
                self.strings(table, name)
            };
            let mut chosen = Vec::new();
            for word in words {
                match Key::from_name(&word) {
                    Some(key) => chosen.push(key),
                    None => self.wrong(
                        item.span(),
                        format!("\"{word}\" is no key; write a character, \"^x\", \"enter\", \"f1\", \"pgup\" and the like"),
                    ),
                }
            }
            own.insert(action, chosen);
        }
        if self.mistakes.len() > before {
            return Keymap::default();
        }
        Keymap::new(own).unwrap_or_else(|bad| {
            let first = table.iter().next().and_then(|(name, _)| key_span(table, name));
            self.wrong(first, format!("[keys]: {bad}"));
            Keymap::default()
        })
    }
}
