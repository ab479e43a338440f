//! A thread for each URL. All of them wait at the same time, so it takes as long as the slowest answer, and as
//! many threads as there are URLs: the README shows where that ends.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use timing::Timeline;

use crate::failure::Failure;
use crate::{Job, Pong};

/// Pings everything, each URL on a thread of its own.
///
/// # Errors
/// Never: where the system gives no more threads, that is what came of the ping.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    thread::scope(|scope| {
        for index in 0..job.targets.count() {
            let mut lane = timeline.lane(job.targets.lane(index));
            let ping = move || job.ping(index, &mut lane);
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, ping) {
                (job.tell)(Pong {
                    url: job.targets.text(index),
                    result: Err(Failure::no_thread(&error)),
                    latency: Duration::ZERO,
                });
            }
        }
    });
    Ok(())
}
