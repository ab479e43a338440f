//! A buffer with room for one, and threads that must wait for an item, or for room.
//!
//! `put` waits while the buffer is full, and `take` waits while it is empty. Any number of threads
//! may call either. `not_full` and `not_empty` are condition variables: a thread that waits at one
//! lets go of the lock until it is notified. As it stands, nobody waits.

use super::world::Buffer;

pub fn put(buffer: &Buffer, item: u32) {
    let mut items = buffer.items.lock().unwrap();
    items.push(item);
}

pub fn take(buffer: &Buffer) -> u32 {
    let mut items = buffer.items.lock().unwrap();
    items.pop()
}
