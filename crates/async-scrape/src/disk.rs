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
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{spawn_blocking, yield_now};

/// The most bytes that a task searches and writes by itself. To hand a shorter call over, and to be
/// woken up again, costs more than the call.
const SHORT: u64 = 4 << 10;

/// The most bytes that are searched and written so fast that other tasks can wait for it.
const MEDIUM: u64 = 128 << 10;

/// If so many calls wait for the pool, the tasks' thread makes the next medium one by itself.
const BACKLOG: usize = 4;

/// After so many calls that tasks made themselves, the network has its turn. When many pages arrive
/// at once, all their tasks are ready, and a task that sends its next request wakes another one to
/// write it, which comes behind them. So the server would wait until all of these pages were
/// searched.
const BATCH: usize = 8;

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
    /// How many calls tasks may make themselves before the network has its turn.
    left: Semaphore,
    /// How many they have made.
    made: AtomicUsize,
}

/// Allows the next calls when the network has had its turn, or the task that waited for it is gone.
struct Refill<'c>(&'c Semaphore);

impl Drop for Refill<'_> {
    fn drop(&mut self) {
        self.0.add_permits(BATCH);
    }
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
            left: Semaphore::new(BATCH),
            made: AtomicUsize::new(0),
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
            return Ok((self.in_turn(call).await?, Kind::Work));
        }
        let (done, result) = oneshot::channel();
        // Nobody wants the result if the crawl was stopped meanwhile.
        self.hand_over(Box::new(move || drop(done.send(here(call)))));
        Ok((result.await.context("the pool has ended")??, Kind::Wait))
    }

    /// Makes the call of a task on this thread, when it is its turn.
    async fn in_turn<R>(&self, call: impl FnOnce() -> R) -> Result<R> {
        let permit = self.left.acquire().await;
        permit.context("the calls have ended")?.forget();
        let begun = Instant::now();
        let result = here(call);
        match begun.elapsed() > SLOW {
            true => self.slow.fetch_add(1, Relaxed),
            false => self.slow.swap(0, Relaxed),
        };
        let made = self.made.fetch_add(1, Relaxed) + 1;
        if made.is_multiple_of(BATCH) {
            let _refill = Refill(&self.left);
            yield_now().await;
        }
        result
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

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use tokio::runtime::Builder;
    use tokio::task::JoinSet;

    use super::*;

    /// Each page wakes a task that sends the next request.
    #[test]
    fn requests_leave_before_all_pages_that_are_there_were_searched() {
        const PAGES: usize = 5 * BATCH;
        let calls = Arc::new(Calls::default());
        let log = Arc::new(Mutex::new(Vec::new()));
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for page in 0..PAGES {
                let (calls, log) = (Arc::clone(&calls), Arc::clone(&log));
                tasks.spawn(async move {
                    let searching = Arc::clone(&log);
                    let search = move || searching.lock().unwrap().push(("searched", page));
                    calls.run(Disk::Pool, Some(1), search).await.unwrap();
                    let send = async move { log.lock().unwrap().push(("sent", page)) };
                    tokio::spawn(send).await.unwrap();
                });
            }
            tasks.join_all().await;
        });
        let log = log.lock().unwrap();
        let at = |event| log.iter().position(|other| *other == event).unwrap();
        for page in 0..PAGES - 2 * BATCH {
            let later = page + 2 * BATCH;
            assert!(at(("sent", page)) < at(("searched", later)), "{log:?}");
        }
    }

    /// A task may be dropped while it waits for the network's turn.
    #[test]
    fn a_task_that_ends_early_takes_no_turns_with_it() {
        let calls = Calls::default();
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for _ in 0..3 * BATCH {
                let call = calls.run(Disk::Pool, Some(1), || ());
                // Only what is ready at once.
                tokio::select! {
                    biased;
                    result = call => drop(result.unwrap()),
                    () = async {} => {}
                }
            }
        });
        assert_eq!(calls.left.available_permits(), BATCH);
    }

    /// The disk is slow after several slow calls in a row, and a quick one ends the row.
    #[test]
    fn after_slow_calls_in_a_row_tasks_make_none_themselves() {
        let calls = Calls::default();
        let runtime = Builder::new_current_thread().build().unwrap();
        let slow = || thread::sleep(2 * SLOW);
        runtime.block_on(async {
            for row in 1..SLOW_IN_A_ROW {
                calls.in_turn(slow).await.unwrap();
                assert_eq!(calls.slow.load(Relaxed), row);
                assert!(calls.is_for_this_thread(SHORT));
            }
            // This thread may have to wait for a core, but not so often.
            for _ in 0..1000 {
                calls.in_turn(|| ()).await.unwrap();
                if calls.slow.load(Relaxed) == 0 {
                    break;
                }
            }
            assert_eq!(calls.slow.load(Relaxed), 0);
            for _ in 0..SLOW_IN_A_ROW {
                calls.in_turn(slow).await.unwrap();
            }
            assert!(!calls.is_for_this_thread(1));
        });
    }

    /// With one core. The first call ends when all of the others wait.
    #[test]
    fn the_pool_has_a_thread_for_each_core_and_makes_calls_in_their_order() {
        const CALLS: usize = 20;
        let calls = Calls {
            most: 1,
            ..Calls::default()
        };
        let (calls, gate) = (Arc::new(calls), Arc::new(Barrier::new(2)));
        let made = Arc::new(Mutex::new(Vec::new()));
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for number in 0..CALLS {
                let (calls, gate, made) = (calls.clone(), gate.clone(), made.clone());
                let call = move || {
                    if number == 0 {
                        gate.wait();
                    }
                    made.lock().unwrap().push((number, thread::current().id()));
                };
                tasks.spawn(async move { calls.run(Disk::Pool, None, call).await.unwrap() });
            }
            yield_now().await;
            let threads = lock(&calls.queue).threads;
            gate.wait();
            tasks.join_all().await;
            assert_eq!(threads, 1);
        });
        let made = made.lock().unwrap();
        let one = made[0].1;
        let expected: Vec<_> = (0..CALLS).map(|number| (number, one)).collect();
        assert_eq!(*made, expected);
    }
}
