//! A buffer with room for one, and threads that must wait for an item, or for room.
//!
//! `put` must wait while the buffer is full (`items.is_full()`), and `take` while it is empty
//! (`items.is_empty()`). Any number of threads may call either. `not_full` and `not_empty` are
//! condition variables: a thread that waits at one releases the lock, and sleeps until it is
//! notified. As it stands, no thread waits.

use super::world::Buffer;

pub fn put(buffer: &Buffer, item: u32) {
    let mut items = buffer.items.lock().unwrap();
    items.push(item);
}

pub fn take(buffer: &Buffer) -> u32 {
    let mut items = buffer.items.lock().unwrap();
    items.pop()
}
