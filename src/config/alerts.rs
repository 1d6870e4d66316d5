//! `[alerts]`: rules, the hours of quiet, and places. Secrets are in `keys.toml`.

use super::Config;
use super::keys::variable;
use super::read::{Check, Span, key_span};
use crate::alerts::{Alerts, BADGE, BUILT_IN, EventKind, Hours, Least, Place, QUIET, Rule, Trigger, Who};
use crate::channels;
use crate::exchange::is_loopback;
use crate::filter::Filter;
use crate::text::{clean, suggestion};
use chrono::TimeDelta;
use std::collections::{BTreeMap, HashMap};
use toml_edit::{Item, TableLike, Value};
use url::Url;

/// Polls in a row for which a `when` must be true, where nothing is said.
const HOLD: u32 = 2;

/// The kinds of places, of which a place is exactly one.
const KINDS: [&str; 7] = ["hook", "ntfy", "pushover", "slack", "discord", "matrix", "webhook"];

/// What the parts of a rule are judged by.
struct Known<'c> {
    places: &'c [&'c str],
    quiet: TimeDelta,
}

impl Check<'_> {
    pub(super) fn alerts(&mut self, alerts: &dyn TableLike, config: &Config) -> Alerts {
        self.only(alerts, &["do_not_disturb", "quiet", "rules", "to"]);
        let mut out = Alerts::default();
        if let Some((text, span)) = self.string(alerts, "do_not_disturb") {
            out.do_not_disturb = Hours::parse(&text);
            if out.do_not_disturb.is_none() {
                self.wrong(span, "\"do_not_disturb\" must be hours like \"22:00-08:00\"");
            }
        }
        let quiet = self.duration(alerts, "quiet");
        // A place with a mistake in it is a place all the same: its rules are not wrong, too.
        let mut names: Vec<&str> = BUILT_IN.to_vec();
        if let Some(to) = alerts.get("to").and_then(|item| self.table(item, "[alerts.to]")) {
            names.extend(to.iter().map(|(name, _)| name));
            out.to = self.places(to, config);
        }
        let known = Known { places: &names, quiet: quiet.unwrap_or(QUIET) };
        match alerts.get("rules") {
            Some(rules) => out.rules = self.rules(rules, &known),
            // The rules that ship are quiet as long as the user says.
            None => out.rules.iter_mut().for_each(|rule| rule.quiet = quiet.unwrap_or(rule.quiet)),
        }
        out
    }

    fn rules(&mut self, item: &Item, known: &Known<'_>) -> Vec<Rule> {
        let tables: Option<Vec<(&dyn TableLike, Span)>> = match item {
            Item::ArrayOfTables(tables) => {
                Some(tables.iter().map(|table| (table as &dyn TableLike, table.span())).collect())
            }
            // `rules = []`: not even those that ship.
            Item::Value(Value::Array(array)) => array
                .iter()
                .map(|value| value.as_inline_table().map(|table| (table as &dyn TableLike, value.span())))
                .collect(),
            _ => None,
        };
        let Some(tables) = tables else {
            self.wrong(item.span(), "rules are written as [[alerts.rules]] tables");
            return Vec::new();
        };
        let mut rules: Vec<Rule> = Vec::new();
        for (table, span) in tables {
            let Some(rule) = self.rule(table, span, known) else { continue };
            if rules.iter().any(|other| other.name == rule.name) {
                let span = table.get("name").and_then(Item::span);
                self.wrong(span, format!("there are two rules named \"{}\"", rule.name));
            }
            rules.push(rule);
        }
        rules
    }

    fn rule(&mut self, table: &dyn TableLike, span: Span, known: &Known<'_>) -> Option<Rule> {
        self.only(table, &["name", "who", "on", "when", "min", "after", "how", "quiet", "hold", "off"]);
        let name = self.string(table, "name").map(|(name, span)| (clean(&name), span));
        match &name {
            Some((name, span)) if name.is_empty() => self.wrong(span.clone(), "a rule needs a name"),
            None if table.get("name").is_none() => self.wrong(span.clone(), "a rule needs a \"name\""),
            _ => {}
        }
        let who = match self.string(table, "who") {
            None => Some(Who::Everybody),
            Some((text, _)) if text == "mine" => Some(Who::Mine),
            Some((text, span)) => self.filter("who", &text, span).map(Who::Filter),
        };
        let trigger = self.trigger(table, span);
        let how = match table.get("how") {
            None => vec![BADGE.to_owned()],
            Some(item) => self.how(item, table, known),
        };
        let quiet = self.duration(table, "quiet").unwrap_or(known.quiet);
        let off = self.flag(table, "off").unwrap_or(false);
        Some(Rule { name: name?.0, who: who?, trigger: trigger?, how, quiet, off })
    }

    fn how(&mut self, item: &Item, table: &dyn TableLike, known: &Known<'_>) -> Vec<String> {
        let mut how = self.strings(table, "how");
        if item.as_array().is_some_and(toml_edit::Array::is_empty) {
            self.wrong(item.span(), "\"how\" names no place; to silence a rule write off = true");
        }
        let spans: Vec<Span> = item.as_array().into_iter().flatten().map(Value::span).collect();
        for (place, span) in how.iter().zip(spans) {
            if !known.places.contains(&place.as_str()) {
                let hint = suggestion(place, known.places);
                self.wrong(span, format!("\"how\" names the place \"{place}\", which is not there{hint}"));
            }
        }
        let mut seen = Vec::new();
        how.retain(|place| {
            !seen.contains(place) && {
                seen.push(place.clone());
                true
            }
        });
        how
    }

    fn trigger(&mut self, table: &dyn TableLike, span: Span) -> Option<Trigger> {
        let kinds = EventKind::ALL.map(|kind| (kind.word(), kind));
        let (on, when) = (table.get("on").is_some(), table.get("when").is_some());
        let kind = self.choice(table, "on", &kinds);
        let when = self.string(table, "when").filter(|_| when);
        let filter = when.and_then(|(text, span)| self.filter("when", &text, span));
        match (on, table.get("when")) {
            (true, Some(item)) => self.wrong(item.span(), "a rule has either \"on\" or \"when\""),
            (false, None) => self.wrong(span, "a rule needs \"on\" or \"when\""),
            _ => {}
        }
        let least = self.least(table);
        let after = self.duration(table, "after");
        let hold = self.hold(table);
        let waits = matches!(kind, Some(EventKind::Halt | EventKind::Limit));
        for (key, right, what) in [
            ("min", kind == Some(EventKind::Bump), "a rule on = \"bump\""),
            ("after", waits, "a rule on = \"halt\" or \"limit\""),
            ("hold", !on, "a rule with \"when\""),
        ] {
            // Of a trigger that is wrong itself nothing more can be said.
            if let Some(item) = table.get(key).filter(|_| !right && (kind.is_some() || filter.is_some())) {
                self.wrong(item.span(), format!("\"{key}\" is for {what}"));
            }
        }
        match (kind, filter) {
            (Some(kind), _) => Some(Trigger::Event { kind, least, after: after.unwrap_or_default() }),
            (None, Some(filter)) => Some(Trigger::Becomes { filter, hold: hold.unwrap_or(HOLD) }),
            (None, None) => None,
        }
    }

    fn filter(&mut self, key: &str, text: &str, span: Span) -> Option<Filter> {
        Filter::parse(text).map_err(|bad| self.wrong(span, format!("\"{key}\": {bad}"))).ok()
    }

    /// `0.15` points, or `"3x"` the usual daily noise.
    fn least(&mut self, table: &dyn TableLike) -> Option<Least> {
        let item = table.get("min")?;
        let number = item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64));
        let points = number.and_then(|points| Least::Points(points).sensible());
        let right = points.or_else(|| item.as_str().and_then(Least::times));
        if right.is_none() {
            self.wrong(item.span(), "\"min\" must be points, or times the usual daily noise like \"3x\"");
        }
        right
    }

    fn hold(&mut self, table: &dyn TableLike) -> Option<u32> {
        let item = table.get("hold")?;
        let hold = item.as_integer().and_then(|hold| u32::try_from(hold).ok());
        let hold = hold.filter(|hold| (1..=100).contains(hold));
        if hold.is_none() {
            self.wrong(item.span(), "\"hold\" must be a number of polls from 1 to 100");
        }
        hold
    }

    fn places(&mut self, to: &dyn TableLike, config: &Config) -> BTreeMap<String, Place> {
        let mut places = BTreeMap::new();
        // What a secret is called must tell whose it is.
        let mut secrets: HashMap<String, String> = HashMap::new();
        for (name, item) in to.iter() {
            let span = || key_span(to, name).or_else(|| item.span());
            if BUILT_IN.contains(&name) {
                self.wrong(span(), format!("\"{name}\" is there already; give this place another name"));
                continue;
            }
            if channels::network(name).is_some() {
                let what =
                    format!("\"{name}\" is a network, whose key has this name; give this place another one");
                self.wrong(span(), what);
                continue;
            }
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if name.is_empty() || !name.chars().all(plain) {
                self.wrong(
                    span(),
                    format!("a place's name has letters, digits, - and _ only, unlike \"{name}\""),
                );
                continue;
            }
            let Some(table) = self.table(item, "a place") else { continue };
            let Some(place) = self.place(name, table, span(), config) else { continue };
            for secret in place.secrets(name) {
                if let Some(other) = secrets.insert(variable(&secret.name), name.to_owned()) {
                    let what =
                        format!("\"{name}\" and \"{other}\" have a key of the same name, {}", secret.name);
                    self.wrong(span(), what);
                }
            }
            places.insert(name.to_owned(), place);
        }
        places
    }

    fn place(&mut self, name: &str, table: &dyn TableLike, span: Span, config: &Config) -> Option<Place> {
        let known: Vec<&str> = KINDS.into_iter().chain(["room"]).collect();
        let before = self.mistakes.len();
        self.only(table, &known);
        let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| table.get(kind).is_some()).collect();
        let kind = match kinds.as_slice() {
            [kind] => *kind,
            // An unknown key is likely the kind, misspelt.
            [] if self.mistakes.len() > before => return None,
            [] => {
                self.wrong(span, format!("the place \"{name}\" needs one of {}", KINDS.join(", ")));
                return None;
            }
            several => {
                self.wrong(
                    span,
                    format!("the place \"{name}\" is one thing only, not {}", several.join(" and ")),
                );
                return None;
            }
        };
        if let Some(room) = table.get("room").filter(|_| kind != "matrix") {
            self.wrong(room.span(), "\"room\" is for a place with \"matrix\"");
        }
        match kind {
            "hook" => self.program(table).map(Place::Hook),
            "ntfy" => self.server(name, table, kind, config).map(Place::Ntfy),
            "matrix" => {
                let home = self.server(name, table, kind, config);
                let room = self.string(table, "room");
                if table.get("room").is_none() {
                    self.wrong(span, "a place with \"matrix\" needs a \"room\" like \"!id:hs.example\"");
                }
                let (room, span) = room?;
                if !room.starts_with('!') || room.len() < 2 || room.contains(char::is_whitespace) {
                    self.wrong(span, "\"room\" must be a room's id like \"!id:hs.example\", not its address");
                    return None;
                }
                Some(Place::Matrix { home: home?, room })
            }
            _ => {
                if table.get(kind).and_then(Item::as_bool) != Some(true) {
                    let what = format!(
                        "\"{kind}\" is written {kind} = true; what is secret about it is in keys.toml, as {name}"
                    );
                    self.wrong(table.get(kind).and_then(Item::span), what);
                    return None;
                }
                Some(match kind {
                    "pushover" => Place::Pushover,
                    "slack" => Place::Slack,
                    "discord" => Place::Discord,
                    _ => Place::Webhook,
                })
            }
        }
    }

    fn program(&mut self, table: &dyn TableLike) -> Option<Vec<String>> {
        let item = table.get("hook")?;
        let right = item.as_array().is_some_and(|array| {
            array.iter().all(|value| value.as_str().is_some())
                && array.get(0).and_then(Value::as_str).is_some_and(|program| !program.trim().is_empty())
        });
        if !right {
            self.wrong(
                item.span(),
                "\"hook\" must be a program and its arguments, like [\"~/bin/cheer\", \"--loud\"]",
            );
            return None;
        }
        Some(self.strings(table, "hook"))
    }

    /// A server's address, without anything secret in it.
    fn server(&mut self, name: &str, table: &dyn TableLike, kind: &str, config: &Config) -> Option<Url> {
        let (text, span) = self.string(table, kind)?;
        let url =
            Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            self.wrong(
                span,
                format!("\"{kind}\" must be a server's address like \"https://{kind}.example\""),
            );
            return None;
        };
        let host = url.host_str().unwrap_or_default();
        if url.scheme() == "http" && !is_loopback(&url) && !config.allows_http(host) {
            let what = format!(
                "http://{host} would be written to without encryption: write https://, or allow the host under [hosts]"
            );
            self.wrong(span, what);
            return None;
        }
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare {
            let secret = if kind == "ntfy" { "the topic" } else { "what is secret" };
            self.wrong(span, format!("\"{kind}\" is the server alone; {secret} is in keys.toml, as {name}"));
            return None;
        }
        Some(url)
    }
}
