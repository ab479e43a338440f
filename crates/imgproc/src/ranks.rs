//! The machinery of `mpi` and `mpi_static`: how rank 0 hands out photos to all ranks.
//!
//! MPI starts the same program on every rank. Rank 0 is the one that its user sees: it reads the
//! arguments, lists the photos, hands them out, and prints. All other ranks do what rank 0 tells
//! them, until there are no more jobs.
//!
//! Rank 0 processes photos, too: with 2 ranks on 2 cores, a rank that only hands out would leave a
//! core idle. A second thread does that, which calls no MPI (so the level `FUNNELED` is enough,
//! which every MPI has), while the main thread receives messages. MPI has a way without them: a
//! counter on rank 0 that all ranks advance over the network (`MPI_Fetch_and_op`). The crate `mpi`
//! has no safe form of it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use mpi::environment::{self, Universe};
use mpi::traits::Communicator;
use mpi::{Rank, Threading};
use timing::{Lane, Timeline, workers};

use crate::messages::{FromRank, Order, ToRank, host, receive, send, world};
use crate::{Job, Outcome, Processor, Task};

/// This process as one of the ranks. Dropping it on rank 0 ends the other ranks.
pub struct Ranks {
    // Dropping it tells MPI that this process leaves, and waits until all others do the same.
    _universe: Universe,
}

/// Returns the number of ranks; one if MPI was not started.
pub fn count() -> usize {
    if environment::is_initialized() {
        world().size() as usize
    } else {
        1
    }
}

impl Ranks {
    /// Starts MPI. Without `mpirun` this process is the only rank.
    ///
    /// Call it, and everything else in this module, from the main thread.
    ///
    /// # Errors
    /// If MPI was started already, or does not allow a second thread.
    pub fn join() -> Result<Self> {
        let (universe, level) = environment::initialize_with_threading(Threading::Funneled)
            .context("MPI was started already")?;
        if level < Threading::Funneled {
            bail!("this MPI allows no threads ({level:?})");
        }
        Ok(Self {
            _universe: universe,
        })
    }

    /// On rank 0, returns false at once. On any other rank, does the jobs of rank 0 until there are
    /// no more, and returns true. Once `stop` is set, no further photo is begun.
    pub fn served(&self, stop: &AtomicBool) -> bool {
        if world().rank() == 0 {
            return false;
        }
        if let Err(error) = serve(stop) {
            // Otherwise rank 0 would wait for an answer for ever.
            eprintln!("imgproc rank {}: {error:#}", world().rank());
            world().abort(1);
        }
        true
    }
}

impl Drop for Ranks {
    fn drop(&mut self) {
        // A panic here would leave the other ranks waiting for ever: MPI ends them.
        if thread::panicking() {
            world().abort(101);
        }
        if world().rank() == 0 {
            for rank in 1..count() {
                // This message can always be written as JSON.
                let _ = send(rank, &ToRank::End);
            }
        }
    }
}

/// Does a job on all ranks. `next` is called for each rank (for rank 0 from another thread), and
/// returns the rank's next photos with their numbers. It is called again until it returns none.
///
/// # Errors
/// If this process is not rank 0, or another rank can't see the photos or the folder for the
/// results.
pub fn hand_out<'a>(
    job: &'a Job,
    timeline: &Timeline,
    next: impl Fn(usize) -> Vec<(usize, &'a Task)> + Sync,
) -> Result<Vec<Outcome>> {
    if !environment::is_initialized() || world().rank() != 0 {
        bail!("not rank 0 of an MPI job: call Ranks::join first");
    }
    let mut outcomes = vec![Outcome::Skipped; job.tasks.len()];
    let Some(first) = job.tasks.first().filter(|_| !job.stopped()) else {
        return Ok(outcomes);
    };
    let problem = call_together(job, timeline, first)?;
    let all_see = problem.is_none();
    let name = lane_name(0, &host());
    thread::scope(|scope| {
        let work = || all_see.then(|| work_here(job, &next, timeline.lane(&name)));
        let own = workers::started(&name, thread::Builder::new().spawn_scoped(scope, work))?;
        let mut busy = count() - 1;
        // No rank has photos yet.
        for rank in 1..count() {
            tell_photos(rank, if all_see { next(rank) } else { Vec::new() })?;
        }
        while busy > 0 {
            match receive(&world().any_process())? {
                (
                    rank,
                    FromRank::Did {
                        photo,
                        outcome,
                        last,
                    },
                ) => {
                    job.tell(&job.tasks[photo], &outcome);
                    outcomes[photo] = outcome;
                    if last {
                        tell_photos(rank, next(rank))?;
                    }
                }
                (_, FromRank::Over { stopped, recording }) => {
                    timeline.absorb(recording);
                    job.stop.fetch_or(stopped, Ordering::Relaxed);
                    busy -= 1;
                }
                (rank, FromRank::Ready { .. }) => bail!("rank {rank} is ready twice"),
            }
        }
        let own = workers::ended(&name, own.join())?;
        for (photo, outcome) in own.unwrap_or_default() {
            outcomes[photo] = outcome;
        }
        Ok(())
    })?;
    problem.map_or(Ok(outcomes), |why| Err(anyhow::anyhow!(why)))
}

/// Tells every rank of the job, and adds the ranks' rows to the timeline, in their order. Returns
/// what is wrong if a rank does not see the files.
fn call_together(job: &Job, timeline: &Timeline, first: &Task) -> Result<Option<String>> {
    let folder = first.output.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("can't make the folder {}", folder.display()))?;
    // A rank that can't write there would fail each of its photos at once and get the next, and so
    // fail nearly all of them. So each rank is asked first.
    let marker = tempfile::Builder::new()
        .prefix(".imgproc-")
        .suffix(".part")
        .tempfile_in(folder)
        .with_context(|| format!("can't write in {}", folder.display()))?;
    for rank in 1..count() {
        let order = Order {
            settings: job.settings.clone(),
            clock: timeline.clock(),
            visible: Task {
                // A relative path, as a result has: the marker's own path is absolute.
                output: folder.join(marker.path().file_name().unwrap_or_default()),
                ..first.clone()
            },
        };
        send(rank, &ToRank::Job(order))?;
    }
    drop(timeline.lane(lane_name(0, &host())));
    // A photo that does not exist fails as it does with any other strategy.
    let photos_are_there = first.input.exists();
    let mut problem = None;
    for rank in 1..count() {
        let (_, said) = receive(&world().process_at_rank(rank as Rank))?;
        let FromRank::Ready {
            host,
            sees_photos,
            sees_results,
        } = said
        else {
            bail!("rank {rank} is not ready for a job");
        };
        let name = lane_name(rank, &host);
        drop(timeline.lane(&name));
        let needed = "all ranks need the same folder there";
        if !sees_results {
            let folder = folder.display();
            problem = Some(format!(
                "{name} does not see what rank 0 writes to {folder}: {needed}"
            ));
        } else if photos_are_there && !sees_photos {
            let photo = first.input.display();
            problem = Some(format!("{name} does not see {photo}: {needed}"));
        }
    }
    Ok(problem)
}

/// Processes photos on rank 0, beside the thread that receives messages.
fn work_here<'a>(
    job: &Job,
    next: &impl Fn(usize) -> Vec<(usize, &'a Task)>,
    mut lane: Lane,
) -> Vec<(usize, Outcome)> {
    let processor = Processor::new(&job.settings, 1);
    let mut outcomes = Vec::new();
    loop {
        let photos = next(0);
        if photos.is_empty() {
            return outcomes;
        }
        for (photo, task) in photos {
            if job.stopped() {
                return outcomes;
            }
            let outcome = processor.process(task, &mut lane);
            job.tell(task, &outcome);
            outcomes.push((photo, outcome));
        }
    }
}

/// Does the jobs of rank 0, on any other rank.
fn serve(stop: &AtomicBool) -> Result<()> {
    loop {
        match receive(&world().process_at_rank(0))?.1 {
            ToRank::Job(order) => take_part(&order, stop)?,
            ToRank::Photos(_) => bail!("photos, and no job"),
            ToRank::End => return Ok(()),
        }
    }
}

fn take_part(order: &Order, stop: &AtomicBool) -> Result<()> {
    let timeline = order.clock.map_or_else(Timeline::off, Timeline::on_clock);
    let host = host();
    let mut lane = timeline.lane(lane_name(world().rank() as usize, &host));
    let ready = FromRank::Ready {
        host,
        sees_photos: order.visible.input.exists(),
        sees_results: order.visible.output.exists(),
    };
    send(0, &ready)?;
    let processor = Processor::new(&order.settings, 1);
    let stopped = || stop.load(Ordering::Relaxed);
    // After "last" rank 0 sends an answer, which must be received, stopped or not.
    'job: loop {
        let waiting = lane.wait("for rank 0");
        let (_, told) = receive(&world().process_at_rank(0))?;
        drop(waiting);
        let ToRank::Photos(photos) = told else { break };
        let Some(after) = photos.len().checked_sub(1) else {
            break;
        };
        for (index, (photo, task)) in photos.iter().enumerate() {
            if stopped() {
                break 'job;
            }
            let outcome = processor.process(task, &mut lane);
            let (photo, last) = (*photo, index == after);
            send(
                0,
                &FromRank::Did {
                    photo,
                    outcome,
                    last,
                },
            )?;
        }
    }
    drop(lane);
    let (stopped, recording) = (stopped(), timeline.recording());
    send(0, &FromRank::Over { stopped, recording })
}

fn lane_name(rank: usize, host: &str) -> String {
    format!("rank {rank} on {host}")
}

fn tell_photos(rank: usize, photos: Vec<(usize, &Task)>) -> Result<()> {
    let photos = photos
        .into_iter()
        .map(|(photo, task)| (photo, task.clone()));
    send(rank, &ToRank::Photos(photos.collect()))
}
