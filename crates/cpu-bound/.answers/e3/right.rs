//! Self-scheduling: who is free takes the next part, in one atomic operation.

use super::world::{Next, Parts};

pub fn work(next: &Next, _worker: usize, _workers: usize, parts: &Parts) {
    loop {
        let part = next.fetch_add(1);
        if part >= parts.len() {
            return;
        }
        parts.compute(part);
    }
}
