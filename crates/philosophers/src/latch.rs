//! A latch: it opens when a number of threads have arrived. Unlike a barrier, it lets a thread
//! arrive without waiting.

use crate::sync::{Condvar, Mutex, PoisonError};

/// A count of the threads that have not arrived yet. It opens once, for good.
#[derive(Debug)]
pub struct Latch {
    missing: Mutex<usize>,
    open: Condvar,
}

impl Latch {
    /// A latch that opens when `count` threads have arrived.
    pub fn new(count: usize) -> Self {
        Self {
            missing: Mutex::new(count),
            open: Condvar::new(),
        }
    }

    /// Arrives, and does not wait for the others.
    ///
    /// # Panics
    /// If more threads arrive than `count`.
    pub fn arrive(&self) {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        *missing -= 1;
        // Only the last one wakes the others: each arrival would wake a thousand for nothing.
        if *missing == 0 {
            self.open.notify_all();
        }
    }

    /// Arrives, and waits until all others have.
    ///
    /// # Panics
    /// If more threads arrive than `count`.
    pub fn arrive_and_wait(&self) {
        self.arrive();
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        while *missing > 0 {
            missing = self
                .open
                .wait(missing)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
