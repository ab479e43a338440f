//! A wait with a gap between the look at the flag and the wait for a call. It is known to be wrong,
//! and is kept because a checker must find the mistake.

use crate::signal::Signal;

/// Waits for the flag as [`Signal::wait`] does, but releases the lock after the look.
pub fn wait(signal: &Signal, gap: impl FnOnce()) {
    // The guard has no name, so the lock is released at the end of this line.
    let is_set = *signal.look();
    // A thread that sets the flag now calls while no thread listens.
    gap();
    if !is_set {
        // Waits for a call that may be over.
        drop(signal.listen(signal.look()));
    }
}
