use super::{Alert, BadPlace, Delivered, Undelivered, document};
use crate::text;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Bytes of the end of the error output that are kept for its last line.
const TAIL: usize = 4_096;

/// Columns of that line in a message.
const LINE: usize = 120;

/// How long the error output of a program that has ended is waited for: a child it left behind may hold it.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// A program of the user's, run without a shell. It reads the alert as JSON and has no secret of ours.
#[derive(Debug)]
pub struct Hook {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(OsString, OsString)>,
}

impl Hook {
    /// `argv` is the program and its arguments; `~/` before the program is `home`. Of `environment` the
    /// program gets what [`scrubbed`] leaves.
    pub fn new(
        argv: &[String],
        home: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, BadPlace> {
        let (program, arguments) = argv.split_first().ok_or(BadPlace::NoProgram)?;
        let program = match (program.strip_prefix("~/"), home) {
            (Some(below), Some(home)) => home.join(below),
            _ if program.trim().is_empty() => return Err(BadPlace::NoProgram),
            _ => PathBuf::from(program),
        };
        let environment = environment.into_iter().collect();
        Ok(Self { program, arguments: arguments.to_vec(), environment: scrubbed(environment) })
    }

    /// The program, if it is named by its path and is not there. By name alone it is looked for when it is run.
    pub fn missing(&self) -> Option<PathBuf> {
        let by_path = self.program.components().count() > 1;
        (by_path && !self.program.is_file()).then(|| self.program.clone())
    }

    fn name(&self) -> String {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str());
        text::cut(&text::clean(&name.to_string_lossy()), 40)
    }

    /// Runs it once, for `limit` at most. When that is over, or when this future is dropped, it is killed
    /// with everything it started.
    pub(super) async fn run(&self, alert: &Alert, limit: Duration) -> Result<Delivered, Undelivered> {
        let name = self.name();
        let mut child = self.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Undelivered::Stopped(format!("there is no program {name}")),
            ErrorKind::PermissionDenied => Undelivered::Stopped(format!("{name} may not be run")),
            kind => Undelivered::Failed(format!("{name} cannot be run: {kind}")),
        })?;
        let mut group = Group::of(&child);
        let mut tail = Tail::default();
        let ended = {
            let mut io = std::pin::pin!(talk(&mut child, alert, &mut tail));
            let mut heard = false;
            let ended = tokio::time::timeout(limit, async {
                loop {
                    tokio::select! {
                        biased;
                        () = &mut io, if !heard => heard = true,
                        status = child.wait() => break status,
                    }
                }
            })
            .await;
            if ended.is_ok() && !heard {
                // Its last words are there already, unless a child it left behind holds the pipe.
                let _ = tokio::time::timeout(AFTERWARDS, io).await;
            }
            ended
        };
        match ended {
            Err(_elapsed) => {
                group.kill();
                // Where there are no groups it is killed alone.
                let _ = child.start_kill();
                let _ = child.wait().await;
                let limit = limit.as_secs_f64();
                Err(Undelivered::Perhaps(format!("{name} did not end within {limit} s and was killed")))
            }
            Ok(Err(error)) => Err(Undelivered::Perhaps(format!("{name} was lost: {}", error.kind()))),
            Ok(Ok(status)) => {
                // What a program leaves running on purpose is its own affair.
                group.release();
                judge(&name, status, &tail.last_line())
            }
        }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    }
}

/// Tells the program and hears what it complains about. Reading goes on while writing, so that neither
/// waits for the other for ever.
fn talk<'a>(child: &mut Child, alert: &Alert, tail: &'a mut Tail) -> impl Future<Output = ()> + use<'a> {
    let document = document(alert) + "\n";
    let stdin = child.stdin.take();
    let stderr = child.stderr.take();
    async move {
        let tell = async {
            if let Some(mut stdin) = stdin {
                // A program need not read what it is told.
                let _ = stdin.write_all(document.as_bytes()).await;
            }
        };
        let hear = async {
            if let Some(mut stderr) = stderr {
                let mut bytes = [0; 1_024];
                while let Ok(read @ 1..) = stderr.read(&mut bytes).await {
                    tail.push(&bytes[..read]);
                }
            }
        };
        tokio::join!(tell, hear);
    }
}

fn judge(name: &str, status: ExitStatus, last_line: &str) -> Result<Delivered, Undelivered> {
    if status.success() {
        return Ok(Delivered::Sent { tries: 1 });
    }
    let how = match status.code() {
        Some(code) => format!("{name} ended with {code}"),
        None => format!("{name} was killed"),
    };
    Err(Undelivered::Failed(if last_line.is_empty() { how } else { format!("{how}: {last_line}") }))
}

/// The end of a program's error output.
#[derive(Debug, Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        let over = self.0.len().saturating_sub(TAIL);
        self.0.drain(..over);
    }

    fn last_line(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let last = text.lines().map(text::clean).rfind(|line| !line.is_empty());
        text::cut(&last.unwrap_or_default(), LINE)
    }
}

/// A program with everything it started; killed when dropped before it is released.
#[derive(Debug)]
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: id.and_then(rustix::process::Pid::from_raw) }
    }

    fn kill(&mut self) {
        if let Some(leader) = self.leader.take() {
            // Gone already is as good.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }

    fn release(&mut self) {
        self.leader = None;
    }
}

#[cfg(not(unix))]
impl Group {
    fn of(_child: &Child) -> Self {
        Self {}
    }

    fn kill(&mut self) {}

    fn release(&mut self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An environment without what looks like a secret: by name (`CLOUTOP_KEY_…`, anything with token, secret,
/// password, credential, or a word that ends in key) or by value (an address with a password in it).
pub fn scrubbed(environment: Vec<(OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let secret = |(name, value): &(OsString, OsString)| {
        secret_name(&name.to_string_lossy()) || holds_password(&value.to_string_lossy())
    };
    environment.into_iter().filter(|pair| !secret(pair)).collect()
}

/// What a secret's name has somewhere in it.
const PARTS: [&str; 6] = ["TOKEN", "SECRET", "PASSW", "PASSPHRASE", "CREDENTIAL", "COOKIE"];

/// What a secret's name has as a word of its own.
const WORDS: [&str; 7] = ["PASS", "PWD", "PAT", "JWT", "AUTH", "BEARER", "DSN"];

fn secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    if name.starts_with("CLOUTOP_KEY_") || PARTS.iter().any(|part| name.contains(part)) {
        return true;
    }
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        // PWD by itself is where we are, and the agent's socket is no secret.
        let own = name == "PWD" || name == "SSH_AUTH_SOCK";
        stem.ends_with("KEY") || stem.ends_with("KEYS") || (WORDS.contains(&stem) && !own)
    })
}

/// `scheme://user:password@host`.
fn holds_password(value: &str) -> bool {
    value.match_indices("://").any(|(at, mark)| {
        let rest = value.get(at + mark.len()..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#', ' ']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_secrets() {
        for name in [
            "CLOUTOP_KEY_GITHUB",
            "GITHUB_TOKEN",
            "githubToken",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "OPENAI_APIKEY",
            "API_KEYS",
            "KEY1",
            "DB_PASSWORD",
            "MYSQL_PWD",
            "SSH_PASSPHRASE",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GITLAB_PAT",
            "REDISCLI_AUTH",
            "SESSION_COOKIE",
        ] {
            assert!(secret_name(name), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "PWD",
            "OLDPWD",
            "LANG",
            "DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "XAUTHORITY",
            "SSH_AUTH_SOCK",
            "KEYBOARD_LAYOUT",
            "AUTHOR",
            "CLOUTOP_LOG_LEVEL",
        ] {
            assert!(!secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_that_hold_a_password() {
        assert!(holds_password("postgres://ada:s3cret@db.example/x"));
        assert!(holds_password("a http://u:p@proxy:3128"));
        for harmless in ["https://a.example/@ada:x", "ssh://ada@a.example:22", "unix:path=/run/bus", "a:b@c"]
        {
            assert!(!holds_password(harmless), "{harmless}");
        }
    }

    #[test]
    fn the_last_line_is_found_in_much_output() {
        let mut tail = Tail::default();
        for _ in 0..10_000 {
            tail.push(b"noise without end\n");
        }
        tail.push(b"\x1b[31mno such room\x1b[0m\r\n\n");
        assert!(tail.0.len() <= TAIL);
        assert_eq!(tail.last_line(), "no such room");
        assert_eq!(Tail::default().last_line(), "");
    }
}
