//! Where files are read and written. They have no `.await`: reading or writing one blocks its
//! thread.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use timing::{Kind, workers};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking, yield_now};

/// A short call that takes longer than this has waited for the disk, or for a core.
const SLOW: Duration = Duration::from_millis(10);

/// After so many slow calls in a row, the disk is slow.
const SLOW_IN_A_ROW: usize = 3;

/// Which thread waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// The thread that calls: right for a thread that has nothing else to do.
    ThisThread,
    /// A thread of the runtime's pool for blocking calls, so that other tasks go on. But a short
    /// call is made by the thread itself, as long as no other task waits and the disk is quick: to
    /// hand it over, and to be woken up again, costs more than the call.
    Pool,
}

/// The work on files of one crawl.
#[derive(Debug)]
pub struct Calls {
    /// As many calls may be on the pool as there are cores: more would only compete for them.
    permits: Semaphore,
    /// How many tasks have a short call to make.
    waiting: AtomicUsize,
    /// How many short calls were slow since the last one that was not.
    slow: AtomicUsize,
}

impl Default for Calls {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(2, NonZero::get);
        Self {
            permits: Semaphore::new(cores.max(2)),
            waiting: AtomicUsize::new(0),
            slow: AtomicUsize::new(0),
        }
    }
}

impl Calls {
    /// Makes a call that blocks. Returns with its result whether the caller worked or waited.
    ///
    /// # Errors
    /// If the call panicked: one bad page must not stop the others.
    pub async fn run<R: Send + 'static>(
        &self,
        disk: Disk,
        is_short: bool,
        call: impl FnOnce() -> R + Send + 'static,
    ) -> Result<(R, Kind)> {
        if disk == Disk::ThisThread {
            return Ok((here(call)?, Kind::Work));
        }
        if is_short && self.slow.load(Relaxed) < SLOW_IN_A_ROW && self.is_for_this_thread().await {
            let begun = Instant::now();
            let result = here(call)?;
            match begun.elapsed() > SLOW {
                true => self.slow.fetch_add(1, Relaxed),
                false => self.slow.swap(0, Relaxed),
            };
            return Ok((result, Kind::Work));
        }
        let permit = self.permits.acquire().await;
        let _permit = permit.context("the semaphore is closed")?;
        // A call can't be cancelled, so a `JoinError` is a panic.
        let end = spawn_blocking(call).await.map_err(JoinError::into_panic);
        Ok((workers::ended("the work on a file", end)?, Kind::Wait))
    }

    /// Whether this thread is to make the call of a task: no other task has one to make, or the
    /// pool is busy, too.
    async fn is_for_this_thread(&self) -> bool {
        let waiting = Waiting::new(&self.waiting);
        // The other tasks that can go on come here, too.
        yield_now().await;
        let is_alone = waiting.0.load(Relaxed) == 1;
        is_alone || self.permits.available_permits() == 0
    }
}

/// A task that is counted as long as this exists, also if it is cancelled.
struct Waiting<'c>(&'c AtomicUsize);

impl<'c> Waiting<'c> {
    fn new(count: &'c AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn here<R>(call: impl FnOnce() -> R) -> Result<R> {
    workers::ended("the work on a file", catch_unwind(AssertUnwindSafe(call)))
}
