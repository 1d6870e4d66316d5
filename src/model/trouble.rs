use super::Time;

/// Why a poll brought no reading. The scheduler decides from the variant, the screen prints it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Trouble {
    #[error("the server asks us to wait")]
    RateLimited { until: Option<Time> },
    #[error("what may be spent on this network is used up")]
    Budget { until: Option<Time> },
    #[error("{why}")]
    Paused { why: String },
    #[error("the server refuses the key")]
    Unauthorized,
    #[error("this server answers only with a key")]
    KeyNeeded,
    #[error("no such account")]
    NotFound,
    #[error("the account is suspended")]
    Suspended,
    #[error("the account is deactivated by its owner")]
    Deactivated,
    #[error("the account was deleted")]
    Deleted,
    #[error("the account is private")]
    Private,
    #[error("the server answered {status}")]
    Server { status: u16, until: Option<Time> },
    /// `sent`: the question may have arrived all the same.
    #[error("{what}")]
    Unreachable { what: String, sent: bool },
    #[error("no secure connection: {what}")]
    Tls { what: String, sent: bool },
    #[error("the reply makes no sense: {what}")]
    Malformed { what: String },
    #[error("the reply is larger than {} MB", limit / 1_000_000)]
    TooLarge { limit: u64 },
}

impl Trouble {
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }

    pub fn unreachable(what: impl Into<String>) -> Self {
        Self::Unreachable { what: what.into(), sent: true }
    }

    pub fn tls(what: impl Into<String>) -> Self {
        Self::Tls { what: what.into(), sent: false }
    }

    /// The same, of a question that `sent` says may have arrived.
    #[must_use]
    pub fn of_a_question(self, sent: bool) -> Self {
        match self {
            Self::Unreachable { what, .. } => Self::Unreachable { what, sent },
            Self::Tls { what, .. } => Self::Tls { what, sent },
            other => other,
        }
    }

    /// Whether the question may have arrived.
    pub fn sent(&self) -> bool {
        match self {
            Self::Unreachable { sent, .. } | Self::Tls { sent, .. } => *sent,
            _ => true,
        }
    }

    pub fn reason(&self) -> Reason {
        match self {
            Self::RateLimited { .. } => Reason::RateLimited,
            Self::Budget { .. } => Reason::Budget,
            Self::Paused { .. } => Reason::Paused,
            Self::Unauthorized => Reason::Unauthorized,
            Self::KeyNeeded => Reason::KeyNeeded,
            Self::NotFound => Reason::NotFound,
            Self::Suspended => Reason::Suspended,
            Self::Deactivated => Reason::Deactivated,
            Self::Deleted => Reason::Deleted,
            Self::Private => Reason::Private,
            Self::Server { .. } => Reason::ServerError,
            Self::Unreachable { .. } => Reason::Unreachable,
            Self::Tls { .. } => Reason::Tls,
            Self::Malformed { .. } => Reason::Malformed,
            Self::TooLarge { .. } => Reason::TooLarge,
        }
    }

    /// When the server itself said it may be asked again.
    pub fn until(&self) -> Option<Time> {
        match self {
            Self::RateLimited { until } | Self::Budget { until } | Self::Server { until, .. } => *until,
            _ => None,
        }
    }
}

/// Why a channel is in the state it is in: the stable words of the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    Ok,
    RateLimited,
    ServerError,
    Unreachable,
    Tls,
    Malformed,
    TooLarge,
    Unauthorized,
    KeyNeeded,
    NotFound,
    Suspended,
    Deactivated,
    Deleted,
    Moved,
    Renamed,
    Private,
    Hidden,
    Paused,
    Budget,
}

impl Reason {
    pub const ALL: [Self; 19] = [
        Self::Ok,
        Self::RateLimited,
        Self::ServerError,
        Self::Unreachable,
        Self::Tls,
        Self::Malformed,
        Self::TooLarge,
        Self::Unauthorized,
        Self::KeyNeeded,
        Self::NotFound,
        Self::Suspended,
        Self::Deactivated,
        Self::Deleted,
        Self::Moved,
        Self::Renamed,
        Self::Private,
        Self::Hidden,
        Self::Paused,
        Self::Budget,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Unauthorized => "unauthorized",
            Self::KeyNeeded => "key_needed",
            Self::NotFound => "not_found",
            Self::Suspended => "suspended",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
            Self::Moved => "moved",
            Self::Renamed => "renamed",
            Self::Private => "private",
            Self::Hidden => "hidden",
            Self::Paused => "paused",
            Self::Budget => "budget",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The state a channel is in right after a poll with this reason.
    pub fn state(self) -> State {
        match self {
            Self::Ok | Self::Moved | Self::Renamed | Self::Hidden => State::Live,
            Self::RateLimited | Self::Budget => State::Limit,
            Self::ServerError | Self::Unreachable | Self::Tls | Self::Malformed | Self::TooLarge => {
                State::Halt
            }
            Self::Unauthorized | Self::KeyNeeded => State::Auth,
            Self::NotFound | Self::Suspended | Self::Deactivated | Self::Deleted | Self::Private => {
                State::Gone
            }
            Self::Paused => State::Off,
        }
    }
}

/// How a channel is doing. A word and a sign each, never only a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Live,
    /// The last good reading is older than two polls.
    Stale,
    /// Rate limited; resumes alone.
    Limit,
    /// Failing; tried again with growing pauses.
    Halt,
    /// A key is needed or refused.
    Auth,
    /// Missing, private, suspended or deleted.
    Gone,
    /// Not asked: paused by the user, or not switched on.
    Off,
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::Live, Self::Stale, Self::Limit, Self::Halt, Self::Auth, Self::Gone, Self::Off];

    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Limit => "limit",
            Self::Halt => "halt",
            Self::Auth => "auth",
            Self::Gone => "gone",
            Self::Off => "off",
        }
    }

    /// Whether the channel's points are held: its ledger stands still because it cannot be read.
    pub fn held(self) -> bool {
        !matches!(self, Self::Live | Self::Stale)
    }
}
