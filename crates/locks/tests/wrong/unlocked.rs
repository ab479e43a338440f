//! `src/mutex.rs` with the lock held for the reading, and again for the writing, but not from the one to the other: known
//! to be wrong, and kept so that a checker must find it.

use anyhow::Result;
use timing::Timeline;

use crate::sync::{Arc, Mutex};
use crate::{Counted, Job, crowd};

pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(Mutex::new(0));
    let shared = Arc::clone(&counter);
    let crowd = crowd::start(job, timeline, shared, |counter, worker, _lane| {
        let value = *counter.lock().unwrap();
        worker.tell("reads", value);
        worker.pause();
        *counter.lock().unwrap() = value + 1;
        worker.tell("writes", value + 1);
    });
    crowd.join()?;
    let value = *counter.lock().unwrap();
    Ok(value.into())
}
