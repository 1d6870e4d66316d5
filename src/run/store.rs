//! The store's own thread, and the ways to and from it.

use super::courier::{Courier, News};
use super::past::live_through_past;
use crate::app::Message;
use crate::channels::Memory;
use crate::clock::Clock;
use crate::demo::World;
use crate::model::{ChannelId, Time};
use crate::pipeline::{Answer, Pipeline, Work};
use crate::poller::Recall;
use tokio::sync::{mpsc, oneshot};

/// Hands over what the rules decide about reports that were under way at the end.
pub(super) async fn last_alerts(
    work: &mpsc::Sender<Work>,
    answers: &mut mpsc::Receiver<Answer>,
    courier: &mut Courier,
) {
    let (done, mut synced) = oneshot::channel();
    let asked = work.send(Work::Sync(done));
    tokio::pin!(asked);
    let mut waits = true;
    loop {
        tokio::select! {
            biased;
            Some(answer) = answers.recv() => if let Answer::Alerts { deliveries, .. } = answer {
                courier.deliver(deliveries);
            },
            _ = &mut asked, if waits => waits = false,
            _ = &mut synced => break,
        }
    }
    while let Ok(answer) = answers.try_recv() {
        if let Answer::Alerts { deliveries, .. } = answer {
            courier.deliver(deliveries);
        }
    }
}

/// What the store is to note of what a courier brings.
pub(super) fn noted(news: News, now: Time) -> Option<Work> {
    match news {
        News::Settled { place, key, .. } => Some(Work::Settle { place, key, now }),
        News::Unsent(unsent) => Some(Work::Unsent(unsent)),
        News::Write(_) | News::Trouble(_) => None,
    }
}

/// The store's own thread: SQLite has one writer, and scoring does not make the screen wait.
pub(super) fn store_thread(
    mut pipeline: Pipeline,
    past: Option<World>,
    work: mpsc::Receiver<Work>,
    answers: mpsc::Sender<Answer>,
    told: mpsc::Sender<Message>,
) -> std::thread::JoinHandle<()> {
    let run = move || {
        if let Some(world) = past {
            let lived = live_through_past(&world, &mut pipeline, &mut |pipeline, at, done, of| {
                if done % (of / 50).max(1) == 0 || done == of {
                    show_everybody(pipeline, at, &answers);
                    let what = "living through the demo's past".to_owned();
                    // A screen that has ended hears nothing more.
                    let _ = told.blocking_send(Message::Progress { what, done, of });
                }
                !answers.is_closed()
            });
            if let Err(error) = lived {
                let _ = told.blocking_send(Message::Notice(error.to_string()));
            }
            let _ = answers.blocking_send(Answer::Jobs(pipeline.jobs(world.origin())));
        }
        drop(told);
        crate::pipeline::run(pipeline, work, &answers);
    };
    match std::thread::Builder::new().name("store".to_owned()).spawn(run) {
        Ok(thread) => thread,
        Err(error) => unreachable!("a process may have a second thread: {error}"),
    }
}

fn show_everybody(pipeline: &Pipeline, now: Time, answers: &mpsc::Sender<Answer>) {
    for person in pipeline.people() {
        if let Ok(Some(person)) = pipeline.snapshot(person, now, &[]) {
            let _ = answers.blocking_send(Answer::Person(Box::new(person)));
        }
    }
}

/// Asks the store what the next poll of a channel should know.
pub(super) struct StoreRecall {
    pub(super) work: mpsc::Sender<Work>,
    pub(super) clock: Clock,
}

impl Recall for StoreRecall {
    async fn recall(&self, channel: ChannelId) -> Memory {
        let (answer, memory) = oneshot::channel();
        let asked = self.work.send(Work::Recall { channel, now: self.clock.now(), answer }).await;
        if asked.is_err() {
            return Memory::default();
        }
        memory.await.unwrap_or_default()
    }
}
