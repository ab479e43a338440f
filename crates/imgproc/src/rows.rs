//! One photo at a time, by the whole pool, whose workers share its rows. So the result of a
//! *single* photo is there sooner, too. Where a file has no restart markers, one worker reads its
//! codes. If the filter needs pixels of luma alone (`threshold`, `edges`), the others make pixels
//! of what was read. If not, they wait: Amdahl's law, in a picture.

use anyhow::Result;
use timing::{Lanes, Timeline};

use crate::executor::Pool;
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
    let processor = Processor::new(&job.settings, 1);
    let lanes = Lanes::new(timeline, "worker", job.workers);
    let one = |task| {
        if job.stopped() {
            return Outcome::Skipped;
        }
        let outcome = processor.process(task, &mut Pool(&lanes));
        job.tell(task, &outcome);
        outcome
    };
    // `iter`, not `par_iter`: one photo after the other. The workers share the bands of each.
    Ok(pool.install(|| job.tasks.iter().map(one).collect()))
}
// ANCHOR_END: run
