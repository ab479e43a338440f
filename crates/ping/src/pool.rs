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
    // Dropping the sender closes the queue: `recv` fails as soon as it is empty.
    let (sender, queue) = channel::unbounded();
    for index in 0..job.targets.count() {
        sender.send(index).expect("the receiver is here");
    }
    drop(sender);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..job.workers.min(job.targets.count()) {
            let name = format!("worker {number}");
            let (queue, mut lane) = (queue.clone(), timeline.lane(&name));
            let work = move || {
                while let Ok(index) = queue.recv() {
                    job.ping(index, &mut lane);
                }
            };
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            threads.push((name.clone(), workers::started(&name, thread)?));
        }
        workers::join_all(threads)?;
        Ok(())
    })
}
