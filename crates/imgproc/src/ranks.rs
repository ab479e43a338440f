//! The machinery of `mpi` and `mpi_static`: what rank 0 and the others say to each other.
//!
//! MPI starts the same program on every rank. Rank 0 is the program that its user sees: it reads the arguments, lists the
//! photos, hands them out, and prints. All others do what rank 0 says, until it says that this was all.
//!
//! Rank 0 computes, too: with 2 ranks on 2 cores, a rank that only hands out would leave a core idle. Its photos
//! are done by a second thread, which calls no MPI (so that the level `FUNNELED` is enough, which every MPI has), while its
//! main thread listens. MPI could do without a listener: a counter on rank 0 that everybody advances over the network
//! (`MPI_Fetch_and_op`). But the crate `mpi` has no safe form of it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use mpi::environment::{self, Universe};
use mpi::traits::Communicator;
use mpi::{Rank, Threading};
use timing::{Lane, Timeline};

use crate::messages::{Order, Said, Told, host, receive, send, world};
use crate::{Desk, Job, Outcome, Task};

/// This process as a rank. Dropping it ends the other ranks.
pub struct Ranks {
    // Its drop tells MPI that this process leaves, which waits for all others to do the same.
    _universe: Universe,
}

/// How many ranks there are; one if MPI was not started.
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
    /// Call it, and whatever else is here, from the main thread.
    ///
    /// # Errors
    /// If MPI was started already, or can't have a thread beside the one that calls it.
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

    /// On rank 0: false, at once. On any other: does what rank 0 says until it ends, and returns true. Begins no
    /// further photo once `stop` is set.
    pub fn served(&self, stop: &AtomicBool) -> bool {
        if world().rank() == 0 {
            return false;
        }
        if let Err(error) = serve(stop) {
            // Rank 0 would wait for an answer for ever.
            eprintln!("imgproc rank {}: {error:#}", world().rank());
            world().abort(1);
        }
        true
    }
}

impl Drop for Ranks {
    fn drop(&mut self) {
        // A bug here would leave the other ranks waiting: MPI ends them.
        if thread::panicking() {
            world().abort(101);
        }
        if world().rank() == 0 {
            for rank in 1..count() {
                // Nothing in it can fail to become JSON.
                let _ = send(rank, &Told::End);
            }
        }
    }
}

/// Does a job on all ranks. `next` is asked by each rank (0 among them, from another thread) for its next photos and their
/// numbers, again and again until there are none for it.
///
/// # Errors
/// If this process is not rank 0, or another rank can't see the photos or the folder for the results.
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
    thread::scope(|scope| {
        let own = scope.spawn(|| {
            let lane = timeline.lane(lane_name(0, &host()));
            all_see.then(|| work_here(job, &next, lane))
        });
        let mut busy = count() - 1;
        // None of them has anything to do yet.
        for rank in 1..count() {
            tell_photos(rank, if all_see { next(rank) } else { Vec::new() })?;
        }
        while busy > 0 {
            match receive(&world().any_process())? {
                (
                    rank,
                    Said::Did {
                        photo,
                        outcome,
                        last,
                    },
                ) => {
                    outcomes[photo] = outcome;
                    job.progress.inc(1);
                    if last {
                        tell_photos(rank, next(rank))?;
                    }
                }
                (_, Said::Over { stopped, recording }) => {
                    timeline.absorb(recording);
                    job.stop.fetch_or(stopped, Ordering::Relaxed);
                    busy -= 1;
                }
                (rank, Said::Ready { .. }) => bail!("rank {rank} is ready twice"),
            }
        }
        let own = own.join().expect("a desk does not panic");
        for (photo, outcome) in own.unwrap_or_default() {
            outcomes[photo] = outcome;
        }
        Ok(())
    })?;
    problem.map_or(Ok(outcomes), |why| Err(anyhow::anyhow!(why)))
}

/// Tells every rank of the job, hears who is where, and what somebody can't see. The timeline has its rows, in order.
fn call_together(job: &Job, timeline: &Timeline, first: &Task) -> Result<Option<String>> {
    let folder = first.output.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("can't make the folder {}", folder.display()))?;
    // Every rank will write there. One that can't would be done with each of its photos at once, and ask for
    // more, and so it would get and lose nearly all of them.
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
                input: first.input.clone(),
                // By the name that a result would have: the marker knows itself by an absolute one.
                output: folder.join(marker.path().file_name().unwrap_or_default()),
            },
        };
        send(rank, &Told::Job(order))?;
    }
    drop(timeline.lane(lane_name(0, &host())));
    // A photo that nobody sees is not a rank's fault: it fails as it does with any strategy.
    let photos_are_there = first.input.exists();
    let mut problem = None;
    for rank in 1..count() {
        let (_, said) = receive(&world().process_at_rank(rank as Rank))?;
        let Said::Ready {
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

/// What rank 0 does beside listening: photos, like everybody.
fn work_here<'a>(
    job: &Job,
    next: &impl Fn(usize) -> Vec<(usize, &'a Task)>,
    mut lane: Lane,
) -> Vec<(usize, Outcome)> {
    let desk = Desk::new(&job.settings, 1);
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
            outcomes.push((photo, desk.process(task, &mut lane)));
            job.progress.inc(1);
        }
    }
}

/// What all others do.
fn serve(stop: &AtomicBool) -> Result<()> {
    loop {
        match receive(&world().process_at_rank(0))?.1 {
            Told::Job(order) => take_part(&order, stop)?,
            Told::Photos(_) => bail!("photos, and no job"),
            Told::End => return Ok(()),
        }
    }
}

fn take_part(order: &Order, stop: &AtomicBool) -> Result<()> {
    let timeline = order.clock.map_or_else(Timeline::off, Timeline::on_clock);
    // A rank takes part in several jobs, and each is to have its own CPU time.
    let before = timeline.recording().cpu;
    let host = host();
    let mut lane = timeline.lane(lane_name(world().rank() as usize, &host));
    let ready = Said::Ready {
        host,
        sees_photos: order.visible.input.exists(),
        sees_results: order.visible.output.exists(),
    };
    send(0, &ready)?;
    let desk = Desk::new(&order.settings, 1);
    let stopped = || stop.load(Ordering::Relaxed);
    // Whoever has said "last" gets an answer, and must take it, stopped or not.
    'job: loop {
        let waiting = lane.wait("for rank 0");
        let (_, told) = receive(&world().process_at_rank(0))?;
        drop(waiting);
        let Told::Photos(photos) = told else { break };
        let Some(after) = photos.len().checked_sub(1) else {
            break;
        };
        for (index, (photo, task)) in photos.iter().enumerate() {
            if stopped() {
                break 'job;
            }
            let outcome = desk.process(task, &mut lane);
            let (photo, last) = (*photo, index == after);
            send(
                0,
                &Said::Did {
                    photo,
                    outcome,
                    last,
                },
            )?;
        }
    }
    drop(lane);
    let mut recording = timeline.recording();
    recording.cpu = recording.cpu.saturating_sub(before);
    let stopped = stopped();
    send(0, &Said::Over { stopped, recording })
}

fn lane_name(rank: usize, host: &str) -> String {
    format!("rank {rank} on {host}")
}

fn tell_photos(rank: usize, photos: Vec<(usize, &Task)>) -> Result<()> {
    let photos = photos
        .into_iter()
        .map(|(photo, task)| (photo, task.clone()));
    send(rank, &Told::Photos(photos.collect()))
}
