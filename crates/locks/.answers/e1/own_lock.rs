//! misconception: each thread locked a lock of its own. A lock only keeps out threads that lock the
//! very same lock: use the one that the threads share.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, _lock: &Mutex<()>) {
    let lock = Mutex::new(());
    let _held = lock.lock().unwrap();
    let value = counter.read();
    counter.write(value + 1);
}
