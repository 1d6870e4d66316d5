//! Adding somebody: what is typed, looked up, proposed and saved.

use super::{AddForm, App, Effect, Found};
use crate::keys::Key;

/// A key while the form is open.
pub(super) fn on_form_key(app: &mut App, key: Key) -> Vec<Effect> {
    let taken: Vec<String> = app.people.iter().map(|person| person.symbol.clone()).collect();
    let Some(form) = &mut app.add else { return Vec::new() };
    form.mistake = None;
    match key {
        // One step back, then out.
        Key::Esc if form.symbol.is_some() => form.symbol = None,
        Key::Esc => app.add = None,
        Key::Backspace => {
            form.symbol.as_mut().unwrap_or(&mut form.input).pop();
        }
        Key::Char(c) => {
            let field = form.symbol.as_mut().unwrap_or(&mut form.input);
            if field.len() < 400 {
                field.push(c);
            }
        }
        Key::Ctrl('u') => form.symbol.as_mut().unwrap_or(&mut form.input).clear(),
        Key::Enter if form.waiting.is_some() => {}
        Key::Enter => match &form.symbol {
            None if !form.input.trim().is_empty() => {
                let typed = std::mem::take(&mut form.input);
                form.rest = typed.split_whitespace().map(str::to_owned).collect();
                return look_up_next(form);
            }
            None if form.found.is_empty() => app.add = None,
            None => form.symbol = Some(propose(form, &taken)),
            Some(symbol) => {
                let symbol = symbol.trim().to_uppercase();
                if !crate::config::is_symbol(&symbol) {
                    form.mistake =
                        Some("a symbol has two to five letters or digits, a letter first".to_owned());
                    return Vec::new();
                }
                let found = std::mem::take(&mut form.found);
                app.add = None;
                return vec![Effect::Save { symbol, found }];
            }
        },
        _ => {}
    }
    Vec::new()
}

fn look_up_next(form: &mut AddForm) -> Vec<Effect> {
    if form.rest.is_empty() {
        return Vec::new();
    }
    let typed = form.rest.remove(0);
    form.waiting = Some(typed.clone());
    vec![Effect::Resolve(typed)]
}

fn propose(form: &AddForm, taken: &[String]) -> String {
    let first = &form.found[0];
    crate::config::propose_symbol(first.name.as_deref(), &first.account, taken)
}

pub(super) fn on_resolved(app: &mut App, typed: &str, found: Result<Found, String>) -> Vec<Effect> {
    app.pending.retain(|pending| pending != typed);
    if let Some(form) = &mut app.add
        && form.waiting.as_deref() == Some(typed)
    {
        form.waiting = None;
        match found {
            Ok(found) if form.found.iter().any(|known| known.account == found.account) => {
                form.mistake = Some(format!("{typed} is in the list already"));
                return look_up_next(form);
            }
            Ok(found) => {
                form.found.push(found);
                return look_up_next(form);
            }
            Err(why) => {
                // Most messages name what was typed.
                form.mistake = Some(if why.contains(typed) { why } else { format!("{typed}: {why}") });
                // What was not looked up can be mended and sent again.
                let rest = std::mem::take(&mut form.rest);
                let typing = Some(form.input.clone()).filter(|input| !input.is_empty());
                let words = std::iter::once(typed.to_owned()).chain(rest).chain(typing);
                form.input = words.collect::<Vec<_>>().join(" ");
            }
        }
        return Vec::new();
    }
    if let Err(why) = found {
        app.notice = Some(format!("{typed}: {why}"));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Message, update};

    fn app() -> App {
        let mut app = App::new((80, 24), crate::model::time(0));
        update(&mut app, Message::Key(Key::Char('a')));
        app
    }

    fn resolved(app: &mut App, typed: &str, found: Result<(), &str>) -> Vec<Effect> {
        let account = || crate::channels::parse(typed, &|_| false).unwrap().remove(0);
        let found = found.map(|()| Found { account: account(), name: None }).map_err(str::to_owned);
        update(app, Message::Resolved { typed: typed.to_owned(), found })
    }

    #[test]
    fn several_accounts_pasted_at_once_are_looked_up_in_turn() {
        let mut app = app();
        update(&mut app, Message::Paste("github:ada\nhn:ada\tgithub:ada".to_owned()));
        let look_up = |word: &str| vec![Effect::Resolve(word.to_owned())];
        assert_eq!(update(&mut app, Message::Key(Key::Enter)), look_up("github:ada"));
        assert_eq!(resolved(&mut app, "github:ada", Ok(())), look_up("hn:ada"));
        assert_eq!(resolved(&mut app, "hn:ada", Ok(())), look_up("github:ada"));
        assert_eq!(resolved(&mut app, "github:ada", Ok(())), []);
        let form = app.add.as_ref().unwrap();
        assert_eq!(form.found.len(), 2);
        assert!(form.mistake.as_deref().is_some_and(|words| words.contains("already")));
    }

    #[test]
    fn what_was_not_found_can_be_mended() {
        let mut app = app();
        update(&mut app, Message::Paste("github:ada hn:ad hn:eva".to_owned()));
        update(&mut app, Message::Key(Key::Enter));
        resolved(&mut app, "github:ada", Ok(()));
        assert_eq!(resolved(&mut app, "hn:ad", Err("no such account")), []);
        let form = app.add.as_ref().unwrap();
        assert_eq!(form.input, "hn:ad hn:eva");
        assert_eq!(form.mistake.as_deref(), Some("hn:ad: no such account"));
    }
}
