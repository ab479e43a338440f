//! A thread for each URL. All of them wait at the same time, so it takes as long as the slowest
//! answer. It also takes as many threads as there are URLs: the README shows the limit of that.

use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use timing::{Timeline, workers};

use crate::failure::Failure;
use crate::{Job, Pong};

/// The most threads that are started. On Linux a thread takes two of a process's 65 530 memory
/// mappings. If there are no more, the next allocation of memory fails, and ends the process.
pub const MOST: usize = 10_000;

/// Pings everything, each URL on a thread of its own.
///
/// # Errors
/// If there are more than [`MOST`] URLs. If the system has no more threads before that, the pings
/// without a thread have failed, and the others go on. Or if a thread panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let Some(count) = job.count() else {
        bail!("--duration without --rate would start threads without end: try pool or tasks");
    };
    if count > MOST {
        bail!("{count} URLs are more than the {MOST} threads that it may start: try pool or tasks");
    }
    // ANCHOR: run
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for index in 0..count {
            let mut lane = timeline.lane(job.targets.lane(index));
            let ping = move || job.ping(index, &mut lane);
            match thread::Builder::new().spawn_scoped(scope, ping) {
                Ok(thread) => threads.push((job.targets.lane(index), thread)),
                Err(error) => (job.tell)(Pong {
                    url: job.targets.text(index),
                    result: Err(Failure::no_thread(&error)),
                    latency: Duration::ZERO,
                }),
            }
        }
        workers::join_all(threads)?;
        Ok(())
    })
    // ANCHOR_END: run
}
