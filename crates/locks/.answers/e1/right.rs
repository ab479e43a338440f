//! The lock is held from the read to the write.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, lock: &Mutex<()>) {
    let _held = lock.lock().unwrap();
    let value = counter.read();
    counter.write(value + 1);
}
