//! What goes beyond the screen and the store: web pages in the user's browser, by the desktop's own opener and without
//! a shell; files of what the screen shows; the last frame in the terminal.

use crate::app::{App, Message};
use std::io;
use std::process::{Command, Stdio};
use tokio::sync::mpsc::Sender;

#[cfg(target_os = "macos")]
const OPENERS: &[&[&str]] = &[&["open"]];
#[cfg(windows)]
const OPENERS: &[&[&str]] = &[&["rundll32", "url.dll,FileProtocolHandler"]];
#[cfg(not(any(target_os = "macos", windows)))]
const OPENERS: &[&[&str]] = &[&["xdg-open"], &["gio", "open"], &["wslview"]];

/// Starts the first opener there is. `address` has been found to be a web address.
pub(super) fn open(address: &str, told: &Sender<Message>) -> io::Result<()> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no opener of web pages was found");
    for opener in OPENERS {
        let started = Command::new(opener[0])
            .args(&opener[1..])
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match started {
            Ok(mut child) => {
                // Somebody has to wait for it, or it stays a zombie for as long as we run; and to hear how it went.
                let (told, address) = (told.clone(), address.to_owned());
                let wait = move || {
                    if !child.wait().is_ok_and(|status| status.success()) {
                        let words = format!("no browser showed {address}; y copies it");
                        let _ = told.blocking_send(Message::Notice(words));
                    }
                };
                let _ = std::thread::Builder::new().name("browser".to_owned()).spawn(wait);
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Writes what the screen shows into a file of the working directory, and says where.
pub(super) fn export(app: &App) -> String {
    let export = crate::report::view(app);
    let at = app.now.format("%Y%m%dT%H%M%SZ");
    let path = std::path::PathBuf::from(format!("cloutop-{}-{at}.{}", export.name, export.ending));
    match std::fs::write(&path, export.text) {
        Ok(()) => format!("written to {}", std::path::absolute(&path).unwrap_or(path).display()),
        Err(error) => format!("{} cannot be written: {error}", path.display()),
    }
}

/// Prints the last frame where the shell goes on.
pub(super) fn leave(app: &App) {
    let text = super::snapshot::text(&super::snapshot::frame(app));
    let mut lines = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    lines.push('\n');
    // Nobody is left to be told that the terminal went away.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), lines.as_bytes());
}
