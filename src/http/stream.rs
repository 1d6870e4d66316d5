//! Answers without an end: server-sent events and web sockets. Read only, as everything here.

use super::{Http, trouble};
use crate::exchange::{Request, host_of, is_loopback};
use crate::model::{Time, Trouble};
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use url::Url;

/// Bytes of one message of a web socket.
const LARGEST_MESSAGE: usize = 1_000_000;

/// An answer that goes on.
#[derive(Debug)]
pub struct Stream {
    response: reqwest::Response,
    url: Url,
}

impl Stream {
    /// The next bytes; `None` when the server has ended it. `silence` is how long it may say nothing.
    pub async fn next(&mut self, silence: Duration) -> Result<Option<Vec<u8>>, Trouble> {
        match tokio::time::timeout(silence, self.response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes.map(|bytes| bytes.to_vec())),
            Ok(Err(error)) => Err(trouble(error, &self.url)),
            Err(_elapsed) => Err(Trouble::unreachable(format!("{} has gone silent", host_of(&self.url)))),
        }
    }
}

impl Http {
    /// Asks for an answer without an end. Redirects are not followed: the key would have to go with them.
    pub async fn listen(&self, request: Request, now: Time) -> Result<Stream, Trouble> {
        let url = request.url.clone();
        self.allowed(&url, &url)?;
        let key = request.key.as_ref().and_then(|used| Some((used, self.keys.get(&used.name)?)));
        let asked = async {
            let outgoing = self.outgoing(&request, &url, key, now).await?;
            outgoing.send().await.map_err(|error| trouble(error, &url))
        };
        let response = tokio::time::timeout(self.deadline, asked)
            .await
            .map_err(|_elapsed| Trouble::unreachable(format!("{} does not answer", host_of(&url))))??;
        match response.status().as_u16() {
            200..300 => Ok(Stream { response, url }),
            401 | 403 => Err(Trouble::Unauthorized),
            404 => Err(Trouble::NotFound),
            status => Err(Trouble::Server { status, until: None }),
        }
    }

    /// Connects to a web socket, says when it stands, and gives its texts to `hear`, until it ends or is silent
    /// for so long.
    pub async fn socket(
        &self,
        url: &Url,
        silence: Duration,
        stands: impl FnOnce(),
        mut hear: impl FnMut(&str),
    ) -> Result<(), Trouble> {
        let host = host_of(url);
        if url.scheme() != "wss" && !(url.scheme() == "ws" && is_loopback(url)) {
            return Err(Trouble::Tls { what: format!("{host} offers no encryption"), sent: false });
        }
        let limits = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let connected = connect_async_with_config(url.as_str(), Some(limits), false);
        let connected = tokio::time::timeout(self.deadline, connected)
            .await
            .map_err(|_elapsed| Trouble::unreachable(format!("{host} does not answer")))?;
        let (mut socket, _) =
            connected.map_err(|_cause| Trouble::unreachable(format!("{host} offers no web socket")))?;
        stands();
        loop {
            match tokio::time::timeout(silence, socket.next()).await {
                Ok(Some(Ok(Message::Text(words)))) => hear(words.as_str()),
                Ok(Some(Ok(Message::Close(_))) | None) | Err(_) => return Ok(()),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_cause))) => {
                    return Err(Trouble::unreachable(format!("{host} broke off the connection")));
                }
            }
        }
    }
}
