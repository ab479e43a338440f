//! A task for each URL, and all of them on one thread. At each `.await` a task that has to wait
//! hands the thread to another task. A task that waits costs some kilobytes, and no thread.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use timing::{Lane, Timeline};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep_until;

use crate::failure::Failure;
use crate::{Answer, Job, MOST_BODY, Pong, clients};

/// Pings everything, each URL as a task, with at most `job.in_flight` pings in flight.
///
/// # Errors
/// If the runtime can't be built, or a task panicked.
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // `current_thread`: all tasks run on this thread, and on no other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't build a runtime")?;
    runtime.block_on(all(job, timeline))
}

async fn all(job: &Job, timeline: &Timeline) -> Result<()> {
    let slots = Arc::new(Semaphore::new(job.in_flight));
    let mut tasks = JoinSet::new();
    for index in job.indices() {
        if let Some(planned) = job.pace.planned(index) {
            sleep_until(planned.into()).await;
        }
        // Acquired before the task is spawned: so a long list makes no crowd of tasks that wait
        // for their turn.
        let slot = Arc::clone(&slots).acquire_owned().await?;
        let (job, mut lane) = (job.clone(), timeline.lane(job.targets.lane(index)));
        tasks.spawn(async move {
            ping(&job, index, &mut lane).await;
            drop(slot);
        });
        // A spawned task begins when this one waits. So here it asks before the next is spawned. If
        // it asked after a thousand others, its latency would count the time of their turns.
        yield_now().await;
        while let Some(ended) = tasks.try_join_next() {
            ended.context("a task")?;
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("a task")?;
    }
    Ok(())
}

/// Does what [`Job::ping`] does, with `async` and `.await`, and a body that comes in chunks.
async fn ping(job: &Job, index: usize, lane: &mut Lane) {
    let url = job.targets.text(index);
    let planned = job.pace.planned(index);
    let begin = planned.unwrap_or_else(Instant::now);
    let result = ask(job, index, lane).await;
    let latency = begin.elapsed();
    let _telling = lane.work("tell");
    (job.tell)(Pong {
        url,
        result,
        latency,
    });
}

async fn ask(job: &Job, index: usize, lane: &mut Lane) -> Result<Answer, Failure> {
    let asking = lane.work("ask");
    let request = job.clients.request_later(job.targets.url(index)?);
    drop(asking);
    let waiting = lane.wait(job.targets.short(index));
    let response = request.send().await;
    let response = response.map_err(|error| job.clients.failure(error))?;
    drop(waiting);
    let status = response.status();
    job.clients.check(response.url(), status)?;
    let reason = clients::reason(status, response.extensions());
    let _receiving = lane.wait("body");
    let bytes = clients::read_later(response, MOST_BODY + 1).await?;
    Ok(Answer {
        status: status.as_u16(),
        reason,
        cut: bytes > MOST_BODY,
    })
}
