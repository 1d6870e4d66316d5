#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! A panic in the middle of the screen gives the terminal back and says where it was. This file is both
//! sides of the test: the one that looks, and (named so) the screen that breaks.

#[path = "support/pane.rs"]
mod pane;

use chrono::TimeDelta;
use cloutop::app::App;
use cloutop::clock::Clock;
use cloutop::exchange::{Reply, Request};
use cloutop::http::Fetch;
use cloutop::model::{Time, Trouble};
use cloutop::pipeline::{Pipeline, Wanted};
use cloutop::poller::{Hosts, Poller, Settings};
use cloutop::run::{Setup, screen};
use cloutop::score::Constants;
use cloutop::store::Database;
use pane::{Pane, assert_given_back};
use portable_pty::CommandBuilder;
use std::process::ExitCode;
use std::sync::Arc;

const BROKEN: &str = "the-screen-that-breaks";

/// Breaks at the first question, with the screen already drawn.
struct Breaks;

impl Fetch for Breaks {
    async fn fetch(&self, _request: Request, _now: Time) -> Result<Reply, Trouble> {
        tokio::task::yield_now().await;
        panic!("this network broke the program");
    }

    fn has_key(&self, _name: &str) -> bool {
        false
    }
}

fn broken_screen() -> ExitCode {
    let clock = Clock::System;
    let wanted = Wanted {
        key: "ADA".to_owned(),
        symbol: "ADA".to_owned(),
        name: "Ada".to_owned(),
        group: None,
        mine: false,
        accounts: cloutop::channels::parse("hn:ada", &|_| false).unwrap(),
    };
    let now = clock.now();
    let pipeline =
        Pipeline::open(Database::in_memory().unwrap(), Constants::reference(), vec![wanted], now).unwrap();
    let settings = Settings::every(TimeDelta::seconds(20));
    let setup = Setup {
        places: None,
        app: App::new((80, 24), now),
        pipeline,
        poller: Some(Arc::new(Poller { fetch: Breaks, clock, settings, hosts: Hosts::default() })),
        push: None,
        past: None,
        clock,
        addresses: Vec::new(),
        allows_http: Arc::new(|_| false),
        save: Box::new(|_| Err("nothing is saved here".to_owned())),
        remove: Box::new(|_| Ok(())),
        configure: Box::new(|_| Err("nothing is changed here".to_owned())),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let code = runtime.block_on(screen(setup)).unwrap();
    ExitCode::from(code)
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == BROKEN) {
        return broken_screen();
    }
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.arg(BROKEN);
    command.env("TERM", "xterm-256color");
    command.env("RUST_BACKTRACE", "0");
    let (code, bytes, screen) = Pane::run(command, (80, 24)).end();
    assert_ne!(code, 0);
    assert_given_back(&bytes, &screen);
    let left = screen.screen().contents();
    assert!(left.contains("this network broke the program"), "{left}");
    assert!(String::from_utf8_lossy(&bytes).contains("\x1b[?1049h"), "there was a screen to give back");
    #[expect(clippy::print_stdout, reason = "a test without a harness says how it went")]
    {
        println!("a panic gives the terminal back ... ok");
    }
    ExitCode::SUCCESS
}
