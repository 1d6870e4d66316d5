use super::session::{self, Session, runtime};
use super::{Cli, Failure, places, say};
use crate::app::{App, Depth, Found, Key, Zone};
use crate::channels;
use crate::clock::Clock;
use crate::config::{self, Config, NewPerson, Theme};
use crate::demo::{self, World};
use crate::http::{Fetch, Http};
use crate::model::Time;
use crate::pipeline::{Pipeline, Wanted};
use crate::poller::{Hosts, Poller, Settings};
use crate::run::{self, Places, ScreenError, Setup, frame_text, snapshot};
use crate::store::Database;
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
        let app = app(session, size, now)?;
        let buffer = snapshot(app, &mut pipeline, now, &keys)?;
        return say(&frame_text(&buffer));
    }
    let plain = plain(session)?;
    let app = app(session, (80, 24), now)?;
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
        past: Some(world),
        clock,
        addresses,
        allows_http: Arc::new(|_| false),
        save: Box::new(|symbol, found| Ok(joined(symbol, found, None))),
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
    let mut pipeline = Pipeline::open(database, session.constants.clone(), wanted.collect(), now)?;
    pipeline.arm(session.config.alerts.clone(), session::wall, now)?;
    let poller = if session.global.offline { None } else { Some(Arc::new(session.poller(hosts)?)) };
    let allowed = session.config.allow_http.clone();
    Ok(Setup {
        app,
        pipeline,
        poller,
        past: None,
        clock: Clock::System,
        addresses,
        allows_http: Arc::new(move |host| allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))),
        save: save(session.paths.config.clone()),
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
    Box::new(move |symbol, found| {
        let person = NewPerson {
            symbol: symbol.to_owned(),
            name: found.iter().find_map(|found| found.name.clone()),
            group: None,
            mine: false,
            channels: found.iter().map(|found| found.account.clone()).collect(),
        };
        config::add(&path, &person).map_err(|error| error.to_string())?;
        let config = Config::load(&path).map_err(|error| error.to_string())?;
        let known = config.people.iter().find(|known| known.symbol == symbol);
        Ok(known.map_or_else(|| joined(symbol, found, None), Wanted::from))
    })
}

fn joined(symbol: &str, found: &[Found], group: Option<String>) -> Wanted {
    Wanted {
        key: symbol.to_owned(),
        symbol: symbol.to_owned(),
        name: found.iter().find_map(|found| found.name.clone()).unwrap_or_else(|| symbol.to_owned()),
        group,
        mine: false,
        accounts: found.iter().map(|found| found.account.clone()).collect(),
    }
}

/// An empty screen with the user's settings.
fn app(session: &Session, size: (u16, u16), now: Time) -> Result<App, Failure> {
    let screen = session.config.screen;
    let mut app = App::new(size, now);
    app.range = screen.range;
    app.theme = screen.theme;
    app.up = screen.up;
    app.depth = depth();
    app.model.clone_from(&session.constants.model);
    app.do_not_disturb = session.config.alerts.do_not_disturb;
    app.notice = places::missing(session).into_iter().next();
    app.mode = run::mode(!session.global.offline, session.global.demo.is_some());
    if session.global.demo.is_some() {
        app.zone = Zone::Utc;
    }
    if let Some(name) = &session.global.theme {
        app.theme = Theme::from_word(name).ok_or_else(|| {
            Failure::usage(format!("\"{name}\" is no theme; there are auto, dark, light, terminal and mono"))
        })?;
    }
    if app.theme == Theme::Auto && light_background() {
        app.theme = Theme::Light;
    }
    Ok(app)
}

/// What the terminal says it can show. A `NO_COLOR` that is not empty means none.
fn depth() -> Depth {
    let variable = |name| std::env::var(name).unwrap_or_default();
    if !variable("NO_COLOR").is_empty() || variable("TERM") == "dumb" {
        return Depth::None;
    }
    let colours = variable("COLORTERM");
    if colours.contains("truecolor") || colours.contains("24bit") || variable("TERM").contains("direct") {
        Depth::True
    } else {
        Depth::Sixteen
    }
}

/// `COLORFGBG` ends with the number of the background; 7 and 15 are the light ones.
fn light_background() -> bool {
    let colours = std::env::var("COLORFGBG").unwrap_or_default();
    matches!(colours.rsplit(';').next(), Some("7" | "15"))
}
