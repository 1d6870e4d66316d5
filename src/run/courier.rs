use crate::alerts::{Alert, BUILT_IN, Delivery};
use crate::clock::Clock;
use crate::deliver::terminal::Terminal;
use crate::deliver::{Deliverer, Limits, NotStarted, Outcome, Place, Report, Settings, Undelivered};
use crate::text;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Reports that may wait to be read.
const REPORTS: usize = 1_024;

/// Writings to the terminal that may wait for the next frame.
const WRITINGS: usize = 64;

/// Takes what the rules decided to its places, and hears what became of it.
#[derive(Debug)]
pub struct Courier {
    deliverer: Deliverer,
    reports: mpsc::Receiver<Report>,
    writings: mpsc::Receiver<Vec<u8>>,
    /// Built-in places that are not there: nobody looks at a terminal.
    absent: Vec<&'static str>,
    /// Handed over, and not heard of since, by place and key.
    under_way: HashMap<(String, String), Arc<Alert>>,
    /// What became of the newest sample, by place.
    sample: BTreeMap<String, String>,
    /// What was said of a place last: the same again is no news.
    said: HashMap<String, String>,
}

/// What a courier comes back with.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// To be written to the terminal, between two frames.
    Write(Vec<u8>),
    /// This key is never to go to this place again: it arrived, or may have, which is then said in words.
    Settled { place: String, key: String, trouble: Option<String> },
    /// The program ends before its turn came: to be handed over again at the next start.
    Unsent(Delivery),
    /// Something did not arrive: in words, once while it is the same. Of a sample also what did.
    Trouble(String),
}

impl Courier {
    /// `delivered` is place and key of what was settled before, oldest first. Without a `terminal` nothing is
    /// written to one. To be called inside a runtime.
    pub fn start(
        places: Vec<Place>,
        delivered: Vec<(String, String)>,
        clock: Clock,
        terminal: Option<Terminal>,
        allow_http: Vec<String>,
    ) -> Result<Self, NotStarted> {
        let there = |name: &&str| places.iter().any(|place| place.name == **name);
        let absent = BUILT_IN.into_iter().filter(|name| !there(name)).collect();
        let (report, reports) = mpsc::channel(REPORTS);
        let (write, writings) = mpsc::channel(WRITINGS);
        let inner = Deliverer::start(Settings {
            places,
            delivered,
            limits: Limits::default(),
            allow_http,
            clock,
            terminal: terminal.unwrap_or(Terminal::NONE),
            screen: terminal.map(|_| write),
            reports: report,
        })?;
        Ok(Self {
            deliverer: inner,
            reports,
            writings,
            absent,
            under_way: HashMap::new(),
            sample: BTreeMap::new(),
            said: HashMap::new(),
        })
    }

    /// Hands over what is to be delivered. Never waits. Nothing goes to the badge: it counts the log.
    pub fn deliver(&mut self, deliveries: Vec<Delivery>) {
        for Delivery { places, alert, .. } in deliveries {
            if alert.is_sample() {
                self.sample.clear();
            }
            let alert = Arc::new(alert);
            let places: Vec<&String> =
                places.iter().filter(|place| !self.absent.contains(&place.as_str())).collect();
            for place in &places {
                self.under_way.insert(((*place).clone(), alert.key.clone()), alert.clone());
            }
            self.deliverer.deliver(&alert, places.into_iter().map(String::as_str));
        }
    }

    /// The next thing to be known. Nothing is lost when this is not waited for to the end.
    pub async fn news(&mut self) -> News {
        loop {
            tokio::select! {
                Some(bytes) = self.writings.recv() => return News::Write(bytes),
                Some(report) = self.reports.recv() => {
                    if let Some(news) = self.hear(report) {
                        return news;
                    }
                }
            }
        }
    }

    fn hear(&mut self, report: Report) -> Option<News> {
        let words = text::clean(&report.to_string());
        match report {
            Report::Outcome(outcome) => {
                let failed = outcome.result.is_err();
                let settled = outcome.settled();
                let quit = outcome.result == Err(Undelivered::Quit);
                let Outcome { key, place, .. } = outcome;
                let alert = self.under_way.remove(&(place.clone(), key.clone()));
                // A bell that nobody heard is not rung later.
                if quit && !BUILT_IN.contains(&place.as_str()) && !Alert::is_sample_key(&key) {
                    let unsent = |alert: Arc<Alert>| Delivery {
                        places: vec![place],
                        alert: Arc::unwrap_or_clone(alert),
                        count: 1,
                    };
                    return alert.map(unsent).map(News::Unsent);
                }
                if failed {
                    tracing::warn!("{words}");
                } else {
                    self.said.remove(&place);
                }
                if Alert::is_sample_key(&key) {
                    // Somebody waits for this one: all that is known of it, in one line.
                    let what = words.strip_prefix(&format!("{place}: ")).unwrap_or(&words).to_owned();
                    self.sample.insert(place, what);
                    let known: Vec<String> =
                        self.sample.iter().map(|(place, what)| format!("{place} {what}")).collect();
                    return Some(News::Trouble(format!("sample: {}", known.join(" · "))));
                }
                let said = failed && self.said.insert(place.clone(), words.clone()).as_ref() != Some(&words);
                let trouble = said.then(|| format!("alerts to {words}"));
                if settled {
                    return Some(News::Settled { place, key, trouble });
                }
                trouble.map(News::Trouble)
            }
            Report::Dropped { .. } => Some(News::Trouble(format!("alerts to {words}"))),
        }
    }

    /// Waits until everything handed over is delivered or has failed, or until `enough`.
    pub async fn finish(mut self, enough: impl Future<Output = ()>) -> Vec<News> {
        let mut news = Vec::new();
        let Self { deliverer, reports, .. } = &mut self;
        let mut heard = Vec::new();
        {
            let done = deliverer.finish(enough);
            tokio::pin!(done);
            loop {
                tokio::select! {
                    () = &mut done => break,
                    Some(report) = reports.recv() => heard.push(report),
                }
            }
        }
        while let Ok(report) = self.reports.try_recv() {
            heard.push(report);
        }
        for report in heard {
            news.extend(self.hear(report));
        }
        news
    }
}
