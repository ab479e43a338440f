//! misconception: after it was woken up, a thread did not look again. Between the notification and
//! its own turn, another thread was faster. Wait in a `while`, not in an `if`.

use super::world::Buffer;

pub fn put(buffer: &Buffer, item: u32) {
    let mut items = buffer.items.lock().unwrap();
    if items.is_full() {
        items = buffer.not_full.wait(items).unwrap();
    }
    items.push(item);
    buffer.not_empty.notify_one();
}

pub fn take(buffer: &Buffer) -> u32 {
    let mut items = buffer.items.lock().unwrap();
    if items.is_empty() {
        items = buffer.not_empty.wait(items).unwrap();
    }
    buffer.not_full.notify_one();
    items.pop()
}
