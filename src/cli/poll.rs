use super::failure::{note, say_json};
use super::session::{self, Session, runtime};
use super::{Failure, places, say};
use crate::clock::Clock;
use crate::deliver::{Means, Place};
use crate::model::{Outcome, Reason, State, Time};
use crate::pipeline::Pipeline;
use crate::poller::{Hosts, Poller};
use crate::report::{Poll, PollLine, SkippedLine, poll_line_text, stamp};
use crate::run::{Courier, News};
use crate::schedule::Job;
use crate::store::PollReport;
use clap::Args;
use futures_util::StreamExt;
use futures_util::stream;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct PollArgs {
    /// Read what is due, then end.
    #[arg(long)]
    once: bool,
}

/// How long `poll --once` waits for what it has to tell: a server may be tried three times.
const LAST_WORDS: Duration = Duration::from_secs(40);

/// How long it takes to end otherwise.
const PATIENCE: Duration = Duration::from_secs(1);

/// Polls of one run that are under way at the same time.
const AT_ONCE: usize = 8;

pub(super) fn poll(session: &Session, args: &PollArgs) -> Result<(), Failure> {
    if session.global.demo.is_some() {
        return Err(Failure::usage("the demo polls by itself; try: cloutop --demo score"));
    }
    if session.global.offline {
        return Err(Failure::usage("--offline never opens the network, so there is nothing to poll"));
    }
    let (_lock, database) = session.open()?;
    let hosts = Hosts::new(database.rows().hosts()?);
    let poller = session.poller(hosts)?;
    let now = Clock::system_now();
    let mut pipeline = session.books(database, session.wanted(), now)?;
    pipeline.arm(session.config.alerts.clone(), session::wall, now)?;
    for missing in places::missing(session) {
        note(&format!("cloutop: {missing}"));
    }
    // There is no screen to ring in.
    let terminal = |place: &Place| matches!(place.means, Means::Bell | Means::Desktop);
    let places = places::places(session).into_iter().filter(|place| !terminal(place)).collect();
    let runtime = runtime()?;
    let settled = pipeline.settled()?;
    let courier = {
        let _inside = runtime.enter();
        Courier::start(places, settled, Clock::System, None, session.config.allow_http.clone())
    };
    let courier = courier.map_err(|error| Failure::new(1, format!("alerts: {error}")))?;
    let mut run = Run { session, pipeline, courier, codes: Vec::new(), report: Poll::empty() };
    runtime.block_on(async {
        let stop = crate::signals::stop();
        tokio::pin!(stop);
        let mut stopped = None;
        let work = async { if args.once { run.once(&poller).await } else { run.forever(&poller).await } };
        let done = tokio::select! {
            done = work => done,
            code = &mut stop => {
                stopped = Some(code);
                Ok(())
            }
        };
        let Run { courier, mut pipeline, .. } = run;
        let patience = if stopped.is_none() { LAST_WORDS } else { PATIENCE };
        let enough = async {
            tokio::select! {
                () = tokio::time::sleep(patience) => {}
                code = &mut stop, if stopped.is_none() => stopped = Some(code),
            }
        };
        for news in courier.finish(enough).await {
            settle(&mut pipeline, news)?;
        }
        stopped.map_or(done, |code| Err(Failure::new(code, "")))
    })
}

/// Writes down what became of an alert.
fn settle(pipeline: &mut Pipeline, news: News) -> Result<(), Failure> {
    match news {
        News::Settled { place, key, trouble } => {
            pipeline.settle(&place, &key, Clock::system_now())?;
            if let Some(words) = trouble {
                note(&format!("cloutop: {words}"));
            }
        }
        News::Trouble(words) => note(&format!("cloutop: {words}")),
        News::Unsent(unsent) => pipeline.keep_unsent(&unsent)?,
        News::Write(_) => {}
    }
    Ok(())
}

struct Run<'s> {
    session: &'s Session,
    pipeline: Pipeline,
    courier: Courier,
    codes: Vec<u8>,
    report: Poll,
}

impl Run<'_> {
    async fn once(&mut self, poller: &Poller<crate::http::Http>) -> Result<(), Failure> {
        let now = poller.clock.now();
        let due = |job: &Job| job.next_at <= now || poller.settings.always_due(&job.account);
        let (jobs, later): (Vec<Job>, Vec<Job>) = self.pipeline.jobs(now).into_iter().partition(due);
        for job in later {
            for (symbol, id) in self.pipeline.owners(job.channel) {
                self.report.skipped.push(SkippedLine { symbol, id, due_at: stamp(job.next_at) });
            }
        }
        self.ask(poller, jobs, !self.session.global.json).await?;
        self.pipeline.wake(poller.clock.now())?;
        self.courier.deliver(self.pipeline.deliveries());
        if self.session.global.json {
            say_json(&self.report)?;
        } else if self.report.polled.is_empty() {
            say("nothing is due\n")?;
        }
        self.verdict(now)
    }

    /// For ever: asks whatever is due, sleeps until the next deadline.
    async fn forever(&mut self, poller: &Poller<crate::http::Http>) -> Result<(), Failure> {
        loop {
            let now = poller.clock.now();
            let jobs = self.pipeline.jobs(now);
            let Some(next) = jobs.iter().map(|job| job.next_at).min() else {
                return Err(Failure::unknown(
                    "nobody is on the board; add somebody with: cloutop add @user@server",
                ));
            };
            let wake = self.pipeline.next_alarm(now);
            let next = wake.map_or(next, |wake| wake.min(next));
            tokio::select! {
                news = self.courier.news() => {
                    settle(&mut self.pipeline, news)?;
                    continue;
                }
                () = poller.clock.sleep_until(next) => {}
            }
            let now = poller.clock.now();
            if wake.is_some_and(|wake| wake <= now) {
                self.pipeline.wake(now)?;
                self.courier.deliver(self.pipeline.deliveries());
            }
            let due = jobs.into_iter().filter(|job| job.next_at <= now).collect();
            self.ask(poller, due, true).await?;
        }
    }

    /// Polls the jobs, hosts side by side, and takes every report in as it comes.
    async fn ask(
        &mut self,
        poller: &Poller<crate::http::Http>,
        jobs: Vec<Job>,
        tell: bool,
    ) -> Result<(), Failure> {
        let now = poller.clock.now();
        let mut asked = Vec::new();
        for job in jobs {
            let memory = self.pipeline.recall(job.channel, now)?;
            asked.push(async move { poller.run_job(&job, memory).await });
        }
        let mut reports = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some(report) = reports.next().await {
            for line in self.take(&report)? {
                if tell {
                    self.tell(&line)?;
                }
                self.report.polled.push(line);
            }
        }
        Ok(())
    }

    fn take(&mut self, report: &PollReport) -> Result<Vec<PollLine>, Failure> {
        let applied = self.pipeline.apply(report)?;
        self.courier.deliver(self.pipeline.deliveries());
        let (reason, detail) = match &report.outcome {
            Outcome::Gap(trouble) => (trouble.reason(), Some(trouble.to_string())),
            Outcome::Observed(_) => (applied.reason, None),
        };
        self.codes.push(code(reason));
        let lines = self.pipeline.owners(applied.channel).into_iter().map(|(symbol, id)| PollLine {
            symbol,
            id,
            outcome: applied.ending.word(),
            reason: reason.word(),
            detail: detail.clone(),
            held: applied.held,
            requests: report.requests,
            changed: applied.changed,
            next_at: stamp(report.next_at),
        });
        Ok(lines.collect())
    }

    /// What was taken in is on disk when it is told.
    fn tell(&self, line: &PollLine) -> Result<(), Failure> {
        if self.session.global.json {
            let text = serde_json::to_string(line).map_err(|error| Failure::new(1, error.to_string()))?;
            say(&format!("{text}\n"))
        } else {
            say(&poll_line_text(line))
        }
    }

    fn verdict(&self, now: Time) -> Result<(), Failure> {
        let mut codes = self.codes.clone();
        // "Rate limited" is the verdict only when nothing else was to be had.
        if codes.iter().any(|code| *code != 6) {
            for code in codes.iter_mut().filter(|code| **code == 6) {
                *code = 4;
            }
        }
        let failed = codes.iter().filter(|code| **code != 0).count();
        if failed > 0 && failed == codes.len() {
            let mut known = false;
            for person in self.pipeline.people() {
                let person = self.pipeline.snapshot(person, now, &[])?;
                known |= person.is_some_and(|person| person.score.is_some());
            }
            if !known {
                codes.push(5);
            }
        }
        match Failure::worst(codes) {
            0 => Ok(()),
            6 => {
                let next =
                    self.report.polled.iter().map(|line| line.next_at.clone()).min().unwrap_or_default();
                Err(Failure::new(6, format!("all due channels are rate limited; next try {next}")))
            }
            7 => Err(Failure::new(7, "a key is needed or refused; see above")),
            code => Err(Failure::new(code, "")),
        }
    }
}

fn code(reason: Reason) -> u8 {
    match reason.state() {
        State::Live | State::Stale | State::Off => 0,
        State::Limit => 6,
        State::Auth => 7,
        State::Halt | State::Gone => 4,
    }
}
