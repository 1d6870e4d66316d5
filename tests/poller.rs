#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! The task that asks, in time that passes only when everybody waits.

use chrono::TimeDelta;
use cloutop::channels::{self, Known, Memory};
use cloutop::clock::Clock;
use cloutop::exchange::{Headers, Reply, Request, Stage, host_of};
use cloutop::http::Fetch;
use cloutop::model::{Account, ChannelId, Outcome, Reason, Time, Trouble};
use cloutop::poller::{self, Ask, Hosts, Poller, Recall, Settings};
use cloutop::schedule::Job;
use cloutop::store::PollReport;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn start() -> Time {
    "2026-03-02T10:30:00Z".parse().unwrap()
}

/// Accounts of Hacker News: one request reads one of them.
fn job(number: i64, typed: &str) -> Job {
    let account: Account = channels::parse(typed, &|_| false).unwrap().remove(0);
    Job { channel: ChannelId(number), account, next_at: start(), failures: 0 }
}

type Says = Box<dyn Fn(&Request, Time) -> Reply + Send + Sync>;

/// Requests under way by host, and the most there ever were: at one host, at all.
type Open = Arc<Mutex<(HashMap<String, usize>, usize, usize)>>;

/// Host and instant of every request.
type Asked = Arc<Mutex<Vec<(String, Time)>>>;

/// A network in which every answer takes two seconds.
struct Network {
    says: Says,
    asked: Asked,
    open: Open,
}

impl Fetch for Network {
    async fn fetch(&self, request: Request, now: Time) -> Result<Reply, Trouble> {
        let host = host_of(&request.url);
        self.asked.lock().unwrap().push((host.clone(), now));
        {
            let (open, one, all) = &mut *self.open.lock().unwrap();
            *open.entry(host.clone()).or_default() += 1;
            *one = (*one).max(open[&host]);
            *all = (*all).max(open.values().sum());
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        *self.open.lock().unwrap().0.get_mut(&host).unwrap() -= 1;
        Ok((self.says)(&request, now))
    }

    fn has_key(&self, _name: &str) -> bool {
        false
    }
}

fn answer(request: &Request, now: Time, status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    Reply {
        stage: request.stage,
        status,
        headers: Headers::new(headers.iter().map(|&(name, value)| (name, value))),
        body: body.as_bytes().to_vec(),
        url: request.url.clone(),
        moved: false,
        at: now,
        keyed: false,
    }
}

/// A feed without items: one request, always well.
fn well(request: &Request, now: Time) -> Reply {
    let feed = "<rss version=\"2.0\"><channel><title>t</title></channel></rss>";
    answer(request, now, 200, &[("content-type", "application/rss+xml")], feed)
}

struct Forgetful;

impl Recall for Forgetful {
    async fn recall(&self, _channel: ChannelId) -> Memory {
        Memory::default()
    }
}

struct Running {
    asks: mpsc::Sender<Ask>,
    reports: mpsc::Receiver<PollReport>,
    asked: Asked,
    open: Open,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    clock: Clock,
}

fn run(jobs: Vec<Job>, says: impl Fn(&Request, Time) -> Reply + Send + Sync + 'static) -> Running {
    run_knowing(Forgetful, jobs, says)
}

fn run_knowing(
    recall: impl Recall,
    jobs: Vec<Job>,
    says: impl Fn(&Request, Time) -> Reply + Send + Sync + 'static,
) -> Running {
    let asked = Asked::default();
    let open = Open::default();
    let clock = Clock::virtual_from(start(), 1.0);
    let network = Network { says: Box::new(says), asked: asked.clone(), open: open.clone() };
    let poller =
        Arc::new(Poller { fetch: network, clock, settings: Settings::default(), hosts: Hosts::default() });
    let (asks, ask_queue) = mpsc::channel(8);
    let (tell, reports) = mpsc::channel(8);
    let cancel = CancellationToken::new();
    let task = tokio::spawn(poller::run(poller, Arc::new(recall), jobs, ask_queue, tell, cancel.clone()));
    Running { asks, reports, asked, open, cancel, task, clock }
}

impl Running {
    /// Reports until so much time has passed.
    async fn until(&mut self, hours: i64) -> Vec<PollReport> {
        let end = start() + TimeDelta::hours(hours);
        let mut reports = Vec::new();
        loop {
            tokio::select! {
                biased;
                report = self.reports.recv() => reports.push(report.unwrap()),
                () = self.clock.sleep_until(end) => return reports,
            }
        }
    }

    fn asked_at(&self, host: &str) -> Vec<TimeDelta> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(name, _)| name == host).map(|(_, at)| *at - start()).collect()
    }
}

fn pauses(times: &[TimeDelta]) -> Vec<i64> {
    times.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds()).collect()
}

#[tokio::test(start_paused = true)]
async fn everybody_is_asked_at_their_pace() {
    let mut running = run(vec![job(1, "feed:https://a.example/f"), job(2, "feed:https://b.example/f")], well);
    let reports = running.until(24).await;
    for host in ["a.example", "b.example"] {
        let pauses = pauses(&running.asked_at(host));
        assert!(pauses.len() >= 20, "{} polls of {host} in a day", pauses.len());
        let (least, most) = (*pauses.iter().min().unwrap(), *pauses.iter().max().unwrap());
        assert!(least < most, "jittered");
        let (shortest, longest) =
            (f64::from(u32::try_from(least).unwrap()), f64::from(u32::try_from(most).unwrap()));
        assert!(longest / shortest < 1.25, "between {least} and {most} s");
    }
    assert!(reports.iter().all(|report| matches!(report.outcome, Outcome::Observed(_))));
}

#[tokio::test(start_paused = true)]
async fn failures_are_tried_again_ever_more_rarely_and_leave_others_alone() {
    let says = |request: &Request, now| {
        if host_of(&request.url) == "ill.example" {
            answer(request, now, 500, &[("content-type", "text/html")], "<html>no</html>")
        } else {
            well(request, now)
        }
    };
    let mut alone = run(vec![job(2, "feed:https://b.example/f")], well);
    alone.until(24).await;
    let alone = alone.asked_at("b.example");
    let mut running =
        run(vec![job(1, "feed:https://ill.example/f"), job(2, "feed:https://b.example/f")], says);
    let reports = running.until(24).await;
    let pauses = pauses(&running.asked_at("ill.example"));
    let expected = [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600];
    for (pause, expected) in pauses.iter().zip(expected) {
        let (low, high) = (expected * 9 / 10, expected * 11 / 10 + 5);
        assert!((low..=high).contains(pause), "{pauses:?}");
    }
    assert_eq!(running.asked_at("b.example"), alone, "a neighbour's illness changes nobody's schedule");
    let ill = reports.iter().filter(|report| report.channel == ChannelId(1));
    for report in ill {
        let Outcome::Gap(trouble) = &report.outcome else { panic!("{report:?}") };
        assert_eq!(trouble.reason(), Reason::ServerError);
        assert!(report.next_at > report.at);
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_asks_us_to_wait_is_left_alone_by_all_its_accounts() {
    let says = |request: &Request, now: Time| {
        if now < start() + TimeDelta::seconds(10) {
            return answer(request, now, 429, &[("retry-after", "1800")], "{}");
        }
        well(request, now)
    };
    let jobs = (1..=3).map(|n| job(n, &format!("feed:https://a.example/{n}"))).collect();
    let mut running = run(jobs, says);
    running.until(1).await;
    let asked = running.asked_at("a.example");
    assert!(asked[0] < TimeDelta::seconds(1));
    assert!(asked[1] >= TimeDelta::seconds(1_800), "asked again after {} s", asked[1].num_seconds());
    assert!(asked.len() >= 4, "then everybody is read: {asked:?}");
}

/// Remembers every channel as read once, with nothing received.
struct Once;

impl Recall for Once {
    async fn recall(&self, _channel: ChannelId) -> Memory {
        let known = Known { polls: 1, ..Known::default() };
        Memory { known, ..Memory::default() }
    }
}

/// Who is behind what grew can wait; the next polls of everybody on the server cannot.
#[tokio::test(start_paused = true)]
async fn where_little_is_left_nothing_is_asked_that_is_not_needed() {
    let asked_about_actors = async |left: &'static str| {
        let actors = Arc::new(AtomicUsize::new(0));
        let count = actors.clone();
        let says = move |request: &Request, now: Time| {
            let headers = [("RateLimit-Limit", "3000"), ("RateLimit-Remaining", left)];
            let did = "did:plc:adaadaadaadaadaadaadaada";
            let body = match request.stage {
                Stage::Profile => format!("{{\"did\": \"{did}\", \"handle\": \"ada.example.org\"}}"),
                Stage::Posts => format!(
                    "{{\"feed\": [{{\"post\": {{\"uri\": \"at://{did}/app.bsky.feed.post/3a\", \"author\": {{\"did\": \
                     \"{did}\"}}, \"record\": {{\"createdAt\": \"2026-03-01T10:00:00Z\"}}, \"likeCount\": 4, \
                     \"repostCount\": 1, \"indexedAt\": \"2026-03-01T10:00:00Z\"}}}}]}}"
                ),
                _ => {
                    count.fetch_add(1, Ordering::Relaxed);
                    "{\"likes\": [], \"repostedBy\": []}".to_owned()
                }
            };
            answer(request, now, 200, &headers, &body)
        };
        let mut running = run_knowing(Once, vec![job(1, "ada.example.org")], says);
        let report = running.reports.recv().await.unwrap();
        let Outcome::Observed(observation) = report.outcome else { panic!("{:?}", report.outcome) };
        assert_eq!(observation.posts.len(), 1);
        actors.load(Ordering::Relaxed)
    };
    assert_eq!(asked_about_actors("2000").await, 2);
    assert_eq!(asked_about_actors("700").await, 0, "less than a quarter");
    assert_eq!(asked_about_actors("20").await, 0);
}

/// A server that calls the account by another id in every reply gains nothing by it.
#[tokio::test(start_paused = true)]
async fn a_changing_identity_does_not_hurry_us() {
    let count = std::sync::atomic::AtomicU64::new(0);
    let says = move |request: &Request, now: Time| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if request.url.path().contains("webfinger") {
            return answer(request, now, 404, &[], "");
        }
        if request.url.path().contains("statuses") {
            return answer(request, now, 200, &[], "[]");
        }
        let account = format!(
            "{{\"id\": \"1\", \"acct\": \"ada\", \"uri\": \"https://h.example/{n}\", \"moved\": {{\"id\": \"2\", \
             \"acct\": \"ada{n}\", \"url\": \"https://h.example/@ada{n}\", \"uri\": \"https://h.example/m{n}\"}}}}"
        );
        answer(request, now, 200, &[("content-type", "application/json")], &account)
    };
    let mut running = run(vec![job(1, "@ada@h.example")], says);
    let reports = running.until(6).await;
    assert!((15..=40).contains(&reports.len()), "{} polls in six hours", reports.len());
}

#[tokio::test(start_paused = true)]
async fn one_request_at_a_time_per_host_and_eight_in_all() {
    let jobs = (1..=40).map(|n| job(n, &format!("feed:https://h{}.example/{n}", n % 20))).collect();
    let mut running = run(jobs, well);
    let reports = running.until(1).await;
    assert!(reports.len() >= 40);
    let (_, one, all) = &*running.open.lock().unwrap();
    assert_eq!(*one, 1);
    assert!((4..=8).contains(all), "{all} at once");
}

#[tokio::test(start_paused = true)]
async fn the_user_may_hurry_add_and_drop() {
    let mut running = run(vec![job(1, "feed:https://a.example/f")], well);
    let first = running.reports.recv().await.unwrap();
    running.asks.send(Ask::Now(ChannelId(1))).await.unwrap();
    let hurried = running.reports.recv().await.unwrap();
    assert!(hurried.at - first.at < TimeDelta::seconds(5));
    let mut new = job(2, "feed:https://b.example/f");
    new.next_at = hurried.at;
    running.asks.send(Ask::Watch(vec![new])).await.unwrap();
    assert_eq!(running.reports.recv().await.unwrap().channel, ChannelId(2));
    running.asks.send(Ask::Forget(ChannelId(1))).await.unwrap();
    let later = running.until(12).await;
    assert!(!later.is_empty() && later.iter().all(|report| report.channel == ChannelId(2)));
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_stops_in_the_middle_of_a_question() {
    let running = run(vec![job(1, "feed:https://a.example/f")], well);
    while running.asked.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    running.cancel.cancel();
    running.task.await.unwrap();
    assert_eq!(running.asked.lock().unwrap().len(), 1);
}

/// A pause that is asked for in a good answer: a short one is waited for within the poll.
#[tokio::test(start_paused = true)]
async fn a_good_answer_that_asks_for_a_pause_gets_one() {
    let mut running = run(vec![job(1, "stackexchange:4242@stackoverflow")], |request, now| {
        let user = r#"{"items": [{"user_id": 4242, "reputation": 7}], "has_more": false, "backoff": 20}"#;
        let posts = r#"{"items": [], "has_more": false}"#;
        answer(request, now, 200, &[], if request.stage == Stage::Profile { user } else { posts })
    });
    let reports = running.until(1).await;
    assert!(matches!(reports[0].outcome, Outcome::Observed(_)), "{:?}", reports[0]);
    let asked = running.asked_at("api.stackexchange.com");
    assert_eq!(pauses(&asked[..2]), [22], "20 seconds, and a bit");
}
