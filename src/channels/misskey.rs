//! Misskey, Sharkey and their kin: every question is a POST with its parameters as JSON.
//!
//! One poll: `WebFinger` once to find the host, then the user, then the newest notes, then one older page in
//! turn, then who is behind what grew. A page may hold fewer notes than asked for: only an empty one is the
//! last. Questions about a note carry its id as the fragment of their address, which is not sent: the
//! answers do not say which note they are about.

mod replies;

use super::{
    Channel, Progress, Reach, Step, Typed, ask, decode, decode_actors, endpoint, fediverse, name, refusal,
    rfc3339, visible,
};
use crate::exchange::{Body, Reply, Request, Stage, host_of, is_loopback};
use crate::model::{
    Account, Act, Counts, Facts, Figure, ItemId, KeyNeed, Metric, Network, NetworkSpec, Notice, Pace, Post,
    PostKind, Tie, Time, Trouble, Word, Words,
};
use crate::schedule::Limits;
use crate::text;
use replies::{Note, Reaction, Refusal, User};
use serde_json::{Value, json};

pub(super) static CHANNEL: Misskey = Misskey;

static SPEC: NetworkSpec = NetworkSpec {
    id: "misskey",
    code: "MISS",
    name: "Misskey",
    also: &["sharkey", "firefish", "iceshrimp", "cherrypick"],
    words: Words {
        like: Some(Word::new("reaction", "reactions", "REAC")),
        reshare: Some(Word::new("renote", "renotes", "RENO")),
        reply: Some(Word::new("reply", "replies", "REPL")),
        quote: None,
        view: None,
        audience: Some("followers"),
    },
    audience: &[(Figure::Followers, 1.0)],
    pace: Pace::new(15, 5),
    key: KeyNeed::Useful(
        "Settings, API, Generate access token on your own server, with no permission but to read your account; needed where the server shows nothing to strangers",
    ),
    opt_in: None,
    price: None,
    outcome: false,
    sites: &[],
    hint: "write @user@server or the profile's address",
    facts: Facts {
        reads: &[
            "users/show: followers, name, links, which of them the server has verified",
            "users/notes: the newest 100 notes with their counters; on the first poll back to 90 days",
            "notes/reactions, notes/renotes, notes/children: who is behind what grew",
        ],
        cost: "2 requests, one more where there are older notes, and one for each counter that grew",
        limits: "not published and set by each server; Misskey answers 429, newer ones with Retry-After, Sharkey names what is left in X-RateLimit headers",
        unknown: &[
            "whether an account was suspended or deleted: servers say the same of both",
            "reactions and renotes that other servers did not tell the author's server",
            "followers whose number the account hides",
            "notes that their author shows to followers or signed-in people only",
            "quotes by themselves: they are counted as renotes",
        ],
    },
    api: None,
};

/// Notes a page, the most the API gives.
const PAGE: usize = 100;

/// Software that is asked the same way, as servers name it.
const FAMILY: [&str; 7] =
    ["misskey", "sharkey", "firefish", "iceshrimp", "cherrypick", "calckey", "foundkey"];

pub(super) struct Misskey;

impl Channel for Misskey {
    fn network(&self) -> Network {
        Network(&SPEC)
    }

    fn recognise(&self, typed: &Typed<'_>) -> Option<Account> {
        fediverse::recognise(self.network(), typed)
    }

    fn page(&self, account: &Account) -> Option<String> {
        fediverse::page(account)
    }

    fn request(&self, progress: &Progress) -> Request {
        fediverse::webfinger(progress).unwrap_or_else(|| user(progress))
    }

    fn read(&self, progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
        match reply.stage {
            Stage::Home => {
                fediverse::read_home(progress, reply);
                Ok(ask(user(progress)))
            }
            Stage::Links => Ok(read_move(progress, reply)),
            Stage::Posts | Stage::Older | Stage::Refresh => read_notes(progress, reply),
            Stage::Actors => read_actors(progress, reply),
            _ => read_user(progress, reply),
        }
    }
}

fn post(progress: &Progress, segments: &[&str], stage: Stage, question: Value) -> Request {
    Request::json(endpoint(&progress.api, &[&["api"], segments].concat()), stage)
        .with_body(Body::Json(question))
        .with_key(format!("misskey@{}", host_of(&progress.api)))
}

fn user(progress: &Progress) -> Request {
    let account = progress.account();
    let name = fediverse::split(&account.handle).map_or(account.handle.as_str(), |(user, _)| user);
    let question = match &account.native {
        Some(id) => json!({ "userId": id }),
        None => json!({ "username": name, "host": null }),
    };
    post(progress, &["users", "show"], Stage::Profile, question)
}

fn notes(progress: &Progress, stage: Stage, before: Option<&str>) -> Request {
    // Without `withRenotes` some servers fail on `untilId`. In the turn of older notes renotes would take
    // the place of those whose counters are wanted.
    let mut question = json!({
        "userId": progress.account().native,
        "limit": PAGE,
        "withReplies": true,
        "withRenotes": stage != Stage::Refresh,
        "withChannelNotes": false,
    });
    if let (Some(before), Some(fields)) = (before, question.as_object_mut()) {
        fields.insert("untilId".to_owned(), before.into());
    }
    post(progress, &["users", "notes"], stage, question)
}

/// Misskey says what is wrong by a word in the body; its statuses have changed over the years.
fn troubled(progress: &Progress, reply: &Reply) -> Option<Trouble> {
    if reply.ok() {
        return None;
    }
    let word = reply.json::<Refusal>().map(|refusal| refusal.error.code).unwrap_or_default();
    let limits = Limits::read(&reply.headers, reply.at);
    Some(match word.as_str() {
        "NO_SUCH_USER" => progress.missing(),
        "RATE_LIMIT_EXCEEDED" | "BRIEF_REQUEST_INTERVAL" => {
            Trouble::RateLimited { until: limits.retry.or(limits.reset) }
        }
        "CREDENTIAL_REQUIRED" if !reply.keyed => Trouble::KeyNeeded,
        "CREDENTIAL_REQUIRED" | "AUTHENTICATION_FAILED" | "YOUR_ACCOUNT_SUSPENDED" => Trouble::Unauthorized,
        _ => match refusal(reply) {
            // Not in the network's own words: the server stands elsewhere or in part.
            Trouble::NotFound if progress.known.polls > 0 => Trouble::Server { status: 404, until: None },
            trouble => trouble,
        },
    })
}

fn read_user(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(progress, reply) {
        return Err(trouble);
    }
    let user: User = decode(reply)?;
    if user.is_deleted {
        return Err(Trouble::Deleted);
    }
    if user.is_suspended {
        return Err(Trouble::Suspended);
    }
    let host = fediverse::split(&progress.account().handle).map(|(_, host)| host.to_owned());
    let canonical = host.and_then(|host| fediverse::account(CHANNEL.network(), &user.username, &host));
    if let Some(account) = canonical {
        progress.rename(&account.handle);
    }
    progress.seen.account.stable = Some(format!("{}/{}", host_of(&progress.api), user.id));
    progress.seen.account.native = Some(user.id.clone());
    progress.seen.profile.name = name(user.name.as_deref());
    progress.seen.profile.url = CHANNEL.page(progress.account());
    let hidden = user.followers_visibility.as_deref().or(user.ff_visibility.as_deref());
    if hidden.is_none_or(|seen| seen == "public") {
        progress.figure(Figure::Followers, visible(user.followers_count));
    }
    let verified = user.verified_links.unwrap_or_default();
    for url in &verified {
        progress.seen.profile.link(Tie::Verified, url);
    }
    for field in user.fields.unwrap_or_default() {
        if field.value.starts_with("http") && !verified.contains(&field.value) {
            progress.seen.profile.link(Tie::Claimed, field.value);
        }
    }
    if user.description.is_some_and(|words| words.to_lowercase().contains("#nobot")) {
        // A community sign: leave me out of your machines. Counts only.
        progress.seen.notices.push(Notice::Hidden);
    }
    match user.moved_to {
        Some(id) if !id.contains('/') => {
            Ok(ask(post(progress, &["users", "show"], Stage::Links, json!({ "userId": id }))))
        }
        _ => Ok(newest(progress)),
    }
}

fn newest(progress: &mut Progress) -> Step {
    if progress.reach == Reach::Probe {
        return progress.done();
    }
    ask(notes(progress, Stage::Posts, None))
}

/// The account lives elsewhere now: the next poll asks there, if it is asked the same way. What it earned
/// here stays.
fn read_move(progress: &mut Progress, reply: &Reply) -> Step {
    let own_host = fediverse::split(&progress.account().handle).map(|(_, host)| host.to_owned());
    let moved = decode::<User>(reply).ok().and_then(|user| {
        let there = match user.host {
            None => own_host?,
            Some(host) => {
                let software = user.instance?.software_name?.to_lowercase();
                FAMILY.contains(&software.as_str()).then_some(host)?
            }
        };
        let account = fediverse::account(CHANNEL.network(), &user.username, &there)?;
        // Nobody on the web is led onto this machine.
        let here = account.base.as_ref().is_some_and(is_loopback);
        (account.handle != progress.account().handle && (!here || is_loopback(&progress.api)))
            .then_some(account)
    });
    let Some(account) = moved else { return newest(progress) };
    let from = std::mem::replace(&mut progress.seen.account, account).handle;
    progress.seen.notices.push(Notice::Moved { from, to: progress.account().handle.clone() });
    progress.done()
}

fn read_notes(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    if let Some(trouble) = troubled(progress, reply) {
        return Err(trouble);
    }
    progress.pages += 1;
    let page: Vec<Note> = decode(reply)?;
    let refresh = reply.stage == Stage::Refresh;
    let mut times: Vec<Time> = Vec::new();
    let mut ids = Vec::new();
    for note in page.into_iter().take(PAGE) {
        times.extend(rfc3339(&note.created_at));
        ids.push(ItemId::from(note.id.as_str()));
        read_note(progress, note, 0);
    }
    let (oldest, newest) = (times.iter().min().copied(), times.iter().max().copied());
    if let Some((oldest, newest)) = oldest.zip(newest) {
        // Everything the account published between the page's ends is on the page, or is gone.
        let gone = progress.missing_between(oldest, if refresh { newest } else { progress.now });
        progress.seen.gone.extend(gone);
    }
    if refresh {
        return Ok(progress.then_actors(actors));
    }
    if ids.is_empty() {
        progress.seen.complete = true;
        return Ok(progress.then_actors(actors));
    }
    if progress.wants_older(&ids, oldest) {
        let last = ids.last().map(|id| id.0.as_str());
        return Ok(ask(notes(progress, Stage::Older, last)));
    }
    Ok(match progress.older_before(PAGE) {
        Some(before) => ask(notes(progress, Stage::Refresh, Some(&before))),
        None => progress.then_actors(actors),
    })
}

fn read_note(progress: &mut Progress, note: Note, depth: u32) {
    let own_id = progress.account().native.clone().unwrap_or_default();
    let Some(published) = rfc3339(&note.created_at) else { return };
    if note.user_id != own_id || !note.is_public() || note.id.is_empty() {
        return;
    }
    let pure = note.is_pure_renote();
    if let (Some(renoted), Some(inner)) = (&note.renote_id, &note.renote)
        && inner.user_id == own_id
    {
        progress.act(Act::own(note.id.clone(), renoted.clone(), Metric::Reshares));
    }
    if let (Some(parent), Some(inner)) = (&note.reply_id, &note.reply)
        && inner.user_id == own_id
    {
        progress.act(Act::own(note.id.clone(), parent.clone(), Metric::Replies));
    }
    if pure {
        if let Some(inner) = note.renote
            && depth == 0
        {
            read_note(progress, *inner, 1);
        }
        return;
    }
    let warning = text::clean(note.cw.as_deref().unwrap_or_default());
    let counts = Counts::default()
        .with(Metric::Likes, note.reactions())
        .with(Metric::Reshares, visible(note.renote_count))
        .with(Metric::Replies, visible(note.replies_count));
    progress.add(Post {
        kind: if note.reply_id.is_some() { PostKind::Reply } else { PostKind::Post },
        url: Some(endpoint(&progress.api, &["notes", &note.id]).to_string()),
        title: if warning.is_empty() {
            text::clean(note.text.as_deref().unwrap_or_default())
        } else {
            warning
        },
        published,
        counts,
        standing: false,
        id: ItemId(note.id),
    });
}

const REACTIONS: &str = "reactions";
const RENOTES: &str = "renotes";
const CHILDREN: &str = "children";

/// Who is behind a note's counter, the newest first.
fn actors(progress: &Progress, item: &Post, metric: Metric) -> Option<Request> {
    let what = match metric {
        Metric::Likes => REACTIONS,
        Metric::Reshares => RENOTES,
        Metric::Replies => CHILDREN,
        Metric::Quotes | Metric::Views => return None,
    };
    let question = json!({ "noteId": item.id.0, "limit": PAGE });
    let mut request = post(progress, &["notes", what], Stage::Actors, question);
    request.url.set_fragment(Some(&item.id.0));
    Some(request)
}

fn read_actors(progress: &mut Progress, reply: &Reply) -> Result<Step, Trouble> {
    let what = reply.url.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default().to_owned();
    let note = reply.url.fragment().unwrap_or_default().to_owned();
    if let Some(limited @ Trouble::RateLimited { .. }) = troubled(progress, reply) {
        return Err(limited);
    }
    if matches!(reply.status, 401 | 403) {
        // Not for strangers on this server.
        progress.queue.clear();
    }
    if what == REACTIONS {
        for reaction in decode_actors::<Vec<Reaction>>(reply)?.unwrap_or_default() {
            take(progress, &note, Metric::Likes, reaction.id, &reaction.user.id, &reaction.created_at, "");
        }
    } else {
        for child in decode_actors::<Vec<Note>>(reply)?.unwrap_or_default() {
            // Below a note stand its quotes, too.
            let (to, metric) = if what == RENOTES {
                (&child.renote_id, Metric::Reshares)
            } else {
                (&child.reply_id, Metric::Replies)
            };
            if to.as_deref() == Some(note.as_str()) && child.is_public() {
                let words = if what == RENOTES { "" } else { child.text.as_deref().unwrap_or_default() };
                take(progress, &note, metric, child.id, &child.user_id, &child.created_at, words);
            }
        }
    }
    Ok(progress.then_actors(actors))
}

/// One reaction, renote or reply.
fn take(progress: &mut Progress, note: &str, metric: Metric, id: String, actor: &str, at: &str, words: &str) {
    if note.is_empty() || id.is_empty() || actor.is_empty() {
        return;
    }
    if progress.account().native.as_deref() == Some(actor) {
        progress.act(Act::own(id, note, metric));
        return;
    }
    let actor = text::clean(&format!("{}/{actor}", host_of(&progress.api)));
    progress.act_by(Act::by(actor, id, note, metric).at(rfc3339(at)), || text::clean(words));
}
