//! Is it there? A list of URLs, pinged four ways.
//!
//! A ping asks for a URL, waits for the whole answer and says what the server called it. Nearly all of its time is spent
//! waiting for somebody else. Read this file, then the strategies, which all have the same signature: `diff src/sequential.rs
//! src/threads.rs` is what it costs in code to wait for all of them at the same time.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use timing::{Lane, Timeline};

pub mod clients;
pub mod failure;
pub mod server;
pub mod summary;
pub mod targets;

pub mod pool;
pub mod sequential;
pub mod tasks;
pub mod threads;

use clients::Clients;
use failure::Failure;
use targets::Targets;

/// How many wait at a time, and on what.
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
    /// If workers can't be started. A ping that fails is no error: it is told like the others.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<()> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Threads => threads::run(job, timeline),
            Self::Pool => pool::run(job, timeline),
            Self::Tasks => tasks::run(job, timeline),
        }
    }

    /// How many threads it has for this job.
    pub fn workers(self, job: &Job) -> usize {
        match self {
            // Tasks take turns on a single thread, however many they are.
            Self::Sequential | Self::Tasks => 1,
            Self::Threads => job.targets.count(),
            Self::Pool => job.workers.min(job.targets.count()),
        }
    }

    /// The name that it has everywhere: on the command line, in the table, on the timeline.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no strategy is hidden");
        value.get_name().to_owned()
    }
}

/// What is to be done. Cloning it is cheap.
#[derive(Clone)]
pub struct Job {
    /// What to ping, in which order.
    pub targets: Targets,
    /// What to ping it with.
    pub clients: Clients,
    /// The threads of `pool`.
    pub workers: usize,
    /// The most tasks of `tasks` that may be under way at the same time.
    pub in_flight: usize,
    /// Takes each ping when it is over, from whichever worker.
    pub tell: Tell,
}

/// Where the pings go.
pub type Tell = Arc<dyn Fn(Pong) + Send + Sync>;

/// A ping that is over.
#[derive(Debug, Clone)]
pub struct Pong {
    /// The URL as it was given.
    pub url: Arc<str>,
    /// What came of it.
    pub result: Result<Answer, Failure>,
    /// From the start until the answer was there, or the failure certain.
    pub latency: Duration,
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code, 100 to 999.
    pub status: u16,
    /// What the server calls it; a standard name if it didn't say.
    pub reason: String,
    /// Whether the body went on after [`MOST_BODY`], and was left there.
    pub cut: bool,
}

/// The bytes of a body that are read, at most: who only wants to know if a server answers needs no more.
pub const MOST_BODY: u64 = 1 << 20;

impl Pong {
    /// The line that tells it, in the form of the course: `http://httpstat.us/404:Not Found`.
    pub fn line(&self) -> String {
        match &self.result {
            Ok(Answer { reason, cut, .. }) => {
                let cut = if *cut { " (body cut off at 1 MiB)" } else { "" };
                format!("{}:{reason}{cut}", self.url)
            }
            Err(failure) => format!("{}:failed: {failure}", self.url),
        }
    }
}

impl Job {
    /// The unit of work: asks for one URL, waits for the whole answer, tells it. Every strategy does exactly this, and
    /// `tasks` does it with the one change that makes it a task.
    pub fn ping(&self, index: usize, lane: &mut Lane) {
        let url = self.targets.text(index);
        let begin = Instant::now();
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
        let response = request.send()?;
        drop(waiting);
        let status = response.status();
        let reason = clients::reason(status, response.extensions());
        let receiving = lane.wait("body");
        let bytes = io::copy(&mut response.take(MOST_BODY + 1), &mut io::sink())?;
        drop(receiving);
        Ok(Answer {
            status: status.as_u16(),
            reason,
            cut: bytes > MOST_BODY,
        })
    }
    // ANCHOR_END: ask
}
