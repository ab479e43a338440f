//! Several photos at once, in a fixed pool of processes. They share no memory, so there can be no
//! data race, and a photo that kills its worker process kills no other. The price: the start of the
//! processes, and a message through a pipe for each photo.

use std::mem;

use anyhow::Result;
use timing::{Timeline, workers};

use crate::sync::child::{self, Child};
use crate::sync::thread;
use crate::{HandOut, Job, Outcome, Processor, Settings, Task, files, stopping};

/// Does the job in `job.workers` processes.
///
/// # Errors
/// If a process can't be started, or the system has no more threads.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let begun = &HandOut::default();
    let names: Vec<_> = (0..job.workers.min(job.tasks.len()))
        .map(|index| format!("process {index}"))
        .collect();
    // The rows have this order, whichever process starts first.
    names.iter().for_each(|name| drop(timeline.lane(name)));
    // Each process has a keeper, a thread that only waits for its answers.
    let shares: Vec<Result<_>> = thread::scope(|scope| {
        let start = |name: &'_ String| {
            let name = name.clone();
            let keeper = move || keep(job, timeline, begun, &name);
            thread::Builder::new().spawn_scoped(scope, keeper)
        };
        let keepers: Vec<_> = names.iter().map(start).collect();
        let keepers = keepers.into_iter().zip(&names);
        keepers
            .map(|(keeper, name)| workers::ended(name, workers::started(name, keeper)?.join())?)
            .collect()
    });
    let mut outcomes = vec![Outcome::Skipped; job.tasks.len()];
    for share in shares {
        for (index, outcome) in share? {
            outcomes[index] = outcome;
        }
    }
    Ok(outcomes)
}

/// Keeps one worker process busy, and replaces it if it dies.
// ANCHOR: keep
fn keep(
    job: &Job,
    timeline: &Timeline,
    begun: &HandOut,
    name: &str,
) -> Result<Vec<(usize, Outcome)>> {
    let start = || Child::start(&job.program, timeline, name, &job.settings);
    let mut outcomes = Vec::new();
    let mut worker = start()?;
    while let Some((photo, task)) = job.next(begun) {
        let answer = worker.send(task).and_then(|()| worker.receive());
        let outcome = match answer {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(_) => {
                let dead = mem::replace(&mut worker, start()?);
                let id = dead.id();
                let how = dead.post_mortem();
                files::remove_unfinished(&task.output, id);
                Outcome::Failed(format!("its worker process {how}"))
            }
        };
        job.tell(task, &outcome);
        outcomes.push((photo, outcome));
    }
    // All its photos are done, so its end can't fail any more.
    let _ = worker.finish(timeline);
    Ok(outcomes)
}
// ANCHOR_END: keep

/// Processes photos until its input ends, and exits, if this process was started by [`run`]. Call
/// it at the start of `main`, before anything is printed.
pub fn serve_if_child() {
    child::serve(|settings: Settings, parent, lane| {
        // Ctrl-C at a terminal reaches the parent, too. It ends this process's input when it stops.
        stopping::ignore();
        let processor = Processor::new(&settings, 1);
        while let Some(task) = parent.receive::<Task>()? {
            parent.send(&processor.process(&task, lane))?;
        }
        Ok(())
    });
}
