//! One instruction that reads, adds and writes, so that nobody can come between. It needs no lock, and it can do nothing but
//! what the machine has an instruction for: the pause is no part of it.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::{Counted, Job};

/// Counts with `fetch_add`.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    crowd::start(job, timeline, Arc::clone(&counter), update).join()?;
    Ok(counter.load(Relaxed).into())
}

#[inline(always)]
fn update(counter: &Arc<AtomicU64>, worker: &mut Worker, lane: &mut Lane) {
    let _updating = lane.work("update");
    worker.pause();
    // Relaxed: nothing else is to be seen in any order with it, and joining the threads shows all of it.
    let value = counter.fetch_add(1, Relaxed);
    worker.tell("adds one to", value);
}
