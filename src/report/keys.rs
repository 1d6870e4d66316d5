//! The table of keys as text and as JSON, row by row from the one that the screen obeys.

use crate::keys::{BINDINGS, Binding, Keymap, Scope};
use crate::text;
use serde::Serialize;

#[derive(Serialize)]
pub struct Keys {
    schema: &'static str,
    keys: Vec<KeyLine>,
}

#[derive(Serialize)]
struct KeyLine {
    /// By name, as `--keys` takes them.
    keys: Vec<String>,
    /// Its name in `[keys]` of the configuration.
    action: &'static str,
    does: &'static str,
    screens: Vec<&'static str>,
}

/// `cloutop/keys/1`
pub fn keys(keymap: &Keymap) -> Keys {
    let line = |binding: &'static Binding| KeyLine {
        keys: keymap.keys(binding).iter().map(|key| key.name()).collect(),
        action: binding.name,
        does: binding.help,
        screens: screens(binding),
    };
    Keys { schema: "cloutop/keys/1", keys: BINDINGS.iter().map(line).collect() }
}

/// The table for people.
pub fn keys_text(keymap: &Keymap) -> String {
    let table = keys(keymap);
    let names: Vec<String> = table.keys.iter().map(|line| line.keys.join(" ")).collect();
    let widest = |words: &mut dyn Iterator<Item = &str>| words.map(text::width).max().unwrap_or(0);
    let keys = widest(&mut names.iter().map(String::as_str));
    let does = widest(&mut table.keys.iter().map(|line| line.does));
    let action = widest(&mut table.keys.iter().map(|line| line.action));
    let head = [text::fit("KEYS", keys), text::fit("ACTION", action), text::fit("WHAT", does)];
    let mut out = format!("{}  SCREENS\n", head.join("  "));
    for (names, line) in names.iter().zip(&table.keys) {
        let screens = if line.screens.len() == Scope::SCREENS.len() {
            "all".to_owned()
        } else {
            line.screens.join(" ")
        };
        let cells = [text::fit(names, keys), text::fit(line.action, action), text::fit(line.does, does)];
        out.push_str(&format!("{}  {screens}\n", cells.join("  ")));
    }
    out
}

/// Screens on which a key works, by name.
pub fn screens(binding: &Binding) -> Vec<&'static str> {
    let works = |(scope, _): &&(Scope, &str)| binding.scope.holds(*scope);
    Scope::SCREENS.iter().filter(works).map(|(_, name)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    #[test]
    fn every_binding_is_told_by_names_that_are_read() {
        let map = Keymap::default();
        let (table, text) = (keys(&map), keys_text(&map));
        assert_eq!((table.keys.len(), text.lines().count()), (BINDINGS.len(), BINDINGS.len() + 1));
        for ((binding, line), row) in BINDINGS.iter().zip(&table.keys).zip(text.lines().skip(1)) {
            let read: Vec<Option<Key>> = line.keys.iter().map(|name| Key::from_name(name)).collect();
            let meant: Vec<Option<Key>> = binding.keys.iter().copied().map(Some).collect();
            assert_eq!(read, meant, "{row}");
            assert!(row.contains(&line.keys.join(" ")) && row.contains(binding.help), "{row}");
            assert!(!line.screens.is_empty(), "{row}");
        }
    }
}
