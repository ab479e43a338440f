//! A folder of photos, a filter, a folder of results: ways to share the work.
//!
//! Read this file, then the strategies, which all have the same signature: `diff src/sequential.rs
//! src/rayon.rs` shows what parallelism costs in code. The way of one photo is in `src/process.rs`.
//! Everything below [`codec`] and [`filter`] is machinery, and knows nothing of workers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use timing::Timeline;

pub mod budget;
pub mod buffers;
pub mod codec;
pub mod executor;
pub mod files;
pub mod filter;
mod handout;
mod outcome;
mod process;
mod resize;
pub mod samples;
mod shield;
pub mod stopping;

/// What workers share, and what they wait for.
///
/// A file about which something is proven takes it only from here: the proof compiles the same file
/// with a checker's in its place (`tests/proof.rs`).
mod sync {
    pub use crossbeam::channel;
    pub use std::sync::{Condvar, Mutex, atomic};
    pub use std::thread;
    pub use timing::child;
}

#[cfg(feature = "mpi")]
mod messages;
#[cfg(feature = "mpi")]
pub mod ranks;

#[cfg(feature = "mpi")]
pub mod mpi;
#[cfg(feature = "mpi")]
pub mod mpi_static;
pub mod pipeline;
pub mod processes;
pub mod rayon;
pub mod rows;
pub mod sequential;

use codec::{Limits, Strip};
pub use files::Task;
use filter::Filter;
pub use handout::HandOut;
pub use outcome::{Done, Outcome};
pub use process::{Item, Processor};

/// The error of a strategy that this program was built without.
pub const WITHOUT_MPI: &str =
    "this program was built without MPI: install Open MPI, and build it with `--features mpi`";

/// The ways to share the photos among workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One photo after the other, on one thread
    Sequential,
    /// Several photos at once, on a pool of threads
    Rayon,
    /// One photo at a time, its rows shared among the threads of a pool
    Rows,
    /// A line of threads: one decodes, one filters, one encodes
    Pipeline,
    /// Several photos at once, in a fixed pool of worker processes
    Processes,
    /// One photo after the other to each rank that has none: `mpirun -n 4 imgproc mpi` (built with
    /// `--features mpi`)
    Mpi,
    /// As many photos to each rank, all at the start: `mpirun -n 4 imgproc mpi-static` (built with
    /// `--features mpi`)
    MpiStatic,
}

impl Strategy {
    /// The strategies that run if none is named: all that need nothing but this program.
    pub const IN_TURN: [Self; 5] = [
        Self::Sequential,
        Self::Rayon,
        Self::Rows,
        Self::Pipeline,
        Self::Processes,
    ];

    /// Whether its workers are ranks, which `mpirun` must start.
    pub fn needs_mpi(self) -> bool {
        matches!(self, Self::Mpi | Self::MpiStatic)
    }

    /// Does the job. The outcomes are in the order of the job's tasks.
    ///
    /// # Errors
    /// If a worker can't be started. A photo that can't be processed is no error here, but an
    /// [`Outcome`].
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Rayon => rayon::run(job, timeline),
            Self::Rows => rows::run(job, timeline),
            Self::Pipeline => pipeline::run(job, timeline),
            Self::Processes => processes::run(job, timeline),
            #[cfg(feature = "mpi")]
            Self::Mpi => mpi::run(job, timeline),
            #[cfg(feature = "mpi")]
            Self::MpiStatic => mpi_static::run(job, timeline),
            #[cfg(not(feature = "mpi"))]
            Self::Mpi | Self::MpiStatic => anyhow::bail!(WITHOUT_MPI),
        }
    }

    /// The number of workers of this strategy, for a job with so many workers.
    pub fn workers(self, workers: usize) -> usize {
        match self {
            Self::Sequential => 1,
            Self::Pipeline => pipeline::threads(workers).iter().sum(),
            Self::Rayon | Self::Rows | Self::Processes => workers,
            #[cfg(feature = "mpi")]
            Self::Mpi | Self::MpiStatic => ranks::count(),
            #[cfg(not(feature = "mpi"))]
            Self::Mpi | Self::MpiStatic => 0,
        }
    }
}

/// A job: the photos, what is done to each, and by how many workers.
pub struct Job {
    /// The photos.
    pub tasks: Vec<Task>,
    /// What is done to each of them.
    pub settings: Settings,
    /// The number of threads or processes, where a strategy has a pool.
    pub workers: usize,
    /// The program that `processes` starts. Its `main` must begin with
    /// [`processes::serve_if_child`].
    pub program: PathBuf,
    /// Once it is set, no further photo is begun.
    pub stop: Arc<AtomicBool>,
    /// Advances by one with each photo.
    pub progress: ProgressBar,
    /// Is called with each outcome as soon as it is known, by the thread that knows it.
    pub on_outcome: Option<OnOutcome>,
}

/// A function that is called with each photo and its outcome.
pub type OnOutcome = Box<dyn Fn(&Task, &Outcome) + Send + Sync>;

/// What is done to each photo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The filter.
    pub filter: Filter,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// What is left out of the metadata.
    pub strip: Strip,
    /// Replace results that exist.
    pub force: bool,
    /// Give each result the time at which its photo was last changed.
    pub keep_time: bool,
    /// The limits on what is decoded.
    pub limits: Limits,
}

impl Settings {
    /// A filter with the settings that the program has by default.
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            quality: 90,
            strip: Strip::Nothing,
            force: false,
            keep_time: false,
            limits: Limits::default(),
        }
    }
}

impl Job {
    /// Returns the next photo that no worker has begun, with its number. `None` when there is none,
    /// or when the job was stopped. `begun` counts them: each number is handed out once.
    pub fn next(&self, begun: &HandOut) -> Option<(usize, &Task)> {
        begun.next(&self.tasks, &self.stop)
    }

    /// Tells the outcome of a photo to whoever waits for it. If no result can be written any more,
    /// it stops the job.
    pub fn tell(&self, task: &Task, outcome: &Outcome) {
        self.stop_if_full(outcome);
        if let Some(on_outcome) = &self.on_outcome {
            on_outcome(task, outcome);
        }
        self.progress.inc(1);
    }

    /// Stops the job if no result can be written any more. A worker whose outcomes are told by
    /// another thread says it at once.
    pub fn stop_if_full(&self, outcome: &Outcome) {
        if matches!(outcome, Outcome::NoRoom(_)) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the job was stopped.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
