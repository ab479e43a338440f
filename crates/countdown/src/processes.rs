//! A process for each count: another instance of this program, with memory of its own. What it says
//! comes back through a pipe, and so does what it recorded.

use std::thread;

use anyhow::{Result, anyhow};
use timing::Timeline;

use crate::child::Child;
use crate::{Count, Job, Strategy};

/// Counts everything down, each count in a process of its own.
///
/// # Errors
/// If a process can't be started, in which case those that were are ended; or if one dies.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let start = |count: &Count| {
        // The rows in the order of the counts: what is recorded arrives in the order of the ends.
        drop(timeline.lane(&count.name));
        let prefix = Strategy::Processes.prefix();
        Child::start(&job.program, count, prefix, timeline.clock())
    };
    // If one can't be started the others are dropped, and that ends them.
    let children: Vec<Child> = job.counts.iter().map(start).collect::<Result<_>>()?;
    // A thread for each waits for its lines.
    let ended: Vec<Result<()>> = thread::scope(|scope| {
        let listen = |child: Child| {
            let hear = move || {
                child
                    .hear(&*job.say)
                    .map(|recording| timeline.absorb(recording))
            };
            thread::Builder::new().spawn_scoped(scope, hear)
        };
        let listeners: Vec<_> = children.into_iter().map(listen).collect();
        let join = |listener: std::io::Result<thread::ScopedJoinHandle<'_, Result<()>>>| {
            let panicked = |_| Err(anyhow!("a listener panicked"));
            listener?.join().unwrap_or_else(panicked)
        };
        listeners.into_iter().map(join).collect()
    });
    ended.into_iter().collect()
}
// ANCHOR_END: run
