//! misconception: reading the next number and writing it back are two operations, and another
//! worker read the same number in between: a part was computed twice. `fetch_add` is one operation.

use super::world::{Next, Parts};

pub fn work(next: &Next, _worker: usize, _workers: usize, parts: &Parts) {
    loop {
        let part = next.get();
        if part >= parts.len() {
            return;
        }
        next.set(part + 1);
        parts.compute(part);
    }
}
