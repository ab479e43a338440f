//! misconception: a thread changed the buffer, and did not notify those who wait for just that
//! change. Whoever sleeps at a condition variable sleeps until it is told.

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
