//! One photo after the other, on one thread: what everything else is measured against.

use anyhow::Result;
use timing::Timeline;

use crate::{Desk, Job, Outcome};

/// Does the job.
///
/// # Errors
/// Never; the signature is every strategy's.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let desk = Desk::new(&job.settings, 1);
    let mut lane = timeline.lane("main");
    let one = |task| {
        if job.stopped() {
            return Outcome::Skipped;
        }
        let outcome = desk.process(task, &mut lane);
        job.progress.inc(1);
        outcome
    };
    Ok(job.tasks.iter().map(one).collect())
}
