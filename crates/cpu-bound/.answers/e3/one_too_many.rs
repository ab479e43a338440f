//! misconception: the parts are numbered from 0, so there is none with the number `parts.len()`. A
//! worker that gets this number has to stop.

use super::world::{Next, Parts};

pub fn work(next: &Next, _worker: usize, _workers: usize, parts: &Parts) {
    loop {
        let part = next.fetch_add(1);
        if part > parts.len() {
            return;
        }
        parts.compute(part);
    }
}
