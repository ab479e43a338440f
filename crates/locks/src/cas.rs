//! Reads, pauses, and writes only if the counter still has the value that was read: compare and
//! swap, also called compare and exchange. Otherwise another thread was faster, and the update
//! begins again.
//!
//! No thread waits, but work is thrown away. As each failure means that another thread has
//! succeeded, some thread always makes progress: the algorithm is *lock-free*.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts with `compare_exchange`, and counts how often that failed.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let shared = Arc::new(AtomicU64::new(0));
    let counter = |_| Counter {
        shared: Arc::clone(&shared),
        retries: 0,
    };
    let retries = workers::start(job, timeline, counter).join()?;
    Ok(Counted {
        value: shared.load(Relaxed),
        retries: Some(retries.into_iter().sum()),
    })
}

struct Counter {
    shared: Arc<AtomicU64>,
    /// The failed attempts of this thread.
    retries: u64,
}

impl Update for Counter {
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let counter = &self.shared;
        let mut value = counter.load(Relaxed);
        // ANCHOR: update
        loop {
            let trying = lane.act(observer.label(value));
            observer.tell("reads", value);
            observer.pause();
            match counter.compare_exchange(value, value + 1, Relaxed, Relaxed) {
                Ok(_) => break,
                Err(newer) => value = newer,
            }
            trying.lost();
            self.retries += 1;
        }
        // ANCHOR_END: update
        observer.tell("writes", value + 1);
    }

    fn result(self) -> u64 {
        self.retries
    }
}
