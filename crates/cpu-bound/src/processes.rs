//! The parts of `threads`, each in a process of its own: another instance of this program, with
//! memory of its own. Each process of an interpreter has an interpreter lock of its own, so
//! processes are the course's way around the lock.

use std::ops::Range;

use anyhow::{Context, Result};
use timing::Timeline;
use timing::child::{self, Child};

use crate::{Job, Work};

/// Does the job in `job.workers` processes.
///
/// # Errors
/// If a process can't be started (those that were started are ended then), or if one dies.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    let start = |(index, part)| {
        let lane = format!("process {index}");
        Child::start(&job.program, timeline, &lane, &(job.work, part))
    };
    let parts = job.parts(job.workers).into_iter().enumerate();
    let children: Vec<Child> = parts.map(start).collect::<Result<_>>()?;
    // All of them compute by now, so it does not matter whose answer is read first.
    let mut sum = 0;
    for mut child in children {
        let part = child.receive::<u64>()?;
        child.finish(timeline)?;
        sum += part.context("a process sent no answer")?;
    }
    Ok(sum)
}
// ANCHOR_END: run

/// If this process was started by [`run`]: computes its part, answers, and exits. Call it at the
/// start of `main`, before anything is printed.
pub fn compute_if_child() {
    child::serve(|(work, part): (Work, Range<u64>), parent, lane| {
        parent.end_with_it()?;
        let working = lane.work("part");
        let sum = work.part(part);
        drop(working);
        parent.send(&sum)
    });
}
