//! Where files are read and written. They have no `.await`: reading or writing one blocks its
//! thread.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use timing::{Kind, workers};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// The most bytes that a task searches and writes by itself. To hand a shorter call over, and to be
/// woken up again, costs more than the call.
const SHORT: u64 = 4 << 10;

/// The most bytes that are searched and written so fast that other tasks can wait for it.
const MEDIUM: u64 = 128 << 10;

/// If so many calls wait for the pool, the tasks' thread makes the next medium one by itself.
const BACKLOG: usize = 4;

/// A call that takes longer than this has waited for the disk, or for a core.
const SLOW: Duration = Duration::from_millis(10);

/// After so many slow calls in a row, the disk is slow.
const SLOW_IN_A_ROW: usize = 3;

/// Which thread waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// The thread that calls: right for a thread that has nothing else to do.
    ThisThread,
    /// A thread of the runtime's pool for blocking calls, so that other tasks go on. But as long as
    /// the disk is quick, a short call is made by the thread itself, and also a longer one if the
    /// pool is behind.
    Pool,
}

/// The work on files of one crawl.
pub struct Calls {
    queue: Arc<Mutex<Queue>>,
    /// As many calls may be on the pool as there are cores: more would only compete for them.
    most: usize,
    /// How many calls that a task made itself were slow since the last one that was not.
    slow: AtomicUsize,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Box<dyn FnOnce() + Send>>,
    /// How many of the pool's threads make the calls that wait.
    threads: usize,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            queue: Arc::default(),
            most: thread::available_parallelism().map_or(2, NonZero::get),
            slow: AtomicUsize::new(0),
        }
    }
}

impl Calls {
    /// Makes a call that blocks, and that searches and writes so many bytes, if that is known.
    /// Returns with its result whether the caller worked or waited.
    ///
    /// # Errors
    /// If the call panicked: one bad page must not stop the others.
    pub async fn run<R: Send + 'static>(
        &self,
        disk: Disk,
        bytes: Option<u64>,
        call: impl FnOnce() -> R + Send + 'static,
    ) -> Result<(R, Kind)> {
        if disk == Disk::ThisThread {
            return Ok((here(call)?, Kind::Work));
        }
        if bytes.is_some_and(|bytes| self.is_for_this_thread(bytes)) {
            let begun = Instant::now();
            let result = here(call)?;
            match begun.elapsed() > SLOW {
                true => self.slow.fetch_add(1, Relaxed),
                false => self.slow.swap(0, Relaxed),
            };
            return Ok((result, Kind::Work));
        }
        let (done, result) = oneshot::channel();
        // Nobody wants the result if the crawl was stopped meanwhile.
        self.hand_over(Box::new(move || drop(done.send(here(call)))));
        Ok((result.await.context("the pool has ended")??, Kind::Wait))
    }

    /// Whether this thread is to make the call of a task.
    fn is_for_this_thread(&self, bytes: u64) -> bool {
        let is_behind = || lock(&self.queue).waiting.len() >= BACKLOG;
        let is_quick = self.slow.load(Relaxed) < SLOW_IN_A_ROW;
        is_quick && (bytes <= SHORT || bytes <= MEDIUM && is_behind())
    }

    /// Queues a call for the pool. A thread of it makes one call after the other as long as some
    /// wait: so it is woken up for the first of them only.
    fn hand_over(&self, call: Box<dyn FnOnce() + Send>) {
        let mut queue = lock(&self.queue);
        queue.waiting.push_back(call);
        if queue.threads == self.most {
            return;
        }
        queue.threads += 1;
        let queue = Arc::clone(&self.queue);
        spawn_blocking(move || {
            loop {
                let mut queue = lock(&queue);
                let Some(call) = queue.waiting.pop_front() else {
                    queue.threads -= 1;
                    return;
                };
                drop(queue);
                call();
            }
        });
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn here<R>(call: impl FnOnce() -> R) -> Result<R> {
    workers::ended("the work on a file", catch_unwind(AssertUnwindSafe(call)))
}
