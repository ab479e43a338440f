//! Lanes for pools of threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::timeline::{Lane, Timeline};

/// A lane for each worker of a pool, for pools that tell a job only its worker's number.
#[derive(Debug)]
pub struct Lanes(Vec<Mutex<Lane>>);

impl Lanes {
    /// Makes `count` lanes, named `name 0`, `name 1` and so on.
    pub fn new(timeline: &Timeline, name: &str, count: usize) -> Self {
        let lane = |index| Mutex::new(timeline.lane(format!("{name} {index}")));
        Self((0..count).map(lane).collect())
    }

    /// Returns the lane of a worker. If only that worker asks for it, the lock is always free.
    ///
    /// # Panics
    /// If no worker has this number.
    pub fn get(&self, worker: usize) -> MutexGuard<'_, Lane> {
        self.0[worker]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
