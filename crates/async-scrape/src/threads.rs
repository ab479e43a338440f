//! Some threads: whoever is free takes the next page, waits for it, and writes it. While they wait, the system has others to run.

use std::thread;

use anyhow::{Context, Result};
use timing::Timeline;

use crate::disk::Disk;
use crate::{Blocking, Job};

/// Downloads everything with `job.concurrency` threads.
///
/// # Errors
/// If the system gives no thread at all; with fewer than asked for it goes on, only slower.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let network = &Blocking::start()?;
    thread::scope(|scope| {
        for number in 0..job.concurrency {
            let mut lane = timeline.lane(format!("worker {number}"));
            let work = move || {
                while let Some(page) = network.wait(job.crawl.frontier.take()) {
                    network.wait(job.crawl.download(page, &mut lane, Disk::Here));
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
