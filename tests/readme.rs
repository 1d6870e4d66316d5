#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The README shows what the program draws, and its configuration is one the program takes. A stale frame
//! is drawn anew by `CLOUTOP_README=update cargo test --test readme`.

use std::path::PathBuf;
use std::process::Command;

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "README.md"].iter().collect()
}

/// What a command of the README prints, line ends trimmed.
fn printed(command: &str) -> String {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("cloutop"));
    // Keys are apart by blanks, which a comment cannot quote.
    let arguments: Vec<String> = words.map(|word| word.replace(',', " ")).collect();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cloutop"))
        .args(&arguments)
        .env_clear()
        .env("CLOUTOP_CONFIG", folder.path().join("config.toml"))
        .env("CLOUTOP_DATA_DIR", folder.path().join("data"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn frames_are_what_the_program_draws() {
    let readme = std::fs::read_to_string(path()).unwrap();
    let mut drawn = String::new();
    let mut frames = 0;
    let mut rest = readme.as_str();
    while let Some((before, after)) = rest.split_once("<!-- cloutop ") {
        let (command, after) = after.split_once(" -->\n```text\n").unwrap();
        let (_, after) = after.split_once("```\n").unwrap();
        let command = format!("cloutop {command}");
        drawn.push_str(&format!("{before}<!-- {command} -->\n```text\n{}```\n", printed(&command)));
        frames += 1;
        rest = after;
    }
    drawn.push_str(rest);
    assert!(frames >= 4, "a README begins with a picture");
    if std::env::var("CLOUTOP_README").is_ok_and(|wish| wish == "update") {
        std::fs::write(path(), drawn).unwrap();
    } else {
        for (kept, drawn) in readme.lines().zip(drawn.lines()) {
            assert_eq!(kept, drawn, "stale; see the head of this test");
        }
        assert_eq!(readme.len(), drawn.len());
    }
}

/// The pictures, too, are what the program draws.
#[test]
fn pictures_are_what_the_program_draws() {
    let readme = std::fs::read_to_string(path()).unwrap();
    let update = std::env::var("CLOUTOP_README").is_ok_and(|wish| wish == "update");
    let mut pictures = 0;
    for line in readme.lines() {
        let Some(command) = line.strip_prefix("<!-- picture: ").and_then(|line| line.strip_suffix(" -->"))
        else {
            continue;
        };
        let (command, name) = command.split_once(" --svg ").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let drawn = folder.path().join("drawn.svg");
        assert_eq!(printed(&format!("{command} --svg {}", drawn.display())), "");
        let drawn = std::fs::read_to_string(drawn).unwrap();
        let kept: PathBuf = [env!("CARGO_MANIFEST_DIR"), name].iter().collect();
        if update {
            std::fs::write(kept, drawn).unwrap();
        } else {
            assert!(
                std::fs::read_to_string(kept).unwrap() == drawn,
                "{name} is stale; see the head of this test"
            );
        }
        assert!(readme.matches(name).count() > 1, "{name} is shown nowhere");
        pictures += 1;
    }
    assert!(pictures >= 2, "a README begins with a picture");
}

/// Blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(path()).unwrap();
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_configuration_shown_is_right() {
    let shown = blocks("toml");
    let config = shown.iter().find(|block| block.contains("[[people]]")).unwrap();
    let read = cloutop::config::Config::parse(config).unwrap();
    assert_eq!(read.people[0].channels.len(), 5);
    let alerts = shown.iter().find(|block| block.contains("[alerts]")).unwrap();
    let read = cloutop::config::Config::parse(alerts).unwrap();
    assert_eq!((read.alerts.rules.len(), read.alerts.to.len()), (2, 2));
}

/// The words of a command, quoted ones as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// Every command that is shown has a name and flags that the program knows.
#[test]
fn the_commands_shown_exist() {
    let mut checked = 0;
    for block in blocks("sh") {
        for line in block.lines().filter_map(|line| line.strip_prefix("cloutop")) {
            let line = line.split('#').next().unwrap();
            let output =
                Command::new(env!("CARGO_BIN_EXE_cloutop")).args(words(line)).arg("--help").output().unwrap();
            assert!(output.status.success(), "cloutop{line}: {}", String::from_utf8_lossy(&output.stderr));
            checked += 1;
        }
    }
    assert!(checked >= 8);
}
