//! One URL after the other: the next server is asked when the one before has answered.

use anyhow::Result;
use timing::Timeline;

use crate::Job;

/// Pings everything on this thread.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    for index in job.indices() {
        let mut lane = timeline.lane(job.targets.lane(index));
        job.ping(index, &mut lane);
    }
    Ok(())
}
// ANCHOR_END: run
