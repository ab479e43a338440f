//! Reads, pauses and writes while holding a lock, and all other threads wait. No update is lost,
//! and no two critical sections overlap.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::{Arc, Mutex};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts under a mutex.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(Mutex::new(0));
    workers::start(job, timeline, |_| Counter(Arc::clone(&counter))).join()?;
    let value = *counter
        .lock()
        .expect("no other thread panicked while holding it");
    Ok(value.into())
}

struct Counter(Arc<Mutex<u64>>);

impl Update for Counter {
    // ANCHOR: update
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let Self(counter) = self;
        let waiting = lane.wait("lock");
        let mut counter = counter
            .lock()
            .expect("no other thread panicked while holding it");
        drop(waiting);
        let value = *counter;
        let _holding = lane.act(observer.label(value));
        observer.tell("reads", value);
        observer.pause();
        *counter = value + 1;
        observer.tell("writes", value + 1);
    }
    // ANCHOR_END: update
}
