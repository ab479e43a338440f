//! The threads of `threads`, under a global interpreter lock: only the thread that holds the lock
//! computes, and the others wait. They take turns, and the work is done no sooner.

use std::ops::Range;
use std::thread;

use anyhow::Result;
use timing::{Lane, Timeline, workers};

use crate::interpreter_lock::InterpreterLock;
use crate::{Job, Work};

/// Numbers between two checks for a drop request. An interpreter checks between two instructions.
const BETWEEN_LOOKS: usize = 4_096;

/// Does the job on `job.workers` threads, of which one runs at a time.
///
/// # Errors
/// If the system has no more threads, or a thread panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    let lock = &InterpreterLock::default();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (index, part) in job.parts(job.workers).into_iter().enumerate() {
            let name = format!("thread {index}");
            let lane = timeline.lane(&name);
            let work = move || interpreted(job.work, part, lock, lane);
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            threads.push((name.clone(), workers::started(&name, thread)?));
        }
        Ok(workers::join_all(threads)?.into_iter().sum())
    })
}

/// Does a part of the work in small pieces, and only while it holds the lock.
// ANCHOR: interpreted
pub fn interpreted(work: Work, part: Range<u64>, lock: &InterpreterLock, mut lane: Lane) -> u64 {
    let mut sum = 0;
    let end = part.end;
    let mut pieces = part.step_by(BETWEEN_LOOKS).peekable();
    while pieces.peek().is_some() {
        // It has all that it needs to go on, but for the turn.
        let ready = lane.ready("the lock");
        lock.take();
        drop(ready);
        let working = lane.work("holds the lock");
        for start in pieces.by_ref() {
            sum += work.part(start..(start + BETWEEN_LOOKS as u64).min(end));
            if lock.is_wanted() {
                break;
            }
        }
        drop(working);
        lock.release();
    }
    sum
}
// ANCHOR_END: interpreted
