//! Reads, pauses, and writes only if the counter still has the value that was read (compare and swap, or "exchange"). If not,
//! somebody was faster, and it begins again. Nobody waits, but work is thrown away; and as each failure means that another
//! has succeeded, the whole always goes on: it is *lock-free*.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::{Counted, Job};

/// Counts with `compare_exchange`, and counts how often that failed.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    let crowd = crowd::start(job, timeline, Arc::clone(&counter), update);
    let retries = crowd.join()?.into_iter().sum();
    Ok(Counted {
        value: counter.load(Relaxed),
        retries: Some(retries),
    })
}

#[inline(always)]
fn update(counter: &Arc<AtomicU64>, worker: &mut Worker, lane: &mut Lane) {
    let mut value = counter.load(Relaxed);
    // ANCHOR: update
    loop {
        let _trying = lane.work(worker.label(value));
        worker.tell("reads", value);
        worker.pause();
        match counter.compare_exchange(value, value + 1, Relaxed, Relaxed) {
            Ok(_) => break,
            Err(newer) => value = newer,
        }
        // How often it failed.
        worker.own += 1;
    }
    // ANCHOR_END: update
    worker.tell("writes", value + 1);
}
