//! Which keys there are: where from and what for, never the keys.

use crate::alerts::Alerts;
use crate::config::{Found, KeyName, Keys};
use crate::text;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
pub struct KeyList {
    schema: &'static str,
    /// The file of the keys.
    file: String,
    keys: Vec<KeyLine>,
}

/// A key without the key.
#[derive(Serialize)]
pub struct KeyLine {
    pub name: String,
    /// `file` or `environment`; null where there is none.
    pub from: Option<&'static str>,
    /// Null where nothing asks for it.
    #[serde(rename = "for")]
    pub purpose: Option<String>,
    /// The file has another one, which is not used.
    pub shadows: bool,
    /// What else is to be said of it.
    pub note: Option<String>,
}

/// Every key there is. A variable does not say where the name of a network ends: `known` are names that it may mean.
pub fn key_lines(keys: &Keys, known: &[String], alerts: &Alerts) -> Vec<KeyLine> {
    let line = |found: &Found| {
        let variable = Keys::variable(&found.name);
        let meant = known.iter().find(|name| Keys::variable(name) == variable);
        let parsed = KeyName::parse(meant.unwrap_or(&found.name), alerts);
        let (name, purpose, note) = match parsed {
            Ok(key) if Keys::variable(&key.name) == variable => {
                (key.name, Some(key.purpose.to_string()), None)
            }
            Ok(key) => (found.name.clone(), None, Some(format!("it is not used: the name is {}", key.name))),
            Err(bad) => (found.name.clone(), None, Some(bad.to_string())),
        };
        KeyLine { name, from: Some(found.source.word()), purpose, shadows: found.shadows, note }
    };
    keys.found().into_iter().map(line).collect()
}

/// `cloutop/key-list/1`
pub fn key_list(keys: &Keys, known: &[String], alerts: &Alerts, file: &Path) -> KeyList {
    KeyList {
        schema: "cloutop/key-list/1",
        file: file.display().to_string(),
        keys: key_lines(keys, known, alerts),
    }
}

pub fn key_list_text(list: &KeyList) -> String {
    if list.keys.is_empty() {
        return format!("there are no keys: neither in {} nor in the environment\n", list.file);
    }
    let width = list.keys.iter().map(|key| text::width(&key.name)).max().unwrap_or(0).max(4);
    let mut out = format!("{}  FROM         FOR\n", text::fit("NAME", width));
    for key in &list.keys {
        out.push_str(&format!("{}  {:<11}  {}\n", text::fit(&key.name, width), key.origin(), key.told()));
    }
    out
}

impl KeyLine {
    pub fn origin(&self) -> &'static str {
        self.from.unwrap_or("none")
    }

    /// What it is for, and what is to be said of it.
    pub fn told(&self) -> String {
        let mut told = self.purpose.clone().unwrap_or_else(|| "nothing".to_owned());
        if let Some(note) = &self.note {
            told.push_str(&format!(": {note}"));
        }
        if self.shadows {
            told.push_str(" (the file has one, too, which is not used)");
        }
        told
    }
}
