//! Again a thread for each count, but now the thread is a thing of its own, with a life that it tells of:
//! a type that is started and joined. This is the form to choose when a thread has state, a name, and more than one method.

use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use timing::{Lane, Timeline};

use crate::{Count, Job, Say, Strategy};

/// A thread that counts down.
// ANCHOR: worker
pub struct Worker {
    name: String,
    thread: JoinHandle<()>,
}
// ANCHOR_END: worker

impl Worker {
    /// Starts it.
    ///
    /// # Errors
    /// If the system gives no more threads.
    pub fn start(count: Count, say: Say, lane: Lane) -> Result<Self> {
        let name = count.name.clone();
        let thread = thread::Builder::new()
            .spawn(move || Self::life(&count, &say, lane))
            .with_context(|| format!("can't start a thread for {name}"))?;
        Ok(Self { name, thread })
    }

    // ANCHOR: life
    fn life(count: &Count, say: &Say, mut lane: Lane) {
        let prefix = Strategy::Workers.prefix();
        say(&format!("{prefix}{} starting...", count.name));
        count.down(prefix, &**say, &mut lane);
        say(&format!("{prefix}{} finished", count.name));
    }
    // ANCHOR_END: life

    /// Waits for its end.
    ///
    /// # Errors
    /// If it panicked.
    // ANCHOR: join
    pub fn join(self) -> Result<()> {
        let ended = self.thread.join();
        ended.map_err(|_| anyhow!("the thread of {} panicked", self.name))
    }
    // ANCHOR_END: join
}

/// Counts everything down, each count in a [`Worker`].
///
/// # Errors
/// If a worker can't be started, or panicked. The others are joined first.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let start = |count: &Count| {
        let lane = timeline.lane(&count.name);
        Worker::start(count.clone(), job.say.clone(), lane)
    };
    let started: Vec<Result<Worker>> = job.counts.iter().map(start).collect();
    let ended: Vec<Result<()>> = started
        .into_iter()
        .map(|worker| worker.and_then(Worker::join))
        .collect();
    ended.into_iter().collect()
}
