//! Work stealing: many small parts, of which each thread begins with a share. A thread that has
//! none left steals some from another thread. So the costs of the parts need not be known
//! beforehand.

use anyhow::Result;
use rayon::prelude::*;
use timing::{Lanes, Timeline};

use crate::Job;

/// Parts for each worker: so many that all workers end at nearly the same time, and so few that
/// handing them out costs next to nothing. (The example `granularity` shows both ends.)
const PARTS: usize = 64;

/// Does the job on `job.workers` threads.
///
/// # Errors
/// If the system has no more threads.
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.workers)
        .build()?;
    let lanes = Lanes::new(timeline, "worker", job.workers);
    let parts = job.parts(PARTS * job.workers);
    let one = |part| {
        let worker = rayon::current_thread_index().expect("inside the pool");
        let mut lane = lanes.get(worker);
        let _span = lane.work("part");
        job.work.part(part)
    };
    // By default rayon makes pieces of many parts, from which nobody can steal once they are begun.
    let parts = parts.into_par_iter().with_max_len(1);
    Ok(pool.install(|| parts.map(one).sum()))
}
