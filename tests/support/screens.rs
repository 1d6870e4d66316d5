#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every test binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! Screens of the demo at a fixed time, without a terminal.

use chrono::TimeDelta;
use cloutop::app::{App, Mode, Zone};
use cloutop::demo::World;
use cloutop::keys::Key;
use cloutop::model::Time;
use cloutop::pipeline::{Pipeline, Wanted};
use cloutop::run::{self, frame_text, live_through_past};
use cloutop::score::Constants;
use cloutop::store::Database;
use cloutop::ui::{Theme, Token};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::sync::{LazyLock, Mutex};

pub fn now() -> Time {
    "2026-03-03T14:32:07Z".parse().unwrap()
}

/// The demo with its past, lived through once for all frames.
static DEMO: LazyLock<Mutex<Pipeline>> = LazyLock::new(|| {
    let world = World::new(1, now());
    let people = world.people().iter().map(Wanted::from).collect();
    let database = Database::in_memory().unwrap();
    let began = now() - TimeDelta::days(365);
    let mut pipeline = Pipeline::open(database, Constants::reference(), people, began).unwrap();
    live_through_past(&world, &mut pipeline, &mut |_, _, _, _| true).unwrap();
    Mutex::new(pipeline)
});

pub fn app(size: (u16, u16)) -> App {
    let mut app = App::new(size, now());
    app.zone = Zone::Utc;
    app.mode = Mode::Demo;
    app.flashing = false;
    "m1".clone_into(&mut app.model);
    app
}

/// The screen after some keys.
pub fn press(app: App, keys: &str) -> App {
    let keys: Vec<Key> = keys.split_whitespace().map(|name| Key::from_name(name).unwrap()).collect();
    let world = World::new(1, now());
    // A test that failed has broken nothing here.
    let mut demo = DEMO.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    run::press(app, &mut demo, Some(&world), now(), &keys).unwrap()
}

pub fn draw(app: &App) -> Buffer {
    run::frame(app)
}

/// What a screen shows, as text.
pub fn shown(app: &App) -> String {
    frame_text(&draw(app))
}

pub fn frame(size: (u16, u16), keys: &str) -> String {
    shown(&press(app(size), keys))
}

/// The colours of a theme by letters; what two tokens share has the letter of the first.
const LETTERS: [(Token, char); 9] = [
    (Token::Up, 'u'),
    (Token::Down, 'd'),
    (Token::Accent, 'a'),
    (Token::Muted, 'm'),
    (Token::Warn, 'w'),
    (Token::Series(0), 'a'),
    (Token::Series(1), '1'),
    (Token::Series(2), '2'),
    (Token::Series(3), '3'),
];

/// What every cell is coloured as, a line a row: a letter for the colour, a capital where it is in reverse; `B` is bold
/// and `#` reversed without a colour.
pub fn letters(app: &App) -> String {
    let theme = Theme::of(app.theme, app.up, app.ground, app.depth);
    let frame = draw(app);
    let mut out = String::new();
    for y in 0..frame.area.height {
        for x in 0..frame.area.width {
            let cell = &frame[(x, y)];
            assert_eq!(cell.bg, Color::Reset, "no cell paints the background");
            let known = LETTERS.iter().find(|(token, _)| theme.style(*token).fg == Some(cell.fg));
            let reversed = cell.modifier.contains(Modifier::REVERSED);
            out.push(match (cell.fg, known) {
                (Color::Reset, _) if reversed => '#',
                (Color::Reset, _) if cell.modifier.contains(Modifier::BOLD) => 'B',
                (Color::Reset, _) => '.',
                (_, Some((_, letter))) if reversed => letter.to_ascii_uppercase(),
                (_, Some((_, letter))) => *letter,
                (color, None) => panic!("{color:?} is no colour of the theme"),
            });
        }
        out.push('\n');
    }
    out
}
