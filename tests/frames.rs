#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! What the screen draws, from the demo at a fixed time: kept frames, sums added up from the drawn text,
//! and every size down to nothing. `cargo insta review` shows what changed.

#[path = "support/screens.rs"]
mod screens;

use cloutop::app::Glyphs;
use cloutop::model::Range;
use cloutop::text;
use screens::{app, frame, letters, press, shown};

const SIZES: [(u16, u16); 5] = [(120, 36), (80, 24), (40, 10), (20, 3), (80, 1)];

const SCREENS: [(&str, &str); 21] = [
    ("board", ""),
    ("filter", "/ d 2 4 < 0"),
    ("person", "enter"),
    ("channel", "enter enter"),
    ("post", "enter enter enter"),
    ("compare", "m down m c"),
    ("compare-four", "m down m down m down m c tab v v l"),
    ("choose", "c space down"),
    ("chart", "enter t tab e n"),
    ("statement", "enter w"),
    ("formula", "enter enter m"),
    ("log", "b down down down m"),
    ("rules", "b tab down"),
    ("rule", "b A down down right right"),
    ("settings", ", down down right"),
    ("help", "?"),
    ("search", "? r a n g e"),
    ("paused", "space"),
    ("add", "a"),
    ("add-check", "a g i t h u b : n o o r h enter down"),
    ("add-save", "a g i t h u b : n o o r h enter enter"),
];

/// Every screen at every size: the characters, what each cell is coloured as, and the same with ASCII alone.
#[test]
fn kept_frames() {
    insta::with_settings!({ snapshot_path => "frames", prepend_module_to_snapshot => false, omit_expression => true }, {
        for (screen, keys) in SCREENS {
            for (columns, rows) in SIZES {
                let mut app = press(app((columns, rows)), keys);
                let name = format!("{screen}-{columns}x{rows}");
                let drawn = shown(&app);
                let kept = format!("{drawn}{}", letters(&app));
                insta::assert_snapshot!(name.clone(), kept);
                app.glyphs = Glyphs::Ascii;
                insta::assert_snapshot!(format!("{name}-ascii"), shown(&app));
            }
        }
    });
}

/// Everybody's person screen and everybody's channels.
fn drill_downs() -> Vec<String> {
    let mut out = Vec::new();
    for person in 0..7 {
        let down = "home ".to_owned() + &"down ".repeat(person);
        out.push(format!("{down}enter"));
        out.push(format!("{down}w"));
        for channel in 0..5 {
            let channel = format!("{down}enter home {}enter", "down ".repeat(channel));
            out.push(format!("{channel} w pgdn pgdn"));
            out.push(format!("{channel} enter"));
            out.push(format!("{channel} s down down enter pgdn"));
            out.push(channel);
        }
    }
    out
}

#[test]
fn every_size_down_to_nothing_draws() {
    for (_, keys) in SCREENS {
        for columns in [0, 1, 2, 3, 8, 19, 20, 39, 41, 60, 79, 81, 110, 300] {
            for rows in [0, 1, 2, 3, 5, 6, 11, 12, 23, 25, 34, 90] {
                let text = frame((columns, rows), keys);
                assert_eq!(text.lines().count(), usize::from(rows), "{columns}x{rows}");
                for line in text.lines() {
                    assert_eq!(text::width(line), usize::from(columns), "{columns}x{rows}: {line:?}");
                }
            }
        }
    }
}

fn number(word: &str) -> Option<f64> {
    word.trim_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.')).parse().ok()
}

#[track_caller]
fn adds_up(parts: &[f64], total: f64, line: &str) {
    let sum: f64 = parts.iter().sum();
    assert!((sum - total).abs() < 0.001, "{parts:?} make {sum:.2}, not {total:.2}: {line}");
}

/// `open 50.49  HN +2.12  GH held +1.31  = 53.76   ✓ adds up to +3.27`
fn check_why(line: &str) {
    let (left, right) = line.split_once("= ").unwrap();
    let words: Vec<&str> = left.split_whitespace().collect();
    let open = words.iter().position(|word| *word == "open").unwrap();
    let parts: Vec<f64> = words[open + 1..].iter().filter_map(|word| number(word)).collect();
    let close = number(right.split_whitespace().next().unwrap()).unwrap();
    adds_up(&parts, close, line);
    if let Some((_, change)) = right.split_once("adds up to ") {
        adds_up(&parts[1..], number(change.split_whitespace().next().unwrap()).unwrap(), line);
    }
}

#[test]
fn printed_sums_add_up() {
    let mut checked = [0; 9];
    for range in [Range::Hour, Range::Day, Range::Week, Range::Month, Range::Quarter, Range::Year, Range::All]
    {
        for size in [(120, 36), (80, 24), (100, 50)] {
            for keys in
                drill_downs().iter().map(String::as_str).chain(["", "m down m c", "m down m down m c tab"])
            {
                let mut app = app(size);
                app.range = range;
                check(&shown(&press(app, keys)), &mut checked);
            }
        }
    }
    assert!(checked.iter().all(|checked| *checked > 20), "{checked:?} say little");
}

/// A post's days make its points.
fn check_post(text: &str, checked: &mut [u32; 9]) {
    let days: Vec<f64> = text
        .lines()
        .skip_while(|line| !line.contains("┌─ Its points, "))
        .skip(1)
        .take_while(|line| line.starts_with('│') && !line.starts_with("│ ="))
        .filter_map(|line| number(line.trim_end_matches(['│', ' ']).split_whitespace().last()?))
        .collect();
    if let Some(sum) = text.lines().find(|line| line.starts_with("│ =          ")) {
        adds_up(
            &days,
            number(sum.trim_end_matches(['│', ' ']).split_whitespace().last().unwrap()).unwrap(),
            text,
        );
        checked[7] += 1;
    }
}

/// Side by side: the networks of a column make the score above them, also in the column of differences.
fn check_side(text: &str, checked: &mut [u32; 9]) {
    let side: Vec<&str> = text.lines().skip_while(|line| !line.contains("┌─ Side by side")).skip(1).collect();
    if let (Some(head), false) = (side.first(), side.is_empty()) {
        let people = head.matches(['●', '▲', '■', '○']).count();
        let cells = |line: &str| {
            let words = line.trim_matches(['│', '▸', ' ']).split_whitespace().skip(1);
            let numbers = words.filter(|word| *word == "—" || word.contains('.'));
            let numbers: Vec<f64> = numbers.map(|word| number(word).unwrap_or(0.0)).collect();
            let last = *numbers.last().unwrap();
            numbers.into_iter().take(people).chain([last]).collect::<Vec<f64>>()
        };
        let score = cells(side.iter().find(|line| line.contains(" score ")).unwrap());
        let from = side.iter().position(|line| line.contains(" bumps ")).unwrap();
        let to = side.iter().position(|line| line.contains(" coverage ")).unwrap();
        let rows: Vec<Vec<f64>> = side[from + 1..to].iter().map(|line| cells(line)).collect();
        for (column, score) in score.iter().enumerate() {
            let parts: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            adds_up(&parts, *score, text);
        }
        checked[8] += 1;
    }
}

/// Adds up whatever is a sum in a frame.
fn check(text: &str, checked: &mut [u32; 9]) {
    for line in text.lines().filter(|line| line.contains("open ") && line.contains("= ")) {
        check_why(line);
        checked[0] += 1;
    }
    // What a goal lacks of the score.
    for line in text.lines().filter(|line| line.contains(" to go")) {
        let mut numbers = line.split_whitespace().filter(|word| word.contains('.')).filter_map(number);
        let (target, missing) = (numbers.next().unwrap(), numbers.next().unwrap());
        let score = format!("{:.2}", target - missing);
        assert!(text.lines().next().unwrap().contains(&score), "{score} is not the score: {line}");
        checked[6] += 1;
    }
    // What a score is made of.
    let made: Vec<&str> = text.lines().skip_while(|line| !line.contains("is made of")).collect();
    if let Some(end) = made.iter().position(|line| line.contains("sum ")) {
        let side = |line: &str| line.rsplit('│').nth(1).unwrap_or_default().to_owned();
        let parts: Vec<f64> =
            made[1..end].iter().filter_map(|line| number(side(line).split_whitespace().nth(1)?)).collect();
        adds_up(&parts, number(side(made[end]).split_whitespace().nth(1).unwrap()).unwrap(), made[end]);
        checked[1] += 1;
    }
    // The channels of a person: points stand before the share, their change behind it.
    let inside = |title: &str| {
        let rows = text.lines().skip_while(|line| !line.contains(title)).skip(2);
        rows.take_while(|line| line.starts_with('│')).map(|line| line.replace('│', " ")).collect::<Vec<_>>()
    };
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut channels = inside("┌─ Channels");
    // What stands below them counts visits, and no points.
    let scored = channels.iter().position(|line| line.contains("OUTCOMES")).unwrap_or(channels.len());
    channels.truncate(scored);
    if !channels.is_empty() {
        let (mut points, mut changes) = (Vec::new(), Vec::new());
        for line in &channels {
            let words = words(line);
            let share = words.iter().position(|word| word.ends_with('%')).unwrap();
            points.extend(number(&words[share - 1]));
            changes.extend(number(&words[share + 1]));
        }
        let header = words(text.lines().next().unwrap());
        let arrow = header.iter().position(|word| ["▲", "▼", "="].contains(&word.as_str())).unwrap();
        adds_up(&points, number(&header[arrow - 1]).unwrap(), &channels.join("\n"));
        adds_up(&changes, number(&header[arrow + 1]).unwrap(), &channels.join("\n"));
        checked[2] += 1;
    }
    // Behind the points stand how the post grew, where it is known, and its state.
    let points_of = |line: &String| {
        let words = words(line);
        number(words.iter().rev().find(|word| word.contains('.') && number(word).is_some())?)
    };
    // The three parts of a channel, and its posts.
    let part = |name: &str| {
        let line = text.lines().find(|line| line.trim_start_matches('│').trim_start().starts_with(name))?;
        let cell = line.split('│').nth(1)?;
        number(cell.split_whitespace().last()?)
    };
    if let (Some(audience), Some(body), Some(buzz), Some(total)) =
        (part("audience "), part("body "), part("buzz "), part("= "))
    {
        adds_up(&[audience, body, buzz], total, "audience + body + buzz");
        let mut parts: Vec<f64> = inside("┌─ Posts by ").iter().filter_map(points_of).collect();
        parts.push(audience);
        let worth = text.split_once("are worth ").map(|(_, rest)| rest.split(' ').next().unwrap());
        parts.extend(worth.and_then(number));
        parts.extend(part("assumed "));
        adds_up(&parts, total, text);
        checked[3] += 1;
    }
    // Open, a line per cause, close.
    let statement: Vec<&str> = text.lines().skip_while(|line| !line.contains("┌─ Statement of ")).collect();
    let rows: Vec<f64> = statement
        .iter()
        .skip(1)
        .map_while(|line| line.strip_prefix('│')?.strip_suffix('│'))
        .filter_map(|line| number(line.split_whitespace().last()?))
        .collect();
    if let Some((close, parts)) = rows.split_last() {
        adds_up(parts, *close, &statement.join("\n"));
        checked[5] += 1;
    }
    check_post(text, checked);
    check_side(text, checked);
    // YOU − LIN = -4.50 ✓  HN +6.41  …
    if let Some(line) = text.lines().find(|line| line.contains(" − ") && line.contains('✓')) {
        let (left, right) = line.split_once('✓').unwrap();
        let total = number(left.split_whitespace().last().unwrap()).unwrap();
        let right = right.split("model").next().unwrap();
        let parts: Vec<f64> = right.split_whitespace().filter_map(number).collect();
        adds_up(&parts, total, line);
        checked[4] += 1;
    }
}

/// An entry of the log is shown in the shortest range it is in; going back gives the range back, and a range that
/// was chosen meanwhile stays.
#[test]
fn an_entry_of_the_log_borrows_the_range() {
    let size = (80, 24);
    let shown = frame(size, "b enter");
    assert!(shown.contains("WHY  1h") && !shown.contains("nothing"), "{shown}");
    assert_eq!(frame(size, "b enter esc esc"), frame(size, ""));
    assert!(frame(size, "b enter t t esc esc").contains("  7d  "));
}

/// The filter narrows the board while it is typed; what cannot be read leaves the last one in force.
#[test]
fn the_board_is_filtered() {
    let size = (80, 24);
    let rows = |keys: &str| {
        let shown = frame(size, keys);
        let symbols = ["KEN", "YOU", "LIN", "ADA", "TOM", "MIRA", "ZOE"];
        let board: Vec<&str> = shown.lines().skip(4).take(7).collect();
        let seen = symbols
            .into_iter()
            .filter(|symbol| board.iter().any(|line| line.contains(&format!(" {symbol} "))));
        seen.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(rows(""), "KEN YOU LIN ADA TOM MIRA ZOE");
    assert_eq!(rows("/ l a s t > 6 0 enter"), "LIN ADA");
    assert_eq!(rows("/ d 2 4 > 0"), "KEN YOU", "while it is typed");
    assert_eq!(rows("/ d 2 4 > 0 space |"), "KEN YOU", "half a filter changes nothing");
    assert_eq!(rows("/ s t a t e : h a l t enter"), "TOM");
    assert_eq!(rows("/ z o e enter / esc"), "KEN YOU LIN ADA TOM MIRA ZOE");
    assert_eq!(rows("/ z o e enter / backspace ^u enter"), "KEN YOU LIN ADA TOM MIRA ZOE");
    let nobody = frame(size, "/ l a s t > 9 9 enter");
    assert!(nobody.contains("nobody matches"), "{nobody}");
    let wrong = frame(size, "/ l s t > 1 enter");
    assert!(wrong.contains("unknown field \"lst\"; did you mean \"last\"?"), "{wrong}");
    assert!(wrong.lines().last().unwrap().starts_with(" /lst>1▏"), "{wrong}");
    let selected = frame(size, "/ t o m enter enter");
    assert!(selected.contains("TOM Tom Adeyemi"), "whoever is left is selected\n{selected}");
}

/// Frozen rows stay where they are while others of them would lead.
#[test]
fn a_frozen_order_stays() {
    let size = (80, 24);
    let first =
        |keys: &str| frame(size, keys).lines().nth(4).unwrap().trim_start_matches(['│', '▸', ' ']).to_owned();
    assert!(first("").starts_with("KEN"));
    assert!(first("s").starts_with("ADA"), "by score");
    // Another range has another order.
    assert!(first("t").starts_with("ZOE"));
    assert!(first("f t").starts_with("KEN"));
    assert!(frame(size, "f").lines().next().unwrap().contains("frozen"));
    assert!(first("f t f").starts_with("ZOE") && first("f t s").starts_with("ADA"));
}
