//! A static split: the ranks of `mpi`, but each gets all its photos at the start, as many as any
//! other. No rank asks for more photos. But if one rank got the large photos, all others wait for
//! it.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use timing::Timeline;

use crate::{Job, Outcome, ranks};

/// Does the job on all ranks; only rank 0 calls this.
///
/// # Errors
/// If this process is no rank, or another rank can't see the photos or the folder for the results.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let (photos, ranks) = (job.tasks.len(), ranks::count());
    let gone: Vec<_> = (0..ranks).map(|_| AtomicBool::new(false)).collect();
    ranks::hand_out(job, timeline, |rank| {
        if gone[rank].swap(true, Ordering::Relaxed) || job.stopped() {
            return Vec::new();
        }
        let share = photos * rank / ranks..photos * (rank + 1) / ranks;
        share.map(|photo| (photo, &job.tasks[photo])).collect()
    })
}
// ANCHOR_END: run
