//! The counter belongs to one thread, and the others send it messages. Nothing is shared, so there is nothing to lock; the
//! channel has a lock, or the like, inside, and a place where messages wait.

use anyhow::Result;
use crossbeam::channel::{self, Sender};
use timing::{Lane, Timeline};

use crate::crowd::{self, Worker};
use crate::{Counted, Job};

/// Messages that may wait. A sender that is too fast for the owner then waits, too.
const WAITING: usize = 1024;

/// Counts what is sent.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let (sender, messages) = channel::bounded(WAITING);
    let crowd = crowd::start(job, timeline, sender, update);
    // The thread that runs this is the owner. The loop ends when the last sender is dropped, with the last thread.
    let mut counter = 0;
    for one in messages {
        counter += one;
    }
    crowd.join()?;
    Ok(counter.into())
}

#[inline(always)]
fn update(sender: &Sender<u64>, worker: &mut Worker, lane: &mut Lane) {
    let _updating = lane.work("update");
    worker.pause();
    worker.tell("sends", 1);
    sender
        .send(1)
        .expect("the owner listens until all are gone");
}
