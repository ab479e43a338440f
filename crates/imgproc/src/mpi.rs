//! Several photos at once, by ranks: processes that `mpirun` has started, perhaps on many machines,
//! which share a folder and no memory. Rank 0 hands out one photo at a time, to a rank that has
//! none: so a slow rank, or one that got the large photos, gets fewer of them.

use anyhow::Result;
use timing::Timeline;

use crate::{HandOut, Job, Outcome, ranks};

/// Does the job on all ranks; only rank 0 calls this.
///
/// # Errors
/// If this process is no rank, or another rank can't see the photos or the folder for the results.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let begun = HandOut::default();
    ranks::hand_out(job, timeline, |_| job.next(&begun).into_iter().collect())
}
// ANCHOR_END: run
