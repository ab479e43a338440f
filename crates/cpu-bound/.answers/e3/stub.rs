//! Share parts among workers so that none is idle while another has too much.
//!
//! Each worker is a thread that calls `work` with its number. `parts.compute(i)` computes one of
//! the parts, which take different times. Each must be computed once, and a part that takes for
//! ever must hold up no other part: whoever is free takes the next one. `next` is a number that all
//! workers share: `get`, `set`, and `fetch_add`, which returns it and adds in one operation.

use super::world::{Next, Parts};

pub fn work(_next: &Next, worker: usize, workers: usize, parts: &Parts) {
    for part in (worker..parts.len()).step_by(workers) {
        parts.compute(part);
    }
}
