//! One page after the other: while one server thinks, nobody asks for the next, and nobody writes.

use std::sync::atomic::Ordering::Relaxed;

use anyhow::Result;
use timing::Timeline;

use crate::Job;

/// Downloads everything on this thread.
///
/// # Errors
/// Never: it needs nothing that could be refused.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let mut lane = timeline.lane("main");
    for page in &*job.pages {
        if job.stop.load(Relaxed) {
            break;
        }
        job.download(page, &mut lane);
    }
    Ok(())
}
