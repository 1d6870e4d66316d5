use super::chain;
use crate::exchange::is_loopback;
use crate::model::Trouble;
use crate::text;
use std::time::Duration;
use url::Url;

const USER_AGENT: &str =
    concat!("cloutop/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// What carries requests, set up in one way for all that goes out: named, never following a redirect.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    /// By the proxy of the environment, where there is one.
    outside: reqwest::Client,
    /// For this machine: no proxy stands in between.
    direct: reqwest::Client,
}

impl Clients {
    /// `connect` is how long a connection may take to come about.
    pub(super) fn new(connect: Duration) -> Result<Self, Trouble> {
        // A second call finds the first one's provider, which is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            reqwest::Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(connect)
                .pool_idle_timeout(Duration::from_secs(90))
                .pool_max_idle_per_host(1)
        };
        let failed = |error: reqwest::Error| Trouble::tls(text::clean(&chain(&error)));
        Ok(Self {
            outside: builder().build().map_err(failed)?,
            direct: builder().no_proxy().build().map_err(failed)?,
        })
    }

    pub(super) fn towards(&self, url: &Url) -> &reqwest::Client {
        if is_loopback(url) { &self.direct } else { &self.outside }
    }
}
