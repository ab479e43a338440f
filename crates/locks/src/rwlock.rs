//! Updates under a read-write lock: any number of readers may share it, a writer has exclusive
//! access. An update reads *and* writes, so it needs exclusive access for both: to read under
//! shared access, release the lock, and write under exclusive access would be `race` again.
//!
//! Here every access writes, so the lock only costs more than a mutex. The bench shows the share of
//! readers above which it wins.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::{Arc, RwLock};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts under a read-write lock, with exclusive access.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(RwLock::new(0));
    workers::start(job, timeline, |_| Counter(Arc::clone(&counter))).join()?;
    let value = *counter
        .read()
        .expect("no other thread panicked while holding it");
    Ok(value.into())
}

struct Counter(Arc<RwLock<u64>>);

impl Update for Counter {
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let Self(counter) = self;
        let waiting = lane.wait("lock");
        let mut counter = counter
            .write()
            .expect("no other thread panicked while holding it");
        drop(waiting);
        let value = *counter;
        let _holding = lane.act(observer.label(value));
        observer.tell("reads", value);
        observer.pause();
        *counter = value + 1;
        observer.tell("writes", value + 1);
    }
}
