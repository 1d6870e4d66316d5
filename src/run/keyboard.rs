//! Keys as the screen knows them, whatever the terminal sends.

use crate::keys::Key;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// An answer to a question is at most so long.
const LONGEST: usize = 80;

/// Tells keys from late answers of the terminal: what it says of its background after we have stopped waiting arrives
/// letter by letter, as if somebody had typed it.
#[derive(Debug, Default)]
pub(super) struct Keyboard {
    /// Letters left of an answer that is being told.
    answer: Option<usize>,
}

impl Keyboard {
    /// The key of an event, if it is one.
    pub(super) fn key(&mut self, event: KeyEvent) -> Option<Key> {
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        // `ESC ]` begins an answer; `ESC \\` or BEL ends it.
        if alt && event.code == KeyCode::Char(']') {
            self.answer = Some(LONGEST);
            return None;
        }
        if let Some(left) = self.answer {
            let ends = alt && event.code == KeyCode::Char('\\')
                || event.modifiers.contains(KeyModifiers::CONTROL) && event.code == KeyCode::Char('g');
            let part = matches!(
                event.code,
                KeyCode::Char('0'..='9' | 'a'..='f' | 'A'..='F' | ';' | ':' | '/' | 'r' | 'g')
            );
            self.answer = left.checked_sub(1).filter(|_| !ends && part);
            if ends || part {
                return None;
            }
        }
        key(event)
    }
}

/// A key press as the screen knows it. Releases, which some terminals send, are no presses.
fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    // Terminals, tmux and desktops take these for themselves; none of ours is one.
    if event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META) {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char(c) if control => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::F(1) => Key::F1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keyboard: &mut Keyboard, keys: &[(char, KeyModifiers)]) -> String {
        let keys = keys.iter().filter_map(|(c, how)| keyboard.key(KeyEvent::new(KeyCode::Char(*c), *how)));
        keys.map(Key::label).collect()
    }

    #[test]
    fn a_late_answer_types_nothing() {
        let mut keyboard = Keyboard::default();
        let mut keys = vec![('j', KeyModifiers::NONE), (']', KeyModifiers::ALT)];
        keys.extend("11;rgb:1e1e/1e1e/2e2e".chars().map(|c| (c, KeyModifiers::NONE)));
        keys.extend([('\\', KeyModifiers::ALT), ('b', KeyModifiers::NONE)]);
        assert_eq!(typed(&mut keyboard, &keys), "jb");
    }

    #[test]
    fn what_is_no_answer_is_typed() {
        let mut keyboard = Keyboard::default();
        let keys = [(']', KeyModifiers::ALT), ('j', KeyModifiers::NONE), ('b', KeyModifiers::NONE)];
        assert_eq!(typed(&mut keyboard, &keys), "jb");
        assert_eq!(typed(&mut keyboard, &[('x', KeyModifiers::ALT)]), "", "no key of ours has Alt");
    }
}
