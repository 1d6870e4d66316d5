use crate::app::{Depth, Ground};
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
    /// Digits that have just changed.
    Flash,
    /// Where nothing could be known.
    Gap,
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

/// Blue and orange, the pair that stays apart for every kind of colour blindness. Of the other tokens none has a hue
/// that one of the two could be taken for without its sign.
const CVD_DARK: Palette = Palette {
    up: Color::Rgb(0x56, 0xb4, 0xe9),
    down: Color::Rgb(0xe6, 0x9f, 0x00),
    accent: Color::Rgb(0xcc, 0x99, 0xff),
    warn: Color::Rgb(0xf0, 0xe4, 0x42),
    series: [
        Color::Rgb(0x56, 0xb4, 0xe9),
        Color::Rgb(0xe6, 0x9f, 0x00),
        Color::Rgb(0xf0, 0xe4, 0x42),
        Color::Rgb(0xcc, 0x99, 0xff),
    ],
    ..DARK
};

const CVD_LIGHT: Palette = Palette {
    up: Color::Rgb(0x00, 0x5a, 0x9c),
    down: Color::Rgb(0xa8, 0x53, 0x00),
    accent: Color::Rgb(0x5b, 0x2a, 0x86),
    warn: Color::Rgb(0x6b, 0x5b, 0x00),
    series: [
        Color::Rgb(0x00, 0x5a, 0x9c),
        Color::Rgb(0xa8, 0x53, 0x00),
        Color::Rgb(0x6b, 0x5b, 0x00),
        Color::Rgb(0x5b, 0x2a, 0x86),
    ],
    ..LIGHT
};

const TERMINAL: Palette = Palette {
    up: Color::Green,
    down: Color::Red,
    accent: Color::Blue,
    muted: Color::DarkGray,
    warn: Color::Yellow,
    series: [Color::Blue, Color::Green, Color::Yellow, Color::Magenta],
};

/// The sixteen colours for those to whom red and green are one.
const CVD_TERMINAL: Palette = Palette {
    up: Color::Blue,
    down: Color::Yellow,
    accent: Color::Magenta,
    warn: Color::Magenta,
    series: [Color::Blue, Color::Yellow, Color::Magenta, Color::Cyan],
    ..TERMINAL
};

impl Palette {
    fn map(self, turn: impl Fn(Color) -> Color) -> Self {
        Self {
            up: turn(self.up),
            down: turn(self.down),
            accent: turn(self.accent),
            muted: turn(self.muted),
            warn: turn(self.warn),
            series: self.series.map(turn),
        }
    }
}

/// The nearest of xterm's colours 16 to 255: a cube of six steps a side, and 24 greys.
fn indexed(color: Color) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let Color::Rgb(r, g, b) = color else { return color };
    let near = |part: u8| (0u8..6).min_by_key(|i| STEPS[usize::from(*i)].abs_diff(part)).unwrap_or(0);
    let away =
        |x: [u8; 3]| -> u32 { x.iter().zip([r, g, b]).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    let cube = [near(r), near(g), near(b)];
    let grey = (0u8..24).min_by_key(|i| away([8 + 10 * i; 3])).unwrap_or(0);
    let in_cube = away(cube.map(|i| STEPS[usize::from(i)]));
    if away([8 + 10 * grey; 3]) < in_cube {
        Color::Indexed(232 + grey)
    } else {
        Color::Indexed(16 + 36 * cube[0] + 6 * cube[1] + cube[2])
    }
}

impl Theme {
    pub fn of(theme: config::Theme, up: config::Up, ground: Ground, depth: Depth) -> Self {
        use config::Theme as Wanted;
        let full = match (theme, ground) {
            (Wanted::Mono, _) => None,
            (Wanted::Terminal, _) => Some(TERMINAL),
            (Wanted::Dark, _) | (Wanted::Auto, Ground::Dark) => Some(DARK),
            (Wanted::Light, _) | (Wanted::Auto, Ground::Light) => Some(LIGHT),
            (Wanted::CvdDark, _) | (Wanted::Cvd, Ground::Dark) => Some(CVD_DARK),
            (Wanted::CvdLight, _) | (Wanted::Cvd, Ground::Light) => Some(CVD_LIGHT),
        };
        let safe = matches!(theme, Wanted::Cvd | Wanted::CvdDark | Wanted::CvdLight);
        let palette = full.and_then(|palette| match depth {
            Depth::None => None,
            Depth::Sixteen => Some(if safe { CVD_TERMINAL } else { TERMINAL }),
            Depth::Indexed => Some(palette.map(indexed)),
            Depth::True => Some(palette),
        });
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
                Token::Plain | Token::Title | Token::Selection | Token::Flash => Style::new(),
                Token::Up => Style::new().fg(palette.up),
                Token::Down => Style::new().fg(palette.down),
                Token::Accent => Style::new().fg(palette.accent),
                Token::Muted | Token::Border | Token::Held | Token::Gap => Style::new().fg(palette.muted),
                Token::Warn => Style::new().fg(palette.warn),
                Token::Series(place) => Style::new().fg(palette.series[place % palette.series.len()]),
            },
        };
        match token {
            Token::Title => style.add_modifier(Modifier::BOLD),
            // Reverse video needs no colour and is seen on every background.
            Token::Selection | Token::Flash => style.add_modifier(Modifier::REVERSED),
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

    const TOKENS: [Token; 9] = [
        Token::Plain,
        Token::Up,
        Token::Down,
        Token::Accent,
        Token::Muted,
        Token::Warn,
        Token::Selection,
        Token::Flash,
        Token::Series(2),
    ];

    fn dark(theme: config::Theme, up: config::Up, depth: Depth) -> Theme {
        Theme::of(theme, up, Ground::Dark, depth)
    }

    #[test]
    fn without_colours_no_token_has_one() {
        for (theme, depth) in [(config::Theme::Mono, Depth::True), (config::Theme::Dark, Depth::None)] {
            let theme = dark(theme, config::Up::Green, depth);
            for token in TOKENS {
                let style = theme.style(token);
                assert_eq!((style.fg, style.bg), (None, None), "{token:?}");
            }
        }
    }

    #[test]
    fn no_token_paints_the_background() {
        for (_, theme) in config::Theme::ALL {
            for ground in [Ground::Dark, Ground::Light] {
                for token in TOKENS {
                    assert_eq!(
                        Theme::of(theme, config::Up::Green, ground, Depth::True).style(token).bg,
                        None
                    );
                }
            }
        }
    }

    #[test]
    fn red_may_mean_up() {
        for (_, theme) in config::Theme::ALL.into_iter().filter(|(_, theme)| *theme != config::Theme::Mono) {
            let usual = dark(theme, config::Up::Green, Depth::True);
            let swapped = dark(theme, config::Up::Red, Depth::True);
            assert_eq!(usual.style(Token::Up), swapped.style(Token::Down));
            assert_eq!(usual.style(Token::Down), swapped.style(Token::Up));
        }
    }

    #[test]
    fn each_depth_has_only_its_colours() {
        for (_, theme) in config::Theme::ALL {
            for token in TOKENS {
                let color = |depth| dark(theme, config::Up::Green, depth).style(token).fg;
                assert!(!matches!(color(Depth::Indexed), Some(Color::Rgb(..))), "{token:?}");
                assert!(
                    !matches!(color(Depth::Sixteen), Some(Color::Rgb(..) | Color::Indexed(_))),
                    "{token:?}"
                );
            }
        }
        assert_eq!(indexed(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(indexed(Color::Rgb(8, 8, 8)), Color::Indexed(232));
        assert_eq!(indexed(Color::Rgb(0x2d, 0xd4, 0xa7)), Color::Indexed(43));
    }

    /// Contrast on their ground (WCAG 2.2, 1.4.3): every token that is text has 4.5 to 1 or more.
    #[test]
    fn every_colour_can_be_read_on_its_ground() {
        fn luminance(color: Color) -> f64 {
            let Color::Rgb(r, g, b) = color else { unreachable!("{color:?}") };
            let part = |part: u8| {
                let part = f64::from(part) / 255.0;
                if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
        }
        for (palette, ground) in [(DARK, 0.0), (CVD_DARK, 0.0), (LIGHT, 1.0), (CVD_LIGHT, 1.0)] {
            let colors = [palette.up, palette.down, palette.accent, palette.muted, palette.warn];
            for color in colors.into_iter().chain(palette.series) {
                let (a, b) = (luminance(color), ground);
                let contrast = (f64::max(a, b) + 0.05) / (f64::min(a, b) + 0.05);
                assert!(contrast >= 4.5, "{color:?} has {contrast:.1}");
            }
        }
    }
}
