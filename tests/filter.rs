#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The filter language: what is read, what is refused and where, what is true of whom.

#[path = "support/people.rs"]
mod people;

use cloutop::filter::{Filter, Subject, Truth, board};
use cloutop::model::PersonSnapshot;
use people::{ada, at, channel, person};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::process::{Command, Output};

fn truth(expression: &str, person: &PersonSnapshot) -> Truth {
    let filter = Filter::parse(expression).unwrap_or_else(|bad| panic!("{expression}: {bad}"));
    filter.truth(&Subject { person, rank: Some(2), now: at(0) })
}

#[test]
fn every_field_is_what_it_says() {
    let ada = ada();
    for so in [
        "last>67.4",
        "last>=67.5",
        "last<=67.5",
        "last=67.5",
        "last:67.5",
        "last < 68",
        "LAST>1",
        "last>-1e3",
        "d1h=0",
        "d24<0",
        "d24=-.5",
        "d7>1",
        "d30>=12",
        "vol=263",
        "vol>262.5",
        "rank=2",
        "rank<=3",
        "age=3m",
        "age>2m",
        "age<1h",
        "age<=180s",
        "age<1d",
        "state:halt",
        "state=live",
        "state:HALT",
        "group:friend",
        "group:OLD",
        "group=\"Old Friends\"",
        "github=20",
        "gh>19",
        "GitHub>19",
        "mastodon=47.5",
        "fedi>47",
        "ADA.last>60",
        "ada.gh>19",
    ] {
        assert_eq!(truth(so, &ada), Truth::True, "{so}");
        assert_eq!(truth(&format!("!({so})"), &ada), Truth::False, "{so}");
    }
    for not in [
        "last>67.5",
        "last<67.5",
        "last=67",
        "d24>0",
        "vol>263",
        "rank<2",
        "age>3m",
        "age>1h",
        "state:gone",
        "group=friends",
        "group:enemies",
        "gh>20",
        "ADA.last>70",
    ] {
        assert_eq!(truth(not, &ada), Truth::False, "{not}");
    }
}

#[test]
fn words_match_symbol_name_group_and_handle_whatever_their_case() {
    let ada = ada();
    for word in [
        "ada",
        "ADA",
        "lindq",
        "LINDQVIST",
        "friends",
        "\"old fr\"",
        "hachy.example",
        "@ada@hachy",
        "adalind",
    ] {
        assert_eq!(truth(word, &ada), Truth::True, "{word}");
    }
    for word in ["halt", "github", "mastodon", "67", "xy", "\"ada lindqvist \""] {
        assert_eq!(truth(word, &ada), Truth::False, "{word}");
    }
    let mut zoe = person("ZOE", None);
    zoe.name = "Zoë Ärger".to_owned();
    assert_eq!(truth("ZOË", &zoe), Truth::True);
    assert_eq!(truth("ärger", &zoe), Truth::True);
}

#[test]
fn blanks_are_and_and_binds_closer_than_or() {
    let ada = ada();
    assert_eq!(truth("nobody gh>1 | ada", &ada), Truth::True);
    assert_eq!(truth("nobody (gh>1 | ada)", &ada), Truth::False);
    assert_eq!(truth("ada | nobody nobody", &ada), Truth::True);
    assert_eq!(truth("!nobody ada", &ada), Truth::True, "! takes one factor");
    assert_eq!(truth("!(nobody | ada)", &ada), Truth::False);
    assert_eq!(truth(" ada|nobody ", &ada), Truth::True);
}

#[test]
fn what_is_not_known_matches_nothing_either_way() {
    let new = person("NEW", None);
    for unknown in [
        "last>0",
        "last<=100",
        "d1h=0",
        "d24>0",
        "d7>0",
        "d30<1",
        "vol>=0",
        "age>0s",
        "github>0",
        "state:live",
    ] {
        for expression in [unknown.to_owned(), format!("!{unknown}"), format!("new {unknown}")] {
            assert_eq!(truth(&expression, &new), Truth::Unknown, "{expression}");
        }
        assert_eq!(truth(&format!("new | {unknown}"), &new), Truth::True);
        assert_eq!(truth(&format!("nobody {unknown}"), &new), Truth::False);
    }
    let ada = ada();
    assert_eq!(truth("bluesky>0", &ada), Truth::Unknown, "she is not there");
    assert_eq!(truth("!bluesky>0", &ada), Truth::Unknown);
    assert_eq!(truth("hackernews<1", &ada), Truth::Unknown, "nobody has read it yet");
    assert_eq!(truth("YOU.last>60", &ada), Truth::Unknown, "it is about somebody else");
    assert_eq!(truth("group:friends", &new), Truth::False, "no group is an answer");
    let mut odd = person("ODD", Some(f64::NAN));
    odd.channels = vec![channel("github", "odd", cloutop::model::State::Live, Some(f64::INFINITY), 0)];
    assert_eq!(truth("last>0 | github>0", &odd), Truth::Unknown);
}

#[test]
fn mistakes_say_where_and_what_was_expected() {
    for (expression, message) in [
        ("", "column 1: expected a word, a test like last>60, or ("),
        ("   ", "column 4: expected a word, a test like last>60, or ("),
        ("lst>5", "column 1: unknown field \"lst\"; did you mean \"last\"?"),
        ("YOU.lst > 5", "column 5: unknown field \"lst\"; did you mean \"last\"?"),
        ("ada gihub>5", "column 5: unknown field \"gihub\"; did you mean \"github\"?"),
        ("last>", "column 6: expected a number"),
        ("last > soon", "column 8: expected a number, not \"soon\""),
        ("last>10m", "column 6: expected a number, not \"10m\""),
        ("last>inf", "column 6: expected a number, not \"inf\""),
        ("last>1e999", "column 6: expected a number, not \"1e999\""),
        ("age>10", "column 5: expected a time like 30s, 10m, 2h or 7d, not \"10\""),
        (
            "age>99999999999999999999d",
            "column 5: expected a time like 30s, 10m, 2h or 7d, not \"99999999999999999999d\"",
        ),
        ("state:hlat", "column 7: unknown state \"hlat\"; did you mean \"halt\"?"),
        ("state>live", "column 6: state has no more and less: expected : or ="),
        ("group<a", "column 6: group has no more and less: expected : or ="),
        ("T.last>5", "column 1: \"T\" is not a symbol: two to five letters or digits, a letter first"),
        ("(ada", "column 1: this ( is never closed"),
        ("ada)", "column 4: this ) closes nothing"),
        ("()", "column 2: expected a word, a test like last>60, or ("),
        ("ada |", "column 6: expected a word, a test like last>60, or ("),
        ("| ada", "column 1: expected a word, a test like last>60, or ("),
        ("!", "column 2: expected a word, a test like last>60, or ("),
        ("!!ada", "column 2: one ! is enough; !(!…) takes it back"),
        (
            "ada >",
            "column 1: unknown field \"ada\"; known here: last, d1h, d24, d7, d30, vol, age, rank, state, group, and networks as \"cloutop networks\" lists them",
        ),
        ("\"last\">5", "column 1: a field is written without quotes"),
        ("\"ada", "column 1: this quote is never closed"),
        ("\"a\\d\"", "column 3: \\ stands only before \" and \\"),
        ("\" \"", "column 1: there is no word in these quotes"),
        ("Zoë lst>1", "column 5: unknown field \"lst\"; did you mean \"last\"?"),
    ] {
        assert_eq!(Filter::parse(expression).unwrap_err().to_string(), message, "{expression}");
    }
    let deep = "(".repeat(100_000) + "a";
    assert!(Filter::parse(&deep).is_err());
    let deep = "(".repeat(2_000);
    assert_eq!(Filter::parse(&deep).unwrap_err().column, 51);
    assert!(Filter::parse(&format!("{}a{}", "(".repeat(50), ")".repeat(50))).is_ok());
    let bad = Filter::parse("林檎 lst>1").unwrap_err();
    assert!(
        bad.pointing_at("林檎 lst>1").ends_with("\n  林檎 lst>1\n       ^"),
        "{}",
        bad.pointing_at("林檎 lst>1")
    );
    assert!(!bad.pointing_at("\u{1b}[31m lst>1").contains('\u{1b}'));
}

#[test]
fn the_printed_form_is_short_and_reads_back() {
    for (typed, printed) in [
        ("  YOU.last  >=  60.0 ", "YOU.last>=60"),
        ("you.gh>.5|(a b)|!(c|d) ( e )", "YOU.github>0.5 | a b | !(c | d) e"),
        ("age>120m age<=90s age=0d", "age>2h age<=90s age=0d"),
        ("\"a b\" \"plain\" \"q\\\"\\\\\"", "\"a b\" plain \"q\\\"\\\\\""),
        ("(a (b c)) | (d | e)", "a (b c) | (d | e)"),
        ("!(!a)", "!(!a)"),
    ] {
        let filter = Filter::parse(typed).unwrap();
        assert_eq!(filter.to_string(), printed);
        assert_eq!(printed.parse::<Filter>().unwrap(), filter);
    }
}

#[test]
fn a_board_answers_for_everybody_together() {
    let mut people = vec![ada(), person("YOU", Some(55.0)), person("NEW", None), person("KEN", Some(55.0))];
    people[1].group = Some("me".to_owned());
    let ask = |expression: &str| {
        let answer = Filter::parse(expression).unwrap().over(&board(&people, at(0)));
        let who: Vec<&str> = answer.people.iter().map(|&place| people[place].symbol.as_str()).collect();
        (answer.truth, who.join(" "))
    };
    let told = |truth, who: &str| (truth, who.to_owned());
    assert_eq!(ask("last>50"), told(Truth::True, "ADA YOU KEN"));
    assert_eq!(ask("YOU.last > 60"), told(Truth::False, ""));
    assert_eq!(ask("!YOU.last>60"), told(Truth::True, "YOU"));
    assert_eq!(ask("ADA.last>60 | YOU.last>60"), told(Truth::True, "ADA"));
    assert_eq!(ask("ADA.last>60 YOU.last<60"), told(Truth::True, "ADA YOU"), "true of both together");
    assert_eq!(ask("!(ADA.last>70 | YOU.last>60)"), told(Truth::True, "ADA YOU"));
    assert_eq!(ask("ADA.last>60 me"), told(Truth::True, "YOU"));
    assert_eq!(ask("NEW.last>60"), told(Truth::Unknown, ""));
    assert_eq!(ask("last>90"), told(Truth::False, ""), "of some it is known");
    assert_eq!(ask("rank=1"), told(Truth::True, "ADA"));
    assert_eq!(ask("rank=2"), told(Truth::True, "YOU KEN"), "equal scores have equal ranks");
    assert_eq!(Filter::parse("last>0").unwrap().over(&[]).truth, Truth::Unknown);
}

#[test]
fn nearly_is_a_margin_wider() {
    let near = |expression: &str, score: f64| {
        let (filter, person) = (Filter::parse(expression).unwrap(), person("YOU", Some(score)));
        filter.nearly(&Subject { person: &person, rank: Some(3), now: at(0) })
    };
    assert_eq!(near("last>60", 59.5), Truth::True, "1 % of 60 is 0.6");
    assert_eq!(near("last>60", 59.3), Truth::False);
    assert_eq!(near("!last<=60", 59.5), Truth::True, "also under a !");
    assert_eq!(near("!last<=60", 59.3), Truth::False);
    assert_eq!(near("last<60", 60.5), Truth::True);
    assert_eq!(near("last>0.1", 0.06), Truth::True);
    assert_eq!(near("last>0.1", 0.04), Truth::False, "a small threshold can be left behind, too");
    assert_eq!(near("last=60", 60.1), Truth::False);
    assert_eq!(near("rank<=2", 50.0), Truth::False);
}

/// A word of the language, bare or in quotes.
fn a_word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9@._/#äß林-]{1,12}",
        "[ -~é]{1,12}"
            .prop_filter("blank", |text| !text.trim().is_empty())
            .prop_map(|text| { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }),
    ]
}

fn a_test() -> impl Strategy<Value = String> {
    let op = prop::sample::select(vec![">", ">=", "<", "<=", "=", ":", " > ", "  :"]);
    let number = prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| number.to_string()),
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?",
    ];
    let field =
        prop::sample::select(vec!["last", "d1h", "d24", "d7", "d30", "vol", "rank", "github", "hn", "fedi"]);
    let symbol = prop::sample::select(vec!["", "", "ADA.", "you."]);
    let length = (0u32..9_999, prop::sample::select(vec!["s", "m", "h", "d"]));
    let state = prop::sample::select(vec!["live", "halt", "stale", "off"]);
    prop_oneof![
        (symbol.clone(), field, op.clone(), number).prop_map(|(s, f, op, n)| format!("{s}{f}{op}{n}")),
        (symbol.clone(), op, length).prop_map(|(s, op, (n, unit))| format!("{s}age{op}{n}{unit}")),
        (symbol.clone(), state).prop_map(|(s, state)| format!("{s}state:{state}")),
        (symbol, a_word()).prop_map(|(s, word)| format!("{s}group={word}")),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    prop_oneof![a_word(), a_test()].prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" | ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(") ("))),
            inner.prop_map(|part| format!("!({part})")),
        ]
    })
}

fn somebody() -> impl Strategy<Value = PersonSnapshot> {
    (prop::option::of(0.0..100.0f64), prop::option::of(0.0..60.0f64), any::<bool>()).prop_map(
        |(score, points, known)| {
            let mut person = if known { ada() } else { person("YOU", None) };
            person.score = score;
            person.channels.truncate(1);
            person.channels.push(channel(
                "mastodon",
                "@you@h.example",
                cloutop::model::State::Halt,
                points,
                9,
            ));
            person
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back(text in expression()) {
        let filter = Filter::parse(&text).unwrap();
        prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
    }

    #[test]
    fn no_text_brings_it_down(text in "[a-z0-9.>=<:!|()\" \\\\é]{0,40}", any in any::<String>()) {
        for text in [text, any] {
            match Filter::parse(&text) {
                Ok(filter) => {
                    prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter.clone());
                    filter.truth(&Subject { person: &ada(), rank: None, now: at(0) });
                }
                Err(bad) => {
                    prop_assert!(bad.column >= 1 && bad.column <= text.chars().count() + 1, "{}", bad);
                    prop_assert!(!bad.pointing_at(&text).is_empty());
                }
            }
        }
    }

    #[test]
    fn truth_keeps_the_laws(a in expression(), b in expression(), c in expression(), person in somebody()) {
        let so = |text: &str| truth(text, &person);
        prop_assert_eq!(so(&format!("!(!({a}))")), so(&a));
        prop_assert_eq!(so(&format!("({a}) | ({b})")), so(&format!("({b}) | ({a})")));
        prop_assert_eq!(so(&format!("({a}) ({b})")), so(&format!("({b}) ({a})")));
        prop_assert_eq!(so(&format!("!(({a}) | ({b}))")), so(&format!("!({a}) !({b})")));
        prop_assert_eq!(so(&format!("!(({a}) ({b}))")), so(&format!("!({a}) | !({b})")));
        prop_assert_eq!(so(&format!("({a}) ({a})")), so(&a));
        prop_assert_eq!(so(&format!("({a}) (({b}) | ({c}))")), so(&format!("({a}) ({b}) | ({a}) ({c})")));
        prop_assert_eq!(so(&format!("({a}) | ({a}) ({b})")), so(&a));
        prop_assert_ne!(so(&format!("({a}) | !({a})")), Truth::False);
        prop_assert_ne!(so(&format!("({a}) !({a})")), Truth::True);
    }

    #[test]
    fn comparisons_agree(score in 0.0..100.0f64, wanted in 0.0..100.0f64, same in any::<bool>()) {
        let wanted = if same { score } else { wanted };
        let person = person("YOU", Some(score));
        let so = |op: &str| truth(&format!("last{op}{wanted}"), &person) == Truth::True;
        prop_assert_eq!(so(">"), score > wanted);
        prop_assert_eq!(so(">="), so(">") || so("="));
        prop_assert_eq!(so("<="), !so(">"));
        prop_assert_eq!(so("<"), !so(">="));
        prop_assert_eq!(so(":"), so("="));
    }

    #[test]
    fn what_is_so_is_nearly_so(text in expression(), person in somebody()) {
        let filter = Filter::parse(&text).unwrap();
        let subject = Subject { person: &person, rank: Some(1), now: at(0) };
        prop_assert!(filter.nearly(&subject) >= filter.truth(&subject));
    }
}

fn cloutop(config: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    Command::new(env!("CARGO_BIN_EXE_cloutop"))
        .args(arguments)
        .env_clear()
        .env("CLOUTOP_CONFIG", folder.path().join("config.toml"))
        .env("CLOUTOP_DATA_DIR", folder.path().join("data"))
        .output()
        .unwrap()
}

fn demo(arguments: &[&str]) -> (i32, String, String) {
    let output = cloutop("", &[&["--demo", "--now", "2026-03-03T14:32:07Z"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The demo lives through its month for every one of these.
#[test]
fn list_shows_those_who_match() {
    let (code, out, err) =
        demo(&["list", "--json", "--filter", "last>58 | zoë | state:halt | d24>0 d1h>0 rank<=4"]);
    assert_eq!(code, 0, "{err}");
    let list: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(list["schema"], "cloutop/list/1");
    let people = list["people"].as_array().unwrap();
    let symbols: Vec<&str> = people.iter().map(|person| person["symbol"].as_str().unwrap()).collect();
    assert_eq!(symbols, ["YOU", "ADA", "ZOE", "LIN", "TOM"], "in the order of the board");
    let (code, out, _) = demo(&["list", "--filter", "nobody"]);
    assert_eq!((code, out.as_str()), (0, "nobody matches\n"));
    let (code, out, err) = demo(&["list", "--filter", "last>60 lst<3"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        err,
        "cloutop: column 9: unknown field \"lst\"; did you mean \"last\"?\n  last>60 lst<3\n          ^\n"
    );
}

#[test]
fn check_answers_by_its_code() {
    let (code, out, err) = demo(&["check", "YOU.last > 60"]);
    assert_eq!((code, out.as_str(), err.as_str()), (10, "false\n", ""));
    let (code, out, _) = demo(&["check", "last>60", "--json"]);
    let check: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(
        check,
        serde_json::json!({
            "schema": "cloutop/check/1", "expression": "last>60", "true": true, "people": ["ADA", "LIN"]
        })
    );
    let (code, out, err) = demo(&["check", "YOU.last > "]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("column 12: expected a number"), "{err}");
}

#[test]
fn check_knows_nothing_before_the_first_reading() {
    let config = "[[people]]\nsymbol = \"YOU\"\nchannels = [\"github:you\"]\n";
    for expression in ["YOU.last > 60", "!last>60", "state:halt"] {
        let output = cloutop(config, &["check", expression]);
        assert_eq!(output.status.code(), Some(5), "{expression}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cloutop poll --once"));
    }
    assert_eq!(cloutop(config, &["check", "you"]).status.code(), Some(0), "a name needs no reading");
    assert_eq!(cloutop(config, &["check", "BOB.last > 1"]).status.code(), Some(3));
    assert_eq!(cloutop("", &["check", "last>1"]).status.code(), Some(5));
    let unknown = cloutop(config, &["check", "last>1", "--json"]).stdout;
    let unknown: serde_json::Value = serde_json::from_slice(&unknown).unwrap();
    assert_eq!(unknown["true"], serde_json::Value::Null);
}
