use crate::channels::BadAddress;
use crate::config::{BadKeys, ConfigError};
use crate::model::Trouble;
use crate::score::BadConstants;
use crate::store::StoreError;
use std::io::Write;
use std::process::ExitCode;

/// Why a command ended without having done what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub code: u8,
    /// What happened and what to do; nothing when everything has been said already.
    pub message: String,
}

/// Every code a command ends with, and what it means.
pub(super) const CODES: [(u8, &str); 14] = [
    (0, "done"),
    (1, "unexpected failure"),
    (2, "wrong usage or configuration"),
    (3, "unknown person or channel"),
    (4, "some channels failed"),
    (5, "nothing could be fetched"),
    (6, "rate limited"),
    (7, "a key is needed or refused"),
    (8, "the data folder is in use"),
    (9, "the store is damaged or newer"),
    (10, "what `check` asks is not so"),
    (129, "the terminal went away"),
    (130, "interrupted"),
    (143, "told to end"),
];

/// The codes in one sentence.
pub(super) fn codes() -> String {
    let codes: Vec<String> = CODES.iter().map(|(code, what)| format!("{code} {what}")).collect();
    format!("Exit codes: {}.", codes.join(", "))
}

/// When several codes apply, the first of these wins.
const ORDER: [u8; 9] = [2, 3, 9, 8, 7, 6, 5, 4, 1];

impl Failure {
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(2, message)
    }

    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(3, message)
    }

    /// The code that wins among several, 0 when there is none.
    pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
        let codes: Vec<u8> = codes.into_iter().collect();
        ORDER.into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }

    pub fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            note(&format!("cloutop: {}", self.message));
        }
        ExitCode::from(self.code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(2, error.to_string())
    }
}

impl From<BadKeys> for Failure {
    fn from(error: BadKeys) -> Self {
        Self::new(2, error.to_string())
    }
}

impl From<BadConstants> for Failure {
    fn from(error: BadConstants) -> Self {
        Self::new(2, error.to_string())
    }
}

impl From<BadAddress> for Failure {
    fn from(error: BadAddress) -> Self {
        Self::new(2, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Locked { .. } => 8,
            StoreError::Newer { .. } | StoreError::Older { .. } | StoreError::Damaged { .. } => 9,
            StoreError::Missing(_) => 5,
            StoreError::Io { .. } | StoreError::Sqlite(_) => 1,
        };
        let hint = match &error {
            StoreError::Locked { .. } => "; leave it running, or end it and try again",
            StoreError::Newer { .. } => "; use the newer cloutop, or another --data-dir",
            StoreError::Missing(_) => "; run: cloutop poll --once",
            _ => "",
        };
        Self::new(code, format!("{error}{hint}"))
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let code = match &trouble {
            Trouble::RateLimited { .. } | Trouble::Budget { .. } => 6,
            Trouble::Unauthorized | Trouble::KeyNeeded => 7,
            Trouble::NotFound
            | Trouble::Deleted
            | Trouble::Suspended
            | Trouble::Deactivated
            | Trouble::Private => 3,
            _ => 5,
        };
        Self::new(code, trouble.to_string())
    }
}

/// Writes data to stdout. A reader that has gone away is no failure.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::new(0, "")),
        Err(error) => Err(Failure::new(1, format!("cannot write: {error}"))),
    }
}

/// Writes a value as one JSON document.
pub(super) fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(1, format!("cannot write JSON: {error}")))?;
    text.push('\n');
    say(&text)
}

/// Whether nobody reads the data any more. A pipe says so only when it is written to, or asked.
#[cfg(unix)]
pub(super) fn reader_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = std::io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

#[cfg(not(unix))]
pub(super) fn reader_gone() -> bool {
    false
}

/// Tells something beside the data. Nobody may be there to hear it.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_code_of_the_order_wins() {
        assert_eq!(Failure::worst([4, 7, 6]), 7);
        assert_eq!(Failure::worst([1, 4]), 4);
        assert_eq!(Failure::worst([0, 0]), 0);
    }
}
