//! One URL after the other: while one server thinks, nobody asks the next.

use anyhow::Result;
use timing::Timeline;

use crate::Job;

/// Pings everything on this thread.
///
/// # Errors
/// Never: it needs nothing that could be refused.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    for index in 0..job.targets.count() {
        let mut lane = timeline.lane(job.targets.lane(index));
        job.ping(index, &mut lane);
    }
    Ok(())
}
// ANCHOR_END: run
