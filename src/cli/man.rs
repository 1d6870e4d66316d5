//! The manual page and the table of keys: of the same tables that the program obeys.

use super::failure::{CODES, say_json};
use super::session::Session;
use super::{Cli, Failure, say};
use crate::keys::{BINDINGS, Binding, Group, Scope};
use crate::report;
use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

/// Files by what they hold; where they are on which system `doctor` tells.
const FILES: [(&str, &str); 5] = [
    ("~/.config/cloutop/config.toml", "The configuration: people, networks, hosts, screen, alerts."),
    ("~/.config/cloutop/keys.toml", "Keys of networks and of places for alerts, which nobody else may read."),
    ("~/.local/share/cloutop/cloutop.db", "The store: everything that was read, and what follows from it."),
    ("~/Library/Application Support/cloutop/", "All of these on macOS."),
    ("%APPDATA%\\cloutop\\", "All of these on Windows."),
];

/// Variables beside those that stand for an option.
const VARIABLES: [(&str, &str); 6] = [
    (
        "CLOUTOP_KEY_NAME",
        "The key of a network or of a place for alerts, instead of the one in keys.toml: CLOUTOP_KEY_GITHUB, \
         CLOUTOP_KEY_MASTODON_GTS_EXAMPLE.",
    ),
    ("CLOUTOP_LOG_LEVEL", "How much --log writes, as in cloutop=debug."),
    ("NO_COLOR", "Where it is not empty nothing is coloured."),
    ("COLORTERM", "truecolor or 24bit: the terminal has more than sixteen colours."),
    ("COLORFGBG", "Tells --theme auto whether the background is light."),
    ("TERM", "dumb: --plain where a screen was asked for, and no colours."),
];

/// The keys in force, as a table or as JSON.
pub(super) fn keys(session: &Session) -> Result<(), Failure> {
    let map = &session.config.keymap;
    if session.global.json { say_json(&report::keys(map)) } else { say(&report::keys_text(map)) }
}

/// cloutop(1), for the reader of manual pages.
pub(super) fn man() -> Result<(), Failure> {
    let page = page().map_err(|error| Failure::new(1, format!("cannot write the page: {error}")))?;
    say(&page)
}

fn page() -> std::io::Result<String> {
    let mut command = Cli::command();
    command.build();
    let man = Man::new(Cli::command().disable_help_subcommand(true));
    let mut head = Vec::new();
    man.render_name_section(&mut head)?;
    man.render_synopsis_section(&mut head)?;
    man.render_description_section(&mut head)?;
    man.render_options_section(&mut head)?;
    let mut rest = Roff::new();
    rest.control("SH", ["COMMANDS"]);
    rest.text([roman("Options above that are not about the screen are for commands, too.")]);
    commands(&mut rest, &command);
    keys_section(&mut rest);
    questions(&mut rest);
    section(&mut rest, "FILES", &FILES);
    rest.text([roman("The command "), bold("cloutop doctor"), roman(" tells where they are.")]);
    environment(&mut rest, &command);
    rest.control("SH", ["EXIT STATUS"]);
    for (code, what) in CODES {
        item(&mut rest, &code.to_string(), what);
    }
    let body = format!("{}{}", String::from_utf8_lossy(&head), rest.render());
    // What every part begins with is said once; without a date the title's other parts would move up.
    let preamble = Roff::new().render();
    let version = env!("CARGO_PKG_VERSION");
    let title = format!(".TH CLOUTOP 1 \"\" \"cloutop {version}\" \"User Commands\"\n");
    Ok(ascii(&format!("{preamble}{title}{}", body.replace(&preamble, ""))))
}

/// Signs by their names: how a page is encoded is told nowhere in it.
fn ascii(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for c in page.chars() {
        match c {
            '`' => out.push_str("\\(ga"),
            c if c.is_ascii() => out.push(c),
            c => out.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    out
}

fn item(page: &mut Roff, name: &str, what: &str) {
    page.control("TP", []).text([bold(name)]).text([roman(what)]);
}

fn section(page: &mut Roff, name: &str, items: &[(&str, &str)]) {
    page.control("SH", [name]);
    for (name, what) in items {
        item(page, name, what);
    }
    page.control("PP", []);
}

/// Every command with its synopsis, what it does and its own options.
fn commands(page: &mut Roff, parent: &Command) {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").lines().next().unwrap_or_default().to_owned();
        page.control("SS", [usage.as_str()]);
        page.text([roman(one_line(command.get_long_about().or_else(|| command.get_about())))]);
        let inherited =
            |arg: &&Arg| arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version");
        for arg in command.get_arguments().filter(|arg| !inherited(arg) && !arg.is_hide_set()) {
            page.control("TP", []).text(argument(arg)).text([roman(help(arg))]);
        }
        commands(page, command);
    }
}

fn one_line(words: Option<&clap::builder::StyledStr>) -> String {
    words.map(|words| words.to_string().split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

fn argument(arg: &Arg) -> Vec<Inline> {
    let values: Vec<String> =
        arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let values = if arg.get_action().takes_values() { values.join(" ") } else { String::new() };
    match arg.get_long() {
        Some(long) if values.is_empty() => vec![bold(format!("--{long}"))],
        Some(long) => vec![bold(format!("--{long}")), roman(" "), italic(values)],
        None => vec![italic(values)],
    }
}

fn help(arg: &Arg) -> String {
    let mut words = one_line(arg.get_long_help().or_else(|| arg.get_help()));
    let usual: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if arg.get_action().takes_values() && !usual.is_empty() {
        words.push_str(&format!(" [default: {}]", usual.join(" ")));
    }
    words.trim().to_owned()
}

fn keys_section(page: &mut Roff) {
    page.control("SH", ["KEYS"]);
    page.text([roman("On the screens that are named; ? shows those of the screen that is open.")]);
    for (name, group) in [("Move", Group::Move), ("Look", Group::Look), ("Do", Group::Do)] {
        page.control("SS", [name]);
        for binding in BINDINGS.iter().filter(|binding| binding.group == group) {
            let (names, what) = key(binding);
            item(page, &names, &what);
        }
    }
}

/// A row of the table: `up, k` and `row up (board, person)`.
fn key(binding: &Binding) -> (String, String) {
    let names: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
    let screens = report::screens(binding);
    let all = screens.len() == Scope::SCREENS.len();
    let screens = if all { "everywhere".to_owned() } else { screens.join(", ") };
    (names.join(", "), format!("{} ({screens})", binding.help))
}

/// What can be typed with `--plain`.
fn questions(page: &mut Roff) {
    page.control("SH", ["PLAIN MODE"]);
    page.text([
        roman("With "),
        bold("--plain"),
        roman(" what happens is told in sentences, and what is typed is answered; an empty line is a summary, a "),
        roman("symbol alone that person."),
    ]);
    for (usage, what) in report::plain::questions() {
        item(page, usage, what);
    }
}

/// The variables that stand for options, as the options tell them, and the others.
fn environment(page: &mut Roff, command: &Command) {
    let mut twins: Vec<(String, String)> = Vec::new();
    collect(command, &mut twins);
    let twins: Vec<(&str, &str)> = twins.iter().map(|(name, what)| (name.as_str(), what.as_str())).collect();
    section(page, "ENVIRONMENT", &[&twins[..], &VARIABLES].concat());
}

fn collect(command: &Command, twins: &mut Vec<(String, String)>) {
    for arg in command.get_arguments() {
        let (Some(name), Some(long)) = (arg.get_env(), arg.get_long()) else { continue };
        let name = name.to_string_lossy().into_owned();
        if twins.iter().all(|(known, _)| *known != name) {
            twins.push((name, format!("Stands for --{long}: {}", help(arg))));
        }
    }
    command.get_subcommands().for_each(|command| collect(command, twins));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_every_key_command_variable_and_code() {
        let page = page().unwrap();
        assert!(page.is_ascii());
        let plain = page.replace("\\-", "-").replace("\\(ga", "`").replace("\\*(Aq", "'");
        let plain = plain.replace("\\fB", "").replace("\\fI", "").replace("\\fR", "");
        for binding in BINDINGS {
            let (names, what) = key(binding);
            assert!(
                plain.contains(&format!(".TP\n{}\n{}\n", ascii(&names), ascii(&what))),
                "{names}: {what}"
            );
        }
        let mut twins = Vec::new();
        let mut command = Cli::command();
        command.build();
        collect(&command, &mut twins);
        assert!(twins.len() > 5, "{twins:?}");
        for (name, _) in twins {
            assert!(plain.contains(&format!("\n{name}\n")), "{name}");
        }
        for (name, _) in VARIABLES {
            assert!(plain.contains(name), "{name}");
        }
        for (code, what) in CODES {
            assert!(plain.contains(&format!("\n{code}\n{what}\n")), "{code}");
        }
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            assert!(plain.contains(&format!("cloutop {}", command.get_name())), "{command:?}");
        }
    }
}
