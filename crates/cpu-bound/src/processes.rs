//! The parts of `threads`, each in a process of its own: another instance of this program, with memory
//! of its own. An interpreter in each would have a lock in each, and so processes are the course's way around the lock.

use anyhow::Result;
use timing::Timeline;

use crate::Job;
use crate::child::Child;

/// Does the job in `job.workers` processes.
///
/// # Errors
/// If a process can't be started, in which case those that were are ended; or if one dies.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    let start = |(index, part)| {
        let lane = format!("process {index}");
        // The rows in their order: what is recorded arrives in the order of the ends.
        drop(timeline.lane(&lane));
        Child::start(&job.program, job.work, part, lane, timeline.clock())
    };
    let parts = job.parts(job.workers).into_iter().enumerate();
    let children: Vec<Child> = parts.map(start).collect::<Result<_>>()?;
    // They all compute by now; it does not matter in which order their answers are heard.
    let mut sum = 0;
    for child in children {
        let (part, recording) = child.answer()?;
        timeline.absorb(recording);
        sum += part;
    }
    Ok(sum)
}
// ANCHOR_END: run
