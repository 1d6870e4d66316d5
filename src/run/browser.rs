//! Shows a web page in the user's browser: the desktop's own opener, found on the path, without a shell.

use std::io;
use std::process::{Command, Stdio};

#[cfg(target_os = "macos")]
const OPENERS: &[&[&str]] = &[&["open"]];
#[cfg(windows)]
const OPENERS: &[&[&str]] = &[&["rundll32", "url.dll,FileProtocolHandler"]];
#[cfg(not(any(target_os = "macos", windows)))]
const OPENERS: &[&[&str]] = &[&["xdg-open"], &["gio", "open"], &["wslview"]];

/// Starts the first opener there is. `address` has been found to be a web address.
pub(super) fn open(address: &str) -> io::Result<()> {
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
                // Somebody has to wait for it, or it stays a zombie for as long as we run.
                let _ = std::thread::Builder::new().name("browser".to_owned()).spawn(move || child.wait());
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
