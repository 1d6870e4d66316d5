#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The worked example of CONTRIBUTING.md is the one that is compiled and run, and its steps lead to a network.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of the example: where they are kept, where CONTRIBUTING.md puts them, and the language of their blocks.
const FILES: [(&str, &str, &str); 4] = [
    ("pond.rs", "src/channels/pond.rs", "rust"),
    ("duck.json", "tests/replies/pond/duck.json", "json"),
    ("posts.json", "tests/replies/pond/posts.json", "json"),
    ("cases.toml", "tests/replies/pond/cases.toml", "toml"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text() -> String {
    std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap()
}

/// The first block of a language behind a file's name.
fn block(text: &str, name: &str, language: &str) -> String {
    let (_, after) = text.split_once(&format!("`{name}`")).unwrap_or_else(|| panic!("{name} is not named"));
    let (_, after) = after.split_once(&format!("```{language}\n")).unwrap();
    after.split_once("```\n").unwrap().0.to_owned()
}

#[test]
fn the_worked_example_is_the_one_that_is_run() {
    let text = text();
    for (kept, name, language) in FILES {
        let kept = std::fs::read_to_string(root().join("tests/pond").join(kept)).unwrap();
        let shown = block(&text, name, language);
        for (kept, shown) in kept.lines().zip(shown.lines()) {
            assert_eq!(kept, shown, "{name}");
        }
        assert_eq!(kept, shown, "{name}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if matches!(name.to_str(), Some("target" | ".git")) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// Builds the program once more, which takes minutes: run it when the steps change.
#[test]
#[ignore = "builds the program once more"]
fn the_steps_lead_to_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("cloutop");
    copy(&root(), &project);
    let text = text();
    for (_, name, language) in FILES {
        let path = project.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, block(&text, name, language)).unwrap();
    }
    let list = project.join("src/channels.rs");
    let channels = std::fs::read_to_string(&list).unwrap();
    let line = block(&text, "src/channels.rs", "text");
    let (before, after) = channels.split_once("channels! {\n").unwrap();
    let (others, after) = after.split_once("    feed\n").unwrap();
    std::fs::write(&list, format!("{before}channels! {{\n{others}{line}    feed\n{after}")).unwrap();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let (_, commands) = text.split_once("```sh\ncargo fmt").unwrap();
    let commands = format!("cargo fmt{}", commands.split_once("```").unwrap().0);
    let ran = Command::new("sh")
        .args(["-euc", &commands])
        .current_dir(&project)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(ran.status.success(), "{told}");
    let page = std::fs::read_to_string(project.join("docs/networks/pond.md")).unwrap();
    assert!(page.contains("the newest 100 posts with their likes"), "{page}");
    let file = std::fs::read_to_string(project.join("src/channels/pond.rs")).unwrap();
    assert_eq!(file, block(&text, "src/channels/pond.rs", "rust"), "the example is formatted");
}
