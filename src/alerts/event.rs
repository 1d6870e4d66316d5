use crate::model::Time;
use crate::text;
use serde::{Deserialize, Serialize};
use url::Url;

/// Lines of a body that are passed on.
const MOST_LINES: usize = 20;

/// How the keys of samples begin.
const SAMPLE: &str = "sample:";

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A score moved out of its ordinary noise.
    Bump,
    /// Far more or less engagement than usual.
    Volume,
    /// A channel that cannot be read any more.
    Halt,
    /// A channel whose server asks to wait.
    Limit,
    /// A time of which nothing can be known.
    Gap,
    /// A round number was passed.
    Milestone,
    /// A goal was met or missed.
    Goal,
    /// The score's constants changed.
    Model,
    /// A rule's filter became true of somebody.
    Crossing,
}

impl EventKind {
    /// What a rule can be on. A crossing is made by a rule itself.
    pub const ALL: [Self; 8] = [
        Self::Bump,
        Self::Volume,
        Self::Halt,
        Self::Limit,
        Self::Gap,
        Self::Milestone,
        Self::Goal,
        Self::Model,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Bump => "bump",
            Self::Volume => "volume",
            Self::Halt => "halt",
            Self::Limit => "limit",
            Self::Gap => "gap",
            Self::Milestone => "milestone",
            Self::Goal => "goal",
            Self::Model => "model",
            Self::Crossing => "crossing",
        }
    }
}

/// Something that happened, as a detector tells it. Strangers' words in it are clean already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The same for the same event, however often it is told, and for no other.
    pub key: String,
    /// When it happened, which may be long before it is told.
    pub at: Time,
    pub kind: EventKind,
    /// Whom it happened to; everybody where nobody is named.
    pub symbol: Option<String>,
    /// The slot of the channel it happened on (`github`, `mastodon-2`).
    pub channel: Option<String>,
    /// Signed size in points of the score.
    #[serde(with = "exact")]
    pub points: Option<f64>,
    /// The person's usual daily noise in points, where it is known.
    #[serde(with = "exact")]
    pub noise: Option<f64>,
    /// What happened, in words.
    pub text: String,
    pub url: Option<Url>,
}

/// What a place is handed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The event's own key; for a `when`, one per crossing; for a summary, one per summary and place.
    pub key: String,
    pub at: Time,
    /// A word of [`EventKind`], `summary` or `sample`.
    pub kind: String,
    pub symbol: Option<String>,
    pub title: String,
    pub body: String,
    pub url: Option<Url>,
    #[serde(with = "exact")]
    pub points: Option<f64>,
}

impl Alert {
    /// The alert with strangers' words made safe: one line of title and at most 20 of body, each of at most
    /// [`text::LONGEST`] characters, and an address only where it is of the web.
    #[must_use]
    pub fn cleaned(&self) -> Self {
        let lines: Vec<String> =
            self.body.lines().map(text::clean).filter(|line| !line.is_empty()).take(MOST_LINES).collect();
        Self {
            key: self.key.clone(),
            at: self.at,
            kind: text::clean(&self.kind),
            symbol: self.symbol.as_deref().map(text::clean),
            title: text::clean(&self.title),
            body: lines.join("\n"),
            url: self.url.clone().filter(|url| matches!(url.scheme(), "http" | "https")),
            points: self.points.filter(|points| points.is_finite()),
        }
    }

    pub fn is_sample(&self) -> bool {
        Self::is_sample_key(&self.key)
    }

    /// Whether this is the key of a sample.
    pub fn is_sample_key(key: &str) -> bool {
        key.starts_with(SAMPLE)
    }

    /// What is sent when places are tried out.
    pub fn sample(now: Time) -> Self {
        Self {
            key: format!("{SAMPLE}{}", now.timestamp_millis()),
            at: now,
            kind: "sample".to_owned(),
            symbol: None,
            title: "cloutop: a sample".to_owned(),
            body: "Nothing has happened; somebody wants to see whether this arrives.".to_owned(),
            url: None,
            points: None,
        }
    }
}

impl From<&Event> for Alert {
    fn from(event: &Event) -> Self {
        let who = match (&event.symbol, &event.channel) {
            (Some(symbol), Some(channel)) => format!("{symbol}/{channel}"),
            (Some(symbol), None) => symbol.clone(),
            (None, _) => "cloutop".to_owned(),
        };
        let what = match (event.kind, event.points) {
            (EventKind::Bump, Some(points)) => format!("{} {}", text::arrow(points), text::signed(points)),
            (EventKind::Volume, _) => "unusual volume".to_owned(),
            (EventKind::Halt, _) => "halted".to_owned(),
            (EventKind::Limit, _) => "rate limited".to_owned(),
            (EventKind::Gap, _) => "nothing was read for a while".to_owned(),
            (EventKind::Model, _) => "the score's constants changed".to_owned(),
            (kind, _) => kind.word().to_owned(),
        };
        Self {
            key: event.key.clone(),
            at: event.at,
            kind: event.kind.word().to_owned(),
            symbol: event.symbol.clone(),
            title: format!("{who} {what}"),
            body: event.text.clone(),
            url: event.url.clone(),
            points: event.points,
        }
    }
}

/// Doubles as text: JSON's own numbers need not come back with their last digit.
mod exact {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the shape that serde calls")]
    pub(super) fn serialize<S: Serializer>(number: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        number.map(|number| number.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
