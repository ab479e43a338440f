//! Work that computes and never waits: what cores can do for it, and what a global interpreter lock
//! takes away.
//!
//! Read this file, then the strategies, which all have the same signature: `diff src/sequential.rs
//! src/threads.rs` shows what a second core costs in code.

use std::hint::black_box;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use timing::Timeline;

pub mod interpreter_lock;
pub mod python;
pub mod scaling;

pub mod gil;
#[cfg(feature = "mpi")]
pub mod mpi;
pub mod processes;
pub mod rayon;
pub mod sequential;
pub mod threads;

/// The locks of [`interpreter_lock`]. A proof compiles that file once more, with a checker's locks
/// in their place (`tests/proof.rs`).
pub(crate) mod sync {
    pub(crate) use std::sync::*;
}

/// The ways to share the numbers among workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One thread does it all
    Sequential,
    /// The numbers are split into as many equal parts as there are threads
    Threads,
    /// The same threads, but only the one that holds the interpreter's lock may run
    Gil,
    /// The same parts, each in a process of its own
    Processes,
    /// Many small parts; a thread that has none left takes some of another thread's
    Rayon,
    /// Parts as equal as those of threads, one for each rank: `mpirun -n 4 cpu-bound mpi` (built
    /// with `--features mpi`)
    Mpi,
}

/// The error of a strategy that this program was built without.
pub const WITHOUT_MPI: &str =
    "this program was built without MPI: install Open MPI, and build it with `--features mpi`";

impl Strategy {
    /// The strategies that run if none is named: all but `mpi`, which `mpirun` must start.
    pub const IN_TURN: [Self; 5] = [
        Self::Sequential,
        Self::Threads,
        Self::Gil,
        Self::Processes,
        Self::Rayon,
    ];

    /// Does the job, and returns the sum over its parts: the same number for every strategy.
    ///
    /// # Errors
    /// If a thread or process can't be started, a process dies, or a thread panics.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<u64> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Threads => threads::run(job, timeline),
            Self::Gil => gil::run(job, timeline),
            Self::Processes => processes::run(job, timeline),
            Self::Rayon => rayon::run(job, timeline),
            #[cfg(feature = "mpi")]
            Self::Mpi => mpi::run(job, timeline),
            #[cfg(not(feature = "mpi"))]
            Self::Mpi => anyhow::bail!(WITHOUT_MPI),
        }
    }

    /// The number of workers of this strategy, for a job with so many workers.
    pub fn workers(self, workers: usize) -> usize {
        match self {
            Self::Sequential => 1,
            Self::Threads | Self::Gil | Self::Processes | Self::Rayon => workers,
            #[cfg(feature = "mpi")]
            Self::Mpi => mpi::count(),
            #[cfg(not(feature = "mpi"))]
            Self::Mpi => 0,
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Job {
    /// The kind of work.
    pub work: Work,
    /// The end of the range of numbers, which begins at 0.
    pub size: u64,
    /// The number of threads or processes, where a strategy has more than one.
    pub workers: usize,
    /// The program that `processes` starts. Its `main` must begin with
    /// [`processes::compute_if_child`].
    pub program: PathBuf,
}

impl Job {
    /// Splits the numbers into so many parts, whose lengths differ by at most one.
    // ANCHOR: parts
    pub fn parts(&self, count: usize) -> Vec<Range<u64>> {
        let count = count as u64;
        // Through u128, so that no product overflows.
        let edge = |i: u64| (u128::from(self.size) * u128::from(i) / u128::from(count)) as u64;
        (0..count).map(|i| edge(i)..edge(i + 1)).collect()
    }
    // ANCHOR_END: parts
}

/// The kinds of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Work {
    /// Count down, as the course does: each number costs the same
    Countdown,
    /// Count primes by trial division: the larger the number, the more it costs
    Primes,
}

impl Work {
    /// The unit of work: goes through these numbers, and returns how many were counted.
    pub fn part(self, numbers: Range<u64>) -> u64 {
        match self {
            Self::Countdown => count_down(numbers.end - numbers.start),
            Self::Primes => numbers.filter(|&n| is_prime(n)).count() as u64,
        }
    }

    /// The size if nobody names one: less than a second of work for one thread.
    pub fn default_size(self) -> u64 {
        match self {
            Self::Countdown => 200_000_000,
            Self::Primes => 4_000_000,
        }
    }
}

/// Counts from `n` down to 0, and returns the number of steps.
///
/// An optimiser sees that this is `n`, and would leave nothing to measure. [`black_box`] hides the
/// number from it at each step, so every step is taken. The function is not inlined, so that every
/// strategy runs the same machine code: inlined, the loop was compiled in different ways, and one
/// of them was twice as fast as another.
#[inline(never)]
fn count_down(mut n: u64) -> u64 {
    let mut steps = 0;
    while n > 0 {
        n = black_box(n) - 1;
        steps += 1;
    }
    steps
}

/// Whether a number is prime, by trial division with the odd numbers up to its square root. This is
/// not the way to find primes, but work that grows with the number.
pub fn is_prime(n: u64) -> bool {
    if n < 4 {
        return n >= 2;
    }
    let odd = || (3..).step_by(2).take_while(|d| d * d <= n);
    n % 2 == 1 && odd().all(|d| !n.is_multiple_of(d))
}
