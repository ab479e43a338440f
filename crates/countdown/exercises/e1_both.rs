//! Start a thread for each count, and wait for all of them.
//!
//! `down` counts down, which takes some time. As it stands, each count begins when the one before
//! has ended. `thread::spawn` starts a thread that runs a closure, and returns a handle. The
//! handle's `join` waits for the end of the thread. The closure must own what it uses: `move ||`
//! moves it there. All counts must be able to run at the same time, and `all` may return only when
//! all of them have ended. `thread` is in `super::world`, like `Count`.

use super::world::Count;

pub fn all(counts: Vec<Count>) {
    for count in counts {
        count.down();
    }
}
