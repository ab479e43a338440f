//! Several threads. Each takes the next page, waits for it, and writes it; while it waits, the
//! system runs the others.

use std::thread;

use anyhow::Result;
use timing::{Timeline, workers};

use crate::Job;
use crate::blocking::Blocking;
use crate::disk::Disk;

/// Downloads all pages, with `job.concurrency` threads.
///
/// # Errors
/// If a thread can't be started, or panicked.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let network = &Blocking::start()?;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..job.concurrency {
            let name = format!("worker {number}");
            let mut lane = timeline.lane(name.clone());
            let worker = thread::Builder::new().spawn_scoped(scope, move || {
                while let Some(page) = network.wait(job.crawl.frontier.take()) {
                    network.wait(job.crawl.download(page, &mut lane, Disk::ThisThread));
                }
            });
            // The threads that did start must not go on without an end.
            let worker = workers::started(&name, worker).inspect_err(|_| job.crawl.frontier.stop());
            threads.push((name, worker?));
        }
        workers::join_all(threads)?;
        Ok(())
    })
}
