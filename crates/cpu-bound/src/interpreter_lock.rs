//! A lock like the one around CPython's interpreter.
//!
//! Modelled on `take_gil` and `drop_gil` in CPython's `Python/ceval_gil.c` (3.2 to 3.13), as
//! Antoine Pitrou designed it in 2009:
//!
//! - A thread that wants the lock waits for the *switch interval*, 5 ms. If nobody released the
//!   lock in that time, it sends the holder a *drop request*, and waits again.
//! - The holder checks for a drop request between two pieces of work, and then releases the lock.
//! - After it has released the lock on request, it waits until another thread has the lock (a
//!   *forced switch*). Otherwise it would often be the first to take the lock again.
//!
//! Not modelled: signals, finalisers, and code that releases the lock while it waits for a file or
//! the network, or computes in C. Which thread gets the lock is up to the system, as in CPython.

use std::time::Duration;

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How long a thread waits before it sends a drop request: Python's `sys.getswitchinterval()`.
pub const SWITCH_INTERVAL: Duration = Duration::from_millis(5);

/// The interpreter's lock.
#[derive(Debug, Default)]
pub struct InterpreterLock {
    state: Mutex<State>,
    /// Notified when the lock is released.
    freed: Condvar,
    /// Notified when the lock is taken.
    switched: Condvar,
    drop_request: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    held: bool,
    /// How often the lock was taken: shows a waiting thread whether it was released meanwhile.
    taken: u64,
}

impl InterpreterLock {
    /// Waits until the lock is free, and takes it.
    // ANCHOR: take
    pub fn take(&self) {
        let mut state = self.state();
        while state.held {
            let taken = state.taken;
            let waited = self.freed.wait_timeout(state, SWITCH_INTERVAL);
            let (now, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = now;
            if timeout.timed_out() && state.held && state.taken == taken {
                self.drop_request.store(true, Ordering::Relaxed);
            }
        }
        state.held = true;
        state.taken += 1;
        self.drop_request.store(false, Ordering::Relaxed);
        self.switched.notify_all();
    }
    // ANCHOR_END: take

    /// Whether another thread sent a drop request.
    pub fn is_wanted(&self) -> bool {
        self.drop_request.load(Ordering::Relaxed)
    }

    /// Releases the lock. After a drop request it waits until another thread has the lock.
    // ANCHOR: release
    pub fn release(&self) {
        let mut state = self.state();
        state.held = false;
        let taken = state.taken;
        self.freed.notify_one();
        // This ends: only a waiting thread sends a request, and the next thing that it does is
        // to take the lock.
        while self.is_wanted() && state.taken == taken {
            let waited = self.switched.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
    // ANCHOR_END: release

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
