//! The messages between the ranks, and how they are received. A message is a JSON value, as between
//! `processes` and its workers.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use mpi::Rank;
use mpi::environment;
use mpi::point_to_point::MatchedReceiveVec;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, Destination, Source};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use timing::{Clock, Recording};

use crate::{Outcome, Settings, Task};

/// The sleep between two looks for a message. MPI's own waiting never sleeps: it takes a whole core
/// to be some microseconds faster, and here that core has a photo to process. A photo takes a
/// hundred times as long as this.
const LOOK: Duration = Duration::from_micros(500);

/// A message from rank 0 to another rank.
#[derive(Serialize, Deserialize)]
pub(crate) enum ToRank {
    /// A job begins.
    Job(Order),
    /// Photos for this rank, with their numbers. If there are none, the job is over.
    Photos(Vec<(usize, Task)>),
    /// There are no more jobs.
    End,
}

/// A job, without its photos.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub settings: Settings,
    /// Rank 0's clock, if it keeps a timeline.
    pub clock: Option<Clock>,
    /// Two files that rank 0 sees: the first photo, and a file that it has written to the folder of
    /// the results.
    pub visible: Task,
}

/// A message from another rank to rank 0.
#[derive(Serialize, Deserialize)]
pub(crate) enum FromRank {
    /// Ready for a job, on this host.
    Ready {
        host: String,
        sees_photos: bool,
        sees_results: bool,
    },
    /// The outcome of a photo, and whether it was the last one that the rank had.
    Did {
        photo: usize,
        outcome: Outcome,
        last: bool,
    },
    /// The job is over on this rank, perhaps because it was told to stop.
    Over { stopped: bool, recording: Recording },
}

/// Returns the communicator of all ranks.
pub(crate) fn world() -> SimpleCommunicator {
    SimpleCommunicator::world()
}

/// Returns the host's name, without its domain.
pub(crate) fn host() -> String {
    let name = environment::processor_name().unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Sends a message. Returns when it is on its way, at the latest when the other rank receives it.
pub(crate) fn send(to: usize, message: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(message)?;
    world().process_at_rank(to as Rank).send(&bytes[..]);
    Ok(())
}

/// Waits for the next message from there. Returns it with its sender.
pub(crate) fn receive<T: DeserializeOwned>(from: &impl Source) -> Result<(usize, T)> {
    loop {
        if let Some(found) = from.immediate_matched_probe() {
            let (bytes, status) = found.matched_receive_vec::<u8>();
            let message = serde_json::from_slice(&bytes)?;
            return Ok((status.source_rank() as usize, message));
        }
        thread::sleep(LOOK);
    }
}
