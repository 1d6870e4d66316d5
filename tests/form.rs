//! Adding somebody, as keys and answers come: three steps, what is proposed, what is saved.
#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

use chrono::TimeDelta;
use cloutop::app::{AddForm, App, Candidate, Effect, Field, Found, Message, Step, Test, View, update};
use cloutop::channels;
use cloutop::config::NewPerson;
use cloutop::discover::{MOST, Proposal, Why};
use cloutop::keys::Key;
use cloutop::model::{
    Account, ChannelId, ChannelSnapshot, Money, PersonId, PersonSnapshot, Reason, State, Trouble, time,
};

fn app() -> App {
    let mut app = App::new((80, 24), time(0));
    key(&mut app, Key::Char('a'));
    app
}

fn key(app: &mut App, key: Key) -> Vec<Effect> {
    update(app, Message::Key(key))
}

fn keys(app: &mut App, typed: &str) -> Vec<Effect> {
    typed.chars().flat_map(|c| key(app, Key::Char(c))).collect()
}

fn paste(app: &mut App, text: &str) {
    update(app, Message::Paste(text.to_owned()));
}

fn account(typed: &str) -> Account {
    channels::parse(typed, &|_| false).unwrap().remove(0)
}

fn proposal(typed: &str, why: Why) -> Proposal {
    Proposal { candidates: vec![account(typed)], why }
}

fn found(typed: &str, name: Option<&str>, proposals: &[(&str, Why)]) -> Found {
    Found {
        account: account(typed),
        name: name.map(str::to_owned),
        took: TimeDelta::milliseconds(300),
        requests: 1,
        proposals: proposals.iter().map(|(typed, why)| proposal(typed, *why)).collect(),
        price: None,
    }
}

fn resolved(app: &mut App, typed: &str, proposals: &[(&str, Why)]) -> Vec<Effect> {
    let found = Ok(found(typed, Some("Ada Lindqvist"), proposals));
    update(app, Message::Resolved { typed: typed.to_owned(), found })
}

fn refused(app: &mut App, typed: &str, why: &str) -> Vec<Effect> {
    update(app, Message::Resolved { typed: typed.to_owned(), found: Err(why.to_owned()) })
}

/// The proposal of this account answers, and leads to these in turn.
fn answers(app: &mut App, typed: &str, proposals: &[(&str, Why)]) {
    let found = Ok(found(typed, None, proposals));
    update(app, Message::Probed { account: account(typed), found });
}

fn fails(app: &mut App, typed: &str, trouble: Trouble) {
    update(app, Message::Probed { account: account(typed), found: Err(trouble) });
}

fn look_up(word: &str) -> Vec<Effect> {
    vec![Effect::Resolve(word.to_owned())]
}

fn form(app: &App) -> &AddForm {
    app.add.as_ref().unwrap()
}

/// `x` or blank, account and test of every row.
fn table(app: &App) -> Vec<String> {
    let test = |test: &Test| match test {
        Test::Waiting => "…".to_owned(),
        Test::Well { .. } => "well".to_owned(),
        Test::Paid { poll, .. } => format!("{poll} a poll"),
        Test::KeyNeeded => "key".to_owned(),
        Test::Failed(why) => why.clone(),
    };
    let line = |row: &Candidate| {
        format!("{} {} {}", if row.checked { "x" } else { "-" }, row.account, test(&row.test))
    };
    form(app).rows.iter().map(line).collect()
}

fn snapshot(symbol: &str, name: &str) -> PersonSnapshot {
    let id = PersonId(symbol.bytes().map(i64::from).sum());
    PersonSnapshot::new(id, symbol.to_owned(), name.to_owned(), time(0))
}

fn of_group(mut person: PersonSnapshot, group: &str) -> PersonSnapshot {
    person.group = Some(group.to_owned());
    person
}

fn join(app: &mut App, person: PersonSnapshot) {
    update(app, Message::Person(Box::new(person)));
}

fn channel(account: Account) -> ChannelSnapshot {
    ChannelSnapshot {
        id: ChannelId(1),
        slot: account.network.id().to_owned(),
        account,
        state: State::Live,
        reason: Reason::Ok,
        detail: None,
        since: None,
        last_read: None,
        last_try: None,
        next_at: None,
        points: 0.0,
        audience_points: 0.0,
        body_points: 0.0,
        buzz_points: 0.0,
        assumed_points: 0.0,
        figures: Vec::new(),
        posts: 0,
        requests: 1,
        allowance: None,
        spent: None,
    }
}

fn typed(app: &mut App, address: &str, proposals: &[(&str, Why)]) -> Vec<Effect> {
    paste(app, address);
    assert_eq!(key(app, Key::Enter), look_up(address));
    resolved(app, address, proposals)
}

#[test]
fn several_accounts_pasted_at_once_are_looked_up_in_turn() {
    let mut app = app();
    paste(&mut app, "github:ada\nhn:ada\tgithub:ada");
    assert_eq!(key(&mut app, Key::Enter), look_up("github:ada"));
    assert_eq!(resolved(&mut app, "github:ada", &[]), look_up("hn:ada"));
    assert_eq!(resolved(&mut app, "hn:ada", &[]), look_up("github:ada"));
    assert_eq!(resolved(&mut app, "github:ada", &[]), []);
    let form = form(&app);
    assert_eq!((form.rows.len(), form.step), (2, Step::Who));
    assert!(form.mistake.as_deref().is_some_and(|words| words.contains("already")));
}

#[test]
fn what_was_not_found_can_be_mended() {
    let mut app = app();
    paste(&mut app, "github:ada hn:ad hn:eva");
    key(&mut app, Key::Enter);
    resolved(&mut app, "github:ada", &[]);
    assert_eq!(refused(&mut app, "hn:ad", "no such account"), []);
    assert_eq!(form(&app).input, "hn:ad hn:eva");
    assert_eq!(form(&app).mistake.as_deref(), Some("hn:ad: no such account"));
    assert_eq!(form(&app).step, Step::Who);
}

#[test]
fn keys_type_where_an_address_is_typed() {
    let mut app = app();
    assert_eq!(keys(&mut app, "q ?d+"), []);
    assert_eq!(form(&app).input, "q ?d+");
    assert_eq!(key(&mut app, Key::Ctrl('c')), [Effect::Quit]);
    key(&mut app, Key::Ctrl('u'));
    key(&mut app, Key::Esc);
    assert_eq!(app.add, None);
}

#[test]
fn proposals_are_tested_and_the_certain_ones_that_answer_are_checked() {
    let mut app = app();
    let mastodon = account("@ada@hachy.example").network;
    let effects = typed(
        &mut app,
        "@ada@hachy.example",
        &[
            ("https://ada.example", Why::Verified(mastodon)),
            ("github:ada", Why::Linked(mastodon)),
            ("bsky:ada.example.org", Why::Linked(mastodon)),
            ("hn:ada", Why::SameName),
        ],
    );
    assert_eq!(effects.len(), 4);
    let github = Effect::Probe { account: account("github:ada"), candidates: vec![account("github:ada")] };
    assert_eq!(effects[1], github);
    assert_eq!(form(&app).step, Step::Check);
    answers(&mut app, "https://ada.example", &[]);
    // It leads back, so it is certain.
    answers(&mut app, "github:ada", &[("@ada@hachy.example", Why::Linked(mastodon))]);
    fails(&mut app, "bsky:ada.example.org", Trouble::KeyNeeded);
    let expected = [
        "x mastodon:@ada@hachy.example well",
        "x feed:ada.example well",
        "x github:ada well",
        "- bluesky:ada.example.org key",
        "- hackernews:ada …",
    ];
    assert_eq!(table(&app), expected);
    assert_eq!(form(&app).rows[2].why, Why::BothWays);
    // A guess that is wrong is no row; any other trouble is told.
    fails(&mut app, "hn:ada", Trouble::NotFound);
    assert_eq!(form(&app).rows.len(), 4);
    assert!(!form(&app).asks());
}

#[test]
fn a_certain_account_that_does_not_answer_is_not_checked_unless_the_user_wants_it() {
    let mut app = app();
    typed(&mut app, "ada.example.org", &[("https://ada.example.org", Why::Domain)]);
    fails(&mut app, "https://ada.example.org", Trouble::Server { status: 503, until: None });
    assert!(table(&app)[1].starts_with("- feed:ada.example.org"), "{:?}", table(&app));
    assert!(table(&app)[1].contains("503"));
    key(&mut app, Key::Down);
    key(&mut app, Key::Char(' '));
    assert!(table(&app)[1].starts_with("x "));
    key(&mut app, Key::Char('d'));
    assert_eq!(table(&app), ["x bluesky:ada.example.org well"]);
    key(&mut app, Key::Backspace);
    assert_eq!((form(&app).rows.len(), form(&app).step), (0, Step::Who), "nobody is left");
}

#[test]
fn what_is_there_already_is_not_proposed_again() {
    let mut app = app();
    let mut known = snapshot("EVA", "Eva");
    known.channels.push(channel(account("hn:eva")));
    join(&mut app, known);
    let github = account("github:ada").network;
    let links = [("hn:eva", Why::Linked(github)), ("https://ada.example", Why::Linked(github))];
    assert_eq!(typed(&mut app, "github:ada", &links).len(), 1, "EVA has the other one");
    // The blog turns out to be at the address of another row.
    key(&mut app, Key::Char('+'));
    paste(&mut app, "https://www.ada.example");
    key(&mut app, Key::Enter);
    let same_feed = |typed: &str| account(typed).known_as("https://ada.example/feed");
    let blog = Found { account: same_feed("https://www.ada.example"), ..found("hn:ada", None, &[]) };
    let typed = "https://www.ada.example".to_owned();
    update(&mut app, Message::Resolved { typed, found: Ok(blog) });
    let again = Found { account: same_feed("https://ada.example"), ..found("hn:ada", None, &[]) };
    update(&mut app, Message::Probed { account: account("https://ada.example"), found: Ok(again) });
    assert_eq!(table(&app), ["x github:ada well", "x feed:www.ada.example well"]);
}

#[test]
fn a_few_proposals_are_enough() {
    let mut app = app();
    let github = account("github:ada").network;
    let names: Vec<String> = (10..60).map(|n| format!("hn:ada{n}")).collect();
    let links: Vec<_> = names.iter().map(|name| (name.as_str(), Why::Linked(github))).collect();
    assert_eq!(typed(&mut app, "github:ada", &links).len(), MOST);
}

#[test]
fn one_more_is_added_by_hand_and_mended_there() {
    let mut app = app();
    typed(&mut app, "github:ada", &[]);
    keys(&mut app, "+hn:q");
    assert_eq!(form(&app).input, "hn:q");
    assert_eq!(key(&mut app, Key::Enter), look_up("hn:q"));
    refused(&mut app, "hn:q", "no such account");
    assert_eq!((form(&app).by_hand, form(&app).input.as_str()), (true, "hn:q"));
    keys(&mut app, "q");
    key(&mut app, Key::Enter);
    resolved(&mut app, "hn:qq", &[]);
    assert_eq!(table(&app), ["x github:ada well", "x hackernews:qq well"]);
    // Pasted at the table it is an address, too.
    paste(&mut app, "hn:eva");
    assert!(form(&app).by_hand);
    key(&mut app, Key::Esc);
    assert_eq!((form(&app).by_hand, form(&app).step), (false, Step::Check));
}

#[test]
fn esc_goes_back_step_by_step_and_what_is_under_way_ends_with_the_form() {
    let mut app = app();
    typed(&mut app, "github:ada", &[("hn:ada", Why::SameName)]);
    key(&mut app, Key::Enter);
    assert_eq!(form(&app).step, Step::Save);
    assert_eq!(key(&mut app, Key::Esc), []);
    assert_eq!(form(&app).step, Step::Check);
    assert_eq!(key(&mut app, Key::Esc), []);
    assert_eq!(form(&app).step, Step::Who);
    assert_eq!(key(&mut app, Key::Esc), [Effect::GiveUp]);
    assert_eq!(app.add, None);
    // What comes late finds nobody.
    answers(&mut app, "hn:ada", &[]);
    assert_eq!((app.add.as_ref(), app.notice.as_ref()), (None, None));
}

#[test]
fn nothing_is_saved_when_nothing_is_checked() {
    let mut app = app();
    typed(&mut app, "github:ada", &[]);
    key(&mut app, Key::Char(' '));
    key(&mut app, Key::Enter);
    assert_eq!(form(&app).step, Step::Check);
    assert!(form(&app).mistake.is_some());
}

#[test]
fn what_is_certain_too_late_is_not_saved_unseen() {
    let mut app = app();
    typed(&mut app, "ada.example.org", &[("https://ada.example.org", Why::Domain)]);
    key(&mut app, Key::Enter);
    answers(&mut app, "https://ada.example.org", &[]);
    assert_eq!(table(&app)[1], "- feed:ada.example.org well");
}

#[test]
fn the_card_is_filled_in_checked_and_saved() {
    let mut app = app();
    join(&mut app, of_group(snapshot("ADA", "Ada Lindqvist"), "work"));
    join(&mut app, of_group(snapshot("EVA", "Eva"), "friends"));
    typed(&mut app, "github:adal", &[("hn:adal", Why::SameName)]);
    answers(&mut app, "hn:adal", &[]);
    key(&mut app, Key::Enter);
    assert_eq!((form(&app).card.symbol.as_str(), form(&app).card.name.as_str()), ("ADA2", "Ada Lindqvist"));
    assert_eq!(app.namesake(&form(&app).card), Some("ADA"));
    for (symbol, wrong) in [("x", "two to five"), ("abcdef", "two to five"), ("ada", "taken by Ada")] {
        key(&mut app, Key::Ctrl('u'));
        keys(&mut app, symbol);
        assert_eq!(key(&mut app, Key::Enter), []);
        let (field, words) = form(&app).card.mistake.clone().unwrap();
        assert!(field == Field::Symbol && words.contains(wrong), "{symbol}: {words}");
    }
    key(&mut app, Key::Ctrl('u'));
    keys(&mut app, "qa");
    key(&mut app, Key::Tab);
    keys(&mut app, " 2nd");
    key(&mut app, Key::Down);
    key(&mut app, Key::Right);
    assert_eq!(form(&app).card.group, "friends");
    key(&mut app, Key::Right);
    assert_eq!(form(&app).card.group, "work");
    key(&mut app, Key::Left);
    key(&mut app, Key::Tab);
    assert_eq!(form(&app).card.field, Field::Mine);
    key(&mut app, Key::Char('y'));
    key(&mut app, Key::Tab);
    assert_eq!(form(&app).card.field, Field::Symbol);
    let person = NewPerson {
        symbol: "QA".to_owned(),
        name: Some("Ada Lindqvist 2nd".to_owned()),
        group: Some("friends".to_owned()),
        mine: true,
        channels: vec![account("github:adal")],
    };
    assert_eq!(key(&mut app, Key::Enter), [Effect::Save(person)]);
    assert_eq!(app.add, None);
    let saved = snapshot("QA", "Ada Lindqvist 2nd");
    join(&mut app, saved.clone());
    assert_eq!(app.view(), &View::Person { person: saved.id, channel: 0 });
}

#[test]
fn whoever_went_elsewhere_is_not_fetched_back() {
    let mut app = app();
    let mut me = snapshot("ME", "Me");
    me.mine = true;
    join(&mut app, me);
    typed(&mut app, "github:ada", &[]);
    key(&mut app, Key::Enter);
    assert!(!app.card_fields().contains(&Field::Mine), "it is known who the user is");
    let effects = key(&mut app, Key::Enter);
    assert!(matches!(&effects[..], [Effect::Save(person)] if !person.mine), "{effects:?}");
    key(&mut app, Key::Char('b'));
    let view = app.view().clone();
    join(&mut app, snapshot("ADA", "Ada Lindqvist"));
    assert_eq!(app.view(), &view);
}

#[test]
fn what_costs_money_shows_its_price_and_is_nobodys_choice_but_the_users() {
    let mut app = app();
    let words = "a poll costs at most $0.11";
    let paid = |typed| Found { price: Some((Money(110_000), words.to_owned())), ..found(typed, None, &[]) };
    typed(&mut app, "github:ada", &[("x:ada", Why::Verified(account("github:ada").network))]);
    assert_eq!(table(&app), ["x github:ada well", "- x:ada …"]);
    update(&mut app, Message::Probed { account: account("x:ada"), found: Ok(paid("x:ada")) });
    assert_eq!(table(&app), ["x github:ada well", "- x:ada $0.11 a poll"], "however sure it is");
    app.size = (120, 36);
    key(&mut app, Key::Char('j'));
    let frame = cloutop::run::frame_text(&cloutop::run::frame(&app));
    assert!(frame.contains("$ up to $0.11 a poll") && frame.contains(words), "{frame}");
    key(&mut app, Key::Char(' '));
    assert_eq!(table(&app), ["x github:ada well", "x x:ada $0.11 a poll"]);
}
