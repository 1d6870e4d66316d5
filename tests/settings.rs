#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Settings and rules as forms: what is pressed, what is written, and what of the file stays as it was.

use cloutop::alerts::{Alerts, EventKind, Standing};
use cloutop::app::{App, Edited, Effect, Message, RuleField, View, update};
use cloutop::config::{Change, Config, RuleText, Setting, Theme, edit, edited};
use cloutop::keys::Key;
use cloutop::model::{Range, time};
use cloutop::pipeline::{Data, Query};

const FILE: &str = "# mine\n[[people]]\nsymbol = \"YOU\"   # that is me\nchannels = [\"github:sokafor\"]\n\n\
                    [screen]\n# soft on the eyes\ntheme = \"dark\"  # at night\nrange = \"7d\"\n\n# the end\n";

fn set(setting: Setting, value: &str) -> Change {
    Change::Set(setting, Some(value.to_owned()))
}

#[test]
fn a_setting_changes_its_own_words_and_nothing_else() {
    let changed = edited(FILE, &[set(Setting::Theme, "cvd")]).unwrap();
    assert_eq!(changed, FILE.replace("\"dark\"", "\"cvd\""));
    let changed = edited(FILE, &[set(Setting::ReduceMotion, "true")]).unwrap();
    assert_eq!(changed, FILE.replace("range = \"7d\"\n", "range = \"7d\"\nreduce_motion = true\n"));
    let changed = edited(FILE, &[Change::Set(Setting::Theme, None)]).unwrap();
    assert!(!changed.contains("theme =") && changed.contains("# soft on the eyes"), "{changed}");
    let changed = edited(FILE, &[set(Setting::Quiet, "2h")]).unwrap();
    let kept: Vec<&str> = FILE.lines().filter(|line| !line.is_empty()).collect();
    for line in kept {
        assert!(changed.contains(line), "{line:?} is gone\n{changed}");
    }
    assert!(
        Config::parse(&changed).unwrap().alerts.rules.len() == 2,
        "the rules that are there by themselves stay"
    );
}

#[test]
fn what_would_be_wrong_is_told_with_its_place_and_not_written() {
    let wrong = edited(FILE, &[set(Setting::Theme, "drak")]).unwrap_err();
    assert_eq!(wrong[0].key, ["screen", "theme"]);
    assert!(wrong[0].what.contains("did you mean \"dark\""), "{}", wrong[0].what);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let broken = format!("{FILE}\n[[people]]\nsymbol = 7\n");
    std::fs::write(&path, &broken).unwrap();
    assert!(edit(&path, &[set(Setting::Theme, "light")]).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken, "a file with mistakes is not touched");
}

#[test]
fn the_first_own_rule_does_not_drop_those_that_were_there() {
    let rule = RuleText {
        name: "sixty".to_owned(),
        when: "YOU.last>60".to_owned(),
        how: vec!["badge".to_owned()],
        ..RuleText::default()
    };
    let change = Change::PutRule { was: None, rule: Box::new(rule) };
    let text = edited(FILE, std::slice::from_ref(&change)).unwrap();
    let names = |text: &str| -> Vec<String> {
        Config::parse(text).unwrap().alerts.rules.into_iter().map(|rule| rule.name).collect()
    };
    assert_eq!(names(&text), ["bump", "halt", "sixty"]);
    let off = edited(&text, &[Change::SwitchRule { name: "sixty".to_owned(), off: true }]).unwrap();
    assert!(Config::parse(&off).unwrap().alerts.rules[2].off);
    let gone = edited(&off, &[Change::RemoveRule("bump".to_owned())]).unwrap();
    assert_eq!(names(&gone), ["halt", "sixty"]);
    assert!(gone.contains("# soft on the eyes") && gone.contains("# the end"));
}

/// A screen that has been told of its file.
fn app() -> App {
    let mut app = App::new((120, 36), time(1_772_000_000_000));
    FILE.clone_into(&mut app.file.text);
    "config.toml".clone_into(&mut app.file.path);
    app.settings = Config::parse(FILE).unwrap().screen;
    app.theme = Theme::Dark;
    app.range = app.settings.range;
    app
}

fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let keys = keys.split_whitespace().map(|name| Key::from_name(name).unwrap());
    keys.flat_map(|key| update(app, Message::Key(key))).collect()
}

/// Answers what the screen wants written, as the program does.
fn write(app: &mut App, effects: Vec<Effect>) -> Option<String> {
    let mut text = None;
    for effect in effects {
        if let Effect::Configure(changes) = effect {
            let done = edited(&app.file.text, &changes)
                .map(|text| Edited { config: Config::parse(&text).unwrap(), text })
                .map_err(|wrong| wrong[0].what.clone());
            text = done.as_ref().ok().map(|edited| edited.text.clone());
            update(app, Message::Configured { changes, done: Box::new(done) });
        }
    }
    text
}

#[test]
fn settings_are_in_force_when_they_are_saved() {
    let mut app = app();
    press(&mut app, ", right down down right");
    assert_eq!((app.theme, app.range), (Theme::Dark, Range::Week), "not yet");
    let effects = press(&mut app, "w");
    let text = write(&mut app, effects).unwrap();
    assert!(text.contains("theme = \"light\"  # at night") && text.contains("range = \"30d\""), "{text}");
    assert_eq!((app.theme, app.range), (Theme::Light, Range::Month));
    let said = app.notice.clone().unwrap();
    assert!(said.starts_with("2 settings written to config.toml; theme and range are in force"), "{said}");
    assert_eq!(app.view(), &View::Settings);
    press(&mut app, "esc");
    assert_eq!(app.view(), &View::Board);
}

#[test]
fn leaving_with_changes_asks_and_waits() {
    let mut app = app();
    press(&mut app, ", right esc x j");
    assert!(app.question.is_some(), "other keys are no answer");
    assert!(press(&mut app, "esc").is_empty() && app.question.is_none());
    assert_eq!(app.view(), &View::Settings);
    assert!(!press(&mut app, "q").contains(&Effect::Quit), "nothing that was changed is lost to a key");
    press(&mut app, "n");
    assert_eq!((app.view(), app.theme), (&View::Board, Theme::Dark));
    let mut app = self::app();
    press(&mut app, ", right");
    press(&mut app, "esc");
    let effects = press(&mut app, "y");
    write(&mut app, effects).unwrap();
    assert_eq!((app.view(), app.theme), (&View::Board, Theme::Light));
}

#[test]
fn a_wrong_value_is_told_beside_its_row_and_undone() {
    let mut app = app();
    let interval = Setting::all().iter().position(|setting| setting.name() == "interval bluesky").unwrap();
    press(&mut app, &format!(", {}enter s o o n enter", "down ".repeat(interval)));
    let row = |app: &App| app.form.as_ref().unwrap().rows[interval].clone();
    assert!(row(&app).mistake.unwrap().contains("a time like"), "{:?}", row(&app));
    assert!(press(&mut app, "w").is_empty(), "nothing is written while a value is wrong");
    press(&mut app, "u");
    assert!(!row(&app).changed() && row(&app).mistake.is_none());
}

#[test]
fn a_rule_is_made_on_the_screen() {
    let mut app = app();
    press(&mut app, "b A s i x t y");
    // From what it is on by itself to a filter that becomes true.
    press(&mut app, "tab tab left");
    assert_eq!(app.rule_form.as_ref().unwrap().on, None);
    press(&mut app, "tab Y O U . l s t > 6 0");
    assert!(press(&mut app, "enter").is_empty());
    let form = app.rule_form.as_ref().unwrap();
    assert_eq!(form.at, RuleField::When);
    assert!(form.mistake(RuleField::When).unwrap().contains("did you mean \"last\"?"));
    press(&mut app, "^u Y O U . l a s t > 6 0 tab tab right space");
    let effects = press(&mut app, "enter");
    let text = write(&mut app, effects).unwrap();
    assert_eq!(app.rule_form, None);
    let rules = Config::parse(&text).unwrap().alerts.rules;
    assert_eq!(
        (rules[2].name.as_str(), rules[2].how.as_slice()),
        ("sixty", ["badge", "bell"].map(str::to_owned).as_slice())
    );
    assert!(app.notice.unwrap().starts_with("the rule sixty is at work"));
}

#[test]
fn the_rules_have_the_focus_and_are_switched_and_deleted() {
    let mut app = app();
    press(&mut app, "b");
    let rules = Alerts::default().rules.into_iter().map(|rule| Standing {
        rule,
        snoozed: None,
        firing: Vec::new(),
        fired: 0,
    });
    update(&mut app, Message::Loaded(Query::Rules, Data::Rules(rules.collect())));
    press(&mut app, "tab down");
    assert_eq!(app.view(), &View::Log { line: 0, rule: Some(1) });
    let off = press(&mut app, "space");
    assert!(
        off.contains(&Effect::Configure(vec![Change::SwitchRule { name: "halt".to_owned(), off: true }]))
    );
    assert!(
        !press(&mut app, "d").iter().any(|effect| matches!(effect, Effect::Configure(_))),
        "it asks first"
    );
    let gone = press(&mut app, "y");
    assert!(gone.contains(&Effect::Configure(vec![Change::RemoveRule("halt".to_owned())])));
    press(&mut app, "enter");
    let form = app.rule_form.as_ref().unwrap();
    assert_eq!((form.name.text(), form.on), ("halt", Some(EventKind::Halt)));
    press(&mut app, "esc esc");
    assert_eq!(app.view(), &View::Board);
}
