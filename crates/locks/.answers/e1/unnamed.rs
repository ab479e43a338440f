//! misconception: a guard that is bound to `_` is dropped at once: the lock was free again before
//! the counter was read. Give it a name, such as `_held`.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, lock: &Mutex<()>) {
    let _ = lock.lock().unwrap();
    let value = counter.read();
    counter.write(value + 1);
}
