//! What the ranks say to each other, and how they listen. A message is a JSON value, as between `processes` and its
//! workers.

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

/// How long one who listens sleeps between two looks. MPI's own waiting never sleeps: it takes a whole core to be some
/// microseconds quicker, and here that core has a photo to do. A photo takes a hundred times as long as this.
const LOOK: Duration = Duration::from_micros(500);

/// What rank 0 tells another rank.
#[derive(Serialize, Deserialize)]
pub(crate) enum Told {
    /// A job begins.
    Job(Order),
    /// These photos, with their numbers, are yours; if there are none, the job is over.
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
    /// Two files that rank 0 sees: the first photo, and one that it has written where the results go.
    pub visible: Task,
}

/// What another rank says to rank 0.
#[derive(Serialize, Deserialize)]
pub(crate) enum Said {
    /// Ready for a job, on this host.
    Ready {
        host: String,
        sees_photos: bool,
        sees_results: bool,
    },
    /// What became of a photo, and whether it was the last one that the rank had.
    Did {
        photo: usize,
        outcome: Outcome,
        last: bool,
    },
    /// The job is over here: because the rank was told to stop, perhaps.
    Over { stopped: bool, recording: Recording },
}

/// All ranks.
pub(crate) fn world() -> SimpleCommunicator {
    SimpleCommunicator::world()
}

/// The host's name, without its domain.
pub(crate) fn host() -> String {
    let name = environment::processor_name().unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Returns when the message is on its way, at the latest when the other rank takes it.
pub(crate) fn send(to: usize, message: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(message)?;
    world().process_at_rank(to as Rank).send(&bytes[..]);
    Ok(())
}

/// The next message from there, and who sent it.
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
