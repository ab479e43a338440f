//! Nothing holds a reading and its writing together. Both are sound by themselves (an atomic forbids the data race), and
//! whoever writes between them loses the update: the counter goes back to a value that it had.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::SeqCst};
use crate::{Counted, Job};

/// Counts, and loses count.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    crowd::start(job, timeline, Arc::clone(&counter), update).join()?;
    Ok(counter.load(SeqCst).into())
}

// ANCHOR: update
#[inline(always)]
fn update(counter: &Arc<AtomicU64>, worker: &mut Worker, lane: &mut Lane) {
    let value = counter.load(SeqCst);
    let _updating = lane.work(worker.label(value));
    worker.tell("reads", value);
    worker.pause();
    counter.store(value + 1, SeqCst);
    worker.tell("writes", value + 1);
}
// ANCHOR_END: update
