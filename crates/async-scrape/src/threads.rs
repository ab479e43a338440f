//! Several threads. Each takes the next page, waits for it, and writes it; while it waits, the
//! system runs the others.

use std::panic::{self, AssertUnwindSafe};

use anyhow::Result;
use timing::{Timeline, workers};

use crate::Job;
use crate::blocking::Blocking;
use crate::disk::Disk;
use crate::sync::thread;

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
            let work = move || {
                while let Some(page) = network.wait(job.crawl.frontier.take()) {
                    network.wait(job.crawl.download(page, &mut lane, Disk::ThisThread));
                }
            };
            // A thread that panics leaves a page in flight. The others must not wait for it.
            let work = move || {
                panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                    job.crawl.frontier.stop();
                    panic::resume_unwind(panic)
                })
            };
            let worker = thread::Builder::new().spawn_scoped(scope, work);
            // The threads that did start must not go on without an end.
            let worker = workers::started(&name, worker).inspect_err(|_| job.crawl.frontier.stop());
            threads.push((name, worker?));
        }
        workers::join_all(threads)?;
        Ok(())
    })
}
