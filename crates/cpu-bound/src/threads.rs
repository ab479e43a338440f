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
            let name = format!("thread {index}");
            let mut lane = timeline.lane(&name);
            let work = move || {
                let _span = lane.work(format!("part {index}"));
                job.work.part(part)
            };
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            threads.push((name.clone(), workers::started(&name, thread)?));
        }
        Ok(workers::join_all(threads)?.into_iter().sum())
    })
}
// ANCHOR_END: run
