//! A process for each count: another instance of this program, with memory of its own. Its lines
//! and its recording come back through a pipe.

use std::process;
use std::thread;

use anyhow::{Result, anyhow};
use timing::child::{self, Child};
use timing::{Timeline, workers};

use crate::{Count, Job, Strategy};

/// Counts everything down, each count in a process of its own.
///
/// # Errors
/// If a process can't be started (those that were started are ended then), or if one dies.
// ANCHOR: run
pub fn run(job: &Job, timeline: &Timeline) -> Result<()> {
    let prefix = Strategy::Processes.prefix();
    let start = |count: &Count| Child::start(&job.program, timeline, &count.name, &(count, prefix));
    // If one can't be started, the others are dropped, and that ends them.
    let children: Vec<Child> = job.counts.iter().map(start).collect::<Result<_>>()?;
    // A thread for each child waits for its lines.
    let ended: Vec<Result<()>> = thread::scope(|scope| {
        let listen = |(child, count): (Child, &Count)| {
            let listener = thread::Builder::new();
            let listener = listener.spawn_scoped(scope, || hear(child, job, timeline));
            workers::started(&count.name, listener)
        };
        let children = children.into_iter().zip(&job.counts);
        let listeners: Vec<_> = children.map(listen).collect();
        let listeners = listeners.into_iter().zip(&job.counts);
        listeners
            .map(|(listener, count)| workers::ended(&count.name, listener?.join())?)
            .collect()
    });
    ended.into_iter().collect()
}
// ANCHOR_END: run

/// Passes on what the child says, until it ends.
fn hear(mut child: Child, job: &Job, timeline: &Timeline) -> Result<()> {
    while let Some(line) = child.receive::<String>()? {
        (job.say)(&line);
    }
    let ended = child.finish(timeline);
    ended.map_err(|error| anyhow!("the process of {error:#}"))
}

/// If this process was started by [`run`]: counts, and exits. Call it at the start of `main`,
/// before anything is printed.
pub fn count_if_child() {
    child::serve(|(count, prefix): (Count, String), parent, lane| {
        parent.end_with_it()?;
        let say = |line: &str| {
            // The parent is gone, and nobody else reads what this process counts.
            if parent.send(&line).is_err() {
                process::exit(1);
            }
        };
        count.down(&prefix, &say, lane);
        Ok(())
    });
}
