use crate::filter::Truth;
use serde::{Deserialize, Serialize};

/// Where a `when` stands for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Crossing {
    /// Never seen true or false.
    #[default]
    New,
    /// False, and true for so many polls in a row since.
    Armed(u32),
    /// True, and false by a margin for so many polls in a row since.
    Firing(u32),
}

impl Crossing {
    /// One poll on; says whether it fires. `nearly` is the truth with thresholds moved by their margin. A poll
    /// of which nothing is known changes nothing.
    pub(super) fn step(self, truth: Truth, nearly: Truth, hold: u32) -> (Self, bool) {
        match (self, truth) {
            (Self::New | Self::Armed(_), Truth::Unknown) => (self, false),
            // What is so when it is first seen has not become so.
            (Self::New, Truth::True) => (Self::Firing(0), false),
            (Self::New | Self::Armed(_), Truth::False) => (Self::Armed(0), false),
            (Self::Armed(run), Truth::True) if run + 1 >= hold => (Self::Firing(0), true),
            (Self::Armed(run), Truth::True) => (Self::Armed(run + 1), false),
            (Self::Firing(run), _) => match nearly {
                Truth::Unknown => (self, false),
                Truth::True => (Self::Firing(0), false),
                Truth::False if run + 1 >= hold => (Self::Armed(0), false),
                Truth::False => (Self::Firing(run + 1), false),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: [usize; 0] = [];

    /// `.` false, `#` true, `-` between threshold and margin, `?` unknown. Returns the places at which it fires.
    fn fires(polls: &str, hold: u32) -> Vec<usize> {
        let mut crossing = Crossing::default();
        let mut fired = Vec::new();
        for (place, poll) in polls.chars().enumerate() {
            let (truth, nearly) = match poll {
                '#' => (Truth::True, Truth::True),
                '-' => (Truth::False, Truth::True),
                '.' => (Truth::False, Truth::False),
                _ => (Truth::Unknown, Truth::Unknown),
            };
            let (next, now) = crossing.step(truth, nearly, hold);
            crossing = next;
            if now {
                fired.push(place);
            }
        }
        fired
    }

    #[test]
    fn it_fires_once_per_crossing() {
        assert_eq!(fires("..##########", 2), [3]);
        assert_eq!(fires("..##..##", 2), [3, 7]);
        assert_eq!(fires(".#.#.#.#.", 2), NEVER, "never two polls in a row");
        assert_eq!(fires("..##.#.#.#.#.#", 2), [3], "never false for two polls in a row");
        assert_eq!(fires("..##------##--##", 2), [3], "never far enough away");
        assert_eq!(fires(".#.#", 1), [1, 3]);
        assert_eq!(fires("..####...###", 3), [4, 11]);
    }

    #[test]
    fn what_is_so_at_first_is_no_crossing() {
        assert_eq!(fires("####", 2), NEVER);
        assert_eq!(fires("####..##", 2), [7]);
        assert_eq!(fires("-##", 2), [2]);
    }

    #[test]
    fn not_knowing_changes_nothing() {
        assert_eq!(fires("?????.?#?#?", 2), [9]);
        assert_eq!(fires(".##.?.##", 2), [2, 7]);
    }
}
