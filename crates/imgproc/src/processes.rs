//! Several photos at once, in a fixed pool of processes: nothing is shared, so nothing can be
//! raced for, and a photo that kills its worker kills nothing else. The price: starting them, and
//! every message goes through a pipe.

use std::sync::atomic::AtomicUsize;

use anyhow::Result;
use timing::Timeline;

use crate::worker::Worker;
use crate::{Job, Outcome};

/// Does the job in `job.workers` processes.
///
/// # Errors
/// If a process can't be started.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let begun = &AtomicUsize::new(0);
    // The workers' rows, in their order: their spans arrive in the order in which they end.
    let workers = job.workers.min(job.tasks.len());
    let names: Vec<_> = (0..workers).map(|i| format!("process {i}")).collect();
    names.iter().for_each(|name| drop(timeline.lane(name)));
    // One thread for each process does nothing but wait for its answers.
    let shares = std::thread::scope(|scope| {
        let keepers: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(move || keep(job, timeline, begun, name)))
            .collect();
        let joined = keepers.into_iter().map(|keeper| keeper.join());
        joined
            .map(|share| share.expect("a keeper does not panic"))
            .collect::<Result<Vec<_>>>()
    })?;
    let mut outcomes = vec![Outcome::Skipped; job.tasks.len()];
    for (index, outcome) in shares.into_iter().flatten() {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}

/// Keeps one worker process busy, and replaces it if it dies.
// ANCHOR: keep
fn keep(
    job: &Job,
    timeline: &Timeline,
    begun: &AtomicUsize,
    name: &str,
) -> Result<Vec<(usize, Outcome)>> {
    let start = || Worker::start(&job.program, &job.settings, timeline, name);
    let mut outcomes = Vec::new();
    let mut worker = start()?;
    while let Some((photo, task)) = job.next(begun) {
        let outcome = match worker.process(task) {
            Some(outcome) => outcome,
            None => {
                let why = worker.post_mortem();
                worker = start()?;
                Outcome::Failed(why)
            }
        };
        outcomes.push((photo, outcome));
        job.progress.inc(1);
    }
    if let Some(recording) = worker.finish() {
        timeline.absorb(recording);
    }
    Ok(outcomes)
}
// ANCHOR_END: keep
