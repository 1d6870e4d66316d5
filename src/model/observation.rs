use super::{Account, Counts, Figure, ItemId, Metric, Time, Trouble};

/// What one good poll of an account saw. Everything absent was not looked at, not shown, or unchanged;
/// nothing absent is zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The account with whatever the poll learned about it: stable id, new handle, new home.
    pub account: Account,
    pub profile: Profile,
    pub posts: Vec<Post>,
    pub acts: Vec<Act>,
    /// Items known from earlier polls that the network no longer shows.
    pub gone: Vec<ItemId>,
    /// Whether the listing reached the account's first post, so that nothing older is missing.
    pub complete: bool,
    pub notices: Vec<Notice>,
}

impl Observation {
    pub fn new(account: Account) -> Self {
        Self {
            account,
            profile: Profile::default(),
            posts: Vec::new(),
            acts: Vec::new(),
            gone: Vec::new(),
            complete: false,
            notices: Vec::new(),
        }
    }
}

/// What a user typed in for an instant, of a channel that is read by hand. The counts are sums over everything the
/// account ever published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByHand {
    pub at: Time,
    pub followers: Option<u64>,
    pub counts: Counts,
}

/// The account itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Display name, cleaned.
    pub name: Option<String>,
    pub url: Option<String>,
    pub figures: Vec<(Figure, u64)>,
    /// Where else its owner is to be found, as the profile has it: strangers' addresses, not looked at.
    pub links: Vec<ProfileLink>,
}

/// Links read of one profile at most.
const MOST_LINKS: usize = 32;

impl Profile {
    /// Takes up an address that the profile names.
    pub fn link(&mut self, tie: Tie, url: impl Into<String>) {
        if self.links.len() < MOST_LINKS {
            self.links.push(ProfileLink { url: url.into(), tie });
        }
    }
}

/// An address that a profile names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileLink {
    pub url: String,
    pub tie: Tie,
}

/// What is known of a link between a profile and what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The profile says so, and nobody has looked.
    Claimed,
    /// The network has found a link back.
    Verified,
    /// The account is named by the site's domain, which the network has checked.
    Domain,
}

/// An item that can receive engagement.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    pub id: ItemId,
    pub kind: PostKind,
    pub url: Option<String>,
    /// One line, cleaned; empty where the network or its owner does not want text shown.
    pub title: String,
    pub published: Time,
    pub counts: Counts,
    /// Standing items (repositories) were there before we looked: what they hold at first sight is
    /// audience, only what is added later is engagement.
    pub standing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostKind {
    Post,
    Reply,
    Repository,
    Story,
    Comment,
    Video,
    Item,
}

impl PostKind {
    pub const ALL: [Self; 7] =
        [Self::Post, Self::Reply, Self::Repository, Self::Story, Self::Comment, Self::Video, Self::Item];

    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Reply => "reply",
            Self::Repository => "repository",
            Self::Story => "story",
            Self::Comment => "comment",
            Self::Video => "video",
            Self::Item => "item",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One single act on an item, known by itself and not only as part of a counter.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The network's id of the act (a reply's own id, a comment's number).
    pub id: String,
    pub item: ItemId,
    pub metric: Metric,
    /// When it happened, where the network says.
    pub at: Option<Time>,
    pub actor: Actor,
    /// Sentiment of a reply's words, from -1 to 1, where they were read.
    pub tone: Option<f64>,
}

impl Act {
    /// Something the account did to its own item.
    pub fn own(id: impl Into<String>, item: impl Into<ItemId>, metric: Metric) -> Self {
        Self { id: id.into(), item: item.into(), metric, at: None, actor: Actor::Own, tone: None }
    }

    /// Something somebody else did.
    pub fn by(
        actor: impl Into<String>,
        id: impl Into<String>,
        item: impl Into<ItemId>,
        metric: Metric,
    ) -> Self {
        Self { actor: Actor::Other(actor.into()), ..Self::own(id, item, metric) }
    }

    #[must_use]
    pub fn at(mut self, at: Option<Time>) -> Self {
        self.at = at;
        self
    }

    #[must_use]
    pub fn with_tone(mut self, tone: Option<f64>) -> Self {
        self.tone = tone;
        self
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The account itself: its reply to itself, its boost of itself. Never engagement received.
    Own,
    Other(String),
}

/// Something about the account that is worth a line in the log and is not a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Renamed {
        from: String,
        to: String,
    },
    Moved {
        from: String,
        to: String,
    },
    /// The owner asks not to be shown to strangers: counts only, no text.
    Hidden,
}

/// What the server needs to answer "not modified".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validator {
    pub etag: Option<String>,
    pub modified: Option<String>,
}

/// How one poll ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Observed(Box<Observation>),
    Gap(Trouble),
}
