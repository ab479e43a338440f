//! misconception: the counter was read, the lock was released, and the value was out of date when
//! the sum was written. A value that was read under a lock is valid only until the lock is
//! released.

use super::world::{Mutex, think};

pub fn count(counter: &Mutex<u64>) {
    let old = *counter.lock().unwrap();
    let new = old + think();
    *counter.lock().unwrap() = new;
}
