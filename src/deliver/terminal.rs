//! Notifications by the terminal: which bytes say it depends on what the terminal is.
//!
//! | terminal | means |
//! |---|---|
//! | most (foot, Ghostty, kitty, Konsole, urxvt, VTE, `WezTerm`) | OSC 777 |
//! | iTerm2 | OSC 9 |
//! | Alacritty, Apple Terminal, VS Code, Windows Terminal, Linux console, GNU Screen | the bell |
//! | any of these in tmux | the same, wrapped, and the bell; only the bell where tmux passes nothing on |
//!
//! Pure: the environment and the instant are arguments. Strangers' words are cleaned here once more, since
//! here they stand inside an escape sequence.

use super::Alert;
use crate::model::Time;
use crate::text;
use chrono::TimeDelta;

/// Columns of a notification's parts. Desktops show less.
const TITLE: usize = 100;
const BODY: usize = 200;

/// What the terminal understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    Osc777,
    Osc9,
    Bell,
}

/// What is known about the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    pub speech: Speech,
    /// In tmux: whether it passes on what is wrapped (`allow-passthrough`), if that is known.
    pub tmux: Option<Option<bool>>,
}

impl Terminal {
    /// One that can do nothing but ring.
    pub const NONE: Self = Self { speech: Speech::Bell, tmux: None };

    /// From the environment's variables; `passthrough` is tmux's option, where somebody has asked for it.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>, passthrough: Option<bool>) -> Self {
        let is = |name: &str, value: &str| get(name).is_some_and(|found| found == value);
        let has = |name: &str| get(name).is_some_and(|value| !value.is_empty());
        let term = get("TERM").unwrap_or_default();
        let tmux = has("TMUX");
        let plain = term == "linux"
            || term == "dumb"
            || term.is_empty()
            || term.starts_with("alacritty")
            || has("ALACRITTY_WINDOW_ID")
            || has("WT_SESSION")
            || is("TERM_PROGRAM", "Apple_Terminal")
            || is("TERM_PROGRAM", "vscode")
            // Screen has a wrapping of its own, and cuts it short. In tmux the name means nothing.
            || (!tmux && term.starts_with("screen"));
        let speech = if is("TERM_PROGRAM", "iTerm.app") || is("LC_TERMINAL", "iTerm2") {
            Speech::Osc9
        } else if plain {
            Speech::Bell
        } else {
            Speech::Osc777
        };
        Self { speech, tmux: tmux.then_some(passthrough) }
    }

    /// Whether a notification here cannot do without the bell.
    pub fn needs_bell(&self) -> bool {
        self.speech == Speech::Bell || self.tmux.is_some()
    }

    /// What to write for an alert; `bell` is whether it may ring. Empty where only a bell could say it and
    /// none may ring.
    pub fn notification(&self, alert: &Alert, bell: bool) -> Vec<u8> {
        let title = safe(&alert.title, TITLE);
        let body = safe(&alert.body.lines().collect::<Vec<_>>().join(" "), BODY);
        let speech = if self.tmux == Some(Some(false)) { Speech::Bell } else { self.speech };
        // Ended by ST rather than BEL: a terminal that does not know the sequence does not ring, either.
        let sequence = match speech {
            Speech::Osc777 => format!("\x1b]777;notify;{title};{body}\x1b\\"),
            Speech::Osc9 if body.is_empty() => format!("\x1b]9;{title}\x1b\\"),
            Speech::Osc9 => format!("\x1b]9;{title}: {body}\x1b\\"),
            Speech::Bell => String::new(),
        };
        let mut bytes = match self.tmux {
            Some(_) if !sequence.is_empty() => {
                format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")).into_bytes()
            }
            _ => sequence.into_bytes(),
        };
        if bell && self.needs_bell() {
            bytes.push(7);
        }
        bytes
    }
}

/// Nothing that ends a sequence or one of its fields.
fn safe(words: &str, columns: usize) -> String {
    text::cut(&text::clean(words).replace(';', ","), columns)
}

/// Never more than one bell in so long, whoever rings.
#[derive(Debug, Default)]
pub struct Bells {
    last: Option<Time>,
}

impl Bells {
    /// Ten seconds between two bells.
    pub const APART: TimeDelta = TimeDelta::seconds(10);

    /// Whether a bell may ring now; if so, it has.
    pub fn ring(&mut self, now: Time) -> bool {
        // A clock that was set back does not silence the bell for a day.
        let may = self.last.is_none_or(|last| (now - last).abs() >= Self::APART);
        if may {
            self.last = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;
    use proptest::prelude::*;

    fn terminal(variables: &[(&str, &str)], passthrough: Option<bool>) -> Terminal {
        let get = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Terminal::from_environment(get, passthrough)
    }

    #[test]
    fn terminals_are_told_apart() {
        let xterm = ("TERM", "xterm-256color");
        for (variables, speech) in [
            (vec![xterm], Speech::Osc777),
            (vec![("TERM", "foot")], Speech::Osc777),
            (vec![("TERM", "xterm-kitty")], Speech::Osc777),
            (vec![xterm, ("TERM_PROGRAM", "WezTerm")], Speech::Osc777),
            (vec![xterm, ("TERM_PROGRAM", "ghostty")], Speech::Osc777),
            (vec![xterm, ("TERM_PROGRAM", "iTerm.app")], Speech::Osc9),
            (vec![xterm, ("LC_TERMINAL", "iTerm2")], Speech::Osc9),
            (vec![xterm, ("TERM_PROGRAM", "Apple_Terminal")], Speech::Bell),
            (vec![xterm, ("TERM_PROGRAM", "vscode")], Speech::Bell),
            (vec![xterm, ("WT_SESSION", "c0ffee")], Speech::Bell),
            (vec![xterm, ("ALACRITTY_WINDOW_ID", "1")], Speech::Bell),
            (vec![("TERM", "alacritty")], Speech::Bell),
            (vec![("TERM", "linux")], Speech::Bell),
            (vec![("TERM", "screen-256color")], Speech::Bell),
            (vec![], Speech::Bell),
        ] {
            assert_eq!(terminal(&variables, None), Terminal { speech, tmux: None }, "{variables:?}");
        }
        let inside = [("TERM", "screen-256color"), ("TERM_PROGRAM", "tmux"), ("TMUX", "/tmp/tmux,1,0")];
        assert_eq!(
            terminal(&inside, Some(true)),
            Terminal { speech: Speech::Osc777, tmux: Some(Some(true)) }
        );
        assert_eq!(terminal(&inside, None).tmux, Some(None));
    }

    #[test]
    fn ten_seconds_lie_between_two_bells() {
        let mut bells = Bells::default();
        let rung = [0, 1, 9_999, 10_000, 10_001, 19_999, 20_000].map(|millis| bells.ring(time(millis)));
        assert_eq!(rung, [true, false, false, true, false, false, true]);
        assert!(bells.ring(time(-86_400_000)), "the clock was set back");
    }

    proptest! {
        /// Whatever stands in it: one sequence, whole, with its fields, and never more than one bell.
        #[test]
        fn hostile_words_stay_inside_the_sequence(title in "\\PC*|[\\x00-\\x{ff}]*", body in ".*|[\\x00-\\x{9f}]*") {
            let alert = Alert {
                key: String::new(), at: time(0), kind: "bump".to_owned(), symbol: None, title, body,
                url: None, points: None,
            };
            let terminal = Terminal { speech: Speech::Osc777, tmux: None };
            let bytes = terminal.notification(&alert, true);
            let text = String::from_utf8(bytes).unwrap();
            let inner = text.strip_prefix("\x1b]777;notify;").unwrap().strip_suffix("\x1b\\").unwrap();
            prop_assert!(!inner.chars().any(char::is_control));
            prop_assert_eq!(inner.matches(';').count(), 1);
            prop_assert!(text::width(inner) <= TITLE + BODY + 1);
        }
    }
}
