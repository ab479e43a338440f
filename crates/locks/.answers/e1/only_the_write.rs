//! misconception: the lock was taken after the read. The write alone needs no lock: it is the read
//! that must still be true when the write comes, so hold the lock over both.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, lock: &Mutex<()>) {
    let value = counter.read();
    let _held = lock.lock().unwrap();
    counter.write(value + 1);
}
