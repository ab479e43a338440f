//! Two threads count up one counter, and one of the two updates can get lost.
//!
//! Each of two threads calls `count` once. It reads the counter, and writes back one more. Between
//! the two the other thread may do the same, and then both write a 1. Use `lock`, which both
//! threads share, so that in every schedule the counter shows 2 at the end.

use super::world::{Counter, Mutex};

pub fn count(counter: &Counter, lock: &Mutex<()>) {
    let _unused = lock;
    let value = counter.read();
    counter.write(value + 1);
}
