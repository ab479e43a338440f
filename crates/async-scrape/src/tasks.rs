//! Several tasks, all on one thread. At each `.await` a task that has to wait hands the thread to
//! another.
//!
//! Files have no `.await`: writing one blocks the thread, and with it every task on it. So files
//! are written, and pages are searched for links, on the runtime's pool for blocking calls
//! (`Disk::Pool`). What is short is done by the thread itself.

use anyhow::{Context, Result};
use timing::{Timeline, workers};
use tokio::runtime::Builder;
use tokio::task::{JoinError, JoinSet};

use crate::Job;
use crate::disk::Disk;

/// Downloads all pages, with `job.concurrency` tasks.
///
/// # Errors
/// If the runtime can't be built, or a task panicked.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // `current_thread`: all tasks run on this thread. Only blocking calls get others.
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("can't build a runtime")?;
    runtime.block_on(async {
        let mut workers = JoinSet::new();
        for number in 0..job.concurrency {
            let mut lane = timeline.lane(format!("slot {number}"));
            let job = job.clone();
            workers.spawn(async move {
                while let Some(page) = job.crawl.frontier.take().await {
                    job.crawl.download(page, &mut lane, Disk::Pool).await;
                }
            });
        }
        while let Some(end) = workers.join_next().await {
            // No task is cancelled, so a `JoinError` is a panic.
            workers::ended("a task", end.map_err(JoinError::into_panic))?;
        }
        Ok(())
    })
}
