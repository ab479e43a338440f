//! misconception: a thread looked, released the lock, locked again and only then went to sleep. A
//! notification in this gap wakes up nobody: a lost wake-up. Look and wait under the same guard.

use super::world::Buffer;

pub fn put(buffer: &Buffer, item: u32) {
    while buffer.items.lock().unwrap().is_full() {
        let guard = buffer.items.lock().unwrap();
        drop(buffer.not_full.wait(guard).unwrap());
    }
    buffer.items.lock().unwrap().push(item);
    buffer.not_empty.notify_one();
}

pub fn take(buffer: &Buffer) -> u32 {
    while buffer.items.lock().unwrap().is_empty() {
        let guard = buffer.items.lock().unwrap();
        drop(buffer.not_empty.wait(guard).unwrap());
    }
    let item = buffer.items.lock().unwrap().pop();
    buffer.not_full.notify_one();
    item
}
