//! misconception: a thread changed the buffer, and did not notify the threads that wait for this
//! change. A thread at a condition variable sleeps until it is notified.

use super::world::Buffer;

pub fn put(buffer: &Buffer, item: u32) {
    let mut items = buffer.items.lock().unwrap();
    while items.is_full() {
        items = buffer.not_full.wait(items).unwrap();
    }
    items.push(item);
    buffer.not_empty.notify_one();
}

pub fn take(buffer: &Buffer) -> u32 {
    let mut items = buffer.items.lock().unwrap();
    while items.is_empty() {
        items = buffer.not_empty.wait(items).unwrap();
    }
    items.pop()
}
