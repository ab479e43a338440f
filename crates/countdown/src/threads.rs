//! A thread for each count. The operating system lets them wait at the same time, so it takes only
//! as long as the longest.

use std::thread;

use anyhow::{Context, Result};
use timing::Timeline;

use crate::{Job, Strategy};

/// Counts everything down, each count on a thread of its own.
///
/// # Errors
/// If the system gives no more threads; those that have begun are counted to their end.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // A scope ends when all its threads have ended, and so they may borrow what is outside it.
    thread::scope(|scope| {
        for count in &job.counts {
            let mut lane = timeline.lane(&count.name);
            thread::Builder::new()
                .spawn_scoped(scope, move || {
                    count.down(Strategy::Threads.prefix(), &*job.say, &mut lane);
                })
                .with_context(|| format!("can't start a thread for {}", count.name))?;
        }
        Ok(())
    })
}
// ANCHOR_END: run
