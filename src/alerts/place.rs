use url::Url;

/// Where alerts go beside the screen. What is secret about a place is in no configuration: see [`Place::secrets`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A program and its arguments, not a shell's line. Never empty.
    Hook(Vec<String>),
    /// A topic on this server.
    Ntfy(Url),
    Pushover,
    Slack,
    Discord,
    /// A room on this home server.
    Matrix {
        home: Url,
        room: String,
    },
    /// The alert as JSON to an address.
    Webhook,
}

/// A line that a place needs in `keys.toml`, or a variable in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// As [`crate::config`]'s keys know it: the place's name, or the name, a dash and a word.
    pub name: String,
    pub what: &'static str,
    pub needed: bool,
}

impl Place {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Hook(_) => "hook",
            Self::Ntfy(_) => "ntfy",
            Self::Pushover => "pushover",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Matrix { .. } => "matrix",
            Self::Webhook => "webhook",
        }
    }

    /// The secrets of this place under the name it has in the configuration.
    pub fn secrets(&self, name: &str) -> Vec<Secret> {
        let own = |what| Secret { name: name.to_owned(), what, needed: true };
        let beside = |word: &str, what, needed| Secret { name: format!("{name}-{word}"), what, needed };
        match self {
            Self::Hook(_) => Vec::new(),
            Self::Ntfy(_) => vec![own("the topic"), beside("token", "the access token", false)],
            Self::Pushover => {
                vec![own("the application's token"), beside("user", "the key of the user or group", true)]
            }
            Self::Slack | Self::Discord | Self::Webhook => vec![own("the address of the webhook")],
            Self::Matrix { .. } => vec![own("the access token")],
        }
    }
}
