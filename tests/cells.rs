#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! Single cells: their colours in every theme, and what is drawn where there is no room.

#[path = "support/screens.rs"]
mod screens;

use cloutop::app::{Depth, Ground};
use cloutop::config::{Theme, Up};
use cloutop::ui;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use screens::{app, draw, letters, press, shown};

const SIZES: [(u16, u16); 5] = [(120, 36), (80, 24), (40, 10), (20, 3), (80, 1)];

const SCREENS: [&str; 19] = [
    "",
    "/ d 2 4 < 0",
    "enter",
    "enter enter",
    "enter enter enter",
    "m down m down m down m c",
    "c space",
    "enter tab e x left left",
    "enter w",
    "enter enter m",
    "b",
    "b tab down",
    "b A down",
    ", down right",
    "?",
    "a",
    "a g i t h u b : n o o r h enter",
    "a g i t h u b : n o o r h enter enter",
    "d",
];

/// Dark and light give every cell the colour of the same meaning; every other palette draws the same characters.
#[test]
fn colour_only_repeats_what_is_said() {
    for size in SIZES {
        for keys in SCREENS {
            let mut app = press(app(size), keys);
            let (text, dark) = (shown(&app), letters(&app));
            app.ground = Ground::Light;
            assert_eq!((shown(&app), letters(&app)), (text.clone(), dark.clone()), "light {size:?} {keys}");
            for (_, theme) in Theme::ALL {
                for depth in [Depth::True, Depth::Indexed, Depth::Sixteen, Depth::None] {
                    (app.theme, app.depth) = (theme, depth);
                    assert_eq!(shown(&app), text, "{theme:?} {depth:?} {size:?} {keys}");
                    let frame = draw(&app);
                    let coloured =
                        frame.content().iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
                    let mono = theme == Theme::Mono || depth == Depth::None;
                    assert!(!(coloured && mono), "{theme:?} {depth:?} {size:?} {keys}");
                    let bold = |cell: &ratatui::buffer::Cell| cell.modifier - Modifier::BOLD;
                    (app.theme, app.depth) = (Theme::Dark, Depth::True);
                    let full = draw(&app);
                    for (plain, full) in frame.content().iter().zip(full.content()) {
                        assert_eq!(bold(plain), bold(full), "reverse is seen in every palette");
                    }
                }
            }
        }
    }
}

/// What rises and what falls have each other's colours where red is up, and nothing else changes.
#[test]
fn red_up_swaps_two_colours() {
    let mut app = press(app((120, 36)), "");
    let usual = letters(&app);
    let colours = draw(&app);
    app.up = Up::Red;
    assert_eq!(letters(&app), usual, "the meaning stays");
    let theme = |up| ui::Theme::of(Theme::Auto, up, Ground::Dark, Depth::True);
    let (up, down) = (
        theme(Up::Green).style(ui::Token::Up).fg.unwrap(),
        theme(Up::Green).style(ui::Token::Down).fg.unwrap(),
    );
    let swapped = draw(&app);
    let mut seen = 0;
    for (before, after) in colours.content().iter().zip(swapped.content()) {
        let expected = match before.fg {
            color if color == up => down,
            color if color == down => up,
            color => color,
        };
        assert_eq!(after.fg, expected);
        seen += usize::from(before.fg == up);
    }
    assert!(seen > 50, "{seen} cells rise");
}

/// Every part of every screen, made for a large pane, in next to no room: it draws inside, or not at all.
#[test]
fn every_part_fits_where_nothing_fits() {
    for (keys, panels) in [("", 5), ("enter", 4), ("enter enter", 4), ("c", 2)]
        .into_iter()
        .chain(SCREENS.into_iter().map(|keys| (keys, 1)))
    {
        for panel in 0..panels {
            let tabs = if keys == "c" { String::new() } else { "tab ".repeat(panel) };
            let expand = if panels > 1 { "e" } else { "" };
            for size in [(120, 36), (80, 24)] {
                let app = press(app(size), &format!("{keys} {tabs}{expand}"));
                for (width, height) in [(0, 0), (1, 1), (2, 2), (3, 3), (9, 2), (2, 9), (12, 4), (1, 30)] {
                    let whole = Rect::new(0, 0, 20, 40);
                    let area = Rect::new(4, 5, width, height);
                    let mut buffer = Buffer::filled(whole, ratatui::buffer::Cell::new("~"));
                    let spots = ui::render(&app, area, &mut buffer);
                    for place in whole.positions().filter(|place| !area.contains(*place)) {
                        assert_eq!(
                            buffer[place].symbol(),
                            "~",
                            "{keys} {tabs} {width}x{height} drew at {place}"
                        );
                    }
                    for spot in spots {
                        assert_eq!(
                            spot.area.intersection(area),
                            spot.area,
                            "{keys} {tabs} {width}x{height}: {spot:?}"
                        );
                    }
                }
            }
        }
    }
}
