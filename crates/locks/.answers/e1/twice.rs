//! misconception: the read and the write each had the lock, but it was released in between, and
//! there the other thread wrote. One critical section must hold both.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, lock: &Mutex<()>) {
    let value = {
        let _held = lock.lock().unwrap();
        counter.read()
    };
    let _held = lock.lock().unwrap();
    counter.write(value + 1);
}
