//! Configurations as files: what each means, or everything that is wrong with it.
//!
//! A line that begins with `#!` says what the test expects.
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

use cloutop::alerts::{self, Rule, Secret, Trigger};
use cloutop::channels::Listing;
use cloutop::config::{self, Config, ConfigError, NewPerson, Person};
use cloutop::keys::{Action, Key, Keymap, Scope};
use cloutop::model::Money;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn expected(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("#! ")).collect()
}

fn line(person: &Person) -> String {
    let mut line = format!("{} {}", person.symbol, person.name);
    if let Some(group) = &person.group {
        line += &format!(" [{group}]");
    }
    if person.mine {
        line += ", mine";
    }
    line.push(':');
    for channel in &person.channels {
        line += &format!(" {}", channel.address());
        if let Some(id) = &channel.stable {
            line += &format!("={id}");
        }
    }
    line
}

fn rule(rule: &Rule) -> String {
    let Rule { name, who, trigger, how, quiet, off } = rule;
    let hold = match trigger {
        Trigger::Becomes { hold, .. } => format!(" in {hold} polls"),
        Trigger::Event { .. } => String::new(),
    };
    let off = if *off { ", off" } else { "" };
    format!("rule {name}: {who}: {trigger}{hold}: {}, quiet {} min{off}", how.join(" "), quiet.num_minutes())
}

/// Everything a configuration says beside the defaults, a line each.
fn meaning(config: &Config) -> Vec<String> {
    let mut lines: Vec<String> = config.people.iter().map(line).collect();
    for (id, network) in &config.networks {
        lines.extend(network.api.as_ref().map(|api| format!("api of {id} {api}")));
        let interval =
            network.interval.map(|interval| format!("interval of {id} {} min", interval.num_minutes()));
        lines.extend(interval);
    }
    for (name, definition) in &config.custom {
        let header = definition.header.as_ref().map(|header| format!(" by {header}")).unwrap_or_default();
        let audience = definition.audience.as_ref().map(|_| "audience".to_owned());
        let counters = |listing: &Listing| format!("posts with {} counters", listing.counts.len());
        let reads: Vec<String> =
            audience.into_iter().chain(definition.listing.as_ref().map(counters)).collect();
        lines.push(format!("custom {name} {}{header}: {}", definition.url, reads.join(", ")));
    }
    if config.screen != config::Screen::default() {
        let config::Screen { theme, up, range, .. } = config.screen;
        lines.push(format!("theme {theme:?}, up {up:?}, range {range:?}"));
    }
    if config.breaks != config::Breaks::default() {
        lines.push(format!("sizes {:?} and {:?}", config.breaks.columns, config.breaks.rows));
    }
    if config.keymap != Keymap::default() {
        let means = |key: &str| config.keymap.press(Scope::BOARD, Key::from_name(key).unwrap());
        assert_eq!((means("C"), means("f1")), (Some(Action::Compare), Some(Action::Quit)));
        lines.push("C compares, f1 quits".to_owned());
    }
    if config.alerts != alerts::Alerts::default() {
        lines.extend(config.alerts.do_not_disturb.map(|hours| format!("quiet hours {hours}")));
        lines.extend(config.alerts.rules.iter().map(rule));
        lines.extend(config.alerts.to.iter().map(|(name, place)| format!("place {name}: {place:?}")));
    }
    for (key, value) in &config.constants {
        flat(&format!("constants {key}"), value, &mut lines);
    }
    lines
}

fn flat(path: &str, value: &toml::Value, lines: &mut Vec<String>) {
    match value.as_table() {
        Some(table) => table.iter().for_each(|(key, value)| flat(&format!("{path}.{key}"), value, lines)),
        None => lines.push(format!("{path} = {}", value.as_float().unwrap())),
    }
}

#[test]
fn valid_files_mean_what_they_say() {
    for (path, text) in files("valid") {
        let config = Config::parse(&text).unwrap_or_else(|bad| panic!("{}: {bad:#?}", path.display()));
        assert_eq!(meaning(&config), expected(&text), "{}", path.display());
    }
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    for (path, text) in files("invalid") {
        let mistakes = Config::parse(&text).unwrap_err();
        let told: Vec<_> =
            mistakes.iter().map(|mistake| format!("line {}: {}", mistake.line, mistake.what)).collect();
        assert_eq!(told, expected(&text), "{}", path.display());
    }
}

/// The sample's settings, without the marks that make them comments.
fn sample() -> String {
    let setting = |line: &str| line.strip_prefix("# ").map(str::to_owned);
    let lines = config::SAMPLE.lines().skip_while(|line| !line.contains("[[people]]"));
    let words = |line: &String| !line.starts_with(|first: char| first.is_uppercase());
    lines.filter_map(setting).filter(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_sample_is_all_comments_and_right_without_them() {
    assert_eq!(Config::parse(config::SAMPLE).unwrap(), Config::default());
    let text = sample().replace("did:plc:…", "did:plc:ewvi7nxzyoun6zhxrhs64oiz");
    let config = Config::parse(&text).unwrap_or_else(|bad| panic!("{bad:#?} in\n{text}"));
    assert_eq!(config.people.len(), 2);
    assert_eq!(config.people[0].channels.len(), 5);
    assert_eq!(config.networks.len(), 2);
    assert_eq!(config.network("x").monthly_cap, Some(Money(5_000_000)));
    assert!(!config.off().contains_key("x"));
    assert_eq!(config.custom.keys().collect::<Vec<_>>(), ["newsletter", "steps"]);
    assert_eq!(config.allow_http, ["blog.lan"]);
    assert!(config.constants.contains_key("networks"));
    let said: Vec<String> = config.alerts.rules.iter().map(rule).collect();
    assert_eq!(
        said,
        [
            "rule bump: mine: bump ≥ 1.5: badge bell desktop cheer phone, quiet 30 min",
            "rule sixty: everybody: YOU.last>60 in 2 polls: push work friends, quiet 30 min",
            "rule halt: everybody: halt > 15m: badge, quiet 1440 min, off",
        ]
    );
    assert_eq!(config.alerts.to.len(), 5);
}

/// Every name of a secret is said in the sample, where people look for it.
#[test]
fn secrets_of_places_have_names_of_their_own() {
    let config = Config::parse(&sample().replace("did:plc:…", "did:plc:ewvi7nxzyoun6zhxrhs64oiz")).unwrap();
    let secrets: Vec<Secret> =
        config.alerts.to.iter().flat_map(|(name, place)| place.secrets(name)).collect();
    let names: Vec<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
    assert_eq!(names, ["friends", "phone", "phone-token", "push", "push-user", "work"]);
    for name in names {
        assert!(config::SAMPLE.contains(&format!("{name} = \"")), "{name} is not said");
    }
    let optional: Vec<&Secret> = secrets.iter().filter(|secret| !secret.needed).collect();
    assert_eq!(optional.len(), 1, "only ntfy does without a token: {optional:?}");
}

fn account(address: &str) -> cloutop::model::Account {
    cloutop::channels::parse(address, &|_| false).unwrap().remove(0)
}

fn person(symbol: &str, channels: &[&str]) -> NewPerson {
    NewPerson {
        symbol: symbol.to_owned(),
        name: None,
        group: None,
        mine: false,
        channels: channels.iter().map(|address| account(address)).collect(),
    }
}

const COMMENTED: &str = r#"# My board.
[screen]   # how it looks
theme = "light"

# Ada is in Berlin until May.
[[people]]
symbol = "ADA"     # since school
channels = [
  "github:ada",    # work
  # "hn:ada",      # she wants this one back one day
]

[[people]]
symbol = "BOB"
channels = ["hn:bob"]
"#;

/// Edits the commented configuration and returns what is in the file then.
fn edited(edit: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, COMMENTED).unwrap();
    edit(&path);
    std::fs::read_to_string(&path).unwrap()
}

#[test]
fn adding_a_channel_keeps_every_comment() {
    let text = edited(|path| {
        let added = config::add(path, &person("ADA", &["ada.bsky.social", "github:ada"])).unwrap();
        assert_eq!(added, [account("ada.bsky.social")], "what is there is not added again");
    });
    for comment in COMMENTED.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment) {
        assert!(text.contains(comment), "{comment} is gone:\n{text}");
    }
    let config = Config::parse(&text).unwrap();
    assert_eq!(config.people[0].channels.len(), 2);
    assert_eq!(config.people[1], Config::parse(COMMENTED).unwrap().people[1]);
}

#[test]
fn adding_somebody_leaves_the_others_as_they_are() {
    let text = edited(|path| {
        let mut new = person("ZOE", &["@zoe@hachy.example"]);
        new.name = Some("Zoë \"Z\" Brandt".to_owned());
        new.group = Some("friends".to_owned());
        config::add(path, &new).unwrap();
    });
    assert!(text.starts_with(COMMENTED), "{text}");
    let config = Config::parse(&text).unwrap();
    assert_eq!(line(&config.people[2]), "ZOE Zoë \"Z\" Brandt [friends]: mastodon:@zoe@hachy.example");
}

#[test]
fn removing_one_leaves_the_others_as_they_are() {
    let text = edited(|path| config::remove(path, "BOB", None).unwrap());
    assert_eq!(text.trim_end(), COMMENTED.split("\n[[people]]\nsymbol = \"BOB\"").next().unwrap().trim_end());
    let text = edited(|path| config::remove(path, "ada", Some(0)).unwrap());
    assert_eq!(Config::parse(&text).unwrap().people[0].channels, []);
    assert!(text.contains("she wants this one back one day"), "{text}");
    let text = edited(|path| config::remove(path, "ADA", None).unwrap());
    assert!(!text.contains("Berlin"), "what was said of her goes with her:\n{text}");
}

/// One edit after the other, with comments wherever TOML allows them.
#[test]
fn comments_survive_every_edit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let text = "# head of the file\n\n# of A\n[[people]]\nsymbol = \"AA\"\nchannels = [\"hn:aa\", # one\n  \
                # two\n  \"hn:bb\" # three\n]\n\n# of B\n[[people]] # four\nsymbol = \"BB\"\n# tail\n";
    std::fs::write(&path, text).unwrap();
    let holds = |comments: &[&str]| {
        let text = std::fs::read_to_string(&path).unwrap();
        Config::parse(&text).unwrap_or_else(|bad| panic!("{bad:?} in\n{text}"));
        for comment in comments {
            assert!(text.contains(&format!("# {comment}\n")), "{comment} is gone:\n{text}");
        }
    };
    config::add(&path, &person("AA", &["hn:cc", "hn:dd"])).unwrap();
    holds(&["head of the file", "of A", "one", "two", "three", "of B", "four", "tail"]);
    config::remove(&path, "AA", Some(1)).unwrap();
    holds(&["head of the file", "of A", "one", "two", "three", "of B", "four", "tail"]);
    config::remove(&path, "AA", Some(2)).unwrap();
    holds(&["head of the file", "of A", "one", "two", "three", "of B", "four", "tail"]);
    config::add(&path, &person("BB", &["hn:bb"])).unwrap();
    holds(&["head of the file", "of A", "one", "two", "three", "of B", "four", "tail"]);
    config::remove(&path, "AA", None).unwrap();
    holds(&["head of the file", "of B", "four", "tail"]);
    config::remove(&path, "BB", None).unwrap();
    holds(&["head of the file", "tail"]);
}

#[test]
fn a_file_with_a_mistake_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let broken = COMMENTED.replace("theme", "them");
    std::fs::write(&path, &broken).unwrap();
    let refused = config::add(&path, &person("ZOE", &["hn:zoe"])).unwrap_err();
    let ConfigError::Mistakes { mistakes, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(mistakes[0].line, 3);
    assert!(refused.to_string().contains("nothing was changed"), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
}

#[cfg(unix)]
#[test]
fn an_edited_link_stays_a_link_and_rights_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("dotfiles.toml");
    let link = folder.path().join("config.toml");
    std::fs::write(&real, COMMENTED).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    config::add(&link, &person("ZOE", &["hn:zoe"])).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("ZOE"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
}

#[test]
fn a_first_person_makes_the_file_and_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/cloutop/config.toml");
    config::add(&path, &person("ADA", &["github:ada"])).unwrap();
    assert_eq!(Config::load(&path).unwrap().people[0].channels, [account("github:ada")]);
}
