//! A task for each count, and all of them on one thread. At each `.await` a task that has to wait
//! hands the thread to another task. Nothing here is parallel, and still it takes no longer than
//! `threads`: waiting keeps no core busy.

use anyhow::{Context, Result};
use timing::{Lane, Timeline};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::{Count, Job, Say, Strategy};

/// Counts everything down, each count as a task.
///
/// # Errors
/// If the runtime can't be built, or a task panicked.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    // `current_thread`: all tasks run on this thread, and on no other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .context("can't build a runtime")?;
    runtime.block_on(all(job, timeline))
}
// ANCHOR_END: run

/// All counts at once.
///
/// # Errors
/// If a task panicked.
// ANCHOR: all
pub async fn all(job: &Job, timeline: &Timeline) -> Result<()> {
    let mut tasks = JoinSet::new();
    for count in &job.counts {
        let lane = timeline.lane(&count.name);
        tasks.spawn(down(count.clone(), job.say.clone(), lane));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("a task")?;
    }
    Ok(())
}
// ANCHOR_END: all

/// Has the steps of [`Count::down`], with `async` and `.await`. It owns its count, because a
/// spawned task may not borrow it.
// ANCHOR: down
async fn down(count: Count, say: Say, mut lane: Lane) {
    let prefix = Strategy::Tasks.prefix();
    for number in (1..=count.from).rev() {
        let waiting = lane.wait(number.to_string());
        sleep(count.delay).await;
        drop(waiting);
        say(&count.line(prefix, number));
    }
    say(&count.last_line(prefix));
}
// ANCHOR_END: down
