//! A latch: some wait until all have arrived. Unlike at a barrier, a philosopher who leaves can
//! arrive without waiting.

use crate::sync::{Condvar, Mutex, PoisonError};

/// A counter of those who have not arrived yet. It opens once, for good.
#[derive(Debug)]
pub struct Latch {
    missing: Mutex<usize>,
    open: Condvar,
}

impl Latch {
    /// A latch that opens when `count` have arrived.
    pub fn new(count: usize) -> Self {
        Self {
            missing: Mutex::new(count),
            open: Condvar::new(),
        }
    }

    /// Arrives, and does not wait for the others.
    ///
    /// # Panics
    /// If more arrive than were announced.
    pub fn arrive(&self) {
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.open.notify_all();
    }

    /// Arrives, and waits until all have.
    ///
    /// # Panics
    /// If more arrive than were announced.
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
