//! Share parts among workers so that none is idle while another has too much.
//!
//! Each worker is a thread that calls `work` with its number. `parts.compute(i)` computes part `i`,
//! and some parts take longer than others. Each part must be computed once. A part that takes for
//! ever must not hold up any other part: a worker that is free takes the next one. All workers
//! share the number `next`, which is 0 at first. `get()` reads it, `set(n)` writes it, and
//! `fetch_add(n)` returns it and adds n, in one operation.

use super::world::{Next, Parts};

pub fn work(_next: &Next, worker: usize, workers: usize, parts: &Parts) {
    for part in (worker..parts.len()).step_by(workers) {
        parts.compute(part);
    }
}
