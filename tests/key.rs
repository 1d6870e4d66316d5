#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! `cloutop key`: keys kept, listed and taken away, and never shown.

use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const SECRET: &str = "pk_0123456789-not-to-be-seen";

const CONFIG: &str = "[[people]]\nsymbol = \"ADA\"\nchannels = [\"mastodon:@ada@gts.example\", \"github:adalind\"]\n\n\
                      [alerts.to.phone]\nntfy = \"https://ntfy.example\"\n";

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), CONFIG).unwrap();
        Self(folder)
    }

    fn keys(&self) -> PathBuf {
        self.0.path().join("keys.toml")
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.keys()).unwrap()
    }

    fn mode(&self) -> u32 {
        std::fs::metadata(self.keys()).unwrap().permissions().mode() & 0o777
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloutop"));
        command
            .args(arguments)
            .env_clear()
            .env("CLOUTOP_CONFIG", self.0.path().join("config.toml"))
            .env("CLOUTOP_DATA_DIR", self.0.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command with this on stdin. What it prints and says never holds a key.
    #[track_caller]
    fn ends(code: i32, mut command: Command, stdin: &[u8]) -> (String, String) {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // A command that refuses at once does not read.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(code), "{out}{err}");
        for told in [&out, &err] {
            assert!(!told.contains("not-to-be-seen"), "{told}");
        }
        (out, err)
    }

    #[track_caller]
    fn key(&self, code: i32, arguments: &[&str], stdin: &str) -> (String, String) {
        Self::ends(code, self.command(&[&["key"], arguments].concat()), stdin.as_bytes())
    }

    #[track_caller]
    fn list(&self, environment: &[(&str, &str)]) -> Vec<Value> {
        let mut command = self.command(&["key", "list", "--json"]);
        command.envs(environment.iter().copied());
        let list: Value = serde_json::from_str(&Self::ends(0, command, b"").0).unwrap();
        assert_eq!(list["schema"], "cloutop/key-list/1");
        list["keys"].as_array().unwrap().clone()
    }
}

#[test]
fn a_key_is_read_from_stdin_and_kept_for_its_owner_alone() {
    let home = Home::new();
    let (out, err) = home.key(0, &["set", "gh"], &format!("  {SECRET}\t\r\nsecond line\n"));
    assert!(out.starts_with("github is kept in ") && err.is_empty(), "{out}{err}");
    assert_eq!((home.file(), home.mode()), (format!("github = \"{SECRET}\"\n"), 0o600));
    home.key(0, &["set", "fedi@GTS.example"], SECRET);
    home.key(0, &["set", "Phone"], SECRET);
    assert_eq!(
        home.file(),
        format!("github = \"{SECRET}\"\n\"mastodon@gts.example\" = \"{SECRET}\"\nphone = \"{SECRET}\"\n")
    );
    let list = home.list(&[]);
    let told: Vec<_> =
        list.iter().map(|key| (key["name"].as_str().unwrap(), key["for"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("github", "GitHub"),
            ("mastodon@gts.example", "Mastodon on gts.example"),
            ("phone", "alerts to phone: the topic")
        ]
    );
    assert!(list.iter().all(|key| key["from"] == "file" && key["shadows"] == false), "{list:?}");
    let (out, _) = home.key(0, &["rm", "fedi@gts.example"], "");
    assert!(out.starts_with("mastodon@gts.example is no longer in "), "{out}");
    assert_eq!(home.file(), format!("github = \"{SECRET}\"\nphone = \"{SECRET}\"\n"));
    let (_, err) = home.key(2, &["rm", "fedi@gts.example"], "");
    assert!(err.contains("there is no key of mastodon@gts.example"), "{err}");
}

#[test]
fn what_is_no_key_is_refused() {
    let home = Home::new();
    for (arguments, stdin, why) in [
        (&["set", "github"][..], "", "no key in an empty line"),
        (&["set", "github"], "  \nsecond\n", "no key in an empty line"),
        (&["set", "github"], "a\u{1b}b", "control characters"),
        (&["set", "twitch"], SECRET, "written ID:SECRET, with a colon"),
        (&["set", "umami@stats.example"], ":not-to-be-seen", "written ID:SECRET, with a colon"),
        (&["set", "githb"], SECRET, "did you mean \"github\"?"),
        (&["set", "mastodon"], SECRET, "mastodon@SERVER"),
        (&["set", "hn"], SECRET, "read without a key"),
        (&["set", SECRET], SECRET, "no network and no place"),
        (&["rm", SECRET], "", "no network and no place"),
        (&["set", "github", SECRET], "", "never an argument"),
        (&["set", &format!("github={SECRET}")], "", "never an argument"),
        (&["rm", "github", SECRET], "", "never an argument"),
    ] {
        let (_, err) = home.key(2, arguments, stdin);
        assert!(err.contains(why), "{arguments:?}: {err}");
        assert!(!home.keys().exists(), "{arguments:?}");
    }
    let (_, err) = Home::ends(2, home.command(&["key", "set", "github"]), b"\xff\xfe not-to-be-seen");
    assert!(err.contains("is not text"), "{err}");
    let (_, err) = Home::ends(2, home.command(&["--demo", "key", "set", "github"]), SECRET.as_bytes());
    assert!(err.contains("the demo has no keys"), "{err}");
    assert!(!home.keys().exists());
}

#[test]
fn a_file_that_others_can_read_is_refused_and_says_what_to_type() {
    let home = Home::new();
    home.key(0, &["set", "github"], SECRET);
    let before = home.file();
    std::fs::set_permissions(home.keys(), std::fs::Permissions::from_mode(0o644)).unwrap();
    for arguments in [&["set", "github"][..], &["rm", "github"], &["list"]] {
        let (_, err) = home.key(2, arguments, "another");
        assert!(err.contains(&format!("chmod 600 {}", home.keys().display())), "{err}");
    }
    assert_eq!(home.file(), before);
}

#[test]
fn the_environment_is_told_where_it_goes_before_the_file() {
    let home = Home::new();
    let with = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("CLOUTOP_KEY_GITHUB", "env-not-to-be-seen");
        command
    };
    let (_, err) = Home::ends(2, with(&["key", "rm", "github"]), b"");
    assert!(err.contains("it is in CLOUTOP_KEY_GITHUB; unset that"), "{err}");
    let (_, err) = Home::ends(0, with(&["key", "set", "github"]), SECRET.as_bytes());
    assert!(err.contains("CLOUTOP_KEY_GITHUB is set, too, and goes before the file"), "{err}");
    let list = home.list(&[
        ("CLOUTOP_KEY_GITHUB", "env-not-to-be-seen"),
        ("CLOUTOP_KEY_MASTODON_GTS_EXAMPLE", "env-not-to-be-seen"),
        ("CLOUTOP_KEY_GITHBU", "env-not-to-be-seen"),
        ("CLOUTOP_KEY_PHONE", " "),
    ]);
    let told: Vec<_> = list
        .iter()
        .map(|key| {
            (key["name"].as_str().unwrap(), key["from"].as_str().unwrap(), key["shadows"].as_bool().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("GITHBU", "environment", false),
            ("github", "environment", true),
            ("mastodon@gts.example", "environment", false)
        ]
    );
    assert!(
        list[0]["for"].is_null() && list[0]["note"].as_str().unwrap().contains("did you mean"),
        "{list:?}"
    );
    let (out, _) = Home::ends(0, with(&["key", "list"]), b"");
    assert!(out.contains("github  environment  GitHub (the file has one, too, which is not used)"), "{out}");
    let (out, _) = Home::ends(0, with(&["doctor"]), b"");
    assert!(out.contains("key     github               environment  GitHub"), "{out}");
    assert!(out.contains("key     mastodon@gts.example none         Mastodon"), "{out}");
    let (_, err) = Home::ends(0, with(&["key", "rm", "github"]), b"");
    assert!(err.contains("CLOUTOP_KEY_GITHUB is still set"), "{err}");
}

#[test]
fn nothing_there_is_said() {
    let home = Home::new();
    let (out, _) = home.key(0, &["list"], "");
    assert!(out.starts_with("there are no keys"), "{out}");
}

/// A command on a terminal: what is typed, what the terminal shows, and how it ended.
fn on_a_terminal(home: &Path, typed: &str) -> (String, u32) {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let pty =
        native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cloutop"));
    command.args(["key", "set", "github"]);
    command.env_clear();
    command.env("CLOUTOP_CONFIG", home.join("config.toml"));
    command.env("CLOUTOP_DATA_DIR", home.join("data"));
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut reader = pty.master.try_clone_reader().unwrap();
    let mut writer = pty.master.take_writer().unwrap();
    let mut shown = Vec::new();
    let mut bytes = [0; 1_024];
    // What is typed before the question would be shown by the terminal itself.
    while !String::from_utf8_lossy(&shown).contains("not shown): ") {
        let n = reader.read(&mut bytes).unwrap();
        assert!(n > 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend(&bytes[..n]);
    }
    writer.write_all(typed.as_bytes()).unwrap();
    while let Ok(n @ 1..) = reader.read(&mut bytes) {
        shown.extend(&bytes[..n]);
    }
    (String::from_utf8_lossy(&shown).into_owned(), child.wait().unwrap().exit_code())
}

#[test]
fn a_terminal_asks_and_shows_nothing() {
    let home = Home::new();
    let (shown, code) = on_a_terminal(home.0.path(), &format!("wrong\u{15}{SECRET}xy\u{7f}\u{7f}\r"));
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("key for GitHub") && shown.contains("Personal access tokens"), "{shown}");
    assert!(!shown.contains("seen") && !shown.contains("wrong") && !shown.contains('*'), "{shown}");
    assert_eq!((home.file(), home.mode()), (format!("github = \"{SECRET}\"\n"), 0o600));
    let (shown, code) = on_a_terminal(home.0.path(), "other\u{3}");
    assert_eq!(code, 130, "{shown}");
    assert_eq!(home.file(), format!("github = \"{SECRET}\"\n"));
}
