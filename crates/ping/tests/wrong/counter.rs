//! A pool with one mistake: the next URL is read, and written in another step. Two threads can read
//! the same.

use std::sync::Arc;

use anyhow::Result;
use timing::{Timeline, workers};

use crate::Job;
use crate::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::sync::thread;

pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let begun = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..job.workers {
            let name = format!("worker {number}");
            let (begun, mut lane) = (Arc::clone(&begun), timeline.lane(&name));
            let work = move || {
                loop {
                    let index = begun.load(SeqCst);
                    job.story
                        .tell(format!("thread {number} reads that URL {index} is next"));
                    if index >= job.urls {
                        return;
                    }
                    begun.store(index + 1, SeqCst);
                    job.ping(index, &mut lane);
                }
            };
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            threads.push((name.clone(), workers::started(&name, thread)?));
        }
        workers::join_all(threads)?;
        Ok(())
    })
}
