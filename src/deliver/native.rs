//! Notifications of the desktop itself, by the library that speaks to each of them.

use super::{Alert, Delivered, Undelivered};
use crate::text;
use std::time::Duration;
use tokio::sync::oneshot;

/// Shows an alert. The library waits for the desktop, so it does that on a thread of its own, which is left
/// to itself after `limit`.
pub(super) async fn show(alert: &Alert, limit: Duration) -> Result<Delivered, Undelivered> {
    let alert = alert.cleaned();
    let (done, shown) = oneshot::channel();
    let show = move || {
        let mut notification = notify_rust::Notification::new();
        // Some desktops read the body as markup.
        let body = alert.body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        notification.appname("cloutop").summary(&alert.title).body(&body);
        let shown = notification.show().map(|_handle| ()).map_err(|error| error.to_string());
        // Nobody listens any more when it took too long.
        let _ = done.send(shown);
    };
    std::thread::Builder::new()
        .name("notification".to_owned())
        .spawn(show)
        .map_err(|error| Undelivered::Failed(format!("no thread for a notification: {}", error.kind())))?;
    match tokio::time::timeout(limit, shown).await {
        Ok(Ok(Ok(()))) => Ok(Delivered::Sent { tries: 1 }),
        Ok(Ok(Err(error))) => {
            Err(Undelivered::Failed(text::cut(&text::clean(&format!("the desktop: {error}")), 120)))
        }
        Ok(Err(_thread_ended)) => Err(Undelivered::Failed("the notification's thread ended".to_owned())),
        Err(_elapsed) => Err(Undelivered::Perhaps("the desktop does not answer".to_owned())),
    }
}
