//! misconception: the thinking was done while the lock was held, so the other thread could never
//! think at the same time. Think first, and lock for the addition only.

use super::world::{Mutex, think};

pub fn count(counter: &Mutex<u64>) {
    if let Ok(mut value) = counter.lock() {
        let more = think();
        *value += more;
    }
}
