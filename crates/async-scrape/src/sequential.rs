//! One page after the other: while one server thinks, nobody asks for the next, and nobody writes.

use anyhow::Result;
use timing::Timeline;

use crate::disk::Disk;
use crate::{Blocking, Job};

/// Downloads everything on this thread.
///
/// # Errors
/// If the system has no thread for the network.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let network = Blocking::start()?;
    let mut lane = timeline.lane("main");
    while let Some(page) = network.wait(job.crawl.frontier.take()) {
        network.wait(job.crawl.download(page, &mut lane, Disk::Here));
    }
    Ok(())
}
