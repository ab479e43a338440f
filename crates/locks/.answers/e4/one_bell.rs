//! misconception: threads that wait for an item and threads that wait for room slept at the same
//! condition variable, and `notify_one` woke up one of the wrong kind. Use a condition variable for
//! each kind, or notify all.

use super::world::Buffer;

pub fn put(buffer: &Buffer, item: u32) {
    let mut items = buffer.items.lock().unwrap();
    while items.is_full() {
        items = buffer.not_empty.wait(items).unwrap();
    }
    items.push(item);
    buffer.not_empty.notify_one();
}

pub fn take(buffer: &Buffer) -> u32 {
    let mut items = buffer.items.lock().unwrap();
    while items.is_empty() {
        items = buffer.not_empty.wait(items).unwrap();
    }
    buffer.not_empty.notify_one();
    items.pop()
}
