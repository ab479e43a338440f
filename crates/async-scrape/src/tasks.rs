//! Some tasks, and all of them on one thread. At each `.await` a task that has to wait hands the thread to another.
//!
//! Files know nothing of `.await`: to write one blocks the thread that does it, and with it every task there. So pages are read and written,
//! and searched for links, which computes, by a thread of the runtime's pool for such work (`Disk::Elsewhere`).

use anyhow::{Context, Result};
use timing::Timeline;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::Job;
use crate::disk::Disk;

/// Downloads everything, with `job.concurrency` tasks.
///
/// # Errors
/// If the runtime can't be built, or a task panicked.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // `current_thread`: this thread, and no other, but for calls that block.
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime
        .context("can't build a runtime")?
        .block_on(all(job, timeline))
}

async fn all(job: &Job, timeline: &Timeline) -> Result<()> {
    // As many tasks as may be under way; each takes the next page when it is done with one. So each has a lane of its own.
    let mut slots = JoinSet::new();
    for number in 0..job.concurrency {
        let (job, mut lane) = (job.clone(), timeline.lane(format!("slot {number}")));
        slots.spawn(async move {
            while let Some(page) = job.crawl.frontier.take().await {
                job.crawl.download(page, &mut lane, Disk::Elsewhere).await;
            }
        });
    }
    while let Some(ended) = slots.join_next().await {
        ended.context("a task")?;
    }
    Ok(())
}
