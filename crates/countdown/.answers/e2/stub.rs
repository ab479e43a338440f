//! Start all child processes before you listen to any of them.
//!
//! A `Child` runs from `start` on. `hear` waits for its next line; there is none after its last
//! one. `end` waits until it has ended, and says whether it failed. Return for each child, in
//! order, its lines or its failure. All children must run at the same time, and one that fails must
//! not lose the lines of another.

use super::world::{Child, Outcome};

pub fn all(names: &[&str]) -> Vec<Outcome> {
    let mut results = Vec::new();
    for name in names {
        let mut child = Child::start(name);
        let mut lines = Vec::new();
        while let Some(line) = child.hear() {
            lines.push(line);
        }
        results.push(child.end().map(|()| lines));
    }
    results
}
