//! misconception: the parts were dealt out before it was known how long they take. Behind a long
//! part, the worker's other parts wait, while other workers are idle.

use super::world::{Next, Parts};

pub fn work(_next: &Next, worker: usize, workers: usize, parts: &Parts) {
    let edge = |worker| parts.len() * worker / workers;
    for part in edge(worker)..edge(worker + 1) {
        parts.compute(part);
    }
}
