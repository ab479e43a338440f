//! Start all child processes before you listen to any of them.
//!
//! `Child::start` starts a child process. `hear` waits for its next line, and returns `None` after
//! the last one. `end` waits until the process has ended, and returns an error if it failed. Return
//! for each child, in order, its lines or its error. All children must run at the same time, and
//! the failure of one must not lose the lines of another. As it stands, a child starts when the one
//! before has ended.

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
