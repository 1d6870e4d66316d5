//! What can be asked, word by word.

use super::spoken;
use crate::app::App;
use crate::channels;
use crate::model::{ChannelId, ChannelSnapshot, PersonId, PersonSnapshot, Range};
use crate::text;

/// Most people that are compared at once.
const COMPARED: usize = 4;

/// Something that was asked, of people and channels that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Summary,
    Board,
    Person(PersonId),
    Why {
        person: PersonId,
        channel: Option<ChannelId>,
        range: Range,
    },
    Posts {
        person: PersonId,
        channel: ChannelId,
    },
    Compare(Vec<PersonId>),
    /// Everybody's where nobody is named.
    Bumps(Option<PersonId>),
    Rules,
    Range(Range),
    /// Which range it is.
    Ranges,
    /// Ask everybody now, or one person.
    Refresh(Option<PersonId>),
    /// Nothing, or the name of a command.
    Help(Option<&'static str>),
    Quit,
}

/// Name, how it is written, and what it tells.
const COMMANDS: [(&str, &str, &str); 10] = [
    ("board", "board", "everybody, one line each"),
    ("why", "why SYM [RANGE], or why SYM/CHANNEL [RANGE]", "what moved a score, and it adds up"),
    ("posts", "posts SYM/CHANNEL", "the posts of a channel, with what each is worth"),
    ("compare", "compare SYM SYM", "two to four people side by side"),
    ("bumps", "bumps [SYM]", "what stood out in 30 days; what is told is no longer new"),
    ("rules", "rules", "the rules, and how they are doing"),
    ("range", "range [RANGE]", "how far back changes look: 1h, 24h, 7d, 30d, 90d, 1y or all"),
    ("refresh", "refresh [SYM]", "ask the networks now, everybody's accounts or one person's"),
    ("help", "help [COMMAND]", "what can be asked"),
    ("quit", "quit or exit", "end"),
];

/// How each command is written, and what it tells.
pub fn questions() -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMANDS.iter().map(|(_, usage, help)| (*usage, *help))
}

/// Reads a line; what is wrong with it comes back as a sentence.
pub fn parse(app: &App, line: &str) -> Result<Command, String> {
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let Some((&name, rest)) = words.split_first() else { return Ok(Command::Summary) };
    let command = match (name, rest) {
        ("board", []) => Command::Board,
        ("why", [who]) => why(app, who, app.range)?,
        ("why", [who, range]) => why(app, who, self::range(range)?)?,
        ("posts", [who]) => posts(app, who)?,
        ("compare", people) if people.len() >= 2 => compare(app, people)?,
        ("bumps", []) => Command::Bumps(None),
        ("bumps", [who]) => Command::Bumps(Some(find(app, who)?.id)),
        ("rules", []) => Command::Rules,
        ("range", []) => Command::Ranges,
        ("range", [range]) => Command::Range(self::range(range)?),
        ("refresh", []) => Command::Refresh(None),
        ("refresh", [who]) => Command::Refresh(Some(find(app, who)?.id)),
        ("help", []) => Command::Help(None),
        ("help", [about]) => Command::Help(Some(known(about).ok_or_else(|| unknown(app, about))?)),
        ("quit" | "exit", []) => Command::Quit,
        (name, _) => match (known(name), named(app, name)) {
            (Some(name), _) => return Err(usage(name)),
            (None, Some(person)) if rest.is_empty() => Command::Person(person.id),
            (None, Some(person)) => {
                let name = spoken(&person.symbol);
                return Err(format!(
                    "{name} stands alone, or behind a command, as in: why {}.",
                    person.symbol
                ));
            }
            (None, None) => return Err(unknown(app, name)),
        },
    };
    Ok(command)
}

fn known(name: &str) -> Option<&'static str> {
    let name = if name == "exit" { "quit" } else { name };
    COMMANDS.iter().map(|(known, ..)| *known).find(|known| *known == name)
}

pub(super) fn usage(name: &str) -> String {
    let command = COMMANDS.iter().find(|(known, ..)| *known == name);
    command.map(|(_, usage, help)| format!("Write {usage}: {help}.")).unwrap_or_default()
}

/// Somebody by symbol; `you` and `me` are the user, whatever the symbol.
fn named<'a>(app: &'a App, word: &str) -> Option<&'a PersonSnapshot> {
    let by_symbol = app.people.iter().find(|person| person.symbol.eq_ignore_ascii_case(word));
    let mine = || app.people.iter().find(|person| person.mine).filter(|_| matches!(word, "you" | "me"));
    by_symbol.or_else(mine)
}

fn find<'a>(app: &'a App, word: &str) -> Result<&'a PersonSnapshot, String> {
    named(app, word).ok_or_else(|| {
        let symbols: Vec<String> = app.people.iter().map(|person| person.symbol.to_lowercase()).collect();
        let near = near(word, symbols.iter().map(String::as_str));
        let hint = near.map_or_else(
            || format!("On it: {}.", symbols.join(", ")),
            |near| format!("Did you mean {near}?"),
        );
        format!("{} is not on the board. {hint}", word.to_uppercase())
    })
}

fn unknown(app: &App, word: &str) -> String {
    let symbols: Vec<String> = app.people.iter().map(|person| person.symbol.to_lowercase()).collect();
    let names = COMMANDS.iter().map(|(name, ..)| *name);
    match near(word, names.chain(symbols.iter().map(String::as_str))) {
        Some(near) => format!("There is no command {word}. Did you mean {near}?"),
        None => format!("There is no command {word}. Type help for commands."),
    }
}

/// What a word begins, or else is a slip of.
fn near<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    known.clone().find(|name| name.starts_with(word)).or_else(|| text::nearest(word, known))
}

fn range(word: &str) -> Result<Range, String> {
    Range::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Range::ALL.iter().map(|range| range.word()).collect();
        format!("There is no range {word}. There are {}.", words.join(", "))
    })
}

fn channel<'a>(person: &'a PersonSnapshot, word: &str) -> Result<&'a ChannelSnapshot, String> {
    let names =
        |slot: &str| word == slot || channels::network(word).is_some_and(|network| network.id() == slot);
    person.channels.iter().find(|channel| names(&channel.slot)).ok_or_else(|| {
        let slots: Vec<&str> = person.channels.iter().map(|channel| channel.slot.as_str()).collect();
        let name = spoken(&person.symbol);
        format!("There is no channel {word} for {name}. Channels: {}.", slots.join(", "))
    })
}

fn why(app: &App, word: &str, range: Range) -> Result<Command, String> {
    let (symbol, slot) = word.split_once('/').map_or((word, None), |(symbol, slot)| (symbol, Some(slot)));
    let person = find(app, symbol)?;
    let channel = slot.map(|slot| channel(person, slot)).transpose()?.map(|channel| channel.id);
    Ok(Command::Why { person: person.id, channel, range })
}

fn posts(app: &App, word: &str) -> Result<Command, String> {
    let (symbol, slot) = word.split_once('/').map_or((word, None), |(symbol, slot)| (symbol, Some(slot)));
    let person = find(app, symbol)?;
    let found = match (slot, person.channels.as_slice()) {
        (Some(slot), _) => channel(person, slot)?,
        (None, [only]) => only,
        (None, several) => {
            let ways: Vec<String> =
                several.iter().map(|channel| format!("posts {symbol}/{}", channel.slot)).collect();
            return Err(format!("Which channel? Write {}.", ways.join(", or ")));
        }
    };
    Ok(Command::Posts { person: person.id, channel: found.id })
}

fn compare(app: &App, words: &[&str]) -> Result<Command, String> {
    let mut people: Vec<PersonId> = Vec::new();
    for word in words {
        let person = find(app, word)?;
        if people.contains(&person.id) {
            return Err(format!("Name {} once only.", spoken(&person.symbol)));
        }
        people.push(person.id);
    }
    if people.len() > COMPARED {
        return Err(format!("At most {COMPARED} people are compared."));
    }
    Ok(Command::Compare(people))
}
