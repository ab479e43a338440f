//! Reads and writes the counter without anything that holds the two together. Each is sound by
//! itself: an atomic rules out the data race. But if another thread writes between a thread's read
//! and its write, that update is lost: the counter goes back to a value that it had before.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::SeqCst};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts, and loses updates.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    workers::start(job, timeline, |_| Counter(Arc::clone(&counter))).join()?;
    Ok(counter.load(SeqCst).into())
}

struct Counter(Arc<AtomicU64>);

impl Update for Counter {
    // ANCHOR: update
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let Self(counter) = self;
        let value = counter.load(SeqCst);
        let _updating = lane.act(observer.label(value));
        observer.tell("reads", value);
        observer.pause();
        counter.store(value + 1, SeqCst);
        observer.tell("writes", value + 1);
    }
    // ANCHOR_END: update
}
