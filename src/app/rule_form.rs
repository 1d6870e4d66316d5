//! A rule of the alerts, made or changed: a form over the screen.

use super::{App, Effect, Question, TextField, View};
use crate::alerts::{BADGE, BUILT_IN, EventKind};
use crate::config::{self, Change, Config, RuleText, Wrong};
use crate::keys::Key;

/// A line of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleField {
    Name,
    Who,
    On,
    Min,
    When,
    Hold,
    After,
    How,
    Quiet,
    Off,
}

impl RuleField {
    /// Its key in the file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Who => "who",
            Self::On => "on",
            Self::Min => "min",
            Self::When => "when",
            Self::Hold => "hold",
            Self::After => "after",
            Self::How => "how",
            Self::Quiet => "quiet",
            Self::Off => "off",
        }
    }

    /// One line about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Name => "what it is called in the list; no two rules have the same name",
            Self::Who => "a filter like YOU or group:friends last>50; mine: you yourself; empty: everybody",
            Self::On => "what it tells of; when: a filter that becomes true",
            Self::Min => "points, or 3x for three times the usual daily noise; empty: every bump",
            Self::When => "a filter that becomes true, like YOU.last>60 or d24<-2",
            Self::Hold => "polls in a row on which it must be true; empty: 2",
            Self::After => "how long it must have lasted, like 15m; empty: at once",
            Self::How => "where it tells: ← → go from place to place, space chooses",
            Self::Quiet => {
                "silent for somebody so long after it has fired for them, like 30m; empty: as in the settings"
            }
            Self::Off => "a rule that is off tells nothing and forgets what it saw",
        }
    }
}

/// The form, as far as it is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleForm {
    /// The rule that is changed; nothing for a new one.
    pub was: Option<RuleText>,
    pub name: TextField,
    pub who: TextField,
    /// Nothing for a filter that becomes true.
    pub on: Option<EventKind>,
    pub min: TextField,
    pub when: TextField,
    pub hold: TextField,
    pub after: TextField,
    /// Places, and whether it tells there.
    pub how: Vec<(String, bool)>,
    /// The place that space chooses.
    pub place: usize,
    pub quiet: TextField,
    pub off: bool,
    pub at: RuleField,
    /// What is wrong, by line; what is about none stands apart.
    pub mistakes: Vec<(Option<RuleField>, String)>,
}

impl RuleForm {
    fn new(rule: RuleText, new: bool, places: &[String]) -> Self {
        let mut how: Vec<(String, bool)> =
            places.iter().map(|place| (place.clone(), rule.how.contains(place))).collect();
        let others = rule.how.iter().filter(|place| !places.contains(place));
        how.extend(others.map(|place| (place.clone(), true)));
        Self {
            name: TextField::new(&rule.name),
            who: TextField::new(&rule.who),
            on: rule.on,
            min: TextField::new(&rule.min),
            when: TextField::new(&rule.when),
            hold: TextField::new(&rule.hold),
            after: TextField::new(&rule.after),
            how,
            place: 0,
            quiet: TextField::new(&rule.quiet),
            off: rule.off,
            at: RuleField::Name,
            mistakes: Vec::new(),
            was: (!new).then_some(rule),
        }
    }

    /// The lines, in their order: some belong to what it is on.
    pub fn fields(&self) -> Vec<RuleField> {
        let own: &[RuleField] = match self.on {
            None => &[RuleField::When, RuleField::Hold],
            Some(EventKind::Bump) => &[RuleField::Min],
            Some(EventKind::Halt | EventKind::Limit) => &[RuleField::After],
            Some(_) => &[],
        };
        let mut fields = vec![RuleField::Name, RuleField::Who, RuleField::On];
        fields.extend(own);
        fields.extend([RuleField::How, RuleField::Quiet, RuleField::Off]);
        fields
    }

    /// The text of a line that is typed; nothing where one chooses.
    pub fn text(&self, field: RuleField) -> Option<&TextField> {
        Some(match field {
            RuleField::Name => &self.name,
            RuleField::Who => &self.who,
            RuleField::Min => &self.min,
            RuleField::When => &self.when,
            RuleField::Hold => &self.hold,
            RuleField::After => &self.after,
            RuleField::Quiet => &self.quiet,
            RuleField::On | RuleField::How | RuleField::Off => return None,
        })
    }

    fn text_mut(&mut self) -> Option<&mut TextField> {
        Some(match self.at {
            RuleField::Name => &mut self.name,
            RuleField::Who => &mut self.who,
            RuleField::Min => &mut self.min,
            RuleField::When => &mut self.when,
            RuleField::Hold => &mut self.hold,
            RuleField::After => &mut self.after,
            RuleField::Quiet => &mut self.quiet,
            RuleField::On | RuleField::How | RuleField::Off => return None,
        })
    }

    pub fn mistake(&self, field: RuleField) -> Option<&str> {
        self.mistakes.iter().find(|(at, _)| *at == Some(field)).map(|(_, what)| what.as_str())
    }

    /// The rule as it would be written.
    fn rule(&self) -> RuleText {
        let own = |field: RuleField| {
            let typed = self.text(field).filter(|_| self.fields().contains(&field));
            typed.map(|typed| typed.text().trim().to_owned()).unwrap_or_default()
        };
        RuleText {
            name: own(RuleField::Name),
            who: own(RuleField::Who),
            on: self.on,
            min: own(RuleField::Min),
            when: own(RuleField::When),
            hold: own(RuleField::Hold),
            after: own(RuleField::After),
            how: self.how.iter().filter(|(_, told)| *told).map(|(place, _)| place.clone()).collect(),
            quiet: own(RuleField::Quiet),
            off: self.off,
        }
    }

    fn go(&mut self, by: isize) {
        let fields = self.fields();
        let place = fields.iter().position(|field| *field == self.at).unwrap_or(0);
        let count = fields.len().cast_signed();
        self.at = fields[(place.cast_signed() + by).rem_euclid(count).cast_unsigned()];
    }

    /// A key in a line where one chooses.
    fn choose(&mut self, key: Key) {
        let by = match key {
            Key::Left => -1,
            Key::Right => 1,
            Key::Char(' ') => 0,
            _ => return,
        };
        match self.at {
            RuleField::On => {
                let kinds: Vec<Option<EventKind>> =
                    EventKind::ALL.into_iter().map(Some).chain([None]).collect();
                let place = kinds.iter().position(|kind| *kind == self.on).unwrap_or(0).cast_signed();
                let next = place + if by == 0 { 1 } else { by };
                self.on = kinds[next.rem_euclid(kinds.len().cast_signed()).cast_unsigned()];
                // What was said of another trigger is not about this one.
                let fields = self.fields();
                self.mistakes.retain(|(at, _)| at.is_some_and(|at| fields.contains(&at)));
            }
            RuleField::How if by == 0 => {
                if let Some((_, told)) = self.how.get_mut(self.place) {
                    *told = !*told;
                }
            }
            RuleField::How => {
                self.place = self.place.saturating_add_signed(by).min(self.how.len().saturating_sub(1));
            }
            _ => self.off = !self.off,
        }
    }

    fn blame(&mut self, wrong: Vec<Wrong>) {
        let fields = self.fields();
        self.mistakes = wrong
            .into_iter()
            .map(|wrong| {
                let key = wrong.key.last().filter(|_| wrong.key.iter().any(|key| key == "rules"));
                let field = fields.iter().copied().find(|field| key.is_some_and(|key| key == field.key()));
                // The line says already which key it is.
                let named = field.map(|field| format!("\"{}\": ", field.key()));
                let what = named.and_then(|named| wrong.what.strip_prefix(&named).map(str::to_owned));
                (field, what.unwrap_or(wrong.what))
            })
            .collect();
        if let Some(at) = fields.into_iter().find(|field| self.mistake(*field).is_some()) {
            self.at = at;
        }
    }
}

/// The places that rules can name.
fn places(app: &App) -> Vec<String> {
    let configured = Config::parse(&app.file.text).map(|config| config.alerts.to).unwrap_or_default();
    BUILT_IN.into_iter().map(str::to_owned).chain(configured.into_keys()).collect()
}

/// Opens the form for a new rule.
pub(super) fn open_new(app: &mut App) {
    let rule = RuleText { on: Some(EventKind::Bump), how: vec![BADGE.to_owned()], ..RuleText::default() };
    app.rule_form = Some(RuleForm::new(rule, true, &places(app)));
}

/// Opens the form for the rule that is selected.
pub(super) fn open(app: &mut App) {
    if let Some(rule) = app.selected_rule() {
        app.rule_form = Some(RuleForm::new(RuleText::from(&rule.rule), false, &places(app)));
    }
}

/// Switches the selected rule off or on.
pub(super) fn switch(app: &App) -> Vec<Effect> {
    let Some(standing) = app.selected_rule() else { return Vec::new() };
    let change = Change::SwitchRule { name: standing.rule.name.clone(), off: !standing.rule.off };
    vec![Effect::Configure(vec![change])]
}

/// Asks whether the selected rule is to be deleted.
pub(super) fn ask_to_remove(app: &mut App) {
    app.question = app.selected_rule().map(|standing| Question::RemoveRule(standing.rule.name.clone()));
}

/// A key while the form is open.
pub(super) fn on_rule_key(app: &mut App, key: Key) -> Vec<Effect> {
    let Some(form) = &mut app.rule_form else { return Vec::new() };
    match key {
        Key::Esc => app.rule_form = None,
        Key::Enter => return save(app),
        Key::Tab | Key::Down => form.go(1),
        Key::BackTab | Key::Up => form.go(-1),
        _ => {
            let at = form.at;
            match form.text_mut() {
                Some(field) => {
                    let before = field.clone();
                    field.press(key);
                    if field.text() == before.text() {
                        return Vec::new();
                    }
                }
                None => form.choose(key),
            }
            // Of what is being mended nothing is known until it is looked at again.
            form.mistakes.retain(|(mistaken, _)| *mistaken != Some(at));
        }
    }
    Vec::new()
}

/// Text that was pasted into the form.
pub(super) fn paste(form: &mut RuleForm, text: &str) {
    let at = form.at;
    if let Some(field) = form.text_mut() {
        field.paste(text);
        form.mistakes.retain(|(mistaken, _)| *mistaken != Some(at));
    }
}

fn save(app: &mut App) -> Vec<Effect> {
    let Some(form) = &mut app.rule_form else { return Vec::new() };
    let rule = form.rule();
    if form.was.as_ref() == Some(&rule) {
        app.rule_form = None;
        app.notice = Some("nothing was changed".to_owned());
        return Vec::new();
    }
    let change = Change::PutRule { was: form.was.clone().map(Box::new), rule: Box::new(rule) };
    if let Err(wrong) = config::edited(&app.file.text, std::slice::from_ref(&change)) {
        form.blame(wrong);
        return Vec::new();
    }
    form.mistakes.clear();
    vec![Effect::Configure(vec![change])]
}

impl App {
    /// The rule that is selected, while the rules have the focus.
    pub fn selected_rule(&self) -> Option<&crate::alerts::Standing> {
        let View::Log { rule: Some(rule), .. } = *self.view() else { return None };
        let rules = self.rules();
        rules.get(rule.min(rules.len().saturating_sub(1)))
    }
}
