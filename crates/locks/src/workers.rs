//! The worker threads of every strategy. Each has its own handle to the counter, its lane on the
//! timeline, and its observer.

use std::io;

use anyhow::Result;
use timing::workers::{ended, started};
use timing::{Lane, Timeline};

use crate::Job;
use crate::observer::{Observed, Observer, Unobserved};
use crate::sync::thread;

/// The number of updates up to which each update has its own bar on the timeline. Beyond it a
/// thread has a single bar: otherwise the timeline would need more memory than the whole lesson.
pub const DRAW_LIMIT: u64 = 100_000;

/// One thread's handle to the counter.
///
/// [`update`](Update::update) is compiled once for each observer. It should be `#[inline(always)]`:
/// then the compiler sees in the loop that an unobserved thread's lane is off, too.
pub trait Update: Send + 'static {
    /// Counts up by one.
    fn update(&mut self, observer: &mut impl Observer, lane: &mut Lane);

    /// What the thread returns after its last update, for strategies that need it.
    fn result(self) -> u64
    where
        Self: Sized,
    {
        0
    }
}

/// Threads that are counting.
pub struct Workers {
    threads: Vec<thread::JoinHandle<u64>>,
    /// Why the next thread could not be started.
    failure: Option<io::Error>,
}

/// Starts the job's threads. `counter` makes each thread's handle, from the thread's number.
///
/// If the system has too few threads, those that were started count all the same, and
/// [`Workers::join`] returns the error.
pub fn start<U: Update>(
    job: &Job,
    timeline: &Timeline,
    mut counter: impl FnMut(usize) -> U,
) -> Workers {
    let few = job.updates.saturating_mul(job.threads as u64) <= DRAW_LIMIT;
    let is_drawn = few && timeline.is_on();
    let updates = job.updates;
    let mut workers = Workers {
        threads: Vec::new(),
        failure: None,
    };
    for number in 0..job.threads {
        let counter = counter(number);
        let observed = Observed::new(job, number, is_drawn);
        let mut lane = timeline.lane(name(number));
        let count = move || match observed {
            Some(observed) if is_drawn => repeat(updates, counter, observed, lane),
            other => {
                let _all = lane.work("updates");
                match other {
                    Some(observed) => repeat(updates, counter, observed, Lane::off()),
                    None => repeat(updates, counter, Unobserved, Lane::off()),
                }
            }
        };
        match thread::Builder::new().name(name(number)).spawn(count) {
            Ok(thread) => workers.threads.push(thread),
            Err(error) => {
                workers.failure = Some(error);
                break;
            }
        }
    }
    workers
}

fn name(number: usize) -> String {
    format!("thread {number}")
}

/// Makes all updates of one thread, and returns the thread's result.
fn repeat<U: Update>(
    updates: u64,
    mut counter: U,
    mut observer: impl Observer,
    mut lane: Lane,
) -> u64 {
    for _ in 0..updates {
        counter.update(&mut observer, &mut lane);
    }
    counter.result()
}

impl Workers {
    /// Waits for all threads, and returns their [results](Update::result) in the order of their
    /// numbers.
    ///
    /// # Errors
    /// If a thread could not be started, or panicked.
    pub fn join(self) -> Result<Vec<u64>> {
        let ends: Vec<_> = self
            .threads
            .into_iter()
            .map(|thread| thread.join())
            .collect();
        if let Some(error) = self.failure {
            started(&name(ends.len()), Err(error))?;
        }
        let mut results = Vec::new();
        let mut errors = Vec::new();
        for (number, end) in ends.into_iter().enumerate() {
            match ended(&name(number), end) {
                Ok(result) => results.push(result),
                Err(error) => errors.push(error),
            }
        }
        // A thread that finds a lock poisoned panics, too, but did not cause it.
        errors.sort_by_key(|error| error.to_string().contains("PoisonError"));
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(results),
        }
    }
}
