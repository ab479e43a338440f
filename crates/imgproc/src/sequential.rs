//! One photo after the other, on one thread: the base of all comparisons.

use anyhow::Result;
use timing::Timeline;

use crate::{Job, Outcome, Processor};

/// Does the job on this thread.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let processor = Processor::new(&job.settings, 1);
    let mut lane = timeline.lane("main");
    let one = |task| {
        if job.stopped() {
            return Outcome::Skipped;
        }
        let outcome = processor.process(task, &mut lane);
        job.tell(task, &outcome);
        outcome
    };
    Ok(job.tasks.iter().map(one).collect())
}
// ANCHOR_END: run
