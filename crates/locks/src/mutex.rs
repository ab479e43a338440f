//! A lock around the counter: who has it reads, pauses and writes, and all others wait. Nothing is lost, and nothing of
//! what the lock is held for happens at the same time.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::sync::{Arc, Mutex};
use crate::{Counted, Job};

/// Counts under a lock.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(Mutex::new(0));
    crowd::start(job, timeline, Arc::clone(&counter), update).join()?;
    let value = *counter
        .lock()
        .expect("no other thread panicked while holding it");
    Ok(value.into())
}

// ANCHOR: update
#[inline(always)]
fn update(counter: &Arc<Mutex<u64>>, worker: &mut Worker, lane: &mut Lane) {
    let waiting = lane.wait("lock");
    let mut counter = counter
        .lock()
        .expect("no other thread panicked while holding it");
    drop(waiting);
    let value = *counter;
    let _holding = lane.work(worker.label(value));
    worker.tell("reads", value);
    worker.pause();
    *counter = value + 1;
    worker.tell("writes", value + 1);
}
// ANCHOR_END: update
