//! Each thread counts for itself, and the counts are added when all are done. What is not shared needs no care: the
//! fastest way to share a counter is not to.

use anyhow::Result;
use timing::Timeline;

use crate::{Counted, Job, crowd};

/// Counts apart, and adds.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let crowd = crowd::start(job, timeline, |worker, lane| {
        let mut mine = 0;
        for _ in 0..worker.updates {
            let _updating = lane.work("update");
            worker.pause();
            mine += 1;
            worker.tell("has", mine);
        }
        mine
    });
    let counter: u64 = crowd.join()?.into_iter().sum();
    Ok(counter.into())
}
