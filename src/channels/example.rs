//! The worked example of CONTRIBUTING.md, compiled where a channel's file stands, so that it has the same helpers. Its
//! text is compared with CONTRIBUTING.md by `tests/contributing.rs`.

use super::*;

// Named by nobody but its test: the program reads no ponds.
#[path = "../../tests/pond/pond.rs"]
mod pond;

use pond::CHANNEL;

const DUCK: &[u8] = include_bytes!("../../tests/pond/duck.json");
const POSTS: &[u8] = include_bytes!("../../tests/pond/posts.json");

fn progress(typed: &str, stable: Option<&str>) -> Progress {
    let typed = Typed { text: typed, url: Url::parse(typed).ok(), named: true };
    let mut account = CHANNEL.recognise(&typed).unwrap();
    account.stable = stable.map(str::to_owned);
    let api = api(&account, None);
    Progress::new(account, api, rfc3339("2026-03-02T10:30:00Z").unwrap())
}

fn answer(request: &Request, status: u16, body: &[u8], now: Time) -> Reply {
    let headers = crate::exchange::Headers::new([("content-type", "application/json")]);
    Reply {
        stage: request.stage,
        status,
        headers,
        body: body.to_vec(),
        url: request.url.clone(),
        moved: false,
        at: now,
        keyed: false,
    }
}

#[test]
fn the_worked_example_reads_its_replies() {
    let mut progress = progress("https://pond.example/ducks/ada", None);
    let now = progress.now;
    let first = CHANNEL.request(&progress);
    assert_eq!(first.url.as_str(), "https://pond.example/api/v1/ducks/ada");
    let Step::Ask(second) = CHANNEL.read(&mut progress, &answer(&first, 200, DUCK, now)).unwrap() else {
        panic!("the posts are still to be asked for")
    };
    assert_eq!(second.url.as_str(), "https://pond.example/api/v1/ducks/d17/posts");
    let Step::Done(seen) = CHANNEL.read(&mut progress, &answer(&second, 200, POSTS, now)).unwrap() else {
        panic!("there is nothing more to ask for")
    };
    assert_eq!(seen.account.stable.as_deref(), Some("d17"));
    assert_eq!(seen.profile.figures, [(Figure::Followers, 321)]);
    let likes: Vec<_> =
        seen.posts.iter().map(|post| (post.id.0.as_str(), post.counts.get(Metric::Likes))).collect();
    assert_eq!(likes, [("p2", Some(12)), ("p1", None)]);
}

#[test]
fn the_worked_example_tells_missing_from_deleted() {
    let mut progress = progress("ada", Some("d17"));
    let first = CHANNEL.request(&progress);
    let gone = answer(&first, 404, b"{}", progress.now);
    assert_eq!(CHANNEL.read(&mut progress, &gone).unwrap_err(), Trouble::NotFound);
    progress.known.polls = 3;
    assert_eq!(CHANNEL.read(&mut progress, &gone).unwrap_err(), Trouble::Deleted);
}
