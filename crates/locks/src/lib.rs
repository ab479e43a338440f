//! One counter, counted up by many threads, eight ways.
//!
//! Each thread reads the counter, pauses, and writes back one more. What happens between the reading and the writing is
//! this lesson. Read this file, then the strategies, which all have the same signature: `diff src/race.rs src/mutex.rs` is
//! the cure, in code.
//!
//! Rust does not let two threads write to the same variable without any care at all: that would be a *data race*, and does
//! not compile.
//!
//! ```compile_fail,E0373
//! let mut counter = 0;
//! let thread = std::thread::spawn(|| counter += 1);
//! counter += 1;
//! thread.join().unwrap();
//! ```
//!
//! Nor does it help to promise that the threads end before the variable does:
//!
//! ```compile_fail,E0499
//! let mut counter = 0;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| counter += 1);
//!     scope.spawn(|| counter += 1);
//! });
//! ```
//!
//! What it does not forbid is the *race condition*: each read and each write well done, and the sum wrong. `race` shows it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use timing::Timeline;

pub mod buffer;
pub mod crowd;
pub mod ordering;
pub mod signal;
pub mod two_locks;
pub mod watched;

pub mod atomic;
pub mod cas;
pub mod channel;
pub mod local;
pub mod mutex;
pub mod race;
pub mod rwlock;
pub mod sharded;

/// Where locks, atomics and threads come from. Every file of which something is proven takes them from here and from nowhere
/// else: a proof puts a checker's in their place (`examples/prove.rs`), and compiles the same files.
// ANCHOR: sync
pub mod sync {
    pub use std::{sync::*, thread};
}
// ANCHOR_END: sync

/// How the threads share the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// Nothing holds a reading and its writing together: updates get lost
    Race,
    /// A lock around both
    Mutex,
    /// A lock that many readers may share; a writer has it alone
    Rwlock,
    /// One instruction that reads, adds and writes
    Atomic,
    /// Writes only if nobody has written since the reading, and tries again
    Cas,
    /// One thread owns the counter, and the others send it messages
    Channel,
    /// Each thread counts for itself, and the counts are added at the end
    Local,
    /// Some counters, each on a cache line of its own, for some threads each
    Sharded,
}

impl Strategy {
    /// Counts everything.
    ///
    /// # Errors
    /// If a thread can't be started, or panics.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<Counted> {
        match self {
            Self::Race => race::run(job, timeline),
            Self::Mutex => mutex::run(job, timeline),
            Self::Rwlock => rwlock::run(job, timeline),
            Self::Atomic => atomic::run(job, timeline),
            Self::Cas => cas::run(job, timeline),
            Self::Channel => channel::run(job, timeline),
            Self::Local => local::run(job, timeline),
            Self::Sharded => sharded::run(job, timeline),
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
    /// How many threads.
    pub threads: usize,
    /// How often each of them counts up by one.
    pub updates: u64,
    /// Between reading and writing a thread sleeps for no tick or for one, at random.
    pub tick: Duration,
    /// Makes that chance repeatable.
    pub seed: u64,
    /// How often it goes round an empty loop there: work that needs a core, for the benches.
    pub spin: u32,
    /// The counters of `sharded`.
    pub shards: usize,
    /// Hears of each reading and writing when it is done. Under a lock, or under a checker, that is the order in which they happen;
    /// otherwise of two at the same time either may be told first.
    pub tell: Option<Tell>,
}

/// Where the story goes.
pub type Tell = Arc<dyn Fn(String) + Send + Sync>;

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} threads x {} updates", self.threads, self.updates)
    }
}

impl Job {
    /// What the counter must show at the end.
    ///
    /// # Panics
    /// If that is more than a `u64` can hold.
    pub fn expected(&self) -> u64 {
        let all = (self.threads as u64).checked_mul(self.updates);
        all.expect("the counter can hold it")
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// What the counter shows.
    pub value: u64,
    /// How often an update had to be tried again; `None` where that can't happen.
    pub retries: Option<u64>,
}

impl From<u64> for Counted {
    fn from(value: u64) -> Self {
        Self {
            value,
            retries: None,
        }
    }
}
