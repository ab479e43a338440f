//! A pool: a few threads and a queue, from which each free thread takes the next URL. The number of
//! threads is now a choice, and no longer the length of the list.

use anyhow::Result;
use timing::{Timeline, workers};

use crate::Job;
use crate::sync::{channel, thread};

/// Pings everything with `job.workers` threads.
///
/// # Errors
/// If the system has no more threads, or a thread panics. The other threads ping everything first.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    thread::scope(|scope| {
        // A queue without room: a URL is handed over when a thread is free.
        let (sender, queue) = channel::bounded(0);
        let (mut threads, mut refused) = (Vec::new(), Ok(()));
        for number in 0..job.workers.min(job.count().unwrap_or(usize::MAX)) {
            let name = format!("worker {number}");
            let (queue, mut lane) = (queue.clone(), timeline.lane(&name));
            let work = move || {
                while let Ok(index) = queue.recv() {
                    job.ping(index, &mut lane);
                }
            };
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            match workers::started(&name, thread) {
                Ok(thread) => threads.push((name, thread)),
                // The threads that there are do all of it.
                Err(error) => refused = Err(error),
            }
        }
        drop(queue);
        for index in job.indices() {
            if sender.send(index).is_err() {
                // All threads have panicked.
                break;
            }
        }
        // Dropping the sender closes the queue: `recv` fails.
        drop(sender);
        workers::join_all(threads)?;
        refused
    })
}
