//! Nothing holds a reading and its writing together. Both are sound by themselves (an atomic forbids the data race), and
//! whoever writes between them loses the update: the counter goes back to a value that it had.

use anyhow::Result;
use timing::Timeline;

use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::SeqCst};
use crate::{Counted, Job, crowd};

/// Counts, and loses count.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let counter = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&counter);
    // ANCHOR: update
    let crowd = crowd::start(job, timeline, move |worker, lane| {
        for _ in 0..worker.updates {
            let value = shared.load(SeqCst);
            let _updating = lane.work(worker.label(value));
            worker.tell("reads", value);
            worker.pause();
            shared.store(value + 1, SeqCst);
            worker.tell("writes", value + 1);
        }
    });
    // ANCHOR_END: update
    crowd.join()?;
    Ok(counter.load(SeqCst).into())
}
