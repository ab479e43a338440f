//! `src/signal.rs` with a gap between the look and the wait: known to be wrong, and kept so that a checker must find it.

use crate::sync::{Condvar, Mutex};

#[derive(Debug, Default)]
pub struct Signal {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    pub fn set(&self) {
        *self.set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn wait(&self, gap: impl FnOnce()) {
        // Looks, and lets go of the lock ...
        let is_set = *self.set.lock().unwrap();
        // ... whoever sets it now calls, and nobody listens ...
        gap();
        if !is_set {
            // ... and waits for a call that has been.
            drop(self.changed.wait(self.set.lock().unwrap()).unwrap());
        }
    }
}
