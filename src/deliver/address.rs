use super::BadPlace;
use crate::exchange::{host_of, is_loopback};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use url::Url;

/// Where a server is told something. The address may be the secret, so only its host is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// https, or this machine.
    pub fn parse(text: &str) -> Result<Self, BadPlace> {
        Self::parse_allowing(text, &[])
    }

    /// The same, or one of these hosts, which somebody has allowed by name to be told in the clear.
    pub fn parse_allowing(text: &str, allow_http: &[String]) -> Result<Self, BadPlace> {
        // The parser's own message would not quote it, but says nothing of use either.
        let url = Url::parse(text.trim()).map_err(|_of_the_parser| BadPlace::NoAddress)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(BadPlace::NoAddress);
        }
        let host = url.host_str().unwrap_or_default();
        let clear = is_loopback(&url) || allow_http.iter().any(|known| known.eq_ignore_ascii_case(host));
        if url.scheme() == "http" && !clear {
            return Err(BadPlace::InTheClear(host_of(&url)));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadPlace::Password(host_of(&url)));
        }
        Ok(Self(url))
    }

    /// An address that is a secret itself: most webhooks'.
    pub fn secret(text: &SecretString, allow_http: &[String]) -> Result<Self, BadPlace> {
        Self::parse_allowing(text.expose_secret(), allow_http)
    }

    /// `host` or `host:port`.
    pub fn host(&self) -> String {
        host_of(&self.0)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// What a message must not quote: the parts of the path and the query that are long enough to be keys.
    pub(super) fn secrets(&self) -> Vec<String> {
        let parts = self.0.path_segments().into_iter().flatten().map(str::to_owned);
        let query = self.0.query_pairs().map(|(_, value)| value.into_owned());
        parts.chain(query).filter(|part| part.len() >= 6).collect()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_do_not_travel_in_the_clear() {
        let parse = |text| Address::parse(text).map(|address| address.host());
        assert_eq!(parse(" https://ntfy.example/x "), Ok("ntfy.example".to_owned()));
        assert_eq!(parse("http://127.0.0.1:8080/x"), Ok("127.0.0.1:8080".to_owned()));
        assert_eq!(parse("http://ntfy.example/"), Err(BadPlace::InTheClear("ntfy.example".to_owned())));
        assert_eq!(parse("http://10.0.0.1/"), Err(BadPlace::InTheClear("10.0.0.1".to_owned())));
        for not_the_web in ["ntfy.example", "", "ftp://a.example/x", "file:///etc/passwd", "https://"] {
            assert_eq!(parse(not_the_web), Err(BadPlace::NoAddress), "{not_the_web}");
        }
        assert_eq!(
            parse("https://user:s3cret@a.example/"),
            Err(BadPlace::Password("a.example".to_owned())),
            "it would end in a message"
        );
    }

    #[test]
    fn only_the_host_is_printed() {
        let address = Address::parse("https://hooks.example/services/T0SECRET/B1?token=s3cret").unwrap();
        assert_eq!(format!("{address:?}"), "Address(hooks.example)");
        assert_eq!(address.secrets(), ["services", "T0SECRET", "s3cret"]);
    }
}
