//! Each thread counts for itself, and the counts are added when all are done. What is not shared needs no care: the
//! fastest way to share a counter is not to.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::{Counted, Job};

/// Counts apart, and adds.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counts = crowd::start(job, timeline, (), update).join()?;
    let counter: u64 = counts.into_iter().sum();
    Ok(counter.into())
}

#[inline(always)]
fn update((): &(), worker: &mut Worker, lane: &mut Lane) {
    let _updating = lane.work("update");
    worker.pause();
    worker.own += 1;
    worker.tell("has", worker.own);
}
