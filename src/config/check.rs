use super::read::{Check, Mistake, key_span, line_of};
use super::{Ascii, Color, Config, Marker, NetworkConfig, Person, Screen, Setting, Theme, Up};
use crate::channels;
use crate::model::{Account, Money, Network, Range};
use crate::score::Constants;
use crate::text::suggestion;
use std::collections::BTreeMap;
use toml_edit::{Document, Item, TableLike, Value};
use url::Url;

pub(super) fn parse(text: &str) -> Result<Config, Vec<Mistake>> {
    let document = Document::parse(text).map_err(|error| {
        let span = error.span();
        let line = span.as_ref().map_or(1, |span| line_of(text, span.start));
        vec![Mistake { line, span, what: error.message().to_owned() }]
    })?;
    let mut check = Check { text, mistakes: Vec::new(), described: Vec::new() };
    let config = check.root(document.as_table());
    check.mistakes.sort_by_key(|mistake| mistake.line);
    if check.mistakes.is_empty() { Ok(config) } else { Err(check.mistakes) }
}

impl Check<'_> {
    fn root(&mut self, root: &dyn TableLike) -> Config {
        let mut config = Config::default();
        self.only(
            root,
            &["people", "networks", "custom", "hosts", "model", "screen", "layout", "keys", "alerts"],
        );
        // Hosts first: addresses are judged by them.
        if let Some(hosts) = root.get("hosts").and_then(|item| self.table(item, "[hosts]")) {
            self.only(hosts, &["allow_http"]);
            config.allow_http = self.strings(hosts, "allow_http");
        }
        if let Some(networks) = root.get("networks").and_then(|item| self.table(item, "[networks]")) {
            config.networks = self.networks(networks);
        }
        if let Some(custom) = root.get("custom").and_then(|item| self.table(item, "[custom]")) {
            config.custom = self.custom(custom, &config);
        }
        if let Some(model) = root.get("model").and_then(|item| self.table(item, "[model]")) {
            config.constants = self.constants(model);
        }
        if let Some(screen) = root.get("screen").and_then(|item| self.table(item, "[screen]")) {
            config.screen = self.screen(screen);
        }
        if let Some(layout) = root.get("layout").and_then(|item| self.table(item, "[layout]")) {
            config.breaks = self.breaks(layout);
        }
        if let Some(keys) = root.get("keys").and_then(|item| self.table(item, "[keys]")) {
            config.keymap = self.keymap(keys);
        }
        if let Some(alerts) = root.get("alerts").and_then(|item| self.table(item, "[alerts]")) {
            config.alerts = self.alerts(alerts, &config);
        }
        if let Some(people) = root.get("people") {
            config.people = self.people(people, &config);
        }
        config
    }

    fn networks(&mut self, networks: &dyn TableLike) -> BTreeMap<String, NetworkConfig> {
        let mut out = BTreeMap::new();
        for (key, item) in networks.iter() {
            let Some(network) = self.network(networks, key) else { continue };
            if channels::by_hand(network) {
                let what = format!("[networks.{}] sets nothing: its numbers are typed in", network.id());
                self.wrong(key_span(networks, key), what);
                continue;
            }
            let Some(table) = self.table(item, "a network") else { continue };
            let mut keys = vec!["api", "interval", "on", "monthly_cap"];
            if network.id() == "bluesky" {
                keys.extend(["pds", "jetstream"]);
            }
            self.only(table, &keys);
            let mut entry = NetworkConfig {
                interval: self.duration(table, "interval"),
                api: None,
                on: self.flag(table, "on"),
                monthly_cap: self.cap(table, network),
                pds: self.address(table, "pds", &["http", "https"]),
                jetstream: self.address(table, "jetstream", &["ws", "wss"]),
            };
            if network.id() == "feed" {
                if let Some((_, span)) = self.string(table, "api") {
                    self.wrong(span, "a feed has no API: it is asked at its own address");
                }
            } else if network.id() == "custom" {
                if let Some((_, span)) = self.string(table, "api") {
                    self.wrong(span, "a custom channel has its own address: url under [custom.NAME]");
                }
            } else {
                entry.api = self.address(table, "api", &["http", "https"]);
            }
            out.insert(network.id().to_owned(), entry);
        }
        out
    }

    /// A server's address, with one of these schemes.
    fn address(&mut self, table: &dyn TableLike, key: &'static str, schemes: &[&str]) -> Option<Url> {
        let (text, span) = self.string(table, key)?;
        let url = Url::parse(&text).ok().filter(|url| schemes.contains(&url.scheme()) && url.has_host());
        if url.is_none() {
            let schemes = schemes.join(":// or ");
            self.wrong(span, format!("\"{text}\" is not a web address that begins with {schemes}://"));
        }
        url
    }

    /// What may be spent in a month.
    fn cap(&mut self, table: &dyn TableLike, network: Network) -> Option<Money> {
        const CAP: &str = "monthly_cap";
        let item = table.get(CAP)?;
        if network.0.price.is_none() {
            let span = key_span(table, CAP).or_else(|| item.span());
            self.wrong(span, format!("{} costs nothing: it has no \"{CAP}\"", network.name()));
            return None;
        }
        let dollars = item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64));
        let cap = dollars.and_then(Money::from_dollars);
        if cap.is_none() {
            self.wrong(item.span(), format!("\"{CAP}\" must be an amount of US dollars like 5.00"));
        }
        cap
    }

    fn constants(&mut self, model: &dyn TableLike) -> toml::Table {
        const SINGLE: [&str; 6] =
            ["theta", "body_days", "buzz_days", "audience_share", "body_share", "buzz_share"];
        const WEIGHTS: [&str; 5] = ["like", "reply", "reshare", "quote", "view"];
        let before = self.mistakes.len();
        let known: Vec<&str> = SINGLE.into_iter().chain(["weight", "networks"]).collect();
        self.only(model, &known);
        let mut out = self.numbers(model, &SINGLE);
        if let Some(weights) = model.get("weight").and_then(|item| self.table(item, "[model.weight]")) {
            self.only(weights, &WEIGHTS);
            out.insert("weight".to_owned(), self.numbers(weights, &WEIGHTS).into());
        }
        if let Some(networks) = model.get("networks").and_then(|item| self.table(item, "[model.networks]")) {
            let mut tables = toml::Table::new();
            for (key, item) in networks.iter() {
                let Some(network) = self.network(networks, key) else { continue };
                let Some(table) = self.table(item, "a network's constants") else { continue };
                let names = ["rho", "phi", "view"];
                self.only(table, &names);
                tables.insert(network.id().to_owned(), self.numbers(table, &names).into());
            }
            out.insert("networks".to_owned(), tables.into());
        }
        // What the values mean together is judged once each of them is a number.
        if self.mistakes.len() == before
            && let Err(bad) = Constants::changed(&out)
        {
            let span = model.get(bad.key).and_then(Item::span).or_else(|| key_span(model, bad.key));
            self.wrong(span, format!("[model]: {}", bad.what));
        }
        out
    }

    fn network(&mut self, table: &dyn TableLike, key: &str) -> Option<Network> {
        let network = channels::network(key);
        if network.is_none() {
            let known: Vec<_> = channels::networks().map(Network::id).collect();
            let hint = suggestion(key, &known);
            self.wrong(key_span(table, key), format!("unknown network \"{key}\"{hint}"));
        }
        network
    }

    fn screen(&mut self, screen: &dyn TableLike) -> Screen {
        self.only(screen, &Setting::SCREEN.map(Setting::key));
        let ranges = Range::ALL.map(|range| (range.word(), range));
        let usual = Screen::default();
        Screen {
            theme: self.choice(screen, "theme", &Theme::ALL).unwrap_or_default(),
            up: self.choice(screen, "up", &Up::ALL).unwrap_or_default(),
            range: self.choice(screen, "range", &ranges).unwrap_or_default(),
            color: self.choice(screen, "color", &Color::ALL).unwrap_or_default(),
            ascii: self.choice(screen, "ascii", &Ascii::ALL).unwrap_or_default(),
            reduce_motion: self.flag(screen, "reduce_motion").unwrap_or(usual.reduce_motion),
            mouse: self.flag(screen, "mouse").unwrap_or(usual.mouse),
            title: self.flag(screen, "title").unwrap_or(usual.title),
            thousands: self.choice(screen, "thousands", &Screen::THOUSANDS).unwrap_or(usual.thousands),
            marker: self.choice(screen, "marker", &Marker::ALL).unwrap_or_default(),
            tape: self.flag(screen, "tape").unwrap_or(usual.tape),
        }
    }

    fn people(&mut self, item: &Item, config: &Config) -> Vec<Person> {
        let Some(tables) = item.as_array_of_tables() else {
            self.wrong(item.span(), "people are written as [[people]] tables");
            return Vec::new();
        };
        let mut people: Vec<Person> = Vec::new();
        for table in tables {
            self.only(table, &["symbol", "name", "group", "mine", "channels", "elsewhere"]);
            let Some((symbol, span)) = self.string(table, "symbol") else {
                if table.get("symbol").is_none() {
                    self.wrong(table.span(), "a person needs a \"symbol\", two to five letters or digits");
                }
                continue;
            };
            let symbol = symbol.to_uppercase();
            if !super::is_symbol(&symbol) {
                let what =
                    format!("\"{symbol}\" is not a symbol: two to five letters or digits, a letter first");
                self.wrong(span.clone(), what);
            }
            if people.iter().any(|person| person.symbol == symbol) {
                self.wrong(span, format!("the symbol {symbol} is taken by another person"));
            }
            let name = self.string(table, "name").map(|(name, _)| crate::text::clean(&name));
            let elsewhere = self.elsewhere(table, config);
            let mut channels: Vec<Account> = self
                .channels(table, config)
                .into_iter()
                .map(|account| channels::of_person(account, &symbol))
                .collect();
            if !elsewhere.is_empty() && !channels.iter().any(channels::takes_pages) {
                channels.push(channels::of_person(channels::elsewhere(), &symbol));
            }
            people.push(Person {
                name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| symbol.clone()),
                group: self.string(table, "group").map(|(group, _)| crate::text::clean(&group)),
                mine: self.flag(table, "mine").unwrap_or(false),
                channels,
                elsewhere,
                symbol,
            });
        }
        people
    }

    fn elsewhere(&mut self, person: &dyn TableLike, config: &Config) -> Vec<Url> {
        let span = person.get("elsewhere").and_then(Item::span);
        let mut pages = Vec::new();
        for text in self.strings(person, "elsewhere") {
            match channels::page_elsewhere(&text, &|host| config.allows_http(host)) {
                Ok(url) if pages.contains(&url) => {
                    self.wrong(span.clone(), format!("{url} stands here twice"));
                }
                Ok(url) => pages.push(url),
                Err(bad) => self.wrong(span.clone(), bad.to_string()),
            }
        }
        pages
    }

    fn channels(&mut self, person: &dyn TableLike, config: &Config) -> Vec<Account> {
        let Some(item) = person.get("channels") else { return Vec::new() };
        let Some(array) = item.as_array() else {
            self.wrong(item.span(), "\"channels\" must be a list of addresses");
            return Vec::new();
        };
        let mut accounts: Vec<Account> = Vec::new();
        for value in array {
            let Some(account) = self.channel(value, config) else { continue };
            let twice = |other: &Account| {
                other.network == account.network
                    && (other.handle == account.handle
                        || other.stable.is_some() && other.stable == account.stable)
            };
            if accounts.iter().any(twice) {
                self.wrong(value.span(), format!("{account} stands here twice"));
                continue;
            }
            accounts.push(account);
        }
        accounts
    }

    fn channel(&mut self, value: &Value, config: &Config) -> Option<Account> {
        let (text, id) = match value {
            Value::String(text) => (text.value().clone(), None),
            Value::InlineTable(table) => {
                self.only(table, &["account", "id"]);
                let Some((text, _)) = self.string(table, "account") else {
                    if table.get("account").is_none() {
                        self.wrong(value.span(), "a channel needs an \"account\"");
                    }
                    return None;
                };
                (text, self.string(table, "id").map(|(id, _)| id))
            }
            _ => {
                self.wrong(value.span(), "a channel is an address, or { account = \"…\", id = \"…\" }");
                return None;
            }
        };
        match channels::parse(&text, &|host| config.allows_http(host)).map(channels::unasked) {
            Ok(mut accounts) if accounts.len() == 1 => {
                let mut account = accounts.remove(0);
                if channels::own_key(&account).is_some() && !self.described.contains(&account.handle) {
                    let known: Vec<&str> = self.described.iter().map(String::as_str).collect();
                    let hint = suggestion(&account.handle, &known);
                    let what = format!("{account} needs a table [custom.{}]{hint}", account.handle);
                    self.wrong(value.span(), what);
                }
                account.stable = id.or(account.stable);
                Some(account)
            }
            Ok(accounts) => {
                let ways: Vec<_> = accounts.iter().map(|account| format!("\"{account}\"")).collect();
                self.wrong(value.span(), format!("\"{text}\" can mean {}: write which", ways.join(" or ")));
                None
            }
            Err(bad) => {
                self.wrong(value.span(), bad.to_string());
                None
            }
        }
    }
}
