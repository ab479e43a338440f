//! One instruction that reads, adds and writes, so that nobody can come between. It needs no lock, and it can do nothing but
//! what the machine has an instruction for: the pause is no part of it.

use anyhow::Result;
use timing::Timeline;

use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::{Counted, Job, crowd};

/// Counts with `fetch_add`.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&counter);
    let crowd = crowd::start(job, timeline, move |worker, lane| {
        for _ in 0..worker.updates {
            let _updating = lane.work("update");
            worker.pause();
            // Relaxed: nothing else is to be seen in any order with it, and joining the threads shows all of it.
            let value = shared.fetch_add(1, Relaxed);
            worker.tell("adds one to", value);
        }
    });
    crowd.join()?;
    Ok(counter.load(Relaxed).into())
}
