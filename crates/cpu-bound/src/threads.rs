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
            threads.push(workers::started(&format!("thread {index}"), thread)?);
        }
        // All are joined before the first error is returned.
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        let ended = ended.into_iter().zip(0..);
        ended
            .map(|(end, index)| workers::ended(&format!("thread {index}"), end))
            .sum()
    })
}
// ANCHOR_END: run
