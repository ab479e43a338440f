//! Each thread waits in a loop that looks again, and notifies the threads that wait for its change.

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
    buffer.not_full.notify_one();
    items.pop()
}
