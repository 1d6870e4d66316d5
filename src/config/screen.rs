use super::{Theme, Up};
use crate::model::Range;

/// `[screen]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a line of the file, and none depends on another")]
pub struct Screen {
    pub theme: Theme,
    pub up: Up,
    pub range: Range,
    pub color: Color,
    pub ascii: Ascii,
    /// Nothing moves or flashes by itself.
    pub reduce_motion: bool,
    pub mouse: bool,
    /// The terminal's title tells the score.
    pub title: bool,
    /// What stands between groups of three digits.
    pub thousands: char,
    /// What lines of charts are drawn with.
    pub marker: Marker,
    /// The line in which what happened runs by.
    pub tape: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            up: Up::default(),
            range: Range::default(),
            color: Color::default(),
            ascii: Ascii::default(),
            reduce_motion: false,
            mouse: true,
            title: true,
            thousands: ' ',
            marker: Marker::default(),
            tape: true,
        }
    }
}

impl Screen {
    pub(super) const THOUSANDS: [(&'static str, char); 3] = [(" ", ' '), (",", ','), (".", '.')];
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// As the terminal and `NO_COLOR` say.
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

/// Whether only characters of ASCII are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ascii {
    /// As the locale says.
    #[default]
    Auto,
    On,
    Off,
}

impl Ascii {
    pub const ALL: [(&'static str, Self); 3] = [("auto", Self::Auto), ("on", Self::On), ("off", Self::Off)];
}

/// What lines of charts are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marker {
    /// Fonts have them, and screen readers do not spell them.
    #[default]
    Dots,
    Braille,
}

impl Marker {
    pub const ALL: [(&'static str, Self); 2] = [("dots", Self::Dots), ("braille", Self::Braille)];
}
