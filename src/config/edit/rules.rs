use super::{below_the_rest, place, put as put_value, take_out};
use crate::alerts::{EventKind, Least, QUIET, Rule, Trigger, Who};
use crate::config::{Config, duration, spelled};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value};

/// A rule as it is typed: what is empty is not written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleText {
    pub name: String,
    pub who: String,
    /// Nothing for a rule with a `when`.
    pub on: Option<EventKind>,
    pub min: String,
    pub when: String,
    pub hold: String,
    pub after: String,
    pub how: Vec<String>,
    pub quiet: String,
    pub off: bool,
}

impl From<&Rule> for RuleText {
    fn from(rule: &Rule) -> Self {
        let mut text = Self {
            name: rule.name.clone(),
            who: if rule.who == Who::Everybody { String::new() } else { rule.who.to_string() },
            how: rule.how.clone(),
            quiet: spelled(rule.quiet),
            off: rule.off,
            ..Self::default()
        };
        match &rule.trigger {
            Trigger::Event { kind, least, after } => {
                text.on = Some(*kind);
                text.min = match least {
                    Some(Least::Points(points)) => points.to_string(),
                    Some(Least::Noise(times)) => format!("{times}x"),
                    None => String::new(),
                };
                if !after.is_zero() {
                    text.after = spelled(*after);
                }
            }
            Trigger::Becomes { filter, hold } => {
                text.when = filter.to_string();
                text.hold = hold.to_string();
            }
        }
        text
    }
}

impl RuleText {
    /// Its keys, in their order in the file. Only what belongs to what it is on is among them.
    fn keys(&self) -> [(&'static str, Option<Value>); 10] {
        let text = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(Value::from);
        let number = |text: &str| {
            let whole = text.trim().parse::<i64>().ok().map(Value::from);
            let float =
                || text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from);
            whole.or_else(float)
        };
        let event = |kinds: &[EventKind], key: &str| {
            if self.on.is_some_and(|kind| kinds.contains(&kind)) { text(key) } else { None }
        };
        let when = self.on.is_none();
        [
            // A name that is missing is told as one that is empty, in its place.
            ("name", Some(Value::from(self.name.trim()))),
            ("who", text(&self.who)),
            ("on", self.on.map(|kind| Value::from(kind.word()))),
            ("when", when.then(|| Value::from(self.when.trim()))),
            ("min", event(&[EventKind::Bump], &self.min).map(|typed| number(&self.min).unwrap_or(typed))),
            ("after", event(&[EventKind::Halt, EventKind::Limit], &self.after)),
            ("hold", text(&self.hold).filter(|_| when).map(|typed| number(&self.hold).unwrap_or(typed))),
            ("how", Some(Value::Array(self.how.iter().collect()))),
            ("quiet", text(&self.quiet)),
            ("off", self.off.then(|| Value::from(true))),
        ]
    }

    fn fill(&self, table: &mut dyn TableLike) {
        for (key, value) in self.keys() {
            if let Some(value) = value {
                put_value(table, key, value);
            }
        }
    }
}

/// The text with a rule changed, or added.
pub(super) fn put(text: &str, was: Option<&RuleText>, rule: &RuleText) -> Result<String, String> {
    let mut text = spelled_out(text)?;
    let place = was.and_then(|was| place_of(&text, &was.name));
    let Some((was, place)) = was.zip(place) else {
        return push(&text, rule);
    };
    // Only what is another value than before: the file's own spelling stays.
    let before = was.keys();
    let changed: Vec<(&str, Option<Value>)> = rule
        .keys()
        .into_iter()
        .filter(|(key, value)| {
            let had = before.iter().find(|(known, _)| known == key).and_then(|(_, value)| value.as_ref());
            had.map(ToString::to_string) != value.as_ref().map(ToString::to_string)
        })
        .collect();
    let number = place.to_string();
    for (key, _) in changed.iter().filter(|(_, value)| value.is_none()) {
        if let Some(cut) = place::without(&text, &["alerts", "rules", &number, key]) {
            text = cut;
        }
    }
    with_rule(&text, place, |table| {
        for (key, value) in changed {
            match value {
                Some(value) => put_value(table, key, value),
                None => {
                    table.remove(key);
                }
            }
        }
    })
}

/// The text without a rule.
pub(super) fn remove(text: &str, name: &str) -> Result<String, String> {
    let text = spelled_out(text)?;
    let place = place_of(&text, name).ok_or_else(|| gone(name))?;
    let mut document = parse(&text)?;
    if let Some(list) = document.get_mut("alerts").and_then(|alerts| alerts.get_mut("rules"))
        && let Some(array) = list.as_array_mut()
    {
        array.remove(place);
        return Ok(document.to_string());
    }
    take_out(&mut document, tables, place);
    // Without the key the rules that ship would be back.
    if tables(&mut document).is_some_and(|tables| tables.is_empty())
        && let Some(alerts) = document.get_mut("alerts").and_then(Item::as_table_like_mut)
    {
        alerts.insert("rules", Item::Value(Array::new().into()));
    }
    Ok(document.to_string())
}

/// The text with a rule switched off or on.
pub(super) fn switch(text: &str, name: &str, off: bool) -> Result<String, String> {
    let text = spelled_out(text)?;
    let place = place_of(&text, name).ok_or_else(|| gone(name))?;
    with_rule(&text, place, |table| {
        if off || table.contains_key("off") {
            put_value(table, "off", off.into());
        }
    })
}

fn gone(name: &str) -> String {
    format!("there is no rule \"{name}\" in the file any more")
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error: TomlError| error.to_string())
}

fn tables(document: &mut DocumentMut) -> Option<&mut ArrayOfTables> {
    document.get_mut("alerts")?.as_table_like_mut()?.get_mut("rules")?.as_array_of_tables_mut()
}

/// The text with the rules that ship written into it, where it has none: adding one takes none away.
fn spelled_out(text: &str) -> Result<String, String> {
    let document = parse(text)?;
    let alerts = document.get("alerts").and_then(Item::as_table_like);
    if alerts.is_some_and(|alerts| alerts.contains_key("rules")) {
        return Ok(text.to_owned());
    }
    let quiet = alerts.and_then(|alerts| alerts.get("quiet")).and_then(Item::as_str).and_then(duration);
    let config = Config::parse(text).map_err(|_checked_before| "the file has mistakes".to_owned())?;
    let mut text = text.to_owned();
    for rule in &config.alerts.rules {
        let mut shipped = RuleText::from(rule);
        if rule.quiet == quiet.unwrap_or(QUIET) {
            shipped.quiet.clear();
        }
        text = push(&text, &shipped)?;
    }
    Ok(text)
}

/// The text with a rule below the others.
fn push(text: &str, rule: &RuleText) -> Result<String, String> {
    let mut document = parse(text)?;
    let alerts = document.entry("alerts").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let one_line = alerts.is_inline_table();
    let alerts = alerts.as_table_like_mut().ok_or("alerts is no table in the file")?;
    let bare = alerts.get("rules").and_then(Item::as_array).is_some_and(|array| {
        array.is_empty() && !array.trailing().as_str().unwrap_or_default().contains('#')
    });
    if bare && !one_line {
        alerts.remove("rules");
    }
    if !alerts.contains_key("rules") {
        let empty = if one_line {
            Item::Value(Array::new().into())
        } else {
            Item::ArrayOfTables(ArrayOfTables::new())
        };
        alerts.insert("rules", empty);
    }
    let mut first = false;
    match alerts.get_mut("rules") {
        Some(Item::ArrayOfTables(list)) => {
            let mut table = Table::new();
            rule.fill(&mut table);
            first = list.is_empty();
            list.push(table);
        }
        Some(Item::Value(Value::Array(array))) => {
            let mut table = InlineTable::new();
            rule.fill(&mut table);
            array.push(table);
        }
        _ => return Err("rules are no list in the file".to_owned()),
    }
    if first {
        below_the_rest(&mut document, &["alerts", "rules"]);
    }
    Ok(document.to_string())
}

/// The place of the rule among those of the file.
fn place_of(text: &str, name: &str) -> Option<usize> {
    let document = parse(text).ok()?;
    let rules = document.get("alerts")?.get("rules")?;
    // As the rule is known to the program.
    let named = |table: &dyn TableLike| {
        table.get("name").and_then(Item::as_str).is_some_and(|found| crate::text::clean(found) == name)
    };
    match rules {
        Item::ArrayOfTables(list) => list.iter().position(|table| named(table)),
        Item::Value(Value::Array(array)) => {
            array.iter().position(|value| value.as_inline_table().is_some_and(|table| named(table)))
        }
        _ => None,
    }
}

fn with_rule(text: &str, place: usize, edit: impl FnOnce(&mut dyn TableLike)) -> Result<String, String> {
    let mut document = parse(text)?;
    let rules = document.get_mut("alerts").and_then(|alerts| alerts.get_mut("rules"));
    match rules {
        Some(Item::ArrayOfTables(list)) => list.get_mut(place).map(|table| edit(table)),
        Some(Item::Value(Value::Array(array))) => {
            array.get_mut(place).and_then(Value::as_inline_table_mut).map(|table| edit(table))
        }
        _ => None,
    };
    Ok(document.to_string())
}
