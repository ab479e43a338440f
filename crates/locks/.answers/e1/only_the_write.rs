//! misconception: the lock was taken after the read. When the write comes, the value that was read
//! may be out of date: hold the lock over both.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, lock: &Mutex<()>) {
    let value = counter.read();
    let _held = lock.lock().unwrap();
    counter.write(value + 1);
}
