//! Some counters instead of one, so that fewer threads meet at each; a reader adds them up, at any time. Each is alone on
//! its cache line, or the cores would go on taking the line from each other although nothing on it is shared ("false
//! sharing").

use anyhow::Result;
use crossbeam::utils::CachePadded;
use timing::Timeline;

use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::{Counted, Job, crowd};

/// Counts on `job.shards` counters.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let shard = |_| CachePadded::new(AtomicU64::new(0));
    let counters: Arc<[_]> = (0..job.shards).map(shard).collect();
    let shared = Arc::clone(&counters);
    let crowd = crowd::start(job, timeline, move |worker, lane| {
        let counter = &shared[worker.number % shared.len()];
        for _ in 0..worker.updates {
            let _updating = lane.work("update");
            worker.pause();
            let value = counter.fetch_add(1, Relaxed);
            worker.tell("adds one to its shard's", value);
        }
    });
    crowd.join()?;
    let counter: u64 = counters.iter().map(|shard| shard.load(Relaxed)).sum();
    Ok(counter.into())
}
