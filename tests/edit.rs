//! What forms write into the configuration: only what was changed, with every comment where it was.
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

use cloutop::alerts::{Alerts, EventKind, Rule};
use cloutop::channels;
use cloutop::config::{self, Change, Config, ConfigError, RuleText, Setting, Wrong, edited};

fn set(setting: Setting, value: &str) -> Change {
    Change::Set(setting, Some(value.to_owned()))
}

fn interval(network: &str) -> Setting {
    Setting::Interval(channels::network(network).unwrap())
}

fn rule(name: &str) -> RuleText {
    RuleText {
        name: name.to_owned(),
        on: Some(EventKind::Halt),
        how: vec!["bell".to_owned()],
        ..RuleText::default()
    }
}

fn put(rule: RuleText) -> Change {
    Change::PutRule { was: None, rule: Box::new(rule) }
}

/// Another text for the rule of this name.
fn change(text: &str, name: &str, change: impl FnOnce(&mut RuleText)) -> Change {
    let was = RuleText::from(&named(text, name));
    let mut rule = was.clone();
    change(&mut rule);
    Change::PutRule { was: Some(Box::new(was)), rule: Box::new(rule) }
}

fn named(text: &str, name: &str) -> Rule {
    rules(text).into_iter().find(|rule| rule.name == name).unwrap()
}

fn rules(text: &str) -> Vec<Rule> {
    Config::parse(text).unwrap_or_else(|bad| panic!("{bad:?} in\n{text}")).alerts.rules
}

fn names(text: &str) -> Vec<String> {
    rules(text).into_iter().map(|rule| rule.name).collect()
}

fn changed(text: &str, changes: &[Change]) -> String {
    edited(text, changes).unwrap_or_else(|bad| panic!("{bad:?} in\n{text}"))
}

fn refused(text: &str, change: Change) -> Vec<(String, String)> {
    let wrong = edited(text, &[change]).unwrap_err();
    wrong.into_iter().map(|Wrong { key, what }| (key.join("."), what)).collect()
}

const COMMENTED: &str = r#"# My board.
[screen]   # how it looks
# I like it dark.
theme = 'dark'   # at night
# up = "red"

[networks.bsky]
interval = "10m" # they are kind

[alerts]
quiet = "45m"

# The one rule.
[[alerts.rules]]
name = "large"   # very
who = "YOU | group:friends"
on = "bump"
# Points.
min = 2.50       # or so
quiet = "90m"

# Apart.

# The other rule.
[[alerts.rules]]
name = "sixty"
when = "YOU.last > 60"
hold = 3 # polls
# tail
"#;

/// The lines of `after` that are not in `before`, and those that are gone.
fn difference<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let beside = |all: &'t str, other: &str| {
        all.lines().filter(|line| !other.lines().any(|known| known == *line)).collect()
    };
    (beside(after, before), beside(before, after))
}

#[test]
fn a_setting_changes_its_line_and_no_other() {
    let text = changed(COMMENTED, &[set(Setting::Theme, "light")]);
    assert_eq!(
        difference(COMMENTED, &text),
        (vec!["theme = \"light\"   # at night"], vec!["theme = 'dark'   # at night"])
    );
    let text = changed(COMMENTED, &[set(interval("bluesky"), "20m"), set(Setting::Quiet, "1h")]);
    assert_eq!(
        difference(COMMENTED, &text).0,
        ["interval = \"20m\" # they are kind", "quiet = \"1h\""],
        "a network has more than one name"
    );
    let text = changed(COMMENTED, &[set(Setting::Up, "red"), set(Setting::Mouse, "false")]);
    let (new, gone) = difference(COMMENTED, &text);
    assert_eq!((new, gone), (vec!["up = \"red\"", "mouse = false"], vec![]));
    assert!(text.contains("# up = \"red\""), "what is a comment stays one:\n{text}");
}

#[test]
fn what_is_taken_out_leaves_its_comments() {
    let text =
        changed(COMMENTED, &[Change::Set(interval("bluesky"), None), Change::Set(Setting::Theme, None)]);
    assert_eq!(
        difference(COMMENTED, &text),
        (
            vec!["# at night", "# they are kind"],
            vec!["theme = 'dark'   # at night", "interval = \"10m\" # they are kind"]
        )
    );
    for text in
        ["screen = { theme = \"dark\", up = \"red\" }\n", "screen.theme = \"dark\"\nscreen.up = \"red\"\n"]
    {
        let text = changed(text, &[Change::Set(Setting::Theme, None)]);
        assert!(!text.contains("theme") && Setting::Up.written(&text).is_some(), "{text}");
    }
}

#[test]
fn new_tables_stand_below_everything() {
    for before in [config::SAMPLE, "# only words\n", "", COMMENTED, "screen = { up = \"red\" }\n"] {
        let text = changed(
            before,
            &[
                set(Setting::Range, "7d"),
                set(interval("github"), "2h"),
                set(Setting::DoNotDisturb, "22:00-8:00"),
            ],
        );
        let config = Config::parse(&text).unwrap();
        assert_eq!(config.screen.range.word(), "7d", "{text}");
        assert_eq!(config.network("github").interval.unwrap().num_minutes(), 120, "{text}");
        assert_eq!(config.alerts.do_not_disturb.unwrap().to_string(), "22:00-08:00", "{text}");
        let kept: Vec<&str> = text.lines().filter(|line| before.lines().any(|old| old == *line)).collect();
        let old: Vec<&str> = before.lines().filter(|line| !line.starts_with("screen =")).collect();
        let blank = |lines: &[&str]| lines.iter().filter(|line| !line.is_empty()).count();
        assert!(blank(&kept) >= blank(&old), "{before} became {text}");
        assert_eq!(Setting::Range.written(&text).unwrap().0, "7d");
    }
    let text = changed(config::SAMPLE, &[set(Setting::Range, "7d")]);
    assert!(text.starts_with(config::SAMPLE.trim_end()), "{text}");
    assert!(text.ends_with("\n\n[screen]\nrange = \"7d\"\n"), "{text}");
}

#[test]
fn a_wrong_value_is_told_with_its_key() {
    assert_eq!(
        refused(COMMENTED, set(interval("github"), "10 minutes")),
        [(
            "networks.github.interval".to_owned(),
            "\"interval\" must be a time like \"30s\", \"10m\", \"2h\" or \"7d\"".to_owned()
        )]
    );
    let wrong =
        edited(COMMENTED, &[set(Setting::DoNotDisturb, "night"), set(Setting::Quiet, "long")]).unwrap_err();
    let settings: Vec<_> = wrong.iter().map(|wrong| Setting::of(&wrong.key)).collect();
    assert_eq!(settings, [Some(Setting::Quiet), Some(Setting::DoNotDisturb)]);
    let aliased = edited(COMMENTED, &[set(interval("bluesky"), "x")]).unwrap_err();
    assert_eq!(Setting::of(&aliased[0].key), Some(interval("bluesky")));
}

#[test]
fn the_first_rule_leaves_the_ones_that_ship() {
    for before in ["", config::SAMPLE, "[alerts]\nquiet = \"5m\"\n", "# words\n[screen]\ntheme = \"dark\"\n"]
    {
        let text = changed(before, &[put(rule("down"))]);
        let shipped = Config::parse(before).unwrap().alerts.rules;
        assert_eq!(rules(&text)[..2], shipped, "{text}");
        assert_eq!(names(&text), ["bump", "halt", "down"]);
        assert!(text.starts_with(before.trim_end()), "{text}");
    }
    // What is done to one of those that ship leaves the other.
    let text = changed("", &[Change::RemoveRule("bump".to_owned())]);
    assert_eq!(rules(&text), Alerts::default().rules[1..], "{text}");
    let text = changed("", &[Change::SwitchRule { name: "halt".to_owned(), off: true }]);
    assert!(!named(&text, "bump").off && named(&text, "halt").off, "{text}");
    let text = changed("", &[change("", "bump", |rule| rule.min = "0.5".to_owned())]);
    assert_eq!(named(&text, "bump").trigger.to_string(), "bump ≥ 0.5");
    // Who wants none has none.
    let text = changed("alerts.rules = []\n", &[put(rule("down"))]);
    assert_eq!(names(&text), ["down"], "{text}");
}

#[test]
fn the_last_rule_that_goes_does_not_bring_back_the_ones_that_ship() {
    let mut text = COMMENTED.to_owned();
    for name in ["large", "sixty"] {
        text = changed(&text, &[Change::RemoveRule(name.to_owned())]);
    }
    assert_eq!(names(&text), Vec::<String>::new(), "{text}");
    for said in ["# My board.", "# at night", "# Apart.", "# tail"] {
        assert!(text.contains(said), "{said} is gone:\n{text}");
    }
    assert!(!text.contains("# The other rule."), "what was said of it goes with it:\n{text}");
    assert_eq!(names(&changed(&text, &[put(rule("down"))])), ["down"]);
}

#[test]
fn a_rule_changes_only_where_it_was_changed() {
    let text = changed(COMMENTED, &[change(COMMENTED, "large", |rule| rule.quiet = "2h".to_owned())]);
    assert_eq!(difference(COMMENTED, &text), (vec!["quiet = \"2h\""], vec!["quiet = \"90m\""]));
    let text = changed(
        COMMENTED,
        &[change(COMMENTED, "large", |rule| {
            rule.name = "huge".to_owned();
            rule.min = "3x".to_owned();
            rule.who = String::new();
        })],
    );
    assert_eq!(
        difference(COMMENTED, &text),
        (
            vec!["name = \"huge\"   # very", "min = \"3x\"       # or so"],
            vec!["name = \"large\"   # very", "who = \"YOU | group:friends\"", "min = 2.50       # or so"]
        )
    );
    // What it is on changes, and with it what belongs to it.
    let text = changed(
        COMMENTED,
        &[change(COMMENTED, "sixty", |rule| {
            rule.on = Some(EventKind::Limit);
            rule.after = "5m".to_owned();
        })],
    );
    assert_eq!(
        difference(COMMENTED, &text),
        (
            vec!["on = \"limit\"", "after = \"5m\"", "# polls"],
            vec!["when = \"YOU.last > 60\"", "hold = 3 # polls"]
        )
    );
    let off = |off| [Change::SwitchRule { name: "sixty".to_owned(), off }];
    let text = changed(COMMENTED, &off(true));
    assert_eq!(difference(COMMENTED, &text).0, ["off = true"]);
    assert_eq!(difference(COMMENTED, &changed(&text, &off(false))).0, ["off = false"]);
}

#[test]
fn rules_in_one_line_stay_in_it() {
    let before =
        "alerts = { rules = [{ name = \"a\", on = \"gap\" }, { name = \"b\", on = \"goal\" }] } # all\n";
    let text = changed(
        before,
        &[
            put(rule("c")),
            change(before, "a", |rule| rule.quiet = "1h".to_owned()),
            Change::SwitchRule { name: "b".to_owned(), off: true },
        ],
    );
    assert_eq!(names(&text), ["a", "b", "c"]);
    assert!(named(&text, "b").off && named(&text, "a").quiet.num_minutes() == 60);
    assert_eq!(text.lines().count(), 1, "{text}");
    let text = changed(&text, &[Change::RemoveRule("a".to_owned()), Change::RemoveRule("b".to_owned())]);
    assert_eq!(names(&text), ["c"]);
    assert!(text.ends_with("# all\n"), "{text}");
}

#[test]
fn what_is_wrong_with_a_rule_is_told_with_its_key() {
    let mut wrong = rule(" ");
    wrong.who = "lst>60".to_owned();
    wrong.on = None;
    wrong.when = "YOU.last>".to_owned();
    wrong.hold = "many".to_owned();
    wrong.how = vec!["badge".to_owned(), "phone".to_owned()];
    wrong.quiet = "long".to_owned();
    let told = refused(COMMENTED, put(wrong));
    let keys: Vec<&str> = told.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        ["name", "who", "when", "hold", "how", "quiet"].map(|key| format!("alerts.rules.2.{key}"))
    );
    assert!(told[1].1.contains("column 1: unknown field \"lst\""), "{told:?}");
    assert!(told[2].1.contains("column 10: expected a number"), "{told:?}");
    let mut without = rule("x");
    without.how.clear();
    without.on = Some(EventKind::Bump);
    without.min = "-1".to_owned();
    let keys: Vec<String> = refused("", put(without)).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["alerts.rules.2.min", "alerts.rules.2.how"]);
    let told = refused(COMMENTED, put(rule("sixty")));
    assert_eq!(told, [("alerts.rules.2.name".to_owned(), "there are two rules named \"sixty\"".to_owned())]);
    assert!(refused(COMMENTED, Change::RemoveRule("gone".to_owned()))[0].1.contains("any more"));
}

#[test]
fn a_rule_is_read_back_as_it_was_typed() {
    for text in [COMMENTED, ""] {
        for rule in rules(text) {
            let typed = RuleText::from(&rule);
            let back = rules(&changed("alerts.rules = []\n", &[put(typed.clone())])).remove(0);
            assert_eq!(back, rule, "{typed:?}");
        }
    }
}

#[test]
fn a_broken_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let broken = COMMENTED.replace("theme", "them");
    std::fs::write(&path, &broken).unwrap();
    let told = config::edit(&path, &[set(Setting::Up, "red")]).unwrap_err();
    assert!(matches!(told, ConfigError::Mistakes { .. }), "{told:?}");
    assert!(config::edit(&path, &[put(rule("down"))]).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    assert!(
        refused(&broken, set(Setting::Up, "red"))[0].1.contains("line 4 of the file has to be mended first")
    );
    // Nor is one that would be broken afterwards.
    std::fs::write(&path, COMMENTED).unwrap();
    let told = config::edit(&path, &[set(Setting::Quiet, "long")]).unwrap_err().to_string();
    assert!(told.contains("\"quiet\" must be a time") && told.ends_with("nothing was changed"), "{told}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), COMMENTED);
}

#[test]
fn a_file_that_is_not_there_is_made_and_only_by_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/cloutop/config.toml");
    assert_eq!(config::edit(&path, &[]).unwrap(), "");
    assert!(!path.exists());
    let text = config::edit(&path, &[set(Setting::Theme, "mono")]).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(text, "[screen]\ntheme = \"mono\"\n");
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}
