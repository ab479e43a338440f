//! One page after the other, on one thread.

use anyhow::Result;
use timing::Timeline;

use crate::Job;
use crate::blocking::Blocking;
use crate::disk::Disk;

/// Downloads all pages on this thread.
///
/// # Errors
/// If the system has no thread for the network.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let network = Blocking::start()?;
    let mut lane = timeline.lane("main");
    while let Some(page) = network.wait(job.crawl.frontier.take()) {
        network.wait(job.crawl.download(page, &mut lane, Disk::ThisThread));
    }
    Ok(())
}
