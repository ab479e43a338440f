//! A lock that any number of readers may share. But an update is a reading *and* a writing, and has to be alone for both: to
//! read under the shared lock, let go, and write under the other would be `race` again. So here it is a dearer mutex; the bench
//! shows from which share of mere readers on it is a better one.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::sync::{Arc, RwLock};
use crate::{Counted, Job};

/// Counts under a lock for writing.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(RwLock::new(0));
    crowd::start(job, timeline, Arc::clone(&counter), update).join()?;
    let value = *counter
        .read()
        .expect("no other thread panicked while holding it");
    Ok(value.into())
}

#[inline(always)]
fn update(counter: &Arc<RwLock<u64>>, worker: &mut Worker, lane: &mut Lane) {
    let waiting = lane.wait("lock");
    let mut counter = counter
        .write()
        .expect("no other thread panicked while holding it");
    drop(waiting);
    let value = *counter;
    let _holding = lane.work(worker.label(value));
    worker.tell("reads", value);
    worker.pause();
    *counter = value + 1;
    worker.tell("writes", value + 1);
}
