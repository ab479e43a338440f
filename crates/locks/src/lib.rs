//! One counter, counted up by many threads, eight ways.
//!
//! Each thread reads the counter, pauses, and writes back one more. This lesson is about what can
//! happen between the read and the write. Read this file, then the strategies, which all have the
//! same signature: `diff src/race.rs src/mutex.rs` shows the cure in code.
//!
//! Rust does not let two threads write to the same variable without synchronisation: that would be
//! a *data race*, and does not compile.
//!
//! ```compile_fail,E0373
//! let mut counter = 0;
//! let thread = std::thread::spawn(|| counter += 1);
//! counter += 1;
//! thread.join().unwrap();
//! ```
//!
//! Nor does it compile if the threads are known to end before the variable does:
//!
//! ```compile_fail,E0499
//! let mut counter = 0;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| counter += 1);
//!     scope.spawn(|| counter += 1);
//! });
//! ```
//!
//! Safe Rust does allow a *race condition*: each read and each write is sound by itself, and the
//! result is wrong. `race` shows one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use timing::Timeline;

pub mod observer;
pub mod outcome;
pub mod workers;

pub mod atomic;
pub mod cas;
pub mod channel;
pub mod local;
pub mod mutex;
pub mod race;
pub mod rwlock;
pub mod sharded;

// For the examples: deadlock, condition variables, memory ordering.
pub mod buffer;
pub mod lock_order;
pub mod ordering;
pub mod signal;
pub mod two_locks;
pub mod watched;

/// Locks, atomics, channels and threads, as the lesson uses them.
///
/// A file about which something is proven takes them only from here: the proof compiles the same
/// file with a checker's in their place (`examples/prove.rs`).
// ANCHOR: sync
pub mod sync {
    pub use crossbeam::channel;
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
    /// An atomic read-modify-write: no other thread can come between reading and writing
    Atomic,
    /// Writes only if no other thread has written since the reading, and tries again otherwise
    Cas,
    /// One thread owns the counter, and the others send it messages
    Channel,
    /// Each thread counts for itself, and the counts are added at the end
    Local,
    /// Several counters, each on a cache line of its own, and each for some of the threads
    Sharded,
}

impl Strategy {
    /// Runs all threads to their end, and returns what they counted.
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
}

/// A number of updates to make, and what is observed of them. A clone is cheap.
#[derive(Clone)]
pub struct Job {
    /// The number of threads.
    pub threads: usize,
    /// How often each thread counts up by one.
    pub updates: u64,
    /// How long a pause is: between reading and writing, a thread pauses for no tick or for one, at
    /// random.
    pub tick: Duration,
    /// The seed of the random pauses.
    pub seed: u64,
    /// How often a thread goes round an empty loop between reading and writing. The benches use it
    /// for work that needs a core.
    pub spin: u32,
    /// The number of counters of `sharded`.
    pub shards: usize,
    /// Hears of each read and each write after it is done. Under a lock, or under a checker, that
    /// is the order in which they happened; of two concurrent ones, either may be told first.
    pub tell: Option<Tell>,
}

/// A function that is told, line by line, what happens.
pub type Tell = Arc<dyn Fn(String) + Send + Sync>;

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} threads x {} updates", self.threads, self.updates)
    }
}

impl Job {
    /// The value that the counter must have at the end.
    ///
    /// # Panics
    /// If that is more than a `u64` can hold.
    pub fn expected(&self) -> u64 {
        let all = (self.threads as u64).checked_mul(self.updates);
        all.expect("the counter can hold it")
    }
}

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The counter's value at the end.
    pub value: u64,
    /// How often an update had to be tried again; `None` if the strategy never tries again.
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
