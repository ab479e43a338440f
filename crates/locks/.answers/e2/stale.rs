//! misconception: the counter was read, the lock let go, and what was read was out of date when the
//! sum was written. What is read under a lock is true only until the lock is let go.

use super::world::{Mutex, think};

pub fn count(counter: &Mutex<u64>) {
    let old = *counter.lock().unwrap();
    let new = old + think();
    *counter.lock().unwrap() = new;
}
