//! Some threads and a queue: whoever is free takes the next page, asks for it, waits for it, and writes it.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use anyhow::{Context, Result};
use crossbeam::channel;
use timing::Timeline;

use crate::{Job, Strategy};

/// Downloads everything with `job.concurrency` threads.
///
/// # Errors
/// If the system gives no thread at all; with fewer than asked for it goes on, only slower.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // Filled before anybody takes from it, and closed by dropping the sender: then `recv` fails when it is empty.
    let (sender, queue) = channel::unbounded();
    for page in &*job.pages {
        sender.send(page).expect("the receiver is here");
    }
    drop(sender);
    thread::scope(|scope| {
        for number in 0..Strategy::Threads.workers(job) {
            let (queue, mut lane) = (queue.clone(), timeline.lane(format!("worker {number}")));
            let work = move || {
                while let Ok(page) = queue.recv() {
                    if !job.stop.load(Relaxed) {
                        job.download(page, &mut lane);
                    }
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
