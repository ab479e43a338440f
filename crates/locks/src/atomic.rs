//! Reads, adds and writes in one atomic read-modify-write (on x86-64 a single locked instruction),
//! so that no other thread can come between. It needs no lock, and it can do only what the machine
//! has such an operation for: the pause is not part of it.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts with `fetch_add`.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    workers::start(job, timeline, |_| Counter(Arc::clone(&counter))).join()?;
    Ok(counter.load(Relaxed).into())
}

struct Counter(Arc<AtomicU64>);

impl Update for Counter {
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let Self(counter) = self;
        let _updating = lane.act("update");
        observer.pause();
        // Relaxed is enough: no other memory is published with the counter, and joining the threads
        // makes all of their updates visible.
        let value = counter.fetch_add(1, Relaxed);
        observer.tell("adds one to", value);
    }
}
