//! Numbers that the user reads somewhere and types in: for networks that let no program read them.
//!
//! Nobody is asked. A reading is a good poll that the user made (`cloutop reading`): followers are the audience, and
//! the other numbers are sums over everything the account ever published, of which only what is added after the first
//! reading is engagement.

use super::{Channel, Progress, Step, Typed, is_own_name};
use crate::exchange::Reply;
use crate::model::{Account, Facts, Figure, KeyNeed, Network, NetworkSpec, Pace, Trouble, Word, Words};

pub(super) static CHANNEL: Manual = Manual;

static SPEC: NetworkSpec = NetworkSpec {
    id: "manual",
    code: "MAN",
    name: "by hand",
    also: &[],
    words: Words {
        like: Some(Word::new("like", "likes", "LIKE")),
        reshare: Some(Word::new("reshare", "reshares", "RESH")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: Some(Word::new("quote", "quotes", "QUOT")),
        view: Some(Word::new("view", "views", "VIEW")),
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    // How long nobody has to type anything in; see `FRESH`.
    pace: Pace::new(35 * 24 * 60, 0),
    key: KeyNeed::No,
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "a name of your own, as manual:linkedin; small letters, digits, - and _",
    facts: Facts {
        reads: &[
            "nothing: cloutop reading SYM/NAME followers=512 likes=90 types a reading in, now or --at another time",
            "likes, replies, reshares, quotes, views: sums over all posts; what is added after the first reading \
             counts",
        ],
        cost: "no request",
        limits: "none; a reading is fresh for 35 days",
        unknown: &[
            "single posts, and who did something",
            "how large an audience is typical: it moves the score once [model.networks.manual] says phi",
        ],
    },
    // Nobody is asked there.
    api: Some("https://manual.invalid/"),
};

pub(super) struct Manual;

impl Channel for Manual {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        let name = typed.text.to_ascii_lowercase();
        (typed.named && is_own_name(&name)).then(|| Account::new(self.network(), name))
    }

    fn page(&self, _account: &Account) -> Option<String> {
        None
    }

    fn by_hand(&self) -> bool {
        true
    }

    fn begin(&self, progress: &mut Progress) -> Result<Step, Trouble> {
        Ok(progress.done())
    }

    fn read(&self, _progress: &mut Progress, _reply: &Reply) -> Result<Step, Trouble> {
        Err(Trouble::malformed("nobody was asked"))
    }
}
