//! Does the server answer? Pings a list of URLs in four ways.
//!
//! A ping asks for a URL, waits for the whole answer, and prints the server's name for its status.
//! Nearly all of its time it waits for the network. Read this file, then the strategies, which all
//! have the same signature: `diff src/sequential.rs src/threads.rs` shows what it costs in code to
//! wait for all answers at the same time.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use timing::{Lane, Timeline};

pub mod clients;
pub mod failure;
pub mod histogram;
pub mod log;
pub mod pace;
pub mod proxies;
pub mod server;
pub mod summary;
pub mod targets;
#[cfg(feature = "https")]
pub mod trust;

/// The queue and the threads of `pool`, which takes them only from here: the proof compiles the
/// same file with a checker's in their place (`tests/proof.rs`).
mod sync {
    pub use crossbeam::channel;
    pub use std::thread;
}

pub mod pool;
pub mod sequential;
pub mod tasks;
pub mod threads;

use clients::Clients;
use failure::Failure;
use pace::Pace;
use targets::Targets;

/// The ways to wait for several servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One thread: one URL after the other
    Sequential,
    /// A thread for each URL
    Threads,
    /// A few threads, which take URLs from a queue until it is empty
    Pool,
    /// A task for each URL, all on one thread
    Tasks,
}

impl Strategy {
    /// Pings everything.
    ///
    /// # Errors
    /// If a worker can't be started, or panics. A ping that fails is no error here: [`Job::tell`]
    /// is called with it as with the others.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<()> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Threads => threads::run(job, timeline),
            Self::Pool => pool::run(job, timeline),
            Self::Tasks => tasks::run(job, timeline),
        }
    }

    /// The number of threads that it uses for this job.
    pub fn workers(self, job: &Job) -> usize {
        match self {
            // Tasks take turns on a single thread, however many they are.
            Self::Sequential | Self::Tasks => 1,
            Self::Threads => job.count().unwrap_or_default(),
            Self::Pool => job.workers.min(job.count().unwrap_or(usize::MAX)),
        }
    }
}

/// What is to be done. Cloning it is cheap.
#[derive(Clone)]
pub struct Job {
    /// The URLs, in their order.
    pub targets: Targets,
    /// The HTTP clients.
    pub clients: Clients,
    /// The number of threads of `pool`.
    pub workers: usize,
    /// The concurrency limit of `tasks`: the most pings in flight.
    pub in_flight: usize,
    /// When each ping begins.
    pub pace: Pace,
    /// Called with each ping when it is over, by any worker.
    pub tell: Tell,
}

/// Where the pings go when they are over.
pub type Tell = Arc<dyn Fn(Pong) + Send + Sync>;

/// A ping that is over.
#[derive(Debug, Clone)]
pub struct Pong {
    /// The URL as it was given.
    pub url: Arc<str>,
    /// The answer, or why there is none.
    pub result: Result<Answer, Failure>,
    /// The time from the start of the ping until the whole answer was there, or the failure. A
    /// ping that was planned counts from the time for which it was planned.
    pub latency: Duration,
}

/// A server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The server's reason phrase, or the standard's if the server sent none.
    pub reason: String,
    /// Whether the body was longer than [`MOST_BODY`], and was not read to its end.
    pub cut: bool,
}

/// The most bytes of a body that are read: they show that the server answers.
pub const MOST_BODY: u64 = 1 << 20;

impl Pong {
    /// The line that is printed, in the form of the course: `http://httpstat.us/404:Not Found`.
    pub fn line(&self) -> String {
        // The list of URLs may be somebody else's, and commands no terminal.
        let url = self.url.replace(char::is_control, " ");
        match &self.result {
            Ok(Answer { reason, cut, .. }) => {
                let cut = if *cut { " (body cut off at 1 MiB)" } else { "" };
                format!("{url}:{reason}{cut}")
            }
            Err(failure) => format!("{url}:failed: {failure}"),
        }
    }
}

impl Job {
    /// The number of pings; `None` if it depends on how long they take.
    pub fn count(&self) -> Option<usize> {
        self.pace.count(self.targets.count())
    }

    /// The same job, whose pace begins now.
    pub fn again(&self) -> Self {
        let mut job = self.clone();
        job.pace = self.pace.again();
        job
    }

    /// The pings, in their order, as long as there is one that is to begin.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        (0..self.targets.count()).take_while(|&index| self.pace.has(index))
    }

    /// The unit of work: asks for one URL, waits for the whole answer, and calls [`Job::tell`].
    /// Every strategy does exactly this; `tasks` does it with `async` and `.await`, and reads the
    /// body in chunks.
    pub fn ping(&self, index: usize, lane: &mut Lane) {
        let url = self.targets.text(index);
        let begin = self.pace.begin(index);
        let result = self.ask(index, lane);
        let latency = begin.elapsed();
        let _telling = lane.work("tell");
        (self.tell)(Pong {
            url,
            result,
            latency,
        });
    }

    // ANCHOR: ask
    fn ask(&self, index: usize, lane: &mut Lane) -> Result<Answer, Failure> {
        let asking = lane.work("ask");
        let request = self.clients.request(self.targets.url(index)?);
        drop(asking);
        let waiting = lane.wait(self.targets.short(index));
        let response = request.send();
        let response = response.map_err(|error| self.clients.failure(error))?;
        drop(waiting);
        let status = response.status();
        self.clients.check(response.url(), status)?;
        let reason = clients::reason(status, response.extensions());
        let receiving = lane.wait("body");
        let bytes = clients::read(response, MOST_BODY + 1)?;
        drop(receiving);
        Ok(Answer {
            status: status.as_u16(),
            reason,
            cut: bytes > MOST_BODY,
        })
    }
    // ANCHOR_END: ask
}
