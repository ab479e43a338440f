//! Several photos at once. The photos do not depend on each other, so `iter` becomes `par_iter`,
//! and a worker that runs out of photos steals some from another.

use anyhow::Result;
use rayon::prelude::*;
use timing::{Lanes, Timeline};

use crate::{Job, Outcome, Processor};

/// Does the job on `job.workers` threads.
///
/// # Errors
/// If the system has no more threads.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.workers)
        .build()?;
    let processor = Processor::new(&job.settings, job.workers);
    let lanes = Lanes::new(timeline, "worker", job.workers);
    let one = |task| {
        if job.stopped() {
            return Outcome::Skipped;
        }
        let worker = rayon::current_thread_index().expect("inside the pool");
        let outcome = processor.process(task, &mut *lanes.get(worker));
        job.tell(task, &outcome);
        outcome
    };
    // Nobody can steal from a piece that is begun. So each photo is one; by default some are.
    let photos = job.tasks.par_iter().with_max_len(1);
    Ok(pool.install(|| photos.map(one).collect()))
}
// ANCHOR_END: run
