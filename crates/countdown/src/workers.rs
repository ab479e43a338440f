//! Again a thread for each count, but each in a type of its own, which is started and joined.
//! Choose this form when a thread has state, a name, and more than one method.

use std::thread::{self, JoinHandle};

use anyhow::Result;
use timing::{Lane, Timeline, workers};

use crate::{Count, Job, Say, Strategy};

/// A thread that counts down.
// ANCHOR: worker
pub struct Worker {
    name: String,
    thread: JoinHandle<()>,
}
// ANCHOR_END: worker

impl Worker {
    /// Starts a thread that counts down.
    ///
    /// # Errors
    /// If the system has no more threads.
    pub fn start(count: Count, say: Say, lane: Lane) -> Result<Self> {
        let name = count.name.clone();
        let thread = thread::Builder::new().spawn(move || Self::life(&count, &say, lane));
        let thread = workers::started(&name, thread)?;
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

    /// Waits for the thread's end.
    ///
    /// # Errors
    /// If it panicked.
    // ANCHOR: join
    pub fn join(self) -> Result<()> {
        workers::ended(&self.name, self.thread.join())
    }
    // ANCHOR_END: join
}

/// Counts everything down, each count in a [`Worker`].
///
/// # Errors
/// If a worker can't be started, or panicked. All others are joined first.
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
