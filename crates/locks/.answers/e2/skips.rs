//! misconception: `try_lock` does not wait: when the other thread held the lock, the addition was
//! left out. Waiting for the lock is right here, as it is never held for long.

use super::world::{Mutex, think};

pub fn count(counter: &Mutex<u64>) {
    let more = think();
    if let Ok(mut value) = counter.try_lock() {
        *value += more;
    }
}
