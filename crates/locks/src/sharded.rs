//! Some counters instead of one, so that fewer threads meet at each; a reader adds them up, at any time. Each is alone on
//! its cache line, or the cores would go on taking the line from each other although nothing on it is shared ("false
//! sharing").

use anyhow::Result;
use crossbeam::utils::CachePadded;
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::{Counted, Job};

type Counters = Arc<[CachePadded<AtomicU64>]>;

/// Counts on `job.shards` counters.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let shard = |_| CachePadded::new(AtomicU64::new(0));
    let counters: Counters = (0..job.shards).map(shard).collect();
    crowd::start(job, timeline, Arc::clone(&counters), update).join()?;
    let counter: u64 = counters.iter().map(|shard| shard.load(Relaxed)).sum();
    Ok(counter.into())
}

#[inline(always)]
fn update(counters: &Counters, worker: &mut Worker, lane: &mut Lane) {
    let _updating = lane.work("update");
    worker.pause();
    let value = counters[worker.number % counters.len()].fetch_add(1, Relaxed);
    worker.tell("adds one to its shard's", value);
}
