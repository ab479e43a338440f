//! A few threads and a queue: whoever is free takes the next URL. The number of threads is now a choice, and no
//! longer the length of the list.

use std::thread;

use anyhow::{Context, Result};
use crossbeam::channel;
use timing::Timeline;

use crate::Job;

/// Pings everything with `job.workers` threads.
///
/// # Errors
/// If the system gives no thread at all; with fewer than asked for it goes on, only slower.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // Filled before anybody takes from it, and closed by dropping the sender: then `recv` fails when it is empty.
    let (sender, queue) = channel::unbounded();
    for index in 0..job.targets.count() {
        sender.send(index).expect("the receiver is here");
    }
    drop(sender);
    thread::scope(|scope| {
        for number in 0..job.workers.min(job.targets.count()) {
            let (queue, mut lane) = (queue.clone(), timeline.lane(format!("worker {number}")));
            let work = move || {
                while let Ok(index) = queue.recv() {
                    job.ping(index, &mut lane);
                }
            };
            let started = thread::Builder::new().spawn_scoped(scope, work);
            if number == 0 {
                started.context("can't start a thread")?;
            }
        }
        Ok(())
    })
}
