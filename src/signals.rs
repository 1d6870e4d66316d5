//! Being told to end.

/// Listens from the call on; the future waits for SIGINT, SIGTERM or SIGHUP and says it as an exit code.
#[cfg(unix)]
pub fn stop() -> impl Future<Output = u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).ok();
    let (mut interrupt, mut terminate, mut hangup) =
        (listen(SignalKind::interrupt()), listen(SignalKind::terminate()), listen(SignalKind::hangup()));
    let wait = |signal: &'static str| tracing::info!(signal, "ending");
    async move {
        tokio::select! {
            Some(()) = recv(&mut interrupt) => { wait("SIGINT"); 130 }
            Some(()) = recv(&mut terminate) => { wait("SIGTERM"); 143 }
            Some(()) = recv(&mut hangup) => { wait("SIGHUP"); 129 }
            else => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
async fn recv(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => None,
    }
}

#[cfg(not(unix))]
pub async fn stop() -> u8 {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    130
}

/// Every time the program goes on after it had been stopped.
#[cfg(unix)]
pub fn continued() -> impl futures_util::Stream<Item = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let listener = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw())).ok();
    futures_util::stream::unfold(listener, |mut listener| async move {
        match &mut listener {
            Some(signal) => signal.recv().await.map(|()| ((), listener)),
            None => std::future::pending().await,
        }
    })
}

#[cfg(not(unix))]
pub fn continued() -> impl futures_util::Stream<Item = ()> {
    futures_util::stream::pending()
}

/// Stops the program's process group, as Ctrl-z does in a shell; returns when it goes on.
#[cfg(unix)]
pub fn suspend() {
    // Whoever has no shell to go back to is not stopped.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(not(unix))]
pub fn suspend() {}
