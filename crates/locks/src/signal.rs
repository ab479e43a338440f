//! A flag to wait for: the smallest use of a condition variable.

use crate::sync::{Condvar, Mutex, MutexGuard};

/// A flag that one thread sets, and for which others wait.
#[derive(Debug, Default)]
pub struct Signal {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    /// Sets the flag, and wakes up all threads that wait for it.
    ///
    /// # Panics
    /// If another thread panicked while holding the lock.
    pub fn set(&self) {
        *self.look() = true;
        self.changed.notify_all();
    }

    /// Waits until the flag is set. Returns at once if it is set already.
    ///
    /// The lock is held from the look at the flag until the wait has begun, so no call can be
    /// missed between the two. After each call the flag is looked at again: a condition variable
    /// may also wake up without a call.
    ///
    /// # Panics
    /// If another thread panicked while holding the lock.
    pub fn wait(&self) {
        let mut set = self.look();
        while !*set {
            set = self.listen(set);
        }
    }

    /// Locks the flag, and shows it.
    ///
    /// # Panics
    /// If another thread panicked while holding the lock.
    #[track_caller]
    pub fn look(&self) -> MutexGuard<'_, bool> {
        self.set
            .lock()
            .expect("no other thread panicked while holding it")
    }

    /// Releases the lock and begins to wait for a call, in one step; locks again after the call.
    ///
    /// # Panics
    /// If another thread panicked while holding the lock.
    #[track_caller]
    pub fn listen<'a>(&self, set: MutexGuard<'a, bool>) -> MutexGuard<'a, bool> {
        self.changed
            .wait(set)
            .expect("no other thread panicked while holding it")
    }
}
