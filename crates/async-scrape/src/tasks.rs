//! Some tasks, and all of them on one thread. At each `.await` a task that has to wait hands the thread to another.
//!
//! Files know nothing of `.await`: to write one blocks the thread that does it, and with it every task there. So the writing is given to
//! a thread of the runtime's pool for such work, over a channel with room for a few chunks: if the disk is slow, the network waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use anyhow::{Context, Result};
use bytes::Bytes;
use timing::{Lane, Timeline};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};

use crate::Job;
use crate::client;
use crate::file::Part;
use crate::names::Page;

/// Chunks that may wait for the disk, for each page.
const WAITING: usize = 4;

/// Downloads everything, with `job.concurrency` tasks.
///
/// # Errors
/// If the runtime can't be built, or a task panicked.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // `current_thread`: this thread, and no other, but for those that write.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't build a runtime")?;
    runtime.block_on(all(job, timeline))
}

async fn all(job: &Job, timeline: &Timeline) -> Result<()> {
    // As many tasks as may be under way; each takes the next page when it is done with one. So each has a lane of its own.
    let next = Arc::new(AtomicUsize::new(0));
    let mut slots = JoinSet::new();
    for number in 0..job.concurrency.min(job.pages.len()) {
        let (job, next) = (job.clone(), Arc::clone(&next));
        let mut lane = timeline.lane(format!("slot {number}"));
        slots.spawn(async move {
            while let Some(page) = job.pages.get(next.fetch_add(1, Relaxed)) {
                if !job.stop.load(Relaxed) {
                    let result = fetch(&job, page, &mut lane).await;
                    (job.tell)(page, result);
                }
            }
        });
    }
    while let Some(ended) = slots.join_next().await {
        ended.context("a task")?;
    }
    Ok(())
}

/// [`Job::download`], but for `async` and `.await`, and a writer somewhere else.
async fn fetch(job: &Job, page: &Page, lane: &mut Lane) -> Result<u64> {
    let waiting = lane.wait(page.name.clone());
    let response = job.client.later(&page.url).send().await;
    let mut body = client::checked(response.map(|r| (r.status(), r)))?;
    drop(waiting);
    let (chunks, mut received) = mpsc::channel::<Bytes>(WAITING);
    let (folder, name, most) = (job.folder.clone(), page.name.clone(), job.most);
    let writer = spawn_blocking(move || {
        let mut part = Part::new(&folder, &name)?;
        while let Some(chunk) = received.blocking_recv() {
            part.add(&chunk, most)?;
        }
        anyhow::Ok(part)
    });
    let receiving = lane.wait("receive");
    while let Some(chunk) = body.chunk().await.context("the body breaks off")? {
        // Fails if the writer has given up: it will say why.
        if chunks.send(chunk).await.is_err() {
            break;
        }
    }
    drop((chunks, receiving));
    let _writing = lane.wait("write");
    let part = writer.await.context("the writer")??;
    spawn_blocking(|| part.finish())
        .await
        .context("the writer")?
}
