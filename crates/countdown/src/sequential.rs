//! First Alice, then Bob: the times add up.

use anyhow::Result;
use timing::Timeline;

use crate::{Job, Strategy};

/// Counts everything down, one count after the other.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    for count in &job.counts {
        let mut lane = timeline.lane(&count.name);
        count.down(Strategy::Sequential.prefix(), &*job.say, &mut lane);
    }
    Ok(())
}
// ANCHOR_END: run
