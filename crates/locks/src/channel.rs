//! One thread owns the counter, and the others send it messages. No memory is shared, so nothing
//! has to be locked: the synchronisation, and the queue of waiting messages, are in the channel.

use anyhow::Result;
use timing::{Lane, Timeline};

use crate::observer::Observer;
use crate::sync::channel::{self, Sender};
use crate::workers::{self, Update};
use crate::{Counted, Job};

/// The messages that may wait in the channel. If it is full, senders wait for the owner.
const CAPACITY: usize = 1024;

/// Counts what is sent to the owner.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Counted> {
    let (sender, messages) = channel::bounded(CAPACITY);
    let workers = workers::start(job, timeline, move |_| Counter(sender.clone()));
    // The calling thread is the owner. The loop ends when the last thread drops the last sender.
    let mut counter = 0;
    for one in messages {
        counter += one;
    }
    workers.join()?;
    Ok(counter.into())
}

struct Counter(Sender<u64>);

impl Update for Counter {
    #[inline(always)]
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane) {
        let Self(sender) = self;
        let _updating = lane.act("update");
        observer.pause();
        observer.tell("sends", 1);
        sender
            .send(1)
            .expect("the owner receives until all senders are dropped");
    }
}
