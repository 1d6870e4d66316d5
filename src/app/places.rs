//! The public address of what is selected.

use super::{App, View};
use crate::channels;
use crate::model::{ChannelId, ChannelSnapshot, PersonSnapshot};
use url::Url;

impl App {
    /// Where what is selected can be seen by everybody: a post, or else the account it stands on.
    pub fn address(&self) -> Option<String> {
        let post = match self.view() {
            View::Post { .. } => self.post().and_then(|detail| detail.post.url.clone()),
            View::Channel { person, channel, post } => {
                self.posts(*person, *channel).get(*post).and_then(|post| post.url.clone())
            }
            _ => None,
        };
        post.or_else(|| self.page()).filter(|address| is_web(address))
    }

    fn page(&self) -> Option<String> {
        let person = self.focus()?;
        let channel = match self.view() {
            View::Board => person.channels.iter().max_by(|a, b| a.points.total_cmp(&b.points)),
            View::Statement { line, .. } => {
                let line = self.statement().and_then(|found| found.lines.get(*line));
                line.and_then(|line| of(person, line.channel?))
            }
            View::Log { line, .. } => self.log().get(*line).and_then(|entry| {
                let channel = match &entry.what {
                    crate::bumps::What::Bump(episode) => episode.channel,
                    crate::bumps::What::Happening(happening) => happening.channel,
                };
                of(person, channel)
            }),
            _ => self.focus_channel(),
        };
        let account = &channel.or_else(|| person.channels.first())?.account;
        channels::of(account.network).page(account)
    }
}

fn of(person: &PersonSnapshot, channel: ChannelId) -> Option<&ChannelSnapshot> {
    person.channels.iter().find(|known| known.id == channel)
}

/// Addresses come from strangers: nothing but a web page is ever opened.
fn is_web(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::is_web;

    #[test]
    fn nothing_but_a_web_page_is_opened() {
        assert!(is_web("https://ada.example/post?x=1"));
        for address in
            ["javascript:alert(1)", "file:///etc/passwd", "ssh://a.example", "http:", "https://u@h/", "-x"]
        {
            assert!(!is_web(address), "{address}");
        }
    }
}
