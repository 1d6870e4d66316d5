#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! What `E` writes: the numbers of the screen, whole, in files that spreadsheets and scripts read.

#[path = "support/screens.rs"]
mod screens;

use cloutop::app::{Message, update};
use cloutop::report;
use screens::{app, press};

fn rows(text: &str) -> Vec<csv::StringRecord> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn every_screen_is_written_whole() {
    for (keys, name, least) in [
        ("", "board", 8),
        ("enter", "person", 6),
        ("enter down enter", "channel", 100),
        ("enter enter enter", "post", 5),
        ("m down m c", "compare", 8),
        ("w", "statement", 10),
    ] {
        let export = report::view(&press(app((120, 36)), keys));
        assert_eq!((export.name, export.ending), (name, "csv"), "{keys}");
        let rows = rows(&export.text);
        assert!(rows.len() >= least, "{name} has {} rows", rows.len());
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{name}");
    }
    let log = report::view(&press(app((120, 36)), "b"));
    assert_eq!((log.name, log.ending), ("bumps", "ndjson"));
    for line in log.text.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(entry["symbol"].is_string() && entry["unread"].is_boolean(), "{entry}");
    }
    assert!(log.text.lines().count() > 5);
}

/// Channels sum to the score and lines to the change, in the digits of the file.
#[test]
fn the_numbers_of_a_file_add_up() {
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let app = press(app((120, 36)), "enter");
    let rows = rows(&report::view(&app).text);
    let points: f64 = rows[1..].iter().map(|row| number(&row[6])).sum();
    assert!((points - app.focus().unwrap().score.unwrap()).abs() < 1e-9);
    let statement = press(screens::app((120, 36)), "w");
    let rows = self::rows(&report::view(&statement).text);
    let (open, close) = (number(&rows[1][4]), number(&rows[2][4]));
    let lines: f64 = rows[3..].iter().map(|row| number(&row[4])).sum();
    assert!((open + lines - close).abs() < 1e-9);
}

/// What looks like a formula to a spreadsheet is text.
#[test]
fn a_name_is_no_formula() {
    let mut app = press(app((120, 36)), "");
    let mut person = app.people[0].clone();
    "=HYPERLINK(\"http://evil.example\")".clone_into(&mut person.name);
    update(&mut app, Message::Person(Box::new(person)));
    let rows = rows(&report::view(&app).text);
    assert!(rows.iter().any(|row| row[1].starts_with("'=HYPERLINK")));
    assert!(!rows.iter().any(|row| row.iter().any(|cell| cell.starts_with('='))));
}
