//! A lock like the one around CPython's interpreter.
//!
//! Modelled on `take_gil` and `drop_gil` in CPython's `Python/ceval_gil.c` (3.2 to 3.13), as Antoine Pitrou
//! designed it in 2009:
//!
//! - Whoever wants the lock waits for the *switch interval*, 5 ms. If in that time nobody let go, it asks the holder to (a *drop request*), and waits again.
//! - The holder looks for such a request now and then, between two pieces of work, and then lets go.
//! - Having let go on request, it waits until another thread has got the lock (a *forced switch*): otherwise it would often
//!   be the quickest to take it back.
//!
//! Not modelled: who gets the lock is up to the system, as in CPython, but there the waiting threads also hold memory, signals and
//! finalisers; and code that lets go of the lock while it waits for a file or the network, or computes in C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a thread waits before it asks for the lock: `sys.getswitchinterval()`.
pub const SWITCH_INTERVAL: Duration = Duration::from_millis(5);

/// The lock.
#[derive(Debug, Default)]
pub struct InterpreterLock {
    state: Mutex<State>,
    /// Somebody let go.
    freed: Condvar,
    /// Somebody else has it.
    switched: Condvar,
    drop_request: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    held: bool,
    /// How often it was taken: tells a waiting thread whether anyone let go meanwhile.
    taken: u64,
}

impl InterpreterLock {
    /// Waits for the lock, and takes it.
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

    /// Whether somebody asked the holder to let go.
    pub fn is_wanted(&self) -> bool {
        self.drop_request.load(Ordering::Relaxed)
    }

    /// Lets go; if that was asked for, waits until another thread has the lock.
    // ANCHOR: release
    pub fn release(&self) {
        let mut state = self.state();
        state.held = false;
        let taken = state.taken;
        self.freed.notify_one();
        // Only a waiting thread asks, and it takes the lock before it does anything else: this ends.
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
