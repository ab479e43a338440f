//! The numbers in as many parts as there are threads, each part fixed before anything starts. That is
//! fair where all numbers cost the same; where they do not, the first to finish can only watch.

use std::thread;

use anyhow::{Context, Result, anyhow};
use timing::Timeline;

use crate::Job;

/// Does the job on `job.workers` threads.
///
/// # Errors
/// If the system gives no more threads.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (index, part) in job.parts(job.workers).into_iter().enumerate() {
            let mut lane = timeline.lane(format!("thread {index}"));
            let work = move || {
                let _span = lane.work(format!("part {index}"));
                job.work.part(part)
            };
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            threads.push(thread.context("can't start a thread")?);
        }
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|sum| sum.map_err(|_| anyhow!("a thread panicked")))
            .sum()
    })
}
// ANCHOR_END: run
