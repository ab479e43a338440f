//! A lock that is held while thinking makes everybody wait.
//!
//! Each of two threads calls `count` once. `think` takes long, and returns how much to add; it does
//! not need the counter. Nothing may be lost, and it must be possible that both threads think at
//! the same time.

use super::world::{Mutex, think};

pub fn count(counter: &Mutex<u64>) {
    let mut value = counter.lock().unwrap();
    *value += think();
}
