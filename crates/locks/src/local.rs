//! Each thread counts for itself, and the counts are added when all threads have ended. What is not
//! shared needs no synchronisation: the fastest way to share a counter is not to share it.

use std::hint::black_box;

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts in each thread, and adds the counts.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counts = workers::start(job, timeline, |_| Counter(0)).join()?;
    let counter: u64 = counts.into_iter().sum();
    Ok(counter.into())
}

struct Counter(u64);

impl Update for Counter {
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let Self(count) = self;
        let _updating = lane.act("update");
        observer.pause();
        // Hidden from the optimiser, which would otherwise replace a thread's whole loop by one
        // addition, and leave nothing to measure.
        *count = black_box(*count + 1);
        observer.tell("has", *count);
    }

    fn result(self) -> u64 {
        self.0
    }
}
