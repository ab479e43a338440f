//! `src/mutex.rs` with a lock that is released between reading and writing. It is known to be
//! wrong, and is kept because a checker must find the mistake.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::{Arc, Mutex};
use crate::workers::{self, Update};
use crate::{Counted, Job};

pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(Mutex::new(0));
    workers::start(job, timeline, |_| Counter(Arc::clone(&counter))).join()?;
    let value = *counter.lock().unwrap();
    Ok(value.into())
}

struct Counter(Arc<Mutex<u64>>);

impl Update for Counter {
    fn update(&mut self, observer: &mut impl Observer, _lane: &mut Lane) {
        let Self(counter) = self;
        // The guard has no name, so the lock is released at the end of this line.
        let value = *counter.lock().unwrap();
        observer.tell("reads", value);
        observer.pause();
        *counter.lock().unwrap() = value + 1;
        observer.tell("writes", value + 1);
    }
}
