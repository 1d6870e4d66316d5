//! The house stands: a module uses its own floor and the floors before it, and never in a circle.
//!
//! The floors are the groups of `mod` lines in `src/lib.rs`.
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What uses what, by name.
type Arrows = BTreeMap<String, BTreeSet<String>>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Module to floor.
fn floors() -> BTreeMap<String, usize> {
    let mut floor = None;
    let mut floors = BTreeMap::new();
    for line in std::fs::read_to_string(source().join("lib.rs")).unwrap().lines() {
        if let Some(rest) = line.strip_prefix("// Floor ") {
            floor = rest.split(':').next().unwrap().parse().ok();
        } else if let Some(name) = line.strip_prefix("pub mod ") {
            floors.insert(name.trim_end_matches(';').to_owned(), floor.expect("a module stands on a floor"));
        }
    }
    floors
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// `app/update` for `src/app/update.rs`.
fn name(path: &Path) -> String {
    let name = path.strip_prefix(source()).unwrap().with_extension("");
    name.to_string_lossy().replace('\\', "/")
}

/// The code of a file: no comments, and not its unit tests, which stand at its end.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The first names behind every `prefix`, groups in braces included.
fn names_behind(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let (before, rest) = code.split_at(at);
        if before.ends_with(|letter: char| letter.is_alphanumeric() || "_:".contains(letter)) {
            continue;
        }
        let rest = rest.strip_prefix(prefix).unwrap();
        let mut depth = 0;
        let mut word = String::new();
        // At depth 0 the first word counts; in braces every word that begins a path.
        let mut begins = true;
        for letter in rest.chars() {
            match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => word.push(letter),
                _ => {
                    if begins && depth <= 1 && !word.is_empty() {
                        found.insert(std::mem::take(&mut word));
                    }
                    word.clear();
                    match letter {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    begins = depth == 1 && matches!(letter, '{' | ',') || begins && letter.is_whitespace();
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    found
}

/// A way from a name back to itself.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    fn walk(at: &str, arrows: &Arrows, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        if way.iter().any(|passed| passed == at) {
            way.push(at.to_owned());
            return true;
        }
        if !done.contains(at) {
            way.push(at.to_owned());
            for next in arrows.get(at).into_iter().flatten() {
                if walk(next, arrows, way, done) {
                    return true;
                }
            }
            way.pop();
            done.insert(at.to_owned());
        }
        false
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|start| {
        let mut way = Vec::new();
        walk(start, arrows, &mut way, &mut done).then_some(way)
    })
}

fn all_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&source(), &mut found);
    found.retain(|path| !matches!(name(path).as_str(), "lib" | "main"));
    found.sort();
    assert!(found.len() > 50, "the walk lost its way: {found:?}");
    found
}

#[test]
fn arrows_point_down_and_never_in_a_circle() {
    let floors = floors();
    let mut arrows = Arrows::new();
    let mut up = Vec::new();
    for file in all_files() {
        let name = name(&file);
        let module = name.split('/').next().unwrap().to_owned();
        let floor = floors.get(&module).unwrap_or_else(|| panic!("{module} stands on no floor"));
        for used in names_behind(&code(&file), "crate::") {
            let below = floors.get(&used).unwrap_or_else(|| panic!("{name} uses crate::{used}, on no floor"));
            if below > floor {
                up.push(format!("{name} (floor {floor}) uses {used} (floor {below})"));
            }
            if used != module {
                arrows.entry(module.clone()).or_default().insert(used);
            }
        }
    }
    assert!(up.is_empty(), "arrows that point up: {up:#?}");
    assert!(arrows["pipeline"].contains("store"), "the arrows were not read: {arrows:?}");
    assert_eq!(circle(&arrows), None);
}

#[test]
fn rooms_of_one_folder_do_not_lean_on_each_other_in_a_circle() {
    let files = all_files();
    let names: BTreeSet<String> = files.iter().map(|file| name(file)).collect();
    let mut arrows = Arrows::new();
    for file in &files {
        let from = name(file);
        let Some((folder, _)) = from.rsplit_once('/') else { continue };
        for used in names_behind(&code(file), "super::") {
            let to = format!("{folder}/{used}");
            if names.contains(&to) {
                arrows.entry(from.clone()).or_default().insert(to);
            }
        }
    }
    assert!(arrows.len() > 10, "the arrows were not read: {arrows:?}");
    assert_eq!(circle(&arrows), None);
}

#[test]
fn poller_pipeline_and_screen_do_not_know_each_other() {
    for (module, strangers) in [
        ("poller", ["pipeline", "demo"]),
        ("pipeline", ["poller", "http"]),
        ("demo", ["poller", "pipeline"]),
        ("app", ["poller", "store"]),
        ("ui", ["poller", "pipeline"]),
    ] {
        for file in all_files().into_iter().filter(|file| name(file).split('/').next() == Some(module)) {
            let used = names_behind(&code(&file), "crate::");
            assert!(
                !strangers.iter().any(|name| used.contains(*name)),
                "{} uses one of {strangers:?}",
                name(&file)
            );
        }
    }
}

#[test]
fn groups_in_braces_are_read() {
    let used = names_behind("use crate::{model::{Time, time}, text};\nuse crate::score::Score;", "crate::");
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["model", "score", "text"]);
}
