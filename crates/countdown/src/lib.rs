//! Two counts, done in five ways.
//!
//! Alice counts down from 5, a line every tick; Bob does the same at half the pace. One after the
//! other they take 15 ticks. Read this file, then the strategies, which all have the same
//! signature: `diff src/sequential.rs src/threads.rs` shows what the change from 15 ticks to 10
//! costs in code.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use timing::{Lane, Timeline};

pub mod processes;
pub mod sequential;
pub mod tasks;
pub mod threads;
pub mod workers;

/// The ways to share the counts among workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One thread: first Alice, then Bob
    Sequential,
    /// A process for each
    Processes,
    /// A thread for each, running a function
    Threads,
    /// A thread for each, in a type of its own that says when it starts and ends
    Workers,
    /// A task for each, all on one thread
    Tasks,
}

impl Strategy {
    /// Counts everything down.
    ///
    /// # Errors
    /// If a thread or process can't be started, a process dies, or a thread panics.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<()> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Processes => processes::run(job, timeline),
            Self::Threads => threads::run(job, timeline),
            Self::Workers => workers::run(job, timeline),
            Self::Tasks => tasks::run(job, timeline),
        }
    }

    /// The first word of each of its lines, as in the course.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Sequential => "",
            Self::Processes => "Process ",
            Self::Threads | Self::Workers => "Thread ",
            Self::Tasks => "Coroutine ",
        }
    }

    /// The number of workers for so many counts.
    pub fn workers(self, counts: usize) -> usize {
        match self {
            // Tasks take turns on a single thread, however many they are.
            Self::Sequential | Self::Tasks => 1,
            Self::Processes | Self::Threads | Self::Workers => counts,
        }
    }
}

/// What is to be done.
#[derive(Clone)]
pub struct Job {
    /// The counts, each of which has its own pace.
    pub counts: Vec<Count>,
    /// Called with each line, by any worker.
    pub say: Say,
    /// The program that `processes` starts. Its `main` must begin with
    /// [`processes::count_if_child`].
    pub program: PathBuf,
}

/// Where the lines go: from any worker, one whole line a call.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// One count, from a number down to 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Whose count it is.
    pub name: String,
    /// The first number.
    pub from: u32,
    /// How long to wait before each number.
    pub delay: Duration,
}

impl Count {
    /// The unit of work: waits, and says a number, until none is left. Every strategy does exactly
    /// this; `tasks` does it with `async` and `.await`.
    // ANCHOR: down
    pub fn down(&self, prefix: &str, say: &dyn Fn(&str), lane: &mut Lane) {
        for number in (1..=self.from).rev() {
            let waiting = lane.wait(number.to_string());
            sleep(self.delay);
            drop(waiting);
            say(&self.line(prefix, number));
        }
        say(&self.last_line(prefix));
    }
    // ANCHOR_END: down

    /// The line for a number.
    pub fn line(&self, prefix: &str, number: u32) -> String {
        format!("{prefix}{} is counting down: {number}...", self.name)
    }

    /// The line after the last number.
    pub fn last_line(&self, prefix: &str) -> String {
        format!("{prefix}{} finished counting down", self.name)
    }
}
