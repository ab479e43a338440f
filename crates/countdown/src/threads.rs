//! A thread for each count. The operating system lets them wait at the same time, so all of it
//! takes as long as the longest count.

use std::thread;

use anyhow::Result;
use timing::{Timeline, workers};

use crate::{Job, Strategy};

/// Counts everything down, each count on a thread of its own.
///
/// # Errors
/// If the system has no more threads, or a thread panics. The other threads count to their end.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // A scope ends when all its threads have ended, so they may borrow from outside it.
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for count in &job.counts {
            let mut lane = timeline.lane(&count.name);
            let thread = thread::Builder::new().spawn_scoped(scope, move || {
                count.down(Strategy::Threads.prefix(), &*job.say, &mut lane);
            });
            threads.push((count.name.clone(), workers::started(&count.name, thread)?));
        }
        workers::join_all(threads)?;
        Ok(())
    })
}
// ANCHOR_END: run
