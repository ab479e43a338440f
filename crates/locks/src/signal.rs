//! A flag to wait for: the smallest use of a condition variable, and all that can be done wrong with one.

use crate::sync::{Condvar, Mutex};

/// Somebody sets it, and others wait until it is set.
#[derive(Debug, Default)]
pub struct Signal {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    /// Sets it, and wakes up all who wait.
    ///
    /// # Panics
    /// If somebody panicked while holding the lock.
    pub fn set(&self) {
        *self
            .set
            .lock()
            .expect("no other thread panicked while holding it") = true;
        self.changed.notify_all();
    }

    /// Waits until it is set; not at all if it is.
    ///
    /// The lock is held from the look at the flag until the wait has begun: `wait` lets go of it in the same step in which it
    /// begins to listen, so no call can be missed between the two. And it looks again after each call, because a condition
    /// variable may wake up without one.
    ///
    /// # Panics
    /// If somebody panicked while holding the lock.
    pub fn wait(&self) {
        let mut set = self
            .set
            .lock()
            .expect("no other thread panicked while holding it");
        while !*set {
            set = self
                .changed
                .wait(set)
                .expect("no other thread panicked while holding it");
        }
    }
}
