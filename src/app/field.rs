//! A line that is being typed.

use crate::keys::Key;
use crate::text;
use unicode_segmentation::UnicodeSegmentation;

/// Characters that are taken.
const LONGEST: usize = 400;

/// The sign of the place at which is typed.
const CURSOR: char = '▏';

/// Text and the place in it at which is typed, which is never within a letter and its marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextField {
    text: String,
    /// In bytes.
    at: usize,
}

impl TextField {
    /// A field with a text in it, to be gone on with at its end.
    pub fn new(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes a key; `false` if it is none for a line of text.
    pub fn press(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => self.insert(c),
            Key::Backspace => {
                let before = self.before().grapheme_indices(true).next_back().map(|(at, _)| at);
                if let Some(at) = before {
                    self.text.replace_range(at..self.at, "");
                    self.at = at;
                }
            }
            Key::Ctrl('u') => *self = Self::default(),
            Key::Left => {
                self.at = self.before().grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
            }
            Key::Right => self.at += self.after().graphemes(true).next().map_or(0, str::len),
            Key::Home => self.at = 0,
            Key::End => self.at = self.text.len(),
            _ => return false,
        }
        true
    }

    /// Puts in a text, as one line of clean words.
    pub fn paste(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let clean: String = text::clean_within(text, LONGEST + 1).chars().take(room).collect();
        self.put(&clean);
    }

    fn insert(&mut self, c: char) {
        if self.text.chars().count() >= LONGEST {
            return;
        }
        if c == ' ' {
            return self.put(" ");
        }
        let alone = text::clean(c.encode_utf8(&mut [0; 4]));
        if !alone.is_empty() {
            return self.put(&alone);
        }
        // A mark needs its letter, which has few of them.
        let letter = self.before().graphemes(true).next_back().unwrap_or_default().to_owned();
        let marked = text::clean(&format!("{letter}{c}"));
        if letter.trim() == letter && marked.ends_with(c) && marked.len() > letter.len() {
            self.put(c.encode_utf8(&mut [0; 4]));
        }
    }

    fn put(&mut self, text: &str) {
        self.text.insert_str(self.at, text);
        self.at += text.len();
        // What was put in may have become one with what stands behind it.
        let ends = self.text.grapheme_indices(true).map(|(at, letter)| at + letter.len());
        self.at = ends.into_iter().find(|end| *end >= self.at).unwrap_or(self.text.len());
    }

    fn before(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The part around the place of typing that fits into so many columns, with a sign at that place. What is left
    /// out on either side is `…`.
    pub fn shown(&self, columns: usize) -> String {
        if text::width(&self.text) < columns {
            return format!("{}{CURSOR}{}", self.before(), self.after());
        }
        // What was typed last is seen before what stands behind it.
        let ahead = self.after().graphemes(true).next().map_or(0, |next| text::width(next) + 1);
        let room = columns.saturating_sub(1 + ahead);
        let mut begin = self.at;
        let mut used = 0;
        for (at, letter) in self.before().grapheme_indices(true).rev() {
            let cut = usize::from(at > 0);
            if used + text::width(letter) + cut > room {
                break;
            }
            used += text::width(letter);
            begin = at;
        }
        let head = if begin > 0 && room > 0 { "…" } else { "" };
        let shown = self.text.get(begin..self.at).unwrap_or_default();
        let left = columns.saturating_sub(text::width(head) + used + 1);
        format!("{head}{shown}{CURSOR}{}", text::cut(self.after(), left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(field: &mut TextField, text: &str) {
        for c in text.chars() {
            field.press(Key::Char(c));
        }
    }

    #[test]
    fn it_is_edited_by_letters_as_people_see_them() {
        let mut field = TextField::default();
        typed(&mut field, "a林e\u{301}b");
        assert_eq!(field.text(), "a林e\u{301}b");
        field.press(Key::Left);
        field.press(Key::Backspace);
        assert_eq!((field.text(), field.shown(20)), ("a林b", "a林▏b".to_owned()), "the letter with its mark");
        field.press(Key::Left);
        typed(&mut field, "x");
        assert_eq!(field.shown(20), "ax▏林b");
        field.press(Key::Right);
        field.press(Key::Backspace);
        assert_eq!(field.shown(20), "ax▏b");
        field.press(Key::Home);
        field.press(Key::Backspace);
        field.press(Key::Left);
        assert_eq!(field.shown(20), "▏axb");
        field.press(Key::End);
        field.press(Key::Right);
        assert_eq!(field.shown(20), "axb▏");
        field.press(Key::Ctrl('u'));
        assert_eq!(field, TextField::default());
        assert!(!field.press(Key::Enter) && !field.press(Key::Up));
    }

    #[test]
    fn marks_stay_with_their_letter_and_are_few() {
        let mut field = TextField::new("b");
        field.press(Key::Home);
        typed(&mut field, "\u{301}");
        assert_eq!(field.text(), "b", "a mark without a letter");
        typed(&mut field, " \u{301}");
        assert_eq!(field.text(), " b");
        typed(&mut field, "e\u{301}\u{302}\u{303}\u{304}");
        assert_eq!(field.text(), " e\u{301}\u{302}b");
        assert_eq!(field.shown(9), " e\u{301}\u{302}▏b");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_not_taken() {
        let mut field = TextField::default();
        typed(&mut field, "a\u{1b}\u{7}\u{202e}\u{200b}b");
        field.paste(" \u{1b}[31mred\u{1b}[0m\n\tand  \u{1b}]0;title\u{7}blue ");
        assert_eq!(field.text(), "abred and blue");
        field.paste(&"x".repeat(1_000));
        typed(&mut field, "yz");
        assert_eq!(field.text().chars().count(), LONGEST);
        assert!(field.text().ends_with('x'));
    }

    #[test]
    fn the_place_of_typing_is_always_seen() {
        let mut field = TextField::new("one 林檎 two e\u{301}\u{302} three");
        let steps = field.text().graphemes(true).count();
        for columns in 0..30 {
            field.press(Key::End);
            for _ in 0..=steps {
                let shown = field.shown(columns);
                assert!(text::width(&shown) <= columns.max(1), "{columns}: {shown}");
                assert!(shown.contains(CURSOR), "{columns}: {shown}");
                field.press(Key::Left);
            }
        }
        field.press(Key::End);
        assert_eq!(field.shown(8), "… three▏");
        field.press(Key::Home);
        assert_eq!(field.shown(8), "▏one 林…");
    }
}
