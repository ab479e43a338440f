//! One thread does it all.

use anyhow::Result;
use timing::Timeline;

use crate::Job;

/// Does the job on this thread.
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    let mut lane = timeline.lane("main");
    let _span = lane.work("all");
    Ok(job.work.part(0..job.size))
}
