use crate::app::Depth;
use crate::config;
use ratatui::style::{Color, Modifier, Style};

/// What a colour means. Screens name these, never colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Plain,
    Up,
    Down,
    Accent,
    Muted,
    Warn,
    Held,
    Title,
    Border,
    Selection,
    /// Lines of a comparison, by place.
    Series(usize),
}

/// Colours by meaning. Without colours every token is the terminal's own foreground: colour codes of any
/// kind would wipe bold and reverse on some terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    palette: Option<Palette>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Palette {
    up: Color,
    down: Color,
    accent: Color,
    muted: Color,
    warn: Color,
    series: [Color; 4],
}

const DARK: Palette = Palette {
    up: Color::Rgb(0x2d, 0xd4, 0xa7),
    down: Color::Rgb(0xff, 0x7a, 0x45),
    accent: Color::Rgb(0x7a, 0xb8, 0xff),
    muted: Color::Rgb(0x8a, 0x8f, 0x98),
    warn: Color::Rgb(0xff, 0xc8, 0x57),
    series: [
        Color::Rgb(0x7a, 0xb8, 0xff),
        Color::Rgb(0x2d, 0xd4, 0xa7),
        Color::Rgb(0xff, 0xc8, 0x57),
        Color::Rgb(0xe0, 0x8a, 0xe8),
    ],
};

const LIGHT: Palette = Palette {
    up: Color::Rgb(0x00, 0x70, 0x4f),
    down: Color::Rgb(0xb3, 0x3a, 0x00),
    accent: Color::Rgb(0x00, 0x4f, 0x9e),
    muted: Color::Rgb(0x60, 0x65, 0x6e),
    warn: Color::Rgb(0x8a, 0x5a, 0x00),
    series: [
        Color::Rgb(0x00, 0x4f, 0x9e),
        Color::Rgb(0x00, 0x70, 0x4f),
        Color::Rgb(0x8a, 0x5a, 0x00),
        Color::Rgb(0x86, 0x2b, 0x91),
    ],
};

const TERMINAL: Palette = Palette {
    up: Color::Green,
    down: Color::Red,
    accent: Color::Blue,
    muted: Color::DarkGray,
    warn: Color::Yellow,
    series: [Color::Blue, Color::Green, Color::Yellow, Color::Magenta],
};

impl Theme {
    pub fn of(theme: config::Theme, up: config::Up, depth: Depth) -> Self {
        let palette = match (theme, depth) {
            (config::Theme::Mono, _) | (_, Depth::None) => None,
            (config::Theme::Terminal, _) | (_, Depth::Sixteen) => Some(TERMINAL),
            (config::Theme::Light, Depth::True) => Some(LIGHT),
            (config::Theme::Auto | config::Theme::Dark, Depth::True) => Some(DARK),
        };
        let palette = palette.map(|palette| match up {
            config::Up::Green => palette,
            config::Up::Red => Palette { up: palette.down, down: palette.up, ..palette },
        });
        Self { palette }
    }

    pub fn style(&self, token: Token) -> Style {
        let style = match self.palette {
            None => Style::new(),
            Some(palette) => match token {
                Token::Plain | Token::Title | Token::Selection => Style::new(),
                Token::Up => Style::new().fg(palette.up),
                Token::Down => Style::new().fg(palette.down),
                Token::Accent => Style::new().fg(palette.accent),
                Token::Muted | Token::Border | Token::Held => Style::new().fg(palette.muted),
                Token::Warn => Style::new().fg(palette.warn),
                Token::Series(place) => Style::new().fg(palette.series[place % palette.series.len()]),
            },
        };
        match token {
            Token::Title => style.add_modifier(Modifier::BOLD),
            // Reverse video needs no colour and is seen on every background.
            Token::Selection => style.add_modifier(Modifier::REVERSED),
            Token::Up if self.palette.is_none() => style.add_modifier(Modifier::BOLD),
            _ => style,
        }
    }

    /// The colour of a change, by the decimals that are shown.
    pub fn change(&self, points: f64) -> Style {
        match crate::text::arrow(points) {
            "▲" => self.style(Token::Up),
            "▼" => self.style(Token::Down),
            _ => self.style(Token::Muted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_no_token_has_one() {
        for (theme, depth) in [(config::Theme::Mono, Depth::True), (config::Theme::Dark, Depth::None)] {
            let theme = Theme::of(theme, config::Up::Green, depth);
            for token in
                [Token::Plain, Token::Up, Token::Down, Token::Warn, Token::Selection, Token::Series(2)]
            {
                let style = theme.style(token);
                assert_eq!((style.fg, style.bg), (None, None), "{token:?}");
            }
        }
    }

    #[test]
    fn red_may_mean_up() {
        let usual = Theme::of(config::Theme::Dark, config::Up::Green, Depth::True);
        let swapped = Theme::of(config::Theme::Dark, config::Up::Red, Depth::True);
        assert_eq!(usual.style(Token::Up), swapped.style(Token::Down));
        assert_eq!(usual.style(Token::Down), swapped.style(Token::Up));
    }
}
