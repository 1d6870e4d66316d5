use super::session::{self, Session, runtime};
use super::{Cli, Failure, places, say};
use crate::app::{Abilities, App, Depth, Edited, File, Glyphs, Ground, Zone};
use crate::channels;
use crate::clock::Clock;
use crate::config::{self, Ascii, Config, Marker, NewPerson, Setting, Theme};
use crate::demo::{self, World};
use crate::http::{Fetch, Http};
use crate::keys::Key;
use crate::model::Time;
use crate::pipeline::Wanted;
use crate::poller::{Hosts, Poller, Settings};
use crate::run::{self, Places, ScreenError, Setup, frame_text};
use crate::store::Database;
use crate::ui;
use clap::CommandFactory;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

/// The screen, or one frame of it.
pub(super) fn screen(session: &Session, cli: &Cli) -> Result<(), Failure> {
    let (symbols, addresses) = sort_out(session, &cli.people)?;
    let now = session.now();
    if let Some(size) = cli.global.snapshot {
        let mut keys = Vec::new();
        for name in cli.global.keys.split_whitespace() {
            keys.push(
                Key::from_name(name).ok_or_else(|| Failure::usage(format!("\"{name}\" is not a key")))?,
            );
        }
        if let Some(address) = addresses.first() {
            return Err(Failure::usage(format!(
                "--snapshot draws what is known and asks nobody; {address} is not on the board"
            )));
        }
        let mut pipeline = session.read()?;
        pipeline.keep_only(|symbol| symbols.is_empty() || symbols.iter().any(|wanted| wanted == symbol));
        let mut app = app(session, size, now)?;
        // A picture has the theme's own colours, whatever this terminal could show.
        if cli.global.svg.is_some() && cli.global.color != Some(config::Color::Never) {
            app.depth = Depth::True;
        }
        let app = run::press(app, &mut pipeline, session.world().as_ref(), now, &keys)?;
        let frame = run::frame(&app);
        return match &cli.global.svg {
            None => say(&frame_text(&frame)),
            Some(path) => std::fs::write(path, run::svg(&frame, ground_of(&app), &ui::title(&app)))
                .map_err(|error| Failure::new(1, format!("cannot write {}: {error}", path.display()))),
        };
    }
    let plain = plain(session)?;
    let mut app = app(session, (80, 24), now)?;
    if !plain {
        let probed = run::probe();
        // Where signs are two columns wide, none is drawn unless the user says otherwise.
        if probed.wide && app.abilities.glyphs == Glyphs::Unicode {
            app.abilities.glyphs = Glyphs::Ascii;
            app.glyphs = app.abilities.glyphs(if session.global.ascii {
                Ascii::On
            } else {
                session.config.screen.ascii
            });
        }
        app.ground = probed.ground.unwrap_or(app.ground);
    }
    let runtime = runtime()?;
    let code = if let Some(world) = session.world() {
        runtime.block_on(show(of_the_demo(session, app, world, &symbols, addresses)?, plain))
    } else {
        let (lock, database) = session.open()?;
        let setup = of_the_user(session, app, database, &symbols, addresses, plain)?;
        let code = runtime.block_on(show(setup, plain));
        drop(lock);
        code
    };
    match code {
        Ok(0) => Ok(()),
        Ok(code) => Err(Failure::new(code, "")),
        Err(error) => Err(Failure::new(1, error.to_string())),
    }
}

/// Whether lines are wanted: by the user, or by a terminal that can do nothing else.
fn plain(session: &Session) -> Result<bool, Failure> {
    if session.global.plain {
        return Ok(true);
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "a screen needs a terminal; in scripts use: cloutop score, or cloutop --plain",
        ));
    }
    Ok(std::env::var_os("TERM").is_some_and(|term| term == "dumb"))
}

async fn show<F: Fetch>(setup: Setup<F>, plain: bool) -> Result<u8, ScreenError> {
    if plain { run::plain(setup).await } else { run::screen(setup).await }
}

/// The demo's people, with their past to be lived through.
fn of_the_demo(
    session: &Session,
    app: App,
    world: World,
    symbols: &[String],
    addresses: Vec<String>,
) -> Result<Setup<World>, Failure> {
    let clock = match session.global.now {
        Some(now) => Clock::Frozen(now),
        None => Clock::virtual_from(app.now, session.global.speed),
    };
    let settings = Settings::every(demo::INTERVAL);
    let poller = Poller { fetch: world.clone(), clock, settings, hosts: Hosts::default() };
    let mut pipeline = session.empty_demo_books(&world)?;
    pipeline.keep_only(|symbol| symbols.is_empty() || symbols.iter().any(|known| known == symbol));
    Ok(Setup {
        app,
        pipeline,
        poller: Some(Arc::new(poller)),
        push: None,
        past: Some(world),
        clock,
        addresses,
        allows_http: Arc::new(|_| false),
        save: Box::new(|person| Ok(joined(person))),
        remove: Box::new(|_| Ok(())),
        configure: configure(None),
        // What the demo's rules tell is for the screen alone.
        places: None,
    })
}

/// The configured people, or those of them that were named.
fn of_the_user(
    session: &Session,
    app: App,
    database: Database,
    symbols: &[String],
    addresses: Vec<String>,
    plain: bool,
) -> Result<Setup<Http>, Failure> {
    let now = app.now;
    let hosts = Hosts::new(database.rows().hosts()?);
    let wanted = session.wanted().into_iter().filter(|person| {
        // Named symbols are shown alone; named addresses, too.
        if symbols.is_empty() { addresses.is_empty() } else { symbols.contains(&person.symbol) }
    });
    let mut pipeline = session.books(database, wanted.collect(), now)?;
    pipeline.arm(session.config.alerts.clone(), session::wall, now)?;
    let poller = if session.global.offline { None } else { Some(Arc::new(session.poller(hosts)?)) };
    let push = if session.global.offline { None } else { Some(Box::new(session.push(pipeline.own())?)) };
    let allowed = session.config.allow_http.clone();
    Ok(Setup {
        app,
        pipeline,
        poller,
        push,
        past: None,
        clock: Clock::System,
        addresses,
        allows_http: Arc::new(move |host| allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))),
        save: save(session.paths.config.clone()),
        remove: remove(session.paths.config.clone()),
        configure: configure(Some(session.paths.config.clone())),
        places: Some(Places {
            all: places::places(session),
            // A bell is no word.
            terminal: (!plain).then(|| places::terminal(session)),
            allow_http: session.config.allow_http.clone(),
        }),
    })
}

/// Words on the command line are symbols of people on the board, or addresses to look at.
fn sort_out(session: &Session, words: &[String]) -> Result<(Vec<String>, Vec<String>), Failure> {
    let known = session.symbols();
    let (mut symbols, mut addresses) = (Vec::new(), Vec::new());
    for word in words {
        let symbol = word.to_uppercase();
        if known.contains(&symbol) {
            symbols.push(symbol);
        } else if let Err(bad) = channels::parse(word, &|host| session.config.allows_http(host)) {
            let near = Cli::command()
                .get_subcommands()
                .map(|command| command.get_name().to_owned())
                .find(|name| strsim::damerau_levenshtein(name, word) <= 2);
            return Err(match near {
                Some(name) => Failure::usage(format!("there is no command \"{word}\"; did you mean {name}?")),
                None => bad.into(),
            });
        } else {
            addresses.push(word.clone());
        }
    }
    Ok((symbols, addresses))
}

/// Writes new people into the configuration.
fn save(path: PathBuf) -> run::Save {
    Box::new(move |person| {
        let config = Config::load(&path).map_err(|error| error.to_string())?;
        // Somebody who is not shown just now.
        if config.people.iter().any(|known| known.symbol == person.symbol) {
            return Err(format!("{} is taken; nobody was added", person.symbol));
        }
        config::add(&path, person).map_err(|error| error.to_string())?;
        let config = Config::load(&path).map_err(|error| error.to_string())?;
        let known = config.people.iter().find(|known| known.symbol == person.symbol);
        Ok(known.map_or_else(|| joined(person), Wanted::from))
    })
}

/// Takes people out of the configuration. Who was only looked at does not stand in it.
fn remove(path: PathBuf) -> run::Remove {
    Box::new(move |symbol| config::remove(&path, symbol, None).map_err(|error| error.to_string()))
}

/// Changes the configuration; without a file of it, what is changed is kept until the end.
fn configure(path: Option<PathBuf>) -> run::Configure {
    let mut kept = String::new();
    Box::new(move |changes| {
        let text = if let Some(path) = &path {
            config::edit(path, changes).map_err(|error| error.to_string())?
        } else {
            let words = |wrong: Vec<config::Wrong>| {
                wrong.into_iter().map(|wrong| wrong.what).collect::<Vec<_>>().join("; ")
            };
            kept = config::edited(&kept, changes).map_err(words)?;
            kept.clone()
        };
        let config = Config::parse(&text).map_err(|mistakes| format!("{} mistakes", mistakes.len()))?;
        Ok(Edited { text, config })
    })
}

fn joined(person: &NewPerson) -> Wanted {
    Wanted {
        key: person.symbol.clone(),
        symbol: person.symbol.clone(),
        name: person.name.clone().unwrap_or_else(|| person.symbol.clone()),
        group: person.group.clone(),
        mine: person.mine,
        accounts: person.channels.clone(),
    }
}

/// An empty screen with the user's settings.
fn app(session: &Session, size: (u16, u16), now: Time) -> Result<App, Failure> {
    let global = &session.global;
    let screen = session.config.screen;
    let mut app = App::new(size, now);
    app.settings = screen;
    app.file = file(session);
    app.range = global.range.unwrap_or(screen.range);
    app.theme = screen.theme;
    app.up = screen.up;
    app.model.clone_from(&session.constants.model);
    app.do_not_disturb = session.config.alerts.do_not_disturb;
    app.notice = places::missing(session).into_iter().next();
    app.mode = run::mode(!global.offline, global.demo.is_some());
    if global.demo.is_some() {
        app.zone = Zone::Utc;
    }
    if let Some(name) = &global.theme {
        app.theme = Theme::from_word(name).ok_or_else(|| {
            let names = Theme::ALL.map(|(name, _)| name);
            Failure::usage(format!("\"{name}\" is no theme; there are {}", names.join(", ")))
        })?;
    }
    app.group.clone_from(&global.group);
    app.breaks = session.config.breaks;
    app.keymap = session.config.keymap.clone();
    app.ground = ground();
    app.abilities = Abilities {
        colors: (depth(false), depth(true)),
        glyphs: if is_utf8() { Glyphs::Unicode } else { Glyphs::Bytes },
    };
    app.depth = app.abilities.depth(global.color.unwrap_or(screen.color));
    app.glyphs = app.abilities.glyphs(if global.ascii { Ascii::On } else { screen.ascii });
    app.still = screen.reduce_motion || global.reduce_motion;
    // A clock that stands still would never end a flash.
    app.flashing = global.now.is_none();
    app.mouse = screen.mouse && !global.no_mouse;
    app.titled = screen.title;
    app.tape = screen.tape;
    app.thousands = screen.thousands;
    app.braille = screen.marker == Marker::Braille;
    Ok(app)
}

/// What the screen knows of the configuration's file.
fn file(session: &Session) -> File {
    let global = &session.global;
    let given = [
        (Setting::Theme, "--theme", global.theme.is_some()),
        (Setting::Range, "--range", global.range.is_some()),
        (Setting::Color, "--color", global.color.is_some()),
        (Setting::Ascii, "--ascii", global.ascii),
        (Setting::ReduceMotion, "--reduce-motion", global.reduce_motion),
        (Setting::Mouse, "--no-mouse", global.no_mouse),
    ];
    let demo = global.demo.is_some();
    File {
        path: session.paths.config.display().to_string(),
        // A file that is not there says nothing.
        text: if demo {
            String::new()
        } else {
            std::fs::read_to_string(&session.paths.config).unwrap_or_default()
        },
        sealed: demo.then_some("the demo writes nothing"),
        given: given.into_iter().filter(|(.., is)| *is).map(|(setting, flag, _)| (setting, flag)).collect(),
    }
}

/// The colours of the picture's paper: the theme's, where it has one of its own.
fn ground_of(app: &App) -> Ground {
    match app.theme {
        Theme::Light | Theme::CvdLight => Ground::Light,
        Theme::Dark | Theme::CvdDark => Ground::Dark,
        _ => app.ground,
    }
}

/// Colours the terminal shows, by what it says. A `NO_COLOR` that is not empty means none, unless somebody asks for
/// them by name.
fn depth(asked: bool) -> Depth {
    let variable = |name| std::env::var(name).unwrap_or_default();
    if !asked && (!variable("NO_COLOR").is_empty() || variable("TERM") == "dumb") {
        return Depth::None;
    }
    let (colours, terminal) = (variable("COLORTERM"), variable("TERM"));
    if colours.contains("truecolor") || colours.contains("24bit") || terminal.contains("direct") {
        Depth::True
    } else if terminal.contains("256") {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

/// Whether the locale's characters are UTF-8. Where nothing is said they are: most systems say nothing of the kind
/// in containers and over ssh.
fn is_utf8() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|word| !word.is_empty()));
    said.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8") || !locale.contains('.')
    })
}

/// `COLORFGBG` ends with the number of the background; 7 and 15 are the light ones.
fn ground() -> Ground {
    let colours = std::env::var("COLORFGBG").unwrap_or_default();
    match colours.rsplit(';').next() {
        Some("7" | "15") => Ground::Light,
        _ => Ground::Dark,
    }
}
