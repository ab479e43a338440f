//! The parts of `threads`, each on a rank: a process that `mpirun` has started, perhaps on another
//! machine. All ranks run [`run`] at the same time, and the calls that they make together are the
//! whole strategy: scatter the parts, count, reduce the counts to their sum.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use mpi::collective::SystemOperation;
use mpi::environment::{self, Universe};
use mpi::topology::{Process, SimpleCommunicator};
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Root, Source};
use serde::{Serialize, de::DeserializeOwned};
use timing::Timeline;

use crate::Job;

/// Does the job on all ranks; all must call it with the same job. Rank 0 returns the sum, any other
/// rank the count of its part.
///
/// # Errors
/// If MPI was not started.
pub fn run(job: &Job, timeline: &Timeline) -> Result<u64> {
    if !environment::is_initialized() {
        anyhow::bail!("MPI was not started: call Ranks::join first");
    }
    let world = SimpleCommunicator::world();
    let (rank, root) = (world.rank(), world.process_at_rank(0));
    wait_asleep(&world);
    // All ranks record on the clock of rank 0.
    let timeline = match broadcast(&root, timeline.clock()) {
        _ if rank == 0 => timeline.clone(),
        Some(clock) => Timeline::on_clock(clock),
        None => Timeline::off(),
    };
    let host = environment::processor_name().unwrap_or_default();
    let mut lane = timeline.lane(format!("rank {rank} on {host}"));

    // ANCHOR: together
    let mut part = [0, 0];
    if rank == 0 {
        let parts = job.parts(count()).into_iter();
        let edges: Vec<u64> = parts.flat_map(|part| [part.start, part.end]).collect();
        root.scatter_into_root(&edges[..], &mut part[..]);
    } else {
        root.scatter_into(&mut part[..]);
    }
    let working = lane.work("part");
    let counted = job.work.part(part[0]..part[1]);
    drop(working);
    let waiting = lane.wait("for the sum");
    let mut sum = counted;
    if rank == 0 {
        root.reduce_into_root(&counted, &mut sum, SystemOperation::sum());
    } else {
        root.reduce_into(&counted, SystemOperation::sum());
    }
    // ANCHOR_END: together
    drop(waiting);
    drop(lane);

    if rank == 0 {
        for other in 1..world.size() {
            let (recording, _) = world.process_at_rank(other).receive_vec::<u8>();
            timeline.absorb(from_json(&recording));
        }
    } else {
        root.send(&to_json(&timeline.recording())[..]);
    }
    Ok(sum)
}

/// How many ranks there are; one if MPI was not started.
pub fn count() -> usize {
    if environment::is_initialized() {
        SimpleCommunicator::world().size() as usize
    } else {
        1
    }
}

/// This process as one of the ranks.
pub struct Ranks {
    // Dropping it tells MPI that this process leaves, and waits until all others do the same.
    _universe: Universe,
}

impl Ranks {
    /// Starts MPI. Without `mpirun` this process is the only rank.
    ///
    /// # Errors
    /// If MPI was started already.
    pub fn join() -> Result<Self> {
        let universe = environment::initialize().context("MPI was started already")?;
        Ok(Self {
            _universe: universe,
        })
    }

    /// On any rank but 0: does the job so many times, and returns `true`. What else the program
    /// runs and prints is rank 0's.
    ///
    /// # Errors
    /// As [`run`].
    pub fn served(&self, job: &Job, times: usize) -> Result<bool> {
        if SimpleCommunicator::world().rank() == 0 {
            return Ok(false);
        }
        for _ in 0..times {
            run(job, &Timeline::off())?;
        }
        Ok(true)
    }
}

impl Drop for Ranks {
    fn drop(&mut self) {
        // A panic here would leave the other ranks waiting for ever: MPI ends them.
        if thread::panicking() {
            SimpleCommunicator::world().abort(101);
        }
    }
}

/// A barrier that leaves the core to others: rank 0 may be busy with another strategy, and MPI's
/// own waiting takes a whole core.
fn wait_asleep(world: &SimpleCommunicator) {
    let mut arrived = world.immediate_barrier().test();
    while let Err(request) = arrived {
        thread::sleep(Duration::from_micros(200));
        arrived = request.test();
    }
}

/// Returns rank 0's value on every rank.
fn broadcast<T: Serialize + DeserializeOwned>(root: &Process<'_>, value: T) -> T {
    let mut json = to_json(&value);
    let mut length = json.len() as u64;
    root.broadcast_into(&mut length);
    json.resize(length as usize, 0);
    root.broadcast_into(&mut json[..]);
    from_json(&json)
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data becomes JSON")
}

fn from_json<T: DeserializeOwned>(json: &[u8]) -> T {
    serde_json::from_slice(json).expect("a rank of this program wrote it")
}
