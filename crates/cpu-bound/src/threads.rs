//! A static split: as many parts as there are threads, fixed before anything starts. It balances
//! the load where all numbers cost the same. Where they do not, the first thread to finish is idle.

use std::thread;

use anyhow::Result;
use timing::{Timeline, workers};

use crate::Job;

/// Does the job on `job.workers` threads.
///
/// # Errors
/// If the system has no more threads, or a thread panics.
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
            threads.push(workers::started(&format!("part {index}"), thread)?);
        }
        let ended = threads.into_iter().map(|thread| thread.join());
        ended.map(|end| workers::ended("a thread", end)).sum()
    })
}
// ANCHOR_END: run
