//! Several counters instead of one, each for some of the threads; their sum can be read at any
//! time. Each counter has a cache line of its own. On a common line, the cores would go on taking
//! the line from each other although no counter on it is shared: *false sharing*.

use anyhow::Result;
use crossbeam::utils::CachePadded;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// Counts on `job.shards` counters.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let shard = |_| CachePadded::new(AtomicU64::new(0));
    let shards: Arc<[_]> = (0..job.shards).map(shard).collect();
    let counter = |thread: usize| Counter {
        shards: Arc::clone(&shards),
        mine: thread % job.shards,
    };
    workers::start(job, timeline, counter).join()?;
    let counter: u64 = shards.iter().map(|shard| shard.load(Relaxed)).sum();
    Ok(counter.into())
}

struct Counter {
    shards: Arc<[CachePadded<AtomicU64>]>,
    mine: usize,
}

impl Update for Counter {
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let _updating = lane.act("update");
        observer.pause();
        let value = self.shards[self.mine].fetch_add(1, Relaxed);
        observer.tell("adds one to its shard's", value);
    }
}
