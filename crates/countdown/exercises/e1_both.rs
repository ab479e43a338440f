//! Start a thread for each count, and wait for all of them.
//!
//! `down` counts down, and takes its time. Here one count begins when the one before has ended.
//! `thread::spawn` starts a thread that runs a closure; what the closure uses has to be moved into
//! it. It returns a handle, whose `join` waits for the thread's end. The counts must be able to run
//! at the same time, and `all` returns when all of them have ended.

use super::world::Count;

pub fn all(counts: Vec<Count>) {
    for count in counts {
        count.down();
    }
}
